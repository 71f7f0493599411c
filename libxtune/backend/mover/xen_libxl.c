/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libxl's context, what it says, and the domains that it sees. */
#include "backend/mover/mover.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"

/*
 * libxl's messages begin with "file.c:123:function: Domain 5:". What is left
 * of them is for people.
 */
static const char *without_origin(const char *text, const char *context)
{
    const char *p;

    if (!context || strcmp(context, "libxl")) return text;
    p = strstr(text, ": ");
    if (!p) return text;
    text = p + 2;
    if (!strncmp(text, "Domain ", 7)) {
        p = text + 7;
        p += strspn(p, "0123456789");
        if (*p == ':') text = p + 1;
    }
    return text;
}

__attribute__((format(printf, 5, 0))) static void log_message(
    xentoollog_logger *logger, xentoollog_level level, int errnoval,
    const char *context, const char *format, va_list ap)
{
    mover_log *log = (mover_log *)logger;
    char text[512];

    /* The first one is the cause of those that follow. */
    if (level < XTL_ERROR || log->error[0]) return;
    vsnprintf(text, sizeof(text), format, ap);
    snprintf(log->error, sizeof(log->error), "%.200s%s%.48s",
             without_origin(text, context), errnoval > 0 ? ": " : "",
             errnoval > 0 ? strerror(errnoval) : "");
}

static void log_progress(xentoollog_logger *logger, const char *context,
                         const char *what, int percent, unsigned long done,
                         unsigned long total)
{
    (void)logger;
    (void)context;
    (void)percent;
    if (total > 0 && !strncmp(what, "Frames", 6))
        mover_events_pages(what, done, total);
}

static void log_destroy(xentoollog_logger *logger)
{
    (void)logger;
}

int mover_open(mover *m, xtune_error **err)
{
    static const libxl_childproc_hooks hooks = {
        .chldowner = libxl_sigchld_owner_libxl_always_selective_reap,
    };

    mover_events_keep_stdout();
    m->log.base = (xentoollog_logger){ .vmessage = log_message,
                                       .progress = log_progress,
                                       .destroy = log_destroy };
    if (libxl_ctx_alloc(&m->ctx, LIBXL_VERSION, 0, &m->log.base))
        return xtune_error_set(err, XTUNE_ERR_NO_XEN, 0, "libxl", NULL,
                               "cannot open it: %s",
                               m->log.error[0] ? m->log.error : "no Xen here");
    libxl_childproc_setmode(m->ctx, &hooks, NULL);
    return 0;
}

void mover_close(mover *m)
{
    if (m->ctx) libxl_ctx_free(m->ctx);
    m->ctx = NULL;
}

int mover_libxl_error(mover *m, xtune_error **err, const char *doing)
{
    int rc = xtune_error_set(err, XTUNE_ERR_IO, 0, m->name ? m->name : m->uuid,
                             NULL, "cannot %s%s%s", doing,
                             m->log.error[0] ? ": " : "", m->log.error);

    m->log.error[0] = '\0';
    return rc;
}

/* Where what xl appends to the name of one that migrates begins; or NULL. */
static const char *find_mark(const char *name)
{
    static const char *const marks[] = { "--incoming", "--migratedaway" };
    size_t i, len = strlen(name), mark_len;

    for (i = 0; i < XT_ARRAY_SIZE(marks); i++) {
        mark_len = strlen(marks[i]);
        if (len >= mark_len && !strcmp(name + len - mark_len, marks[i]))
            return name + len - mark_len;
    }
    return NULL;
}

bool mover_name_is_marked(const char *name)
{
    return find_mark(name);
}

const char *mover_name_unmarked(xtune_arena *arena, const char *name)
{
    const char *mark = find_mark(name);

    return mark ? xtune_arena_strndup(arena, name, (size_t)(mark - name))
                : name;
}

static void keep(mover *m, const libxl_dominfo *info, mover_domain *domain)
{
    XT_CLEANUP_FREE char *name = libxl_domid_to_name(m->ctx, info->domid);

    *domain = (mover_domain){
        .domid = info->domid,
        .name = xtune_arena_strdup(m->arena, name ? name : ""),
        .paused = info->paused,
        .shut = info->shutdown,
        .suspended = info->shutdown &&
                     info->shutdown_reason == LIBXL_SHUTDOWN_REASON_SUSPEND,
        .has_run = info->cpu_time > 0,
    };
}

int mover_look(mover *m, mover_domain **domains_r, size_t *nr_r,
               xtune_error **err)
{
    libxl_dominfo *list;
    int i, nr_listed;
    size_t nr = 0;

    list = libxl_list_domain(m->ctx, &nr_listed);
    if (!list) return mover_libxl_error(m, err, "list domains");
    *domains_r = XTUNE_NEW_ARRAY(m->arena, mover_domain, (size_t)nr_listed);
    for (i = 0; i < nr_listed; i++)
        if (!list[i].dying && !libxl_uuid_compare(&list[i].uuid, &m->id))
            keep(m, &list[i], &(*domains_r)[nr++]);
    libxl_dominfo_list_free(list, nr_listed);
    *nr_r = nr;
    return 0;
}

const mover_domain *mover_domain_find(const mover_domain *domains, size_t nr,
                                      uint32_t domid)
{
    size_t i;

    for (i = 0; i < nr; i++)
        if (domains[i].domid == domid) return &domains[i];
    return NULL;
}
