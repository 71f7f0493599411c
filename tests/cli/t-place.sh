# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh source=tests/cli/lib.sh
# Where a domain would go, and why one is where it is.
. ./lib.sh

# Reports name the host's file and the policy's.
cd "$tmp/dir" || exit 1

hard=$tmp/hard.xml soft=$tmp/soft.xml strict=$tmp/strict.xml
policy_of()
{
    echo '<policy name="p"><domains match="name:db*">'
    printf '%s\n' "$@" "</domains></policy>"
}
policy_of '<numa placement="auto" mode="hard"/>' >"$hard"
policy_of '<numa placement="auto" mode="soft"/>' >"$soft"
policy_of '<numa placement="auto" mode="hard"/>' \
    '<devices numa="required"/>' >"$strict"

# placed NAME PATTERN ARGUMENT...: exit code 0, a line of stdout matches, and
# the host is as it was.
placed()
{
    case_name=$1 case_pattern=$2
    shift 2
    run --host h.json "$@"
    ok "$case_name" was_placed
}

was_placed()
{
    code_is 0 && grep -q -- "$case_pattern" "$tmp/out" &&
        [ ! -s "$tmp/err" ] && untouched
}

lacks()
{
    ! grep -q -- "$1" "$tmp/out"
}

use_host 4x4
placed "a small domain" '^Place: node [0-3]: ' place 2:128m
ok "a small domain: all of it" expected 4x4.place
placed "a domain larger than a node" '^  vnode 1: ' place 8:1200 --type hvm
ok "a domain larger than a node: all of it" expected 4x4.place-hvm
placed "its lines" '^vnuma = \[ \[ "pnode=' place 8:1200 --type hvm --config
ok "its lines: all of them" expected 4x4.place-config
ok "its lines: nothing else" [ "$(grep -c '^[^#]' "$tmp/out")" -eq 2 ]
for t in pv pvh; do
    placed "$t: no vnuma" '^Place: nodes ' place 8:1200 --type $t
    ok "$t: no line of it" lacks '^  vnuma = '
done

# The same size in every unit.
for m in 1g 1G 1024 1024m 1048576k 1073741824b; do
    placed "memory $m" '2 vCPUs, 1024 MiB (' place 2:$m
done

placed "beside its device" '^Place: node 2: ' place 2:100 --pci 0000:20:00.0
ok "its device" grep -q '^Device: 0000:20:00.0 on node 2; cache' "$tmp/out"
placed "a device's short address" '^Device: 0000:20:00.0 ' \
    place 2:100 --pci 20:00.0
placed "two devices" '^Device: 0000:30:00.0 on node 3$' \
    place 2:100 --pci 0000:30:00.0 --pci 0000:10:00.0
placed "on these CPUs only" '^cpus = "4-5"$' place 2:128 --cpus 4-5 --config
ok "on these CPUs only: soft as well" grep -q '^cpus_soft = ' "$tmp/out"

placed "a rule that matches" 'hard.xml:1: match="name:db\*"' \
    place 2:128 --name db1 --policy "$hard"
placed "hard" '^cpus = "' place 2:128 --name db1 --policy "$hard" --config
placed "hard: xl does not choose" '^cpus_soft = "all"' \
    place 2:128 --name db1 --policy "$hard" --config
placed "soft" '^cpus_soft = "' place 2:128 --name db1 --policy "$soft" \
    --config
ok "soft: not hard" lacks '^cpus = '
placed "a rule for others" '^Rule: none matches' place 2:128 --policy "$hard"
ok "a rule for others: soft" lacks 'hard [0-9]'

# Policies that are installed; none is no error.
mkdir -p "$tmp/root/etc/xltune/policy.d"
placed "an empty folder of policies" '^Rule: none' \
    place 2:128 --root "$tmp/root"
cp "$hard" "$tmp/root/etc/xltune/policy.d/hard.xml"
placed "an installed policy" 'policy.d/hard.xml:1: ' \
    place 2:128 --name db1 --root "$tmp/root"
