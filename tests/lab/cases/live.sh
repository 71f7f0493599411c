#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# In dom0: what xltune shows is what xl shows; what it applies can be undone,
# whatever happens in between.
. /usr/share/lab/lib.sh

policy=/usr/share/xltune/low-latency.xml
last=$(($(xl info nr_cpus) - 1))

# What changes from one moment to the next: times, what runs where.
steady_list() {
    sed -E 's/ +[0-9]+\.[0-9]/ TIME/; s/([0-9]+     )[r-][b-]/\1??/'
}
steady_vcpus() {
    sed -E 's/ +[0-9]+   [r-][b-]- +[0-9]+\.[0-9]  / CPU STATE TIME  /
        s/ +-   --p +[0-9]+\.[0-9]  / - --p TIME  /'
}
masks() {
    xl vcpu-list | awk '{ print $1, $2, $3, $(NF - 2), $NF }'
}

# same FILTER WORDS...: xltune and xl print the same.
same() {
    _filter=$1
    shift
    xltune "$@" > /tmp/ours.raw || die "xltune $* failed"
    xl "$@" > /tmp/theirs.raw || die "xl $* failed"
    "$_filter" < /tmp/ours.raw > /tmp/ours
    "$_filter" < /tmp/theirs.raw > /tmp/theirs
    diff /tmp/theirs /tmp/ours || die "xltune $* is not as xl prints it"
    say "ok: $* as xl prints it"
}

make_guests() {
    mkguest blocker plain memory=16
    mkguest blocker two memory=16 vcpus=2 maxvcpus=4
    mkguest blocker pinned memory=16 vcpus=2 "cpus=\"$last\""
    mkguest blocker soft memory=16 'cpus_soft="0"'
    mkguest blocker each memory=16 vcpus=2 "cpus=[\"0\", \"1-$last\"]"
    mkguest blocker a-name-that-is-longer-than-its-column-is-wide memory=16
    mkguest blocker halted memory=16
    xl pause halted
    mkguest hvm hvm1
    # Without a disk its firmware resets it before long.
    xl pause hvm1
    xl vcpu-pin two all "$last" "$last"
    xl vcpu-pin two 3 0 all
    say "ok: guests are there"
}

check_lists() {
    same steady_list list
    same steady_list list -n
    same steady_list list -c
    same steady_list list -n -c
    same steady_list list two
    same steady_list list 0
    same steady_vcpus vcpu-list
    same steady_vcpus vcpu-list two hvm1
    same cat info
    same cat info -n
}

# Debug key u, read by a person, says the same as residency does.
check_residency() {
    xltune residency --residency=measure --json > /tmp/residency.json ||
        die "no residency"
    xl debug-keys u
    xl dmesg | tac | sed '/pressed/q' | tac |
        awk '/Domain [0-9]+ \(total:/ { sub(/.*Domain /, ""); id = $1 }
            /Node [0-9]+:/ && id != "" {
                sub(/.*Node /, ""); sub(/:/, "")
                if ($2) print id, $1, $2 * 4
            }' | sort > /tmp/key-u
    xltune list --json --residency=measure > /tmp/list.json ||
        die "no list"
    xltune residency --residency=measure > /tmp/residency.txt
    while read -r id node kb; do
        [ "$id" != 0 ] || continue
        grep -q "\"id\": $id," /tmp/residency.json ||
            die "domain $id is not in the residency"
        grep -A 12 "\"id\": $id," /tmp/residency.json | grep -q "$kb" ||
            die "domain $id: node $node has $kb KiB by key u"
    done < /tmp/key-u
    say "ok: residency is what key u says"
    xltune residency --residency=infer > /tmp/inferred || die "no inference"
    grep -q inferred /tmp/inferred || die "nothing is inferred"
    say "ok: residency can be inferred"
}

expect_masks() {
    masks > /tmp/masks
    diff "$1" /tmp/masks || die "$2: the masks are not as they were"
    say "ok: $2"
}

