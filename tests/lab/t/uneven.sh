#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Nodes that differ, one of them memory only, and threads.
# shellcheck source=tests/lab/dom0/lib.sh
. /usr/share/lab/lib.sh

expect_eq "cores, sockets and nodes of CPUs" \
    "0/0/0 0/0/0 1/0/0 1/0/0 0/1/1 0/1/1 1/1/1 1/1/1 " "$(xl info -n |
        awk '/^ +[0-9]+: +[0-9]+ +[0-9]+ +[0-9]+$/ {
            printf "%s/%s/%s ", $2, $3, $4 }')"
expect_eq "sched-gran" "core, 2 CPUs per sched-resource" \
    "$(xl dmesg | sed -n 's/.*Scheduling granularity: //p')"
