# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh source=tests/cli/lib.sh
# Affinity that is to be kept: vcpu-pin --persist and --forget, numa-affinity.
. ./lib.sh

uuid=00000002-0000-4000-8000-000000000002
record=$host.d/records/$uuid.json

masks()
{
    run vcpu-list "$1" --host "$host"
    sed -n 's/.*[0-9]  \(.* \/ .*\)/\1/p' "$tmp/out" | tr '\n' ';'
}

# Rows of the record of web1: "vcpus hard soft;..." without what is not there.
rows()
{
    sed -n 's/^ *"\(vcpus\|hard\|soft\)": "\(.*\)",\{0,1\}$/\1=\2/p' \
        "$record" | tr '\n' ' '
}

# The host as it was made again: without the masks of web1.
set_masks()
{
    awk -v hard="$1" -v soft="$2" '
        /"name": / { web = /"web1"/ }
        web {
            sub(/"hard": "[^"]*"/, "\"hard\": \"" hard "\"")
            sub(/"soft": "[^"]*"/, "\"soft\": \"" soft "\"")
        }
        { print }' "$hosts/4x4.json" >"$host"
}

write_record()
{
    mkdir -p "$host.d/records"
    cat >"$record"
}

# Keeping.

use_host 4x4
run vcpu-pin web1 all node:1 - --persist --host "$host"
ok "--persist" code_is 0
ok "--persist is quiet" [ ! -s "$tmp/out" ]
ok "--persist sets it" [ "$(masks web1)" = \
    "4-7 / 4-7;4-7 / 4-7;4-7 / 4-7;4-7 / 4-7;" ]
ok "--persist keeps it as it was given" [ "$(rows)" = "vcpus=all hard=node:1 " ]
ok "the mode of a record" [ "$(stat -c %a "$record")" = 600 ]
run vcpu-pin web1 2 0-1 all --host "$host" --persist
ok "one more vCPU" [ "$(rows)" = \
    "vcpus=all,^2 hard=node:1 vcpus=2 hard=0-1 soft=all " ]
run vcpu-pin web1 2 node:1 --host "$host"
ok "without --persist the record stays" [ "$(rows)" = \
    "vcpus=all,^2 hard=node:1 vcpus=2 hard=0-1 soft=all " ]
run history --host "$host"
ok "the history says so" grep -q 'vcpu-pin web1 2 0-1 all --persist$' "$tmp/out"

# A rollback leaves what is kept, and says so where it matters.
use_host 4x4
run vcpu-pin web1 all node:1 - --persist --host "$host"
run rollback --host "$host"
ok "rollback of what is kept" same_host
ok "rollback of what is kept: a note" one_error \
    'web1: .*keeps other masks for it.*"xltune vcpu-pin --forget web1" drops'
run vcpu-pin cache 0 0 --host "$host"
run rollback --host "$host"
ok "rollback of something else" code_is 0
ok "rollback of something else: no note" [ ! -s "$tmp/err" ]

# What is so already is kept as well.
use_host 4x4
run vcpu-pin web1 all - 4-7 --persist --host "$host" --json
ok "what is so already" json_has '"result": "nothing"'
ok "what is so already is kept" [ "$(rows)" = "vcpus=all soft=4-7 " ]

# Records alone are what is wanted.

use_host 4x4
run plan --host "$host" --root "$tmp/none"
ok "neither policy nor record" code_is 1
ok "neither policy nor record: says so" one_error 'policy.d'
run vcpu-pin web1 all node:1 - --persist --host "$host"
run check --host "$host" --root "$tmp/none"
ok "a record that is met" code_is 0
set_masks all all
run check --host "$host" --root "$tmp/none"
ok "a record that is not met" code_is 2
ok "and which line says so" grep -q "$uuid.json:[0-9]" "$tmp/out"
run apply --yes --quiet --host "$host" --root "$tmp/none"
ok "apply sets it" [ "$(masks web1)" = \
    "4-7 / all;4-7 / all;4-7 / all;4-7 / all;" ]
run history --host "$host"
ok "and is told of in the history" grep -q 'apply records$' "$tmp/out"
run plan --host "$host" --root "$tmp/none"
ok "then there is nothing to do" code_is 0

