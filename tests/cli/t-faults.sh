# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh source=tests/cli/lib.sh
# A fault at every single action of a plan, and a kill between any two.
. ./lib.sh

use_host 4x4
set -- --host "$host" --policy "$policy"
run plan "$@" --json
grep '"object"' "$tmp/out" | sed 's/.*: "\(.*\)",/\1/' >"$tmp/objects"
nr=$(sed '/"blocked"/,$d' "$tmp/out" | grep -c '"object"')
ok "there are actions" [ "$nr" -gt 1 ]

# The error names the N-th object and the host is as it was.
undone()
{
    code_is 1 && one_error "$(sed -n "$1p" "$tmp/objects")" && same_host
}

# The lines before it name what could not be put back.
last_error()
{
    tail -n 1 "$tmp/err" | grep -q "^xltune: $1: .*recover"
}

for kind in fail half lie deny; do
    n=1
    while [ "$n" -le "$nr" ]; do
        use_host 4x4
        fault "$kind:$n" apply --yes --quiet "$@"
        # Nothing can be put back while every change is denied.
        if [ $kind = deny ] && [ "$n" -gt 1 ]; then
            ok "$kind:$n is an error" code_is 1
            ok "$kind:$n: the last line names it" last_error \
                "$(sed -n "${n}p" "$tmp/objects")"
            run recover "$@"
            ok "$kind:$n: recover" code_is 0
            ok "$kind:$n: as before" same_host
        else
            ok "$kind:$n" undone "$n"
        fi
        run recover "$@"
        ok "$kind:$n: nothing left to recover" \
            grep -q '^Nothing to recover' "$tmp/out"
        run rollback "$@"
        ok "$kind:$n: nothing to roll back" code_is 1
        n=$((n + 1))
    done
done

# A kill before each change, and after the last, which is no kill.
n=1
while [ "$n" -le $((nr + 1)) ]; do
    use_host 4x4
    fault "kill:$n" apply --yes --quiet "$@"
    if [ "$n" -gt "$nr" ]; then
        ok "kill:$n comes too late" code_is 0
        run rollback "$@"
        ok "kill:$n: rollback" same_host
        break
    fi
    ok "kill:$n" code_is 137
    run apply --yes --quiet "$@"
    ok "kill:$n: apply says to recover" one_error recover
    run history "$@"
    ok "kill:$n: history says so too" grep -q 'xltune recover' "$tmp/out"
    run recover "$@"
    ok "kill:$n: recover" code_is 0
    ok "kill:$n: as before" same_host
    run recover "$@"
    ok "kill:$n: recover again" code_is 0
    run apply --yes --quiet "$@"
    ok "kill:$n: apply works again" code_is 0
    run rollback "$@"
    ok "kill:$n: and back" same_host
    n=$((n + 1))
done

# A rollback that is cut off.
for n in 1 2 "$nr"; do
    use_host 4x4
    run apply --yes --quiet "$@"
    cp "$host" "$tmp/applied"
    fault "kill:$n" rollback "$@"
    ok "rollback, kill:$n" code_is 137
    run recover "$@"
    ok "rollback, kill:$n: recover" code_is 0
    ok "rollback, kill:$n: applied as it was" \
        cmp -s "$host" "$tmp/applied"
    run rollback "$@"
    ok "rollback, kill:$n: and back" same_host
done
