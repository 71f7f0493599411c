/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What bound a domain, and which homes it could have had. */
#include "place/explain.h"

#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "place/homes.h"
#include "place/search.h"
#include "place/words.h"

typedef struct xt_teller {
    xt_model *model;
    xtune_placement *placement;
    xt_item *item;
} xt_teller;

static const xtune_source nowhere;

static void add_constraint(xt_teller *t, const char *name, uint64_t nodes,
                           xtune_source source, const char *text)
{
    xtune_placement *p = t->placement;

    p->constraints =
        xtune_arena_grow(t->model->arena, p->constraints, p->nr_constraints,
                         sizeof(*p->constraints));
    p->constraints[p->nr_constraints++] = (xtune_constraint){
        .name = name,
        .text = text,
        .nodes = xt_model_nodes(t->model, nodes),
        .source = source,
    };
}

static uint64_t pool_nodes(const xt_teller *t)
{
    uint64_t nodes = 0;
    uint32_t n;

    for (n = 0; n < t->model->nr_nodes; n++)
        if (t->model->pool_threads[t->item->pool][n])
            nodes |= UINT64_C(1) << n;
    return nodes;
}

static void tell_cpus(xt_teller *t)
{
    const xt_model *model = t->model;
    const xt_item *item = t->item;
    const xtune_rule *rule = item->rule;

    add_constraint(
        t, "cpupool", pool_nodes(t),
        rule && rule->cpupool ? rule->cpupool_source : nowhere,
        xtune_arena_printf(model->arena, "\"%s\" has the CPUs %s",
                           item->out->cpupool ? item->out->cpupool : "",
                           xtune_set_format_ids(
                               model->arena, &model->pool_cpus[item->pool])));
    if (item->own_cores)
        add_constraint(t, "hard affinity", item->allowed, nowhere,
                       "its hard affinity leaves it these and is kept");
    if (item->given && rule)
        add_constraint(t, "placement", item->given, rule->numa_source,
                       xtune_arena_printf(model->arena,
                                          "the rule names the nodes %s",
                                          rule->nodes));
}

static void tell_device(xt_teller *t, const char *address)
{
    static const char *const words[] = { "preferred", "required", "ignored" };
    const xt_item *item = t->item;
    const xtune_rule *rule = item->rule;
    const enum xtune_device_mode mode =
        rule ? rule->devices : XTUNE_DEVICES_PREFERRED;
    const xtune_host *host = t->model->host;
    uint32_t node = XTUNE_NONE;
    size_t i;

    for (i = 0; i < host->nr_pci; i++)
        if (!strcmp(host->pci[i].address, address)) node = host->pci[i].node;
    if (node >= XTUNE_MAX_NODES || t->model->place_of[node] == XTUNE_NONE)
        add_constraint(t, "devices", item->allowed, nowhere,
                       xtune_arena_printf(t->model->arena,
                                          "%s: its node is not known",
                                          address));
    else
        add_constraint(
            t, "devices",
            mode == XTUNE_DEVICES_REQUIRED
                ? UINT64_C(1) << t->model->place_of[node]
                : item->allowed,
            rule && rule->has_devices ? rule->devices_source : nowhere,
            xtune_arena_printf(t->model->arena, "%s is on node %u (%s)",
                               address, node, words[mode]));
}

static void tell_memory(xt_teller *t)
{
    const xt_model *model = t->model;
    const xt_item *item = t->item;
    const xtune_rule *rule = item->rule;
    uint64_t nodes = 0;
    uint32_t n;

    if (!item->is_new) {
        add_constraint(
            t, "memory", item->allowed,
            rule && rule->has_numa ? rule->numa_source : nowhere,
            xtune_arena_printf(model->arena, "%s on %s, %s",
                               xt_kb_text(model, item->memory_kb),
                               xt_node_words(model, item->memory_nodes),
                               item->may_move ? "may move" : "stays"));
        return;
    }
    xt_for_each_node(n, item->allowed) if (model->free_kb[n] >= 0 &&
                                           (uint64_t)model->free_kb[n] >=
                                               item->memory_kb) nodes |=
        UINT64_C(1) << n;
    add_constraint(t, "memory", nodes, nowhere,
                   xtune_arena_printf(model->arena, "%s free on one node",
                                      xt_kb_text(model, item->memory_kb)));
}

static void tell_vcpus(xt_teller *t)
{
    const xt_model *model = t->model;
    const xt_item *item = t->item;
    const xtune_policy *policy = model->request->policy;
    uint64_t nodes = 0;
    uint32_t n;

    xt_for_each_node(n, item->allowed)
    {
        const xt_cell *cell = xt_cell_at(model, item->pool, n);

        if (item->cores[n] >= item->nr_vcpus &&
            cell->capacity - cell->dedicated - cell->load >=
                (int64_t)item->nr_vcpus * item->load_per_vcpu)
            nodes |= UINT64_C(1) << n;
    }
    add_constraint(
        t, "vcpus", nodes,
        item->rule && item->rule->has_vcpus ? item->rule->vcpus_source
                                            : nowhere,
        xtune_arena_printf(model->arena, "%u vCPUs, a core idle for each%s",
                           item->nr_vcpus,
                           item->exclusive ? " and its own" : ""));
    if (model->headroom_pct)
        add_constraint(
            t, "headroom", nodes, policy->headroom_source,
            xtune_arena_printf(model->arena,
                               "%u%% of each node's cores are to stay idle",
                               model->headroom_pct));
}

