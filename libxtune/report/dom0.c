/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* dom0's memory and vCPUs: what it has, has needed, and should have. */
#include <inttypes.h>
#include <string.h>

#include <xtune/report.h>

#include "base/json.h"
#include "base/util.h"
#include "boot/boot.h"
#include "dom0/parts.h"
#include "report/properties.h"
#include "report/table.h"
#include "report/text.h"

#define PIN_KEY "dom0_vcpus_pin"

static xt_json *kb_json(xtune_arena *arena, uint64_t kb)
{
    return kb == XTUNE_UNKNOWN_KB ? xt_json_null(arena)
                                  : xt_json_u64(arena, kb);
}

static xt_json *number_json(xtune_arena *arena, uint32_t n)
{
    return n == XTUNE_NONE ? xt_json_null(arena) : xt_json_u64(arena, n);
}

static xt_json *notes_json(xtune_arena *arena, const xtune_dom0_advice *advice)
{
    return xt_json_strings(arena, advice->notes, advice->nr_notes);
}

/* Memory. */

/* A line where it is known. */
static void put_size(const xt_properties *to, const char *key, uint64_t kb)
{
    if (kb != XTUNE_UNKNOWN_KB)
        xt_put_text(to, key, xt_dom0_size_text(to->arena, kb));
}

/* Of what the kernel counts, MiB are enough. */
static void put_about(const xt_properties *to, const char *key, uint64_t kb)
{
    put_size(to, key, kb == XTUNE_UNKNOWN_KB ? kb : kb >> 10 << 10);
}

static const char *boot_text(xtune_arena *arena,
                             const xtune_dom0_advice *advice)
{
    const char *line;

    if (!advice->boot_is_known) return "not known";
    line = advice->boot_mem
               ? xtune_arena_printf(arena, "dom0_mem=%s", advice->boot_mem)
               : "no dom0_mem";
    if (advice->boot_kb == XTUNE_UNKNOWN_KB)
        return xtune_arena_printf(arena, "not known (%s)", line);
    return xtune_arena_printf(arena, "%s%s%s (%s)",
                              advice->boot_mem ? "" : "about ",
                              xt_dom0_size_text(arena, advice->boot_kb),
                              advice->boot_is_fixed ? ", fixed" : "", line);
}

char *xtune_report_dom0_memory(const xtune_dom0_advice *advice)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_text text;
    xt_properties to = { .arena = arena };
    size_t i;

    xt_text_open(&text);
    to.out = text.out;
    put_size(&to, "memory", advice->has_kb);
    if (advice->target_kb != advice->has_kb)
        put_size(&to, "target", advice->target_kb);
    put_size(&to, "static-max", advice->static_max_kb);
    put_about(&to, "available", advice->available_kb);
    put_size(&to, "needs", advice->needs_kb);
    put_about(&to, "swap used", advice->swap_used_kb);
    put_about(&to, "swapped out", advice->swapped_kb);
    xt_put_text(&to, "next boot", boot_text(arena, advice));
    xt_put(&to, "should have", "%s",
           xt_dom0_size_text(arena, advice->should_kb));
    xt_put(&to, "rule", "%s: %s", xtune_dom0_rule_name(advice->rule),
           advice->why);
    xt_put_text(&to, "autoballoon", advice->autoballoon);
    for (i = 0; i < advice->nr_notes; i++)
        xt_put_text(&to, "note", advice->notes[i]);
    return xt_text_close(&text);
}

