/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The loop: events, signals, and what is due. */
#include "watch.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* Of a round so many are looked at before others are heard. */
#define SLICE 8

static void say_status(const struct watch *w)
{
    size_t i, settling = 0, problems = 0;

    for (i = 0; i < w->nr_domains; i++) {
        settling += w->domains[i]->state == WATCHED_SETTLING;
        problems += w->domains[i]->problem != NULL;
    }
    notify_text(format_text("STATUS=%zu domains, %zu settling, %zu with a "
                            "problem or drift",
                            w->nr_domains, settling, problems));
}

/* Rounds: each domain that stays is looked at. */

static void judge_slice(struct watch *w, struct watched **slice, size_t nr)
{
    xtune_host view;
    size_t i;

    watch_view(w, &view);
    for (i = 0; i < nr; i++) {
        struct watched *d = slice[i];

        if (!d) continue;
        if (!watched_is_coming(d)) watch_judge(w, &view, d);
        if (d->state != WATCHED_SETTLED) continue;
        watch_compare(w, &view, d);
        watch_check_memory(w, &view, d);
    }
    free(view.domains);
}

static void end_round(struct watch *w)
{
    xtune_error *err = NULL;

    w->in_round = false;
    w->next_domid = 0;
    w->round_us = now_us() + w->interval_us;
    if (w->events && xtune_events_check(w->events, &err)) {
        log_error(PRIORITY_ERROR, err);
        xtune_events_close(w->events);
        w->events = NULL;
    }
    say_status(w);
    (void)malloc_trim(0);
}

static void look_at_slice(struct watch *w)
{
    struct watched *slice[SLICE];
    xtune_error *err = NULL;
    size_t i, nr = 0;

    for (i = 0; i < w->nr_domains && nr < SLICE; i++) {
        struct watched *d = w->domains[i];

        if (d->domid >= w->next_domid && !watched_is_coming(d))
            slice[nr++] = d;
    }
    if (!nr) {
        end_round(w);
        return;
    }
    if (!watch_look(w, slice, nr, &err)) {
        for (i = 0; i < nr; i++)
            if (slice[i]) w->next_domid = slice[i]->domid + 1;
        judge_slice(w, slice, nr);
        return;
    }
    /* One has gone; or Xen does not answer, and the next round will tell. */
    if (err->code != XTUNE_ERR_NOT_FOUND) {
        log_error(PRIORITY_ERROR, err);
        end_round(w);
        return;
    }
    xtune_error_free(err);
    w->list_us = now_us();
}

static void list(struct watch *w)
{
    xtune_error *err = NULL;

    if (watch_list(w, &err)) {
        log_error(PRIORITY_ERROR, err);
        w->list_us = now_us() + SECOND_US;
    }
}

static void reopen_events(struct watch *w)
{
    if (xtune_events_open(w->ctx->backend, &w->events, NULL)) return;
    log_line(PRIORITY_NOTICE, "xenstore", "is there again");
    w->list_us = now_us();
}

static void begin_round(struct watch *w)
{
    if (!w->events) reopen_events(w);
    watch_refresh_wants(w, false);
    list(w);
    watch_begin_usb_round(w);
    w->in_round = true;
    w->next_domid = 0;
}

/* What is due. */

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* When a domain is to be seen to, or its devices. */
static uint64_t next_domain_us(const struct watch *w)
{
    uint64_t next = earlier(w->usb_us, w->undo_us);
    size_t i;

    for (i = 0; i < w->nr_domains; i++) {
        const struct watched *d = w->domains[i];

        if ((watched_is_coming(d) || d->repair) && d->next_us < next)
            next = d->next_us;
        if (d->state == WATCHED_SETTLED) next = earlier(next, d->give_us);
    }
    /* The lock is tried first, which costs nothing. */
    return next < w->lock_us ? w->lock_us : next;
}

