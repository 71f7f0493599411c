# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh source=tests/cli/lib.sh
# A fault at every step of what gives a USB device to a domain and takes it
# back: afterwards the host is as it was, byte by byte.
. ./lib.sh

# fault KIND:N WORDS...
fault()
{
    XLTUNE_FAULT=$1
    export XLTUNE_FAULT
    shift
    run "$@" --host "$host"
    unset XLTUNE_FAULT
}

# No record was written of what was not done.
nothing_kept()
{
    [ ! -e "$host.d/records" ] && [ ! -e "$host.d/usb.json" ]
}

# faults KIND HOST WORDS...: at every step until there is none any more.
faults()
{
    kind=$1 recorded=$2 n=0
    shift 2
    use_host "$recorded"
    while [ "$n" -lt 40 ]; do
        n=$((n + 1))
        fault "$kind:$n" "$@"
        [ "$code" -eq 0 ] && break
        ok "$* with $kind:$n fails" code_is 1
        ok "$* with $kind:$n: the same host" same_host
        ok "$* with $kind:$n: nothing is kept" nothing_kept
    done
    # It was done in the end, for there was a last step.
    ok "$* with $kind: there are steps" [ "$n" -gt 1 ]
    ok "$* with $kind: done at last" code_is 0
}

# What was not done although it was said to be is noticed and undone, but for
# what cannot be read back: there all the rest is done.
whole()
{
    if [ "$code" -eq 0 ]; then
        cmp -s "$host" "$tmp/done"
    else
        code_is 1 && same_host
    fi
}

lies()
{
    steps=$n n=1 recorded=$1
    shift
    use_host "$recorded"
    run "$@" --host "$host"
    cp "$host" "$tmp/done"
    while [ "$n" -lt "$steps" ]; do
        use_host "$recorded"
        fault "lie:$n" "$@"
        ok "$* with lie:$n: whole or not at all" whole
        n=$((n + 1))
    done
}

# Killed between any two: recover brings it back.
kills()
{
    recorded=$1 n=0
    shift
    while [ "$n" -lt 20 ]; do
        n=$((n + 1))
        use_host "$recorded"
        fault "kill:$n" "$@"
        [ "$code" -eq 0 ] && break
        run recover --quiet --host "$host"
        ok "$* with kill:$n: recover" code_is 0
        ok "$* with kill:$n: the same host" same_host
        ok "$* with kill:$n: nothing is kept" nothing_kept
    done
    ok "$* with kill: there are steps" [ "$n" -gt 1 ]
    # Done in the end, and back.
    run rollback --quiet --host "$host"
    ok "$*: rollback" code_is 0
    ok "$*: rollback: the same host" same_host
}

while read -r words; do
    for kind in fail half; do
        # shellcheck disable=SC2086
        faults "$kind" $words
    done
    # shellcheck disable=SC2086
    lies $words
    # shellcheck disable=SC2086
    kills $words
done <<X
usb usb-attach hvm2 1-3.1
usb usb-attach hvm1 1-7
usb usb-attach pv1 1-5
usb usb-attach --persist hvm2 1-7
usb usb-detach hvm1 1-4
usb usbctrl-attach hvm2 version=3
usb usbctrl-detach hvm1 0
usb usbctrl-detach pv2 0
usb usbdev-attach hvm1 hostbus=1 hostaddr=10 controller=1 port=8
usb usbdev-detach hvm1 0 1
X

# What a device that went has left is not put back: whatever fails, it is gone,
# or the next change takes it.
mended()
{
    run usb-show --host "$host"
    ok "$1: no port is left" not_there "WARN stale: $2:"
}

while read -r path words; do
    for kind in fail half; do
        n=0
        while [ "$n" -lt 40 ]; do
            n=$((n + 1))
            use_host usb-stale
            # shellcheck disable=SC2086
            fault "$kind:$n" $words
            [ "$code" -eq 0 ] && break
            ok "$words with $kind:$n fails" code_is 1
            run history --host "$host"
            ok "$words with $kind:$n: nothing is cut off" not_there 'cut off'
            # shellcheck disable=SC2086
            run $words --host "$host"
            mended "$words after $kind:$n" "$path"
        done
        ok "$words with $kind: there are steps" [ "$n" -gt 1 ]
        mended "$words" "$path"
    done
done <<X
1-8 usb-detach hvm1 1-8
1-3.1 usb-detach hvm2 1-3.1
1-3.1 usb-attach hvm2 1-3.1
1-3.1 usb-attach hvm1 1-3.1
1-8 usbctrl-detach hvm1 0
1-3.1 usbctrl-detach hvm2 0
X

# A domain that is gone meanwhile is no reason not to end the rest.
use_host usb
fault kill:2 usb-attach hvm2 1-3.1
jq 'del(.domains[] | select(.name == "hvm2"))' "$hosts/usb.json" >"$tmp/gone"
cat "$tmp/gone" >"$host"
run recover --quiet --host "$host"
ok "recover without the domain" code_is 0
run usb-attach hvm1 1-3.1 --host "$host"
ok "recover without the domain: another one can have it" code_is 0
