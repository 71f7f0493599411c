# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh source=tests/cli/lib.sh
# cpupool-create: files and settings, strictly read.
. ./lib.sh

refused_host=pools-4x4
use_host pools-4x4
run cpupool-create --host "$host" 'name="x"' -N
if grep -q libxlutil "$tmp/err"; then
    ok "says what is missing" one_error 'install .*libxenmisc'
    exit 0
fi

config=$tmp/fast.cfg

# What a pool has: "4 credit2 0" are its CPUs, its scheduler, its domains.
pool()
{
    run cpupool-list "$1" --host "$host"
    awk 'NR == 2 { print $2, $3, $5 }' "$tmp/out"
}

cpus()
{
    run cpupool-list -c "$1" --host "$host"
    awk 'NR == 2 { print $NF }' "$tmp/out"
}

# The four lines of xl.
says()
{
    printf '%s\n' "Using config file \"$1\"" "cpupool name:   $2" \
        "scheduler:      $3" "number of cpus: $4" >"$tmp/want"
    code_is 0 && cmp -s "$tmp/want" "$tmp/out"
}

undone()
{
    run rollback --quiet --host "$host"
    code_is 0 && same_host
}

# create NAME SCHEDULER NUMBER CPUS SETTING...: by the command line.
create()
{
    case_name=$1 case_scheduler=$2 case_number=$3 case_cpus=$4
    shift 4
    run cpupool-create "name=\"$case_name\"" "$@" --host "$host"
    ok "$*" says "command line" "$case_name" "$case_scheduler" "$case_number"
    ok "$*: its CPUs" [ "$(cpus "$case_name")" = "$case_cpus" ]
    ok "$*: undone" undone
}

use_host pools-4x4
create fast credit2 2 10,11
create fast null 2 10,11 'sched="null"'
create fast credit 2 14,15 'sched="credit"' 'cpus="14-15"'
create fast credit2 4 10,11,14,15 'cpus="10-11,14-15"'
create fast credit2 2 10,11 'cpus=["10", "11"]'
create fast credit2 2 10,11 'cpus=[10, 11, ]'
create fast credit2 2 14,15 'cpus="node:3,^12-13"'
create fast credit2 2 14,15 'cpus="14, 15"'
create fast credit2 1 10,11 'cpus=10'
create fast credit2 1 10,11 'cpus="8"' 'cpus="10"'
create fast credit2 2 14,15 'nodes=3'
create fast credit2 2 14,15 'nodes="3"'
create fast credit2 4 10,11,14,15 'nodes=["2", "3"]'
create fast credit2 4 10,11,14,15 'nodes="2-3"'
create 'a b' credit2 2 10,11
# Without the quotes that a shell takes away, which xl wants.
create fast credit2 2 14,15 'cpus=14-15'
create fast credit2 2 14,15 'cpus=node:3,^12-13'
create fast credit2 2 14,15 'nodes=3,2,^2'
create äö credit2 2 10,11

cat >"$config" <<EOF
# A pool; name="not this one"
name = 'fast' ; sched = "rtds"
cpus = [ "14", # cores="1"
         "15"
       ]
EOF
use_host pools-4x4
run cpupool-create "$config" --host "$host"
ok "a file" says "$config" fast rtds 2
ok "a file: the pool" [ "$(pool fast)" = "2 rtds 0" ]
run history --host "$host"
ok "a file: history" grep -q ' cpupool-create fast$' "$tmp/out"
ok "a file: undone" undone
run cpupool-create -f "$config" 'name="quick"' --host "$host"
ok "-f and a setting" says "$config" quick rtds 2
ok "-f and a setting: undone" undone
run cpupool-create "-f$config" --host "$host"
ok "-fFILE" says "$config" fast rtds 2
ok "-fFILE: undone" undone
run cpupool-create "--defconfig=$config" --host "$host" --json
ok "as JSON" json_has '"result": "applied"'
ok "as JSON: undone" undone
run cpupool-create "$config" --host "$host" --quiet
ok "--quiet" quiet_stdout
ok "--quiet: undone" undone
echo 'cpus="14-15"' >"$tmp/basename"
run cpupool-create "$tmp/basename" --host "$host"
ok "named by its file" says "$tmp/basename" basename credit2 2
ok "named by its file: undone" undone

use_host pools-4x4
run cpupool-create -f /dev/null 'name="fast"' 'cpus="10"' -n --host "$host"
cp "$tmp/out" "$tmp/short"
sed "s|$host|HOST|" "$tmp/out" >"$tmp/cut" && mv "$tmp/cut" "$tmp/out"
ok "-n" expected pools-4x4.cpupool-create
ok "-n: nothing is changed" untouched
for words in -N --dry-run --dryrun; do
    run cpupool-create -f /dev/null 'name="fast"' 'cpus="10"' $words \
        --host "$host"
    ok "$words" cmp -s "$tmp/out" "$tmp/short"
done
run cpupool-create 'name="fast"' -N --json --host "$host"
ok "-N --json" json_has '"schema": "xtune/plan/1"'
ok "-N --json: nothing is changed" untouched
run cpupool-create 'name="fast"' 'cpus="10"' --host "$host"
ok "siblings: a note" grep -q '^xltune: fast: CPU 11 goes along' "$tmp/err"

