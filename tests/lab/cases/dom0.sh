#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# In dom0 of 2x2: its memory and its vCPUs, down and up while it runs; what is
# refused; and rollback, faults and a kill in the middle.
. /usr/share/lab/lib.sh

# MiB of dom0 by xl, and what its kernel has to give, in KiB.
memory() {
    xl list 0 | awk 'NR == 2 { print $3 }'
}
total() {
    awk '/^MemTotal:/ { print $2 }' /proc/meminfo
}
vcpus() {
    xl list 0 | awk 'NR == 2 { print $4 }'
}
target() {
    xenstore-read /local/domain/0/memory/target
}
field() { # NAME: a number of dom0-mem's
    xltune dom0-mem --json | sed -n "s/.*\"$1\": \([0-9]*\).*/\1/p" | head -n 1
}
# For wait_for, which asks again.
target_is_below() {
    [ "$(target)" -lt "$1" ]
}
has() {
    [ "$(memory)" -eq "$1" ]
}
is_free() {
    [ "$(xl info free_memory)" -ge "$1" ]
}
refused() { # TEXT COMMAND...
    _text=$1
    shift
    expect_exit 1 "$@" 2> /tmp/err
    grep -q "$_text" /tmp/err || die "not said: $_text: $(cat /tmp/err)"
    say "#   $(cat /tmp/err)"
}
# Within a hundredth: Linux counts what it keeps for itself.
about() { # WHAT WANTED GOT
    [ $((($3 - $2) * 100 / $2)) -eq 0 ] || die "$1: about $2, not $3"
    say "ok: $1"
}

xltune dom0-mem || die "dom0-mem: $?"
xltune dom0-vcpus || die "dom0-vcpus: $?"
expect_eq "Xen's word" $((900 << 10)) "$(field memory_kb)"
expect_eq "most" $((900 << 10)) "$(field static_max_kb)"
needs=$(($(field needs_kb) >> 10))
if [ "$needs" -lt 128 ] || [ "$needs" -ge 700 ]; then
    die "it needs $needs MiB?"
fi
before=$(total)

# Down and up.
xltune dom0-mem --set 800 --now || die "down: $?"
expect_eq "xl list, down" 800 "$(memory)"
expect_eq "the target" $((800 << 10)) "$(target)"
about "free, down" $((before - (100 << 10))) "$(total)"
expect_eq "xltune knows" $((800 << 10)) "$(field memory_kb)"
xltune dom0-mem --set 800 --now || die "again: $?"
xltune dom0-mem --set 880m --now || die "up: $?"
expect_eq "xl list, up" 880 "$(memory)"
about "free, up" $((before - (20 << 10))) "$(total)"

# Back, both times.
xltune rollback || die "rollback: $?"
expect_eq "as before the second" 800 "$(memory)"
xltune rollback || die "rollback: $?"
expect_eq "as it was" 900 "$(memory)"
about "free, as it was" "$before" "$(total)"

# What cannot be.
refused "takes a boot" xltune dom0-mem --set 901 --now
refused "needs now" xltune dom0-mem --set $((needs - 50)) --now
refused "needs now" xltune dom0-mem --set 1 --now
expect_exit 64 xltune dom0-mem --set 12q --now
expect_eq "nothing changed" "900 $((900 << 10))" "$(memory) $(target)"

# Where a guest holds the memory.
xltune dom0-mem --set 750 --now || die "down: $?"
free=$(xl info free_memory)
mkguest blocker big "memory=$((free - 60))"
refused "big (" xltune dom0-mem --set 900 --now
expect_eq "nothing changed" 750 "$(memory)"
xl destroy big
wait_for 20 is_free $((free - 8)) ||
    die "its memory does not come back"
xltune dom0-mem --set 900 --now || die "up: $?"
expect_eq "up again" 900 "$(memory)"

# Cut off: before, after, and while the balloon moves.
XLTUNE_FAULT=half:1 xltune dom0-mem --set 800 --now && die "half is done"
expect_eq "half is undone" "900 $((900 << 10))" "$(memory) $(target)"
XLTUNE_FAULT=kill:1 xltune dom0-mem --set 800 --now
xltune recover || die "recover: $?"
expect_eq "killed before it" "900 $((900 << 10))" "$(memory) $(target)"
xltune dom0-mem --set $((needs + 20)) --now > /tmp/cut 2>&1 &
pid=$!
wait_for 20 target_is_below $((900 << 10)) ||
    die "no target: $(cat /tmp/cut)"
kill -KILL $pid
wait $pid
xltune recover || die "recover: $?"
expect_eq "the target, killed within it" $((900 << 10)) "$(target)"
wait_for 30 has 900 || die "it has $(memory) MiB"

# vCPUs.
expect_eq "vCPUs" 2 "$(vcpus)"
xltune dom0-vcpus --set 1 --now || die "1 vCPU: $?"
expect_eq "1 vCPU" 1 "$(vcpus)"
expect_eq "1 CPU of Linux" 1 "$(grep -c ^processor /proc/cpuinfo)"
xltune dom0 vcpus
xltune dom0-vcpus --set 2 --now || die "2 vCPUs: $?"
expect_eq "2 vCPUs" 2 "$(vcpus)"
expect_eq "2 CPUs of Linux" 2 "$(grep -c ^processor /proc/cpuinfo)"
refused "take a boot" xltune dom0-vcpus --set 3 --now
xltune rollback || die "rollback: $?"
expect_eq "back to 1" 1 "$(vcpus)"
xltune rollback || die "rollback: $?"
expect_eq "and to 2" 2 "$(vcpus)"
XLTUNE_FAULT=half:1 xltune dom0-vcpus --set 1 --now && die "half is done"
expect_eq "half is undone" 2 "$(vcpus)"

# A policy.
cat > /tmp/policy.xml << X
<policy name="dom0">
  <host><dom0 memory="850M" vcpus="1"/></host>
</policy>
X
expect_exit 2 xltune --policy /tmp/policy.xml plan
xltune --policy /tmp/policy.xml apply --yes || die "apply: $?"
expect_eq "as the policy says" "850 1" "$(memory) $(vcpus)"
expect_exit 0 xltune --policy /tmp/policy.xml check
xltune rollback || die "rollback: $?"
expect_eq "and back" "900 2" "$(memory) $(vcpus)"
