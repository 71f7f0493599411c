# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh source=tests/cli/lib.sh
# What is kept of USB devices when they move, when a twin of theirs or another
# device is plugged in where they were, and when a change is rolled back.
. ./lib.sh

silent()
{
    code_is 0 && quiet_stdout && [ ! -s "$tmp/err" ]
}

# Another host in place of this one: a filter of jq's.
now()
{
    jq "$1" "$host" >"$tmp/now" && cat "$tmp/now" >"$host"
}

# A record's rows of a domain, in a line each.
rows_of()
{
    jq -r '.usb[]? | "\(.by) \(.serial) \(.port) \(.version) \(.unplugged)"' \
        "$host.d/records/$1.json" 2>/dev/null
}

# What the ports of the domain at a place among all have.
ports_of()
{
    jq -r "[.domains[$1].usb[].ports[] | values] | join(\" \")" "$host"
}

# Devices go from and to ports: it is dom0's there.
move='def move(from; to): (.usb[] | select(.path == from)) |= (.path = to |
    .address += 100 | .interfaces[].driver = "usb-storage");'
gone='def gone(path): .usb |= map(select(.path != path));'

hvm1=5b1c3f0e-0d8f-4c6a-9f6e-2f0c86a1b102
hvm2=5b1c3f0e-0d8f-4c6a-9f6e-2f0c86a1b103
boot=8f0e6f3c-3a0b-4d7e-8a58-7d1c6c9e5b01
stick=60A44C413FAE

# hvm2 has the stick, which is kept for it; then the host is another one.
kept()
{
    use_host usb
    run usb-attach --persist --by serial hvm2 1-3.1 --host "$host"
    now "$move $gone $1"
}

# The stick with the number of the one in 1-3.1, in another port.
twin_at()
{
    printf '.usb += [.usb[] | select(.path == "1-3.1") | .path = "%s" |
        .address = 77 | .interfaces[].driver = "usb-storage"]' "$1"
}

# What it is known by stays where it is plugged in again.

kept 'move("1-3.1"; "1-8")'
run pusb-scan --host "$host"
ok "moved: pusb-scan" silent
ok "moved: attached" [ "$(ports_of 3)" = 1-8 ]
ok "moved: its row says where it is" \
    [ "$(rows_of $hvm2)" = "serial $stick 1-8 null null" ]
ok "moved: so does what is said of it as a device of the host" \
    [ "$(jq -r '.usb[].port' "$host.d/usb.json")" = 1-8 ]
now "$gone gone(\"1-8\")"
run usb-detach --persist hvm2 1-8 --host "$host"
ok "moved, then gone: by the port that it was in" silent
ok "moved, then gone: the port is free" [ -z "$(ports_of 3)" ]
ok "moved, then gone: forgotten" [ -z "$(rows_of $hvm2)" ]

for words in "apply --yes --quiet" "usb-attach hvm2 1-8" \
    "usb-attach --persist hvm2 1-8" "usbdev-attach hvm2 1-8"; do
    kept 'move("1-3.1"; "1-8") | .domains[3].usb = []'
    # shellcheck disable=SC2086
    run $words --host "$host"
    ok "moved: $words" code_is 0
    ok "moved: $words: its row says where it is" \
        [ "$(rows_of $hvm2)" = "serial $stick 1-8 null null" ]
done
kept 'move("1-3.1"; "1-8") | .domains[3].usb = []'
run vusb-list --minimal --host "$host"
run vusb-plug uuid="$(cat "$tmp/out")" --host "$host"
ok "moved: vusb-plug" silent
ok "moved: vusb-plug: its row says where it is" \
    [ "$(rows_of $hvm2)" = "serial $stick 1-8 null null" ]

# A twin: the one in the port that it was in is it.