ln -s nosuch "$tmp/root/etc/xltune/policy.d/z.xml"
run --host h.json place 2:128 --root "$tmp/root"
ok "an installed policy that is not there" code_is 1
ok "an installed policy that is not there: said" one_error z.xml

# No place: the text says what stands in the way and what would help.
run --host h.json place 2:64g
ok "too large: exit code" code_is 1
ok "too large: said" grep -q '^Place: none: .*64.0 GiB.*: stop a domain' \
    "$tmp/out"
ok "too large: all of it" expected 4x4.place-refused
ok "too large: no lines" lacks ' = '
run --host h.json place 2:64g --config
ok "too large: --config is an error" one_error 'no place .*64.0 GiB'
ok "too large: --config prints no line" quiet_stdout
placed "not beside its device" \
    '^But: its device 0000:20:00.0 is on node 2.*: widen' \
    place 2:100 --name db1 --pci 20:00.0 --cpus 0-3 --policy "$strict"
placed "not beside its device: in the lines" '^# but: its device 0000:20:00.0' \
    place 2:100 --name db1 --pci 20:00.0 --cpus 0-3 --policy "$strict" --config
ok "nothing has changed" untouched

bad()
{
    case_name=$1 case_code=$2 case_pattern=$3
    shift 3
    run --host h.json "$@"
    ok "$case_name" was_refused
}

for v in "" : 2 2: :2 0:128 2:0 2:0m -- -1:128 2:-1 +2:128 " 2:128" "2:128 " \
    2:128x 2:128mb 2:1.5g 2:m 2:m128 2x:128 2:1023b 2:0x80 2:1:1 8193:128 \
    99999999999999999999:128 2:99999999999999999999 2:16777216t; do
    bad "place '$v'" 64 "VCPUS:MEMORY: .*\"$v\"" place -- "$v"
done
bad "place without a size" 64 "VCPUS:MEMORY" place
bad "place with two sizes" 64 "VCPUS:MEMORY" place 2:128 2:128
bad "unknown type" 64 'type.*"lxc".*pvh' place 2:128 --type lxc
bad "empty name" 64 -- place 2:128 --name=
run --host h.json place 2:128 --config --json
ok "--config and --json" code_is 64
for a in 0000:99:00.0 nosuch 20:00.1 0000:20:00 20:00.0x; do
    bad "device $a" 1 "pci.*\"$a\".*info" place 2:128 --pci "$a"
done
bad "a device twice" 1 'pci.*"0000:20:00.0".*twice' \
    place 2:128 --pci 20:00.0 --pci 0000:20:00.0
bad "unknown pool" 1 'cpupool.*"rt".*list -c' place 2:128 --cpupool rt
for c in 16 -5 1-0 x 0,,1; do
    bad "CPUs '$c'" 1 "cpus.*$c" place 2:128 --cpus "$c"
done
bad "no CPUs" 1 'cpus.*none.*no CPU' place 2:128 --cpus none
policy_of '<numa placement="9"/>' >"$tmp/nodes.xml"
bad "nodes that are not there" 1 'nodes.xml:2.*9' \
    place 2:128 --name db1 --policy "$tmp/nodes.xml"
bad "no policy" 1 nosuch.xml place 2:128 --policy nosuch.xml
echo '<policy name="x"><nosuch/></policy>' >"$tmp/bad.xml"
bad "a broken policy" 1 bad.xml:1 place 2:128 --policy "$tmp/bad.xml"
bad "explain: a broken policy" 1 bad.xml:1 explain web1 --policy "$tmp/bad.xml"
bad "explain: unknown domain" 1 nosuch explain nosuch
bad "explain: empty domain" 1 "" explain ""
bad "explain: unknown id" 1 77 explain 77
bad "explain: no domain" 64 DOM explain
bad "explain: two domains" 64 DOM explain web1 web2

