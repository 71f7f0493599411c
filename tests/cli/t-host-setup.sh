# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh source=tests/cli/lib.sh
# From a file to a tuned host, below the roots of distributions and on recorded
# hosts; the second time there is nothing to do.
. ./lib.sh

script=$top/scripts/host-setup
conf=$tmp/host.conf
XLTUNE=$BUILD/xltune
export XLTUNE

# setup WORDS...: $code, $tmp/out and $tmp/err.
setup()
{
    sh "$script" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
    code=$?
    ran="host-setup $*"
}

says()
{
    grep -q -- "$1" "$tmp/out"
}

# One line, for people, and nothing of what it would have done.
told()
{
    [ "$(wc -l <"$tmp/err")" -eq 1 ] &&
        grep -q "^xltune-host-setup: .*$1" "$tmp/err" && quiet_stdout
}

# Every file of a tree: which one it is, of when, and what is in it.
files()
{
    find "$tree" -type f -exec stat -c '%n %i %y' {} + -exec cksum {} + | sort
}

same_files()
{
    files | cmp -s - "$tmp/files"
}

use_tree()
{
    tree=$tmp/tree
    rm -rf "$tree"
    sh "$top/tests/trees/make" "$1" "$tree"
    files >"$tmp/files"
}

# What is wrong with the file: one error that names its line, and nothing done.
use_tree debian-bios
while IFS='|' read -r name line pattern text; do
    printf '%b' "$text" >"$conf"
    setup --root "$tree" "$conf"
    ok "$name" code_is 1
    at=$line:
    [ "$line" != 0 ] || at=
    ok "$name: where and why" told "host.conf:$at.*$pattern"
    ok "$name: nothing is done" same_files
done <<'X'
no such section|2|there is no section "dom1"|# mine\n[dom1]\n
no section|1|it is in no section|memory = 4G\n
no such key|2|\[dom0\] has no key "memroy": it has memory|[dom0]\nmemroy = 4G\n
twice|4|memory is there twice: it is in line 2 |[dom0]\nmemory = 4G\n\nmemory = 4G\n
twice, in two sections of a name|4|memory is there twice|[dom0]\nmemory = 4G\n[dom0]\nmemory = 5G\n
a device twice|3|0000:3b:00.0 is there twice|[sriov]\n0000:3b:00.0 = 4\n0000:3b:00.0 = 2\n
no form|2|no line of the form|[dom0]\nmemory 4G\n
no value|2|memory has no value|[dom0]\nmemory =\n
two words|2|"4G 5G" is more than one word|[dom0]\nmemory = 4G 5G\n
a comment behind|2|a comment takes a line|[boot]\nxen = ucode=scan # newest\n
an option|2|a word that begins with "-"|[boot]\nxen = ucode=scan --host=x\n
a size|3| memory: "4q" is no size|[dom0]\n# much\nmemory = 4q\n
no number of vCPUs|2|"4x" is neither|[dom0]\nvcpus = 4x\n
what Xen does not take|2|dom0_mem: "lots"|[boot]\nxen = dom0_mem=lots\n
no pools of that kind|2|is not "numa"|[pools]\nsplit = socket\n
no address|2|"eth0" is no address|[sriov]\neth0 = 4\n
no number of functions|2|write how many|[sriov]\n0000:3b:00.0 = many\n
none that is assignable|2|none that is assignable|[sriov]\n0000:3b:00.0 = 0 assignable\n
no such device|2|no such PCI device|[pci]\nhide = 0000:77:00.0\n
a folder of its own|2|does not begin with "/"|[usb]\npolicy = my.conf\n
no such file|2|there is no file /nonexistent|[usb]\npolicy = /nonexistent\n
no such policy|2|no policy "balnced" ships|[policy]\ninstall = balnced\n
a policy twice|2|two policies are called|[policy]\ninstall = balanced balanced\n
no policy of that form|2|does not end with .xml|[policy]\ninstall = /etc/passwd\n
no such service|2|"xltune-wtach" is neither|[services]\nenable = xltune-wtach\n
no such rule|2|is it dom0-swap?|[checks]\nenforce = dom0-swpa\n
both say it|4|dom0_mem: it is memory of \[dom0\] that|[dom0]\nmemory = 4G\n[boot]\nxen = dom0_mem=5G,max:5G\n
set and deleted|2|loglvl: it is xen-delete that|[boot]\nxen = loglvl=all\nxen-delete = loglvl\n
hidden twice|2|xen-pciback.hide: it is hide|[boot]\nlinux = xen-pciback.hide=(0000:3b:00.0)\n[pci]\nhide = 0000:3b:00.0\n
allowed and denied|3|1-3: it is allow|[usb]\nallow = 1-3\ndeny = 1-3\n
a file and more|2|allow and deny have no place|[usb]\npolicy = /etc/passwd\ndeny = 1-3\n
a control character|2|a control character|[dom0]\nmemory = 4G\001\n
no text|0|it is no text|[dom0]\nmemory = 4G\0\n
X
setup --root "$tree" "$tmp/nosuch.conf"
ok "no file" code_is 1
ok "no file: which" told 'nosuch.conf: there is no such file'
head -c 70000 /dev/zero | tr '\0' '#' >"$conf"
setup --root "$tree" "$conf"
ok "a long file" told 'longer than 64 KiB'
printf '<policy name="x"><nonsense/></policy>\n' >"$tmp/bad.xml"
printf '[boot]\nxen = ucode=scan\n[policy]\ninstall = %s\n' "$tmp/bad.xml" \
    >"$conf"
