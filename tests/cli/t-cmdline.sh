# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh source=tests/cli/lib.sh
# Command lines of Xen and of dom0's Linux, in recorded trees of distributions
# and in files that are not as one would have them.
# shellcheck disable=SC2016 # what a shell is not to expand
. ./lib.sh

# A fresh copy of a tree: $tree, and $file, where its command lines are.
use_tree()
{
    tree=$tmp/tree name=$1
    rm -rf "$tree" "$tmp/fresh"
    mkdir "$tree"
    sh "$top/tests/trees/make" "$1" "$tree"
    cp -a "$tree" "$tmp/fresh"
    case $1 in
    debian-bios) file=/etc/default/grub.d/zz-local.cfg ;;
    debian-efi) file=/etc/default/grub.d/xen.cfg ;;
    xcp-*-bios) file=/boot/grub/grub.cfg ;;
    xcp-*-efi) file=/boot/efi/EFI/xenserver/grub.cfg ;;
    xen-cfg-efi) file=/boot/efi/EFI/xen/xen.cfg ;;
    *) file=/etc/default/grub ;;
    esac
}

# A tree with nothing but this in /etc/default/grub, as printf writes it.
use_grub()
{
    tree=$tmp/tree name=grub file=/etc/default/grub
    rm -rf "$tree" "$tmp/fresh"
    mkdir -p "$tree/etc/default"
    # shellcheck disable=SC2059 # that is what it is for
    printf "$1" >"$tree$file"
    cp -a "$tree" "$tmp/fresh"
}

on()
{
    run --root "$tree" "$@"
}

# All files are as they were unpacked, but for those that xltune keeps.
as_unpacked()
{
    diff -r -x '*.xltune-old' -x var -x run "$tmp/fresh" "$tree" >"$tmp/err"
}

# As they were, and nothing was kept: neither a history nor a file before.
nothing_done()
{
    as_unpacked && [ ! -e "$tree/var/lib/xltune/history" ] &&
        [ -z "$(find "$tree" -name '*.xltune-old')" ]
}

lines_are()
{
    printf '%s\n' "$@" | cmp -s - "$tmp/out"
}

# stdout has this, somewhere.
shows()
{
    grep -q -- "$1" "$tmp/out"
}

file_has()
{
    grep -Fq -- "$1" "$tree$file"
}

# The parameters of a line, after a command that is to go well.
now_has()
{
    key=$2 line=$1
    shift 2
    on cmdline get "$line" "$key"
    code_is 0 && lines_are "$@"
}

now_lacks()
{
    on cmdline get "$1" "$2"
    code_is 1 && quiet_stdout && one_error "$2: it is not on $1's"
}

refused_here()
{
    code_is "$1" && one_error "$2" && quiet_stdout && nothing_done
}

was_refused_as()
{
    code_is 1 && one_error "$1" && quiet_stdout && untouched
}

# Round trips.

