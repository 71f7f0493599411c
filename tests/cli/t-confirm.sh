# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh source=tests/cli/lib.sh
# What is rolled back unless it is confirmed. Long times are for what ends
# before them, so that nothing depends on how fast the machine is.
. ./lib.sh

# The processes that watch over hosts of this test.
guards()
{
    # shellcheck disable=SC2013 # numbers
    for f in $(grep -ls '[c]onfirm-guard' /proc/[0-9]*/cmdline); do
        grep -qs "$tmp" "$f" && basename "$(dirname "$f")"
    done
}

no_guard()
{
    [ -z "$(guards)" ]
}

kill_guards()
{
    for pid in $(guards); do
        kill -KILL "$pid"
    done
}

# soon TEST...: it comes true before long.
soon()
{
    soon_n=0
    until "$@"; do
        soon_n=$((soon_n + 1))
        [ $soon_n -lt 200 ] || return 1
        sleep 0.1
    done
}

apply()
{
    run apply --yes --policy "$policy" --host "$host" "$@"
}

history_has()
{
    run history --host "$host"
    grep -q "$1" "$tmp/out"
}

nothing_pending()
{
    [ ! -e "$host.d/pending.json" ]
}

not_interrupted()
{
    [ ! -e "$host.d/journal.json" ]
}

# As if it were much later; a guard notices.
time_is_over()
{
    sed -i 's/"deadline_ms": [0-9]*/"deadline_ms": 1/' "$host.d/pending.json"
}

# No guard, nothing pending, and the host as at first.
back()
{
    soon no_guard && nothing_pending && same_host
}

# In time.
use_host 4x4
apply --confirm-within 600
ok "apply" code_is 0
ok "it says what comes" grep -q \
    '^[0-9]* changes applied.*; they are rolled back in 600 s unless "xltune conf' \
    "$tmp/out"
ok "one guard" [ "$(guards | wc -l)" -eq 1 ]
ok "the file is for nobody else" \
    [ "$(stat -c %a "$host.d/pending.json")" = 600 ]
ok "history says so" history_has ' applied, to be confirmed within [56]'
run history --host "$host" --json
ok "history says so as JSON" grep -q '"confirm_left_ms": [56]' "$tmp/out"
for command in plan check; do
    run $command --policy "$policy" --host "$host"
    ok "$command says so" grep -q \
        '^Change 1 is rolled back in [0-9]* s unless "xltune conf' "$tmp/out"
done
cp "$host" "$tmp/applied"
run vcpu-pin web1 0 0 --host "$host"
ok "vcpu-pin on top of it is refused" code_is 1
ok "with both ways out" one_error 'xltune confirm.*xltune rollback'
policy=$top/policies/low-latency.xml apply --quiet
ok "apply on top of it is refused" code_is 1
policy=$top/policies/low-latency.xml apply --quiet --confirm-within 600
ok "that too" one_error 'change 1 is yet to be confirmed'
ok "and leaves no guard" soon [ "$(guards | wc -l)" -eq 1 ]
run confirm --host "$host"
ok "confirm" code_is 0
ok "confirm: a line" [ "$(cat "$tmp/out")" = "Change 1 is confirmed: it stays" ]
ok "the guard ends" soon no_guard
ok "nothing pending" nothing_pending
ok "the change stays" cmp -s "$host" "$tmp/applied"
ok "and is in the history" history_has ' applied  *apply balanced$'
run confirm --host "$host"
ok "confirm again" code_is 1
ok "confirm again: why" one_error 'nothing waits to be confirmed'
apply --confirm-within 600 --json
ok "nothing to do, nothing to confirm" nothing_pending
ok "and no word of it" grep -q '"result": "nothing"' "$tmp/out"
ok "and no guard" no_guard
run rollback --host "$host"
ok "rollback of what is confirmed" same_host

# Out of time, from another folder, by a name that only it knows.
use_host 4x4
cd "$tmp/dir" || exit 1
run --host h.json apply --yes --quiet --policy "$policy" --confirm-within 1
cd "$top/tests/cli" || exit 1
ok "apply --quiet" quiet_stdout
ok "out of time: rolled back" soon same_host
ok "out of time: nothing left" back
ok "history says why" history_has \
    ' rolled-back  *apply balanced: not confirmed within 1 s$'
run confirm --host "$host"
ok "confirm comes too late" code_is 1
apply --json --confirm-within 600
ok "and again, as JSON" json_has '"confirm_within": 600'

# By hand.
run rollback --host "$host"
ok "rollback before its time" code_is 0
ok "rollback before its time: nothing left" back

