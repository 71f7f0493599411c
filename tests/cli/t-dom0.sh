# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh source=tests/cli/lib.sh
# dom0's memory and vCPUs: on a recorded host, and in the files of trees.
. ./lib.sh

refused_host=dom0

told()
{
    grep -q "^xltune: $1" "$tmp/err"
}

line_is()
{
    grep -q "\"xen_configured\": \"placeholder $1 loglvl=info\"" "$host"
}

target_is()
{
    grep -q "\"target_kb\": $1," "$host"
}

# What it tells.

use_host dom0
run --host "$host" dom0-mem
ok "dom0-mem" code_is 0
ok "dom0-mem: as expected" expected dom0-mem.txt
run --host "$host" dom0-mem --json
ok "dom0-mem --json" expected dom0-mem.json
run --host "$host" dom0-mem --rule xcp-ng
ok "the other rule" grep -q \
    '^rule  .*: xcp-ng: 1024 MiB + 5 % of (8192 MiB + 256 MiB).* = 1440 MiB$' \
    "$tmp/out"
run --host "$host" dom0-vcpus
ok "dom0-vcpus" expected dom0-vcpus.txt
run --host "$host" dom0-vcpus --json
ok "dom0-vcpus --json" expected dom0-vcpus.json
run --host "$host" dom0 vcpus
ok "dom0 vcpus" cmp -s "$top/tests/cli/expected/dom0-vcpus.txt" "$tmp/out"
run --host "$host" dom0 memory
ok "dom0 memory" cmp -s "$top/tests/cli/expected/dom0-mem.txt" "$tmp/out"
ok "to look changes nothing" untouched
use_host 2x2
run --host "$host" dom0-mem
ok "a snapshot that does not have it" one_error 'Domain-0: it is not known'

# Words.
refused "no such part" 64 'foo: .*say "memory" or "vcpus"' dom0 foo
refused "no part" 64 '' dom0
refused "too many words" 64 '' dom0-mem 4096
refused "no size" 64 '\-\-set: "4q" is no size' dom0-mem --set 4q
refused "a share" 64 'is no size' dom0-mem --set 10%
refused "a part of a MiB" 64 'whole number of MiB' dom0-mem --set 1000k
refused "no number" 64 '\-\-set: "4g" is no number' dom0-vcpus --set 4g
refused "none" 64 'is no number' dom0-vcpus --set 0
refused "no rule" 64 'no such rule "foo"' dom0-mem --rule foo
refused "nothing to set" 64 '\-\-now: there is nothing' dom0-mem --now
refused "nothing to set, dom0" 64 '\-\-boot: there is' dom0 vcpus --boot

# What is refused.
refused "the floor" 1 'Domain-0: 503 MiB are less .*504 MiB or more' \
    dom0-mem --set 503
refused "the host" 1 'the host has 8192 MiB' dom0-mem --set 8g --boot
refused "static-max" 1 'takes a boot: set it for the next boot' \
    dom0-mem --set 2049 --now
refused "more vCPUs" 1 '2 vCPUs: more take a boot' dom0-vcpus --set 3 --now

# Setting.
use_host dom0
run --host "$host" dom0-mem -N --set 1g
ok "a dry run" code_is 0
ok "a dry run: the diff" grep -qx '+autoballoon="off"' "$tmp/out"
ok "a dry run: the line" grep -qx \
    '+placeholder dom0_mem=1024M,max:1024M dom0_max_vcpus=2 loglvl=info' \
    "$tmp/out"
ok "a dry run: the plan" grep -q \
    '^  Domain-0  memory 900 MiB -> 1024 MiB$' "$tmp/out"
ok "a dry run changes nothing" untouched
run --host "$host" dom0-mem --set 1g
ok "set" code_is 0
ok "set: the diff first" grep -qx '+autoballoon="off"' "$tmp/out"
ok "set: now" target_is 1048576
ok "set: at boot" line_is 'dom0_mem=1024M,max:1024M dom0_max_vcpus=2'
ok "set: when that counts" told '.*next boot'
run --host "$host" dom0-mem
ok "set: it is told" grep -q \
    '^next boot *: 1024 MiB, fixed (dom0_mem=1024M,max:1024M)$' "$tmp/out"
