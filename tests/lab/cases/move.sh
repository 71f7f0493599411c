#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# In dom0 of 2x2: xltune-move moves the memory of domains of each kind; what
# becomes of a domain when a move fails, or is killed, at many moments.
. /usr/share/lab/lib.sh

mover=/usr/libexec/xltune/xltune-move
on0='[{"hard": "0-1", "soft": "all"}]'
on1='[{"hard": "2-3", "soft": "all"}]'
both1='[{"hard": "2-3", "soft": "all"}, {"hard": "2-3", "soft": "all"}]'

# request NAME PAUSE NODES VCPUS [UUID]
request() {
    printf '{"domid": %s, "uuid": "%s", "name": "%s", "pause": %s' \
        "$(xl domid "$1")" "${5:-$(uuid_of "$1")}" "$1" "$2"
    printf ', "nodes": %s, "vcpus": %s}\n' "$3" "$4"
}

# move NAME PAUSE NODES VCPUS: what is said goes to /tmp/said; lock at 3.
move() {
    request "$@" > /tmp/request
    $mover move < /tmp/request > /tmp/said 2> /tmp/error 3> /tmp/lock
}

moved() {
    move "$@" || die "move $1: $(tail -n 1 /tmp/said)"
    grep -q "^done $(xl domid "$1") [0-9]* [0-9]* [0-9]* [0-9]*$" /tmp/said ||
        die "move $1: $(tail -n 1 /tmp/said)"
    grep -q '^paused$' /tmp/said || die "move $1: it was not seen paused"
    grep -q '^progress 1 [0-9]* [0-9]* [0-9]*$' /tmp/said ||
        die "move $1: no progress"
    [ ! -s /tmp/error ] || die "move $1: it says $(cat /tmp/error)"
    say "# $1: $(tail -n 1 /tmp/said)"
}

stored() {
    cat "/var/lib/xen/userdata-d.$(xl domid "$1").$(uuid_of "$1").libxl-json"
}

# The xl process that waits for a domain to end, and has not been stopped.
watcher_of() {
    wanted=$(xl domid "$1")
    for pid in $(pidof xl); do
        tr '\0' '\n' < "/proc/$pid/cmdline" | grep -q '^domid$' && continue
        grep -q '^State:.[SR]' "/proc/$pid/status" 2> /dev/null || continue
        sed -n "s/.*(domid \([0-9]*\)) to die \[pid $pid\]$/\1/p" \
            "/proc/$pid/fd/1" 2> /dev/null | tail -n 1 |
            grep -qx "$wanted" && echo "$pid"
    done
}

domains_with() {
    xl list -v | grep -c " $1 "
}

one_domain() {
    [ "$(domains_with "$1")" = 1 ]
}

# well NAME UUID: one domain, its name, watched.
well() {
    wait_for 10 one_domain "$2" || { xl list -v; die "$1: not one domain"; }
    [ "$(uuid_of "$1")" = "$2" ] || { xl list -v; die "$1: not its name"; }
    [ -n "$(watcher_of "$1")" ] || die "$1: no xl watches it"
    [ ! -e "/run/xltune/move-$2.lock" ] || die "$1: the lock file stays"
}

# Every second that the guest counted, once: none is lost, none was lived
# twice.
ticks_are_whole() {
    guest_log "$1" | tr -d '\r' | awk '$1 == "tick" { print $2 }' > /tmp/ticks
    sort -n /tmp/ticks | awk '$1 != NR { print NR, $1; exit 1 }' > /tmp/gap ||
        die "$1: tick $(cat /tmp/gap)"
    say "ok: $1 counted to $(wc -l < /tmp/ticks), nothing lost or lived twice"
}

# check_moved NAME UUID NODE MASKS
check_moved() {
    well "$1" "$2"
    expect_eq "node of $1" "$3" "$(node_of "$1")"
    expect_eq "masks of $1" "$4" "$(masks_of "$1")"
    ! stored "$1" | grep -q '"nodemap"' || die "$1: a node map is stored"
}

check_pvh() {
    mkguest linux-pvh web1 'cpus="0-1"'
    wait_for 60 _guest_past web1 1 || die "web1 does not count"
    uuid=$(uuid_of web1)
    expect_eq "node before" 0 "$(node_of web1)"
    expect_eq "check" ok "$($mover check "$(xl domid web1)" "$uuid")"
    moved web1 false null "$on1"
    check_moved web1 "$uuid" 1 "2-3 / all"
    guest_lives web1 || die "web1 does not go on"
    moved web1 false '"0"' "$on1"
    check_moved web1 "$uuid" 0 "2-3 / all"
    # Not the nodes it was built for: those of its masks.
    expect_eq "node affinity follows the masks" 1 \
        "$(xl list -n web1 | awk 'NR == 2 { print $NF }')"
    guest_lives web1 || die "web1 does not go on"
    ticks_are_whole web1
    # Nobody reads what is said.
    request web1 false null "$on0" > /tmp/request
    { $mover move < /tmp/request; echo $? > /tmp/code; } | true
    wait_for 30 test -s /tmp/code || die "a move that nobody watches"
    expect_eq "exit code of a move that nobody watches" 0 "$(cat /tmp/code)"
    check_moved web1 "$uuid" 0 "0-1 / all"
    guest_lives web1 || die "web1 does not go on"
    ticks_are_whole web1
}

