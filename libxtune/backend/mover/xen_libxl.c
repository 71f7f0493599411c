/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libxl's context, and the domains that it sees. */
#include "backend/mover/mover.h"

#include <string.h>

#include "base/util.h"

static void on_progress(const char *what, unsigned long done,
                        unsigned long total)
{
    if (total > 0 && !strncmp(what, "Frames", 6))
        mover_events_pages(what, done, total);
}

int mover_open(mover *m, xtune_error **err)
{
    xt_libxl_keep_stdout();
    m->log.progress = on_progress;
    return xt_libxl_open(&m->log, &m->ctx, err);
}

void mover_close(mover *m)
{
    if (m->ctx) libxl_ctx_free(m->ctx);
    m->ctx = NULL;
}

int mover_libxl_error(mover *m, xtune_error **err, const char *doing)
{
    return xt_libxl_error(&m->log, err, m->name ? m->name : m->uuid, doing);
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
