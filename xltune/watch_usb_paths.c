/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists of where USB devices are. */
#include "watch_usb.h"

#include <stdlib.h>
#include <string.h>

bool usb_paths_have(const struct usb_paths *paths, const char *path)
{
    size_t i;

    for (i = 0; i < paths->nr; i++)
        if (!strcmp(paths->list[i], path)) return true;
    return false;
}

void usb_paths_add(struct usb_paths *paths, const char *path)
{
    if (usb_paths_have(paths, path)) return;
    paths->list =
        reallocarray(paths->list, paths->nr + 1, sizeof(*paths->list));
    if (!paths->list) abort();
    snprintf(paths->list[paths->nr++], sizeof(paths->list[0]), "%s", path);
}

void usb_paths_remove(struct usb_paths *paths, size_t at)
{
    paths->nr--;
    memmove(&paths->list[at], &paths->list[at + 1],
            (paths->nr - at) * sizeof(*paths->list));
}
