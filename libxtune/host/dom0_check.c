/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What must hold of dom0's files. */
#include "host/host_check.h"

#include <string.h>

int xt_host_check_dom0(const xt_host_checker *c)
{
    const xtune_dom0 *dom0 = &c->host->dom0;
    size_t i;

    for (i = 0; i < dom0->nr_files; i++) {
        const xtune_file *file = &dom0->files[i];

        if (file->path[0] != '/')
            return xt_host_contradiction(c, "\"%s\" is no path of a file",
                                         file->path);
        if (i && !strcmp(file->path, dom0->files[i - 1].path))
            return xt_host_contradiction(c, "file \"%s\" is there twice",
                                         file->path);
        if (!file->text == !file->problem)
            return xt_host_contradiction(
                c, "file \"%s\" has neither text nor problem, or both",
                file->path);
    }
    return 0;
}
