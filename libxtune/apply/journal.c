/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "apply/journal.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/files.h"
#include "base/util.h"
#include "plan/action_json.h"

#define SCHEMA "xtune/journal/1"

/* Older entries are removed: each is as large as its plan. */
#define MAX_ENTRIES 100

static int damaged(xtune_error **err, const char *path, const char *why)
{
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, path,
                           "when the host is as you want it, move this file "
                           "away",
                           "%s", why);
}

static const char *journal_path(const xtune_state *state, xtune_arena *arena)
{
    return xtune_arena_printf(arena, "%s/journal.json", state->dir);
}

static const char *begun_path(const xtune_state *state, xtune_arena *arena)
{
    return xtune_arena_printf(arena, "%s/journal.begun", state->dir);
}

static const char *history_dir(const xtune_state *state, xtune_arena *arena)
{
    return xtune_arena_printf(arena, "%s/history", state->dir);
}

static const char *entry_path(const xtune_state *state, xtune_arena *arena,
                              unsigned int id)
{
    return xtune_arena_printf(arena, "%s/%06u.json", history_dir(state, arena),
                              id);
}

const char *xt_journal_time(xtune_arena *arena)
{
    const time_t now = time(NULL);
    char text[32];
    struct tm tm;

    if (!gmtime_r(&now, &tm) ||
        !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
        return "";
    return xtune_arena_strdup(arena, text);
}

static char *entry_to_text(xtune_arena *arena, const xt_entry *entry)
{
    xt_json *json = xt_json_object(arena), *actions = xt_json_array(arena);
    size_t i;

    xt_json_add_string(arena, json, "schema", SCHEMA);
    xt_json_add_u64(arena, json, "id", entry->id);
    xt_json_add_string(arena, json, "time", entry->time);
    xt_json_add_string(arena, json, "title", entry->title);
    xt_json_add_string(arena, json, "result", entry->result);
    if (entry->error) xt_json_add_string(arena, json, "error", entry->error);
    if (xt_is_boot_id(entry->boot_id))
        xt_json_add_string(arena, json, "boot_id", entry->boot_id);
    if (entry->host_sum && !strcmp(entry->result, "running"))
        xt_json_add_string(arena, json, "host_sum", entry->host_sum);
    if (entry->rollback_of)
        xt_json_add_u64(arena, json, "rollback_of", entry->rollback_of);
    for (i = 0; i < entry->nr_actions; i++)
        xt_json_append(arena, actions,
                       xt_action_to_json(arena, &entry->actions[i]));
    xt_json_add(arena, json, "actions", actions);
    return xt_json_print(json);
}

static int write_entry(const char *path, xtune_arena *arena,
                       const xt_entry *entry, xtune_error **err)
{
    XT_CLEANUP_FREE char *text = entry_to_text(arena, entry);

    return xt_file_replace(path, text, strlen(text), 0600, err);
}

int xt_journal_begin(const xtune_state *state, const xt_entry *entry,
                     xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    int rc;

    rc = xt_make_dirs(history_dir(state, arena), 0755, err);
    if (rc) return rc;
    /* That of an earlier one says nothing of this. */
    (void)unlink(begun_path(state, arena));
    return write_entry(journal_path(state, arena), arena, entry, err);
}

int xt_journal_note_begun(const xtune_state *state, size_t index,
                          xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *text = xtune_arena_printf(arena, "%zu\n", index + 1);

    return xt_file_replace(begun_path(state, arena), text, strlen(text), 0600,
                           err);
}

int xt_journal_read_begun(const xtune_state *state, size_t *nr_r,
                          xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *path = begun_path(state, arena);
    uint64_t nr;
    char *text;

    *nr_r = 0;
    if (access(path, F_OK)) return 0;
    text = xt_file_read_line(arena, path);
    if (!text || !xt_parse_u64(text, 10, SIZE_MAX, &nr))
        return damaged(err, path, "this is no number of changes");
    *nr_r = (size_t)nr;
    return 0;
}

static void prune(const xtune_state *state, xtune_arena *arena)
{
    unsigned int *ids;
    size_t nr, i;

    if (xt_history_ids(state, arena, &ids, &nr, NULL)) return;
    for (i = 0; i + MAX_ENTRIES < nr; i++)
        (void)unlink(entry_path(state, arena, ids[i]));
}

int xt_journal_end(const xtune_state *state, const xt_entry *entry,
                   xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    int rc;

    rc = xt_make_dirs(history_dir(state, arena), 0755, err);
    if (rc) return rc;
    rc = write_entry(entry_path(state, arena, entry->id), arena, entry, err);
    if (rc) return rc;
    prune(state, arena);
    return xt_journal_drop(state, err);
}

int xt_journal_drop(const xtune_state *state, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *path = journal_path(state, arena);

    if (unlink(path) < 0 && errno != ENOENT)
        return xtune_error_set(err, XTUNE_ERR_IO, errno, path, NULL,
                               "cannot remove it: %s", strerror(errno));
    (void)unlink(begun_path(state, arena));
    return 0;
}

bool xt_journal_exists(const xtune_state *state)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();

    return !access(journal_path(state, arena), F_OK);
}

