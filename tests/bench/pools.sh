#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# In the lab's dom0: cpupool-numa-split beside xl's, with 20 domains. xl has
# none to put it back by, and moves no domain.
. /usr/share/lab/lib.sh

domains=${1:-20} runs=${2:-5}

i=0
while [ "$i" -lt "$domains" ]; do
    mkguest blocker "b$i" memory=8 vcpus=2
    i=$((i + 1))
done

# ms COMMAND...: to a hundredth of a second.
ms() {
    _from=$(awk '{ print int($1 * 1000) }' /proc/uptime)
    "$@" > /tmp/said 2>&1 || die "$*: $(cat /tmp/said)"
    echo $(($(awk '{ print int($1 * 1000) }' /proc/uptime) - _from))
}

median() {
    sort -n "$1" | awk '{ n[NR] = $1 } END { print n[int((NR + 1) / 2)] }'
}

i=0
while [ "$i" -lt "$runs" ]; do
    ms xl cpupool-numa-split >> /tmp/xl.ms
    xltune cpupool-join > /dev/null 2>&1 || die "no join"
    ms xltune cpupool-numa-split >> /tmp/xltune.ms
    ms xltune cpupool-join >> /tmp/join.ms
    i=$((i + 1))
done
say
say "cpupool-numa-split, $domains domains: xltune $(median /tmp/xltune.ms) ms," \
    "xl $(median /tmp/xl.ms) ms, which leaves them all in one pool"
say "cpupool-join: xltune $(median /tmp/join.ms) ms"
say "ratio $(awk -v a="$(median /tmp/xltune.ms)" -v b="$(median /tmp/xl.ms)" \
    'BEGIN { printf "%.2f", a / b }')"