for t in debian-bios debian-efi leap-bios tumbleweed-efi fedora-bios \
    fedora-efi xcp-8.2-bios xcp-8.3-efi xen-cfg-efi; do
    use_tree "$t"
    on cmdline list
    ok "$t: list" expected "cmdline-$t"
    on cmdline list --json
    ok "$t: list --json" json_has '"schema": "xtune/cmdline/1"'
    ok "$t: nothing is changed" nothing_done

    on cmdline set xen dom0_mem=3G,max:3G iommu=verbose
    ok "$t: set xen" code_is 0
    ok "$t: set xen: a diff" shows '^+.*dom0_mem=3G,max:3G'
    ok "$t: set xen: when it counts" one_error 'next boot'
    ok "$t: dom0_mem" now_has xen dom0_mem dom0_mem=3G,max:3G
    ok "$t: iommu" now_has xen iommu iommu=verbose
    on cmdline set dom0 console=tty0 console=hvc0 'dyndbg="file a.c +p"' \
        xen_pciback.hide='(04:00.0)(05:00.1)' debug
    ok "$t: set dom0" code_is 0
    ok "$t: console" now_has dom0 console console=tty0 console=hvc0
    ok "$t: blanks" now_has dom0 dyndbg 'dyndbg="file a.c +p"'
    ok "$t: a flag" now_has dom0 debug debug
    ok "$t: another spelling" now_has dom0 xen-pciback.hide \
        'xen_pciback.hide=(04:00.0)(05:00.1)'
    on cmdline list dom0
    ok "$t: pending" shows '^reboot pending: yes'
    ok "$t: pending: which" shows '^  dom0 debug: none -> debug$'
    ok "$t: pending: not the others" not_there '^  dom0 r[oh]'
    on cmdline delete dom0 xen-pciback.hide console=tty0 debug not-there
    ok "$t: delete" code_is 0
    ok "$t: delete: all of a key" now_lacks dom0 xen_pciback.hide
    ok "$t: delete: one value" now_has dom0 console console=hvc0
    ok "$t: delete: the rest" now_has dom0 dyndbg 'dyndbg="file a.c +p"'
    for n in 3 2 1; do
        on cmdline rollback
        ok "$t: rollback $n" shows "^Rolled back $n of the history"
    done
    ok "$t: as before, byte by byte" as_unpacked
    on cmdline rollback
    ok "$t: no more" one_error 'there is nothing to roll back'

    # One line is changed beside the other.
    use_tree "$t"
    on cmdline set xen both=1
    on cmdline set dom0 both=2
    ok "$t: in both lines: xen" now_has xen both both=1
    ok "$t: in both lines: dom0" now_has dom0 both both=2
    on cmdline delete xen both
    ok "$t: deleted in one" now_lacks xen both
    ok "$t: left in the other" now_has dom0 both both=2
    on cmdline delete dom0 both
    ok "$t: set and deleted: as before" as_unpacked
done

# Taken back it would go to another file.
use_tree debian-bios
on cmdline delete dom0 quiet
ok "deleted where others add to it" now_lacks dom0 quiet
on cmdline rollback
ok "deleted where others add to it: back" as_unpacked

# Which file, and where in it.

use_tree debian-bios
on cmdline set xen dom0_mem=4G,max:4G
ok "$name: where it stood" file_has \
    '"dom0_mem=4G,max:4G loglvl=all console=com1,vga'
ok "$name: what is to run" shows \
    '^# to be run where this tree belongs: /usr/sbin/update-grub$'
use_tree debian-efi
on cmdline set dom0 console=tty0
ok "$name: what stands for Linux' own" file_has \
    '_XEN_REPLACE_DEFAULT="console=tty0 earlyprintk=xen"'
use_tree fedora-efi
on cmdline set dom0 quiet=1
ok "$name: what is to run" shows \
    'belongs: /usr/sbin/grub2-mkconfig -o /boot/grub2/grub.cfg$'
use_tree tumbleweed-efi
on cmdline set xen loglvl=all
ok "$name: not the old xen.cfg" file_has 'max:1024M+10% loglvl=all"'
use_tree xcp-8.2-bios
on cmdline set dom0 a=1
ok "$name: two entries" [ "$(grep -c ' a=1$' "$tree$file")" -eq 2 ]
ok "$name: what is to run" shows 'libexec/xen-cmdline --set-dom0 a=1$'
use_tree xcp-8.3-efi
rm -r "$tree/opt" "$tmp/fresh/opt"
on cmdline set dom0 a=1
ok "$name: without a program" code_is 0
ok "$name: without a program: two entries" [ \
    "$(grep -c ' a=1$' "$tree$file")" -eq 2 ]
ok "$name: nothing is to run" not_there 'belongs'
use_tree xen-cfg-efi
on cmdline set xen dom0_mem=1500M
ok "$name: the default section" file_has 'options=dom0_mem=1500M console=vga'
ok "$name: not the other" file_has 'options=dom0_mem=1G'

