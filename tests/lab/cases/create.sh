#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# In dom0 of 4x4: the same domains made by xl create and by xltune create on
# the same host, with holes in it, and where Xen counts their pages then.
. /usr/share/lab/lib.sh

policy=/tmp/policy.xml
nic=0000:31:00.0 # on node 2
# Thousandths of a domain that may be anywhere: Xen and libxl take some pages
# of an HVM guest before it has a place.
stray=5

cat > $policy << 'X'
<policy name="lab">
  <domains match="name:nic*">
    <numa placement="auto" mode="hard"/>
    <devices numa="required"/>
  </domains>
  <domains match="name:pref*">
    <numa placement="auto"/>
    <devices numa="preferred"/>
  </domains>
  <domains match="name:pin*">
    <numa placement="auto" mode="hard"/>
  </domains>
  <domains match="*">
    <numa placement="auto"/>
  </domains>
</policy>
X

# What is made, those that may not be anywhere first: name, kind, the nodes
# where its memory has to be (- for any one, * for several), settings.
list() {
    cat << X
hard1    blocker   1  memory=128 vcpus=2 cpus="node:1"
hard2    blocker   2  memory=192 vcpus=4 cpus="8-11"
each1    blocker   1  memory=96 vcpus=2 cpus=["4","5"]
each2    blocker   0  memory=64 vcpus=2 cpus=["0","1-2"]
two      blocker   01 memory=160 vcpus=3 cpus="0-7"
rt1      blocker   3  memory=160 vcpus=2 pool="rt"
rt2      blocker   3  memory=96 vcpus=1 pool="rt" cpus="15"
nic1     blocker   2  memory=128 vcpus=2
soft     blocker   2  memory=64 vcpus=2 cpus_soft="8-11"
web1     blocker   -  memory=192 vcpus=2
big      hvm       *  memory=1600 vcpus=4
pvh1     linux-pvh -  memory=160
hvm1     hvm       -  memory=128 vcpus=2
wide     blocker   *  memory=240 vcpus=6
pin1     blocker   -  memory=96 vcpus=3
db1      blocker   -  memory=320 vcpus=4
small    blocker   -  memory=16
X
}

# with_nic KIND SETTING...: what xltune would tell xl of a domain that has the
# network card, without it: giving a card to a guest hangs emulation now and
# then. In /tmp/with-nic.
with_nic() {
    kind=$1
    shift
    xltune create --dry-run --policy $policy "/guest/$kind.cfg" "$@" \
        "pci=[\"$nic\"]" > /tmp/said || die "create --dry-run: exit code $?"
    tail -n 1 /tmp/said | sed "s/ 'pci=[^ ]*'//" > /tmp/with-nic
    ! grep -q pci /tmp/with-nic || die "$(cat /tmp/with-nic)"
    sed -n "s/^\(nic1: .*\)/# \1/p" /tmp/said
}

# make COMMAND...: all of the list; what is said goes to /tmp/said.
make_all() {
    list | while read -r name kind _ settings; do
        options=
        # Without a disk its firmware resets it before long.
        [ "$kind" != hvm ] || options=-p
        if [ "$1 $name" = "xltune nic1" ]; then
            # shellcheck disable=SC2086
            with_nic "$kind" "name=\"$name\"" $settings < /dev/null
            sh /tmp/with-nic > /tmp/said 2>&1 < /dev/null ||
                die "$(cat /tmp/with-nic): exit code $?"
            continue
        fi
        # Settings have no blanks in them.
        # shellcheck disable=SC2086
        "$@" create $options "/guest/$kind.cfg" "name=\"$name\"" $settings \
            > /tmp/said 2>&1 < /dev/null || {
            cat /tmp/said
            die "$1 create $name: exit code $?"
        }
        grep '^xltune: ' /tmp/said
        sed -n "s/^\($name: id .*\)/# \1/p" /tmp/said
    done || exit 1
}

is_free() {
    [ "$(xl info free_memory)" -ge "$1" ]
}

destroy_all() {
    list | while read -r name _; do
        xl destroy "$name" > /dev/null 2>&1
    done
    wait_for 60 is_free "$free" || die "memory does not come back"
    wait_scrubbed
}

