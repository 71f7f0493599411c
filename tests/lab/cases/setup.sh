#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# In dom0 of 4x4: domains that are set up as no domain should be. What a
# snapshot says of each, and which rules find what; that many disks take no
# time. qemu-img is not there: images are made by hand.
. /usr/share/lab/lib.sh

# be BYTES NUMBER: a number, its highest byte first.
be() {
    _at=$1
    while [ "$_at" -gt 0 ]; do
        _at=$((_at - 1))
        # shellcheck disable=SC2059
        printf "\\$(printf %03o $((($2 >> (_at * 8)) & 255)))"
    done
}

# qcow2 FILE GIB [BASE]: as qemu-img makes it, of version 2 and in clusters of
# 64 KiB: a header, a table of reference counts, an empty L1 table.
qcow2() {
    {
        printf 'QFI\373'
        be 4 2
        if [ "${3-}" ]; then be 8 256; else be 8 0; fi
        _base=${3-}
        be 4 "${#_base}"
        be 4 16
        be 8 $(($2 << 30))
        be 4 0
        be 4 $(($2 * 2))
        be 8 131072
        be 8 65536
        be 4 1
        be 4 0
        be 8 0
        # An extension: the format of what it stands on.
        if [ "${3-}" ]; then
            be 4 $((0xe2792aca))
            be 4 5
            printf 'qcow2\0\0\0'
        fi
        be 8 0
    } > "$1"
    truncate -s 256 "$1"
    printf '%s' "${3-}" >> "$1"
    truncate -s 256K "$1"
}

# setup_of NAME: what the snapshot says of it, on one line.
setup_of() {
    xltune snapshot --residency=skip > /tmp/h.json || die "no snapshot"
    tr -d ' \n' < /tmp/h.json | sed "s/.*\"name\":\"$1\"//; s/\"vcpus\".*//" |
        grep -o '"setup":{.*'
}

# finds RULE STATUS OBJECT TEXT: a rule says this of an object.
finds() {
    xltune host-check "$1" > /tmp/found 2>&1
    grep -q "^ *$2 *$3\b.*$4" /tmp/found ||
        die "$1 says not \"$2 $3 $4\": $(cat /tmp/found)"
    say "ok: $1: $2 $3"
}

mkdir /vm
truncate -s 64M /vm/raw.img
qcow2 /vm/0 16
for i in 1 2 3 4; do
    qcow2 /vm/$i 16 $((i - 1))
done

disk='format=raw,vdev=xvda,access=rw,backendtype=qdisk,target=/vm/raw.img'
mkguest blocker pv 'vcpus=17' 'memory=16' \
    "disk=[\"$disk\",\"${disk%,*},vdev=xvdb,target=/dev/nvme0n1\"]"
mkguest hvm hvm 'nestedhvm=1' \
    'disk=["format=qcow2,vdev=hda,access=rw,target=/vm/4","format=raw,vdev=hdc,devtype=cdrom,access=ro,target=/vm/raw.img"]'

setup_of pv > /tmp/pv
cat /tmp/pv
setup_of hvm > /tmp/hvm
cat /tmp/hvm
xltune host-check
