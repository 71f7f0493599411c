#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# In dom0 of pci, with a card that has MSI: devices that come with a domain
# when it starts, whoever starts it; a domain on the node of its disk; an HVM
# guest. Not among the cases that are run each time: see README.md, Traps.
. /usr/share/lab/lib.sh
disk=0000:41:00.0 # on node 3
nic=
for d in /sys/bus/pci/devices/*; do
    [ "$(cat "$d/device")" != 0x10d3 ] || nic=${d##*/}
done
[ -n "$nic" ] || die "no e1000e"

xltune pci-assignable-add $nic || die "pci-assignable-add: $?"
mkguest linux-pv pv vcpus=1
# Kept: it comes back with the guest, whoever starts it.
uuid=$(uuid_of pv)
xltune pci-assign pv $nic || die "pci-assign: $?"
xl destroy pv
xltune create /guest/linux-pv.cfg 'name="pv"' vcpus=1 "uuid=\"$uuid\"" \
    > /tmp/out 2>&1 || die "create: $(cat /tmp/out)"
same_pci_lists pv
xltune pci-list pv | grep -q $nic || die "the record is not heeded"
wait_for 120 guest_last_pci pv "8086:10d3 e1000e" || die "pv came without it"
say "ok: started with the device of its record"
expect_exit 0 xltune check
xl destroy pv
xltune watch > /tmp/watch.log 2>&1 &
watch=$!
mkguest linux-pv pv vcpus=1 'passthrough="enabled"' "uuid=\"$uuid\""
wait_for 15 sh -c "xltune pci-list pv | grep -q $nic" ||
    die "the daemon does not give it: $(cat /tmp/watch.log)"
wait_for 120 guest_last_pci pv "8086:10d3 e1000e" || die "pv does not see it"
say "ok: given by the daemon to a domain that xl made"
kill $watch
wait $watch
xltune pci-unassign pv $nic || die "pci-unassign: $?"
expect_eq "nothing is kept any more" "" "$(xltune pci-assigned-list pv)"
xl destroy pv

# A domain goes to the node of its disk.
xltune pci-assignable-add $disk || die "pci-assignable-add $disk: $?"
cat > /tmp/policy.xml << 'X'
<policy name="near">
  <domains match="*">
    <numa placement="auto" mode="hard"/>
    <devices numa="required"/>
  </domains>
</policy>
X
xltune create --policy /tmp/policy.xml /guest/blocker.cfg 'name="db"' \
    memory=64 "pci=[\"$disk\"]" > /tmp/out 2>&1 ||
    die "create: $(cat /tmp/out)"
expect_eq "the node of its memory" 3 "$(node_of db)"
expect_eq "its CPUs" "3 / all" "$(masks_of db)"
xltune pci-list db | grep -q $disk || die "it does not have the disk"
xl destroy db
xltune pci-assignable-remove -r $disk || die "no way back for $disk"
expect_eq "the disk is back" nvme "$(driver_of $disk)"

# The other kind of guest, which takes its time, and the way back.
mkguest linux-hvm hvm vcpus=1 'passthrough="enabled"'
wait_for 240 _guest_past hvm 1 || die "hvm does not count"
pci_in_guest hvm "$nic" "8086:10d3 e1000e"
xltune pci-assignable-remove -r $nic || die "no way back"
expect_eq "dom0's driver is back" e1000e "$(driver_of $nic)"
xl destroy hvm

# Virtual functions that are kept: as after a boot, which knows nothing of them.
pf=0000:11:00.0
echo 0 > "/sys/bus/pci/devices/$pf/sriov_drivers_autoprobe"
xltune sriov-set --assignable --persist "$pf" 2 || die "--persist: $?"
for vf in /sys/bus/pci/devices/"$pf"/virtfn*; do
    xl pci-assignable-remove "$(basename "$(readlink "$vf")")" || die "by xl"
done
echo 0 > "/sys/bus/pci/devices/$pf/sriov_numvfs"
expect_exit 2 xltune check
xltune apply --yes || die "apply: $?"
expect_exit 0 xltune check
expect_eq "made again, and assignable" 2 \
    "$(xltune pci-assignable-list | wc -l)"

# A virtual function in a domain: it sees it, and nobody takes it from there.
vf=$(basename "$(readlink "/sys/bus/pci/devices/$pf/virtfn0")")
mkguest linux-pv vf vcpus=1 "pci=[\"$vf\"]"
same_pci_lists vf
xltune pci-list vf | grep -q "$vf" || die "it does not have $vf"
wait_for 120 guest_last_pci vf "1b36:0010" ||
    die "it does not see $vf: $(guest_log vf | grep PCI)"
xltune sriov-set "$pf" 0 > /tmp/out 2>&1 && die "taken from under a domain"
say "#   $(cat /tmp/out)"
xl destroy vf
xltune sriov-set "$pf" 0 || die "sriov-set 0: $?"
expect_eq "no virtual function is left" 0 \
    "$(cat "/sys/bus/pci/devices/$pf/sriov_numvfs")"
