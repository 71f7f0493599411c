/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * domain-cpupool: the pool of a domain, with what Xen takes from it on the way
 * to another one: its masks, and what its scheduler gives it:
 *
 *     { "cpupool": "Pool-0", "scheduling": { "weight": 256, "cap": 0 },
 *       "vcpus": [ { "hard": "4-7", "soft": "all" } ] }
 *
 * of a target {"domid", "uuid"}. scheduling is as host/scheduling.h has it; it
 * counts where it is not null and of the scheduler that the domain has.
 */
#include "apply/masks.h"

#include <string.h>

#include "backend/backend.h"
#include "base/util.h"

/* Names take longer than all the rest, and are not asked for. */
#define PARTS (XTUNE_OBSERVE_TOPOLOGY | XTUNE_OBSERVE_VCPUS)

static int pool_read(const xt_hands *hands, const xtune_action *action,
                     xtune_arena *arena, xt_json **value_r, xtune_error **err)
{
    const struct xt_backend_ops *ops = hands->backend->ops;
    xt_json *vcpus = xt_json_array(arena), *scheduling;
    const xtune_domain *domain;
    xtune_host *host;
    xt_domain_ref ref;
    const char *pool;
    size_t i;
    int rc;

    rc = xt_kind_domain(action, &ref, err);
    if (!rc)
        rc = ops->get_domain_pool(hands->backend, &ref, arena, &pool, err);
    if (!rc)
        rc =
            ops->get_scheduling(hands->backend, &ref, arena, &scheduling, err);
    if (!rc) rc = xt_kind_look(hands, action, PARTS, &host, &domain, err);
    if (rc) return rc;
    for (i = 0; i < domain->nr_vcpus; i++)
        xt_json_append(arena, vcpus,
                       xt_masks_to_json(arena, &domain->vcpus[i].hard,
                                        &domain->vcpus[i].soft));
    xtune_host_free(host);
    *value_r = xt_json_object(arena);
    xt_json_add_string(arena, *value_r, "cpupool", pool);
    xt_json_add(arena, *value_r, "scheduling", scheduling);
    xt_json_add(arena, *value_r, "vcpus", vcpus);
    return 0;
}

/* Comparing. */

static bool same_form(const xt_json *a, const xt_json *b)
{
    return a->nr && b->nr && a->keys && b->keys &&
           !strcmp(a->keys[0], b->keys[0]);
}

static bool is_wanted(const xt_json *wanted, const xt_json *now)
{
    return !xt_json_is_null(wanted) && !xt_json_is_null(now) &&
           same_form(wanted, now);
}

static bool same_member(const xt_json *a, const xt_json *b, const char *key)
{
    a = xt_json_get(a, key);
    b = xt_json_get(b, key);
    return a && b && xt_json_equal(a, b);
}

static bool is_as(const xt_json *value, const xt_json *now)
{
    const xt_json *wanted = xt_json_get(value, "scheduling");
    const xt_json *has = xt_json_get(now, "scheduling");

    return same_member(value, now, "cpupool") &&
           same_member(value, now, "vcpus") &&
           (!is_wanted(wanted, has) || xt_json_equal(wanted, has));
}

/* Whether one mask of a vCPU is one that it passes through. */
static bool is_on_the_way(const xt_json *old, const xt_json *new,
                          const xt_json *now, const char *key)
{
    const char *text = xt_json_text(xt_json_get(now, key));

    return same_member(old, now, key) || same_member(new, now, key) ||
           (text && !strcmp(text, "all"));
}

/* Xen makes all of its masks "all" first; they are set one after the other. */
static bool is_half(const xtune_action *action, const xt_json *now)
{
    const xt_json *old = xt_json_get(action->old, "vcpus");
    const xt_json *new = xt_json_get(action->new, "vcpus");
    const xt_json *vcpus = xt_json_get(now, "vcpus");
    size_t i;

    if (!same_member(action->old, now, "cpupool") &&
        !same_member(action->new, now, "cpupool"))
        return false;
    if (!old || !new || old->nr != vcpus->nr || new->nr != vcpus->nr)
        return false;
    for (i = 0; i < vcpus->nr; i++)
        if (!is_on_the_way(old->items[i], new->items[i], vcpus->items[i],
                           "hard") ||
            !is_on_the_way(old->items[i], new->items[i], vcpus->items[i],
                           "soft"))
            return false;
    return true;
}