char *xtune_report_dom0_memory_json(const xtune_dom0_advice *advice)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_json *json = xt_json_object(arena), *boot = xt_json_object(arena);

    xt_json_add_string(arena, json, "schema", "xtune/dom0-memory/1");
    xt_json_add(arena, json, "memory_kb", kb_json(arena, advice->has_kb));
    xt_json_add(arena, json, "target_kb", kb_json(arena, advice->target_kb));
    xt_json_add(arena, json, "static_max_kb",
                kb_json(arena, advice->static_max_kb));
    xt_json_add(arena, json, "available_kb",
                kb_json(arena, advice->available_kb));
    xt_json_add(arena, json, "needs_kb", kb_json(arena, advice->needs_kb));
    xt_json_add(arena, json, "swap_used_kb",
                kb_json(arena, advice->swap_used_kb));
    xt_json_add(arena, json, "swapped_out_kb",
                kb_json(arena, advice->swapped_kb));
    xt_json_add_string(arena, boot, "dom0_mem", advice->boot_mem);
    xt_json_add(arena, boot, "memory_kb", kb_json(arena, advice->boot_kb));
    xt_json_add_bool(arena, boot, "fixed", advice->boot_is_fixed);
    xt_json_add(arena, json, "next_boot",
                advice->boot_is_known ? boot : xt_json_null(arena));
    xt_json_add(arena, json, "should_kb", kb_json(arena, advice->should_kb));
    xt_json_add_string(arena, json, "rule",
                       xtune_dom0_rule_name(advice->rule));
    xt_json_add_string(arena, json, "why", advice->why);
    xt_json_add_bool(arena, json, "zfs", advice->has_zfs);
    xt_json_add_string(arena, json, "autoballoon", advice->autoballoon);
    xt_json_add(arena, json, "notes", notes_json(arena, advice));
    return xt_json_print(json);
}

/* vCPUs. */

static const char *next_vcpus_text(xtune_arena *arena,
                                   const xtune_dom0_advice *advice)
{
    if (!advice->boot_is_known) return "not known";
    if (!advice->boot_max_vcpus) return "one for each CPU (no dom0_max_vcpus)";
    if (advice->boot_vcpus == XTUNE_NONE)
        return xtune_arena_printf(arena, "not known (dom0_max_vcpus=%s)",
                                  advice->boot_max_vcpus);
    return xtune_arena_printf(arena, "%u (dom0_max_vcpus=%s)",
                              advice->boot_vcpus, advice->boot_max_vcpus);
}

static const char *pin_text(xtune_arena *arena, const xtune_host *host)
{
    const char *now = host->xen.command_line;
    const char *next = host->boot.xen_configured;
    const char *word;

    if (!now) return "not known";
    word = xt_boot_value(arena, now, PIN_KEY) ? "yes" : "no";
    if (!next) return word;
    return xtune_arena_printf(arena, "%s, next boot %s", word,
                              xt_boot_value(arena, next, PIN_KEY) ? "yes"
                                                                  : "no");
}

/* Where a vCPU that is online runs, and may run. */
static void add_vcpu(xt_table *table, const xtune_host *host,
                     const xtune_vcpu *vcpu)
{
    const xtune_cpu *cpu =
        vcpu->online ? xtune_host_cpu(host, vcpu->cpu) : NULL;

    xt_table_cell(table, "%u", vcpu->id);
    xt_table_cell(table, "%s", vcpu->online ? "online" : "offline");
    if (cpu)
        xt_table_cell(table, "%u", cpu->id);
    else
        xt_table_cell(table, "-");
    if (cpu && cpu->node != XTUNE_NONE)
        xt_table_cell(table, "%u", cpu->node);
    else
        xt_table_cell(table, "-");
    xt_table_cell(table, "%s", xtune_set_format(table->arena, &vcpu->hard));
    xt_table_cell(table, "%s", xtune_set_format(table->arena, &vcpu->soft));
}

static void print_vcpus(FILE *out, xtune_arena *arena, const xtune_host *host,
                        const xtune_domain *dom0)
{
    xt_table table = { .arena = arena };
    size_t i;

    xt_table_column(&table, true, "vCPU");
    xt_table_column(&table, false, "State");
    xt_table_column(&table, true, "CPU");
    xt_table_column(&table, true, "Node");
    xt_table_column(&table, false, "Hard affinity");
    xt_table_column(&table, false, "Soft affinity");
    for (i = 0; i < dom0->nr_vcpus; i++)
        add_vcpu(&table, host, &dom0->vcpus[i]);
    xt_table_print(out, &table);
}

