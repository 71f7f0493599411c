#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What the topology 4x4 asks for, as Xen and Linux see it.
# shellcheck source=tests/lab/dom0/lib.sh
. /usr/share/lab/lib.sh

xl info -n > /tmp/info

# field NAME: one value of xl info.
field() {
    awk -v name="$1" '$1 == name && $2 == ":" {
        sub(/^[^:]*: /, ""); print }' /tmp/info
}

# rows HEADING: a table of xl info.
rows() {
    awk -v heading="$1" '
        $1 == heading { on = 1; next }
        on && ($1 !~ /:/ || $2 == ":") && $1 !~ /^[0-9]/ { exit }
        on { print }' /tmp/info
}

nodes_of_cpus() {
    awk '/^ +[0-9]+: +[0-9]+ +[0-9]+ +[0-9]+$/ { printf "%s ", $4 }' /tmp/info
}

distances() {
    rows node: | awk '{ print $NF }' | tr '\n' ' '
}

# A device is its class in Linux and its node in Xen.
devices() {
    awk '/^[0-9a-f]+:[0-9a-f]+:/ { print }' /tmp/info | sort |
        while read -r address node; do
            class=$(cut -c3-6 "/sys/bus/pci/devices/$address/class")
            [ "$class" = 0604 ] || printf '%s:%s ' "$class" "$node"
        done
}

usb_products() {
    for device in /sys/bus/usb/devices/*-*/product; do cat "$device"; done |
        sort | tr '\n' ','
}

expect_eq nodes 4 "$(field nr_nodes)"
expect_eq cpus 16 "$(field nr_cpus)"
expect_eq "nodes of CPUs" "0 0 0 0 1 1 1 1 2 2 2 2 3 3 3 3 " \
    "$(nodes_of_cpus)"
expect_eq distances "10,16,22,28 16,10,28,22 22,28,10,16 28,22,16,10 " \
    "$(distances)"
expect_eq "nodes of devices" "0200:1 0200:2 0108:3 " "$(devices)"
expect_eq "USB devices" \
    "QEMU USB HARDDRIVE,QEMU USB Keyboard,QEMU USB SERIAL," "$(usb_products)"
expect_eq "serial converter" /dev/ttyUSB0 "$(echo /dev/ttyUSB*)"
expect_eq "NVMe disk" 64M "$(($(cat /sys/block/nvme0n1/size) / 2048))M"
case $(field virt_caps) in
*hvm_directio*) say "ok: IOMMU" ;;
*) die "no IOMMU: $(field virt_caps)" ;;
esac
xl pci-assignable-add 0000:21:00.0 || die "cannot assign a device"
expect_eq "assignable devices" 0000:21:00.0 \
    "$(xl pci-assignable-list | awk '{ print $1 }')"
