# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh source=tests/cli/lib.sh
# xe's commands about USB devices. What is expected was written by hand after
# xe's layout: the longest label of a record and 4 is the width, the first
# label stands on the left, the others on the right.
. ./lib.sh

refused_host=xe-usb
vm=5b1c3f0e-0d8f-4c6a-9f6e-2f0c86a1b102
other_vm=5b1c3f0e-0d8f-4c6a-9f6e-2f0c86a1b103
stopped_vm=11111111-0000-4000-8000-00000000000a
# Derived from identities (RFC 4122, version 5): the same for ever.
stick=d39089de-64fe-58ed-9c54-8ed506060686
stick_group=e9c54e4e-cb0a-5a12-8e80-9cf0e68ea3d3
stick_vusb=06a5d6af-7e4c-5f3d-9d4b-2649312d855e
token=2bc76163-d241-51fe-bfbe-4345cccdb8fe
token_group=9f9f725c-7433-5449-b783-ec1a28b63213
disk=ce11f86d-b2dd-58ab-b73f-30bc371be9b9
fast=a630485c-0a90-505e-a497-81f36bfa5483
fast_group=0716bd82-0007-52e2-b95b-723f45f3c98c

record=$host.d/records/$vm.json

# prints: stdout is the text of our stdin, byte for byte.
prints()
{
    cat >"$tmp/expected"
    diff "$tmp/expected" "$tmp/out" | sed 's/^/#   /'
    cmp -s "$tmp/expected" "$tmp/out"
}

xe()
{
    run --host "$host" "$@"
}

said()
{
    grep -q "$1" "$tmp/err"
}

silent()
{
    code_is 0 && quiet_stdout && [ ! -s "$tmp/err" ]
}

not_in_record()
{
    ! grep -q "$1" "$record"
}

# The host is as it was, and no record is left beside it.
untouched_state()
{
    same_host && [ ! -e "$record" ] && [ ! -e "$host.d/usb.json" ]
}

# Listing: neither the keyboard nor the hub, in the order of ports.

use_host xe-usb
xe pusb-list
ok "pusb-list" prints <<X
uuid ( RO)            : $stick
            path ( RO): 1-2
       vendor-id ( RO): 0951
     vendor-desc ( RO): Kingston Technology
      product-id ( RO): 1666
    product-desc ( RO): DataTraveler 100 G3/G4/SE9 G2/50
          serial ( RO): 60A44C413FAE
         version ( RO): 2.10
     description ( RO): Kingston Technology_DataTraveler 100 G3/G4/SE9 G2/50_60A44C413FAE
           speed ( RO): 480.000


uuid ( RO)            : $token
            path ( RO): 1-4
       vendor-id ( RO): 096e
     vendor-desc ( RO): Feitian Technologies, Inc.
      product-id ( RO): 0302
    product-desc ( RO): 
          serial ( RO): 
         version ( RO): 1.10
     description ( RO): Feitian Technologies, Inc.
           speed ( RO): 12.000


uuid ( RO)            : $disk
            path ( RO): 1-10
       vendor-id ( RO): 0781
     vendor-desc ( RO): SanDisk Corp.
      product-id ( RO): 5567
    product-desc ( RO): Cruzer Blade
          serial ( RO): 4C530001231120115142
         version ( RO): 2.00
     description ( RO): SanDisk Corp._Cruzer Blade_4C530001231120115142
           speed ( RO): 480.000


uuid ( RO)            : $fast
            path ( RO): 2-1
       vendor-id ( RO): 04e8
     vendor-desc ( RO): Samsung, Inc.
      product-id ( RO): 61fb
    product-desc ( RO): T7 \\ Shield
          serial ( RO): S6TN,1
         version ( RO): 3.00
     description ( RO): Samsung, Inc._T7 \\ Shield_S6TN,1
           speed ( RO): 5000.000


X

xe pusb-list path=2-1 params=speed,path,uuid,passthrough-enabled
ok "fields that are asked for, in xe's order" prints <<X
uuid ( RO)                   : $fast
                   path ( RO): 2-1
                  speed ( RO): 5000.000
    passthrough-enabled ( RW): false


