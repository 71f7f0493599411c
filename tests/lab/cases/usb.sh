#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# In dom0 of usb: a stick is listed, enabled and given to a guest as xe does it,
# and comes back to it whenever both are there: after a replug, a reboot, a
# guest that was killed; beside xl, which cannot.
. /usr/share/lab/lib.sh

log=/tmp/watch.log
uuid=00000000-1111-2222-3333-444444444444
other=00000000-1111-2222-3333-555555555555

start() {
    xltune watch --interval 5 2>> $log &
    daemon=$!
    wait_for 20 said "watch: .* domains are here" ||
        die "the daemon does not start: $(cat $log)"
}

stop() {
    kill -TERM $daemon
    wait $daemon || die "the daemon ends with $?: $(tail $log)"
}

said() {
    grep -q "$1" $log
}

# The id that the device model gives a device of the topology.
model_id() {
    path=$(usb_path "$1")
    say "xenusb-${path%%-*}-$(usb_address "$1")"
}

model() {
    xl qemu-monitor-command "$1" "info usb" | tr -d '\r'
}

# has GUEST NAME: the device model has opened it.
has() {
    [ -n "$(usb_path "$2")" ] && model "$1" | grep -q "ID: $(model_id "$2")$"
}

has_none() {
    ! model "$1" | grep -q "ID: xenusb"
}

# same_list GUEST: xl's list and ours are the same text.
same_list() {
    xl usb-list "$1" > /tmp/xl.list || die "xl usb-list $1"
    xltune usb-list "$1" | cmp - /tmp/xl.list ||
        die "usb-list differs: $(xltune usb-list "$1"; cat /tmp/xl.list)"
}

# usb_driver NAME: dom0's, of its first interface.
usb_driver() {
    basename "$(readlink "/sys/bus/usb/devices/$(usb_path "$1"):1.0/driver")"
}

is_dom0s() {
    [ "$(usb_driver "$1")" = "$2" ]
}

# All that an attach changes.
state() {
    for name in stick0 stick2 stick3 keyboard4 mouse5 serial6; do
        say "$name $(usb_driver $name)"
    done
    xenstore-ls -f /libxl | grep vusb
    model web | grep -o 'ID: xenusb.*'
    xl list | awk '{ print $1, $2 }'
}

now_ms() {
    awk '{ print int($1 * 1000) }' /proc/uptime
}

# Its firmware, which finds nothing to boot, resets the guest each minute.
mkpaused() { # NAME UUID
    mkguest hvm "$1" vcpus=1 "uuid=\"$2\""
    xl pause "$1"
}

# The rest of what the domain's life takes is xl's.
has_another_id() {
    id=$(xl domid web 2> /dev/null) && [ "$id" != "$1" ]
}

back() { # WHAT NAME
    wait_for 20 has web "$2" || die "$1: it is not in the guest: $(tail $log)"
    is_dom0s "$2" usb-storage && die "$1: dom0 drives it"
    same_list web
    say "ok: $1: it is in the guest"
}

check_records() {
    pusb=$(xltune pusb-list serial=STICK0 params=uuid --minimal)
    [ -n "$pusb" ] || die "no pusb of the stick: $(xltune pusb-list)"
    expect_eq "keyboards are not listed" "" \
        "$(xltune pusb-list | grep -i keyboard)"
    expect_eq "sticks are" 3 \
        "$(xltune pusb-list params=serial --minimal | tr ',' '\n' | grep -c STICK)"
    group=$(xltune pusb-param-get uuid="$pusb" param-name=usb-group-uuid)
    xltune vusb-create usb-group-uuid="$group" vm-uuid=$uuid 2> /tmp/err &&
        die "what is not enabled is given"
    say "#   $(cat /tmp/err)"
    xltune pusb-param-set uuid="$pusb" passthrough-enabled=true ||
        die "pusb-param-set: $?"
    vusb=$(xltune vusb-create usb-group-uuid="$group" vm-uuid=$uuid) ||
        die "vusb-create: $?"
    expect_eq "the vusb" "$vusb" "$(xltune vusb-list params=uuid --minimal)"
}

check_start() {
    start
    mkpaused web $uuid
    back "a domain that starts" stick0
    said "web: has been given" || die "nothing is said: $(cat $log)"
    expect_eq "the device model has one" 1 "$(model web | grep -c "ID: xenusb")"
}

