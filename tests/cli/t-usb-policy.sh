# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh source=tests/cli/lib.sh
# The usb-policy: what is wrong with it, what it says, and changing it.
. ./lib.sh

refused_host=usb
conf=$tmp/usb-policy.conf
shipped=$top/policies/usb-policy.conf

rules()
{
    # shellcheck disable=SC2059 # with escapes
    printf "$1" >"$conf"
}

told()
{
    grep -q "^xltune: $1" "$tmp/err"
}

# check: files, without any host.

run usb-policy check "$shipped"
ok "check: the one that ships is clean" code_is 0
ok "check: how many rules" grep -q \
    'usb-policy.conf: 11 rules, and nothing is wrong with them$' "$tmp/out"
run usb-policy check "$shipped" --json
ok "check as JSON" json_has '"schema": "xtune/usb-policy-check/1"'
ok "check as JSON: rules" json_has '"rules": 11'
ok "check as JSON: no findings" json_has '"findings": \[\]'

rules 'ALLOW:\nDENY: class=03 # never\n'
run usb-policy check "$conf"
ok "check: a warning" code_is 2
ok "check: which rule" grep -q \
    "^WARN shadowed: $conf:2: \"DENY: class=03\" can never match: line 1" \
    "$tmp/out"
run usb-policy check "$conf" --json
ok "check: a warning as JSON" code_is 2
ok "check: its name" json_has '"name": "shadowed"'

rules 'DENY: class=09\nALLOW:\n'
run usb-policy check "$conf"
ok "check: a note is no warning" code_is 0
ok "check: of hubs" grep -q "^NOTE hub: $conf:1: " "$tmp/out"

rules '# \303\251\nALLOW: vid=056a psid=0314\n'
run usb-policy check "$conf"
ok "check: refused" code_is 1
ok "check: line, column and reason" one_error \
    "$conf:2:17: \"psid\" is no key: use class, .*no device at all can be"
ok "check: nothing else" quiet_stdout
run usb-policy check "$conf" --json
ok "check: refused as JSON" json_has '"code": "invalid"'
head -c 4096 /dev/zero >"$conf"
run usb-policy check "$conf"
ok "check: binary data" code_is 1
ok "check: binary data: where" one_error "$conf:1:1: there is a NUL byte"
run usb-policy check "$tmp/none"
ok "check: no such file" code_is 1
ok "check: no such file: which" one_error "$tmp/none: cannot open it"

# check: the one that counts, below a root.

mkdir -p "$tmp/root/etc/xensource"
printf 'ALLOW: vid=0951 serial=A\nALLOW:\n' \
    >"$tmp/root/etc/xensource/usb-policy.conf"
run --root "$tmp/root" usb-policy check
ok "check: without a host" code_is 2
ok "check: without a host: XAPI's file" grep -q \
    '^WARN extension: /etc/xensource/usb-policy.conf:1: XAPI' "$tmp/out"
ok "check: without a host: what is not told" told 'usb-policy: .*not told'
printf '# mine\n\nALLOW:\n' >"$tmp/root/etc/xensource/usb-policy.conf"
run --root "$tmp/root" usb-policy check
ok "check: a blank line in XAPI's file" code_is 2
ok "check: a blank line in XAPI's file: which" grep -q \
    '^WARN extension: /etc/xensource/usb-policy.conf:2: XAPI, .* fails on' \
    "$tmp/out"

# One that has a NUL in it: the same is said of the file and of the host's.
while read -r where text; do
    # Octal numbers in it.
    # shellcheck disable=SC2059
    printf "$text" >"$tmp/root/etc/xensource/usb-policy.conf"
    run usb-policy check "$tmp/root/etc/xensource/usb-policy.conf"
    sed "s,$tmp/root,," "$tmp/err" >"$tmp/of-file"
    run --root "$tmp/root" usb-policy check
    ok "check: a NUL at $where" code_is 1
    ok "check: a NUL at $where: where" told ".*/usb-policy.conf:$where: "
    sed '/no Xen\|not told/d' "$tmp/err" >"$tmp/of-host"
    ok "check: a NUL at $where: as of the file" \
        cmp -s "$tmp/of-file" "$tmp/of-host"
