/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A plan: the changes that lead from the host as it is to the host that is
 * wanted, in order, each with what it finds and what it leaves.
 *
 * Schema xtune/plan/1. Deterministic: the same host and policy give the same
 * bytes.
 */
#ifndef XTUNE_PLAN_H
#define XTUNE_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include <xtune/host.h>
#include <xtune/place.h>
#include <xtune/policy.h>

#define XTUNE_PLAN_SCHEMA "xtune/plan/1"

struct xt_json;

typedef struct xtune_action {
    const char *kind;                /* "vcpu-affinity", "domain-cpupool",
                                        "rehome": a row of apply/kinds.c */
    const char *object;              /* "web1/0": domain web1, vCPU 0 */
    const struct xt_json *target;    /* what identifies the object */
    const struct xt_json *old, *new; /* of blocked: may be NULL */
    const char *reason;
    /* Its old is what actions before it make of the object; actions after it
     * change the object further. */
    bool after_others, before_others;
    const char *why;            /* of blocked: what is in the way */
    const struct xt_json *took; /* of a move that was made: "bytes", "rounds",
                                   "total_ms", "pause_ms"; else NULL */
    const struct xt_json *kept; /* of one that was made: what its object was
                                   before, in more detail than old, for it to
                                   be put back; NULL: old is all of it */
} xtune_action;

/* Something to know of a plan: what a domain could not keep. */
typedef struct xtune_plan_note {
    const char *object, *text;
} xtune_plan_note;

/* -1 stands for "not known" in the shares below. */
typedef struct xtune_plan {
    xtune_arena *arena;
    xtune_action *actions;
    size_t nr_actions;
    xtune_action *blocked;
    size_t nr_blocked;
    xtune_plan_note *notes;
    size_t nr_notes;
    int local_before_permille, local_after_permille;
    enum xtune_residency residency; /* of the least certain figure */
} xtune_plan;

enum {
    /* Memory stays, also where the policy says follow. */
    XTUNE_PLAN_NO_MOVES = 1 << 0,
    /* A domain that cannot be moved while it runs may be paused for it, also
     * where the policy does not say so. */
    XTUNE_PLAN_ALLOW_PAUSE = 1 << 1,
    /* The host has just booted: devices that the hide list of this boot names
     * are to be assignable, whoever was quicker than pciback. */
    XTUNE_PLAN_AT_BOOT = 1 << 2,
    /* Nothing but the USB devices of records: placement stays as it is, and so
     * do PCI devices, of which nothing need be known. */
    XTUNE_PLAN_USB_ONLY = 1 << 3,
};

typedef struct xtune_plan_request {
    const xtune_host *host;
    const xtune_policy *policy;
    unsigned int flags; /* XTUNE_PLAN_* */
    /* By index of the host's domains: true for those that are to be looked
     * after; the others are taken as they are. NULL: all. The host's own
     * wishes are then left out. */
    const bool *only;
    /* With only: those of them that are given the devices of their records;
     * the others are placed as if they had them. NULL: none of them is. */
    const bool *devices;
    /* Guards of PCI devices that are overridden, by name or "all". */
    const char *const *forced;
    size_t nr_forced;
} xtune_plan_request;

/* What the policy and its records want, against the host. */
int xtune_plan_make(const xtune_plan_request *request, xtune_plan **plan_r,
                    xtune_error **err);

/*
 * The plan that moves one domain's memory, and its vCPUs, to nodes; NULL: to
 * those that placement chooses for it, or to those where its vCPUs may run,
 * where no rule places it. What is in the way is an error:
 * XTUNE_ERR_REFUSED, whose hint may be an order of moves that would help.
 */
int xtune_plan_rehome(const xtune_plan_request *request,
                      const xtune_domain *domain, const xtune_set *nodes,
                      xtune_plan **plan_r, xtune_error **err);

/*
 * The plan that sets vCPU masks of one domain: hard and soft may be NULL to
 * leave that mask. vcpu XTUNE_NONE stands for all. A hard mask without a CPU
 * of the domain's pool is refused: XTUNE_ERR_REFUSED.
 */
int xtune_plan_vcpu_pin(const xtune_host *host, const xtune_domain *domain,
                        unsigned int vcpu, const xtune_set *hard,
                        const xtune_set *soft, xtune_plan **plan_r,
                        xtune_error **err);

