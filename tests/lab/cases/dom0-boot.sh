#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# In dom0 of 2x2: what dom0-mem and dom0-vcpus write for the next boot.
# dom0-booted.sh is that boot.
. /usr/share/lab/lib.sh

mkdir -p /etc/default /usr/sbin
cat > /etc/default/grub << X
# As Debian has it.
GRUB_DEFAULT=0
GRUB_CMDLINE_LINUX="$(cat /proc/cmdline)"
GRUB_CMDLINE_XEN="$(xl info xen_commandline)"
X
cp /etc/default/grub /tmp/grub
cp /etc/xen/xl.conf /tmp/xl.conf
# Its update-grub, as far as this host goes.
cat > /usr/sbin/update-grub << 'X'
#!/bin/sh
. /etc/default/grub
echo "$GRUB_CMDLINE_XEN" > /tmp/next-boot
X
chmod +x /usr/sbin/update-grub

xltune dom0-mem --set 1000 --boot > /tmp/diff || die "dom0-mem --boot: $?"
cat /tmp/diff
grep -q '^+.*dom0_mem=1000M,max:1000M' /tmp/diff || die "no diff of grub"
grep -q '^+autoballoon *= *"off"' /tmp/diff || die "no diff of xl.conf"
grep -q 'dom0_mem=1000M,max:1000M' /tmp/next-boot ||
    die "what grub will say: $(cat /tmp/next-boot)"
grep -q '^autoballoon *= *"off"' /etc/xen/xl.conf || die "autoballoon is on"
xl list > /dev/null 2> /tmp/err || die "xl does not take it: $(cat /tmp/err)"
expect_eq "not now" 900 "$(xl list 0 | awk 'NR == 2 { print $3 }')"
xltune dom0-mem | grep -q 'next boot.*1000 MiB, fixed' || die "$(xltune dom0-mem)"

# Undone to the byte.
xltune rollback || die "rollback: $?"
cmp /etc/default/grub /tmp/grub || die "rollback left another grub"
cmp /etc/xen/xl.conf /tmp/xl.conf || die "rollback left another xl.conf"

xltune dom0-mem --set 1000 --boot > /dev/null || die "dom0-mem again: $?"
xltune dom0-vcpus --set 3 || die "dom0-vcpus: $?"
expect_eq "not now" 2 "$(xl list 0 | awk 'NR == 2 { print $4 }')"
tr ' ' '\n' < /tmp/next-boot | grep '^dom0_m' | tr '\n' ' ' > /out/xen
expect_eq "for the next boot" "dom0_mem=1000M,max:1000M dom0_max_vcpus=3 " \
    "$(cat /out/xen)"
cp /etc/default/grub /out/grub
cp /etc/xen/xl.conf /out/xl.conf
