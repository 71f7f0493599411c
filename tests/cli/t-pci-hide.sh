# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh source=tests/cli/lib.sh
# Hiding devices from dom0: on a recorded host, and in the files of trees.
. ./lib.sh

refused_host=pci

# One line of stderr about an object.
told()
{
    grep -q "^xltune: $1" "$tmp/err"
}

list_is()
{
    grep -q "xen-pciback.hide=$1\"" "$host"
}

# A recorded host.

use_host pci
run --host "$host" pci-hidden-list
ok "the list" code_is 0
ok "the list: hidden at the next boot" grep -Eq \
    '^0000:81:00.0 +no +yes +hidden at next boot +Non-Volatile' "$tmp/out"
ok "the list: hidden by both" grep -Eq \
    '^0000:85:00.0 +yes +yes +assignable ' "$tmp/out"
ok "the list: assignable alone" grep -Eq \
    '^0000:83:00.0 +no +no +assignable until reboot' "$tmp/out"
ok "the list: no other" not_there '0000:04:00.0'
run --host "$host" pci-hidden-list --json
ok "the list as JSON" json_has '"schema": "xtune/pci-hidden/1"'
ok "the list as JSON: lists" json_has '"list": "(0000:85:00.0)"'
ok "the list as JSON: devices" json_has '"address": "0000:81:00.0"'
ok "the list changes nothing" untouched

use_host pci
run --host "$host" pci-hide -N 04:00.0
ok "a dry run" code_is 0
ok "a dry run shows the line" grep -qx \
    '+root=.*hide=(0000:85:00.0)(0000:81:00.0)(0000:04:00.0)' "$tmp/out"
ok "a dry run shows the plan" grep -q \
    '^  0000:04:00.0  driver e1000 -> pciback$' "$tmp/out"
ok "a dry run changes nothing" untouched

run --host "$host" pci-hide 04:00.0
ok "hide" code_is 0
ok "hide: at boot" list_is '(0000:85:00.0)(0000:81:00.0)(0000:04:00.0)'
ok "hide: when it counts" told 'command line: .*next boot'
run --host "$host" pci-hidden-list
ok "hide: and now" grep -Eq '^0000:04:00.0 +no +yes +assignable ' "$tmp/out"
run --host "$host" pci-hide 04:00.0
ok "hide again" code_is 0
ok "hide again: nothing" quiet_stdout
run --host "$host" rollback
ok "rollback" code_is 0
ok "rollback: as before" same_host

use_host pci
run --host "$host" pci-hide --boot 04:00.0 0000:04:00.0 83:00.0 --json
ok "--boot" code_is 0
ok "--boot: each once" list_is \
    '(0000:85:00.0)(0000:81:00.0)(0000:04:00.0)(0000:83:00.0)'
ok "--boot: JSON alone" json_has '"result": "applied"'
run --host "$host" pci-hidden-list
ok "--boot: dom0 keeps it" grep -Eq \
    '^0000:04:00.0 +no +yes +hidden at next boot' "$tmp/out"

use_host pci
run --host "$host" pci-hide --now -q 04:00.0
ok "--now" code_is 0
ok "--now: the line stays" list_is '(0000:85:00.0)(0000:81:00.0)'
ok "--now: --quiet" quiet_stdout
run --host "$host" pci-unhide --now 04:00.0
ok "and back" code_is 0
ok "and back: as before" same_host

use_host pci
run --host "$host" pci-unhide 81:00.0 85:00.0
ok "unhide all" code_is 0
ok "unhide all: no list is left" grep -q 'console=hvc0",' "$host"
run --host "$host" pci-hide --boot 81:00.0
ok "the first of a list" list_is '(0000:81:00.0)'

# What guards say.
refused "the network" 1 '0000:03:00.0: .*--force=network' pci-hide 03:00.0
refused "the network, at boot" 1 '--force=network' pci-hide --boot 03:00.0
refused "the disk" 1 '--force=disk' pci-hide --boot 00:17.0
refused "the display" 1 '--force=display' pci-hide --boot 02:00.0
refused "a bridge" 1 '--force=bridge' pci-hide --boot 00:1b.0
refused "siblings, now" 1 '--force=siblings' pci-hide --now 05:00.0
use_host pci
run --host "$host" pci-hide 05:00.0
ok "siblings: at boot" list_is '(0000:85:00.0)(0000:81:00.0)(0000:05:00.0)'
ok "siblings: not now" told '0000:05:00.0: not now: .*0000:05:00.1'
ok "siblings: done" code_is 0
run --host "$host" pci-hide --force=network --boot 03:00.0
ok "forced" code_is 0
ok "forced: it is there" list_is \
    '(0000:85:00.0)(0000:81:00.0)(0000:05:00.0)(0000:03:00.0)'
use_host pci
run --host "$host" pci-unhide 82:02.0
ok "a domain has it" told '0000:82:02.0: not now: domain "hvm1" has it'
ok "a domain has it: nothing is done" code_is 0

