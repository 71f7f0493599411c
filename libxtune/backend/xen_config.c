/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reads the configuration of a domain: libxlutil takes the text apart, and
 * what it leaves as text is read here. xen.git tools/xl/xl_parse.c,
 * parse_config_data() is what xl makes of the same file.
 */
#include <xtune/config.h>

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xtune/pci.h>

#include "backend/xen_cfg.h"
#include "base/util.h"

#define KB_PER_MIB UINT64_C(1024)
/* 4 PiB: x86 addresses no more. */
#define MAX_MIB (UINT64_C(1) << 32)
/* What xl gives a domain that asks for nothing. */
#define DEFAULT_MIB 32

/* A configuration being read. */
typedef struct xt_reader {
    xt_cfg cfg;
    xtune_config *config;
} xt_reader;

static int invalid(const xt_reader *r, const char *key, const char *value,
                   const char *what, xtune_error **err)
{
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, r->config->path, NULL,
                           "%s \"%s\" %s", key, value, what);
}

/* As strtol() with base 0 takes them: 10, 0x10, 010. */
static bool parse_long(const char *text, uint64_t max, uint64_t *value_r)
{
    if (text[0] != '0' || !text[1])
        return xt_parse_u64(text, 10, max, value_r);
    if (text[1] == 'x' || text[1] == 'X')
        return xt_parse_u64(text + 2, 16, max, value_r);
    return xt_parse_u64(text + 1, 8, max, value_r);
}

/* *value_r stays as it is where the key is not there. */
static int read_number(const xt_reader *r, const char *key, uint64_t min,
                       uint64_t max, uint64_t *value_r, xtune_error **err)
{
    const char *text;
    uint64_t value;
    long unused;
    int rc;

    rc = xt_cfg_text(&r->cfg, key, &text, err);
    if (rc || !text) return rc;
    /* libxlutil is asked as well: it knows of "+=", which joins text. */
    if (!parse_long(text, UINT64_MAX, &value) ||
        r->cfg.xlutil->xlu_cfg_get_long(r->cfg.handle, key, &unused, 1))
        return invalid(r, key, text, "is not a number", err);
    if (value < min || value > max)
        return invalid(r, key, text,
                       value < min ? "is too little" : "is too much", err);
    *value_r = value;
    return 0;
}

static int read_kb(const xt_reader *r, const char *key, uint64_t min_mib,
                   uint64_t *kb_r, xtune_error **err)
{
    uint64_t mib = UINT64_MAX;
    int rc;

    rc = read_number(r, key, min_mib, MAX_MIB, &mib, err);
    if (!rc && mib != UINT64_MAX) *kb_r = mib * KB_PER_MIB;
    return rc;
}

static int read_name(xt_reader *r, xtune_error **err)
{
    xtune_config *config = r->config;
    int rc;

    rc = xt_cfg_text(&r->cfg, "name", &config->name, err);
    if (rc) return rc;
    if (!config->name || !config->name[0])
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, config->path, NULL,
                               config->name ? "name \"\" is empty"
                                            : "it gives the domain no name");
    /* What xl would make a path or an option of. */
    if (strchr(config->name, '/'))
        return invalid(r, "name", config->name, "has a slash in it", err);
    return 0;
}

static bool is_uuid(const char *text)
{
    size_t i;

    for (i = 0; i < 36; i++)
        if (i == 8 || i == 13 || i == 18 || i == 23
                ? text[i] != '-'
                : !isxdigit((unsigned char)text[i]))
            return false;
    return !text[36];
}

static int read_uuid(xt_reader *r, xtune_error **err)
{
    const char *text;
    char *uuid, *p;
    int rc;

    rc = xt_cfg_text(&r->cfg, "uuid", &text, err);
    if (rc || !text) return rc;
    if (!is_uuid(text)) return invalid(r, "uuid", text, "is no uuid", err);
    uuid = xtune_arena_strdup(r->config->arena, text);
    for (p = uuid; *p; p++)
        *p = (char)tolower((unsigned char)*p);
    r->config->uuid = uuid;
    return 0;
}

