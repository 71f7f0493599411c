/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reads an xl configuration: libxlutil takes the text apart, and what it
 * leaves as text is read here. xen.git tools/xl/xl_parse.c,
 * parse_config_data() is what xl makes of the same file.
 */
#include <xtune/config.h>

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/config_pci.h"
#include "backend/xen_xlutil.h"
#include "base/files.h"
#include "base/util.h"

#define MAX_FILE (1 << 20)

#define KB_PER_MIB UINT64_C(1024)
/* 4 PiB: x86 addresses no more. */
#define MAX_MIB (UINT64_C(1) << 32)
/* What xl gives a domain that asks for nothing. */
#define DEFAULT_MIB 32

/* A configuration being read. */
typedef struct xt_reader {
    const xt_xlutil *xlutil;
    XLU_Config *cfg;
    xtune_config *config;
} xt_reader;

static int invalid(const xt_reader *r, const char *key, const char *value,
                   const char *what, xtune_error **err)
{
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, r->config->path, NULL,
                           "%s \"%s\" %s", key, value, what);
}

/* NULL where the key is not there. */
static int read_text(const xt_reader *r, const char *key, const char **text_r,
                     xtune_error **err)
{
    const char *text;

    *text_r = NULL;
    switch (r->xlutil->xlu_cfg_get_string(r->cfg, key, &text, 1)) {
    case 0: *text_r = xtune_arena_strdup(r->config->arena, text); return 0;
    case ESRCH: return 0;
    default:
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, r->config->path,
                               NULL, "%s is a list, it must be one value",
                               key);
    }
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

    rc = read_text(r, key, &text, err);
    if (rc || !text) return rc;
    /* libxlutil is asked as well: it knows of "+=", which joins text. */
    if (!parse_long(text, UINT64_MAX, &value) ||
        r->xlutil->xlu_cfg_get_long(r->cfg, key, &unused, 1))
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

/* *list_r is NULL where the key is not there. */
static int read_list(const xt_reader *r, const char *key,
                     XLU_ConfigList **list_r, int *nr_r, xtune_error **err)
{
    *list_r = NULL;
    *nr_r = 0;
    switch (r->xlutil->xlu_cfg_get_list(r->cfg, key, list_r, nr_r, 1)) {
    case 0:
    case ESRCH: return 0;
    default:
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, r->config->path,
                               NULL, "%s is one value, it must be a list",
                               key);
    }
}

static int read_texts(const xt_reader *r, const char *key,
                      const char ***texts_r, size_t *nr_r, xtune_error **err)
{
    XLU_ConfigList *list;
    int nr, i, rc;

    rc = read_list(r, key, &list, &nr, err);
    if (rc || !list) return rc;
    *texts_r = XTUNE_NEW_ARRAY(r->config->arena, const char *, (size_t)nr + 1);
    for (i = 0; i < nr; i++) {
        const char *text = r->xlutil->xlu_cfg_get_listitem(list, i);

        if (!text)
            return xtune_error_set(err, XTUNE_ERR_INVALID, 0, r->config->path,
                                   NULL,
                                   "item %d of %s is a list, it must "
                                   "be one value",
                                   i, key);
        (*texts_r)[i] = xtune_arena_strdup(r->config->arena, text);
    }
    *nr_r = (size_t)nr;
    return 0;
}

static int read_cpus(const xt_reader *r, const char *key,
                     xtune_config_cpus *cpus, xtune_error **err)
{
    const char *text;
    int rc;

    switch (r->xlutil->xlu_cfg_get_list(r->cfg, key, NULL, NULL, 1)) {
    case ESRCH: return 0;
    case 0:
        cpus->given = cpus->is_list = true;
        return read_texts(r, key, &cpus->texts, &cpus->nr, err);
    }
    rc = read_text(r, key, &text, err);
    if (rc) return rc;
    cpus->given = true;
    cpus->texts = XTUNE_NEW_ARRAY(r->config->arena, const char *, 1);
    cpus->texts[0] = text;
    cpus->nr = 1;
    return 0;
}

