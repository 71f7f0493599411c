/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "place/words.h"

#include <stdarg.h>

#include "place/cost.h"

const char *xt_nodes_text(const xt_model *model, uint64_t nodes)
{
    const xtune_set set = xt_model_nodes(model, nodes);

    return xtune_set_format_ids(model->arena, &set);
}

const char *xt_kb_text(const xt_model *model, uint64_t kb)
{
    const bool gib = kb >= UINT64_C(1) << 20;
    const uint64_t unit = gib ? UINT64_C(1) << 20 : UINT64_C(1) << 10;
    const uint64_t tenths = kb / unit * 10 + kb % unit * 10 / unit;

    return xtune_arena_printf(
        model->arena, "%llu.%llu %s", (unsigned long long)(tenths / 10),
        (unsigned long long)(tenths % 10), gib ? "GiB" : "MiB");
}

void xt_block(const xt_model *model, xtune_placed *placed, const char *fmt,
              ...)
{
    va_list ap;
    const char *text;

    va_start(ap, fmt);
    text = xtune_arena_vprintf(model->arena, fmt, ap);
    va_end(ap);
    placed->blocked =
        placed->blocked
            ? xtune_arena_printf(model->arena, "%s; %s", placed->blocked, text)
            : text;
}

const char *xt_node_words(const xt_model *model, uint64_t nodes)
{
    return xtune_arena_printf(model->arena, "node%s %s",
                              nodes & (nodes - 1) ? "s" : "",
                              xt_nodes_text(model, nodes));
}

/* "1 vCPU", "2 vCPUs". */
static const char *count_words(const xt_model *model, uint64_t nr,
                               const char *what)
{
    return xtune_arena_printf(model->arena, "%llu %s%s",
                              (unsigned long long)nr, what,
                              nr == 1 ? "" : "s");
}

static uint64_t free_on(const xt_model *model, uint32_t n)
{
    return model->free_kb[n] > 0 ? (uint64_t)model->free_kb[n] : 0;
}

/* A node, and a domain there that could go to another one so that there is
 * room. */
typedef struct xt_way_out {
    uint32_t node, to;
    const xtune_domain *domain;
    uint64_t domain_kb;
} xt_way_out;

static uint32_t roomy_node(const xt_model *model, uint64_t kb, uint32_t but)
{
    uint32_t n;

    for (n = 0; n < model->nr_nodes; n++)
        if (n != but && free_on(model, n) >= kb) return n;
    return XTUNE_NONE;
}

/* The smallest domain that is enough. */
static bool find_way_out(const xt_model *model, const xt_item *item,
                         xt_way_out *way)
{
    const xtune_host *host = model->host;
    bool found = false;
    uint32_t n, to;
    size_t i;

    for (i = 0; i < host->nr_domains; i++) {
        const xtune_domain *domain = &host->domains[i];

        if (!domain->id || !domain->memory_by_node_kb) continue;
        xt_for_each_node(n, item->must ? item->must : item->allowed)
        {
            const uint64_t kb =
                xt_clamp_kb(domain->memory_by_node_kb[model->node_id[n]]);

            if (!kb || free_on(model, n) >= item->memory_kb ||
                free_on(model, n) + kb < item->memory_kb ||
                (found && kb >= way->domain_kb))
                continue;
            to = roomy_node(model, kb, n);
            if (to == XTUNE_NONE) continue;
            *way = (xt_way_out){ n, to, domain, kb };
            found = true;
        }
    }
    return found;
}

static uint32_t emptiest(const xt_model *model, uint64_t nodes)
{
    uint32_t n, best = (uint32_t)__builtin_ctzll(nodes);

    xt_for_each_node(n, nodes) if (model->free_kb[n] > model->free_kb[best])
        best = n;
    return best;
}

/* "node 1 has 9.0 GiB free, 13.0 GiB once db-2 moves to node 0". */
static const char *what_would_help(const xt_model *model, const xt_item *item)
{
    const uint64_t nodes = item->must ? item->must : item->allowed;
    xt_way_out way;
    uint32_t n;

    if (find_way_out(model, item, &way))
        return xtune_arena_printf(
            model->arena,
            "node %u has %s free, %s once domain \"%s\" moves to node %u",
            model->node_id[way.node],
            xt_kb_text(model, free_on(model, way.node)),
            xt_kb_text(model, free_on(model, way.node) + way.domain_kb),
            way.domain->name, model->node_id[way.to]);
    n = emptiest(model, nodes);
    return xtune_arena_printf(model->arena, "the most is %s, on node %u",
                              xt_kb_text(model, free_on(model, n)),
                              model->node_id[n]);
}