kept "$(twin_at 1-8)"
run plan --host "$host"
ok "a twin came: nothing to do" code_is 0
run vusb-list params=currently-attached --minimal --host "$host"
ok "a twin came: it is attached" [ "$(cat "$tmp/out")" = true ]
run usb-show 1-3.1 --host "$host"
ok "a twin came: it is hvm2's" grep -qx 'kept for *: hvm2' "$tmp/out"
run usb-show 1-8 --host "$host"
ok "a twin came: the other one is nobody's" not_there 'kept for'
run usb-attach --persist hvm1 1-8 --host "$host"
ok "a twin came: it is another domain's" \
    [ "$(rows_of $hvm1)" = "both $stick 1-8 null null" ]
now "$gone gone(\"1-3.1\") | .domains[2].usb[0].ports[1] = null |
    .domains[3].usb = []"
run plan --host "$host"
ok "left alone, that one is not taken for it" grep -q 'hvm1/1-8' "$tmp/out"
ok "left alone, that one is not given to both" not_there hvm2

kept "$(twin_at 1-8) | .domains[3].usb = [] |
    move(\"1-3.1\"; \"1-9\") | .usb |= sort_by(.path)"
run plan --host "$host"
ok "twins, and both moved: neither is given" code_is 0
ok "twins, and both moved: it is said" grep -q \
    'several devices may be it: 1-8 and 1-9, none of which is in port 1-3.1' \
    "$tmp/out"
ok "twins, and both moved: so is the way out" grep -q \
    'xltune usb-attach --persist' "$tmp/out"
run usb-attach --persist hvm2 1-9 --host "$host"
ok "twins, and both moved: the way out" \
    [ "$(rows_of $hvm2)" = "both $stick 1-9 null null" ]
run plan --host "$host"
ok "twins, and both moved: nothing to do then" code_is 0
run usb-detach --persist hvm2 1-9 --host "$host"
ok "twins: the one that the domain has is meant" silent
ok "twins: forgotten" [ -z "$(rows_of $hvm2)" ]

kept "$(twin_at 1-8) | .domains[3].usb = [] | move(\"1-3.1\"; \"1-9\")"
run usb-attach hvm2 1-9 --host "$host"
ok "twins, and both moved: attached by hand" \
    [ "$(rows_of $hvm2)" = "serial $stick 1-9 null null" ]
run plan --host "$host"
ok "twins, and both moved: that one is it" code_is 0
run usb-detach --persist hvm2 0951:1666 --host "$host"
ok "twins: of both the one that the domain has" silent
ok "twins: of both the one that the domain has: forgotten" \
    [ -z "$(rows_of $hvm2)" ]

# Another device is where it was: 1-5 is the domain's other one.

# swapped PORTS-OF-HVM2
swapped()
{
    kept "gone(\"1-3.1\") | move(\"1-5\"; \"1-3.1\") |
        .domains[3].usb[0].ports = $1"
}

none='[null, null, null, null, null, null]'
has='["1-3.1", null, null, null, null, null]'
for ports in "$none" "$has"; do
    for words in serial=$stick 0951:1666 \
        uuid=d39089de-64fe-58ed-9c54-8ed506060686; do
        swapped "$ports"
        run usb-detach --persist hvm2 "$words" --host "$host"
        ok "swapped, $ports: $words" code_is 0
        ok "swapped, $ports: $words: forgotten" [ -z "$(rows_of $hvm2)" ]
        ok "swapped, $ports: $words: the port is free" [ -z "$(ports_of 3)" ]
    done
    swapped "$ports"
    run usb-detach --persist hvm2 1-3.1 --host "$host"
    ok "swapped, $ports: by the port" code_is 0
    ok "swapped, $ports: by the port: it is said what is forgotten" one_error \
        "1-3.1: 0951:1666,serial=$stick, .*no longer; .*there now is another"
    ok "swapped, $ports: by the port: forgotten" [ -z "$(rows_of $hvm2)" ]
    ok "swapped, $ports: by the port: the port is free" [ -z "$(ports_of 3)" ]
    swapped "$ports"
    run usb-detach hvm2 1-3.1 --host "$host"
    ok "swapped, $ports: it stays kept" grep -q "serial $stick" <<X
$(rows_of $hvm2)
X
done

swapped "$none"
cp "$host" "$tmp/swapped"
for words in serial=AA00000000000489,port=1-3.1 058f:6387,port=1-3.1; do
    run usb-detach --persist hvm2 "$words" --host "$host"
    ok "swapped: $words is not the domain's" \
        one_error 'hvm2: it does not have 1-3.1'
    ok "swapped: $words: its row stays" \
        [ "$(rows_of $hvm2)" = "serial $stick 1-3.1 null null" ]
done
ok "swapped: nothing is done" cmp -s "$host" "$tmp/swapped"

swapped "$has"
run usb-detach --persist hvm2 058f:6387,port=1-3.1 --host "$host"
ok "swapped: what its port says it has goes" silent
ok "swapped: the port is free" [ -z "$(ports_of 3)" ]
ok "swapped: its row stays" \
    [ "$(rows_of $hvm2)" = "serial $stick 1-3.1 null null" ]

# The domain has the other one by now.
given()
{
    swapped "$has"
    now '(.usb[] | select(.path == "1-3.1") | .interfaces[].driver) = "usbfs"'
}
given
run usb-detach hvm2 serial=$stick --host "$host"
ok "given since: it does not have the one that is gone" \
    one_error "hvm2: it does not have serial=$stick"
ok "given since: it keeps the other one" [ "$(ports_of 3)" = 1-3.1 ]
run usb-detach --persist hvm2 serial=$stick --host "$host"
ok "given since: the one that is gone is forgotten" silent
ok "given since: forgotten" [ -z "$(rows_of $hvm2)" ]
ok "given since: it keeps the other one all the same" \
    [ "$(ports_of 3)" = 1-3.1 ]
given
run usb-detach --persist hvm2 1-3.1 --host "$host"
ok "given since: by the port it is the other one" silent
ok "given since: that goes" [ -z "$(ports_of 3)" ]
ok "given since: the row stays" \
    [ "$(rows_of $hvm2)" = "serial $stick 1-3.1 null null" ]

# It moved, and the other one came where it was.
kept 'move("1-3.1"; "1-8") | move("1-5"; "1-3.1")'
run usb-detach --persist hvm2 serial=$stick --host "$host"
ok "moved, and another one came" silent
ok "moved, and another one came: the port is free" [ -z "$(ports_of 3)" ]
ok "moved, and another one came: forgotten" [ -z "$(rows_of $hvm2)" ]
kept 'move("1-3.1"; "1-8") | move("1-5"; "1-3.1") | .domains[3].usb = []'
run usb-detach --persist hvm2 1-3.1 --host "$host"
ok "moved, and another one came: the port is not it any more" \
    one_error 'hvm2: it does not have 1-3.1'
ok "moved, and another one came: its row stays" \
    [ "$(rows_of $hvm2)" = "serial $stick 1-3.1 null null" ]
run usb-detach --persist hvm2 1-8 --host "$host"
ok "moved, and another one came: by where it is" silent
ok "moved, and another one came: forgotten by that" [ -z "$(rows_of $hvm2)" ]

# Moved, and not looked at since: the port that it was in means it.
kept 'move("1-3.1"; "1-8")'
run usb-detach hvm2 1-3.1 --host "$host"
ok "moved: by the port that it was in" one_error 'hvm2: its record gives it'
ok "moved: it stays away" \
    [ "$(rows_of $hvm2)" = "serial $stick 1-3.1 null $boot/3" ]
kept 'move("1-3.1"; "1-8")'
run usb-detach --persist hvm2 1-3.1 --host "$host"
ok "moved: by the port that it was in: forgotten" [ -z "$(rows_of $hvm2)" ]

# Two that were in one port, and are gone both.
kept 'gone("1-3.1") | .domains[3].usb = []'
jq '.usb += [.usb[0] | .serial = "SECOND"]' "$host.d/records/$hvm2.json" \
    >"$tmp/two" && cat "$tmp/two" >"$host.d/records/$hvm2.json"
run usb-detach --persist hvm2 1-3.1 --host "$host"
ok "two that are gone" one_error 'several devices that are gone.*serial='
run usb-detach --persist hvm2 serial=SECOND --host "$host"
ok "two that are gone: by its number" silent
ok "two that are gone: the other one stays" \
    [ "$(rows_of $hvm2)" = "serial $stick 1-3.1 null null" ]

# A dry run says what would be.
kept 'gone("1-3.1") | .domains[3].usb = []'
run usb-detach --persist -N hvm2 serial=$stick --host "$host"
ok "gone: a dry run" \
    grep -qx 'hvm2: .* would be kept for it no longer' "$tmp/out"
run usb-detach --persist -N hvm2 serial=$stick --host "$host" --json
ok "gone: a dry run as JSON" json_has '"result": "nothing"'
ok "gone: a dry run forgets nothing" \
    [ "$(rows_of $hvm2)" = "serial $stick 1-3.1 null null" ]

# Two rows that mean one device.
kept '.'
jq '.usb += [.usb[0] | .by = "port"]' "$host.d/records/$hvm2.json" \
    >"$tmp/two" && cat "$tmp/two" >"$host.d/records/$hvm2.json"
run usb-detach --persist hvm2 1-3.1 --host "$host"
ok "two rows of one device" silent
ok "two rows of one device: no row is left" [ -z "$(rows_of $hvm2)" ]

# The version of its controller.

use_host usb
run usb-attach --persist --usb 3 hvm2 1-3.1 --host "$host"
run usb-attach --persist hvm2 1-3.1 --host "$host"
ok "its version stays" [ "$(rows_of $hvm2)" = "serial $stick 1-3.1 3 null" ]
run usb-detach hvm2 1-3.1 --host "$host"
run usbctrl-detach hvm2 0 --host "$host"
run usb-attach --persist hvm2 1-3.1 --host "$host"
ok "its version counts" grep -q '^hvm2: controller 0 is made: USB 3' "$tmp/out"
ok "its version stays, attached again" \
    [ "$(rows_of $hvm2)" = "serial $stick 1-3.1 3 null" ]
run usb-attach --persist --by port hvm2 1-3.1 --host "$host"
ok "its version stays where it is known by something else" \
    [ "$(rows_of $hvm2)" = "port $stick 1-3.1 3 null" ]
run usb-detach hvm2 1-3.1 --host "$host"
run usb-attach --persist --usb 2 hvm2 1-3.1 --host "$host"
ok "another version" [ "$(rows_of $hvm2)" = "serial $stick 1-3.1 2 null" ]

# A rollback leaves what is kept.

use_host usb
run usb-attach --persist hvm2 1-3.1 --host "$host"
run usb-detach hvm2 1-3.1 --host "$host"
run rollback --host "$host"
ok "usb-detach rolled back" code_is 0
ok "usb-detach rolled back: it has it" [ "$(ports_of 3)" = 1-3.1 ]
ok "usb-detach rolled back: what is kept is said" one_error \
    'hvm2: it has 1-3.1, but ".*" still says .*"xltune usb-attach hvm2 1-3.1"'
run usb-attach hvm2 1-3.1 --host "$host"
ok "usb-detach rolled back: the way out" \
    [ "$(rows_of $hvm2)" = "serial $stick 1-3.1 null null" ]
run vusb-list --minimal --host "$host"
vusb=$(cat "$tmp/out")
run vusb-unplug uuid="$vusb" --host "$host"
run rollback --host "$host"
ok "vusb-unplug rolled back: what is kept is said" one_error \
    'hvm2: it has 1-3.1, but .* still says that it does without'
run usb-attach hvm2 1-3.1 --host "$host"
run vusb-unplug uuid="$vusb" --host "$host"
run vusb-plug uuid="$vusb" --host "$host"
run rollback --host "$host"
ok "vusb-plug rolled back: it has it not" [ -z "$(ports_of 3)" ]
ok "vusb-plug rolled back: what is kept is said" \
    one_error 'hvm2: .*which the next apply attaches again'