X
xe pusb-param-list uuid=$token
ok "pusb-param-list" prints <<X
uuid ( RO)                   : $token
         usb-group-uuid ( RO): $token_group
              host-uuid ( RO): 0d1f0c4e-7c5b-4a52-9d6b-4c6b1b0f2a11
        host-name-label ( RO): xen1
                   path ( RO): 1-4
              vendor-id ( RO): 096e
            vendor-desc ( RO): Feitian Technologies, Inc.
             product-id ( RO): 0302
           product-desc ( RO): 
                 serial ( RO): 
                version ( RO): 1.10
            description ( RO): Feitian Technologies, Inc.
                  speed ( RO): 12.000
    passthrough-enabled ( RW): false


X
cp "$tmp/out" "$tmp/all"
xe pusb-list params=all path=1-4
ok "params=all is all of them" cmp -s "$tmp/all" "$tmp/out"
xe pusb-list params=path,colour path=2-1
ok "a field that there is not is left out" prints <<X
path ( RO)    : 2-1


X
ok "and told" said "^xltune: PUSB: Unknown field 'colour'$"

xe pusb-list --minimal
ok "--minimal" prints <<X
$stick,$token,$disk,$fast
X
xe pusb-list --minimal params=serial,product-desc
ok "--minimal: the first field alone, escaped" prints <<X
DataTraveler 100 G3/G4/SE9 G2/50,,Cruzer Blade,T7 \\\\ Shield
X
xe pusb-list minimal=true params=serial
ok "minimal=true, and a comma in a value" prints <<X
60A44C413FAE,,4C530001231120115142,S6TN\\,1
X
xe pusb-list --minimal vendor-id=ffff
ok "--minimal of none" prints <<X

X
xe pusb-list vendor-id=ffff
ok "none" silent
xe pusb-list --minimal speed=480.000 version=2.00
ok "two filters" prints <<X
$disk
X

xe pusb-param-get uuid=$token param-name=speed
ok "pusb-param-get" prints <<X
12.000
X
xe pusb-param-get uuid=$fast param-name=serial --minimal
ok "pusb-param-get --minimal" prints <<X
S6TN\\,1
X
xe pusb-list --json params=path,passthrough-enabled path=1-2
ok "pusb-list as JSON" prints <<X
{
  "schema": "xtune/xe/1",
  "class": "pusb",
  "objects": [
    {
      "path": "1-2",
      "passthrough-enabled": false
    }
  ]
}
X
xe pusb-param-get --json uuid=$token param-name=path
ok "pusb-param-get as JSON" json_has '"path": "1-4"'

xe usb-group-list
ok "usb-group-list" prints <<X
uuid ( RO)                : $stick_group
          name-label ( RW): Group of 0951 1666 USBs
    name-description ( RW): 


uuid ( RO)                : $token_group
          name-label ( RW): Group of 096e 0302 USBs
    name-description ( RW): 


uuid ( RO)                : 9e039150-38d6-5746-8600-b03689f4c2cd
          name-label ( RW): Group of 0781 5567 USBs
    name-description ( RW): 


uuid ( RO)                : $fast_group
          name-label ( RW): Group of 04e8 61fb USBs
    name-description ( RW): 


X
xe usb-group-list --minimal PUSB-uuids:contains=$fast
ok "the group of a device" prints <<X
$fast_group
X
xe vusb-list
ok "no VUSB" silent
ok "nothing was changed" untouched

# What is wrong is told in xe's words.

refused "no uuid" 1 "Required parameter not found: uuid" pusb-param-list
refused "no param-name" 1 "Required parameter not found: param-name" \
    pusb-param-get uuid=$stick
refused "no vm-uuid" 1 "Required parameter not found: vm-uuid" \
    vusb-create usb-group-uuid=$stick_group
refused "a filter by no field" 1 "Unknown field 'colour'" pusb-list colour=1
refused "a filter by a part of a text" 1 "is not a set or map" pusb-list path:x=1
refused "a filter of a set" 1 "Invalid syntax for set filtering" \
    usb-group-list VUSB-uuids:has=1
refused "no such PUSB" 1 "The uuid you supplied was invalid" \
    pusb-param-list uuid=$stick_group
refused "no such group" 1 "The uuid you supplied was invalid" \
    usb-group-param-list uuid=$stick
