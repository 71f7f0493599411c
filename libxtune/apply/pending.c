/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What waits to be confirmed. pending.json names an entry of the history and
 * counts only while that entry stands there as applied: whoever rolls it back
 * or recovers, and is cut off before the file is gone, leaves nothing that
 * misleads. It is there from before the first change, when there is no such
 * entry yet.
 */
#include <errno.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>

#include "apply/journal.h"
#include "base/files.h"
#include "base/util.h"

#define SCHEMA "xtune/pending/1"
#define NR_MEMBERS 5

/* It has a few short members. */
#define MAX_BYTES 4096

typedef struct pending_file {
    uint64_t id;
    uint64_t within_s;    /* 0: not known, as of older ones */
    uint64_t deadline_ms; /* 0: none yet */
    const char *time, *boot_id;
} pending_file;

static const char *pending_path(const xtune_state *state, xtune_arena *arena)
{
    return xtune_arena_printf(arena, "%s/pending.json", state->dir);
}

/* Goes on while the host is suspended, and nobody sets it. */
static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static int damaged(xtune_error **err, const char *path, const char *why)
{
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, path,
                           "\"xltune rollback\" undoes the last change; to "
                           "keep it, move this file away",
                           "%s", why);
}

static int read_members(const xt_json *json, const char *path,
                        pending_file *file, xtune_error **err)
{
    const char *schema = xt_json_text(xt_json_get(json, "schema"));
    const xt_json *within = xt_json_get(json, "within_s");

    if (schema && strcmp(schema, SCHEMA))
        return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, 0, path,
                               "use the xltune that wrote it",
                               "its schema is \"%s\", not \"" SCHEMA "\"",
                               schema);
    file->time = xt_json_text(xt_json_get(json, "time"));
    file->boot_id = xt_json_text(xt_json_get(json, "boot_id"));
    if (!schema || json->nr != NR_MEMBERS + (within ? 1 : 0) || !file->time ||
        !xt_is_boot_id(file->boot_id) ||
        !xt_json_to_u64(xt_json_get(json, "id"), UINT32_MAX, &file->id) ||
        !xt_json_to_u64(xt_json_get(json, "deadline_ms"), INT64_MAX,
                        &file->deadline_ms) ||
        (within &&
         !xt_json_to_u64(within, XTUNE_CONFIRM_MAX_S, &file->within_s)))
        return damaged(err, path, "it does not say what is to be confirmed");
    return 0;
}

/* XTUNE_ERR_NOT_FOUND where there is none. */
static int read_file(const xtune_state *state, xtune_arena *arena,
                     pending_file *file, xtune_error **err)
{
    const char *path = pending_path(state, arena);
    XT_CLEANUP_ERROR xtune_error *why = NULL;
    xt_json *json;
    char *text;
    size_t len;
    int rc;

    rc = xt_file_read(arena, path, MAX_BYTES, &text, &len, err);
    if (rc) return rc;
    if (xt_json_parse(arena, text, len, path, &json, &why))
        return damaged(err, path, why->message);
    return read_members(json, path, file, err);
}

/* Whether the entry that the file is about is in force; a number may come
 * again where the history was removed. */
static int is_in_force(const xtune_state *state, const pending_file *file,
                       xtune_arena *arena, bool *found_r, xtune_error **err)
{
    XT_CLEANUP_ERROR xtune_error *why = NULL;
    xt_entry entry;
    int rc;

    *found_r = false;
    rc = xt_history_read_entry(state, (unsigned int)file->id, arena, &entry,
                               &why);
    if (rc == XTUNE_ERR_NOT_FOUND) return 0;
    if (rc)
        return xtune_error_set(err, rc, why->errnum, why->object, why->hint,
                               "%s", why->message);
    *found_r = !strcmp(entry.result, "applied") && entry.time && file->time &&
               !strcmp(entry.time, file->time);
    return 0;
}

/*
 * Of another boot nothing is left on a live host, but on one in a file, which
 * a reboot of this machine does not touch, all of it: its time is over then.
 */
static int read_clock(const xtune_state *state, const pending_file *file,
                      xtune_pending *pending, xtune_error **err)
{
    const uint64_t now = now_ms();
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();

    *pending = (xtune_pending){ .id = (unsigned int)file->id };
    if (!state->boot_id || strcmp(state->boot_id, file->boot_id)) {
        pending->other_boot = xt_state_is_other_boot(state, file->boot_id);
        return 0;
    }
    if (file->deadline_ms <= now) return 0;
    if (file->deadline_ms - now > XTUNE_CONFIRM_MAX_S * UINT64_C(1000))
        return damaged(err, pending_path(state, arena),
                       "its time is later than it can be");
    pending->left_ms = (unsigned int)(file->deadline_ms - now);
    return 0;
}

