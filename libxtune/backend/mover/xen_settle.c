/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Leaving one domain where a move has left two, or one that does not run. The
 * old one is whole for as long as the copy has not run; from then on, the
 * copy is. Which of these it is must be plain, or nothing is done.
 *
 * The copy's xl watches it before it is ready to run. The old one's xl would
 * end when it sees it suspended (xen tools/xl/xl_vmcontrol.c,
 * handle_domain_death): the mover has stopped that process, and it goes on
 * here, when the old one runs again or is gone.
 */
#include "backend/mover/mover.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <xenstore.h>

#include "base/util.h"

#define RECEIVER_MS 60000
#define ANEW_MS 15000   /* for xl to make a domain that restarts */
#define SUSPEND_MS 3000 /* for a guest to do what it has been asked */
#define GONE_MS 10000
#define LOOK_MS 50

enum verdict { NOTHING, OLD_WINS, COPY_WINS, NOT_YET, UNCLEAR };

typedef struct scene {
    mover_domain *domains;
    size_t nr;
    const mover_domain *old, *copy;
} scene;

static int look(mover *m, scene *s, xtune_error **err)
{
    size_t i;
    int rc;

    *s = (scene){ 0 };
    rc = mover_look(m, &s->domains, &s->nr, err);
    if (rc) return rc;
    s->old = mover_domain_find(s->domains, s->nr, m->record.old);
    for (i = 0; i < s->nr; i++)
        if (&s->domains[i] != s->old) s->copy = &s->domains[i];
    return 0;
}

static bool is_called(const mover *m, const mover_domain *domain,
                      const char *end)
{
    size_t len = strlen(m->name);

    return !strncmp(domain->name, m->name, len) &&
           !strcmp(domain->name + len, end);
}

/* A copy that was told to run may have restarted: then it is another domain,
 * which is not taken for one that has yet to run. */
static bool is_later(const mover *m, const mover_domain *copy)
{
    return m->record.go && copy->domid != m->record.copy;
}

static enum verdict judge_copy(const mover *m, const scene *s)
{
    const mover_domain *copy = s->copy;
    bool never_ran = copy->paused && !copy->has_run && !is_later(m, copy);
    bool unfinished = !copy->name[0] || is_called(m, copy, "--incoming");

    if (never_ran) {
        if (!s->old) return UNCLEAR;
        if (unfinished || copy->domid == m->record.copy) return OLD_WINS;
        return UNCLEAR;
    }
    if (unfinished && !is_later(m, copy)) return UNCLEAR;
    return !s->old || s->old->suspended ? COPY_WINS : UNCLEAR;
}

static enum verdict judge(const mover *m, const scene *s)
{
    if (!s->old && !s->copy) return NOTHING;
    if (s->nr > (s->old ? 2 : 1)) return UNCLEAR;
    if (m->record.runs)
        return !s->old || s->old->suspended ? COPY_WINS : UNCLEAR;
    if (s->copy) return judge_copy(m, s);
    /* The copy may have run and be gone for a moment, or for good. */
    return m->record.go && s->old->suspended ? NOT_YET : OLD_WINS;
}

static const char *state_of(const mover_domain *domain)
{
    if (domain->suspended) return "suspended";
    if (domain->shut) return "shut down";
    if (!domain->paused) return "running";
    return domain->has_run ? "paused" : "never run";
}

static int unclear(mover *m, const scene *s, xtune_error **err)
{
    const char *list = "", *comma = "";
    bool several = s->nr > 1;
    size_t i;

    for (i = 0; i < s->nr; i++) {
        list = xtune_arena_printf(
            m->arena, "%s%sdomain %u \"%s\" is %s%s", list, comma,
            s->domains[i].domid, s->domains[i].name, state_of(&s->domains[i]),
            &s->domains[i] == s->old ? " (the one that was moved)" : "");
        comma = ", ";
    }
    return xtune_error_set(
        err, XTUNE_ERR_REFUSED, 0, m->name,
        several ? "see \"xl list -v\"; end one that must not run with \"xl "
                  "destroy ID\""
                : "see \"xl list -v\"",
        "it is not clear %s: %s",
        several ? "which to keep" : "what became of it", list);
}

