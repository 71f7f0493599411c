/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a placement keeps to what was asked: constraints, sums, sizes. */
#ifndef PLACE_CHECK_H
#define PLACE_CHECK_H

#include <stdarg.h>

#include "random_case.h"

typedef struct place_check {
    xtune_arena *arena;
    const random_case *c;
    const xtune_placement *placement;
    const char *why; /* what was broken first */
} place_check;

/* Rules. */

static inline const char *rule_text(xtune_arena *arena, const xtune_rule *rule)
{
    static const char *const placements[] = { "none", "auto", "nodes" };
    static const char *const pins[] = { "node", "one-to-one", "none" };
    static const char *const smts[] = { "avoid", "allow", "isolate" };
    static const char *const devices[] = { "preferred", "required", "ignore" };

    if (!rule) return "no rule";
    return xtune_arena_printf(
        arena, "%s %s %s pin=%s smt=%s devices=%s cpupool=%s",
        rule->nodes ? rule->nodes : placements[rule->placement],
        rule->mode == XTUNE_AFFINITY_HARD ? "hard" : "soft",
        rule->memory == XTUNE_MEMORY_FOLLOW ? "follow" : "stay",
        pins[rule->pin], smts[rule->smt], devices[rule->devices],
        rule->cpupool ? rule->cpupool : "-");
}