static enum xt_found pool_compare(const xtune_action *action,
                                  const xt_json *now)
{
    if (is_as(action->old, now)) return XT_FOUND_OLD;
    if (is_as(action->new, now)) return XT_FOUND_NEW;
    return is_half(action, now) ? XT_FOUND_HALF : XT_FOUND_OTHER;
}

/* Writing. */

static int write_pool(const xt_hands *hands, const xt_domain_ref *ref,
                      const xt_json *value, xtune_arena *arena,
                      xtune_error **err)
{
    const struct xt_backend_ops *ops = hands->backend->ops;
    const char *pool = xt_json_text(xt_json_get(value, "cpupool")), *now;
    int rc;

    if (!pool)
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, ref->name, NULL,
                               "the action does not say which cpupool");
    rc = ops->get_domain_pool(hands->backend, ref, arena, &now, err);
    if (rc || !strcmp(pool, now)) return rc;
    return ops->set_domain_pool(hands->backend, ref, pool, err);
}

static int write_vcpu(const xt_hands *hands, const xt_domain_ref *ref,
                      const xtune_vcpu *vcpu, const xtune_set *hard,
                      const xtune_set *soft, xtune_arena *arena,
                      xtune_error **err)
{
    const xt_vcpu_ref vcpu_ref = { .domain = *ref, .vcpu = vcpu->id };
    xtune_set effective_hard, effective_soft;

    if (xtune_set_equal(hard, &vcpu->hard) &&
        xtune_set_equal(soft, &vcpu->soft))
        return 0;
    return hands->backend->ops->set_affinity(hands->backend, &vcpu_ref, hard,
                                             soft, arena, &effective_hard,
                                             &effective_soft, err);
}

/* The domain is as it is now, in its pool. */
static int write_masks(const xt_hands *hands, const xt_domain_ref *ref,
                       const xt_json *value, const xtune_host *host,
                       const xtune_domain *domain, xtune_arena *arena,
                       xtune_error **err)
{
    const xtune_set *hard, *soft;
    size_t nr, i;
    int rc;

    rc = xt_masks_read_all(arena, ref->name, xt_json_get(value, "vcpus"),
                           host->nr_cpu_ids, &hard, &soft, &nr, err);
    if (rc) return rc;
    if (nr != domain->nr_vcpus)
        return xtune_error_set(err, XTUNE_ERR_CHANGED, 0, ref->name,
                               "plan again",
                               "it has %zu vCPUs, not %zu as when it was "
                               "planned",
                               domain->nr_vcpus, nr);
    for (i = 0; !rc && i < nr; i++)
        rc = write_vcpu(hands, ref, &domain->vcpus[i], &hard[i], &soft[i],
                        arena, err);
    return rc;
}

static int write_scheduling(const xt_hands *hands, const xt_domain_ref *ref,
                            const xt_json *wanted, xtune_arena *arena,
                            xtune_error **err)
{
    const struct xt_backend_ops *ops = hands->backend->ops;
    xt_json *now;
    int rc;

    if (xt_json_is_null(wanted)) return 0;
    rc = ops->get_scheduling(hands->backend, ref, arena, &now, err);
    if (rc || !is_wanted(wanted, now) || xt_json_equal(wanted, now)) return rc;
    return ops->set_scheduling(hands->backend, ref, wanted, err);
}

static int pool_write(const xt_hands *hands, const xtune_action *action,
                      const xt_json *value, xtune_arena *arena, xt_made *made,
                      xtune_error **err)
{
    const xtune_domain *domain;
    xtune_host *host;
    xt_domain_ref ref;
    int rc;

    (void)made;
    rc = xt_kind_domain(action, &ref, err);
    if (!rc) rc = write_pool(hands, &ref, value, arena, err);
    if (!rc) rc = xt_kind_look(hands, action, PARTS, &host, &domain, err);
    if (rc) return rc;
    rc = write_masks(hands, &ref, value, host, domain, arena, err);
    xtune_host_free(host);
    if (rc) return rc;
    return write_scheduling(hands, &ref, xt_json_get(value, "scheduling"),
                            arena, err);
}

const xt_action_kind xt_kind_domain_cpupool = {
    .name = "domain-cpupool",
    .read = pool_read,
    .compare = pool_compare,
    .write = pool_write,
};
