# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh source=tests/cli/lib.sh
# CPU pools: looking at them, and the verbs that change them.
. ./lib.sh

refused_host=pools-4x4

# CPUs of each pool: "Pool-0:0,1 rt:6,7".
pools()
{
    run cpupool-list -c --host "$host"
    awk 'NR > 1 { printf "%s%s:%s", (NR > 2 ? " " : ""), $1, $2 }' "$tmp/out"
}

pool_of()
{
    run list -c "$1" --host "$host"
    awk 'NR == 2 { print $NF }' "$tmp/out"
}

masks()
{
    run vcpu-list "$1" --host "$host"
    sed -n 's/.*[0-9]  \(.* \/ .*\)/\1/p' "$tmp/out" | tr '\n' ';'
}

silent()
{
    code_is 0 && quiet_stdout && [ ! -s "$tmp/err" ]
}

silent_but()
{
    code_is 0 && quiet_stdout && grep -q "^xltune: $1" "$tmp/err"
}

undone()
{
    run rollback --quiet --host "$host"
    code_is 0 && same_host
}

# As it was; but a pool that was made again may have another id.
look()
{
    "$BUILD/xltune" cpupool-list -n --host "$host" | sort
    "$BUILD/xltune" list -c --host "$host"
    "$BUILD/xltune" vcpu-list --host "$host"
    "$BUILD/xltune" sched-rtds -v all --host "$host"
}

undone_but_ids()
{
    run rollback --quiet --host "$host"
    code_is 0 && look | cmp -s - "$tmp/looks"
}

in_history()
{
    run history --host "$host"
    grep -q " $1\$" "$tmp/out"
}

all_pools="Pool-0:0,1,2,3 batch:4,5,8,9 rt:6,7 pinned:12,13"

# Looking.

use_host pools-4x4
for words in "" -c -n "--json" "-n --json"; do
    # shellcheck disable=SC2086
    run cpupool-list $words --host "$host"
    ok "cpupool-list $words" code_is 0
    ok "cpupool-list $words: as expected" \
        expected "pools-4x4.cpupool-list$(printf %s "$words" | tr -d ' ')"
done
run cpupool-list -cn --host "$host"
ok "-c changes nothing with -n" cmp -s "$tmp/out" \
    "$top/tests/cli/expected/pools-4x4.cpupool-list-n"
run cpupool-list -c rt --host "$host"
ok "one pool" [ "$(tail -n 1 "$tmp/out")" = "rt                 6,7" ]
ok "one pool alone" [ "$(wc -l <"$tmp/out")" -eq 2 ]
run cpupool-list -c 2 --host "$host"
ok "a pool by its id" [ "$(tail -n 1 "$tmp/out")" = "rt                 6,7" ]
run cpupool-list -n rt --host "$host"
ok "one pool with nodes" [ "$(wc -l <"$tmp/out")" -eq 2 ]
ok "nothing has changed" untouched
sed '/"memory_kb": 1572864/ { N; /"free_kb": 1163264/s/: [0-9]*,/: 0,/g; }' \
    "$hosts/pools-4x4.json" >"$host"
run cpupool-list -n rt --host "$host"
ok "a node without memory" grep -q '^warning: rt: .*no memory on node 1' \
    "$tmp/out"
# dpdk's three vCPUs alone would fit.
sed -e '/"name": "pinned"/,/}/s/"cpus": "12-13"/"cpus": "12-15"/' \
    -e '/"name": "web1"/,/"cpupool"/s/"cpupool": "Pool-0"/"cpupool": "pinned"/' \
    "$hosts/pools-4x4.json" >"$host"
run cpupool-list -n pinned --host "$host"
ok "too many vCPUs for null, of several domains" grep -q \
    '^warning: pinned: its domains have 5 vCPUs and it has 4 CPUs: ' "$tmp/out"
