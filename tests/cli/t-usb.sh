# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh source=tests/cli/lib.sh
# USB devices: looking at them, and the verbs that give them to domains, as xl
# has them and in one word.
. ./lib.sh

refused_host=usb

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

# Who has a device, and dom0's drivers of it.
used_by()
{
    run usb-show "$1" --json --host "$host"
    jq -r '.devices[0] | "\(.attached.domain):\(.attached.controller):\(
        .attached.port):\(.attached.stale) \([.interfaces[].driver] |
        join(","))"' "$tmp/out"
}

# has DOMAIN CONTROLLER:PORT PATH
has()
{
    used_by "$3" | grep -q "^$1:$2:false "
}

free_again()
{
    [ "$(used_by "$1")" = "null:null:null:null $2" ]
}

dom0_has()
{
    used_by "$1" | grep -qx 'null:null:null:null usb\(-storage\|hid\)'
}

# A record's rows of a domain, in a line each.
rows_of()
{
    jq -r '.usb[]? | "\(.by) \(.vendor):\(.product) \(.serial) \(.port) \(
        .version) \(.unplugged)"' "$host.d/records/$1.json" 2>/dev/null
}

hvm2=5b1c3f0e-0d8f-4c6a-9f6e-2f0c86a1b103
boot=8f0e6f3c-3a0b-4d7e-8a58-7d1c6c9e5b01

# Looking.

use_host usb
run snapshot --host "$host"
ok "snapshot" cmp -s "$tmp/out" "$host"
while read -r words; do
    name=$(echo "$words" | sed 's/ --json/.json/; s/[ :]/-/g')
    # shellcheck disable=SC2086
    run $words --host "$host"
    ok "$words" code_is 0
    ok "$words: as expected" expected "usb.$name"
    ok "$words: no notes" [ ! -s "$tmp/err" ]
done <<X
usb-show
usb-show 1-1
usb-show 1-3
usb-show 1-3.2
usb-show 1-3.3
usb-show 1-4
usb-show 1-10
usb-show 2-1
usb-show 1-4 --json
usb-list hvm1
usb-list hvm1 --json
usb-list pv2
X
run usb-list hvm2 --host "$host"
ok "no controllers: as xl, nothing" silent
run usb-show --json --host "$host"
ok "all as JSON" [ "$(jq '.devices | length' "$tmp/out")" = 12 ]
ok "nothing has changed" untouched

# The ways to say it.
while read -r path words; do
    run usb-show "$words" --json --host "$host"
    ok "$words is $path" \
        [ "$(jq -r '.devices[].path' "$tmp/out")" = "$path" ]
done <<X
1-3.1 1-3.1
1-3.1 port=1-3.1
1-3.1 0951:1666
1-3.1 serial=60A44C413FAE
1-3.1 serial="60A44C413FAE"
1-3.1 hostbus=1,hostaddr=10
1-3.1 hostbus=001,hostaddr=010
1-4 hostbus=1,hostaddr=8
1-3.1 0951:1666,serial=60A44C413FAE,port=1-3.1
1-3.1 uuid=d39089de-64fe-58ed-9c54-8ed506060686
1-6 058f:6387,port=1-6
X
refused "two devices" 1 'any of 2 devices: 1-5 and 1-6' usb-show 058f:6387
refused "no such device" 1 '9-9: no such USB device' usb-show 9-9
refused "words that do not fit each other" 1 'no such USB device' \
    usb-show 0951:1666,port=1-5
for word in "" "," nosuch "1-3.1," hostaddr=0x8 hostaddr= hostaddr=8x serial= \
    port=3 uuid=1 1-03 0951:166 "0951:1666 "; do
    refused "\"$word\" says nothing" 1 "\"" usb-show "$word"
done

# In one word.

# Where it is then is printed.
while read -r domain place path words; do
    use_host usb
    # shellcheck disable=SC2086
    run usb-attach "$domain" $words --host "$host"
    ok "usb-attach $domain $words" code_is 0
    ok "usb-attach $domain $words: no notes" [ ! -s "$tmp/err" ]
    ok "usb-attach $domain $words: $place is said" grep -q \
        "^$domain: $path .* is in controller ${place%:*}, port ${place#*:} (" \
        "$tmp/out"
    ok "usb-attach $domain $words: done" has "$domain" "$place" "$path"
    run usb-attach "$domain" "$path" --host "$host" --json
    ok "usb-attach $domain $words again" nothing_done
    ok "usb-attach $domain $words: undone" undone
    # shellcheck disable=SC2086
    run usb-attach "$domain" $words --host "$host" --quiet
    ok "usb-attach $domain $words --quiet" silent
    run usb-detach "$domain" "$path" --host "$host"
    ok "usb-detach $domain $path" silent
    ok "usb-detach $domain $path: dom0 has it" dom0_has "$path"
