# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh source=tests/cli/lib.sh
# Bad input: one line on stderr, exit code 1 or 64, and nothing has changed.
. ./lib.sh

for c in list vcpu-list residency; do
    refused "$c: unknown domain" 1 nosuch $c nosuch
    refused "$c: empty domain" 1 "" $c ""
    refused "$c: unknown id" 1 77 $c 77
    refused "$c: one of two is unknown" 1 nosuch $c web1 nosuch
done
refused "vcpu-pin: unknown domain" 1 nosuch vcpu-pin nosuch 0 0
refused "vcpu-pin: empty domain" 1 "" vcpu-pin "" 0 0
refused "vcpu-pin: unknown id" 1 77 vcpu-pin 77 0 0
refused "vcpu-pin: id with junk" 1 1x vcpu-pin 1x 0 0

for v in "" 0-1 7 -- 1x +0 " 0" 99999999999999999999; do
    refused "vcpu-pin: vCPU '$v'" 1 "$v" vcpu-pin -- web1 "$v" 0
done
for list in "" -5 0-4000000000 0- " 1" 1,,2 4 0-4 ',' 0',' ',0' 1-0 x ^ node: \
    node:2 node:x "1 " +1 1x 0x1 'all,x' 1--2 18446744073709551616; do
    refused "vcpu-pin: hard '$list'" 1 web1\\\|affinity \
        vcpu-pin -- web1 0 "$list"
    refused "vcpu-pin: soft '$list'" 1 web1\\\|affinity \
        vcpu-pin -- web1 0 - "$list"
done
refused "vcpu-pin: -5 as an option" 64 -5 vcpu-pin web1 0 -5
refused "vcpu-pin: no hard mask" 1 none vcpu-pin web1 0 none
refused "vcpu-pin: nothing to set" 64 nothing vcpu-pin web1 0 -
refused "vcpu-pin: nothing to set twice" 64 nothing vcpu-pin web1 0 - -
refused "vcpu-pin: all, unknown CPU" 1 9 vcpu-pin web1 all 9

# refused_host NAME CODE PATTERN ARGUMENT...: the file is $tmp/before.
refused_host()
{
    case_name=$1 case_code=$2 case_pattern=$3
    shift 3
    cp "$tmp/before" "$host"
    run --host "$host" "$@"
    ok "$case_name" was_refused
}

# A hard mask outside the domain's pool.
use_host 2x2
sed -e 's/"cpus": "0-3"/"cpus": "0-1"/' \
    -e 's/"hard": "2-3"/"hard": "0-1"/' "$hosts/2x2.json" >"$tmp/before"
refused_host "hard mask outside the pool" 1 pool vcpu-pin web1 0 2-3
refused_host "hard mask outside the pool, all vCPUs" 1 pool \
    vcpu-pin web1 all 3

# Hosts that are none.
head -c 1000 "$hosts/2x2.json" >"$tmp/before"
refused_host "truncated JSON" 1 h.json list
: >"$tmp/before"
refused_host "empty JSON" 1 h.json list
{
    head -c 100000 /dev/zero | tr '\0' '['
} >"$tmp/before"
refused_host "deeply nested JSON" 1 h.json list
sed 's/"id": 5/"id": 99999999999999999999/' "$hosts/2x2.json" >"$tmp/before"
refused_host "a huge number" 1 h.json list
sed 's/"web1"/"w\xff1"/' "$hosts/2x2.json" >"$tmp/before"
refused_host "JSON that is not UTF-8" 1 UTF list
sed 's/host\/1/host\/2/' "$hosts/2x2.json" >"$tmp/before"
refused_host "another schema" 1 schema list
sed 's/"id": 5/"id": 1/' "$hosts/2x2.json" >"$tmp/before"
refused_host "an id twice" 1 h.json list
sed 's/"cpu": 1/"cpu": 17/' "$hosts/2x2.json" >"$tmp/before"
refused_host "a vCPU on a CPU that is not there" 1 17 vcpu-list
sed 's/"memory_kb": 262144/"memory_kb": -1/' "$hosts/2x2.json" >"$tmp/before"
refused_host "a negative size" 1 memory_kb list
{
    cat "$hosts/2x2.json"
    echo x
} >"$tmp/before"
refused_host "text after the document" 1 h.json list

# Larger than is read: a file with a hole, which nothing is read of.
use_host 2x2
truncate -s 300M "$host"
run --host "$host" list
ok "huge JSON" one_error h.json
ok "huge JSON: exit code" code_is 1
rm "$host"
run --host "$host" list
ok "no file" one_error h.json
run --host "$tmp/dir" list
ok "a folder as host" one_error dir

# Policies. bad_policy NAME PATTERN, the policy is on stdin.
bad_policy()
{
    cat >"$tmp/p.xml"
    for c in plan check "apply --yes"; do
        # shellcheck disable=SC2086
        refused "$c: $1" 1 "$2" $c --policy "$tmp/p.xml"
    done
}

bad_policy "empty" p.xml </dev/null
bad_policy "no XML" p.xml <<'X'
<policy name="x"
X
bad_policy "DOCTYPE" DOCTYPE <<'X'
<!DOCTYPE policy [ <!ENTITY e "x"> ]>
<policy name="x"><domains match="*"/></policy>
X
bad_policy "external entity" DOCTYPE <<X
<!DOCTYPE policy [ <!ENTITY e SYSTEM "file://$hosts/2x2.json"> ]>
<policy name="&e;"><domains match="*"/></policy>
X
bad_policy "unknown element" "p.xml:2" <<'X'
<policy name="x">
<virtualmachines match="*"/></policy>
X
bad_policy "not UTF-8" p.xml <<X
$(printf '<policy name="\377"/>')
X
refused "no policy" 1 nosuch.xml plan --policy "$tmp/nosuch.xml"
refused "a folder as policy" 1 dir plan --policy "$tmp/dir"
refused "no policies installed" 1 policy.d plan --root "$tmp/dir"
cp "$policy" "$tmp/p.xml"
chmod 0 "$tmp/p.xml"
if [ "$(id -u)" -ne 0 ]; then
    refused "unreadable policy" 1 p.xml plan --policy "$tmp/p.xml"
elif command -v setpriv >/dev/null; then
    use_host 2x2
    chmod -R a+rX "$tmp"
    chmod 0 "$tmp/p.xml"
    # shellcheck disable=SC2086
    setpriv --reuid=65534 --regid=65534 --clear-groups \
        ${XLTUNE_RUN_UNDER-} "$BUILD/xltune" --host "$host" plan \
        --policy "$tmp/p.xml" >"$tmp/out" 2>"$tmp/err"
    code=$? ran="xltune plan as nobody"
    case_code=1 case_pattern=p.xml
    ok "unreadable policy" was_refused
fi

# No Xen: also not where this machine has one.
mkdir -p "$tmp/dir"
for c in list vcpu-list info snapshot residency "vcpu-pin 0 0 0" history \
    rollback recover; do
    [ -e /proc/xen/privcmd ] && break
    # shellcheck disable=SC2086
    run $c
    ok "$c: no Xen" one_error "--host"
    ok "$c: no Xen, exit code" code_is 1
done

refused "an unknown fault" 64 "" plan --faults
XLTUNE_FAULT=explode:1
export XLTUNE_FAULT
refused "a fault that there is not" 1 explode list
