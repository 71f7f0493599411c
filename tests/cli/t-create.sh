# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh source=tests/cli/lib.sh
# create: what is read, what is kept, what xl is told. A host in a file makes
# no domains: what xl would be started with is printed as a shell takes it, and
# a shell starts an xl here that writes its arguments down.
. ./lib.sh

use_host 4x4
config=$tmp/w.cfg
cat >"$config" <<'X'
# A comment.
name = "web's"
type = "pv"
memory = 128
vcpus = 2
X
mkdir "$tmp/bin"
cat >"$tmp/bin/xl" <<X
#!/bin/sh
printf '%s\n' "\$@" >"$tmp/argv"
X
chmod 755 "$tmp/bin/xl"

# create ARGUMENT...: a dry run.
create()
{
    run --host "$host" create --dry-run "$@"
}

# What xl is told: a line an argument, in $tmp/argv.
hand_over()
{
    : >"$tmp/argv"
    PATH=$tmp/bin:$PATH sh -c "$(tail -n 1 "$tmp/out")"
}

# told LINE...: xl is told this, after "create" and the file.
told()
{
    hand_over
    printf '%s\n' create -f "$config" "$@" | cmp -s - "$tmp/argv"
}

# Nothing is on stdout but two lines.
two_lines()
{
    code_is 0 && [ "$(wc -l <"$tmp/out")" -eq 2 ]
}

create "$config"
ok "a small domain has a node" two_lines
# Which one is the engine's affair.
home=$(sed -n "s/^web's: node \\([0-3]\\): .*/\\1/p" "$tmp/out")
ok "which is printed" [ -n "$home" ]
mask=$((home * 4))-$((home * 4 + 3))
ok "and xl is told so" told "cpus_soft=\"$mask\""
ok "there is nothing to note" [ ! -s "$tmp/err" ]
create "$config" --paused -d --quiet
hand_over
ok "options of xl create are passed on" \
    [ "$(head -n 5 "$tmp/argv" | tr '\n' ' ')" = "create -p -q -d -f " ]
ok "nothing has changed" untouched

# What the file says.
create "$config" 'memory=64' 'memory = 128;vcpus=2' "cmdline='a b \$c'"
ok "arguments come before what is added" told 'memory=64' \
    'memory = 128;vcpus=2' "cmdline='a b \$c'" "cpus_soft=\"$mask\""
create "$config" 'cpus="4-7"'
ok "cpus is kept" told 'cpus="4-7"' 'cpus_soft="4-7"'
create "$config" 'cpus="node:3, 4"' 'memory=32'
ok "cpus, as xl reads it" code_is 0
create "$config" 'cpus=["4","5-6"]'
ok "a list of cpus is kept" told 'cpus=["4","5-6"]' \
    'cpus_soft=[ "4", "5-6" ]'
create "$config" 'cpus=["4"]'
ok "a list that is too short leaves vCPUs free" code_is 0
create "$config" 'cpus_soft="8"'
ok "cpus_soft is kept" told 'cpus_soft="8"'
ok "and that is said" grep -q "cpus_soft is what .* has" "$tmp/err"
create "$config" 'type="hvm"' 'vnuma=[["pnode=2","size=128","vcpus=0-1"]]'
ok "pnodes are kept" told 'type="hvm"' \
    'vnuma=[["pnode=2","size=128","vcpus=0-1"]]'
create "$config" 'pool="0"'
ok "a pool by its number" told 'pool="0"' "cpus_soft=\"$mask\""

# Larger than any node.
create "$config" memory=1000 vcpus=4 'type="hvm"'
ok "a large HVM guest sees its nodes" grep -q "'vnuma=.*maxvcpus=4$" "$tmp/out"
ok "which is said" grep -q 'xltune: .*migrated' "$tmp/err"
create "$config" memory=1000 vcpus=4 'type="hvm"' 'vnuma=[]'
ok "unless it is not to" [ -z "$(grep pnode "$tmp/out")" ]
create "$config" memory=1000 maxmem=1200 vcpus=4 'type="hvm"'
ok "nor where it is populated on demand" [ -z "$(grep pnode "$tmp/out")" ]
create "$config" memory=1000 vcpus=4
ok "a PV guest cannot" [ -z "$(grep vnuma "$tmp/out")" ]