# A record beats the policy, with one as well as with none.
set_masks all all
run plan --host "$host" --policy "$policy"
ok "beside a policy" grep -q 'web1 .*hard all -> 4-7' "$tmp/out"
ok "it is not placed as well" not_there 'web1 .*soft'
run explain web1 --host "$host" --policy "$policy"
ok "explain names the record" grep -q "^Record: .*$uuid.json:1: " "$tmp/out"
ok "explain names its line" grep -q "^Conclusion: .*$uuid.json:[0-9]* *\"" \
    "$tmp/out"
ok "explain names the rule" grep -q "^Rule: .*balanced.xml:" "$tmp/out"
run explain web1 --host "$host" --policy "$policy" --json
ok "explain as JSON" json_has '"hard": "4-7"'
run explain web2 --host "$host" --root "$tmp/none"
ok "explain of another domain" grep -q '^Rule: none matches it' "$tmp/out"

# Made again, with another uuid.
sed "s/$uuid/00000002-0000-4000-8000-0000000000ff/" "$host" >"$host.new" &&
    mv "$host.new" "$host"
run check --host "$host" --root "$tmp/none"
ok "made again with its name" code_is 2
run vcpu-pin web1 0 - 0-3 --persist --host "$host"
ok "its record has its uuid from then on" [ ! -e "$record" ]
record=$host.d/records/00000002-0000-4000-8000-0000000000ff.json
ok "and says what it said before" [ "$(rows)" = \
    "vcpus=0 hard=node:1 soft=0-3 vcpus=all,^0 hard=node:1 " ]
record=$host.d/records/$uuid.json

# Forgetting.

use_host 4x4
run vcpu-pin web1 all node:1 - --persist --host "$host"
cp "$host" "$tmp/before"
run vcpu-pin --forget web1 --host "$host"
ok "--forget" code_is 0
ok "--forget is quiet" [ ! -s "$tmp/out" ] && [ ! -s "$tmp/err" ]
ok "--forget leaves the host" same_host
ok "--forget leaves no record" [ ! -e "$host.d/records" ]
run vcpu-pin --forget web1 --host "$host"
ok "nothing to forget" code_is 0
ok "nothing to forget: says so" one_error 'web1: nothing is kept'
run vcpu-pin --forget web1 --host "$host" --json
ok "nothing to forget, as JSON" json_has '"result": "nothing"'
use_host 4x4
run vcpu-pin --forget web1 --host "$host"
ok "nothing is left beside the host" untouched

for who in "$uuid" gone; do
    use_host 4x4
    sed 's/"web1"/"gone"/; s/\(00000002-0000\)-4000/\1-4001/' "$host" \
        >"$tmp/gone"
    write_record <<X
{ "schema": "xtune/record/1", "uuid": "$uuid", "name": "gone",
  "affinity": [ { "vcpus": "0", "hard": "0" } ] }
X
    [ "$who" = gone ] || cp "$tmp/gone" "$host"
    run vcpu-pin --forget "$who" --host "$host" --json
    ok "of one that is not there, by '$who'" json_has '"result": "forgotten"'
    ok "and it is" [ ! -e "$record" ]
done
use_host 4x4
run vcpu-pin --forget gone --host "$host"
ok "--forget of one that never was" one_error \
    'gone: no such domain, and nothing is kept for one'
ok "--forget of one that never was: exit code" code_is 1

# What cannot be kept is not begun.

use_host 4x4
write_record <<X
{ "schema": "xtune/record/1", "uuid": "$uuid", "name": "web1",
  "affinity": [ { "vcpus": "0",
                  "hard": "0-" } ] }
X
for words in "vcpu-pin web1 0 0 --persist" "numa-affinity web1 hard 0 --persist" \
    "vcpu-pin --forget web1" plan check "apply --yes" "explain web1"; do
    # shellcheck disable=SC2086
    run $words --host "$host" --policy "$policy"
    ok "a damaged record: $words" code_is 1
    ok "a damaged record: $words: one line" one_error \
        "$uuid.json:3: .*\"0-\".*: put it right, or remove this file"
    ok "a damaged record: $words: nothing changed" same_host
done
run vcpu-pin web1 0 0 --host "$host"
ok "without --persist it does not matter" code_is 0

use_host 4x4
sed "/$uuid/d" "$host" >"$host.new" && mv "$host.new" "$host"
cp "$host" "$tmp/before"
run vcpu-pin web1 0 0 --persist --host "$host"
ok "one without a uuid" code_is 1
ok "one without a uuid: one line" one_error 'web1: .*no uuid: leave --persist out'
ok "one without a uuid: nothing changed" untouched