setup --root "$tree" "$conf"
ok "a policy that is wrong" told 'host.conf:4: .*policy.d/bad.xml:1: '
ok "a policy that is wrong: nothing is done" same_files
printf 'nonsense\n' >"$tmp/bad.conf"
printf '[usb]\npolicy = %s\n' "$tmp/bad.conf" >"$conf"
setup --root "$tree" "$conf"
ok "a usb-policy that is wrong" told 'host.conf:2: policy: .*bad.conf:1'

# Words.
while IFS='|' read -r name pattern words; do
    # shellcheck disable=SC2086 # words
    setup $words
    ok "$name" code_is 64
    ok "$name: why" told "$pattern"
done <<X
no such option|--nosuch: there is no|--nosuch
two files|one file is enough|a b
a root without a word|--root: it takes|--root
a root that is not there|there is no such folder|--root $tmp/nosuch
a reboot file of another host|no place with --root|--root $tree --reboot-file x
X
setup --help
ok "--help" code_is 0
ok "--help: the options" says '--reboot-file PATH'

# As distributions have it: the examples too, which are for hosts with systemd.
mkdir "$tmp/bin"
cat >"$tmp/bin/systemctl" <<'X'
#!/bin/sh
case $1 in --root=*) root=${1#--root=} ;; esac
shift 2
case $1 in
is-enabled) [ -e "$root/etc/enabled.$2" ] ;;
enable) : >"$root/etc/enabled.$2" ;;
*) exit 1 ;;
esac
X
chmod +x "$tmp/bin/systemctl"
PATH=$tmp/bin:$PATH

# setup_twice TREE: --check, the first time and the second one.
setup_twice()
{
    use_tree "$1"
    mkdir -p "$tree/etc/xltune"
    cp "$conf" "$tree/etc/xltune/host.conf"
    files >"$tmp/files"
    setup --root "$tree" --check
    ok "$1 --check" code_is 2
    ok "$1 --check: nothing is changed" same_files
    ok "$1 --check: how much" says \
        "^to be done: $(grep -c '^would set: ' "$tmp/out")\$"
    # What is mended is what the other lines leave of it.
    grep -v '\[checks\]' "$tmp/out" | sed -n 's/^would //p' >"$tmp/would"
    setup --root "$tree"
    ok "$1" code_is 0
    grep -v '\[checks\]' "$tmp/out" | grep '^set: ' >"$tmp/done"
    ok "$1: what it would have done" cmp -s "$tmp/would" "$tmp/done"
    ok "$1: without an error" [ ! -s "$tmp/err" ]
    files >"$tmp/files"
    setup --root "$tree"
    ok "$1 again" code_is 0
    ok "$1 again: nothing" says '^nothing to do$'
    ok "$1 again: no file is touched" same_files
    setup --root "$tree" --check
    ok "$1 --check again" code_is 0
}

line_has()
{
    grep -q -- "$2" "$tree$1"
}

sed 's/^memory = auto/memory = 4G/' \
    "$top/scripts/examples/host.conf.xcp-ng" >"$conf"
for name in xcp-8.2-bios xcp-8.3-efi; do
    setup_twice "$name"
done
ok "XCP-ng: Xen's line" line_has /boot/efi/EFI/xenserver/grub.cfg \
    'dom0_mem=4096M,max:4096M .*extra_guest_irqs=128 cpufreq=xen:performance'
cp "$top/scripts/examples/host.conf.debian" "$conf"
for name in debian-bios debian-efi tumbleweed-efi fedora-bios xen-cfg-efi; do
    setup_twice "$name"
done
setup_twice debian-bios
ok "Debian: Xen's line" line_has /etc/default/grub.d/zz-local.cfg \
    'dom0_mem=8192M,max:8192M .*cpufreq=xen:performance .*dom0_max_vcpus=8'
ok "Debian: the policy" cmp -s "$top/policies/balanced.xml" \
    "$tree/etc/xltune/policy.d/balanced.xml"
ok "Debian: a service" [ -e "$tree/etc/enabled.xltune-watch.service" ]

