/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Memory that is placed: how it and the vCPUs divide over some nodes. */
#include "place/homes.h"

/* What each node of a set can take. */
typedef struct xt_room {
    uint32_t nr;
    uint32_t node[XTUNE_MAX_NODES];
    uint64_t kb[XTUNE_MAX_NODES];    /* free memory */
    uint32_t vcpus[XTUNE_MAX_NODES]; /* vCPUs with the memory that is theirs */
} xt_room;

static void find_room(const xt_chooser *c, uint64_t nodes, xt_room *room)
{
    const xt_item *item = c->item;
    uint32_t n;

    room->nr = 0;
    xt_for_each_node(n, nodes)
    {
        const int64_t free_kb = c->model->free_kb[n];
        const uint64_t kb = free_kb > 0 ? (uint64_t)free_kb : 0;
        uint64_t vcpus = item->nr_vcpus;

        if (item->memory_kb) vcpus = kb * item->nr_vcpus / item->memory_kb;
        if (vcpus > item->nr_vcpus) vcpus = item->nr_vcpus;
        if (item->exclusive && vcpus > xt_single_cores(c->model, item, n))
            vcpus = xt_single_cores(c->model, item, n);
        room->node[room->nr] = n;
        room->kb[room->nr] = kb;
        room->vcpus[room->nr++] = (uint32_t)vcpus;
    }
}

/* vCPUs that find a core that is idle. */
static bool limit_to_idle(const xt_chooser *c, xt_room *room)
{
    const xt_item *item = c->item;
    uint64_t sum = 0;
    uint32_t i;

    for (i = 0; i < room->nr; i++) {
        const xt_cell *cell = xt_cell_at(c->model, item->pool, room->node[i]);
        const int64_t idle = (cell->capacity - cell->dedicated - cell->load) /
                             (int64_t)item->load_per_vcpu;

        if (idle < (int64_t)room->vcpus[i])
            room->vcpus[i] = idle > 0 ? (uint32_t)idle : 0;
        sum += room->vcpus[i];
    }
    return sum >= item->nr_vcpus;
}

/* Memory in proportion to vCPUs; what is left over in rounding goes where
 * there is most room. */
static void divide_memory(const xt_item *item, const xt_room *room,
                          xt_home *home)
{
    /* At least one is online: the domain would be no item otherwise. */
    const uint32_t nr_vcpus = item->nr_vcpus ? item->nr_vcpus : 1;
    uint64_t left = item->memory_kb, spare, most_spare = 0;
    uint32_t i, most = 0;

    for (i = 0; i < room->nr; i++) {
        xt_part *part = &home->parts[i];

        part->memory_kb = item->memory_kb * part->vcpus / nr_vcpus;
        left -= part->memory_kb;
        spare = room->kb[i] - part->memory_kb;
        if (spare <= most_spare) continue;
        most = i;
        most_spare = spare;
    }
    home->parts[most].memory_kb += left;
}

static void offer(xt_chooser *c, const xt_room *room, xt_home *home)
{
    uint32_t i;

    for (i = 0; i < home->nr_parts; i++)
        if (!home->parts[i].vcpus) return;
    divide_memory(c->item, room, home);
    xt_consider(c, home);
}

static void begin(const xt_room *room, xt_home *home)
{
    uint32_t i;

    home->nr_parts = room->nr;
    home->placed = true;
    for (i = 0; i < room->nr; i++)
        home->parts[i] = (xt_part){ .node = room->node[i] };
}

/* As much as there is room for on one node, the rest on the others. */
static void offer_lead(xt_chooser *c, const xt_room *room, uint32_t lead,
                       xt_home *home)
{
    const uint32_t nr = c->item->nr_vcpus;
    uint32_t left = nr, i, others = room->nr - 1, want;

    begin(room, home);
    want = nr - others < room->vcpus[lead] ? nr - others : room->vcpus[lead];
    home->parts[lead].vcpus = want;
    left -= want;
    for (i = 0; i < room->nr; i++) {
        if (i == lead) continue;
        others--;
        if (left <= others) return;
        want = left - others < room->vcpus[i] ? left - others : room->vcpus[i];
        home->parts[i].vcpus = want;
        left -= want;
    }
    if (!left) offer(c, room, home);
}

