/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is wanted: policies in XML, schema policies/policy.rng.
 */
#ifndef XTUNE_POLICY_H
#define XTUNE_POLICY_H

#include <stdbool.h>
#include <stddef.h>

#include <xtune/arena.h>
#include <xtune/error.h>
#include <xtune/host.h>

enum xtune_placement_mode {
    XTUNE_PLACE_NONE,  /* leave the domain alone */
    XTUNE_PLACE_AUTO,  /* the engine chooses nodes */
    XTUNE_PLACE_NODES, /* the nodes given */
};

enum xtune_affinity_mode { XTUNE_AFFINITY_SOFT, XTUNE_AFFINITY_HARD };
enum xtune_memory_mode { XTUNE_MEMORY_STAY, XTUNE_MEMORY_FOLLOW };
enum xtune_pin_mode { XTUNE_PIN_NODE, XTUNE_PIN_ONE_TO_ONE, XTUNE_PIN_NONE };
enum xtune_smt_mode { XTUNE_SMT_AVOID, XTUNE_SMT_ALLOW, XTUNE_SMT_ISOLATE };
enum xtune_device_mode {
    XTUNE_DEVICES_PREFERRED,
    XTUNE_DEVICES_REQUIRED,
    XTUNE_DEVICES_IGNORE,
};

/* Where a thing is written, for messages and for explain. */
typedef struct xtune_source {
    const char *file;
    unsigned int line;
} xtune_source;

/* An <affinity> element, or one of a record: masks as they are to be. */
typedef struct xtune_wanted_affinity {
    xtune_source source;
    const char *vcpus;       /* ids as xl lists them, or "all" */
    const char *hard, *soft; /* CPUs as xl lists them; NULL: as they are */
} xtune_wanted_affinity;

/*
 * A <scheduler> element of a rule, or one of a record: what its pool's
 * scheduler is to give a domain. XTUNE_NONE: as it is. Parameters that the
 * scheduler of its pool does not have are no error: a domain may come to be in
 * another pool.
 */
typedef struct xtune_wanted_scheduling {
    xtune_source source;
    const char *vcpus;             /* rtds: ids as xl lists them, or "all" */
    uint32_t weight, cap;          /* credit, credit2 */
    uint32_t period_us, budget_us; /* rtds */
    uint32_t extratime;            /* rtds: 0 or 1 */
} xtune_wanted_scheduling;

/* A <domains match="..."> element. Attributes not written have the first
 * value of their enum, as policies/policy.rng documents; so have those of an
 * element that is not there, and no <numa> is XTUNE_PLACE_NONE. */
typedef struct xtune_rule {
    xtune_source source;
    const char *match; /* as written */
    bool has_numa;     /* a <numa> element is there */
    enum xtune_placement_mode placement;
    const char *nodes; /* XTUNE_PLACE_NODES: the list as written */
    xtune_source numa_source;
    enum xtune_affinity_mode mode;
    enum xtune_memory_mode memory;
    bool allow_pause; /* pause="allow": to move its memory it may be paused */
    bool enforce;     /* enforce="yes": another hand's pins are undone */
    xtune_wanted_affinity *affinity; /* only where placement is "none" */
    size_t nr_affinity;
    bool has_vcpus;
    xtune_source vcpus_source;
    enum xtune_pin_mode pin;
    enum xtune_smt_mode smt;
    bool has_devices;
    xtune_source devices_source;
    enum xtune_device_mode devices;
    const char *cpupool; /* NULL: where it is */
    xtune_source cpupool_source;
    bool has_scheduling;
    xtune_wanted_scheduling scheduling;
} xtune_rule;

/* A <cpupool> element of <host>. */
typedef struct xtune_wanted_pool {
    xtune_source source;
    /* NULL where not written; of cpus and nodes at most one is. */
    const char *name, *cpus, *nodes, *scheduler;
    xtune_pool_scheduling scheduling;
} xtune_wanted_pool;

