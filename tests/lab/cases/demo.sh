#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# In dom0: a host as xl leaves it, and what xltune makes of it.
. /usr/share/lab/lib.sh

policy=/usr/share/xltune/low-latency.xml

step() {
    say
    say "-- $*"
}

guest() {
    say "   $1: $(echo "$*" | cut -d ' ' -f 2-)"
    mkguest blocker "$@"
}

# The share of the host's memory that is local, in percent.
local_share() {
    xltune plan --json --policy $policy |
        sed -n "s/.*\"local_memory_$1_pct\": \([0-9.]*\).*/\1/p"
}

step "xl creates eight domains; one more, gone again, has left holes"
guest early memory=640 vcpus=2
guest web1 memory=128 vcpus=2
guest web2 memory=128 vcpus=2 'cpus="12-15"'
guest db1 memory=560 vcpus=4
guest cache memory=256 vcpus=2 'cpus="node:2"'
say "   early is destroyed"
xl destroy early
guest db2 memory=600 vcpus=4 'cpus="0-3"'
guest build memory=192 vcpus=6
guest mail memory=96 vcpus=1 'cpus="5"'
guest batch memory=320 vcpus=2 'cpus="8-11"'

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

step "a second plan"
xltune plan --policy $policy || die "the second plan is not empty"
after=$(local_share before)

say
say "local memory: $before % as xl placed it, $after % tuned"