check_apply() {
    masks > /tmp/before
    xltune plan --policy $policy > /tmp/plan
    expect_eq "exit code of plan" 2 $?
    expect_masks /tmp/before "plan changes nothing"
    xltune apply --yes --policy $policy > /tmp/apply || die "apply failed"
    masks > /tmp/after
    ! cmp -s /tmp/before /tmp/after || die "apply changed nothing"
    expect_exit 0 xltune plan --policy $policy
    expect_exit 0 xltune rollback
    expect_masks /tmp/before "rollback gives every mask back"
    expect_exit 1 xltune rollback
}

check_faults() {
    changes=$(xltune plan --json --policy $policy | grep -c '"kind"')
    blocked=$(xltune plan --json --policy $policy | grep -c '"why"')
    changes=$((changes - blocked))
    [ "$changes" -gt 3 ] || die "only $changes changes to spoil"
    n=1
    while [ "$n" -le "$changes" ]; do
        for kind in fail half lie; do
            XLTUNE_FAULT=$kind:$n xltune apply --yes --policy $policy \
                > /tmp/apply 2> /tmp/error && die "$kind:$n: it succeeded"
            expect_eq "lines of the error of $kind:$n" 1 \
                "$(wc -l < /tmp/error)"
            grep -qE '^xltune: [a-z0-9-]+(/[0-9]+)?: ' /tmp/error ||
                die "$kind:$n: the error names no object: $(cat /tmp/error)"
            expect_masks /tmp/before "$kind:$n leaves the masks"
        done
        XLTUNE_FAULT=kill:$n xltune apply --yes --policy $policy \
            > /tmp/apply 2>&1 && die "kill:$n: it was not killed"
        expect_exit 1 xltune apply --yes --policy $policy 2> /tmp/error
        grep -q recover /tmp/error || die "nothing says how to recover"
        expect_exit 0 xltune recover
        expect_masks /tmp/before "recover after kill:$n"
        n=$((n + 1))
    done
}

# refused WORDS...: one line on stderr, exit code 1 or 64.
refused() {
    xltune "$@" > /tmp/output 2> /tmp/error
    case $? in
    1 | 64) ;;
    *) die "xltune $*: exit code $?" ;;
    esac
    [ ! -s /tmp/output ] || die "xltune $*: it prints something"
    [ "$(wc -l < /tmp/error)" = 1 ] || die "xltune $*: not one line"
    say "ok: xltune $*: $(cat /tmp/error)"
}

check_pin() {
    expect_exit 0 xltune vcpu-pin plain 0 "$last" -
    same steady_vcpus vcpu-list plain
    expect_exit 0 xltune vcpu-pin plain all 0-1 "$last"
    same steady_vcpus vcpu-list plain
    expect_exit 0 xltune rollback
    expect_exit 0 xltune rollback
    expect_masks /tmp/before "two pins rolled back"
    for bad in "" -5 0-4000000000 0- " 1" 1,,2 4096 "$((last + 1))" ^0 \
        none; do
        refused vcpu-pin plain 0 "$bad"
    done
    for bad in "" nobody 32000 -1; do
        refused vcpu-pin "$bad" 0 0
    done
    expect_masks /tmp/before "bad input changes nothing"
}

# A domain that dies between a plan and a rollback is no obstacle.
check_gone() {
    mkguest blocker mortal memory=16
    expect_exit 0 xltune vcpu-pin mortal all 0
    xl destroy mortal
    expect_exit 0 xltune rollback
    expect_masks /tmp/before "a domain that is gone is passed over"
}

# For the host outside: the same plan must come from the snapshot.
keep_for_outside() {
    xltune snapshot --residency=measure > /out/host.json ||
        die "no snapshot"
    for name in balanced low-latency high-throughput; do
        xltune plan --json --residency=measure \
            --policy "/usr/share/xltune/$name.xml" > "/out/$name.json"
    done
}

make_guests
check_lists
check_residency
keep_for_outside
check_apply
check_pin
check_gone
[ "$LAB_NODES" -gt 2 ] || check_faults
say "live: done"
