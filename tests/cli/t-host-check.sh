# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh source=tests/cli/lib.sh
# The host held against rules; what is safe is mended, and taken back.
. ./lib.sh

# What is found, a rule and an object a line, is as in expected/NAME.
finds()
{
    sed -n 's/^\(FAIL\|WARN\) \([^:]*\): \([^:]*\): .*/\1 \2 \3/p' "$tmp/out" \
        >"$tmp/found"
    mv "$tmp/found" "$tmp/out"
    expected "$1"
}

# The same of all that was printed, wherever it is that this test runs.
prints()
{
    sed "s|$tmp|TMP|" "$tmp/out" >"$tmp/printed"
    mv "$tmp/printed" "$tmp/out"
    expected "$1"
}

# How many results have a status.
are()
{
    [ "$(grep -c "^$1 " "$tmp/out")" -eq "$2" ]
}

told()
{
    grep -q -- "$1" "$tmp/out"
}

# Planted faults: each is found, and no other.

use_host healthy
run --host "$host" host-check
ok "a healthy host: exit 0" code_is 0
ok "a healthy host: nothing is wrong" told '^0 FAIL, 0 WARN, [1-9]'
ok "a healthy host: what passes is counted only" are PASS 0
ok "a healthy host: how to see it" told 'SKIP (--verbose shows'
ok "a healthy host: nothing is changed" untouched

use_host faults
run --host "$host" host-check
ok "planted faults: exit 2" code_is 2
ok "planted faults: nothing is changed" untouched
ok "planted faults: what fails comes first" [ "$(grep -n '^FAIL' "$tmp/out" |
    tail -n 1 | cut -d : -f 1)" -lt "$(grep -n '^WARN' "$tmp/out" |
    head -n 1 | cut -d : -f 1)" ]
ok "planted faults: each, and no other" finds host-check-faults
run --host "$host" host-check -v
ok "-v: what passes as well" told '^PASS dom0-swap: host: 2 GiB'
ok "-v: what is skipped, and why" told '^SKIP ksm: host: dom0.s KSM does not'

# Rules by name.

run --host "$host" host-check dom0-swap ksm
ok "by name: exit 0" code_is 0
ok "by name: what passes" told '^PASS dom0-swap: host: 2 GiB (expected: some)'
ok "by name: what is skipped" told '^SKIP ksm: host: '
ok "by name: nothing else" [ "$(wc -l <"$tmp/out")" -eq 4 ]
run --host "$host" host-check dom0-swap dom0-swap
ok "twice: once" are PASS 1
XLTUNE_TRACE=$tmp/trace
export XLTUNE_TRACE
run --host "$host" host-check isolcpus
XLTUNE_TRACE=$tmp/trace.where
run --host "$host" host-check local-memory
run --host "$host" host-check local-memory --residency=measure
unset XLTUNE_TRACE
# 0x800: the command lines.
ok "only what a rule asks for is looked at" \
    [ "$(cut -d ' ' -f 4-5 "$tmp/trace")" = "observe parts=0x800" ]

# 2: inferred; 1: Xen counts.
ok "Xen counts pages only where that is asked for" [ "$(sed \
    's/.*residency=//' "$tmp/trace.where" | tr '\n' ' ')" = "2 1 " ]

refused_host=faults
refused "a rule that is not there" 64 'dom0-swpa: .*is it dom0-swap?' \
    host-check dom0-swpa
refused "part of a name" 64 'nfs: .*is it nfs-answers, nfs-options,.*?' \
    host-check nfs
refused "--explain of none" 64 'is it dom0-swap?' host-check --explain dom0-swop
refused "--explain and a rule" 64 'checks nothing' \
    host-check --explain dom0-swap dom0-swap
refused "--explain and --list" 64 'no place' \
    host-check --explain dom0-swap --list
refused "--fix --junit" 64 'no place' host-check --fix --junit
refused "two forms" 64 'one form' host-check --junit --openmetrics
refused "--dry-run alone" 64 'without "--fix"' host-check --dry-run
refused "--sample of a snapshot" 64 'a snapshot is one moment' \
    host-check --sample 5
run host-check --sample 0
ok "--sample 0" code_is 64
run host-check --sample 5x
ok "--sample 5x" code_is 64

# Rules themselves: no host is needed.

run host-check --list
ok "--list: exit 0" code_is 0
ok "--list: rules" [ "$(wc -l <"$tmp/out")" -gt 40 ]
sed 1d "$tmp/out" | cut -d ' ' -f 1 >"$tmp/rules"
while read -r rule; do
    run host-check --explain "$rule"
    ok "--explain $rule" [ "$code/$(wc -l <"$tmp/out")" = 0/7 ]
