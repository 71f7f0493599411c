/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The words for changes of PCI devices. */
#include "report/changes.h"

#include <string.h>

#include <xtune/host.h>

#include "base/json.h"
#include "base/util.h"
#include "host/attachment.h"
#include "report/text.h"

static const char *word(xtune_arena *arena, const xt_json *value)
{
    return value && value->text ? xt_text_safe(arena, value->text) : "-";
}

static void add(xtune_arena *arena, const char **text, const char *change)
{
    *text =
        xtune_arena_printf(arena, "%s%s%s", *text, **text ? ", " : "", change);
}

/* What the driver is to be: the one that Linux will choose has no name yet. */
static const char *driver_text(xtune_arena *arena, const xt_json *value)
{
    const xt_json *probe = xt_json_get(value, "probe");

    if (probe && probe->boolean) return "as Linux chooses";
    if (xt_json_is_null(xt_json_get(value, "driver"))) return "none";
    return word(arena, xt_json_get(value, "driver"));
}

/* The driver that it is to have back goes without saying. */
static const char *assignable_text(xtune_arena *arena,
                                   const xtune_action *action)
{
    static const struct {
        const char *key, *what;
    } kept[] = { { "name", "name" }, { "claimed_by", "claimed by domain" } };
    const char *from = driver_text(arena, action->old);
    const char *to = driver_text(arena, action->new);
    const char *text = "";
    size_t i;

    if (strcmp(from, to) != 0)
        add(arena, &text,
            xtune_arena_printf(arena, "driver %s -> %s", from, to));
    for (i = 0; i < XT_ARRAY_SIZE(kept); i++) {
        from = word(arena, xt_json_get(action->old, kept[i].key));
        to = word(arena, xt_json_get(action->new, kept[i].key));
        if (strcmp(from, to) != 0)
            add(arena, &text,
                xtune_arena_printf(arena, "%s %s -> %s", kept[i].what, from,
                                   to));
    }
    return text;
}

static const char *attachment_text(xtune_arena *arena,
                                   const xtune_action *action)
{
    const xt_json *force = xt_json_get(action->target, "force");
    xtune_attachment how;
    const char *text = "given";

    if (xt_json_is_null(action->new))
        return force && force->boolean
                   ? "taken back, also where the guest does not let go"
                   : "taken back";
    if (!xt_attachment_from_json(action->new, "", &how)) return text;
    if (how.slot != XTUNE_NONE)
        add(arena, &text,
            xtune_arena_printf(arena, "at %02x.%x", how.slot, how.function));
    if (how.permissive) add(arena, &text, "permissive");
    if (how.msitranslate) add(arena, &text, "msitranslate");
    if (how.power_mgmt) add(arena, &text, "power_mgmt");
    if (how.relaxed) add(arena, &text, "rdm_policy relaxed");
    return text;
}

static const char *sriov_text(xtune_arena *arena, const xtune_action *action)
{
    return xtune_arena_printf(arena, "virtual functions %s -> %s",
                              word(arena, action->old),
                              word(arena, action->new));
}

static const struct {
    const char *kind;
    const char *(*text)(xtune_arena *arena, const xtune_action *action);
} rows[] = {
    { "pci-assignable", assignable_text },
    { "pci", attachment_text },
    { "sriov", sriov_text },
};

bool xt_pci_changes(xtune_arena *arena, const xtune_action *action,
                    const char **changes_r)
{
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(rows); i++) {
        if (strcmp(rows[i].kind, action->kind)) continue;
        /* Of what is blocked there may be no more to say. */
        *changes_r =
            xt_json_is_null(action->old) && xt_json_is_null(action->new)
                ? ""
                : rows[i].text(arena, action);
        return true;
    }
    return false;
}