static inline void broken(place_check *ck, const xtune_placed *p,
                          const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static inline void broken(place_check *ck, const xtune_placed *p,
                          const char *fmt, ...)
{
    va_list ap;
    const char *text;

    if (ck->why) return;
    va_start(ap, fmt);
    text = xtune_arena_vprintf(ck->arena, fmt, ap);
    va_end(ap);
    ck->why =
        xtune_arena_printf(ck->arena, "%s (%s; flags %u; blocked: %s): %s",
                           p->domain->name, rule_text(ck->arena, p->rule),
                           ck->c->flags, p->blocked ? p->blocked : "no", text);
}

static inline bool is_newcomer(const place_check *ck, const xtune_placed *p)
{
    return p - ck->placement->domains >= (ptrdiff_t)ck->c->host->nr_domains;
}

static inline bool is_hard(const xtune_placed *p)
{
    return p->rule && p->rule->mode == XTUNE_AFFINITY_HARD;
}

static inline bool is_one_to_one(const xtune_placed *p)
{
    return p->hard && p->rule && p->rule->pin == XTUNE_PIN_ONE_TO_ONE;
}

/* Whether the hard masks that were there bind. */
static inline bool keeps_hard(const place_check *ck, const xtune_placed *p)
{
    return is_newcomer(ck, p) || !is_hard(p) ||
           p->rule->placement == XTUNE_PLACE_AUTO;
}

/* Sets. */

static inline const xtune_set *pool_of(const place_check *ck,
                                       const xtune_placed *p)
{
    const char *name =
        p->cpupool || !is_newcomer(ck, p) ? p->cpupool : "Pool-0";
    const xtune_cpupool *pool = xtune_host_cpupool(ck->c->host, name);

    return pool ? &pool->cpus : &ck->c->host->cpu_ids;
}

static inline xtune_set both(xtune_arena *arena, const xtune_set *a,
                             const xtune_set *b)
{
    xtune_set set = xtune_set_copy(arena, a);

    xtune_set_and(&set, b);
    return set;
}

/* The CPUs that a vCPU could be given in its home. */
static inline xtune_set could_use(const place_check *ck, const xtune_placed *p,
                                  size_t vcpu)
{
    const xtune_set home =
        xtune_host_cpus_of(ck->arena, ck->c->host, &p->nodes);
    const xtune_set cpus = both(ck->arena, &home, pool_of(ck, p));

    if (!keeps_hard(ck, p)) return cpus;
    return both(ck->arena, &cpus, &p->domain->vcpus[vcpu].hard);
}

/* The CPUs that it uses first with the masks that it was given. */
static inline xtune_set would_use(const place_check *ck, const xtune_placed *p,
                                  size_t vcpu)
{
    const xtune_set hard = both(ck->arena, &p->hard[vcpu], pool_of(ck, p));
    const xtune_set soft = both(ck->arena, &hard, &p->soft[vcpu]);

    return xtune_set_is_empty(&soft) ? hard : soft;
}

static inline const char *mask_text(const place_check *ck,
                                    const xtune_set *set)
{
    return xtune_set_format(ck->arena, set);
}

/* What holds of every answer. */

static inline void check_answer(place_check *ck, const xtune_placed *p)
{
    const size_t i = (size_t)(p - ck->placement->domains);
    const size_t nr = ck->c->host->nr_domains;
    const xtune_domain *domain =
        i < nr ? &ck->c->host->domains[i] : &ck->c->newcomers[i - nr];

    if (p->domain != domain) broken(ck, p, "is not in its place");
    if (!p->reason || !p->reason[0]) broken(ck, p, "no reason");
    if (p->rule !=
        (ck->c->policy ? xtune_policy_match(ck->c->policy, domain) : NULL))
        broken(ck, p, "another rule matches");
    if (!p->hard != !p->soft) broken(ck, p, "one kind of mask only");
    if (!xtune_set_is_subset(&p->nodes, &ck->c->host->node_ids))
        broken(ck, p, "home %s is not there", mask_text(ck, &p->nodes));
    if (xtune_set_is_empty(&p->nodes) != !p->vcpus_on)
        broken(ck, p, "home %s, but vCPUs are %scounted",
               mask_text(ck, &p->nodes), p->vcpus_on ? "" : "not ");
    if (p->refused && (i < nr || !p->blocked || p->hard || p->memory_kb ||
                       !xtune_set_is_empty(&p->nodes)))
        broken(ck, p, "refused, and not");
    if (i >= nr && xtune_cost_sum(&p->cost_now))
        broken(ck, p, "a newcomer has a cost now");
    if (i < nr && ck->c->flags & XTUNE_PLACE_KEEP_RUNNING &&
        (p->hard || p->memory_kb || p->moved_kb))
        broken(ck, p, "is changed, though what runs is to be kept");
}

/* Masks. */

static inline void check_vcpu_masks(place_check *ck, const xtune_placed *p,
                                    size_t i)
{
    const unsigned int nbits = ck->c->host->nr_cpu_ids;
    const xtune_vcpu *vcpu = &p->domain->vcpus[i];
    const xtune_set *pool = pool_of(ck, p);
    const xtune_set hard = both(ck->arena, &p->hard[i], pool);
    const xtune_set soft = both(ck->arena, &hard, &p->soft[i]);

    if (p->hard[i].nbits != nbits || p->soft[i].nbits != nbits) {
        broken(ck, p, "vCPU %zu: masks of %u and %u CPUs", i, p->hard[i].nbits,
               p->soft[i].nbits);
        return;
    }
    if (xtune_set_is_empty(&hard))
        broken(ck, p, "vCPU %zu: hard %s is not in the pool %s", i,
               mask_text(ck, &p->hard[i]), mask_text(ck, pool));
    if (!is_hard(p) && !xtune_set_equal(&p->hard[i], &vcpu->hard))
        broken(ck, p, "vCPU %zu: hard %s became %s", i,
               mask_text(ck, &vcpu->hard), mask_text(ck, &p->hard[i]));
    if (keeps_hard(ck, p) && !xtune_set_is_subset(&hard, &vcpu->hard))
        broken(ck, p, "vCPU %zu: hard %s became %s", i,
               mask_text(ck, &vcpu->hard), mask_text(ck, &p->hard[i]));
    if (!xtune_set_equal(&p->soft[i], &vcpu->soft) &&
        xtune_set_is_empty(&soft))
        broken(ck, p, "vCPU %zu: soft %s has nothing of hard %s in pool %s", i,
               mask_text(ck, &p->soft[i]), mask_text(ck, &p->hard[i]),
               mask_text(ck, pool));
}

/* A vCPU keeps to the home, unless nothing of that is left to it. */
static inline void check_home_masks(place_check *ck, const xtune_placed *p,
                                    size_t i)
{
    const xtune_set could = could_use(ck, p, i);
    const xtune_set would = would_use(ck, p, i);

    if (!xtune_set_is_empty(&could) && !xtune_set_is_subset(&would, &could))
        broken(ck, p, "vCPU %zu: runs on %s, home %s gives it %s", i,
               mask_text(ck, &would), mask_text(ck, &p->nodes),
               mask_text(ck, &could));
}

static inline void check_masks(place_check *ck, const xtune_placed *p)
{
    size_t i;

    for (i = 0; p->hard && !ck->why && i < p->domain->nr_vcpus; i++) {
        check_vcpu_masks(ck, p, i);
        if (!ck->why) check_home_masks(ck, p, i);
    }
}

/* Sums. */

/* The vCPUs that are online and may run on a node. */
static inline uint32_t may_run_on(const place_check *ck, const xtune_placed *p,
                                  unsigned int node)
{
    const xtune_set cpus =
        both(ck->arena, &ck->c->host->node_cpus[node], pool_of(ck, p));
    uint32_t nr = 0;
    size_t i;

    for (i = 0; i < p->domain->nr_vcpus; i++)
        nr += p->domain->vcpus[i].online &&
              (keeps_hard(ck, p)
                   ? xtune_set_intersects(&cpus, &p->domain->vcpus[i].hard)
                   : !xtune_set_is_empty(&cpus));
    return nr;
}

static inline void check_counts(place_check *ck, const xtune_placed *p)
{
    uint64_t sum = 0;
    unsigned int id;

    if (!p->vcpus_on) return;
    for (id = 0; id < ck->c->host->nr_node_ids; id++) {
        sum += p->vcpus_on[id];
        if (p->vcpus_on[id] && !xtune_set_has(&p->nodes, id))
            broken(ck, p, "%u vCPUs on node %u, outside of its home %s",
                   p->vcpus_on[id], id, mask_text(ck, &p->nodes));
    }
    if (sum != p->domain->online_vcpus)
        broken(ck, p, "%u vCPUs, %llu are counted", p->domain->online_vcpus,
               (unsigned long long)sum);
}

/* The vCPUs that are online and use a node with the masks they are given. */
static inline uint32_t would_run_on(const place_check *ck,
                                    const xtune_placed *p, unsigned int node)
{
    uint32_t nr = 0;
    size_t i;

    for (i = 0; i < p->domain->nr_vcpus; i++) {
        const xtune_set cpus = would_use(ck, p, i);

        nr += p->domain->vcpus[i].online &&
              xtune_set_intersects(&cpus, &ck->c->host->node_cpus[node]);
    }
    return nr;
}

static inline bool has_one_mask(const xtune_domain *domain)
{
    size_t i;

    for (i = 1; i < domain->nr_vcpus; i++)
        if (!xtune_set_equal(&domain->vcpus[i].hard, &domain->vcpus[0].hard) ||
            !xtune_set_equal(&domain->vcpus[i].soft, &domain->vcpus[0].soft))
            return false;
    return true;
}

/* Where vCPUs are counted they may run. Masks that differ are kept where they
 * suit the home, and one may leave out a node of it. */
static inline void check_where_counted(place_check *ck, const xtune_placed *p)
{
    unsigned int id;

    if (!has_one_mask(p->domain)) return;
    for (id = 0; p->vcpus_on && id < ck->c->host->nr_node_ids; id++) {
        const uint32_t nr = p->vcpus_on[id];

        if (nr && nr > may_run_on(ck, p, id))
            broken(ck, p, "%u vCPUs on node %u, where %u may run", nr, id,
                   may_run_on(ck, p, id));
        else if (nr && p->hard && nr > would_run_on(ck, p, id))
            broken(ck, p, "%u vCPUs on node %u, their masks let %u run there",
                   nr, id, would_run_on(ck, p, id));
    }
}

static inline void check_memory_sum(place_check *ck, const xtune_placed *p)
{
    uint64_t sum = 0, arrives = 0;
    unsigned int id;

    if (is_newcomer(ck, p) && p->vcpus_on && !p->memory_kb)
        broken(ck, p, "a newcomer has a home and no memory");
    if (!p->memory_kb) {
        if (p->moved_kb) broken(ck, p, "moves without memory");
        return;
    }
    for (id = 0; id < ck->c->host->nr_node_ids; id++) {
        const uint64_t *had = p->domain->memory_by_node_kb;

        sum += p->memory_kb[id];
        if (had && p->memory_kb[id] > had[id])
            arrives += p->memory_kb[id] - had[id];
        if (p->memory_kb[id] && !xtune_set_has(&ck->c->host->node_ids, id))
            broken(ck, p, "memory on node %u, which is not there", id);
    }
    if (sum != p->domain->memory_kb)
        broken(ck, p, "%llu KiB, %llu are placed",
               (unsigned long long)p->domain->memory_kb,
               (unsigned long long)sum);
    if (is_newcomer(ck, p)) return;
    if (!(ck->c->flags & XTUNE_PLACE_MOVE_MEMORY) || !p->rule ||
        p->rule->memory != XTUNE_MEMORY_FOLLOW)
        broken(ck, p, "memory moves that is to stay");
    if (arrives != p->moved_kb)
        broken(ck, p, "%llu KiB move, moved_kb is %llu",
               (unsigned long long)arrives, (unsigned long long)p->moved_kb);
}

static inline void check_sums(place_check *ck, const xtune_placed *p)
{
    check_counts(ck, p);
    check_memory_sum(ck, p);
}

/* What goes to a node is free there, or becomes free. */
static inline void check_free_memory(place_check *ck)
{
    const xtune_host *host = ck->c->host;
    size_t i, j;

    for (i = 0; i < host->nr_nodes; i++) {
        const xtune_node *node = &host->nodes[i];
        uint64_t added = 0, left = node->free_kb;

        if (left == XTUNE_UNKNOWN_KB) continue;
        for (j = 0; j < ck->placement->nr_domains; j++) {
            const xtune_placed *p = &ck->placement->domains[j];

            if (!p->memory_kb) continue;
            added += p->memory_kb[node->id];
            if (p->domain->memory_by_node_kb)
                left += p->domain->memory_by_node_kb[node->id];
        }
        if (added > left)
            broken(ck, &ck->placement->domains[0],
                   "node %u: %llu KiB are put where %llu are free", node->id,
                   (unsigned long long)added, (unsigned long long)left);
    }
}

/* Devices. */

static inline const xtune_pci *device_of(const place_check *ck,
                                         const char *address)
{
    size_t i;

    for (i = 0; i < ck->c->host->nr_pci; i++)
        if (!strcmp(ck->c->host->pci[i].address, address))
            return &ck->c->host->pci[i];
    return NULL;
}

static inline void check_devices(place_check *ck, const xtune_placed *p)
{
    size_t i;

    if (!p->rule || !p->rule->has_devices || p->blocked ||
        p->rule->devices != XTUNE_DEVICES_REQUIRED ||
        xtune_set_is_empty(&p->nodes))
        return;
    for (i = 0; i < p->domain->nr_pci; i++) {
        const xtune_pci *pci = device_of(ck, p->domain->pci[i]);

        if (pci && pci->node != XTUNE_NONE && may_run_on(ck, p, pci->node) &&
            !xtune_set_has(&p->nodes, pci->node))
            broken(ck, p, "device %s is on node %u, its home is %s",
                   pci->address, pci->node, mask_text(ck, &p->nodes));
    }
}

/* Guests' nodes. */

static inline void check_vnode(place_check *ck, const xtune_placed *p,
                               const xtune_vnode *vnode, xtune_set *nodes,
                               xtune_set *vcpus)
{
    if (vnode->node >= ck->c->host->nr_node_ids ||
        xtune_set_has(nodes, vnode->node)) {
        broken(ck, p, "vnode on node %u, there twice or not there",
               vnode->node);
        return;
    }
    xtune_set_add(nodes, vnode->node);
    if (p->memory_kb && vnode->memory_kb != p->memory_kb[vnode->node])
        broken(ck, p, "vnode of %llu KiB, on node %u are %llu",
               (unsigned long long)vnode->memory_kb, vnode->node,
               (unsigned long long)p->memory_kb[vnode->node]);
    if (vnode->vcpus.nbits != vcpus->nbits ||
        xtune_set_intersects(&vnode->vcpus, vcpus))
        broken(ck, p, "vnode with vCPUs %s of %u that are in another one",
               mask_text(ck, &vnode->vcpus), vnode->vcpus.nbits);
    else
        xtune_set_or(vcpus, &vnode->vcpus);
}

static inline void check_vnodes(place_check *ck, const xtune_placed *p)
{
    xtune_set nodes = xtune_set_new(ck->arena, ck->c->host->nr_node_ids);
    xtune_set vcpus =
        xtune_set_new(ck->arena, (unsigned int)p->domain->nr_vcpus);
    uint64_t sum = 0;
    size_t i;

    if (!p->nr_vnodes) return;
    for (i = 0; !ck->why && i < p->nr_vnodes; i++) {
        check_vnode(ck, p, &p->vnodes[i], &nodes, &vcpus);
        sum += p->vnodes[i].memory_kb;
    }
    if (sum != p->domain->memory_kb)
        broken(ck, p, "%llu KiB, vnodes have %llu",
               (unsigned long long)p->domain->memory_kb,
               (unsigned long long)sum);
    if (!xtune_set_is_all(&vcpus))
        broken(ck, p, "%zu vCPUs, vnodes have %s", p->domain->nr_vcpus,
               mask_text(ck, &vcpus));
    if (p->nr_vnodes < 2 || !is_newcomer(ck, p) ||
        (p->domain->type != XTUNE_TYPE_HVM &&
         p->domain->type != XTUNE_TYPE_PV))
        broken(ck, p, "%zu vnodes, type %s", p->nr_vnodes,
               xtune_domain_type_name(p->domain->type));
}

#endif
