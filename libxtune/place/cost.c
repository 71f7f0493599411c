/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "place/cost.h"

uint64_t xtune_cost_sum(const xtune_cost *cost)
{
    return cost->memory + cost->vcpus + cost->devices + cost->crowding +
           cost->moving;
}

/* A 32nd beyond one vCPU to a core, an eighth beyond two. */
static uint64_t crowding(const xt_model *model, int64_t load, int64_t capacity)
{
    uint64_t some, many;

    if (load <= capacity) return 0;
    some = (uint64_t)(load - capacity);
    many = load > 2 * capacity ? (uint64_t)(load - 2 * capacity) : 0;
    some -= many;
    return (some + 4 * many) * model->vcpu_kb * XT_LOCAL_DISTANCE / 32 /
           XT_LOAD;
}

uint64_t xt_cell_cost(const xt_model *model, const xt_cell *cell)
{
    const int64_t left = cell->capacity - cell->dedicated;

    return crowding(model, cell->load, left > 0 ? left : 0);
}

uint64_t xt_next_vcpu_cost(const xt_model *model, const xt_cell *cell)
{
    const int64_t left = cell->capacity - cell->dedicated;
    const uint64_t unit = model->vcpu_kb * XT_LOCAL_DISTANCE / 32;

    if (left > 0 && cell->load < left) return 0;
    return left > 0 && cell->load < 2 * left ? unit : 4 * unit;
}

uint64_t xt_count_cores(const xt_item *item, uint64_t nodes)
{
    uint64_t sum = 0;
    uint32_t n;

    xt_for_each_node(n, nodes) sum += item->cores[n];
    return sum;
}

uint64_t xt_share_of(const xt_item *item, uint64_t nodes, uint32_t n)
{
    if (nodes & ~item->memory_nodes) return item->cores[n];
    return item->resident_kb[n];
}

uint64_t xt_share_sum(const xt_item *item, uint64_t nodes)
{
    uint64_t sum = 0;
    uint32_t n;

    xt_for_each_node(n, nodes) sum += xt_share_of(item, nodes, n);
    return sum;
}

static uint32_t nearest(const xt_model *model, uint64_t from, uint32_t to)
{
    uint32_t n, best = XT_UNREACHABLE_DISTANCE;

    if (from & UINT64_C(1) << to) return XT_LOCAL_DISTANCE;
    xt_for_each_node(n, from) if (model->distance[n][to] < best) best =
        model->distance[n][to];
    return best;
}

/* In parts of 65536: the vCPUs of a home that are on a node. */
static uint64_t vcpu_share(const xt_item *item, const xt_home *home,
                           uint32_t part, uint32_t n, uint64_t sum)
{
    if (home->nr_parts)
        return ((uint64_t)home->parts[part].vcpus << 16) / item->nr_vcpus;
    return sum ? (xt_share_of(item, home->nodes, n) << 16) / sum : 0;
}

/* How much farther than local all its memory is from a node. */
static uint64_t distance_beyond(const xt_model *model, const xt_item *item,
                                uint32_t from)
{
    uint64_t sum = 0;
    uint32_t n;

    xt_for_each_node(n, item->resident) sum +=
        item->resident_kb[n] * (model->distance[from][n] - XT_LOCAL_DISTANCE);
    return sum;
}

/* Memory that stays. */
static void staying_cost(const xt_model *model, const xt_item *item,
                         const xt_home *home, xtune_cost *cost)
{
    const uint64_t sum = home->nr_parts ? 0 : xt_share_sum(item, home->nodes);
    uint64_t nodes = home->nodes, beyond = 0;
    uint32_t n, part;

    xt_for_each_node(n, item->resident) cost->memory +=
        item->resident_kb[n] * nearest(model, home->nodes, n);
    if (item->resident == home->nodes && !(nodes & (nodes - 1))) return;
    if (home->nr_parts) {
        for (part = 0; part < home->nr_parts; part++) {
            n = home->parts[part].node;
            beyond += vcpu_share(item, home, part, n, sum) *
                      distance_beyond(model, item, n);
        }
    } else {
        xt_for_each_node(n, nodes) beyond +=
            vcpu_share(item, home, 0, n, sum) *
            distance_beyond(model, item, n);
    }
    cost->vcpus = beyond >> 17;
}

