/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reports as text or JSON. Each returns text that the caller frees.
 */
#ifndef XTUNE_REPORT_H
#define XTUNE_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xtune/apply.h>
#include <xtune/check.h>
#include <xtune/dom0.h>
#include <xtune/error.h>
#include <xtune/host.h>
#include <xtune/pci.h>
#include <xtune/place.h>
#include <xtune/plan.h>
#include <xtune/usb.h>

/* As "xl info [-n]" prints it (xen.git tools/xl/xl_info.c). */
char *xtune_report_info(const xtune_host *host, bool numa);
/* {"schema": "xtune/info/1", "xen", and with numa "nodes", "cpus", "pci"} */
char *xtune_report_info_json(const xtune_host *host, bool numa);

/* As "xl list [-n] [-c]". */
char *xtune_report_list(const xtune_host *host, bool numa, bool cpupool);
/* {"schema": "xtune/list/1", "domains": [...]}, members as in xtune/host/1 */
char *xtune_report_list_json(const xtune_host *host);

/* As "xl vcpu-list". */
char *xtune_report_vcpu_list(const xtune_host *host);
char *xtune_report_vcpu_list_json(const xtune_host *host);

/* As "xl cpupool-list [-c]", of one pool or, NULL, of all. */
char *xtune_report_cpupools(const xtune_host *host, const xtune_cpupool *pool,
                            bool cpus);
/* With nodes, their free memory and the load; then what is not as it should
 * be, a line each. */
char *xtune_report_cpupools_numa(const xtune_host *host,
                                 const xtune_cpupool *pool);
/* {"schema": "xtune/cpupool-list/1", "cpupools": [{"id", "name", "scheduler",
 * "granularity", "cpus", "nr_cpus", "nr_domains", "nodes", and with numa
 * "free_kb", "load", "warnings"}]} */
char *xtune_report_cpupools_json(const xtune_host *host,
                                 const xtune_cpupool *pool, bool numa);

/* What "xl sched-credit", "sched-credit2" and "sched-rtds" show. */
typedef struct xtune_scheduling_view {
    const char *scheduler;      /* "credit", "credit2" or "rtds" */
    const xtune_cpupool *pool;  /* NULL: all that it runs */
    const xtune_domain *domain; /* NULL: all; else without the pool's line */
    bool pool_alone;            /* without domains */
    bool vcpus;                 /* rtds: a line for each vCPU, */
    const uint32_t *vcpu_ids;   /* of these, in this order; NULL: of all */
    size_t nr_vcpu_ids;
} xtune_scheduling_view;

char *xtune_report_scheduling(const xtune_host *host,
                              const xtune_scheduling_view *view);
/* {"schema": "xtune/scheduling/1", "scheduler", "cpupools": [{"id", "name",
 * "scheduling", "domains": [{"id", "name", "uuid", and "weight", "cap" or
 * "vcpus"}]}]}; what is not known is null */
char *xtune_report_scheduling_json(const xtune_host *host,
                                   const xtune_scheduling_view *view);

/* As "xl pci-assignable-list [-n]", but by address. */
char *xtune_report_pci_assignable(const xtune_host *host, bool names);
/* {"schema": "xtune/pci-assignable/1", "devices": [{"address", "name",
 * "state"}]} */
char *xtune_report_pci_assignable_json(const xtune_host *host);

/* As "xl pci-list". */
char *xtune_report_pci_list(const xtune_domain *domain);
/* {"schema": "xtune/pci-list/1", "id", "name", "uuid", "devices": [...]} */
char *xtune_report_pci_list_json(const xtune_domain *domain);

/* All devices as a table, or all that is known of one; then contradictions,
 * of that one or all, a line each. */
typedef struct xtune_pci_view {
    const xtune_host *host;
    const xtune_pci *pci; /* NULL: all */
    const char *root; /* below which pci.ids is; NULL: as libpci finds it */
    const xtune_findings *contradictions;
} xtune_pci_view;

char *xtune_report_pci(const xtune_pci_view *view);
/* {"schema": "xtune/pci/1", "iommu", "devices": [...]}, see xltune(8) */
char *xtune_report_pci_json(const xtune_pci_view *view);

