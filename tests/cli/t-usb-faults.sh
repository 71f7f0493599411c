# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh source=tests/cli/lib.sh
# A fault at every step of what gives a USB device to a domain and takes it
# back: afterwards the host is as it was, byte by byte.
. ./lib.sh

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
            fault "$kind:$n" $words --host "$host"
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
fault kill:2 usb-attach hvm2 1-3.1 --host "$host"
jq 'del(.domains[] | select(.name == "hvm2"))' "$hosts/usb.json" >"$tmp/gone"
cat "$tmp/gone" >"$host"
run recover --quiet --host "$host"
ok "recover without the domain" code_is 0
run usb-attach hvm1 1-3.1 --host "$host"
ok "recover without the domain: another one can have it" code_is 0
