/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What changes of dom0's memory and vCPUs change. */
#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "dom0/parts.h"
#include "report/changes.h"

static const char *size_text(xtune_arena *arena, const xt_json *value)
{
    uint64_t kb;

    return xt_json_to_u64(value, XTUNE_UNKNOWN_KB - 1, &kb)
               ? xt_dom0_size_text(arena, kb)
               : "-";
}

static const char *number_text(xtune_arena *arena, const xt_json *value)
{
    uint64_t n;

    return xt_json_to_u64(value, UINT32_MAX, &n)
               ? xtune_arena_printf(arena, "%" PRIu64, n)
               : "-";
}

bool xt_dom0_changes(xtune_arena *arena, const xtune_action *action,
                     const char **changes_r)
{
    const bool memory = !strcmp(action->kind, "dom0-memory");

    if (!memory && strcmp(action->kind, "dom0-vcpus") != 0) return false;
    if (xt_json_is_null(action->old)) return false; /* it is blocked */
    *changes_r =
        xtune_arena_printf(arena, "%s %s -> %s", memory ? "memory" : "vCPUs",
                           memory ? size_text(arena, action->old)
                                  : number_text(arena, action->old),
                           memory ? size_text(arena, action->new)
                                  : number_text(arena, action->new));
    return true;
}
