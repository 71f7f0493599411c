/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An order of nodes and of items that depends on what they are alone. Colours
 * are refined until they tell apart what can be told apart (as for graphs:
 * Weisfeiler and Leman); of nodes that stay alike one is marked, and so on.
 * Those are alike in truth but for contrived cases, so that it does not
 * matter which one it is.
 */
#include "place/model.h"

#include <stdlib.h>
#include <string.h>

#include "base/util.h"

/* Items are refined along with the nodes each time only up to here. */
#define FEW (UINT64_C(1) << 14)

static uint64_t mix(uint64_t a, uint64_t b)
{
    uint64_t h = a * UINT64_C(0x9e3779b97f4a7c15) ^ b;

    h ^= h >> 32;
    h *= UINT64_C(0xd6e8feb86659fd93);
    h ^= h >> 32;
    h *= UINT64_C(0xd6e8feb86659fd93);
    return h ^ h >> 32;
}

/* What a node is to an item, other than how far. */
static uint64_t bond(const xt_item *item, uint32_t n)
{
    const uint64_t bit = UINT64_C(1) << n;
    uint64_t h = item->resident_kb ? item->resident_kb[n] : 0;
    size_t i;

    h = mix(h, item->cores[n]);
    h = mix(h, item->threads[n]);
    h = mix(h, (item->now & bit ? 1 : 0) | (item->given & bit ? 2 : 0) |
                   (item->must & bit ? 4 : 0));
    for (i = 0; i < item->nr_devices; i++)
        if (item->device[i] == n) h = mix(h, 7);
    return h;
}

static uint64_t item_colour(const xt_item *item)
{
    const uint64_t flags = (uint64_t)item->is_new | item->may_move << 1 |
                           item->hard << 2 | item->exclusive << 3 |
                           item->isolate << 4 | item->share_core << 5;
    uint64_t h = mix(item->memory_kb, item->nr_vcpus);

    h = mix(h, item->load_per_vcpu);
    h = mix(h, item->weight);
    h = mix(h, item->pool);
    return mix(h, flags);
}

static uint64_t node_colour(const xt_model *model, uint32_t n)
{
    uint64_t h = mix(model->memory_kb[n], (uint64_t)model->free_kb[n]);
    uint32_t pool;

    for (pool = 0; pool < model->nr_pools; pool++) {
        const xt_cell *cell = xt_cell_at(model, pool, n);

        h = mix(h, cell->cores);
        h = mix(h, cell->threads);
        h = mix(h, cell->single_cores);
        h = mix(h, (uint64_t)cell->load);
    }
    return h;
}

static void refine_items(xt_model *model, const uint64_t *colour)
{
    size_t i;
    uint32_t n;

    for (i = 0; i < model->nr_items; i++) {
        xt_item *item = &model->items[i];
        uint64_t sum = 0;

        if (item->is_new && !item->own_cores && !item->given &&
            !item->nr_devices)
            continue;
        for (n = 0; n < model->nr_nodes; n++)
            sum += mix(colour[n], bond(item, n));
        item->signature = mix(item_colour(item), sum);
    }
}

static void refine_nodes(const xt_model *model, uint64_t *colour,
                         bool with_items)
{
    uint64_t next[XTUNE_MAX_NODES];
    uint32_t n, other;
    size_t i;

    for (n = 0; n < model->nr_nodes; n++) {
        next[n] = colour[n];
        for (other = 0; other < model->nr_nodes; other++)
            next[n] += mix(mix(colour[other], model->distance[n][other]),
                           model->distance[other][n]);
    }
    for (i = 0; with_items && i < model->nr_items; i++) {
        const xt_item *item = &model->items[i];

        if (item->is_new && !item->own_cores && !item->given &&
            !item->nr_devices)
            continue;
        for (n = 0; n < model->nr_nodes; n++)
            next[n] += mix(item->signature, bond(item, n));
    }
    for (n = 0; n < model->nr_nodes; n++)
        colour[n] = mix(next[n], 1);
}

static void refine(xt_model *model, uint64_t *colour, bool with_items)
{
    int round;

    for (round = 0; round < 3; round++) {
        if (with_items) refine_items(model, colour);
        refine_nodes(model, colour, with_items);
    }
}

/* A node that another one equals; of several pairs, one that does not depend
 * on numbers. XTUNE_NONE where all differ. */
static uint32_t find_twin(const xt_model *model, const uint64_t *colour)
{
    uint32_t a, b, best = XTUNE_NONE;

    for (a = 0; a < model->nr_nodes; a++)
        for (b = a + 1; b < model->nr_nodes; b++)
            if (colour[a] == colour[b] &&
                (best == XTUNE_NONE || colour[a] < colour[best]))
                best = a;
    return best;
}

static void colour_nodes(xt_model *model, uint64_t *colour)
{
    const bool few = model->nr_items * model->nr_nodes <= FEW;
    uint32_t n, twin;

    for (n = 0; n < model->nr_nodes; n++)
        colour[n] = node_colour(model, n);
    refine(model, colour, true);
    while ((twin = find_twin(model, colour)) != XTUNE_NONE) {
        colour[twin] = mix(colour[twin], 2);
        refine(model, colour, few);
    }
    refine_items(model, colour);
}

