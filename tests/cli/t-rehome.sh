# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh source=tests/cli/lib.sh
# Moving the memory of one domain.
. ./lib.sh

rehome()
{
    use_host moves
    run rehome --host "$host" "$@"
}

# not_moved NAME PATTERN ARGUMENT...: an error, and nothing has changed.
not_moved()
{
    case_name=$1 case_code=1 case_pattern=$2
    shift 2
    rehome "$@"
    ok "$case_name" was_refused
}

# A pattern in what the host's file has of a domain.
member_of()
{
    sed -n "/\"name\": \"$1\"/,/\"online_vcpus\"/p" "$host" | grep -q "$2"
}

# memory_is DOM MIB,MIB,...: by node.
memory_is()
{
    kib=$(echo "$2" | awk -F , '{ for (i = 1; i <= NF; i++)
        printf("%s%d", (i > 1 ? "," : ""), $i * 1024) }')
    member_of "$1" "\"memory_by_node_kb\": \\[$kib\\]"
}

# By name.
rehome web1 2
ok "to a node" code_is 0
ok "to a node: a line" grep -qx \
    '\[1/1\] web1: memory on node 1 -> 2, soft 2-3 -> 4-5' "$tmp/out"
ok "to a node: no note" [ ! -s "$tmp/err" ]
ok "to a node: it is there" memory_is web1 "0,0,64,0"
ok "to a node: so it lasts" member_of web1 '"soft": \["4-5","4-5"\]'
run history --host "$host"
ok "to a node: history" grep -q '^ *1 .*applied *rehome web1 2$' "$tmp/out"
run rollback --host "$host"
ok "and back" same_host

rehome web1 0,2
ok "to two nodes" code_is 0
ok "to two nodes: half on each" memory_is web1 "32,0,32,0"
rehome 3 2 --quiet
ok "by id" memory_is web1 "0,0,64,0"
ok "--quiet" quiet_stdout
rehome web1 2 --json
ok "--json" json_has '"result": "applied"'
ok "--json: the step" json_has '"step": "done"'
ok "--json: nothing else" [ ! -s "$tmp/err" ]
rehome mid 2
ok "a hard mask without the node's CPUs moves there" grep -qx \
    '\[1/1\] mid: memory on node 1 -> 2, hard 2-3 -> 4-5, soft all -> 4-5' \
    "$tmp/out"
ok "nodes of old are stored no longer" member_of mid '"placement": false'
run rollback --host "$host"
ok "nodes of old are stored again" same_host

# Where it is already.
rehome web1 1
ok "already there" code_is 0
ok "already there: it says so" grep -qx 'Its memory is where it is to be' \
    "$tmp/out"
ok "already there: untouched" untouched
rehome web1 1 --json
ok "already there, as JSON" json_has '"result": "nothing"'
rehome web1 1 --quiet
ok "already there, --quiet" quiet_stdout
rehome calm 2
ok "its memory is there, its vCPUs are not" code_is 0
ok "its vCPUs go there" grep -qx '\[3/3\] calm vCPU 1: soft 0-1 -> 4-5' \
    "$tmp/out"

# Where placement would have it.
rehome away
ok "auto" grep -qx '\[1/1\] away: memory on node 2 -> 3' "$tmp/out"
rehome away auto
ok "auto, said" memory_is away "0,0,0,64"
rehome web1
ok "auto, already there" untouched
rehome calm
ok "auto, its vCPUs are elsewhere" grep -qx \
    '\[3/3\] calm vCPU 1: soft 0-1 -> 4-5' "$tmp/out"
cat >"$tmp/rule.xml" <<X
<policy name="rule">
  <domains match="name:web1"><numa placement="0" mode="hard"/></domains>
</policy>
X
rehome web1 --policy "$tmp/rule.xml"
ok "auto, by its rule" grep -qx \
    '\[1/1\] web1: memory on node 1 -> 0, hard all -> 0-1' \
    "$tmp/out"
rehome away --policy "$tmp/rule.xml"
ok "auto, and no rule matches" memory_is away "0,0,0,64"

# What cannot be.
not_moved "no nodes" '"": it is empty' web1 ""
not_moved "a node that is not there" 'no node 9' web1 9
not_moved "a range that is too long" 'no node 4' web1 0-99
not_moved "no number" '"foo"' web1 foo
not_moved "none" 'at least one node' web1 none
not_moved "unknown domain" 'nosuch: no such domain' nosuch 1
not_moved "a second domain" '"web1"' big web1
not_moved "dom0" 'Domain-0: dom0 cannot be migrated' Domain-0 1
not_moved "dom0, auto" 'Domain-0: dom0 cannot be migrated' 0
not_moved "PCI device" 'nic: PCI device 0000:04:00.0 is attached' nic 0
not_moved "PV" 'old: .*--allow-pause' old 0
not_moved "paused" 'held: it is paused: unpause it' held 0
not_moved "paused, where it is" 'held: it is paused' held 1 --allow-pause
not_moved "immovable" 'vnuma: it has virtual nodes, so' vnuma 0
not_moved "no CPU of its pool" \
    'away: node 0 has no CPU of its cpupool "far": name other' away 0
not_moved "no room, and who could make it" \
    'big: node 1 .*289 MiB are missing.*"xltune rehome mid 2" makes' big 1
not_moved "no room, and nobody could make it" \
    'mid: node 0 has no room.*: free memory there, or name other' mid 0
not_moved "as JSON" 'nic: ' nic 0
rehome nic 0 --json
ok "an error as JSON" json_has '"code": "refused"'
run rehome --host "$host"
ok "no domain" code_is 64
run rehome big 1 web1 --host "$host"
ok "three arguments" code_is 64
run rehome web1 2 --max-moves 1 --host "$host"
ok "no budget for one" code_is 64

rehome old 0 --allow-pause
ok "--allow-pause" code_is 0
ok "--allow-pause: it is there" memory_is old "32,0,0,0"

# The order that the hint gives.
use_host moves
run rehome mid 2 --host "$host"
run rehome big 1 --host "$host"
ok "who made room" code_is 0
ok "who found it" memory_is big "0,400,0,0"
run rollback --host "$host"
run rollback --host "$host"
ok "and both back" same_host

# A failure leaves it as it is.
use_host moves
XLTUNE_FAULT=fail:1
export XLTUNE_FAULT
run rehome web1 2 --host "$host"
ok "a move that fails" code_is 1
ok "a move that fails: as before" same_host
XLTUNE_FAULT=kill:1
run rehome web1 2 --host "$host"
unset XLTUNE_FAULT
ok "a kill" code_is 137
run rehome web1 2 --host "$host"
ok "a kill: recover first" one_error recover
run recover --host "$host"
ok "a kill: recover" code_is 0
run rehome web1 2 --host "$host"
ok "a kill: it goes on" memory_is web1 "0,0,64,0"

# Where nobody knows where memory is.
use_host moves
sed 's/"memory_by_node_kb": \[0,65536,0,0\]/"memory_by_node_kb": null/
    s/"residency": "measured"/"residency": null/' "$host" >"$tmp/unknown"
cp "$tmp/unknown" "$host"
run rehome web1 2 --host "$host"
ok "unknown residency" one_error 'web1: it is not known where its memory is'