static bool is_result(const char *text)
{
    static const char *const words[] = {
        "running", "applied", "undone", "rolled-back", "recovered",
    };
    size_t i;

    for (i = 0; text && i < XT_ARRAY_SIZE(words); i++)
        if (!strcmp(words[i], text)) return true;
    return false;
}

static int check_schema(const xt_json *json, const char *path,
                        xtune_error **err)
{
    const char *schema = xt_json_text(xt_json_get(json, "schema"));

    if (!schema) return damaged(err, path, "this is no journal of xltune's");
    if (!strcmp(schema, SCHEMA)) return 0;
    return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, 0, path,
                           "use the xltune that wrote it",
                           "its schema is \"%s\", not \"" SCHEMA "\"", schema);
}

static int read_entry(const char *path, xtune_arena *arena, xt_entry *entry,
                      xtune_error **err)
{
    XT_CLEANUP_ERROR xtune_error *why = NULL;
    uint64_t id, rollback_of = 0;
    xt_json *json;
    char *text;
    size_t len;
    int rc;

    rc = xt_file_read(arena, path, XT_JSON_MAX_BYTES, &text, &len, err);
    if (rc) return rc;
    if (xt_json_parse(arena, text, len, path, &json, &why))
        return damaged(err, path, why->message);
    rc = check_schema(json, path, err);
    if (rc) return rc;
    *entry = (xt_entry){
        .time = xt_json_text(xt_json_get(json, "time")),
        .title = xt_json_text(xt_json_get(json, "title")),
        .result = xt_json_text(xt_json_get(json, "result")),
        .error = xt_json_text(xt_json_get(json, "error")),
        .boot_id = xt_json_text(xt_json_get(json, "boot_id")),
        .host_sum = xt_json_text(xt_json_get(json, "host_sum")),
    };
    if (!xt_json_to_u64(xt_json_get(json, "id"), UINT32_MAX, &id) ||
        (xt_json_get(json, "rollback_of") &&
         !xt_json_to_u64(xt_json_get(json, "rollback_of"), UINT32_MAX,
                         &rollback_of)) ||
        /* Older ones have none. */
        (xt_json_get(json, "boot_id") && !xt_is_boot_id(entry->boot_id)) ||
        !is_result(entry->result))
        return damaged(err, path, "this is no journal of xltune's");
    entry->id = (unsigned int)id;
    entry->rollback_of = (unsigned int)rollback_of;
    return xt_actions_from_json(arena, xt_json_get(json, "actions"), path,
                                (xtune_action **)&entry->actions,
                                &entry->nr_actions, err);
}

int xt_journal_read(const xtune_state *state, xtune_arena *arena,
                    xt_entry *entry_r, xtune_error **err)
{
    return read_entry(journal_path(state, arena), arena, entry_r, err);
}

int xt_history_read_entry(const xtune_state *state, unsigned int id,
                          xtune_arena *arena, xt_entry *entry_r,
                          xtune_error **err)
{
    return read_entry(entry_path(state, arena, id), arena, entry_r, err);
}

/* "000012.json" as 12; 0 for any other name. */
static unsigned int id_of_name(const char *name)
{
    char digits[11];
    const size_t nr = strspn(name, "0123456789");
    uint64_t id;

    if (nr < 6 || nr >= sizeof(digits) || strcmp(name + nr, ".json")) return 0;
    memcpy(digits, name, nr);
    digits[nr] = '\0';
    /* One more than the last is to be a number still. */
    return xt_parse_u64(digits, 10, UINT32_MAX - 1, &id) ? (unsigned int)id
                                                         : 0;
}

static int compare_ids(const void *a, const void *b)
{
    const unsigned int x = *(const unsigned int *)a;
    const unsigned int y = *(const unsigned int *)b;

    return x < y ? -1 : x > y;
}

int xt_history_ids(const xtune_state *state, xtune_arena *arena,
                   unsigned int **ids_r, size_t *nr_r, xtune_error **err)
{
    const char *path = history_dir(state, arena);
    DIR *dir = opendir(path);
    struct dirent *d;

    *ids_r = NULL;
    *nr_r = 0;
    if (!dir && errno == ENOENT) return 0;
    if (!dir)
        return xtune_error_set(
            err, errno == EACCES ? XTUNE_ERR_PERMISSION : XTUNE_ERR_IO, errno,
            path, NULL, "cannot read it: %s", strerror(errno));
    while ((d = readdir(dir))) {
        const unsigned int id = id_of_name(d->d_name);

        if (!id) continue;
        *ids_r = xtune_arena_grow(arena, *ids_r, *nr_r, sizeof(**ids_r));
        (*ids_r)[(*nr_r)++] = id;
    }
    closedir(dir);
    if (*nr_r) qsort(*ids_r, *nr_r, sizeof(**ids_r), compare_ids);
    return 0;
}
