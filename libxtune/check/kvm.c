/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules that are asked of KVM's hosts: why they are skipped on Xen, and the
 * one that has something of Xen's own. */
#include "check/text.h"

void xt_check_huge_pages(xt_check *check)
{
    xt_skip(check, NULL,
            "pages that dom0's Linux keeps are its own; Xen gives guests "
            "large pages by itself: see hap-superpages");
}

void xt_check_transparent_hugepages(xt_check *check)
{
    xt_skip(check, NULL,
            "Linux has none under Xen in a PV dom0, and memory of guests is "
            "not dom0's: see hap-superpages");
}

void xt_check_ksm(xt_check *check)
{
    xt_skip(check, NULL,
            "dom0's KSM does not see memory of guests: see memory-sharing");
}

void xt_check_vhost(xt_check *check)
{
    xt_skip(check, NULL,
            "guests' networks are served by xen_netback, not by vhost_net: "
            "see backend-queues");
}

void xt_check_virtio(xt_check *check)
{
    xt_skip(check, NULL,
            "guests have Xen's own PV drivers for disks, networks and "
            "balloons; how many queues these have: see backend-queues");
}

void xt_check_virtio_rng(xt_check *check)
{
    xt_skip(check, NULL,
            "xl gives guests no such device as a rule: they have the CPU's "
            "RDRAND");
}

void xt_check_kvm_nested(xt_check *check)
{
    xt_skip(check, NULL,
            "kvm_intel and kvm_amd have no part in it: see nested-hvm");
}

void xt_check_numa_balancing(xt_check *check)
{
    xt_skip(check, NULL,
            "a PV dom0 knows no nodes (numa_off), and its numastat and "
            "numa_balancing tell nothing of guests: ask Xen, see "
            "\"xltune residency\"");
}

void xt_check_numatune(xt_check *check)
{
    xt_skip(check, NULL,
            "where a guest's memory is goes by its affinity when it is made, "
            "not by numatune or cgroups: see local-memory");
}

void xt_check_machine_type(xt_check *check)
{
    xt_skip(check, NULL,
            "xl's guests have one machine, that of their device model: see "
            "device-model");
}

void xt_check_realtime_priority(xt_check *check)
{
    xt_skip(check, NULL,
            "priorities of dom0's processes (chrt) are not those of vCPUs: "
            "see \"xltune sched-rtds\" and \"xltune sched-credit2\"");
}

void xt_check_memory_limits(xt_check *check)
{
    xt_skip(check, NULL,
            "a domain has no more than its memory and maxmem, by Xen itself: "
            "there is no hard or swap limit to set");
}

void xt_check_io_limits(xt_check *check)
{
    xt_skip(check, NULL,
            "blkback limits nothing: where that is wanted, dm or the storage "
            "has to do it");
}

void xt_check_cpu_model(xt_check *check)
{
    xt_skip(check, NULL,
            "Xen gives guests what the host's CPUs have, less what \"cpuid=\" "
            "takes away: there is no model to choose");
}

void xt_check_cpu_baseline(xt_check *check)
{
    xt_skip(check, NULL,
            "whether guests can move to other hosts as they are takes those "
            "hosts' CPUs to tell; one host alone does not");
}

void xt_check_migration_downtime(xt_check *check)
{
    xt_skip(check, NULL,
            "libxl ends a live migration by its own count of rounds: there "
            "is no longest pause to set");
}

void xt_check_vcpu_offline(xt_check *check)
{
    xt_skip(check, NULL,
            "guests take vCPUs out of use by themselves when "
            "\"xl vcpu-set\" asks them to");
}

/* memory-sharing */

void xt_check_memory_sharing(xt_check *check)
{
    const xtune_xen *xen = &check->host->xen;
    xtune_arena *arena = check->arena;

    if (xen->sharing_used_kb == XTUNE_UNKNOWN_KB ||
        xen->sharing_freed_kb == XTUNE_UNKNOWN_KB) {
        xt_skip(check, NULL, "how much memory domains share is not known");
        return;
    }
    if (!xen->sharing_used_kb && !xen->sharing_freed_kb) {
        xt_pass(check, NULL, "none", "none");
        return;
    }
    xt_fault_add(
        check,
        &(xt_fault){
            .status = XTUNE_CHECK_WARN,
            .expected = "none",
            .actual = xtune_arena_printf(
                arena, "%s are shared, which saves %s",
                xt_check_size(arena, xen->sharing_used_kb),
                xt_check_size(arena, xen->sharing_freed_kb)),
            .text = "Xen's sharing is an experiment: a domain that writes "
                    "may find no memory for its own copy",
            .fix = XTUNE_FIX_PERSON,
            .how = "end what makes domains share (\"xl sharing\" lists them)",
        });
}
