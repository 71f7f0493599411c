/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "backend/event_path.h"

#include <string.h>

#include <xtune/host.h>

/* Xen has no domain from this id on (DOMID_FIRST_RESERVED). */
#define DOMID_END 0x7ff0u

/* Takes a number without leading zeros off the front of a text. */
static bool take_domid(const char **text, unsigned int *domid_r)
{
    const char *p = *text;
    unsigned int domid = 0;

    if (*p == '0' && p[1] >= '0' && p[1] <= '9') return false;
    for (; *p >= '0' && *p <= '9' && domid < DOMID_END; p++)
        domid = domid * 10 + (unsigned int)(*p - '0');
    if (p == *text || domid >= DOMID_END) return false;
    *text = p;
    *domid_r = domid;
    return true;
}

static bool is_path_of(const char *path, const char *prefix,
                       const char *suffix, unsigned int *domid_r)
{
    const size_t len = strlen(prefix);

    if (strncmp(path, prefix, len)) return false;
    path += len;
    return take_domid(&path, domid_r) && !strcmp(path, suffix);
}

unsigned int xt_event_domid(const char *path)
{
    unsigned int domid;

    if (is_path_of(path, "/libxl/", "", &domid) ||
        is_path_of(path, "/local/domain/", "/name", &domid))
        return domid;
    return XTUNE_NONE;
}
