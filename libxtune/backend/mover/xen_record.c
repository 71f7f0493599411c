/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The lock of a move, and in the same file what it takes to settle the move
 * if the mover dies. Machines that go down take domains and /run with them.
 */
#include "backend/mover/mover.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "base/util.h"

#define FOLDER "/run/xltune"
#define PREFIX "move-"
#define SUFFIX ".lock"
#define UUID_LEN 36
#define VERSION 1
#define NR_NUMBERS 8

/* One write of so many bytes, which a signal does not cut in two. */
#define RECORD_BYTES 192

static int io_error(const mover *m, xtune_error **err, const char *doing)
{
    return xtune_error_set(err, XTUNE_ERR_IO, errno, m->lock_path, NULL,
                           "cannot %s it: %s", doing, strerror(errno));
}

/* Whether the path still leads to the file that is open. */
static bool is_at_path(const mover *m, int fd)
{
    struct stat open_st, path_st;

    return !fstat(fd, &open_st) && !lstat(m->lock_path, &path_st) &&
           open_st.st_dev == path_st.st_dev &&
           open_st.st_ino == path_st.st_ino;
}

/* 1: the file was removed meanwhile. */
static int try_lock(mover *m, bool wait, xtune_error **err)
{
    int r;

    m->lock_fd =
        open(m->lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (m->lock_fd < 0) return io_error(m, err, "open");
    do
        r = flock(m->lock_fd, LOCK_EX | (wait ? 0 : LOCK_NB));
    while (r && errno == EINTR);
    if (!r && is_at_path(m, m->lock_fd)) return 0;
    if (r && errno == EWOULDBLOCK)
        r = xtune_error_set(err, XTUNE_ERR_BUSY, 0,
                            m->name ? m->name : m->uuid, NULL,
                            "it is being moved already");
    else
        r = r ? io_error(m, err, "lock") : 1;
    mover_unlock(m, false);
    return r;
}

int mover_lock(mover *m, bool wait, xtune_error **err)
{
    int rc;

    m->lock_path =
        xtune_arena_printf(m->arena, FOLDER "/" PREFIX "%s" SUFFIX, m->uuid);
    rc = xt_make_dirs(FOLDER, 0755, err);
    if (rc) return rc;
    do
        rc = try_lock(m, wait, err);
    while (rc == 1);
    return rc;
}

static bool parse(char *text, mover_record *record)
{
    uint64_t n[NR_NUMBERS];
    char *save, *word;
    size_t i;

    for (i = 0; i < NR_NUMBERS; i++) {
        word = strtok_r(i ? NULL : text, " \n", &save);
        if (!word || !xt_parse_u64(word, 10, UINT64_MAX, &n[i])) return false;
    }
    if (strtok_r(NULL, " \n", &save) || n[0] != VERSION || n[1] == 0 ||
        n[1] > XT_LIBXL_MAX_DOMID || n[2] > XT_LIBXL_MAX_DOMID || n[3] > 2 ||
        n[4] > INT32_MAX || n[6] > INT32_MAX)
        return false;
    *record = (mover_record){
        .old = (uint32_t)n[1],
        .copy = (uint32_t)n[2],
        .go = n[3] > 0,
        .runs = n[3] == 2,
        .receiver = { .pid = (pid_t)n[4], .start = n[5] },
        .watcher = { .pid = (pid_t)n[6], .start = n[7] },
    };
    return true;
}

int mover_record_read(mover *m, bool *found_r, xtune_error **err)
{
    char text[RECORD_BYTES + 1];
    ssize_t n;

    n = pread(m->lock_fd, text, RECORD_BYTES, 0);
    if (n < 0) return io_error(m, err, "read");
    text[n] = '\0';
    *found_r = n > 0;
    if (n > 0 && !parse(text, &m->record))
        return xtune_error_set(
            err, XTUNE_ERR_REFUSED, 0, m->lock_path,
            "see what \"xl list\" says of the domain, then remove the file",
            "it is not the record of a move");
    return 0;
}

int mover_record_write(mover *m, xtune_error **err)
{
    const mover_record *r = &m->record;
    char text[RECORD_BYTES + 1];
    ssize_t n;
    int len;

    len = snprintf(text, sizeof(text), "%d %u %u %d %d %llu %d %llu", VERSION,
                   r->old, r->copy, r->go + r->runs, (int)r->receiver.pid,
                   (unsigned long long)r->receiver.start, (int)r->watcher.pid,
                   (unsigned long long)r->watcher.start);
    memset(text + len, ' ', RECORD_BYTES - (size_t)len);
    text[RECORD_BYTES - 1] = '\n';
    n = pwrite(m->lock_fd, text, RECORD_BYTES, 0);
    if (n == RECORD_BYTES) return 0;
    if (n >= 0) errno = ENOSPC;
    return io_error(m, err, "write");
}

/* The UUID in the name of such a file; NULL where it is another. */
static const char *uuid_in(mover *m, const char *file)
{
    const size_t before = strlen(PREFIX);
    mover scratch = { .arena = m->arena };
    const char *uuid;

    if (strlen(file) != before + UUID_LEN + strlen(SUFFIX) ||
        strncmp(file, PREFIX, before) ||
        strcmp(file + before + UUID_LEN, SUFFIX))
        return NULL;
    uuid = xtune_arena_strndup(m->arena, file + before, UUID_LEN);
    if (mover_uuid_read(&scratch, uuid, NULL)) return NULL;
    /* In capitals it is no name that we give. */
    return strcmp(uuid, scratch.uuid) ? NULL : uuid;
}

int mover_record_list(mover *m, const char ***uuids_r, size_t *nr_r,
                      xtune_error **err)
{
    size_t nr = 0, room = 0;
    const char **uuids = NULL, *uuid;
    struct dirent *entry;
    DIR *dir = opendir(FOLDER);

    *uuids_r = NULL;
    *nr_r = 0;
    if (!dir && errno == ENOENT) return 0;
    if (!dir)
        return xtune_error_set(err, XTUNE_ERR_IO, errno, FOLDER, NULL,
                               "cannot read it: %s", strerror(errno));
    while ((entry = readdir(dir))) {
        uuid = uuid_in(m, entry->d_name);
        if (!uuid) continue;
        if (nr == room) {
            room = room ? room * 2 : 16;
            uuids = xt_xrealloc(uuids, room, sizeof(*uuids));
        }
        uuids[nr++] = uuid;
    }
    closedir(dir);
    *uuids_r = uuids;
    *nr_r = nr;
    return 0;
}

void mover_unlock(mover *m, bool done)
{
    if (m->lock_fd < 0) return;
    if (done) unlink(m->lock_path);
    close(m->lock_fd);
    m->lock_fd = -1;
}
