# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
#
# For scripts that run in the lab's dom0:  . /usr/share/lab/lib.sh

# What the topology asked for: LAB_NODES, LAB_CPUS, LAB_PCI, LAB_USB.
# shellcheck source=/dev/null
. /etc/lab/topology

say() {
    printf '%s\n' "$*"
}

die() {
    printf 'lab: %s\n' "$*" >&2
    exit 1
}

# expect_eq WHAT WANTED GOT
expect_eq() {
    [ "$2" = "$3" ] || die "$1: wanted \"$2\", got \"$3\""
    say "ok: $1"
}

# expect_exit CODE COMMAND...: the command's output passes through.
expect_exit() {
    _wanted=$1 _got=0
    shift
    "$@" || _got=$?
    expect_eq "exit code of $*" "$_wanted" "$_got"
}

# wait_for SECONDS COMMAND...: until the command holds; its output is dropped.
# Emulation is slow, and slower beside another one: so often as that many
# seconds have room for a command that takes no time, but not for ever.
wait_for() {
    _left=$(($1 * 5))
    _until=$(($(cut -d. -f1 /proc/uptime) + $1 * 4))
    shift
    until "$@" > /dev/null 2>&1; do
        _left=$((_left - 1))
        [ "$_left" -gt 0 ] || return 1
        [ "$(cut -d. -f1 /proc/uptime)" -lt "$_until" ] || return 1
        usleep 200000
    done
}

_is_scrubbed() {
    xl debug-keys H
    ! xl dmesg | tac | sed '/pressed/q' | grep -q unscrubbed
}

# Until what domains have left is scrubbed: Xen gives what is on other nodes to
# the next one before that (alloc_heap_pages() in xen/common/page_alloc.c).
wait_scrubbed() {
    wait_for 60 _is_scrubbed || die "memory is not scrubbed"
}

# mkguest KIND NAME [KEY=VALUE...]: KIND is a file of /guest without its .cfg,
# the rest is what `xl create' takes. Says what xl said only if it failed.
mkguest() {
    _kind=$1 _name=$2
    shift 2
    xl create "/guest/$_kind.cfg" "name=\"$_name\"" "$@" \
        > "/tmp/$_name.create" 2>&1 && return
    cat "/tmp/$_name.create" >&2
    die "cannot create the guest $_name"
}

# A number of so many bytes, the highest first.
_be() { # BYTES NUMBER
    _at=$1
    while [ "$_at" -gt 0 ]; do
        _at=$((_at - 1))
        # shellcheck disable=SC2059
        printf "\\$(printf %03o $((($2 >> (_at * 8)) & 255)))"
    done
}