done <<X
2:7 ALLOW:\\040vid=0951\\nDENY:\\040\\000x\\n
1:1 \\000
1:1 AL\\000LOW:\\n
1:8 ALLOW:\\040vd=1\\nDENY:\\040\\000\\n
3:12 ALLOW:\\n\\nDENY:\\040port="\\000"\\n
X
printf '# \000\nALLOW:\n' >"$tmp/root/etc/xensource/usb-policy.conf"
run --root "$tmp/root" usb-policy check
ok "check: a NUL in a comment" code_is 0

# test: devices in words.

test_is()
{
    run usb-policy test "$shipped" --device "$1"
    ok "test $1" code_is 0
    ok "test $1: $2" grep -qx "$1: $2" "$tmp/out"
}
test_is "0951:1666:0110 if=08/06/50" allow
test_is "413c:2113:0110 if=03/01/01,03/00/00" deny
test_is "056a:0315 if=03/01/02,08/06/50" allow
test_is "0658:0200:0000,if=02/02/01,if=0a/00/00" deny
test_is "05e3:0608 class=09 if=09/00/00" "deny: hubs are never passed through"
run usb-policy test "$shipped" --device "413c:2113 if=03/01/01,03/00/00"
ok "test: the rule" grep -q \
    'interface 0 (03/01/01): deny, by .*conf:[0-9]*, "DENY: class=03 subclass=01 prot=01"' \
    "$tmp/out"
ok "test: each interface" grep -q \
    'interface 1 (03/00/00): allow, by .*"ALLOW:"' "$tmp/out"
run usb-policy test "$shipped" --json --device "413c:2113 if=03/01/01,03/00/00"
ok "test as JSON" code_is 0
ok "test as JSON: schema" json_has '"schema": "xtune/usb-verdict/1"'
ok "test as JSON: verdict" grep -qx '  "verdict": "deny",' "$tmp/out"
ok "test as JSON: interfaces" grep -qx '  "interfaces": \[' "$tmp/out"
ok "test as JSON: rule" json_has '"text": "DENY: class=03 subclass=01 prot=01"'
rules ''
run usb-policy test "$conf" --json --device "0951:1666 if=08/06/50"
ok "test: none matches" code_is 0
ok "test: none matches: no rule" json_has '"rule": null'
run usb-policy test "$conf" --json --device "0951:1666 if=08/06/50" \
    --device "1111:2222 if=03/00/00"
ok "test: several" json_has '"devices": \['
ok "test: several: each" json_has '"device": "1111:2222 if=03/00/00"'
run usb-policy test "$conf" --device "0951:1666"
ok "test: no interface" code_is 1
ok "test: no interface: said" one_error 'there is no interface'
rules 'x\n'
run usb-policy test "$conf" --device "0951:1666 if=08/06/50"
ok "test: a policy that is refused" code_is 1

# Words that do not fit.

refused "no such word" 64 'unknown word "nosuch"' usb-policy nosuch
refused "explain what" 64 '"explain" takes one device' usb-policy explain
refused "test without a device" 64 'there is nothing to be tried' \
    usb-policy test "$shipped"
refused "test without a file" 64 '"test" takes one file' usb-policy test \
    --device x
refused "a device elsewhere" 64 '"--device\|--device: it has no place' \
    usb-policy explain 1-2 --device x
refused "--by elsewhere" 64 'by: it has no place' usb-policy explain 1-2 \
    --by port
refused "--by what" 64 'unknown word "name"' usb-policy allow 1-2 --by name
refused "no such device" 1 '9-9' usb-policy explain 9-9

# On a recorded host.

use_host usb
run --host "$host" usb-policy check
ok "check: a host" code_is 0
ok "check: a host: rules that are about nothing here" grep -q \
    '^NOTE unused: .*"DENY: vid=17e9" decides about no device' "$tmp/out"
ok "check: a host: others are" not_there '"ALLOW:" decides'

keyboard=1-1
run --host "$host" usb-policy explain "$keyboard"
ok "explain" code_is 0
ok "explain: denied" grep -q "^$keyboard .*: deny$" "$tmp/out"
ok "explain: the rule" grep -q 'deny, by usb-policy.conf:[0-9]*, "DENY: class=03' \
    "$tmp/out"
run --host "$host" usb-policy explain "$keyboard" --json
ok "explain as JSON" grep -qx '  "verdict": "deny",' "$tmp/out"
ok "explain changes nothing" untouched

run --host "$host" usb-policy allow -N "$keyboard"
ok "a dry run" code_is 0
ok "a dry run: the rule" grep -q '^+ALLOW: vid=[0-9a-f]* pid=[0-9a-f]* #' \
    "$tmp/out"
