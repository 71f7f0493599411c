#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# In dom0 of usb: a stick is listed, enabled and given to a guest as xe does it,
# and comes back to it whenever both are there: after a replug, a reboot, a
# guest that was killed, a helper that ended without an answer; beside xl, which
# cannot. So do a device that dom0 has no driver for, and a keyboard.
. /usr/share/lab/lib.sh

log=/tmp/watch.log
uuid=00000000-1111-2222-3333-444444444444
other=00000000-1111-2222-3333-555555555555
third=00000000-1111-2222-3333-666666666666
libexec=/usr/libexec/xltune

trap 'dmesg | grep -E "segfault|traps:|general protection" | sed "s/^/# /"' EXIT

# Where /tmp/dies is, what the daemon starts to give devices does it, and ends
# without a word; what takes them back does not even begin.
mkdir /tmp/libexec
ln -s "$libexec/xltune-move" /tmp/libexec/
cat > /tmp/libexec/xltune-device << END
#!/bin/sh
[ -e /tmp/dies ] || exec $libexec/xltune-device "\$@"
[ "\$1" != usbdev-attach ] || $libexec/xltune-device "\$@" > /dev/null
exit 1
END
chmod +x /tmp/libexec/xltune-device

start() {
    XLTUNE_LIBEXECDIR=/tmp/libexec xltune watch --interval 5 2>> $log &
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

has_none() {
    ! usb_model "$1" | grep -q "ID: xenusb"
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
    usb_model web | grep -o 'ID: xenusb.*'
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
    wait_for 20 usb_in web "$2" || die "$1: it is not in the guest: $(tail $log)"
    is_dom0s "$2" usb-storage && die "$1: dom0 drives it"
    same_usb_list web
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
    expect_eq "the device model has one" 1 "$(usb_model web | grep -c "ID: xenusb")"
}

check_unplug() {
    usb_unplug stick0
    wait_for 30 has_none web || die "the model has it still: $(usb_model web)"
    wait_for 30 no_port web || die "a port has it still: $(xl usb-list web)"
    say "ok: what was unplugged leaves nothing in the guest"
    same_usb_list web
}

# no_port GUEST [PATH]: the toolstack says of none that it has it, or any.
no_port() {
    ! xenstore-ls -f /libxl/"$(xl domid "$1")"/device/vusb |
        grep -q "port/[0-9]* = \"${2:-[^\"]}"
}

given() {
    grep -c "^xltune: web: has been given" $log
}

# How long after dom0's Linux has it. Into PORT, or where it was.
replug() { # NAME [PORT]
    count=$(given)
    [ $# = 1 ] || say "$2" > "/run/lab.$1"
    echo "plug $1 $(_usb_port "$1")" | port 0xec
    until [ -n "$(usb_path "$1")" ]; do usleep 20000; done
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
    replug stick0
    back "plugged in again" stick0
    [ "$(usb_address stick0)" != "$before" ] || die "the address is the same"
    usb_unplug stick0
    replug stick0 8
    back "plugged in elsewhere" stick0
    expect_eq "elsewhere" 8 "$(usb_path stick0 | sed 's/.*-//')"
}

# While the daemon does not look. No driver of dom0's tells of it then: all
# that there is to see is that it is a new one.
check_without_driver() {
    modprobe -r ftdi_sio
    xltune usb-attach --persist web "$(usb_path serial6)" ||
        die "usb-attach of what has no driver: $?"
    usb_in web serial6 || die "attached, and not there"
    before=$(usb_address serial6)
    kill -STOP $daemon
    usb_unplug serial6
    usb_plug serial6
    [ "$(usb_address serial6)" != "$before" ] || die "it is the same"
    kill -CONT $daemon
    wait_for 20 usb_in web serial6 ||
        die "without a driver: it is not in the guest: $(tail $log)"
    same_usb_list web
    # A guest resets what it is given, which is no reason to begin again.
    count=$(given)
    sleep 3
    usb_in web serial6 || die "it has left again"
    expect_eq "it is given once" "$count" "$(given)"
    xltune usb-detach --persist web "$(usb_path serial6)" ||
        die "usb-detach: $?"
    modprobe ftdi_sio
    wait_for 20 is_dom0s serial6 ftdi_sio || die "dom0 does not drive it"
    say "ok: what has no driver comes back as well"
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
    usb_in web stick0 && die "what a hand took is given again"
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
    xltune usb-attach --persist web "$keyboard" || die "usb-attach: $?"
    wait_for 10 usb_in web keyboard4 || die "the keyboard is not there"
    same_usb_list web
    say "ok: the keyboard is given when it is allowed"
    usb_unplug keyboard4
    wait_for 30 no_port web "$keyboard" || die "a port has it still: $(xl usb-list web)"
    replug keyboard4
    wait_for 20 usb_in web keyboard4 || die "the keyboard stays away: $(tail $log)"
    say "ok: the keyboard comes back, for there is another one"
    xltune usb-detach --persist web "$keyboard" || die "usb-detach: $?"
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
        usb_in web stick3 || die "attached, and not there"
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
        wait_for 10 usb_in web $name || die "$name is not there: $(usb_model web)"
    done
    same_usb_list web
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
    same_usb_list web
    same_usb_list other
    [ $one = 0 ] && owner=other || owner=web
    xltune usb-detach "$owner" "$a" || die "usb-detach $owner: $?"
    expect_eq "dom0's stick" usb-storage "$(usb_driver stick3)"
}

unfinished() {
    [ -e /var/lib/xltune/journal.json ]
}

finished() {
    ! unfinished
}

# Nobody can take back what was half done, until the helper is well again; and
# nobody is there to see to it.
check_no_answer() {
    usb_unplug stick0
    wait_for 30 no_port web || die "a port has it still: $(xl usb-list web)"
    touch /tmp/dies
    usb_plug stick0 1
    wait_for 30 said "which is tried again" || die "nothing is said: $(tail $log)"
    unfinished || die "nothing was left to be undone: $(tail $log)"
    xltune usb-attach web "$(usb_path stick3)" 2> /tmp/err &&
        die "changed while something is unfinished"
    say "#   $(cat /tmp/err)"
    rm /tmp/dies
    wait_for 30 finished || die "it is not undone: $(tail $log)"
    back "after a helper without an answer" stick0
}

# The daemon is not there.
check_create() {
    pusb=$(xltune pusb-list serial=STICK3 params=uuid --minimal)
    xltune pusb-param-set uuid="$pusb" passthrough-enabled=true ||
        die "pusb-param-set: $?"
    vusb=$(xltune vusb-create vm-uuid=$third usb-group-uuid="$(
        xltune pusb-param-get uuid="$pusb" param-name=usb-group-uuid)") ||
        die "vusb-create: $?"
    xltune create -p /guest/hvm.cfg name=\"made\" vcpus=1 uuid=\"$third\" \
        > /tmp/out 2>&1 || die "create: $? $(cat /tmp/out)"
    sed 's/^/#   /' /tmp/out
    usb_in made stick3 || die "create: it is not in the guest: $(usb_model made)"
    same_usb_list made
    xl destroy made
    xltune vusb-destroy uuid="$vusb" || die "vusb-destroy: $?"
    xltune pusb-scan || die "pusb-scan: $?"
    expect_eq "dom0's" usb-storage "$(usb_driver stick3)"
    say "ok: create attaches what the record has"
}

# What xl leaves, and is stopped by: a device that went while nobody looked.
check_stale() {
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
    wait_for 10 usb_in other stick3 || die "xl's is not there"
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
check_without_driver
check_reboots
check_unplugged_vusb
check_guards
check_faults
check_two
check_no_answer
stop
check_create
check_stale
grep -v ': \(set\|is as wanted\|has been given\|policy\|watch\)' $log |
    sed 's/^/# /'
say "usb: done"
