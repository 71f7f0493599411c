# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh source=tests/cli/lib.sh
# Plans that move memory: a fault at every change, kills, budgets. Of the
# recorded host "moves" big finds room only where mid was.
. ./lib.sh

cat >"$tmp/moves.xml" <<X
<policy name="moves">
  <domains match="name:big">
    <numa placement="1" mode="hard" memory="follow"/>
  </domains>
  <domains match="name:mid">
    <numa placement="2" mode="hard" memory="follow"/>
  </domains>
  <domains match="name:web1">
    <numa placement="0" memory="follow"/>
  </domains>
  <domains match="name:calm">
    <numa placement="auto"/>
  </domains>
</policy>
X
set -- --host "$host" --policy "$tmp/moves.xml"
movers="mid big web1"
affinities=3 # changes of calm: its stored masks and those of two vCPUs
nr=9         # and of each that moves its memory and its stored masks

use_host moves
(cd "$tmp/dir" && "$BUILD/xltune" plan --host h.json \
    --policy "$tmp/moves.xml" >"$tmp/out")
code=$? ran="plan"
ok "plan" expected moves.plan
run plan "$@" --json
ok "plan as JSON" expected moves.plan.json
run apply --yes "$@"
ok "apply" code_is 0
cp "$host" "$tmp/wanted"
grep '^\[' "$tmp/out" >"$tmp/steps"
cp "$tmp/steps" "$tmp/out"
ok "apply: the steps" expected moves.apply
run plan "$@"
ok "plan after apply is empty" grep -q '^Nothing to do' "$tmp/out"
run rollback "$@"
ok "rollback" same_host
run history "$@"
ok "history" grep -q 'rolled-back *apply moves' "$tmp/out"

wanted_host()
{
    cmp -s "$host" "$tmp/wanted"
}

# What residency and vcpu-list say of a domain in a host's file.
state_of()
{
    "$BUILD/xltune" residency "$1" --host "$2" --json
    "$BUILD/xltune" vcpu-list "$1" --host "$2"
}

# Each that moves is as it was, or as it is to be.
none_between()
{
    for mover in $movers; do
        now=$(state_of "$mover" "$host")
        [ "$now" = "$(state_of "$mover" "$tmp/before")" ] ||
            [ "$now" = "$(state_of "$mover" "$tmp/wanted")" ] || return 1
    done
}

moved()
{
    [ "$(state_of "$1" "$host")" = "$(state_of "$1" "$tmp/wanted")" ]
}

stayed()
{
    [ "$(state_of "$1" "$host")" = "$(state_of "$1" "$tmp/before")" ]
}

# spoiled FAULT ARGUMENT...: xltune with that fault.
spoiled()
{
    XLTUNE_FAULT=$1
    export XLTUNE_FAULT
    shift
    run "$@"
    unset XLTUNE_FAULT
}

# Whatever has happened, one apply brings all to where it is to be, and
# rollbacks bring it back.
reaches_goal()
{
    run recover "$@"
    ok "$name: nothing more to recover" code_is 0
    run apply --yes --quiet "$@"
    ok "$name: the next apply" code_is 0
    ok "$name: all is as wanted" wanted_host
    while ! same_host; do
        run rollback --quiet "$@"
        ok "$name: rollback" code_is 0
        [ "$code" -eq 0 ] || break
    done
    ok "$name: the same bytes as before" same_host
}

for kind in fail half lie deny; do
    n=1
    while [ "$n" -le "$nr" ]; do
        name=$kind:$n
        use_host moves
        spoiled "$name" apply --yes --quiet "$@"
        if [ $kind = deny ] && [ "$n" -gt 1 ] && [ "$n" -le $affinities ]; then
            ok "$name: what was not put back" code_is 1
            run recover "$@"
            ok "$name: recover" code_is 0
            ok "$name: as before" same_host
        elif [ "$n" -le $affinities ]; then
            ok "$name: the change fails" code_is 1
            ok "$name: all is undone" same_host
        else
            ok "$name: no domain is between" none_between
        fi
        reaches_goal "$@"
        n=$((n + 1))
    done