ok "set: and no longer" not_there '^note .*not fixed'
run --host "$host" dom0-mem --set 1024
ok "again" code_is 0
ok "again: nothing" quiet_stdout
run --host "$host" rollback
ok "rollback" code_is 0
ok "rollback: as before" same_host

use_host dom0
run --host "$host" dom0-mem --set auto --now
ok "auto, now" target_is 1888256
ok "auto, now: not at boot" line_is 'dom0_mem=900M,max:2048M dom0_max_vcpus=2'
use_host dom0
run --host "$host" dom0-mem --rule xcp-ng --set auto --boot --json
ok "auto, at boot" line_is 'dom0_mem=1440M,max:1440M dom0_max_vcpus=2'
ok "auto, at boot: not now" target_is 921600
ok "JSON alone" json_has '"result": "applied"'
run --host "$host" dom0 mem --set 3g -q
ok "more than static-max" code_is 0
ok "more than static-max: at boot" line_is \
    'dom0_mem=3072M,max:3072M dom0_max_vcpus=2'
ok "more than static-max: not now" told 'Domain-0: not now: .*takes a boot'
ok "--quiet" quiet_stdout

use_host dom0
run --host "$host" dom0-vcpus --set 1
ok "vCPUs" code_is 0
ok "vCPUs: at boot" line_is 'dom0_mem=900M,max:2048M dom0_max_vcpus=1'
run --host "$host" dom0-vcpus
ok "vCPUs: now" grep -q '^vcpus *: 1 of 2 online$' "$tmp/out"
run --host "$host" list Domain-0
ok "vCPUs: listed" grep -q '^Domain-0 *0 *900 *1 ' "$tmp/out"
run --host "$host" dom0 vcpus --set auto
ok "vCPUs: more at boot" line_is 'dom0_mem=900M,max:2048M dom0_max_vcpus=4'
ok "vCPUs: not now" told 'Domain-0: not now'
run --host "$host" rollback -q
run --host "$host" rollback -q
ok "vCPUs: rollback" same_host

# Guests hold the memory.
use_host dom0
sed -i '0,/"free_kb": 3145728/s//"free_kb": 102400/; s/"free_kb": 1572864/"free_kb": 51200/' "$host"
cp "$host" "$tmp/before"
run --host "$host" dom0-mem --set 1g --now
ok "who holds the memory" one_error '124 MiB more, and 100 are free: hvm1 (1024 MiB), .*shut one down'
ok "who holds the memory: left" untouched

# A fault at each step.
while read -r words; do
    for kind in fail half; do
        # shellcheck disable=SC2086
        faults "$kind" dom0 $words
    done
    # shellcheck disable=SC2086
    lies dom0 $words
    # shellcheck disable=SC2086
    kills dom0 $words
done <<X
dom0-mem --set 1g
dom0-vcpus --set 1
X

# A policy.
cat >"$tmp/p.xml" <<X
<policy name="dom0">
  <host><dom0 memory="1G" vcpus="1"/></host>
</policy>
X
use_host dom0
run --host "$host" --policy "$tmp/p.xml" plan
ok "a policy" code_is 2
ok "a policy: memory" grep -q 'Domain-0 *memory 900 MiB -> 1024 MiB' "$tmp/out"
ok "a policy: vCPUs" grep -q 'Domain-0 *vCPUs 2 -> 1' "$tmp/out"
run --host "$host" --policy "$tmp/p.xml" apply --yes -q
ok "a policy: apply" code_is 0
ok "a policy: now" target_is 1048576
ok "a policy: at boot" line_is 'dom0_mem=1024M,max:1024M dom0_max_vcpus=1'
run --host "$host" --policy "$tmp/p.xml" check
ok "a policy: so it is" code_is 0
run --host "$host" rollback -q
ok "a policy: rollback" same_host
sed -i 's/1G/100M/' "$tmp/p.xml"
run --host "$host" --policy "$tmp/p.xml" check
ok "a policy below the floor" code_is 2
ok "a policy below the floor: why" grep -q 'less than what runs in it' "$tmp/out"