refused "an unknown pool" 1 'nosuch: no such cpupool' cpupool-list nosuch
refused "an unknown id" 1 '9: no such cpupool' cpupool-list 9
refused "an empty pool" 1 empty cpupool-list ""
refused "two pools" 64 "too many" cpupool-list rt batch
run list -c --host "$host"
ok "list -c" grep -q 'audio .* rt$' "$tmp/out"
use_host pools-4x4
run snapshot --host "$host"
ok "snapshot" cmp -s "$tmp/out" "$host"

# CPUs.

use_host pools-4x4
run cpupool-cpu-add rt 10-11 --host "$host"
ok "cpu-add" silent
ok "cpu-add: done" [ "$(pools)" = \
    "Pool-0:0,1,2,3 batch:4,5,8,9 rt:6,7,10,11 pinned:12,13" ]
ok "cpu-add: history" in_history "cpupool-cpu-add rt 10-11"
ok "cpu-add: undone" undone
run cpupool-cpu-add 2 14 --host "$host"
ok "cpu-add of half a core" silent_but 'rt: CPU 15 goes along'
ok "cpu-add of half a core: both" [ "$(pools)" = \
    "Pool-0:0,1,2,3 batch:4,5,8,9 rt:6,7,14,15 pinned:12,13" ]
ok "cpu-add of half a core: undone" undone
run cpupool-cpu-add rt 'node:2,^8-9' --host "$host"
ok "cpu-add by node" silent
ok "cpu-add by node: undone" undone
run cpupool-cpu-remove batch node:2,^10-11 --host "$host"
ok "cpu-remove" silent
ok "cpu-remove: done" [ "$(pools)" = \
    "Pool-0:0,1,2,3 batch:4,5 rt:6,7 pinned:12,13" ]
run cpupool-cpu-add batch 8-9 --host "$host"
ok "cpu-add: back" [ "$(pools)" = "$all_pools" ]
run rollback --quiet --host "$host"
ok "undone, both" undone
run cpupool-cpu-remove Pool-0 2-3 --host "$host" --json
ok "cpu-remove as JSON" json_has '"result": "applied"'
run info free_cpus --host "$host"
ok "info counts free CPUs" [ "$(cat "$tmp/out")" = 6 ]
ok "cpu-remove as JSON: undone" undone

refused "a CPU that is there already" 1 'rt: it has CPUs 6 already' \
    cpupool-cpu-add rt 6
refused "a CPU of another pool" 1 \
    'CPU 4 is not free: cpupool "batch" has it: .*cpupool-cpu-remove batch 4' \
    cpupool-cpu-add rt 4
refused "a CPU that it has not" 1 'it has not got CPUs 4-5: its CPUs are 6-7' \
    cpupool-cpu-remove rt 4-5
refused "the last CPU of a pool with domains" 1 \
    'it would have no CPU, but domain audio' cpupool-cpu-remove rt 6-7
refused "CPU 0" 1 'CPU 0 must stay' cpupool-cpu-remove Pool-0 0
for verb in cpu-add cpu-remove; do
    for list in foo 99 "" ^ 4- node:9 4x; do
        refused "$verb of '$list'" 1 CPU cpupool-$verb rt "$list"
    done
    refused "$verb of none" 1 'no CPU is named' cpupool-$verb rt none
    refused "$verb of an unknown pool" 1 'nosuch: no such' \
        cpupool-$verb nosuch 10
    refused "$verb without CPUs" 64 missing cpupool-$verb rt
done

# Names.

use_host pools-4x4
run cpupool-rename rt audio-pool --host "$host"
ok "rename" silent
ok "rename: done" [ "$(pool_of audio)" = audio-pool ]
ok "rename: history" in_history "cpupool-rename rt audio-pool"
ok "rename: undone" undone
run cpupool-rename rt rt --host "$host" --json
ok "rename to what it is" json_has '"result": "nothing"'
refused "rename to what there is" 1 'batch: .*already' cpupool-rename rt batch
long=$(printf '%0200d' 0 | tr 0 x)
# shellcheck disable=SC2059
for name in "" a/b 12 "$(printf 'a\tb')" " a" "$long"; do
    refused "rename to '$(printf %.9s "$name")'" 1 'cannot be its name' \
        cpupool-rename rt "$name"
