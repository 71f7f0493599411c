#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# USB devices that are unplugged, and plugged in again: here and elsewhere.
# shellcheck source=tests/lab/dom0/lib.sh
. /usr/share/lab/lib.sh

# What tells devices apart: their serial number, or their name.
word_of() {
    cat "/sys/bus/usb/devices/$(usb_path "$1")/$2"
}

modprobe sd_mod
stick=$(usb_path stick0) keyboard=$(usb_path keyboard1)
was=$(usb_address stick0)
expect_eq "the stick" STICK0 "$(word_of stick0 serial)"
expect_eq "the keyboard" "QEMU USB Keyboard" "$(word_of keyboard1 product)"

wait_for 20 test -b /dev/sda || die "the stick is no disk"
echo kept > /dev/sda
sync
usb_unplug stick0
expect_eq "it is gone" "" "$(usb_path stick0)"
[ ! -e "/sys/bus/usb/devices/$stick" ] || die "it is there"
expect_eq "the keyboard stays" "$keyboard" "$(usb_path keyboard1)"

usb_plug stick0
expect_eq "it is where it was" "$stick" "$(usb_path stick0)"
[ "$(usb_address stick0)" != "$was" ] || die "it has the address that it had"
wait_for 20 test -b /dev/sda || die "the stick is no disk any more"
expect_eq "what is on it" kept "$(head -c 4 /dev/sda)"

usb_unplug stick0
usb_plug stick0 7
expect_eq "it is elsewhere" "${stick%-*}-7" "$(usb_path stick0)"
expect_eq "it is the same" STICK0 "$(word_of stick0 serial)"
usb_unplug keyboard1
usb_plug keyboard1
# On a hub, which takes what hangs on it with it; and on the slower controller.
speed_of() {
    word_of "$1" speed
}
expect_eq "a stick on a hub" STICK3 "$(word_of stick3 serial)"
expect_eq "speeds" "5000 12 480" \
    "$(speed_of stick0) $(speed_of stick3) $(speed_of stick4)"
usb_unplug stick3
usb_plug stick3 3.2
expect_eq "the next port of the hub" 2 "$(usb_path stick3 | sed 's/.*3\.//')"
usb_unplug stick4
usb_plug stick4
expect_eq "the fast one" "STICK4 480" \
    "$(word_of stick4 serial) $(speed_of stick4)"

expect_eq "the keyboard is where it was" "$keyboard" "$(usb_path keyboard1)"
