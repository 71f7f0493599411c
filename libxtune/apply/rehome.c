/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rehome: where the memory of a domain is, and its masks, which move with it:
 *
 *     { "nodes": "1", "memory_by_node_kb": [0, 8192],
 *       "vcpus": [ { "hard": "4-7", "soft": "all" } ], "configured": { ... } }
 *
 * of a target {"domid", "uuid", "how"}; how is "live" or "pause". configured,
 * as host/configured.h has it, is there where the domain has a stored one.
 */
#include "apply/masks.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "backend/backend.h"
#include "base/util.h"
#include "host/configured.h"
#include "plan/rehome.h"

/* What a domain leaves is free a moment after it has left. */
#define ROOM_WAIT_MS 20000
#define ROOM_POLL_MS 100

/* Memory elsewhere that is worth a word: one part in so many. */
#define STRAY_PART 64

/* What is enough where it does not matter where its memory is: to find that
 * out may cost a look at every page. */
#define PARTS                                                                 \
    (XTUNE_OBSERVE_TOPOLOGY | XTUNE_OBSERVE_NAMES | XTUNE_OBSERVE_VCPUS)
#define PARTS_WITH_MEMORY                                                     \
    (PARTS | XTUNE_OBSERVE_NODE_AFFINITY | XTUNE_OBSERVE_BUILT |              \
     XTUNE_OBSERVE_RESIDENCY)

static int rehome_read(const xt_hands *hands, const xtune_action *action,
                       xtune_arena *arena, xt_json **value_r,
                       xtune_error **err)
{
    const xtune_domain *domain;
    xtune_host *host;
    int rc;

    rc = xt_kind_look(hands, action, PARTS_WITH_MEMORY, &host, &domain, err);
    if (rc) return rc;
    *value_r = xt_json_copy(arena, xt_rehome_now(arena, host, domain));
    xtune_host_free(host);
    return 0;
}

/* How far apart two divisions of memory are; 0 where one is not known. */
static uint64_t distance(const xt_json *a, const xt_json *b)
{
    uint64_t sum = 0, x, y;
    size_t i;

    a = xt_json_get(a, "memory_by_node_kb");
    b = xt_json_get(b, "memory_by_node_kb");
    if (!a || !b || a->type != XT_JSON_ARRAY || b->type != XT_JSON_ARRAY)
        return 0;
    for (i = 0; i < a->nr && i < b->nr; i++)
        if (xt_json_to_u64(a->items[i], UINT64_MAX, &x) &&
            xt_json_to_u64(b->items[i], UINT64_MAX, &y))
            sum += x > y ? x - y : y - x;
    return sum;
}

static bool same_masks(const xt_json *a, const xt_json *b)
{
    a = xt_json_get(a, "vcpus");
    b = xt_json_get(b, "vcpus");
    return a && b && xt_json_equal(a, b);
}

/* Xen puts some pages elsewhere, and a guest balloons: memory is where it is
 * nearer to. */
static enum xt_found rehome_compare(const xtune_action *action,
                                    const xt_json *now)
{
    const bool old = same_masks(action->old, now);
    const bool new = same_masks(action->new, now);
    const uint64_t from = distance(action->old, now);
    const uint64_t to = distance(action->new, now);

    if (old && (!new || from <= to))
        return from <= to ? XT_FOUND_OLD : XT_FOUND_OTHER;
    if (new) return to <= from ? XT_FOUND_NEW : XT_FOUND_OTHER;
    return XT_FOUND_OTHER;
}

/* Writing. */

static int read_sizes(const xtune_action *action, const xt_json *value,
                      xtune_arena *arena, xt_move *move, xtune_error **err)
{
    const xt_json *sizes = xt_json_get(value, "memory_by_node_kb");
    uint64_t *kb;
    size_t i;

    if (!sizes || sizes->type != XT_JSON_ARRAY || !move->nodes) {
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, action->object, NULL,
                               "the action does not say where its memory is "
                               "to be");
    }
    kb = XTUNE_NEW_ARRAY(arena, uint64_t, sizes->nr);
    for (i = 0; i < sizes->nr; i++)
        if (!xt_json_to_u64(sizes->items[i], UINT64_MAX, &kb[i]))
            return xtune_error_set(err, XTUNE_ERR_INVALID, 0, action->object,
                                   NULL, "the action has no sizes in KiB");
    move->memory_by_node_kb = kb;
    move->nr_nodes = sizes->nr;
    return 0;
}