done <<X
hvm2 0:1 1-3.1 0951:1666
hvm2 0:1 1-3.1 serial=60A44C413FAE
hvm2 0:1 1-7 1-7
hvm2 0:1 2-1 2-1
hvm2 0:1 1-3.1 --usb 3 1-3.1
hvm1 0:2 1-3.1 1-3.1
hvm1 1:1 2-1 2-1
hvm1 0:2 2-1 --usb 2 2-1
hvm1 1:1 1-7 1-7
pv1 0:1 1-5 1-5
pv2 0:1 2-1 2-1
X

# What is made for a device in a domain that has no controller.
while read -r path made; do
    use_host usb
    run usb-attach hvm2 "$path" --host "$host"
    ok "for $path is made: $made" grep -qx \
        "hvm2: controller 0 is made: $made" "$tmp/out"
done <<X
1-7 USB 1, UHCI, 2 ports
1-5 USB 2, EHCI, 6 ports
2-1 USB 3, xHCI, 8 ports
X
use_host usb
run usb-attach -N pv1 1-5 --host "$host"
sed -i 1d "$tmp/out"
ok "a dry run" expected usb.dry-run
ok "a dry run changes nothing" untouched
run usb-attach hvm2 1-5 --host "$host"
ok "history" in_history "usb-attach hvm2 1-5"

refused "another domain has it" 1 'domain "hvm1" has it' usb-attach hvm2 1-4
refused "a PVH guest" 1 'pvh1: .*PVH' usb-attach pvh1 1-5
refused "dom0" 1 'Domain-0: ' usb-attach Domain-0 1-5
refused "a hub" 1 '1-3: it is a hub' usb-attach hvm2 1-3
refused "a hub, forced" 1 '1-3: it is a hub' usb-attach --force=all hvm2 1-3
refused "one that is not configured" 1 '1-10: .*not configured it' \
    usb-attach --force=all hvm2 1-10
refused "no such domain" 1 'nosuch: ' usb-attach nosuch 1-5
refused "no such device" 1 '9-9: ' usb-attach hvm2 9-9
refused "two devices" 1 '1-5 and 1-6' usb-attach hvm2 058f:6387
refused "version 4" 64 '\-\-usb: "4" is no version' \
    usb-attach --usb 4 hvm2 1-5
refused "version 0" 64 '\-\-usb: "0" is no version' \
    usb-attach --usb 0 hvm2 1-5
refused "version 2x" 64 '"2x" is no version' usb-attach --usb 2x hvm2 1-5
refused "USB 3 of a PV guest" 1 'pv1: ' usb-attach --usb 3 pv1 1-5
refused "by nothing" 64 '\-\-by: unknown word "name"' \
    usb-attach --persist --by name hvm2 1-5
refused "by, not kept" 64 '\-\-by: .*kept' usb-attach --by port hvm2 1-5
refused "by a number that it has not" 1 '1-7: the device has no serial' \
    usb-attach --persist --by serial hvm2 1-7
refused "not the domain's" 1 'hvm2: it does not have 1-5' usb-detach hvm2 1-5

# Guards.

while read -r guard path others; do
    refused "guard $guard" 1 "$path: .*--force=.*$guard" \
        usb-attach hvm2 "$path"
    refused "guard $guard: --force alone" 1 "--force=.*$guard" \
        usb-attach --force hvm2 "$path"
    refused "guard $guard: another one" 1 "--force=.*$guard" \
        usb-attach --force="console$others" hvm2 "$path"
    for force in "$guard$others" all; do
        use_host usb
        run --force="$force" usb-attach hvm2 "$path" --host "$host"
        ok "guard $guard: --force=$force" code_is 0
        ok "guard $guard: --force=$force: done" has hvm2 0:1 "$path"
        ok "guard $guard: --force=$force: undone" undone
    done
