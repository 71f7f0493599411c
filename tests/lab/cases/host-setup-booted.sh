#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# In dom0 of pci, after host-setup.sh, whose files are /root/lab/kept: the host
# is as it was asked for, nothing is to be done, and all that is to pass does.
. /usr/share/lab/lib.sh
pf=0000:11:00.0

# What the host's own services do at boot.
base64 -d /root/lab/kept | tar -C / -xzf -
swap=/dev/$(basename /sys/bus/pci/devices/0000:41:00.0/nvme/nvme*/nvme*n1)
if ! mkswap "$swap" > /dev/null || ! swapon "$swap"; then
    die "no swap"
fi
sysctl -p /etc/sysctl.d/90-xltune.conf || die "sysctl"
echo 0 > "/sys/bus/pci/devices/$pf/sriov_drivers_autoprobe"
xltune recover --quiet
xltune apply --at-boot --yes --quiet || die "apply --at-boot: $?"
touch /run/active.xltune-watch.service /run/reboot

expect_eq "dom0's memory" 1000 "$(xl list 0 | awk 'NR == 2 { print $3 }')"
expect_eq "hidden" pciback "$(driver_of 0000:21:00.0)"
expect_eq "virtual functions" 2 "$(cat /sys/bus/pci/devices/$pf/sriov_numvfs)"
expect_eq "pools" 4 "$(xl cpupool-list | awk 'NR > 1' | wc -l)"
xltune-host-setup --check > /tmp/told
expect_eq "--check: $(cat /tmp/told)" 0 $?
xltune-host-setup --reboot-file /run/reboot > /tmp/told
expect_eq "exit code" 0 $?
expect_eq "nothing to do, no reboot, all checks pass" "nothing to do" \
    "$(cat /tmp/told)"
[ ! -e /run/reboot ] || die "it still asks for a reboot"

# What is to pass, and does not.
echo 'autoballoon="on"' > /etc/xen/xl.conf
printf 'nonsense\n' >> /etc/xltune/usb-policy.conf
cp /etc/xltune/usb-policy.conf /tmp/broken
sed -i '/^policy = /d; /^\[usb\]/d' /etc/xltune/host.conf
expect_exit 2 xltune-host-setup > /tmp/told
cat /tmp/told
grep -q '^FAIL usb-policy' /tmp/told || die "it passes"
grep -q '^autoballoon *= *"off"' /etc/xen/xl.conf || die "it is not mended"
cmp /etc/xltune/usb-policy.conf /tmp/broken || die "that was no one's to mend"
