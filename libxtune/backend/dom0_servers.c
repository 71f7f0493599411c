/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What dom0 has its disks and file systems from, over a network: iSCSI, NVMe
 * over fabrics, NFS, SMB. */
#include "backend/dom0_servers.h"

#include <string.h>

#include "backend/dom0_blocks.h"
#include "base/util.h"

#define ISCSI "/sys/class/iscsi_connection"
#define NVME "/sys/class/nvme"

typedef struct servers {
    const xt_dom0_files *files;
    const char **items;
    size_t nr;
} servers;

static void add(servers *s, const char *address)
{
    size_t i;

    for (i = 0; i < s->nr; i++)
        if (!strcmp(s->items[i], address)) return;
    s->items =
        xtune_arena_grow(s->files->arena, s->items, s->nr, sizeof(*s->items));
    s->items[s->nr++] = address;
}

/* "address" is that of the connection as it is; what it is made again to when
 * it is lost is the other one. */
static void read_iscsi(servers *s)
{
    static const char *const keys[] = { "address", "persistent_address" };
    const char **names, *address;
    size_t nr, i, k;

    names = xt_dom0_list(s->files, ISCSI, &nr);
    for (i = 0; i < nr; i++)
        for (k = 0; k < XT_ARRAY_SIZE(keys); k++) {
            address = xt_dom0_line(
                s->files, xt_dom0_join(s->files, ISCSI, names[i]), keys[k]);
            if (address) add(s, address);
        }
}

/* "traddr=192.0.2.1,trsvcid=4420,src_addr=192.0.2.9"; of PCI and Fibre Channel
 * it is no address of a network. */
static void read_nvme(servers *s)
{
    static const char key[] = "traddr=";
    const char **names, *line;
    size_t nr, i;

    names = xt_dom0_list(s->files, NVME, &nr);
    for (i = 0; i < nr; i++) {
        line = xt_dom0_line(s->files, xt_dom0_join(s->files, NVME, names[i]),
                            "address");
        if (!line || strncmp(line, key, strlen(key)) != 0) continue;
        line += strlen(key);
        add(s, xtune_arena_strndup(s->files->arena, line, strcspn(line, ",")));
    }
}

static void read_mounted(servers *s)
{
    xt_dom0_mount *mounts;
    size_t nr, i;

    if (!xt_dom0_read_mounts(s->files, &mounts, &nr)) return;
    for (i = 0; i < nr; i++)
        if (mounts[i].server) add(s, mounts[i].server);
}

const char **xt_dom0_servers(const xt_dom0_files *files, size_t *nr_r)
{
    servers s = { .files = files };

    read_iscsi(&s);
    read_nvme(&s);
    read_mounted(&s);
    *nr_r = s.nr;
    return s.items;
}