static int read_type(xt_reader *r, xtune_error **err)
{
    const char *type, *builder;
    int rc;

    rc = xt_cfg_text(&r->cfg, "type", &type, err);
    if (!rc) rc = xt_cfg_text(&r->cfg, "builder", &builder, err);
    if (rc) return rc;
    if (builder && strcmp(builder, "hvm") && strcmp(builder, "generic"))
        return invalid(r, "builder", builder, "is neither hvm nor generic",
                       err);
    if (!type) type = builder && !strcmp(builder, "hvm") ? "hvm" : "pv";
    if (!strcmp(type, "hvm"))
        r->config->type = XTUNE_TYPE_HVM;
    else if (!strcmp(type, "pvh"))
        r->config->type = XTUNE_TYPE_PVH;
    else if (!strcmp(type, "pv"))
        r->config->type = XTUNE_TYPE_PV;
    else
        return invalid(r, "type", type, "is none of hvm, pvh and pv", err);
    if (builder &&
        (r->config->type == XTUNE_TYPE_HVM) != !strcmp(builder, "hvm"))
        return invalid(r, "builder", builder, "contradicts type", err);
    return 0;
}

/* One item of vnuma=: "pnode=1", "size=512", "vcpus=0-3". */
static int read_vnode(const xt_reader *r, XLU_ConfigList *vnode, uint64_t *mib,
                      xtune_error **err)
{
    const char *text;
    uint64_t size;
    int i;

    for (i = 0; (text = r->cfg.xlutil->xlu_cfg_get_listitem(vnode, i)); i++) {
        if (!strncmp(text, "pnode=", 6)) r->config->has_pnodes = true;
        if (strncmp(text, "size=", 5)) continue;
        if (!xt_parse_u64(text + 5, 10, MAX_MIB - *mib, &size))
            return invalid(r, "vnuma", text, "is no size in MiB", err);
        *mib += size;
    }
    return 0;
}

/* mib_r: of all its nodes, 0 where there are none. */
static int read_vnuma(const xt_reader *r, uint64_t *mib_r, xtune_error **err)
{
    XLU_ConfigList *list, *vnode;
    int nr, i, rc;

    *mib_r = 0;
    rc = xt_cfg_list(&r->cfg, "vnuma", &list, &nr, err);
    r->config->has_vnuma = list != NULL;
    for (i = 0; !rc && i < nr; i++) {
        XLU_ConfigValue *value = r->cfg.xlutil->xlu_cfg_get_listitem2(list, i);

        if (r->cfg.xlutil->xlu_cfg_value_get_list(r->cfg.handle, value, &vnode,
                                                  1))
            return xtune_error_set(err, XTUNE_ERR_INVALID, 0, r->config->path,
                                   NULL,
                                   "item %d of vnuma is one value, it "
                                   "must be a list",
                                   i);
        rc = read_vnode(r, vnode, mib_r, err);
    }
    return rc;
}

static int read_memory(xt_reader *r, xtune_error **err)
{
    xtune_config *config = r->config;
    uint64_t vnuma_mib;
    int rc;

    config->memory_kb = config->max_memory_kb = 0;
    config->shadow_kb = XTUNE_UNKNOWN_KB;
    rc = read_kb(r, "memory", 1, &config->memory_kb, err);
    if (!rc) rc = read_kb(r, "maxmem", 1, &config->max_memory_kb, err);
    if (!rc) rc = read_kb(r, "shadow_memory", 0, &config->shadow_kb, err);
    if (!rc) rc = read_vnuma(r, &vnuma_mib, err);
    if (rc) return rc;
    if (!config->max_memory_kb)
        config->max_memory_kb =
            vnuma_mib ? vnuma_mib * KB_PER_MIB : config->memory_kb;
    if (!config->max_memory_kb)
        config->max_memory_kb = DEFAULT_MIB * KB_PER_MIB;
    if (!config->memory_kb) config->memory_kb = config->max_memory_kb;
    if (config->memory_kb > config->max_memory_kb)
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, config->path, NULL,
                               "memory \"%" PRIu64 "\" is more than there is "
                               "at most, %" PRIu64,
                               config->memory_kb / KB_PER_MIB,
                               config->max_memory_kb / KB_PER_MIB);
    return 0;
}

