#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# In dom0 of 2x2, after dom0-boot.sh: Xen has given dom0 what was written, and
# nothing waits for another boot.
. /usr/share/lab/lib.sh
mkdir -p /etc/default
cp grub /etc/default/grub
cp xl.conf /etc/xen/xl.conf

expect_eq "xl list" "1000 3" "$(xl list 0 | awk 'NR == 2 { print $3, $4 }')"
expect_eq "CPUs of Linux" 3 "$(grep -c ^processor /proc/cpuinfo)"
expect_eq "Xen's command line" 1 \
    "$(xl info xen_commandline | grep -c 'dom0_mem=1000M,max:1000M')"
xltune dom0-mem || die "dom0-mem: $?"
xltune dom0-mem | grep -q '^memory *: 1000 MiB' || die "not the memory"
xltune dom0-mem | grep -q '^next boot *: 1000 MiB, fixed' || die "not the next"
xltune dom0-vcpus || die "dom0-vcpus: $?"
xltune dom0-vcpus | grep -q '^next boot *: 3 ' || die "not the vCPUs"
xltune dom0-mem --set 1000 > /tmp/out || die "dom0-mem --set: $?"
xltune dom0-vcpus --set 3 >> /tmp/out || die "dom0-vcpus --set: $?"
expect_eq "nothing to do" "" "$(grep '^[-+]' /tmp/out)"
xltune cmdline list xen > /tmp/out || die "cmdline list: $?"
cat /tmp/out
grep -q '^reboot pending: no' /tmp/out || die "it waits for a boot"
