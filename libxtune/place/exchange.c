/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "place/exchange.h"

#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "place/search.h"

/* So many that could make way on a node are tried. */
#define MAX_TRIES 4

/* With fewer items than this an exchange with a third node is tried. */
#define FEW_ITEMS 400

static bool is_single(const xt_item *item)
{
    return item->home.placed && item->home.nr_parts == 1 && item->home.nodes;
}

static uint32_t node_of(const xt_item *item)
{
    return item->home.parts[0].node;
}

static int by_node(const void *a, const void *b)
{
    const xt_item *x = *(xt_item *const *)a, *y = *(xt_item *const *)b;

    if (node_of(x) != node_of(y)) return node_of(x) < node_of(y) ? -1 : 1;
    if (x->memory_kb != y->memory_kb)
        return x->memory_kb < y->memory_kb ? -1 : 1;
    return x < y ? -1 : x > y;
}

void xt_exchange_begin(xt_exchange *x, xt_model *model)
{
    size_t i, nr = 0;
    uint32_t n;

    x->model = model;
    x->items = xt_xrealloc(NULL, model->nr_items + 1, sizeof(xt_item *));
    for (i = 0; i < model->nr_items; i++)
        if (is_single(&model->items[i])) x->items[nr++] = &model->items[i];
    if (nr) qsort(x->items, nr, sizeof(*x->items), by_node);
    for (n = 0, i = 0; n <= XTUNE_MAX_NODES; n++) {
        while (i < nr && node_of(x->items[i]) < n)
            i++;
        x->first[n] = i;
    }
}

void xt_exchange_end(xt_exchange *x)
{
    free(x->items);
}

static bool is_still_at(const xt_item *item, uint32_t n)
{
    return is_single(item) && node_of(item) == n;
}

/* Items that take part: the first goes to a node, the others wherever is
 * best then. */
typedef struct xt_trade {
    xt_item *item[3];
    xt_home old[3];
    xt_part parts[3][XTUNE_MAX_NODES];
    uint32_t nr;
} xt_trade;

static void put_back(xt_model *model, xt_trade *trade, uint32_t nr_new)
{
    uint32_t i;

    for (i = 0; i < nr_new; i++)
        xt_drop_home(model, trade->item[i]);
    for (i = 0; i < trade->nr; i++)
        xt_set_home(model, trade->item[i], &trade->old[i]);
}

/* Takes all of them out; returns what they cost together. */
static int64_t take_out(xt_model *model, xt_trade *trade)
{
    int64_t cost = 0;
    uint32_t i;

    for (i = 0; i < trade->nr; i++) {
        xt_item *item = trade->item[i];

        trade->old[i] = item->home;
        trade->old[i].parts = trade->parts[i];
        if (item->home.nr_parts)
            memcpy(trade->parts[i], item->home.parts,
                   item->home.nr_parts * sizeof(*item->home.parts));
        xt_drop_home(model, item);
        cost += xt_present_cost(model, item);
    }
    return cost;
}

static bool try_trade(xt_model *model, xt_trade *trade, uint32_t n,
                      xt_chooser *c)
{
    const int64_t before = take_out(model, trade);
    int64_t after = 0;
    uint32_t i;

    for (i = 0; i < trade->nr; i++) {
        if (i) {
            xt_choose(c, model, trade->item[i], XT_TIE_PACK);
        } else {
            c->model = model;
            c->item = trade->item[0];
            c->tie = XT_TIE_PACK;
            c->found = false;
            xt_consider_single(c, n);
        }
        if (!c->found || (after += c->cost) >= before) {
            put_back(model, trade, i);
            return false;
        }
        xt_set_home(model, trade->item[i], &c->best);
    }
    return true;
}