refused "no such VUSB" 1 "The uuid you supplied was invalid" \
    vusb-destroy uuid=$stick_vusb
refused "no such field" 1 "Missing parameter: colour" \
    pusb-param-get uuid=$stick param-name=colour
refused "no such key" 1 "Key a not found in map" \
    usb-group-param-get uuid=$stick_group param-name=other-config param-key=a
refused "a field to be read only" 1 "Field 'path' is read-only" \
    pusb-param-set uuid=$stick path=1-3
refused "no boolean" 1 "expecting a boolean (true or false)" \
    pusb-param-set uuid=$stick passthrough-enabled=yes
refused "no VM" 1 "The uuid you supplied was invalid" \
    vusb-create usb-group-uuid=$stick_group vm-uuid=hvm1
refused "dom0 is no VM" 1 "The uuid you supplied was invalid" vusb-create \
    usb-group-uuid=$stick_group vm-uuid=00000000-0000-0000-0000-000000000000
use_host xe-usb
sed -i 's/00000000-0000-0000-0000-000000000000/22222222-0000-4000-8000-000000000000/' "$host"
xe pusb-param-set uuid=$stick passthrough-enabled=true
xe vusb-create usb-group-uuid=$stick_group \
    vm-uuid=22222222-0000-4000-8000-000000000000
ok "nor where it has a uuid" one_error "The uuid you supplied was invalid"
refused "not enabled" 1 "pusb-param-set uuid=$stick passthrough-enabled=true" \
    vusb-create usb-group-uuid=$stick_group vm-uuid=$vm
refused "a word too many" 1 "no such parameter" pusb-param-list uuid=$stick a=b
refused "another host" 1 "The uuid you supplied was invalid" \
    pusb-scan host-uuid=$vm
refused "a key that is not there" 1 "Key a is not in map" \
    usb-group-param-remove uuid=$stick_group param-name=other-config param-key=a
refused "a key of a text" 1 "Can only remove from parameters of type Set or Map" \
    usb-group-param-remove uuid=$stick_group param-name=uuid param-key=a
refused "a map as a whole" 1 "use the 'name:key=value' syntax" \
    usb-group-param-set uuid=$stick_group other-config=a
refused "a name of two lines" 1 "is not one line of text" \
    usb-group-param-set uuid=$stick_group "name-label=a
b"

# Naming, enabling, and giving to a domain.

use_host xe-usb
xe usb-group-param-set uuid=$stick_group name-label="the stick" \
    name-description="a=b"
ok "usb-group-param-set" silent
xe pusb-param-set uuid=$stick passthrough-enabled=true
ok "pusb-param-set" silent
xe pusb-param-get uuid=$stick param-name=passthrough-enabled
ok "enabled" prints <<X
true
X
xe pusb-param-set uuid=$disk passthrough-enabled=true
ok "what will be in the way is told" said '1-10: .*/mnt/backup'
xe vusb-create usb-group-uuid=$stick_group vm-uuid="$(echo $vm | tr a-f A-F)"
ok "vusb-create" prints <<X
$stick_vusb
X
ok "it says when" said "hvm1: it is attached when .*vusb-plug uuid=$stick_vusb"
ok "the host is as it was" same_host
ok "what is kept" grep -q '"serial": "60A44C413FAE"' "$record"
ok "the mode of the record" [ "$(stat -c %a "$record")" = 600 ]
xe vusb-list
ok "vusb-list" prints <<X
uuid ( RO)              : $stick_vusb
           vm-uuid ( RO): $vm
    usb-group-uuid ( RO): $stick_group


X
xe vusb-param-list uuid=$stick_vusb
ok "vusb-param-list" prints <<X
uuid ( RO)                    : $stick_vusb
                 vm-uuid ( RO): $vm
           vm-name-label ( RO): hvm1
          usb-group-uuid ( RO): $stick_group
    usb-group-name-label ( RO): the stick
            other-config (MRW): 
      currently-attached ( RO): false
      allowed-operations (SRO): attach; plug
      current-operations (SRO): 


X
xe usb-group-param-list uuid=$stick_group
ok "usb-group-param-list" prints <<X
uuid ( RO)                : $stick_group
          name-label ( RW): the stick
    name-description ( RW): a=b
          VUSB-uuids (SRO): $stick_vusb
          PUSB-uuids (SRO): $stick
        other-config (MRW): 