check_unplug() {
    usb_unplug stick0
    wait_for 30 has_none web || die "the model has it still: $(model web)"
    wait_for 30 no_port web || die "a port has it still: $(xl usb-list web)"
    say "ok: what was unplugged leaves nothing in the guest"
    same_list web
}

no_port() {
    ! xenstore-ls -f /libxl/"$(xl domid "$1")"/device/vusb |
        grep -q 'port/[0-9]* = "[^"]'
}

given() {
    grep -c "^xltune: web: has been given" $log
}

# How long after dom0's Linux has it.
replug() { # PORT
    count=$(given)
    say "${1:-1}" > /run/lab.stick0
    echo "plug stick0 ${1:-1}" | port 0xec
    until [ -n "$(usb_path stick0)" ]; do usleep 20000; done
    begun=$(now_ms)
    until [ "$(given)" -gt "$count" ] || [ $(($(now_ms) - begun)) -gt 30000 ]; do
        usleep 20000
    done
    took=$(($(now_ms) - begun))
    say "# back in the guest after $took ms"
    [ $took -lt 15000 ] || die "it took long: $(tail $log)"
}

check_replug() {
    before=$address
    replug
    back "plugged in again" stick0
    [ "$(usb_address stick0)" != "$before" ] || die "the address is the same"
    usb_unplug stick0
    replug 8
    back "plugged in elsewhere" stick0
    expect_eq "elsewhere" 8 "$(usb_path stick0 | sed 's/.*-//')"
}

check_reboots() {
    id=$(xl domid web)
    xl unpause web
    xl qemu-monitor-command web system_reset > /dev/null
    wait_for 60 has_another_id "$id" || die "no reboot"
    xl pause web
    back "the guest's own reset" stick0
    xl destroy web
    wait_for 30 is_dom0s stick0 usb-storage ||
        die "dom0 does not drive it: $(tail $log)"
    say "ok: of a guest that was killed dom0 has it again"
    mkpaused web $uuid
    back "made again" stick0
}

check_unplugged_vusb() {
    xltune vusb-unplug uuid="$vusb" || die "vusb-unplug: $?"
    wait_for 10 has_none web || die "vusb-unplug leaves it there"
    expect_eq "dom0's" usb-storage "$(usb_driver stick0)"
    usb_unplug stick0
    usb_plug stick0 1
    sleep 3
    has web stick0 && die "what a hand took is given again"
    say "ok: what a hand took stays where it is"
    xltune vusb-plug uuid="$vusb" || die "vusb-plug: $?"
    back "vusb-plug" stick0
}

refused() { # WORD COMMAND...
    word=$1
    shift
    state > /tmp/before
    if "$@" > /tmp/out 2> /tmp/err; then die "not refused: $*"; fi
    grep -q "$word" /tmp/err || die "$*: $(cat /tmp/err)"
    state > /tmp/after
    cmp -s /tmp/before /tmp/after ||
        die "changed something: $*: $(diff /tmp/before /tmp/after)"
    say "ok: refused: $*"
    say "#   $(cat /tmp/err)"
}

check_guards() {
    keyboard=$(usb_path keyboard4)
    refused policy xltune usb-attach web "$keyboard"
    refused policy xltune --force=keyboard usb-attach web "$keyboard"
    xltune usb-policy allow "$keyboard" > /tmp/out 2>&1 ||
        die "usb-policy allow: $? $(cat /tmp/out)"
    sed 's/^/#   /' /tmp/out
    # Its ids are the mouse's, too, which is the only one; the machine has
    # another keyboard.
    refused pointer xltune usb-attach web "$(usb_path mouse5)"
    xltune usb-attach web "$keyboard" || die "usb-attach: $?"
    wait_for 10 has web keyboard4 || die "the keyboard is not there"
    same_list web
    say "ok: the keyboard is given when it is allowed"
    xltune usb-detach web "$keyboard" || die "usb-detach: $?"
    expect_eq "dom0's keyboard" usbhid "$(usb_driver keyboard4)"
    refused hub xltune usb-attach web "$(usb_path hub1)"

    modprobe -a sd_mod crc32c_generic ext4
    stick=$(usb_path stick3)
    wait_for 20 disk_of "$stick" || die "the stick is no disk"
    mke2fs "/dev/$(disk_of "$stick")" > /dev/null 2>&1 || die "no mke2fs"
    mkdir -p /mnt/stick
    mount -t ext4 "/dev/$(disk_of "$stick")" /mnt/stick || die "no mount"
    refused /mnt/stick xltune usb-attach web "$stick"
    umount /mnt/stick
}

