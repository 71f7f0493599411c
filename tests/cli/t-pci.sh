# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh source=tests/cli/lib.sh
# PCI devices: looking at them, what stands against giving one away, and the
# verbs that take them from dom0 and give them to domains.
. ./lib.sh

refused_host=pci

# No names of devices: which there are depends on the machine.
show()
{
    run "$@" --root "$tmp/none" --host "$host"
}

assignable()
{
    run pci-assignable-list --host "$host"
    sed 's/^0000://; s/ $//' "$tmp/out" | tr '\n' ' '
}

devices_of()
{
    run pci-list "$1" --host "$host"
    sed 1d "$tmp/out" | tr '\n' ';'
}

driver_of()
{
    show pci-show "$1"
    sed -n 's/^driver *: //p' "$tmp/out"
}

silent()
{
    code_is 0 && quiet_stdout && [ ! -s "$tmp/err" ]
}

undone()
{
    run rollback --quiet --host "$host"
    code_is 0 && same_host
}

in_history()
{
    run history --host "$host"
    grep -q -- " $1\$" "$tmp/out"
}

nothing_done()
{
    code_is 0 && json_has '"result": "nothing"'
}

listed="82:02.1 83:00.0 85:00.0 "

# Looking.

use_host pci
run snapshot --host "$host"
ok "snapshot" cmp -s "$tmp/out" "$host"
while read -r words; do
    name=$(echo "$words" | sed 's/ --json/.json/; s/[ :]/-/g')
    # shellcheck disable=SC2086
    show $words
    ok "$words" code_is 0
    ok "$words: as expected" expected "pci.$name"
done <<X
pci-assignable-list
pci-assignable-list -n
pci-assignable-list --json
pci-list hvm1
pci-list hvm1 --json
pci-show
pci-show 00:17.0
pci-show 01:00.0
pci-show 82:00.0
pci-show 82:02.0
pci-show 84:00.0
pci-show nic
pci-show nic --json
pci-show 0000:00:14.0 --json
sriov-list
sriov-list --json
X
show pci-list Domain-0
ok "dom0 was given none: as xl, nothing" silent
show pci-list pv1
ok "a domain without devices: as xl, nothing" silent
show pci-show --json
ok "all as JSON" json_has '"schema": "xtune\/pci\/1"'
ok "all as JSON: each of them" \
    [ "$(grep -c '^      "address": ' "$tmp/out")" -eq \
    "$(grep -c '^      "address": ' "$host")" ]
ok "nothing has changed" untouched
sed 's/"pciback": "builtin"/"pciback": "missing"/; s/"assignable": true/"assignable": false/
    s/"pciback"/"vfio-pci"/' "$hosts/pci.json" >"$host"
sed -i 's/"vfio-pci": "missing"/"pciback": "missing"/' "$host"
run pci-assignable-list --host "$host"
ok "without pciback" code_is 1
ok "without pciback: says so" one_error 'pciback: .*CONFIG_XEN_PCIDEV_BACKEND'

# Names.

use_host pci
mkdir -p "$tmp/root/usr/share/misc"
printf '%s\n' '8086  Intel Corporation' '	100e  82540EM \033[31m Controller' \
    '		1af4 1100  QEMU Virtual Machine' 'C 02  Network controller' \
    '	00  Ethernet controller' >"$tmp/root/usr/share/misc/pci.ids"
run pci-show 04:00.0 --host "$host" --root "$tmp/root"
ok "names: class" grep -qx 'class *: 020000 (Ethernet controller)' "$tmp/out"
ok "names: vendor" grep -qx 'vendor *: 8086 (Intel Corporation)' "$tmp/out"
ok "names: subsystem" grep -qx \
    'subsystem *: 1af4:1100 (QEMU Virtual Machine)' "$tmp/out"
run pci-show --host "$host" --root "$tmp/root"
ok "names: in the table" grep -q \
    '^0000:04:00.0 .* Ethernet controller: Intel Corporation 82540EM' \
    "$tmp/out"
ok "names: some have none" grep -q '^0000:81:00.0 .* 010802: 144d:a808$' \
    "$tmp/out"
run pci-show 04:00.0 --host "$host" --root "$tmp/root" --json
ok "names: as JSON" grep -q '"vendor_name": "Intel Corporation"' "$tmp/out"
printf 'C 02  Network controller\n\tzz\n\t00  Ethernet controller\n' \
    >"$tmp/root/usr/share/misc/pci.ids"
