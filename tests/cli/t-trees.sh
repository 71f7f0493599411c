# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh source=tests/cli/lib.sh
# What recorded trees of dom0's files tell (--root), with a snapshot and
# without.
. ./lib.sh
unset SSH_CONNECTION

# A fresh copy of a tree: $tree.
use_tree()
{
    tree=$tmp/tree
    rm -rf "$tree"
    mkdir "$tree"
    sh "$top/tests/trees/make" "$1" "$tree"
}

# The tree is as it was unpacked.
remember_tree()
{
    (cd "$tree" && find . -type f -exec cksum {} + | sort) >"$tmp/$1"
}

same_tree()
{
    remember_tree after
    cmp -s "$tmp/files" "$tmp/after"
}

for t in "$top"/tests/trees/*.tree; do
    name=${t##*/} name=${name%.tree}
    use_tree "$name"
    remember_tree files
    run --root "$tree" snapshot
    ok "$name: snapshot" expected "tree-$name"
    ok "$name: nothing else is said" [ ! -s "$tmp/err" ]
    ok "$name: nothing is changed" same_tree
    cp "$tmp/out" "$tmp/dir/h.json"
    run --host "$tmp/dir/h.json" snapshot
    ok "$name: it is canonical" cmp -s "$tmp/out" "$tmp/dir/h.json"
done

