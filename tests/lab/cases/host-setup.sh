#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# In dom0 of pci: one file makes a tuned host of a fresh one; the second time
# there is nothing to do. host-setup-booted.sh is the boot that it asks for.
. /usr/share/lab/lib.sh
nic=0000:21:00.0
pf=0000:11:00.0

# A fresh host: its boot loader, systemctl as far as it is asked, and swap.
mkdir -p /etc/default /etc/xltune /etc/sysctl.d
cat > /etc/default/grub << X
# As Debian has it.
GRUB_DEFAULT=0
GRUB_CMDLINE_LINUX="$(cat /proc/cmdline)"
GRUB_CMDLINE_XEN="$(xl info xen_commandline)"
X
cat > /usr/sbin/update-grub << 'X'
#!/bin/sh
. /etc/default/grub
echo "$GRUB_CMDLINE_XEN" > /tmp/next-xen
echo "$GRUB_CMDLINE_LINUX" > /tmp/next-linux
X
cat > /usr/sbin/systemctl << 'X'
#!/bin/sh
while [ "${1#--}" != "$1" ]; do shift; done
case $1 in
enable) touch "/etc/enabled.$2" ;;
is-enabled) [ -e "/etc/enabled.$2" ] ;;
start) touch "/run/active.$2" ;;
is-active) [ -e "/run/active.$2" ] ;;
esac
X
chmod +x /usr/sbin/update-grub /usr/sbin/systemctl
swap=/dev/$(basename /sys/bus/pci/devices/0000:41:00.0/nvme/nvme*/nvme*n1)
if ! mkswap "$swap" > /dev/null || ! swapon "$swap"; then
    die "no swap"
fi
# dom0's driver would have the virtual functions before they are assignable.
echo 0 > "/sys/bus/pci/devices/$pf/sriov_drivers_autoprobe"

cat > /etc/xltune/mine.xml << 'X'
<policy name="mine">
  <domains match="*"><numa placement="auto" mode="soft"/></domains>
</policy>
X
printf 'DENY: vid=17e9 # DisplayLink\nALLOW:\n' > /etc/xltune/mine.conf
cat > /etc/xltune/host.conf << X
# This host.
[dom0]
memory = 1000M
[boot]
xen = extra_guest_irqs=64
linux = audit=0
[pools]
split = numa
[pci]
hide = $nic
[sriov]
$pf = 2 assignable
[usb]
policy = /etc/xltune/mine.conf
[policy]
install = /etc/xltune/mine.xml
[services]
enable = xltune-apply xltune-watch
[checks]
enforce = dom0-autoballoon dom0-memory-max dom0-swappiness hide-list usb-policy command-line-values pending-reboot
X

# Each file with what is in it, and which one it is.
files() {
    find /etc /var/lib/xltune -type f 2> /dev/null | sort | while read -r f; do
        echo "$(md5sum < "$f") $(stat -c '%i %Y' "$f") $f"
    done
}
pools() {
    xl cpupool-list | awk 'NR > 1' | wc -l
}

files > /tmp/fresh
xltune-host-setup --check > /tmp/told
expect_eq "--check: to be done" 2 $?
cat /tmp/told
files | cmp -s - /tmp/fresh || die "--check changes files"
expect_eq "--check: pools" 1 "$(pools)"
expect_eq "--check: it is dom0's" e1000 "$(driver_of $nic)"

# A mistake is told before anything is done.
sed 's/^hide = .*/hide = 0000:77:00.0/' /etc/xltune/host.conf > /tmp/bad.conf
expect_exit 1 xltune-host-setup /tmp/bad.conf > /tmp/told 2> /tmp/err
cat /tmp/err
grep -q '^xltune-host-setup: /tmp/bad.conf:10: 0000:77:00.0: ' /tmp/err ||
    die "the line is not told"
files | cmp -s - /tmp/fresh || die "a file with a mistake is heeded in part"

# It fails in the middle; what was done stays, and it goes on from there.
mv /usr/sbin/systemctl /usr/sbin/systemctl.good
printf '#!/bin/sh\necho "it is masked" >&2\nexit 1\n' > /usr/sbin/systemctl
chmod +x /usr/sbin/systemctl
expect_exit 1 xltune-host-setup > /tmp/told 2> /tmp/err
cat /tmp/told /tmp/err
grep -q 'host.conf:18: .*it is masked' /tmp/err || die "not told: $(cat /tmp/err)"
grep -q 'stays; run it again' /tmp/err || die "not told what becomes of it"
mv /usr/sbin/systemctl.good /usr/sbin/systemctl

xltune-host-setup --reboot-file /run/reboot > /tmp/told || die "it fails: $?"
cat /tmp/told
expect_eq "it goes on" 1 "$(grep -c '^set: .services. enable = xltune-watch' /tmp/told)"
expect_eq "and does nothing again" "" "$(grep '^set: .dom0' /tmp/told)"
grep -q '^reboot needed:' /tmp/told || die "no reboot"
grep -q 'xen dom0_mem: .* -> dom0_mem=1000M,max:1000M' /tmp/told ||
    die "not why"
expect_eq "the file says so" "reboot needed:" "$(head -n 1 /run/reboot)"
expect_eq "pools" 4 "$(pools)"
expect_eq "virtual functions" 2 "$(cat /sys/bus/pci/devices/$pf/sriov_numvfs)"
expect_eq "hidden now" pciback "$(driver_of $nic)"
expect_eq "swappiness" 35 "$(cat /proc/sys/vm/swappiness)"
cmp /etc/xltune/usb-policy.conf /etc/xltune/mine.conf || die "no usb-policy"
grep -q '^autoballoon *= *"off"' /etc/xen/xl.conf || die "autoballoon is on"

files > /tmp/tuned
xltune-host-setup > /tmp/told || die "the second time: $?"
expect_eq "the second time" "nothing to do" "$(head -n 1 /tmp/told)"
files | diff - /tmp/tuned || die "the second time files change"
xltune-host-setup --check > /tmp/told || die "--check, the second time: $?"

tr ' ' '\n' < /tmp/next-xen | grep -e '^dom0_mem=1000' -e '^extra_guest' |
    tr '\n' ' ' > /out/xen
tr ' ' '\n' < /tmp/next-linux | grep -e '^audit=' -e pciback |
    tr '\n' ' ' > /out/dom0
cd / || die "no /"
tar -cf - etc/default etc/xltune etc/xen/xl.conf etc/sysctl.d \
    etc/enabled.* usr/sbin/update-grub usr/sbin/systemctl var/lib/xltune |
    gzip -1 | base64 > /out/kept
