# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh source=tests/cli/lib.sh
# sched-credit, sched-credit2 and sched-rtds: what schedulers give.
. ./lib.sh

refused_host=pools-4x4

silent()
{
    code_is 0 && quiet_stdout && [ ! -s "$tmp/err" ]
}

undone()
{
    run rollback --quiet --host "$host"
    code_is 0 && same_host
}

in_history()
{
    run history --host "$host"
    grep -q " $1\$" "$tmp/out"
}

# shown COMMAND ARGUMENT... : the last line, without the name.
shown()
{
    run "$@" --host "$host"
    tail -n 1 "$tmp/out" | awk '{ $1 = ""; print substr($0, 2) }'
}

# Showing.

use_host pools-4x4
while read -r words; do
    name=$(echo "$words" | tr -d ' ')
    # shellcheck disable=SC2086
    run sched-$words --host "$host"
    ok "sched-$words" code_is 0
    ok "sched-$words: as expected" expected "pools-4x4.sched-$name"
done <<Y
credit
credit -d batch1
credit -s -p batch
credit --json
credit2
credit2 -s
credit2 -d web1 --json
rtds
rtds -v all
rtds -d audio
rtds -d audio -v 1 -v 0
rtds -v all --json
Y
ok "nothing has changed" untouched
run sched-credit -p batch --host "$host"
ok "one pool" cmp -s "$tmp/out" "$top/tests/cli/expected/pools-4x4.sched-credit"
run sched-credit2 -p 0 --host "$host"
ok "one pool by its id" cmp -s "$tmp/out" \
    "$top/tests/cli/expected/pools-4x4.sched-credit2"
run sched-credit2 --cpupool=Pool-0 --schedparam --host "$host"
ok "long options" [ "$(cat "$tmp/out")" = "Cpupool Pool-0: ratelimit=1000us" ]
run sched-rtds -c rt --host "$host"
ok "sched-rtds -c" cmp -s "$tmp/out" \
    "$top/tests/cli/expected/pools-4x4.sched-rtds"
run sched-rtds -d audio -v all --host "$host"
ok "sched-rtds -d -v all" [ "$(grep -vc Cpupool "$tmp/out")" -eq 3 ]
run sched-credit -p rt --host "$host"
ok "a pool with another scheduler" silent
run sched-credit -s --host "$host"
ok "parameters of another scheduler" \
    [ "$(cat "$tmp/out")" = "Cpupool Pool-0: [sched params unavailable]" ]
ok "parameters of another scheduler: code" code_is 0
ok "parameters of another scheduler: a note" \
    one_error 'Pool-0: it has the scheduler credit2'
use_host 2x2
for words in sched-credit sched-rtds "sched-rtds -v all"; do
    # shellcheck disable=SC2086
    run $words --host "$host"
    ok "$words: no pool has it" silent
done
use_host moves
run sched-credit2 -d big --host "$host"
ok "what a snapshot does not hold" \
    [ "$(awk 'NR == 2 { print $3 $4 }' "$tmp/out")" = "--" ]
run sched-credit2 -s --host "$host"
ok "what a snapshot does not hold of a pool" \
    [ "$(cat "$tmp/out")" = "Cpupool Pool-0: [sched params unavailable]" ]

# Setting.

use_host pools-4x4
run sched-credit2 -d web1 -w 1024 --host "$host"
ok "weight" silent
ok "weight: done" [ "$(shown sched-credit2 -d web1)" = "1 1024 0" ]
ok "weight: history" in_history "sched-credit2 -d web1 -w 1024"
run sched-credit2 -d 1 -w1024 -c 200 --host "$host"
ok "weight and cap" silent
ok "weight and cap: done" [ "$(shown sched-credit2 -d web1)" = "1 1024 200" ]
run rollback --quiet --host "$host"
ok "weight and cap: undone" undone
run sched-credit --domain=batch1 --cap=0 --host "$host" --json
ok "cap" json_has '"result": "applied"'
ok "cap: done" [ "$(shown sched-credit -d batch1)" = "2 256 0" ]
ok "cap: undone" undone
run sched-credit -d batch1 -c 150 --host "$host" --json
ok "what is so already" json_has '"result": "nothing"'
run sched-credit -p batch -s -t 5 -r 0 -m 100 --host "$host"
ok "parameters of a pool" silent
ok "parameters of a pool: done" [ "$(shown sched-credit -s -p batch)" = \
    "batch: tslice=5ms ratelimit=0us migration-delay=100us" ]
ok "parameters of a pool: history" \
    in_history "sched-credit -p batch -s -t 5 -r 0 -m 100"
ok "parameters of a pool: undone" undone
run sched-credit2 -s -r 500 --host "$host"
ok "parameters of Pool-0" silent
ok "parameters of Pool-0: done" [ "$(shown sched-credit2 -s)" = \
    "Pool-0: ratelimit=500us" ]
ok "parameters of Pool-0: undone" undone

