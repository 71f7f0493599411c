#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# In dom0 of usb, after usb-boot.sh, whose /var/lib/xltune is /root/lab/kept:
# the stick is in another port, and is the same one; its guest gets it.
. /usr/share/lab/lib.sh
uuid=00000000-1111-2222-3333-444444444444

read -r pusb group vusb < /root/lab/uuids
base64 -d /root/lab/kept | tar -C /var/lib -xzf -
usb_unplug stick3
usb_plug stick3 3
listed() {
    xltune pusb-list serial=STICK3 params=uuid --minimal | grep .
}
wait_for 10 listed || die "it is not listed"
expect_eq "the pusb" "$pusb" "$(listed)"
expect_eq "it is enabled" true \
    "$(xltune pusb-param-get uuid="$pusb" param-name=passthrough-enabled)"
expect_eq "its group" "the key" \
    "$(xltune usb-group-param-get uuid="$group" param-name=name-label)"
expect_eq "the vusb" "$vusb" "$(xltune vusb-list params=uuid --minimal)"

xltune watch --interval 5 2> /tmp/watch.log &
wait_for 20 grep -q "domains are here" /tmp/watch.log || die "no daemon"
mkguest hvm web vcpus=1 "uuid=\"$uuid\""
xl pause web
wait_for 60 usb_in web stick3 || die "the guest has it not: $(cat /tmp/watch.log)"
say "ok: after dom0's reboot the guest gets its stick"
kill -TERM $!
wait