# An Xltune in place of XCP-ng's program is not asked by itself.
use_tree xcp-8.2-bios
mkdir -p "$tree/usr/sbin"
: >"$tree/usr/sbin/xltune"
ln -sf ../../../usr/sbin/xltune "$tree/opt/xensource/libexec/xen-cmdline"
on cmdline set dom0 a=1
ok "a link to xltune: it is not run" not_there 'belongs'
ok "a link to xltune: done" now_has dom0 a a=1

# Nothing to do.

use_tree debian-bios
before=$(stat -c %Y.%Z.%i "$tree$file")
on cmdline set xen dom0_mem=2G,max:2G
ok "nothing to do" code_is 0
ok "nothing to do: said" lines_are 'it is configured so already'
ok "nothing to do: nothing" nothing_done
ok "nothing to do: not written" [ \
    "$before" = "$(stat -c %Y.%Z.%i "$tree$file")" ]
on cmdline set -q dom0 console=hvc0 console=tty0
ok "nothing to do, quietly" quiet_stdout
on cmdline set --json xen dom0_mem=2G,max:2G
ok "nothing to do, as JSON" json_has '"result": "nothing"'
on cmdline delete dom0 nothing
ok "nothing to delete" code_is 0
ok "nothing to delete: nothing" nothing_done

# Looking first.

on cmdline set -N xen dom0_mem=4G,max:4G
ok "--dry-run" code_is 0
ok "--dry-run: the diff" shows '^+GRUB_CMDLINE_XEN_DEFAULT="dom0_mem=4G,max:4G '
ok "--dry-run: the plan" shows 'command line .*dom0_mem=4G'
ok "--dry-run: nothing of memory" shows '^1 change$'
ok "--dry-run: nothing" nothing_done
on cmdline delete xen loglvl --dry-run --json
ok "--dry-run --json" json_has '"schema": "xtune/plan/[0-9]*"'
ok "--dry-run --json: the kind" json_has '"kind": "boot-parameters"'
ok "--dry-run --json: nothing" nothing_done
on cmdline set --json xen dom0_mem=4G,max:4G
ok "set --json" json_has '"result": "applied"'
ok "set --json: no diff" not_there '^+GRUB'
on cmdline list --json
ok "list --json: configured" json_has \
    '"configured": "dom0_mem=4G,max:4G loglvl=all .*"'
ok "list --json: what Xen runs with is not known" json_has '"pending": null'
on cmdline set dom0 x=1
on cmdline list --json
ok "list --json: pending" json_has '"key": "x"'
ok "list --json: and how" json_has '"configured": \["1"\]'
on cmdline rollback --json
ok "rollback --json" json_has '"result": "rolled-back"'

use_tree debian-bios
on cmdline get --json dom0 console quiet console
ok "get --json" json_has '"schema": "xtune/cmdline-values/1"'
ok "get --json: values" json_has '"console": \["hvc0","tty0"\]'
ok "get --json: a flag" json_has '"quiet": \[""\]'
on cmdline get --json dom0 quiet nothing
ok "get --json: nothing" json_has '"object": "nothing"'
ok "get --json: the code" code_is 1

# A recorded host, which knows what Xen runs with.

use_host pci
run --host "$host" cmdline list xen
ok "a host: pending" shows '^  xen conring_size: conring_size=1m -> none$'
ok "a host: not the other line" not_there '^  dom0\|hide'
run --host "$host" cmdline set xen console=com1 conring_size=1m
ok "a host: set" code_is 0
run --host "$host" cmdline list xen
ok "a host: nothing is pending" shows '^reboot pending: no$'
run --host "$host" cmdline rollback
ok "a host: rollback" same_host
run --host "$host" cmdline set xen dom0_mem=9999G
ok "a host: more than it has" one_error '8192 MiB that the host has'
use_host 2x2
run --host "$host" cmdline list
ok "a host without: list" shows 'configured : (not known)'
run --host "$host" cmdline set dom0 a=1
ok "a host without: set" was_refused_as 'it is not known'

# Words.

