#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# In the lab's dom0: the lists of 100 domains, beside xl's.
. /usr/share/lab/lib.sh

domains=${1:-100} runs=${2:-9}

i=0
while [ "$i" -lt "$domains" ]; do
    mkguest blocker "b$i" memory=8 vcpus=2
    i=$((i + 1))
    [ $((i % 20)) -ne 0 ] || say "$i domains are there"
done

say
say "                 xltune ms     xl ms   x faster  xltune MiB     xl MiB"
versus() {
    ./versus "$runs" "$1" "xltune $2" "xl $2" || die "cannot compare $1"
}
versus "list" "list"
versus "list -n" "list -n"
versus "list -n -c" "list -n -c"
versus "vcpu-list" "vcpu-list"
versus "vcpu-list b7" "vcpu-list b7"
versus "info -n" "info -n"
