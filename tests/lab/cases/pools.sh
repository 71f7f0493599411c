#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# In dom0 of 2x2: cpupools by verbs and by policies, beside xl; what fails is
# undone; and what is wrong is refused.
. /usr/share/lab/lib.sh
faults=${faults:-fail half}

# Pools, their CPUs, the pool of each domain and all masks, by xl's word.
state() {
    xl cpupool-list -c
    xl list -c | awk '{ print $1, $NF }'
    xl vcpu-list | awk '{ print $1, $3, $(NF - 2), $(NF - 1), $NF }'
}

pool_of() {
    xl list -c "$1" | awk 'NR > 1 { print $NF }'
}

same_list() {
    xl cpupool-list > /tmp/xl.list
    xltune cpupool-list | cmp - /tmp/xl.list || die "cpupool-list differs"
    xl cpupool-list -c > /tmp/xl.list
    xltune cpupool-list -c | cmp - /tmp/xl.list || die "cpupool-list -c differs"
}

# by_xl COMMAND...: milliseconds that it takes.
ms() {
    _from=$(awk '{ print int($1 * 1000) }' /proc/uptime)
    "$@" > /tmp/ms.out 2>&1 || die "$*: $(cat /tmp/ms.out)"
    echo $(($(awk '{ print int($1 * 1000) }' /proc/uptime) - _from))
}

# refused COMMAND...: says one thing on stderr, and changes nothing.
refused() {
    state > /tmp/before
    if "$@" > /tmp/out 2> /tmp/err; then die "not refused: $*"; fi
    [ "$(wc -l < /tmp/err)" = 1 ] || die "$*: $(cat /tmp/err)"
    state > /tmp/after
    cmp -s /tmp/before /tmp/after ||
        die "changed something: $*: $(diff /tmp/before /tmp/after)"
    say "ok: refused: $*"
    say "#   $(cat /tmp/err)"
}

# A guest whose memory is on node 1, pinned there.
mkguest linux-pvh pinned
wait_for 90 _guest_past pinned 1 || die "pinned does not count"
xltune rehome pinned 1 || die "no rehome"
xl vcpu-pin pinned all 2-3 2-3 || die "no xl vcpu-pin"
expect_eq "memory of pinned" 1 "$(node_of pinned)"
state > /tmp/unsplit

xl_ms=$(ms xl cpupool-numa-split)
say "# xl: pinned is in $(pool_of pinned), $(masks_of pinned)"
[ "$(pool_of pinned)" = Pool-node0 ] ||
    die "xl moved it: is this still worth a test?"
same_list
xltune cpupool-join || die "no cpupool-join"
expect_eq "CPUs after the join" "Pool-0 0,1,2,3" \
    "$(xl cpupool-list -c | awk 'NR > 1 { print $1, $2 }')"
xl vcpu-pin pinned all 2-3 2-3 || die "no xl vcpu-pin"
state | cmp - /tmp/unsplit || die "the join left something"
say "ok: joined"

our_ms=$(ms xltune cpupool-numa-split)
expect_eq "the pool of pinned" Pool-node1 "$(pool_of pinned)"
expect_eq "masks of pinned" "2-3 / 2-3" "$(masks_of pinned)"
xltune residency --residency=measure pinned
expect_eq "memory of pinned" 1 "$(node_of pinned)"
same_list
say "# numa-split: xl $xl_ms ms, xltune $our_ms ms, with one guest"
xltune rollback --yes || die "no rollback"
state | cmp - /tmp/unsplit || die "rolled back, but not all of it"
say "ok: rolled back"

# A fault at every step.
for fault in $faults; do
    n=1
    while XLTUNE_FAULT=$fault:$n; export XLTUNE_FAULT
        ! xltune cpupool-numa-split > /tmp/out 2>&1; do
        unset XLTUNE_FAULT
        state | cmp - /tmp/unsplit ||
            die "$fault:$n left something: $(cat /tmp/out)"
        n=$((n + 1))
        [ $n -lt 40 ] || die "$fault:$n: no end"
    done
    unset XLTUNE_FAULT
    [ $n -gt 3 ] || die "only $n faults"
    say "ok: $fault at each of $((n - 1)) steps was undone"
    xltune cpupool-join && xl vcpu-pin pinned all 2-3 2-3 || die "no join"
    state | cmp - /tmp/unsplit || die "the join left something"
done
for n in 1 2 3 4 5; do
    XLTUNE_FAULT=kill:$n xltune cpupool-numa-split > /tmp/out 2>&1
    xltune recover > /tmp/out 2>&1 || die "no recover: $(cat /tmp/out)"
    if [ "$(pool_of pinned)" = Pool-0 ]; then
        state | cmp - /tmp/unsplit || die "kill:$n: not all was undone"
    else
        xltune cpupool-join && xl vcpu-pin pinned all 2-3 2-3 || die "no join"
    fi
done
say "ok: killed and recovered"

# Two domains that swap their pools, by a policy.
mkguest blocker a
mkguest blocker b
policy() {
    cat << P
<policy name="swap">
  <host>
    <cpupool name="one" cpus="2" scheduler="credit"/>
    <cpupool name="two" cpus="3"/>
  </host>
  <domains match="name:a">
    <cpupool name="$1"/><scheduler weight="512" cap="50"/>
  </domains>
  <domains match="name:b"><cpupool name="$2"/></domains>
</policy>
P
}
xltune cpupool-numa-split && xltune cpupool-join || die "no split or join"
xl vcpu-pin pinned all 0-3 0-3
for way in "one two" "two one" "one two"; do
    # shellcheck disable=SC2086
    policy $way > /tmp/policy.xml
    xltune plan --policy /tmp/policy.xml
    xltune apply --yes --policy /tmp/policy.xml || die "no apply"
    expect_eq "the pools of a and b" "$way" "$(pool_of a) $(pool_of b)"
    same_list
    expect_exit 0 xltune plan --policy /tmp/policy.xml
