/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists of CPUs and nodes: xl's grammar, without what xl lets pass. */
#include <xtune/set.h>

#include <string.h>

#include "base/util.h"

typedef struct parser {
    xtune_arena *arena;
    const xtune_set_names *names;
    const char *object;
    const char *text; /* the whole list, for messages */
    xtune_error **err;
} parser;

static int refuse(const parser *p, const char *item, const char *what)
{
    return xtune_error_set(
        p->err, XTUNE_ERR_INVALID, 0, p->object,
        "write a list such as \"0-3,8\", \"node:1\", \"all\" or \"all,^0\"",
        "%s list \"%s\": %s \"%s\"", p->names->what, p->text, what, item);
}

static int parse_id(const parser *p, const char *text, const char *item,
                    unsigned int *id_r)
{
    uint64_t id;

    if (!xt_parse_u64(text, 10, UINT32_MAX - 1, &id))
        return refuse(p, item, "no number or range of numbers");
    *id_r = (unsigned int)id;
    return 0;
}

/* "N" or "N-M" as the first and the last id. */
static int parse_range(const parser *p, const char *item,
                       unsigned int *first_r, unsigned int *last_r)
{
    char *text = xtune_arena_strdup(p->arena, item);
    char *dash = strchr(text, '-');
    int rc;

    if (dash) *dash = '\0';
    rc = parse_id(p, text, item, first_r);
    if (rc) return rc;
    *last_r = *first_r;
    if (!dash) return 0;
    rc = parse_id(p, dash + 1, item, last_r);
    if (rc) return rc;
    if (*last_r < *first_r)
        return refuse(p, item, "a range that ends before it begins");
    return 0;
}

static int no_such_id(const parser *p, const char *what, unsigned int id,
                      const char *exists)
{
    return xtune_error_set(p->err, XTUNE_ERR_INVALID, 0, p->object,
                           xtune_arena_printf(p->arena, "it has %s", exists),
                           "%s list \"%s\": the host has no %s %u",
                           p->names->what, p->text, what, id);
}

/* The ids that "N" or "N-M" name, all of which must exist. */
static int parse_ids(const parser *p, const char *item, const char *what,
                     const xtune_set *exists, xtune_set *ids_r)
{
    unsigned int first = 0, last = 0, id;
    int rc;

    rc = parse_range(p, item, &first, &last);
    if (rc) return rc;
    *ids_r = xtune_set_new(p->arena, exists->nbits);
    for (id = first; id <= last; id++) {
        /* Ends at the first that is missing, however long the range. */
        if (!xtune_set_has(exists, id))
            return no_such_id(p, what, id,
                              xtune_set_format_ids(p->arena, exists));
        xtune_set_add(ids_r, id);
    }
    return 0;
}

/* Nodes are those of the host; one without CPUs adds none. */
static int parse_nodes(const parser *p, const char *item, xtune_set *cpus_r)
{
    xtune_set exists = xtune_set_new(p->arena, p->names->nr_nodes), nodes;
    unsigned int id;
    int rc;

    for (id = 0; id < p->names->nr_nodes; id++)
        if (p->names->nodes[id].words) xtune_set_add(&exists, id);
    rc = parse_ids(p, item, "node", &exists, &nodes);
    if (rc) return rc;
    *cpus_r = xtune_set_new(p->arena, p->names->exists->nbits);
    xtune_set_for_each(id, &nodes) xtune_set_or(cpus_r, &p->names->nodes[id]);
    return 0;
}

static const char *skip_node_prefix(const parser *p, const char *item)
{
    static const char *const prefixes[] = { "node:", "nodes:" };
    size_t i;

    if (!p->names->nodes) return NULL;
    for (i = 0; i < XT_ARRAY_SIZE(prefixes); i++)
        if (!strncmp(item, prefixes[i], strlen(prefixes[i])))
            return item + strlen(prefixes[i]);
    return NULL;
}

static int parse_item(const parser *p, const char *item, xtune_set *set)
{
    const bool negate = item[0] == '^';
    const char *name = item + negate;
    const char *node = skip_node_prefix(p, name);
    const bool all = !strcmp(node ? node : name, "all");
    xtune_set ids;
    int rc;

    if (!item[0]) return refuse(p, item, "empty item");
    if (negate && all) return refuse(p, item, "nothing is left by");
    if (all) {
        ids = xtune_set_all(p->arena, set->nbits);
        rc = 0;
    } else if (node) {
        rc = parse_nodes(p, node, &ids);
    } else {
        rc = parse_ids(p, name, p->names->what, p->names->exists, &ids);
    }
    if (rc) return rc;
    if (negate)
        xtune_set_andnot(set, &ids);
    else
        xtune_set_or(set, &ids);
    return 0;
}

int xtune_set_parse(xtune_arena *arena, const xtune_set_names *names,
                    const char *object, const char *text, xtune_set *set_r,
                    xtune_error **err)
{
    const parser p = { arena, names, object, text, err };
    xtune_set set = xtune_set_new(arena, names->exists->nbits);
    char *copy = xtune_arena_strdup(arena, text), *item;
    int rc;

    if (!text[0])
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, object,
                               "write a list such as \"0-3,8\", or \"all\"",
                               "%s list \"\": it is empty", names->what);
    if (strcmp(text, "none")) {
        while ((item = strsep(&copy, ","))) {
            rc = parse_item(&p, item, &set);
            if (rc) return rc;
        }
    }
    *set_r = set;
    return 0;
}