static int read_vcpus(xt_reader *r, xtune_error **err)
{
    uint64_t vcpus = 1, max = 0;
    char text[24];
    int rc;

    rc = read_number(r, "vcpus", 1, XTUNE_MAX_VCPUS, &vcpus, err);
    if (!rc) rc = read_number(r, "maxvcpus", 1, XTUNE_MAX_VCPUS, &max, err);
    if (rc) return rc;
    if (!max) max = vcpus;
    snprintf(text, sizeof(text), "%" PRIu64, max);
    if (max < vcpus)
        return invalid(r, "maxvcpus", text, "is less than vcpus", err);
    r->config->vcpus = (uint32_t)vcpus;
    r->config->max_vcpus = (uint32_t)max;
    return 0;
}

static int read_pci(xt_reader *r, xtune_error **err)
{
    xtune_config *config = r->config;
    const char **specs;
    size_t nr = 0, i;
    int rc;

    rc = xt_cfg_texts(&r->cfg, "pci", &specs, &nr, err);
    if (rc || !nr) return rc;
    config->pci = XTUNE_NEW_ARRAY(config->arena, const char *, nr);
    config->pci_specs = specs;
    config->nr_pci_specs = nr;
    for (i = 0; i < nr; i++) {
        XT_CLEANUP_ERROR xtune_error *why = NULL;
        xtune_pci_spec spec;

        if (xtune_pci_spec_parse(config->arena, specs[i], &spec, &why))
            return invalid(r, "pci", specs[i],
                           xtune_arena_printf(config->arena, "is wrong: %s",
                                              why->message),
                           err);
        if (spec.has_address)
            config->pci[config->nr_pci++] =
                xtune_pci_address_text(config->arena, &spec.address);
        else
            config->nr_named_pci++;
    }
    return 0;
}

static int read_values(xt_reader *r, xtune_error **err)
{
    uint64_t stubdomain = 0;
    int rc;

    rc = read_name(r, err);
    if (!rc) rc = read_uuid(r, err);
    if (!rc) rc = read_type(r, err);
    if (!rc) rc = xt_cfg_text(&r->cfg, "pool", &r->config->cpupool, err);
    if (!rc) rc = read_vcpus(r, err);
    if (!rc) rc = read_memory(r, err);
    if (!rc) rc = xt_cfg_words(&r->cfg, "cpus", &r->config->cpus, err);
    if (!rc)
        rc = xt_cfg_words(&r->cfg, "cpus_soft", &r->config->cpus_soft, err);
    if (!rc) rc = read_pci(r, err);
    if (!rc)
        rc = read_number(r, "device_model_stubdomain_override", 0, 1,
                         &stubdomain, err);
    r->config->stubdomain = stubdomain;
    return rc;
}

int xtune_config_read(const char *path, char *const *args, size_t nr_args,
                      xtune_config **config_r, xtune_error **err)
{
    xtune_arena *arena = xtune_arena_new();
    xt_reader r = { .config = XTUNE_NEW(arena, xtune_config) };
    int rc;

    r.config->arena = arena;
    r.config->path = xtune_arena_strdup(arena, path);
    r.cfg = (xt_cfg){
        .arena = arena,
        .source = r.config->path,
        .manual = "xl.cfg(5)",
    };
    rc = xt_cfg_open(&r.cfg, r.config->path, args, nr_args, err);
    if (!rc) {
        rc = read_values(&r, err);
        xt_cfg_close(&r.cfg);
    }
    if (rc)
        xtune_arena_free(arena);
    else
        *config_r = r.config;
    return rc;
}

void xtune_config_free(xtune_config *config)
{
    if (config) xtune_arena_free(config->arena);
}