ok "a dry run: the plan" grep -q '/etc/xltune/usb-policy.conf  *made' "$tmp/out"
ok "a dry run: the console" grep -q 'last keyboard' "$tmp/out"
ok "a dry run changes nothing" untouched

run --host "$host" usb-policy allow "$keyboard"
ok "allow" code_is 0
ok "allow: the console" told "$keyboard: it can be given .*last keyboard"
run --host "$host" usb-policy explain "$keyboard"
ok "allow: allowed" grep -q "^$keyboard .*: allow$" "$tmp/out"
ok "allow: by the file" grep -q 'by /etc/xltune/usb-policy.conf:' "$tmp/out"
run --host "$host" usb-policy allow "$keyboard"
ok "allow again" code_is 0
ok "allow again: said" grep -qx "$keyboard: it is allowed already" "$tmp/out"

run --host "$host" usb-policy deny "$keyboard"
ok "deny" code_is 0
ok "deny: the rule is turned" grep -q '^-ALLOW: vid' "$tmp/out"
ok "deny: the rule is turned back" grep -q '^+DENY: vid' "$tmp/out"
run --host "$host" rollback
ok "rollback of deny" code_is 0
run --host "$host" usb-policy explain "$keyboard"
ok "rollback of deny: allowed" grep -q "^$keyboard .*: allow$" "$tmp/out"
run --host "$host" rollback
ok "rollback" code_is 0
ok "rollback: as before" same_host

run --host "$host" usb-policy allow "$keyboard" --by port
ok "allow by port" grep -q "^+ALLOW: .* port=$keyboard" "$tmp/out"
run --host "$host" rollback
ok "allow by port: rolled back" same_host

use_host usb
run --host "$host" usb-policy deny 1-3
ok "deny a hub" grep -qx '1-3: it is denied already' "$tmp/out"
refused "allow a hub" 1 '1-3: it is a hub, which no rule can allow' \
    usb-policy allow 1-3
refused "allow what is not configured" 1 '1-10: it has no configuration' \
    usb-policy allow 1-10
refused "by a serial number that it has not" 1 'serial' usb-policy allow 1-1 \
    --by serial

use_host usb
run --host "$host" usb-policy deny 1-4
ok "deny what a guest has" told '1-4: domain "hvm1" has it, and keeps it'

# A policy that is wrong allows nothing, and is not changed.

use_host usb
with_rules()
{
    sed "s|^  \"machine\": {|  \"usb_rules\": { \"file\": \"$1\",\\
    \"text\": \"$2\" },\\
  \"machine\": {|" "$hosts/usb.json" >"$host"
    cp "$host" "$tmp/before"
}
with_rules /etc/xltune/usb-policy.conf 'ALLOW:\\nALLOW\\n'
run --host "$host" usb-policy check
ok "a wrong policy: check" code_is 1
ok "a wrong policy: where" one_error '/etc/xltune/usb-policy.conf:2:6: a ":" is'
run --host "$host" usb-policy explain 1-3.1
ok "a wrong policy: explain" code_is 1
run --host "$host" usb-policy allow 1-1
ok "a wrong policy: allow" code_is 1
ok "a wrong policy: unchanged" untouched

# Files below a root.

file=$tmp/tree/etc/xltune/usb-policy.conf
xapi=$tmp/tree/etc/xensource/usb-policy.conf
use_tree()
{
    rm -rf "$tmp/tree"
    mkdir "$tmp/tree"
    sh "$top/tests/trees/make" usb-storage "$tmp/tree"
}

use_tree
run --root "$tmp/tree" usb-policy deny -N 1-3
ok "a tree: a dry run" code_is 0
ok "a tree: a dry run writes nothing" [ ! -e "$file" ]
run --root "$tmp/tree" usb-policy deny 1-3
ok "a tree: deny" code_is 0
ok "a tree: the rest is the one that ships" [ "$(sed '/^DENY: vid=1307 /d' \
    "$file" | cksum)" = "$(cksum <"$shipped")" ]
ok "a tree: its mode" [ "$(stat -c %a "$file")" = 644 ]
run --root "$tmp/tree" usb-policy explain 1-10
ok "a tree: all of its kind" grep -q '^1-10 .*: deny$' "$tmp/out"
run --root "$tmp/tree" rollback
ok "a tree: rollback" code_is 0
ok "a tree: rollback removes it" [ ! -e "$file" ]