# The session goes, then all of it is killed.
if command -v setsid >/dev/null; then
    use_host 4x4
    setsid -w sh -c '"$@"; trap "" HUP; kill -HUP 0; kill -KILL 0' sh \
        "$BUILD/xltune" apply --yes --quiet --policy "$policy" \
        --host "$host" --confirm-within 1 </dev/null >"$tmp/out" 2>"$tmp/err"
    ok "the session is killed: rolled back" soon same_host
    ok "the session is killed: nothing left" back
fi

# Cut off half way.
for seconds in 1 600; do
    use_host 4x4
    XLTUNE_FAULT=kill:2
    export XLTUNE_FAULT
    apply --quiet --confirm-within $seconds
    unset XLTUNE_FAULT
    ok "cut off, $seconds s" code_is 137
    [ $seconds = 1 ] || run recover --host "$host"
    ok "cut off, $seconds s: recovered" soon not_interrupted
    ok "cut off, $seconds s: nothing left" back
    ok "cut off, $seconds s: history" history_has ' recovered '
done

# Cut off between the last change and the end of the journal.
use_host 4x4
apply --quiet --confirm-within 600
kill_guards
soon no_guard
sed 's/"applied"/"running"/' "$host.d/history/000001.json" \
    >"$host.d/journal.json"
rm "$host.d/history/000001.json"
run confirm --host "$host"
ok "cut off late: nothing to confirm" one_error 'xltune recover'
run recover --host "$host"
ok "cut off late: recover" same_host
ok "cut off late: nothing left" back

# It fails.
use_host 4x4
XLTUNE_FAULT=fail:2
export XLTUNE_FAULT
apply --quiet --confirm-within 600
unset XLTUNE_FAULT
ok "a failure" code_is 1
ok "a failure: nothing left" back

# The guard is gone as well.
use_host 4x4
apply --quiet --confirm-within 600
kill_guards
soon no_guard
time_is_over
ok "without a guard: history" history_has ' applied, not confirmed in time '
ok "without a guard it stays" not_same_host
run confirm --host "$host"
ok "too late" code_is 1
ok "too late: the way out" one_error 'too late.*xltune rollback'
run vcpu-pin web1 0 0 --host "$host"
ok "too late: refused" \
    one_error 'not confirmed in time: "xltune rollback" undoes it$'
run rollback --host "$host"
ok "without a guard: rollback" back

# Another boot: this machine's, not that of a host in a file.
use_host 4x4
apply --quiet --confirm-within 600
kill_guards
soon no_guard
sed -i 's/"boot_id": "[0-9a-f]*-/"boot_id": "00000000-/' "$host.d/pending.json"
run confirm --host "$host"
ok "another boot: too late" one_error 'too late'
run rollback --host "$host"
ok "another boot: rollback" back

# Somebody else is at work when its time is over; and what another hand has
# changed is left, the rest is not.
if command -v flock >/dev/null; then
    use_host 4x4
    apply --quiet --confirm-within 600
    exec 9>"$host.d/lock"
    flock 9
    time_is_over
    sed 's/"soft": "4-7,12-15"/"soft": "1"/' "$host" >"$host.new"
    mv "$host.new" "$host"
    sleep 0.5
    ok "another writer: nothing is done" \
        history_has ' applied, not confirmed in time '
    ok "another writer: the guard waits" [ "$(guards | wc -l)" -eq 1 ]
    exec 9>&-
    ok "another hand: history" soon history_has \
        'not confirmed within 600 s; what another hand changed since was left$'
    sed 's/"soft": "1"/"soft": "12-15"/' "$host" >"$host.new"
    mv "$host.new" "$host"
    ok "another hand: the rest is back" back
fi

# An older change of another kind is taken back meanwhile: what waits still
# does, and its guard as well.
use_host pci
run cmdline set xen loglvl=all --yes --host "$host"
apply --quiet --confirm-within 600
run cmdline rollback --host "$host"
ok "an older change: cmdline rollback" code_is 0
ok "an older change: it is put back" history_has ' rolled-back  *cmdline set'
ok "an older change: the newer one still waits" history_has \
    ' applied, to be confirmed within [56]'
ok "an older change: its guard is there" [ "$(guards | wc -l)" -eq 1 ]
time_is_over
ok "an older change: the newer one goes when its time is over" back

# What is damaged misleads nobody.
use_host 4x4
apply --quiet --confirm-within 600
kill_guards
soon no_guard
echo '{' >"$host.d/pending.json"
run confirm --host "$host"
ok "damaged: confirm" one_error 'move this file away'
run vcpu-pin web1 0 0 --host "$host"
ok "damaged: vcpu-pin" one_error 'move this file away'
ok "damaged: history" history_has ' applied '
run rollback --host "$host"
ok "damaged: rollback" back

