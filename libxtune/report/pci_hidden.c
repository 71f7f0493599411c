/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hide lists: what the running boot and the next one hide from dom0. */
#include <string.h>

#include <xtune/report.h>

#include "base/json.h"
#include "base/util.h"
#include "pci/parts.h"
#include "report/pci.h"
#include "report/table.h"
#include "report/text.h"

typedef struct hide_list {
    const char *when; /* for messages */
    const char *text; /* NULL: none, or not known */
    const char *problem;
    xtune_pci_hidden *items;
    size_t nr;
} hide_list;

static hide_list read_list(xtune_arena *arena, const xtune_host *host,
                           const char *when, const char *command_line)
{
    hide_list list = { .when = when };
    XT_CLEANUP_ERROR xtune_error *err = NULL;

    if (!command_line) return list;
    list.text = xt_pci_list_of(arena, host, command_line);
    if (list.text && xtune_pci_hide_parse(arena, list.text, when, &list.items,
                                          &list.nr, &err)) {
        XT_CLEANUP_FREE char *text = xtune_error_text(err);

        list.problem = xtune_arena_strdup(arena, text);
    }
    return list;
}

typedef struct hidden_view {
    const xtune_host *host;
    hide_list running, next;
} hidden_view;

static hidden_view read_view(xtune_arena *arena, const xtune_host *host)
{
    return (hidden_view){
        .host = host,
        .running =
            read_list(arena, host, "this boot", host->boot.dom0_running),
        .next =
            read_list(arena, host, "next boot", host->boot.dom0_configured),
    };
}

static bool is_in(const hide_list *list, const xtune_pci *pci)
{
    return xtune_pci_hide_has(list->items, list->nr, pci->address);
}

static bool is_listed(const hidden_view *view, const xtune_pci *pci)
{
    return pci->assignable || is_in(&view->running, pci) ||
           is_in(&view->next, pci);
}

static const char *yes_or_no(const char *command_line, bool yes)
{
    return !command_line ? "?" : yes ? "yes" : "no";
}

/* Items that hide nothing: the device is not there, or is mistyped. */
static bool means_none(const xtune_host *host, const xtune_pci_hidden *item)
{
    size_t i;

    for (i = 0; i < host->nr_pci; i++)
        if (xtune_pci_hide_has(item, 1, host->pci[i].address)) return false;
    return true;
}

static void put_problems(FILE *out, xtune_arena *arena,
                         const hidden_view *view)
{
    const hide_list *const lists[] = { &view->running, &view->next };
    const xtune_boot *boot = &view->host->boot;
    size_t i, k;

    for (i = 0; i < XT_ARRAY_SIZE(lists); i++) {
        if (lists[i]->problem)
            fprintf(out, "%s\n", xt_text_safe(arena, lists[i]->problem));
        for (k = 0; k < lists[i]->nr; k++)
            if (means_none(view->host, &lists[i]->items[k]))
                fprintf(out, "%s: \"%s\" of the hide list means no device\n",
                        lists[i]->when,
                        xt_text_safe(arena, lists[i]->items[k].text));
    }
    if (boot->problem)
        fprintf(out, "next boot: not known: %s\n",
                xt_text_safe(arena, boot->problem));
}

char *xtune_report_pci_hidden(const xtune_host *host, const char *root)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const hidden_view view = read_view(arena, host);
    xt_pci_names *names = xt_pci_names_open(root);
    xt_table table = { .arena = arena };
    xt_text text;
    size_t i;

    xt_text_open(&text);
    xt_table_column(&table, false, "Address");
    xt_table_column(&table, false, "This boot");
    xt_table_column(&table, false, "Next boot");
    xt_table_column(&table, false, "State");
    xt_table_column(&table, false, "Device");
    for (i = 0; i < host->nr_pci; i++) {
        const xtune_pci *pci = &host->pci[i];

        if (!is_listed(&view, pci)) continue;
        xt_table_cell(&table, "%s", pci->address);
        xt_table_cell(
            &table, "%s",
            yes_or_no(host->boot.dom0_running, is_in(&view.running, pci)));
        xt_table_cell(
            &table, "%s",
            yes_or_no(host->boot.dom0_configured, is_in(&view.next, pci)));
        xt_table_cell(&table, "%s",
                      xtune_pci_state_name(xtune_pci_state_of(host, pci)));
        xt_table_cell(&table, "%s", xt_pci_title(arena, names, pci));
    }
    xt_table_print(text.out, &table);
    put_problems(text.out, arena, &view);
    xt_pci_names_close(names);
    return xt_text_close(&text);
}

/* JSON. */

static xt_json *list_to_json(xtune_arena *arena, const xtune_host *host,
                             const char *command_line, const hide_list *list)
{
    xt_json *json, *unknown;
    size_t i;

    if (!command_line) return xt_json_null(arena);
    json = xt_json_object(arena);
    unknown = xt_json_array(arena);
    xt_json_add_string(arena, json, "list", list->text);
    xt_json_add_string(arena, json, "problem", list->problem);
    for (i = 0; i < list->nr; i++)
        if (means_none(host, &list->items[i]))
            xt_json_append(arena, unknown,
                           xt_json_string(arena, list->items[i].text));
    xt_json_add(arena, json, "unknown", unknown);
    return json;
}

static xt_json *hidden_to_json(xtune_arena *arena, const char *command_line,
                               bool hidden)
{
    return command_line ? xt_json_bool(arena, hidden) : xt_json_null(arena);
}

char *xtune_report_pci_hidden_json(const xtune_host *host)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const hidden_view view = read_view(arena, host);
    xt_json *json = xt_json_object(arena), *devices = xt_json_array(arena);
    const xtune_boot *boot = &host->boot;
    size_t i;

    xt_json_add_string(arena, json, "schema", "xtune/pci-hidden/1");
    xt_json_add_string(arena, json, "source", boot->source);
    xt_json_add_string(arena, json, "problem", boot->problem);
    xt_json_add(arena, json, "this_boot",
                list_to_json(arena, host, boot->dom0_running, &view.running));
    xt_json_add(arena, json, "next_boot",
                list_to_json(arena, host, boot->dom0_configured, &view.next));
    for (i = 0; i < host->nr_pci; i++) {
        const xtune_pci *pci = &host->pci[i];
        xt_json *one = xt_json_object(arena);

        if (!is_listed(&view, pci)) continue;
        xt_json_add_string(arena, one, "address", pci->address);
        xt_json_add(arena, one, "this_boot",
                    hidden_to_json(arena, boot->dom0_running,
                                   is_in(&view.running, pci)));
        xt_json_add(arena, one, "next_boot",
                    hidden_to_json(arena, boot->dom0_configured,
                                   is_in(&view.next, pci)));
        xt_json_add_bool(arena, one, "assignable", pci->assignable);
        xt_json_add_string(
            arena, one, "state",
            xtune_pci_state_name(xtune_pci_state_of(host, pci)));
        xt_json_append(arena, devices, one);
    }
    xt_json_add(arena, json, "devices", devices);
    return xt_json_print(json);
}