# What is in the way of giving a device away, by its address or path, in a
# line.
uses()
{
    awk -v address="\"$1\"," '
        $1 == "\"address\":" && $2 ~ /:/ || $1 == "\"path\":" {
            is_it = $2 == address
        }
        is_it && $1 == "\"kind\":" { kind = $2 }
        is_it && $1 == "\"what\":" && kind !~ /memory|io/ {
            gsub(/[",]/, "", kind)
            $1 = ""
            gsub(/[",]/, "")
            printf "%s%s;", kind, $0
        }' "$tmp/out"
}

use_tree bond
SSH_CONNECTION="192.168.99.7 50000 192.168.99.1 22" run --root "$tree" snapshot
ok "login by the longest prefix" [ "$(uses 0000:04:00.1)" = "link eth2;login eth2;" ]
ok "not by the default route" [ "$(uses 0000:81:00.0)" = "link eth1;route br0;" ]
SSH_CONNECTION="10.9.9.9 50000 10.0.0.1 22" run --root "$tree" snapshot
ok "login by the default route" \
    [ "$(uses 0000:81:00.0)" = "link eth1;route br0;login br0;" ]
SSH_CONNECTION="nonsense" run --root "$tree" snapshot
ok "login from nowhere" [ "$(uses 0000:04:00.1)" = "link eth2;" ]

# Without Xen there is nothing to change but what a boot reads.
use_tree multi-function
run --root "$tree" --yes --quiet sriov-set 0000:02:00.0 2
ok "no virtual functions are made" code_is 1
ok "a tree is a recording" grep -q "^xltune: tree .*a recording" "$tmp/err"
ok "nor is any there" grep -qx 0 "$tree/sys/bus/pci/devices/0000:02:00.0/sriov_numvfs"

use_tree nvme-root
remember_tree files
run --root "$tree" --yes vcpu-pin 0 all all
ok "a tree has no domains" code_is 1
run --root "$tmp/nothing" snapshot
ok "no tree there" one_error "runs no Xen"
mkdir "$tmp/empty"
run --root "$tmp/empty" snapshot
ok "nothing in it" one_error "runs no Xen"

# With a snapshot: devices in detail, and command lines.
use_host 4x4
run --host "$host" --root "$tree" snapshot
cp "$tmp/out" "$tmp/both"
ok "devices of the tree" [ "$(uses 0000:00:17.0)$(uses 0000:03:00.0 |
    tr ';' '\n' | head -n 1)" = "mount /boot/efi" ]
ok "devices of the snapshot" grep -q '"address": "0000:20:00.0"' "$tmp/out"
ok "command lines of the tree" grep -q '"xen_configured": "dom0_mem=4G' "$tmp/out"
ok "the snapshot is as it was" untouched
cp "$tmp/both" "$host"
use_tree gpu
run --host "$host" --root "$tree" snapshot
ok "a snapshot with details keeps its own" cmp -s "$tmp/out" "$tmp/both"

# Of a device that both have, Xen's word and the toolstack's stay.
use_host 4x4
use_tree multi-function
sed -i 's/0000:20:00.0/0000:02:00.1/' "$host"
run --host "$host" --root "$tree" snapshot
sed -n '/"address": "0000:02:00.1"/,/}/p' "$tmp/out" >"$tmp/device"
ok "node and driver of the snapshot" [ "$(grep -c '"node": 2,\|pciback' \
    "$tmp/device")" -eq 2 ]
ok "the rest of the tree" grep -q '"reset": \["flr","bus"\]' "$tmp/device"

# A tree that would lead out of itself.
use_tree multi-function
mkdir -p "$tmp/outside"
echo 0xffff >"$tmp/outside/vendor"
for link in "$tmp/outside" ../../../../../../outside 0000:02:00.9; do
    rm -f "$tree/sys/bus/pci/devices/0000:02:00.9"
    ln -s "$link" "$tree/sys/bus/pci/devices/0000:02:00.9"
    rm -f "$tree/sys/bus/pci/devices/0000:02:00.0/vendor"
    ln -sf "$tmp/outside/vendor" "$tree/sys/bus/pci/devices/0000:02:00.0/vendor"
    run --root "$tree" snapshot
    ok "nothing from outside: $link" not_there ffff\"
    ok "the others are there: $link" [ "$(grep -c '"address"' "$tmp/out")" -eq 4 ]
done

# USB devices: the same for them as for the controllers that they are at.
use_tree usb-storage
run --root "$tree" snapshot
ok "a mounted stick" [ "$(uses 1-2)" = "mount /mnt/my backup;" ]
ok "swap on a stick" [ "$(uses 1-3)" = "swap /dev/sdc;" ]
ok "a free stick" [ -z "$(uses 1-10)" ]
ok "a disk of a guest" [ "$(uses 2-4)" = "domain 3;" ]
ok "their controller has all of it" [ "$(uses 0000:00:14.0)" = \
    "mount /mnt/my backup;swap /dev/sdc;domain 3;" ]
use_tree usb-network
SSH_CONNECTION="192.168.0.7 50000 192.168.0.1 22" run --root "$tree" snapshot
ok "a network card" [ "$(uses 1-1)" = "link eth0;route xenbr0;login xenbr0;" ]
ok "a console and a screen" [ "$(uses 1-4)$(uses 1-5)" = "console ttyUSB0;display fb0;" ]
use_tree usb-seat
run --root "$tree" snapshot
ok "a hub has nothing of its own" [ -z "$(uses 3-1)$(uses 3-1.4)" ]
ok "a keyboard and a mouse" [ "$(uses 3-1.4.1 | tr -d ';')$(uses 3-1.4.2)" = \
    "keyboard Logitech USB Keyboardpointer Logitech USB Optical Mouse;" ]
ok "one that has no configuration, one that lacks an interface" [ \
    "$(grep -c '"configured": false' "$tmp/out")" -eq 2 ]
ok "one that was pulled out" not_there 096e
ok "a serial number is text" grep -q '"serial": "0A1?2?JEC"' "$tmp/out"

# A tree that tells of PCI devices alone, as those from before; and a snapshot
# that knows of no USB devices, with a tree that does.
use_tree gpu
run --root "$tree" snapshot
ok "no USB devices: not known" not_there '"usb"'
use_host 4x4
use_tree usb-storage
run --host "$host" --root "$tree" snapshot
ok "USB devices of the tree" [ "$(grep -c '"path": "[0-9]' "$tmp/out")" -eq 4 ]
ok "and the machine" grep -q '"uuid": "7c9e6679-7425-40de-944b-' "$tmp/out"
cp "$tmp/out" "$host"
use_tree usb-seat
run --host "$host" --root "$tree" snapshot
ok "a snapshot with USB devices keeps its own" cmp -s "$tmp/out" "$host"

# What XAPI has written counts; without it what systemd has.
use_tree usb-storage
for id in '' "INSTALLATION_UUID='x'" INSTALLATION_UUID=; do
    printf '%s\n' "$id" >"$tree/etc/xensource-inventory"
    run --root "$tree" snapshot
    ok "derived: $id" grep -q '"uuid": "e8b20eb2-06f4-596d-' "$tmp/out"
done
echo 00000000000000000000000000000000 >"$tree/etc/machine-id"
run --root "$tree" snapshot
ok "no uuid" not_there '"uuid"'

# No path of a tree leads out of it, and nothing that is no device is one.
use_tree usb-seat
devices=$tree/sys/bus/usb/devices
mkdir "$tmp/outside/1-7"
for f in busnum:1 devnum:9 idVendor:dead idProduct:beef; do
    echo "${f#*:}" >"$tmp/outside/1-7/${f%:*}"
done
ln -s "$tmp/outside/1-7" "$devices/1-7"
ln -s 1-8 "$devices/1-8"
cp -r "$tmp/outside/1-7" "$devices/01-7"
cp -r "$tmp/outside/1-7" "$devices/2-7"
echo 2 >"$devices/2-7/devnum"
run --root "$tree" snapshot
ok "nothing from outside, or of another bus" not_there dead
echo 2 >"$devices/2-7/busnum"
run --root "$tree" snapshot
ok "one more" grep -q '"path": "2-7"' "$tmp/out"
for bad in '' 0 128 -1 1x 99999999999999999999; do
    echo "$bad" >"$devices/2-7/devnum"
    run --root "$tree" snapshot
    ok "no address: $bad" not_there '"path": "2-7"'
done