mkdir -p "${xapi%/*}"
printf '# mine\r\n  deny : class=08 # disks\r\nALLOW:\r\n' >"$xapi"
chmod 600 "$xapi"
cp "$xapi" "$tmp/xapi"
run --root "$tmp/tree" usb-policy allow 1-2
ok "XAPI's file: allow" code_is 0
printf '# mine\r\nALLOW: vid=0951 pid=1666 # Kingston DataTraveler 3.0\r\n' \
    >"$tmp/want"
sed 1d "$tmp/xapi" >>"$tmp/want"
ok "XAPI's file: one line more" cmp -s "$xapi" "$tmp/want"
ok "XAPI's file: its mode" [ "$(stat -c %a "$xapi")" = 600 ]
ok "XAPI's file: the one before" cmp -s "$xapi.xltune-old" "$tmp/xapi"
ok "XAPI's file: no other" [ ! -e "$file" ]
run --root "$tmp/tree" usb-policy allow 1-3 --by port
ok "XAPI's file: what XAPI does not know" told \
    '/etc/xensource/usb-policy.conf:3: XAPI, .*"port"'
run --root "$tmp/tree" rollback
run --root "$tmp/tree" rollback
ok "XAPI's file: rollback, to the byte" cmp -s "$xapi" "$tmp/xapi"

printf 'ALLOW:\nDENY: \000\n' >"$xapi"
run usb-policy check "$xapi"
sed "s,$tmp/tree,," "$tmp/err" >"$tmp/of-file"
run --root "$tmp/tree" usb-policy check
ok "a NUL in the host's: check" code_is 1
ok "a NUL in the host's: check: as of the file" cmp -s "$tmp/of-file" "$tmp/err"
run --root "$tmp/tree" usb-policy explain 1-2
ok "a NUL in the host's: explain" \
    one_error 'cannot be read: line and column 2:7: there is a NUL byte'
cp "$xapi" "$tmp/xapi"
run --root "$tmp/tree" usb-policy allow 1-2
ok "a NUL in the host's: allow" one_error 'line and column 2:7: there is a NUL'
ok "a NUL in the host's: unchanged" cmp -s "$xapi" "$tmp/xapi"
printf '# \000\nDENY:\n' >"$xapi"
cp "$xapi" "$tmp/xapi"
run --root "$tmp/tree" usb-policy explain 1-2
ok "a NUL in a comment of the host's: explain" grep -q '^1-2 .*: deny$' \
    "$tmp/out"
run --root "$tmp/tree" usb-policy allow 1-2
ok "a NUL in a comment of the host's: allow" one_error 'NUL'
ok "a NUL in a comment of the host's: unchanged" cmp -s "$xapi" "$tmp/xapi"

printf '# \377\nDENY:\n' >"$xapi"
cp "$xapi" "$tmp/xapi"
run --root "$tmp/tree" usb-policy allow 1-2
ok "bytes that are no text" code_is 1
ok "bytes that are no text: said" one_error 'that are not UTF-8'
ok "bytes that are no text: unchanged" cmp -s "$xapi" "$tmp/xapi"

rm "$xapi"
ln -s /etc/passwd "$xapi"
run --root "$tmp/tree" usb-policy check
ok "a link out of the root" code_is 1
ok "a link out of the root: said" one_error 'no device at all can be passed'
rm -r "$tmp/tree/etc"
mkdir "$tmp/outside"
ln -s "$tmp/outside" "$tmp/tree/etc"
run --root "$tmp/tree" usb-policy deny 1-3
ok "a folder out of the root" code_is 1
ok "a folder out of the root: nothing is made there" \
    [ -z "$(ls -A "$tmp/outside")" ]

# Where something fails nothing is changed.

for fault in fail:1 half:1 lie:1 deny:1; do
    use_host usb
    XLTUNE_FAULT=$fault
    export XLTUNE_FAULT
    run --host "$host" usb-policy allow 1-1
    unset XLTUNE_FAULT
    ok "$fault: said" code_is 1
    ok "$fault: as before" same_host
done
use_tree
XLTUNE_FAULT=kill:1
export XLTUNE_FAULT
run --root "$tmp/tree" usb-policy deny 1-3
unset XLTUNE_FAULT
ok "killed" code_is 137
run --root "$tmp/tree" recover
ok "killed: recovered" code_is 0
ok "killed: as before" [ ! -e "$file" ]
