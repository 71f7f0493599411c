# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh source=tests/cli/lib.sh
# Putting back changes of several steps when somebody was there in between:
# domains that are gone, and those that another hand has changed.
. ./lib.sh

cat >"$tmp/remade.xml" <<X
<policy name="remade"><host>
  <cpupool name="rt" scheduler="credit"/>
  <cpupool name="batch"/><cpupool name="pinned"/>
</host></policy>
X
cat >"$tmp/credit2.xml" <<X
<policy name="credit2"><host>
  <cpupool name="batch" scheduler="credit2"/>
  <cpupool name="rt"/><cpupool name="pinned"/>
</host></policy>
X

# edit_host gone NAME, or edit_host CPUS NAME: a domain goes, or its first vCPU
# is pinned.
edit_host()
{
    python3 - "$host" "$@" <<'X'
import json, os, sys
path, what, name = sys.argv[1:4]
host = json.load(open(path))
for domain in list(host["domains"]):
    if domain["name"] != name:
        continue
    if what == "gone":
        host["domains"].remove(domain)
    else:
        domain["vcpus"][0]["hard"] = what
json.dump(host, open(path + ".new", "w"))
os.rename(path + ".new", path)
X
}

# All but the pools' ids and one domain: how the host is put back.
look()
{
    "$BUILD/xltune" cpupool-list --host "$host" | awk '{ print $1, $2, $3 }' |
        sort
    "$BUILD/xltune" cpupool-list -c --host "$host" | sort
    for command in "list -c" vcpu-list; do
        # shellcheck disable=SC2086
        "$BUILD/xltune" $command --host "$host" | grep -v "^$1 "
    done
}

# begin POLICY DOMAIN: that is applied; what the host was but for a domain is
# kept.
begin()
{
    use_host pools-4x4
    look "$2" >"$tmp/looks"
    run apply --yes --quiet --policy "$tmp/$1.xml" --host "$host"
    ok "apply $1" code_is 0
    look "$2" >"$tmp/applied"
}

# as_at FILE DOMAIN
as_at()
{
    look "$2" | diff "$1" - | sed 's/^/#   /'
    look "$2" | cmp -s "$1" -
}

history_has()
{
    run history --host "$host"
    grep -q "$1" "$tmp/out"
}

pool_of()
{
    "$BUILD/xltune" list -c "$1" --host "$host" | awk 'NR == 2 { print $NF }'
}

cpus_of()
{
    "$BUILD/xltune" cpupool-list -c "$1" --host "$host" |
        awk 'NR == 2 { print $2 }'
}

first_mask()
{
    "$BUILD/xltune" vcpu-list "$1" --host "$host" |
        awk 'NR == 2 { print $(NF - 2) }'
}

soon()
{
    soon_n=0
    until "$@"; do
        soon_n=$((soon_n + 1))
        [ $soon_n -lt 100 ] || return 1
        sleep 0.1
    done
}

rollback()
{
    run rollback --host "$host" "$@"
}

command -v python3 >/dev/null || exit 0

# The domain that went by way of another pool is gone.
for words in "remade audio" "credit2 batch1" "credit2 batch2"; do
    # shellcheck disable=SC2086
    set -- $words
    for force in "" --force; do
        name="gone, $words $force"
        begin "$1" "$2"
        edit_host gone "$2"
        # shellcheck disable=SC2086
        rollback $force
        ok "$name: rollback" code_is 0
        ok "$name: said once" [ "$(grep -c "$2.*: gone" "$tmp/out")" -eq 1 ]
        ok "$name: the rest is back" as_at "$tmp/looks" "$2"
        ok "$name: history" history_has ' rolled-back '
    done
done

# Another hand has pinned it.
for words in "remade audio 6" "credit2 batch1 8"; do
    # shellcheck disable=SC2086
    set -- $words
    name="changed, $1 $2"
    begin "$1" "$2"
    edit_host "$3" "$2"
    rollback
    ok "$name: refused" code_is 1
    ok "$name: why" one_error "$2: it was changed by another hand"
    rollback --force
    ok "$name: --force" code_is 0
    ok "$name: all is back" as_at "$tmp/looks" "$2"
    ok "$name: that domain as well" [ "$(first_mask "$2")" = all ]
done

# Nobody confirms, but somebody was there: what hangs on that is left, the
# rest is not.
use_host pools-4x4
run apply --yes --quiet --policy "$tmp/remade.xml" --confirm-within 600 \
    --host "$host"
ok "to be confirmed" code_is 0
ok "free CPUs went to Pool-0" [ "$(cpus_of Pool-0)" = 0,1,2,3,10,11,14,15 ]
edit_host 6 audio
sed -i 's/"deadline_ms": [0-9]*/"deadline_ms": 1/' "$host.d/pending.json"
ok "left by the guard: history" soon history_has \
    'not confirmed within 600 s; what another hand changed since was left$'
ok "left by the guard: the mask" [ "$(first_mask audio)" = 6 ]
ok "left by the guard: its pool" [ "$(pool_of audio)" = rt ]
ok "left by the guard: the pool's CPUs" [ "$(cpus_of rt)" = 6,7 ]
ok "the rest is back" [ "$(cpus_of Pool-0)" = 0,1,2,3 ]

# A host in a file is as it was until all is done: who is killed before has
# changed nothing, however many steps had begun.
for policy in remade credit2; do
    n=1
    while [ $n -le 20 ]; do
        use_host pools-4x4
        fault "kill:$n" apply --yes --quiet --policy "$tmp/$policy.xml" \
            --host "$host"
        [ "$code" -eq 137 ] || break
        run recover --host "$host"
        ok "$policy, kill:$n: recover" code_is 0
        ok "$policy, kill:$n: as before" same_host
        run recover --host "$host"
        ok "$policy, kill:$n: nothing left to recover" \
            grep -q '^Nothing to recover' "$tmp/out"
        n=$((n + 1))
    done
    ok "$policy: many steps" [ $n -gt 5 ]
    ok "$policy: and then it is made" code_is 0
    # Killed between the last change and the end of the journal.
    sed 's/"applied"/"running"/' "$host.d/history/000001.json" \
        >"$host.d/journal.json"
    rm "$host.d/history/000001.json"
    echo 99 >"$host.d/journal.begun"
    run recover --host "$host"
    ok "$policy, cut off late: recover" code_is 0
    cp "$host" "$tmp/recovered"
    use_host pools-4x4
    look none >"$tmp/looks"
    cp "$tmp/recovered" "$host"
    ok "$policy, cut off late: as before" as_at "$tmp/looks" none
done

# What another hand has changed since stays, and it is said.
use_host pci
run cmdline set xen loglvl=all sched=credit --yes --host "$host"
sed 's/"applied"/"running"/' "$host.d/history/000001.json" \
    >"$host.d/journal.json"
rm "$host.d/history/000001.json"
sed -i 's/loglvl=all/loglvl=info/' "$host"
run recover --host "$host"
ok "another hand meanwhile: recover" code_is 0
ok "another hand meanwhile: it is said" grep -q \
    'before, but for 1 thing that another hand changed since, and that stays' \
    "$tmp/out"
ok "another hand meanwhile: it stays" grep -q 'loglvl=info' "$host"