# A library that cannot be loaded is one that is not there.
library=$(grep -ao 'libxlutil\.so[.0-9]*' "$BUILD/libxtune.so" | head -n 1)
mkdir "$tmp/lib"
: >"$tmp/lib/$library"
use_host pools-4x4
LD_LIBRARY_PATH=$tmp/lib:$LD_LIBRARY_PATH
run cpupool-create 'name="fast"' --host "$host"
LD_LIBRARY_PATH=${LD_LIBRARY_PATH#*:}
ok "without libxlutil" code_is 1
ok "without libxlutil: says which package" \
    one_error "$library: .*install .*libxenmisc"
ok "without libxlutil: nothing is changed" untouched

# What is wrong.

bad()
{
    bad_pattern=$1
    shift
    refused "$*" 1 "$bad_pattern" cpupool-create 'name="fast"' "$@"
}

bad 'cpus: item "foo" is no CPU' 'cpus=["foo"]'
bad 'cpus: item "10-11" is no CPU' 'cpus=["10-11"]'
bad 'cpus: item "10 " is no CPU' 'cpus=["10 "]'
bad 'cpus: item "" is no CPU' 'cpus=["10",""]'
bad 'cpus: item "-1" is no CPU' 'cpus=["-1"]'
bad 'cpus: item "0x1" is no CPU' 'cpus=[0x1]'
bad 'cpus: the host has no CPU 99' 'cpus=["99"]'
bad 'cpus: .*99' 'cpus="99"'
bad 'cpus: .*foo' 'cpus="10,foo"'
bad 'cpus: .*empty' 'cpus=""'
bad 'cpus: it names none' 'cpus=[]'
bad 'cpus: it names none' 'cpus="none"'
bad 'item 0 of cpus is a list' 'cpus=[["1"]]'
bad 'CPU 4 is not free: cpupool "batch" has it: .*cpupool-cpu-remove batch 4' \
    'cpus="4,10"'
bad 'CPU 12 is not free: cpupool "pinned"' 'cpus=["10","11","12"]'
bad 'CPU 0 is not free' 'cpus="all"'
bad 'nodes: item "foo" is no node' 'nodes=["foo"]'
bad 'nodes: .*9' 'nodes=9'
bad 'nodes: the host has no node 9' 'nodes=["9"]'
bad 'nodes: node 0 has no free CPU' 'nodes=0'
bad 'nodes: node 1 has no free CPU' 'nodes=["1","2"]'
bad 'nodes: it names none' 'nodes=[]'
bad 'contradict' 'nodes=2' 'cpus="10"'
bad 'unknown scheduler "sedf": it is one of credit, credit2' 'sched="sedf"'
bad 'unknown scheduler ""' 'sched=""'
bad 'sched is a list' 'sched=["credit"]'
bad 'unknown key "cpu"' 'cpu="10"'
bad 'unknown key "memory"' 'memory=512'
bad 'no number or range of numbers "foo"' 'cpus=foo'
bad 'it is no setting' 'Cpus=10'
bad 'it is no setting' '=10'
refused "no name" 1 'gives the pool no name' cpupool-create 'cpus="10"'
refused "a name that there is" 1 'rt: there is a cpupool of that name' \
    cpupool-create 'name="rt"'
long=$(printf '%0200d' 0 | tr 0 x)
for name in '' 12 a/b ' a' 'a ' "$long" "$(printf 'a\tb')"; do
    refused "the name '$(printf %.9s "$name" | tr -d '\t')'" 1 \
        'command line: no pool can have the name' \
        cpupool-create "name=\"$name\""
done
refused "nothing" 64 'neither a file' cpupool-create
refused "two files" 64 'a file already' cpupool-create a b
refused "a file and -f" 64 'a file already' cpupool-create -f a b
refused "no such file" 1 "$tmp/none: " cpupool-create "$tmp/none"
refused "a folder" 1 "$tmp" cpupool-create "$tmp"
printf 'name="fast"\ncpus=[\n' >"$config"
refused "a file that is no configuration" 1 "$config:[0-9]" \
    cpupool-create "$config"
printf 'name="fast"\n\nfoo=1 # bar\n' >"$config"
refused "a file with an unknown key" 1 'unknown key "foo"' \
    cpupool-create "$config"
printf 'name="fast"\0cpus=[]\n' >"$config"
refused "a file with a NUL" 1 NUL cpupool-create "$config"

use_host 4x4
run cpupool-create 'name="fast"' --host "$host"
ok "no CPU is free" code_is 1
ok "no CPU is free: says so" one_error 'no CPU is free: .*cpupool-cpu-remove'
ok "no CPU is free: nothing on stdout" quiet_stdout
run cpupool-cpu-remove Pool-0 9-10 --host "$host"
run cpupool-create 'name="fast"' --host "$host"
ok "the first that is free" says "command line" fast credit2 1
ok "the first that is free: which" [ "$(cpus fast)" = 9 ]
