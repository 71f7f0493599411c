/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Moving a domain's memory. A program of its own does it (mover/), which
 * outlives this process when that is killed, and then holds its lock until
 * the move has ended; libxl is in that program alone.
 */
#include "backend/xen.h"

#include <errno.h>
#include <glob.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "backend/program.h"
#include "base/json.h"
#include "base/util.h"

#define PROGRAM "xltune-move"

struct xt_moving {
    const xt_move *move;
    xt_program mover;
    xtune_move_progress progress;
    uint64_t started_ms;
    bool ended; /* it has said what became of it, or no longer can */
    int rc;
    xtune_error *why;
    xt_moved moved;
};

/* Numbers from text, blanks between; false unless there are just so many. */
static bool read_numbers(char *text, uint64_t *numbers, size_t nr)
{
    char *word, *rest = text;
    size_t i;

    for (i = 0; (word = strsep(&rest, " ")); i++)
        if (i >= nr || !xt_parse_u64(word, 10, UINT64_MAX, &numbers[i]))
            return false;
    return i == nr;
}

static void show(xt_moving *moving)
{
    const xt_move *move = moving->move;

    moving->progress.elapsed_ms = xt_now_ms() - moving->started_ms;
    if (move->moving) move->moving(move->opaque, &moving->progress);
}

static void on_progress(xt_moving *moving, char *text)
{
    xtune_move_progress *progress = &moving->progress;
    uint64_t numbers[4];

    if (!read_numbers(text, numbers, XT_ARRAY_SIZE(numbers))) return;
    progress->round = (unsigned int)numbers[0];
    progress->done_kb = numbers[1] * (XC_PAGE_SIZE / 1024);
    progress->total_kb = numbers[2] * (XC_PAGE_SIZE / 1024);
    progress->bytes = numbers[3];
    show(moving);
}

/* What it says at the end: "done NEWDOMID BYTES ROUNDS TOTAL_MS PAUSE_MS". */
static int on_done(const char *object, char *text, xt_moved *moved_r,
                   xtune_error **err)
{
    uint64_t numbers[5];

    if (!read_numbers(text, numbers, XT_ARRAY_SIZE(numbers)))
        return xtune_error_set(err, XTUNE_ERR_IO, 0, object, NULL,
                               "it was moved, but \"%s\" cannot be read",
                               text);
    *moved_r = (xt_moved){
        .bytes = numbers[1],
        .rounds = (unsigned int)numbers[2],
        .total_ms = numbers[3],
        .pause_ms = numbers[4],
    };
    return 0;
}

static int cut_off(const char *object, xtune_error **err)
{
    return xtune_error_set(err, XTUNE_ERR_INTERRUPTED, 0, object,
                           "run \"xltune recover\"", "the move was cut off");
}

/* One line that it says. */
static void on_line(xt_moving *moving, char *line)
{
    const char *object = moving->mover.object;

    if (!strncmp(line, "progress ", 9)) {
        on_progress(moving, line + 9);
    } else if (!strcmp(line, "paused")) {
        moving->progress.paused = true;
        show(moving);
    } else if (!strncmp(line, "done ", 5)) {
        moving->ended = true;
        moving->rc = on_done(object, line + 5, &moving->moved, &moving->why);
    } else if (!strncmp(line, "failed ", 7)) {
        moving->ended = true;
        moving->rc = xt_program_failure(object, line + 7, &moving->why);
    }
}

/* Hears what it has to say. */
static void hear(xt_moving *moving)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const bool over = xt_program_read(&moving->mover) == 0;
    char *line;

    while (!moving->ended &&
           (line = xt_program_take_line(&moving->mover, arena)))
        on_line(moving, line);
    if (moving->ended || !over) return;
    moving->ended = true;
    moving->rc = cut_off(moving->mover.object, &moving->why);
}