has_restarted() {
    [ "$(xl domid web1)" -gt "$1" ] && [ -n "$(watcher_of web1)" ]
}

check_reboot() {
    id=$(xl domid web1)
    xl reboot web1 || die "web1 cannot be asked to reboot"
    wait_for 40 has_restarted "$id" || die "web1 does not restart"
    check_moved web1 "$uuid" "$1" "$2"
    say "ok: it restarts as it says, where its masks are"
}

# Before its firmware tires of finding no disk.
check_hvm() {
    mkguest hvm hvm1 'cpus="0-1"'
    moved hvm1 false null "$both1"
    check_moved hvm1 "$(uuid_of hvm1)" 1 "2-3 / all"
    xl destroy hvm1
}

check_pv() {
    mkguest linux-pv pv1 'cpus="0-1"' vcpus=1
    wait_for 60 _guest_past pv1 1 || die "pv1 does not count"
    pv_uuid=$(uuid_of pv1)
    move pv1 false null "$on1" && die "pv1 moved live"
    grep -q '^failed io pv1: cannot copy its memory' /tmp/said ||
        die "pv1: $(tail -n 1 /tmp/said)"
    say "ok: $(tail -n 1 /tmp/said)"
    well pv1 "$pv_uuid"
    moved pv1 true null "$on1"
    check_moved pv1 "$pv_uuid" 1 "2-3 / all"
    guest_lives pv1 || die "pv1 does not go on"
    ticks_are_whole pv1
    xl destroy pv1
}

# fails CODE PATTERN ARGUMENT-OF-MOVE...: and nothing has happened.
fails() {
    code=$1 pattern=$2
    shift 2
    id=$(xl domid web1)
    move "$@" && die "it moved"
    tail -n 1 /tmp/said | grep -q "^failed $code .*$pattern" ||
        die "wanted $code $pattern, got $(tail -n 1 /tmp/said)"
    say "ok: $(tail -n 1 /tmp/said)"
    expect_eq "domain id" "$id" "$(xl domid web1)"
    well web1 "$uuid"
}

check_refused() {
    fails gone gone web1 false null "$on1" 11111111-2222-3333-4444-555555555555
    fails refused UUID web1 false null "$on1" ../../../etc
    fails refused CPU web1 false null '[{"hard": "99", "soft": "all"}]'
    fails refused node web1 false '"7"' "$on1"
    fails refused member web1 false null 'null, "more": 1'
    fails refused vCPUs web1 false null "$both1"
    xl pause web1
    fails refused paused web1 false null "$on1"
    expect_eq "check says so" "refused web1: it is paused: unpause it first" \
        "$($mover check "$(xl domid web1)" "$uuid")"
    xl unpause web1
    mkdir /tmp/bin
    printf '#!/bin/sh\necho "error: no, thank you" >&2\nexit 3\n' > /tmp/bin/xl
    chmod 755 /tmp/bin/xl
    request web1 false null "$on1" > /tmp/request
    PATH=/tmp/bin:$PATH $mover move < /tmp/request > /tmp/said
    grep -q '^failed io .*"no, thank you"' /tmp/said ||
        die "$(tail -n 1 /tmp/said)"
    say "ok: $(tail -n 1 /tmp/said)"
    well web1 "$uuid"
}

# What the record of the move under way says: 5 is the receiver.
recorded() {
    cut -d ' ' -f "$1" "/run/xltune/move-$uuid.lock" 2> /dev/null
}

# begin: a move to the other node in the background, its process in $pid.
begin() {
    if [ "$to" = "$on1" ]; then to=$on0; else to=$on1; fi
    request web1 false null "$to" > /tmp/request
    $mover move < /tmp/request > /tmp/said 2>&1 &
    pid=$!
}

is_paused() {
    grep -q '^paused' /tmp/said
}

until_paused() {
    n=0
    until is_paused; do
        n=$((n + 1))
        [ $n -lt 1000 ] || die "it is never paused: $(cat /tmp/said)"
        usleep 10000
    done
}

# The receiver ends: the old one goes on, and its own xl still watches it.
check_receiver() {
    for when in early late; do
        watcher=$(watcher_of web1)
        begin
        if [ $when = late ]; then until_paused; else sleep 2; fi
        kill -9 "$(recorded 5)"
        wait $pid && die "it moved: $(cat /tmp/said)"
        say "ok: $(tail -n 1 /tmp/said)"
        well web1 "$uuid"
        expect_eq "who watches" "$watcher" "$(watcher_of web1)"
        guest_lives web1 || die "web1 does not go on"
    done
    begin
    sleep 1
    $mover move < /tmp/request > /tmp/second && die "it moves twice"
    grep -q '^failed busy ' /tmp/second || die "$(cat /tmp/second)"
    say "ok: $(cat /tmp/second)"
    wait $pid || die "$(tail -n 1 /tmp/said)"
    well web1 "$uuid"
}