int xtune_pending_read(const xtune_state *state, bool *found_r,
                       xtune_pending *pending_r, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    XT_CLEANUP_ERROR xtune_error *why = NULL;
    pending_file file = { .id = 0 };
    int rc;

    *found_r = false;
    *pending_r = (xtune_pending){ .id = 0 };
    rc = read_file(state, arena, &file, &why);
    if (rc == XTUNE_ERR_NOT_FOUND) return 0;
    pending_r->id = (unsigned int)file.id;
    if (!rc) rc = is_in_force(state, &file, arena, found_r, &why);
    if (!rc && *found_r) rc = read_clock(state, &file, pending_r, &why);
    if (!rc) return 0;
    *found_r = false;
    return xtune_error_set(err, rc, why->errnum, why->object, why->hint, "%s",
                           why->message);
}

int xtune_pending_drop(const xtune_state *state, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *path = pending_path(state, arena);

    if (unlink(path) < 0 && errno != ENOENT)
        return xtune_error_set(
            err,
            errno == EACCES || errno == EROFS ? XTUNE_ERR_PERMISSION
                                              : XTUNE_ERR_IO,
            errno, path, NULL, "cannot remove it: %s", strerror(errno));
    return 0;
}

int xtune_pending_watch(const xtune_state *state)
{
    const int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

    if (fd < 0) return -1;
    if (inotify_add_watch(fd, state->dir,
                          IN_CLOSE_WRITE | IN_MOVE | IN_DELETE |
                              IN_DELETE_SELF | IN_MOVE_SELF) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

int xt_pending_check(const xtune_state *state,
                     const xtune_apply_options *options, xtune_error **err)
{
    xtune_pending pending;
    bool found;
    int rc;

    rc = xtune_pending_read(state, &found, &pending, err);
    if (rc) return rc;
    if (found && !pending.other_boot && !pending.left_ms)
        return xtune_error_set(err, XTUNE_ERR_BUSY, 0, state->dir,
                               "\"xltune rollback\" undoes it",
                               "change %u was not confirmed in time",
                               pending.id);
    if (found && !pending.other_boot)
        return xtune_error_set(err, XTUNE_ERR_BUSY, 0, state->dir,
                               "\"xltune confirm\" keeps it, \"xltune "
                               "rollback\" undoes it",
                               "change %u is yet to be confirmed", pending.id);
    if (options && options->confirm_s && !xt_is_boot_id(state->boot_id))
        return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, 0,
                               "/proc/sys/kernel/random/boot_id", NULL,
                               "cannot read it: without it nothing can wait "
                               "to be confirmed");
    /* What lies there is of an entry that is not in force any more. */
    return xtune_pending_drop(state, err);
}

static int write_file(const xtune_state *state, const pending_file *file,
                      xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_json *json = xt_json_object(arena);
    XT_CLEANUP_FREE char *text = NULL;

    xt_json_add_string(arena, json, "schema", SCHEMA);
    xt_json_add_u64(arena, json, "id", file->id);
    xt_json_add_string(arena, json, "time", file->time);
    xt_json_add_string(arena, json, "boot_id", file->boot_id);
    xt_json_add_u64(arena, json, "within_s", file->within_s);
    xt_json_add_u64(arena, json, "deadline_ms", file->deadline_ms);
    text = xt_json_print(json);
    return xt_file_replace(pending_path(state, arena), text, strlen(text),
                           0600, err);
}

int xt_pending_begin(const xtune_state *state, const xt_entry *entry,
                     const xtune_apply_options *options, xtune_error **err)
{
    if (!options || !options->confirm_s) return 0;
    return write_file(state,
                      &(pending_file){ .id = entry->id,
                                       .time = entry->time,
                                       .boot_id = state->boot_id,
                                       .within_s = options->confirm_s },
                      err);
}

int xt_pending_start(const xtune_state *state, const xt_entry *entry,
                     unsigned int seconds, xtune_error **err)
{
    return write_file(
        state,
        &(pending_file){ .id = entry->id,
                         .time = entry->time,
                         .boot_id = state->boot_id,
                         .within_s = seconds,
                         .deadline_ms = now_ms() + seconds * UINT64_C(1000) },
        err);
}

int xt_pending_restart(const xtune_state *state, const xt_entry *entry,
                       xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    XT_CLEANUP_ERROR xtune_error *why = NULL;
    pending_file file = { .id = 0 };
    int rc;

    rc = read_file(state, arena, &file, &why);
    /* One that is damaged stays so, and nobody takes it for confirmed. */
    if (rc == XTUNE_ERR_NOT_FOUND || rc == XTUNE_ERR_INVALID ||
        rc == XTUNE_ERR_UNSUPPORTED)
        return 0;
    if (rc)
        return xtune_error_set(err, rc, why->errnum, why->object, why->hint,
                               "%s", why->message);
    if (file.id != entry->id || !entry->time ||
        strcmp(file.time, entry->time) || !file.within_s ||
        !xt_is_boot_id(state->boot_id))
        return 0;
    return xt_pending_start(state, entry, (unsigned int)file.within_s, err);
}