# What is not there, or broken.
refused "no such device" 1 '09:00.0' pci-hide 09:00.0
refused "no device" 64 '' pci-hide
edited()
{
    use_host pci
    sed -i "$1" "$host"
    cp "$host" "$tmp/before"
}
edited 's/(0000:85:00.0)(0000:81:00.0)/(0000:85:00.0)(0000:81.00.0)/'
run --host "$host" pci-hide 04:00.0
ok "a broken list" code_is 1
ok "a broken list: which item" one_error 'item 2 of the hide list'
ok "a broken list: left" untouched
run --host "$host" pci-hidden-list
ok "a broken list is shown" grep -q '^next boot: item 2' "$tmp/out"
edited 's/(0000:85:00.0)(0000:81:00.0)/(0000:99:00.0)/'
run --host "$host" pci-hidden-list
ok "an item that means none" grep -q \
    '^next boot: "(0000:99:00.0)" of the hide list means no device' "$tmp/out"
edited 's/"dom0_configured": ".*",/"dom0_configured": null,/'
run --host "$host" pci-hide 04:00.0
ok "not known" one_error 'command line: it is not known'
ok "not known: left" untouched
run --host "$host" pci-hide --now 04:00.0
ok "not known: now" code_is 0
edited 's/"pciback": "builtin"/"pciback": "missing"/'
run --host "$host" pci-hide --boot 04:00.0
ok "no pciback" one_error 'xen-pciback: .*no such driver'
edited 's/"pciback": "builtin"/"pciback": "module"/'
run --host "$host" pci-hide --boot 04:00.0
ok "a module" told 'xen-pciback: it is a module'

# Options of modprobe.d.
module='s/"pciback": "builtin"/"pciback": "module"/
    s/ xen-pciback.hide=(0000:85:00.0)(0000:81:00.0)//
    s|"pciback_options": ""|"pciback_options": "hide=(81:00.0)", '
module=$module'"pciback_options_file": "/etc/modprobe.d/x.conf"|'
edited "$module"
run --host "$host" pci-unhide --boot 81:00.0
ok "options" one_error '81:00.0: .*xen-pciback in "/etc/modprobe.d/x.conf"'
ok "options: left" untouched
run --host "$host" pci-hide --boot 04:00.0
ok "options: what they say is kept" list_is '(81:00.0)(0000:04:00.0)'
ok "options: and said" told '/etc/modprobe.d/x.conf: its list'

# Faults.
for fault in fail half lie; do
    for n in 1 2; do
        use_host pci
        fault "$fault:$n" --host "$host" pci-hide 04:00.0
        ok "$fault:$n" code_is 1
        ok "$fault:$n: as before" same_host
    done
done

# Trees.

root=$tmp/root
grub=$root/etc/default/grub

new_tree()
{
    rm -rf "$root"
    sh "$top/tests/trees/make" multi-function "$root"
    mkdir -p "$root/etc/default"
}

# hides_in FILE: a device is hidden in it, shown in a list, and rolled back.
hides_in()
{
    cp "$1" "$tmp/file"
    run --root "$root" pci-hide --boot -N 02:00.3
    ok "$tree: a dry run" cmp -s "$1" "$tmp/file"
    ok "$tree: shows the file" grep -q "^+++ ${1#"$root"}" "$tmp/out"
    cp "$tmp/out" "$tmp/shown"
    run --root "$root" pci-hide --boot 02:00.3
    ok "$tree: hide" code_is 0
    ok "$tree: as it was shown" same_diff
    ok "$tree: it is in the file" grep -q \
        'xen-pciback.hide=(0000:02:00.3)' "$1"
    ok "$tree: the one before" cmp -s "$1.xltune-old" "$tmp/file"
    run --root "$root" pci-hidden-list
    ok "$tree: the list" grep -Eq '^0000:02:00.3 .*yes +hidden at next' \
        "$tmp/out"
    run --root "$root" rollback
    ok "$tree: rollback" code_is 0
    ok "$tree: byte for byte" cmp -s "$1" "$tmp/file"
    run --root "$root" pci-hide --boot 02:00.3
    run --root "$root" pci-unhide --boot 02:00.3
    ok "$tree: unhide" cmp -s "$1" "$tmp/file"
}

same_diff()
{
    sed '/^Host: /,$d' "$tmp/shown" | cmp -s - "$tmp/out"
}

tree=Debian
new_tree
mkdir -p "$root/etc/default/grub.d" "$root/usr/sbin"
printf '#!/bin/sh\nexit 1\n' >"$root/usr/sbin/update-grub"
cat >"$grub" <<'X'
# Mine.
GRUB_DISTRIBUTOR=`lsb_release -i -s 2> /dev/null || echo Debian`
GRUB_CMDLINE_LINUX_DEFAULT="quiet"   # not splash
GRUB_CMDLINE_LINUX=""
X
printf 'GRUB_CMDLINE_XEN="dom0_mem=4G"\n' >"$root/etc/default/grub.d/xen.cfg"
hides_in "$grub"
run --root "$root" pci-hide --boot 02:00.3
ok "$tree: what is to run" grep -qx \
    '# to be run where this tree belongs: /usr/sbin/update-grub' "$tmp/out"
