#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# In dom0 of pci, after pci-boot.sh: hidden devices are assignable when dom0 is
# up, and dom0 gets them back with their driver.
. /usr/share/lab/lib.sh
nic=0000:21:00.0
disk=0000:41:00.0

expect_eq "assignable at boot" "$nic $disk" \
    "$(xltune pci-assignable-list | tr -s " \n" " " | sed "s/ $//")"
xl pci-assignable-list | sort > /tmp/xl.list
xltune pci-assignable-list | cmp - /tmp/xl.list || die "xl lists others"
xltune pci-show $nic | grep -q "state.*assignable" ||
    die "$(xltune pci-show $nic)"

# xl cannot: it has never kept it apart, and its store is empty after a boot.
xl pci-assignable-remove -r $nic 2>&1 | sed 's/^/# xl: /'
[ "$(driver_of $nic)" != e1000 ] || die "xl can: is this still worth a test?"
xltune pci-assignable-remove -r $nic || die "pci-assignable-remove -r: $?"
expect_eq "the driver that it would have had" e1000 "$(driver_of $nic)"
xltune pci-assignable-remove -r $disk || die "pci-assignable-remove -r: $?"
expect_eq "the disk's as well" nvme "$(driver_of $disk)"