done
refused "rename of an unknown pool" 1 'nosuch: no such' cpupool-rename nosuch a

# Domains.

use_host pools-4x4
run cpupool-migrate web1 batch --host "$host"
ok "migrate: a note" silent_but 'web1: .*0-1'
ok "migrate: done" [ "$(pool_of web1)" = batch ]
ok "migrate: history" in_history "cpupool-migrate web1 batch"
ok "migrate: undone" undone
run cpupool-migrate 4 rt --host "$host" --json
ok "migrate to where it is" json_has '"result": "nothing"'
run cpupool-migrate batch1 Pool-0 --host "$host"
ok "migrate: masks go along" [ "$(masks batch1)" = \
    "all / 0-3;all / 0-3;all / 0-3;all / 0-3;" ]
ok "migrate: undone as well" undone
run cpupool-migrate batch1 Pool-0 --persist --host "$host"
ok "migrate --persist" code_is 0
ok "migrate --persist keeps it" grep -qx ' *"cpupool": "Pool-0",\{0,1\}' \
    "$host.d/records/00000002-0000-4000-8000-000000000002.json"
ok "migrate --persist: history" \
    in_history "cpupool-migrate batch1 Pool-0 --persist"
run cpupool-migrate batch1 batch --host "$host"
run check --host "$host" --root "$tmp/none"
ok "migrate --persist: check finds it" code_is 2
run apply --yes --quiet --host "$host" --root "$tmp/none"
ok "migrate --persist: apply moves it again" [ "$(pool_of batch1)" = Pool-0 ]

# A record that names a pool which is called otherwise now.
use_host pools-4x4
run cpupool-migrate batch1 batch --persist --host "$host"
run sched-credit -s -p batch -t 30 --persist --host "$host"
run cpupool-rename rt audio --host "$host"
ok "rename: records of others" silent
run cpupool-rename batch slow --dry-run --host "$host"
ok "rename -N: no note" [ ! -s "$tmp/err" ]
run cpupool-rename batch slow --host "$host"
ok "rename: a note on a domain's record" silent_but \
    'batch1: .*0002.json" still names cpupool "batch"'
ok "rename: a note on a pool's record" \
    grep -q 'batch: .*pools.json" still names cpupool "batch"' "$tmp/err"

use_host pools-4x4
run cpupool-migrate batch1 Pool-0 --follow --host "$host"
ok "migrate --follow" code_is 0
ok "migrate --follow: quiet" quiet_stdout
run residency batch1 --host "$host" --json
ok "migrate --follow: memory is there" \
    json_has '"memory_by_node_kb": \[524288,0,0,0\]'
ok "migrate --follow: in the pool" [ "$(pool_of batch1)" = Pool-0 ]

refused "migrate of an unknown domain" 1 'nosuch' cpupool-migrate nosuch rt
refused "migrate to an unknown pool" 1 'nosuch: no such cpupool' \
    cpupool-migrate web1 nosuch
refused "migrate of dom0" 1 'Domain-0' cpupool-migrate Domain-0 rt
refused "migrate to too few CPUs for null" 1 'null scheduler' \
    cpupool-migrate batch1 pinned
refused "migrate: --allow-pause alone" 64 'add --follow' \
    cpupool-migrate web1 batch --allow-pause
refused "migrate --follow of dom0" 1 Domain-0 \
    cpupool-migrate --follow Domain-0 rt
refused "migrate without a pool" 64 missing cpupool-migrate web1

# Removing.

refused "destroy of one with a domain" 1 \
    'domain audio is in it: .*cpupool-migrate audio' cpupool-destroy rt