static bool is_there(mover *m, uint32_t domid)
{
    libxl_dominfo info;
    bool there;

    libxl_dominfo_init(&info);
    there = !libxl_domain_info(m->ctx, &info, domid) &&
            !libxl_uuid_compare(&info.uuid, &m->id);
    libxl_dominfo_dispose(&info);
    m->log.error[0] = '\0';
    return there;
}

/* Its last pages go when the last process lets go of them. */
static void wait_gone(mover *m, uint32_t domid)
{
    uint64_t until = xt_libxl_now_ms() + GONE_MS;

    while (is_there(m, domid) && xt_libxl_now_ms() < until)
        mover_sleep_ms(LOOK_MS);
}

static int destroy(mover *m, uint32_t domid, xtune_error **err)
{
    const char *doing =
        xtune_arena_printf(m->arena, "destroy domain %u", domid);

    m->log.error[0] = '\0';
    if (libxl_domain_destroy(m->ctx, domid, NULL))
        return mover_libxl_error(m, err, doing);
    wait_gone(m, domid);
    return 0;
}

/* Takes back a request to suspend that the guest has not seen. */
static void withdraw(const mover *m)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *path = xtune_arena_printf(
        arena, "/local/domain/%u/control/shutdown", m->record.old);
    struct xs_handle *xs = xs_open(0);
    xs_transaction_t t;
    unsigned int len, tries;
    char *value;
    bool asked, again = true;

    for (tries = 0; xs && again && tries < 20; tries++) {
        t = xs_transaction_start(xs);
        if (t == XBT_NULL) break;
        value = xs_read(xs, t, path, &len);
        asked = value && !strcmp(value, "suspend");
        free(value);
        if (asked) xs_write(xs, t, path, "", 0);
        again = !xs_transaction_end(xs, t, !asked) && errno == EAGAIN;
    }
    if (xs) xs_close(xs);
}

/* A guest that was asked to suspend shows nothing of it until it does. */
static int await_suspend(mover *m, scene *s, xtune_error **err)
{
    uint64_t until = xt_libxl_now_ms() + SUSPEND_MS;
    int rc = 0;

    if (!m->may_suspend || s->old->shut) return 0;
    withdraw(m);
    while (!rc && s->old && !s->old->shut && xt_libxl_now_ms() < until) {
        mover_sleep_ms(LOOK_MS);
        rc = look(m, s, err);
    }
    return rc;
}

/* A mover that was killed has left it on: the guest would go on slowly. */
static void stop_logging_writes(const mover *m)
{
    xc_interface *xc = xc_interface_open((xentoollog_logger *)&m->log.base,
                                         (xentoollog_logger *)&m->log.base, 0);

    if (!xc) return;
#ifdef LIBXL_HAVE_DEVICE_DISK_SPECIFICATION /* 4.17 */
    xc_shadow_control(xc, m->record.old, XEN_DOMCTL_SHADOW_OP_OFF, NULL, 0);
#else
    xc_shadow_control(xc, m->record.old, XEN_DOMCTL_SHADOW_OP_OFF, NULL, 0,
                      NULL, 0, NULL);
#endif
    xc_interface_close(xc);
}

static int keep_old(mover *m, scene *s, xtune_error **err)
{
    int rc = 0;

    if (s->copy) rc = destroy(m, s->copy->domid, err);
    if (!rc) rc = await_suspend(m, s, err);
    if (rc) return rc;
    if (!s->old)
        return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, m->name, NULL,
                               "the domain is gone");
    if (m->may_suspend) stop_logging_writes(m);
    m->log.error[0] = '\0';
    if (is_called(m, s->old, "--migratedaway") &&
        libxl_domain_rename(m->ctx, s->old->domid, s->old->name, m->name))
        return mover_libxl_error(m, err, "give it its name back");
    if (s->old->suspended &&
        libxl_domain_resume(m->ctx, s->old->domid, 1, NULL))
        return mover_libxl_error(m, err, "let it run again");
    return 0;
}