# What needs the host itself is left for it, and said so.
use_tree debian-bios
printf 'ALLOW:\n' >"$tmp/usb.conf"
printf '[pools]\nsplit = numa\r\n[sriov]\n0000:3b:00.0 = 4\n[usb]\npolicy = %s' \
    "$tmp/usb.conf" >"$conf"
setup --root "$tree" "$conf"
ok "left" code_is 0
ok "left: it is said" says '^left for when .*: virtual functions, what policies want$'
ok "left: the policy is there" line_has \
    /etc/xltune/policy.d/host-setup-pools.xml 'cpupools split="numa"'
ok "left: the last line counts without its end" cmp -s "$tmp/usb.conf" \
    "$tree/etc/xltune/usb-policy.conf"
printf 'DENY: vid=1234\nALLOW:\n' >"$tmp/usb.conf"
setup --root "$tree" "$conf"
ok "a file that is another one now" says '^done: 1$'
ok "a file: the one before is kept" \
    line_has /etc/xltune/usb-policy.conf.xltune-old '^ALLOW:$'
use_tree xcp-8.3-efi
mkdir -p "$tree/etc/xensource"
printf '# as it ships\n' >"$tree/etc/xensource/usb-policy.conf"
setup --root "$tree" "$conf"
ok "XAPI's own usb-policy counts" cmp -s "$tmp/usb.conf" \
    "$tree/etc/xensource/usb-policy.conf"

# A failure in the middle: what was done stays, and it goes on from there.
use_tree debian-bios
printf '[boot]\nxen = ucode=scan\n[services]\nenable = xltune-apply\n' >"$conf"
mv "$tmp/bin/systemctl" "$tmp/bin/good"
printf '#!/bin/sh\necho "it is masked" >&2\nexit 1\n' >"$tmp/bin/systemctl"
chmod +x "$tmp/bin/systemctl"
setup --root "$tree" "$conf"
ok "in the middle" code_is 1
ok "in the middle: what was done" says '^set: .boot. xen = ucode=scan$'
ok "in the middle: what failed" grep -q \
    'host.conf:4: xltune-apply: it is masked$' "$tmp/err"
ok "in the middle: what becomes of it" grep -q 'run it again' "$tmp/err"
mv "$tmp/bin/good" "$tmp/bin/systemctl"
setup --root "$tree" "$conf"
ok "in the middle: it goes on" code_is 0
ok "in the middle: with the rest alone" [ "$(grep -c '^set: ' "$tmp/out")" -eq 1 ]

# A host that runs: recorded ones.
cat >"$tmp/bin/on-host" <<X
#!/bin/sh
exec "$BUILD/xltune" --host "$host" "\$@"
X
chmod +x "$tmp/bin/on-host"
XLTUNE=$tmp/bin/on-host
use_host dom0
printf '[dom0]\nmemory = 1g\nvcpus = 1\n[boot]\nxen = ucode=scan\n' >"$conf"
setup --check "$conf"
ok "a host, --check" code_is 2
ok "a host, --check: nothing is changed" untouched
setup --reboot-file "$tmp/reboot" "$conf"
ok "a host" code_is 0
ok "a host: a reboot is needed" says '^reboot needed:$'
ok "a host: what for" says '^  xen ucode: none -> ucode=scan$'
ok "a host: a file says so" grep -q '^  xen ucode: none' "$tmp/reboot"
cp "$host" "$tmp/before"
setup "$conf"
ok "a host again" code_is 0
ok "a host again: nothing" says '^nothing to do$'
ok "a host again: the reboot is still needed" says '^reboot needed:$'
ok "a host again: no change" same_host
# The boot.
sed -i 's/\( *"xen_configured": \)\("[^"]*"\)/\1\2/; s/\(  "command_line": \)"[^"]*"/\1"placeholder dom0_mem=1024M,max:1024M dom0_max_vcpus=1 loglvl=info ucode=scan"/' "$host"
setup --reboot-file "$tmp/reboot" "$conf"
ok "after the boot: nothing" [ "$(cat "$tmp/out")" = "nothing to do" ]
ok "after the boot: no file" [ ! -e "$tmp/reboot" ]

# Checks: what is safe is mended; the rest is told, and counts.
use_host faults
printf '[checks]\nenforce = dom0-swappiness nested-hvm pins-persistent\n' >"$conf"
setup --check "$conf"
ok "checks, --check" code_is 2
ok "checks, --check: nothing is changed" untouched
setup "$conf"
ok "checks: one is mended" says '^done: 1$'
ok "checks: the other one is told" says '^FAIL nested-hvm: db1: '
setup "$conf"
ok "checks: no more to do" says '^nothing to do$'
XLTUNE=/nonexistent setup "$conf"
ok "no xltune" told 'there is no such command: install xltune'