run pci-show 04:00.0 --host "$host" --root "$tmp/root"
ok "damaged names: no error" code_is 0
ok "damaged names: nothing said" [ ! -s "$tmp/err" ]

# What stands against it.

while read -r want words; do
    # shellcheck disable=SC2086
    show pci-check $words
    ok "pci-check $words" code_is "$want"
    ok "pci-check $words: as expected" expected \
        "pci.pci-check-$(echo "$words" | tr ' :*' '---')"
done <<X
2 00:01.0
2 00:14.0
2 00:17.0
2 01:00.0
0 01:00.*
2 02:00.0
2 03:00.0
2 04:00.0 hvm2
2 05:00.0
2 05:00.*
2 81:00.0 hvm2
2 81:00.0 pvh1
2 82:02.0 pv1
0 82:02.1
2 84:00.0
2 86:00.0
X
show pci-check 81:00.0 hvm2 --json
ok "pci-check as JSON" code_is 2
ok "pci-check as JSON: as expected" expected pci.pci-check.json
ok "pci-check: nothing has changed" untouched

# From dom0, and back.

use_host pci
run pci-assignable-add 04:00.0 --host "$host"
ok "add" silent
ok "add: done" [ "$(assignable)" = "04:00.0 $listed" ]
ok "add: history" in_history "pci-assignable-add 04:00.0"
run pci-assignable-add 04:00.0 --host "$host" --json
ok "add again" nothing_done
ok "add: undone" undone
run pci-assignable-add -n card 0000:04:00.0 --host "$host"
ok "add -n" silent
run pci-assignable-list -n --host "$host"
ok "add -n: its name" grep -qx '0000:04:00.0 card' "$tmp/out"
run pci-assignable-remove card --host "$host"
ok "remove by name" silent
ok "remove: done" [ "$(assignable)" = "$listed" ]
ok "remove: no driver" [ "$(driver_of 04:00.0)" = none ]
run rollback --quiet --host "$host"
run pci-assignable-remove -r card --host "$host"
ok "remove -r" silent
ok "remove -r: its driver" [ "$(driver_of 04:00.0)" = e1000 ]
ok "remove -r: as it was" same_host
run pci-assignable-remove -r 04:00.0 --host "$host" --json
ok "remove -r again" nothing_done
run pci-assignable-add 01:00.1 01:00.0 01:00.1 --host "$host"
ok "add two functions" silent
ok "add two functions: done" [ "$(assignable)" = "01:00.0 01:00.1 $listed" ]
ok "add two functions: undone" undone
run pci-assignable-add -n gpu 83:00.0 --host "$host"
ok "add -n of one that is" silent
run pci-assignable-list -n --host "$host"
ok "add -n of one that is: its name" grep -qx '0000:83:00.0 gpu' "$tmp/out"
ok "add -n of one that is: undone" undone
run pci-assignable-add 84:00.0 --host "$host"
ok "add ends a stale claim" silent
ok "add ends a stale claim: done" \
    [ "$(assignable)" = "82:02.1 83:00.0 84:00.0 85:00.0 " ]
ok "add ends a stale claim: undone" undone
run pci-assignable-remove -r 85:00.0 --host "$host"
ok "remove -r of one that was hidden at boot" code_is 0
ok "remove -r of one that was hidden: done" \
    [ "$(assignable)" = "82:02.1 83:00.0 " ]

# Guards.

use_host pci
sed 's/"claimed_by": 77/"claimed_by": 4/' "$hosts/pci.json" >"$host"
cp "$host" "$tmp/before"
run pci-assignable-add 84:00.0 --host "$host"
ok "guard claim" code_is 1
ok "guard claim: says so" one_error '84:00.0: .*hvm2.*--force=claim'
ok "guard claim: untouched" untouched
run pci-assignable-add --force=claim 84:00.0 --host "$host"
ok "guard claim: --force=claim" silent
ok "guard claim: --force=claim: undone" undone
while read -r guard address; do
    refused "guard $guard" 1 "$address: .*--force=$guard" \
        pci-assignable-add "$address"
    refused "guard $guard: --force alone" 1 "--force=$guard" \
        pci-assignable-add --force "$address"
    refused "guard $guard: another one" 1 "--force=$guard" \
        pci-assignable-add --force=claim "$address"
    for force in "$guard" "$guard,claim" all; do
        use_host pci
        run --force="$force" pci-assignable-add "$address" --host "$host"
        ok "guard $guard: --force=$force" code_is 0
        ok "guard $guard: --force=$force: done" \
            [ "$(driver_of "$address")" = pciback ]
        ok "guard $guard: --force=$force: undone" undone
    done