/* The first on a node with at least so much memory. */
static size_t find_first(const xt_exchange *x, uint32_t n, uint64_t kb)
{
    size_t low = x->first[n], high = x->first[n + 1];

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (x->items[middle]->memory_kb < kb)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* One makes way. */
static bool eject_one(xt_exchange *x, xt_item *item, uint32_t n, uint64_t need,
                      xt_chooser *c)
{
    size_t i = find_first(x, n, need);
    int tries;

    for (tries = 0; i < x->first[n + 1] && tries < MAX_TRIES; i++) {
        xt_trade trade = { .item = { item, x->items[i] }, .nr = 2 };

        if (x->items[i] == item || !is_still_at(x->items[i], n)) continue;
        tries++;
        if (try_trade(x->model, &trade, n, c)) return true;
    }
    return false;
}

/* Two make way: a large one, and the smallest that is enough beside it. */
static bool eject_two(xt_exchange *x, xt_item *item, uint32_t n, uint64_t need,
                      xt_chooser *c)
{
    size_t i = find_first(x, n, need), j;
    int tries;

    for (tries = 0; i > x->first[n] && tries < MAX_TRIES; i--) {
        xt_item *large = x->items[i - 1];
        xt_trade trade = { .item = { item, large }, .nr = 3 };

        if (large == item || !is_still_at(large, n)) continue;
        tries++;
        j = find_first(x, n, need - large->memory_kb);
        while (j < x->first[n + 1] &&
               (x->items[j] == large || x->items[j] == item ||
                !is_still_at(x->items[j], n)))
            j++;
        if (j >= x->first[n + 1]) continue;
        trade.item[2] = x->items[j];
        if (try_trade(x->model, &trade, n, c)) return true;
    }
    return false;
}

/* The largest on a node with no more than so much memory. */
static xt_item *find_last(const xt_exchange *x, uint32_t n, uint64_t kb,
                          const xt_item *but)
{
    size_t i = find_first(x, n, kb + 1);

    for (; i > x->first[n]; i--)
        if (x->items[i - 1] != but && is_still_at(x->items[i - 1], n))
            return x->items[i - 1];
    return NULL;
}

/* One changes places with a smaller one on a third node. */
static bool swap_one(xt_exchange *x, xt_item *item, uint32_t n, uint64_t need,
                     xt_chooser *c)
{
    const xt_model *model = x->model;
    size_t i;
    uint32_t m;
    int tries = 0;

    for (i = find_first(x, n, need); i < x->first[n + 1]; i++) {
        xt_item *out = x->items[i], *in;

        if (out == item || !is_still_at(out, n)) continue;
        xt_for_each_node(m, out->allowed & ~(UINT64_C(1) << n))
        {
            in = find_last(x, m, out->memory_kb - need, item);
            if (!in || model->free_kb[m] + (int64_t)in->memory_kb <
                           (int64_t)out->memory_kb)
                continue;
            xt_trade trade = { .item = { item, out, in }, .nr = 3 };

            if (try_trade(x->model, &trade, n, c)) return true;
            if (++tries >= 4 * MAX_TRIES) return false;
        }
    }
    return false;
}

bool xt_exchange_for(xt_exchange *x, xt_item *item, xt_chooser *c)
{
    const xt_model *model = x->model;
    uint32_t n;

    if (!item->is_new || item->given) return false;
    xt_for_each_node(n, item->allowed)
    {
        int64_t need = (int64_t)item->memory_kb - model->free_kb[n];

        if (item->must & ~(UINT64_C(1) << n)) continue;
        if (item->home.nodes & (UINT64_C(1) << n)) {
            uint32_t i;

            if (item->home.nr_parts == 1) continue;
            for (i = 0; i < item->home.nr_parts; i++)
                if (item->home.parts[i].node == n)
                    need -= (int64_t)item->home.parts[i].memory_kb;
        }
        if (need < 0) need = 0;
        if (eject_one(x, item, n, (uint64_t)need, c) ||
            eject_two(x, item, n, (uint64_t)need, c))
            return true;
        if (model->nr_items < FEW_ITEMS &&
            swap_one(x, item, n, (uint64_t)need, c))
            return true;
    }
    return false;
}