words()
{
    use_tree debian-bios
    on cmdline "$@"
}

words set dom0 a=b=c=d
ok "a value with =" now_has dom0 a a=b=c=d
words set dom0 'v="one two"' w=1
ok "a value in quotes" now_has dom0 v 'v="one two"'
ok "and one behind it" now_has dom0 w w=1
words set dom0 'several=1 in=2'
ok "several in a word" now_has dom0 several several=1
ok "several in a word: the second" now_has dom0 in in=2
words set xen 'ivrs_ioapic[4]=00:14.0' no-watchdog
ok "one of many, and a \"no-\": known" one_error 'next boot'
ok "one of many" now_has xen 'ivrs_ioapic[4]' 'ivrs_ioapic[4]=00:14.0'
words set dom0 a.b-c=1
on cmdline set dom0 a.b_c=2
ok "a module's parameter" now_has dom0 a.b-c a.b-c=2
words set dom0 a=1 a=2 a=1
ok "several values" now_has dom0 a a=1 a=2 a=1
on cmdline delete dom0 a=1
ok "those alike go" now_has dom0 a a=2
words set xen console=com1 console=vga
ok "Xen's console twice" now_has xen console console=com1 console=vga

# Slips of the pen, before anything is written.

slip()
{
    slip_name=$1 slip_code=$2 slip_pattern=$3
    shift 3
    words "$@"
    ok "$slip_name" refused_here "$slip_code" "$slip_pattern"
}

slip "an unknown word" 64 'show: cmdline does not know' show
slip "an unknown line" 64 'domu: it has no command line' set domu a=1
slip "no line" 64 'an argument is missing' set
slip "no key" 64 'an argument is missing' set xen
slip "get without a key" 64 'an argument is missing' get dom0
slip "list with a key" 64 'too many arguments' list xen dom0_mem
slip "rollback with a word" 64 'too many arguments' rollback xen
slip "a dry run of list" 64 'has no place' list -N
slip "a dry run of get" 64 'has no place' get -N xen dom0_mem
slip "get with a value" 64 'write the name alone' get dom0 console=hvc0
slip "an unknown option" 64 'xyz' set --xyz xen a=1
slip "no value" 1 'there is no value in "a="' set dom0 a=
slip "no name" 1 '"=1"' set dom0 =1
slip "an empty word" 1 'is no parameter' set dom0 ''
slip "blanks alone" 1 'is no parameter' set dom0 '  '
slip "an open quote" 1 'not closed' set dom0 'a="b c'
slip "a name with a quote" 1 'no name of a parameter' set dom0 "a'b=1"
slip "a shell's word" 1 'character 1' set dom0 'a=$(reboot)'
slip "a newline" 1 'character 2' set dom0 'a="1
2"'
slip "GRUB's end of a command" 1 'character 4' set xen 'cpufreq=hwp;xen'
slip "not UTF-8" 1 'dom0\|a: ' set dom0 "$(printf 'a=\033[31m')"
slip "two dashes" 1 '"--" is no parameter' set dom0 -- --
slip "dom0_mem" 1 'dom0_mem: ' set xen dom0_mem=4X
slip "dom0_mem, behind one that is right" 1 'dom0_mem: ' set xen loglvl=info \
    dom0_mem=4G,mix:4G
slip "dom0_mem above its max" 1 'above max' set xen dom0_mem=4G,max:2G
slip "dom0_max_vcpus" 1 'range from more to less' set xen dom0_max_vcpus=8-2
slip "sched" 1 '"credit2" is near' set xen sched=credti2
slip "sched, and no more" 1 'take "credti"; "credit" is near' set xen \
    sched=credti
slip "no value where Xen wants one" 1 'without a value' set xen iommu
slip "iommu" 1 'would not take "vrebose"' set xen iommu=vrebose
slip "extra_guest_irqs" 1 'extra_guest_irqs: ' set xen extra_guest_irqs=x
slip "cpufreq" 1 '"performance" is near' set xen cpufreq=xen:perfomance
slip "the hide list" 1 'hide: ' set dom0 'xen-pciback.hide=(04:00)'
slip "Linux' for Xen" 1 "Linux'" set xen 'xen-pciback.hide=(04:00.0)'
slip "blanks for Xen" 1 'Xen knows no quotes' set xen 'a="b c"'

