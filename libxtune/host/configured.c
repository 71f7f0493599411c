/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/configured.h"

#include <string.h>

#include <xtune/host.h>

#include "base/util.h"

/* The ids below nbits in a list of numbers. */
static xtune_set read_ids(xtune_arena *arena, const xt_json *list,
                          unsigned int nbits)
{
    xtune_set set = xtune_set_new(arena, nbits);
    uint64_t id;
    size_t i;

    for (i = 0; list->type == XT_JSON_ARRAY && i < list->nr; i++)
        if (xt_json_to_u64(list->items[i], UINT32_MAX, &id) && id < nbits)
            xtune_set_add(&set, (unsigned int)id);
    return set;
}

static xt_json *set_to_json(xtune_arena *arena, const xtune_set *set)
{
    return xt_json_string(arena, xtune_set_format(arena, set));
}

static void add_masks(xtune_arena *arena, xt_json *json, const char *key,
                      const xt_json *lists, unsigned int nr_cpu_ids)
{
    xt_json *masks = xt_json_array(arena);
    size_t i;

    if (!lists || lists->type != XT_JSON_ARRAY || !lists->nr) return;
    for (i = 0; i < lists->nr; i++) {
        const xtune_set set = read_ids(arena, lists->items[i], nr_cpu_ids);

        xt_json_append(arena, masks, set_to_json(arena, &set));
    }
    xt_json_add(arena, json, key, masks);
}

static void add_placement(xtune_arena *arena, xt_json *json,
                          const char *placement)
{
    if (!placement) return;
    if (!strcmp(placement, "True"))
        xt_json_add_bool(arena, json, "placement", true);
    if (!strcmp(placement, "False"))
        xt_json_add_bool(arena, json, "placement", false);
}

/* NULL where it names none. */
static const char *pool_of_libxl(const xt_json *document)
{
    const char *name = xt_json_text(
        xt_json_get(xt_json_get(document, "c_info"), "pool_name"));

    return name && name[0] ? name : NULL;
}

xt_json *xt_configured_from_libxl(xtune_arena *arena, const xt_json *document,
                                  unsigned int nr_cpu_ids,
                                  unsigned int nr_node_ids)
{
    const xt_json *info = xt_json_get(document, "b_info");
    const xt_json *nodes = xt_json_get(info, "nodemap");
    const char *pool = pool_of_libxl(document);
    xt_json *json = xt_json_object(arena);

    add_masks(arena, json, "hard", xt_json_get(info, "vcpu_hard_affinity"),
              nr_cpu_ids);
    add_masks(arena, json, "soft", xt_json_get(info, "vcpu_soft_affinity"),
              nr_cpu_ids);
    if (nodes && nodes->type == XT_JSON_ARRAY && nodes->nr) {
        const xtune_set set = read_ids(arena, nodes, nr_node_ids);

        xt_json_add(arena, json, "nodes", set_to_json(arena, &set));
    }
    add_placement(arena, json,
                  xt_json_text(xt_json_get(info, "numa_placement")));
    /* The document does not live as long. */
    if (pool)
        xt_json_add_string(arena, json, "cpupool",
                           xtune_arena_strdup(arena, pool));
    return json;
}

/* Writing it. */

static int parse(xtune_arena *arena, const char *object, const xt_json *json,
                 const char *what, unsigned int nbits, xtune_set *set_r,
                 xtune_error **err)
{
    const xtune_set all = xtune_set_all(arena, nbits);
    const xtune_set_names names = { .what = what, .exists = &all };
    const char *text = xt_json_text(json);

    return xtune_set_parse(arena, &names, object, text ? text : "", set_r,
                           err);
}

static int refuse(const char *object, const char *key, xtune_error **err)
{
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, object, NULL,
                           "\"%s\" of its stored configuration is not what "
                           "it is to be",
                           key);
}

static xt_json *ids_to_json(xtune_arena *arena, const xtune_set *set)
{
    xt_json *json = xt_json_array(arena);
    unsigned int id;

    xtune_set_for_each(id, set)
        xt_json_append(arena, json, xt_json_u64(arena, id));
    return json;
}

/* One kind of masks in libxl's form, added to its b_info. */
static int put_masks(xtune_arena *arena, const xt_json *configured,
                     const char *kind, unsigned int nr_cpu_ids,
                     const char *object, xt_json *info, const char *key,
                     xtune_error **err)
{
    const xt_json *masks = xt_json_get(configured, kind);
    xt_json *lists = xt_json_array(arena);
    xtune_set set;
    size_t i;
    int rc;

    if (!masks) return 0;
    if (masks->type != XT_JSON_ARRAY) return refuse(object, kind, err);
    for (i = 0; i < masks->nr; i++) {
        rc = parse(arena, object, masks->items[i], "CPU", nr_cpu_ids, &set,
                   err);
        if (rc) return rc;
        xt_json_append(arena, lists, ids_to_json(arena, &set));
    }
    xt_json_add(arena, info, key, lists);
    return 0;
}