X
xe vusb-param-set uuid=$stick_vusb other-config:a=1 other-config-b=2,3
ok "vusb-param-set" silent
xe vusb-param-set uuid=$stick_vusb other-config:a=4
xe vusb-list params=other-config other-config:b=2,3
ok "other-config" prints <<X
other-config (MRW)    : a: 4; b: 2,3


X
xe vusb-param-get uuid=$stick_vusb param-name=other-config param-key=b
ok "one of its keys" prints <<X
2,3
X
xe vusb-param-remove uuid=$stick_vusb param-name=other-config param-key=b
ok "vusb-param-remove" silent
xe usb-group-param-set uuid=$token_group other-config:a=1
xe usb-group-param-remove uuid=$token_group param-name=other-config param-key=a
ok "usb-group-param-remove" silent
xe usb-group-param-add uuid=$token_group param-name=other-config a=1 b=c=d
ok "usb-group-param-add" silent
xe usb-group-param-get uuid=$token_group param-name=other-config
ok "what was added" prints <<X
a: 1; b: c=d
X
xe usb-group-param-add uuid=$token_group param-name=other-config c=1 a=2
ok "a key that is there" one_error "that key is already there"
xe usb-group-param-get uuid=$token_group param-name=other-config
ok "and none of the others is added" prints <<X
a: 1; b: c=d
X
xe usb-group-param-add uuid=$token_group param-name=other-config
ok "nothing to be added" one_error "other-config: there is nothing to be added"
xe usb-group-param-add uuid=$token_group param-name=name-label a=1
ok "a text to be added to" one_error \
    "Can only add to parameters of type Set or Map"
xe usb-group-param-add uuid=$token_group param-name=PUSB-uuids a=1
ok "a set to be added to" one_error "Parameter is read-only"
xe usb-group-param-clear uuid=$token_group param-name=PUSB-uuids
ok "a set to be cleared" one_error "Can only clear RW parameters"
xe usb-group-param-clear uuid=$token_group param-name=other-config
ok "usb-group-param-clear" silent
xe usb-group-param-set uuid=$token_group name-description=x
xe usb-group-param-clear uuid=$token_group param-name=name-description
ok "a text that is cleared" silent
xe vusb-param-add uuid=$stick_vusb param-name=other-config c=5
ok "vusb-param-add" silent
xe vusb-param-get uuid=$stick_vusb param-name=other-config
ok "what was added to a VUSB" prints <<X
a: 4; c: 5
X
xe vusb-param-clear uuid=$stick_vusb param-name=other-config
ok "vusb-param-clear" silent
xe vusb-param-add uuid=$stick_vusb param-name=other-config a=4
xe vusb-param-clear uuid=$stick_vusb param-name=vm-uuid
ok "a VUSB's domain to be cleared" one_error "Can only clear RW parameters"
ok "of what says nothing more nothing is kept" \
    [ "$(grep -c '"by"' "$host.d/usb.json")" = 2 ]
xe vusb-create usb-group-uuid=$stick_group vm-uuid=$other_vm
ok "one VUSB a group" [ "$code" -eq 1 ]
ok "in XAPI's words" said \
    "USB_groups are currently restricted to contain no more than one VUSB: .*vusb-destroy uuid=$stick_vusb"
xe vusb-unplug uuid=$stick_vusb
ok "what is not attached" one_error "The device is not currently attached"

# Plugging.

xe vusb-plug -N uuid=$stick_vusb
ok "a dry run" grep -q 'hvm1/1-2' "$tmp/out"
ok "changes nothing" same_host
xe vusb-plug uuid=$stick_vusb
ok "vusb-plug" silent
xe vusb-list params=currently-attached,allowed-operations
ok "attached" prints <<X
currently-attached ( RO)    : true
    allowed-operations (SRO): attach; unplug


X
xe vusb-plug uuid=$stick_vusb
ok "attached already" one_error "The device is already attached to a VM"
xe vusb-destroy uuid=$stick_vusb
ok "what is attached is not destroyed" one_error \
    "VUSB '$stick_vusb' still attached to '$vm'"