done

# A move that fails leaves its domain; the others go on.
use_host moves
spoiled fail:4 apply --yes "$@"
ok "mid fails" code_is 1
ok "mid fails: it says so" grep -q '^\[.*mid.*: failed: a fault' "$tmp/out"
ok "mid fails: how many" grep -q '^4 changes applied, 2 failed' "$tmp/out"
ok "mid fails: it is as before" stayed mid
ok "mid fails: big has no room" stayed big
ok "mid fails: web1 goes on" moved web1
run history "$@"
ok "mid fails: history" grep -q ' 4  applied  apply moves: mid: a fault' \
    "$tmp/out"
use_host moves
spoiled fail:6 apply --yes --json "$@"
ok "big fails, as JSON" code_is 1
ok "big fails, as JSON: the step" json_has '"step": "failed",'
ok "big fails: it is as before" stayed big
ok "big fails: the others are made" moved mid
ok "big fails: the others are made as well" moved web1
use_host moves
spoiled deny:4 apply --yes "$@"
ok "no move can be made" code_is 1
run history "$@"
ok "no move can be made: history" grep -q ' 3  applied  apply moves: mid:' \
    "$tmp/out"
use_host moves
spoiled half:4 apply --yes --quiet "$@"
ok "a move that was made counts, whatever was said" code_is 0
ok "a move that was made counts: it is there" moved mid

# What would not last is told.
use_host moves
spoiled fail:5 apply --yes --quiet "$@"
ok "stored masks that fail" code_is 0
ok "stored masks that fail: a note" one_error 'mid: it will not last'
use_host moves
spoiled lie:5 apply --yes --quiet "$@"
ok "stored masks that are not there" code_is 0
ok "stored masks that are not there: a note" \
    one_error 'mid: it will not last'

# Kills. A recorded host is written at the end: nothing has happened yet.
n=1
while [ "$n" -le "$nr" ]; do
    name=kill:$n
    use_host moves
    spoiled "$name" apply --yes --quiet "$@"
    ok "$name" code_is 137
    run apply --yes --quiet "$@"
    ok "$name: apply says to recover" one_error recover
    run recover "$@"
    ok "$name: recover" code_is 0
    ok "$name: as before" same_host
    reaches_goal "$@"
    n=$((n + 1))
done

# On a live host moves that were made before a kill are there: what has moved
# stays. made is what a kill after so many moves leaves.
for made in 1 2 3; do
    name="$made moved"
    use_host moves
    run apply --yes --quiet "$@" --max-moves "$made"
    cp "$host" "$tmp/made"
    use_host moves
    spoiled kill:$nr apply --yes --quiet "$@"
    cp "$tmp/made" "$host"
    run recover "$@"
    ok "$name: recover" code_is 0
    ok "$name: recover keeps it" grep -q '^Memory had begun to move' "$tmp/out"
    ok "$name: and changes nothing" cmp -s "$host" "$tmp/made"
    run history "$@"
    ok "$name: history" grep -q " $((affinities + made))  applied  .*cut off" \
        "$tmp/out"
    [ "$made" -lt 3 ] || continue
    reaches_goal "$@"
done

# A domain that is gone, or elsewhere, was not moved by us: all is undone. made
# has what comes before the moves.
use_host moves
run apply --yes --quiet "$@" --max-bytes 1
cp "$host" "$tmp/made"
for away in gone elsewhere; do
    use_host moves
    spoiled kill:$nr apply --yes --quiet "$@"
    if [ $away = gone ]; then
        sed 's/00000002-0000/0000000f-0000/' "$tmp/made" >"$host"
    else
        sed 's/"hard": "2-3"/"hard": "1"/' "$tmp/made" >"$host"
    fi
    run recover "$@"
    ok "$away: recover" code_is 0
    ok "$away: nothing stays" grep -qx 'The host is as it was before' "$tmp/out"