done <<X
policy 1-3.2
disk 1-3.3
keyboard 1-1 ,policy
pointer 1-2 ,policy
X
use_host usb
jq '(.usb[] | select(.path == "1-7")) |= del(.uses)' "$hosts/usb.json" \
    >"$host"
run usb-attach hvm2 1-7 --host "$host"
ok "guard unknown" one_error '1-7: .*--force=unknown'
jq '.usb_rules = { "file": "/etc/xensource/usb-policy.conf",
    "text": "ALLOW: vid=0951\nALOW:\n" }' "$hosts/usb.json" >"$host"
run usb-attach hvm2 1-3.1 --host "$host"
ok "a usb-policy with a bad line" code_is 1
ok "a usb-policy with a bad line is named" \
    one_error '1-3.1: .*/etc/xensource/usb-policy.conf.*--force=policy'
run usb-show 1-3.1 --host "$host"
ok "a usb-policy with a bad line: shown" code_is 0
ok "a usb-policy with a bad line: denied" \
    grep -qx 'policy *: deny, unreadable' "$tmp/out"
ok "a usb-policy with a bad line: noted" grep -q 'usb-policy.conf:2' "$tmp/err"

# What is kept.

use_host usb
run usb-attach --persist hvm2 1-3.1 --host "$host"
ok "--persist" code_is 0
ok "--persist: the record" [ "$(rows_of $hvm2)" = \
    "serial 0951:1666 60A44C413FAE 1-3.1 null null" ]
ok "--persist: it may be passed through" [ "$(jq -r \
    '.usb[] | "\(.by) \(.serial) \(.passthrough)"' "$host.d/usb.json")" = \
    "serial 60A44C413FAE true" ]
run usb-show 1-3.1 --host "$host"
ok "--persist: shown" grep -qx 'kept for *: hvm2' "$tmp/out"
ok "--persist: shown as passed through" grep -qx 'passthrough *: yes' "$tmp/out"
run plan --host "$host"
ok "--persist: nothing to do" code_is 0
run usb-attach --persist hvm1 1-3.1 --host "$host"
ok "it is one domain's" one_error '1-3.1: .*"hvm2" has it already'
run usb-detach hvm2 1-3.1 --host "$host"
ok "usb-detach of one that is kept" code_is 0
ok "usb-detach of one that is kept: noted" one_error 'hvm2: .*--persist'
ok "usb-detach of one that is kept: for this life" [ "$(rows_of $hvm2)" = \
    "serial 0951:1666 60A44C413FAE 1-3.1 null $boot/3" ]
run plan --host "$host"
ok "usb-detach of one that is kept: it stays away" code_is 0
run usb-attach hvm2 1-3.1 --host "$host"
ok "usb-attach of one that is kept" [ "$(rows_of $hvm2)" = \
    "serial 0951:1666 60A44C413FAE 1-3.1 null null" ]
run usb-attach --persist --by both --usb 2 hvm2 1-3.1 --host "$host"
ok "known by something else" [ "$(rows_of $hvm2)" = \
    "both 0951:1666 60A44C413FAE 1-3.1 2 null" ]
ok "known by something else: once" [ "$(jq -r '.usb[].by' \
    "$host.d/usb.json")" = both ]
run usb-detach --persist -N hvm2 1-3.1 --host "$host"
ok "a dry run forgets nothing" [ "$(rows_of $hvm2)" = \
    "both 0951:1666 60A44C413FAE 1-3.1 2 null" ]
run usb-detach --persist hvm2 1-3.1 --host "$host"
ok "usb-detach --persist" silent
ok "usb-detach --persist: forgotten" [ -z "$(rows_of $hvm2)" ]
run usb-detach --persist hvm2 1-3.1 --host "$host"
ok "usb-detach --persist again" one_error 'hvm2: it does not have 1-3.1'
use_host usb
run usb-attach --persist hvm2 1-6 --host "$host"
ok "twins are told apart by both" [ "$(rows_of $hvm2)" = \
    "both 058f:6387 AA00000000000489 1-6 null null" ]
run usb-attach --persist hvm2 1-7 --host "$host"
ok "one without a number by its port" [ "$(rows_of $hvm2 | tail -n 1)" = \
    "port 096e:0302 null 1-7 null null" ]
use_host usb
run usb-attach --persist -N hvm2 1-6 --host "$host"
ok "a dry run keeps nothing" untouched