/* The nodes where its vCPUs that are online may run. */
static const char *nodes_text(xtune_arena *arena, const xtune_host *host,
                              const xtune_domain *dom0)
{
    const xtune_set nodes =
        xtune_domain_run_nodes(arena, host, dom0, NULL, NULL);

    return xtune_set_format_ids(arena, &nodes);
}

char *xtune_report_dom0_vcpus(const xtune_host *host,
                              const xtune_dom0_advice *advice)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xtune_domain *dom0 = xt_dom0_of(host);
    xt_text text;
    xt_properties to = { .arena = arena };

    xt_text_open(&text);
    to.out = text.out;
    xt_put(&to, "vcpus", "%u of %zu online", dom0->online_vcpus,
           dom0->nr_vcpus);
    xt_put_text(&to, "nodes", nodes_text(arena, host, dom0));
    xt_put_text(&to, "pinned at boot", pin_text(arena, host));
    xt_put_text(&to, "next boot", next_vcpus_text(arena, advice));
    xt_put(&to, "should have", "%u", advice->should_vcpus);
    fputc('\n', text.out);
    print_vcpus(text.out, arena, host, dom0);
    return xt_text_close(&text);
}

static xt_json *vcpu_json(xtune_arena *arena, const xtune_host *host,
                          const xtune_vcpu *vcpu)
{
    const xtune_cpu *cpu =
        vcpu->online ? xtune_host_cpu(host, vcpu->cpu) : NULL;
    xt_json *json = xt_json_object(arena);

    xt_json_add_u64(arena, json, "id", vcpu->id);
    xt_json_add_bool(arena, json, "online", vcpu->online);
    xt_json_add(arena, json, "cpu",
                number_json(arena, cpu ? cpu->id : XTUNE_NONE));
    xt_json_add(arena, json, "node",
                number_json(arena, cpu ? cpu->node : XTUNE_NONE));
    xt_json_add_string(arena, json, "hard",
                       xtune_set_format(arena, &vcpu->hard));
    xt_json_add_string(arena, json, "soft",
                       xtune_set_format(arena, &vcpu->soft));
    return json;
}

/* Null where the command line is not known. */
static xt_json *flag_json(xtune_arena *arena, const char *line)
{
    return line ? xt_json_bool(arena, xt_boot_value(arena, line, PIN_KEY))
                : xt_json_null(arena);
}

char *xtune_report_dom0_vcpus_json(const xtune_host *host,
                                   const xtune_dom0_advice *advice)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xtune_domain *dom0 = xt_dom0_of(host);
    xt_json *json = xt_json_object(arena), *boot = xt_json_object(arena);
    xt_json *vcpus = xt_json_array(arena);
    size_t i;

    xt_json_add_string(arena, json, "schema", "xtune/dom0-vcpus/1");
    xt_json_add_u64(arena, json, "online", dom0->online_vcpus);
    xt_json_add_u64(arena, json, "most", dom0->nr_vcpus);
    xt_json_add_u64(arena, json, "should", advice->should_vcpus);
    xt_json_add_string(arena, json, "nodes", nodes_text(arena, host, dom0));
    xt_json_add(arena, json, "pinned_at_boot",
                flag_json(arena, host->xen.command_line));
    xt_json_add_string(arena, boot, "dom0_max_vcpus", advice->boot_max_vcpus);
    xt_json_add(arena, boot, "vcpus", number_json(arena, advice->boot_vcpus));
    xt_json_add(arena, boot, "pinned",
                flag_json(arena, host->boot.xen_configured));
    xt_json_add(arena, json, "next_boot",
                advice->boot_is_known ? boot : xt_json_null(arena));
    for (i = 0; i < dom0->nr_vcpus; i++)
        xt_json_append(arena, vcpus, vcpu_json(arena, host, &dom0->vcpus[i]));
    xt_json_add(arena, json, "vcpus", vcpus);
    return xt_json_print(json);
}
