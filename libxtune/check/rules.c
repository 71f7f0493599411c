/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of rules, in the order in which they are reported. */
#include <string.h>

#include <xtune/backend.h>

#include "base/near.h"
#include "base/util.h"
#include "check/check.h"

static const xtune_host_rule rules[] = {
    /* dom0: its memory, and what it does with it. memory.c, swap.c */
    {
        .name = "dom0-memory",
        .severity = XTUNE_CHECK_FAIL,
        .source = "SUSE Virtualization Best Practices; XCP-ng",
        .asks = "Xen: dom0's memory; /proc/meminfo; /proc/swaps",
        .title = "dom0 has the memory that it should have",
        .why = "dom0 serves every guest's disks and networks: short of "
               "memory it swaps, or kills what serves them",
        .check = xt_check_dom0_memory,
        .parts = XTUNE_OBSERVE_DOM0 | XTUNE_OBSERVE_INFO | XTUNE_OBSERVE_BOOT |
                 XTUNE_OBSERVE_NAMES | XTUNE_OBSERVE_TOPOLOGY,
    },
    {
        .name = "dom0-memory-max",
        .severity = XTUNE_CHECK_WARN,
        .source = "SUSE Virtualization Best Practices; XCP-ng",
        .asks = "Xen's command line, now and after the next boot",
        .title = "dom0_mem gives dom0 a size, and max: is the same",
        .why = "without a size dom0 begins with all memory, and without "
               "max: its Linux makes room for all of it",
        .check = xt_check_dom0_memory_max,
        .parts = XTUNE_OBSERVE_INFO | XTUNE_OBSERVE_BOOT,
    },
    {
        .name = "dom0-autoballoon",
        .severity = XTUNE_CHECK_WARN,
        .source = "SUSE Virtualization Best Practices",
        .asks = "/etc/xen/xl.conf; Xen's command line",
        .title = "xl takes no memory from a dom0 that has a fixed size",
        .why = "each guest that starts takes some, until dom0 runs out "
               "of memory",
        .check = xt_check_dom0_autoballoon,
        .parts = XTUNE_OBSERVE_DOM0 | XTUNE_OBSERVE_INFO | XTUNE_OBSERVE_BOOT,
        .fix = xt_mend_dom0_autoballoon,
    },
    {
        .name = "dom0-vcpus",
        .severity = XTUNE_CHECK_WARN,
        .source = "XCP-ng",
        .asks = "Xen: dom0's vCPUs; its command line",
        .title = "dom0 has no more vCPUs than it should have",
        .why = "vCPUs that have nothing to do cost interrupts and "
               "memory, and run where guests could",
        .check = xt_check_dom0_vcpus,
        .parts = XTUNE_OBSERVE_DOM0 | XTUNE_OBSERVE_INFO | XTUNE_OBSERVE_BOOT |
                 XTUNE_OBSERVE_NAMES | XTUNE_OBSERVE_TOPOLOGY |
                 XTUNE_OBSERVE_VCPUS,
    },
    {
        .name = "dom0-swap",
        .severity = XTUNE_CHECK_WARN,
        .source = "SUSE Virtualization Best Practices",
        .asks = "/proc/swaps",
        .title = "dom0 has something to swap to",
        .why = "where dom0 runs out of memory programs are killed, "
               "xenstored among them",
        .check = xt_check_dom0_swap,
        .parts = XTUNE_OBSERVE_DOM0,
    },
    {
        .name = "dom0-swappiness",
        .severity = XTUNE_CHECK_WARN,
        .source = "SUSE Virtualization Best Practices",
        .asks = "/proc/sys/vm/swappiness; /etc/sysctl.d",
        .title = "dom0 swaps late: vm.swappiness is 35 or less, also after "
                 "a boot",
        .why = "dom0's programs wait for disks that guests wait for as "
               "well",
        .check = xt_check_dom0_swappiness,
        .parts = XTUNE_OBSERVE_DOM0,
        .fix = xt_mend_dom0_swappiness,
    },
    {
        .name = "memory-sharing",
        .severity = XTUNE_CHECK_WARN,
        .source = "Xen",
        .asks = "Xen: memory that domains share",
        .title = "no domains share memory",
        .why = "it is an experiment of Xen's, and a domain that writes "
               "may find no memory",
        .check = xt_check_memory_sharing,
        .parts = XTUNE_OBSERVE_INFO,
    },

    /* Its kernel: disks, files, modules. disk.c, nfs.c, modules.c */
    {
        .name = "disk-scheduler",
        .severity = XTUNE_CHECK_WARN,
        .source = "SUSE Virtualization Best Practices",
        .asks = "/sys/block/*/queue/scheduler",
        .title = "disks that back domains have mq-deadline or none for a "
                 "scheduler",
        .why = "guests sort their requests already; to sort them again "
               "costs time, and favours some guests",
        .check = xt_check_disk_scheduler,
        .parts =
            XTUNE_OBSERVE_DOM0 | XTUNE_OBSERVE_NAMES | XTUNE_OBSERVE_SETUP,
        .fix = xt_mend_disk_scheduler,
    },
    {
        .name = "aio-max-nr",
        .severity = XTUNE_CHECK_FAIL,
        .source = "SUSE Virtualization Best Practices; QEMU",
        .asks = "/proc/sys/fs/aio-nr and aio-max-nr; /etc/sysctl.d",
        .title = "there are asynchronous requests enough for all disks "
                 "that device models serve",
        .why = "a guest whose device model gets none does not start",
        .check = xt_check_aio_max_nr,
        .parts =
            XTUNE_OBSERVE_DOM0 | XTUNE_OBSERVE_NAMES | XTUNE_OBSERVE_SETUP,
        .fix = xt_mend_aio_max_nr,
    },
    {
        .name = "nfs-answers",
        .severity = XTUNE_CHECK_FAIL,
        .source = "Linux, nfs(5): hard",
        .asks = "stat() of what /proc/self/mountinfo has from servers",
        .title = "each server of what is mounted over NFS answers",
        .why = "whoever looks at such a folder waits, dom0's programs and "
               "guests alike",
        .check = xt_check_nfs_answers,
        .parts =
            XTUNE_OBSERVE_DOM0 | XTUNE_OBSERVE_NAMES | XTUNE_OBSERVE_SETUP,
    },
    {
        .name = "nfs-options",
        .severity = XTUNE_CHECK_FAIL,
        .source = "SUSE Virtualization Best Practices",
        .asks = "/proc/self/mountinfo",
        .title = "what is mounted over NFS is mounted hard, with rsize and "
                 "wsize of 16 KiB or more",
        .why = "with soft a server that is slow is an error on a guest's "
               "disk; small requests are slow",
        .check = xt_check_nfs_options,
        .parts =
            XTUNE_OBSERVE_DOM0 | XTUNE_OBSERVE_NAMES | XTUNE_OBSERVE_SETUP,
    },
    {
        .name = "nfs-retransmissions",
        .severity = XTUNE_CHECK_WARN,
        .source = "SUSE Virtualization Best Practices",
        .asks = "/proc/net/rpc/nfs",
        .title = "NFS calls need not be sent again",
        .why = "each that is sent again is a guest that waits",
        .check = xt_check_nfs_retransmissions,
        .parts = XTUNE_OBSERVE_DOM0,
    },
    {
        .name = "other-hypervisors",
        .severity = XTUNE_CHECK_FAIL,
        .source = "SUSE Virtualization Best Practices",
        .asks = "/proc/modules; /etc/modprobe.d",
        .title = "no other hypervisor is loaded in dom0",
        .why = "one hypervisor a host",
        .check = xt_check_other_hypervisors,
        .parts = XTUNE_OBSERVE_DOM0,
        .fix = xt_mend_other_hypervisors,
    },
    {
        .name = "backend-queues",
        .severity = XTUNE_CHECK_WARN,
        .source = "Xen: multi-queue network and block",
        .asks = "/sys/module/xen_netback and xen_blkback: max_queues",
        .title = "netback and blkback may have several queues for a device",
        .why = "one vCPU of dom0's serves all that a guest sends",
        .check = xt_check_backend_queues,
        .parts =
            XTUNE_OBSERVE_DOM0 | XTUNE_OBSERVE_NAMES | XTUNE_OBSERVE_VCPUS,
    },

    /* The toolstack: toolstack.c */
    {
        .name = "toolstack-conflict",
        .severity = XTUNE_CHECK_WARN,
        .source = "SUSE Virtualization Best Practices",
        .asks = "dom0's processes",
        .title = "one toolstack is in charge: xl, libvirt or XAPI",
        .why = "what one of them does the others do not know",
        .check = xt_check_toolstack_conflict,
        .parts = XTUNE_OBSERVE_DOM0,
    },
    {
        .name = "toolstack-versions",
        .severity = XTUNE_CHECK_FAIL,
        .source = "Xen",
        .asks = "Xen's version; libxenlight in dom0",
        .title = "libxl is that of the Xen that runs, and there is no "
                 "other",
        .why = "they talk to each other in ways that change with each "
               "version",
        .check = xt_check_toolstack_versions,
        .parts = XTUNE_OBSERVE_DOM0 | XTUNE_OBSERVE_INFO,
    },
    {
        .name = "xl-cpumasks",
        .severity = XTUNE_CHECK_WARN,
        .source = "Xen: xl.conf(5)",
        .asks = "/etc/xen/xl.conf: vm.cpumask, vm.hvm.cpumask, "
                "vm.pv.cpumask",
        .title = "no mask of xl.conf takes CPUs away from domains",
        .why = "whatever a domain is given is cut by it, without a word",
        .check = xt_check_xl_cpumasks,
        .parts = XTUNE_OBSERVE_DOM0 | XTUNE_OBSERVE_TOPOLOGY,
    },

    /* CPUs: what they can do, and how many vCPUs there are for them.
     * virtualization.c, cpu.c, load.c, pins.c */
    {
        .name = "virtualization",
        .severity = XTUNE_CHECK_WARN,
        .source = "Xloud; XCP-ng",
        .asks = "Xen: virt_caps",
        .title = "the CPUs have what HVM and PVH guests need",
        .why = "without hvm there are PV guests only; without hap memory "
               "of others is slow",
        .check = xt_check_virtualization,
        .parts = XTUNE_OBSERVE_INFO,
    },
    {
        .name = "iommu",
        .severity = XTUNE_CHECK_FAIL,
        .source = "Xloud; XCP-ng",
        .asks = "Xen: virt_caps",
        .title = "Xen has an IOMMU to keep devices apart",
        .why = "a device reaches all memory of the host, and so does a "
               "guest that has it",
        .check = xt_check_iommu,
        .parts = XTUNE_OBSERVE_INFO | XTUNE_OBSERVE_NAMES | XTUNE_OBSERVE_PCI,
    },
    {
        .name = "governor",
        .severity = XTUNE_CHECK_WARN,
        .source = "virtualization-patterns",
        .asks = "Xen: cpufreq (dom0's /sys does not have it)",
        .title = "CPUs run at full speed: governor performance",
        .why = "other governors wait for load before they let a CPU run "
               "fast",
        .check = xt_check_governor,
        .parts = XTUNE_OBSERVE_TOPOLOGY | XTUNE_OBSERVE_SETUP,
        .fix = xt_mend_governor,
    },
    {
        .name = "vcpu-overcommit",
        .severity = XTUNE_CHECK_FAIL,
        .source = "SUSE Virtualization Best Practices",
        .asks = "Xen: vCPUs of all domains, dom0 among them, and cores, by "
                "CPU pool",
        .title = "there are no more than 2 vCPUs for each core",
        .why = "one for each is best; 2 do where load is below a half; "
               "above 8 hosts were seen to become unstable",
        .check = xt_check_vcpu_overcommit,
        .parts =
            XTUNE_OBSERVE_TOPOLOGY | XTUNE_OBSERVE_NAMES | XTUNE_OBSERVE_VCPUS,
    },
    {
        .name = "domain-vcpus",
        .severity = XTUNE_CHECK_FAIL,
        .source = "SUSE Virtualization Best Practices",
        .asks = "Xen: each domain's vCPUs, its CPU pool and its hard "
                "affinity",
        .title = "no domain has more vCPUs than CPUs to run on",
        .why = "its vCPUs wait for each other at any load, and spin for "
               "locks meanwhile",
        .check = xt_check_domain_vcpus,
        .parts =
            XTUNE_OBSERVE_TOPOLOGY | XTUNE_OBSERVE_NAMES | XTUNE_OBSERVE_VCPUS,
    },
    {
        .name = "vcpu-load",
        .severity = XTUNE_CHECK_WARN,
        .source = "SUSE Virtualization Best Practices",
        .asks = "Xen: CPU time of domains, twice (--sample)",
        .title = "domains use about 70 % of their vCPUs",
        .why = "above 90 % a domain would do more with more; below 20 % "
               "fewer would do, which is told and is no fault",
        .check = xt_check_vcpu_load,
        .parts = XTUNE_OBSERVE_NAMES | XTUNE_OBSERVE_VCPUS,
    },
    {
        .name = "cpu-headroom",
        .severity = XTUNE_CHECK_WARN,
        .source = "virtualization-patterns",
        .asks = "Xen: CPU time of domains, twice (--sample); the policy's "
                "headroom",
        .title = "20 % of the CPUs, or what the policy says, are free",
        .why = "CPUs that are one vCPU's alone count as used; what is left "
               "is for bursts, and for dom0's work for guests",
        .check = xt_check_cpu_headroom,
        .parts =
            XTUNE_OBSERVE_TOPOLOGY | XTUNE_OBSERVE_NAMES | XTUNE_OBSERVE_VCPUS,
    },
    {
        .name = "pins-persistent",
        .severity = XTUNE_CHECK_WARN,
        .source = "XCP-ng",
        .asks = "Xen: hard affinity; domains' stored configurations; "
                "policies and records",
        .title = "hard affinity is as configured, or written down",
        .why = "a pin that is set by hand is lost when the domain starts "
               "again",
        .check = xt_check_pins_persistent,
        .parts = XTUNE_OBSERVE_TOPOLOGY | XTUNE_OBSERVE_NAMES |
                 XTUNE_OBSERVE_VCPUS | XTUNE_OBSERVE_BUILT,
    },
    {
        .name = "dedicated-cpus",
        .severity = XTUNE_CHECK_WARN,
        .source = "virtualization-patterns",
        .asks = "Xen: hard affinity and CPU pools; the policy",
        .title = "who is to have CPUs alone has them alone",
        .why = "isolcpus of dom0's Linux does not keep Xen's vCPUs away; "
               "pools and dom0_max_vcpus do",
        .check = xt_check_dedicated_cpus,
        .parts =
            XTUNE_OBSERVE_TOPOLOGY | XTUNE_OBSERVE_NAMES | XTUNE_OBSERVE_VCPUS,
    },

    /* Nodes: memory of domains, and where their vCPUs run. numa.c */
    {
        .name = "local-memory",
        .severity = XTUNE_CHECK_WARN,
        .source = "SUSE Virtualization Best Practices; "
                  "virtualization-patterns",
        .asks = "Xen: domains' memory by node, counted or as they were "
                "built; affinity",
        .title = "90 % or more of each domain's memory is where its vCPUs "
                 "run",
        .why = "memory of another node is slower, and the way to it is "
               "shared",
        .check = xt_check_local_memory,
        .parts = XTUNE_OBSERVE_TOPOLOGY | XTUNE_OBSERVE_NAMES |
                 XTUNE_OBSERVE_VCPUS | XTUNE_OBSERVE_NODE_AFFINITY |
                 XTUNE_OBSERVE_BUILT | XTUNE_OBSERVE_RESIDENCY,
    },
    {
        .name = "floating-vcpus",
        .severity = XTUNE_CHECK_WARN,
        .source = "SUSE Virtualization Best Practices",
        .asks = "Xen: affinity",
        .title = "vCPUs of domains that fit into a node keep to one",
        .why = "Xen's schedulers move them to any CPU that is idle; memory "
               "stays",
        .check = xt_check_floating_vcpus,
        .parts =
            XTUNE_OBSERVE_TOPOLOGY | XTUNE_OBSERVE_NAMES | XTUNE_OBSERVE_VCPUS,
    },
    {
        .name = "vnuma",
        .severity = XTUNE_CHECK_WARN,
        .source = "SUSE Virtualization Best Practices",
        .asks = "domains' stored configurations; Xen: sizes of nodes",
        .title = "domains that are larger than a node have virtual nodes",
        .why = "the guest cannot know what is near, and spreads all over",
        .check = xt_check_vnuma,
        .parts = XTUNE_OBSERVE_TOPOLOGY | XTUNE_OBSERVE_NAMES |
                 XTUNE_OBSERVE_VCPUS | XTUNE_OBSERVE_SETUP,
    },

    /* Domains: their disks, and how they are set up. image.c, setup.c */
    {
        .name = "image-format",
        .severity = XTUNE_CHECK_WARN,
        .source = "Xloud; SUSE Virtualization Best Practices",
        .asks = "xenstore: formats of domains' disks",
        .title = "disks are raw, where nothing else is needed",
        .why = "each access to qcow2 may cost one more to its tables. An "
               "image that stands on another, and XAPI's vhd, are left out",
        .check = xt_check_image_format,
        .parts = XTUNE_OBSERVE_NAMES | XTUNE_OBSERVE_SETUP,
    },
    {
        .name = "qcow2-cache",
        .severity = XTUNE_CHECK_WARN,
        .source = "SUSE Virtualization Best Practices; QEMU",
        .asks = "headers of qcow2 images",
        .title = "tables of qcow2 images fit into what QEMU keeps of them",
        .why = "8 bytes for each cluster: 8 MiB for 64 GiB in clusters of "
               "64 KiB. What is not at hand is read again for each access",
        .check = xt_check_qcow2_cache,
        .parts = XTUNE_OBSERVE_NAMES | XTUNE_OBSERVE_SETUP,
    },
    {
        .name = "overlay-chain",
        .severity = XTUNE_CHECK_WARN,
        .source = "SUSE Virtualization Best Practices",
        .asks = "headers of qcow2 images, and of what they stand on",
        .title = "no image stands on more than 3 others",
        .why = "what is in none of them is looked for in all of them",
        .check = xt_check_overlay_chain,
        .parts = XTUNE_OBSERVE_NAMES | XTUNE_OBSERVE_SETUP,
    },
    {
        .name = "disk-cache",
        .severity = XTUNE_CHECK_WARN,
        .source = "virtualization-patterns; xl-disk-configuration(5)",
        .asks = "xenstore: direct-io-safe of disks that device models "
                "serve; dom0's mounts",
        .title = "direct-io-safe is for local disks only",
        .why = "without it what a guest writes goes through dom0's page "
               "cache, and is safe where the guest flushes; with it, and "
               "over a network, pages may be sent that the guest has "
               "changed since",
        .check = xt_check_disk_cache,
        .parts = XTUNE_OBSERVE_NAMES | XTUNE_OBSERVE_SETUP,
    },
    {
        .name = "nested-hvm",
        .severity = XTUNE_CHECK_FAIL,
        .source = "XCP-ng; Xen: SUPPORT.md",
        .asks = "domains' stored configurations",
        .title = "no domain has virtualization of its own (nestedhvm)",
        .why = "Xen does not support it, in no release",
        .check = xt_check_nested_hvm,
        .parts = XTUNE_OBSERVE_NAMES | XTUNE_OBSERVE_SETUP,
    },
    {
        .name = "device-model",
        .severity = XTUNE_CHECK_WARN,
        .source = "SUSE Virtualization Best Practices",
        .asks = "domains' stored configurations",
        .title = "device models are the toolstack's own, and not those of "
                 "old",
        .why = "what KVM has as machine types is the version of the device "
               "model here; another program of choice is told, and is no "
               "fault",
        .check = xt_check_device_model,
        .parts = XTUNE_OBSERVE_NAMES | XTUNE_OBSERVE_SETUP,
    },
    {
        .name = "migration",
        .severity = XTUNE_CHECK_WARN,
        .source = "Xloud; SUSE Virtualization Best Practices",
        .asks = "Xen, xenstore, stored configurations: devices, disks, hard "
                "affinity; the policy",
        .title = "what keeps domains on this host is known",
        .why = "devices, disks of this host and pins do. It is told, and is "
               "a fault only where a policy wants a domain's memory moved, "
               "which cannot be",
        .check = xt_check_migration,
        .parts = XTUNE_OBSERVE_TOPOLOGY | XTUNE_OBSERVE_NAMES |
                 XTUNE_OBSERVE_VCPUS | XTUNE_OBSERVE_BUILT |
                 XTUNE_OBSERVE_PCI | XTUNE_OBSERVE_USB | XTUNE_OBSERVE_SETUP,
    },

    /* PCI and USB. devices.c, passthrough.c */
    {
        .name = "hide-list",
        .severity = XTUNE_CHECK_FAIL,
        .source = "Xen; XCP-ng",
        .asks = "dom0's command line; pciback; the toolstack's store; "
                "records",
        .title = "the hide list means devices that are there, and pciback "
                 "has them",
        .why = "a guest does not start, or dom0 loses a device that it "
               "needs",
        .check = xt_check_hide_list,
        .parts = XTUNE_OBSERVE_BOOT | XTUNE_OBSERVE_NAMES |
                 XTUNE_OBSERVE_PCI_DETAILS,
    },
    {
        .name = "pci-count",
        .severity = XTUNE_CHECK_WARN,
        .source = "SUSE Virtualization Best Practices",
        .asks = "Xen: devices of domains",
        .title = "no domain has more than 8 PCI devices",
        .why = "more than that nobody tests in a guest",
        .check = xt_check_pci_count,
        .parts = XTUNE_OBSERVE_NAMES | XTUNE_OBSERVE_PCI,
    },
    {
        .name = "guest-irqs",
        .severity = XTUNE_CHECK_WARN,
        .source = "XCP-ng",
        .asks = "MSI and MSI-X of devices; Xen's command line: "
                "extra_guest_irqs",
        .title = "Xen lets domains have as many interrupts as their devices "
                 "take",
        .why = "NVMe disks have dozens, and 32 is all that a guest gets by "
               "default",
        .check = xt_check_guest_irqs,
        .parts = XTUNE_OBSERVE_INFO | XTUNE_OBSERVE_NAMES |
                 XTUNE_OBSERVE_PCI_DETAILS,
    },
    {
        .name = "shared-rmrr",
        .severity = XTUNE_CHECK_WARN,
        .source = "XCP-ng",
        .asks = "Xen: reserved memory of devices",
        .title = "devices of guests share no memory that firmware keeps",
        .why = "Xen refuses to give such a device away, or the guest's "
               "memory is open to another one's",
        .check = xt_check_shared_rmrr,
        .parts = XTUNE_OBSERVE_NAMES | XTUNE_OBSERVE_PCI_DETAILS,
    },
    {
        .name = "usb-policy",
        .severity = XTUNE_CHECK_FAIL,
        .source = "XCP-ng",
        .asks = "usb-policy.conf",
        .title = "the usb-policy can be read, and each of its rules can "
                 "match",
        .why = "a device that was to be kept from guests is given away, "
               "or the other way round",
        .check = xt_check_usb_policy,
        .parts = XTUNE_OBSERVE_NAMES | XTUNE_OBSERVE_USB,
    },

    /* What the next boot will bring. boot.c */
    {
        .name = "pending-reboot",
        .severity = XTUNE_CHECK_WARN,
        .source = "SUSE Virtualization Best Practices",
        .asks = "command lines, now and after the next boot",
        .title = "Xen and dom0 run with the command lines that are "
                 "configured",
        .why = "what was set is not so yet, and comes when nobody thinks "
               "of it",
        .check = xt_check_pending_reboot,
        .parts = XTUNE_OBSERVE_INFO | XTUNE_OBSERVE_BOOT,
    },
    {
        .name = "command-line-values",
        .severity = XTUNE_CHECK_FAIL,
        .source = "Xen: xen-command-line; Linux",
        .asks = "command lines after the next boot",
        .title = "Xen and Linux take what their command lines say as it is "
                 "meant",
        .why = "what Xen does not understand it leaves out, and says so "
               "only in its log",
        .check = xt_check_command_line_values,
        .parts =
            XTUNE_OBSERVE_INFO | XTUNE_OBSERVE_BOOT | XTUNE_OBSERVE_TOPOLOGY,
    },
    {
        .name = "hap-superpages",
        .severity = XTUNE_CHECK_WARN,
        .source = "Xen: xen-command-line",
        .asks = "Xen's command line: hap_1gb, hap_2mb",
        .title = "Xen may give guests large pages",
        .why = "each access to memory may take longer to be looked up",
        .check = xt_check_hap_superpages,
        .parts = XTUNE_OBSERVE_INFO | XTUNE_OBSERVE_BOOT,
    },
    {
        .name = "isolcpus",
        .severity = XTUNE_CHECK_WARN,
        .source = "Xen",
        .asks = "dom0's command line",
        .title = "dom0 is not told to keep away from CPUs by isolcpus",
        .why = "it is about dom0's vCPUs only, and who set it means CPUs "
               "of the host",
        .check = xt_check_isolcpus,
        .parts = XTUNE_OBSERVE_BOOT,
    },

    /* What is asked of KVM's hosts, and not of Xen's. kvm.c */
    {
        .name = "huge-pages",
        .severity = XTUNE_CHECK_WARN,
        .source = "KVM",
        .asks = "nothing",
        .title = "no huge pages are set aside (nr_hugepages)",
        .why = "Xen does it by itself",
        .check = xt_check_huge_pages,
        .parts = 0,
    },
    {
        .name = "transparent-hugepages",
        .severity = XTUNE_CHECK_WARN,
        .source = "KVM",
        .asks = "nothing",
        .title = "transparent huge pages are as wanted",
        .why = "Linux has none of guests' memory under Xen",
        .check = xt_check_transparent_hugepages,
        .parts = 0,
    },
    {
        .name = "ksm",
        .severity = XTUNE_CHECK_WARN,
        .source = "KVM",
        .asks = "nothing",
        .title = "KSM is off, or slow",
        .why = "it does not see guests' memory",
        .check = xt_check_ksm,
        .parts = 0,
    },
    {
        .name = "vhost",
        .severity = XTUNE_CHECK_WARN,
        .source = "KVM",
        .asks = "nothing",
        .title = "vhost_net is loaded",
        .why = "guests' networks are netback's",
        .check = xt_check_vhost,
        .parts = 0,
    },
    {
        .name = "virtio",
        .severity = XTUNE_CHECK_WARN,
        .source = "KVM",
        .asks = "nothing",
        .title = "guests have virtio devices",
        .why = "Xen has drivers of its own",
        .check = xt_check_virtio,
        .parts = 0,
    },
    {
        .name = "virtio-rng",
        .severity = XTUNE_CHECK_WARN,
        .source = "KVM",
        .asks = "nothing",
        .title = "guests have virtio-rng",
        .why = "the CPU has RDRAND",
        .check = xt_check_virtio_rng,
        .parts = 0,
    },
    {
        .name = "kvm-nested",
        .severity = XTUNE_CHECK_WARN,
        .source = "KVM",
        .asks = "nothing",
        .title = "kvm_intel and kvm_amd have nested=1",
        .why = "it is another thing under Xen",
        .check = xt_check_kvm_nested,
        .parts = 0,
    },
    {
        .name = "numa-balancing",
        .severity = XTUNE_CHECK_WARN,
        .source = "KVM",
        .asks = "nothing",
        .title = "numa_balancing and numastat of dom0",
        .why = "a PV dom0 knows no nodes",
        .check = xt_check_numa_balancing,
        .parts = 0,
    },
    {
        .name = "numatune",
        .severity = XTUNE_CHECK_WARN,
        .source = "KVM",
        .asks = "nothing",
        .title = "guests' memory is bound to nodes (numatune, migratepages)",
        .why = "Xen places it by affinity",
        .check = xt_check_numatune,
        .parts = 0,
    },
    {
        .name = "machine-type",
        .severity = XTUNE_CHECK_WARN,
        .source = "KVM",
        .asks = "nothing",
        .title = "guests have a machine type of today",
        .why = "xl has none to choose from",
        .check = xt_check_machine_type,
        .parts = 0,
    },
    {
        .name = "realtime-priority",
        .severity = XTUNE_CHECK_WARN,
        .source = "KVM",
        .asks = "nothing",
        .title = "vCPUs have a priority (chrt)",
        .why = "Xen schedules vCPUs",
        .check = xt_check_realtime_priority,
        .parts = 0,
    },
    {
        .name = "memory-limits",
        .severity = XTUNE_CHECK_WARN,
        .source = "KVM",
        .asks = "nothing",
        .title = "guests have hard and swap limits (memtune)",
        .why = "Xen has no more to give than maxmem",
        .check = xt_check_memory_limits,
        .parts = 0,
    },
    {
        .name = "io-limits",
        .severity = XTUNE_CHECK_WARN,
        .source = "KVM",
        .asks = "nothing",
        .title = "guests' disks are limited (iotune)",
        .why = "blkback limits nothing",
        .check = xt_check_io_limits,
        .parts = 0,
    },
    {
        .name = "cpu-model",
        .severity = XTUNE_CHECK_WARN,
        .source = "KVM",
        .asks = "nothing",
        .title = "guests have a CPU model (host-passthrough)",
        .why = "Xen has none to choose from",
        .check = xt_check_cpu_model,
        .parts = 0,
    },
    {
        .name = "cpu-baseline",
        .severity = XTUNE_CHECK_WARN,
        .source = "KVM",
        .asks = "nothing",
        .title = "CPUs of hosts that guests move between are alike",
        .why = "one host alone does not tell",
        .check = xt_check_cpu_baseline,
        .parts = 0,
    },
    {
        .name = "migration-downtime",
        .severity = XTUNE_CHECK_WARN,
        .source = "KVM",
        .asks = "nothing",
        .title = "the longest pause of a migration is set",
        .why = "libxl has no such setting",
        .check = xt_check_migration_downtime,
        .parts = 0,
    },
    {
        .name = "vcpu-offline",
        .severity = XTUNE_CHECK_WARN,
        .source = "KVM",
        .asks = "nothing",
        .title = "vCPUs are taken out of use before they go",
        .why = "guests of Xen do it by themselves",
        .check = xt_check_vcpu_offline,
        .parts = 0,
    },
};

