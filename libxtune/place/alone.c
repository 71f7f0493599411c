/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * CPUs for one vCPU each: a matching of vCPUs with cores (with threads, where
 * they may share a core), so that nobody goes without because another one,
 * who could sit elsewhere, came first.
 */
#include "place/masks.h"

#include <string.h>

#include "base/util.h"

/* A vCPU that wants a CPU for itself. */
typedef struct xt_seat {
    xt_item *item;
    size_t vcpu;
    xtune_set allowed; /* CPUs of the home that it may use */
    unsigned int cpu;  /* XTUNE_NONE: none yet */
} xt_seat;

typedef struct xt_alone {
    xt_masks *m;
    xtune_arena *arena;
    xt_seat *seats;
    size_t nr_seats;
    xt_seat **holder; /* by CPU id: who has it; of vCPUs that do not share
                         a core, by the first CPU of the core */
    xtune_set closed; /* cores that somebody has whole, by first CPU */
    uint32_t *stamp;  /* by CPU id, of the search under way */
    uint32_t stamp_no;
} xt_alone;

static unsigned int unit_of(const xt_alone *a, const xt_seat *seat,
                            unsigned int cpu)
{
    return seat->item->share_core ? cpu : a->m->model->core_of[cpu];
}

static bool may_sit(const xt_alone *a, const xt_seat *seat, unsigned int cpu)
{
    const unsigned int core = a->m->model->core_of[cpu];

    if (xtune_set_has(&a->m->model->busy, core)) return false;
    return !seat->item->share_core || !xtune_set_has(&a->closed, core);
}

static void sit(xt_alone *a, xt_seat *seat, unsigned int cpu)
{
    a->holder[unit_of(a, seat, cpu)] = seat;
    seat->cpu = cpu;
    if (!seat->item->share_core)
        xtune_set_add(&a->closed, a->m->model->core_of[cpu]);
}

static void stand_up(xt_alone *a, xt_seat *seat)
{
    if (seat->cpu == XTUNE_NONE) return;
    a->holder[unit_of(a, seat, seat->cpu)] = NULL;
    if (!seat->item->share_core)
        xtune_set_remove(&a->closed, a->m->model->core_of[seat->cpu]);
    seat->cpu = XTUNE_NONE;
}

/* A free CPU, or one whose holder finds another. */
static bool find_seat(xt_alone *a, xt_seat *seat)
{
    unsigned int cpu;

    xtune_set_for_each(cpu, &seat->allowed)
    {
        const unsigned int unit = unit_of(a, seat, cpu);

        if (a->stamp[unit] == a->stamp_no || !may_sit(a, seat, cpu)) continue;
        a->stamp[unit] = a->stamp_no;
        if (a->holder[unit] && !find_seat(a, a->holder[unit])) continue;
        sit(a, seat, cpu);
        return true;
    }
    return false;
}

/* A vCPU that has one CPU only keeps it, if nobody else has. */
static void keep_seat(xt_alone *a, xt_seat *seat)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_set now =
        xtune_set_copy(arena, xt_present_mask(seat->item, seat->vcpu));
    unsigned int cpu;

    if (seat->item->is_new) return;
    xtune_set_and(&now, &seat->allowed);
    cpu = xtune_set_next(&now, 0);
    if (cpu == XTUNE_SET_END || xtune_set_count(&now) != 1 ||
        a->holder[unit_of(a, seat, cpu)] || !may_sit(a, seat, cpu))
        return;
    sit(a, seat, cpu);
}

/* Whether a core is untouched. */
static bool is_untouched(const xt_alone *a, unsigned int cpu)
{
    const xt_model *model = a->m->model;
    const xtune_set *pool = &model->host->cpu_ids;
    unsigned int other;

    if (xtune_set_has(&a->closed, model->core_of[cpu])) return false;
    for (other = model->core_of[cpu]; other != XTUNE_SET_END;
         other = xtune_set_next(pool, other + 1))
        if (model->core_of[other] == model->core_of[cpu] && a->holder[other])
            return false;
    return true;
}

/* A free CPU of a node where one of the domain's vCPUs is to be; of an
 * untouched core, where there is one. */
static void take_seat(xt_alone *a, xt_seat *seat, uint32_t *room)
{
    const xt_model *model = a->m->model;
    const xt_home *home = &seat->item->home;
    unsigned int cpu, second;
    uint32_t i;

    for (i = 0; i < home->nr_parts; i++) {
        const uint32_t n = home->parts[i].node;
        const xtune_set *here = &model->host->node_cpus[model->node_id[n]];

        second = XTUNE_NONE;
        for (cpu = room[i] ? xtune_set_next(here, 0) : XTUNE_SET_END;
             cpu != XTUNE_SET_END; cpu = xtune_set_next(here, cpu + 1)) {
            if (!xtune_set_has(&seat->allowed, cpu) ||
                !may_sit(a, seat, cpu) || a->holder[unit_of(a, seat, cpu)])
                continue;
            if (!seat->item->share_core || is_untouched(a, cpu)) break;
            if (second == XTUNE_NONE) second = cpu;
        }
        if (cpu == XTUNE_SET_END) cpu = second;
        if (cpu == XTUNE_NONE) continue;
        room[i]--;
        sit(a, seat, cpu);
        return;
    }
}

static uint32_t part_of(const xt_model *model, const xt_home *home,
                        unsigned int cpu)
{
    uint32_t i;

    for (i = 0; i < home->nr_parts; i++)
        if (xtune_set_has(
                &model->host->node_cpus[model->node_id[home->parts[i].node]],
                cpu))
            return i;
    return XTUNE_NONE;
}

