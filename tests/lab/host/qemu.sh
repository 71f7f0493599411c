# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2054,SC2154
#
# A topology as QEMU's command line: builds the array qemu.

qemu_gcd() {
    local a=$1 b=$2
    if ((b == 0)); then
        echo "$a"
    else
        qemu_gcd "$b" $((a % b))
    fi
}

# Sockets do not cross nodes, so that one has as many CPUs as divide all.
qemu_cpus() {
    local count total=0 socket=0 first=0 node
    for count in "${topo_cpus[@]}"; do
        total=$((total + count))
        socket=$(qemu_gcd "$count" "$socket")
    done
    qemu+=(-smp "$total,sockets=$((total / socket)),cores=$((socket / topo_threads)),threads=$topo_threads")
    for ((node = 0; node < topo_nodes; node++)); do
        count=${topo_cpus[node]}
        qemu+=(-object "memory-backend-ram,id=m$node,size=${topo_memory[node]}M")
        if ((count > 0)); then
            qemu+=(-numa "node,nodeid=$node,memdev=m$node,cpus=$first-$((first + count - 1))")
        else
            qemu+=(-numa "node,nodeid=$node,memdev=m$node")
        fi
        first=$((first + count))
    done
}

qemu_memory() {
    local size total=0
    for size in "${topo_memory[@]}"; do total=$((total + size)); done
    qemu+=(-m "${total}M")
}

qemu_distances() {
    local from to row
    for ((from = 0; from < ${#topo_distance[@]}; from++)); do
        read -ra row <<< "${topo_distance[from]}"
        for ((to = 0; to < topo_nodes; to++)); do
            ((from == to)) ||
                qemu+=(-numa "dist,src=$from,dst=$to,val=${row[to]}")
        done
    done
}

# An image to be a disk: sparse, and gone with the run.
qemu_disk() {
    truncate -s 64M "$run/$1.img"
    qemu+=(-drive "if=none,id=$1,file=$run/$1.img,format=raw,file.locking=off")
}

# A device of a node hangs below a root port of that node's own PCI root. So
# does one with functions or virtual ones: they are slot 0 of their bus.
qemu_pci_bus() {
    local index=$1 node=$2 functions=$3 vfs=$4 root=pcie.0
    bus=pcie.0
    [ "$node $functions $vfs" != "none 1 0" ] || return 0
    if [ "$node" != none ]; then
        root=root$node
        [[ " ${qemu_roots:-} " == *" $node "* ]] || {
            qemu+=(-device "pxb-pcie,id=$root,bus=pcie.0,numa_node=$node,bus_nr=$((16 * (node + 1)))")
            qemu_roots="${qemu_roots:-} $node"
        }
    fi
    qemu+=(-device "pcie-root-port,id=port$index,bus=$root,chassis=$((index + 1)),slot=$((index + 1))")
    bus=port$index
}

# A virtual function needs two queues and an interrupt.
qemu_nvme() {
    local i=$1 bus=$2 vfs=$3
    qemu_disk "nvme$i"
    if [ "$vfs" = 0 ]; then
        qemu+=(-device "nvme,serial=NVME$i,drive=nvme$i,bus=$bus")
    else
        qemu+=(-device "nvme-subsys,id=subsys$i"
               -device "nvme,id=ctrl$i,serial=NVME$i,bus=$bus,subsys=subsys$i,sriov_max_vfs=$vfs,sriov_vq_flexible=$((2 * vfs)),sriov_vi_flexible=$vfs"
               -device "nvme-ns,drive=nvme$i,bus=ctrl$i")
    fi
}

qemu_nic() {
    local i=$1 bus=$2 kind=$3 functions=$4 function more=
    for ((function = 0; function < functions; function++)); do
        [ "$functions" = 1 ] || more=",multifunction=on,addr=0.$function"
        qemu+=(-netdev "hubport,id=net$i.$function,hubid=$((8 * i + function))"
               -device "$kind,netdev=net$i.$function,bus=$bus,romfile=$more")
    done
}

qemu_pci() {
    local i kind node functions vfs bus
    for ((i = 0; i < ${#topo_pci[@]}; i++)); do
        read -r kind node functions vfs <<< "${topo_pci[i]}"
        qemu_pci_bus "$i" "$node" "$functions" "$vfs"
        case $kind in
        nvme) qemu_nvme "$i" "$bus" "$vfs" ;;
        *) qemu_nic "$i" "$bus" "$kind" "$functions" ;;
        esac
    done
}

# What QEMU does with a device that is plugged in here: at start, and by
# machine.sh. A stick's disk stays when it is unplugged, which that of a
# "-drive" would not.
qemu_usb_device() {
    local kind=$1 name=$2 bus=$3
    case $kind in
    stick)
        truncate -s 64M "$run/$name.img"
        qemu+=(-blockdev "raw,node-name=$name,file.driver=file,file.filename=$run/$name.img,file.locking=off")
        usb_devices[$name]="usb-storage,drive=$name,serial=${name^^}"
        ;;
    keyboard) usb_devices[$name]=usb-kbd ;;
    mouse) usb_devices[$name]=usb-mouse ;;
    hub) usb_devices[$name]=usb-hub ;;
    serial)
        qemu+=(-chardev "null,id=$name")
        usb_devices[$name]="usb-serial,always-plugged=on,chardev=$name"
        ;;
    esac
    usb_devices[$name]+=",id=$name,bus=$bus.0"
}

