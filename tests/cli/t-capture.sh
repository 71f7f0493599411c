# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh source=tests/cli/lib.sh
# The host as a policy that wants it so.
. ./lib.sh

# What is captured is read again, and there is nothing to do.
captured()
{
    run capture --host "$host"
    ok "$1: capture" code_is 0
    cp "$tmp/out" "$tmp/captured.xml"
    if command -v xmllint >/dev/null; then
        ok "$1: the schema takes it" xmllint --noout --nonet \
            --relaxng "$top/policies/policy.rng" "$tmp/captured.xml" 2>/dev/null
    fi
    for c in plan check; do
        run $c --host "$host" --policy "$tmp/captured.xml"
        ok "$1: $c" code_is 0
        ok "$1: $c says so" grep -q '^Nothing to do' "$tmp/out"
    done
    ok "$1: nothing is left beside the host" untouched
}

# Changes of the host that are saved as the one there was.
edit()
{
    sed "$@" "$host" >"$host.new" && mv "$host.new" "$host"
    cp "$host" "$tmp/before"
}

for h in 2x2 4x4 hand-2x2; do
    use_host $h
    captured $h
    run capture --host "$host" --policy-name mine.1
    ok "$h: its name" grep -q '^<policy name="mine.1">$' "$tmp/out"
done

use_host 4x4
run capture --host "$host"
ok "what it prints" expected 4x4.capture

# Whatever another hand changes is found, and put back.
run capture --host "$host"
cp "$tmp/out" "$tmp/captured.xml"
run vcpu-pin web1 2 0 0 --host "$host"
run vcpu-pin batch2 all 3 --host "$host"
run check --host "$host" --policy "$tmp/captured.xml"
ok "a change is found" code_is 2
run apply --yes --quiet --host "$host" --policy "$tmp/captured.xml"
ok "and undone" same_host

# vCPUs with other masks than the rest.
use_host 4x4
run vcpu-pin web1 0 0 --host "$host"
run vcpu-pin web1 2 0 --host "$host"
run vcpu-pin web1 3 - none --host "$host"
rm -r "$host.d"
cp "$host" "$tmp/before"
captured "several masks"
ok "several masks: joined" [ "$(sed -n '/name:web1/,/domains>/s/.*<aff/<aff/p' \
    "$tmp/captured.xml" | tr '\n' ' ')" = \
    '<affinity vcpus="0,2" hard="0" soft="4-7"/> '\
'<affinity vcpus="1" hard="all" soft="4-7"/> '\
'<affinity vcpus="3" hard="all" soft="none"/> ' ]

# Names that are none to a pattern, to XML, or to one domain alone.
use_host 4x4
edit -e 's/"web1"/"a*[b]?\\\\c"/' -e 's/"web2"/"<\&\\">'"'"' ä"/' \
    -e 's/"db-main"/"x\\ny"/' -e 's/"db-replica"/"twin"/' -e 's/"cache"/"twin"/' \
    -e 's/"batch1"/""/' -e 's/"batch2"/"Domain-0"/' -e 's/"build"/"\\uffff"/'
captured "odd names"
for line in '<domains match="name:a\\\*\\\[b]\\?\\\\c">' \
    "<domains match=\"name:&lt;&amp;&quot;&gt;' ä\">" \
    '<domains match="uuid:00000004-0000-4000-8000-000000000004">' \
    '<domains match="uuid:00000005-0000-4000-8000-000000000005">' \
    '<domains match="uuid:00000006-0000-4000-8000-000000000006">' \
    '<domains match="uuid:00000007-0000-4000-8000-000000000007">' \
    '<domains match="uuid:00000008-0000-4000-8000-000000000008">' \
    '<domains match="uuid:0000000c-0000-4000-8000-00000000000c">'; do
    ok "odd names: $line" grep -q "^  $line\$" "$tmp/captured.xml"
done
edit '/"uuid": "00000005/d'
captured "no name and no uuid"
ok "no name and no uuid: left out" \
    grep -q 'tells domain [0-9]* from the others' "$tmp/captured.xml"

# dom0 only where it is not free.
use_host 4x4
run capture --host "$host"
ok "dom0 that runs anywhere" not_there Domain-0
run vcpu-pin 0 1 0-3 --host "$host"
rm -r "$host.d"
cp "$host" "$tmp/before"
captured "dom0 that is pinned"
ok "dom0 that is pinned: by its name" \
    grep -q '^  <domains match="name:Domain-0">$' "$tmp/captured.xml"

# Several pools.
use_host 4x4
edit -e 's/"cpus": "0-15"/"cpus": "0-7"/' \
    -e '/"cpupools": \[/a \
        { "id": 3, "name": "a<b", "scheduler": "null", "cpus": "8-15" }, \
        { "id": 4, "name": "none", "scheduler": "sedf", "cpus": "none" },' \
    -e '/"name": "cache"/,/"cpupool"/s/"cpupool": "Pool-0"/"cpupool": "a<b"/'
captured "several pools"
ok "several pools: each with its CPUs and scheduler" \
    grep -q '^    <cpupool name="a&lt;b" cpus="8-15" scheduler="null"/>$' \
    "$tmp/captured.xml"
ok "several pools: one without either" \
    grep -q '^    <cpupool name="none"/>$' "$tmp/captured.xml"
ok "several pools: the first has the rest" \
    grep -q '^    <cpupool name="Pool-0" scheduler="credit2"/>$' \
    "$tmp/captured.xml"
