# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# What the command tests have in common; read by each t-*.sh.

: "${top:?run the tests by tests/cli/run}" "${BUILD:?}"
# A library that was built with sanitizers is found as well.
LD_LIBRARY_PATH=$BUILD${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
LC_ALL=C
export LD_LIBRARY_PATH LC_ALL
unset XLTUNE_FAULT XLTUNE_TRACE

hosts=$top/tests/hosts
# shellcheck disable=SC2034 # the tests use it
policy=$top/policies/balanced.xml

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
mkdir "$tmp/dir"
host=$tmp/dir/h.json

# A fresh copy of a recorded host, alone in its folder.
use_host()
{
    # The folder itself stays: a test may be in it.
    find "$tmp/dir" -mindepth 1 -delete
    cp "$hosts/$1.json" "$host"
    chmod 644 "$host"
    cp "$host" "$tmp/before"
}

# Runs xltune: $code, $tmp/out and $tmp/err.
run()
{
    # Words of the variable: a program and its options.
    # shellcheck disable=SC2086
    ${XLTUNE_RUN_UNDER-} "$BUILD/xltune" "$@" >"$tmp/out" 2>"$tmp/err" \
        </dev/null
    code=$?
    ran="xltune $*"
}

# fault KIND:N WORDS...: the same with a fault at the N-th change.
fault()
{
    XLTUNE_FAULT=$1
    export XLTUNE_FAULT
    shift
    run "$@"
    unset XLTUNE_FAULT
}

# ok NAME TEST...: one result; what was run last is shown where it fails.
ok()
{
    ok_name=$1
    shift
    if "$@"; then
        echo "ok - $ok_name"
        return
    fi
    echo "not ok - $ok_name"
    echo "#   $* after: $ran: code $code"
    head -n 5 "$tmp/out" "$tmp/err" | cut -c 1-160 | sed 's/^/#   /'
}

code_is()
{
    [ "$code" -eq "$1" ]
}

# One line, for people, that matches a pattern; no other output.
one_error()
{
    [ "$(wc -l <"$tmp/err")" -eq 1 ] && grep -q "^xltune: .*$1" "$tmp/err" &&
        LC_ALL=C sed 's/[[:print:]]//g' "$tmp/err" | tr -d '\n' | cmp -s - /dev/null
}

quiet_stdout()
{
    [ ! -s "$tmp/out" ]
}

# The host's file is as use_host() made it, and alone.
untouched()
{
    cmp -s "$host" "$tmp/before" && [ "$(ls -A "$tmp/dir")" = h.json ]
}

same_host()
{
    cmp -s "$host" "$tmp/before"
}

# refused NAME CODE PATTERN ARGUMENT...: an error, in every respect; on the
# recorded host $refused_host, 2x2 where that is not set.
refused()
{
    case_name=$1 case_code=$2 case_pattern=$3
    shift 3
    use_host "${refused_host:-2x2}"
    run --host "$host" "$@"
    ok "$case_name" was_refused
}

was_refused()
{
    code_is "$case_code" && one_error "$case_pattern" && quiet_stdout &&
        untouched
}

# expected NAME: stdout is as in expected/NAME.
expected()
{
    if [ -n "${UPDATE-}" ]; then
        cp "$tmp/out" "$top/tests/cli/expected/$1"
    fi
    diff "$top/tests/cli/expected/$1" "$tmp/out" | sed 's/^/#   /'
    cmp -s "$top/tests/cli/expected/$1" "$tmp/out"
}

# stdout is one JSON object with this member in a line of its own.
json_has()
{
    [ "$(head -c 1 "$tmp/out")" = "{" ] && [ "$(tail -n 1 "$tmp/out")" = "}" ] &&
        grep -qx " *$1,\{0,1\}" "$tmp/out"
}

not_same_host()
{
    ! same_host
}

# stdout has no such line.
not_there()
{
    ! grep -q "$1" "$tmp/out"
}

# No record was written of what was not done.
nothing_kept()
{
    [ ! -e "$host.d/records" ] && [ ! -e "$host.d/pci.json" ] &&
        [ ! -e "$host.d/usb.json" ]
}

# faults KIND HOST WORDS...: on a recorded host, at every step until there is
# none any more; each time the host is as it was, byte by byte. $n is one more
# than the steps then.
faults()
{
    kind=$1 recorded=$2 n=0
    shift 2
    use_host "$recorded"
    while [ "$n" -lt 40 ]; do
        n=$((n + 1))
        fault "$kind:$n" "$@" --host "$host"
        [ "$code" -eq 0 ] && break
        ok "$* with $kind:$n fails" code_is 1
        ok "$* with $kind:$n: the same host" same_host
        ok "$* with $kind:$n: nothing is kept" nothing_kept
    done
    # It was done in the end, for there was a last step.
    ok "$* with $kind: there are steps" [ "$n" -gt 1 ]
    ok "$* with $kind: done at last" code_is 0
}

# What was not done although it was said to be is noticed and undone, but for
# what cannot be read back: there all the rest is done.
whole()
{
    if [ "$code" -eq 0 ]; then
        cmp -s "$host" "$tmp/done"
    else
        code_is 1 && same_host
    fi
}

# lies HOST WORDS...: at each step, after faults() with the same words.
lies()
{
    recorded=$1 steps=$n n=1
    shift
    use_host "$recorded"
    run "$@" --host "$host"
    cp "$host" "$tmp/done"
    while [ "$n" -lt "$steps" ]; do
        use_host "$recorded"
        fault "lie:$n" "$@" --host "$host"
        ok "$* with lie:$n: whole or not at all" whole
        n=$((n + 1))
    done
}

# kills HOST WORDS...: between any two steps; recover brings it back.
kills()
{
    recorded=$1 n=0
    shift
    while [ "$n" -lt 40 ]; do
        n=$((n + 1))
        use_host "$recorded"
        fault "kill:$n" "$@" --host "$host"
        [ "$code" -eq 0 ] && break
        run recover --quiet --host "$host"
        ok "$* with kill:$n: recover" code_is 0
        ok "$* with kill:$n: the same host" same_host
        ok "$* with kill:$n: nothing is kept" nothing_kept
    done
    ok "$* with kill: there are steps" [ "$n" -gt 1 ]
    # Done in the end, and back.
    run rollback --quiet --host "$host"
    ok "$*: rollback" code_is 0
    ok "$*: rollback: the same host" same_host
}
