#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The topology pci: a card hidden at boot, cards that come to a guest and go,
# and a virtual function.
# shellcheck source=tests/lab/dom0/lib.sh
. /usr/share/lab/lib.sh

assignable() {
    xl pci-assignable-list | awk '{ print $1 }' | tr '\n' ' '
}

# sees WHAT: the guest has one device, and this is it; nothing for none. A
# card's function keeps its number in the guest.
sees() {
    [ "$(guest_pci pv)" = "$1" ]
}

has_driver() {
    [ "$(driver_of "$1")" = "$2" ]
}

# come_and_go ADDRESS FUNCTION
come_and_go() {
    xl pci-attach pv "$1" || die "cannot attach $1"
    wait_for 60 sees "0000:00:00.$2 8086:100e e1000" ||
        die "the guest does not see $1 but: $(guest_pci pv)"
    say "ok: $1 comes to the guest"
    xl pci-detach pv "$1" || die "cannot detach $1"
    wait_for 60 sees "" || die "$1 stays in the guest: $(guest_pci pv)"
    say "ok: $1 goes"
}

expect_eq "hidden at boot" "0000:21:00.0 " "$(assignable)"
expect_eq "its driver" pciback "$(driver_of 0000:21:00.0)"
expect_eq "the others' drivers" "e1000 e1000 nvme nvme " \
    "$(for card in 31:00.0 31:00.1 41:00.0 11:00.0; do
        driver_of "0000:$card"
    done | tr '\n' ' ')"

mkguest linux-pv pv vcpus=1 'passthrough="enabled"'
wait_for 60 grep -q "GUEST UP" /var/log/xen/console/guest-pv.log ||
    die "pv does not come up"
come_and_go 0000:21:00.0 0
xl pci-assignable-add 0000:31:00.1 || die "cannot assign 31:00.1"
come_and_go 0000:31:00.1 1
xl pci-assignable-remove -r 0000:31:00.1 > /dev/null 2>&1 ||
    die "cannot give 31:00.1 back"
wait_for 10 has_driver 0000:31:00.1 e1000 ||
    die "the driver of 31:00.1 is $(driver_of 0000:31:00.1)"
say "ok: it goes back to dom0"

vfs=/sys/bus/pci/devices/0000:11:00.0
expect_eq "virtual functions" 2 "$(cat $vfs/sriov_totalvfs)"
echo 0 > $vfs/sriov_drivers_autoprobe
echo 1 > $vfs/sriov_numvfs
vf=$(basename "$(readlink -f $vfs/virtfn0)")
xl pci-assignable-add "$vf" > /dev/null 2>&1 || die "cannot assign $vf"
expect_eq "assignable devices" "0000:21:00.0 $vf " "$(assignable)"
xl pci-attach pv "$vf" || die "cannot attach $vf"
wait_for 60 eval 'guest_pci pv | grep -q 1b36:0010' ||
    die "the guest does not see $vf but: $(guest_pci pv)"
say "ok: a virtual function comes to the guest"