# A policy.
cat >"$tmp/hard.xml" <<'X'
<policy name="t">
  <domains match="*">
    <numa placement="auto" mode="hard"/>
  </domains>
</policy>
X
create "$config" --policy "$tmp/hard.xml"
ok "hard affinity" told "cpus=\"$mask\"" 'cpus_soft="all"'
create "$config" --policy "$tmp/hard.xml" 'cpus="0-1,8-9"' vcpus=1 memory=400
ok "cpus is not overridden" told 'cpus="0-1,8-9"' vcpus=1 memory=400 \
    'cpus_soft="0-1"'
sed 's|</domains>|<cpupool name="rt"/>&|' "$tmp/hard.xml" >"$tmp/pool.xml"
create "$config" --policy "$tmp/pool.xml" 'pool="Pool-0"'
ok "the file's pool wins" told 'pool="Pool-0"' "cpus=\"$mask\"" \
    'cpus_soft="all"'
ok "and the contradiction is said with its line" \
    grep -q "Pool-0.*$tmp/pool.xml:[0-9]* has \"rt\"" "$tmp/err"

# Two pools.
sed 's/\("cpus": "\)0-15"/\10-11"/
    /"cpupools"/,/\]/s/^ *}$/&,{"id":1,"name":"rt","scheduler":"null",\
        "cpus":"12-15"}/' "$host" >"$tmp/pools.json"
pools()
{
    run --host "$tmp/pools.json" create -N "$config" "$@"
}
pools --policy "$tmp/pool.xml"
ok "the policy's pool" told 'pool="rt"' 'cpus_soft="all"'
pools --policy "$tmp/pool.xml" 'pool="Pool-0"'
ok "the file's pool" told 'pool="Pool-0"' "cpus=\"$mask\"" \
    'cpus_soft="all"'
pools --policy "$tmp/pool.xml" memory=600 --force
ok "the policy's pool, though there is no room in it" told memory=600 \
    'pool="rt"'
pools 'pool="rt"'
ok "the file's other pool" told 'pool="rt"' 'cpus_soft="all"'
pools 'pool="rt"' 'cpus="0-3"'
ok "CPUs that are not in the pool" one_error 'pool'
ok "nothing is made then" code_is 1

# Where there is no room.
create "$config" memory=600 'cpus="node:2"'
ok "too large for its cpus: made all the same" told memory=600 \
    'cpus="node:2"' 'cpus_soft="all"'
ok "with a note" one_error elsewhere
create "$config" memory=600 'cpus="node:2"' --policy "$tmp/hard.xml"
ok "but not where the policy is hard" code_is 1
ok "and it is said why" one_error "free"
create "$config" memory=600 'cpus="node:2"' --policy "$tmp/hard.xml" --force
ok "unless it is forced" told memory=600 'cpus="node:2"'

# Its own CPUs bind also where the rule names the nodes.
echo '<policy name="p"><domains match="*"><numa placement="1" mode="hard"/>' \
    '</domains></policy>' >"$tmp/named.xml"
create "$config" 'cpus="0-3"' --policy "$tmp/named.xml"
ok "its cpus away from the nodes that its rule names" code_is 1
ok "and both are named" one_error 'node 1, which its rule names'
create "$config" memory=100000
ok "too large for the host" code_is 1
ok "nothing is printed" quiet_stdout
create "$config" memory=100000 --force
ok "too large for the host, forced" told memory=100000

create "$config" --json
ok "as JSON" json_has '"schema": "xtune/create/1"'
ok "with the nodes" json_has "\"nodes\": \"$home\""
create "$config" memory=100000 --json
ok "an error as JSON" grep -q '"code": "refused"' "$tmp/out"

# Memory that Xen keeps for devices is not given by affinity.
sed 's/"free_kb": 800768,/&"low_free_kb": 600000,/' "$host" >"$tmp/low.json"
run --host "$tmp/low.json" create -N "$config" memory=256 'cpus="0-7"'
ok "free memory at low addresses does not count" told memory=256 \
    'cpus="0-7"' 'cpus_soft="4-7"'