# Files alone: what the next boot is to give.
mkdir -p "$tmp/tree/etc/default" "$tmp/tree/etc/xen" "$tmp/tree/proc"
cat >"$tmp/tree/etc/default/grub" <<X
GRUB_DEFAULT=0
GRUB_CMDLINE_LINUX="quiet"
GRUB_CMDLINE_XEN="dom0_mem=min:512M,2G loglvl=all" # as it was
X
echo 'autoballoon="auto" # of xl' >"$tmp/tree/etc/xen/xl.conf"
cp -r "$tmp/tree" "$tmp/tree.before"
run --root "$tmp/tree" dom0-mem --set 4g --boot
ok "files" code_is 0
ok "files: grub" grep -qx \
    'GRUB_CMDLINE_XEN="dom0_mem=min:512M,4096M,max:4096M loglvl=all" # as it was' \
    "$tmp/tree/etc/default/grub"
ok "files: xl.conf" grep -qx 'autoballoon="off" # of xl' \
    "$tmp/tree/etc/xen/xl.conf"
run --root "$tmp/tree" dom0-vcpus --set 4 --boot
ok "files: vCPUs" grep -q 'loglvl=all dom0_max_vcpus=4"' \
    "$tmp/tree/etc/default/grub"
run --root "$tmp/tree" rollback -q
run --root "$tmp/tree" rollback -q
ok "files: rollback of grub" cmp "$tmp/tree.before/etc/default/grub" \
    "$tmp/tree/etc/default/grub"
ok "files: rollback of xl.conf" cmp "$tmp/tree.before/etc/xen/xl.conf" \
    "$tmp/tree/etc/xen/xl.conf"
run --root "$tmp/tree" dom0-mem --set 4g --now
ok "files: not now" one_error 'Domain-0: it is not known what its balloon'

# As distributions have it: what is written, and all of it back.
same_tree()
{
    for same_folder in etc boot; do
        [ -e "$tmp/$1.before/$same_folder" ] || continue
        diff -r -x '*.xltune-old' "$tmp/$1.before/$same_folder" \
            "$tmp/$1/$same_folder" || return
    done
}

while read -r tree file mem vcpus; do
    sh "$top/tests/trees/make" "$tree" "$tmp/$tree" >/dev/null
    cp -r "$tmp/$tree" "$tmp/$tree.before"
    run --root "$tmp/$tree" dom0-mem --set 5g --boot
    ok "$tree" code_is 0
    run --root "$tmp/$tree" dom0-vcpus --set 3 --boot
    ok "$tree: memory" grep -q "[ \"=]$mem[ \"]" "$tmp/$tree$file"
    ok "$tree: vCPUs" grep -q "[ \"=]$vcpus[ \"]*" "$tmp/$tree$file"
    run --root "$tmp/$tree" rollback -q
    run --root "$tmp/$tree" rollback -q
    ok "$tree: rollback" same_tree "$tree"
done <<X
debian-bios /etc/default/grub.d/zz-local.cfg dom0_mem=5120M,max:5120M dom0_max_vcpus=3
tumbleweed-efi /etc/default/grub dom0_mem=5120M,max:5120M dom0_max_vcpus=3
fedora-efi /etc/default/grub dom0_mem=5120M,max:5120M dom0_max_vcpus=3
xcp-8.2-bios /boot/grub/grub.cfg dom0_mem=5120M,max:5120M dom0_max_vcpus=1-3
xcp-8.3-efi /boot/efi/EFI/xenserver/grub.cfg dom0_mem=5120M,max:5120M dom0_max_vcpus=1-3
xen-cfg-efi /boot/efi/EFI/xen/xen.cfg dom0_mem=5120M,max:5120M dom0_max_vcpus=3
X