ok "$tree: the line" grep -qx \
    'GRUB_CMDLINE_LINUX_DEFAULT="quiet xen-pciback.hide=(0000:02:00.3)"   # not splash' \
    "$grub"

sed -i 's/ xen-pciback[^"]*/ xen-pciback.hide=(0000:02:00.3) debug/' "$grub"
cp "$grub" "$tmp/before"
run --root "$root" pci-unhide --boot 02:00.3
ok "$tree: unhide" grep -q '="quiet debug"' "$grub"
run --root "$root" rollback
ok "$tree: rollback where it stood" cmp -s "$grub" "$tmp/before"
sed -i 's/ debug//' "$grub"

tree=Debian-override
printf 'GRUB_CMDLINE_LINUX_DEFAULT="$GRUB_CMDLINE_LINUX_DEFAULT debug"\n' \
    >"$root/etc/default/grub.d/zz.cfg"
sed -i 's/ xen-pciback[^"]*//' "$grub"
hides_in "$root/etc/default/grub.d/zz.cfg"

tree=SUSE
new_tree
mkdir -p "$root/boot/grub2" "$root/usr/sbin"
: >"$root/boot/grub2/grub.cfg"
: >"$root/usr/sbin/grub2-mkconfig"
printf "GRUB_CMDLINE_LINUX='a'\\r\\nGRUB_CMDLINE_LINUX_XEN_REPLACE_DEFAULT='quiet'" \
    >"$grub"
hides_in "$grub"
run --root "$root" pci-hide --boot 02:00.3
ok "$tree: what is to run" grep -q \
    ': /usr/sbin/grub2-mkconfig -o /boot/grub2/grub.cfg$' "$tmp/out"

tree=XCP-ng
new_tree
mkdir -p "$root/boot/grub" "$root/opt/xensource/libexec"
: >"$root/etc/xensource-inventory"
: >"$root/opt/xensource/libexec/xen-cmdline"
cat >"$root/boot/grub/grub.cfg" <<'X'
set default=0
menuentry 'XCP-ng' {
	multiboot2 /boot/xen.gz dom0_mem=4096M,max:4096M
	module2 /boot/vmlinuz-4.19-xen root=LABEL=root ro quiet
	module2 /boot/initrd-4.19-xen.img
}
menuentry 'XCP-ng (Serial)' {
	multiboot2 /boot/xen.gz com1=115200,8n1
	module2 /boot/vmlinuz-4.19-xen root=LABEL=root ro
	module2 /boot/initrd-4.19-xen.img
}
menuentry 'XCP-ng in Safe Mode' {
	multiboot2 /boot/xen.gz nosmp
	module2 /boot/vmlinuz-4.19-xen root=LABEL=root ro
}
X
hides_in "$root/boot/grub/grub.cfg"
run --root "$root" pci-hide --boot 02:00.3
hidden=$(grep -c 'hide=' "$root/boot/grub/grub.cfg")
ok "$tree: both consoles, not safe mode" [ "$hidden" -eq 2 ]
ok "$tree: what is to run" grep -q \
    ': /opt/xensource/libexec/xen-cmdline --set-dom0 xen-pciback.hide=' "$tmp/out"

tree=EFI
new_tree
mkdir -p "$root/boot/efi/EFI/xen"
printf '[global]\ndefault=xen\n[xen]\nkernel=vmlinuz root=/dev/sda2\n' \
    >"$root/boot/efi/EFI/xen/xen.cfg"
hides_in "$root/boot/efi/EFI/xen/xen.cfg"

# Files that cannot be changed.
new_tree
run --root "$root" pci-hide --boot 02:00.3
ok "no file" one_error 'command line: it is not known'
printf 'GRUB_CMDLINE_LINUX="a"\nGRUB_CMDLINE_LINUX="$(x)"\n' >"$grub"
run --root "$root" pci-hide --boot 02:00.3
ok "a shell" one_error 'etc/default/grub:2: it takes a shell'
run --root "$root" pci-hidden-list
ok "a shell: the list" grep -q '^next boot: not known: .*grub:2' "$tmp/out"
rm "$grub"
ln -s /etc/passwd "$grub"
run --root "$root" pci-hide --boot 02:00.3
ok "a link out of the tree" one_error 'command line: it is not known'
rm "$grub"
printf 'GRUB_CMDLINE_LINUX="a"\n' >"$tmp/elsewhere"
printf 'GRUB_CMDLINE_LINUX="a"\n' >"$grub"
ln -s "$tmp/elsewhere" "$grub.xltune-old"
run --root "$root" pci-hide --boot 02:00.3
ok "a link where the file before is kept" one_error 'no regular file'
ok "a link: left" grep -qx 'GRUB_CMDLINE_LINUX="a"' "$tmp/elsewhere"
rm "$grub.xltune-old"
run --root "$root" pci-hide 02:00.1
ok "a tree does not change now" code_is 1
ok "and nothing is left of it" grep -qx 'GRUB_CMDLINE_LINUX="a"' "$grub"