/* Memory that is placed. */
static uint64_t placed_memory(const xt_model *model, const xt_home *home)
{
    uint64_t cost = 0;
    uint32_t i;

    for (i = 0; i < home->nr_parts; i++)
        cost += home->parts[i].memory_kb *
                nearest(model, home->nodes, home->parts[i].node);
    return cost;
}

/* Memory that is placed: beyond its local cost, the mean over all vCPUs and
 * KiB. */
static uint64_t placed_beyond(const xt_model *model, const xt_item *item,
                              const xt_home *home)
{
    uint64_t sum = 0;
    uint32_t i, j;

    if (home->nr_parts == 1) return 0;
    for (i = 0; i < home->nr_parts; i++)
        for (j = 0; j < home->nr_parts; j++)
            sum += (uint64_t)home->parts[i].vcpus * home->parts[j].memory_kb *
                   (model->distance[home->parts[i].node][home->parts[j].node] -
                    XT_LOCAL_DISTANCE);
    return sum / item->nr_vcpus / 2;
}

static uint64_t device_cost(const xt_model *model, const xt_item *item,
                            const xt_home *home)
{
    const uint64_t sum = home->nr_parts ? 0 : xt_share_sum(item, home->nodes);
    uint64_t away = 0, beyond;
    uint32_t part, n;
    size_t i;

    for (i = 0; i < item->nr_devices; i++) {
        const uint32_t to = item->device[i];

        for (part = 0; part < home->nr_parts; part++) {
            n = home->parts[part].node;
            beyond = model->distance[n][to] - XT_LOCAL_DISTANCE;
            away += vcpu_share(item, home, part, n, 0) * beyond;
        }
        if (home->nr_parts) continue;
        xt_for_each_node(n, home->nodes)
        {
            beyond = model->distance[n][to] - XT_LOCAL_DISTANCE;
            away += vcpu_share(item, home, 0, n, sum) * beyond;
        }
    }
    if (!away) return 0;
    return (uint64_t)((unsigned __int128)item->memory_kb * away /
                          item->nr_devices >>
                      17);
}

/* vCPUs of one domain that wait for each other. Where memory stays and the
 * affinity is soft they run elsewhere instead. */
static uint64_t own_crowding(const xt_item *item, const xt_home *home)
{
    uint64_t crowded = 0, load, cores;
    uint32_t i;

    if (item->exclusive || (!home->placed && !item->hard)) return 0;
    for (i = 0; home->placed && i < home->nr_parts; i++) {
        load = (uint64_t)home->parts[i].vcpus * item->load_per_vcpu;
        cores = (uint64_t)item->cores[home->parts[i].node] * XT_LOAD;
        if (load > cores) crowded += load - cores;
    }
    if (!home->placed) {
        load = (uint64_t)item->nr_vcpus * item->load_per_vcpu;
        cores = xt_count_cores(item, home->nodes) * XT_LOAD;
        if (load > cores) crowded = load - cores;
    }
    return (uint64_t)((unsigned __int128)item->memory_kb * 2 *
                      XT_LOCAL_DISTANCE * crowded / XT_LOAD / item->nr_vcpus);
}

static uint64_t moving_cost(const xt_item *item, const xt_home *home)
{
    uint64_t cost = 0;

    if (item->is_new) return 0;
    if (home->placed) cost += 2 * item->memory_kb;
    if (item->now && item->now != home->nodes) cost += item->memory_kb / 4;
    return cost;
}

void xt_own_cost(const xt_model *model, const xt_item *item,
                 const xt_home *home, xtune_cost *cost_r)
{
    xtune_cost cost = { 0 };

    if (home->placed) {
        cost.memory = placed_memory(model, home);
        cost.vcpus = placed_beyond(model, item, home);
    } else {
        staying_cost(model, item, home, &cost);
    }
    if (item->nr_devices) cost.devices = device_cost(model, item, home);
    cost.crowding = own_crowding(item, home);
    if (item->weight != 256) {
        cost.memory = cost.memory * item->weight / 256;
        cost.vcpus = cost.vcpus * item->weight / 256;
        cost.devices = cost.devices * item->weight / 256;
        cost.crowding = cost.crowding * item->weight / 256;
    }
    cost.moving = moving_cost(item, home);
    *cost_r = cost;
}