static int act(mover *m, scene *s, enum verdict verdict,
               enum mover_survivor *survivor_r, uint32_t *domid_r,
               xtune_error **err)
{
    int rc = 0;

    *survivor_r = MOVER_NONE;
    *domid_r = 0;
    if (verdict == OLD_WINS) {
        rc = keep_old(m, s, err);
        *survivor_r = MOVER_OLD;
        *domid_r = m->record.old;
    } else if (verdict == COPY_WINS) {
        /* It may have ended meanwhile. */
        if (s->copy) {
            *survivor_r = MOVER_COPY;
            *domid_r = s->copy->domid;
        }
        if (s->old) rc = destroy(m, s->old->domid, err);
    }
    if (!rc) mover_process_signal(&m->record.watcher, SIGCONT);
    return rc;
}

int mover_settle(mover *m, enum mover_survivor *survivor_r, uint32_t *domid_r,
                 xtune_error **err)
{
    uint64_t until = xt_libxl_now_ms() + ANEW_MS;
    enum verdict verdict;
    scene s;
    int rc;

    do {
        rc = look(m, &s, err);
        if (rc) return rc;
        verdict = judge(m, &s);
        if (verdict == NOT_YET) mover_sleep_ms(LOOK_MS);
    } while (verdict == NOT_YET && xt_libxl_now_ms() < until);
    if (verdict == NOT_YET || verdict == UNCLEAR) return unclear(m, &s, err);
    return act(m, &s, verdict, survivor_r, domid_r, err);
}

/* Without a record nothing was begun: then there is nothing to mend, whatever
 * it is called by now; or it is not ours. */
static int without_record(mover *m, xtune_error **err)
{
    scene s;
    int rc;

    rc = look(m, &s, err);
    if (rc || s.nr == 0) return rc;
    if (s.nr == 1 && !s.domains[0].suspended &&
        !mover_name_is_marked(s.domains[0].name))
        return 0;
    return unclear(m, &s, err);
}

static void say_settled(const mover *m, enum mover_survivor survivor,
                        uint32_t domid)
{
    bool watched;

    if (survivor == MOVER_NONE) {
        xt_libxl_say("settled none");
        return;
    }
    watched = mover_is_watched(domid);
    xt_libxl_say("settled %s %u%s", survivor == MOVER_OLD ? "old" : "new",
                 domid, watched ? "" : " unmonitored");
    if (!watched) mover_log_unwatched(m, domid);
}

/* As it is called, but for what a migration appends. */
static int take_name(mover *m, xtune_error **err)
{
    const mover_domain *domain;
    scene s;
    int rc;

    rc = look(m, &s, err);
    if (rc) return rc;
    domain = s.old ? s.old : s.copy;
    m->name = domain ? mover_name_unmarked(m->arena, domain->name) : "";
    if (!m->name[0]) m->name = m->uuid;
    return 0;
}

static int settle(mover *m, enum mover_survivor *survivor_r, uint32_t *domid_r,
                  xtune_error **err)
{
    bool found;
    int rc;

    rc = mover_lock(m, true, err);
    if (!rc) rc = mover_record_read(m, &found, err);
    if (!rc && !m->name) rc = take_name(m, err);
    if (rc) return rc;
    if (!found) return without_record(m, err);
    if (!mover_process_wait(&m->record.receiver, RECEIVER_MS))
        return xtune_error_set(
            err, XTUNE_ERR_BUSY, 0, m->name, "wait, or end that process",
            "\"xl migrate-receive\" is at work on it, process %d",
            (int)m->record.receiver.pid);
    m->may_suspend = true;
    return mover_settle(m, survivor_r, domid_r, err);
}

int mover_settle_main(mover *m)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    enum mover_survivor survivor = MOVER_NONE;
    uint32_t domid = 0;
    int rc;

    rc = settle(m, &survivor, &domid, &err);
    mover_unlock(m, !rc);
    if (rc) return mover_say_failed(err);
    say_settled(m, survivor, domid);
    return 0;
}
