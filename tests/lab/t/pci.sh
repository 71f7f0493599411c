#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The topology pci: a card hidden at boot, which comes to a guest and
# goes, and that there can be virtual functions.
# shellcheck source=tests/lab/dom0/lib.sh
. /usr/share/lab/lib.sh

assignable() {
    xl pci-assignable-list | awk '{ print $1 }' | tr '\n' ' '
}

# sees WHAT: the guest has one device, and this is it; nothing for none.
sees() {
    [ "$(guest_pci pv)" = "$1" ]
}

come_and_go() {
    xl pci-attach pv "$1" || die "cannot attach $1"
    wait_for 60 sees "0000:00:00.0 8086:100e e1000" ||
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
come_and_go 0000:21:00.0
expect_eq "virtual functions" 2 \
    "$(cat /sys/bus/pci/devices/0000:11:00.0/sriov_totalvfs)"