/* All vCPUs of an item or none; its seats are those from first on. */
static void seat_item(xt_alone *a, xt_seat *first, size_t nr)
{
    xt_item *item = first->item;
    uint32_t room[XTUNE_MAX_NODES], i, part;
    size_t s;

    for (i = 0; i < item->home.nr_parts; i++)
        room[i] = item->home.parts[i].vcpus;
    for (s = 0; s < nr; s++) {
        if (first[s].cpu == XTUNE_NONE) continue;
        part = part_of(a->m->model, &item->home, first[s].cpu);
        if (part != XTUNE_NONE && room[part]) room[part]--;
    }
    for (s = 0; s < nr; s++)
        if (first[s].cpu == XTUNE_NONE) take_seat(a, &first[s], room);
    for (s = 0; s < nr; s++) {
        a->stamp_no++;
        if (first[s].cpu != XTUNE_NONE || find_seat(a, &first[s])) continue;
        for (s = 0; s < nr; s++)
            stand_up(a, &first[s]);
        item->out_of_cores = true;
        item->no_cores_on |= item->home.nodes;
        return;
    }
}

static size_t add_seats(xt_alone *a, xt_item *item)
{
    const xt_model *model = a->m->model;
    const xtune_domain *domain = item->domain;
    size_t i, nr = 0;
    uint32_t n;

    for (i = 0; i < domain->nr_vcpus; i++) {
        xtune_set cpus, allowed;

        if (!domain->vcpus[i].online) continue;
        cpus = xtune_set_new(a->arena, model->host->nr_cpu_ids);
        xt_for_each_node(n, xt_nodes_of_vcpu(model, item, i))
            xtune_set_or(&cpus, &model->host->node_cpus[model->node_id[n]]);
        allowed = xt_allowed_cpus(a->m, a->arena, item, i);
        xtune_set_and(&cpus, &allowed);
        a->seats[a->nr_seats++] = (xt_seat){
            .item = item, .vcpu = i, .allowed = cpus, .cpu = XTUNE_NONE
        };
        nr++;
    }
    return nr;
}

/* Seats for the items that share a core, or for those that do not. */
static void seat_all(xt_alone *a, bool share_core)
{
    const xt_model *model = a->m->model;
    size_t begin = a->nr_seats, i, s, nr;

    for (i = 0; i < model->nr_items; i++)
        if (model->items[i].home.nodes && model->items[i].exclusive &&
            model->items[i].share_core == share_core)
            add_seats(a, &model->items[i]);
    for (s = begin; s < a->nr_seats; s++)
        keep_seat(a, &a->seats[s]);
    for (s = begin; s < a->nr_seats; s += nr) {
        for (nr = 1; s + nr < a->nr_seats &&
                     a->seats[s + nr].item == a->seats[s].item;)
            nr++;
        seat_item(a, &a->seats[s], nr);
    }
}

/* What the others may not use. */
static void note_owner(xt_masks *m, const xt_seat *seat)
{
    const xt_model *model = m->model;
    size_t i;

    xtune_set_add(&m->alone, seat->cpu);
    m->owner[seat->cpu] = seat->item;
    for (i = 0; seat->item->isolate && i < model->host->nr_cpus; i++) {
        const unsigned int id = model->host->cpus[i].id;

        if (model->core_of[id] != model->core_of[seat->cpu]) continue;
        xtune_set_add(&m->alone, id);
        m->owner[id] = seat->item;
    }
}

static void set_masks(const xt_alone *a)
{
    const xt_model *model = a->m->model;
    size_t s;

    for (s = 0; s < a->nr_seats; s++) {
        const xt_seat *seat = &a->seats[s];
        const xtune_set allowed =
            xt_allowed_cpus(a->m, a->arena, seat->item, seat->vcpu);
        xtune_set mask = xtune_set_new(model->arena, model->host->nr_cpu_ids);

        if (!seat->item->out->hard) xt_start_masks(a->m, seat->item);
        xtune_set_add(&mask, seat->cpu);
        xt_set_mask(a->m, seat->item, seat->vcpu, &mask, &allowed);
        note_owner(a->m, seat);
    }
}

/* vCPUs are where they sit, which others may have brought about. */
static void count_seats(const xt_alone *a)
{
    xt_model *model = a->m->model;
    uint32_t i, part;
    size_t s;

    for (s = 0; s < a->nr_seats; s++) {
        xt_item *item = a->seats[s].item;

        if (!s || item != a->seats[s - 1].item) {
            xt_leave(model, item, &item->home);
            for (i = 0; i < item->home.nr_parts; i++)
                item->home.parts[i].vcpus = 0;
        }
        part = part_of(model, &item->home, a->seats[s].cpu);
        if (part != XTUNE_NONE) item->home.parts[part].vcpus++;
        if (s + 1 == a->nr_seats || item != a->seats[s + 1].item)
            xt_enter(model, item, &item->home);
    }
}

bool xt_pin_alone(xt_masks *m)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const unsigned int nr_ids = m->model->host->nr_cpu_ids;
    xt_alone a = {
        .m = m,
        .arena = arena,
        .holder = XTUNE_NEW_ARRAY(arena, xt_seat *, nr_ids),
        .closed = xtune_set_new(arena, nr_ids),
        .stamp = XTUNE_NEW_ARRAY(arena, uint32_t, nr_ids),
    };
    size_t i, nr = 0;

    for (i = 0; i < m->model->nr_items; i++)
        if (m->model->items[i].exclusive) nr += m->model->items[i].nr_vcpus;
    a.seats = XTUNE_NEW_ARRAY(arena, xt_seat, nr);
    seat_all(&a, false);
    seat_all(&a, true);
    for (i = 0; i < a.nr_seats; i++)
        if (a.seats[i].cpu == XTUNE_NONE) return false;
    count_seats(&a);
    set_masks(&a);
    return true;
}