static const char *what_binds(const xt_model *model, const xt_item *item)
{
    if (item->must)
        return xtune_arena_printf(model->arena, " beside its devices");
    if (item->given) return " that its rule names";
    if (item->own_cores) return " that its hard affinity leaves";
    if (model->host->nr_cpupools > 1)
        return xtune_arena_printf(model->arena, " of cpupool \"%s\"",
                                  item->out->cpupool ? item->out->cpupool
                                                     : "");
    return "";
}

static void say_refused(const xt_model *model, xt_item *item)
{
    const uint64_t nodes = item->given ? item->given : item->allowed;
    uint64_t free_kb = 0;
    uint32_t n;

    item->out->refused = true;
    xt_for_each_node(n, nodes) free_kb += free_on(model, n);
    if (free_kb < item->memory_kb)
        xt_block(model, item->out,
                 "it needs %s, and the nodes%s have %s free in all: stop a "
                 "domain there, or give it less",
                 xt_kb_text(model, item->memory_kb), what_binds(model, item),
                 xt_kb_text(model, free_kb));
    else if (xt_taken_nodes(model, item, nodes) == nodes)
        xt_block(model, item->out,
                 "others have all cores of %s to themselves: let fewer be "
                 "pin=\"one-to-one\"",
                 xt_node_words(model, nodes));
    else if ((uint64_t)item->nr_vcpus * item->load_per_vcpu >
             xt_count_cores(item, nodes) * XT_LOAD * XT_MAX_VCPUS_A_CORE)
        xt_block(model, item->out,
                 "its %s are more than %d to each of the %s%s: give it "
                 "fewer",
                 count_words(model, item->nr_vcpus, "vCPU"),
                 XT_MAX_VCPUS_A_CORE,
                 count_words(model, xt_count_cores(item, nodes), "core"),
                 what_binds(model, item));
    else
        xt_block(model, item->out,
                 "it needs %s and cores with fewer than %d vCPUs each, and no "
                 "nodes%s have both: %s",
                 xt_kb_text(model, item->memory_kb), XT_MAX_VCPUS_A_CORE,
                 what_binds(model, item), what_would_help(model, item));
    item->out->reason = item->out->blocked;
}

/* Cores without a vCPU, on the nodes of a home. */
static uint64_t idle_cores(const xt_model *model, const xt_item *item)
{
    uint64_t idle = 0;
    uint32_t i;

    for (i = 0; i < item->home.nr_parts; i++) {
        const xt_cell *cell =
            xt_cell_at(model, item->pool, item->home.parts[i].node);
        const int64_t left = cell->capacity - cell->dedicated - cell->load;

        if (left > 0) idle += (uint64_t)left / XT_LOAD;
    }
    return idle;
}

static const char *say_wide(const xt_model *model, const xt_item *item)
{
    const char *nodes = xt_node_words(model, item->home.nodes);
    bool has_room = false;
    uint32_t n;

    if (__builtin_popcountll(item->must) > 1)
        return xtune_arena_printf(model->arena, "its devices are on %s",
                                  nodes);
    if (item->vcpu_nodes)
        return xtune_arena_printf(
            model->arena, "the hard affinity of its vCPUs leads to %s", nodes);
    if (item->nr_devices)
        return xtune_arena_printf(
            model->arena,
            "with how near its devices are, %s together cost least", nodes);
    xt_for_each_node(n, item->allowed) has_room |=
        free_on(model, n) >= item->memory_kb;
    if (has_room)
        return xtune_arena_printf(
            model->arena,
            "no one node that has %s free has cores enough for %s; %s "
            "together cost least",
            xt_kb_text(model, item->memory_kb),
            count_words(model, item->nr_vcpus, "vCPU"), nodes);
    return xtune_arena_printf(model->arena,
                              "no one node has %s free, %s together have: %s",
                              xt_kb_text(model, item->memory_kb), nodes,
                              what_would_help(model, item));
}