# It cannot be read at first: the guard looks again.
if command -v python3 >/dev/null; then
    use_host 4x4
    apply --quiet --confirm-within 600
    kill_guards
    soon no_guard
    time_is_over
    cp "$host.d/pending.json" "$tmp/pending.json"
    echo '{' >"$host.d/pending.json"
    LD_LIBRARY_PATH=$LD_LIBRARY_PATH python3 - "$BUILD/xltune" \
        confirm-guard 600 --host "$host" <<'X'
import socket, subprocess, sys
ours, its = socket.socketpair()
subprocess.Popen(sys.argv[1:], stdin=its)
ours.recv(1)
X
    sleep 0.5
    ok "unreadable at first: the guard stays" [ "$(guards | wc -l)" -eq 1 ]
    mv "$tmp/pending.json" "$host.d/pending.json"
    ok "unreadable at first: rolled back" soon same_host
    ok "unreadable at first: nothing left" back
fi

# Memory that has moved stays where apply is cut off: that it is to be
# confirmed is noted before anything is changed. made is what a kill after so
# many moves leaves on a live host; the guard meets the fault as well, but later.
cat >"$tmp/moves.xml" <<X
<policy name="moves">
  <domains match="name:mid"><numa placement="2" mode="hard" memory="follow"/></domains>
  <domains match="name:web1"><numa placement="0" memory="follow"/></domains>
  <domains match="name:calm"><numa placement="auto"/></domains>
</policy>
X
balanced=$policy
policy=$tmp/moves.xml

# cut_off MOVES SECONDS: apply, killed after so many of two moves.
cut_off()
{
    use_host moves
    apply --quiet --max-moves "$1"
    cp "$host" "$tmp/made"
    use_host moves
    XLTUNE_FAULT=kill:7
    export XLTUNE_FAULT
    apply --quiet --confirm-within "$2"
    unset XLTUNE_FAULT
    cp "$tmp/made" "$host"
}

cut_off 1 600
ok "moves, cut off" [ -e "$host.d/pending.json" ]
run confirm --host "$host"
ok "moves, cut off: not to be confirmed yet" one_error 'xltune recover'
run recover --host "$host"
ok "moves, cut off: recover" code_is 0
ok "moves, cut off: how many" grep -q '1 of 2 moves were made' "$tmp/out"
ok "moves, cut off: it says so" grep -q \
    '^Change 1 is yet to be confirmed: "xltune confirm" keeps it' "$tmp/out"
ok "moves, cut off: pending" history_has ' applied, to be confirmed within [56]'
ok "moves, cut off: the guard stays" [ "$(guards | wc -l)" -eq 1 ]
time_is_over
ok "moves, cut off: rolled back" soon same_host
ok "moves, cut off: nothing left" back

cut_off 2 600
run recover --host "$host"
ok "all moves, cut off" grep -q 'all 2 moves were made and stay$' "$tmp/out"
ok "all moves, cut off: history" history_has ': it was cut off after the last'
run confirm --host "$host"
ok "all moves, cut off: confirmed" code_is 0
ok "all moves, cut off: the guard ends" soon no_guard
ok "all moves, cut off: it stays" cmp -s "$host" "$tmp/made"

cut_off 1 1
ok "moves, cut off, 1 s: rolled back" soon same_host
ok "moves, cut off, 1 s: nothing left" back

# None could be made: nothing waits.
use_host moves
sed '/name:calm/d' "$policy" >"$tmp/only.xml"
XLTUNE_FAULT=deny:1
export XLTUNE_FAULT
policy=$tmp/only.xml apply --quiet --confirm-within 600
unset XLTUNE_FAULT
ok "no move can be made" code_is 1
ok "no move can be made: nothing left" back
policy=$balanced

for value in 0 -1 +1 86401 1x 1.5 " 1" 0x10 99999999999999999999; do
    refused "--confirm-within '$value'" 64 '1 to 86400' \
        apply --yes --policy "$policy" "--confirm-within=$value"
done
refused "--confirm-within ''" 64 'needs a value' \
    apply --yes --policy "$policy" --confirm-within=
refused "nothing was ever pending" 1 'nothing waits' confirm
refused "the guard by hand" 1 'apply --confirm-within' confirm-guard 5
refused "the guard by hand, no time" 64 '1 to 86400' confirm-guard x

ok "nobody is left over" no_guard