/* What would go wrong, a line each. */
typedef struct xtune_pci_checked {
    const xtune_pci *const *devices;
    size_t nr;                  /* at least one */
    const xtune_domain *domain; /* NULL: no one in particular */
    const xtune_findings *findings;
} xtune_pci_checked;

char *xtune_report_pci_check(const xtune_pci_checked *checked);
/* {"schema": "xtune/pci-check/1", "devices": [...], "domain", "findings":
 * [{"name", "level", "guard", "object", "text", "hint"}]} */
char *xtune_report_pci_check_json(const xtune_pci_checked *checked);

/* What this boot and the next one hide from dom0, and what else is
 * assignable, as a table; then items of the lists that are wrong, a line each.
 * root as above. */
char *xtune_report_pci_hidden(const xtune_host *host, const char *root);
/* {"schema": "xtune/pci-hidden/1", "source", "problem", "this_boot",
 * "next_boot": {"list", "problem", "unknown": [...]}, "devices": [{"address",
 * "this_boot", "next_boot", "assignable", "state"}]}; what is not known is
 * null */
char *xtune_report_pci_hidden_json(const xtune_host *host);

/* The devices that the records of a policy give to domains. */
char *xtune_report_pci_assigned(const xtune_host *host,
                                const xtune_policy *policy);
/* {"schema": "xtune/pci-assigned/1", "devices": [{"uuid", "name", "address",
 * "slot", "msitranslate", "power_mgmt", "permissive", "relaxed", "state"}]} */
char *xtune_report_pci_assigned_json(const xtune_host *host,
                                     const xtune_policy *policy);

/* Devices that can have virtual functions, and those that they have. */
char *xtune_report_sriov(const xtune_host *host);
/* {"schema": "xtune/sriov/1", "devices": [{"address", "vfs_total",
 * "vfs_enabled", "functions": [{"address", "state", "driver", "domain"}]}]} */
char *xtune_report_sriov_json(const xtune_host *host);

/* As "xl usb-list". */
char *xtune_report_usb_list(const xtune_host *host,
                            const xtune_domain *domain);
/* {"schema": "xtune/usb-list/1", "id", "name", "uuid", "controllers": [{"id",
 * "type", "version", "backend", "state", "ports": [{"port", "path", "bus",
 * "address", "stale"}]}]}; of a free port path is null, of a device that is
 * not there bus and address */
char *xtune_report_usb_list_json(const xtune_host *host,
                                 const xtune_domain *domain);

/* All USB devices as a table, or all that is known of one; then findings, a
 * line each. */
typedef struct xtune_usb_view {
    const xtune_host *host;
    const xtune_usb *usb;          /* NULL: all */
    const xtune_usb_policy *rules; /* NULL: they cannot be read */
    const xtune_policy *records;   /* NULL: they cannot be read */
    const xtune_findings *findings;
} xtune_usb_view;

char *xtune_report_usb(const xtune_usb_view *view);
/* {"schema": "xtune/usb-devices/1", "devices": [...], "findings": [...]}, see
 * xltune(8) */
char *xtune_report_usb_json(const xtune_usb_view *view);

/* A device that a domain was given, in two lines: which, and where. */
typedef struct xtune_usb_given {
    const xtune_host *host; /* before; the controller may be new */
    const xtune_domain *domain;
    const xtune_usb *usb;
    const xtune_plan *plan;
} xtune_usb_given;

char *xtune_report_usb_given(const xtune_usb_given *given);

/* What is wrong with a usb-policy, a line each, and how many rules it has. */
char *xtune_report_usb_policy_check(const xtune_usb_policy *policy,
                                    const xtune_findings *findings);
/* {"schema": "xtune/usb-policy-check/1", "file", "rules", "findings"} */
char *xtune_report_usb_policy_check_json(const xtune_usb_policy *policy,
                                         const xtune_findings *findings);

/* A device that is to be judged, and how it is called. */
typedef struct xtune_usb_judged {
    const char *words;
    const xtune_usb *usb;
} xtune_usb_judged;

/* Whether devices may be given to guests, and which rule decides about each
 * interface. */
char *xtune_report_usb_verdicts(const xtune_usb_policy *policy,
                                const xtune_usb_judged *judged, size_t nr);