done <"$tmp/rules"
run host-check --list --json
ok "--list as JSON" json_has '"schema": "xtune/host-rules/1"'
run host-check --explain ksm --json
ok "--explain as JSON" json_has '"name": "ksm"'

# A policy that is broken does not keep the host from being checked.

use_host healthy
echo nonsense >"$tmp/broken.xml"
run --host "$host" host-check --policy "$tmp/broken.xml"
ok "a broken policy: exit 0" code_is 0
ok "a broken policy: that is said" grep -q 'broken.xml:1: ' "$tmp/err"

# JSON, XML and metrics.

use_host faults
run --host "$host" host-check --json
ok "JSON: exit 2" code_is 2
ok "JSON: schema" json_has '"schema": "xtune/check/1"'
ok "JSON: a rule" json_has '"name": "dom0-autoballoon"'
ok "JSON: its status" json_has '"status": "warn"'
ok "JSON: how it is mended" json_has '"fix": "now"'
ok "JSON: nothing else" [ ! -s "$tmp/err" ]
fails=$(grep -c '"status": "fail"' "$tmp/out")
ok "JSON: the summary" json_has '"fail": 7'
ok "JSON: results and rules that fail" [ "$fails" -ge 6 ]

run --host "$host" host-check --junit
ok "JUnit: exit 2" code_is 2
ok "JUnit: a failure" told '<failure type="FAIL" message="soft, rsize=8192 '
ok "JUnit: one that is skipped" told '<skipped message="dom0.s KSM '
tests=$(sed -n 's/.*<testsuite .* tests="\([0-9]*\)".*/\1/p' "$tmp/out")
ok "JUnit: as many cases as it says" \
    [ "$(grep -c '<testcase ' "$tmp/out")" = "$tests" ]
valid_junit()
{
    xmllint --noout --nonet --relaxng "$top/tests/cli/junit.rng" \
        "$tmp/out" 2>/dev/null
}

if command -v xmllint >/dev/null; then
    ok "JUnit: the form" valid_junit
fi

# Names from outside: in XML, and in metrics.
strange_host()
{
    sed 's|"name": "db1"|"name": "db<\\"\\\\\&1"|' "$hosts/faults.json" >"$host"
}

strange_host
run --host "$host" host-check --junit
ok "JUnit: a strange name" told 'name="db&lt;&quot;\\&amp;1'
if command -v xmllint >/dev/null; then
    ok "JUnit: the form of strange names" valid_junit
fi

# Each line is a sample with labels that are closed, or says what follows; no
# two samples are of the same labels; samples of a name stand together.
metrics_are_well()
{
    awk '
        ended { bad = 1 }
        $0 == "# EOF" { ended = 1; next }
        /^# (HELP|TYPE) / { name = $3; said[$1 $2 $3]++; next }
        !/^[a-z_]+\{[a-z]+="([^"\\]|\\["\\n])*"(,[a-z]+="([^"\\]|\\["\\n])*")*\} [0-9]+$/ { bad = 1 }
        index($0, name "{") != 1 { bad = 1 }
        seen[substr($0, 1, length($0) - length($NF))]++ { bad = 1 }
        END {
            for (i in said) if (said[i] > 1) bad = 1
            exit bad || !ended
        }' "$tmp/out"
}

run --host "$host" host-check --openmetrics
ok "metrics: exit 2" code_is 2
ok "metrics: the form" metrics_are_well
ok "metrics: a strange name" told \
    'rule="nested-hvm",object="db<\\"\\\\&1"} 2$'
ok "metrics: one that passes" told \
    'xltune_check_status{rule="dom0-swap",object="host"} 0'
# Two names that are written alike.
sed -e 's|"name": "db1"|"name": "db\\u0001"|' \
    -e 's|"name": "web1"|"name": "db\\\\x01"|' "$hosts/faults.json" >"$host"
run --host "$host" host-check --openmetrics
ok "metrics: names that are written alike" metrics_are_well
use_host healthy
run --host "$host" host-check --openmetrics
ok "metrics of a healthy host: exit 0" code_is 0
ok "metrics of a healthy host" metrics_are_well

# --fix.

use_host faults
mendable="dom0-autoballoon dom0-swappiness disk-scheduler aio-max-nr
    other-hypervisors"
