/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A placement as settings of xl.cfg(5). What xl and libxl make of them is in
 * xen.git tools/xl/xl_parse.c and tools/libs/light/libxl_vnuma.c.
 */
#include "report/config.h"

#include <inttypes.h>
#include <string.h>

#include <xtune/report.h>

#include "base/util.h"
#include "report/text.h"

#define MIB_KB 1024

/* SLIT's word for here; for there, where the firmware does not tell. */
#define LOCAL_DISTANCE 10
#define REMOTE_DISTANCE 20

typedef struct config_maker {
    xtune_arena *arena;
    const xtune_host *host;
    const xtune_placed *placed;
    uint64_t memory_kb;
} config_maker;

static void add(xt_config *config, const char *key, const char *value,
                const char *why)
{
    config->settings[config->nr++] = (xt_setting){ key, value, why };
}

static const char *keep(xtune_arena *arena, xt_text *text)
{
    XT_CLEANUP_FREE char *copy = xt_text_close(text);

    return xtune_arena_strdup(arena, copy);
}

/* A string of xl's configuration language. */
static const char *quoted(xtune_arena *arena, const char *s)
{
    char *text = xtune_arena_alloc(arena, strlen(s) + 2, 2), *to = text;

    *to++ = '"';
    for (; *s; s++) {
        if (*s == '"' || *s == '\\' || *s == '\n') *to++ = '\\';
        *to++ = *s == '\n' ? 'n' : *s;
    }
    *to = '"';
    return text;
}

/* An empty mask is none that xl takes: it stands for no wish. */
static const char *mask_text(xtune_arena *arena, const xtune_set *mask)
{
    return xtune_set_is_empty(mask)
               ? "\"all\""
               : quoted(arena, xtune_set_format(arena, mask));
}

/* One string for all vCPUs where their masks are the same, else a list. */
static const char *masks_text(xtune_arena *arena, const xtune_set *masks,
                              size_t nr)
{
    xt_text text;
    size_t i = 1;

    while (i < nr && xtune_set_equal(&masks[i], &masks[0]))
        i++;
    if (i >= nr) return mask_text(arena, &masks[0]);
    xt_text_open(&text);
    for (i = 0; i < nr; i++)
        fprintf(text.out, "%s%s", i ? ", " : "[ ",
                mask_text(arena, &masks[i]));
    fputs(" ]", text.out);
    return keep(arena, &text);
}

static bool is_restricted(const xtune_set *masks, size_t nr)
{
    size_t i;

    for (i = 0; i < nr; i++)
        if (!xtune_set_is_all(&masks[i])) return true;
    return false;
}

/*
 * cpus_soft stands there always: without it xl looks for a node itself, and
 * takes memory from one where cpus does not let the vCPUs run.
 */
static void add_masks(const config_maker *m, xt_config *config)
{
    const xtune_placed *placed = m->placed;
    const size_t nr = placed->domain->nr_vcpus;
    bool soft;

    if (!placed->hard || !placed->soft || !nr) return;
    soft = is_restricted(placed->soft, nr);
    if (is_restricted(placed->hard, nr))
        add(config, "cpus", masks_text(m->arena, placed->hard, nr),
            "vCPUs run nowhere else");
    add(config, "cpus_soft", masks_text(m->arena, placed->soft, nr),
        soft ? "where vCPUs run while there is a CPU free"
             : "keeps xl from choosing nodes by itself");
}

static void add_pool(const config_maker *m, xt_config *config)
{
    const xtune_placed *placed = m->placed;
    const xtune_rule *rule = placed->rule;
    const xtune_cpupool *pool =
        placed->cpupool ? xtune_host_cpupool(m->host, placed->cpupool) : NULL;
    const bool ruled = rule && rule->cpupool && pool &&
                       !strcmp(rule->cpupool, placed->cpupool);

    /* Where nothing is said, xl takes the pool with the id 0. */
    if (!pool || (!pool->id && !ruled)) return;
    add(config, "pool", quoted(m->arena, pool->name),
        ruled ? xtune_arena_printf(
                    m->arena, "as %s has it",
                    xtune_source_text(m->arena, rule->cpupool_source))
              : NULL);
}

/* Gives the units that rounding down has left to those that lost most. */
static void share_rest(uint64_t *units, uint64_t *rests, size_t nr,
                       uint64_t left)
{
    size_t i, most;

    for (; left; left--) {
        for (i = most = 0; i < nr; i++)
            if (rests[i] > rests[most]) most = i;
        units[most]++;
        rests[most] = 0;
    }
}

/*
 * The guest's memory by vnode in MiB, in the same proportions as it is placed
 * with what the toolstack adds; in superpages as far as that goes. Their sum
 * is what the guest has. False where a vnode would have none.
 */
static bool share_memory(const config_maker *m, uint64_t *mib)
{
    const size_t nr = m->placed->nr_vnodes;
    const uint64_t total = m->memory_kb / MIB_KB, units = total / 2;
    uint64_t *rests = XTUNE_NEW_ARRAY(m->arena, uint64_t, nr);
    uint64_t placed_kb = 0, given = 0;
    size_t i;

    for (i = 0; i < nr; i++)
        placed_kb += m->placed->vnodes[i].memory_kb;
    if (!placed_kb) return false;
    for (i = 0; i < nr; i++) {
        const unsigned __int128 part =
            (unsigned __int128)units * m->placed->vnodes[i].memory_kb;

        mib[i] = (uint64_t)(part / placed_kb);
        rests[i] = (uint64_t)(part % placed_kb);
        given += mib[i];
    }
    share_rest(mib, rests, nr, units - given);
    for (i = 0; i < nr; i++) {
        if (!mib[i]) return false;
        mib[i] *= 2;
    }
    /* libxl takes video memory from the first one. */
    mib[0] += total % 2;
    return true;
}

