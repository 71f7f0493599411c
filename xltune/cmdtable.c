/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of commands. The manual page and the completion follow it. */
#include "xltune.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SETTING(member) offsetof(struct settings, member)

static const struct option list_options[] = {
    { "numa", 'n', OPTION_SWITCH, SETTING(numa), NULL,
      "show the nodes that a domain's memory comes from" },
    { "cpupool", 'c', OPTION_SWITCH, SETTING(cpupool), NULL,
      "show the CPU pool of each domain" },
    { .name = NULL },
};

static const struct option info_options[] = {
    { "numa", 'n', OPTION_SWITCH, SETTING(numa), NULL,
      "show CPUs, devices and nodes as well" },
    { .name = NULL },
};

static const struct option place_options[] = {
    { "pci", 0, OPTION_WORDS, SETTING(pci), "ADDR",
      "it is to have this device; may be repeated" },
    { "name", 0, OPTION_TEXT, SETTING(name), "NAME",
      "its name, for the rules of the policy" },
    { "type", 0, OPTION_TEXT, SETTING(type), "TYPE",
      "pv, pvh or hvm; pv where it is not given" },
    { "cpupool", 0, OPTION_TEXT, SETTING(pool), "POOL",
      "it is to be in this CPU pool" },
    { "cpus", 0, OPTION_TEXT, SETTING(cpus), "LIST",
      "it may run on these CPUs only" },
    { "config", 0, OPTION_SWITCH, SETTING(config), NULL,
      "print only lines for its configuration file" },
    { .name = NULL },
};

static const struct option create_options[] = {
    { "dry-run", 'N', OPTION_SWITCH, SETTING(dry_run), NULL,
      "show where it would be and what xl would be told" },
    { "paused", 'p', OPTION_SWITCH, SETTING(paused), NULL,
      "leave it paused, as xl create -p" },
    { "debug", 'd', OPTION_SWITCH, SETTING(debug), NULL,
      "have xl print its configuration, as xl create -d" },
    { .name = NULL },
};

static const struct option pin_options[] = {
    { "persist", 0, OPTION_SWITCH, SETTING(persist), NULL,
      "keep it: apply sets it again" },
    { "forget", 0, OPTION_SWITCH, SETTING(forget), NULL,
      "keep it no longer; nothing else is changed" },
    { .name = NULL },
};

static const struct option numa_affinity_options[] = {
    { "persist", 0, OPTION_SWITCH, SETTING(persist), NULL,
      "keep it: apply sets it again" },
    { .name = NULL },
};

static const struct option capture_options[] = {
    { "policy-name", 0, OPTION_TEXT, SETTING(policy_name), "NAME",
      "what the policy is called, if not \"captured\"" },
    { .name = NULL },
};

#define ALLOW_PAUSE                                                           \
    {                                                                         \
        "allow-pause", 0, OPTION_SWITCH, SETTING(allow_pause), NULL,          \
            "pause a domain that cannot be moved while it runs"               \
    }

static const struct option rehome_options[] = {
    ALLOW_PAUSE,
    { .name = NULL },
};

#define AT_BOOT                                                               \
    {                                                                         \
        "at-boot", 0, OPTION_SWITCH, SETTING(at_boot), NULL,                  \
            "make assignable what the hide list of this boot names"           \
    }

static const struct option plan_options[] = {
    ALLOW_PAUSE,
    AT_BOOT,
    { .name = NULL },
};

static const struct option apply_options[] = {
    ALLOW_PAUSE,
    AT_BOOT,
    { "at-once", 0, OPTION_TEXT, SETTING(at_once), "N",
      "move so many domains at a time; 1 where it is not given" },
    { "max-moves", 0, OPTION_TEXT, SETTING(max_moves), "N",
      "move the memory of so many domains at most" },
    { "max-bytes", 0, OPTION_TEXT, SETTING(max_bytes), "SIZE",
      "move so much memory at most" },
    { "max-time", 0, OPTION_TEXT, SETTING(max_time), "SECONDS",
      "begin no move after so long" },
    { "confirm-within", 0, OPTION_TEXT, SETTING(confirm_word), "SECONDS",
      "roll back unless \"xltune confirm\" comes in time" },
    { .name = NULL },
};

static const struct option watch_options[] = {
    { "interval", 0, OPTION_TEXT, SETTING(interval), "SECONDS",
      "how often all domains are compared; 30" },
    { .name = NULL },
};

#define DRY_RUN                                                               \
    {                                                                         \
        "dry-run", 'N', OPTION_SWITCH, SETTING(dry_run), NULL,                \
            "show the plan, and change nothing"                               \
    }

static const struct option dry_run_options[] = {
    DRY_RUN,
    { .name = NULL },
};

/* It takes them apart itself. */
#define RAW(option, value, what)                                              \
    {                                                                         \
        option, 0, OPTION_TEXT, 0, value, what                                \
    }

static const struct option xen_cmdline_options[] = {
    RAW("list-xen", NULL, "print all parameters of Xen"),
    RAW("get-xen", "KEY", "print those of Xen with these names"),
    RAW("set-xen", "WORD", "set such parameters of Xen"),
    RAW("delete-xen", "WORD", "take such parameters of Xen out"),
    RAW("list-dom0", NULL, "print all parameters of dom0's Linux"),
    RAW("get-dom0", "KEY", "print those of Linux with these names"),
    RAW("set-dom0", "WORD", "set such parameters of Linux"),
    RAW("delete-dom0", "WORD", "take such parameters of Linux out"),
    RAW("list-cpuid-masks", NULL, "print Xen's that begin with cpuid_mask"),
    RAW("get-cpuid-masks", "KEY", "as --get-xen"),
    RAW("set-cpuid-masks", "WORD", "as --set-xen"),
    RAW("delete-cpuid-masks", "WORD", "as --delete-xen"),
    { .name = NULL },
};

static const struct option host_check_options[] = {
    { "fix", 0, OPTION_SWITCH, SETTING(fix), NULL,
      "mend what is safe now, and say what is left" },
    DRY_RUN,
    { "verbose", 'v', OPTION_SWITCH, SETTING(verbose), NULL,
      "show what passes and what is skipped as well" },
    { "explain", 0, OPTION_TEXT, SETTING(explain), "RULE",
      "tell what a rule asks for, of whom, and why" },
    { "list", 0, OPTION_SWITCH, SETTING(list_rules), NULL, "list all rules" },
    { "sample", 0, OPTION_TEXT, SETTING(sample), "SECONDS",
      "watch the load for so long" },
    { "junit", 0, OPTION_SWITCH, SETTING(junit), NULL,
      "print XML as JUnit's readers take it" },
    { "openmetrics", 0, OPTION_SWITCH, SETTING(openmetrics), NULL,
      "print metrics for Prometheus" },
    { .name = NULL },
};

