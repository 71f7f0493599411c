#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# In dom0 of pci: devices between dom0 and pciback, beside xl; what fails is
# undone, what dom0 needs is kept.
. /usr/share/lab/lib.sh
nic=0000:21:00.0
disk=0000:41:00.0
faults=${faults:-fail half}
pciback=/sys/bus/pci/drivers/pciback

# Drivers, pciback's slots, what the toolstack keeps, the grub file.
state() {
    for d in /sys/bus/pci/devices/*; do
        echo "${d##*/} $(driver_of "${d##*/}")"
    done
    sort $pciback/slots
    xenstore-ls -f /libxl/pci 2> /dev/null | grep -v "= \"\"$"
    xl pci-assignable-list | sort
}

same_list() {
    xl pci-assignable-list "$@" | sort > /tmp/xl.list
    xltune pci-assignable-list "$@" > /tmp/xltune.list ||
        die "pci-assignable-list $*: $?"
    cmp /tmp/xltune.list /tmp/xl.list ||
        die "pci-assignable-list $* differs: $(cat /tmp/xltune.list)"
}

# refused COMMAND...: says one thing on stderr, and changes nothing.
refused() {
    state > /tmp/before
    if "$@" > /tmp/out 2> /tmp/err; then die "not refused: $*"; fi
    [ "$(wc -l < /tmp/err)" = 1 ] || die "$*: $(cat /tmp/err)"
    state > /tmp/after
    cmp -s /tmp/before /tmp/after ||
        die "changed something: $*: $(diff /tmp/before /tmp/after)"
    say "ok: refused: $*"
    say "#   $(cat /tmp/err)"
}

state > /tmp/first
same_list
xltune pci-assignable-add -n nic $nic || die "pci-assignable-add: $?"
expect_eq "driver" pciback "$(driver_of $nic)"
same_list
same_list -n
xltune pci-assignable-add $nic || die "pci-assignable-add twice: $?"
xl pci-assignable-remove -r $nic || die "xl does not take ours back"
expect_eq "driver, by xl" e1000 "$(driver_of $nic)"
xl pci-assignable-add $nic > /dev/null || die "xl pci-assignable-add"
same_list
xltune pci-assignable-remove -r $nic || die "xl's is not taken back: $?"
expect_eq "driver, after xl's add" e1000 "$(driver_of $nic)"
state > /tmp/now
cmp /tmp/first /tmp/now || die "not as before: $(diff /tmp/first /tmp/now)"

# Each step fails, or is made and says that it failed, or we are killed at it.
for kind in $faults kill; do
    for n in 1 2 3 4 5 6; do
        [ "$kind" != kill ] || [ $((n % 2)) = 0 ] || continue
        XLTUNE_FAULT=$kind:$n xltune pci-assignable-add -n nic $nic \
            > /tmp/out 2>&1 && break
        [ "$kind" != kill ] || xltune recover > /tmp/out 2>&1 ||
            die "recover after kill:$n: $(cat /tmp/out)"
        state > /tmp/now
        cmp /tmp/first /tmp/now ||
            die "$kind:$n left $(diff /tmp/first /tmp/now)"
        say "ok: add with $kind:$n is undone"
    done
    [ "$(driver_of $nic)" = e1000 ] ||
        xltune pci-assignable-remove -r $nic || die "no way back"
done
[ "$n" -gt 4 ] || die "only $n steps?"

# A sysfs that does not let write.
for file in new_slot bind; do
    mount -o bind $pciback/$file $pciback/$file &&
        mount -o remount,ro,bind $pciback/$file || die "no read-only $file"
    refused xltune pci-assignable-add $nic
    umount $pciback/$file
done

# Two at once: one does it, both are content or one says who is at work.
xltune pci-assignable-add $nic > /tmp/one 2>&1 &
xltune pci-assignable-add $nic > /tmp/two 2>&1
two=$?
wait $!
one=$?
[ "$one" = 0 ] || [ "$two" = 0 ] || die "two at once: $(cat /tmp/one /tmp/two)"
say "# two at once: $one and $two $(cat /tmp/one /tmp/two)"
same_list
expect_eq "one slot" 1 "$(grep -c $nic $pciback/slots)"

