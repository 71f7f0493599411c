# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh source=tests/cli/lib.sh
# What policies want of pools, where names, schedulers and room are near to
# what cannot be.
. ./lib.sh

# A policy of these elements in <host>, and of these rules.
policy_of()
{
    printf '<policy name="p">\n<host>\n%s\n</host>\n%s\n</policy>\n' "$1" \
        "${2-}" >"$tmp/p.xml"
}

# It is applied, and then there is nothing more to do.
settles()
{
    run apply --policy "$tmp/p.xml" --yes --quiet --host "$host"
    ok "$1" code_is 0
    run check --policy "$tmp/p.xml" --host "$host"
    ok "$1: check" code_is 0
}

undone()
{
    run rollback --quiet --host "$host"
    code_is 0 && run cpupool-list -n --host "$host" &&
        [ "$(sort "$tmp/out")" = "$pools" ]
}

look()
{
    run cpupool-list -n --host "$host"
    pools=$(sort "$tmp/out")
}

keep='<cpupool name="rt"/><cpupool name="pinned"/>'

use_host pools-4x4
look
policy_of "$keep<cpupool name='batch' cpus='4-5,8-9' scheduler='credit2'
    ratelimit='500'/>"
settles "another scheduler with a parameter"
run sched-credit2 -p batch --host "$host"
ok "another scheduler: its parameter" grep -q 500 "$tmp/out"
ok "another scheduler: undone" undone

use_host pools-4x4
sed -i 's/sched-gran=core/& sched_ratelimit_us=500/' "$host"
look
policy_of "$keep<cpupool name='batch'/>
    <cpupool name='new' cpus='10-11' ratelimit='700'/>"
settles "a new pool with a parameter"
run sched-credit2 -p new --host "$host"
ok "a new pool: its parameter" grep -q 700 "$tmp/out"
ok "a new pool: undone" undone

use_host 4x4
run cpupool-cpu-remove Pool-0 15 --host "$host"
run cpupool-create name=Pool-node0 --host "$host"
policy_of '<cpupools split="numa"/>'
settles "the name of a pool that goes"

use_host 4x4
run cpupool-rename Pool-0 first --host "$host"
run cpupool-cpu-remove first 15 --host "$host"
run cpupool-create name=Pool-0 --host "$host"
ok "another is called Pool-0" code_is 0
run cpupool-join --host "$host"
ok "join where another is called Pool-0" code_is 0

use_host 4x4
policy_of '<cpupool name="Pool-node0" nodes="0"/><cpupool name="a" nodes="1-3"/>'
settles "the pool of CPU 0 is the first"
policy_of '<cpupool name="Pool-node0" nodes="0"/>
<cpupool name="Pool-0" nodes="1"/>'
run plan --policy "$tmp/p.xml" --host "$host"
ok "two names of the first pool" code_is 1
ok "two names of the first pool: words" \
    one_error 'p.xml:4: "Pool-node0" and "Pool-0" both name Xen.s first'

use_host pools-4x4
policy_of "" '<domains match="name:web1"><cpupool name="pinned"/></domains>
<domains match="name:audio"><cpupool name="batch"/></domains>
<domains match="name:Domain-0"><cpupool name="rt"/></domains>'
run apply --policy "$tmp/p.xml" --yes --quiet --host "$host"
run list -c audio --host "$host"
ok "one without room keeps no other" grep -q ' batch$' "$tmp/out"
run list -c web1 --host "$host"
ok "one without room stays" grep -q ' Pool-0$' "$tmp/out"
run plan --policy "$tmp/p.xml" --host "$host"
ok "one without room: why" grep -q 'null scheduler needs a CPU' "$tmp/out"

use_host pools-4x4
run cpupool-rename batch bb --host "$host"
ok "a new name moves no memory" [ ! -s "$tmp/err" ]
