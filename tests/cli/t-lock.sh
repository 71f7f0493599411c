# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh source=tests/cli/lib.sh
# One writer at a time.
. ./lib.sh

use_host 4x4
i=0
while [ $i -lt 4 ]; do
    "$BUILD/xltune" vcpu-pin web1 $i $((i + 8)) all --host "$host" \
        2>"$tmp/err.$i" &
    i=$((i + 1))
done
wait
run vcpu-list web1 --host "$host"
hard=$(sed -n 's/.*[0-9]  \(.*\) \/ .*/\1/p' "$tmp/out" | tr '\n' ' ')
ok "four writers at once: none is lost" [ "$hard" = "8 9 10 11 " ]
ok "four writers at once: no error" [ ! -s "$tmp/err.0" ]
for i in 1 2 3 4; do
    run rollback --host "$host"
done
ok "and four times back" same_host

if command -v flock >/dev/null; then
    use_host 4x4
    mkdir "$host.d"
    exec 9>"$host.d/lock"
    flock 9
    echo "backup, process 1" >&9
    run vcpu-pin web1 0 0 --host "$host"
    ok "a writer that does not end" code_is 1
    ok "it is named" one_error "backup, process 1"
    ok "nothing has changed" same_host
    run list --host "$host"
    ok "readers do not wait" code_is 0
    exec 9>&-
fi
