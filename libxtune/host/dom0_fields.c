/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tables of xtune/host/1 for dom0 itself. */
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "host/dom0_file.h"
#include "host/host_values.h"

static const xt_field file_fields[] = {
    { FIELD(xtune_file, path, STRING), .required = true },
    { FIELD(xtune_file, text, STRING) },
    { FIELD(xtune_file, problem, STRING) },
};
static const xt_object_type file_type = TYPE(xtune_file, "files", file_fields);

static int read_files(const xt_host_reader *reader, const xt_json *value,
                      const xt_place *place, void *object)
{
    xtune_dom0 *dom0 = object;
    int rc;

    rc = xt_host_list_read(reader, &file_type, value, place, &dom0->files,
                           &dom0->nr_files);
    if (!rc) xt_file_sort(dom0->files, dom0->nr_files);
    return rc;
}

static xt_json *print_files(xtune_arena *arena, const xtune_host *host,
                            const void *object)
{
    const xtune_dom0 *dom0 = object;

    return xt_host_list_to_json(arena, host, &file_type, dom0->files,
                                dom0->nr_files);
}

STRINGS(xtune_dom0, services)
STRINGS(xtune_dom0, toolstacks)
STRINGS(xtune_dom0, silent_mounts)

static const xt_field dom0_fields[] = {
    { FIELD(xtune_dom0, target_kb, U64) },
    { FIELD(xtune_dom0, static_max_kb, U64) },
    { CUSTOM("files", read_files, print_files) },
    { STRINGS_FIELD(xtune_dom0, services) },
    { STRINGS_FIELD(xtune_dom0, toolstacks) },
    { STRINGS_FIELD(xtune_dom0, silent_mounts) },
};
const xt_object_type xt_dom0_type = TYPE(xtune_dom0, "dom0", dom0_fields);
