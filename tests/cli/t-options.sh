# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh source=tests/cli/lib.sh
# The command line: options before and after, prefixes, help, exit codes.
. ./lib.sh

same_as_list()
{
    code_is 0 && cmp -s "$tmp/list" "$tmp/out"
}

use_host 2x2
run --host "$host" list -n -c
cp "$tmp/out" "$tmp/list"
for words in "list -n -c --host $host" "list --host=$host -nc" \
    "--host=$host list --numa --cpupool" "list -cn --host $host --" \
    "li -c -n --host $host" "--yes --quiet list -c -n --host $host --force" \
    "--root $tmp --host $tmp/none list -cn --host $host" \
    "list -nc --residency=infer --policy a --policy b --host $host"; do
    # shellcheck disable=SC2086
    run $words
    ok "xltune $(echo "$words" | sed "s|$tmp/||g")" same_as_list
done

run --host "$host" list --numa --json
cp "$tmp/out" "$tmp/list"
run list --json --host "$host" --numa
ok "--json after the command" same_as_list

usage()
{
    case_name=$1 case_pattern=$2
    shift 2
    run "$@"
    ok "$case_name" code_is 64
    ok "$case_name: one line" one_error "$case_pattern"
    ok "$case_name: nothing on stdout" quiet_stdout
}

usage "unknown command" frobnicate frobnicate
usage "empty command" command ""
usage "ambiguous prefix" "residency, rehome, rollback, recover" r
usage "ambiguous prefix that is longer" "vcpu-list, vcpu-pin" vcpu-
usage "unknown option" --frob list --frob
usage "unknown letter" -z list -z
usage "unknown letter among others" -nz list -nz
usage "option of another command" --numa vcpu-list --numa
usage "letter of another command" -c info -c
usage "own option before the command" -n -n list
usage "option without its value" --host list --host
usage "empty value" --host list --host=
usage "empty value as an argument" --root list --root ""
usage "empty policy" --policy plan --policy=
usage "empty residency" --residency list --residency=
usage "unknown residency" guess list --residency=guess
usage "letter without its value" -d sched-credit -d
usage "letter with an empty value" -d sched-credit -d ""
usage "letters, the last without its value" -Nf cpupool-create -Nf
usage "value for a switch" --json list --json=yes
usage "too many arguments" plan plan now
usage "too few arguments" vcpu-pin vcpu-pin web1 0
usage "five arguments" vcpu-pin vcpu-pin web1 0 0 0 0
usage "KEY and --numa" KEY --host "$host" info -n xen_version
usage "empty KEY" KEY --host "$host" info ""
usage "apply without a terminal" --yes --host "$host" apply \
    --policy "$policy"
ok "apply without a terminal: nothing has changed" untouched

use_host pools-4x4
run sched-credit2 -d web1 --host "$host"
cp "$tmp/out" "$tmp/list"
for words in "-dweb1" "--domain=web1" "--domain web1" "-qd web1" "-qdweb1"; do
    # shellcheck disable=SC2086
    run sched-credit2 $words --host "$host"
    ok "sched-credit2 $words" same_as_list
done
ok "letters and values: nothing has changed" untouched

run
ok "no arguments: exit code" code_is 64
ok "no arguments: usage on stderr" grep -q '^Usage: xltune' "$tmp/err"
ok "no arguments: nothing on stdout" quiet_stdout

on_stdout()
{
    code_is 0 && [ ! -s "$tmp/err" ] && grep -q "$1" "$tmp/out"
}

for words in --help -h help "help --help"; do
    # shellcheck disable=SC2086
    run $words
    ok "$words" on_stdout "^Usage: xltune "
done
for words in "list --help" "list -h" "--help list" "help list" "help li" \
    "list --nosuch=1 --help"; do
    # shellcheck disable=SC2086
    run $words
    case $words in
    *nosuch*) ok "$words" code_is 64 ;;
    *) ok "$words" on_stdout "^Usage: xltune list" ;;
    esac
done
usage "help on what there is not" nosuch help nosuch
for words in --version -V "list --version"; do
    # shellcheck disable=SC2086
    run $words
    ok "$words" on_stdout "^xltune [0-9]"
done

run --json
ok "--json without a command" code_is 64
ok "--json without a command: one line" one_error 'none is given'
ok "--json without a command: a document" grep -q '"error"' "$tmp/out"

if [ -e /dev/full ]; then
    use_host 4x4
    "$BUILD/xltune" apply --yes --json --policy "$policy" --host "$host" \
        >/dev/full 2>"$tmp/err"
    code=$? ran="apply --json on a full disk"
    ok "$ran" code_is 1
    ok "$ran: says that the host was changed" \
        grep -q 'changed all the same' "$tmp/err"
fi