/* What a verb wants of the pools. */
enum xtune_pool_verb {
    XTUNE_POOL_CREATE,      /* name, scheduler, cpus, all of which are free */
    XTUNE_POOL_DESTROY,     /* pool, which has no domain; its CPUs are free */
    XTUNE_POOL_RENAME,      /* pool, name */
    XTUNE_POOL_ADD_CPUS,    /* pool, cpus, all of which are free */
    XTUNE_POOL_REMOVE_CPUS, /* pool, cpus, which are free then */
    XTUNE_POOL_SPLIT,       /* one pool for each node, as
                               "xl cpupool-numa-split" makes them */
    XTUNE_POOL_JOIN,        /* all CPUs and domains in Pool-0 */
};

typedef struct xtune_pool_change {
    enum xtune_pool_verb verb;
    const xtune_cpupool *pool;
    const char *name;
    const char *scheduler; /* NULL: that of the first pool */
    const xtune_set *cpus; /* those that come and go with them are added */
} xtune_pool_change;

/*
 * The plan of such a change: whole or nothing, in an order that leaves no
 * pool without a CPU while it has domains. Domains keep their masks where
 * their pool allows it; what they could not keep is in its notes.
 * XTUNE_ERR_INVALID for what the arguments get wrong, XTUNE_ERR_REFUSED for
 * what Xen does not do, saying what stands in the way.
 */
int xtune_plan_pool_change(const xtune_host *host,
                           const xtune_pool_change *change,
                           xtune_plan **plan_r, xtune_error **err);

/*
 * The plan that moves a domain to a pool, its masks kept or translated as
 * above. With follow its memory moves to the pool's nodes as well; what is in
 * the way of that is an error, as of xtune_plan_rehome(). Of request, host and
 * flags count.
 */
int xtune_plan_domain_pool(const xtune_plan_request *request,
                           const xtune_domain *domain,
                           const xtune_cpupool *pool, bool follow,
                           xtune_plan **plan_r, xtune_error **err);

/*
 * The plan that gives a domain these parameters of its scheduler, or a pool.
 * XTUNE_ERR_INVALID for one that its scheduler has not, or that is outside
 * what Xen takes. Of a domain XTUNE_ERR_NOT_FOUND for a vCPU that it has not,
 * and XTUNE_ERR_UNSUPPORTED where the scheduler of its pool is not known.
 */
int xtune_plan_scheduling(const xtune_host *host, const xtune_domain *domain,
                          const xtune_wanted_scheduling *wanted,
                          size_t nr_wanted, xtune_plan **plan_r,
                          xtune_error **err);
int xtune_plan_pool_scheduling(const xtune_host *host,
                               const xtune_cpupool *pool,
                               const xtune_pool_scheduling *wanted,
                               xtune_plan **plan_r, xtune_error **err);

/* PCI devices. forced are guards to be overridden, by name or "all"; what a
 * guard says against a plan is XTUNE_ERR_REFUSED. Every plan below is empty
 * where everything is as asked already. */
typedef struct xtune_pci_request {
    const xtune_host *host; /* with XTUNE_OBSERVE_PCI_DETAILS and NAMES */
    const char *const *forced;
    size_t nr_forced;
} xtune_pci_request;

/* The plan that makes devices assignable, and takes that back: rebind gives
 * dom0 its driver again, also to one that was hidden at boot. name may be
 * NULL. */
int xtune_plan_pci_assignable(const xtune_pci_request *request,
                              const xtune_pci *const *devices, size_t nr,
                              const char *name, xtune_plan **plan_r,
                              xtune_error **err);
int xtune_plan_pci_unassignable(const xtune_pci_request *request,
                                const xtune_pci *const *devices, size_t nr,
                                bool rebind, xtune_plan **plan_r,
                                xtune_error **err);

/* The plan that gives a domain what a specification means, function 0 last;
 * with seize=1 it is made assignable before. XTUNE_ERR_REFUSED where it is not
 * assignable, or another domain has it. */
struct xtune_pci_spec;
int xtune_plan_pci_attach(const xtune_pci_request *request,
                          const xtune_domain *domain,
                          const struct xtune_pci_spec *spec,
                          xtune_plan **plan_r, xtune_error **err);

/* The plan that takes devices back from a domain; force: also where the guest
 * does not let go. XTUNE_ERR_NOT_FOUND where it has one of them not. */