static uint64_t next_us(const struct watch *w)
{
    uint64_t next = earlier(next_domain_us(w), w->list_us);

    if (w->in_round) return 0;
    next = earlier(next, w->round_us);
    return earlier(next, w->alive_us);
}

static void stay_alive(struct watch *w, uint64_t now)
{
    if (w->alive_us > now) return;
    notify("WATCHDOG=1");
    w->alive_us = now + w->watchdog_us / 2;
}

/* Domains that come go first, and one step at a time: then it is listened
 * again. */
static void do_due(struct watch *w)
{
    const uint64_t now = now_us();

    stay_alive(w, now);
    if (next_domain_us(w) <= now) {
        if (!watch_lock_early(w)) return;
        watch_undo(w);
        watch_settle(w);
        watch_repair(w);
        watch_give(w);
        watch_mind_usb(w);
        watch_unlock(w);
    } else if (w->list_us <= now) {
        list(w);
    } else if (w->in_round) {
        look_at_slice(w);
    } else if (w->round_us <= now) {
        begin_round(w);
    }
}

static void reload(struct watch *w)
{
    notify_text(notify_reloading(now_us()));
    watch_refresh_wants(w, true);
    w->round_us = 0;
    notify("READY=1");
}

static void take_signal(struct watch *w)
{
    struct signalfd_siginfo info;

    if (read(w->signals, &info, sizeof(info)) != sizeof(info)) return;
    if (info.ssi_signo == SIGHUP)
        reload(w);
    else
        w->stop = true;
}

static void wait_for_more(struct watch *w)
{
    const uint64_t now = now_us(), next = next_us(w);
    struct pollfd fds[] = {
        { .fd = w->signals, .events = POLLIN },
        { .fd = w->events ? xtune_events_fd(w->events) : -1,
          .events = POLLIN },
    };
    struct timespec left = { .tv_sec = 0 };

    if (next > now) {
        const uint64_t us = earlier(next - now, w->interval_us);

        left.tv_sec = (time_t)(us / SECOND_US);
        left.tv_nsec = (long)(us % SECOND_US * 1000);
    }
    if (ppoll(fds, 2, &left, NULL) <= 0) return;
    if (fds[0].revents) take_signal(w);
    if (fds[1].revents) watch_take_events(w);
}

static int open_signals(struct watch *w, xtune_error **err)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    signal(SIGPIPE, SIG_IGN);
    sigprocmask(SIG_BLOCK, &set, NULL);
    w->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (w->signals >= 0) return 0;
    return xtune_error_set(err, XTUNE_ERR_IO, errno, "watch", NULL,
                           "cannot listen to signals: %s", strerror(errno));
}

static int start(struct watch *w, xtune_error **err)
{
    int rc;

    w->list_us = w->usb_us = w->undo_us = NEVER_US;
    w->watchdog_us = notify_watchdog_us();
    w->alive_us = w->watchdog_us ? 0 : NEVER_US;
    rc = open_signals(w, err);
    if (!rc) rc = xtune_events_open(w->ctx->backend, &w->events, err);
    if (!rc) rc = watch_read_wants(w, true, err);
    /* After the events are on: none is missed. */
    if (!rc) rc = watch_list(w, err);
    return rc;
}

int watch_run(struct watch *w, xtune_error **err)
{
    int rc;

    w->signals = -1;
    rc = start(w, err);
    if (!rc) {
        notify("READY=1");
        log_line(PRIORITY_INFO, "watch", "%zu domains are here",
                 w->nr_domains);
    }
    while (!rc && !w->stop) {
        wait_for_more(w);
        if (!w->stop) do_due(w);
    }
    if (!rc) notify("STOPPING=1");
    watch_unlock(w);
    watch_free_model(w);
    xtune_events_close(w->events);
    if (w->signals >= 0) close(w->signals);
    free(w->trouble);
    free(w->usb_problem);
    free(w->usb_came.list);
    free(w->usb_new.list);
    free(w->usb_replugged.list);
    free(w->usb_freed.list);
    return rc;
}