done

# A rollback that is cut off.
for n in 1 3 5 7 9; do
    name="rollback, kill:$n"
    use_host moves
    run apply --yes --quiet "$@"
    spoiled "kill:$n" rollback "$@"
    ok "$name" code_is 137
    run recover "$@"
    ok "$name: recover" code_is 0
    ok "$name: applied as it was" wanted_host
    run rollback "$@"
    ok "$name: and back" same_host
done

# A rollback of which one move fails: the rest of it is made, and it can be
# tried again.
use_host moves
run apply --yes --quiet "$@"
spoiled fail:1 rollback "$@"
ok "rollback, a move fails" code_is 1
ok "rollback, a move fails: no domain is between" none_between
run rollback "$@"
ok "rollback, a move fails: once more" code_is 0
ok "rollback, a move fails: the same bytes" same_host

# Moves come first in a rollback: one that fails after them says so.
use_host moves
run apply --yes --quiet "$@"
spoiled fail:7 rollback --quiet "$@"
ok "rollback, affinity fails" one_error 'memory that was moved back stays'
ok "rollback, affinity fails: memory is back" stayed big
run rollback --quiet "$@"
ok "rollback, affinity fails: once more" same_host

# Budgets: what is left is for another time.
use_host moves
run apply --yes "$@" --max-moves 1
ok "--max-moves" code_is 0
ok "--max-moves: the rest is left" grep -q '^4 changes applied, 2 left' \
    "$tmp/out"
ok "--max-moves: one is made" moved mid
ok "--max-moves: one is not" stayed big
name=--max-moves
reaches_goal "$@"
use_host moves
run apply --yes "$@" --max-bytes 700M
ok "--max-bytes" code_is 0
ok "--max-bytes: two are made" moved big
ok "--max-bytes: one is not" stayed web1
name=--max-bytes
reaches_goal "$@"
use_host moves
run apply --yes "$@" --max-bytes 100M
ok "--max-bytes, a small one" code_is 0
ok "--max-bytes, a small one: it is made" moved web1
use_host moves
sed 's/"memory_kb": 409600/"memory_kb": 204800/
    s/"max_memory_kb": 410624/"max_memory_kb": 205824/
    s/\[409600,0,0,0\]/[204800,0,0,0]/' "$host" >"$host.new"
mv "$host.new" "$host"
cp "$host" "$tmp/smaller"
run apply --yes "$@" --max-bytes 250M
ok "--max-bytes, who needs the room of one that is left" code_is 0
ok "--max-bytes: it says so" \
    grep -q 'big: .*not moved: left for another time: it needs the room' \
    "$tmp/out"
use_host moves
name="--max-bytes, once more"
reaches_goal "$@"
use_host moves
run apply --yes --json "$@" --max-bytes 1K
ok "--max-bytes for none" code_is 0
ok "--max-bytes for none: kept" json_has '"step": "kept",'
ok "--max-bytes for none: as before" stayed web1
use_host moves
run apply --yes "$@" --max-time 600
ok "--max-time" code_is 0
ok "--max-time: time enough" wanted_host
use_host moves
run apply --yes --quiet "$@" --max-bytes 8388609T
ok "--max-bytes of 64 bits" code_is 64
run apply --yes --quiet "$@" --max-bytes 8388608T
ok "--max-bytes, the most" wanted_host
use_host moves
run apply --yes --quiet "$@" --max-bytes 17179869184
ok "--max-bytes, plain bytes" wanted_host
use_host moves
run apply --yes "$@" --at-once 3
ok "--at-once" code_is 0
ok "--at-once: the same" wanted_host
run apply --yes "$@" --max-moves 1
ok "a budget for nothing to do" grep -q '^Nothing to do' "$tmp/out"

