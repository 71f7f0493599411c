/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/host_values.h"

#include <ctype.h>
#include <string.h>

#include "base/util.h"

/* Lists of strings and of numbers. */

int xt_need_array(const xt_host_reader *reader, const xt_json *value,
                  const xt_place *place)
{
    if (value->type == XT_JSON_ARRAY) return 0;
    return xt_host_read_error(reader, value, place, "no array");
}

int xt_read_strings(const xt_host_reader *reader, const xt_json *value,
                    const xt_place *place, const char ***strings_r,
                    size_t *nr_r)
{
    size_t i;
    int rc;

    if (!value) return 0;
    rc = xt_need_array(reader, value, place);
    if (rc) return rc;
    *strings_r = XTUNE_NEW_ARRAY(reader->host->arena, const char *, value->nr);
    for (i = 0; i < value->nr; i++) {
        const xt_place element = { .up = place, .index = i };

        (*strings_r)[i] = xt_json_text(value->items[i]);
        if (!(*strings_r)[i])
            return xt_host_read_error(reader, value->items[i], &element,
                                      "no string");
    }
    *nr_r = value->nr;
    return 0;
}

/* A word of a table as its index; nr where it is none of them. */
static size_t find_word(const char *const *words, size_t nr, const char *word)
{
    size_t i;

    for (i = 0; i < nr; i++)
        if (word && !strcmp(words[i], word)) return i;
    return nr;
}

int xt_read_word(const xt_host_reader *reader, const xt_json *value,
                 const xt_place *place, const char *const *words, size_t nr,
                 unsigned int *index_r)
{
    const size_t i = find_word(words, nr, xt_json_text(value));

    if (i == nr)
        return xt_host_read_error(reader, value, place, "unknown word \"%s\"",
                                  xt_json_text(value) ? xt_json_text(value)
                                                      : "");
    *index_r = (unsigned int)i;
    return 0;
}

int xt_read_uuid(const xt_host_reader *reader, const xt_json *value,
                 const xt_place *place, char uuid_r[37])
{
    static const char pattern[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    const char *text = xt_json_text(value);
    size_t i;

    for (i = 0; text && i < sizeof(pattern); i++) {
        const unsigned char c = (unsigned char)text[i];

        if (pattern[i] == 'x' ? !isxdigit(c) : text[i] != pattern[i]) break;
        uuid_r[i] = (char)tolower(c);
    }
    if (!text || i != sizeof(pattern))
        return xt_host_read_error(reader, value, place, "\"%s\" is no uuid",
                                  text ? text : "");
    return 0;
}

/* Sets. A mask may name CPUs that the host has not: Xen keeps what it was
 * given, such as "all" where some are off. */

static int read_set(const xt_host_reader *reader, const xt_json *value,
                    const xt_place *place, const char *what,
                    unsigned int nbits, xtune_set *set_r)
{
    XT_CLEANUP_ERROR xtune_error *why = NULL;
    xtune_arena *arena = reader->host->arena;
    const xtune_set universe = xtune_set_all(arena, nbits);
    const xtune_set_names names = { .what = what, .exists = &universe };

    if (!xt_json_text(value))
        return xt_host_read_error(reader, value, place, "no string");
    if (xtune_set_parse(arena, &names, "", xt_json_text(value), set_r, &why))
        return xt_host_read_error(reader, value, place, "%s", why->message);
    return 0;
}

int xt_read_mask(const xt_host_reader *reader, const xt_json *value,
                 const xt_place *place, xtune_set *set_r)
{
    const unsigned int nbits = reader->host->nr_cpu_ids;

    if (!value) {
        *set_r = xtune_set_all(reader->host->arena, nbits);
        return 0;
    }
    return read_set(reader, value, place, "CPU", nbits, set_r);
}

int xt_read_nodes(const xt_host_reader *reader, const xt_json *value,
                  const xt_place *place, xtune_set *set_r, bool *has_r)
{
    *has_r = value != NULL;
    if (!value) return 0;
    return read_set(reader, value, place, "node", reader->host->nr_node_ids,
                    set_r);
}

/* States. */

/* The word for bit i. */
static const char *const state_words[XT_NR_STATES] = {
    "running", "blocked", "paused", "shutdown", "dying",
};

/* One word of the first nr, or several with commas; "runnable" for none. */
int xt_read_states(const xt_host_reader *reader, const xt_json *value,
                   const xt_place *place, size_t nr, unsigned int *state_r)
{
    const char *text = value ? xt_json_text(value) : "runnable";
    char *copy, *word;
    size_t i;

    *state_r = 0;
    if (text && !strcmp(text, "runnable")) return 0;
    copy = xtune_arena_strdup(reader->host->arena, text ? text : "");
    while ((word = strsep(&copy, ","))) {
        i = find_word(state_words, nr, word);
        if (i == nr)
            return xt_host_read_error(reader, value, place,
                                      "unknown word \"%s\"", word);
        *state_r |= 1u << i;
    }
    return 0;
}

xt_json *xt_print_states(xtune_arena *arena, unsigned int state)
{
    const char *text = NULL;
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(state_words); i++) {
        if (!(state & (1u << i))) continue;
        text = text ? xtune_arena_printf(arena, "%s,%s", text, state_words[i])
                    : state_words[i];
    }
    return xt_json_string(arena, text ? text : "runnable");
}
