/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/attachment.h"

#include "base/util.h"

static const struct {
    const char *key;
    size_t offset;
} switches[] = {
    { "msitranslate", offsetof(xtune_attachment, msitranslate) },
    { "power_mgmt", offsetof(xtune_attachment, power_mgmt) },
    { "permissive", offsetof(xtune_attachment, permissive) },
    { "relaxed", offsetof(xtune_attachment, relaxed) },
};

xt_json *xt_attachment_to_json(xtune_arena *arena,
                               const xtune_attachment *attachment)
{
    xt_json *json = xt_json_object(arena);
    size_t i;

    xt_json_add(arena, json, "slot",
                attachment->slot == XTUNE_NONE
                    ? xt_json_null(arena)
                    : xt_json_u64(arena, attachment->slot));
    xt_json_add_u64(arena, json, "function", attachment->function);
    for (i = 0; i < XT_ARRAY_SIZE(switches); i++)
        xt_json_add_bool(
            arena, json, switches[i].key,
            *(const bool *)((const char *)attachment + switches[i].offset));
    return json;
}

bool xt_attachment_from_json(const xt_json *json, const char *address,
                             xtune_attachment *attachment_r)
{
    const xt_json *value = xt_json_get(json, "slot");
    uint64_t number = XTUNE_NONE;
    size_t i;

    *attachment_r = (xtune_attachment){ .address = address };
    if (!value || (value->type != XT_JSON_NULL &&
                   !xt_json_to_u64(value, XT_MAX_GUEST_SLOT, &number)))
        return false;
    attachment_r->slot = (uint32_t)number;
    if (!xt_json_to_u64(xt_json_get(json, "function"), 7, &number))
        return false;
    attachment_r->function = (uint32_t)number;
    for (i = 0; i < XT_ARRAY_SIZE(switches); i++) {
        value = xt_json_get(json, switches[i].key);
        if (!value || value->type != XT_JSON_BOOL) return false;
        *(bool *)((char *)attachment_r + switches[i].offset) = value->boolean;
    }
    return true;
}
