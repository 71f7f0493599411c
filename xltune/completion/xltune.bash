# SPDX-License-Identifier: LGPL-2.1-or-later
# Completion of xltune's commands, options and domains for bash.

_xltune_domains()
{
    xltune "${host[@]}" list 2>/dev/null | awk 'NR > 1 { print $1 }'
}

_xltune_devices()
{
    xltune "${host[@]}" info -n 2>/dev/null |
        awk '/^[0-9a-f]+:[0-9a-f]+:[0-9a-f]+\.[0-7] / { print $1 }'
}

_xltune_assignable()
{
    xltune "${host[@]}" pci-assignable-list 2>/dev/null |
        awk '{ print $1 }'
}

_xltune_devices_of()
{
    xltune "${host[@]}" pci-list "$1" 2>/dev/null |
        awk 'NR > 1 { print $2 }'
}

_xltune_usb()
{
    xltune "${host[@]}" usb-show 2>/dev/null |
        awk '/^[0-9]+-[0-9.]+ / { print $1 }'
}

_xltune_rules()
{
    xltune host-check --list 2>/dev/null | awk 'NR > 1 { print $1 }'
}

_xltune_pools()
{
    xltune "${host[@]}" cpupool-list 2>/dev/null |
        awk 'NR > 1 { print $1 }'
}

# The words of a command that is xe's: values behind "uuid=" and the like, else
# what they begin with.
_xltune_xe()
{
    local key=${cur%%=*} class=${command%%-[lps][aci]*}

    case $command:$key in
    vusb-create:usb-group-uuid) class=usb-group ;;
    vusb-create:* | vusb-*plug:* | vusb-destroy:*) class=vusb ;;
    esac
    case $key in
    uuid | usb-group-uuid)
        xltune "${host[@]}" "$class-list" --minimal 2>/dev/null |
            tr ',' '\n' | sed "s/^/$key=/"
        return
        ;;
    passthrough-enabled)
        echo "$key=true" "$key=false"
        return
        ;;
    esac
    case $command in
    *-list) echo params= uuid= ;;
    *-get | *-remove) echo uuid= param-name= param-key= ;;
    pusb-param-set) echo uuid= passthrough-enabled= ;;
    pusb-scan) echo host-uuid= ;;
    usb-group-param-set)
        echo uuid= name-label= name-description= other-config:
        ;;
    vusb-create) echo usb-group-uuid= vm-uuid= ;;
    vusb-param-set) echo uuid= other-config: ;;
    *) echo uuid= ;;
    esac
}

