#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# In dom0 of 2x2: the daemon sets the domains that plain "xl create" makes,
# sees drift, fights nobody, and does nothing where nothing differs.
. /usr/share/lab/lib.sh

nr=${nr:-100}
log=/tmp/watch.log trace=/tmp/watch.trace
interval=3

write_policy() {
    mkdir -p /etc/xltune/policy.d
    cat > /etc/xltune/policy.d/lab.xml << X
<policy name="$1">
  <domains match="name:enf*" enforce="yes">
    <numa placement="0" mode="hard"/>
  </domains>
  <domains match="name:near*">
    <numa placement="1" mode="hard"/>
  </domains>
  <domains match="name:free*">
    <numa placement="none"/>
  </domains>
  <domains match="*">
    <numa placement="auto" mode="hard"/>
  </domains>
</policy>
X
}

start() {
    XLTUNE_TRACE=$trace xltune watch --interval $interval 2>> $log &
    daemon=$!
    wait_for 10 said "watch: .* domains are here" ||
        die "the daemon does not start: $(cat $log)"
}

said() {
    grep -q "$1" $log
}

# said_of NAME: it was settled. Twice is once after the log was emptied.
settled() {
    said "^xltune: $1: \(set\|is as wanted\)"
}

wait_settled() {
    wait_for "${2:-20}" settled "$1" || die "$1 is not settled: $(tail $log)"
}

# The hard mask of vCPU 0 of a domain, as xl says it.
hard() {
    xl vcpu-list "$1" | awk 'NR == 2 { print $(NF - 2) }'
}

# The same in its stored configuration: "0,1".
stored_of() { # ID
    tr -d ' \n' < "$(ls /var/lib/xen/userdata-d."$1".*.libxl-json)" |
        sed -n 's/.*"vcpu_hard_affinity":\[\[\([0-9,]*\)\].*/\1/p'
}

stored() {
    stored_of "$(xl domid "$1")"
}

changes() {
    grep -c ' set-' $trace
}

rss() {
    awk '$1 == "VmRSS:" { print $2 }' /proc/$daemon/status
}

ticks() {
    awk '{ print $14 + $15 }' /proc/$daemon/stat
}

# delays NAME: how long after the names of NAME1, NAME2... their masks were
# set, as the daemon logs it.
delays() {
    sed -n "s/^xltune: $1[0-9]*: set \([0-9]*\) ms after its name.*/\1/p" \
        $log | sort -n | awk -v what="$2" '{ d[NR] = $1 }
        END { print "# set after the name, " what ": median " \
            d[int((NR + 1) / 2)] " ms, nine of ten " d[int(NR * 0.9)] \
            " ms, worst " d[NR] " ms, of " NR }'
}

# Every second one by a rule that names its node, the others where libxl has
# put their memory, which it decides some time after their name.
storm_name() {
    [ $(($1 % 2)) = 0 ] && echo "near$1" || echo "b$1"
}

check_record() {
    mkguest blocker kept
    wait_settled kept
    xltune vcpu-pin --persist kept all 3 all > /dev/null || die "no record"
    xl destroy kept
    : > $log
    mkguest blocker kept
    wait_settled kept
    expect_eq "a record counts for the next one of its name" 3 "$(hard kept)"
    expect_eq "and is stored" 3 "$(stored kept)"
}

# Of all domains: name, hard mask of vCPU 0 as xl says it, as it is stored.
all_masks() {
    xl vcpu-list | awk 'NR > 1 && $3 == 0 { print $1, $2, $(NF - 2) }' |
        while read -r name id mask; do
            [ "$id" = 0 ] || echo "$name $mask $(stored_of "$id")"
        done
}

check_masks() {
    all_masks > /tmp/masks
    awk -v nr="$nr" '
        { masks = $2 "/" $3 }
        /^near/ && masks == "2-3/2,3" { good++ }
        /^b[0-9]/ && (masks == "0-1/0,1" || masks == "2-3/2,3") { good++ }
        END { exit good != nr }' /tmp/masks || die "$(cat /tmp/masks)"
}