disk_of() {
    find "/sys/bus/usb/devices/$1/" -path '*/block/*' -maxdepth 8 -name 'sd*' |
        sed 's,.*/,,' | grep .
}

# Each change fails, or is made and says that it failed. None of them is about
# a controller: a guest that is paused does not let go of one.
check_faults() {
    stick=$(usb_path stick3)
    for kind in fail half; do
        for n in 1 2 3 4; do
            state > /tmp/before
            XLTUNE_FAULT=$kind:$n xltune usb-attach web "$stick" \
                > /tmp/out 2>&1 && break
            grep -q injected /tmp/out || die "$kind:$n: $(cat /tmp/out)"
            state > /tmp/after
            cmp /tmp/before /tmp/after ||
                die "$kind:$n left $(diff /tmp/before /tmp/after)"
            say "ok: an attach with $kind:$n is undone"
        done
        [ "$n" -gt 1 ] || die "$kind: nothing was changed?"
        has web stick3 || die "attached, and not there"
        xltune usb-detach web "$stick" || die "usb-detach: $?"
    done
}

last_controller() {
    xl usb-list "$1" | awk '$2 == "devicemodel" { id = $1 } END { print id }'
}

# In one guest, and in two.
check_two() {
    a=$(usb_path stick3) b=$(usb_path mouse5)
    xltune --force=all usb-attach web "$b" > /tmp/one 2>&1 &
    xltune usb-attach web "$a" > /tmp/two 2>&1 || die "$(cat /tmp/two)"
    wait $! || die "two at once: $(cat /tmp/one)"
    for name in stick3 mouse5; do
        wait_for 10 has web $name || die "$name is not there: $(model web)"
    done
    same_list web
    xltune usb-detach web "$a" || die "usb-detach of the stick: $?"
    xltune usb-detach web "$b" || die "usb-detach of the mouse: $?"
    mkpaused other $other
    xltune usb-attach other "$a" > /tmp/one 2>&1 &
    xltune usb-attach web "$a" > /tmp/two 2>&1
    two=$?
    wait $!
    one=$?
    say "# of two domains: $one $two $(cat /tmp/one /tmp/two)"
    [ "$((one == 0))" != "$((two == 0))" ] || die "of two domains: $one, $two"
    same_list web
    same_list other
    [ $one = 0 ] && owner=other || owner=web
    xltune usb-detach "$owner" "$a" || die "usb-detach $owner: $?"
    expect_eq "dom0's stick" usb-storage "$(usb_driver stick3)"
}

# What xl leaves, and is stopped by: a device that went while nobody looked.
check_stale() {
    stop
    usb_unplug stick0
    address="hostbus=$(usb_path stick3 | cut -d- -f1)"
    address="$address hostaddr=$(usb_address stick3)"
    # shellcheck disable=SC2086 # words
    xl usbdev-attach other $address > /tmp/out 2>&1 &&
        die "xl can: is this still worth a test?"
    sed 's/^/# xl: /' /tmp/out | head -n 2
    xltune pusb-scan || die "pusb-scan: $?"
    no_port web || die "pusb-scan leaves it: $(xl usb-list web)"
    xl usbctrl-attach other version=2 || die "xl usbctrl-attach"
    # The last one, which is of the stick's speed.
    # shellcheck disable=SC2086 # words
    xl usbdev-attach other $address port=1 \
        controller="$(last_controller other)" ||
        die "xl does not attach after pusb-scan"
    wait_for 10 has other stick3 || die "xl's is not there"
    say "ok: what was stale blocks nobody any more"
    usb_plug stick0 1
    xltune pusb-scan || die "pusb-scan: $?"
    back "pusb-scan without the daemon" stick0
    xl destroy other
}

check_records
check_start
address=$(usb_address stick0)
check_unplug
check_replug
check_reboots
check_unplugged_vusb
check_guards
check_faults
check_two
check_stale
grep -v ': \(set\|is as wanted\|has been given\|policy\|watch\)' $log |
    sed 's/^/# /'
say "usb: done"