static int make_move(const xt_hands *hands, const xtune_action *action,
                     const xt_json *value, xtune_arena *arena, xt_move *move,
                     xtune_error **err)
{
    const char *how = xt_json_text(xt_json_get(action->target, "how"));
    const xtune_domain *domain;
    xtune_host *host;
    xtune_set run;
    int rc;

    *move = (xt_move){
        .pause = how && !strcmp(how, "pause"),
        .nodes = xt_json_text(xt_json_get(value, "nodes")),
        .lock_fd = hands->lock_fd,
        .moving = hands->options ? hands->options->moving : NULL,
        .opaque = hands->options ? hands->options->opaque : NULL,
    };
    rc = xt_kind_domain(action, &move->domain, err);
    if (!rc) rc = read_sizes(action, value, arena, move, err);
    if (!rc) rc = xt_kind_look(hands, action, PARTS, &host, &domain, err);
    if (rc) return rc;
    rc = xt_masks_read_all(arena, action->object, xt_json_get(value, "vcpus"),
                           host->nr_cpu_ids, &move->hard, &move->soft,
                           &move->nr_vcpus, err);
    if (!rc && move->nr_vcpus != domain->nr_vcpus)
        rc = xtune_error_set(err, XTUNE_ERR_CHANGED, 0, action->object,
                             "plan again",
                             "it has %zu vCPUs, not %zu as when it was "
                             "planned",
                             domain->nr_vcpus, move->nr_vcpus);
    if (!rc) {
        /* As Xen derives it from the masks. */
        run = xtune_domain_run_nodes(arena, host, domain, move->hard,
                                     move->soft);
        move->by_masks =
            !strcmp(xtune_set_format_ids(arena, &run), move->nodes);
    }
    xtune_host_free(host);
    return rc;
}

/* What the copies that are under way may yet take from a node. */
static uint64_t promised_kb(const xt_hands *hands, unsigned int node)
{
    uint64_t sum = 0;
    size_t i;

    for (i = 0; i < hands->nr_jobs; i++) {
        const xt_move *move = hands->jobs[i].own;

        if (node < move->nr_nodes)
            sum += move->memory_by_node_kb[node] +
                   move->memory_by_node_kb[node] / STRAY_PART;
    }
    return sum;
}

/* The node that lacks room for the copy; NULL where all have it. */
static const char *lacks_room(const xt_hands *hands, const xtune_host *host,
                              const xt_move *move, xtune_arena *arena)
{
    size_t n;

    for (n = 0; n < host->nr_nodes; n++) {
        const xtune_node *node = &host->nodes[n];
        const uint64_t need_kb =
            node->id < move->nr_nodes ? move->memory_by_node_kb[node->id] : 0;
        const uint64_t room_kb = xt_rehome_room_kb(node);

        if (need_kb && need_kb + promised_kb(hands, node->id) > room_kb)
            return xtune_arena_printf(
                arena,
                "node %u has %" PRIu64 " MiB free, and the second copy needs "
                "%" PRIu64 " MiB there",
                node->id, room_kb / 1024, (need_kb + 1023) / 1024);
    }
    return NULL;
}

/* Those that are under way make room first, then what they leave is freed. */
static int wait_for_room(const xt_hands *hands, const xtune_action *action,
                         const xt_move *move, xtune_arena *arena,
                         xtune_error **err)
{
    const struct timespec pause = { .tv_nsec = ROOM_POLL_MS * 1000000L };
    const uint64_t until = xt_now_ms() + ROOM_WAIT_MS;
    const xtune_domain *domain;
    const char *why;
    xtune_host *host;
    int rc;

    for (;;) {
        rc = xt_kind_look(hands, action, PARTS, &host, &domain, err);
        if (rc) return rc;
        why = lacks_room(hands, host, move, arena);
        xtune_host_free(host);
        if (!why) return 0;
        if (hands->nr_jobs)
            return xtune_error_set(err, XTUNE_ERR_BUSY, 0, action->object,
                                   NULL, "%s", why);
        if (!hands->after_move || xt_now_ms() >= until)
            return xtune_error_set(err, XTUNE_ERR_REFUSED, ENOMEM,
                                   action->object,
                                   "it stays where it is; see \"xltune "
                                   "plan\" for what fits now",
                                   "%s", why);
        nanosleep(&pause, NULL);
    }
}

static const xt_json *took(xtune_arena *arena, const xt_moved *moved)
{
    xt_json *json = xt_json_object(arena);

    xt_json_add_u64(arena, json, "bytes", moved->bytes);
    xt_json_add_u64(arena, json, "rounds", moved->rounds);
    xt_json_add_u64(arena, json, "total_ms", moved->total_ms);
    xt_json_add_u64(arena, json, "pause_ms", moved->pause_ms);
    return json;
}

static void tell_finished(const xt_hands *hands, const xt_move *move,
                          const xt_moved *moved)
{
    const xtune_move_progress progress = {
        .domain = move->domain.name,
        .round = moved->rounds,
        .bytes = moved->bytes,
        .elapsed_ms = moved->total_ms,
        .pause_ms = moved->pause_ms,
        .finished = true,
    };

    if (hands->options && hands->options->moving)
        hands->options->moving(hands->options->opaque, &progress);
}