words set xen domo_mem=4G
ok "a name that is near" grep -q '"dom0_mem" is near' "$tmp/err"
ok "a name that is near: taken" now_has xen domo_mem domo_mem=4G
words --force set xen dom0_mem=4X sched=credti2
ok "--force" code_is 0
ok "--force: both are told" [ "$(grep -c '4X\|credti2' "$tmp/err")" -eq 2 ]
ok "--force: done" now_has xen sched sched=credti2
on cmdline delete xen sched=credti2
ok "what is wrong can be taken out" now_lacks xen sched
words set xen --force 'a=$(reboot)'
ok "--force is not for a shell" refused_here 1 'character 1'
words set dom0 -- debug=1
ok "the word --" now_has dom0 debug debug=1

# What stands behind "--" is init's.
use_grub 'GRUB_CMDLINE_LINUX="a -- b=1 single"\n'
on cmdline set dom0 c=1
ok "before --" file_has '"a c=1 -- b=1 single"'
ok "init's words are not there" now_lacks dom0 b

# Files.

use_grub 'GRUB_DEFAULT=0\r\nGRUB_CMDLINE_LINUX="a"  # mine\r\nGRUB_TIMEOUT=5\r\n'
on cmdline set dom0 b=1
printf 'GRUB_DEFAULT=0\r\nGRUB_CMDLINE_LINUX="a b=1"  # mine\r\nGRUB_TIMEOUT=5\r\n' \
    >"$tmp/wanted"
ok "CRLF" cmp -s "$tmp/wanted" "$tree$file"
on cmdline set xen c=1
ok "CRLF: a new line" [ "$(grep -c "$(printf '\r')\$" "$tree$file")" -eq 4 ]
on cmdline rollback
on cmdline rollback
ok "CRLF: back" as_unpacked

use_grub "GRUB_CMDLINE_LINUX='a'"
on cmdline set dom0 'b="x y"'
ok "no final newline" [ "$(cat "$tree$file")" = "GRUB_CMDLINE_LINUX='a b=\"x y\"'" ]
ok "no final newline: none" [ "$(wc -l <"$tree$file")" -eq 0 ]
on cmdline set xen c=1
ok "no final newline: a line more" [ "$(wc -l <"$tree$file")" -eq 1 ]
on cmdline rollback
on cmdline rollback
ok "no final newline: back" as_unpacked

use_grub 'GRUB_CMDLINE_LINUX="a b=1 \\\n   c=2"\nX=\\\n1\n'
ok "a line that goes on" now_has dom0 c c=2
on cmdline set dom0 b=3 d
ok "a line that goes on: set" now_has dom0 b b=3
ok "a line that goes on: the rest" [ "$(tail -n 2 "$tree$file")" = 'X=\
1' ]
on cmdline rollback
ok "a line that goes on: back" as_unpacked

use_grub 'GRUB_CMDLINE_LINUX="a"\nGRUB_CMDLINE_LINUX="$(cat /x)"\n'
on cmdline set dom0 b
ok "it takes a shell" refused_here 1 'grub:2: it takes a shell'
on cmdline list
ok "it takes a shell: list" shows 'not known: .*grub:2'

# Values that nobody can ask for, but that stand there, come back as well.
for value in '256M\\<4G' '\$x' 'hwp\\;xen' "'x'" 'x#1' 'x&y'; do
    use_grub ''
    printf 'GRUB_CMDLINE_XEN="a=%s b"\n' "$value" |
        tee "$tree$file" >"$tmp/fresh$file"
    on cmdline get xen a
    stood=$(cat "$tmp/out")
    on cmdline set xen a=1
    ok "a=$value: set" now_has xen a a=1
    on cmdline rollback
    ok "a=$value: back" as_unpacked
    on cmdline set xen a=1
    echo '# by hand' >>"$tree$file"
    on cmdline rollback
    ok "a=$value: back, beside another hand's" now_has xen a "$stood"