check_storm() {
    before=$(rss)
    for i in $(seq "$nr"); do
        mkguest blocker "$(storm_name "$i")"
    done
    for i in $(seq "$nr"); do
        wait_settled "$(storm_name "$i")"
    done
    check_masks
    say "ok: each of $nr has its masks, live and stored"
    delays near "node in its rule"
    delays b "where libxl put its memory"
    say "# VmRSS: $before kB before, $(rss) kB after"
    [ "$(rss)" -lt 8192 ] || die "VmRSS is $(rss) kB"
    say "ok: less than 8 MiB"
}

# The rounds after the last one are over when nothing is written any more.
is_idle() {
    was=$(changes)
    sleep $((interval * 2))
    [ "$(changes)" = "$was" ]
}

check_idle() {
    wait_for 60 is_idle || die "it does not come to rest"
    was=$(changes) start=$(ticks)
    sleep $((interval * 4))
    expect_eq "changes where nothing differs" "$was" "$(changes)"
    say "# VmRSS at rest: $(rss) kB"
    say "# CPU time of $((interval * 4)) s: $(($(ticks) - start))0 ms"
}

other() {
    [ "$(hard "$1")" = 0-1 ] && echo 2 || echo 0
}

check_drift() {
    pin=$(other b1) was=$(changes)
    xl vcpu-pin b1 0 "$pin"
    wait_for 30 said "^xltune: b1/0: drift: hard affinity is $pin, not " ||
        die "no drift is seen: $(tail $log)"
    sleep $((interval * 2))
    expect_eq "what a person pinned stays" "$pin" "$(hard b1)"
    expect_eq "nothing was written for it" "$was" "$(changes)"
    expect_eq "it is said once" 1 "$(grep -c '^xltune: b1/0: drift' $log)"
}

is_back() {
    [ "$(hard enf1)" = 0-1 ]
}

check_enforce() {
    mkguest blocker enf1
    wait_settled enf1
    expect_eq "enf1" 0-1 "$(hard enf1)"
    xl vcpu-pin enf1 0 3
    wait_for 30 is_back || die "enforce does nothing: $(tail $log)"
    say "ok: enforce puts it back"
    said '^xltune: enf1: the drift is put right' || die "nothing is said of it"
}

check_restart() {
    kill -KILL $daemon
    wait $daemon 2> /dev/null
    mkguest blocker late
    : > $log
    : > $trace
    start
    wait_settled late
    wait_for 60 is_idle || die "it does not come to rest"
    expect_eq "what was made meanwhile is set" 0 \
        "$(case $(hard late) in 0-1 | 2-3) echo 0 ;; *) hard late ;; esac)"
    expect_eq "and nothing else is" "" \
        "$(grep ' set-' $trace | grep -v ' late')"
    said "^xltune: b1/0: drift" || die "the drift is forgotten"
}

check_reload() {
    write_policy second
    kill -HUP $daemon
    wait_for 10 said '^xltune: policy: second: 4 rules' || die "no reload"
    echo '<policy' > /etc/xltune/policy.d/lab.xml
    kill -HUP $daemon
    wait_for 10 said '^xltune: policy: the one before stays' ||
        die "a policy that is none: $(tail $log)"
    mkguest blocker after
    wait_settled after
    write_policy third
    say "ok: policies are read again, and a wrong one is not taken"
}

check_coming_and_going() {
    : > $log
    for n in 1 2 3; do
        mkguest blocker gone$n
        xl destroy gone$n
        mkguest blocker gone$n
    done
    wait_settled gone3
    mkguest blocker free1
    sleep 2
    expect_eq "what the policy leaves alone" all "$(hard free1)"
    mkguest linux-pv linux memory=96 vcpus=1
    wait_settled linux 60
    was=$(hard linux)
    wait_for 60 guest_lives linux || die "the guest does not come up"
    xl reboot linux > /dev/null 2>&1 || die "no reboot"
    : > $log
    wait_settled linux 60
    expect_eq "a domain that was rebooted" "$was" "$(hard linux)"
    expect_eq "nothing of that is an error" "" \
        "$(grep -v ': \(set\|is as wanted\|policy\)' $log)"
}

check_stop() {
    kill -TERM $daemon
    begun=$(cut -d . -f 1 /proc/uptime)
    wait $daemon
    expect_eq "exit code after SIGTERM" 0 $?
    [ $(($(cut -d . -f 1 /proc/uptime) - begun)) -le 2 ] || die "it took long"
}

write_policy first
start
check_record
check_storm
check_idle
check_drift
check_enforce
check_restart
check_reload
check_coming_and_going
check_stop
say "watch: done"