use_host pools-4x4
run sched-rtds -d audio -v 0 -p 30000 -b 6000 -e 0 --host "$host"
ok "one vCPU" silent
ok "one vCPU: done" [ "$(shown sched-rtds -d audio -v 0)" = \
    "4 0 30000 6000 no" ]
ok "one vCPU: the other" [ "$(shown sched-rtds -d audio -v 1)" = \
    "4 1 20000 5000 no" ]
ok "one vCPU: history" \
    in_history "sched-rtds -d audio -v 0 -p 30000 -b 6000 -e 0"
ok "one vCPU: undone" undone
run sched-rtds -d audio -v 1 -p 1000 -b 100 -e 1 -v 0 -p 2000 -b 200 -e 0 \
    --host "$host"
ok "two vCPUs" silent
ok "two vCPUs: the first" [ "$(shown sched-rtds -d audio -v 0)" = \
    "4 0 2000 200 no" ]
ok "two vCPUs: the second" [ "$(shown sched-rtds -d audio -v 1)" = \
    "4 1 1000 100 yes" ]
ok "two vCPUs: undone" undone
run sched-rtds -d audio -v 1 -v 0 -e 1 -e 0 -p 1000 -p 2000 -b 100 -b 200 \
    --host "$host"
ok "two vCPUs in another order" [ "$(shown sched-rtds -d audio -v 1)" = \
    "4 1 1000 100 yes" ]
ok "two vCPUs in another order: undone" undone
run sched-rtds -d audio -v all -p 1000 -b 1000 -e 1 --host "$host"
ok "all vCPUs" silent
ok "all vCPUs: done" [ "$(shown sched-rtds -v all)" = "4 1 1000 1000 yes" ]
ok "all vCPUs: undone" undone

# Keeping.

use_host pools-4x4
run sched-credit2 -d web1 -w 1024 --persist --host "$host"
ok "--persist" silent
ok "--persist: history" in_history "sched-credit2 -d web1 -w 1024 --persist"
ok "--persist keeps it" grep -q '"weight": 1024' \
    "$host.d/records/00000001-0000-4000-8000-000000000001.json"
run sched-credit2 -d web1 -w 1 --host "$host"
run check --host "$host" --root "$tmp/none"
ok "--persist: check finds it" code_is 2
run apply --yes --quiet --host "$host" --root "$tmp/none"
ok "--persist: apply sets it again" \
    [ "$(shown sched-credit2 -d web1)" = "1 1024 0" ]
run sched-credit -s -p batch -t 5 --persist --host "$host"
ok "--persist of a pool" silent
ok "--persist of a pool keeps it" grep -q '"tslice_ms": 5' \
    "$host.d/pools.json"
run sched-credit -s -p batch -t 6 --host "$host"
run apply --yes --quiet --host "$host" --root "$tmp/none"
ok "--persist of a pool: apply sets it again" \
    [ "$(shown sched-credit -s -p batch)" = \
    "batch: tslice=5ms ratelimit=1000us migration-delay=0us" ]
run sched-rtds -d audio -v all -p 1000 -b 500 -e 0 --persist --host "$host"
ok "--persist of vCPUs" silent
ok "--persist of vCPUs keeps it" grep -q '"period_us": 1000' \
    "$host.d/records/00000004-0000-4000-8000-000000000004.json"

# A file that is no record: nothing is begun.
use_host pools-4x4
mkdir "$host.d"
echo '{' >"$host.d/pools.json"
run sched-credit2 -s -r 500 --persist --host "$host"
ok "--persist that cannot be" code_is 1
ok "--persist that cannot be: the file" one_error 'pools\.json:[12]: not a JSON'
ok "--persist that cannot be: nothing is done" same_host

# A pool that was made again with another scheduler.
use_host pools-4x4
mkdir "$host.d"
cat >"$host.d/pools.json" <<'J'
{ "schema": "xtune/pools/1", "cpupools": [
  { "name": "Pool-0", "tslice_ms": 20, "ratelimit_us": 900 } ] }
J
run plan --host "$host" --root "$tmp/none"
ok "another scheduler: what it has" \
    grep -q '^  cpupool Pool-0  ratelimit 1000 us -> 900 us$' "$tmp/out"
ok "another scheduler: what it has not" \
    grep -q 'blocked: its scheduler "credit2" has no tslice$' "$tmp/out"
run sched-credit2 -s -r 500 --persist --host "$host"
ok "another scheduler: kept" silent
run check --host "$host" --root "$tmp/none"
ok "another scheduler: nothing is left" code_is 0

# A domain that goes to a pool with another form of it.
use_host pools-4x4
cat >"$tmp/weight.xml" <<'X'
<policy name="w">
  <domains match="name:audio">
    <cpupool name="batch"/>
    <scheduler weight="77"/>
  </domains>
</policy>
X
run plan --host "$host" --policy "$tmp/weight.xml"
ok "to another scheduler: what it gets" \
    grep -q '^  audio  cpupool rt -> batch, .*weight - -> 77, cap - -> 0$' \
    "$tmp/out"