/* {"schema": "xtune/usb-verdict/1", "file", "device", "verdict", "reason",
 * "interfaces": [{"number", "class", "subclass", "protocol", "verdict",
 * "rule": {"line", "text"}}]}; of several devices what begins with "device" is
 * in a list "devices"; rule is null where none matches */
char *xtune_report_usb_verdicts_json(const xtune_usb_policy *policy,
                                     const xtune_usb_judged *judged,
                                     size_t nr);

/* Command lines as they run and as the next boot has them, and what that will
 * change; line "xen" or "dom0", NULL: both. */
char *xtune_report_cmdline(const xtune_host *host, const char *line);
/* {"schema": "xtune/cmdline/1", "source", "problem", "xen": {"running",
 * "configured"}, "dom0": likewise, "pending": [{"line", "key", "running": [],
 * "configured": []}]}; pending is null where that is not known */
char *xtune_report_cmdline_json(const xtune_host *host, const char *line);

/* {"schema": "xtune/cmdline-values/1", "line", "values": {KEY: [VALUE, ...]}}
 * of the next boot: [] where it is not there, or that is not known; "" for a
 * flag */
char *xtune_report_cmdline_values_json(const xtune_host *host,
                                       const char *line,
                                       const char *const *keys, size_t nr);

/* Two texts as "diff -u" compares them. */
char *xtune_report_diff(const char *name, const char *before,
                        const char *after);

/* dom0's memory, and its vCPUs; domain 0 is among the host's. */
char *xtune_report_dom0_memory(const xtune_dom0_advice *advice);
char *xtune_report_dom0_memory_json(const xtune_dom0_advice *advice);
char *xtune_report_dom0_vcpus(const xtune_host *host,
                              const xtune_dom0_advice *advice);
char *xtune_report_dom0_vcpus_json(const xtune_host *host,
                                   const xtune_dom0_advice *advice);

/* Memory by node and local share of each domain, and of the host. source is
 * xtune_backend_describe()'s. */
char *xtune_report_residency(const xtune_host *host, const char *source);
char *xtune_report_residency_json(const xtune_host *host);

/* The nodes on whose CPUs a domain's vCPUs run, as a table. */
char *xtune_report_numa_affinity(const xtune_host *host,
                                 const xtune_domain *domain);
/* {"schema": "xtune/numa-affinity/1", "id", "name", "uuid", "affinity":
 * [{"vcpus", "hard": {"nodes", "whole", "cpus"}, "soft": {...}}]} */
char *xtune_report_numa_affinity_json(const xtune_host *host,
                                      const xtune_domain *domain);

/*
 * The host as it is, as a policy that wants it so: pools where there are
 * several, or where the one has a scheduler that is set otherwise than Xen
 * sets it, and for each domain its masks and its pool, in an order that does
 * not depend on ids. What a policy cannot say, such as that CPUs are in no
 * pool, is in its comments. name is one as of xtune_policy_is_name().
 */
char *xtune_report_capture(const xtune_host *host, const char *name);

/* Actions grouped by domain, what is blocked and why, and a summary. */
char *xtune_report_plan(const xtune_plan *plan, const char *source);

/* An action in a line, without a newline: "web1 vCPU 0: hard all -> 0-3". */
char *xtune_report_action(const xtune_action *action);

/*
 * The lines of an xl configuration (xl.cfg(5)) that make a domain where it is
 * placed, in a stable order, with comments that say why: pool, cpus,
 * cpus_soft, vnuma, each only where it is needed. guest_memory_kb is what the
 * configuration says in "memory". Comments alone where it has no place.
 */
char *xtune_report_config(const xtune_host *host, const xtune_placed *placed,
                          uint64_t guest_memory_kb);

/*
 * The same lines without the comments, each as key="value", which "xl create
 * FILE key=value" takes as an argument. Returns how many; in the arena.
 */
size_t xtune_report_config_settings(xtune_arena *arena, const xtune_host *host,
                                    const xtune_placed *placed,
                                    uint64_t guest_memory_kb,
                                    const char ***settings_r);

/*
 * Where a newcomer goes, and what its configuration is to say: as above.
 * placement was made with it as xtune_place_request.explain, and placed is
 * what it says of it.
 */
char *xtune_report_place(const xtune_host *host,
                         const xtune_placement *placement,
                         const xtune_placed *placed, uint64_t guest_memory_kb,
                         const char *source);