/* A device that a verb wrote down (xtune/record.h). */
typedef struct xtune_wanted_pci {
    xtune_source source;
    const char *address;         /* when it was written */
    const char *vendor, *device; /* what it was then: */
    const char *subsystem_vendor, *subsystem_device, *path, *serial;
    /* Of a domain: as xtune_pci_spec has them. */
    uint32_t slot;
    bool msitranslate, power_mgmt, permissive, relaxed;
    /* Of the host. */
    bool assignable;  /* it is to be assignable */
    const char *name; /* under this name; NULL: none */
    uint32_t vfs;     /* virtual functions; XTUNE_NONE: as they are */
    bool vfs_assignable;
} xtune_wanted_pci;

/* What a USB device is known by. */
enum xtune_usb_by {
    XTUNE_USB_BY_SERIAL, /* ids and serial number: wherever it is plugged in */
    XTUNE_USB_BY_PORT,   /* ids and port: whichever of its kind is there */
    XTUNE_USB_BY_BOTH,
};

/* Which device it is, after a replug and a boot as well. */
typedef struct xtune_usb_identity {
    enum xtune_usb_by by;
    const char *vendor, *product; /* four hexadecimal digits, small letters */
    const char *serial;           /* NULL: it has none; of BY_PORT it does not
                                     count */
    const char *port;             /* its path; of BY_SERIAL it is where it was
                                     last, and counts among twins alone */
} xtune_usb_identity;

/* A device that a domain is to have whenever both are there: XAPI's VUSB. */
typedef struct xtune_wanted_usb {
    xtune_source source;
    xtune_usb_identity identity;
    const char *description;   /* of the device when it was written; NULL */
    uint32_t version;          /* of the controller: 1 to 3; XTUNE_NONE: as the
                                  device needs it */
    const char *unplugged;     /* NULL: no; else "BOOT-ID/DOMID" of the domain,
                                  which is to do without it as long as it runs */
    const char **other_config; /* keys, each followed by its value */
    size_t nr_other_config;    /* of both */
} xtune_wanted_usb;

/* What was written down of a USB device of the host: XAPI's PUSB and its
 * USB_group. */
typedef struct xtune_usb_group {
    xtune_source source;
    xtune_usb_identity identity;
    bool passthrough;          /* it may be given to domains */
    const char *name;          /* NULL: as XAPI names it */
    const char *description;   /* NULL: none */
    const char **other_config; /* as above */
    size_t nr_other_config;
} xtune_usb_group;

/* What a verb wrote down for one domain (xtune/record.h). */
typedef struct xtune_record {
    xtune_source source;
    const char *uuid, *name; /* the domain's when it was written */
    xtune_wanted_affinity *affinity;
    size_t nr_affinity;
    xtune_wanted_scheduling *scheduling;
    size_t nr_scheduling;
    const char *cpupool; /* NULL: as its rule says */
    xtune_source cpupool_source;
    xtune_wanted_pci *pci; /* its devices, in the order in which they come */
    size_t nr_pci;
    xtune_wanted_usb *usb;
    size_t nr_usb;
} xtune_record;

/* What was written down for one pool, by its name (xtune/record.h). */
typedef struct xtune_pool_record {
    xtune_source source;
    const char *name;
    xtune_pool_scheduling scheduling;
} xtune_pool_record;

typedef struct xtune_policy {
    xtune_arena *arena;
    const char *name; /* of the first file; others after a "+" */
    bool has_dom0;
    xtune_source dom0_source;
    const char *dom0_memory, *dom0_vcpus; /* as written, NULL if not */
    bool split_numa;                      /* <cpupools split="numa"/> */
    xtune_source cpupools_source;
    xtune_wanted_pool *pools;
    size_t nr_pools;
    bool has_headroom;
    unsigned int headroom_pct;
    xtune_source headroom_source;
    xtune_rule *rules; /* in the order of files and lines */
    size_t nr_rules;
    xtune_record *records; /* by the names of their files */
    size_t nr_records;
    xtune_pool_record *pool_records;
    size_t nr_pool_records;
    xtune_wanted_pci *devices; /* of the host, by address */
    size_t nr_devices;
    xtune_usb_group *usb_groups; /* of the host, as they were written */
    size_t nr_usb_groups;
} xtune_policy;