# name and the nodes where its vCPUs may run, as xl tells their masks: hard
# affinity within the pool; where that is all of it, soft. Those vCPUs count
# that a guest has not started yet.
run_nodes() {
    xl vcpu-list | awk '
        function set(text, pool,  parts, ends, n, i, c, out) {
            if (text == "all") return pool
            n = split(text, parts, ",")
            out = "0000000000000000"
            for (i = 1; i <= n; i++) {
                if (split(parts[i], ends, "-") < 2) ends[2] = ends[1]
                for (c = ends[1] + 0; c <= ends[2] + 0; c++)
                    if (substr(pool, c + 1, 1) == 1)
                        out = substr(out, 1, c) "1" substr(out, c + 2)
            }
            return out
        }
        BEGIN { main = "1111111111111100"; rt = "0000000000000011" }
        NR > 1 {
            pool = $1 ~ /^rt/ ? rt : main
            mask = set($(NF - 2), pool)
            if (mask == pool) mask = set($NF, pool)
            if (mask !~ /1/) mask = pool
            for (i = 0; i < 16; i++)
                if (substr(mask, i + 1, 1) == 1) on[$1, int(i / 4)] = 1
            names[$1] = 1
        }
        END { for (n in names) {
            text = ""
            for (i = 0; i < 4; i++) if ((n, i) in on) text = text i
            print n, text } }'
}

# By Xen's count, of each of the list: name, thousandths that are local, and
# thousandths that are where they have to be.
measure() {
    xltune residency --residency=measure --json > /tmp/residency.json ||
        die "no residency"
    awk '/"name":/ { gsub(/[",]/, "", $2); name = $2 }
        /"memory_by_node_kb":/ { on = 1; sub(/.*\[/, "") }
        on { text = text " " $0 }
        on && /\]/ { gsub(/[^0-9]+/, " ", text); print name, text
            on = 0; text = "" }' /tmp/residency.json > /tmp/by-node
    run_nodes > /tmp/run-nodes
    list | while read -r name _ nodes _; do
        run=$(awk -v n="$name" '$1 == n { print $2 }' /tmp/run-nodes)
        awk -v n="$name" -v nodes="$nodes" -v run="$run" '$1 == n {
            for (i = 2; i <= NF; i++) {
                sum += $i
                if (index(run, i - 2)) local += $i
                if (nodes == "*" || index(nodes, i - 2)) inside += $i
                if ($i > most) most = $i
            }
            if (nodes == "-") inside = most
            print n, int(local * 1000 / sum), int(inside * 1000 / sum) }' \
            /tmp/by-node
    done
}

# An earlier domain has left a hole on node 0, others fill nodes in part.
make_holes() {
    mkguest blocker early memory=500 'cpus_soft="0-3"'
    mkguest blocker stay0 memory=200 'cpus_soft="0-3"'
    mkguest blocker stay2 memory=350 'cpus_soft="8-11"'
    xl destroy early
    wait_scrubbed
}

make_pool() {
    xl cpupool-cpu-remove Pool-0 14-15 || die "no CPUs for a pool"
    cat > /tmp/pool.cfg << 'X'
name = "rt"
sched = "credit2"
cpus = "14-15"
X
    xl cpupool-create /tmp/pool.cfg > /dev/null || die "no pool"
}

share() {
    printf ' %8d.%d%%' $(($1 / 10)) $(($1 % 10))
}

# name, xl's shares, ours; ours must be whole.
compare() {
    say "name        xl: local     placed  xltune: local  placed"
    while read -r name theirs theirs_in; do
        # shellcheck disable=SC2046
        set -- $(grep "^$name " /tmp/ours)
        printf '%-10s%s%s%s%s\n' "$name" "$(share "$theirs")" \
            "$(share "$theirs_in")" "$(share "$2")" "$(share "$3")"
    done < /tmp/theirs
    while read -r name ours ours_in; do
        [ "$ours" -ge $((1000 - stray)) ] || die "$name: not local"
        [ "$ours_in" -ge $((1000 - stray)) ] ||
            die "$name: not where it must be"
        say "ok: $name is beside its vCPUs"
    done < /tmp/ours
}

