# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2154
#
# One run of the machine: its folder, its end, and nothing left behind.

# The lock tells a run that lives from one that was killed outright.
machine_folder() {
    run=$(mktemp -d "$temp/xltune-lab.XXXXXXXX")
    exec {run_lock}> "$run/lock"
    flock "$run_lock"
    qemu_pid='' tail_pid='' cat_pid=''
    trap machine_clean EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 141' PIPE
    trap 'exit 143' TERM
    machine_prune
}

# A minute is for one that has not locked its folder yet.
machine_prune() {
    local dir
    while IFS= read -r dir; do
        [ ! -f "$dir/lock" ] || flock -n "$dir/lock" rm -rf "$dir" || true
    done < <(find "$temp" -maxdepth 1 -name 'xltune-lab.????????' \
        -user "$(id -u)" -type d -mmin +1)
}

machine_clean() {
    trap '' HUP INT PIPE TERM
    [ -z "$qemu_pid" ] || kill -KILL "$qemu_pid" 2> /dev/null || true
    [ -z "$tail_pid" ] || kill -KILL "$tail_pid" 2> /dev/null || true
    [ -z "$cat_pid" ] || kill -KILL "$cat_pid" 2> /dev/null || true
    wait 2> /dev/null || true
    rm -rf "$run"
}

# QEMU's monitor, for what scripts ask for: it waits for whoever does not read
# what it says.
machine_monitor() {
    rm -f "$run"/monitor.{in,out}
    mkfifo "$run"/monitor.{in,out}
    exec {monitor}<> "$run/monitor.in" {asked}< "$run/asked"
    setpriv --pdeathsig KILL -- cat "$run/monitor.out" > "$run/monitor" \
        < /dev/null &
    cat_pid=$!
}

# All die with us, however we do.
machine_start() {
    note "booting ${topology##*/}"
    asked_part=''
    [ ${#topo_usb[@]} = 0 ] || machine_monitor
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
    [ -n "$cat_pid" ] || return 0
    kill -KILL "$cat_pid" 2> /dev/null || true
    wait "$cat_pid" 2> /dev/null || true
    cat_pid=''
    exec {monitor}>&- {asked}<&-
}

# What dom0's lib.sh sends: "unplug NAME", "plug NAME PORT".
machine_do() {
    local verb name port
    read -r verb name port <<< "$1"
    case $verb${usb_devices[${name:--}]+ known}$port in
    'unplug known') printf 'device_del %s\n' "$name" ;;
    'plug known'[1-9] | 'plug known'[1-9].[1-9])
        printf 'device_add %s,port=%s\n' "${usb_devices[$name]}" "$port"
        ;;
    *) note "asked for \"$1\", which is nothing that can be done" ;;
    esac >&"$monitor"
}

# What was asked for since; the last line may be there in part.
machine_hear() {
    local line
    while IFS= read -r -u "$asked" line; do
        machine_do "$asked_part$line"
        asked_part=''
    done
    asked_part+=$line
}

# What Xen and dom0 say when they die; guests have another prefix.
machine_died='^\(XEN\) (Panic on CPU|Hardware Dom0 )|^\[[^]]*\] Kernel panic'

machine_reason() {
    grep -m1 -E "$machine_died" "$run/console" | tr -d '\r' ||
        echo "the machine went off"
}

# So long dom0 has for its first word, which takes it ten seconds or so: under
# emulation it hangs now and then before it has said anything.
machine_silence=100

# Sets $end: exit, died, silent or time. $deadline: when it is to end at last.
machine_watch() {
    local silent=$((SECONDS + machine_silence))
    end=''
    while [ -z "$end" ]; do
        sleep 0.2
        [ -z "$cat_pid" ] || machine_hear
        if grep -q '^exit [0-9]* done$' "$run/steps"; then
            end="exit"
        elif grep -qE "$machine_died" "$run/console"; then
            sleep 1
            end="died"
        elif ! kill -0 "$qemu_pid" 2> /dev/null; then
            end="died"
        elif [ "$SECONDS" -ge "$deadline" ]; then
            end="time"
        elif [ "$SECONDS" -ge "$silent" ] && [ ! -s "$run/steps" ]; then
            end="silent"
        fi
    done
}

machine_log() {
    tr -d '\r' < "$run/console"
    cat "$run/qemu"
    [ ! -e "$run/monitor" ] || tr -d '\r' < "$run/monitor" | grep Error || true
}

# Kept where the user said, and when something failed: the last twenty.
machine_keep_log() {
    local logs=$cache/logs old
    [ -z "$log" ] || { machine_log > "$log"; return; }
    mkdir -p "$logs"
    log=$logs/${topology##*/}.${run##*.}
    machine_log > "$log"
    find "$logs" -type f -printf '%T@ %p\n' | sort -rn | tail -n +21 |
        while read -r _ old; do rm -f "$old"; done
}

machine_blame() {
    local code=$1
    shift
    machine_keep_log
    {
        echo "lab: the last lines of the script's output:"
        tail -n 5 "$run/output"
        echo "lab: the last lines of Xen's and dom0's log:"
        tail -n 20 "$log"
        echo "lab: all of it is in $log"
    } >&2
    fail "$code" "$@"
}

machine_fetch() {
    [ -n "$out" ] && [ -s "$run/out" ] || return 0
    tar -C "$out" -xzf "$run/out" --no-same-owner -p ||
        machine_blame 125 "what came back from /out is broken"
}

machine_result() {
    local code
    code=$(awk '$1 == "exit" { print $2 + 0; exit }' "$run/steps")
    machine_fetch
    if [ "$code" != 0 ] || [ -n "$log" ]; then machine_keep_log; fi
    [ "$code" = 0 ] ||
        note "the script's exit code is $code; Xen's and dom0's log: $log"
    exit "$code"
}

machine_run() {
    local deadline=$((SECONDS + timeout))
    end="silent"
    while [ "$end" = silent ]; do
        machine_start
        machine_watch
        machine_stop
        [ "$end" != silent ] || note "dom0 has not begun: once more"
    done
    case $end in
    exit) machine_result ;;
    died) machine_blame 125 "Xen or its dom0 died: $(machine_reason)" ;;
    time) machine_blame 124 "out of time after $timeout seconds" ;;
    esac
}
