/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The host as the search sees it: nodes as bits of a word in an order of
 * their own (canon.c), the CPUs of a node in a cpupool as a cell, what is not
 * placed as load that is there, and the domains to be placed as items.
 */
#ifndef XT_MODEL_H
#define XT_MODEL_H

#include <xtune/place.h>

/* What a vCPU with a core for itself counts for. */
#define XT_LOAD 1024

/* Above so many vCPUs to a core nothing new is put. */
#define XT_MAX_VCPUS_A_CORE 8

/* Of SLIT: beside the memory; where the firmware does not tell; where there
 * is no way, which it does not name a distance for. */
#define XT_LOCAL_DISTANCE 10
#define XT_UNKNOWN_DISTANCE 20
#define XT_UNREACHABLE_DISTANCE 1000

/* Memory is taken to be no more than this, so that no cost overflows. */
#define XT_MAX_KB (UINT64_C(1) << 36)

/* What a KiB costs that finds no place at all. */
#define XT_REFUSED_COST (INT64_C(50) * XT_LOCAL_DISTANCE)

/* A node with less than one part in this many of a domain's memory does not
 * count as one that holds it: a few stray pages are no reason to run there. */
#define XT_STRAY_PART 64

/* The CPUs of one node in one cpupool. */
typedef struct xt_cell {
    uint32_t cores, threads;
    uint32_t single_cores; /* those without a vCPU pinned by others */
    int64_t capacity;      /* in XT_LOAD, less the headroom */
    int64_t load;          /* in XT_LOAD, of vCPUs that share */
    int64_t placed_load;   /* that part of it which is placed here */
    int64_t dedicated;     /* in XT_LOAD, of vCPUs with a core alone */
} xt_cell;

/* What of a domain is on a node. */
typedef struct xt_part {
    uint32_t node;
    uint32_t vcpus;
    uint64_t memory_kb;
} xt_part;

typedef struct xt_home {
    uint64_t nodes; /* 0: none */
    bool placed;    /* memory goes where the parts say; else it stays */
    /* Where vCPUs are counted one by one: with placed, or for vCPUs that get
     * a core alone. Otherwise they spread over the cores. */
    uint32_t nr_parts;
    xt_part *parts;
} xt_home;

typedef struct xt_item {
    xtune_placed *out;
    const xtune_domain *domain;
    const xtune_rule *rule; /* NULL: a newcomer without one */
    bool is_new, may_move;  /* may_move: its memory may */
    bool hard, exclusive, isolate, share_core;
    uint32_t pool;
    uint32_t nr_vcpus;      /* online */
    uint32_t load_per_vcpu; /* in XT_LOAD */
    uint32_t weight;
    uint64_t memory_kb;
    uint64_t *resident_kb; /* by node; NULL for a newcomer */
    uint64_t resident;     /* nodes with any of it */
    uint64_t memory_nodes; /* those that hold it, but for stray pages */
    const uint32_t *cores, *threads; /* by node: those that it may use */
    bool own_cores;                  /* these arrays are no other item's */
    bool pinned;                     /* each vCPU has one CPU only */
    uint64_t allowed;                /* nodes with such CPUs */
    uint64_t given;   /* its rule names these nodes; 0: it does not */
    uint64_t must;    /* nodes of devices that must be near */
    uint64_t now;     /* the home that it was given; 0: none */
    uint32_t *device; /* nodes of its devices, where known */
    size_t nr_devices;
    uint32_t need_threads; /* a hard home has so many */
    uint64_t *vcpu_nodes;  /* where masks differ: by vCPU that is online, the
                              nodes that it may use; NULL: all the same */
    uint32_t *pinned_on;   /* where pinned: by node, how many vCPUs */
    uint64_t signature;
    /* The decision. */
    xt_home home;
    uint32_t max_parts;
    bool refused;
    const char *no_cores; /* why it does not get cores for itself */
    bool tried_again;     /* to find some after all others had theirs */
    uint64_t no_cores_on; /* nodes where its masks leave it none */
    bool out_of_cores;    /* that was just found of its home */
} xt_item;

