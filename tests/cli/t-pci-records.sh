# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh source=tests/cli/lib.sh
# Devices that are kept: pci-assign and pci-unassign, --persist, sriov-set, and
# what plan, apply and create make of them.
. ./lib.sh

refused_host=pci
hvm2=00000004-0000-4000-8000-000000000004
gone=11111111-0000-4000-8000-00000000000a
record=$host.d/records/$hvm2.json
devices=$host.d/devices.json
warn=$tmp/err

plan()
{
    run "$@" --host "$host" --root "$tmp/none"
}

# "object: change" of each action that is printed.
changes()
{
    sed -n 's/^\[.*\] //p' "$tmp/out" | tr '\n' ';'
}

# Keeping.

use_host pci
run pci-assign hvm2 83:00.0 --slot 6 --permissive --host "$host"
ok "pci-assign" code_is 0
ok "it says when" grep -q 'hvm2: it is attached when .*starts next' "$warn"
ok "it is quiet" quiet_stdout
ok "the host is as it was" same_host
ok "what is kept" grep -q '"slot": 6' "$record"
ok "the identity is kept" grep -q '"path": "pci0000:80/03.0/00.0"' "$record"
ok "the mode of the record" [ "$(stat -c %a "$record")" = 600 ]
run pci-assign hvm2 04:00.0 --host "$host" --json
ok "one more as JSON" json_has '"result": "kept"'
run pci-assigned-list --host "$host"
ok "pci-assigned-list" expected pci-assigned-list
run pci-assigned-list hvm2 --host "$host" --json
ok "pci-assigned-list as JSON" expected pci-assigned-list.json
run pci-assigned-list pv1 --host "$host"
ok "pci-assigned-list of one without" quiet_stdout

# Plan and apply.

plan plan
ok "plan" code_is 2
sed -i "s|$tmp/dir/||" "$tmp/out"
ok "what plan prints" expected pci-records.plan
cp "$host" "$tmp/kept"
plan apply --yes
ok "apply" code_is 0
ok "assignable first, then in the order given" [ "$(changes)" = \
    "0000:04:00.0: driver e1000 -> pciback;hvm2/0000:83:00.0: given, at 06.0, permissive;hvm2/0000:04:00.0: given;" ]
plan plan
ok "then there is nothing to do" code_is 0
run pci-list hvm2 --host "$host"
ok "the domain has them" grep -q '^06.0 0000:83:00.0$' "$tmp/out"
run pci-assigned-list --host "$host"
ok "they are attached" [ "$(grep -c 'attached$' "$tmp/out")" -eq 2 ]
# A device that no record names is a person's.
run pci-attach pv1 82:02.1 --host "$host"
plan check
ok "another one is left alone" code_is 0
run pci-detach pv1 82:02.1 --host "$host" && run rollback --host "$host"
run rollback --host "$host"
plan rollback
ok "rollback" code_is 0
ok "it says what is kept" grep -q 'keeps devices for it.*pci-unassign hvm2 all' \
    "$warn"
ok "the host is as before" cmp -s "$host" "$tmp/kept"

# Every step may fail.
for fault in fail:1 half:1 lie:1 fail:2 half:2 fail:4 half:4 lie:5 half:6; do
    use_host pci
    run pci-assign hvm2 83:00.0 04:00.0 --host "$host"
    XLTUNE_FAULT=$fault
    export XLTUNE_FAULT
    plan apply --yes
    unset XLTUNE_FAULT
    ok "apply with $fault" [ "$code" -ne 0 ]
    plan apply --yes -q
    ok "and then once more" code_is 0
    plan plan
    ok "and nothing is left to do" code_is 0
done

# At once.

use_host pci
run pci-assign hvm2 04:00.0 --now --host "$host"
ok "--now" code_is 0
run pci-list hvm2 --host "$host"
ok "--now attaches it" grep -q '0000:04:00.0$' "$tmp/out"
ok "and it is kept" grep -q '0000:04:00.0' "$record"
run history --host "$host"
ok "the history says so" grep -q 'pci-assign --now hvm2 04:00.0$' "$tmp/out"
run pci-unassign hvm2 04:00.0 --now --host "$host"
ok "pci-unassign --now" code_is 0
ok "it is kept no longer" [ ! -e "$record" ]
run pci-list hvm2 --host "$host"
ok "nor does the domain have it" quiet_stdout
use_host pci
run pci-assign pvh1 04:00.0 --force --now --host "$host"
ok "--now of what cannot be" code_is 1
ok "it says why" grep -q 'pvh1/0000:04:00.0: .*PVH' "$warn"
ok "keeps nothing" [ ! -e "$host.d/records" ]