_xltune_complete()
{
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
    local commands="info list vcpu-list residency snapshot place explain create
        vcpu-pin numa-affinity capture plan apply confirm check rehome
        rollback recover history watch help
        cpupool-list cpupool-create cpupool-destroy cpupool-rename
        cpupool-cpu-add cpupool-cpu-remove cpupool-migrate cpupool-numa-split
        cpupool-join sched-credit sched-credit2 sched-rtds
        pci-assignable-list pci-assignable-add pci-assignable-remove pci-list
        pci-attach pci-detach pci-show pci-check pci-hide pci-unhide pci-hidden-list
        pci-assign pci-unassign pci-assigned-list sriov-set sriov-list
        usb-show usb-attach usb-detach usb-list usbctrl-attach usbctrl-detach
        usbdev-attach usbdev-detach usb-policy
        pusb-list pusb-param-list pusb-param-get pusb-param-set pusb-scan
        usb-group-list usb-group-param-list usb-group-param-get
        usb-group-param-set usb-group-param-add usb-group-param-remove
        usb-group-param-clear vusb-create vusb-list vusb-param-list
        vusb-param-get vusb-param-set vusb-param-add vusb-param-remove
        vusb-param-clear vusb-plug vusb-unplug vusb-destroy cmdline xen-cmdline
        dom0 dom0-mem dom0-vcpus host-check"
    local options="--host --root --policy --residency --json --yes -y --force
        --quiet -q --help -h --version -V"
    local guards="all disk network display keyboard bridge siblings claim
        unknown policy pointer console"
    local command="" first="" args=0 i host=()

    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        --host)
            host=(--host "${COMP_WORDS[i + 1]}")
            ((++i))
            ;;
        --root | --policy | --residency) ((++i)) ;;
        --pci | --slot | --name | --type | --cpus | --confirm-within | --policy-name) ((++i)) ;;
        --rule | --set) ((++i)) ;;
        --cpupool) [[ $command == place || $command == sched-* ]] && ((++i)) ;;
        --defconfig) ((++i)) ;;
        -f) [[ $command == cpupool-create ]] && ((++i)) ;;
        --domain | --weight | --cap | --tslice_ms | --ratelimit_us) ((++i)) ;;
        --migration_delay_us | --vcpuid | --period | --budget) ((++i)) ;;
        --extratime) ((++i)) ;;
        -[dwcptrmvbe]) [[ $command == sched-* ]] && ((++i)) ;;
        -n) [[ $command == pci-assignable-add ]] && ((++i)) ;;
        --interval | --by | --usb | --device) ((++i)) ;;
        --at-once | --max-moves | --max-bytes | --max-time) ((++i)) ;;
        -*) ;;
        *)
            if [[ -n $command ]]; then
                ((args++ == 0)) && first=${COMP_WORDS[i]}
            else
                command=${COMP_WORDS[i]}
            fi
            ;;
        esac
    done

    COMPREPLY=()
    if [[ $cur == --force=* ]]; then
        mapfile -t COMPREPLY < <(compgen -P --force= -W "$guards" -- \
            "${cur#--force=}")
        return
    fi
    case $prev in
    --host | --policy)
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
        return
        ;;
    --root)
        mapfile -t COMPREPLY < <(compgen -d -- "$cur")
        return
        ;;
    --residency)
        mapfile -t COMPREPLY < <(compgen -W "measure infer none" -- "$cur")
        return
        ;;
    --type)
        mapfile -t COMPREPLY < <(compgen -W "pv pvh hvm" -- "$cur")
        return
        ;;
    --pci)
        mapfile -t COMPREPLY < <(compgen -W "$(_xltune_devices)" -- "$cur")
        return
        ;;
    --by)
        mapfile -t COMPREPLY < <(compgen -W "serial port both" -- "$cur")
        return
        ;;
    --usb)
        mapfile -t COMPREPLY < <(compgen -W "1 2 3" -- "$cur")
        return
        ;;
    --device | --name | --slot | --cpus | --confirm-within | --policy-name | --interval) return ;;
    --explain)
        mapfile -t COMPREPLY < <(compgen -W "$(_xltune_rules)" -- "$cur")
        return
        ;;
    --at-once | --max-moves | --max-bytes | --max-time | --sample) return ;;
    esac
    case $command:$prev in
    place:--cpupool | sched-*:--cpupool | sched-credit*:-p | sched-rtds:-c)
        mapfile -t COMPREPLY < <(compgen -W "$(_xltune_pools)" -- "$cur")
        return
        ;;
    sched-*:--domain | sched-*:-d)
        mapfile -t COMPREPLY < <(compgen -W "$(_xltune_domains)" -- "$cur")
        return
        ;;
    sched-rtds:--vcpuid | sched-rtds:-v)
        mapfile -t COMPREPLY < <(compgen -W "all" -- "$cur")
        return
        ;;
    cpupool-create:--defconfig | cpupool-create:-f)
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
        return
        ;;
    sched-*:-[wcptrmbe] | sched-*:--weight | sched-*:--cap) return ;;
    sched-*:--tslice_ms | sched-*:--ratelimit_us) return ;;
    sched-*:--migration_delay_us | sched-*:--period) return ;;
    sched-*:--budget | sched-*:--extratime) return ;;
    pci-assignable-add:-n) return ;;
    esac

    case $command in
    info) options="$options --numa -n" ;;
    list) options="$options --numa -n --cpupool -c" ;;
    place) options="$options --pci --name --type --cpupool --cpus --config" ;;
    vcpu-pin) options="$options --persist --forget" ;;
    numa-affinity) options="$options --persist" ;;
    capture) options="$options --policy-name" ;;
    watch) options="$options --interval" ;;
    plan | check) options="$options --allow-pause --at-boot" ;;
    rehome) options="$options --allow-pause" ;;
    apply)
        options="$options --allow-pause --at-boot --at-once --max-moves
            --max-bytes --max-time --confirm-within"
        ;;
    cpupool-list) options="$options --cpus -c --numa -n" ;;
    cpupool-create)
        options="$options --defconfig -f --dry-run -N --dryrun -n"
        ;;
    cpupool-migrate)
        options="$options --follow --persist --allow-pause --dry-run -N"
        ;;
    cpupool-*) options="$options --dry-run -N" ;;
    pci-assignable-list) options="$options --show-names -n" ;;
    pci-assignable-add) options="$options --name -n --persist --dry-run -N" ;;
    pci-assignable-remove)
        options="$options --rebind -r --persist --dry-run -N"
        ;;
    pci-assign) options="$options --slot --permissive --now" ;;
    pci-unassign) options="$options --now" ;;
    sriov-set) options="$options --assignable --persist --dry-run -N" ;;
    pci-attach) options="$options --dry-run -N" ;;
    pci-hide | pci-unhide) options="$options --now --boot --dry-run -N" ;;
    pci-detach) options="$options --regardless -f --dry-run -N" ;;
    usb-attach) options="$options --usb --persist --by --dry-run -N" ;;
    usb-detach) options="$options --persist --dry-run -N" ;;
    usbctrl-* | usbdev-*) options="$options --dry-run -N" ;;
    vusb-plug | vusb-unplug) options="$options --dry-run -N" ;;
    pusb-list | usb-group-list | vusb-list) options="$options --minimal" ;;
    *-param-list | *-param-get) options="$options --minimal" ;;
    usb-policy) options="$options --device --by --dry-run -N" ;;
    cmdline) options="$options --dry-run -N" ;;
    host-check)
        options="$options --fix --dry-run -N --verbose -v --explain --list
            --sample --junit --openmetrics"
        ;;
    dom0 | dom0-*)
        options="$options --rule --set --now --boot --dry-run -N"
        ;;
    xen-cmdline)
        options="$options --get-xen --set-xen --delete-xen --list-xen --get-dom0
            --set-dom0 --delete-dom0 --list-dom0 --get-cpuid-masks
            --set-cpuid-masks --delete-cpuid-masks --list-cpuid-masks"
        ;;
    sched-credit | sched-credit2)
        options="$options --domain -d --weight -w --cap -c --cpupool -p
            --schedparam -s --ratelimit_us -r --persist"
        [[ $command == sched-credit ]] &&
            options="$options --tslice_ms -t --migration_delay_us -m"
        ;;
    sched-rtds)
        options="$options --domain -d --vcpuid -v --period -p --budget -b
            --extratime -e --cpupool -c --persist"
        ;;
    create)
        options="$options --dry-run -N --paused -p --debug -d"
        ;;
    esac
    if [[ $cur == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
        return
    fi
    case $command:$args in
    :*) mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$cur") ;;
    help:0) mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$cur") ;;
    list:* | vcpu-list:* | residency:* | explain:0 | vcpu-pin:0 | \
        numa-affinity:0 | rehome:0 | cpupool-migrate:0)
        mapfile -t COMPREPLY < <(compgen -W "$(_xltune_domains)" -- "$cur")
        ;;
    cpupool-list:0 | cpupool-destroy:0 | cpupool-rename:0 | \
        cpupool-cpu-add:0 | cpupool-cpu-remove:0 | cpupool-migrate:1)
        mapfile -t COMPREPLY < <(compgen -W "$(_xltune_pools)" -- "$cur")
        ;;
    cpupool-create:*) mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
    pci-list:0 | pci-attach:0 | pci-detach:0 | pci-check:1 | \
        pci-assign:0 | pci-unassign:0 | pci-assigned-list:0)
        mapfile -t COMPREPLY < <(compgen -W "$(_xltune_domains)" -- "$cur")
        ;;
    pci-assignable-add:* | pci-hide:* | pci-unhide:* | pci-show:0 | \
        pci-check:0 | pci-assign:* | pci-unassign:* | sriov-set:0)
        mapfile -t COMPREPLY < <(compgen -W "$(_xltune_devices)" -- "$cur")
        ;;
    pci-assignable-remove:* | pci-attach:1)
        mapfile -t COMPREPLY < <(compgen -W "$(_xltune_assignable)" -- "$cur")
        ;;
    pci-detach:1)
        mapfile -t COMPREPLY < <(compgen -W "$(_xltune_devices_of "$first")" \
            -- "$cur")
        ;;
    usb-list:0 | usb-attach:0 | usb-detach:0 | usbctrl-*:0 | usbdev-*:0)
        mapfile -t COMPREPLY < <(compgen -W "$(_xltune_domains)" -- "$cur")
        ;;
    usb-show:0 | usb-attach:1 | usb-detach:1 | usbdev-attach:1)
        mapfile -t COMPREPLY < <(compgen -W "$(_xltune_usb)" -- "$cur")
        ;;
    usb-policy:0)
        mapfile -t COMPREPLY < <(compgen -W "check explain test allow deny" \
            -- "$cur")
        ;;
    usb-policy:1)
        if [[ $first == check || $first == test ]]; then
            mapfile -t COMPREPLY < <(compgen -f -- "$cur")
        else
            mapfile -t COMPREPLY < <(compgen -W "$(_xltune_usb)" -- "$cur")
        fi
        ;;
    host-check:*)
        mapfile -t COMPREPLY < <(compgen -W "$(_xltune_rules)" -- "$cur")
        ;;
    cmdline:0)
        mapfile -t COMPREPLY < <(compgen -W "list get set delete rollback" \
            -- "$cur")
        ;;
    dom0:0) mapfile -t COMPREPLY < <(compgen -W "memory vcpus" -- "$cur") ;;
    cmdline:1) mapfile -t COMPREPLY < <(compgen -W "xen dom0" -- "$cur") ;;
    usbctrl-attach:*)
        mapfile -t COMPREPLY < <(compgen -W "type= version= ports=" -- "$cur")
        ;;
    pusb-*:* | usb-group-*:* | vusb-*:*)
        mapfile -t COMPREPLY < <(compgen -W "$(_xltune_xe)" -- "$cur")
        ;;
    create:0) mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
    vcpu-pin:1)
        mapfile -t COMPREPLY < <(compgen -W "all" -- "$cur")
        ;;
    rehome:1)
        mapfile -t COMPREPLY < <(compgen -W "auto" -- "$cur")
        ;;
    numa-affinity:1)
        mapfile -t COMPREPLY < <(compgen -W "hard soft" -- "$cur")
        ;;
    esac
}

# bash takes the ":" of an address, and "=", for the end of a word.
_xltune()
{
    local words=("${COMP_WORDS[0]}") word i stem

    for ((i = 1; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ $word == [:=]* || ${words[-1]} == *[:=] ]]; then
            words[-1]+=$word
        else
            words+=("$word")
        fi
    done
    # What stands before the last of them stays as it is.
    stem=${words[-1]}
    [[ $word == [:=]* ]] || stem=${stem%"$word"}
    local COMP_WORDS=("${words[@]}") COMP_CWORD=$((${#words[@]} - 1))
    _xltune_complete
    COMPREPLY=("${COMPREPLY[@]#"$stem"}")
}

complete -F _xltune xltune
