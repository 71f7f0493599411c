/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "report/changes.h"

#include <string.h>

#include <xtune/host.h>
#include <xtune/report.h>
#include <xtune/set.h>

#include "base/json.h"
#include "base/util.h"
#include "host/dom0_file.h"
#include "report/text.h"

/* One value of an action in a word; "-" where there is none. */
static const char *value_text(xtune_arena *arena, const xt_json *value)
{
    if (xt_json_is_null(value)) return "-";
    if (value->type == XT_JSON_BOOL) return value->boolean ? "yes" : "no";
    if (!value->text) return "(...)";
    return xt_text_safe(arena, value->text);
}

static const char *change_text(xtune_arena *arena, const char *key,
                               const xt_json *old, const xt_json *new)
{
    return xtune_arena_printf(arena, "%s%s%s -> %s", key, *key ? " " : "",
                              value_text(arena, old), value_text(arena, new));
}

/* The masks of a list by vCPU: one where they are alike. */
static const char *masks_text(xtune_arena *arena, const xt_json *vcpus,
                              const char *key)
{
    const xt_json *first, *other;
    size_t i;

    if (!vcpus || vcpus->type != XT_JSON_ARRAY || !vcpus->nr) return "-";
    first = key ? xt_json_get(vcpus->items[0], key) : vcpus->items[0];
    for (i = 1; i < vcpus->nr; i++) {
        other = key ? xt_json_get(vcpus->items[i], key) : vcpus->items[i];
        if (!first || !other || !xt_json_equal(first, other))
            return "one for each vCPU";
    }
    return value_text(arena, first);
}

static void add_change(xtune_arena *arena, const char **text, const char *what,
                       const char *before, const char *after)
{
    if (!strcmp(before, after)) return;
    *text = xtune_arena_printf(arena, "%s%s%s %s -> %s", *text,
                               **text ? ", " : "", what, before, after);
}

const char *xt_masks_changes(xtune_arena *arena, const xt_json *old,
                             const xt_json *new)
{
    const char *text = "";

    add_change(arena, &text, "hard", masks_text(arena, old, "hard"),
               masks_text(arena, new, "hard"));
    add_change(arena, &text, "soft", masks_text(arena, old, "soft"),
               masks_text(arena, new, "soft"));
    return text;
}

static const char *move_text(xtune_arena *arena, const xtune_action *action)
{
    const char *text = "", *masks;

    add_change(arena, &text, "memory on node",
               value_text(arena, xt_json_get(action->old, "nodes")),
               value_text(arena, xt_json_get(action->new, "nodes")));
    masks = xt_masks_changes(arena, xt_json_get(action->old, "vcpus"),
                             xt_json_get(action->new, "vcpus"));
    if (!*masks) return text;
    return xtune_arena_printf(arena, "%s%s%s", text, *text ? ", " : "", masks);
}

static const char *stored_text(xtune_arena *arena, const xtune_action *action)
{
    const char *text = "";

    add_change(arena, &text, "hard",
               masks_text(arena, xt_json_get(action->old, "hard"), NULL),
               masks_text(arena, xt_json_get(action->new, "hard"), NULL));
    add_change(arena, &text, "soft",
               masks_text(arena, xt_json_get(action->old, "soft"), NULL),
               masks_text(arena, xt_json_get(action->new, "soft"), NULL));
    add_change(arena, &text, "nodes",
               value_text(arena, xt_json_get(action->old, "nodes")),
               value_text(arena, xt_json_get(action->new, "nodes")));
    add_change(arena, &text, "cpupool",
               value_text(arena, xt_json_get(action->old, "cpupool")),
               value_text(arena, xt_json_get(action->new, "cpupool")));
    return xtune_arena_printf(arena, "stored: %s",
                              *text ? text : "no placement by libxl");
}

const char *xt_action_changes(xtune_arena *arena, const xtune_action *action)
{
    const xt_json *old = action->old, *new = action->new;
    const char *text = "";
    size_t i;

    if (xt_pool_changes(arena, action, NULL, &text) ||
        xt_pci_changes(arena, action, &text) ||
        xt_boot_parameter_changes(arena, action, &text) ||
        xt_dom0_changes(arena, action, &text) ||
        xt_usb_changes(arena, action, &text))
        return text;
    if (!strcmp(action->kind, "file") &&
        !xt_file_is_attribute(action->object))
        return xt_usb_rules_changes(arena, action);
    if (!strcmp(action->kind, "stored-affinity"))
        return stored_text(arena, action);
    if (!strcmp(action->kind, "rehome") && new &&new->type == XT_JSON_OBJECT)
        return move_text(arena, action);
    if (xt_json_is_null(old) && xt_json_is_null(new)) return "";
    if (!new || new->type != XT_JSON_OBJECT)
        return change_text(arena, "", old, new);
    for (i = 0; i < new->nr; i++) {
        const xt_json *before = xt_json_get(old, new->keys[i]);

        if (before && xt_json_equal(before, new->items[i])) continue;
        text = xtune_arena_printf(
            arena, "%s%s%s", text, *text ? ", " : "",
            change_text(arena, new->keys[i], before, new->items[i]));
    }
    return text;
}

const char *xt_action_domain(xtune_arena *arena, const xtune_action *action,
                             unsigned int *vcpu_r)
{
    const char *slash = strrchr(action->object, '/'), *object;
    uint64_t vcpu;

    *vcpu_r = XTUNE_NONE;
    if (xt_pool_changes(arena, action, &object, NULL)) return object;
    if (!slash || !xt_parse_u64(slash + 1, 10, XTUNE_MAX_VCPUS - 1, &vcpu))
        return action->object;
    *vcpu_r = (unsigned int)vcpu;
    return xtune_arena_strndup(arena, action->object,
                               (size_t)(slash - action->object));
}

static bool same(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

static bool alike(xtune_arena *arena, const xtune_action *a,
                  const xtune_action *b, unsigned int *vcpu_r)
{
    unsigned int vcpu;

    return same(xt_action_domain(arena, a, &vcpu),
                xt_action_domain(arena, b, vcpu_r)) &&
           vcpu != XTUNE_NONE && *vcpu_r != XTUNE_NONE &&
           same(a->kind, b->kind) && same(a->reason, b->reason) &&
           same(a->why, b->why) &&
           same(xt_action_changes(arena, a), xt_action_changes(arena, b));
}

size_t xt_action_group(xtune_arena *arena, const xtune_action *first,
                       size_t nr, const char **vcpus_r)
{
    XT_CLEANUP_ARENA xtune_arena *scratch = xtune_arena_new();
    xtune_set set = xtune_set_new(scratch, XTUNE_MAX_VCPUS);
    unsigned int vcpu;
    size_t n;

    *vcpus_r = "";
    xt_action_domain(scratch, first, &vcpu);
    if (vcpu == XTUNE_NONE) return 1;
    xtune_set_add(&set, vcpu);
    for (n = 1; n < nr && alike(scratch, first, &first[n], &vcpu); n++)
        xtune_set_add(&set, vcpu);
    *vcpus_r = xtune_arena_printf(arena, "%s %s", n > 1 ? "vCPUs" : "vCPU",
                                  xtune_set_format_ids(scratch, &set));
    return n;
}

char *xtune_report_action(const xtune_action *action)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    unsigned int vcpu;
    const char *domain = xt_action_domain(arena, action, &vcpu);
    const char *changes = xt_action_changes(arena, action);

    domain = xt_text_safe(arena, domain);
    if (vcpu == XTUNE_NONE) return xt_xprintf("%s: %s", domain, changes);
    return xt_xprintf("%s vCPU %u: %s", domain, vcpu, changes);
}
