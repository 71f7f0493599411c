#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# In dom0: a host as xl leaves it, what xltune makes of it, and the same
# domains made by xltune.
. /usr/share/lab/lib.sh

policy=/usr/share/xltune/low-latency.xml

step() {
    say
    say "-- $*"
}

# What is created: name, settings.
list() {
    cat << 'X'
web1  memory=128 vcpus=2
web2  memory=128 vcpus=2 cpus="0-3"
db1   memory=560 vcpus=4
cache memory=256 vcpus=2 cpus="node:2"
db2   memory=600 vcpus=4 cpus="12-15"
build memory=192 vcpus=6
mail  memory=96 vcpus=1
batch memory=256 vcpus=2
X
}

# The same, those that are bound to CPUs first.
list_bound_first() {
    list | grep ' cpus='
    list | grep -v ' cpus='
}

# make_all LIST COMMAND...; one more, gone again after the fourth, has left
# holes.
make_all() {
    $1 > /tmp/list
    shift
    mkguest blocker early memory=640 vcpus=2
    made=0
    while read -r name settings; do
        # shellcheck disable=SC2086
        "$@" /guest/blocker.cfg "name=\"$name\"" $settings \
            > /tmp/said 2>&1 < /dev/null || die "$name: $(cat /tmp/said)"
        say "   $name: $settings"
        sed -n "s/^$name: id [0-9]*, \(.*\)/      \1/p" /tmp/said
        made=$((made + 1))
        [ $made != 4 ] || xl destroy early
    done < /tmp/list
}

destroy_all() {
    list | while read -r name _; do
        xl destroy "$name"
    done
}

# The share of the host's memory that is local, in percent.
local_share() {
    xltune plan --json --policy $policy |
        sed -n "s/.*\"local_memory_$1_pct\": \([0-9.]*\).*/\1/p"
}

step "xl creates eight domains; one more, gone again, has left holes"
make_all list xl create

step "somebody prefers idle CPUs for three of them, where their memory is not"
for name in mail batch db1; do
    # Of the node after the one where it is.
    node=$(xl list -n "$name" | awk 'NR == 2 { print $NF + 1 }')
    xl vcpu-pin "$name" all - "node:$((node % 4))"
    say "   xl vcpu-pin $name all - node:$((node % 4))"
done

step "the host as xl left it: memory by node, and the share that is local"
xltune residency --residency=measure
before=$(local_share before)

step "what the policy low-latency would change"
xltune plan --policy $policy
[ $? = 2 ] || die "there is nothing to show: the plan is empty"

step "applied"
xltune apply --yes --quiet --policy $policy || die "apply failed"

step "the host now"
xltune residency --residency=measure
xl vcpu-list | grep -v Domain-0
after=$(local_share before)

step "a second plan: it changes nothing, and says what it cannot do"
xltune plan --json --policy $policy | sed -n '/"actions"/p'
xltune plan --policy $policy

step "the same domains again, created by xltune, those bound to CPUs first"
destroy_all
make_all list_bound_first xltune create --policy $policy
xltune residency --residency=measure
created=$(local_share before)

step "two guests that run, whose memory is not where their vCPUs are"
destroy_all
for name in web1 web2; do
    mkguest linux-pvh $name 'cpus_soft="0-3"'
done
xl vcpu-pin web1 all 4-7 all
xl vcpu-pin web2 all 12-15 all
for name in web1 web2; do
    wait_for 60 _guest_past $name 1 || die "$name does not count"
done
xltune residency --residency=measure

step "applied: their memory moves while they run"
xltune apply --yes --policy $policy || die "apply failed"
xltune residency --residency=measure
for name in web1 web2; do
    guest_lives $name || die "$name does not go on"
    say "   $name counts on: $(guest_log $name | tail -n 1)"
done
moved=$(local_share before)

say
say "local memory: $before % as xl left it, $after % tuned without moving" \
    "memory, $created % as xltune creates it; of two that ran elsewhere," \
    "$moved % after their memory moved"