static uint32_t distance(const xtune_host *host, uint32_t from, uint32_t to)
{
    const xtune_node *node = xtune_host_node(host, from);

    if (node && node->distances && to < host->nr_node_ids &&
        node->distances[to] != XTUNE_NONE)
        return node->distances[to];
    return from == to ? LOCAL_DISTANCE : REMOTE_DISTANCE;
}

static void put_vnode(const config_maker *m, FILE *out, size_t index,
                      uint64_t mib)
{
    const xtune_vnode *vnodes = m->placed->vnodes;
    const uint32_t node = vnodes[index].node;
    const uint32_t local = distance(m->host, node, node);
    size_t i;

    fprintf(out, "[ \"pnode=%u\", \"size=%" PRIu64 "\", \"vcpus=%s\"", node,
            mib, xtune_set_format_ids(m->arena, &vnodes[index].vcpus));
    for (i = 0; i < m->placed->nr_vnodes; i++) {
        const uint32_t d = distance(m->host, node, vnodes[i].node);

        /* libxl refuses one that is less than the local one. */
        fprintf(out, "%s%u",
                i ? "," : ", \"vdistances=", d < local ? local : d);
    }
    fputs("\" ]", out);
}

static const char *vnuma_text(const config_maker *m, const uint64_t *mib)
{
    xt_text text;
    size_t i;

    xt_text_open(&text);
    for (i = 0; i < m->placed->nr_vnodes; i++) {
        fputs(i ? ", " : "[ ", text.out);
        put_vnode(m, text.out, i, mib[i]);
    }
    fputs(" ]", text.out);
    return keep(m->arena, &text);
}

/* Why the guest cannot be shown its nodes, or NULL. */
static const char *no_vnuma(const config_maker *m, uint64_t *mib)
{
    size_t i;

    /* libxl_create.c refuses PV, and overruns a buffer for PVH. */
    if (m->placed->domain->type != XTUNE_TYPE_HVM)
        return "libxl has it for HVM guests only";
    if (m->memory_kb % MIB_KB)
        return "xl has it in whole MiB, which the memory is not";
    for (i = 0; i < m->placed->nr_vnodes; i++)
        if (xtune_set_is_empty(&m->placed->vnodes[i].vcpus))
            return "a node would have no vCPU";
    if (!share_memory(m, mib)) return "a node would have no memory";
    return NULL;
}

static void add_vnuma(const config_maker *m, xt_config *config)
{
    uint64_t *mib;

    if (!m->placed->nr_vnodes) return;
    mib = XTUNE_NEW_ARRAY(m->arena, uint64_t, m->placed->nr_vnodes);
    config->left_out = no_vnuma(m, mib);
    if (config->left_out) return;
    add(config, "vnuma", vnuma_text(m, mib),
        "the guest sees its nodes, and cannot be saved or migrated; where "
        "it must be, leave this line out");
}

xt_config xt_config_of(xtune_arena *arena, const xtune_host *host,
                       const xtune_placed *placed, uint64_t guest_memory_kb)
{
    const config_maker m = { arena, host, placed, guest_memory_kb };
    xt_config config = { .nr = 0 };

    if (placed->refused) return config;
    add_pool(&m, &config);
    add_masks(&m, &config);
    add_vnuma(&m, &config);
    return config;
}

void xt_config_print(FILE *out, xtune_arena *arena, const xt_config *config,
                     const char *indent)
{
    size_t i;

    for (i = 0; i < config->nr; i++) {
        const xt_setting *s = &config->settings[i];

        if (s->why)
            fprintf(out, "%s# %s: %s\n", indent, s->key,
                    xt_text_safe(arena, s->why));
        fprintf(out, "%s%s = %s\n", indent, s->key,
                xt_text_safe(arena, s->value));
    }
    if (config->left_out)
        fprintf(out, "%s# no vnuma: %s\n", indent, config->left_out);
}

/* "node 0", "nodes 0-1", or that there is none. */
static const char *home_text(xtune_arena *arena, const xtune_placed *placed)
{
    if (xtune_set_is_empty(&placed->nodes)) return "no node is chosen";
    return xtune_arena_printf(arena, "node%s %s",
                              xtune_set_count(&placed->nodes) == 1 ? "" : "s",
                              xtune_set_format_ids(arena, &placed->nodes));
}

char *xtune_report_config(const xtune_host *host, const xtune_placed *placed,
                          uint64_t guest_memory_kb)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xt_config config =
        xt_config_of(arena, host, placed, guest_memory_kb);
    xt_text text;

    xt_text_open(&text);
    fprintf(text.out, "# %s: %s%s%s\n",
            xt_text_safe(arena, placed->domain->name),
            home_text(arena, placed), placed->reason ? ": " : "",
            placed->reason ? xt_text_safe(arena, placed->reason) : "");
    if (placed->blocked)
        fprintf(text.out, "# but: %s\n", xt_text_safe(arena, placed->blocked));
    xt_config_print(text.out, arena, &config, "");
    return xt_text_close(&text);
}

size_t xtune_report_config_settings(xtune_arena *arena, const xtune_host *host,
                                    const xtune_placed *placed,
                                    uint64_t guest_memory_kb,
                                    const char ***settings_r)
{
    const xt_config config =
        xt_config_of(arena, host, placed, guest_memory_kb);
    const char **settings =
        XTUNE_NEW_ARRAY(arena, const char *, XT_CONFIG_MAX_SETTINGS);
    size_t i;

    for (i = 0; i < config.nr; i++)
        settings[i] = xtune_arena_printf(
            arena, "%s=%s", config.settings[i].key, config.settings[i].value);
    *settings_r = settings;
    return config.nr;
}