/* What a home puts on one cell. */
typedef struct xt_share {
    xt_cell *cell;
    uint32_t node;
    int64_t load;
} xt_share;

/* Where the vCPUs of a home are counted; returns how many nodes that is. */
static uint32_t find_shares(const xt_model *model, const xt_item *item,
                            const xt_home *home,
                            xt_share shares_r[XTUNE_MAX_NODES])
{
    const uint64_t all = (uint64_t)item->nr_vcpus * item->load_per_vcpu;
    uint64_t sum;
    uint32_t n, nr = 0;

    for (; nr < home->nr_parts; nr++)
        shares_r[nr] = (xt_share){
            .cell = xt_cell_at(model, item->pool, home->parts[nr].node),
            .node = home->parts[nr].node,
            .load = (int64_t)home->parts[nr].vcpus * item->load_per_vcpu,
        };
    if (nr) return nr;
    sum = xt_share_sum(item, home->nodes);
    xt_for_each_node(n, home->nodes) shares_r[nr++] = (xt_share){
        .cell = xt_cell_at(model, item->pool, n),
        .node = n,
        .load =
            sum ? (int64_t)(all * xt_share_of(item, home->nodes, n) / sum) : 0,
    };
    return nr;
}

int64_t xt_home_cost(xt_model *model, const xt_item *item, const xt_home *home)
{
    xt_share shares[XTUNE_MAX_NODES];
    const uint32_t nr = find_shares(model, item, home, shares);
    xtune_cost own;
    int64_t cost;
    uint32_t i;

    model->steps++;
    xt_own_cost(model, item, home, &own);
    cost = (int64_t)xtune_cost_sum(&own);
    for (i = 0; i < nr; i++) {
        xt_cell with = *shares[i].cell;

        if (item->exclusive)
            with.dedicated += shares[i].load;
        else
            with.load += shares[i].load;
        /* Room to spare before and after: nothing to count. */
        if (with.load <= with.capacity - with.dedicated) continue;
        cost += (int64_t)(xt_cell_cost(model, &with) -
                          xt_cell_cost(model, shares[i].cell));
    }
    return cost;
}

uint32_t xt_single_cores(const xt_model *model, const xt_item *item,
                         uint32_t node)
{
    const xt_cell *cell = xt_cell_at(model, item->pool, node);
    /* Those who share are left one. */
    const int64_t shared = cell->placed_load ? XT_LOAD : 0;
    const int64_t all = (int64_t)cell->cores * XT_LOAD - shared;
    const int64_t single = (int64_t)cell->single_cores * XT_LOAD;
    const int64_t left = (all < single ? all : single) - cell->dedicated;
    const uint64_t own =
        item->share_core ? item->threads[node] : item->cores[node];
    uint64_t free;

    if (left <= 0 || item->no_cores_on & UINT64_C(1) << node) return 0;
    free = (uint64_t)left / item->load_per_vcpu;
    return (uint32_t)(free < own ? free : own);
}

static bool cpus_fit(const xt_model *model, const xt_item *item,
                     const xt_home *home)
{
    xt_share shares[XTUNE_MAX_NODES];
    const uint32_t nr = find_shares(model, item, home, shares);
    uint32_t i;

    for (i = 0; i < nr; i++) {
        const xt_cell *cell = shares[i].cell;
        const int64_t cores = (int64_t)cell->cores * XT_LOAD - cell->dedicated;

        if (!shares[i].load) continue;
        if (item->exclusive) {
            if (home->parts[i].vcpus >
                xt_single_cores(model, item, shares[i].node))
                return false;
        } else if (item->is_new &&
                   cell->load + shares[i].load > XT_MAX_VCPUS_A_CORE * cores) {
            return false;
        }
    }
    return true;
}

static bool memory_fits(const xt_model *model, const xt_home *home)
{
    uint32_t i;

    for (i = 0; i < home->nr_parts; i++) {
        const xt_part *part = &home->parts[i];

        if (part->memory_kb &&
            (int64_t)part->memory_kb > model->free_kb[part->node])
            return false;
    }
    return true;
}

/* Where it is out of the model because it was to move: whether what it left
 * is still free for it to stay. */
