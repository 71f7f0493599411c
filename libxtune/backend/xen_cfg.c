/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "backend/xen_cfg.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "base/util.h"

#define MAX_FILE (1 << 20)

#define KEY_CHARACTERS "._0123456789abcdefghijklmnopqrstuvwxyz"

int xt_cfg_text(const xt_cfg *cfg, const char *key, const char **text_r,
                xtune_error **err)
{
    const char *text;

    *text_r = NULL;
    switch (cfg->xlutil->xlu_cfg_get_string(cfg->handle, key, &text, 1)) {
    case 0: *text_r = xtune_arena_strdup(cfg->arena, text); return 0;
    case ESRCH: return 0;
    default:
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, cfg->source, NULL,
                               "%s is a list, it must be one value", key);
    }
}

int xt_cfg_list(const xt_cfg *cfg, const char *key, XLU_ConfigList **list_r,
                int *nr_r, xtune_error **err)
{
    *list_r = NULL;
    *nr_r = 0;
    switch (cfg->xlutil->xlu_cfg_get_list(cfg->handle, key, list_r, nr_r, 1)) {
    case 0:
    case ESRCH: return 0;
    default:
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, cfg->source, NULL,
                               "%s is one value, it must be a list", key);
    }
}

int xt_cfg_texts(const xt_cfg *cfg, const char *key, const char ***texts_r,
                 size_t *nr_r, xtune_error **err)
{
    XLU_ConfigList *list;
    int nr, i, rc;

    rc = xt_cfg_list(cfg, key, &list, &nr, err);
    if (rc || !list) return rc;
    *texts_r = XTUNE_NEW_ARRAY(cfg->arena, const char *, (size_t)nr + 1);
    for (i = 0; i < nr; i++) {
        const char *text = cfg->xlutil->xlu_cfg_get_listitem(list, i);

        if (!text)
            return xtune_error_set(err, XTUNE_ERR_INVALID, 0, cfg->source,
                                   NULL,
                                   "item %d of %s is a list, it must "
                                   "be one value",
                                   i, key);
        (*texts_r)[i] = xtune_arena_strdup(cfg->arena, text);
    }
    *nr_r = (size_t)nr;
    return 0;
}

int xt_cfg_words(const xt_cfg *cfg, const char *key, xtune_config_cpus *words,
                 xtune_error **err)
{
    const char *text;
    int rc;

    switch (cfg->xlutil->xlu_cfg_get_list(cfg->handle, key, NULL, NULL, 1)) {
    case ESRCH: return 0;
    case 0:
        words->given = words->is_list = true;
        return xt_cfg_texts(cfg, key, &words->texts, &words->nr, err);
    }
    rc = xt_cfg_text(cfg, key, &text, err);
    if (rc) return rc;
    words->given = true;
    words->texts = XTUNE_NEW_ARRAY(cfg->arena, const char *, 1);
    words->texts[0] = text;
    words->nr = 1;
    return 0;
}

/* Behind a value: text is good, and a string or a list may hold what ends one
 * elsewhere. */
static const char *skip_value(const char *p)
{
    unsigned int depth = 0;

    for (; *p && (depth || (*p != '\n' && *p != ';')); p++) {
        const char quote = *p;

        if (quote == '"' || quote == '\'') {
            for (p++; *p && *p != quote; p++)
                if (*p == '\\' && p[1]) p++;
            if (!*p) break;
        } else if (quote == '#') {
            p += strcspn(p, "\n");
            if (!*p || !depth) break;
        } else if (quote == '[') {
            depth++;
        } else if (quote == ']' && depth) {
            depth--;
        }
    }
    return p;
}

const char *xt_cfg_next_key(const xt_cfg *cfg, const char **text_r)
{
    const char *p = *text_r, *key;
    size_t len;

    while (*(p += strspn(p, " \t\n;")) == '#')
        p += strcspn(p, "\n");
    len = strspn(p, KEY_CHARACTERS);
    if (!len) return NULL;
    key = xtune_arena_strndup(cfg->arena, p, len);
    *text_r = skip_value(p + len);
    return key;
}

/* Parses text into cfg->handle; source names it in messages. Where it cannot
 * be parsed, said_r is what libxlutil says, else it is NULL. */
static void parse(xt_cfg *cfg, const char *source, const char *text,
                  char **said_r)
{
    char *said = NULL;
    size_t len;
    FILE *report = open_memstream(&said, &len);
    int failed;

    if (!report) xt_out_of_memory();
    cfg->handle = cfg->xlutil->xlu_cfg_init(report, source);
    if (!cfg->handle) xt_out_of_memory();
    failed =
        cfg->xlutil->xlu_cfg_readdata(cfg->handle, text, (int)strlen(text));
    if (fclose(report)) xt_out_of_memory();
    *said_r = failed ? said : NULL;
    if (!failed) free(said);
}