refused "destroy of the first" 1 'Pool-0' cpupool-destroy Pool-0
refused "destroy of an unknown pool" 1 'nosuch: no such' cpupool-destroy nosuch
use_host pools-4x4
look >"$tmp/looks"
run cpupool-migrate audio Pool-0 --host "$host"
run cpupool-destroy rt --host "$host"
ok "destroy" silent
ok "destroy: done" [ "$(pools)" = \
    "Pool-0:0,1,2,3 batch:4,5,8,9 pinned:12,13" ]
ok "destroy: history" in_history "cpupool-destroy rt"
run rollback --quiet --host "$host"
ok "destroy: undone" undone_but_ids

# Splitting and joining.

refused "split of several pools" 1 'run "xltune cpupool-join" first' \
    cpupool-numa-split
use_host pools-4x4
run cpupool-join --host "$host"
ok "join" code_is 0
ok "join: quiet" quiet_stdout
ok "join: done" [ "$(pools)" = "Pool-0:0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15" ]
run cpupool-join --host "$host" --json
ok "join again" json_has '"result": "nothing"'
ok "join: undone" undone_but_ids
run cpupool-join --host "$host"
run cpupool-numa-split --host "$host"
ok "split" code_is 0
ok "split: quiet" quiet_stdout
ok "split: done" [ "$(pools)" = "Pool-node0:0,1,2,3 Pool-node1:4,5,6,7 \
Pool-node2:8,9,10,11 Pool-node3:12,13,14,15" ]
ok "split: a domain goes to its memory" [ "$(pool_of dpdk)" = Pool-node3 ]
ok "split: dom0 stays" [ "$(pool_of Domain-0)" = Pool-node0 ]
run cpupool-numa-split --host "$host"
ok "split again: nothing to do" silent
run cpupool-numa-split --host "$host" --json
ok "split again as JSON" json_has '"result": "nothing"'
run rollback --quiet --host "$host"
ok "split: undone" undone

# What would be done.

use_host pools-4x4
while read -r words; do
    name=$(echo "$words" | sed 's/ --/-/; s/ .*//')
    # shellcheck disable=SC2086
    run cpupool-$words --dry-run --host "$host"
    ok "$words -N" code_is 0
    sed "s|$host|HOST|" "$tmp/out" >"$tmp/cut" && mv "$tmp/cut" "$tmp/out"
    ok "$words -N: as expected" expected "pools-4x4.cpupool-$name"
    # shellcheck disable=SC2086
    run cpupool-$words -N --json --host "$host"
    ok "$words -N --json" json_has '"schema": "xtune/plan/1"'
    ok "$words -N: nothing is changed" untouched
done <<X
cpu-add rt 10
cpu-remove batch 8-9
rename rt audio
migrate web1 batch
migrate --follow batch1 Pool-0
join
X
run cpupool-cpu-add rt 10 -N --json --host "$host"
ok "a plan's notes" expected pools-4x4.cpupool-notes.json
run cpupool-destroy rt --dry-run --host "$host"
ok "dry run of what cannot be" code_is 1
use_host 4x4
run cpupool-numa-split -N --host "$host"
ok "split -N" code_is 0
# The order is the planner's, which has tests of its own.
ok "split -N: pools" [ "$(grep -c '^  cpupool Pool-node[123]  made' \
    "$tmp/out")" -eq 3 ]
ok "split -N: the first pool" grep -q \
    '^  cpupool Pool-0  renamed to Pool-node0$' "$tmp/out"
ok "split -N: nothing is changed" untouched
run cpupool-numa-split --host "$host"
ok "split of one pool" code_is 0
ok "split of one pool: undone" undone

# A fault at any step leaves nothing half done.
for fault in fail:1 fail:3 half:2 lie:2; do
    use_host pools-4x4
    fault "$fault" cpupool-join --host "$host"
    ok "join with $fault fails" code_is 1
    ok "join with $fault: as it was" [ "$(pools)" = "$all_pools" ]
    ok "join with $fault: the same host" same_host
done
use_host pools-4x4
fault kill:4 cpupool-join --host "$host"
run recover --host "$host"
ok "join, killed: recover" code_is 0
ok "join, killed: the same host" same_host