static bool memory_is_left(const xt_model *model, const xt_item *item)
{
    uint32_t n;

    xt_for_each_node(n,
                     item->resident) if (model->free_kb[n] < 0) return false;
    return true;
}

/* Each vCPU with a mask of its own finds a node of the home. */
static bool vcpus_fit(const xt_item *item, uint64_t nodes)
{
    uint32_t i;

    for (i = 0; item->vcpu_nodes && i < item->nr_vcpus; i++)
        if (!(item->vcpu_nodes[i] & nodes)) return false;
    return true;
}

uint64_t xt_taken_nodes(const xt_model *model, const xt_item *item,
                        uint64_t nodes)
{
    uint64_t taken = 0;
    uint32_t n;

    if (item->exclusive) return 0;
    xt_for_each_node(n, nodes)
    {
        const xt_cell *cell = xt_cell_at(model, item->pool, n);

        if (cell->dedicated &&
            cell->dedicated > ((int64_t)cell->cores - 1) * XT_LOAD)
            taken |= UINT64_C(1) << n;
    }
    return taken;
}

/* CPUs of some nodes that no other has alone. */
static uint64_t free_threads(const xt_model *model, const xt_item *item,
                             uint64_t nodes)
{
    uint64_t sum = 0;
    uint32_t n;

    xt_for_each_node(n, nodes)
    {
        const xt_cell *cell = xt_cell_at(model, item->pool, n);
        uint64_t taken = 0;

        if (!item->exclusive && cell->cores)
            taken = (uint64_t)cell->dedicated * cell->threads / cell->cores /
                    XT_LOAD;
        if (item->threads[n] > taken) sum += item->threads[n] - taken;
    }
    return sum;
}

/* Whether a hard home has a CPU for each vCPU, if any home has. */
static bool has_threads(const xt_model *model, const xt_item *item,
                        uint64_t nodes)
{
    uint64_t here, all;

    if (!item->need_threads) return true;
    here = free_threads(model, item, nodes);
    if (here >= item->need_threads) return true;
    all = free_threads(model, item, item->given ? item->given : item->allowed);
    return here >= all;
}

bool xt_home_fits(const xt_model *model, const xt_item *item,
                  const xt_home *home)
{
    uint64_t threads = 0;
    uint32_t n;

    if (!home->nodes || item->must & ~home->nodes) return false;
    if (xt_taken_nodes(model, item, home->nodes)) return false;
    if (home->placed && !memory_fits(model, home)) return false;
    if (!home->placed && item->may_move && !memory_is_left(model, item))
        return false;
    if (!vcpus_fit(item, home->nodes)) return false;
    xt_for_each_node(n, home->nodes) threads += item->threads[n];
    if (!threads || !has_threads(model, item, home->nodes)) return false;
    if (!item->is_new && !item->exclusive) return true;
    return cpus_fit(model, item, home);
}

static void change(xt_model *model, const xt_item *item, const xt_home *home,
                   int sign)
{
    xt_share shares[XTUNE_MAX_NODES];
    const uint32_t nr = find_shares(model, item, home, shares);
    uint32_t i, n;

    for (i = 0; i < nr; i++) {
        if (item->exclusive) {
            shares[i].cell->dedicated += sign * shares[i].load;
        } else {
            shares[i].cell->load += sign * shares[i].load;
            shares[i].cell->placed_load += sign * shares[i].load;
        }
    }
    if (!home->placed) return;
    for (i = 0; i < home->nr_parts; i++)
        model->free_kb[home->parts[i].node] -=
            sign * (int64_t)home->parts[i].memory_kb;
    /* What it leaves is free; it was not before. */
    if (!item->is_new)
        xt_for_each_node(n, item->resident) model->free_kb[n] +=
            sign * (int64_t)item->resident_kb[n];
}

void xt_enter(xt_model *model, const xt_item *item, const xt_home *home)
{
    change(model, item, home, 1);
}

void xt_leave(xt_model *model, const xt_item *item, const xt_home *home)
{
    change(model, item, home, -1);
}

int64_t xt_item_cost(const xt_model *model, const xt_item *item)
{
    xtune_cost cost;

    if (!item->home.nodes) return (int64_t)item->memory_kb * XT_REFUSED_COST;
    xt_own_cost(model, item, &item->home, &cost);
    return (int64_t)xtune_cost_sum(&cost);
}