# Where nothing but moves is left, a budget for none leaves no trace.
use_host moves
sed -n '/name:calm/,$!p' "$tmp/moves.xml" >"$tmp/only.xml"
echo '</policy>' >>"$tmp/only.xml"
run apply --yes --host "$host" --policy "$tmp/only.xml" --max-bytes 1
ok "nothing was changed" code_is 0
ok "nothing was changed: it says so" grep -q '^nothing was changed, 3 left' \
    "$tmp/out"
ok "nothing was changed: as before" same_host
run history --host "$host"
ok "nothing was changed: no history" grep -q '^Nothing was changed' "$tmp/out"

for words in "--max-moves 0" "--max-moves -1" "--max-moves 1x" \
    "--max-moves 1000001" "--max-bytes 0" "--max-bytes G" "--max-bytes 1P" \
    "--max-bytes 1.5G" "--max-bytes 99999999T" "--max-time 0" \
    "--max-time 1h" "--max-time 99999999" "--at-once 0" "--at-once 65"; do
    use_host moves
    # shellcheck disable=SC2086
    run apply --yes "$@" $words
    ok "$words" code_is 64
    ok "$words: one line" one_error "${words%% *}"
    case $words in
    *max-time*) ok "$words: the most" one_error '1 to 31536000$' ;;
    *at-once*) ok "$words: the most" one_error '1 to 64$' ;;
    esac
    ok "$words: untouched" untouched
done

# What cannot be moved while it runs.
pause_policy()
{
    cat <<X
<policy name="pause">
  <domains match="name:old"><numa placement="0" memory="follow" $1/></domains>
</policy>
X
}

use_host moves
pause_policy "" >"$tmp/never.xml"
pause_policy 'pause="allow"' >"$tmp/allow.xml"
run plan --host "$host" --policy "$tmp/never.xml"
ok "it is not paused unasked" grep -q 'blocked: a PV domain cannot' "$tmp/out"
run check --host "$host" --policy "$tmp/never.xml"
ok "check counts it" code_is 2
run plan --host "$host" --policy "$tmp/never.xml" --allow-pause --json
ok "--allow-pause" json_has '"how": "pause"'
run plan --host "$host" --policy "$tmp/allow.xml" --json
ok "pause=\"allow\"" json_has '"how": "pause"'
run apply --yes --host "$host" --policy "$tmp/never.xml" --allow-pause
ok "apply --allow-pause" grep -q '^\[.*old: memory on node 2 -> 0' "$tmp/out"
run check --host "$host" --policy "$tmp/never.xml" --allow-pause
ok "check after it" code_is 0
run rollback --host "$host"
ok "rollback of it" same_host

# Two that want each other's place, and one that waits on a third node for it.
use_host moves
cat >"$tmp/swap.xml" <<X
<policy name="swap">
  <domains match="name:big">
    <numa placement="1" mode="hard" memory="follow"/>
  </domains>
  <domains match="name:mid">
    <numa placement="0" mode="hard" memory="follow"/>
  </domains>
</policy>
X
run apply --yes --host "$host" --policy "$tmp/swap.xml"
ok "a swap" code_is 0
ok "a swap: one waits elsewhere" grep -q '^\[1/3\] mid: memory on node 1 -> 2' \
    "$tmp/out"
run check --host "$host" --policy "$tmp/swap.xml"
ok "a swap: all is as wanted" code_is 0
run rollback --host "$host"
ok "a swap, rolled back" same_host

# Without the other's leave there is no room, which is told; and its vCPUs do
# not leave the memory behind.
cat >"$tmp/no-room.xml" <<X
<policy name="no-room">
  <domains match="name:big">
    <numa placement="1" mode="hard" memory="follow"/>
  </domains>
</policy>
X
run check --host "$host" --policy "$tmp/no-room.xml"
ok "no room" code_is 2
ok "no room: where, and how much" grep -q \
    'blocked: .*node 1 .*120 MiB are free there and 409 MiB needed' "$tmp/out"
run apply --yes --host "$host" --policy "$tmp/no-room.xml"
ok "no room: nothing is changed" same_host
