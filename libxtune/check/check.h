/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What rules are written with. */
#ifndef XT_CHECK_H
#define XT_CHECK_H

#include <xtune/check.h>

/* One rule at work. */
struct xt_check {
    const xtune_check_request *request;
    const xtune_host *host;
    const xtune_host_rule *rule;
    xtune_check_report *report;
    xtune_arena *arena; /* the report's; for a fix, the plan's */
};

typedef struct xt_check xt_check;

/* Each adds one result; texts are copied, and object NULL is the host. */
void xt_pass(xt_check *check, const char *object, const char *expected,
             const char *actual);
void xt_skip(xt_check *check, const char *object, const char *why);

/* What is not as it should be: WARN or FAIL, but never worse than the rule's
 * severity. */
typedef struct xt_fault {
    enum xtune_check_status status;
    const char *object, *expected, *actual, *text;
    enum xtune_fix fix;
    const char *how;
} xt_fault;

void xt_fault_add(xt_check *check, const xt_fault *fault);

/* For fixes: the next result of the rule at work that is safe to mend now,
 * from the index *at on, which then points behind it; NULL: there are no
 * more. */
const xtune_check_result *xt_check_next_to_mend(const xt_check *check,
                                                size_t *at);

/* Runs one rule over the host, into a report that is being made. */
void xt_check_rule(const xtune_check_request *request,
                   const xtune_host_rule *rule, xtune_check_report *report);

/* The functions of the rules, by the file that holds them. */

/* memory.c */
void xt_check_dom0_memory(xt_check *check);
void xt_check_dom0_memory_max(xt_check *check);
void xt_check_dom0_autoballoon(xt_check *check);
int xt_mend_dom0_autoballoon(xt_check *check, xtune_plan *plan,
                             xtune_error **err);
void xt_check_dom0_vcpus(xt_check *check);

/* swap.c */
void xt_check_dom0_swap(xt_check *check);
void xt_check_dom0_swappiness(xt_check *check);
int xt_mend_dom0_swappiness(xt_check *check, xtune_plan *plan,
                            xtune_error **err);

/* disk.c */
void xt_check_disk_scheduler(xt_check *check);
int xt_mend_disk_scheduler(xt_check *check, xtune_plan *plan,
                           xtune_error **err);
void xt_check_aio_max_nr(xt_check *check);
int xt_mend_aio_max_nr(xt_check *check, xtune_plan *plan, xtune_error **err);

/* nfs.c */
void xt_check_nfs_answers(xt_check *check);
void xt_check_nfs_options(xt_check *check);
void xt_check_nfs_retransmissions(xt_check *check);

/* modules.c */
void xt_check_other_hypervisors(xt_check *check);
int xt_mend_other_hypervisors(xt_check *check, xtune_plan *plan,
                              xtune_error **err);
void xt_check_backend_queues(xt_check *check);

/* toolstack.c */
void xt_check_toolstack_conflict(xt_check *check);
void xt_check_toolstack_versions(xt_check *check);
void xt_check_xl_cpumasks(xt_check *check);

/* virtualization.c */
void xt_check_virtualization(xt_check *check);
void xt_check_iommu(xt_check *check);

/* cpu.c */
void xt_check_governor(xt_check *check);
int xt_mend_governor(xt_check *check, xtune_plan *plan, xtune_error **err);
void xt_check_vcpu_overcommit(xt_check *check);
void xt_check_domain_vcpus(xt_check *check);

/* load.c */
void xt_check_vcpu_load(xt_check *check);
void xt_check_cpu_headroom(xt_check *check);

/* pins.c */
void xt_check_pins_persistent(xt_check *check);
void xt_check_dedicated_cpus(xt_check *check);

/* numa.c */
void xt_check_local_memory(xt_check *check);
void xt_check_floating_vcpus(xt_check *check);
void xt_check_vnuma(xt_check *check);

/* image.c */
void xt_check_image_format(xt_check *check);
void xt_check_qcow2_cache(xt_check *check);
void xt_check_overlay_chain(xt_check *check);
void xt_check_disk_cache(xt_check *check);

/* setup.c */
void xt_check_nested_hvm(xt_check *check);
void xt_check_device_model(xt_check *check);
void xt_check_migration(xt_check *check);

/* passthrough.c */
void xt_check_pci_count(xt_check *check);
void xt_check_guest_irqs(xt_check *check);
void xt_check_shared_rmrr(xt_check *check);

/* devices.c */
void xt_check_hide_list(xt_check *check);
void xt_check_usb_policy(xt_check *check);

/* boot.c */
void xt_check_pending_reboot(xt_check *check);
void xt_check_command_line_values(xt_check *check);
void xt_check_hap_superpages(xt_check *check);
void xt_check_isolcpus(xt_check *check);

/* kvm.c */
void xt_check_huge_pages(xt_check *check);
void xt_check_transparent_hugepages(xt_check *check);
void xt_check_ksm(xt_check *check);
void xt_check_vhost(xt_check *check);
void xt_check_virtio(xt_check *check);
void xt_check_virtio_rng(xt_check *check);
void xt_check_kvm_nested(xt_check *check);
void xt_check_numa_balancing(xt_check *check);
void xt_check_numatune(xt_check *check);
void xt_check_machine_type(xt_check *check);
void xt_check_realtime_priority(xt_check *check);
void xt_check_memory_limits(xt_check *check);
void xt_check_io_limits(xt_check *check);
void xt_check_cpu_model(xt_check *check);
void xt_check_cpu_baseline(xt_check *check);
void xt_check_migration_downtime(xt_check *check);
void xt_check_vcpu_offline(xt_check *check);
void xt_check_memory_sharing(xt_check *check);

#endif
