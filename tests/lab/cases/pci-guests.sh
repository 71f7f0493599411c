#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# In dom0 of pci: a network card through all the steps that lead into a PV guest
# and out again, beside xl; what dies on the way.
. /usr/share/lab/lib.sh
nic=0000:21:00.0

mkguest linux-pv pv vcpus=1 'passthrough="enabled"'
wait_for 120 _guest_past pv 1 || die "pv does not count"

xltune pci-show $nic || die "pci-show: $?"
xltune pci-attach pv $nic 2> /tmp/err && die "not assignable, and attached"
grep -q pci-assignable-add /tmp/err || die "no way out: $(cat /tmp/err)"
xltune pci-assignable-add $nic || die "pci-assignable-add: $?"
pci_in_guest pv "$nic" "8086:100e e1000"

# Failed halfway, two at once, a guest that dies on the way.
for fault in fail:1 half:1; do
    XLTUNE_FAULT=$fault xltune pci-attach pv $nic > /tmp/out 2>&1 &&
        die "$fault did nothing"
    same_pci_lists pv
    expect_eq "attach with $fault is undone" "" "$(xltune pci-list pv)"
done
mkguest linux-pv other vcpus=1 'passthrough="enabled"'
wait_for 120 _guest_past other 1 || die "other does not count"
xltune pci-attach pv $nic > /tmp/one 2>&1 &
xltune pci-attach other $nic > /tmp/two 2>&1
two=$?
wait $!
one=$?
say "# two at once: $one $two $(cat /tmp/one /tmp/two)"
[ "$((one + two))" = 1 ] || die "two at once: $one and $two"
same_pci_lists pv
same_pci_lists other
[ "$one" = 1 ] || xltune pci-detach pv $nic || die "pci-detach: $?"
[ "$two" = 1 ] || xltune pci-detach other $nic || die "pci-detach: $?"
xltune pci-attach other $nic > /tmp/out 2>&1 &
usleep 300000
xl destroy other
wait $!
say "# a domain that dies: $? $(cat /tmp/out)"
xltune pci-assignable-add $nic || die "pci-assignable-add: $?"
expect_eq "assignable after a domain that died" "$nic" \
    "$(xltune pci-assignable-list | tr -d ' ')"
xl pci-assignable-list | grep -q $nic || die "xl does not have it"

xltune pci-assignable-remove -r $nic || die "no way back"
expect_eq "dom0's driver is back" e1000 "$(driver_of $nic)"
