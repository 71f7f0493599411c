/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Guards: what giving a device to a guest would break. */
#include <string.h>

#include "base/util.h"
#include "host/uses.h"
#include "pci/parts.h"
#include "usb/parts.h"

const char *const xtune_usb_guards[] = {
    "policy",  "disk",    "network", "keyboard",
    "pointer", "console", "unknown", NULL,
};

/* guard: by the name that host/uses.h has for it. */
static const struct guard_kind {
    const char *name, *guard, *hint;
} guard_kinds[] = {
    { "disk", "disk", "unmount it, or let go of it, first" },
    { "network", "network",
      "let another card have the route and the connection" },
    { "console", "display", "give the console another screen or line" },
};

static void add_guard(xtune_findings *findings, const char *name,
                      const xtune_usb *usb, const char *hint, const char *text)
{
    xt_findings_add(findings, name, XTUNE_FINDING_ERROR, usb->path, hint, "%s",
                    text)
        ->is_guard = true;
}

/* The usb-policy. */

/* Why it is denied: the first interface that is. */
static const char *denial(xtune_arena *arena, const xtune_usb_policy *policy,
                          const xtune_usb *usb,
                          const xtune_usb_verdict *verdict)
{
    const xtune_usb_rule *rule = NULL;
    const char *what;
    size_t i;

    for (i = 0; i + 1 < verdict->nr_decisions; i++)
        if (!verdict->decisions[i] || !verdict->decisions[i]->allow) break;
    rule = verdict->decisions[i];
    what = xtune_arena_printf(
        arena, "interface %u (%02x/%02x/%02x)", usb->interfaces[i].number,
        usb->interfaces[i].class_code, usb->interfaces[i].subclass,
        usb->interfaces[i].protocol);
    if (!rule)
        return xtune_arena_printf(arena, "no rule of \"%s\" allows its %s",
                                  xtune_usb_policy_object(policy), what);
    return xtune_arena_printf(arena, "the rule \"%s:%u\" denies its %s",
                              xtune_usb_policy_object(policy), rule->line,
                              what);
}

static void guard_rules(xtune_findings *findings,
                        const xtune_usb_policy *policy, const xtune_usb *usb)
{
    xtune_arena *arena = findings->arena;
    const xtune_usb_verdict verdict =
        xtune_usb_policy_judge(policy, usb, arena);

    if (verdict.allow) return;
    switch (verdict.reason) {
    case XTUNE_USB_IS_HUB:
        add_guard(findings, "policy", usb, "take the devices behind it",
                  "it is a hub, which no guest can have");
        break;
    case XTUNE_USB_NOT_CONFIGURED:
        add_guard(findings, "policy", usb, "plug it in again",
                  usb->configured
                      ? "not all is known of it that the usb-policy needs"
                      : "it is not configured, so that the usb-policy cannot "
                        "judge it");
        break;
    case XTUNE_USB_BY_RULES:
        add_guard(findings, "policy", usb,
                  xtune_arena_printf(
                      arena, "allow it with \"xltune usb-policy allow %s\"",
                      usb->path),
                  denial(arena, policy, usb, &verdict));
        break;
    }
}

static void guard_policy(xtune_findings *findings, const xtune_host *host,
                         const xtune_usb_policy *policy, const xtune_usb *usb)
{
    const char *file = host->usb_rules.file;

    if (policy)
        guard_rules(findings, policy, usb);
    else
        add_guard(findings, "policy", usb,
                  "put right what \"xltune usb-policy check\" tells",
                  xtune_arena_printf(findings->arena,
                                     "the usb-policy%s%s%s cannot be read, "
                                     "which denies all",
                                     file ? " \"" : "", file ? file : "",
                                     file ? "\"" : ""));
}

/* Inputs. */

static bool is_dom0s(const xtune_host *host, const xtune_usb *usb)
{
    const xtune_usb_controller *controller;
    uint32_t port;

    return !xtune_usb_owner(host, usb->path, &controller, &port) ||
           xtune_usb_is_stale(host, controller, port);
}

/* What is at a USB device is said of its controller as well. */
static bool has_usb(const xtune_host *host, const xtune_pci *pci)
{
    size_t i;

    for (i = 0; i < host->nr_usb; i++)
        if (host->usb[i].controller &&
            !strcmp(host->usb[i].controller, pci->address))
            return true;
    return false;
}

/* Whether dom0 has another input of this kind, at a USB device or elsewhere:
 * that of a PC's keyboard controller is at the bridge to ISA. */
static bool has_other(const xtune_host *host, const xtune_usb *usb,
                      const char *kind)
{
    size_t i;

    for (i = 0; i < host->nr_usb; i++) {
        const xtune_usb *other = &host->usb[i];

        if (strcmp(other->path, usb->path) != 0 &&
            xt_uses_first(other->uses, other->nr_uses, kind) &&
            is_dom0s(host, other))
            return true;
    }
    for (i = 0; i < host->nr_pci; i++) {
        const xtune_pci *pci = &host->pci[i];

        if (xt_uses_first(pci->uses, pci->nr_uses, kind) &&
            xt_pci_is_dom0s(host, pci) && !has_usb(host, pci))
            return true;
    }
    return false;
}

static void guard_input(xtune_findings *findings, const xtune_host *host,
                        const xtune_usb *usb, const char *kind,
                        const char *what)
{
    xtune_arena *arena = findings->arena;
    const char *name = xt_uses_first(usb->uses, usb->nr_uses, kind);

    if (!name || has_other(host, usb, kind)) return;
    add_guard(findings, kind, usb,
              xtune_arena_printf(
                  arena, "plug another %s in, if the console needs one", what),
              xtune_arena_printf(arena, "it is the console's last %s, \"%s\"",
                                 what, name));
}

/* What dom0 does with it. */
static void guard_uses(xtune_findings *findings, const xtune_host *host,
                       const xtune_usb *usb)
{
    const char *text;
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(guard_kinds); i++) {
        text = xt_uses_text(findings->arena, usb->uses, usb->nr_uses,
                            guard_kinds[i].guard);
        if (text)
            add_guard(findings, guard_kinds[i].name, usb, guard_kinds[i].hint,
                      text);
    }
    guard_input(findings, host, usb, "keyboard", "keyboard");
    guard_input(findings, host, usb, "pointer", "pointing device");
    if (!usb->uses)
        add_guard(findings, "unknown", usb,
                  "see what it is for with \"lsusb -v\"",
                  "it is not known what dom0 does with it");
}

void xtune_usb_add_guards(xtune_findings *findings, const xtune_host *host,
                          const xtune_usb_policy *policy, const xtune_usb *usb)
{
    guard_policy(findings, host, policy, usb);
    if (is_dom0s(host, usb)) guard_uses(findings, host, usb);
}