xe pusb-param-set uuid=$stick passthrough-enabled=false
ok "nor disabled" one_error "The USB device is currently attached to a VM"
ok "it is kept still" grep -q '"usb"' "$record"
xe vusb-unplug uuid=$stick_vusb
ok "vusb-unplug" silent
ok "for the life of the domain" grep -q \
    '"unplugged": "8f0e6f3c-3a0b-4d7e-8a58-7d1c6c9e5b01/2"' "$record"
cp "$host" "$tmp/unplugged"
xe pusb-scan host-uuid=0D1F0C4E-7c5b-4a52-9d6b-4c6b1b0f2a11
ok "pusb-scan" silent
ok "it stays away" cmp -s "$host" "$tmp/unplugged"
xe vusb-plug uuid=$stick_vusb
ok "plugged again" silent
ok "it does not stay away any longer" not_in_record '"unplugged"'
ok "other-config stays" grep -q '"a": "4"' "$record"

# Scanning attaches what records want; it may be plugged in elsewhere by now.

use_host xe-usb
xe pusb-param-set uuid=$fast passthrough-enabled=true
xe vusb-create --quiet usb-group-uuid=$fast_group vm-uuid=$vm
vusb=$(cat "$tmp/out")
sed -i 's/"path": "2-1"/"path": "2-4"/' "$host"
xe pusb-list --minimal serial=S6TN,1
ok "the uuid is the same in another port" prints <<X
$fast
X
xe pusb-scan
ok "pusb-scan attaches" silent
xe vusb-param-get uuid="$vusb" param-name=currently-attached
ok "attached by that" prints <<X
true
X

# One that is gone, and a domain that does not run.

use_host xe-usb
xe pusb-param-set uuid=$stick passthrough-enabled=true
xe vusb-create usb-group-uuid=$stick_group vm-uuid=$stopped_vm
ok "a domain that does not run" code_is 0
ok "there is nothing to say" [ ! -s "$tmp/err" ]
vusb=$(cat "$tmp/out")
sed -i 's/60A44C413FAE/another/' "$host"
xe pusb-list --minimal uuid=$stick
ok "its PUSB is gone" prints <<X

X
xe usb-group-list uuid=$stick_group params=all
ok "its group is not" prints <<X
uuid ( RO)                : $stick_group
          name-label ( RW): Group of 0951 1666 USBs
    name-description ( RW): 
          VUSB-uuids (SRO): $vusb
          PUSB-uuids (SRO): 
        other-config (MRW): 


X
xe vusb-list params=vm-uuid,vm-name-label,allowed-operations
ok "nor its VUSB" prints <<X
vm-uuid ( RO)               : $stopped_vm
         vm-name-label ( RO): <not in database>
    allowed-operations (SRO): attach


X
xe vusb-plug uuid="$vusb"
ok "it does not run" one_error "not in an appropriate power state"
xe vusb-destroy uuid="$vusb" --json
ok "vusb-destroy" json_has '"result": "forgotten"'
xe vusb-list
ok "it is gone" silent

# Disabling takes the VUSB with it, as XAPI does.

use_host xe-usb
xe pusb-param-set uuid=$stick passthrough-enabled=true
xe vusb-create -q usb-group-uuid=$stick_group vm-uuid=$vm
xe pusb-param-set uuid=$stick passthrough-enabled=false
ok "disabled" code_is 0
ok "that is said" said "$stick_vusb: the VUSB of domain \"hvm1\" is destroyed"
ok "nothing is left" untouched_state

# A record that is the domain's by its name stays the only one.

use_host xe-usb
xe pusb-param-set uuid=$stick passthrough-enabled=true
mkdir -p "$host.d/records"
echo "{ \"schema\": \"xtune/record/1\", \"uuid\": \"$stopped_vm\"," \
    "\"name\": \"hvm1\", \"cpupool\": \"Pool-0\" }" \
    >"$host.d/records/$stopped_vm.json"
xe vusb-create -q usb-group-uuid=$stick_group vm-uuid=$vm
vusb=$(cat "$tmp/out")
ok "a record by name" [ "$(ls "$host.d/records")" = $stopped_vm.json ]
ok "with what it had" grep -q Pool-0 "$host.d/records/$stopped_vm.json"
xe vusb-list --minimal vm-uuid=$vm
ok "its VUSB is the domain's" prints <<X
$vusb
X
xe vusb-plug uuid="$vusb"
ok "and can be plugged" silent

