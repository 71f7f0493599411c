/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "backend/stored_setup.h"

#include <string.h>

#include "base/printable.h"

static bool is_true(const xt_json *json, const char *key)
{
    const char *text = xt_json_text(xt_json_get(json, key));

    return text && !strcmp(text, "True");
}

bool xt_stored_nested_hvm(const xt_json *document)
{
    const xt_json *info = xt_json_get(document, "b_info");

    return is_true(info, "nested_hvm") ||
           is_true(xt_json_get(info, "type.hvm"), "nested_hvm");
}

static const char *device_model(xtune_arena *arena, const xt_json *info)
{
    const char *path = xt_json_text(xt_json_get(info, "device_model"));
    const char *version =
        xt_json_text(xt_json_get(info, "device_model_version"));
    char *copy;

    if (path && path[0]) {
        copy = xtune_arena_strdup(arena, path);
        xt_printable_clean(copy);
        return copy;
    }
    return version && !strcmp(version, "qemu_xen_traditional")
               ? "qemu-xen-traditional"
               : NULL;
}

void xt_stored_setup(xtune_arena *arena, const xt_json *document,
                     xtune_domain *domain)
{
    const xt_json *info = xt_json_get(document, "b_info");
    const xt_json *vnodes = xt_json_get(info, "vnuma_nodes");

    domain->has_setup = true;
    domain->nested_hvm = xt_stored_nested_hvm(document);
    domain->device_model = device_model(arena, info);
    domain->nr_vnodes = 0;
    if (vnodes && vnodes->type == XT_JSON_ARRAY &&
        vnodes->nr <= XTUNE_MAX_VCPUS)
        domain->nr_vnodes = (uint32_t)vnodes->nr;
}
