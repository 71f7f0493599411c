# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh source=tests/cli/lib.sh
# The daemon where there is nothing to watch, and the services that run it.
. ./lib.sh

usage()
{
    case_name=$1 case_pattern=$2
    shift 2
    run "$@"
    ok "$case_name" code_is 64
    ok "$case_name: one line" one_error "$case_pattern"
    ok "$case_name: nothing on stdout" quiet_stdout
}

for interval in 0 -1 1s 86401 1.5 forever; do
    usage "--interval $interval" "--interval" watch --interval "$interval"
done
usage "an argument" "too many" watch now
usage "--residency=measure" "counting stops Xen" watch --residency=measure

run watch --json
ok "--json" code_is 64
ok "--json: one line" one_error "no document"

refused "a snapshot" 64 "nothing happens in a snapshot" watch

if [ ! -e /dev/xen/privcmd ]; then
    run watch
    ok "without Xen" code_is 1
    ok "without Xen: one line" one_error "runs no Xen"
    ok "without Xen: nothing on stdout" quiet_stdout
fi

# The services.

fails()
{
    ! "$@"
}

services=$top/scripts
for script in "$services"/sysvinit/* "$services"/openrc/*; do
    name=${script#"$services"/}
    ran="sh -n $name"
    ok "$name is a script" sh -n "$script"
    ok "$name can be run" [ -x "$script" ]
    ok "$name has a place for the path" grep -q '@BINDIR@/xltune' "$script"
done

# What pools were given is wanted at boot, be there nothing else.
for script in "$services"/sysvinit/xltune-apply \
    "$services"/openrc/xltune-apply; do
    mkdir -p "$tmp/var/lib/xltune" "$tmp/etc/xltune"
    rm -f "$tmp/var/lib/xltune/pools.json"
    sed -n '/^wanted()/,/^}/p' "$script" |
        sed "s| /etc/| $tmp/etc/|; s| /var/| $tmp/var/|" >"$tmp/wanted"
    echo wanted >>"$tmp/wanted"
    ran="wanted() of ${script#"$services"/}"
    ok "$ran: nothing" fails sh "$tmp/wanted"
    echo >"$tmp/var/lib/xltune/pools.json"
    ok "$ran: of pools" sh "$tmp/wanted"
done
ok "the unit: of pools" grep -qx \
    'ConditionPathExists=|/var/lib/xltune/pools.json' \
    "$services/systemd/xltune-apply.service"

# Of USB devices: what the daemon needs for them, and what udev starts.
unit=$services/systemd/xltune-watch.service
ok "the daemon may hear of devices" \
    grep -q '^RestrictAddressFamilies=.*AF_NETLINK' "$unit"
ok "it may have Linux look for a driver" \
    grep -q '^ReadWritePaths=.* /sys/bus/usb' "$unit"
ok "its network is dom0's" fails grep -q '^PrivateNetwork=yes' "$unit"
rules=$services/udev/60-xltune-usb.rules
unit=$(sed -n "s/.*RUN+=.*systemctl --no-block start \([^']*\)'\"$/\1/p" \
    "$rules")
ok "udev does not wait" [ "$(grep -c 'RUN' "$rules")" = \
    "$(grep -c -- '--no-block' "$rules")" ]
ok "what it starts is there" [ -f "$services/systemd/$unit" ]

# What comes while a scan is at work is not missed: the file is there before
# the unit that waits for it, and is gone before the scan begins.
file=$(sed -n 's/^PathExists=//p' "$services/systemd/$unit")
scan=$services/systemd/${unit%.path}.service
ok "udev makes the file that it waits for" \
    grep -q "sh -c ': > $file && exec systemctl" "$rules"
ok "its service is there" [ -f "$scan" ]
sed -n "s|^ExecStart=/bin/sh -c '\(.*\)'$|\1|p" "$scan" |
    sed "s|$file|$tmp/flag|; s|@BINDIR@|$tmp|" >"$tmp/scan"
cat >"$tmp/systemctl" <<'END'
#!/bin/sh
[ -e "${0%/*}/active" ]
END
cat >"$tmp/xltune" <<'END'
#!/bin/sh
[ ! -e "${0%/*}/flag" ] || echo "too early" >>"${0%/*}/scans"
echo "$*" >>"${0%/*}/scans"
END
chmod +x "$tmp/systemctl" "$tmp/xltune"
scan_once()
{
    ran="the service's command"
    : >"$tmp/flag"
    rm -f "$tmp/scans"
    PATH=$tmp:$PATH sh "$tmp/scan" >"$tmp/out" 2>"$tmp/err"
    code=$?
}
scan_once
ok "the scan" code_is 0
ok "the file is gone before it" [ "$(cat "$tmp/scans")" = "--quiet pusb-scan" ]
: >"$tmp/active"
scan_once
ok "none beside the daemon" code_is 0
ok "nor is anything looked at" [ ! -e "$tmp/scans" ]
ok "and the file is gone: it would be started again" [ ! -e "$tmp/flag" ]
ok "a command that there is" grep -q '"pusb-scan"' "$top/xltune/cmdtable.c"
ok "each GOTO has its label" [ -z "$(sed -n 's/.*GOTO="\(.*\)"/\1/p' "$rules" |
    sort -u | while read -r label; do
    grep -q "^LABEL=\"$label\"" "$rules" || echo "$label"
done)" ]

if command -v shellcheck >/dev/null; then
    ran=shellcheck
    for script in "$services"/sysvinit/*; do
        ok "${script##*/} by shellcheck" shellcheck -s sh "$script"
    done
    for script in "$services"/openrc/*; do
        # OpenRC reads the variables.
        ok "${script##*/} by shellcheck" \
            shellcheck -s sh -e SC2034 "$script"
    done
fi

# systemd-analyze wants the program to be there.
if command -v systemd-analyze >/dev/null; then
    mkdir "$tmp/units"
    for unit in "$services"/systemd/*.service "$services"/systemd/*.path; do
        sed "s|@BINDIR@/xltune|$BUILD/xltune|" "$unit" \
            >"$tmp/units/${unit##*/}"
    done
    case $BUILD in
    /*) ;;
    *) sed -i "s|=$BUILD/|=$top/$BUILD/|" "$tmp"/units/*.service ;;
    esac
    for unit in "$tmp"/units/*; do
        ran="systemd-analyze verify ${unit##*/}"
        : >"$tmp/out"
        systemd-analyze verify --man=no --recursive-errors=one "$unit" \
            >"$tmp/out" 2>"$tmp/err"
        # What it says of other units is no matter of ours.
        ok "${unit##*/} is a unit" [ -z "$(grep -F "${unit##*/}" \
            "$tmp/err")" ]
    done
fi