static const char *say_new(const xt_model *model, const xt_item *item)
{
    const xt_home *home = &item->home;
    uint64_t free_kb = 0;
    uint32_t n;

    if (home->nr_parts > 1 && !item->given) return say_wide(model, item);
    xt_for_each_node(n, home->nodes) free_kb += free_on(model, n);
    return xtune_arena_printf(
        model->arena, "%s %s %s and %s free",
        xt_node_words(model, home->nodes),
        home->nodes & (home->nodes - 1) ? "have" : "has",
        xt_kb_text(model, free_kb),
        count_words(model, idle_cores(model, item), "core"));
}

/* Memory that stays where no CPU may be used. */
static void say_out_of_reach(const xt_model *model, xt_item *item)
{
    const uint64_t lost = item->memory_nodes & ~item->allowed;
    bool by_mask = true;
    uint32_t n;

    if (!lost || item->home.placed) return;
    xt_for_each_node(n, lost) if (!model->pool_cores[item->pool][n]) by_mask =
        false;
    xt_block(model, item->out,
             "%smemory is on %s, where %s has no CPU: widen %s, or move its "
             "memory",
             lost == item->memory_nodes ? "its " : "some of its ",
             xt_node_words(model, lost),
             by_mask ? "its hard affinity" : "its cpupool",
             by_mask ? "it, with vcpu-pin" : "it");
}

static const char *say_given(const xt_model *model, const xt_item *item)
{
    uint64_t threads = 0;
    uint32_t n;

    xt_for_each_node(n, item->home.nodes) threads += item->threads[n];
    return xtune_arena_printf(model->arena, "its rule names %s%s",
                              xt_node_words(model, item->given),
                              item->hard && threads < item->nr_vcpus
                                  ? ", which has fewer CPUs than it has vCPUs"
                                  : "");
}

static const char *say_staying(const xt_model *model, const xt_item *item)
{
    const uint64_t memory = item->memory_nodes, home = item->home.nodes;
    const char *where = xt_node_words(model, memory);

    if (item->given) return say_given(model, item);
    if (item->must & ~memory)
        return xtune_arena_printf(model->arena,
                                  "its devices are on %s, its memory on %s",
                                  xt_node_words(model, item->must), where);
    if (memory == home || (memory & home && memory & ~item->allowed))
        return xtune_arena_printf(model->arena, "its memory is on %s", where);
    if (!(memory & home))
        return xtune_arena_printf(
            model->arena,
            "its memory is on %s; of the nodes that can take it %s cost%s "
            "least",
            where, xt_node_words(model, home), home & (home - 1) ? "" : "s");
    if (home == item->now)
        return xtune_arena_printf(
            model->arena,
            "its memory is on %s, and to leave %s would cost more than it "
            "gains",
            where, xt_node_words(model, home));
    if (!(memory & ~home))
        return xtune_arena_printf(
            model->arena, "its memory is on %s, too few cores for its %s",
            where, count_words(model, item->nr_vcpus, "vCPU"));
    return xtune_arena_printf(
        model->arena, "its memory is on %s, of which %s cost%s least", where,
        xt_node_words(model, home), home & (home - 1) ? "" : "s");
}

static const char *say_moved(const xt_model *model, const xt_item *item)
{
    return xtune_arena_printf(model->arena,
                              "its memory is on %s; moved to %s it costs less",
                              xt_node_words(model, item->memory_nodes),
                              xt_node_words(model, item->home.nodes));
}

void xt_explain_item(xt_model *model, xt_item *item)
{
    xtune_placed *out = item->out;

    if (!item->home.nodes && item->is_new) {
        say_refused(model, item);
        return;
    }
    if (!item->home.nodes) {
        xt_block(model, out,
                 "of the nodes that it may use, %s, none can take it: others "
                 "have the cores to themselves, or its devices are elsewhere; "
                 "widen its hard affinity or its cpupool, or let fewer be "
                 "pin=\"one-to-one\"",
                 xt_nodes_text(model, item->allowed));
        out->reason = out->blocked;
        return;
    }
    if (!item->is_new) say_out_of_reach(model, item);
    if (item->no_cores)
        xt_block(model, out,
                 "there is no free core for each of its %s; they share %s",
                 count_words(model, item->nr_vcpus, "vCPU"),
                 xt_node_words(model, item->home.nodes));
    if (item->is_new && item->given)
        out->reason = say_given(model, item);
    else if (item->is_new)
        out->reason = say_new(model, item);
    else if (item->home.placed)
        out->reason = say_moved(model, item);
    else
        out->reason = say_staying(model, item);
}