ok "to another scheduler: no pool goes" not_there 'it is removed'
cat >"$tmp/new.xml" <<'X'
<policy name="n">
  <host>
    <cpupool name="new" cpus="10-11"/>
    <cpupool name="batch" scheduler="credit2"/>
  </host>
</policy>
X
run plan --host "$host" --policy "$tmp/new.xml"
ok "pools that no element names: a note of each" \
    [ "$(grep '^note: .*it is removed$' "$tmp/out" | cut -d: -f2 |
        tr -d '\n')" = " rt pinned" ]
sed 's/"batch"/"nosuch"/' "$tmp/weight.xml" >"$tmp/nosuch.xml"
run plan --host "$host" --policy "$tmp/nosuch.xml"
ok "a pool that is not there" grep -q '^  audio  cpupool -> nosuch$' "$tmp/out"
ok "a pool that is not there: who wants it" \
    grep -q '^      the policy or a record asks for it$' "$tmp/out"

# What is wrong.

refused "an unknown domain" 1 nosuch sched-credit -d nosuch
refused "an unknown pool" 1 'nosuch: no such' sched-credit -p nosuch
refused "a domain with another scheduler" 1 \
    'web1: its pool "Pool-0" has the scheduler credit2, not credit: .*sched-credit2' \
    sched-credit -d web1
refused "a domain with another scheduler to be set" 1 \
    'audio: .* rtds, not credit2: .*sched-rtds' sched-credit2 -d audio -w 5
refused "a domain with null" 1 'dpdk: .* null, not rtds: .*nothing' \
    sched-rtds -d dpdk
refused "a pool with another scheduler to be set" 1 \
    'Pool-0: it has the scheduler credit2, not credit' sched-credit -s -t 5
for number in 12abc -5 "" 0x10 1.5 " 1" 99999999999; do
    code=64
    refused "weight '$number'" 64 '\(no such number\|needs a value\)' \
        sched-credit2 -d web1 -w "$number"
    refused "ratelimit '$number'" 64 '\(no such number\|needs a value\)' \
        sched-credit2 -s -r "$number"
done
refused "weight 0" 1 weight sched-credit2 -d web1 -w 0
refused "weight 65536" 1 weight sched-credit2 -d web1 -w 65536
refused "cap above the vCPUs" 1 cap sched-credit2 -d web1 -c 201
refused "tslice 0" 1 tslice sched-credit -p batch -s -t 0
refused "tslice 1001" 1 tslice sched-credit -p batch -s -t 1001
refused "ratelimit 99" 1 ratelimit sched-credit2 -s -r 99
refused "migration delay" 1 migration sched-credit -p batch -s -m 100001
refused "a domain and a pool" 64 contradict sched-credit -d batch1 -p batch
refused "a domain and -s" 64 contradict sched-credit2 -d web1 -s
refused "weight without a domain" 64 'add --domain' sched-credit -w 5
refused "tslice without -s" 64 'add --schedparam' sched-credit -t 5
refused "ratelimit without -s" 64 'add --schedparam' sched-credit2 -r 500
refused "tslice with credit2" 64 'no such option' sched-credit2 -s -t 5
refused "nothing to keep" 64 'nothing is to be kept' \
    sched-credit -d batch1 --persist
refused "an argument" 64 'too many' sched-credit web1
refused "vcpus of no domain" 64 'add --domain' sched-rtds -v 0
refused "what is of no domain" 64 'add --domain' \
    sched-rtds -v all -p 10 -b 10 -e 0
refused "what is of no vCPU" 64 'add --vcpuid' \
    sched-rtds -d audio -p 1000 -b 100 -e 0
refused "no extratime" 64 differ sched-rtds -d audio -v 0 -p 1000 -b 100
refused "two vCPUs and one period" 64 differ \
    sched-rtds -d audio -v 0 -v 1 -p 1000 -b 100 -e 0
refused "all and another" 64 contradict sched-rtds -d audio -v all -v 0
refused "all and two periods" 64 differ \
    sched-rtds -d audio -v all -p 1000 -b 100 -e 0 -p 1000 -b 100 -e 0
refused "rtds: a pool and a domain" 64 contradict sched-rtds -c rt -d audio
refused "extratime 2" 64 'no such number' \
    sched-rtds -d audio -v 0 -p 1000 -b 100 -e 2
refused "vCPU 0-1" 64 'no such number' sched-rtds -d audio -v 0-1
refused "an unknown vCPU" 1 'audio: there is no vCPU "7"' \
    sched-rtds -d audio -v 7
refused "an unknown vCPU to be set" 1 'audio: there is no vCPU "7"' \
    sched-rtds -d audio -v 7 -p 1000 -b 100 -e 0
refused "budget above the period" 1 budget \
    sched-rtds -d audio -v 0 -p 1000 -b 1001 -e 0
refused "period 9" 1 '\(period\|budget\)' \
    sched-rtds -d audio -v 0 -p 9 -b 9 -e 0
