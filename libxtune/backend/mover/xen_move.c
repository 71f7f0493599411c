/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A move from beginning to end. Up to "go" the old domain is the one that
 * counts and every failure leads back to it; after that, what the receiver
 * reports, and where it reports nothing, what is seen.
 */
#include "backend/mover/mover.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/util.h"

typedef struct move {
    mover *m;
    const mover_request *request;
    mover_receiver rx;
    uint64_t begun_ms, runs_ms;
} move;

static int prepare(move *v, char **json_r, xtune_error **err)
{
    mover *m = v->m;
    libxl_domain_config config;
    bool found;
    int rc;

    rc = mover_lock(m, false, err);
    if (!rc) rc = mover_record_read(m, &found, err);
    if (!rc && found)
        rc = xtune_error_set(err, XTUNE_ERR_BUSY, 0, m->name,
                             "run \"xltune recover\"",
                             "an earlier move of it has to be settled first");
    if (rc) return rc;
    libxl_domain_config_init(&config);
    rc = mover_check(m, v->request->domid, &config, err);
    if (!rc) rc = mover_masks_config(m, v->request, &config, json_r, err);
    libxl_domain_config_dispose(&config);
    return rc;
}

static int start(move *v, xtune_error **err)
{
    mover *m = v->m;
    int rc;

    m->record.old = v->request->domid;
    m->record.watcher = mover_watcher_find(m->record.old);
    rc = mover_record_write(m, err);
    if (!rc) rc = mover_receiver_start(&v->rx, err);
    if (rc) return rc;
    m->record.receiver = mover_process_of(v->rx.pid);
    return mover_record_write(m, err);
}

static int transfer(move *v, xtune_error **err)
{
    mover *m = v->m;
    mover_copy *copy;
    int fd, r, rc;

    rc = mover_copy_start(m, &v->rx, m->record.old, &copy, &fd, err);
    if (rc) return rc;
    mover_process_signal(&m->record.watcher, SIGSTOP);
    m->log.error[0] = '\0';
    r = libxl_domain_suspend(m->ctx, m->record.old, fd,
                             v->request->pause ? 0 : LIBXL_SUSPEND_LIVE, NULL);
    close(fd);
    mover_copy_finish(copy);
    if (!r) return 0;
    m->may_suspend = r == ERROR_GUEST_TIMEDOUT;
    if (mover_receiver_has_ended(&v->rx))
        return mover_receiver_error(&v->rx, err, "take the memory");
    return mover_libxl_error(m, err, "copy its memory");
}

/* Only the receiver knows its number, and does not tell. */
static int find_copy(mover *m, xtune_error **err)
{
    mover_domain *domains;
    size_t nr;
    int rc;

    rc = mover_look(m, &domains, &nr, err);
    if (rc) return rc;
    if (nr != 2 || !mover_domain_find(domains, nr, m->record.old))
        return xtune_error_set(err, XTUNE_ERR_CHANGED, 0, m->name, NULL,
                               "%zu domains have its UUID, not 2", nr);
    m->record.copy = domains[domains[0].domid == m->record.old].domid;
    return mover_record_write(m, err);
}

static int hand_over(move *v, xtune_error **err)
{
    mover *m = v->m;
    const char *away;
    bool known;
    int rc;

    rc = mover_receiver_ready(&v->rx, err);
    if (!rc) rc = find_copy(m, err);
    if (!rc) rc = mover_masks_forget_nodes(m, m->record.copy, err);
    if (rc) return rc;
    away = xtune_arena_printf(m->arena, "%s--migratedaway", m->name);
    if (libxl_domain_rename(m->ctx, m->record.old, m->name, away))
        return mover_libxl_error(m, err, "rename it");
    m->record.go = true;
    rc = mover_record_write(m, err);
    if (rc) return rc;
    rc = mover_receiver_go(&v->rx, &known, err);
    v->runs_ms = xt_libxl_now_ms();
    if (!rc)
        m->record.runs = true;
    else if (known)
        m->record.go = false;
    mover_record_write(m, NULL);
    return rc;
}