int xtune_plan_pci_detach(const xtune_host *host, const xtune_domain *domain,
                          const xtune_pci *const *devices, size_t nr,
                          bool force, xtune_plan **plan_r, xtune_error **err);

enum {
    XTUNE_HIDE_NOW = 1 << 0,  /* as xtune_plan_pci_assignable() */
    XTUNE_HIDE_BOOT = 1 << 1, /* by the hide list of the next boot */
};

/* The plan that hides devices from dom0, or hides them no longer (and gives
 * dom0 its driver again). Now where dom0 can let go of it: what a guard says
 * is an error with XTUNE_HIDE_NOW alone, else a note, where it is not about
 * what will still be so after the boot. */
int xtune_plan_pci_hide(const xtune_pci_request *request,
                        const xtune_pci *const *devices, size_t nr,
                        unsigned int when, xtune_plan **plan_r,
                        xtune_error **err);
int xtune_plan_pci_unhide(const xtune_pci_request *request,
                          const xtune_pci *const *devices, size_t nr,
                          unsigned int when, xtune_plan **plan_r,
                          xtune_error **err);

/* The plan that gives a device so many virtual functions. */
int xtune_plan_sriov(const xtune_pci_request *request, const xtune_pci *pci,
                     uint32_t vfs, xtune_plan **plan_r, xtune_error **err);

/* USB. forced are guards to be overridden, by name or "all"; what a guard says
 * against a plan is XTUNE_ERR_REFUSED. Every plan below is empty where
 * everything is as asked already. */
typedef struct xtune_usb_request {
    const xtune_host *host; /* with XTUNE_OBSERVE_USB and NAMES */
    const char *const *forced;
    size_t nr_forced;
} xtune_usb_request;

/* The plan that gives a domain a controller, as xl does. type NULL: what fits
 * the domain; version and ports XTUNE_NONE: what fits the type. *id_r is the
 * one that it will have. XTUNE_ERR_INVALID for what does not fit each other,
 * XTUNE_ERR_UNSUPPORTED for what the domain cannot have. */
int xtune_plan_usb_controller(const xtune_usb_request *request,
                              const xtune_domain *domain, const char *type,
                              uint32_t version, uint32_t ports, uint32_t *id_r,
                              xtune_plan **plan_r, xtune_error **err);

/* The plan that takes it back, with the devices in it. XTUNE_ERR_NOT_FOUND. */
int xtune_plan_usb_no_controller(const xtune_usb_request *request,
                                 const xtune_domain *domain, uint32_t id,
                                 xtune_plan **plan_r, xtune_error **err);

/* Where a device is to be in a guest; XTUNE_NONE: any. */
typedef struct xtune_usb_place {
    uint32_t controller, port;
    uint32_t version; /* of the controller that is made where none is free, and
                         of those that are looked at */
} xtune_usb_place;

/* The plan that gives a domain a device: into a free port of a controller that
 * takes its speed, or into one that is made for it. XTUNE_ERR_REFUSED where
 * another domain has it, the port is taken, or a guard says no;
 * XTUNE_ERR_UNSUPPORTED for hubs and for domains that can have none. */
int xtune_plan_usb_attach(const xtune_usb_request *request,
                          const xtune_domain *domain, const xtune_usb *usb,
                          const xtune_usb_place *place, xtune_plan **plan_r,
                          xtune_error **err);

/* The plan that takes it back, by its path: it may be gone from dom0.
 * XTUNE_ERR_NOT_FOUND where the domain has it not. */
int xtune_plan_usb_detach(const xtune_usb_request *request,
                          const xtune_domain *domain, const char *path,
                          xtune_plan **plan_r, xtune_error **err);

/* The plan that puts right what a device that went, or a domain that died, has
 * left: ports with a device that is not there, or that the domain has no
 * longer; and devices that nobody drives. */
int xtune_plan_usb_mend(const xtune_usb_request *request, xtune_plan **plan_r,
                        xtune_error **err);

/* The plan that replaces the usb-policy's text. */
int xtune_plan_usb_rules(const xtune_usb_request *request, const char *text,
                         xtune_plan **plan_r, xtune_error **err);

/* As JSON, with a final newline; the caller frees it. */
char *xtune_plan_to_json(const xtune_plan *plan);

void xtune_plan_free(xtune_plan *plan);

#endif