const xtune_host_rule *xtune_host_rules(size_t *nr_r)
{
    *nr_r = XT_ARRAY_SIZE(rules);
    return rules;
}

static const xtune_host_rule *nearest(const char *name)
{
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(rules); i++)
        if (xt_is_near(name, rules[i].name)) return &rules[i];
    return NULL;
}

/* "swap" is part of some. */
static const char *with_part(xtune_arena *arena, const char *part)
{
    const char *names = NULL;
    size_t i;

    for (i = 0; *part && i < XT_ARRAY_SIZE(rules); i++)
        if (strstr(rules[i].name, part))
            names = xtune_arena_printf(arena, "%s%s%s", names ? names : "",
                                       names ? ", " : "", rules[i].name);
    return names;
}

static int refuse(const char *name, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *names = with_part(arena, name);
    const xtune_host_rule *rule = nearest(name);
    const char *hint = "\"xltune host-check --list\" names them all";

    if (!names && rule) names = rule->name;
    if (names) hint = xtune_arena_printf(arena, "is it %s?", names);
    return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, name, hint,
                           "there is no such rule");
}

int xtune_host_rule_find(const char *name, const xtune_host_rule **rule_r,
                         xtune_error **err)
{
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(rules); i++)
        if (!strcmp(rules[i].name, name)) {
            *rule_r = &rules[i];
            return 0;
        }
    return refuse(name, err);
}
