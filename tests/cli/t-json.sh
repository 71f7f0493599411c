# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh source=tests/cli/lib.sh
# With --json there is one document on stdout, for an error as well.
. ./lib.sh

json_error()
{
    code_is "$1" && one_error "" && json_has "\"code\": \"$2\"" &&
        [ "$(sed -n 2p "$tmp/out")" = '  "error": {' ] && untouched
}

use_host 2x2
run --host "$host" list nosuch --json
ok "unknown domain" json_error 1 not-found
run --json --host "$host" vcpu-pin web1 0 9
ok "unknown CPU" json_error 1 invalid
run --json frobnicate
ok "unknown command" json_error 64 invalid
run --frob --json
ok "wrong usage before --json" json_error 64 invalid
run --host "$host" apply --policy "$policy" --json
ok "apply without --yes" json_error 64 invalid
run --host "$host" info --json xen_version
ok "info KEY" json_error 64 invalid
run --host "$tmp/none" list --json
ok "no such file" json_error 1 not-found
run --host "$host" rollback --json
ok "nothing to roll back" json_error 1 not-found
if [ ! -e /proc/xen/privcmd ]; then
    run list --json
    ok "no Xen" json_error 1 no-xen
fi

run --host "$host" plan --policy "$policy" --json
ok "plan" json_has '"schema": "xtune/plan/1"'
cp "$tmp/out" "$tmp/plan"
run --host "$host" check --policy "$policy" --json
ok "check is the plan" cmp -s "$tmp/plan" "$tmp/out"
(cd "$tmp/dir" && mv h.json other.json &&
    "$BUILD/xltune" plan --json --policy "$policy" --host other.json >"$tmp/out"
    mv other.json h.json)
ok "plan does not say where the host came from" \
    cmp -s "$tmp/plan" "$tmp/out"

run --host "$host" history --json
ok "history, empty" json_has '"entries": \[\]'
run --host "$host" recover --json
ok "recover, nothing to do" json_has '"result": "nothing"'
run --host "$host" apply --policy "$policy" --json --yes
ok "apply" json_has '"result": "applied"'
ok "apply: each step" json_has '"step": "done"'
ok "apply: nothing else" [ ! -s "$tmp/err" ]
run --host "$host" apply --policy "$policy" --json --yes
ok "apply again" json_has '"result": "nothing"'
run --host "$host" history --json
ok "history" json_has '"result": "applied"'
run --host "$host" rollback --json
ok "rollback" json_has '"result": "rolled-back"'
run --host "$host" vcpu-pin web1 0 0 --json
ok "vcpu-pin" json_has '"result": "applied"'
