#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# In dom0 of pci, after pci-boot.sh: hidden devices are assignable when dom0 is
# up, and dom0 gets them back with their driver.
. /usr/share/lab/lib.sh
nic=0000:21:00.0
disk=0000:41:00.0

driver_of() {
    basename "$(readlink "/sys/bus/pci/devices/$1/driver" || echo none)"
}

expect_eq "assignable at boot" "$nic $disk" \
    "$(xltune pci-assignable-list | tr -s " \n" " " | sed "s/ $//")"
xl pci-assignable-list | sort > /tmp/xl.list
xltune pci-assignable-list | cmp - /tmp/xl.list || die "xl lists others"
xltune pci-show $nic | grep -q "state.*assignable" ||
    die "$(xltune pci-show $nic)"

# xl cannot: its store is empty after a boot.
xl pci-assignable-remove -r $nic > /tmp/xl.out 2>&1
expect_eq "xl's remove -r leaves it without a driver" none "$(driver_of $nic)"
xl pci-assignable-add $nic > /dev/null 2>&1 || die "xl's add"
expect_eq "and its add brings it back" pciback "$(driver_of $nic)"
xltune pci-assignable-remove -r $nic || die "pci-assignable-remove -r: $?"
expect_eq "the driver that it would have had" e1000 "$(driver_of $nic)"
xltune pci-assignable-remove -r $disk || die "pci-assignable-remove -r: $?"
expect_eq "the disk's as well" nvme "$(driver_of $disk)"
