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

# setup_of NAME: what the last snapshot says of its setup, on one line.
setup_of() {
    tr -d ' \n' < /tmp/h.json | sed "s/.*\"name\":\"$1\"//; s/\"vcpus\".*//" |
        grep -o '"setup":{.*'
}

# says NAME TEXT: that has this text in it.
says() {
    setup_of "$1" | grep -qF "$2" ||
        die "the setup of $1 has not $2: $(setup_of "$1")"
    say "ok: $1 has $2"
}

# finds RULE STATUS OBJECT TEXT: a rule says this of an object.
finds() {
    xltune host-check --verbose "$1" > /tmp/found 2>&1
    grep -qF "$2 $1: $3: $4" /tmp/found ||
        die "not \"$2 $1: $3: $4\": $(cat /tmp/found)"
    say "ok: $2 $1: $3"
}

mkdir /vm
truncate -s 64M /vm/raw.img /vm/cd.iso
qcow2 /vm/0 16
qcow2 /vm/plain 4
for i in 1 2 3 4; do
    qcow2 /vm/$i 16 $((i - 1))
done

mkguest linux-pv pv vcpus=17 "disk=[
    'format=raw,vdev=xvda,access=rw,backendtype=qdisk,target=/vm/raw.img',
    'format=raw,vdev=xvdb,access=rw,backendtype=qdisk,target=/dev/nvme0n1']"
mkguest hvm hvm nestedhvm=1 "disk=[
    'format=qcow2,vdev=hda,access=rw,target=/vm/4',
    'format=qcow2,vdev=hdb,access=rw,target=/vm/plain',
    'format=raw,vdev=hdc,devtype=cdrom,access=ro,target=/vm/cd.iso']"
mkguest blocker pinned
xl vcpu-pin pinned 0 2

pv_is_up() {
    xl vcpu-list pv | awk '$4 != "-"' | grep -c '^pv' | grep -qx 17
}
wait_for 120 pv_is_up || die "pv has not all its vCPUs: $(xl vcpu-list pv)"

xltune snapshot --residency=none > /tmp/h.json || die "no snapshot"
setup_of pv
says pv '"nested_hvm":false'
says pv '{"device":"xvda","backend":"qdisk","format":"raw","target":"/vm/raw.img"'
says pv '"virtual_kb":65536'
says pv '"target":"/dev/nvme0n1","blocks":["nvme0n1"]'
setup_of hvm
says hvm '"nested_hvm":true'
says hvm '{"device":"hda","backend":"qdisk","format":"qcow2","target":"/vm/4"'
says hvm '"virtual_kb":16777216,"cluster_bytes":65536,"overlays":4}'
says hvm '"virtual_kb":4194304,"cluster_bytes":65536,"overlays":0}'
says hvm '"target":"/vm/cd.iso","readonly":true,"cdrom":true'
says pinned '"disks":[]'

finds virtualization PASS host ''
finds governor SKIP host ''
finds vcpu-overcommit PASS Pool-0 ''
grep -q 'vCPUs on 16 cores: 1\.' /tmp/found || die "vCPUs: $(cat /tmp/found)"
finds domain-vcpus FAIL pv '17 vCPUs'
finds pins-persistent WARN pinned 'vCPU 0 runs on 2, and is configured for'
finds vnuma WARN pv ''
finds floating-vcpus PASS host ''
finds local-memory PASS host ''
finds image-format WARN hvm/hdb qcow2
finds qcow2-cache WARN hvm/hda '2 MiB: 16 GiB in clusters of 65536 bytes'
finds overlay-chain WARN hvm/hda '4 files'
finds disk-cache PASS host "4 go through dom0's page cache, 0 past it"
finds nested-hvm FAIL hvm nestedhvm=1
finds device-model PASS host ''
finds migration PASS pv 'it stays: '
grep -qF "xvdb is on this host's nvme0n1" /tmp/found || die "no nvme0n1"

# A domain that goes takes its disks along.
xl destroy hvm
xltune snapshot --residency=none > /tmp/h.json || die "no snapshot"
grep -q '"qcow2"' /tmp/h.json && die "disks of a domain that is gone"
finds nested-hvm PASS host ''
