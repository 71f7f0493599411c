# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh source=tests/cli/lib.sh
# Output that cannot be written, and readers that go away.
. ./lib.sh

# run_to FILE ARGUMENT...: stdout is FILE.
run_to()
{
    to=$1
    shift
    # shellcheck disable=SC2086
    ${XLTUNE_RUN_UNDER-} "$BUILD/xltune" "$@" >"$to" 2>"$tmp/err" </dev/null
    code=$? ran="xltune $* >$to"
    : >"$tmp/out"
}

use_host 2x2
set -- --host "$host" --policy "$policy"
for c in list vcpu-list info residency snapshot plan history help --help \
    --version "list --json" "list nosuch --json" "help --dump-table"; do
    # shellcheck disable=SC2086
    run_to /dev/full $c "$@"
    ok "$c on a full disk" code_is 1
    ok "$c on a full disk: says so" grep -q '^xltune: standard output: ' \
        "$tmp/err"
done

run_to /dev/full apply --yes "$@"
ok "apply on a full disk" code_is 1
run recover "$@"
ok "apply on a full disk: nothing is half done" \
    grep -q '^Nothing to recover' "$tmp/out"

# The end of the pipe is gone before anything is written.
use_host 4x4
mkfifo "$tmp/pipe"
# shellcheck disable=SC2086
{ sleep 1; ${XLTUNE_RUN_UNDER-} "$BUILD/xltune" apply --yes "$@"; } \
    2>"$tmp/err" </dev/null >"$tmp/pipe" &
pid=$!
: <"$tmp/pipe"
wait $pid
run recover "$@"
ok "apply into a pipe without a reader is not cut off" \
    grep -q '^Nothing to recover' "$tmp/out"

use_host 4x4
code=$({ "$BUILD/xltune" vcpu-list --host "$host"; echo $? >"$tmp/code"; } |
    head -n 1 >/dev/null; cat "$tmp/code")
ok "list into head" [ "$code" -eq 0 -o "$code" -eq 141 ]

# Traces.
run list --host "$host"
cp "$tmp/out" "$tmp/list"
XLTUNE_TRACE=$tmp/trace
export XLTUNE_TRACE
run list --host "$host"
ok "a trace in a file" grep -q observe "$tmp/trace"
ok "a trace changes no output" cmp -s "$tmp/list" "$tmp/out"
ok "a trace in a file is not on stderr" [ ! -s "$tmp/err" ]
XLTUNE_TRACE=1
run vcpu-pin web1 0 0 --host "$host"
ok "a trace on stderr" grep -q web1/0 "$tmp/err"
XLTUNE_TRACE=$tmp/none/trace
run list --host "$host"
ok "a trace that cannot be written" one_error trace
