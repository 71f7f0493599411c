/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where the state is, and the lock that lets one writer in. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "apply/journal.h"
#include "base/files.h"
#include "base/util.h"

#define LIVE_STATE "/var/lib/xltune"
#define LIVE_LOCK "/run/xltune"
#define BOOT_ID "/proc/sys/kernel/random/boot_id"

#define POLL_MS 50

int xtune_state_open(const xtune_backend *backend, const char *root,
                     xtune_state **state_r, xtune_error **err)
{
    const char *dir = xtune_backend_state_dir(backend);
    xtune_arena *arena = xtune_arena_new();
    xtune_state *state = XTUNE_NEW(arena, xtune_state);

    (void)err;
    *state = (xtune_state){
        .arena = arena,
        /* Copied: xt_path() may have passed its argument on. */
        .dir = xtune_arena_strdup(
            arena, dir ? dir : xt_path(arena, root, LIVE_STATE)),
        .lock_fd = -1,
        .temporary = dir != NULL,
        .boot_id = xt_file_read_line(arena, xt_path(arena, root, BOOT_ID)),
    };
    *state_r = state;
    return 0;
}

bool xt_is_boot_id(const char *text)
{
    size_t i;

    if (!text || strlen(text) != 36) return false;
    for (i = 0; i < 36; i++) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;

        if (dash ? text[i] != '-' : !strchr("0123456789abcdef", text[i]))
            return false;
    }
    return true;
}

bool xt_state_is_other_boot(const xtune_state *state, const char *boot_id)
{
    return !state->temporary && boot_id && xt_is_boot_id(state->boot_id) &&
           strcmp(state->boot_id, boot_id) != 0;
}

/* What the holder wrote about itself: "apply, process 123". */
static const char *holder(xtune_arena *arena, const char *path)
{
    const char *text = xt_file_read_line(arena, path);

    return text && text[0] ? text : "another xltune";
}

static bool is_same_file(int fd, const char *path)
{
    struct stat a, b;

    return !fstat(fd, &a) && !stat(path, &b) && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

/* 0: locked; 1: somebody else has it; negative: an error. */
static int try_lock(xtune_state *state, const char *path, xtune_error **err)
{
    /* Nobody else may open it: who can, can lock it for ever. */
    const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

    /* The one who had it may have removed the folder as well. */
    if (fd < 0 && errno == ENOENT && state->temporary) {
        const int rc = xt_make_dirs(state->dir, 0755, err);

        return rc ? rc : 1;
    }
    if (fd < 0)
        return xtune_error_set(
            err,
            errno == EACCES || errno == EROFS ? XTUNE_ERR_PERMISSION
                                              : XTUNE_ERR_IO,
            errno, path, NULL, "cannot open the lock: %s", strerror(errno));
    (void)fchmod(fd, 0600);
    /* The one who had it may have removed the file since it was opened. */
    if (flock(fd, LOCK_EX | LOCK_NB) < 0 || !is_same_file(fd, path)) {
        close(fd);
        return 1;
    }
    state->lock_fd = fd;
    state->lock_path = path;
    return 0;
}

static void write_holder(const xtune_state *state, const char *what)
{
    XT_CLEANUP_FREE char *text =
        xt_xprintf("%s, process %ld\n", what, (long)getpid());

    /* Only for the message that the next one prints. */
    if (ftruncate(state->lock_fd, 0) < 0 ||
        pwrite(state->lock_fd, text, strlen(text), 0) < 0)
        return;
}

static int take_lock(xtune_state *state, const char *path, const char *what,
                     unsigned int wait_ms, xtune_error **err)
{
    const struct timespec pause = { .tv_nsec = POLL_MS * 1000000L };
    unsigned int waited;
    int rc;

    for (waited = 0;; waited += POLL_MS) {
        rc = try_lock(state, path, err);
        if (rc <= 0) break;
        if (waited >= wait_ms)
            return xtune_error_set(err, XTUNE_ERR_BUSY, EWOULDBLOCK, path,
                                   "try again when it is done",
                                   "another writer is at work: %s",
                                   holder(state->arena, path));
        nanosleep(&pause, NULL);
    }
    if (!rc) write_holder(state, what);
    return rc;
}

int xtune_state_lock(const xtune_backend *backend, const char *root,
                     const char *what, unsigned int wait_ms,
                     xtune_state **state_r, xtune_error **err)
{
    const char *lock_dir;
    xtune_state *state;
    int rc;

    rc = xtune_state_open(backend, root, &state, err);
    if (rc) return rc;
    lock_dir =
        state->temporary ? state->dir : xt_path(state->arena, root, LIVE_LOCK);
    rc = xt_make_dirs(lock_dir, 0755, err);
    if (!rc)
        rc = take_lock(state,
                       xtune_arena_printf(state->arena, "%s/lock", lock_dir),
                       what, wait_ms, err);
    if (rc) {
        xtune_state_close(state);
        return rc;
    }
    *state_r = state;
    return 0;
}

bool xtune_state_is_interrupted(const xtune_state *state)
{
    return xt_journal_exists(state);
}

bool xtune_state_is_interrupted_by(const xtune_state *state, const char *title)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_entry journal;

    return xt_journal_exists(state) &&
           !xt_journal_read(state, arena, &journal, NULL) && journal.title &&
           !strcmp(journal.title, title);
}

void xtune_state_close(xtune_state *state)
{
    if (!state) return;
    if (state->lock_fd >= 0) {
        /* Beside a snapshot nothing is left that says nothing. */
        if (state->temporary) {
            (void)unlink(state->lock_path);
            (void)rmdir(state->dir);
        }
        close(state->lock_fd);
    }
    xtune_arena_free(state->arena);
}