run --host "$tmp/low.json" snapshot
ok "it is kept in a snapshot" json_has '"low_free_kb": 600000'
sed 's/"free_kb": 800768,/&"low_free_kb": 800769,/' "$host" >"$tmp/low.json"
run --host "$tmp/low.json" list
ok "more of it than is free is refused" one_error "node 0 has more free"

# Devices.
create "$config" 'pci=["40:00.0,permissive=1", "0000:41:00.*@1f"]'
ok "devices" code_is 0
create "$config" 'pci=["name=nic"]'
ok "a device by its name" one_error "by name"
for bad in '"*"' '"40:00"' '"40:00.8"' '"040:00.0"' '"10000:40:00.0"' \
    '"40:00.0x"' '"40:20.0"' '""' '" 40:00.0"' '"40:00.0,name=a"' '["a"]'; do
    create "$config" "pci=[$bad]"
    ok "pci $bad is refused" [ "$code" -eq 1 ]
    ok "pci $bad is named" one_error 'w\.cfg: .*pci'
done

# bad NAME PATTERN ARGUMENT...: exit code 1, a line.
bad()
{
    bad_name=$1 bad_pattern=$2
    shift 2
    create "$config" "$@"
    ok "$bad_name" is_bad
}

is_bad()
{
    code_is 1 && one_error "$bad_pattern" && quiet_stdout
}

bad "memory with a suffix" 'w\.cfg: memory "128m" is not a number' \
    'memory="128m"'
bad "memory that is empty" 'memory "" is not a number' 'memory=""'
bad "no memory" 'memory "0" is too little' memory=0
bad "memory below nothing" 'memory "-1"' 'memory="-1"'
bad "memory beyond 64 bits" 'memory "99999999999999999999"' \
    memory=99999999999999999999
bad "memory beyond any machine" 'memory "4398046511104" is too much' \
    memory=4398046511104
bad "memory that is added to" 'memory' 'memory+=1'
bad "memory as a list" 'memory is a list' 'memory=[1]'
bad "an octal number that is none" 'memory "09"' memory=09
bad "more memory than maxmem" 'memory "128" is more' maxmem=64
bad "no vCPUs" 'vcpus "0" is too little' vcpus=0
bad "too many vCPUs" 'vcpus "100000" is too much' vcpus=100000
bad "fewer vCPUs than there are" 'maxvcpus "1" is less' maxvcpus=1
bad "a type" 'type "xen"' 'type="xen"'
bad "a type that xl would complete" 'type "h"' 'type="h"'
bad "builder against type" 'builder "hvm" contradicts' 'type="pv"' \
    'builder="hvm"'
bad "a uuid" 'uuid "1-2"' 'uuid="1-2"'
bad "an empty name" 'name "" is empty' 'name=""'
bad "a name with a slash" 'name "a/b"' 'name="a/b"'
bad "a name that a domain has" 'there is a domain' 'name="web1"'
bad "CPUs that are not there" 'w\.cfg: cpus: .*CPU 16' 'cpus="16"'
bad "CPUs of a list" 'w\.cfg: cpus\[1\]: ' 'cpus=["0","x"]'
bad "no CPUs" 'cpus: .*empty' 'cpus=""'
bad "soft CPUs" 'cpus_soft: ' 'cpus_soft="0-"'
bad "a pool" 'pool "no"' 'pool="no"'
bad "vnuma that is no list" 'vnuma' 'vnuma="x"'
bad "a vnode that is no list" 'item 0 of vnuma' 'vnuma=["x"]'
bad "a vnode without a size" 'vnuma "size="' 'vnuma=[["size="]]'
bad "an argument that is no setting" 'stray: it is no setting' stray
bad "an argument that cannot be parsed" 'vcpus=(2): config parsing' \
    'vcpus=(2)'
bad "an argument without a value" 'vcpus=: ' 'vcpus='