/* Candidates. */

static const char *why_refused(const xt_teller *t, const xt_home *home)
{
    const xt_model *model = t->model;
    const xt_item *item = t->item;
    const xt_part *part = home->parts;
    const uint64_t kb = part && model->free_kb[part->node] > 0
                            ? (uint64_t)model->free_kb[part->node]
                            : 0;
    uint64_t threads = 0;
    uint32_t n;

    if (home->nodes & ~item->allowed) return "it may use no CPU there";
    if (item->must & ~home->nodes) return "a device of it is elsewhere";
    if (home->placed && part && part->memory_kb > kb)
        return xtune_arena_printf(model->arena, "%s free of %s",
                                  xt_kb_text(model, kb),
                                  xt_kb_text(model, part->memory_kb));
    xt_for_each_node(n, home->nodes) threads += item->threads[n];
    if (threads < item->need_threads)
        return xtune_arena_printf(model->arena, "%llu CPUs for %u vCPUs",
                                  (unsigned long long)threads, item->nr_vcpus);
    if (item->exclusive) return "not so many free cores";
    if (xt_taken_nodes(model, item, home->nodes))
        return "others have its cores to themselves";
    if (!item->is_new) return "the masks of its vCPUs stand against it";
    return "the masks of its vCPUs, or 8 vCPUs to a core, stand against it";
}

static void add_candidate(xt_teller *t, const xt_home *home, bool chosen)
{
    xtune_placement *p = t->placement;
    xtune_candidate *c;
    int64_t all;

    p->candidates = xtune_arena_grow(t->model->arena, p->candidates,
                                     p->nr_candidates, sizeof(*p->candidates));
    c = &p->candidates[p->nr_candidates++];
    *c = (xtune_candidate){ .nodes = xt_model_nodes(t->model, home->nodes),
                            .chosen = chosen };
    if (!chosen && ((home->nodes & ~t->item->allowed) ||
                    !xt_home_fits(t->model, t->item, home))) {
        c->refused = why_refused(t, home);
        return;
    }
    xt_own_cost(t->model, t->item, home, &c->cost);
    all = xt_home_cost(t->model, t->item, home);
    c->cost.crowding += (uint64_t)all - xtune_cost_sum(&c->cost);
}

/* Where it stays with its memory, or where the memory goes along. */
static void weigh_node(xt_teller *t, uint32_t n)
{
    const xt_item *item = t->item;
    xt_part part = { n, item->nr_vcpus, item->is_new ? item->memory_kb : 0 };
    const xt_home home = {
        .nodes = UINT64_C(1) << n,
        .placed = item->is_new,
        .nr_parts = item->is_new || item->exclusive ? 1 : 0,
        .parts = &part,
    };

    add_candidate(t, &home, false);
}

static int by_cost(const void *a, const void *b)
{
    const xtune_candidate *x = a, *y = b;
    const uint64_t cx = xtune_cost_sum(&x->cost);
    const uint64_t cy = xtune_cost_sum(&y->cost);
    const unsigned int nx = xtune_set_next(&x->nodes, 0);
    const unsigned int ny = xtune_set_next(&y->nodes, 0);

    if (!x->refused != !y->refused) return x->refused ? 1 : -1;
    if (cx != cy) return cx < cy ? -1 : 1;
    if (x->chosen != y->chosen) return x->chosen ? -1 : 1;
    return nx < ny ? -1 : nx > ny;
}

static bool is_single_node(uint64_t nodes)
{
    return nodes && !(nodes & (nodes - 1));
}

static void tell_candidates(xt_teller *t)
{
    xt_item *item = t->item;
    const bool stays_single =
        is_single_node(item->home.nodes) && item->home.placed == item->is_new;
    const xt_home now = { .nodes = item->now };
    uint32_t n;

    if (item->home.nodes) add_candidate(t, &item->home, true);
    for (n = 0; n < t->model->nr_nodes; n++)
        if (!stays_single || item->home.nodes != UINT64_C(1) << n)
            weigh_node(t, n);
    if (item->now && !is_single_node(item->now) &&
        item->now != item->home.nodes && !item->exclusive)
        add_candidate(t, &now, false);
    if (t->placement->nr_candidates)
        qsort(t->placement->candidates, t->placement->nr_candidates,
              sizeof(*t->placement->candidates), by_cost);
}

void xt_explain(xt_model *model, xtune_placement *placement)
{
    xt_teller t = { .model = model, .placement = placement };
    size_t i;

    for (i = 0; i < model->nr_items; i++)
        if (model->items[i].domain == model->request->explain)
            t.item = &model->items[i];
    if (!t.item) return;
    xt_drop_home(model, t.item);
    tell_cpus(&t);
    for (i = 0; i < t.item->domain->nr_pci; i++)
        tell_device(&t, t.item->domain->pci[i]);
    tell_memory(&t);
    tell_vcpus(&t);
    tell_candidates(&t);
    if (t.item->home.nodes) xt_enter(model, t.item, &t.item->home);
}
