# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh source=tests/cli/lib.sh
# Plan, apply, and back.
. ./lib.sh

for h in 2x2 4x4; do
    for p in balanced low-latency high-throughput; do
        name="$h, $p"
        set -- --policy "$top/policies/$p.xml"
        use_host $h
        cd "$tmp/dir" || exit 1
        run --host h.json plan "$@"
        ok "$name: plan" expected "$h.plan-$p"
        actions=$(grep -c '^  [^ ]' "$tmp/out")
        ok "$name: plan changes nothing" untouched
        run --host h.json plan "$@" --json
        ok "$name: plan as JSON" expected "$h.plan-$p.json"
        [ "$actions" -gt 0 ] || continue
        run --host h.json apply --yes "$@"
        ok "$name: apply" code_is 0
        run --host h.json plan "$@"
        ok "$name: plan after apply is empty" \
            grep -q '^Nothing to do' "$tmp/out"
        ok "$name: plan after apply, exit code" code_is 0
        run --host h.json rollback
        ok "$name: rollback" code_is 0
        ok "$name: the same bytes as before" same_host
    done
done

use_host 4x4
set -- --host "$host" --policy "$policy"
run plan "$@" --quiet
ok "plan --quiet" code_is 2
ok "plan --quiet prints nothing" quiet_stdout
run check "$@"
ok "check: difference" code_is 2
run apply "$@" --yes
ok "apply shows the plan" grep -q '^Changes:' "$tmp/out"
ok "apply shows progress" grep -q '^\[1/10\] web1 vCPU 0: soft' "$tmp/out"
ok "apply says how to undo it" grep -q 'xltune rollback' "$tmp/out"
run check "$@"
ok "check: what is blocked counts" code_is 2
run plan "$@"
ok "plan: what is blocked does not" code_is 0
run apply "$@" --yes
ok "apply again: nothing to do" grep -q '^Nothing to do' "$tmp/out"
ok "apply again: exit code" code_is 0
run history "$@"
ok "history" grep -q '^ *1 .*applied.*apply balanced' "$tmp/out"
run rollback "$@" --quiet
ok "rollback --quiet" quiet_stdout
ok "rollback" same_host
run rollback "$@"
ok "nothing more to roll back" one_error ""
ok "nothing more to roll back: exit code" code_is 1
run history "$@"
ok "history after it" grep -q '^ *1 .*rolled-back' "$tmp/out"
run recover "$@"
ok "nothing to recover" code_is 0

run apply "$@" --yes --quiet
ok "apply --quiet" quiet_stdout
run rollback "$@"
ok "and back" same_host

# What another hand changed is not put back, but by force.
run apply "$@" --yes
run vcpu-pin web1 0 0 --host "$host"
run rollback "$@"
ok "the last change is undone first" code_is 0
sed 's/"soft": "4-7,12-15"/"soft": "1"/' "$host" >"$host.new"
mv "$host.new" "$host"
run rollback "$@"
ok "rollback of what has changed since" one_error ""
ok "rollback of what has changed since: exit code" code_is 1
run rollback "$@" --force
ok "rollback --force" same_host

# Affinities by hand.
masks()
{
    run vcpu-list "$1" --host "$host"
    sed -n 's/.*[0-9]  \(.* \/ .*\)/\1/p' "$tmp/out" | tr '\n' ';'
}

use_host 4x4
run vcpu-pin batch1 0 0-3 --host "$host"
ok "vcpu-pin is quiet" [ ! -s "$tmp/out" ]
ok "vcpu-pin: no note" [ ! -s "$tmp/err" ]
run vcpu-pin web1 0 0-3 --host "$host"
ok "one vCPU" [ "$(masks web1)" = "0-3 / 4-7;all / 4-7;all / 4-7;all / 4-7;" ]
run vcpu-pin web1 all node:2 - --host "$host"
ok "all of them, hard" [ "$(masks web1)" = \
    "8-11 / 4-7;8-11 / 4-7;8-11 / 4-7;8-11 / 4-7;" ]
run vcpu-pin web1 all - all --host "$host"
ok "all of them, soft" [ "$(masks web1)" = \
    "8-11 / all;8-11 / all;8-11 / all;8-11 / all;" ]
run vcpu-pin 2 3 all,^5 0-1,^0,7 --host "$host"
ok "both masks" [ "$(masks web1)" = \
    "8-11 / all;8-11 / all;8-11 / all;0-4,6-15 / 1,7;" ]
run vcpu-pin web1 3 - 1,7 --host "$host"
ok "what is so already" code_is 0
for i in 1 2 3 4 5; do
    run rollback --host "$host"
    ok "rollback of pin $i" code_is 0
done
ok "all pins undone" same_host

sed 's/"cpus": "0-15"/"cpus": "0-7"/; s/"hard": "8-11"/"hard": "all"/' \
    "$hosts/4x4.json" >"$host"
run vcpu-pin web1 0 6-9 --host "$host"
ok "a mask that Xen takes in part" code_is 0
ok "a mask that Xen takes in part: a note" one_error \
    'web1/0: effective hard affinity is 6-7, not 6-9'

# The folder that it is in is a link, the file is one too.
use_host 2x2
ln -s h.json "$tmp/dir/link.json"
run vcpu-pin web1 0 1 --host "$tmp/dir/link.json"
ok "a link to the host stays one" [ -L "$tmp/dir/link.json" ]
ok "and its file is changed" not_same_host
chmod 600 "$host"
run rollback --host "$tmp/dir/link.json"
ok "rollback through the link" same_host
ok "the mode of the file is kept" [ "$(stat -c %a "$host")" = 600 ]