# What else is kept of it stays where it is given again.
stick_group=e9c54e4e-cb0a-5a12-8e80-9cf0e68ea3d3
for by in "" "--by both"; do
    use_host usb
    run usb-attach --persist hvm2 1-3.1 --host "$host"
    run vusb-param-set other-config:a=1 --host "$host" \
        uuid=568a7e58-03cf-5103-b807-660e707fefe6
    run usb-group-param-set uuid=$stick_group name-label=stick \
        other-config:b=2 --host "$host"
    # Two words.
    # shellcheck disable=SC2086
    run usb-attach --persist $by hvm2 1-3.1 --host "$host"
    ok "--persist $by again: its other-config stays" [ "$(jq -c \
        '[.usb[].other_config]' "$host.d/records/$hvm2.json")" = \
        '[{"a":"1"}]' ]
    ok "--persist $by again: its group's stays" [ "$(jq -c \
        '[.usb[] | .name, .passthrough, .other_config]' \
        "$host.d/usb.json")" = '["stick",true,{"b":"2"}]' ]
done
use_host usb
run usb-attach --persist --by serial hvm2 1-6 --host "$host"
ok "a twin is not known by its number" one_error 'several devices.*1-5 and 1-6'
ok "a twin is not known by its number: nothing is done" untouched
use_host usb
run usb-attach --persist hvm2 1-3.1 --host "$host"
run rollback --host "$host"
ok "rolled back, it is kept" one_error 'hvm2: .*usb-detach --persist'

# One that was enabled by what it was known by beside its twin, and alone.
use_host usb
jq 'del(.usb[] | select(.path == "1-6"))' "$host" >"$tmp/alone"
cat "$tmp/alone" >"$host"
run pusb-list path=1-5 --minimal --host "$host"
alone=$(cat "$tmp/out")
run pusb-param-set uuid="$alone" passthrough-enabled=true --host "$host"
cat "$tmp/before" >"$host"
run pusb-list path=1-5 --minimal --host "$host"
run pusb-param-set uuid="$(cat "$tmp/out")" passthrough-enabled=true \
    --host "$host"
cat "$tmp/alone" >"$host"
run pusb-param-set uuid="$alone" passthrough-enabled=false --host "$host"
ok "disabled by all that it is known by" code_is 0
run pusb-list path=1-5 params=passthrough-enabled --minimal --host "$host"
ok "it is disabled" [ "$(cat "$tmp/out")" = false ]

# Made again while what is left of it is still there: what has it is the new
# one.
use_host usb
jq '.domains += [.domains[3] | .id = 9] | .domains[3].state = "dying"' \
    "$host" >"$tmp/again"
cat "$tmp/again" >"$host"
run usb-attach --persist 9 1-3.1 --host "$host"
run vusb-list params=currently-attached --minimal --host "$host"
ok "beside what is left: attached" [ "$(cat "$tmp/out")" = true ]
run pusb-param-set uuid=d39089de-64fe-58ed-9c54-8ed506060686 \
    passthrough-enabled=false --host "$host"
ok "beside what is left: not disabled" one_error 'currently attached to a VM'
run vusb-unplug uuid=568a7e58-03cf-5103-b807-660e707fefe6 --host "$host"
ok "beside what is left: vusb-unplug" silent
run usb-attach hvm1 1-3.1 --host "$host"
jq '.machine.boot_id = "11111111-3a0b-4d7e-8a58-7d1c6c9e5b01"' "$host" \
    >"$tmp/again"
cat "$tmp/again" >"$host"
run plan --host "$host"
ok "where it would be is not guessed" grep -qx ' *hvm2/1-3.1  given' "$tmp/out"

# What is overruled now is in the way when it is to be attached by itself.
use_host usb
run usb-attach --persist --force=policy hvm2 1-3.2 --host "$host"
ok "kept by force" code_is 0
ok "kept by force: it is said what that is worth" \
    one_error '1-3.2: it is kept, but not attached by itself .*:17" denies'

# A row of one that is gone stays when another one is taken back, be it from
# the port that it was in.
use_host usb
run usb-attach --persist hvm1 1-3.1 --host "$host"
jq 'del(.usb[] | select(.path == "1-3.1")) |
    .domains[2].usb[0].ports[1] = null' "$host" >"$tmp/gone" &&
    cat "$tmp/gone" >"$host"