# No more than six of a domain.

use_host xe-usb
xe pusb-param-set uuid=$stick passthrough-enabled=true
mkdir -p "$host.d/records"
{
    echo "{ \"schema\": \"xtune/record/1\", \"uuid\": \"$vm\","
    echo "\"name\": \"hvm1\", \"usb\": ["
    for i in 1 2 3 4 5 6; do
        [ $i = 1 ] || echo ,
        echo "{ \"by\": \"port\", \"vendor\": \"0001\", \"product\": \"0002\","
        echo "\"port\": \"3-$i\" }"
    done
    echo "] }"
} >"$record"
xe vusb-create usb-group-uuid=$stick_group vm-uuid=$vm
ok "a seventh" one_error "The VM has too many VUSBs"
xe vusb-create usb-group-uuid=$stick_group vm-uuid=$other_vm
ok "of another domain" code_is 0
xe usb-group-list --minimal
ok "groups of VUSBs alone come last" [ "$(tr ',' '\n' <"$tmp/out" | wc -l)" = 10 ]

# The usb-policy says what there is.

rules()
{
    use_host xe-usb
    sed -i "0,/\"nodes\": \[/s//\"usb_rules\": { \"file\": \"rules.conf\", $1 }, &/" "$host"
}

rules '"text": "ALLOW: vid=413c\\n"'
xe pusb-list --minimal params=path
ok "the keyboard alone" prints <<X
1-1
X
rules '"text": "\\nALLOW vid=413c\\n"'
xe pusb-list
ok "one that is wrong" one_error 'rules.conf:2'
ok "and the code" code_is 1
xe usb-group-list
ok "groups do without, and say so" one_error "no device can be passed through"
ok "there is none" quiet_stdout
xe pusb-scan
ok "pusb-scan without" code_is 0

# What the shell completes; with "=" as a word of its own, as bash has it.

completions()
{
    bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
        _xltune; printf "%s\n" "${COMPREPLY[@]}"' bash \
        "$top/xltune/completion/xltune.bash" xltune --host "$host" "$@" |
        sort | tr '\n' ' '
}

if command -v bash >/dev/null; then
    use_host xe-usb
    PATH=$BUILD:$PATH
    ok "words" [ "$(completions pusb-param-set '')" = \
        "passthrough-enabled= uuid= " ]
    ok "uuids of PUSBs" [ "$(completions pusb-param-list uuid = d)" = "$stick " ]
    ok "of groups" [ "$(completions vusb-create vm-uuid = $vm \
        usb-group-uuid = e)" = "$stick_group " ]
    ok "of groups by their own command" \
        [ "$(completions usb-group-param-get uuid = e)" = "$stick_group " ]
    ok "flags" [ "$(completions pusb-param-set uuid = $stick \
        passthrough-enabled = '')" = "false true " ]
fi

use_host xe-usb
xe usb-group-param-set uuid=$stick_group other-config:=1
ok "a key that is empty" one_error "the key behind ':' is missing"
ok "a key that is empty: nothing is kept" [ ! -e "$host.d" ]
jq 'del(.usb)' "$hosts/xe-usb.json" >"$host"
xe pusb-list
ok "a host without USB: it is said" one_error 'recorded without them'
ok "a host without USB: nothing is listed" quiet_stdout

# As xe itself printed it: outputs that people have published, of hosts with
# these devices. Their uuids were made by chance: ours stand for them.

# device PATH VENDOR PRODUCT SERIAL VERSION SPEED VENDOR-DESC PRODUCT-DESC
device()
{
    jq -n '$ARGS.positional as [$path, $vendor, $product, $serial, $version,
            $speed, $vendor_desc, $product_desc] |
        { path: $path, bus: ($path[:1] | tonumber),
          address: ($path | split("[-.]"; null)[-1] | tonumber + 1),
          vendor: $vendor, product: $product, release: "0100",
          class: "00", version: $version, speed: $speed, serial: $serial,
          vendor_desc: $vendor_desc, product_desc: $product_desc,
          configured: true, controller: "0000:00:14.0", uses: [], interfaces:
          [ { number: 0, class: "ff", subclass: "00", protocol: "00",
              driver: null } ] } |
        if $serial == "" then del(.serial) else . end |
        if $product_desc == "" then del(.product_desc) else . end' --args "$@"
}