# The masks are set, the record cannot be: that is said.
if [ "$(id -u)" -eq 0 ]; then
    unwritable()
    {
        mkdir -p "$host.d"
        ln -s /proc/self/nowhere "$host.d/records"
    }
else
    unwritable()
    {
        mkdir -p "$host.d/records"
        chmod 500 "$host.d/records"
    }
fi
use_host 4x4
unwritable
run vcpu-pin web1 0 0 - --persist --host "$host"
ok "no place for the record: exit code" code_is 1
ok "no place for the record: says so" one_error \
    'web1: its affinity is set, but will not be kept: .*records'
ok "no place for the record: it is set" [ "$(masks web1)" = \
    "0 / 4-7;all / 4-7;all / 4-7;all / 4-7;" ]
run rollback --host "$host"
ok "no place for the record: rollback" same_host

# A record that does not fit this host stands in the way of nobody else.
use_host 4x4
write_record <<X
{ "schema": "xtune/record/1", "uuid": "$uuid", "name": "web1",
  "affinity": [ { "vcpus": "0", "hard": "99" } ] }
X
run check --host "$host" --root "$tmp/none"
ok "a CPU that the host has not" code_is 2
ok "is told as blocked, with its line" grep -q "$uuid.json:2.*no CPU 99" "$tmp/out"
run explain web1 --host "$host" --root "$tmp/none"
ok "explain says so" grep -q "^But: .*$uuid.json:2: .*no CPU 99" "$tmp/out"

refused "--persist and --forget" 64 contradict vcpu-pin web1 --persist --forget
refused "--forget and a vCPU" 64 "takes a domain alone" vcpu-pin --forget web1 0
refused "--forget alone" 64 "argument is missing" vcpu-pin --forget
refused "--persist alone" 64 "argument is missing" vcpu-pin --persist web1
refused "--persist of no CPU" 1 none vcpu-pin web1 0 none --persist
refused "--persist of an unknown CPU" 1 99 vcpu-pin web1 0 99 --persist

# By nodes.

use_host 4x4
run numa-affinity web1 --host "$host"
ok "numa-affinity" expected 4x4.numa-affinity
ok "numa-affinity: nothing is left" untouched
run numa-affinity web1 --host "$host" --json
ok "numa-affinity as JSON" expected 4x4.numa-affinity.json
run vcpu-pin web1 0 1-5 --host "$host"
run numa-affinity web1 --host "$host"
ok "nodes in part" grep -q '^web1 *2  0 *0-1 (in part)  *1$' "$tmp/out"
run rollback --host "$host"

run numa-affinity web1 soft 0,2-3 --host "$host"
ok "numa-affinity soft" [ "$(masks web1)" = \
    "all / 0-3,8-15;all / 0-3,8-15;all / 0-3,8-15;all / 0-3,8-15;" ]
ok "numa-affinity soft keeps nothing" [ ! -e "$record" ]
run numa-affinity web1 hard 'all,^1' --host "$host" --persist
ok "numa-affinity hard" [ "$(masks web1)" = \
    "0-3,8-15 / 0-3,8-15;0-3,8-15 / 0-3,8-15;0-3,8-15 / 0-3,8-15;0-3,8-15 / 0-3,8-15;" ]
ok "numa-affinity --persist keeps nodes" [ "$(rows)" = \
    "vcpus=all hard=node:0,node:2-3 " ]
run numa-affinity web1 hard all --host "$host" --persist
ok "numa-affinity: all" [ "$(rows)" = "vcpus=all hard=all " ]
run history --host "$host"
ok "numa-affinity in the history" \
    grep -q 'numa-affinity web1 hard all,^1 --persist$' "$tmp/out"
for i in 3 2 1; do
    run rollback --host "$host"
    ok "rollback of change $i" code_is 0
done
ok "all undone" same_host

for list in "" 9 0- ^ x none 0,^0 node:1 "0 "; do
    refused "nodes '$list'" 1 nodes numa-affinity web1 hard "$list"
done
refused "numa-affinity: unknown domain" 1 nosuch numa-affinity nosuch
refused "numa-affinity: unknown mask" 64 '"firm"' numa-affinity web1 firm 0
refused "numa-affinity: no nodes" 64 missing numa-affinity web1 hard
refused "numa-affinity: nothing to keep" 64 "nothing to keep" \
    numa-affinity web1 --persist
refused "numa-affinity: --forget" 64 --forget numa-affinity web1 --forget
