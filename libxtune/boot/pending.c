/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the next boot will change of the command lines. */
#include <string.h>

#include <xtune/boot.h>

#include "base/util.h"
#include "boot/boot.h"
#include "boot/configured.h"
#include "boot/lines.h"

/* A command line as it runs, and as it will. */
typedef struct pair {
    const char *line;
    const char *running, *configured;
    const char *const *added; /* names that the boot loader adds; ends with
                                 NULL */
} pair;

/* What grub-mkconfig and Debian's scripts put there besides. */
static const char *const added_to_xen[] = { "placeholder", "no-real-mode",
                                            "edd", NULL };
static const char *const added_to_dom0[] = { "placeholder", "BOOT_IMAGE",
                                             "root",        "ro",
                                             "rw",          "rootflags",
                                             "initrd",      NULL };

static bool is_among(const char *const *names, const char *name)
{
    for (; *names; names++)
        if (!strcmp(*names, name)) return true;
    return false;
}

/* All that the next boot has is told where it is configured. */
static bool is_added(const pair *p, const char *key)
{
    return is_among(p->added, key) && !xt_boot_count(p->configured, key);
}

static bool is_told(const xtune_boot_difference *differences, size_t nr,
                    const pair *p, const char *key)
{
    size_t i;

    for (i = 0; i < nr; i++)
        if (!strcmp(differences[i].line, p->line) &&
            xt_boot_is_same_key(differences[i].key, key))
            return true;
    return false;
}

typedef struct list {
    xtune_arena *arena;
    xtune_boot_difference *items;
    size_t nr;
} list;

/* As GRUB passes them on: what is behind a backslash is as it stands. */
static const char *const *unescaped(xtune_arena *arena,
                                    const char *const *values, size_t nr)
{
    const char **plain = XTUNE_NEW_ARRAY(arena, const char *, nr);
    size_t i;

    for (i = 0; i < nr; i++) {
        char *to = xtune_arena_strdup(arena, values[i]);
        const char *from = to;

        plain[i] = to;
        for (; *from; from++) {
            if (*from == '\\' && from[1]) from++;
            *to++ = *from;
        }
        *to = '\0';
    }
    return plain;
}

static void compare(list *l, const pair *p, const char *key)
{
    xtune_boot_difference d = { .line = p->line, .key = key };

    if (is_added(p, key) || is_told(l->items, l->nr, p, key)) return;
    d.nr_running = xt_boot_values(l->arena, p->running, key, &d.running);
    d.nr_configured =
        xt_boot_values(l->arena, p->configured, key, &d.configured);
    d.configured = unescaped(l->arena, d.configured, d.nr_configured);
    if (xt_boot_is_same_values(d.running, d.nr_running, d.configured,
                               d.nr_configured))
        return;
    l->items = xtune_arena_grow(l->arena, l->items, l->nr, sizeof(*l->items));
    l->items[l->nr++] = d;
}

static void add_pair(list *l, const pair *p)
{
    const char *const texts[] = { p->configured, p->running };
    const char *key;
    size_t i, at;

    for (i = 0; i < XT_ARRAY_SIZE(texts); i++) {
        at = 0;
        while ((key = xt_boot_next_key(l->arena, texts[i], &at)))
            compare(l, p, key);
    }
}

int xtune_boot_pending(const xtune_host *host, xtune_arena *arena,
                       xtune_boot_difference **differences_r, size_t *nr_r,
                       xtune_error **err)
{
    const xtune_boot *boot = &host->boot;
    const pair pairs[] = {
        { "xen", host->xen.command_line, boot->xen_configured, added_to_xen },
        { "dom0", boot->dom0_running, boot->dom0_configured, added_to_dom0 },
    };
    list l = { .arena = arena };
    size_t i;
    int rc;

    rc = xt_boot_check_known(host, "dom0", err);
    if (rc) return rc;
    for (i = 0; i < XT_ARRAY_SIZE(pairs); i++)
        if (pairs[i].running && pairs[i].configured) add_pair(&l, &pairs[i]);
    *differences_r = l.items;
    *nr_r = l.nr;
    return 0;
}