recorded_host()
{
    use_host xe-usb
    { device 1-10 0403 6015 DO00K1Q1 2.00 12 \
        "Future Technology Devices International, Ltd" \
        "Bridge(I2C/SPI/UART/FIFO)"
      device 1-11 0658 0200 "" 2.00 12 "Sigma Designs, Inc." \
        "Aeotec Z-Stick Gen5 (ZW090) - UZB"
      device 2-1.1 0781 5591 4C530001151223117134 2.10 480 "SanDisk Corp." ""
      device 2-1.6 1f75 0903 000000000000000244 2.10 480 \
        "Innostor Technology Corporation" ""; } | jq -s . >"$tmp/devices"
    jq --slurpfile devices "$tmp/devices" '.usb = $devices[0]' "$host" \
        >"$tmp/recorded" && cat "$tmp/recorded" >"$host"
}

# uuid_of CLASS FILTER
uuid_of()
{
    xe "$1-list" "$2" --minimal
    cat "$tmp/out"
}

recorded_host
ftdi=$(uuid_of pusb path=1-10)
xe pusb-list path=1-10
ok "as XCP-ng 8.2 printed it: pusb-list" prints <<X
uuid ( RO)            : $ftdi
            path ( RO): 1-10
       vendor-id ( RO): 0403
     vendor-desc ( RO): Future Technology Devices International, Ltd
      product-id ( RO): 6015
    product-desc ( RO): Bridge(I2C/SPI/UART/FIFO)
          serial ( RO): DO00K1Q1
         version ( RO): 2.00
     description ( RO): Future Technology Devices International, Ltd_Bridge(I2C/SPI/UART/FIFO)_DO00K1Q1
           speed ( RO): 12.000


X

zwave=$(uuid_of pusb path=1-11)
xe usb-group-list PUSB-uuids="$zwave"
sed -n 's/^uuid ( RO) *: //p' "$tmp/out" >"$tmp/group"
ok "as XCP-ng 8.2 printed it: usb-group-list" prints <<X
uuid ( RO)                : $(cat "$tmp/group")
          name-label ( RW): Group of 0658 0200 USBs
    name-description ( RW): 


X
xe pusb-param-set uuid="$zwave" passthrough-enabled=true
ok "as XCP-ng 8.2 printed it: pusb-param-set" silent
xe vusb-create usb-group-uuid="$(cat "$tmp/group")" vm-uuid=$stopped_vm
cp "$tmp/out" "$tmp/created"
xe vusb-list --minimal
ok "as XCP-ng 8.2 printed it: vusb-create" cmp -s "$tmp/created" "$tmp/out"

# XAPI before that had no speed; blanks at the ends of lines were lost when
# this one was published.
older=uuid,path,vendor-id,vendor-desc,product-id,product-desc,serial,version
innostor=$(uuid_of pusb path=2-1.6)
sandisk=$(uuid_of pusb path=2-1.1)
xe pusb-list path=2-1.6 params=$older,description
cp "$tmp/out" "$tmp/first"
xe pusb-list path=2-1.1 params=$older,description
sed 's/ *$//' "$tmp/first" "$tmp/out" >"$tmp/both"
cp "$tmp/both" "$tmp/out"
ok "as XCP-ng 7.5 printed it: pusb-list" prints <<X
uuid ( RO)            : $innostor
            path ( RO): 2-1.6
       vendor-id ( RO): 1f75
     vendor-desc ( RO): Innostor Technology Corporation
      product-id ( RO): 0903
    product-desc ( RO):
          serial ( RO): 000000000000000244
         version ( RO): 2.10
     description ( RO): Innostor Technology Corporation_000000000000000244


uuid ( RO)            : $sandisk
            path ( RO): 2-1.1
       vendor-id ( RO): 0781
     vendor-desc ( RO): SanDisk Corp.
      product-id ( RO): 5591
    product-desc ( RO):
          serial ( RO): 4C530001151223117134
         version ( RO): 2.10
     description ( RO): SanDisk Corp._4C530001151223117134


X
