#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# In dom0 of pci: what pci-hide writes for the next boot. pci-booted.sh is that
# boot.
. /usr/share/lab/lib.sh
nic=0000:21:00.0
disk=0000:41:00.0

mkdir -p /etc/default
cat > /etc/default/grub << 'X'
# As Debian has it.
GRUB_DEFAULT=0
GRUB_CMDLINE_LINUX_DEFAULT="quiet"
GRUB_CMDLINE_LINUX="console=hvc0"
X
cp /etc/default/grub /tmp/grub
# Its update-grub, as far as this host goes.
mkdir -p /usr/sbin
cat > /usr/sbin/update-grub << 'X'
#!/bin/sh
. /etc/default/grub
echo "$GRUB_CMDLINE_LINUX $GRUB_CMDLINE_LINUX_DEFAULT" > /tmp/next-boot
X
chmod +x /usr/sbin/update-grub

expect_eq "e1000 is dom0's" e1000 \
    "$(basename "$(readlink /sys/bus/pci/devices/$nic/driver)")"
xltune pci-hide --boot $nic $disk || die "pci-hide --boot: $?"
expect_eq "still dom0's" e1000 \
    "$(basename "$(readlink /sys/bus/pci/devices/$nic/driver)")"
expect_eq "what grub will say" \
    "console=hvc0 quiet xen-pciback.hide=($nic)($disk)" "$(cat /tmp/next-boot)"
xltune pci-hidden-list || die "pci-hidden-list: $?"
xltune pci-show $nic | grep -q "hidden at next boot" ||
    die "pci-show does not say that it will be hidden: $(xltune pci-show $nic)"

# Undone to the byte.
cp /etc/default/grub /tmp/grub.hidden
xltune rollback || die "rollback: $?"
cmp /etc/default/grub /tmp/grub || die "rollback left another file"
expect_eq "what grub will say then" "console=hvc0 quiet" "$(cat /tmp/next-boot)"
xltune pci-hide --boot $nic $disk > /dev/null || die "pci-hide again: $?"
cmp /etc/default/grub /tmp/grub.hidden || die "it is another file now"

# A list with an item that is wrong makes the kernel's pciback refuse all.
sed -i 's/(0000:21:00.0)/(0000:21:00.0)(0000:41:0)/' /etc/default/grub
xltune pci-hide --boot 0000:31:00.0 2> /tmp/err && die "a bad list is heeded"
grep -q '(0000:41:0)' /tmp/err || die "not named: $(cat /tmp/err)"
say "#   $(cat /tmp/err)"
expect_exit 2 xltune pci-check $nic
sed -i 's/(0000:41:0)//' /etc/default/grub
cmp /etc/default/grub /tmp/grub.hidden || die "the list is not as before"

tr ' ' '\n' < /tmp/next-boot | grep pciback > /out/dom0
