#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# In dom0 of 4x4: domains whose memory xl has put on the wrong nodes, and one
# `xltune apply' that brings it home while they run; what they notice of it;
# moves that need an order; and moves that cannot be.
. /usr/share/lab/lib.sh

policy=/tmp/policy.xml

cat > $policy << 'X'
<policy name="follow">
  <domains match="name:none">
    <numa placement="none"/>
  </domains>
  <domains match="*">
    <numa placement="auto" memory="follow"/>
  </domains>
</policy>
X

linux="pvh1 pvh2 pvh3"
# Their firmware finds no disk, and resets them a minute after they begin to
# run: they do so last, and are large enough to be moved first.
hvms="hvm1 hvm2 hvm3"

local_pct() { # before|after
    sed -n "s/.*\"local_memory_$1_pct\": \([0-9.]*\).*/\1/p" /tmp/plan.json
}

plan() {
    xltune plan --residency=measure --policy $policy "$@" > /tmp/plan.json
}

# Built for one node, and then pinned to another: xl moves no memory.
make_wrong() {
    mkguest linux-pvh pvh1 'cpus_soft="0-3"'
    mkguest linux-pvh pvh2 'cpus_soft="12-15"'
    mkguest linux-pvh pvh3 'cpus_soft="4-7"'
    for name in $linux; do
        wait_for 90 _guest_past "$name" 2 || die "$name does not count"
    done
    for n in 1 2 3; do
        xl create -p /guest/hvm.cfg "name=\"hvm$n\"" memory=224 \
            'cpus_soft="8-11"' > /tmp/said 2>&1 || die "$(cat /tmp/said)"
    done
    pin pvh1 4-7
    pin pvh2 8-11
    pin pvh3 12-15
    pin hvm1 0-3
    pin hvm2 4-7
    pin hvm3 12-15
    for name in $hvms; do
        xl unpause "$name" || die "$name does not run"
    done
}

pin() {
    xl vcpu-pin "$1" all "$2" all || die "$1 cannot be pinned"
}

# The longest that a guest stood still beyond the second that it sleeps, by
# its own clock, in ms.
stood_still() {
    guest_log "$1" | tr -d '\r' | awk '$1 == "tick" && NF == 3 {
        if (n && $3 - last - 1000 > most) most = $3 - last - 1000
        last = $3; n++
    } END { print most + 0 }'
}

# Every second once, from the first on.
is_whole() {
    guest_log "$1" | tr -d '\r' | awk '
        $1 == "tick" && $2 != ++n { print n, $2; bad = 1; exit }
        END { exit bad || !n }'
}

check_follow() {
    make_wrong
    for name in $linux $hvms; do
        echo "$name $(uuid_of "$name")" >> /tmp/uuids
    done
    plan --json
    say "# local memory before: $(local_pct before) %"
    xltune apply --yes --residency=measure --policy $policy > /tmp/said 2>&1
    code=$?
    sed 's/^/# /' /tmp/said
    expect_eq "exit code of apply" 0 $code
    plan --json
    expect_eq "exit code of plan after it" 0 $?
    expect_eq "local memory after it" 100.0 "$(local_pct before)"
    while read -r name uuid; do
        [ "$(uuid_of "$name")" = "$uuid" ] || die "$name has another uuid"
        [ "$(xl list -v | grep -c " $uuid ")" = 1 ] || die "$name: two of it"
    done < /tmp/uuids
    say "ok: names and uuids as before, each once"
    for name in $linux; do
        guest_lives "$name" || die "$name does not go on"
        is_whole "$name" > /tmp/hole || die "$name: tick $(cat /tmp/hole)"
        say "ok: $name lost no line; it stood still for" \
            "$(stood_still "$name") ms"
    done
    xltune history
    xltune history --json > /tmp/history.json
    [ "$(grep -c '"pause_ms"' /tmp/history.json)" -ge 3 ] ||
        die "the history keeps no figures"
}

is_free() {
    [ "$(xl info free_memory)" -ge "$1" ]
}

destroy_all() {
    for name in "$@"; do
        xl destroy "$name" > /dev/null 2>&1
    done
    wait_for 60 is_free "$free" || die "memory does not come back"
}

node_free_mb() {
    xl info -n | awk -v n="$1" '/^numa_info/ { on = 1 }
        on && $1 == n ":" { print $3; exit }'
}

# Two large ones on each other's nodes, and little room: one waits on a third
# node meanwhile.
check_swap() {
    # Both nodes are filled up but for a little.
    mkguest linux-pvh a memory=400 'cpus_soft="4-7"'
    mkguest linux-pvh b memory=400 'cpus_soft="8-11"'
    fill1=$(($(node_free_mb 1) - 300))
    fill2=$(($(node_free_mb 2) - 300))
    mkguest blocker none memory=$fill1 'cpus_soft="4-7"'
    mkguest blocker none2 memory=$fill2 'cpus_soft="8-11"'
    for name in a b; do
        wait_for 90 _guest_past "$name" 1 || die "$name does not count"
    done
    cat > /tmp/swap.xml << 'X'
<policy name="swap">
  <domains match="name:a"><numa placement="2" memory="follow"/></domains>
  <domains match="name:b"><numa placement="1" memory="follow"/></domains>
</policy>
X
    xltune plan --residency=measure --policy /tmp/swap.xml
    xltune apply --yes --residency=measure --policy /tmp/swap.xml \
        > /tmp/said 2>&1
    code=$?
    sed 's/^/# /' /tmp/said
    expect_eq "exit code of apply" 0 $code
    expect_eq "moves that it took" 3 "$(grep -c '^\[.*moved\|^\[.*MiB in' /tmp/said)"
    expect_eq "memory of a" 2 "$(node_of a)"
    expect_eq "memory of b" 1 "$(node_of b)"
    xltune plan --residency=measure --policy /tmp/swap.xml > /tmp/plan.txt
    expect_eq "nothing is left to do" 0 $?
    for name in a b; do
        guest_lives "$name" || die "$name does not go on"
        is_whole "$name" > /tmp/hole || die "$name: tick $(cat /tmp/hole)"
    done
    say "ok: two that had no room have changed places"
    xl destroy none
    fill1=$(($(node_free_mb 1) - 300))
    mkguest blocker none memory=$fill1 'cpus_soft="4-7"'
    xl list > /tmp/before
    xltune rehome a 1 > /tmp/said 2>&1
    expect_eq "exit code of a move without room" 1 $?
    grep -q 'missing' /tmp/said || die "$(cat /tmp/said)"
    say "ok: $(tail -n 1 /tmp/said)"
    xl list | awk '{ print $1, $2, $3 }' > /tmp/after.ids
    awk '{ print $1, $2, $3 }' /tmp/before | cmp - /tmp/after.ids ||
        die "it was refused and changed something"
}

free=$(xl info free_memory)
check_follow
# shellcheck disable=SC2086
destroy_all $linux $hvms
check_swap
