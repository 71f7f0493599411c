/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* USB devices: byte for byte as xl lists them, and with all that tells which
 * one to take. */
#include "report/usb.h"

#include <string.h>

#include "base/util.h"
#include "report/pci.h"
#include "report/table.h"
#include "report/text.h"
#include "report/used.h"

/* Of a domain. */

/* What xl prints of the front end of a controller: one that has none is 0, one
 * whose front end has not said anything yet -1. */
static int xl_state(const xtune_usb_controller *controller)
{
    if (controller->state != XTUNE_NONE) return (int)controller->state;
    return strcmp(controller->type, "devicemodel") ? -1 : 0;
}

/* The device that is at the path now, be it the one that was given; a port of
 * one that is not there is as a free one. */
static void put_port(FILE *out, const xtune_host *host, size_t number,
                     const char *path)
{
    const xtune_usb *usb = path ? xtune_host_usb(host, path) : NULL;

    fprintf(out, "  Port %zu:", number);
    if (usb) fprintf(out, " Bus %03x Device %03x", usb->bus, usb->address);
    putc('\n', out);
}

char *xtune_report_usb_list(const xtune_host *host, const xtune_domain *domain)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_text text;
    size_t i, k;

    xt_text_open(&text);
    for (i = 0; i < domain->nr_usb; i++) {
        const xtune_usb_controller *one = &domain->usb[i];

        fprintf(text.out, "%-6s %-12s %-3s %-5s %-7s %-5s\n", "Devid", "Type",
                "BE", "state", "usb-ver", "ports");
        fprintf(text.out, "%-6u %-12s %-3u %-5d %-7u %-5zu\n", one->id,
                xt_text_safe(arena, one->type), one->backend, xl_state(one),
                one->version, one->nr_ports);
        for (k = 0; k < one->nr_ports; k++)
            put_port(text.out, host, k + 1, one->ports[k]);
    }
    return xt_text_close(&text);
}

/* Of the host. */

const char *xt_usb_drivers(xtune_arena *arena, const xtune_usb *usb)
{
    const char *text = NULL;
    size_t i, k;

    for (i = 0; i < usb->nr_interfaces; i++) {
        const char *driver = usb->interfaces[i].driver;

        for (k = 0; driver && k < i; k++)
            if (usb->interfaces[k].driver &&
                !strcmp(usb->interfaces[k].driver, driver))
                driver = NULL;
        if (driver)
            text = text ? xtune_arena_printf(arena, "%s, %s", text, driver)
                        : driver;
    }
    return text ? text : "-";
}

/* A domain that has it by the toolstack's word alone has it not. */
const char *xt_usb_used_by(xtune_arena *arena, const xtune_host *host,
                           const xtune_usb *usb)
{
    const xtune_usb_controller *controller;
    const xtune_domain *owner;
    uint32_t port;

    owner = xtune_usb_owner(host, usb->path, &controller, &port);
    if (owner && !xtune_usb_is_stale(host, controller, port))
        return xt_text_name(arena, owner->name);
    return xt_used_summary(arena, usb->uses, usb->nr_uses);
}

/* The first that says no; NULL where none matches an interface. */
static const xtune_usb_rule *denying(const xtune_usb_verdict *verdict)
{
    size_t i;

    for (i = 0; i < verdict->nr_decisions; i++)
        if (!verdict->decisions[i] || !verdict->decisions[i]->allow)
            return verdict->decisions[i];
    return NULL;
}

static const char *allowing(xtune_arena *arena,
                            const xtune_usb_verdict *verdict)
{
    const char *text = "allow, line";
    size_t i, k;

    for (i = 0; i < verdict->nr_decisions; i++) {
        for (k = 0; verdict->decisions[k] != verdict->decisions[i]; k++)
            ;
        if (k == i)
            text = xtune_arena_printf(arena, "%s %u", text,
                                      verdict->decisions[i]->line);
    }
    return text;
}

const char *xt_usb_policy_text(xtune_arena *arena, const xtune_usb_view *view,
                               const xtune_usb *usb)
{
    xtune_usb_verdict verdict;
    const xtune_usb_rule *rule;

    if (!view->rules) return "deny, unreadable";
    verdict = xtune_usb_policy_judge(view->rules, usb, arena);
    switch (verdict.reason) {
    case XTUNE_USB_IS_HUB: return "deny, a hub";
    case XTUNE_USB_NOT_CONFIGURED: return "deny, not configured";
    case XTUNE_USB_BY_RULES: break;
    }
    if (verdict.allow) return allowing(arena, &verdict);
    rule = denying(&verdict);
    return rule ? xtune_arena_printf(arena, "deny, line %u", rule->line)
                : "deny, no rule";
}

static void put_row(xt_table *table, const xtune_usb_view *view,
                    const xtune_usb *usb)
{
    xt_table_cell(table, "%s", usb->path);
    xt_table_cell(table, "%u:%u", usb->bus, usb->address);
    xt_table_cell(table, "%s:%s", usb->vendor, usb->product);
    xt_table_cell(table, "%s", usb->speed ? usb->speed : "?");
    xt_table_cell(table, "%s", xt_usb_drivers(table->arena, usb));
    xt_table_cell(table, "%s", xt_usb_used_by(table->arena, view->host, usb));
    xt_table_cell(table, "%s", xt_usb_policy_text(table->arena, view, usb));
    xt_table_cell(table, "%s", usb->serial ? usb->serial : "-");
    xt_table_cell(table, "%s", xtune_usb_name(table->arena, usb));
}

static void put_devices(FILE *out, xtune_arena *arena,
                        const xtune_usb_view *view)
{
    xt_table table = { .arena = arena };
    size_t i;

    xt_table_column(&table, false, "Device");
    xt_table_column(&table, false, "Bus:Addr");
    xt_table_column(&table, false, "ID");
    xt_table_column(&table, true, "Mbit/s");
    xt_table_column(&table, false, "Driver");
    xt_table_column(&table, false, "Used by");
    xt_table_column(&table, false, "Policy");
    xt_table_column(&table, false, "Serial");
    xt_table_column(&table, false, "Name");
    for (i = 0; i < view->host->nr_usb; i++)
        put_row(&table, view, &view->host->usb[i]);
    xt_table_print(out, &table);
}

char *xtune_report_usb(const xtune_usb_view *view)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_text text;

    xt_text_open(&text);
    if (view->usb)
        xt_usb_put_device(text.out, arena, view);
    else
        put_devices(text.out, arena, view);
    xt_pci_put_findings(text.out, arena, view->findings, NULL);
    return xt_text_close(&text);
}