typedef struct xt_model {
    xtune_arena *arena;
    const xtune_place_request *request;
    const xtune_host *host;
    uint32_t nr_nodes, nr_pools;
    uint32_t node_id[XTUNE_MAX_NODES];  /* the host's */
    uint32_t place_of[XTUNE_MAX_NODES]; /* by the host's id */
    uint32_t distance[XTUNE_MAX_NODES][XTUNE_MAX_NODES];
    uint32_t nearest; /* two nodes that are not the same */
    uint64_t memory_kb[XTUNE_MAX_NODES];
    int64_t free_kb[XTUNE_MAX_NODES];
    xt_cell *cells;            /* by pool, then node */
    xtune_set *pool_cpus;      /* by pool; the last: all, for no pool */
    uint32_t **pool_cores;     /* by pool, then node */
    uint32_t **pool_threads;   /* by pool, then node */
    uint32_t *core_of;         /* by CPU id: the first CPU of its core */
    uint32_t *stamp, stamp_no; /* by CPU id: for counting cores */
    xtune_set reserved; /* CPUs that vCPUs which are not placed have alone */
    xtune_set busy;     /* CPUs of cores that others pinned a vCPU to */
    uint32_t threads_per_core;
    uint64_t vcpu_kb;
    uint32_t headroom_pct;
    xt_item *items;
    size_t nr_items;
    uint64_t steps; /* homes weighed so far */
} xt_model;

#define xt_for_each_node(n, set)                                              \
    for (uint64_t n##_left_ = (set);                                          \
         n##_left_ && ((n) = (uint32_t)__builtin_ctzll(n##_left_), true);     \
         n##_left_ &= n##_left_ - 1)

static inline xt_cell *xt_cell_at(const xt_model *model, uint32_t pool,
                                  uint32_t node)
{
    return &model->cells[(size_t)pool * model->nr_nodes + node];
}

/* The host without any domain; free memory less what is claimed. */
xt_model *xt_model_new(xtune_arena *arena, const xtune_place_request *request);

/* The pool of a domain, by its number in the model. */
uint32_t xt_model_pool(const xt_model *model, const char *name);

/* Cores and threads of a set of CPUs, by node. */
void xt_model_count(xt_model *model, const xtune_set *cpus, uint32_t *cores_r,
                    uint32_t *threads_r);

/* The load of a domain that is not placed, where its masks let it be. What
 * its rule gave to its vCPUs alone stays theirs. */
void xt_model_add_load(xt_model *model, const xtune_domain *domain,
                       const xtune_rule *rule);

/* What one of its vCPUs counts for, and the domain's weight. */
uint32_t xt_load_per_vcpu(const xtune_domain *domain, uint32_t nr_vcpus,
                          uint32_t share);
uint32_t xt_weight(const xtune_domain *domain);

/* The CPUs that a vCPU uses first: hard within the pool, soft within that
 * where there are any. False where its hard mask covers the pool and its
 * soft mask what is left: it was given no home. */
bool xt_used_cpus(const xt_model *model, uint32_t pool, const xtune_vcpu *vcpu,
                  xtune_set *cpus_r);

uint64_t xt_clamp_kb(uint64_t kb);

/* A set of the host's nodes from a set of the model's, and back. */
xtune_set xt_model_nodes(const xt_model *model, uint64_t nodes);
uint64_t xt_model_places(const xt_model *model, const xtune_set *nodes);

/* canon.c: gives nodes and items an order that does not depend on the
 * numbers of nodes, nor on the order of domains. */
void xt_model_order(xt_model *model);

/* items.c: makes the items, in the order of placement->domains; the rest
 * becomes load. */
int xt_model_add_domains(xt_model *model, xtune_placement *placement,
                         xtune_error **err);

#endif
