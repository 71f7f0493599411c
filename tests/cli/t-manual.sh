# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh source=tests/cli/lib.sh
# Every command and option has its entry in the manual page and in the
# completion, and the other way round.
. ./lib.sh

page=$top/xltune/man/xltune.8
completion=$top/xltune/completion/xltune.bash

run help --dump-table
cp "$tmp/out" "$tmp/table"
ok "there is a table" grep -q '^command list$' "$tmp/table"

# What the page has: commands and options where an entry begins. "Fl -host"
# stands for --host.
commands_of_page()
{
    sed -n '/^\.Sh COMMANDS/,/^\.Sh CPU/s/^\.It Cm \([a-z0-9-]*\).*/\1/p' "$page"
}

options_of_page()
{
    sed -n 's/^\.It Fl \(.*\)/\1/p' "$page" | sed 's/ , Fl /\n/g; s/ Ar .*//; s/ Ns .*//' |
        sed 's/^/-/'
}

grep '^command ' "$tmp/table" | cut -d ' ' -f 2 | sort >"$tmp/commands"
commands_of_page | sort >"$tmp/page"
ok "commands and the page" cmp -s "$tmp/commands" "$tmp/page"
diff "$tmp/commands" "$tmp/page"

grep '^option ' "$tmp/table" | cut -d ' ' -f 3- | tr ' ' '\n' |
    sort -u >"$tmp/options"
options_of_page | sort -u >"$tmp/page"
ok "options and the page" cmp -s "$tmp/options" "$tmp/page"
diff "$tmp/options" "$tmp/page"

# An own option stands below its command.
while read -r _ command option _; do
    [ "$command" = "*" ] && continue
    below=$(sed -n "/^\.It Cm $command /,/^\.It Cm /p" "$page" |
        grep -c -- "Fl ${option#-}\( Ar [A-Z]*\)*\$")
    ok "$command $option in the page" [ "$below" -gt 0 ]
done <<X
$(grep '^option ' "$tmp/table")
X

# The completion, asked as bash asks it.
completions()
{
    bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
        _xltune; printf "%s\n" "${COMPREPLY[@]}"' bash "$completion" "$@"
}

if command -v bash >/dev/null; then
    completions xltune "" | sort >"$tmp/complete"
    ok "commands and the completion" cmp -s "$tmp/commands" "$tmp/complete"
    while read -r command; do
        grep -e "^option $command " -e '^option \* ' "$tmp/table" |
            cut -d ' ' -f 3- | tr ' ' '\n' | sort -u >"$tmp/options"
        completions xltune "$command" - | sort -u >"$tmp/complete"
        ok "options of $command and the completion" \
            cmp -s "$tmp/options" "$tmp/complete"
    done <"$tmp/commands"

    use_host 4x4
    PATH=$BUILD:$PATH
    ok "domains" [ "$(completions xltune --host "$host" vcpu-pin db- |
        tr '\n' ' ')" = "db-main db-replica " ]
    use_host pools-4x4
    ok "pools" [ "$(completions xltune --host "$host" cpupool-destroy p)" = \
        pinned ]
    ok "pools after a domain" [ "$(completions xltune --host "$host" \
        cpupool-migrate web1 p)" = pinned ]
    ok "pools after an option" [ "$(completions xltune --host "$host" \
        sched-credit -p b)" = batch ]
    ok "domains after an option" [ "$(completions xltune --host "$host" \
        sched-credit -w 5 -d w)" = web1 ]
    use_host pci
    ok "devices" [ "$(completions xltune --host "$host" pci-show 0000:8 |
        sort | head -n 1)" = 0000:80:01.0 ]
    ok "devices, with words ended by a colon" [ "$(completions xltune --host \
        "$host" pci-attach hvm2 0000 : 83 : 0)" = 00.0 ]
    ok "devices, after a colon" [ "$(completions xltune --host "$host" \
        pci-detach -f hvm1 0000 :)" = 82:02.0 ]
    ok "domains after a device" [ "$(completions xltune --host "$host" \
        pci-check 0000 : 83 : 00.0 hvm2)" = hvm2 ]
    use_host usb
    ok "USB devices" [ "$(completions xltune --host "$host" usb-attach hvm2 \
        1-3. | tr '\n' ' ')" = "1-3.1 1-3.2 1-3.3 " ]
    ok "domains before a USB device" [ "$(completions xltune --host "$host" \
        usb-detach --persist hvm | tr '\n' ' ')" = "hvm1 hvm2 " ]
    ok "what a USB device is known by" [ "$(completions xltune usb-attach \
        --by b)" = both ]
    run --force=nosuch list
    ok "guards" [ "$(sed 's/.*some of //' "$tmp/err" | tr ',' '\n' |
        sed '$a all' | sort)" = "$(completions xltune --force = '' | sort)" ]
    ok "words of --residency" [ "$(completions xltune --residency i)" = infer ]
fi

if command -v mandoc >/dev/null; then
    ok "the page is well-formed" mandoc -T lint -W warning "$page"
elif command -v man >/dev/null; then
    ok "the page is well-formed" \
        [ -z "$(man --warnings -l "$page" 2>&1 >/dev/null)" ]
fi

# Help that is wider than a terminal helps nobody.
run help
wide=$(grep -c '.\{81\}' "$tmp/out")
ok "help fits a terminal" [ "$wide" -eq 0 ]
while read -r command; do
    run help "$command"
    wide=$(grep -c '.\{81\}' "$tmp/out")
    ok "help $command fits a terminal" [ "$wide" -eq 0 ]
done <"$tmp/commands"