/* The copy runs. The old one's xl sees it gone when it goes on. */
static int clear_up(move *v, xtune_error **err)
{
    mover *m = v->m;

    m->log.error[0] = '\0';
    if (libxl_domain_destroy(m->ctx, m->record.old, NULL))
        return mover_libxl_error(
            m, err,
            xtune_arena_printf(m->arena,
                               "destroy the old domain %u (it runs as domain "
                               "%u now)",
                               m->record.old, m->record.copy));
    mover_process_signal(&m->record.watcher, SIGCONT);
    return 0;
}

/* After a failure: *moved_r where it turns out to be none. */
static int fall_back(move *v, bool *moved_r, xtune_error **err)
{
    mover *m = v->m;
    enum mover_survivor survivor;
    uint32_t domid;
    int rc;

    *moved_r = false;
    mover_receiver_finish(&v->rx, !m->record.go);
    rc = mover_settle(m, &survivor, &domid, err);
    if (rc) return rc;
    if (survivor == MOVER_NONE)
        return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, m->name, NULL,
                               "the domain is gone");
    if (survivor == MOVER_COPY) {
        m->record.copy = domid;
        *moved_r = true;
    }
    return 0;
}

static void say_done(const move *v)
{
    mover_figures f = mover_events_figures();
    uint64_t pause = f.paused_at_ms && v->runs_ms > f.paused_at_ms
                         ? v->runs_ms - f.paused_at_ms
                         : 0;

    xt_libxl_say("done %u %llu %u %llu %llu", v->m->record.copy,
                 (unsigned long long)f.bytes, f.rounds,
                 (unsigned long long)(xt_libxl_now_ms() - v->begun_ms),
                 (unsigned long long)pause);
}

/* Both causes, where going back has failed as well. */
static int say_both(const xtune_error *cause, const xtune_error *then)
{
    XT_CLEANUP_ERROR xtune_error *both = NULL;

    xtune_error_set(&both, then->code, 0, then->object, then->hint,
                    "%s, after %s: %s", then->message, cause->object,
                    cause->message);
    return mover_say_failed(both);
}

/* The last step: nothing that people wait for comes after it. */
static void check_watched(const mover *m, bool moved)
{
    uint32_t domid = moved ? m->record.copy : m->record.old;

    /* One that nobody watched goes on as it was. */
    if (!moved && !m->record.watcher.pid) return;
    if (!mover_is_watched(domid)) mover_log_unwatched(m, domid);
}

static int run(move *v, const char *json)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL, *then = NULL;
    bool moved = true;
    int rc;

    rc = start(v, &err);
    if (!rc) rc = mover_receiver_greet(&v->rx, json, &err);
    if (!rc) rc = transfer(v, &err);
    if (!rc) rc = hand_over(v, &err);
    if (!rc) {
        rc = clear_up(v, &err);
        mover_receiver_finish(&v->rx, false);
    } else if (fall_back(v, &moved, &then)) {
        mover_unlock(v->m, then->code == XTUNE_ERR_NOT_FOUND);
        return say_both(err, then);
    } else if (moved) {
        rc = 0;
    }
    mover_unlock(v->m, !rc || !moved);
    if (rc)
        mover_say_failed(err);
    else
        say_done(v);
    check_watched(v->m, moved);
    return rc ? 1 : 0;
}

int mover_move_main(mover *m, const mover_request *request)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    move v = { .m = m,
               .request = request,
               .rx = MOVER_NO_RECEIVER,
               .begun_ms = xt_libxl_now_ms() };
    bool found = false;
    char *json;

    if (!prepare(&v, &json, &err)) return run(&v, json);
    /* What an earlier one has left stays. */
    if (m->lock_fd >= 0 && mover_record_read(m, &found, NULL)) found = true;
    mover_unlock(m, !found);
    return mover_say_failed(err);
}