/* Whether a policy may be called so. */
bool xtune_policy_is_name(const char *text);

/* A policy that wants nothing, for records to be added to. */
xtune_policy *xtune_policy_new(void);

/*
 * Reads policy files into one policy: rules in the order given; of the host's
 * elements each may be written in one file only. XTUNE_ERR_INVALID with
 * "file:line" as object. A DOCTYPE, an external entity and a file above 1 MiB
 * are refused; nothing is fetched. XTUNE_ERR_NOT_FOUND, _PERMISSION or _IO
 * for a file that cannot be read.
 */
int xtune_policy_read(const char *const *files, size_t nr_files,
                      xtune_policy **policy_r, xtune_error **err);

/*
 * Reads every *.xml of a folder in the order of their names, byte by byte:
 * regular files and links, but none that begins with a dot. One that cannot
 * be read is an error. XTUNE_ERR_NOT_FOUND where there is no folder or no
 * file in it.
 */
int xtune_policy_read_dir(const char *dir, xtune_policy **policy_r,
                          xtune_error **err);

void xtune_policy_free(xtune_policy *policy);

/*
 * The first rule that matches the domain, or NULL. "name:" is a pattern for
 * fnmatch(3), "uuid:" does not mind case. dom0 (id 0) is matched only by
 * "name:" and its exact name, without wildcards, as "name:Domain-0": never by
 * "*", "type:", "uuid:" or a pattern that happens to fit.
 */
const xtune_rule *xtune_policy_match(const xtune_policy *policy,
                                     const xtune_domain *domain);

/*
 * The record for a domain, or NULL: the one with its uuid; where there is
 * none, and no other domain of the host has the record's uuid, the one with
 * its name.
 */
const xtune_record *xtune_policy_record(const xtune_policy *policy,
                                        const xtune_host *host,
                                        const xtune_domain *domain);

/*
 * The masks that the domain's record, else its rule, writes down, in the
 * arena, by index of vCPU: what they do not name is as it is. Both NULL, and
 * *source_r untouched, where nothing is written down for it. XTUNE_ERR_INVALID
 * with "file:line" as object for a CPU that the host has not and for a list
 * that is none; XTUNE_ERR_REFUSED for a hard mask without a CPU of the
 * domain's pool.
 */
int xtune_policy_masks(const xtune_policy *policy, const xtune_host *host,
                       const xtune_domain *domain, xtune_arena *arena,
                       xtune_set **hard_r, xtune_set **soft_r,
                       xtune_source *source_r, xtune_error **err);

/*
 * What the domain's record, else its rule, wants of its scheduler: *nr_r of
 * them, the later over the earlier; none where nothing is written down. They
 * belong to the policy.
 */
const xtune_wanted_scheduling *xtune_policy_scheduling(
    const xtune_policy *policy, const xtune_host *host,
    const xtune_domain *domain, size_t *nr_r);

/* The name of the pool that the domain's record, else its rule, wants it in;
 * NULL: it is left where it is, and *source_r untouched. */
const char *xtune_policy_cpupool(const xtune_policy *policy,
                                 const xtune_host *host,
                                 const xtune_domain *domain,
                                 xtune_source *source_r);

/* Whether records say anything of devices: only then a plan needs a host that
 * was observed with XTUNE_OBSERVE_PCI_DETAILS. */
bool xtune_policy_has_devices(const xtune_policy *policy);

/* Whether records want USB devices in domains: only then a plan needs a host
 * that was observed with XTUNE_OBSERVE_USB. */
bool xtune_policy_has_usb(const xtune_policy *policy);

/* "file:line" in the arena. */
const char *xtune_source_text(xtune_arena *arena, xtune_source source);

#endif
