# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh source=tests/cli/lib.sh
# Where Xen schedules whole cores, vCPUs that share one share affinity.
. ./lib.sh

use_host pools-4x4

masks()
{
    run vcpu-list "$1" --host "$host"
    awk 'NR > 1 { print $3 ":" $(NF - 2) }' "$tmp/out" | tr '\n' ' '
}

run vcpu-pin web1 1 2 --host "$host"
ok "one vCPU pinned" code_is 0
ok "it says so" grep -q 'web1: Xen schedules whole cores: 2 vCPUs share' \
    "$tmp/err"
ok "both have the core" [ "$(masks web1)" = '0:2-3 1:2-3 ' ]
run rollback --quiet --host "$host"
ok "rolled back" code_is 0
ok "the file is as before" same_host
run vcpu-pin web1 all 0-3 --host "$host"
ok "whole cores need no word" [ ! -s "$tmp/err" ]

cat >"$tmp/p.xml" <<EOF
<policy name="pairs">
  <domains match="name:web1"><affinity vcpus="0" hard="0"/></domains>
</policy>
EOF
run apply --yes --quiet --policy "$tmp/p.xml" --host "$host"
ok "masks that a policy writes down" code_is 0
run plan --policy "$tmp/p.xml" --host "$host"
ok "nothing is to be done then" code_is 0