done <<X
disk 0000:00:17.0
network 0000:03:00.0
display 0000:02:00.0
keyboard 0000:00:14.0
siblings 0000:05:00.0
unknown 0000:86:00.0
X
refused "guard bridge" 1 '0000:00:01.0: .*--force=bridge' \
    pci-assignable-add 00:01.0
for words in --force=nosuch --force= "--force=disk," --force=disk,,network \
    --force=Disk; do
    refused "$words" 64 '--force: there is no guard ".*": give all, or some of disk' \
        pci-assignable-add $words 00:17.0
done
use_host pci
run pci-assignable-add 04:00.0 --host "$host"
sed -i 's/"former_driver": "e1000"/"former_driver": "igb"/' "$host"
run rollback --quiet --force=all --host "$host"
ok "--force=all is not --force" code_is 1
run rollback --quiet --force --host "$host"
ok "--force is" code_is 0
refused "--force NAME: the name is an argument" 1 'disk: ' \
    pci-assignable-add --force disk

# To a domain, and back.

use_host pci
run pci-attach hvm2 83:00.0 1f --host "$host"
ok "attach" silent
ok "attach: done" [ "$(devices_of hvm2)" = "1f.0 0000:83:00.0;" ]
ok "attach: assignable no longer" [ "$(assignable)" = "82:02.1 85:00.0 " ]
ok "attach: history" in_history "pci-attach hvm2 83:00.0 1f"
run pci-attach hvm2 83:00.0 --host "$host" --json
ok "attach again" nothing_done
run pci-detach hvm2 83:00.0 --host "$host"
ok "detach" silent
ok "detach: done" [ "$(devices_of hvm2)" = "" ]
ok "detach: as it was" same_host
run pci-attach hvm2 name=nic,permissive=1 --host "$host"
ok "attach by name" silent
ok "attach by name: undone" undone
run pci-attach 2 82:02.1@6 --host "$host"
ok "attach to a domain with one" silent
ok "attach to a domain with one: both" [ "$(devices_of hvm1)" = \
    "05.0 0000:82:02.0;06.0 0000:82:02.1;" ]
run pci-detach -f hvm1 82:02.0 --host "$host"
ok "detach -f" silent
ok "detach -f: done" [ "$(devices_of hvm1)" = "06.0 0000:82:02.1;" ]
ok "detach -f: history" in_history "pci-detach -f hvm1 82:02.0"
run rollback --quiet --host "$host"
ok "detach: undone" [ "$(devices_of hvm1)" = \
    "06.0 0000:82:02.1;05.0 0000:82:02.0;" ]
use_host pci
run pci-attach pv1 04:00.0,seize=1 --host "$host"
ok "attach with seize" silent
ok "attach with seize: undone" undone
run pci-attach hvm2 '01:00.*@4,seize=1' --host "$host"
ok "attach of all functions" one_error 'hvm2: each function has a slot'
ok "attach of all functions: done, the first last" \
    [ "$(devices_of hvm2)" = "05.0 0000:01:00.1;04.0 0000:01:00.0;" ]
ok "attach of all functions: undone" undone
run pci-attach hvm2 '01:00.*,seize=1' --host "$host"
ok "attach of all functions: anywhere" \
    [ "$(devices_of hvm2)" = "00.0 0000:01:00.1;00.0 0000:01:00.0;" ]
ok "attach of all functions: anywhere, undone" undone
run pci-attach pv1 '01:00.*@4,seize=1' --host "$host"
ok "attach of all functions to a PV guest: one slot" \
    [ "$(devices_of pv1)" = "04.1 0000:01:00.1;04.0 0000:01:00.0;" ]
ok "attach of all functions to a PV guest: undone" undone
refused "all functions beyond the last slot" 1 'hvm2: 2 functions need' \
    pci-attach hvm2 '01:00.*@1f,seize=1'
refused "seize heeds guards" 1 '0000:00:17.0: .*--force=disk' \
    pci-attach hvm2 00:17.0,seize=1
refused "attach of what dom0 has" 1 \
    '0000:04:00.0: it is not assignable.*xltune pci-assignable-add 0000:04' \
    pci-attach hvm2 04:00.0