static uint64_t permute_set(uint64_t set, const uint32_t *to)
{
    uint64_t moved = 0;
    uint32_t n;

    xt_for_each_node(n, set) moved |= UINT64_C(1) << to[n];
    return moved;
}

/* array[to[n]] = array[n] for members of this size. */
static void permute(void *array, size_t size, const uint32_t *to, uint32_t nr)
{
    uint8_t copy[XTUNE_MAX_NODES * sizeof(xt_cell)];
    uint8_t *bytes = array;
    uint32_t n;

    memcpy(copy, array, nr * size);
    for (n = 0; n < nr; n++)
        memcpy(bytes + to[n] * size, copy + n * size, size);
}

static void permute_item(const xt_model *model, xt_item *item,
                         const uint32_t *to)
{
    uint32_t i;

    if (item->resident_kb)
        permute(item->resident_kb, sizeof(uint64_t), to, model->nr_nodes);
    if (item->pinned_on)
        permute(item->pinned_on, sizeof(uint32_t), to, model->nr_nodes);
    if (item->own_cores) {
        permute((uint32_t *)item->cores, sizeof(uint32_t), to,
                model->nr_nodes);
        permute((uint32_t *)item->threads, sizeof(uint32_t), to,
                model->nr_nodes);
    }
    item->resident = permute_set(item->resident, to);
    item->memory_nodes = permute_set(item->memory_nodes, to);
    item->allowed = permute_set(item->allowed, to);
    item->given = permute_set(item->given, to);
    item->must = permute_set(item->must, to);
    item->now = permute_set(item->now, to);
    for (i = 0; i < item->nr_devices; i++)
        item->device[i] = to[item->device[i]];
    for (i = 0; item->vcpu_nodes && i < item->nr_vcpus; i++)
        item->vcpu_nodes[i] = permute_set(item->vcpu_nodes[i], to);
}

static void permute_model(xt_model *model, const uint32_t *to)
{
    const uint32_t nr = model->nr_nodes;
    uint32_t n, pool;
    size_t i;

    permute(model->node_id, sizeof(uint32_t), to, nr);
    permute(model->memory_kb, sizeof(uint64_t), to, nr);
    permute(model->free_kb, sizeof(int64_t), to, nr);
    for (n = 0; n < nr; n++)
        model->place_of[model->node_id[n]] = n;
    for (n = 0; n < nr; n++)
        permute(model->distance[n], sizeof(uint32_t), to, nr);
    /* Rows one by one: together they would not fit into the copy. */
    {
        uint32_t rows[XTUNE_MAX_NODES][XTUNE_MAX_NODES];

        memcpy(rows, model->distance, sizeof(rows));
        for (n = 0; n < nr; n++)
            memcpy(model->distance[to[n]], rows[n], sizeof(rows[n]));
    }
    for (pool = 0; pool < model->nr_pools; pool++) {
        permute(xt_cell_at(model, pool, 0), sizeof(xt_cell), to, nr);
        permute(model->pool_cores[pool], sizeof(uint32_t), to, nr);
        permute(model->pool_threads[pool], sizeof(uint32_t), to, nr);
    }
    for (i = 0; i < model->nr_items; i++)
        permute_item(model, &model->items[i], to);
}

typedef struct ranked {
    uint64_t colour;
    uint32_t n;
} ranked;

static int by_colour(const void *a, const void *b)
{
    const ranked *x = a, *y = b;

    if (x->colour != y->colour) return x->colour < y->colour ? -1 : 1;
    return x->n < y->n ? -1 : x->n > y->n;
}

/* Running ones first; then the larger one first, by memory and then by vCPUs;
 * the rest decides nothing but to be always the same. */
static int by_size(const void *a, const void *b)
{
    const xt_item *x = a, *y = b;

    if (x->is_new != y->is_new) return x->is_new ? 1 : -1;
    if (x->memory_kb != y->memory_kb)
        return x->memory_kb > y->memory_kb ? -1 : 1;
    if (x->nr_vcpus != y->nr_vcpus) return x->nr_vcpus > y->nr_vcpus ? -1 : 1;
    if (x->signature != y->signature)
        return x->signature < y->signature ? -1 : 1;
    return x->out < y->out ? -1 : x->out > y->out;
}

void xt_model_order(xt_model *model)
{
    uint64_t colour[XTUNE_MAX_NODES];
    ranked order[XTUNE_MAX_NODES];
    uint32_t to[XTUNE_MAX_NODES], n;
    size_t i;

    for (i = 0; i < model->nr_items; i++)
        model->items[i].signature = item_colour(&model->items[i]);
    colour_nodes(model, colour);
    for (n = 0; n < model->nr_nodes; n++)
        order[n] = (ranked){ colour[n], n };
    if (!model->nr_nodes) return;
    qsort(order, model->nr_nodes, sizeof(*order), by_colour);
    for (n = 0; n < model->nr_nodes; n++)
        to[order[n].n] = n;
    permute_model(model, to);
    if (model->nr_items)
        qsort(model->items, model->nr_items, sizeof(*model->items), by_size);
}
