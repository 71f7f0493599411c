#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# In dom0 of 2x2: `xltune apply' that moves two domains, killed at ten moments
# that chance chooses, alone and with all that it has started; and
# `xltune recover' after it. No domain is lost, and none is there twice.
. /usr/share/lab/lib.sh

guests="one two"

# Both are on one node, and are to go to the other.
write_policy() {
    cat > /tmp/policy.xml << X
<policy name="kill">
  <domains match="*">
    <numa placement="$1" memory="follow"/>
  </domains>
</policy>
X
}

make() {
    for name in $guests; do
        mkguest linux-pvh "$name" 'cpus_soft="0-1"'
        wait_for 90 _guest_past "$name" 1 || die "$name does not count"
        echo "$name $(uuid_of "$name")" >> /tmp/uuids
    done
}

# 0 to the number less one; busybox' $RANDOM is not for every shell.
chance() {
    od -An -N2 -tu2 /dev/urandom | awk -v n="$1" '{ print $1 % n }'
}

# All that an apply has started: the receiver too, but not the xl that watches
# a domain, which it has left behind.
kill_all() {
    receivers=
    for mover in $(pidof xltune-move); do
        for pid in $(pidof xl); do
            grep -q "^PPid:.$mover$" "/proc/$pid/status" &&
                receivers="$receivers $pid"
        done
    done
    # shellcheck disable=SC2046,SC2086 # numbers
    kill -KILL $(pidof xltune) $(pidof xltune-move) $receivers \
        $(pidof libxl-save-helper) 2> /dev/null
}

recovered() {
    xltune recover > /tmp/recover 2>&1
}

# Each once, by its own name, alive; and none that is half there.
check_guests() {
    while read -r name uuid; do
        [ "$(xl list -v | grep -c " $uuid ")" = 1 ] || {
            xl list -v
            die "$1: $name is there $(xl list -v | grep -c " $uuid ") times"
        }
        [ "$(uuid_of "$name")" = "$uuid" ] || die "$1: $name is another one"
        guest_lives "$name" 60 || { xl list; die "$1: $name is dead"; }
    done < /tmp/uuids
}

# kill_once ROUND
kill_once() {
    write_policy $(($1 % 2))
    xltune apply --yes --residency=measure --policy /tmp/policy.xml \
        > /tmp/said 2>&1 &
    apply=$!
    moment=$((200 + $(chance 10000)))
    usleep $((moment * 1000))
    if [ $(($(chance 2))) = 0 ]; then
        what="xltune"
        kill -KILL $apply 2> /dev/null
    else
        what="all of it"
        kill_all
    fi
    wait $apply 2> /dev/null
    killed=$?
    wait_for 90 recovered || {
        cat /tmp/said /tmp/recover
        xl list
        die "round $1: it does not recover"
    }
    check_guests "round $1"
    say "ok: $what killed after $moment ms ($killed): $(tail -n 1 /tmp/recover)"
}

# Chance has another ten moments in each run.
make
round=1
while [ $round -le "${rounds:-10}" ]; do
    kill_once $round
    round=$((round + 1))
done
write_policy 1
xltune apply --yes --residency=measure --policy /tmp/policy.xml > /tmp/said ||
    die "$(cat /tmp/said)"
xltune plan --residency=measure --policy /tmp/policy.xml
expect_eq "nothing is left to do" 0 $?
check_guests "at the end"