refused "attach of what another domain has" 1 \
    '0000:82:02.0: .*domain "hvm1" has it.*pci-detach' \
    pci-attach hvm2 82:02.0
refused "attach to a PVH guest" 1 'pvh1: .*PVH' pci-attach pvh1 83:00.0
refused "attach to dom0" 1 'Domain-0' pci-attach 0 83:00.0
refused "attach to nobody" 1 'nosuch: no such domain' \
    pci-attach nosuch 83:00.0
refused "detach of what it has not" 1 '83:00.0' pci-detach hvm2 83:00.0
refused "detach from nobody" 1 'nosuch: no such domain' \
    pci-detach nosuch 83:00.0
refused "remove of what a domain has" 1 '0000:82:02.0: .*hvm1' \
    pci-assignable-remove 82:02.0
refused "list of nobody" 1 'nosuch: no such domain' pci-list nosuch
refused "check for nobody" 1 'nosuch: no such domain' \
    pci-check 83:00.0 nosuch

# Bad input: one clear line, and nothing is changed.

for address in "" 00:1f 00:1f.8 00:20.0 0000:00:1f.0junk 12345:00:1f.0 \
    00:1f.0. " 00:1f.0" 0000:00:1f.0.0 00:1f.-1 100:00.0 0x00:1f.0 ../.. \
    04:00.1 nosuch; do
    for verb in pci-assignable-add pci-assignable-remove pci-show pci-check \
        "pci-attach hvm2" "pci-detach hvm1"; do
        # shellcheck disable=SC2086
        refused "$verb '$address'" 1 . $verb "$address"
    done
done
for spec in 83:00.0@0 83:00.0@20 83:00.0@zz 83:00.0@ 83:00.0,vslot=5,vslot=6 \
    83:00.0@5,vslot=5 83:00.0,permissive=2 83:00.0,nosuch=1 \
    83:00.0,name=nic name= name=nosuch 83:00.0,permissive=1,permissive=1 \
    83:00.0,rdm_policy=garbage '83:00.0*' '83:*' '*' ,83:00.0; do
    refused "pci-attach '$spec'" 1 . pci-attach hvm2 "$spec"
done
for slot in 0 20 zz "" 5x 0x5 005; do
    refused "pci-attach VSLOT '$slot'" 64 'VSLOT: .*no slot' \
        pci-attach hvm2 83:00.0 "$slot"
done
refused "two slots" 1 '83:00.0@5: it has a slot already' \
    pci-attach hvm2 83:00.0@5 6
for name in "$(printf 'a\tb')" "$(printf '%065d' 0 | tr 0 x)" nic; do
    refused "name '$(printf %.9s "$name")'" 1 04:00.0 \
        pci-assignable-add -n "$name" 04:00.0
done
refused "an empty name" 64 'needs a value' pci-assignable-add -n "" 04:00.0
refused "one name for two" 64 'name them one by one' \
    pci-assignable-add -n x 04:00.0 81:00.0
for verb in pci-assignable-add pci-assignable-remove pci-list pci-attach \
    "pci-attach hvm2" pci-detach "pci-detach hvm1" pci-check; do
    # shellcheck disable=SC2086
    refused "$verb without all words" 64 missing $verb
done
refused "pci-list of two" 64 'too many' pci-list hvm1 hvm2
refused "sriov-list of one" 64 'too many' sriov-list 82:00.0
refused "pci-assignable-list of one" 64 'too many' pci-assignable-list 83:00.0

# What would be done.

use_host pci
while read -r words; do
    name=$(echo "$words" | sed 's/[ :@*]/-/g')
    # shellcheck disable=SC2086
    run pci-$words --dry-run --host "$host"
    ok "$words -N" code_is 0
    sed "s|$host|HOST|" "$tmp/out" >"$tmp/cut" && mv "$tmp/cut" "$tmp/out"
    ok "$words -N: as expected" expected "pci.pci-$name"
    # shellcheck disable=SC2086
    run pci-$words -N --json --host "$host"
    ok "$words -N --json" json_has '"schema": "xtune\/plan\/1"'
    ok "$words -N: nothing is changed" untouched
done <<X
assignable-add -n card 04:00.0
assignable-remove -r nic
attach hvm2 83:00.0@6
attach hvm2 01:00.*@4,seize=1
detach -f hvm1 82:02.0
X