run usb-detach hvm1 1-4 --host "$host"
ok "one that is gone is kept: usb-detach of another one" silent
use_host usb
run usb-attach --persist hvm1 1-3.1 --host "$host"
jq '(.usb[] | select(.path == "1-3.1")) |= (.product = "9999" |
    .serial = "other")' "$host" >"$tmp/gone" && cat "$tmp/gone" >"$host"
run usb-detach --persist hvm1 1-3.1 --host "$host"
ok "one that is gone is kept: another one in its port" silent
ok "one that is gone is kept: its row stays" \
    grep -q 60A44C413FAE "$host.d/records/5b1c3f0e-0d8f-4c6a-9f6e-2f0c86a1b102.json"
# The toolstack's word alone: then it is the one that is meant.
use_host usb
run usb-attach --persist hvm1 1-3.1 --host "$host"
jq '(.usb[] | select(.path == "1-3.1")) |= (.product = "9999" |
    .serial = "other" | .interfaces[0].driver = "usb-storage")' "$host" \
    >"$tmp/gone" && cat "$tmp/gone" >"$host"
run usb-detach --persist hvm1 1-3.1 --host "$host"
ok "another one that the domain has not: forgotten" \
    [ ! -e "$host.d/records/5b1c3f0e-0d8f-4c6a-9f6e-2f0c86a1b102.json" ]

# What one device has does not keep others from theirs.
use_host usb
run usb-attach --persist hvm1 1-3.1 --host "$host"
run usb-attach --persist pv1 2-1 --host "$host"
jq '.domains[3] |= (.state = "dying" | .usb = [{ "id": 0, "type":
    "devicemodel", "version": 2, "backend": 0, "state": null,
    "ports": ["1-3.1", null, null, null, null, null] }]) |
    .domains[2].usb[0].ports[1] = null | .domains[1].usb = [] |
    (.usb[] | select(.path == "2-1") | .interfaces[0].driver) =
    "usb-storage"' "$host" >"$tmp/zombie"
cat "$tmp/zombie" >"$host"
run pusb-scan --host "$host"
ok "pusb-scan: one that fails" code_is 1
ok "pusb-scan: it is named" one_error '1-3.1: domain "hvm2" has it'
ok "pusb-scan: the other one is attached" has pv1 0:1 2-1

# A twin that is plugged in meanwhile.
use_host usb
jq 'del(.usb[] | select(.path == "1-6"))' "$host" >"$tmp/alone"
cat "$tmp/alone" >"$host"
run usb-attach --persist hvm2 1-5 --host "$host"
jq --slurpfile all "$tmp/before" \
    '.usb += [$all[0].usb[] | select(.path == "1-6")]' "$host" >"$tmp/twins"
cat "$tmp/twins" >"$host"
run vusb-list params=currently-attached --minimal --host "$host"
ok "beside its twin it is attached" [ "$(cat "$tmp/out")" = true ]

use_host usb
run pusb-param-set uuid=d39089de-64fe-58ed-9c54-8ed506060686 \
    passthrough-enabled=true --host "$host"
run vusb-create usb-group-uuid=$stick_group \
    vm-uuid=5b1c3f0e-0d8f-4c6a-9f6e-2f0c86a1b104 --host "$host"
ok "vusb-create of a PVH guest" one_error '"pvh1" is a PVH guest'

# Gone from dom0: by its port, its ids or its number.
for word in 1-3.1 port=1-3.1 0951:1666 serial=60A44C413FAE; do
    use_host usb
    run usb-attach --persist hvm2 1-3.1 --host "$host"
    jq 'del(.usb[] | select(.path == "1-3.1"))' "$host" >"$tmp/gone" &&
        cat "$tmp/gone" >"$host"
    run usb-detach --persist hvm2 "$word" --host "$host"
    ok "gone: usb-detach --persist $word" silent
    ok "gone: usb-detach --persist $word: the port is free" \
        [ -z "$(jq '.domains[3].usb[0].ports[] | values' "$host")" ]
    ok "gone: usb-detach --persist $word: forgotten" [ -z "$(rows_of $hvm2)" ]
done
use_host usb
run usb-attach --persist hvm2 1-3.1 --host "$host"
run usb-detach hvm2 1-3.1 --host "$host"
jq 'del(.usb[] | select(.path == "1-3.1"))' "$host" >"$tmp/gone" &&
    cat "$tmp/gone" >"$host"
