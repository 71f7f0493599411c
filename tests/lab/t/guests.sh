#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The four kinds of guests start, and the Linux ones live through moves.
# shellcheck source=tests/lab/dom0/lib.sh
. /usr/share/lab/lib.sh

state() {
    xl list "$1" | awk 'NR == 2 { print $5 }'
}

domains() {
    xl list | awk 'NR > 1 { print $1 }' | sort | tr '\n' ' '
}

gone() {
    [ "$(domains)" = "Domain-0 block hvm small " ]
}

up() {
    wait_for 120 grep -q "GUEST UP cpus=$2" \
        "/var/log/xen/console/guest-$1.log" ||
        die "$1 does not come up: $(guest_log "$1")"
    guest_lives "$1" || die "$1 does not count"
    say "ok: $1 is up"
}

mkguest blocker block
mkguest blocker small memory=4
sleep 1
expect_eq "the blocker blocks" "-b----" "$(state block)"

mkguest hvm hvm
# shellcheck disable=SC2009 # this busybox has no pgrep
expect_eq "device models" 1 "$(ps w | grep -c '[x]en-qemu.* -name hvm ')"

mkguest linux-pv pv
up pv 2
xl save pv /tmp/pv.save > /dev/null 2>&1 || die "cannot save pv"
xl restore /tmp/pv.save > /dev/null 2>&1 || die "cannot restore pv"
guest_lives pv || die "pv does not live on"
say "ok: pv lives on after save and restore"
xl destroy pv

mkguest linux-pvh pvh
up pvh 1
xl migrate -s "" pvh "xl migrate-receive" > /tmp/migrate 2>&1 ||
    die "cannot migrate pvh: $(cat /tmp/migrate)"
guest_lives pvh || die "pvh does not live on"
say "ok: pvh lives on after a migration"

xl shutdown -w pvh > /dev/null 2>&1 || die "pvh does not shut down"
wait_for 60 gone || die "domains left: $(domains)"
say "ok: the others are gone"