# What a domain that is gone has left in the store hides it from xl.
xenstore-write /libxl/pci/0000-21-00-0/domid 77
expect_eq "xl's list with a stale entry" "" "$(xl pci-assignable-list)"
xltune pci-check $nic > /tmp/out
grep -q 77 /tmp/out || die "pci-check does not see it: $(cat /tmp/out)"
xltune pci-assignable-add $nic || die "pci-assignable-add: $?"
same_list
expect_eq "mended" $nic "$(xl pci-assignable-list | tr -d " ")"
xltune rollback || die "rollback"
expect_eq "rolled back, it is stale again" 77 \
    "$(xenstore-read /libxl/pci/0000-21-00-0/domid)"
xltune pci-assignable-add $nic && xltune pci-assignable-remove -r $nic ||
    die "no way back"

# What dom0 needs.
swap=/dev/$(ls /sys/bus/pci/devices/$disk/nvme/nvme* | grep '^nvme.*n1$')
mkswap "$swap" > /dev/null && swapon "$swap" || die "no swap on $swap"
refused xltune pci-assignable-add $disk
grep -q "disk" /tmp/err || die "no word of the guard"
swapoff "$swap"
eth=$(ls /sys/bus/pci/devices/$nic/net)
ip link set "$eth" up && ip addr add 10.0.9.1/24 dev "$eth" &&
    ip route add default via 10.0.9.2 || die "no route"
refused xltune pci-assignable-add $nic
xltune --force=network pci-assignable-add $nic || die "--force=network: $?"
expect_eq "forced" pciback "$(driver_of $nic)"
xltune pci-assignable-remove -r $nic || die "no way back"
bridge=$(dirname "$(readlink -f /sys/bus/pci/devices/$nic)")
refused xltune pci-assignable-add "${bridge##*/}"
refused xltune pci-assignable-add 0000:99:00.0
refused xltune pci-assignable-add 21:00
refused xltune pci-assignable-add 0000:21:00.0junk
refused xltune pci-assignable-remove 0000:99:00.0

# Virtual functions of the NVMe controller.
pf=$(for d in /sys/bus/pci/devices/*/sriov_totalvfs; do
    d=${d%/*}
    echo "${d##*/}"
done)
xltune sriov-list || die "sriov-list: $?"
xltune sriov-set "$pf" 2 || die "sriov-set: $?"
vf=$(basename "$(readlink "/sys/bus/pci/devices/$pf/virtfn0")")
expect_eq "virtual functions" 2 "$(cat "/sys/bus/pci/devices/$pf/sriov_numvfs")"
# Linux still looks for its driver, and then it is as planned no longer.
wait_for 10 xltune pci-assignable-add "$vf" || die "a virtual function: $?"
same_list
refused xltune sriov-set "$pf" 99
xltune pci-assignable-remove "$vf" || die "remove: $?"
xltune sriov-set "$pf" 0 || die "sriov-set 0: $?"
expect_eq "no virtual functions" 0 \
    "$(cat "/sys/bus/pci/devices/$pf/sriov_numvfs")"

# Linux gives them to no driver by itself; and pciback has one when they go.
echo 0 > "/sys/bus/pci/devices/$pf/sriov_drivers_autoprobe"
xltune sriov-set "$pf" 2 || die "sriov-set: $?"
xltune pci-assignable-add "$vf" || die "without autoprobe: $?"
expect_eq "driver, without autoprobe" pciback "$(driver_of "$vf")"
expect_eq "no override stays" "(null)" \
    "$(cat "/sys/bus/pci/devices/$vf/driver_override")"
xltune sriov-set "$pf" 0 || die "sriov-set 0, with one in pciback: $?"
expect_eq "no slot stays" 0 "$(grep -c "$vf" $pciback/slots)"

# Kept: as after a boot, which knows nothing of them.
xltune sriov-set --assignable --persist "$pf" 2 || die "--persist: $?"
expect_eq "assignable virtual functions" 2 \
    "$(xltune pci-assignable-list | wc -l)"
same_list
xltune pci-show > /tmp/out || die "pci-show: $?"
sed 's/^/# /' /tmp/out