done
use_grub 'GRUB_CMDLINE_XEN="a=1 a=x\\\\;y b"\n'
on cmdline delete xen a=1
ok "a value that stands there: it stays" now_has xen a 'a=x\;y'
on cmdline set xen 'a=x\;y' a=2
ok "a value that stands there: beside it" now_has xen a 'a=x\;y' a=2
on cmdline set xen 'a=x\;z'
ok "another one: refused" one_error 'character 2'

# GRUB's own quotes: half a word is not changed.
for value in "'one two'" 'one\\ two'; do
    use_grub ''
    printf 'GRUB_CMDLINE_LINUX="a=%s b"\n' "$value" |
        tee "$tree$file" >"$tmp/fresh$file"
    on cmdline set dom0 a=1
    ok "a=$value" refused_here 1 'write double quotes'
done

use_grub 'GRUB_CMDLINE_LINUX="a"\n'
mv "$tree$file" "$tree/real"
ln -s ../../real "$tree$file"
on cmdline set dom0 b
ok "a link" [ -L "$tree$file" ]
ok "a link: what it leads to" grep -qx 'GRUB_CMDLINE_LINUX="a b"' "$tree/real"
on cmdline rollback
ok "a link: back" [ -L "$tree$file" ]
ok "a link: back, byte by byte" cmp -s "$tree/real" "$tmp/fresh$file"

use_grub 'GRUB_CMDLINE_LINUX="a"\n'
rm -r "$tree"
sh "$top/tests/trees/make" bond "$tree"
mkdir -p "$tree/etc/default"
ln -s /etc/passwd "$tree$file"
on cmdline set dom0 b
ok "a link out of the tree" one_error 'command line: '
ok "a link out of the tree: left" [ -L "$tree$file" ]

use_grub 'GRUB_CMDLINE_LINUX="a"\n'
chmod 640 "$tree$file"
on cmdline set dom0 b
ok "its mode stays" [ "$(stat -c %a "$tree$file")" = 640 ]

