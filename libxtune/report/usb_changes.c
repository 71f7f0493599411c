/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The words for changes of USB devices and controllers. */
#include "report/changes.h"

#include <string.h>

#include "base/util.h"
#include "report/text.h"
#include "report/usb.h"

static const char *word(xtune_arena *arena, const xt_json *value,
                        const char *key)
{
    const xt_json *member = xt_json_get(value, key);

    return member && member->text ? xt_text_safe(arena, member->text) : "?";
}

static const char *controller_text(xtune_arena *arena,
                                   const xtune_action *action)
{
    const xt_json *value =
        xt_json_is_null(action->new) ? action->old : action->new;
    const char *ports = word(arena, value, "ports");

    return xtune_arena_printf(
        arena, "%s: USB %s, %s, %s port%s",
        xt_json_is_null(action->new) ? "removed" : "made",
        word(arena, value, "version"), word(arena, value, "type"), ports,
        strcmp(ports, "1") != 0 ? "s" : "");
}

static const char *place_text(xtune_arena *arena, const xt_json *value)
{
    return xtune_arena_printf(arena, "controller %s, port %s",
                              word(arena, value, "controller"),
                              word(arena, value, "port"));
}

/* What is stale is no longer there, whatever the toolstack says. */
static const char *device_text(xtune_arena *arena, const xtune_action *action)
{
    const xt_json *stale = xt_json_get(action->old, "stale");
    const bool was_stale = stale && stale->boolean;
    const char *from = xt_json_is_null(action->old) || was_stale
                           ? NULL
                           : place_text(arena, action->old);

    /* Of what is blocked it is not known where it would be. */
    if (action->new && action->new->type == XT_JSON_STRING) return "given";
    if (xt_json_is_null(action->new))
        return from ? xtune_arena_printf(arena, "taken back from %s", from)
                    : xtune_arena_printf(arena, "%s is freed, which it left",
                                         place_text(arena, action->old));
    if (from)
        return xtune_arena_printf(arena, "from %s to %s", from,
                                  place_text(arena, action->new));
    return xtune_arena_printf(arena, "given%s, in %s",
                              was_stale ? " again" : "",
                              place_text(arena, action->new));
}

static const char *driver_text(xtune_arena *arena, const xtune_action *action)
{
    (void)arena;
    (void)action;
    return "driven by dom0 again";
}

static const struct {
    const char *kind;
    const char *(*text)(xtune_arena *arena, const xtune_action *action);
} rows[] = {
    { "usb-controller", controller_text },
    { "usb", device_text },
    { "usb-driver", driver_text },
    { "usb-rules", xt_usb_rules_changes },
};

bool xt_usb_changes(xtune_arena *arena, const xtune_action *action,
                    const char **changes_r)
{
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(rows); i++) {
        if (strcmp(rows[i].kind, action->kind) != 0) continue;
        /* Of what is blocked there may be no more to say. */
        *changes_r =
            xt_json_is_null(action->old) && xt_json_is_null(action->new)
                ? ""
                : rows[i].text(arena, action);
        return true;
    }
    return false;
}