# Forgetting.

use_host pci
run pci-assign hvm2 83:00.0 04:00.0 81:00.0 --force --host "$host"
run pci-unassign hvm2 nic --host "$host"
ok "pci-unassign by name" code_is 0
ok "that one alone" [ "$(grep -c '"address"' "$record")" -eq 2 ]
run pci-unassign hvm2 83:00.0 --host "$host"
ok "one that is not kept" code_is 1
ok "one that is not kept: one line" one_error '83:00.0: it is not kept for .*hvm2'
run pci-unassign hvm2 all --host "$host" --json
ok "all" json_has '"result": "forgotten"'
ok "all: the record is gone" [ ! -e "$host.d/records" ]
run pci-unassign hvm2 all --host "$host" --json
ok "nothing more" json_has '"result": "nothing"'

# A domain that does not run.

use_host pci
run pci-assign "$(echo $gone | tr a-f A-F)" 04:00.0 --host "$host"
ok "by its uuid" code_is 0
ok "no word of when" quiet_stdout
ok "in small letters" [ -e "$host.d/records/$gone.json" ]
plan plan
ok "its device is made assignable" grep -q '^1 change' "$tmp/out"
sed -i 's/"name": ""/"name": "web9"/' "$host.d/records/$gone.json"
run pci-assign web9 83:00.0 --host "$host"
ok "then by its name" code_is 0
ok "in the same record" [ "$(grep -c '"address"' "$host.d/records/$gone.json")" -eq 2 ]
run pci-assign hvm2 83:00.0 --host "$host"
ok "a device is one domain's" one_error \
    "0000:83:00.0: .*\"web9\".*pci-unassign $gone 0000:83:00.0"
run pci-unassign web9 all --host "$host"
ok "forgotten by name" [ ! -e "$host.d/records" ]

refused "no such domain" 1 'nosuch: no such domain runs.*uuid' \
    pci-assign nosuch 04:00.0
refused "dom0" 1 'dom0 has all' pci-assign Domain-0 04:00.0
refused "no such device" 1 '09:00.0' pci-assign hvm2 09:00.0
refused "no address" 1 '04:00.0x' pci-assign hvm2 04:00.0x
refused "a guard" 1 'disk' pci-assign hvm2 00:17.0
refused "what will not work" 1 'extra_guest_irqs.*--force' \
    pci-assign hvm2 81:00.0
refused "a slot that is none" 64 '"20" is no slot' \
    pci-assign hvm2 04:00.0 --slot 20
refused "slot 0" 64 'no slot' pci-assign hvm2 04:00.0 --slot 0
refused "one slot for two" 64 'cannot have one slot' \
    pci-assign hvm2 04:00.0 83:00.0 --slot 6
refused "no device" 64 'argument' pci-assign hvm2
use_host pci
run pci-assign hvm2 00:17.0 --force=disk --host "$host"
ok "a guard that is overridden" code_is 0

# Records by hand are read strictly.
use_host pci
run pci-assign hvm2 04:00.0 --host "$host"
sed -i 's/"0000:04:00.0"/"04:00.0"/' "$record"
for words in plan check "apply --yes" "pci-assign hvm1 83:00.0"; do
    # shellcheck disable=SC2086
    plan $words
    ok "a damaged record: $words" code_is 1
    ok "a damaged record: $words: one line" one_error \
        "$hvm2.json:7: member \"address\" is not an address"
done

# Devices that are not what they were.
use_host pci
run pci-assign hvm2 04:00.0 --host "$host"
sed -i 's/"device": "100e"/"device": "100f"/' "$host"
plan check
ok "another device" code_is 2
ok "is blocked" grep -q 'blocked: another device is here now' "$tmp/out"
plan apply --yes
ok "and never given away" grep -q '^Nothing to do' "$tmp/out"

# Kept of the host.

use_host pci
run pci-assignable-add 04:00.0 -n mine --persist --host "$host"
ok "pci-assignable-add --persist" code_is 0
ok "it is kept" grep -q '"name": "mine"' "$devices"
run rollback -q --host "$host"
plan check
ok "check tells what is not assignable" grep -q \
    '0000:04:00.0  driver e1000 -> pciback, name - -> mine' "$tmp/out"
plan apply --yes -q
plan check
ok "apply makes it so" code_is 0
run pci-assignable-remove 04:00.0 -r --persist --host "$host"
ok "pci-assignable-remove --persist" [ ! -e "$devices" ]
plan plan
ok "no record is left" code_is 1