# until_recorded FIELD: the record says something else than 0 there.
until_recorded() {
    until [ "$(recorded "$1")" -gt 0 ] 2> /dev/null; do
        kill -0 $pid 2> /dev/null || die "it ends: $(cat /tmp/said)"
    done
}

# until WHEN: the mover has come so far, or so many ms later.
until_then() {
    case $1 in
    paused*) until_paused ;;
    ready*) until_recorded 3 ;;
    go*) until_recorded 4 ;;
    esac
    usleep "$(echo "$1" | tr -d '[:lower:]')000"
}

# killed WHO WHEN...: at each of these moments, one move; then exactly one
# domain is left, and lives.
killed() {
    who=$1
    shift
    for when in "$@"; do
        begin
        until_then "$when"
        victims=$pid
        [ "$who" = mover ] || victims="$pid $(recorded 5)"
        # shellcheck disable=SC2086
        kill -9 $victims 2> /dev/null
        wait $pid 2> /dev/null
        settled=$($mover settle "$uuid" web1)
        well web1 "$uuid"
        guest_lives web1 || die "web1 does not go on: $settled"
        say "ok: $who killed at $when: $settled"
    done
}

check_kills() {
    killed mover 20 paused0 ready0 go0
    killed both 1500 paused150 go0
    expect_eq "nothing to settle" "settled none" "$($mover settle "$uuid" web1)"
    ticks_are_whole web1
}

# A domain that was renamed, and that no move of ours has touched, is well
# under its new name; so is one that a mover only locked.
check_renamed() {
    xl rename web1 other || die "web1 cannot be renamed"
    expect_eq "renamed" "settled none" "$($mover settle "$uuid" web1)"
    : > "/run/xltune/move-$uuid.lock"
    : > "/run/xltune/move-$uuid.lock.old"
    expect_eq "renamed, all" "settled none" "$($mover settle-all)"
    rm "/run/xltune/move-$uuid.lock.old"
    xl rename other web1
    expect_eq "none is there" "" "$($mover settle-all)"
    well web1 "$uuid"
}

# Whatever a log has come to, the watcher is found; and what is left by a
# mover that was killed is found by itself.
check_settle_all() {
    watcher=$(watcher_of web1)
    { head -c 5000000 /dev/zero | tr '\0' x; echo; } >> "/proc/$watcher/fd/1"
    begin
    until_paused
    kill -9 $pid
    wait $pid 2> /dev/null
    expect_eq "watcher with a long log" "$watcher" "$(recorded 7)"
    $mover move < /tmp/request > /tmp/second && die "it moves again"
    grep -q '^failed busy .*run "xltune recover"$' /tmp/second ||
        die "$(cat /tmp/second)"
    settled=$($mover settle-all) || die "settle-all: $settled"
    say "ok: settle-all: $settled"
    well web1 "$uuid"
    guest_lives web1 || die "web1 does not go on"
}

has_moved() {
    [ "$(xl domid web1)" != "$1" ] && [ ! -e "/run/xltune/move-$uuid.lock" ]
}

# Nobody reads, and the pipe is full: the move goes on, and says how it ended
# to whoever reads then.
check_full_pipe() {
    id=$(xl domid web1)
    request web1 false null "$on1" > /tmp/request
    {
        dd if=/dev/zero bs=4096 count=16 2> /dev/null
        exec $mover move < /tmp/request
    } | {
        wait_for 60 has_moved "$id" < /dev/null || say "it hangs"
        tr -d '\0'
    } > /tmp/said
    grep -q '^done ' /tmp/said || die "full pipe: $(cat /tmp/said)"
    say "ok: nobody reads: $(cat /tmp/said)"
    well web1 "$uuid"
}

check_unwatched() {
    xl destroy web1
    rm -f /var/log/xen/console/guest-web1*
    mkguest linux-pvh web1 'cpus="0-1"'
    wait_for 60 _guest_past web1 1 || die "web1 does not count"
    uuid=$(uuid_of web1)
    begin
    until_recorded 5
    kill -9 $pid "$(recorded 7)"
    wait $pid 2> /dev/null
    expect_eq "nobody watches" "settled old $(xl domid web1) unmonitored" \
        "$($mover settle-all)"
    guest_lives web1 || die "web1 does not go on"
}

to=$on0
check_pvh
check_reboot 0 "0-1 / all"
xl destroy web1
rm -f /var/log/xen/console/guest-web1*
check_hvm
check_pv
mkguest linux-pvh web1 'cpus="0-1"'
wait_for 60 _guest_past web1 1 || die "web1 does not count"
uuid=$(uuid_of web1)
check_refused
check_receiver
check_kills
check_renamed
check_settle_all
check_full_pipe
well web1 "$uuid"
check_reboot "$(node_of web1)" "$(masks_of web1)"
check_unwatched
say "move: done"
