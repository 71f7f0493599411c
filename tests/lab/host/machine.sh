# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# One run of the machine: its folder, its end, and nothing left behind.

machine_folder() {
    run=$(mktemp -d "${TMPDIR:-/tmp}/xltune-lab.XXXXXXXX")
    qemu_pid='' tail_pid=''
    trap machine_clean EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 141' PIPE
    trap 'exit 143' TERM
}

machine_clean() {
    trap '' HUP INT PIPE TERM
    [ -z "$qemu_pid" ] || kill -KILL "$qemu_pid" 2> /dev/null || true
    [ -z "$tail_pid" ] || kill -KILL "$tail_pid" 2> /dev/null || true
    wait 2> /dev/null || true
    rm -rf "$run"
}

# Both die with us, however we do.
machine_start() {
    note "booting ${topology##*/}"
    setpriv --pdeathsig KILL -- "${qemu[@]}" < /dev/null \
        > "$run/qemu" 2>&1 &
    qemu_pid=$!
    setpriv --pdeathsig KILL -- tail -c +1 -s 0.1 -f --pid="$qemu_pid" \
        "$run/output" < /dev/null &
    tail_pid=$!
}

machine_stop() {
    kill -KILL "$qemu_pid" 2> /dev/null || true
    wait "$qemu_pid" 2> /dev/null || true
    qemu_pid=''
    # It ends by itself when it has passed all on.
    wait "$tail_pid" || true
    tail_pid=''
}

machine_died='Panic on CPU|Kernel panic - not syncing|Hardware Dom0 (crashed|shutdown|halted)|Reboot disabled on cmdline'

# Sets $end: exit, died or time.
machine_watch() {
    local deadline=$((SECONDS + timeout))
    end=''
    while [ -z "$end" ]; do
        sleep 0.2
        if grep -q '^exit ' "$run/steps"; then
            end=exit
        elif grep -qE "$machine_died" "$run/console"; then
            sleep 1
            end=died
        elif ! kill -0 "$qemu_pid" 2> /dev/null; then
            end=died
        elif [ "$SECONDS" -ge "$deadline" ]; then
            end=time
        fi
    done
}

machine_log() {
    tr -d '\r' < "$run/console"
    cat "$run/qemu"
}

# Only a failure of the machine, not the script's, shows its log.
machine_blame() {
    local code=$1 kept=$log
    shift
    [ -n "$kept" ] || kept=$(mktemp "${TMPDIR:-/tmp}/xltune-lab-log.XXXXXX")
    machine_log > "$kept"
    {
        echo "lab: the last lines of the script's output:"
        tail -n 5 "$run/output"
        echo "lab: the last lines of the log, which is $kept:"
        tail -n 20 "$kept"
    } >&2
    fail "$code" "$@"
}

machine_fetch() {
    [ -n "$out" ] && [ -s "$run/out" ] || return 0
    tar -C "$out" -xzf "$run/out" --no-same-owner ||
        machine_blame 125 "what came back from /out is broken"
}

machine_run() {
    local code
    machine_start
    machine_watch
    machine_stop
    [ -z "$log" ] || machine_log > "$log"
    case $end in
    exit)
        machine_fetch
        code=$(awk '$1 == "exit" { print $2 + 0; exit }' "$run/steps")
        exit "$code"
        ;;
    died) machine_blame 125 "Xen or its dom0 died" ;;
    time) machine_blame 124 "out of time after $timeout seconds" ;;
    esac
}