use_host hand-2x2
bad "no PCI devices known" 1 'pci.*"20:00.0".*nothing is known' \
    place 2:128 --pci 20:00.0

# Explanations.
use_host 4x4
cp "$policy" balanced.xml
for d in web1 cache; do
    run --host h.json explain $d --policy balanced.xml
    ok "explain $d" expected 4x4.explain-$d
    ok "explain $d: exit code" code_is 0
done
run --host h.json explain 2 --policy balanced.xml
cp "$tmp/out" "$tmp/by-id"
run --host h.json explain 00000002-0000-4000-8000-000000000002 \
    --policy balanced.xml
ok "explain by id and by uuid" cmp -s "$tmp/by-id" "$tmp/out"
rm balanced.xml

placed "explain: a star" '^  \*  2 ' explain web1 --policy "$policy"
placed "explain: where it is" '^ *1 .*where it is now$' \
    explain web1 --policy "$policy"
placed "explain dom0" '^Conclusion: it stays as it is' \
    explain 0 --policy "$policy"
placed "explain: no rule" '^Rule: none matches it$' \
    explain web1 --policy "$hard"
placed "explain: no policy" '^Rule: there is no policy$' \
    explain web1 --root "$tmp/none"

# What is wanted of its pool, and of its scheduler.
cat >"$tmp/pools.xml" <<'X'
<policy name="p">
  <domains match="name:web1">
    <cpupool name="rt"/>
    <scheduler weight="512" extratime="no"/>
  </domains>
</policy>
X
placed "explain: the scheduler in a rule" \
    '^  line 4: scheduler weight="512" extratime="no"$' \
    explain web1 --policy "$tmp/pools.xml"
ok "explain: the pool in a rule" \
    grep -q '^  line 3: cpupool name="rt"$' "$tmp/out"
ok "explain: where it is to go" grep -q \
    '^Cpupool: before that it is to go to rt, as ".*pools.xml:3" says$' \
    "$tmp/out"
mkdir -p h.json.d/records
cat >h.json.d/records/00000002-0000-4000-8000-000000000002.json <<'J'
{ "schema": "xtune/record/1", "name": "web1",
  "uuid": "00000002-0000-4000-8000-000000000002",
  "scheduling": [ { "vcpus": "0-1", "period_us": 5000, "extratime": true } ],
  "cpupool": "Pool-0" }
J
run --host h.json explain web1 --policy "$tmp/pools.xml"
ok "explain: the scheduler in a record" grep -q \
    '^  line 3: scheduler vcpus="0-1" period="5000" extratime="yes"$' \
    "$tmp/out"
ok "explain: the pool in a record" \
    grep -q '^  line 4: cpupool name="Pool-0"$' "$tmp/out"
ok "explain: it stays there" not_there '^Cpupool:'
if command -v jq >/dev/null; then
    run --host h.json explain web1 --policy "$tmp/pools.xml" --json
    ok "explain: JSON of them" [ "$(jq -c '[.record.scheduling[0].period_us,
        .record.scheduling[0].extratime, .record.cpupool.name,
        .rule.scheduler.weight, .rule.cpupool.name]' "$tmp/out")" = \
        '[5000,true,"Pool-0","512","rt"]' ]
fi
rm -r h.json.d
placed "explain: memory not known" 'it is not known' \
    explain web1 --policy "$policy" --residency none

# What it says is what plan does.
run --host h.json plan --policy "$policy"
mask=$(sed -n 's/^  web1 .* soft .* -> \(.*\)$/\1/p' "$tmp/out")
placed "explain agrees with plan" "^  vCPUs 0-3: hard all, soft $mask\$" \
    explain web1 --policy "$policy"

command -v jq >/dev/null || exit 0

# json NAME FILTER ARGUMENT...: one document of which the filter is true.
json()
{
    case_name=$1 case_filter=$2
    shift 2
    run --host h.json "$@" --json
    ok "$case_name" is_true
}

is_true()
{
    [ "$(jq -s "length == 1 and (.[0] | $case_filter)" "$tmp/out")" = true ]
}