use_host pci
run pci-assignable-add 00:17.0 --force=disk --persist --host "$host"
run rollback -q --host "$host"
plan check
ok "a guard's word" grep -q 'blocked: 0000:00:17.0: "/" is mounted' "$tmp/out"
plan check --force=disk
ok "is overridden by its name" not_there blocked

# Virtual functions.

refused "a guest has one" 1 'hvm1.* has it' sriov-set 82:00.0 4
refused "too many" 1 'more than the 8' sriov-set 82:00.0 9
refused "none at all" 1 'no virtual functions' sriov-set 04:00.0 1
for number in "" x -1 1x 65536 0x1; do
    refused "number '$number'" 64 'no number' sriov-set 82:00.0 -- "$number"
done
refused "none to be assignable" 64 'no virtual functions to make' \
    sriov-set 82:00.0 0 --assignable
use_host pci
run pci-detach hvm1 82:02.0 --host "$host"
run sriov-set 82:00.0 0 --host "$host" -N
ok "--dry-run" grep -q 'virtual functions 2 -> 0' "$tmp/out"
run sriov-set 82:00.0 4 --assignable --persist --host "$host"
ok "sriov-set" code_is 0
ok "sriov-set keeps it" grep -q '"vfs_assignable": true' "$devices"
run sriov-list --host "$host"
ok "they are there" grep -q '^0000:82:00.0 *8 *4 ' "$tmp/out"
plan plan
ok "nothing is to be done then" code_is 0
run rollback -q --host "$host"
plan plan
ok "a note of what comes then" grep -q \
    'note: 0000:82:00.0: its virtual functions are made assignable when' \
    "$tmp/out"
plan apply --yes
ok "apply makes them" [ "$(changes)" = "0000:82:00.0: virtual functions 2 -> 4;" ]
plan plan
ok "and nothing is left" code_is 0
run sriov-set 82:00.0 0 --persist --host "$host"
ok "with 0 nothing is kept" [ ! -e "$devices" ]

# create gives them to xl.

if "$BUILD/xltune" create -N /dev/null name=x memory=64 --host "$hosts/pci.json" \
    2>&1 | grep -q libxlutil; then
    exit 0
fi
use_host pci
cat >"$tmp/web9.cfg" <<X
name = "web9"
type = "hvm"
uuid = "$gone"
memory = 128
pci = [ "82:02.1,permissive=1" ]
X
cat >"$tmp/p.xml" <<X
<policy name="near"><domains match="name:web9">
  <numa placement="auto" mode="hard"/><devices numa="required"/>
</domains></policy>
X
create()
{
    run create -N "$tmp/web9.cfg" "$@" --host "$host" --policy "$tmp/p.xml"
}
run pci-assign $gone 81:00.0 83:00.0 82:02.1 --force --host "$host"
create
ok "create" code_is 0
ok "the record's behind the file's" grep -q \
    "'pci=\[\"82:02.1,permissive=1\", \"0000:81:00.0\", \"0000:83:00.0\"\]'" \
    "$tmp/out"
ok "beside them" grep -q '^web9: node 1: ' "$tmp/out"
ok "one is made assignable" grep -q 'device 0000:81:00.0 is made assignable' "$warn"
ok "and only one" [ "$(grep -c 'made assignable' "$warn")" -eq 1 ]
create 'type="pvh"' 'pci=[]'
ok "not for PVH" one_error 'Xen gives none to a PVH guest'
sed -i 's/"device": "10d3"/"device": "10d4"/' "$host"
create
ok "another device" one_error '0000:83:00.0: another device is here now'
create --force
ok "--force makes it without" grep -q '"0000:81:00.0"\]' "$tmp/out"
use_host pci
run pci-assign $gone 03:00.0 --force=network --host "$host"
create
ok "a guard" one_error 'default route'
create --force=network
ok "a guard that is overridden" code_is 0

# After a boot, nothing being kept: what the hide list of this boot names.

use_host pci
sed -i 's/\("dom0_running": .*hide=(0000:85:00.0)\)/\1(04:00.0)(0000:00:17.0)/' \
    "$host"
plan plan
ok "nothing is kept" one_error 'no such file\|cannot open'
plan plan --at-boot
ok "hidden, but not from dom0" code_is 2
ok "it is to be assignable" grep -q '0000:04:00.0  driver e1000 -> pciback' \
    "$tmp/out"
ok "but not the disk under /" grep -q '0000:00:17.0.*/.*is mounted' "$tmp/out"
plan check --at-boot --quiet
ok "check says so" code_is 2
plan apply --at-boot --yes
ok "apply" [ "$(changes)" = "0000:04:00.0: driver e1000 -> pciback;" ]
plan plan --at-boot
ok "then there is nothing to do" code_is 0