/* {"schema": "xtune/placement/1", ...}, see xltune(8) */
char *xtune_report_place_json(const xtune_host *host,
                              const xtune_placement *placement,
                              const xtune_placed *placed,
                              uint64_t guest_memory_kb);

/* Why a domain of the host is where it is, and where it would go; placement
 * and placed likewise. policy is the one it was made with, or NULL; masks that
 * it or its records write down take the place of those of placed. */
char *xtune_report_explain(const xtune_host *host, const xtune_policy *policy,
                           const xtune_placement *placement,
                           const xtune_placed *placed, const char *source);
/* {"schema": "xtune/explanation/1", ...}, see xltune(8) */
char *xtune_report_explain_json(const xtune_host *host,
                                const xtune_policy *policy,
                                const xtune_placement *placement,
                                const xtune_placed *placed);

/* A domain that is to be made, or that was made, see xltune(8), create. */
typedef struct xtune_creation {
    const xtune_placed *placed; /* the newcomer */
    const char *const *command; /* by which xl makes it; ends with NULL */
    const xtune_host *host;     /* as it is afterwards, with */
    const xtune_domain *domain; /* what was made; NULL: only to be made */
    const char *const *notes;   /* ends with NULL; for JSON */
} xtune_creation;

/* Where it is in a line; where it is to be, and the command, in two. */
char *xtune_report_create(const xtune_creation *creation);
/* {"schema": "xtune/create/1", "name", "nodes", "cpupool", "reason",
 * "blocked", "command": [...], "notes": [...]}, and of one that was made "id",
 * "uuid", "memory_kb", "memory_by_node_kb", "residency",
 * "local_memory_pct" */
char *xtune_report_create_json(const xtune_creation *creation);

char *xtune_report_history(const xtune_history *history);
char *xtune_report_history_json(const xtune_history *history);

/* How far a move has come, or what it took, in a line without an end. */
char *xtune_report_moving(const xtune_move_progress *move);

/* What became of an action, as xtune_apply_options.progress tells it. */
typedef struct xtune_outcome {
    const char *object; /* of the action */
    enum xtune_step step;
    const char *note;         /* or NULL */
    xtune_move_progress move; /* where finished is set, what it took */
} xtune_outcome;

/*
 * {"schema": "xtune/result/1", "result", "steps": [{"object", "step",
 * "note"}]}; result is a word such as "applied". Where confirm_s is not 0
 * there is also "confirm_within", in seconds.
 */
char *xtune_report_outcome_json(const char *result,
                                const xtune_outcome *outcomes, size_t nr,
                                unsigned int confirm_s);

/*
 * What rules say of a host: what is wrong first, a line each and how to mend
 * it below; with all also what passes or is skipped. source NULL: it is not
 * told which host it is.
 */
char *xtune_report_host_check(const xtune_check_report *report, bool all,
                              const char *source);
/* What is wrong alone, after a fix. */
char *xtune_report_host_check_left(const xtune_check_report *report);
/* {"schema": "xtune/check/1", "rules": [{"name", "severity", "source", "asks",
 * "title", "why", "can_fix", "status", "results": [{"object", "status",
 * "expected", "actual", "text", "fix", "how"}]}], "summary": {"pass", "warn",
 * "fail", "skip", "to_mend": {"now", "boot", "person"}}} */
char *xtune_report_host_check_json(const xtune_check_report *report);
/* In the XML that JUnit's readers take. XTUNE_ERR_UNSUPPORTED where libxml2 is
 * not installed. */
int xtune_report_host_check_junit(const xtune_check_report *report,
                                  char **text_r, xtune_error **err);
/* In OpenMetrics' text form. */
char *xtune_report_host_check_metrics(const xtune_check_report *report);
/* A line for each rule; all of one's row; {"schema": "xtune/host-rules/1",
 * "rules": [...]} of one, or with NULL of all. */
char *xtune_report_host_rules(void);
char *xtune_report_host_rule(const xtune_host_rule *rule);
char *xtune_report_host_rules_json(const xtune_host_rule *rule);

/* {"error": {"code", "object", "message", "hint"}} */
char *xtune_report_error_json(const xtune_error *err);

#endif