static char *order(const xt_move *move, unsigned int domid)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_json *json = xt_json_object(arena), *vcpus = xt_json_array(arena);
    size_t i;

    xt_json_add_u64(arena, json, "domid", domid);
    xt_json_add_string(arena, json, "uuid", move->domain.uuid);
    xt_json_add_string(arena, json, "name", move->domain.name);
    xt_json_add_bool(arena, json, "pause", move->pause);
    xt_json_add_string(arena, json, "nodes",
                       move->by_masks ? NULL : move->nodes);
    for (i = 0; i < move->nr_vcpus; i++) {
        xt_json *vcpu = xt_json_object(arena);

        xt_json_add_string(arena, vcpu, "hard",
                           xtune_set_format(arena, &move->hard[i]));
        xt_json_add_string(arena, vcpu, "soft",
                           xtune_set_format(arena, &move->soft[i]));
        xt_json_append(arena, vcpus, vcpu);
    }
    xt_json_add(arena, json, "vcpus", vcpus);
    return xt_json_print(json);
}

int xt_xen_begin_move(xtune_backend *backend, const xt_move *move,
                      xt_moving **moving_r, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *const argv[] = { xt_program_path(arena, PROGRAM), "move",
                                 NULL };
    XT_CLEANUP_FREE char *text = NULL;
    xt_moving *moving;
    xc_domaininfo_t info;
    int rc;

    rc = xt_xen_find_domain((xt_xen *)backend, &move->domain, &info, err);
    if (rc) return rc;
    moving = xt_xrealloc(NULL, 1, sizeof(*moving));
    *moving = (xt_moving){
        .move = move,
        .progress = { .domain = move->domain.name },
        .started_ms = xt_now_ms(),
    };
    rc = xt_program_start(&moving->mover, move->domain.name, argv,
                          move->lock_fd, err);
    if (rc) {
        free(moving);
        return rc;
    }
    text = order(move, info.domain);
    xt_program_send(&moving->mover, text);
    *moving_r = moving;
    return 0;
}

size_t xt_xen_wait_moves(xtune_backend *backend, xt_moving *const *moving,
                         size_t nr)
{
    XT_CLEANUP_FREE struct pollfd *fds = xt_xrealloc(NULL, nr, sizeof(*fds));
    size_t i;

    (void)backend;
    for (;;) {
        for (i = 0; i < nr; i++) {
            if (moving[i]->ended) return i;
            fds[i] = (struct pollfd){ .fd = moving[i]->mover.from,
                                      .events = POLLIN };
        }
        if (poll(fds, nr, -1) < 0) continue;
        for (i = 0; i < nr; i++)
            if (fds[i].revents) hear(moving[i]);
    }
}

int xt_xen_end_move(xtune_backend *backend, xt_moving *moving,
                    xt_moved *moved_r, xtune_error **err)
{
    const xt_move *move = moving->move;
    const int rc = moving->rc;

    xt_program_finish(&moving->mover);
    *moved_r = moving->moved;
    if (rc && err)
        *err = moving->why;
    else
        xtune_error_free(moving->why);
    free(moving);
    /* Where it cannot be kept, it is taken from the masks. */
    if (!rc)
        (void)xt_xen_keep_built((xt_xen *)backend, &move->domain, move->nodes,
                                NULL);
    return rc;
}

/* Runs it to its end; the first failure that it tells counts. answer: it has
 * to say something. */
static int run_settle(const char *const *argv, const char *object, bool answer,
                      xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_program m;
    bool heard = false;
    const char *line;
    int rc;

    rc = xt_program_start(&m, object, argv, -1, err);
    if (rc) return rc;
    for (;;) {
        line = xt_program_take_line(&m, arena);
        if (!line && !xt_program_read(&m)) break;
        if (!line) continue;
        heard = true;
        if (!rc && !strncmp(line, "failed ", 7))
            rc = xt_program_failure(object, line + 7, err);
    }
    xt_program_finish(&m);
    return !rc && answer && !heard ? cut_off(object, err) : rc;
}

int xt_xen_settle(xtune_backend *backend, const xt_domain_ref *domain,
                  xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *const argv[] = { xt_program_path(arena, PROGRAM), "settle",
                                 domain->uuid, domain->name, NULL };

    (void)backend;
    return run_settle(argv, domain->name, true, err);
}

int xt_xen_settle_all(xtune_backend *backend, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *const argv[] = { xt_program_path(arena, PROGRAM), "settle-all",
                                 NULL };
    glob_t found = { .gl_pathc = 0 };
    int rc = 0;

    (void)backend;
    /* Nearly always there is nothing to be done, and nothing is started. */
    if (!glob("/run/xltune/move-*.lock", 0, NULL, &found))
        rc = run_settle(argv, "moves", false, err);
    globfree(&found);
    return rc;
}
