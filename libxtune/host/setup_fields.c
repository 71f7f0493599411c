/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tables of xtune/host/1 for how domains are set up. */
#include <string.h>

#include "base/util.h"
#include "host/disk.h"
#include "host/host_values.h"

/* Of QEMU: 512 bytes to 2 MiB. */
#define MAX_CLUSTER_BYTES (2u << 20)

xtune_disk xt_disk_unknown(const char *device)
{
    return (xtune_disk){
        .device = device,
        .virtual_kb = XTUNE_UNKNOWN_KB,
        .cluster_bytes = XTUNE_NONE,
        .nr_overlays = XTUNE_NONE,
    };
}

int xt_disk_compare(const void *a, const void *b)
{
    return strverscmp(((const xtune_disk *)a)->device,
                      ((const xtune_disk *)b)->device);
}

/* disks */

STRINGS(xtune_disk, blocks)

static int read_cluster(const xt_host_reader *reader, const xt_json *value,
                        const xt_place *place, void *object)
{
    xtune_disk *disk = object;
    uint64_t bytes;

    disk->cluster_bytes = XTUNE_NONE;
    if (!value) return 0;
    if (!xt_json_to_u64(value, MAX_CLUSTER_BYTES, &bytes) || !bytes)
        return xt_host_read_error(reader, value, place,
                                  "it is no number from 1 to %u",
                                  MAX_CLUSTER_BYTES);
    disk->cluster_bytes = (uint32_t)bytes;
    return 0;
}

static xt_json *print_cluster(xtune_arena *arena, const xtune_host *host,
                              const void *object)
{
    const xtune_disk *disk = object;

    (void)host;
    if (disk->cluster_bytes == XTUNE_NONE) return NULL;
    return xt_json_u64(arena, disk->cluster_bytes);
}

static const xt_field disk_fields[] = {
    { FIELD(xtune_disk, device, STRING), .required = true },
    { FIELD(xtune_disk, server, U32), .zero = true },
    { FIELD(xtune_disk, backend, STRING) },
    { FIELD(xtune_disk, format, STRING) },
    { FIELD(xtune_disk, target, STRING) },
    { FIELD(xtune_disk, script, STRING) },
    { FIELD(xtune_disk, direct_io_safe, BOOL), .zero = true },
    { FIELD(xtune_disk, readonly, BOOL), .zero = true },
    { FIELD(xtune_disk, cdrom, BOOL), .zero = true },
    { STRINGS_FIELD(xtune_disk, blocks) },
    { FIELD(xtune_disk, virtual_kb, U64) },
    { CUSTOM("cluster_bytes", read_cluster, print_cluster) },
    { .key = "overlays",
      .kind = XT_FIELD_U32,
      .offset = offsetof(xtune_disk, nr_overlays) },
};
static const xt_object_type disk_type = TYPE(xtune_disk, "disks", disk_fields);

/* setup */

/* Where it is not there, nothing is known of the stored configuration. */
static int read_nested(const xt_host_reader *reader, const xt_json *value,
                       const xt_place *place, void *object)
{
    xtune_domain *domain = object;

    if (!value) return 0;
    if (value->type != XT_JSON_BOOL)
        return xt_host_read_error(reader, value, place, "it is no boolean");
    domain->has_setup = true;
    domain->nested_hvm = value->boolean;
    return 0;
}

static xt_json *print_nested(xtune_arena *arena, const xtune_host *host,
                             const void *object)
{
    const xtune_domain *domain = object;

    (void)host;
    return domain->has_setup ? xt_json_bool(arena, domain->nested_hvm) : NULL;
}

static int read_disks(const xt_host_reader *reader, const xt_json *value,
                      const xt_place *place, void *object)
{
    xtune_domain *domain = object;
    size_t i;
    int rc;

    rc = xt_host_list_read(reader, &disk_type, value, place, &domain->disks,
                           &domain->nr_disks);
    if (rc || !domain->nr_disks) return rc;
    qsort(domain->disks, domain->nr_disks, sizeof(*domain->disks),
          xt_disk_compare);
    for (i = 1; i < domain->nr_disks; i++)
        if (!xt_disk_compare(&domain->disks[i - 1], &domain->disks[i]))
            return xt_host_read_error(reader, value, place,
                                      "\"%s\" is there twice",
                                      domain->disks[i].device);
    return 0;
}

static xt_json *print_disks(xtune_arena *arena, const xtune_host *host,
                            const void *object)
{
    const xtune_domain *domain = object;

    if (!domain->disks) return NULL;
    return xt_host_list_to_json(arena, host, &disk_type, domain->disks,
                                domain->nr_disks);
}

static const xt_field setup_fields[] = {
    { CUSTOM("nested_hvm", read_nested, print_nested) },
    { FIELD(xtune_domain, device_model, STRING) },
    { .key = "vnodes",
      .kind = XT_FIELD_U32,
      .offset = offsetof(xtune_domain, nr_vnodes),
      .zero = true,
      .max = XTUNE_MAX_VCPUS },
    { CUSTOM("disks", read_disks, print_disks) },
};
const xt_object_type xt_setup_type = {
    .key = "setup",
    .size = sizeof(xtune_domain),
    .fields = setup_fields,
    .nr_fields = XT_ARRAY_SIZE(setup_fields),
    .extra_offset = offsetof(xtune_domain, setup_members),
};