done
expect_eq "a's weight" "a 512 50" \
    "$(xl sched-credit -d a | awk 'NR > 1 { print $1, $3, $4 }')"
xl sched-credit > /tmp/xl.sched
xltune sched-credit | cmp - /tmp/xl.sched || die "sched-credit differs"
xl sched-credit2 > /tmp/xl.sched
xltune sched-credit2 | cmp - /tmp/xl.sched || die "sched-credit2 differs"
say "ok: schedulers as xl lists them"
xltune sched-credit2 -d pinned -w 700 --persist || die "no sched-credit2"
expect_eq "the weight of pinned" 700 \
    "$(xl sched-credit2 -d pinned | awk 'NR > 1 { print $3 }')"

# What is wrong.
long=$(printf 'x%.0s' $(seq 200))
refused xltune cpupool-create name=x sched=fair cpus=1
refused xltune cpupool-create name=x 'cpus=["foo"]'
sed 's/name="two" /&scheduler="null" /' /tmp/policy.xml > /tmp/null.xml
if xl cpupool-create name=null sched='"null"' cpus='""' > /dev/null 2>&1; then
    xl cpupool-destroy null
else
    # Debian's Xen has no such scheduler: what it refuses half way is undone.
    refused xltune apply --yes --quiet --policy /tmp/null.xml
fi
refused xltune cpupool-create name=x cpus=2
refused xltune cpupool-create name=x cpus=9
refused xltune cpupool-create "name=$long"
refused xltune cpupool-create "name=$(printf 'a\001b')"
refused xltune cpupool-create name=one
refused xltune cpupool-cpu-add one foo
refused xltune cpupool-cpu-add one 3
refused xltune cpupool-cpu-remove one 2
refused xltune cpupool-cpu-remove Pool-0 0-1
refused xltune cpupool-cpu-remove Pool-0 0
refused xltune cpupool-destroy one
refused xltune cpupool-destroy Pool-0
refused xltune cpupool-destroy none-such
refused xltune cpupool-rename one two
refused xltune cpupool-migrate a none-such
refused xltune cpupool-migrate none-such one
refused xltune cpupool-numa-split
sed -i 's/cpus="3"/cpus="2-3"/' /tmp/policy.xml
refused xltune apply --yes --policy /tmp/policy.xml

# A pool by verbs, from xl's own file.
xl destroy a
xl destroy b
xltune cpupool-join || die "no join"
xltune cpupool-cpu-remove Pool-0 2-3 || die "no cpu-remove"
cat > /tmp/pool.cfg << 'P'
name = "byfile"
sched = "credit"
cpus = ["2", "3"]
P
xl cpupool-create -n /tmp/pool.cfg > /tmp/xl.create
xltune cpupool-create /tmp/pool.cfg > /tmp/our.create || die "no create"
cmp /tmp/our.create /tmp/xl.create || die "cpupool-create differs"
same_list
xltune cpupool-rename byfile renamed || die "no rename"
xltune cpupool-cpu-remove renamed 2 && xltune cpupool-cpu-add renamed node:1 \
    2> /tmp/err && die "CPU 3 was there already"
xltune cpupool-cpu-add renamed 2 || die "no cpu-add"
same_list

# It is made in its pool again, and its memory follows it there.
mkguest linux-pvh moves 'cpus="0-1"'
wait_for 90 _guest_past moves 1 || die "moves does not count"
xltune rehome moves 0 > /dev/null
expect_eq "memory of moves" 0 "$(node_of moves)"
xltune cpupool-migrate --follow moves renamed || die "no cpupool-migrate"
expect_eq "the pool of moves" renamed "$(pool_of moves)"
expect_eq "memory of moves" 1 "$(node_of moves)"
expect_eq "hard mask of moves" 2-3 "$(masks_of moves | sed 's, /.*,,')"
guest_lives moves 60 || die "moves does not live"
id=$(xl domid moves)
has_new_id() {
    [ "$(xl domid moves)" -gt "$id" ]
}
xl reboot moves && wait_for 60 has_new_id || die "moves does not restart"
expect_eq "the pool of moves after its reboot" renamed "$(pool_of moves)"
xltune cpupool-list -n
same_list

# A domain that its rule wants in a pool: made there by xltune, and moved there
# by the daemon where xl has made it.
xl destroy moves
mkdir -p /etc/xltune/policy.d
cat > /etc/xltune/policy.d/lab.xml << 'P'
<policy name="lab">
  <domains match="name:in-*"><cpupool name="renamed"/></domains>
</policy>
P
cat > /tmp/in.cfg << 'P'
type = "pv"
kernel = "/guest/blocker"
memory = 8
P
xltune create /tmp/in.cfg 'name="in-made"' || die "no create"
expect_eq "the pool of in-made" renamed "$(pool_of in-made)"
xltune watch 2> /tmp/watch.log &
daemon=$!
here() {
    grep -q "domains are here" /tmp/watch.log
}
wait_for 10 here || die "the daemon does not start: $(cat /tmp/watch.log)"
mkguest blocker in-later
in_pool() {
    [ "$(pool_of in-later)" = renamed ]
}
wait_for 20 in_pool || die "the daemon has not moved it: $(cat /tmp/watch.log)"
kill $daemon
say "ok: the daemon moves a domain to its pool"
grep in-later /tmp/watch.log | sed 's/^/# /'
same_list
