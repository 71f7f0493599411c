# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh source=tests/cli/lib.sh
# What lies beside a host: its lock, journal and history, whole or damaged.
. ./lib.sh

apply()
{
    run apply --yes --quiet --policy "$policy" --host "$host"
}

# A writer that waits must not work on the host as it was before.
if command -v flock >/dev/null; then
    use_host 4x4
    mkdir "$host.d"
    (
        flock 9
        sleep 1
        cp "$tmp/changed" "$tmp/dir/new"
        mv "$tmp/dir/new" "$host"
    ) 9>"$host.d/lock" &
    cp "$host" "$tmp/h2.json"
    "$BUILD/xltune" vcpu-pin web1 0 8 --host "$tmp/h2.json"
    cp "$tmp/h2.json" "$tmp/changed"
    sleep 0.3
    run vcpu-pin web1 1 9 --host "$host"
    wait
    run vcpu-list web1 --host "$host"
    hard=$(sed -n 's/.*[0-9]  \(.*\) \/ .*/\1/p' "$tmp/out" | head -n 2 |
        tr '\n' ' ')
    ok "what was written while it waited is kept" [ "$hard" = "8 9 " ]
fi

use_host 4x4
ln -s h.json "$tmp/dir/link.json"
run vcpu-pin web1 0 8 --host "$tmp/dir/link.json"
ok "by another name: changed" code_is 0
ok "the link is a link still" [ -L "$tmp/dir/link.json" ]
run rollback --host "$host"
ok "by another name: the same history" code_is 0
ok "and the same host" same_host

use_host 4x4
"$BUILD/xltune" apply --yes --policy "$policy" --host "$host" >&- 2>"$tmp/err"
code=$? ran="apply with stdout closed"
ok "stdout closed" code_is 1
ok "stdout closed: nothing in the lock" [ ! -s "$host.d/lock" ]
"$BUILD/xltune" list --host "$host" >&- 2>"$tmp/err"
code=$? ran="list with stdout closed"
ok "list with stdout closed" code_is 1

use_host 4x4
XLTUNE_FAULT=kill:2
export XLTUNE_FAULT
apply
unset XLTUNE_FAULT
sed 's,xtune/journal/1,xtune/journal/9,' "$host.d/journal.json" >"$tmp/j"
cp "$tmp/j" "$host.d/journal.json"
run recover --host "$host"
ok "a journal of a newer schema is refused" code_is 1
ok "with one line" one_error 'xtune/journal/9'
ok "and kept" [ -e "$host.d/journal.json" ]
echo '{' >"$host.d/journal.json"
run recover --host "$host"
ok "a damaged journal is refused" code_is 1
ok "with the way out" one_error 'move this file away'

use_host 4x4
apply
echo '{' >"$host.d/history/000002.json"
run history --host "$host"
ok "a damaged entry does not hide the others" grep -q unreadable "$tmp/out"
ok "history goes on" code_is 0
run rollback --host "$host"
ok "nothing is rolled back past it" code_is 1
ok "with the way out" one_error 'move this file away'
rm "$host.d/history/000002.json"
run rollback --host "$host"
ok "without it the rollback works" same_host

use_host 4x4
mkdir -p "$host.d"
echo '{"schema": "xtune/journal/1", "id": 1, "result": "running", "time": "t",
    "title": "t", "actions": []}' >"$host.d/journal.json"
run recover --host "$host"
ok "a journal without a history" code_is 0

use_host 4x4
mkdir -p "$host.d/history"
apply
mv "$host.d/history/000001.json" "$host.d/history/999999.json"
run vcpu-pin web1 0 8 --host "$host"
run rollback --host "$host"
run rollback --host "$host"
ok "numbers of more digits" same_host