# mkqcow2 FILE GIB [BASE]: an empty image, of version 2 and in clusters of 64
# KiB, as qemu-img would make it, which is not there.
mkqcow2() {
    _base=${3-}
    {
        printf 'QFI\373'
        _be 4 2
        _be 8 $((${#_base} ? 256 : 0))
        _be 4 ${#_base}
        _be 4 16
        _be 8 $(($2 << 30))
        _be 4 0
        _be 4 $(($2 * 2)) # entries of the first table
        _be 8 131072
        _be 8 65536
        _be 4 1
        _be 4 0
        _be 8 0
        if [ "$_base" ]; then # an extension: the format of what it stands on
            _be 4 $((0xe2792aca))
            _be 4 5
            printf 'qcow2\0\0\0'
        fi
        _be 8 0
    } > "$1"
    truncate -s 256 "$1"
    printf '%s' "$_base" >> "$1"
    truncate -s 256K "$1"
}

# What a Linux guest said, up to now. A migrated one has its second log.
guest_log() {
    cat "/var/log/xen/console/guest-$1.log" \
        "/var/log/xen/console/guest-$1--incoming.log" 2> /dev/null
}

# The last second that a Linux guest counted; 0 before the first.
guest_tick() {
    guest_log "$1" | awk '$1 == "tick" { n = $2 } END { print n + 0 }'
}

_guest_past() {
    [ "$(guest_tick "$1")" -gt "$2" ]
}

# guest_lives NAME [SECONDS]: the guest counts on from where it is now.
guest_lives() {
    wait_for "${2:-30}" _guest_past "$1" "$(guest_tick "$1")"
}

uuid_of() {
    xenstore-read "/local/domain/$(xl domid "$1")/vm" | sed 's,/vm/,,'
}

# node_of NAME: the node that has all of its memory, by Xen's count, a
# hundredth of it aside; - for none.
node_of() {
    xltune residency --residency=measure --json > /tmp/residency.json ||
        die "no residency"
    awk -v wanted="$1" '/"name":/ { gsub(/[",]/, "", $2); name = $2 }
        /"memory_by_node_kb":/ { on = 1; sub(/.*\[/, "") }
        on { text = text " " $0 }
        on && /\]/ {
            gsub(/[^0-9]+/, " ", text); n = split(text, kb, " ")
            for (i = 1; i <= n; i++) sum += kb[i]
            for (i = 1; i <= n; i++) if (kb[i] > sum * 0.99) node = i - 1
            if (name == wanted) print node == "" ? "-" : node
            on = 0; text = node = ""; sum = 0 }' /tmp/residency.json
}

# masks_of NAME: each that a vCPU of it has, "hard / soft", once.
masks_of() {
    xl vcpu-list "$1" | awk 'NR > 1 { print $(NF - 2), $(NF - 1), $NF }' |
        sort -u
}

# The PCI devices that a Linux guest sees now: a line "ADDRESS VENDOR:DEVICE
# DRIVER" for each, - where it has no driver.
guest_pci() {
    guest_log "$1" | tr -d '\r' | awk '
        $1 == "PCI" && $3 == "gone" { delete seen[$2]; next }
        $1 == "PCI" { seen[$2] = $3 " " $4 }
        END { for (address in seen) print address, seen[address] }'
}

# driver_of ADDRESS: what drives a PCI device in dom0; - for nothing.
driver_of() {
    if [ -e "/sys/bus/pci/devices/$1/driver" ]; then
        basename "$(readlink -f "/sys/bus/pci/devices/$1/driver")"
    else
        say -
    fi
}

# guest_last_pci NAME TEXT: the last that a Linux guest said of a device.
guest_last_pci() {
    guest_log "$1" | tr -d '\r' | grep '^PCI' | tail -n 1 | grep -q "$2"
}

# same_pci_lists NAME: a domain's devices, and those that are assignable, are
# the same text from xl and from us.
same_pci_lists() {
    xl pci-list "$1" > /tmp/xl.list
    xltune pci-list "$1" | cmp - /tmp/xl.list ||
        die "pci-list differs: $(xltune pci-list "$1"; cat /tmp/xl.list)"
    xl pci-assignable-list | sort > /tmp/xl.list
    xltune pci-assignable-list | cmp - /tmp/xl.list ||
        die "pci-assignable-list differs: $(cat /tmp/xl.list)"
}

# pci_in_guest NAME ADDRESS WORDS: an assignable device goes into a Linux
# guest, is at work there ("VENDOR:DEVICE DRIVER"), and comes out again.
pci_in_guest() {
    xltune pci-check "$2" "$1" > /tmp/check
    [ $? != 1 ] || die "pci-check: $(cat /tmp/check)"
    ! grep FAIL /tmp/check || die "pci-check finds what is not so"
    xltune pci-attach "$1" "$2" || die "pci-attach $1: $?"
    same_pci_lists "$1"
    xltune pci-show "$2" | grep -q "assigned" || die "pci-show does not say so"
    wait_for 90 guest_last_pci "$1" "$3" ||
        die "$1 does not see it: $(guest_log "$1" | grep PCI)"
    say "ok: $1 has it, and its driver is at work"
    xltune pci-attach "$1" "$2" || die "pci-attach twice: $?"
    xltune pci-assignable-remove -r "$2" 2> /tmp/err &&
        die "taken from under $1"
    say "#   $(cat /tmp/err)"
    xltune pci-detach "$1" "$2" || die "pci-detach $1: $?"
    wait_for 60 guest_last_pci "$1" gone || die "$1 still has it"
    same_pci_lists "$1"
    say "ok: $1 has it no longer"
    expect_eq "still assignable" "$2" "$(xltune pci-assignable-list | tr -d ' ')"
}

# The port of a device of the topology, "stick0": where it was plugged in last.
_usb_port() {
    cat "/run/lab.$1" 2> /dev/null && return
    for _at in $LAB_USB_AT; do
        [ "${_at%%=*}" != "$1" ] || say "${_at#*=}"
    done
}

# usb_path NAME: where dom0 has a device of the topology: "2-1"; nothing where
# it is unplugged.
usb_path() {
    for _device in /sys/bus/usb/devices/*-"$(_usb_port "$1")"; do
        [ ! -e "$_device/devnum" ] || say "${_device##*/}"
    done
}

# usb_address NAME: as lsusb has it: another one each time.
usb_address() {
    cat "/sys/bus/usb/devices/$(usb_path "$1")/devnum"
}

_usb_is_there() {
    [ -n "$(usb_path "$1")" ]
}

_usb_is_gone() {
    ! _usb_is_there "$1"
}

# usb_unplug NAME, as a hand does it to a device of the topology, which is the
# name of its kind and its number: "stick0". Until dom0 knows.
usb_unplug() {
    echo "unplug $1" | port 0xec
    wait_for 20 _usb_is_gone "$1" || die "$1 cannot be unplugged"
}

# usb_plug NAME [PORT]: where it was, or into another port of those that the
# host has: one that no other device has, on whichever bus.
usb_plug() {
    [ $# = 1 ] || say "$2" > "/run/lab.$1"
    echo "plug $1 $(_usb_port "$1")" | port 0xec
    wait_for 20 _usb_is_there "$1" || die "$1 cannot be plugged in"
}

# usb_driver NAME: dom0's, of its first interface.
usb_driver() {
    basename "$(readlink "/sys/bus/usb/devices/$(usb_path "$1"):1.0/driver")"
}

# usb_model GUEST: what its device model says of USB.
usb_model() {
    xl qemu-monitor-command "$1" "info usb" | tr -d '\r'
}

# usb_in GUEST NAME: its device model has opened it, by the name that libxl
# gives it.
usb_in() {
    _path=$(usb_path "$2")
    [ -n "$_path" ] && usb_model "$1" |
        grep -q "ID: xenusb-${_path%%-*}-$(usb_address "$2")$"
}

# same_usb_list GUEST: xl's list and ours are the same text.
same_usb_list() {
    xl usb-list "$1" > /tmp/xl.list || die "xl usb-list $1"
    xltune usb-list "$1" | cmp - /tmp/xl.list ||
        die "usb-list differs: $(xltune usb-list "$1"; cat /tmp/xl.list)"
}