# Where it is free to choose, a stick is as fast as its controller.
qemu_usb_controllers() {
    qemu+=(-device qemu-xhci,id=xhci,bus=pcie.0,p2=8,p3=8)
    [[ "${topo_usb[*]}" != *ehci* ]] ||
        qemu+=(-device usb-ehci,id=ehci,bus=pcie.0)
    qemu+=(-chardev "pipe,id=monitor,path=$run/monitor"
           -mon "chardev=monitor,mode=readline")
}

qemu_usb() {
    local i kind name port bus
    declare -gA usb_devices=()
    [ ${#topo_usb[@]} = 0 ] || qemu_usb_controllers
    for ((i = 0; i < ${#topo_usb[@]}; i++)); do
        read -r kind port bus <<< "${topo_usb[i]}"
        name=$kind$i
        qemu_usb_device "$kind" "$name" "$bus"
        qemu+=(-device "${usb_devices[$name]},port=$port")
    done
}

# Xen's console is a serial port. What dom0/init tells us comes through ports
# that dom0 does not know of (dom0/port.c).
qemu_ports() {
    local name port=$((0xe9))
    : > "$run/console"
    qemu+=(-serial "file:$run/console")
    for name in output steps out asked; do
        : > "$run/$name"
        qemu+=(-chardev "file,id=$name,path=$run/$name"
               -device "isa-debugcon,chardev=$name,iobase=$port")
        port=$((port + 1))
    done
}

# QEMU splits its -initrd at commas unless they are doubled.
qemu_boot() {
    local dom0="console=hvc0 rdinit=/init panic=-1 quiet rodata=off$topo_dom0"
    local xen="com1=115200 console=com1"
    # Xen heeds all that stand there: a line that was written comes alone.
    [[ $topo_xen == *" dom0_mem="* ]] || xen+=" dom0_mem=900M,max:900M"
    [[ $topo_xen == *" dom0_max_vcpus="* ]] || xen+=" dom0_max_vcpus=2"
    qemu+=(-kernel "$tree/xen"
        -append "$xen loglvl=info guest_loglvl=info noreboot conring_size=1m bootscrub=0$topo_xen"
        -initrd "$tree/vmlinux ${dom0//,/,,},$run/initramfs")
}

# With SMAP, QEMU's emulation crashes a PV dom0 at its first iret. Its XSAVE
# heeds no CR0.TS, by which Xen gives registers back only when they are used:
# programs would go on with those of another domain. Its CPU is an AMD one
# (nested SVM is what HVM guests need), which tells of threads only by a feature
# that has to be forced; and of a family before Zen, Xen takes all of a socket
# for one core's threads. Zen's mwait is not what QEMU's does.
qemu_model() {
    printf 'max,-smap,-xsave'
    [ "$topo_threads" = 1 ] ||
        printf ',family=23,+topoext,x-force-features=on,-monitor'
}

qemu_command() {
    qemu=(qemu-system-x86_64 -M q35,kernel-irqchip=split
          -accel "tcg,thread=$topo_emulation" -cpu "$(qemu_model)" -nodefaults -display none
          -no-reboot)
    qemu_memory
    qemu_cpus
    qemu_distances
    [ "$topo_iommu" = off ] || qemu+=(-device intel-iommu,intremap=on)
    qemu_ports
    qemu_pci
    qemu_usb
    qemu_boot
}
