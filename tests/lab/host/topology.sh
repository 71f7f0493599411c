# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2015,SC2034
#
# Reads a topology file into topo_* variables. README.md has the keys.
# Strict: a slip would silently test another machine.

topo_kinds_pci='e1000 e1000e nvme'
topo_kinds_usb='stick keyboard mouse serial hub'

topo_fail() {
    fail 64 "$topo_where: $*"
}

# topo_number NAME VALUE MIN MAX
topo_number() {
    [[ $2 =~ ^(0|[1-9][0-9]{0,5})$ ]] && (( $2 >= $3 && $2 <= $4 )) ||
        topo_fail "$1 \"$2\" is not a number from $3 to $4"
}

# One value for all nodes, or one for each. Sets the array named first.
topo_per_node() {
    local -n into=$1
    local name=$2 min=$3 max=$4 value
    shift 4
    [ $# = 1 ] || [ $# = "$topo_nodes" ] ||
        topo_fail "$name wants one value, or one for each of" \
            "$topo_nodes nodes, not $#"
    into=()
    for value in "$@"; do topo_number "$name" "$value" "$min" "$max"; done
    while [ ${#into[@]} -lt "$topo_nodes" ]; do into+=("${@}"); done
}

topo_distances() {
    local value from=${#topo_distance[@]} to=0
    [ "$from" -lt "$topo_nodes" ] || topo_fail "more distances than nodes"
    [ $# = "$topo_nodes" ] ||
        topo_fail "distances wants $topo_nodes values a line, not $#"
    for value in "$@"; do
        topo_number distance "$value" 10 254
        (( (to == from) == (value == 10) )) ||
            topo_fail "the distance from node $from to $to cannot be $value:" \
                "10 is a node to itself, and only that"
        to=$((to + 1))
    done
    topo_distance+=("$*")
}

topo_member() {
    local kind
    for kind in $2; do [ "$kind" != "$1" ] || return 0; done
    return 1
}

# What there is of node, functions and vfs, each once.
topo_add_pci() {
    local kind=$1 node=none functions=1 vfs=0 word given=' '
    topo_member "$kind" "$topo_kinds_pci" ||
        topo_fail "pci \"$kind\" is none of: $topo_kinds_pci"
    shift
    for word in "$@"; do
        ! topo_member "${word%%=*}" "$given" ||
            topo_fail "${word%%=*} is given twice"
        given+="${word%%=*} "
        case $kind/$word in
        */node=*)
            node=${word#*=}
            topo_number node "$node" 0 $((topo_nodes - 1))
            ;;
        e1000*/functions=*)
            functions=${word#*=}
            topo_number functions "$functions" 2 8
            ;;
        nvme/vfs=*)
            vfs=${word#*=}
            topo_number vfs "$vfs" 1 7
            ;;
        *) topo_fail "\"$word\" is nothing that $kind can have" ;;
        esac
    done
    topo_pci+=("$kind $node $functions $vfs")
}

# A device, or one that is behind the last hub; and the port that it is in.
# Each has a port of its own, also of those that are on different controllers:
# by that dom0 knows them.
topo_add_usb() {
    local kind=$1 port=$((${#topo_usb[@]} + 1)) bus=xhci word
    topo_member "$kind" "$topo_kinds_usb" ||
        topo_fail "usb \"$kind\" is none of: $topo_kinds_usb"
    [ "$port" -le 7 ] || topo_fail "more than 7 USB devices"
    shift
    for word in "$@"; do
        case $kind/$word in
        */port=[1-7].[1-8]) port=${word#*=} ;;
        stick/speed=high) bus=ehci ;;
        *) topo_fail "\"$word\" is nothing that $kind can have" ;;
        esac
    done
    topo_usb+=("$kind $port $bus")
}

topo_key() {
    local key=$1
    shift
    [ $# -gt 0 ] || topo_fail "$key has no value"
    [ "$key" = nodes ] || [ "$topo_nodes" -gt 0 ] ||
        topo_fail "nodes comes first"
    case $key in
    nodes)
        [ $# = 1 ] && [ "$topo_nodes" = 0 ] || topo_fail "one nodes, one value"
        topo_number nodes "$1" 1 15
        topo_nodes=$1
        ;;
    cpus) topo_per_node topo_cpus cpus 0 64 "$@" ;;
    memory) topo_per_node topo_memory memory 64 65536 "$@" ;;
    threads)
        [ $# = 1 ] || topo_fail "threads wants one value"
        topo_number threads "$1" 1 4
        topo_threads=$1
        ;;
    distances) topo_distances "$@" ;;
    pci) topo_add_pci "$@" ;;
    usb) topo_add_usb "$@" ;;
    iommu)
        [ $# = 1 ] && topo_member "$1" "on off" ||
            topo_fail "iommu \"$*\" is neither on nor off"
        topo_iommu=$1
        ;;
    emulation)
        [ $# = 1 ] && topo_member "$1" "multi single" ||
            topo_fail "emulation \"$*\" is neither multi nor single"
        topo_emulation=$1
        ;;
    xen) topo_xen+=" $*" ;;
    dom0) topo_dom0+=" $*" ;;
    *) topo_fail "unknown key \"$key\"" ;;
    esac
}

# What only the whole file shows.
topo_check() {
    local count
    [ "$topo_nodes" -gt 0 ] || topo_fail "no nodes"
    [ ${#topo_cpus[@]} -gt 0 ] || topo_fail "no cpus"
    [ ${#topo_memory[@]} -gt 0 ] || topo_fail "no memory"
    [ "${topo_cpus[0]}" -gt 0 ] || topo_fail "node 0 needs CPUs"
    [ ${#topo_distance[@]} = 0 ] ||
        [ ${#topo_distance[@]} = "$topo_nodes" ] ||
        topo_fail "distances wants $topo_nodes lines," \
            "not ${#topo_distance[@]}"
    for count in "${topo_cpus[@]}"; do
        ((count % topo_threads == 0)) ||
            topo_fail "$count cpus are not whole cores of $topo_threads threads"
    done
}

topo_line() {
    local words
    read -ra words <<< "${1%%#*}"
    [ ${#words[@]} = 0 ] || topo_key "${words[@]}"
}

# topo_read FILE [LINE...]: the LINEs come after those of the FILE.
topo_read() {
    local line count=0
    topo_where=$1 topo_nodes=0 topo_threads=1 topo_iommu=off
    topo_emulation=multi topo_xen='' topo_dom0=''
    topo_cpus=() topo_memory=() topo_distance=() topo_pci=() topo_usb=()
    while IFS= read -r line || [ -n "$line" ]; do
        count=$((count + 1)) topo_where=$1:$count
        topo_line "$line"
    done < "$1"
    for line in "${@:2}"; do
        topo_where="--set \"$line\""
        topo_line "$line"
    done
    topo_where=$1
    topo_check
}

# The same, for the scripts in dom0.
topo_facts() {
    local i kind port at=()
    for ((i = 0; i < ${#topo_usb[@]}; i++)); do
        read -r kind port _ <<< "${topo_usb[i]}"
        at+=("$kind$i=$port")
    done
    printf 'LAB_NODES=%s\nLAB_CPUS="%s"\nLAB_PCI=%s\nLAB_USB=%s\n' \
        "$topo_nodes" "${topo_cpus[*]}" "${#topo_pci[@]}" "${#topo_usb[@]}"
    printf 'LAB_USB_AT="%s"\n' "${at[*]}"
}