# shellcheck disable=SC2086 # rules
run --host "$host" host-check --fix --dry-run $mendable nfs-options isolcpus
ok "--fix -N: exit 2" code_is 2
ok "--fix -N: what it would do" prints host-check-fix-dry
ok "--fix -N: nothing is changed" untouched
# shellcheck disable=SC2086
run --host "$host" host-check --fix $mendable nfs-options isolcpus
ok "--fix: exit 2, for something is left" code_is 2
ok "--fix: what it does, and what is left" prints host-check-fix
run --host "$host" rollback
ok "--fix and rollback" same_host

run --host "$host" host-check --fix
ok "--fix of all: exit 2" code_is 2
ok "--fix of all: the host is another" not_same_host
run --host "$host" host-check
ok "--fix: what is safe passes then" [ "$(grep -c -- '--fix does it' \
    "$tmp/out")" -eq 0 ]
ok "--fix: one file, two rules" grep -q \
    'vm.swappiness = 35\\nfs.aio-max-nr = 1048576' "$host"
run --host "$host" host-check --fix
ok "--fix again: exit 2" code_is 2
ok "--fix again: nothing is done" not_there '^Changes:'
run --host "$host" history
ok "--fix: once in the history" [ "$(grep -c 'applied .*host-check --fix$' \
    "$tmp/out")" -eq 1 ]
run --host "$host" rollback
ok "rollback" code_is 0
ok "rollback: the same host, byte by byte" same_host

use_host faults
run --host "$host" host-check --fix dom0-swappiness
ok "--fix of a rule: exit 0" code_is 0
ok "--fix of a rule: nothing is left" told '^Nothing is left to do.$'
run --host "$host" history
ok "--fix of a rule: in the history" \
    told '2  applied  host-check --fix dom0-swappiness$'
run --host "$host" host-check --fix dom0-autoballoon --json
ok "--fix as JSON: exit 0" code_is 0
ok "--fix as JSON: what is so then" json_has '"pass": 1'
ok "--fix as JSON: nothing is left" json_has '"now": 0'
run --host "$host" host-check --fix dom0-autoballoon --json
ok "--fix as JSON, again" json_has '"pass": 1'
run --host "$host" host-check --fix disk-scheduler --quiet
ok "--fix --quiet" quiet_stdout
use_host healthy
run --host "$host" host-check --fix
ok "--fix of a healthy host: exit 0" code_is 0
ok "--fix of a healthy host: nothing to do" told '^Nothing is left to do.$'
ok "--fix of a healthy host: nothing is changed" same_host

# Whole or not at all, whichever step fails.
n=0
use_host faults
while [ "$n" -lt 20 ]; do
    n=$((n + 1))
    fault "fail:$n" --host "$host" host-check --fix
    [ "$code" -eq 2 ] && break
    ok "--fix with fail:$n: exit 1" code_is 1
    ok "--fix with fail:$n: the same host" same_host
    ok "--fix with fail:$n: what is left is not told" not_there '^Left'
done
ok "--fix: there are steps" [ "$n" -gt 5 ]

# A tree of files: only what is so after a boot can be mended.

tree=$tmp/tree
sh "$top/tests/trees/make" host-files "$tree"
(cd "$tree" && find . -type f -exec cksum {} + | sort -k 3) >"$tmp/sums"
run --root "$tree" host-check
ok "a tree: exit 2" code_is 2
ok "a tree: what is wrong" finds host-check-tree
run --root "$tree" host-check --fix
ok "a tree: --fix: exit 2" code_is 2
ok "a tree: what the next boot has" told 'to mend it: reboot: it is set then$'
ok "a tree: xl.conf" [ "$(cat "$tree/etc/xen/xl.conf")" = '# mine
autoballoon="off"' ]
ok "a tree: modules" grep -qx 'blacklist kvm_intel' \
    "$tree/etc/modprobe.d/xltune.conf"
ok "a tree: no attribute is written" grep -qx 60 \
    "$tree/proc/sys/vm/swappiness"
run --root "$tree" rollback
ok "a tree: rollback" code_is 0
(cd "$tree" && find . -type f ! -path './run/*' ! -path './var/*' \
    ! -name '*.xltune-old' -exec cksum {} + | sort -k 3) >"$tmp/after"
ok "a tree: every file, byte by byte" cmp -s "$tmp/sums" "$tmp/after"

# A snapshot, and its files from a tree.

use_host 2x2
run --host "$host" --root "$tree" snapshot
cp "$tmp/out" "$host"
cp "$host" "$tmp/before"
run --host "$host" --root "$tree" host-check --fix aio-max-nr dom0-swappiness \
    other-hypervisors
ok "a snapshot with a tree: --fix" code_is 2
ok "a snapshot with a tree: an attribute" grep -q '"35\\n"' "$host"
run --host "$host" --root "$tree" rollback
ok "a snapshot with a tree: rollback" same_host