/* What is not where it was to be. */
static const char *stray(const xtune_host *host, const xtune_domain *domain,
                         const xt_move *move, xtune_arena *arena)
{
    const xtune_set_names names = xtune_host_node_names(host);
    uint64_t in_kb, total_kb;
    xtune_set nodes;

    if (xtune_set_parse(arena, &names, "", move->nodes, &nodes, NULL) ||
        !xtune_domain_local_kb(host, domain, &nodes, &in_kb, &total_kb) ||
        total_kb - in_kb <= total_kb / STRAY_PART)
        return NULL;
    return xtune_arena_printf(arena,
                              "%" PRIu64 " MiB of its memory are not on node "
                              "%s",
                              (total_kb - in_kb) / 1024, move->nodes);
}

/* Why it would not be so when it is made again; NULL: it will. */
static const char *make_last(const xt_hands *hands, const xt_json *configured,
                             const xt_move *move, xtune_arena *arena)
{
    const struct xt_backend_ops *ops = hands->backend->ops;
    XT_CLEANUP_ERROR xtune_error *why = NULL;
    xt_json *now;

    if (ops->set_configured(hands->backend, &move->domain, configured, &why) ||
        ops->get_configured(hands->backend, &move->domain, arena, &now, &why))
        return xtune_arena_printf(arena, "it will not last: %s",
                                  why ? why->message : "unknown");
    if (xt_json_equal(now, configured)) return NULL;
    return "it will not last: its stored configuration was not changed";
}

/* Where it has moved: what is told of it afterwards is no reason to fail. */
static void tell(const xt_hands *hands, const xtune_action *action,
                 const xt_json *value, const xt_move *move, xtune_arena *arena,
                 xt_made *made)
{
    const xt_json *configured = xt_json_get(value, "configured");
    const xtune_domain *domain;
    xtune_host *host;

    if (xt_kind_look(hands, action, PARTS_WITH_MEMORY, &host, &domain, NULL))
        return;
    if (rehome_compare(action, xt_rehome_now(arena, host, domain)) ==
        XT_FOUND_NEW) {
        if (configured) made->note = make_last(hands, configured, move, arena);
        if (!made->note) made->note = stray(host, domain, move, arena);
    }
    xtune_host_free(host);
}

static int rehome_begin(const xt_hands *hands, const xtune_action *action,
                        xt_job *job, xtune_error **err)
{
    xt_move *move = XTUNE_NEW(job->arena, xt_move);
    int rc;

    job->own = move;
    rc = make_move(hands, action, action->new, job->arena, move, err);
    if (!rc) rc = wait_for_room(hands, action, move, job->arena, err);
    if (rc) return rc;
    return hands->backend->ops->begin_move(hands->backend, move, &job->moving,
                                           err);
}

static int rehome_settle(const xt_hands *hands, const xtune_action *action,
                         xtune_error **err)
{
    xt_domain_ref ref;
    int rc;

    rc = xt_kind_domain(action, &ref, err);
    if (rc) return rc;
    return hands->backend->ops->settle(hands->backend, &ref, err);
}

/* A move that failed is ended one way or the other; where that fails as well,
 * recover can do it later. */
static int settle_failed(const xt_hands *hands, const xtune_action *action,
                         const xtune_error *failed, int rc, xtune_error **err)
{
    XT_CLEANUP_ERROR xtune_error *why = NULL;

    if (!rehome_settle(hands, action, &why))
        return xtune_error_set(err, rc, failed->errnum, failed->object,
                               failed->hint, "%s", failed->message);
    return xtune_error_set(err, rc, failed->errnum, failed->object,
                           "run \"xltune recover\"", "%s; and then: %s",
                           failed->message, why->message);
}

static int rehome_end(const xt_hands *hands, const xtune_action *action,
                      xt_job *job, xtune_arena *arena, xt_made *made,
                      xtune_error **err)
{
    XT_CLEANUP_ERROR xtune_error *why = NULL;
    const xt_move *move = job->own;
    xt_moved moved;
    int rc;

    rc = hands->backend->ops->end_move(hands->backend, job->moving, &moved,
                                       &why);
    if (rc) rc = settle_failed(hands, action, why, rc, err);
    if (!rc && moved.bytes) {
        made->took = took(arena, &moved);
        tell_finished(hands, move, &moved);
    }
    /* It may have moved all the same. */
    tell(hands, action, action->new, move, arena, made);
    return rc;
}

const xt_action_kind xt_kind_rehome = {
    .name = "rehome",
    .alone = true,
    .read = rehome_read,
    .compare = rehome_compare,
    .begin = rehome_begin,
    .end = rehome_end,
};