static const struct option cpupool_list_options[] = {
    { "cpus", 'c', OPTION_SWITCH, SETTING(cpu_list), NULL,
      "show the CPUs of each pool" },
    { "numa", 'n', OPTION_SWITCH, SETTING(numa), NULL,
      "show nodes, their memory, the load, and what is wrong" },
    { .name = NULL },
};

static const struct option cpupool_create_options[] = {
    { "defconfig", 'f', OPTION_TEXT, SETTING(file), "FILE",
      "the configuration; the same as FILE alone" },
    DRY_RUN,
    { "dryrun", 'n', OPTION_SWITCH, SETTING(dry_run), NULL,
      "the same, as xl spells it" },
    { .name = NULL },
};

static const struct option cpupool_migrate_options[] = {
    { "follow", 0, OPTION_SWITCH, SETTING(follow), NULL,
      "move its memory to the nodes of the pool as well" },
    { "persist", 0, OPTION_SWITCH, SETTING(persist), NULL,
      "keep it: apply moves it there again" },
    ALLOW_PAUSE,
    DRY_RUN,
    { .name = NULL },
};

static const struct option sched_credit_options[] = {
    { "domain", 'd', OPTION_TEXT, SETTING(domain), "DOM", "this domain" },
    { "weight", 'w', OPTION_TEXT, SETTING(weight), "N",
      "set its weight, from 1 to 65535; 256 is usual" },
    { "cap", 'c', OPTION_TEXT, SETTING(cap), "N",
      "set its cap in percent of one CPU; 0: none" },
    { "cpupool", 'p', OPTION_TEXT, SETTING(pool), "POOL", "this pool" },
    { "schedparam", 's', OPTION_SWITCH, SETTING(schedparam), NULL,
      "what is the pool's own; without a pool, the first's" },
    { "tslice_ms", 't', OPTION_TEXT, SETTING(tslice), "N",
      "set its time slice in milliseconds" },
    { "ratelimit_us", 'r', OPTION_TEXT, SETTING(ratelimit), "N",
      "set its rate limit in microseconds; 0: none" },
    { "migration_delay_us", 'm', OPTION_TEXT, SETTING(migration_delay), "N",
      "set its migration delay in microseconds" },
    { "persist", 0, OPTION_SWITCH, SETTING(persist), NULL,
      "keep what is set: apply sets it again" },
    { .name = NULL },
};

static const struct option sched_credit2_options[] = {
    { "domain", 'd', OPTION_TEXT, SETTING(domain), "DOM", "this domain" },
    { "weight", 'w', OPTION_TEXT, SETTING(weight), "N",
      "set its weight, from 1 to 65535; 256 is usual" },
    { "cap", 'c', OPTION_TEXT, SETTING(cap), "N",
      "set its cap in percent of one CPU; 0: none" },
    { "cpupool", 'p', OPTION_TEXT, SETTING(pool), "POOL", "this pool" },
    { "schedparam", 's', OPTION_SWITCH, SETTING(schedparam), NULL,
      "what is the pool's own; without a pool, the first's" },
    { "ratelimit_us", 'r', OPTION_TEXT, SETTING(ratelimit), "N",
      "set its rate limit in microseconds; 0: none" },
    { "persist", 0, OPTION_SWITCH, SETTING(persist), NULL,
      "keep what is set: apply sets it again" },
    { .name = NULL },
};

static const struct option sched_rtds_options[] = {
    { "domain", 'd', OPTION_TEXT, SETTING(domain), "DOM", "this domain" },
    { "vcpuid", 'v', OPTION_WORDS, SETTING(vcpus), "VCPU",
      "this vCPU, or all; may be repeated" },
    { "period", 'p', OPTION_WORDS, SETTING(periods), "N",
      "set its period in microseconds" },
    { "budget", 'b', OPTION_WORDS, SETTING(budgets), "N",
      "set its budget in microseconds" },
    { "extratime", 'e', OPTION_WORDS, SETTING(extratimes), "N",
      "1: it may have more than its budget; 0: not" },
    { "cpupool", 'c', OPTION_TEXT, SETTING(pool), "POOL", "this pool" },
    { "persist", 0, OPTION_SWITCH, SETTING(persist), NULL,
      "keep what is set: apply sets it again" },
    { .name = NULL },
};

static const struct option pci_assignable_list_options[] = {
    { "show-names", 'n', OPTION_SWITCH, SETTING(show_names), NULL,
      "show the names that they were given as well" },
    { .name = NULL },
};

static const struct option pci_assignable_add_options[] = {
    { "name", 'n', OPTION_TEXT, SETTING(name), "NAME",
      "it can be named so as well" },
    { "persist", 0, OPTION_SWITCH, SETTING(persist), NULL,
      "keep it: apply makes them assignable again" },
    DRY_RUN,
    { .name = NULL },
};

static const struct option pci_assignable_remove_options[] = {
    { "rebind", 'r', OPTION_SWITCH, SETTING(rebind), NULL,
      "give it its driver in dom0 again" },
    { "persist", 0, OPTION_SWITCH, SETTING(persist), NULL,
      "apply is not to make them assignable again" },
    DRY_RUN,
    { .name = NULL },
};

static const struct option pci_options[] = {
    DRY_RUN,
    { .name = NULL },
};

static const struct option pci_detach_options[] = {
    { "regardless", 'f', OPTION_SWITCH, SETTING(regardless), NULL,
      "also where the guest does not let go of it" },
    DRY_RUN,
    { .name = NULL },
};

static const struct option pci_hide_options[] = {
    { "now", 0, OPTION_SWITCH, SETTING(now), NULL, "now only" },
    { "boot", 0, OPTION_SWITCH, SETTING(boot), NULL, "at boot only" },
    DRY_RUN,
    { .name = NULL },
};

