#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# In dom0 of usb: what is kept of a stick and a guest; usb-booted.sh is dom0's
# next boot.
. /usr/share/lab/lib.sh
uuid=00000000-1111-2222-3333-444444444444

pusb=$(xltune pusb-list serial=STICK3 params=uuid --minimal)
group=$(xltune pusb-param-get uuid="$pusb" param-name=usb-group-uuid)
xltune pusb-param-set uuid="$pusb" passthrough-enabled=true ||
    die "pusb-param-set: $?"
xltune usb-group-param-set uuid="$group" name-label="the key" ||
    die "usb-group-param-set: $?"
vusb=$(xltune vusb-create usb-group-uuid="$group" vm-uuid=$uuid) ||
    die "vusb-create: $?"
printf '%s\n' "$pusb $group $vusb" > /out/uuids
tar -C /var/lib -cf - xltune | gzip -1 | base64 > /out/kept
say "ok: kept"
