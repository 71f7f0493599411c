/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the mover tells whoever started it. */
#include "backend/mover/mover.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/util.h"

#define PROGRESS_EVERY_MS 200

static struct {
    pthread_mutex_t lock;
    char what[40];
    unsigned int round;
    unsigned long done, total;
    uint64_t bytes, paused_at_ms, said_at_ms;
} state = { .lock = PTHREAD_MUTEX_INITIALIZER };

void mover_sleep_ms(unsigned int ms)
{
    struct timespec left = { .tv_sec = ms / 1000,
                             .tv_nsec = (long)(ms % 1000) * 1000000 };

    while (nanosleep(&left, &left) && errno == EINTR)
        continue;
}

int mover_say_failed(const xtune_error *err)
{
    XT_CLEANUP_FREE char *text = xtune_error_text(err);

    xt_libxl_say("failed %s %s", xt_libxl_code(err->code), text);
    return 1;
}

/* The lock is held. */
static void say_progress(bool always)
{
    uint64_t now = xt_libxl_now_ms();
    char line[128];
    int len;

    if (!state.round) return;
    if (!always && now - state.said_at_ms < PROGRESS_EVERY_MS) return;
    state.said_at_ms = now;
    len =
        snprintf(line, sizeof(line), "progress %u %lu %lu %llu\n", state.round,
                 state.done, state.total, (unsigned long long)state.bytes);
    xt_libxl_mention(line, (size_t)len);
}

void mover_events_pages(const char *what, unsigned long done,
                        unsigned long total)
{
    pthread_mutex_lock(&state.lock);
    /* The last round may have the number of the one before. */
    if (!state.round || strcmp(what, state.what) || total != state.total ||
        done < state.done) {
        state.round++;
        snprintf(state.what, sizeof(state.what), "%s", what);
    }
    state.done = done;
    state.total = total;
    say_progress(false);
    pthread_mutex_unlock(&state.lock);
}

void mover_events_bytes(uint64_t bytes)
{
    pthread_mutex_lock(&state.lock);
    state.bytes = bytes;
    say_progress(false);
    pthread_mutex_unlock(&state.lock);
}

void mover_events_paused(void)
{
    pthread_mutex_lock(&state.lock);
    if (!state.paused_at_ms) {
        state.paused_at_ms = xt_libxl_now_ms();
        xt_libxl_mention("paused\n", 7);
    }
    pthread_mutex_unlock(&state.lock);
}

mover_figures mover_events_figures(void)
{
    mover_figures figures;

    pthread_mutex_lock(&state.lock);
    say_progress(true);
    figures = (mover_figures){ .bytes = state.bytes,
                               .rounds = state.round,
                               .paused_at_ms = state.paused_at_ms };
    pthread_mutex_unlock(&state.lock);
    return figures;
}