static void offer_even(xt_chooser *c, const xt_room *room, xt_home *home)
{
    xt_room left = *room;

    begin(room, home);
    if (xt_deal_vcpus(c->item, home, left.vcpus)) offer(c, room, home);
}

static void offer_all(xt_chooser *c, const xt_room *room, xt_home *home)
{
    uint32_t i, largest = 0;

    offer_even(c, room, home);
    if (c->item->vcpu_nodes) return;
    if (room->nr <= 3) {
        for (i = 0; i < room->nr; i++)
            offer_lead(c, room, i, home);
        return;
    }
    for (i = 1; i < room->nr; i++)
        if (room->vcpus[i] > room->vcpus[largest]) largest = i;
    offer_lead(c, room, largest, home);
}

/* Devices need all of the nodes, memory and vCPUs but one. */
static void offer_one(xt_chooser *c, const xt_room *room, uint32_t i,
                      xt_home *home)
{
    home->nr_parts = 1;
    home->placed = true;
    home->parts[0] = (xt_part){ .node = room->node[i],
                                .vcpus = c->item->nr_vcpus,
                                .memory_kb = c->item->memory_kb };
    if (!c->item->vcpu_nodes) xt_consider(c, home);
}

/* Where memory does not divide by vCPUs: memory as there is room, vCPUs as
 * evenly as they go. */
static void offer_by_memory(xt_chooser *c, const xt_room *room, xt_home *home)
{
    const xt_item *item = c->item;
    uint64_t left = item->memory_kb, share, more;
    uint32_t i, cpus[XTUNE_MAX_NODES];

    begin(room, home);
    for (i = 0; i < room->nr; i++) {
        share = left / (room->nr - i);
        home->parts[i].memory_kb = share < room->kb[i] ? share : room->kb[i];
        left -= home->parts[i].memory_kb;
    }
    for (i = 0; i < room->nr && left; i++) {
        more = room->kb[i] - home->parts[i].memory_kb;
        if (more > left) more = left;
        home->parts[i].memory_kb += more;
        left -= more;
    }
    if (left) return;
    for (i = 0; i < room->nr; i++)
        cpus[i] = item->exclusive
                      ? xt_single_cores(c->model, item, room->node[i])
                      : item->nr_vcpus;
    if (xt_deal_vcpus(item, home, cpus)) xt_consider(c, home);
}

void xt_consider_single(xt_chooser *c, uint32_t node)
{
    const xt_item *item = c->item;
    xt_part part = { .node = node,
                     .vcpus = item->nr_vcpus,
                     .memory_kb = item->memory_kb };
    const xt_home home = { .nodes = UINT64_C(1) << node,
                           .placed = true,
                           .nr_parts = 1,
                           .parts = &part };

    xt_consider(c, &home);
}

void xt_consider_split(xt_chooser *c, uint64_t nodes)
{
    const xt_item *item = c->item;
    xt_part parts[XTUNE_MAX_NODES];
    xt_home home = { .nodes = nodes, .parts = parts };
    uint64_t sum_kb = 0, sum = 0;
    xt_room room, idle;
    uint32_t i;

    if (item->must & ~nodes) return;
    find_room(c, nodes, &room);
    if (room.nr == 1) {
        xt_consider_single(c, room.node[0]);
        return;
    }
    for (i = 0; i < room.nr; i++) {
        sum_kb += room.kb[i];
        sum += room.vcpus[i];
    }
    if (__builtin_popcountll(item->must) > 1 && nodes == item->must)
        for (i = 0; i < room.nr; i++)
            offer_one(c, &room, i, &home);
    if (sum_kb < item->memory_kb) return;
    if (sum < item->nr_vcpus || item->nr_vcpus < room.nr) {
        if (!item->exclusive && !item->vcpu_nodes)
            offer_by_memory(c, &room, &home);
        return;
    }
    offer_all(c, &room, &home);
    idle = room;
    if (limit_to_idle(c, &idle)) offer_all(c, &idle, &home);
}
