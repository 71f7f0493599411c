/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Words that ask for changes of the command lines. */
#include <string.h>

#include <xtune/boot.h>

#include "base/util.h"
#include "boot/boot.h"
#include "boot/configured.h"
#include "boot/lines.h"

/* What is asked for of a key so far. */
typedef struct wish {
    const char *line, *key;
    const char **values;
    size_t nr;
    size_t group; /* that set it last, from 1 on; 0: none did */
} wish;

typedef struct reading {
    const xtune_host *host;
    xtune_arena *arena;
    wish *wishes;
    size_t nr;
} reading;

static void add_value(const reading *r, wish *w, const char *value)
{
    w->values = xtune_arena_grow(r->arena, w->values, w->nr, sizeof(char *));
    w->values[w->nr++] = value;
}

/* From the values that the key has now. */
static wish *wish_of(reading *r, const char *line, const char *key)
{
    const char *const *values;
    size_t i, nr;
    wish *w;

    for (i = 0; i < r->nr; i++)
        if (!strcmp(r->wishes[i].line, line) &&
            xt_boot_is_same_key(r->wishes[i].key, key))
            return &r->wishes[i];
    r->wishes = xtune_arena_grow(r->arena, r->wishes, r->nr, sizeof(wish));
    w = &r->wishes[r->nr++];
    *w = (wish){ .line = line, .key = key };
    nr = xt_boot_values(r->arena, xt_boot_configured(r->host, line), key,
                        &values);
    for (i = 0; i < nr; i++)
        add_value(r, w, values[i]);
    return w;
}

static void remove_value(wish *w, const char *value)
{
    size_t i, kept = 0;

    for (i = 0; i < w->nr; i++)
        if (strcmp(w->values[i], value) != 0) w->values[kept++] = w->values[i];
    w->nr = kept;
}

static void set_values(const reading *r, wish *w, size_t group,
                       const char *const *values, size_t nr)
{
    size_t i;

    if (w->group != group) w->nr = 0;
    w->group = group;
    for (i = 0; i < nr; i++)
        add_value(r, w, values[i]);
}

static int not_a_word(const char *word, xtune_error **err)
{
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, "command line",
                           "write KEY or KEY=VALUE", "\"%s\" is no parameter",
                           word);
}

/* "KEY=" is neither a flag nor a value. */
static int check_value(const char *word, const char *key, const char *value,
                       xtune_error **err)
{
    const size_t len = strlen(word);

    if (*value || !len || word[len - 1] != '=') return 0;
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, key,
                           "write it without \"=\" for a flag, or delete it",
                           "there is no value in \"%s\"", word);
}

/* A key that a word names; group 0: it is taken out. */
static int take_key(reading *r, const xtune_boot_words *group, size_t number,
                    const char *word, const char *key, xtune_error **err)
{
    wish *w = wish_of(r, group->line, key);
    const char *const *values;
    size_t i, nr;
    int rc = 0;

    nr = xt_boot_values(r->arena, word, key, &values);
    for (i = 0; !rc && i < nr; i++)
        rc = check_value(word, key, values[i], err);
    if (rc) return rc;
    if (group->set) {
        set_values(r, w, number, values, nr);
        return 0;
    }
    w->group = 0;
    for (i = 0; i < nr; i++) {
        if (*values[i])
            remove_value(w, values[i]);
        else
            w->nr = 0;
    }
    return 0;
}

/* Whether a word has named this key before. */
static bool is_taken(xtune_arena *arena, const char *word, size_t behind,
                     const char *key)
{
    const char *other;
    size_t at = 0;

    while ((other = xt_boot_next_key(arena, word, &at)) && at < behind)
        if (xt_boot_is_same_key(other, key)) return true;
    return false;
}

static int take_word(reading *r, const xtune_boot_words *group, size_t number,
                     const char *word, xtune_error **err)
{
    const char *key;
    size_t at = 0;
    int rc;

    rc = xt_boot_check_quotes(word, false, word, err);
    key = rc ? NULL : xt_boot_next_key(r->arena, word, &at);
    if (!rc && !key) rc = not_a_word(word, err);
    for (; !rc && key; key = xt_boot_next_key(r->arena, word, &at)) {
        if (is_taken(r->arena, word, at, key)) continue;
        rc = xt_boot_check_parameter(key, NULL, err);
        if (!rc) rc = take_key(r, group, number, word, key, err);
    }
    return rc;
}

static void collect(const reading *r, xtune_boot_change **changes_r)
{
    size_t i;

    *changes_r = XTUNE_NEW_ARRAY(r->arena, xtune_boot_change, r->nr);
    for (i = 0; i < r->nr; i++)
        (*changes_r)[i] = (xtune_boot_change){
            .line = r->wishes[i].line,
            .key = r->wishes[i].key,
            .values = r->wishes[i].values,
            .nr_values = r->wishes[i].nr,
        };
}

int xtune_boot_words_read(const xtune_host *host, xtune_arena *arena,
                          const xtune_boot_words *groups, size_t nr_groups,
                          xtune_boot_change **changes_r, size_t *nr_r,
                          xtune_error **err)
{
    reading r = { .host = host, .arena = arena };
    size_t i, k;
    int rc = 0;

    for (i = 0; !rc && i < nr_groups; i++) {
        rc = xt_boot_check_known(host, groups[i].line, err);
        for (k = 0; !rc && k < groups[i].nr; k++)
            rc = take_word(&r, &groups[i], i + 1, groups[i].words[k], err);
    }
    if (rc) return rc;
    collect(&r, changes_r);
    *nr_r = r.nr;
    return 0;
}
