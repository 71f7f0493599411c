#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# In dom0 of 4x4: split by node, joined and split again with 20 domains, each
# with its masks where they can be kept.
. /usr/share/lab/lib.sh
nr=${nr:-20}

state() {
    xl cpupool-list -c
    xl list -c | awk '{ print $1, $NF }'
    xl vcpu-list | awk '{ print $1, $3, $(NF - 2), $(NF - 1), $NF }'
}

pool_of() {
    xl list -c "$1" | awk 'NR > 1 { print $NF }'
}

ms() {
    _from=$(awk '{ print int($1 * 1000) }' /proc/uptime)
    "$@" > /tmp/ms.out 2>&1 || die "$*: $(cat /tmp/ms.out)"
    echo $(($(awk '{ print int($1 * 1000) }' /proc/uptime) - _from))
}

# Of every five: pinned within a node, to one CPU, across nodes, soft alone,
# not at all.
hard_of() {
    case $(($1 % 5)) in
    0) echo "$(($1 % 4 * 4))-$(($1 % 4 * 4 + 1))" ;;
    1) echo $(($1 % 4 * 4 + 3)) ;;
    2) echo "2-9" ;;
    *) echo all ;;
    esac
}

soft_of() {
    case $(($1 % 5)) in
    3) echo "$(($1 % 4 * 4))-$(($1 % 4 * 4 + 3))" ;;
    *) echo all ;;
    esac
}

for i in $(seq "$nr"); do
    mkguest blocker "d$i"
    xl vcpu-pin "d$i" all "$(hard_of "$i")" "$(soft_of "$i")" ||
        die "d$i cannot be pinned"
done
state > /tmp/joined

# Each where its hard mask allows it, with that mask; the one across nodes
# keeps its mask too.
check_split() {
    for i in $(seq "$nr"); do
        pool=$(pool_of "d$i")
        case $((i % 5)) in
        0 | 1 | 3)
            expect_eq "masks of d$i" "$(hard_of "$i") / $(soft_of "$i")" \
                "$(masks_of "d$i")"
            expect_eq "pool of d$i" "Pool-node$((i % 4))" "$pool"
            ;;
        2)
            expect_eq "masks of d$i" "2-9 / all" "$(masks_of "d$i")"
            [ "$pool" != Pool-node3 ] || die "d$i is where it cannot run"
            ;;
        4) expect_eq "masks of d$i" "all / all" "$(masks_of "d$i")" ;;
        esac
    done
    expect_eq "CPUs by pool" "0,1,2,3 4,5,6,7 8,9,10,11 12,13,14,15" \
        "$(xl cpupool-list -c | awk 'NR > 1 { print $2 }' | sort -n |
            tr '\n' ' ' | sed 's/ $//')"
    xl cpupool-list > /tmp/xl.list
    xltune cpupool-list | cmp - /tmp/xl.list || die "cpupool-list differs"
}

xltune cpupool-numa-split --dry-run
state | cmp - /tmp/joined || die "a dry run changed something"
our_ms=$(ms xltune cpupool-numa-split --residency=infer)
check_split
xltune cpupool-list -n
state > /tmp/split
join_ms=$(ms xltune cpupool-join)
state | cmp - /tmp/joined || die "joined, but not as before"
say "ok: joined, with all masks as before"
ms xltune cpupool-numa-split --residency=infer > /dev/null
state | cmp - /tmp/split || die "split again, but not as before"
say "ok: split again"
xltune rollback --yes || die "no rollback"
state | cmp - /tmp/joined || die "rolled back, but not all of it"
say "ok: rolled back"
xl_ms=$(ms xl cpupool-numa-split)
say "# numa-split of 4x4 with $nr domains: xl $xl_ms ms, which moves none;" \
    "xltune $our_ms ms; cpupool-join $join_ms ms"
lost=0
for i in $(seq "$nr"); do
    [ "$(masks_of "d$i")" = "$(hard_of "$i") / $(soft_of "$i")" ] ||
        lost=$((lost + 1))
done
say "# xl: $lost of $nr have lost a mask"