run usb-detach --persist hvm2 serial=60A44C413FAE --host "$host" --json
ok "gone, and not attached: forgotten" json_has '"result": "forgotten"'
ok "gone, and not attached: no row" [ -z "$(rows_of $hvm2)" ]
# Plugged in elsewhere: the port that it was in is meant as well.
use_host usb
run usb-attach --persist hvm2 1-3.1 --host "$host"
jq '(.usb[] | select(.path == "1-3.1")) |= (.path = "1-8" | .address = 20 |
    .interfaces[0].driver = "usb-storage")' "$host" >"$tmp/gone" &&
    cat "$tmp/gone" >"$host"
run usb-detach --persist hvm2 serial=60A44C413FAE --host "$host"
ok "plugged in elsewhere: usb-detach --persist" silent
ok "plugged in elsewhere: the port is free" \
    [ -z "$(jq '.domains[3].usb[0].ports[] | values' "$host")" ]
ok "plugged in elsewhere: forgotten" [ -z "$(rows_of $hvm2)" ]

# What a device that went has left.

use_host usb-stale
run snapshot --host "$host"
ok "stale: snapshot" cmp -s "$tmp/out" "$host"
run usb-list hvm1 --host "$host"
ok "stale: usb-list, as xl" expected usb.stale-usb-list
ok "stale: usb-list says so" \
    one_error '1-8: domain "hvm1" has it in controller 0, port 2, no longer'
run usb-list hvm2 --host "$host"
ok "stale: plugged in again" grep -qx '  Port 1: Bus 001 Device 00a' "$tmp/out"
ok "stale: plugged in again: says so" one_error '1-3.1: domain "hvm2"'
run usb-list hvm2 --host "$host" --json
ok "stale: as JSON" [ "$(jq -c '[.controllers[].ports[] |
    select(.stale) | [.port, .path, .bus, .address]]' "$tmp/out")" = \
    '[[1,"1-3.1",1,10]]' ]
run usb-list hvm1 --host "$host" --json
ok "stale: gone, as JSON" [ "$(jq -c '[.controllers[].ports[] |
    select(.stale) | [.port, .path, .bus, .address]]' "$tmp/out")" = \
    '[[2,"1-8",null,null]]' ]
run usb-show --host "$host"
ok "stale: usb-show" expected usb.stale-usb-show
run usb-show 1-3.1 --host "$host"
ok "stale: who has it" grep -qx \
    'domain *: hvm2, controller 0, port 1 (USB 2, EHCI), no longer' "$tmp/out"
run usb-detach hvm1 1-8 --host "$host"
ok "stale: usb-detach" silent
run usbdev-detach hvm2 0 1 --host "$host"
ok "stale: usbdev-detach" silent
run usb-show --host "$host"
ok "stale: mended" not_there stale
ok "stale: dom0 has what it had" free_again 1-3.1 usb-storage
use_host usb-stale
run usb-attach hvm2 1-3.1 --host "$host"
ok "stale: attached again" has hvm2 0:1 1-3.1
use_host usb-stale
run usb-attach hvm1 1-3.1 --host "$host"
ok "stale: to another domain" has hvm1 0:2 1-3.1
ok "stale: to another domain: not to the one before" [ "$(jq \
    '[.domains[].usb[]?.ports[] | select(. == "1-3.1")] | length' "$host")" = 1 ]

# As xl has it: controllers.

while read -r words; do
    use_host usb
    # shellcheck disable=SC2086
    run usbctrl-attach $words --host "$host"
    ok "usbctrl-attach $words" silent
    # shellcheck disable=SC2086
    run usb-list ${words%% *} --host "$host"
    ok "usbctrl-attach $words: as expected" expected \
        "usb.usbctrl-attach-$(echo "$words" | tr ' ' '-')"
    ok "usbctrl-attach $words: undone" undone
done <<X
hvm2
hvm2 type=auto version=1
hvm2 version=3 ports=15
hvm1 type=devicemodel version=2 ports=6
pv1
pv1 version=1 ports=31
pv2 type=qusb ports=3
hvm2 type=qusb
X
while read -r want pattern words; do
    # shellcheck disable=SC2086
    refused "usbctrl-attach $words" "$want" "$pattern" usbctrl-attach $words