static const struct option pci_assign_options[] = {
    { "slot", 0, OPTION_TEXT, SETTING(slot), "N",
      "the domain is to have it in this slot; hexadecimal" },
    { "permissive", 0, OPTION_SWITCH, SETTING(permissive), NULL,
      "the domain may write all of its configuration" },
    { "now", 0, OPTION_SWITCH, SETTING(now), NULL,
      "attach it at once as well, where the domain runs" },
    { .name = NULL },
};

static const struct option pci_unassign_options[] = {
    { "now", 0, OPTION_SWITCH, SETTING(now), NULL,
      "detach it at once as well, where the domain runs" },
    { .name = NULL },
};

static const struct option sriov_set_options[] = {
    { "assignable", 0, OPTION_SWITCH, SETTING(assignable), NULL,
      "make the virtual functions assignable" },
    { "persist", 0, OPTION_SWITCH, SETTING(persist), NULL,
      "keep it: apply makes them again" },
    DRY_RUN,
    { .name = NULL },
};

static const struct option usb_options[] = {
    DRY_RUN,
    { .name = NULL },
};

static const struct option usb_attach_options[] = {
    { "usb", 0, OPTION_TEXT, SETTING(usb), "N",
      "in a controller of this version of USB: 1, 2 or 3" },
    { "persist", 0, OPTION_SWITCH, SETTING(persist), NULL,
      "keep it: whenever both are there it is attached" },
    { "by", 0, OPTION_TEXT, SETTING(by), "HOW",
      "it is known then by its serial, its port or both" },
    DRY_RUN,
    { .name = NULL },
};

static const struct option usb_detach_options[] = {
    { "persist", 0, OPTION_SWITCH, SETTING(persist), NULL,
      "keep it for the domain no longer" },
    DRY_RUN,
    { .name = NULL },
};

static const struct option usb_policy_options[] = {
    { "device", 0, OPTION_WORDS, SETTING(devices), "WORDS",
      "test: judge this device; may be repeated" },
    { "by", 0, OPTION_TEXT, SETTING(by), "HOW",
      "allow, deny: the rule names its serial, port or both" },
    DRY_RUN,
    { .name = NULL },
};

static const struct option dom0_mem_options[] = {
    { "rule", 0, OPTION_TEXT, SETTING(rule), "RULE",
      "what it should have: suse, xcp-ng or auto" },
    { "set", 0, OPTION_TEXT, SETTING(set), "SIZE",
      "set it: \"4g\", MiB without a unit; or auto" },
    { "now", 0, OPTION_SWITCH, SETTING(now), NULL, "now only" },
    { "boot", 0, OPTION_SWITCH, SETTING(boot), NULL, "at boot only" },
    DRY_RUN,
    { .name = NULL },
};

static const struct option dom0_vcpus_options[] = {
    { "rule", 0, OPTION_TEXT, SETTING(rule), "RULE",
      "what it should have: suse, xcp-ng or auto" },
    { "set", 0, OPTION_TEXT, SETTING(set), "N", "set how many; or auto" },
    { "now", 0, OPTION_SWITCH, SETTING(now), NULL, "now only" },
    { "boot", 0, OPTION_SWITCH, SETTING(boot), NULL, "at boot only" },
    DRY_RUN,
    { .name = NULL },
};

static const struct option xe_options[] = {
    { "minimal", 0, OPTION_SWITCH, SETTING(minimal), NULL,
      "print the first field alone, with commas in between" },
    { .name = NULL },
};

static const struct option help_options[] = {
    { "dump-table", 0, OPTION_SWITCH, SETTING(table), NULL, NULL },
    { .name = NULL },
};

#define PLAN_PARTS                                                            \
    (XTUNE_OBSERVE_TOPOLOGY | XTUNE_OBSERVE_NAMES | XTUNE_OBSERVE_VCPUS |     \
     XTUNE_OBSERVE_NODE_AFFINITY | XTUNE_OBSERVE_BUILT |                      \
     XTUNE_OBSERVE_RESIDENCY | XTUNE_OBSERVE_PCI | XTUNE_OBSERVE_SCHEDULING | \
     XTUNE_OBSERVE_INFO)

#define POOL_PARTS                                                            \
    (XTUNE_OBSERVE_TOPOLOGY | XTUNE_OBSERVE_NAMES | XTUNE_OBSERVE_VCPUS |     \
     XTUNE_OBSERVE_BUILT | XTUNE_OBSERVE_SCHEDULING)

#define PCI_PARTS                                                             \
    (XTUNE_OBSERVE_PCI | XTUNE_OBSERVE_PCI_DETAILS | XTUNE_OBSERVE_BOOT |     \
     XTUNE_OBSERVE_NAMES | XTUNE_OBSERVE_INFO)

#define CMDLINE_PARTS                                                         \
    (XTUNE_OBSERVE_BOOT | XTUNE_OBSERVE_INFO | XTUNE_OBSERVE_PCI |            \
     XTUNE_OBSERVE_TOPOLOGY)

#define DOM0_PARTS                                                            \
    (XTUNE_OBSERVE_DOM0 | XTUNE_OBSERVE_BOOT | XTUNE_OBSERVE_NAMES |          \
     XTUNE_OBSERVE_VCPUS | XTUNE_OBSERVE_INFO)

#define USB_PARTS (XTUNE_OBSERVE_USB | XTUNE_OBSERVE_NAMES)

#define USB_GUARD_PARTS (USB_PARTS | USB_GIVING_PARTS)