static int put_nodes(xtune_arena *arena, const xt_json *nodes,
                     unsigned int nr_node_ids, const char *object,
                     xt_json *info, xtune_error **err)
{
    xtune_set set;
    int rc;

    if (!nodes) return 0;
    rc = parse(arena, object, nodes, "node", nr_node_ids, &set, err);
    if (rc) return rc;
    xt_json_add(arena, info, "nodemap", ids_to_json(arena, &set));
    return 0;
}

static int put_all(xtune_arena *arena, const xt_json *configured,
                   unsigned int nr_cpu_ids, unsigned int nr_node_ids,
                   const char *object, xt_json *info, xtune_error **err)
{
    const xt_json *placement = xt_json_get(configured, "placement");
    int rc;

    if (placement && placement->type != XT_JSON_BOOL)
        return refuse(object, "placement", err);
    rc = put_masks(arena, configured, "hard", nr_cpu_ids, object, info,
                   "vcpu_hard_affinity", err);
    if (!rc)
        rc = put_masks(arena, configured, "soft", nr_cpu_ids, object, info,
                       "vcpu_soft_affinity", err);
    if (!rc)
        rc = put_nodes(arena, xt_json_get(configured, "nodes"), nr_node_ids,
                       object, info, err);
    if (!rc && placement)
        xt_json_add_string(arena, info, "numa_placement",
                           placement->boolean ? "True" : "False");
    return rc;
}

/* A copy of an object's members but for these. */
static xt_json *copy_without(xtune_arena *arena, const xt_json *object,
                             const char *const *keys, size_t nr_keys)
{
    xt_json *copy = xt_json_object(arena);
    size_t i, k;

    for (i = 0; i < object->nr; i++) {
        for (k = 0; k < nr_keys; k++)
            if (!strcmp(object->keys[i], keys[k])) break;
        if (k == nr_keys)
            xt_json_add(arena, copy, object->keys[i], object->items[i]);
    }
    return copy;
}

/*
 * The c_info that has the domain made in the configured pool; NULL: as it is.
 * libxl looks for the pool of that name, and takes poolid where there is none
 * (libxl_create.c, initiate_domain_create).
 */
static int put_pool(xtune_arena *arena, const xt_json *document,
                    const xt_json *configured, const char *object,
                    xt_json **info_r, xtune_error **err)
{
    static const char *const ours[] = { "pool_name", "poolid" };
    const xt_json *info = xt_json_get(document, "c_info");
    const xt_json *pool = xt_json_get(configured, "cpupool");
    const char *now = pool_of_libxl(document), *then = xt_json_text(pool);

    *info_r = NULL;
    if (pool && (!then || !then[0])) return refuse(object, "cpupool", err);
    if (!strcmp(now ? now : "", then ? then : "")) return 0;
    if (!info || info->type != XT_JSON_OBJECT)
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, object, NULL,
                               "its stored configuration has no \"c_info\"");
    *info_r = copy_without(arena, info, ours, XT_ARRAY_SIZE(ours));
    if (then) xt_json_add_string(arena, *info_r, "pool_name", then);
    return 0;
}

/* The document with other objects in place of its own; NULL: its own. */
static xt_json *replace_infos(xtune_arena *arena, const xt_json *document,
                              xt_json *b_info, xt_json *c_info)
{
    xt_json *copy = xt_json_object(arena);
    size_t i;

    for (i = 0; i < document->nr; i++) {
        xt_json *item = document->items[i];

        if (!strcmp(document->keys[i], "b_info")) item = b_info;
        if (!strcmp(document->keys[i], "c_info") && c_info) item = c_info;
        xt_json_add(arena, copy, document->keys[i], item);
    }
    return copy;
}

int xt_configured_to_libxl(xtune_arena *arena, const xt_json *document,
                           const xt_json *configured, unsigned int nr_cpu_ids,
                           unsigned int nr_node_ids, const char *object,
                           xt_json **document_r, xtune_error **err)
{
    static const char *const ours[] = {
        "vcpu_hard_affinity",
        "vcpu_soft_affinity",
        "nodemap",
        "numa_placement",
    };
    const xt_json *info = xt_json_get(document, "b_info");
    xt_json *new_info, *new_c_info;
    int rc;

    if (!info || info->type != XT_JSON_OBJECT)
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, object, NULL,
                               "its stored configuration has no \"b_info\"");
    new_info = copy_without(arena, info, ours, XT_ARRAY_SIZE(ours));
    rc = put_all(arena, configured, nr_cpu_ids, nr_node_ids, object, new_info,
                 err);
    if (!rc)
        rc = put_pool(arena, document, configured, object, &new_c_info, err);
    if (rc) return rc;
    *document_r = replace_infos(arena, document, new_info, new_c_info);
    return 0;
}

/* What is wanted of it. */