static int read_name(xt_reader *r, xtune_error **err)
{
    xtune_config *config = r->config;
    int rc;

    rc = read_text(r, "name", &config->name, err);
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

    rc = read_text(r, "uuid", &text, err);
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

    rc = read_text(r, "type", &type, err);
    if (!rc) rc = read_text(r, "builder", &builder, err);
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

    for (i = 0; (text = r->xlutil->xlu_cfg_get_listitem(vnode, i)); i++) {
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
    rc = read_list(r, "vnuma", &list, &nr, err);
    r->config->has_vnuma = list != NULL;
    for (i = 0; !rc && i < nr; i++) {
        XLU_ConfigValue *value = r->xlutil->xlu_cfg_get_listitem2(list, i);

        if (r->xlutil->xlu_cfg_value_get_list(r->cfg, value, &vnode, 1))
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
    const char **specs, *address;
    size_t nr = 0, i;
    int rc;

    rc = read_texts(r, "pci", &specs, &nr, err);
    if (rc || !nr) return rc;
    config->pci = XTUNE_NEW_ARRAY(config->arena, const char *, nr);
    for (i = 0; i < nr; i++) {
        if (!xt_config_pci(config->arena, specs[i], &address))
            return invalid(r, "pci", specs[i], "names no device", err);
        if (address)
            config->pci[config->nr_pci++] = address;
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
    if (!rc) rc = read_text(r, "pool", &r->config->cpupool, err);
    if (!rc) rc = read_vcpus(r, err);
    if (!rc) rc = read_memory(r, err);
    if (!rc) rc = read_cpus(r, "cpus", &r->config->cpus, err);
    if (!rc) rc = read_cpus(r, "cpus_soft", &r->config->cpus_soft, err);
    if (!rc) rc = read_pci(r, err);
    if (!rc)
        rc = read_number(r, "device_model_stubdomain_override", 0, 1,
                         &stubdomain, err);
    r->config->stubdomain = stubdomain;
    return rc;
}

/* Parses text into r->cfg; source names it in messages. Where it cannot be
 * parsed, said_r is what libxlutil says, else it is NULL. */
static void parse(xt_reader *r, const char *source, const char *text,
                  char **said_r)
{
    char *said = NULL;
    size_t len;
    FILE *report = open_memstream(&said, &len);
    int failed;

    if (!report) xt_out_of_memory();
    r->cfg = r->xlutil->xlu_cfg_init(report, source);
    if (!r->cfg) xt_out_of_memory();
    failed = r->xlutil->xlu_cfg_readdata(r->cfg, text, (int)strlen(text));
    if (fclose(report)) xt_out_of_memory();
    *said_r = failed ? said : NULL;
    if (!failed) free(said);
}

/* libxlutil says "SOURCE:LINE: what is wrong", and more lines after it. */
static int syntax_error(const xt_reader *r, const char *source, bool has_lines,
                        const char *said, xtune_error **err)
{
    const size_t len = strlen(source);
    xtune_arena *arena = r->config->arena;
    const char *object = source, *message = said;
    unsigned long line;
    char *end;

    if (!strncmp(said, source, len) && said[len] == ':') {
        line = strtoul(said + len + 1, &end, 10);
        if (has_lines)
            object = xtune_arena_printf(arena, "%s:%lu", source, line);
        message = end + strspn(end, ": ");
    }
    message = xtune_arena_strndup(arena, message, strcspn(message, "\n"));
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, object, NULL, "%s",
                           *message ? message : "it cannot be parsed");
}

/* Alone, so that an error names the argument. */
static int check_syntax(xt_reader *r, char *const *args, size_t nr_args,
                        xtune_error **err)
{
    size_t i;
    int rc = 0;

    for (i = 0; !rc && i < nr_args; i++) {
        XT_CLEANUP_FREE char *line = xt_xprintf("%s\n", args[i]);
        XT_CLEANUP_FREE char *said = NULL;

        parse(r, args[i], line, &said);
        r->xlutil->xlu_cfg_destroy(r->cfg);
        if (said) rc = syntax_error(r, args[i], false, said, err);
    }
    return rc;
}

/* What xl makes of a file and its arguments. */
static char *join(const char *text, char *const *args, size_t nr_args)
{
    size_t len, i;
    char *data;
    FILE *out = open_memstream(&data, &len);

    if (!out) xt_out_of_memory();
    fprintf(out, "%s\n", text);
    for (i = 0; i < nr_args; i++)
        fprintf(out, "%s\n", args[i]);
    if (fclose(out)) xt_out_of_memory();
    return data;
}

static int parse_and_read(xt_reader *r, const char *text, char *const *args,
                          size_t nr_args, xtune_error **err)
{
    XT_CLEANUP_FREE char *data = join(text, args, nr_args);
    XT_CLEANUP_FREE char *said = NULL;
    int rc;

    /* Its report is gone afterwards: nothing that warns is called. */
    parse(r, r->config->path, data, &said);
    rc = said ? syntax_error(r, r->config->path, true, said, err)
              : read_values(r, err);
    r->xlutil->xlu_cfg_destroy(r->cfg);
    return rc;
}

/* xl takes an argument without "=" for another file, and one that begins
 * with "-" for an option. */
static int check_args(char *const *args, size_t nr_args, xtune_error **err)
{
    size_t total = 0, i;

    for (i = 0; i < nr_args; i++) {
        const size_t key = strspn(args[i], "._0123456789"
                                           "abcdefghijklmnopqrstuvwxyz");
        const char *op = args[i] + key + strspn(args[i] + key, " \t");

        if (!key || args[i][0] < 'a' || (op[0] != '=' && strncmp(op, "+=", 2)))
            return xtune_error_set(err, XTUNE_ERR_INVALID, 0, args[i],
                                   "give KEY=VALUE, as in xl.cfg(5)",
                                   "it is no setting");
        total += strlen(args[i]);
        if (total > MAX_FILE)
            return xtune_error_set(err, XTUNE_ERR_INVALID, 0, "arguments",
                                   NULL, "they are too long");
    }
    return 0;
}

/* A NUL would end what libxlutil is handed before the arguments. */
static int read_file(xtune_config *config, char **text_r, xtune_error **err)
{
    size_t len;
    int rc;

    *text_r = xtune_arena_strdup(config->arena, "");
    if (!strcmp(config->path, "/dev/null")) return 0;
    rc =
        xt_file_read(config->arena, config->path, MAX_FILE, text_r, &len, err);
    if (!rc && strlen(*text_r) != len)
        rc = xtune_error_set(err, XTUNE_ERR_INVALID, 0, config->path, NULL,
                             "it has a NUL byte in it");
    return rc;
}

int xtune_config_read(const char *path, char *const *args, size_t nr_args,
                      xtune_config **config_r, xtune_error **err)
{
    xtune_arena *arena = xtune_arena_new();
    xt_reader r = { .config = XTUNE_NEW(arena, xtune_config) };
    char *text;
    int rc;

    r.config->arena = arena;
    r.config->path = xtune_arena_strdup(arena, path);
    rc = check_args(args, nr_args, err);
    if (!rc) rc = read_file(r.config, &text, err);
    if (!rc) rc = xt_xlutil_load(&r.xlutil, err);
    if (!rc) rc = check_syntax(&r, args, nr_args, err);
    if (!rc) rc = parse_and_read(&r, text, args, nr_args, err);
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