printf 'name="x"\nfoo bar\n' >"$tmp/bad.cfg"
create "$tmp/bad.cfg"
ok "a file that cannot be parsed" one_error 'bad\.cfg:2: '
printf 'name="x"\n\0' >"$tmp/bad.cfg"
create "$tmp/bad.cfg"
ok "a file with a NUL" one_error 'bad\.cfg: .*NUL'
printf 'memory=1\n' >"$tmp/bad.cfg"
create "$tmp/bad.cfg"
ok "a file without a name" one_error 'bad\.cfg: .*no name'
create "$tmp/none.cfg"
ok "no file" one_error 'none\.cfg: '
create "$tmp"
ok "a folder" code_is 1
create /dev/null 'name="x"'
ok "settings alone" code_is 0
mv "$config" "$tmp/-a=b.cfg"
config=-a=b.cfg
ran=$(cd "$tmp" && "$BUILD/xltune" --host "$host" create -N -- "$config" |
    tail -n 1)
ok "a file that looks like an option or a setting" \
    [ "$ran" = "xl create -f -a=b.cfg 'cpus_soft=\"$mask\"'" ]

run --host "$host" create "$tmp/-a=b.cfg"
ok "a host in a file makes no domains" code_is 64
ok "nothing has changed at the end" untouched

# USB devices of its record: attached when it is made.
use_host usb
cp "$host" "$tmp/before"
uuid=5b1c3f0e-0d8f-4c6a-9f6e-2f0c86a1b1ff
stick='"by": "serial", "vendor": "0951", "product": "1666",
    "serial": "60A44C413FAE"'
cat >"$tmp/usb.cfg" <<X
name = "usb1"
uuid = "$uuid"
type = "hvm"
memory = 64
X
mkdir -p "$host.d/records"
cat >"$host.d/records/$uuid.json" <<X
{ "schema": "xtune/record/1", "uuid": "$uuid", "name": "usb1",
  "usb": [ { $stick },
           { "by": "port", "vendor": "0658", "product": "0200",
             "port": "1-3.2" },
           { "by": "serial", "vendor": "04b8", "product": "0202",
             "serial": "L72010011070626380" },
           { "by": "serial", "vendor": "0951", "product": "1666",
             "serial": "60A44C413FAF", "port": "1-9" },
           { "by": "port", "vendor": "058f", "product": "6387",
             "port": "1-9" } ] }
X
cat >"$host.d/usb.json" <<X
{ "schema": "xtune/usb/1",
  "usb": [ { $stick, "passthrough": true },
           { "by": "port", "vendor": "0658", "product": "0200",
             "port": "1-3.2", "passthrough": true } ] }
X
create "$tmp/usb.cfg"
ok "USB devices" two_lines
# note PATTERN
note()
{
    grep -q "^xltune: usb1: USB device $1" "$tmp/err"
}
ok "USB devices: what it gets" note '1-3\.1 is attached when it is made$'
ok "USB devices: what the policy denies" \
    note '1-3\.2 is not attached: .*usb-policy.*--force=policy'
ok "USB devices: what may not be given" \
    note '1-4 is not attached: pass-through is not enabled'
ok "USB devices: what is not there, by its number" \
    note '0951:1666,serial=60A44C413FAF is not plugged in: it is waited for$'
ok "USB devices: what is not there, by its port" \
    note '058f:6387,port=1-9 is not plugged in: it is waited for$'
ok "USB devices: nothing else" [ "$(wc -l <"$tmp/err")" -eq 5 ]
create --force=policy "$tmp/usb.cfg"
ok "USB devices: a guard is overridden" \
    note '1-3\.2 is attached when it is made$'
create "$tmp/usb.cfg" --json
ok "USB devices: as JSON" [ "$(jq '.notes | length' "$tmp/out")" -eq 5 ]
create "$tmp/usb.cfg" 'type="pvh"'
ok "USB devices: not of a PVH guest" note '1-3\.1 is not attached: .*PVH'
ok "USB devices: which is made all the same" two_lines
create "$tmp/usb.cfg" 'uuid="5b1c3f0e-0d8f-4c6a-9f6e-2f0c86a1b1fe"' \
    'name="usb2"'
ok "USB devices: not of another domain" [ ! -s "$tmp/err" ]
ok "USB devices: the host is as it was" same_host