static bool asks_for_nothing(const xtune_set *masks, size_t nr)
{
    size_t i;

    for (i = 0; i < nr; i++)
        if (!xtune_set_is_all(&masks[i])) return false;
    return true;
}

static xt_json *masks_to_json(xtune_arena *arena, const xtune_set *masks,
                              size_t nr)
{
    xt_json *json = xt_json_array(arena);
    size_t i;

    for (i = 0; i < nr; i++)
        xt_json_append(arena, json, set_to_json(arena, &masks[i]));
    return json;
}

/* It stays in the pool that it was configured for. */
static void keep_pool(xtune_arena *arena, xt_json *json, const xt_json *old)
{
    const xt_json *pool = xt_json_get(old, "cpupool");

    if (pool) xt_json_add(arena, json, "cpupool", xt_json_copy(arena, pool));
}

xt_json *xt_configured_make(xtune_arena *arena, const xt_json *old,
                            const xtune_set *hard, const xtune_set *soft,
                            size_t nr)
{
    xt_json *json = xt_json_object(arena);

    if (!asks_for_nothing(hard, nr))
        xt_json_add(arena, json, "hard", masks_to_json(arena, hard, nr));
    if (!asks_for_nothing(soft, nr))
        xt_json_add(arena, json, "soft", masks_to_json(arena, soft, nr));
    /* libxl would warn that it cannot place what has masks. */
    xt_json_add_bool(arena, json, "placement", false);
    keep_pool(arena, json, old);
    return json;
}

/* The text of one mask of a list; "all" where it is not there. */
static const char *mask_text(const xt_json *masks, size_t i)
{
    const char *text = masks && masks->type == XT_JSON_ARRAY && i < masks->nr
                           ? xt_json_text(masks->items[i])
                           : NULL;

    return text ? text : "all";
}

static void pin_masks(xtune_arena *arena, xt_json *json, const char *key,
                      const xt_json *old, size_t nr, unsigned int vcpu,
                      const xtune_set *mask)
{
    xt_json *masks;
    size_t i;

    if (!mask) {
        if (old) xt_json_add(arena, json, key, xt_json_copy(arena, old));
        return;
    }
    masks = xt_json_array(arena);
    for (i = 0; i < nr; i++)
        xt_json_append(
            arena, masks,
            vcpu == i || vcpu == XTUNE_NONE
                ? set_to_json(arena, mask)
                : xt_json_string(
                      arena, xtune_arena_strdup(arena, mask_text(old, i))));
    xt_json_add(arena, json, key, masks);
}

xt_json *xt_configured_pin(xtune_arena *arena, const xt_json *configured,
                           size_t nr, unsigned int vcpu, const xtune_set *hard,
                           const xtune_set *soft)
{
    const xt_json *nodes = xt_json_get(configured, "nodes");
    const xt_json *placement = xt_json_get(configured, "placement");
    xt_json *json = xt_json_object(arena);

    pin_masks(arena, json, "hard", xt_json_get(configured, "hard"), nr, vcpu,
              hard);
    pin_masks(arena, json, "soft", xt_json_get(configured, "soft"), nr, vcpu,
              soft);
    if (nodes) xt_json_add(arena, json, "nodes", xt_json_copy(arena, nodes));
    /* libxl places no domain with soft affinity, and would warn. */
    if (soft)
        xt_json_add_bool(arena, json, "placement", false);
    else if (placement)
        xt_json_add(arena, json, "placement", xt_json_copy(arena, placement));
    keep_pool(arena, json, configured);
    return json;
}

xt_json *xt_configured_in_pool(xtune_arena *arena, const xt_json *configured,
                               const char *pool)
{
    static const char *const ours[] = { "cpupool" };
    xt_json *json = xt_json_object(arena);

    if (configured)
        json = copy_without(arena, xt_json_copy(arena, configured), ours,
                            XT_ARRAY_SIZE(ours));
    if (pool)
        xt_json_add_string(arena, json, "cpupool",
                           xtune_arena_strdup(arena, pool));
    return json;
}

/* Masks that are not there are "all". */
static bool same_masks(const xt_json *json, const xtune_set *masks, size_t nr)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    size_t i;

    for (i = 0; i < nr; i++) {
        if (strcmp(mask_text(json, i), xtune_set_format(arena, &masks[i])))
            return false;
    }
    return true;
}

bool xt_configured_gives(const xt_json *configured, const xtune_set *hard,
                         const xtune_set *soft, size_t nr)
{
    const xt_json *placement = xt_json_get(configured, "placement");
    const bool nothing =
        asks_for_nothing(hard, nr) && asks_for_nothing(soft, nr);

    if (!same_masks(xt_json_get(configured, "hard"), hard, nr) ||
        !same_masks(xt_json_get(configured, "soft"), soft, nr))
        return false;
    if (nothing) return true;
    return !xt_json_get(configured, "nodes") && placement &&
           placement->type == XT_JSON_BOOL && !placement->boolean;
}