/* libxlutil says "SOURCE:LINE: what is wrong", and more lines after it. */
static int syntax_error(const xt_cfg *cfg, const char *source, bool has_lines,
                        const char *said, xtune_error **err)
{
    const size_t len = strlen(source);
    const char *object = source, *message = said;
    unsigned long line;
    char *end;

    if (!strncmp(said, source, len) && said[len] == ':') {
        line = strtoul(said + len + 1, &end, 10);
        if (has_lines)
            object = xtune_arena_printf(cfg->arena, "%s:%lu", source, line);
        message = end + strspn(end, ": ");
    }
    message = xtune_arena_strndup(cfg->arena, message, strcspn(message, "\n"));
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, object, NULL, "%s",
                           *message ? message : "it cannot be parsed");
}

/* Alone, so that an error names the argument. */
static int check_syntax(xt_cfg *cfg, char *const *args, size_t nr_args,
                        xtune_error **err)
{
    size_t i;
    int rc = 0;

    for (i = 0; !rc && i < nr_args; i++) {
        XT_CLEANUP_FREE char *line = xt_xprintf("%s\n", args[i]);
        XT_CLEANUP_FREE char *said = NULL;

        parse(cfg, args[i], line, &said);
        xt_cfg_close(cfg);
        if (said) rc = syntax_error(cfg, args[i], false, said, err);
    }
    return rc;
}

/* What xl makes of a file and its arguments. */
static const char *join(xtune_arena *arena, const char *text,
                        char *const *args, size_t nr_args)
{
    XT_CLEANUP_FREE char *data = NULL;
    size_t len, i;
    FILE *out = open_memstream(&data, &len);

    if (!out) xt_out_of_memory();
    fprintf(out, "%s\n", text);
    for (i = 0; i < nr_args; i++)
        fprintf(out, "%s\n", args[i]);
    if (fclose(out)) xt_out_of_memory();
    return xtune_arena_strdup(arena, data);
}

/* xl takes an argument without "=" for another file, and one that begins
 * with "-" for an option. */
static int check_args(const xt_cfg *cfg, char *const *args, size_t nr_args,
                      xtune_error **err)
{
    size_t total = 0, i;

    for (i = 0; i < nr_args; i++) {
        const size_t key = strspn(args[i], KEY_CHARACTERS);
        const char *op = args[i] + key + strspn(args[i] + key, " \t");

        if (!key || args[i][0] < 'a' ||
            (op[0] != '=' && strncmp(op, "+=", 2))) {
            XT_CLEANUP_FREE char *hint =
                xt_xprintf("give KEY=VALUE, as in %s", cfg->manual);

            return xtune_error_set(err, XTUNE_ERR_INVALID, 0, args[i], hint,
                                   "it is no setting");
        }
        total += strlen(args[i]);
        if (total > MAX_FILE)
            return xtune_error_set(err, XTUNE_ERR_INVALID, 0, "arguments",
                                   NULL, "they are too long");
    }
    return 0;
}

/* A NUL would end what libxlutil is handed before the arguments. */
static int read_file(const xt_cfg *cfg, const char *path, char **text_r,
                     xtune_error **err)
{
    size_t len;
    int rc;

    *text_r = xtune_arena_strdup(cfg->arena, "");
    if (!path || !strcmp(path, "/dev/null")) return 0;
    rc = xt_file_read(cfg->arena, path, MAX_FILE, text_r, &len, err);
    if (!rc && strlen(*text_r) != len)
        rc = xtune_error_set(err, XTUNE_ERR_INVALID, 0, path, NULL,
                             "it has a NUL byte in it");
    return rc;
}

int xt_cfg_open(xt_cfg *cfg, const char *path, char *const *args,
                size_t nr_args, xtune_error **err)
{
    XT_CLEANUP_FREE char *said = NULL;
    char *text;
    int rc;

    rc = check_args(cfg, args, nr_args, err);
    if (!rc) rc = read_file(cfg, path, &text, err);
    if (!rc) rc = xt_xlutil_load(&cfg->xlutil, err);
    if (!rc) rc = check_syntax(cfg, args, nr_args, err);
    if (rc) return rc;
    cfg->text = join(cfg->arena, text, args, nr_args);
    /* Its report is gone afterwards: nothing that warns is called. */
    parse(cfg, cfg->source, cfg->text, &said);
    if (!said) return 0;
    rc = syntax_error(cfg, cfg->source, true, said, err);
    xt_cfg_close(cfg);
    return rc;
}

void xt_cfg_close(xt_cfg *cfg)
{
    cfg->xlutil->xlu_cfg_destroy(cfg->handle);
    cfg->handle = NULL;
}