check_vnuma() {
    xl debug-keys u
    id=$(xl domid big)
    xl dmesg | tac | sed '/pressed/q' | tac |
        awk -v id="$id" '$0 ~ "Domain " id " " { on = 1 }
            on && /vnodes/ { print; exit }' > /tmp/vnodes
    grep -q '[2-4] vnodes, 4 vcpus' /tmp/vnodes ||
        die "big does not see its nodes: $(cat /tmp/vnodes)"
    say "ok: big sees its nodes"
    expect_eq "pool of rt1" rt \
        "$(xl list -c rt1 | awk 'NR == 2 { print $NF }')"
}

# Each has room on a node, but not both on one.
check_two_at_once() {
    for n in one other; do
        xltune create /guest/blocker.cfg "name=\"$n\"" memory=800 vcpus=2 \
            --policy $policy > /tmp/$n.said 2>&1 &
    done
    wait
    for n in one other; do
        grep -q "^$n: id .* MiB on node [0-3], 100.0 % local (measured)" \
            /tmp/$n.said || die "two at once: $(cat /tmp/$n.said)"
    done
    cat /tmp/one.said /tmp/other.said | grep ': id'
    say "ok: two at once do not take the same place"
    xl destroy one
    xl destroy other
    wait_for 60 is_free "$free" || die "memory does not come back"
}

# refused PATTERN ARGUMENT...: one line, exit code 1, no domain.
refused() {
    pattern=$1
    shift
    xltune create /guest/blocker.cfg 'name="no"' --policy $policy "$@" \
        > /tmp/said 2>&1
    expect_eq "exit code of create $*" 1 $?
    grep -q "$pattern" /tmp/said || die "$*: $(cat /tmp/said)"
    ! xl domid no > /dev/null 2>&1 || die "$*: it was made"
    say "ok: $(tail -n 1 /tmp/said)"
}

check_refused() {
    refused 'free' memory=9000
    refused 'free' 'name="pin"' memory=1400 'cpus="node:1"'
    refused 'exit code' 'kernel="/nowhere"'
}

# One document, and xl's own words elsewhere.
check_json() {
    xltune create --json /guest/blocker.cfg 'name="json"' memory=64 \
        > /tmp/said 2> /tmp/error || die "create --json: $(cat /tmp/error)"
    expect_eq "first line of JSON" "{" "$(head -n 1 /tmp/said)"
    grep -q '"local_memory_pct": 100.0' /tmp/said || die "$(cat /tmp/said)"
    xl destroy json
}

# An xl that does not end: the signal reaches it, the lock is given back.
check_signal() {
    mkdir /tmp/bin
    printf '#!/bin/sh\nexec sleep 60\n' > /tmp/bin/xl
    chmod 755 /tmp/bin/xl
    PATH=/tmp/bin:$PATH xltune create /guest/blocker.cfg 'name="slow"' \
        > /tmp/said 2>&1 &
    slow=$!
    wait_for 10 grep -q create /run/xltune/lock
    usleep 500000
    xltune create /guest/blocker.cfg 'name="next"' > /tmp/next 2>&1 &
    next=$!
    wait_for 10 grep -q 'waiting: .*create, process' /tmp/next ||
        die "it does not wait: $(cat /tmp/next)"
    kill -TERM $slow
    wait $slow
    expect_eq "exit code of a create that is ended" 1 $?
    grep -q 'signal 15' /tmp/said || die "nothing is said of the signal"
    wait $next
    expect_eq "exit code of the one that waited" 0 $?
    xl destroy next
}

xltune snapshot > /out/host-empty.json || die "no snapshot"
make_pool
make_holes
free=$(xl info free_memory)
xltune snapshot --residency=measure > /out/host-create.json

say "# made by xl"
make_all xl
measure > /tmp/theirs
destroy_all
say "# made by xltune"
make_all xltune --policy $policy
measure > /tmp/ours
xltune snapshot --residency=measure > /out/host-made.json
compare
check_vnuma
destroy_all
check_two_at_once
check_refused
check_json
check_signal
say "create: done"