ok "several pools: of a domain" [ "$(sed -n '/name:cache/,/domains>/p' \
    "$tmp/captured.xml" | grep -c 'cpupool name="a&lt;b"/>')" -eq 1 ]

# CPUs of no pool, which a policy cannot say.
use_host 4x4
edit -e 's/"cpus": "0-15"/"cpus": "0-7"/' -e '/"cpupools": \[/a \
        { "id": 3, "name": "b", "scheduler": "null", "cpus": "8-14" },'
run capture --host "$host"
ok "free CPUs: it says so" grep -q 'to the first: CPUs 15\. -->' "$tmp/out"

# What a pool's scheduler was set to.
use_host pools-4x4
edit -e '/"name": "batch"/,/}/s/"ratelimit_us": 1000/"ratelimit_us": 700/'
run capture --host "$host"
cp "$tmp/out" "$tmp/captured.xml"
ok "parameters: of credit" grep -q \
    ' scheduler="credit" tslice="30" ratelimit="700" migration-delay="0"/>$' \
    "$tmp/captured.xml"
ok "parameters: of credit2" grep -q \
    '^    <cpupool name="Pool-0" scheduler="credit2" ratelimit="1000"/>$' \
    "$tmp/captured.xml"
ok "parameters: not of null" grep -q \
    '^    <cpupool name="pinned" cpus="12-13" scheduler="null"/>$' \
    "$tmp/captured.xml"
run sched-credit -s -p batch -t 5 -r 0 --host "$host"
run apply --yes --quiet --host "$host" --policy "$tmp/captured.xml"
run sched-credit -s -p batch --host "$host"
ok "parameters: put back" grep -q 'tslice=30ms ratelimit=700us' "$tmp/out"

use_host 4x4
edit -e 's/"scheduler": "credit2",/& "ratelimit_us": 500,/'
captured "one pool with parameters"
ok "one pool with parameters: it is named" grep -q \
    '^    <cpupool name="Pool-0" scheduler="credit2" ratelimit="500"/>$' \
    "$tmp/captured.xml"
edit -e 's/"ratelimit_us": 500/"ratelimit_us": 1000/'
captured "one pool as Xen makes it"
ok "one pool as Xen makes it: not named" \
    [ "$(grep -c '<host' "$tmp/captured.xml")" -eq 0 ]

# What holds after a reboot as well, where there is but the first pool.
pools()
{
    run cpupool-list -c --host "$host"
    awk 'NR > 1 { printf "%s:%s ", $1, $2 }' "$tmp/out"
}

# Takes the pools for those that there are to be.
rebooted()
{
    before=$(pools)
    rm -rf "$host.d"
    captured "$1"
    cp "$tmp/captured.xml" "$tmp/kept.xml"
    use_host 4x4
    run apply --yes --quiet --host "$host" --policy "$tmp/kept.xml"
    ok "$1: apply after a reboot" code_is 0
    ok "$1: the same pools" [ "$(pools)" = "$before" ]
    run check --host "$host" --policy "$tmp/kept.xml"
    ok "$1: check after a reboot" code_is 0
}

use_host 4x4
run cpupool-numa-split --host "$host"
cp "$host" "$tmp/before"
rebooted "a split"
ok "a split: in one element" [ "$(sed -n '/<host>/,/<.host>/p' \
    "$tmp/kept.xml" | tr -d '\n')" = \
    '  <host>    <cpupools split="numa"/>  </host>' ]
run cpupool-rename Pool-node2 two --host "$host"
cp "$host" "$tmp/before"
rebooted "a split with a name of its own"
ok "a split with a name of its own: the first by its CPUs" grep -q \
    '<cpupool name="Pool-node0" cpus="0-3" ' "$tmp/kept.xml"

use_host 4x4
run cpupool-cpu-remove Pool-0 8-15 --host "$host"
run cpupool-create name=rt 'cpus="8-15"' --host "$host"
run cpupool-rename Pool-0 main --host "$host"
cp "$host" "$tmp/before"
rebooted "a first pool with another name"
ok "a first pool with another name: its CPUs" \
    grep -q '<cpupool name="main" cpus="0-7" ' "$tmp/kept.xml"

# What schedulers give, where it is not what every domain has.
use_host 4x4
edit -e '/"name": "web1"/,/"memory_kb"/s/"memory_kb"/"weight": 512, &/' \
    -e '/"name": "web2"/,/"memory_kb"/s/"memory_kb"/"weight": 256, "cap": 150, &/' \
    -e '/"name": "cache"/,/"memory_kb"/s/"memory_kb"/"weight": 256, &/'
captured "weights"
ok "weights: one" grep -q '^    <scheduler weight="512" cap="0"/>$' \
    "$tmp/captured.xml"
ok "weights: a cap" grep -q '^    <scheduler weight="256" cap="150"/>$' \
    "$tmp/captured.xml"
ok "weights: no more" [ "$(grep -c '<scheduler' "$tmp/captured.xml")" -eq 2 ]

use_host 4x4
run capture --host "$host" --json
ok "as JSON" code_is 64
ok "as JSON: one line" one_error 'a policy, which is XML'
ok "as JSON: the error" grep -q '"object": "--json"' "$tmp/out"
refused "a name that is none" 64 '"a b"' capture --policy-name "a b"
refused "a name that leads elsewhere" 64 '"../x"' capture --policy-name ../x
refused "an empty name" 64 --policy-name capture --policy-name ""
refused "an argument" 64 capture capture web1