done <<X
1 version.2.*6 hvm2 version=2 ports=7
1 15 hvm2 version=3 ports=16
1 pv1: pv1 type=devicemodel
1 version.3 pv1 version=3
1 PVH pvh1
1 Domain-0: Domain-0
1 nosuch: nosuch
64 no.type hvm2 type=usb
64 1.to.3 hvm2 version=4
64 1.to.3 hvm2 version=2x
64 1.to.31 hvm2 ports=32
64 1.to.31 hvm2 ports=0
64 1.to.31 hvm2 ports=0x4
64 nothing.of.a.USB.controller hvm2 speed=3
64 nothing.of.a.USB.controller hvm2 Version=2
X
use_host usb
run usbctrl-detach hvm1 1 --host "$host"
ok "usbctrl-detach" silent
ok "usbctrl-detach: the other one stays" [ "$(jq -c '[.domains[2].usb[].id]' \
    "$host")" = '[0]' ]
ok "usbctrl-detach: undone" undone
run usbctrl-detach hvm1 controller=0 --host "$host"
ok "usbctrl-detach of one with a device" silent
ok "usbctrl-detach of one with a device: dom0 has that" \
    [ "$(used_by 1-4 | cut -d ' ' -f 1)" = null:null:null:null ]
ok "usbctrl-detach of one with a device: undone" undone
refused "no such controller" 1 'hvm1: .*USB controller 2' usbctrl-detach hvm1 2
refused "controller x" 64 'controller: "x" is no id' usbctrl-detach hvm1 x
refused "controller 0x1" 64 '"0x1" is no id' usbctrl-detach hvm1 0x1
refused "a controller of dom0" 1 'Domain-0: ' usbctrl-detach Domain-0 0

# As xl has it: devices.

while read -r place path words; do
    use_host usb
    # shellcheck disable=SC2086
    run usbdev-attach $words --host "$host"
    ok "usbdev-attach $words" silent
    ok "usbdev-attach $words: done" has "${words%% *}" "$place" "$path"
    ok "usbdev-attach $words: undone" undone
done <<X
0:1 1-3.1 hvm2 hostbus=1 hostaddr=10
0:1 1-3.1 hvm2 type=hostdev hostbus=001 hostaddr=010
0:5 1-3.1 hvm1 hostbus=1 hostaddr=10 controller=0 port=5
1:1 1-3.1 hvm1 hostbus=1 hostaddr=10 controller=1
0:2 1-6 hvm1 058f:6387 port=1-6 controller=0 port=2
0:2 1-3.1 hvm1 serial=60A44C413FAE
X
while read -r want pattern words; do
    # shellcheck disable=SC2086
    refused "usbdev-attach $words" "$want" "$pattern" usbdev-attach $words
done <<X
1 no.such.USB.device hvm2 hostbus=2 hostaddr=10
1 0x8 hvm2 hostbus=1 hostaddr=0x8
1 any.of.11.devices hvm2 hostbus=1
1 port.1 hvm1 1-3.1 controller=0 port=1
1 port.7 hvm1 1-3.1 controller=0 port=7
1 controller.2 hvm1 1-3.1 controller=2
1 domain."hvm1".has.it hvm2 1-4
64 no.device.is.given hvm2 controller=0
64 no.device.is.given hvm2 type=hostdev
64 controller= hvm2 1-5 port=1
64 no.number hvm2 1-5 controller=0 port=0
64 no.number hvm2 1-5 controller=0 port=1x
64 no.id hvm2 1-5 controller=a
64 no.type hvm2 1-5 type=disk
X
use_host usb
run usbdev-detach hvm1 0 1 --host "$host"
ok "usbdev-detach" silent
ok "usbdev-detach: undone" undone
run usbdev-detach hvm1 controller=0 port=1 --host "$host"
ok "usbdev-detach as xl(1) has it" silent
ok "usbdev-detach as xl(1) has it: undone" undone
refused "an empty port" 1 'hvm1: there is no device in its controller 0, port 2' \
    usbdev-detach hvm1 0 2
refused "no such port" 1 'hvm1: its controller 0 has no port 7' \
    usbdev-detach hvm1 0 7
refused "no such controller" 1 'hvm1: it has no USB controller 2' \
    usbdev-detach hvm1 2 1
refused "port 0" 64 'port: "0" is no number' usbdev-detach hvm1 0 0
refused "port 1x" 64 'port: "1x" is no number' usbdev-detach hvm1 0 1x