const struct command commands[] = {
    { .name = "info",
      .run = cmd_info,
      .arguments = "[-n] [KEY]",
      .help = "show the host, as xl info does",
      .options = info_options,
      .max_args = 1,
      .needs = NEEDS_BACKEND,
      .parts = XTUNE_OBSERVE_INFO | XTUNE_OBSERVE_TOPOLOGY },
    { .name = "list",
      .run = cmd_list,
      .arguments = "[-n] [-c] [DOM...]",
      .help = "list domains, as xl list does",
      .options = list_options,
      .max_args = NO_LIMIT,
      .needs = NEEDS_BACKEND,
      .parts = XTUNE_OBSERVE_NAMES },
    { .name = "vcpu-list",
      .run = cmd_vcpu_list,
      .arguments = "[DOM...]",
      .help = "list vCPUs and their affinity, as xl vcpu-list does",
      .max_args = NO_LIMIT,
      .needs = NEEDS_BACKEND,
      .parts = XTUNE_OBSERVE_NAMES | XTUNE_OBSERVE_VCPUS },
    { .name = "cpupool-list",
      .run = cmd_cpupool_list,
      .arguments = "[-c] [-n] [POOL]",
      .help = "list CPU pools, as xl cpupool-list does",
      .options = cpupool_list_options,
      .max_args = 1,
      .needs = NEEDS_BACKEND,
      .parts = XTUNE_OBSERVE_NAMES },
    { .name = "residency",
      .run = cmd_residency,
      .arguments = "[DOM...]",
      .help = "show where domains' memory is, and how much is local",
      .max_args = NO_LIMIT,
      .needs = NEEDS_BACKEND,
      .parts = XTUNE_OBSERVE_TOPOLOGY | XTUNE_OBSERVE_NAMES |
               XTUNE_OBSERVE_VCPUS | XTUNE_OBSERVE_NODE_AFFINITY |
               XTUNE_OBSERVE_BUILT | XTUNE_OBSERVE_RESIDENCY },
    { .name = "snapshot",
      .run = cmd_snapshot,
      .arguments = "",
      .help = "print the host as JSON, for --host",
      .needs = NEEDS_BACKEND,
      .parts = XTUNE_OBSERVE_ALL },
    { .name = "place",
      .run = cmd_place,
      .arguments = "VCPUS:MEMORY",
      .help = "show where a domain of that size would go",
      .options = place_options,
      .min_args = 1,
      .max_args = 1,
      .needs = NEEDS_BACKEND,
      .parts = XTUNE_OBSERVE_TOPOLOGY | XTUNE_OBSERVE_NAMES |
               XTUNE_OBSERVE_VCPUS | XTUNE_OBSERVE_NODE_AFFINITY |
               XTUNE_OBSERVE_BUILT | XTUNE_OBSERVE_RESIDENCY |
               XTUNE_OBSERVE_SCHEDULING },
    { .name = "explain",
      .run = cmd_explain,
      .arguments = "DOM",
      .help = "show why a domain is where it is, and where it would go",
      .min_args = 1,
      .max_args = 1,
      .needs = NEEDS_BACKEND,
      .parts = PLAN_PARTS },
    { .name = "create",
      .run = cmd_create,
      .arguments = "[-N] [-p] [-d] CONFIG [KEY=VALUE...]",
      .help = "make a domain where it is to be, by xl create",
      .options = create_options,
      .min_args = 1,
      .max_args = NO_LIMIT,
      .needs = NEEDS_BACKEND | WAITS_FOR_LOCK,
      .parts = XTUNE_OBSERVE_ALL &
               ~(unsigned int)(XTUNE_OBSERVE_RESIDENCY | DEVICE_PARTS |
                               XTUNE_OBSERVE_USB | XTUNE_OBSERVE_DOM0 |
                               XTUNE_OBSERVE_SETUP) },
    { .name = "vcpu-pin",
      .run = cmd_vcpu_pin,
      .check = check_vcpu_pin,
      .arguments = "DOM VCPU|all HARD|- [SOFT|-] | --forget DOM",
      .help = "set the affinity of vCPUs",
      .options = pin_options,
      .min_args = 1,
      .max_args = 4,
      .needs = NEEDS_BACKEND | NEEDS_LOCK,
      .parts = XTUNE_OBSERVE_TOPOLOGY | XTUNE_OBSERVE_NAMES |
               XTUNE_OBSERVE_VCPUS | XTUNE_OBSERVE_BUILT |
               XTUNE_OBSERVE_SCHEDULING },
    { .name = "numa-affinity",
      .run = cmd_numa_affinity,
      .check = check_numa_affinity,
      .arguments = "DOM [hard|soft NODES]",
      .help = "show or set the nodes on whose CPUs a domain runs",
      .options = numa_affinity_options,
      .min_args = 1,
      .max_args = 3,
      .needs = NEEDS_BACKEND,
      .parts = XTUNE_OBSERVE_TOPOLOGY | XTUNE_OBSERVE_NAMES |
               XTUNE_OBSERVE_VCPUS | XTUNE_OBSERVE_BUILT |
               XTUNE_OBSERVE_SCHEDULING },
    { .name = "cpupool-create",
      .run = cmd_cpupool_create,
      .check = check_cpupool_create,
      .arguments = "[-N] [-f FILE] [FILE] [KEY=VALUE...]",
      .help = "make a CPU pool, as xl cpupool-create does",
      .options = cpupool_create_options,
      .max_args = NO_LIMIT,
      .needs = NEEDS_BACKEND,
      .parts = POOL_PARTS },
    { .name = "cpupool-destroy",
      .run = cmd_cpupool_destroy,
      .arguments = "[-N] POOL",
      .help = "remove a CPU pool that no domain is in",
      .options = dry_run_options,
      .min_args = 1,
      .max_args = 1,
      .needs = NEEDS_BACKEND,
      .parts = POOL_PARTS },
    { .name = "cpupool-rename",
      .run = cmd_cpupool_rename,
      .arguments = "[-N] POOL NAME",
      .help = "give a CPU pool another name",
      .options = dry_run_options,
      .min_args = 2,
      .max_args = 2,
      .needs = NEEDS_BACKEND,
      .parts = POOL_PARTS },
    { .name = "cpupool-cpu-add",
      .run = cmd_cpupool_cpu_add,
      .arguments = "[-N] POOL CPUS|node:N",
      .help = "add free CPUs to a pool",
      .options = dry_run_options,
      .min_args = 2,
      .max_args = 2,
      .needs = NEEDS_BACKEND,
      .parts = POOL_PARTS },
    { .name = "cpupool-cpu-remove",
      .run = cmd_cpupool_cpu_remove,
      .arguments = "[-N] POOL CPUS|node:N",
      .help = "take CPUs out of a pool",
      .options = dry_run_options,
      .min_args = 2,
      .max_args = 2,
      .needs = NEEDS_BACKEND,
      .parts = POOL_PARTS },
    { .name = "cpupool-migrate",
      .run = cmd_cpupool_migrate,
      .check = check_cpupool_migrate,
      .arguments = "[-N] [--follow] [--persist] DOM POOL",
      .help = "move a domain to another CPU pool",
      .options = cpupool_migrate_options,
      .min_args = 2,
      .max_args = 2,
      .needs = NEEDS_BACKEND,
      .parts = POOL_PARTS },
    { .name = "cpupool-numa-split",
      .run = cmd_cpupool_numa_split,
      .arguments = "[-N]",
      .help = "make a CPU pool of each node",
      .options = dry_run_options,
      .needs = NEEDS_BACKEND,
      .parts = POOL_PARTS },
    { .name = "cpupool-join",
      .run = cmd_cpupool_join,
      .arguments = "[-N]",
      .help = "put all CPUs and domains into one pool again",
      .options = dry_run_options,
      .needs = NEEDS_BACKEND,
      .parts = POOL_PARTS },
    { .name = "sched-credit",
      .run = cmd_sched_credit,
      .check = check_sched_credit,
      .arguments = "[-d DOM [-w N] [-c N]] [-p POOL] [-s [-t|-r|-m N]...]",
      .help = "show or set what the credit scheduler gives",
      .options = sched_credit_options,
      .needs = NEEDS_BACKEND,
      .parts = XTUNE_OBSERVE_NAMES | XTUNE_OBSERVE_SCHEDULING },
    { .name = "sched-credit2",
      .run = cmd_sched_credit2,
      .check = check_sched_credit,
      .arguments = "[-d DOM [-w N] [-c N]] [-p POOL] [-s [-r N]]",
      .help = "show or set what the credit2 scheduler gives",
      .options = sched_credit2_options,
      .needs = NEEDS_BACKEND,
      .parts = XTUNE_OBSERVE_NAMES | XTUNE_OBSERVE_SCHEDULING },
    { .name = "sched-rtds",
      .run = cmd_sched_rtds,
      .check = check_sched_rtds,
      .arguments = "[-d DOM [-v VCPU|all [-p N -b N -e N]]...] [-c POOL]",
      .help = "show or set what the rtds scheduler gives",
      .options = sched_rtds_options,
      .needs = NEEDS_BACKEND,
      .parts = XTUNE_OBSERVE_NAMES | XTUNE_OBSERVE_SCHEDULING },
    { .name = "pci-assignable-list",
      .run = cmd_pci_assignable_list,
      .arguments = "[-n]",
      .help = "list devices for guests, as xl pci-assignable-list does",
      .options = pci_assignable_list_options,
      .needs = NEEDS_BACKEND,
      .parts = PCI_PARTS },
    { .name = "pci-assignable-add",
      .run = cmd_pci_assignable_add,
      .check = check_pci_assignable_add,
      .arguments = "[-N] [-n NAME] [--persist] ADDR...",
      .help = "take devices from dom0, for guests",
      .options = pci_assignable_add_options,
      .min_args = 1,
      .max_args = NO_LIMIT,
      .needs = NEEDS_BACKEND,
      .parts = PCI_PARTS },
    { .name = "pci-assignable-remove",
      .run = cmd_pci_assignable_remove,
      .arguments = "[-N] [-r] [--persist] ADDR|NAME...",
      .help = "keep devices for guests no longer",
      .options = pci_assignable_remove_options,
      .min_args = 1,
      .max_args = NO_LIMIT,
      .needs = NEEDS_BACKEND,
      .parts = PCI_PARTS },
    { .name = "pci-list",
      .run = cmd_pci_list,
      .arguments = "DOM",
      .help = "list the devices of a domain, as xl pci-list does",
      .min_args = 1,
      .max_args = 1,
      .needs = NEEDS_BACKEND,
      .parts = PCI_PARTS },
    { .name = "pci-attach",
      .run = cmd_pci_attach,
      .check = check_pci_attach,
      .arguments = "[-N] DOM SPEC [VSLOT]",
      .help = "give a device to a domain that runs",
      .options = pci_options,
      .min_args = 2,
      .max_args = 3,
      .needs = NEEDS_BACKEND,
      .parts = PCI_PARTS },
    { .name = "pci-detach",
      .run = cmd_pci_detach,
      .arguments = "[-N] [-f] DOM ADDR|NAME|SPEC",
      .help = "take a device back from a domain",
      .options = pci_detach_options,
      .min_args = 2,
      .max_args = 2,
      .needs = NEEDS_BACKEND,
      .parts = PCI_PARTS },
    { .name = "pci-show",
      .run = cmd_pci_show,
      .arguments = "[ADDR|NAME]",
      .help = "show all devices, or all that is known of one",
      .max_args = 1,
      .needs = NEEDS_BACKEND,
      .parts = PCI_PARTS },
    { .name = "pci-check",
      .run = cmd_pci_check,
      .arguments = "ADDR|NAME|SPEC [DOM]",
      .help = "tell what stands against giving a device away",
      .min_args = 1,
      .max_args = 2,
      .needs = NEEDS_BACKEND,
      .parts = PCI_PARTS },
    { .name = "pci-hide",
      .run = cmd_pci_hide,
      .arguments = "[-N] [--now|--boot] ADDR|NAME...",
      .help = "hide devices from dom0, now and at boot",
      .options = pci_hide_options,
      .min_args = 1,
      .max_args = NO_LIMIT,
      .needs = NEEDS_BACKEND,
      .parts = PCI_PARTS },
    { .name = "pci-unhide",
      .run = cmd_pci_unhide,
      .arguments = "[-N] [--now|--boot] ADDR|NAME...",
      .help = "let dom0 have devices again, now and at boot",
      .options = pci_hide_options,
      .min_args = 1,
      .max_args = NO_LIMIT,
      .needs = NEEDS_BACKEND,
      .parts = PCI_PARTS },
    { .name = "pci-hidden-list",
      .run = cmd_pci_hidden_list,
      .arguments = "",
      .help = "list what this boot and the next one hide from dom0",
      .needs = NEEDS_BACKEND,
      .parts = PCI_PARTS },
    { .name = "pci-assign",
      .run = cmd_pci_assign,
      .check = check_pci_assign,
      .arguments = "[--slot N] [--permissive] [--now] DOM ADDR|NAME...",
      .help = "give devices to a domain whenever it starts",
      .options = pci_assign_options,
      .min_args = 2,
      .max_args = NO_LIMIT,
      .needs = NEEDS_BACKEND,
      .parts = PCI_PARTS | XTUNE_OBSERVE_TOPOLOGY | XTUNE_OBSERVE_VCPUS },
    { .name = "pci-unassign",
      .run = cmd_pci_unassign,
      .arguments = "[--now] DOM ADDR|NAME...|all",
      .help = "give them to it no longer",
      .options = pci_unassign_options,
      .min_args = 2,
      .max_args = NO_LIMIT,
      .needs = NEEDS_BACKEND,
      .parts = PCI_PARTS },
    { .name = "pci-assigned-list",
      .run = cmd_pci_assigned_list,
      .arguments = "[DOM]",
      .help = "list the devices that domains are given when they start",
      .max_args = 1,
      .needs = NEEDS_BACKEND,
      .parts = PCI_PARTS },
    { .name = "sriov-set",
      .run = cmd_sriov_set,
      .check = check_sriov_set,
      .arguments = "[-N] [--assignable] [--persist] ADDR N",
      .help = "set how many virtual functions a device has",
      .options = sriov_set_options,
      .min_args = 2,
      .max_args = 2,
      .needs = NEEDS_BACKEND,
      .parts = PCI_PARTS },
    { .name = "sriov-list",
      .run = cmd_sriov_list,
      .arguments = "",
      .help = "list devices with virtual functions, and these",
      .needs = NEEDS_BACKEND,
      .parts = PCI_PARTS },
    { .name = "host-check",
      .run = cmd_host_check,
      .check = check_host_check,
      .arguments = "[--fix [-N]] [--sample SECONDS] [RULE...]",
      .help = "hold the host against rules, and mend what is safe",
      .options = host_check_options,
      .max_args = NO_LIMIT },
    { .name = "dom0",
      .run = cmd_dom0,
      .check = check_dom0,
      .arguments = "memory|vcpus [-N] [--set ...] [--now|--boot]",
      .help = "the same as dom0-mem and dom0-vcpus",
      .options = dom0_mem_options,
      .min_args = 1,
      .max_args = 1,
      .needs = NEEDS_BACKEND,
      .parts = DOM0_PARTS },
    { .name = "dom0-mem",
      .run = cmd_dom0,
      .check = check_dom0,
      .arguments = "[-N] [--rule RULE] [--set SIZE [--now|--boot]]",
      .help = "show what memory dom0 should have, or set it",
      .options = dom0_mem_options,
      .needs = NEEDS_BACKEND,
      .parts = DOM0_PARTS },
    { .name = "dom0-vcpus",
      .run = cmd_dom0,
      .check = check_dom0,
      .arguments = "[-N] [--rule RULE] [--set N [--now|--boot]]",
      .help = "show what vCPUs dom0 has, or set how many",
      .options = dom0_vcpus_options,
      .needs = NEEDS_BACKEND,
      .parts = DOM0_PARTS },
    { .name = "usbctrl-attach",
      .run = cmd_usbctrl_attach,
      .check = check_usbctrl_attach,
      .arguments = "[-N] DOM [type=TYPE] [version=N] [ports=N]",
      .help = "give a USB controller to a domain that runs",
      .options = usb_options,
      .min_args = 1,
      .max_args = NO_LIMIT,
      .needs = NEEDS_BACKEND,
      .parts = USB_PARTS },
    { .name = "usbctrl-detach",
      .run = cmd_usbctrl_detach,
      .check = check_usbctrl_detach,
      .arguments = "[-N] DOM CONTROLLER",
      .help = "take a USB controller back from a domain",
      .options = usb_options,
      .min_args = 2,
      .max_args = 2,
      .needs = NEEDS_BACKEND,
      .parts = USB_PARTS },
    { .name = "usbdev-attach",
      .run = cmd_usbdev_attach,
      .check = check_usbdev_attach,
      .arguments = "[-N] DOM DEVICE... [controller=N [port=N]]",
      .help = "give a USB device to a domain, as xl usbdev-attach does",
      .options = usb_options,
      .min_args = 2,
      .max_args = NO_LIMIT,
      .needs = NEEDS_BACKEND,
      .parts = USB_GUARD_PARTS },
    { .name = "usbdev-detach",
      .run = cmd_usbdev_detach,
      .check = check_usbdev_detach,
      .arguments = "[-N] DOM CONTROLLER PORT",
      .help = "take the USB device in a port back from a domain",
      .options = usb_options,
      .min_args = 3,
      .max_args = 3,
      .needs = NEEDS_BACKEND,
      .parts = USB_PARTS },
    { .name = "usb-list",
      .run = cmd_usb_list,
      .arguments = "DOM",
      .help = "list the USB devices of a domain, as xl usb-list does",
      .min_args = 1,
      .max_args = 1,
      .needs = NEEDS_BACKEND,
      .parts = USB_PARTS },
    { .name = "usb-attach",
      .run = cmd_usb_attach,
      .check = check_usb_attach,
      .arguments = "[-N] [--usb N] [--persist [--by HOW]] DOM DEVICE",
      .help = "give a USB device to a domain, and what it needs",
      .options = usb_attach_options,
      .min_args = 2,
      .max_args = 2,
      .needs = NEEDS_BACKEND,
      .parts = USB_GUARD_PARTS },
    { .name = "usb-detach",
      .run = cmd_usb_detach,
      .arguments = "[-N] [--persist] DOM DEVICE",
      .help = "take a USB device back from a domain",
      .options = usb_detach_options,
      .min_args = 2,
      .max_args = 2,
      .needs = NEEDS_BACKEND,
      .parts = USB_PARTS },
    { .name = "usb-show",
      .run = cmd_usb_show,
      .arguments = "[DEVICE]",
      .help = "show all USB devices, or all that is known of one",
      .max_args = 1,
      .needs = NEEDS_BACKEND,
      .parts = USB_GUARD_PARTS },
    { .name = "usb-policy",
      .run = cmd_usb_policy,
      .check = check_usb_policy,
      .arguments = "check|explain|test|allow|deny [FILE|DEVICE]",
      .help = "tell or change which USB devices may be given to guests",
      .options = usb_policy_options,
      .min_args = 1,
      .max_args = 2,
      .parts = USB_GUARD_PARTS },
    { .name = "pusb-list",
      .run = cmd_pusb_list,
      .arguments = "[params=all|FIELD,...] [FIELD=VALUE...]",
      .help = "list USB devices that may be passed through, as xe does",
      .options = xe_options,
      .max_args = NO_LIMIT,
      .needs = NEEDS_BACKEND,
      .parts = USB_PARTS | XTUNE_OBSERVE_INFO },
    { .name = "pusb-param-list",
      .run = cmd_pusb_param_list,
      .arguments = "uuid=UUID",
      .help = "show all fields of a USB device, as xe does",
      .options = xe_options,
      .max_args = NO_LIMIT,
      .needs = NEEDS_BACKEND,
      .parts = USB_PARTS | XTUNE_OBSERVE_INFO },
    { .name = "pusb-param-get",
      .run = cmd_pusb_param_get,
      .arguments = "uuid=UUID param-name=FIELD",
      .help = "show a field of a USB device, as xe does",
      .options = xe_options,
      .max_args = NO_LIMIT,
      .needs = NEEDS_BACKEND,
      .parts = USB_PARTS | XTUNE_OBSERVE_INFO },
    { .name = "pusb-param-set",
      .run = cmd_pusb_param_set,
      .arguments = "uuid=UUID passthrough-enabled=true|false",
      .help = "let domains have a USB device, or not, as xe does",
      .max_args = NO_LIMIT,
      .needs = NEEDS_BACKEND,
      .parts = USB_GUARD_PARTS },
    { .name = "pusb-scan",
      .run = cmd_pusb_scan,
      .arguments = "[host-uuid=UUID]",
      .help = "put right what USB devices have left, as xe does",
      .max_args = NO_LIMIT,
      .needs = NEEDS_BACKEND,
      /* A domain that is yet to be made is left to those who make it. */
      .parts = USB_PARTS | XTUNE_OBSERVE_TOPOLOGY | XTUNE_OBSERVE_VCPUS |
               XTUNE_OBSERVE_BUILT },
    { .name = "usb-group-list",
      .run = cmd_usb_group_list,
      .arguments = "[params=all|FIELD,...] [FIELD=VALUE...]",
      .help = "list groups of USB devices, as xe does",
      .options = xe_options,
      .max_args = NO_LIMIT,
      .needs = NEEDS_BACKEND,
      .parts = USB_PARTS },
    { .name = "usb-group-param-list",
      .run = cmd_usb_group_param_list,
      .arguments = "uuid=UUID",
      .help = "show all fields of a group, as xe does",
      .options = xe_options,
      .max_args = NO_LIMIT,
      .needs = NEEDS_BACKEND,
      .parts = USB_PARTS },
    { .name = "usb-group-param-get",
      .run = cmd_usb_group_param_get,
      .arguments = "uuid=UUID param-name=FIELD",
      .help = "show a field of a group, as xe does",
      .options = xe_options,
      .max_args = NO_LIMIT,
      .needs = NEEDS_BACKEND,
      .parts = USB_PARTS },
    { .name = "usb-group-param-set",
      .run = cmd_usb_group_param_set,
      .arguments = "uuid=UUID FIELD=VALUE...",
      .help = "name a group of USB devices, as xe does",
      .max_args = NO_LIMIT,
      .needs = NEEDS_BACKEND,
      .parts = USB_PARTS },
    { .name = "usb-group-param-add",
      .run = cmd_usb_group_param_add,
      .arguments = "uuid=UUID param-name=FIELD KEY=VALUE...",
      .help = "add keys to a group's other-config",
      .max_args = NO_LIMIT,
      .needs = NEEDS_BACKEND,
      .parts = USB_PARTS },
    { .name = "usb-group-param-remove",
      .run = cmd_usb_group_param_remove,
      .arguments = "uuid=UUID param-name=FIELD param-key=KEY",
      .help = "remove a key of a group's other-config",
      .max_args = NO_LIMIT,
      .needs = NEEDS_BACKEND,
      .parts = USB_PARTS },
    { .name = "usb-group-param-clear",
      .run = cmd_usb_group_param_clear,
      .arguments = "uuid=UUID param-name=FIELD",
      .help = "empty a field of a group",
      .max_args = NO_LIMIT,
      .needs = NEEDS_BACKEND,
      .parts = USB_PARTS },
    { .name = "vusb-create",
      .run = cmd_vusb_create,
      .arguments = "usb-group-uuid=UUID vm-uuid=UUID",
      .help = "give a domain a group's device whenever it starts",
      .max_args = NO_LIMIT,
      .needs = NEEDS_BACKEND,
      .parts = USB_GUARD_PARTS },
    { .name = "vusb-list",
      .run = cmd_vusb_list,
      .arguments = "[params=all|FIELD,...] [FIELD=VALUE...]",
      .help = "list what vusb-create gave to domains, as xe does",
      .options = xe_options,
      .max_args = NO_LIMIT,
      .needs = NEEDS_BACKEND,
      .parts = USB_PARTS },
    { .name = "vusb-param-list",
      .run = cmd_vusb_param_list,
      .arguments = "uuid=UUID",
      .help = "show all fields of a VUSB, as xe does",
      .options = xe_options,
      .max_args = NO_LIMIT,
      .needs = NEEDS_BACKEND,
      .parts = USB_PARTS },
    { .name = "vusb-param-get",
      .run = cmd_vusb_param_get,
      .arguments = "uuid=UUID param-name=FIELD",
      .help = "show a field of a VUSB, as xe does",
      .options = xe_options,
      .max_args = NO_LIMIT,
      .needs = NEEDS_BACKEND,
      .parts = USB_PARTS },
    { .name = "vusb-param-set",
      .run = cmd_vusb_param_set,
      .arguments = "uuid=UUID other-config:KEY=VALUE...",
      .help = "set keys of a VUSB's other-config, as xe does",
      .max_args = NO_LIMIT,
      .needs = NEEDS_BACKEND,
      .parts = USB_PARTS },
    { .name = "vusb-param-add",
      .run = cmd_vusb_param_add,
      .arguments = "uuid=UUID param-name=FIELD KEY=VALUE...",
      .help = "add keys to a VUSB's other-config",
      .max_args = NO_LIMIT,
      .needs = NEEDS_BACKEND,
      .parts = USB_PARTS },
    { .name = "vusb-param-remove",
      .run = cmd_vusb_param_remove,
      .arguments = "uuid=UUID param-name=FIELD param-key=KEY",
      .help = "remove a key of a VUSB's other-config",
      .max_args = NO_LIMIT,
      .needs = NEEDS_BACKEND,
      .parts = USB_PARTS },
    { .name = "vusb-param-clear",
      .run = cmd_vusb_param_clear,
      .arguments = "uuid=UUID param-name=FIELD",
      .help = "empty a field of a VUSB",
      .max_args = NO_LIMIT,
      .needs = NEEDS_BACKEND,
      .parts = USB_PARTS },
    { .name = "vusb-plug",
      .run = cmd_vusb_plug,
      .arguments = "[-N] uuid=UUID",
      .help = "attach a VUSB to its domain, which runs",
      .options = usb_options,
      .max_args = NO_LIMIT,
      .needs = NEEDS_BACKEND,
      .parts = USB_GUARD_PARTS },
    { .name = "vusb-unplug",
      .run = cmd_vusb_unplug,
      .arguments = "[-N] uuid=UUID",
      .help = "take it back, as long as the domain runs",
      .options = usb_options,
      .max_args = NO_LIMIT,
      .needs = NEEDS_BACKEND,
      .parts = USB_PARTS },
    { .name = "vusb-destroy",
      .run = cmd_vusb_destroy,
      .arguments = "uuid=UUID",
      .help = "give it to the domain no longer",
      .max_args = NO_LIMIT,
      .needs = NEEDS_BACKEND,
      .parts = USB_PARTS },
    { .name = "cmdline",
      .run = cmd_cmdline,
      .check = check_cmdline,
      .arguments = "list|get|set|delete|rollback [xen|dom0 [KEY[=VALUE]...]]",
      .help = "tell or change command lines of Xen and of dom0",
      .options = dry_run_options,
      .min_args = 1,
      .max_args = NO_LIMIT,
      .needs = NEEDS_BACKEND,
      .parts = CMDLINE_PARTS },
    { .name = "xen-cmdline",
      .run = cmd_xen_cmdline,
      .check = check_xen_cmdline,
      .arguments = "--get-xen KEY... | --set-dom0 KEY=VALUE... | ...",
      .help = "the same as XCP-ng's xen-cmdline does it",
      .options = xen_cmdline_options,
      .raw = true,
      .min_args = 1,
      .max_args = NO_LIMIT,
      .needs = NEEDS_BACKEND,
      .parts = CMDLINE_PARTS },
    { .name = "capture",
      .run = cmd_capture,
      .check = check_capture,
      .arguments = "[--policy-name NAME]",
      .help = "print a policy that wants the host as it is now",
      .options = capture_options,
      .needs = NEEDS_BACKEND,
      .parts =
          XTUNE_OBSERVE_TOPOLOGY | XTUNE_OBSERVE_NAMES | XTUNE_OBSERVE_VCPUS },
    { .name = "plan",
      .run = cmd_plan,
      .arguments = "",
      .options = plan_options,
      .help = "show what apply would change; exit code 2 if anything",
      .needs = NEEDS_BACKEND,
      .parts = PLAN_PARTS },
    { .name = "apply",
      .run = cmd_apply,
      .arguments = "",
      .help = "bring the host to what the policy wants",
      .options = apply_options,
      .needs = NEEDS_BACKEND | NEEDS_LOCK,
      .parts = PLAN_PARTS },
    { .name = "confirm",
      .run = cmd_confirm,
      .arguments = "",
      .help = "keep a change that waits to be confirmed",
      .needs = NEEDS_BACKEND | NEEDS_LOCK },
    { .name = GUARD_COMMAND,
      .run = cmd_guard,
      .arguments = "SECONDS",
      .help = "roll back what is not confirmed in time",
      .hidden = true,
      .min_args = 1,
      .max_args = 1,
      .needs = NEEDS_BACKEND },
    { .name = "check",
      .run = cmd_check,
      .arguments = "",
      .help = "tell whether all is as it is wanted; exit code 2 if not",
      .options = plan_options,
      .needs = NEEDS_BACKEND,
      .parts = PLAN_PARTS },
    { .name = "rehome",
      .run = cmd_rehome,
      .arguments = "DOM [NODES|auto]",
      .help = "move a running domain's memory and vCPUs to other nodes",
      .options = rehome_options,
      .min_args = 1,
      .max_args = 2,
      .needs = NEEDS_BACKEND | NEEDS_LOCK | WAITS_FOR_LOCK,
      .parts = PLAN_PARTS },
    { .name = "rollback",
      .run = cmd_rollback,
      .arguments = "",
      .help = "undo the last change",
      .needs = NEEDS_BACKEND | NEEDS_LOCK },
    { .name = "recover",
      .run = cmd_recover,
      .arguments = "",
      .help = "undo a change that was cut off",
      .needs = NEEDS_BACKEND | NEEDS_LOCK | WAITS_FOR_LOCK },
    { .name = "history",
      .run = cmd_history,
      .arguments = "",
      .help = "list the changes that were made",
      .needs = NEEDS_BACKEND },
    { .name = "watch",
      .run = cmd_watch,
      .arguments = "[--interval SECONDS]",
      .help = "stay, and keep domains as they are wanted: a service",
      .options = watch_options,
      .parts = PLAN_PARTS },
    { .name = "help",
      .run = cmd_help,
      .arguments = "[COMMAND]",
      .help = "show help",
      .options = help_options,
      .max_args = 1 },
};
const size_t nr_commands = sizeof(commands) / sizeof(commands[0]);

