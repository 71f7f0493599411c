/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Placement: where each domain is to run and where its memory is to be.
 * Pure: a host and a policy go in, a placement comes out; the same input
 * gives the same output, and neither the order of domains nor the numbers of
 * nodes change what it costs.
 */
#ifndef XTUNE_PLACE_H
#define XTUNE_PLACE_H

#include <xtune/arena.h>
#include <xtune/host.h>
#include <xtune/policy.h>

/*
 * A home is the nodes where a domain's vCPUs are to run; memory that is placed
 * is on nodes of the home, divided as the vCPUs are wherever whole vCPUs allow
 * that.
 *
 * What a placement costs, in KiB times distance as ACPI's SLIT has it: memory
 * beside its vCPUs costs 10 a KiB. Crowding is put in the same unit by the
 * memory that is behind a vCPU.
 *
 *   memory    each KiB, by its distance to the nearest node of the home
 *   vcpus     half of the domain's memory, by how much farther than local it
 *             is in the mean over its vCPUs and its KiB. Of memory that is
 *             placed that is all there is to choose; of memory that stays the
 *             home is rather to have all of it.
 *   devices   half of the memory, by how much farther than local a vCPU is
 *             from a device, in the mean over its vCPUs and those of its
 *             devices whose node is known
 *   crowding  where its memory is placed or its affinity is hard, each of its
 *             vCPUs beyond one to a core that it may use: on each node where
 *             its memory is placed, in the whole home where it stays. Twice
 *             the domain's memory over its vCPUs, at local distance
 *   moving    2 a KiB of a domain whose memory moves, for all of it is copied
 *             then; a quarter a KiB where its vCPUs leave a home that they
 *             were given
 * and the host:
 *   crowding  each vCPU on a node of a cpupool beyond one to a core: a 32nd
 *             of what is behind a vCPU in the mean over all domains but dom0
 *             (down to a power of two), at local distance; beyond two to a
 *             core an eighth. So locality goes first while the CPUs are not
 *             overcommitted by much, and then for the larger domain. vCPUs
 *             are counted where their memory is; in a home with nodes that
 *             hold none of it, by cores.
 * All of a domain but moving is multiplied by the scheduler's weight over 256.
 * vCPUs that may share a core (smt="allow") count as a thread's share of one;
 * a cap limits what a domain counts for; headroom takes away from the cores of
 * a node.
 */
typedef struct xtune_cost {
    uint64_t memory, vcpus, devices, crowding, moving;
} xtune_cost;

uint64_t xtune_cost_sum(const xtune_cost *cost);

/* A part of a guest: the vCPUs and the memory that belong together. */
typedef struct xtune_vnode {
    uint32_t node; /* the host's */
    uint64_t memory_kb;
    xtune_set vcpus; /* over the ids 0 to nr_vcpus - 1 */
} xtune_vnode;

/* One step by which nodes were ruled out for a domain. */
typedef struct xtune_constraint {
    const char *name;    /* "cpupool", "hard affinity", "devices", ... */
    const char *text;    /* one line: what it asks */
    xtune_set nodes;     /* those that it leaves */
    xtune_source source; /* the policy's line; file NULL where it is none */
} xtune_constraint;

/* A home that was weighed. */
typedef struct xtune_candidate {
    xtune_set nodes;
    xtune_cost cost;     /* all of it, crowding of the nodes included */
    const char *refused; /* why it cannot be; NULL where it can */
    bool chosen;
} xtune_candidate;

typedef struct xtune_placed {
    const xtune_domain *domain;
    const xtune_rule *rule; /* that decided; NULL: no rule matches */
    const char *cpupool;    /* a newcomer's: where it is to be made, which its
                               rule may say; else the one that it is in */
    xtune_set nodes;        /* its home; empty where none was chosen */
    uint64_t *memory_kb;    /* by node id: where its memory is to be; NULL
                               where it stays as it is */
    uint64_t moved_kb;      /* of a running domain: how much moves */
    uint32_t *vcpus_on;     /* by node id: how many vCPUs are counted there;
                               NULL where no home was chosen */
    /* By index of vCPU; both NULL where the domain is left as it is. */
    xtune_set *hard, *soft;
    /* How the guest may see it; none where the home is one node, or the
     * domain is no HVM or PV guest. Of an HVM guest each vCPU's mask is that
     * of its part; libxl refuses parts for PV so far. */
    xtune_vnode *vnodes;
    size_t nr_vnodes;
    xtune_cost cost;     /* where it is to be; of crowding its own part */
    xtune_cost cost_now; /* where it is; all 0 for a newcomer */
    const char *reason;  /* one line */
    const char *blocked; /* what is wanted and cannot be, which constraint
                            stands in the way and what would help; or NULL */
    bool refused;        /* there is no place at all for this newcomer */
} xtune_placed;

/* What of a domain is not to be placed again. */
enum {
    XTUNE_KEEP_AFFINITY = 1 << 0, /* all of it, as by placement="none" */
    XTUNE_KEEP_MEMORY = 1 << 1,   /* its memory, as by memory="stay" */
};

enum {
    /* Memory may be moved where the policy says follow. */
    XTUNE_PLACE_MOVE_MEMORY = 1 << 0,
    /* What runs stays as it is: for newcomers only. */
    XTUNE_PLACE_KEEP_RUNNING = 1 << 1,
};

typedef struct xtune_place_request {
    const xtune_host *host;
    const xtune_policy *policy; /* NULL: no rule for any */
    /*
     * Domains that are yet to be made: memory_kb (with what the toolstack
     * adds), type, cpupool (NULL: Pool-0), vcpus with their masks (nbits is
     * the host's nr_cpu_ids), pci. One that no rule matches is placed as by
     * placement="auto" mode="soft".
     */
    const xtune_domain *newcomers;
    size_t nr_newcomers;
    unsigned int flags; /* XTUNE_PLACE_* */
    /* By index of the host's domains, XTUNE_KEEP_*; NULL: nothing is kept. */
    const unsigned int *keep;
    /* Of the host's or the newcomers: constraints and candidates are wanted
     * for this one. NULL: for none. */
    const xtune_domain *explain;
} xtune_place_request;

typedef struct xtune_placement {
    xtune_arena *arena;    /* owns all of this; points into the host's, the
                              newcomers' and the policy's, which must outlive
                              it */
    xtune_placed *domains; /* the host's in their order, then the newcomers */
    size_t nr_domains;
    xtune_cost cost;  /* over all of them, and over the nodes' crowding */
    uint64_t vcpu_kb; /* the memory behind one vCPU: the unit of crowding */
    /* Of request.explain; candidates from the cheapest on, refused ones at
     * the end. */
    xtune_constraint *constraints;
    size_t nr_constraints;
    xtune_candidate *candidates;
    size_t nr_candidates;
} xtune_placement;

/*
 * Decides for every domain. XTUNE_ERR_INVALID where the policy names nodes
 * that the host does not have. That a domain cannot be placed is no error:
 * its "blocked" says why.
 */
int xtune_place(const xtune_place_request *request,
                xtune_placement **placement_r, xtune_error **err);

void xtune_placement_free(xtune_placement *placement);

#endif