# Another hand, between reading and writing: nothing of it is lost.
use_grub 'GRUB_CMDLINE_LINUX="a"\n'
on cmdline set dom0 b=1
echo '# by hand' >>"$tree$file"
on cmdline rollback
ok "another hand: rollback" code_is 0
ok "another hand: its line stays" [ "$(cat "$tree$file")" = \
    'GRUB_CMDLINE_LINUX="a"
# by hand' ]
use_grub 'GRUB_CMDLINE_LINUX="a"\n'
on cmdline set dom0 b=1
sed -i 's/b=1/b=2/' "$tree$file"
on cmdline rollback
ok "another hand, the same parameter: left" now_has dom0 b b=2

# It waits for its diff to be read: the file is changed meanwhile.
meanwhile()
{
    use_grub "GRUB_CMDLINE_LINUX=\"a=1 x=$(head -c 60000 /dev/zero | tr '\0' x)\"\n"
    "$BUILD/xltune" --root "$tree" cmdline set dom0 a=2 2>"$tmp/err" | {
        head -c 1 >"$tmp/out"
        sed -i "$1" "$tree$file"
        cat >>"$tmp/out"
    }
}
meanwhile '$ a# by hand'
ok "another hand, meanwhile: done" now_has dom0 a a=2
ok "another hand, meanwhile: nothing is lost" file_has '# by hand'
meanwhile 's/a=1/a=3/'
ok "another hand, the same meanwhile: said" one_error 'command line: '
ok "another hand, the same meanwhile: left" now_has dom0 a a=3

# Faults, at each step.
use_grub 'GRUB_CMDLINE_LINUX="a"\nGRUB_CMDLINE_XEN="x"\n'
for kind in fail half deny; do
    fault "$kind:1" --root "$tree" cmdline set dom0 b=1
    ok "$kind: said" code_is 1
    ok "$kind: as before" as_unpacked
done
fault kill:1 --root "$tree" cmdline set dom0 b=1
on recover
ok "killed: recover" code_is 0
ok "killed: as before" as_unpacked

if [ "$(id -u)" -eq 0 ] && unshare -m true 2>/dev/null; then
    # A file system with no room, and one that cannot be written.
    small()
    {
        # shellcheck disable=SC2016 # the inner shell's
        unshare -m sh -c 'mount -t tmpfs -o "$1" none "$2/etc/default" &&
            cp "$3" "$2/etc/default/grub" && { head -c 1000000 /dev/zero \
                >"$2/etc/default/fill" 2>/dev/null; eval "$4"; } &&
            { shift 4; "$@"; echo $? >"$tmp/code"; } &&
            cp "$0/etc/default/grub" "$tmp/after" &&
            ls "$0/etc/default" >"$tmp/names"' "$tree" "$@" \
            >"$tmp/out" 2>"$tmp/err"
        code=$(cat "$tmp/code")
    }
    export tmp
    printf 'GRUB_CMDLINE_LINUX="a"\n' >"$tmp/small"
    use_grub 'x\n'
    small size=16k "$tree" "$tmp/small" true \
        "$BUILD/xltune" --root "$tree" cmdline set dom0 b=1
    ok "a full disk" code_is 1
    ok "a full disk: said" grep -qi 'no space' "$tmp/err"
    ok "a full disk: as before" cmp -s "$tmp/small" "$tmp/after"
    ok "a full disk: nothing is left" [ "$(tr '\n' ' ' <"$tmp/names")" = \
        'fill grub ' ]
    # shellcheck disable=SC2016
    small size=1m "$tree" "$tmp/small" 'mount -o remount,ro "$2/etc/default"' \
        "$BUILD/xltune" --root "$tree" cmdline set dom0 b=1
    ok "read-only" code_is 1
    ok "read-only: said" grep -qi 'read-only' "$tmp/err"
    ok "read-only: as before" cmp -s "$tmp/small" "$tmp/after"
fi

# As XCP-ng's own takes and tells them.

use_tree xcp-8.2-bios
xc()
{
    on xen-cmdline "$@"
}
xc --get-xen dom0_mem
ok "xen-cmdline --get-xen" lines_are dom0_mem=7584M,max:7584M
xc --get-dom0 quiet console nothing
ok "xen-cmdline: in the line's order" lines_are console=hvc0 console=tty0 quiet
xc --get-dom0 console=tty0
ok "xen-cmdline: a value" lines_are console=tty0
xc --get-dom0 nothing
ok "xen-cmdline: nothing" lines_are ''
ok "xen-cmdline: nothing is no error" code_is 0
xc --get-xen watchdog --get-dom0 ro nolvm
ok "xen-cmdline: several options" lines_are watchdog ro nolvm
xc --list-xen
ok "xen-cmdline --list-xen" [ "$(tr '\n' ' ' <"$tmp/out")" = \
    'dom0_mem=7584M,max:7584M watchdog ucode=scan dom0_max_vcpus=1-16 crashkernel=256M,below=4G console=vga vga=mode-0x0311 ' ]
xc --list-dom0
ok "xen-cmdline --list-dom0" [ "$(wc -l <"$tmp/out")" -eq 10 ]
xc --list-cpuid-masks
ok "xen-cmdline --list-cpuid-masks: none" lines_are ''
ok "xen-cmdline: nothing is changed" nothing_done

xc --set-xen loglvl=all guest_loglvl=all dom0_mem=8G,max:8G --set-dom0 a=1 \
    'b="c d" e' --delete-dom0 quiet console=tty0 --delete-xen watchdog \
    ucode=scan vga=mode-0x9999
ok "xen-cmdline: changes" code_is 0
ok "xen-cmdline: no output" quiet_stdout
ok "xen-cmdline: Xen's" grep -Fqx \
    '	multiboot2 /boot/xen.gz dom0_mem=8G,max:8G dom0_max_vcpus=1-16 crashkernel=256M,below=4G console=vga vga=mode-0x0311 loglvl=all guest_loglvl=all' \
    "$tree$file"
ok "xen-cmdline: Linux'" grep -Fqx \
    '	module2 /boot/vmlinuz-4.19-xen root=LABEL=root-vgdorj ro nolvm hpet=disable console=hvc0 vga=785 splash plymouth.ignore-serial-consoles a=1 b="c d" e' \
    "$tree$file"
ok "xen-cmdline: not those to fall back to" [ \
    "$(grep -c 'dom0_mem=7584M' "$tree$file")" -eq 3 ]
xc --get-dom0 b
ok "xen-cmdline: a value with blanks" lines_are 'b="c d"'
on cmdline rollback
ok "xen-cmdline: one change" as_unpacked

# An entry that is not booted by default has other values of its own.
use_tree xcp-8.2-bios
on cmdline delete dom0 console=tty0
ok "two entries that differ" now_has dom0 console console=hvc0
on cmdline rollback
ok "two entries that differ: back" as_unpacked

sed -i 's/=tty0 console=hvc0$/=tty0 console=ttyS0 console=hvc0/' "$tree$file"
on cmdline delete dom0 console=tty0
ok "a value of another entry's own: what is asked for" \
    grep -q 'disable console=hvc0 quiet' "$tree$file"
ok "a value of another entry's own: it stays" \
    grep -q 'disable console=ttyS0 console=hvc0$' "$tree$file"
ok "a value of another entry's own: xen-cmdline would take it" \
    not_there 'belongs'

use_tree xcp-8.3-efi
xc --set-cpuid-masks cpuid_mask_xsave_eax=0 cpuid_mask_ecx=0x1 --get-xen vga
ok "xen-cmdline --set-cpuid-masks" lines_are vga=mode-0x0311
xc --list-cpuid-masks
ok "xen-cmdline --list-cpuid-masks" lines_are cpuid_mask_xsave_eax=0 \
    cpuid_mask_ecx=0x1
xc --get-cpuid-masks cpuid_mask_ecx
ok "xen-cmdline --get-cpuid-masks" lines_are cpuid_mask_ecx=0x1
xc --delete-cpuid-masks cpuid_mask_ecx cpuid_mask_xsave_eax=0
ok "xen-cmdline --delete-cpuid-masks" as_unpacked
xc --set-dom0 console=ttyS0 console=hvc0 quiet
ok "xen-cmdline: one key twice" now_has dom0 console console=ttyS0 console=hvc0

wrong()
{
    wrong_name=$1 wrong_code=$2 wrong_pattern=$3
    shift 3
    use_tree xcp-8.2-bios
    on xen-cmdline "$@"
    ok "xen-cmdline: $wrong_name" refused_here "$wrong_code" "$wrong_pattern"
}

wrong "no option" 64 'an argument is missing'
wrong "a word before" 64 'foo: xen-cmdline has no such option' foo --get-xen a
wrong "another option" 64 'no such option' --get-xen a --list-foo
wrong "--" 64 'no such option' --get-xen a -- b
wrong "no word" 64 'needs a parameter' --set-xen --get-xen a
wrong "a word too many" 64 'takes no parameters' --list-xen a
wrong "a bad value" 1 'dom0_mem: ' --set-dom0 a=1 --set-xen dom0_mem=x
wrong "a bad name" 1 'no name' --set-xen a=1 '/b=2'

# By a link, which has no options of xltune's own.
ln -s "$BUILD/xltune" "$tmp/xen-cmdline"
"$tmp/xen-cmdline" --json >"$tmp/out" 2>"$tmp/err"
code=$? ran=xen-cmdline
ok "the link" code_is 64
ok "the link: its own options alone" one_error '--json: xen-cmdline has no'