/* Names the commands that begin with word, with commas between. */
static char *candidates(const char *word)
{
    char *text;
    size_t len, i;
    FILE *out = open_memstream(&text, &len);
    bool first = true;

    if (!out) abort();
    for (i = 0; i < nr_commands; i++) {
        if (commands[i].hidden ||
            strncmp(commands[i].name, word, strlen(word)))
            continue;
        fprintf(out, "%s%s", first ? "" : ", ", commands[i].name);
        first = false;
    }
    if (fclose(out)) abort();
    return text;
}

const struct command *find_command(struct context *ctx, const char *word)
{
    const struct command *found = NULL;
    size_t nr = 0, i;
    char *names;

    for (i = 0; i < nr_commands; i++) {
        if (!strcmp(commands[i].name, word)) return &commands[i];
        if (*word && !commands[i].hidden &&
            !strncmp(commands[i].name, word, strlen(word))) {
            found = &commands[i];
            nr++;
        }
    }
    if (nr == 1) return found;
    if (!nr) {
        usage_error(ctx, "command", "see \"xltune help\"",
                    "there is no command \"%s\"", word);
        return NULL;
    }
    names = candidates(word);
    usage_error(ctx, "command", NULL, "\"%s\" could be any of %s", word,
                names);
    free(names);
    return NULL;
}