json "JSON of a place" '.schema == "xtune/placement/1" and .refused == false
    and .needed_kb == 133120 and .memory_kb == 131072 and .vcpus == 2
    and (.memory_by_node_kb | add) == .needed_kb
    and (.vcpus_by_node | add) == 2 and .soft == "8-11" and .hard == "all"
    and .mean_distance == 10 and .blocked == null and .rule == null
    and .cost.sum == .cost.memory and .config == ["cpus_soft=\"8-11\""]' \
    place 2:128
json "JSON of a split domain" '(.vnuma | length) == 2
    and ([.vnuma[].memory_kb] | add) == .needed_kb
    and (.soft | type == "array" and length == 8)
    and (.config | length) == 2 and .mean_distance > 10' \
    place 8:1200 --type hvm
# Sizes in the line add up to the guest's memory.
sum=$(jq -r '.config[] | select(startswith("vnuma="))' "$tmp/out" |
    grep -o 'size=[0-9]*' | cut -d = -f 2 | paste -s -d + | bc 2>/dev/null)
[ -z "$sum" ] || ok "vnuma adds up" [ "$sum" -eq 1200 ]
json "devices that must be near, on two nodes" '.nodes == "1-2"
    and .memory_by_node_kb[0] == 0 and .memory_by_node_kb[3] == 0' \
    place 2:100 --name db1 --pci 20:00.0 --pci 10:00.0 --policy "$strict"

# CPUs that a running domain has for itself are given to no newcomer.
alone=$tmp/alone.xml
policy_of '<numa placement="auto"/>' '<vcpus pin="one-to-one"/>' >"$alone"
cp h.json "$tmp/alone.json"
run --host "$tmp/alone.json" apply --yes --policy "$alone"
ok "some get CPUs for themselves" code_is 0
"$BUILD/xltune" --host "$tmp/alone.json" snapshot |
    jq -r '.domains[] | select(.name | startswith("db")) | .vcpus[].soft' \
        >"$tmp/theirs"
ok "one each" [ "$(sort -u "$tmp/theirs" | grep -cx '[0-9]*')" = \
    "$(grep -c . "$tmp/theirs")" ]
run --host "$tmp/alone.json" place 8:64 --cpus 0-15 --policy "$alone" --json
ok "a newcomer does without them" [ "$(
    # The CPUs of its mask that are somebody's own.
    jq -r '[.soft] | flatten | .[]' "$tmp/out" | tr ',' '\n' | sort -u |
        awk -F - '{ for (i = $1; i <= ($2 == "" ? $1 : $2); i++) print i }' |
        grep -cxFf "$tmp/theirs")" = 0 ]
json "JSON of a rule" '.rule.source | endswith("hard.xml:1")' \
    place 2:128 --name db1 --policy "$hard"
json "JSON of a refusal" '.refused and .nodes == "none" and .config == []
    and (.blocked | length) > 0 and .hard == null' place 2:64g
ok "JSON of a refusal: exit code" code_is 1
ok "JSON of a refusal: no error" [ ! -s "$tmp/err" ]
json "JSON of an error" '.error.code == "not-found"' place 2:128 --pci 99:00.0
json "JSON of an explanation" '.schema == "xtune/explanation/1"
    and .name == "web1" and .now.run_nodes == "1" and .nodes == "2"
    and .changes and .now.memory_by_node_kb == [0, 0, 524288, 0]
    and (.rule.numa.source | endswith("balanced.xml:21"))
    and .rule.numa.mode == "soft"
    and (.constraints | map(.name) | index("cpupool")) != null
    and ([.candidates[] | select(.chosen)] | length) == 1
    and (.candidates | map(select(.refused == null) | .cost.sum)
        | . == sort)' explain web1 --policy "$policy"
json "JSON of one that stays" '.changes == false and .rule == null
    and .hard == null and .candidates == []' explain 0 --policy "$policy"
