# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh source=tests/cli/lib.sh
# What the commands print of recorded hosts.
. ./lib.sh

all_well()
{
    code_is 0 && [ ! -s "$tmp/err" ] && untouched
}

for h in 2x2 4x4; do
    use_host $h
    # A report may name the file.
    cd "$tmp/dir" || exit 1
    for words in "info" "info -n" "list" "list -n" "list -c" "list -n -c" \
        "vcpu-list" "residency" "list --json" "vcpu-list --json" \
        "info -n --json" "residency --json"; do
        # shellcheck disable=SC2086
        run $words --host h.json
        ok "$h: $words" expected "$h.$(echo "$words" | tr -s ' -' -)"
        ok "$h: $words changes nothing" all_well
    done
    run snapshot --host h.json
    ok "$h: snapshot is canonical" cmp -s "$tmp/out" h.json
done

use_host 4x4
run --host "$host" list web1 0 web1
names=$(awk '{ print $1 }' "$tmp/out" | tr '\n' ' ')
ok "domains in the order asked for" [ "$names" = "Name web1 Domain-0 web1 " ]

run --host "$host" vcpu-list db-main --json
ok "JSON of one domain" json_has '"name": "db-main"'
ok "not of others" [ "$(grep -c '"uuid"' "$tmp/out")" -eq 1 ]

run --host "$host" list 00000002-0000-4000-8000-000000000002
ok "a domain by its uuid" grep -q '^web1 ' "$tmp/out"

run --host "$host" info xen_sched
ok "info KEY" [ "$(cat "$tmp/out")" = credit2 ]
run --host "$host" info c
ok "info KEY matches beginnings" [ "$(wc -l <"$tmp/out")" -eq 6 ]
run --host "$host" info nothing
ok "info KEY that is not there" one_error nothing
ok "info KEY that is not there: exit code" code_is 1

run --host "$host" residency --residency=none
ok "residency not known" grep -q '^web1 .* unknown' "$tmp/out"
run --host "$host" residency --residency none web1 --json
ok "residency not known, JSON" json_has '"local_memory_pct": null'

# A name can steer no terminal; there is none in what xl lets through.
esc='\\u001b[2J\\u0085'
sed "s/\"web1\"/\"w$esc\"/" "$hosts/2x2.json" >"$host"
for c in list vcpu-list residency; do
    run --host "$host" "$c"
    ok "$c: no escape sequences" grep -q '^w\\x1b\[2J\\xc2\\x85 ' "$tmp/out"
done
run --host "$host" vcpu-list "$(printf 'a\302\233\377b\303\251')"
ok "nor in errors" grep -q "$(printf ' a\\\\xc2\\\\x9b\\\\xffb\303\251: ')" "$tmp/err"
