/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules of the command lines of Xen and of dom0's Linux. */
#include <string.h>

#include <xtune/boot.h>

#include "base/util.h"
#include "boot/boot.h"
#include "boot/lines.h"
#include "boot/values.h"
#include "check/text.h"
#include "host/findings.h"
#include "pci/parts.h"

/* pending-reboot */

/* "dom0_mem=4G", "console=com1 console=vga", "not there" */
static const char *values_text(xtune_arena *arena, const char *key,
                               const char *const *values, size_t nr)
{
    const char *text = "";
    size_t i;

    if (!nr) return "not there";
    for (i = 0; i < nr; i++)
        text = xtune_arena_printf(arena, "%s%s%s%s%s", text, i ? " " : "", key,
                                  values[i][0] ? "=" : "", values[i]);
    return text;
}

/* A line of which not both are known says nothing. */
static void end_pending_reboot(xt_check *check, bool is_well)
{
    static const char expected[] = "the command lines that are configured";
    const xtune_host *host = check->host;
    const bool xen = host->xen.command_line && host->boot.xen_configured;
    const bool dom0 = host->boot.dom0_running && host->boot.dom0_configured;

    if (is_well && xen && dom0)
        xt_pass(check, NULL, expected, "they are those");
    else if (is_well && (xen || dom0))
        xt_pass(check, xen ? "xen" : "dom0", expected, "it is that");
    if (!xen)
        xt_skip(check, "xen", "it is not known what Xen runs with, or will");
    if (!dom0)
        xt_skip(check, "dom0", "it is not known what dom0 runs with, or will");
}

void xt_check_pending_reboot(xt_check *check)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_arena *arena = check->arena;
    xtune_boot_difference *differences;
    size_t i, nr;

    if (xtune_boot_pending(check->host, arena, &differences, &nr, &err)) {
        xt_skip(check, NULL, err->message);
        return;
    }
    for (i = 0; i < nr; i++) {
        const xtune_boot_difference *d = &differences[i];

        xt_fault_add(
            check,
            &(xt_fault){
                .status = XTUNE_CHECK_WARN,
                .object = xtune_arena_printf(arena, "%s %s", d->line, d->key),
                .expected = values_text(arena, d->key, d->configured,
                                        d->nr_configured),
                .actual =
                    values_text(arena, d->key, d->running, d->nr_running),
                .fix = XTUNE_FIX_BOOT,
                .how = "reboot",
            });
    }
    end_pending_reboot(check, nr == 0);
}

/* command-line-values */

typedef struct command_line {
    const char *name; /* "xen", "dom0" */
    const char *text;
} command_line;

/* What the next boot has counts: of this boot nothing can be changed. */
static size_t lines_of(const xtune_host *host, command_line lines[2])
{
    const xtune_boot *boot = &host->boot;
    const command_line all[2] = {
        { "xen", boot->xen_configured ? boot->xen_configured
                                      : host->xen.command_line },
        { "dom0",
          boot->dom0_configured ? boot->dom0_configured : boot->dom0_running },
    };
    size_t i, nr = 0;

    for (i = 0; i < XT_ARRAY_SIZE(all); i++)
        if (all[i].text) lines[nr++] = all[i];
    return nr;
}

static void value_fault(xt_check *check, enum xtune_check_status status,
                        const command_line *line, const char *key,
                        const char *value, const char *text, const char *hint)
{
    xtune_arena *arena = check->arena;

    xt_fault_add(
        check,
        &(xt_fault){
            .status = status,
            .object = xtune_arena_printf(arena, "%s %s", line->name, key),
            .expected = "what it takes as it is meant",
            .actual = values_text(arena, key, &value, 1),
            .text = text,
            .fix = XTUNE_FIX_BOOT,
            .how = hint ? hint
                        : xtune_arena_printf(arena,
                                             "xltune cmdline set %s %s=VALUE",
                                             line->name, key),
        });
}

/* Something to be known that is no slip, and that a rule of its own is about:
 * dom0-memory-max. */
static bool has_own_rule(const char *key)
{
    return !strcmp(key, "dom0_mem");
}

/* hide-list says the same, and more, where devices are known. */
static bool is_hide_list(const xt_check *check, const command_line *line,
                         const char *key, const char *value)
{
    const xtune_host *host = check->host;
    const char *list;

    if (!host->has_pci_details || strcmp(line->name, "dom0") != 0 ||
        !strstr(key, "pciback.hide"))
        return false;
    list = xt_pci_list_of(check->arena, host, line->text);
    return list && !strcmp(list, value);
}

static void check_value(xt_check *check, const command_line *line,
                        const char *key, const char *value)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_findings *findings = xtune_findings_new();
    size_t i;

    if (xtune_boot_check(line->name, key, value, check->host, findings, &err))
        value_fault(check, XTUNE_CHECK_FAIL, line, key, value, err->message,
                    err->hint);
    for (i = 0; i < findings->nr; i++)
        if (findings->items[i].level != XTUNE_FINDING_NOTE &&
            !has_own_rule(key))
            value_fault(check, XTUNE_CHECK_WARN, line, key, value,
                        findings->items[i].text, findings->items[i].hint);
    xtune_findings_free(findings);
}

static void check_line(xt_check *check, const command_line *line)
{
    const size_t before = check->report->nr_results;
    xtune_arena *arena = check->arena;
    const char *const *values, *key;
    const char **done = NULL;
    size_t i, nr, nr_done = 0, at = 0;

    while ((key = xt_boot_next_key(arena, line->text, &at))) {
        if (xt_check_has_word(done, nr_done, key)) continue;
        done = xtune_arena_grow(arena, done, nr_done, sizeof(*done));
        done[nr_done++] = key;
        nr = xt_boot_values(arena, line->text, key, &values);
        /* GRUB's own signs are another thing when they come to Xen:
         * "crashkernel=256M\<4G". */
        for (i = 0; i < nr; i++)
            if (!strchr(values[i], '\\') &&
                !is_hide_list(check, line, key, values[i]))
                check_value(check, line, key, values[i]);
    }
    if (check->report->nr_results == before)
        xt_pass(check, line->name, "values that it takes as they are meant",
                xtune_arena_printf(arena, "%zu parameter%s", nr_done,
                                   nr_done == 1 ? "" : "s"));
}

void xt_check_command_line_values(xt_check *check)
{
    command_line lines[2];
    const size_t nr = lines_of(check->host, lines);
    size_t i;

    for (i = 0; i < nr; i++)
        check_line(check, &lines[i]);
    if (!nr) xt_skip(check, NULL, "the command lines are not known");
}

/* hap-superpages */

static bool is_off(xtune_arena *arena, const char *line, const char *key)
{
    const char *value = xt_boot_value(arena, line, key);
    const char *no =
        xt_boot_value(arena, line, xtune_arena_printf(arena, "no-%s", key));

    if (no) return true;
    return value && (!strcmp(value, "0") || !strcmp(value, "no") ||
                     !strcmp(value, "off") || !strcmp(value, "false") ||
                     !strcmp(value, "disable"));
}

void xt_check_hap_superpages(xt_check *check)
{
    static const char *const keys[] = { "hap_1gb", "hap_2mb" };
    const char *line = xt_check_xen_line(check->host);
    xtune_arena *arena = check->arena;
    size_t i;

    if (!line) {
        xt_skip(check, NULL, "Xen's command line is not known");
        return;
    }
    for (i = 0; i < XT_ARRAY_SIZE(keys); i++)
        if (is_off(arena, line, keys[i]))
            xt_fault_add(
                check,
                &(xt_fault){
                    .status = XTUNE_CHECK_WARN,
                    .object = keys[i],
                    .expected = "on, as it is where it is not given",
                    .actual = "off",
                    .text = "memory of HVM and PVH guests is in small pages: "
                            "each access may take longer to be looked up",
                    .fix = XTUNE_FIX_BOOT,
                    .how = xtune_arena_printf(
                        arena, "xltune cmdline delete xen %s",
                        xt_boot_value(arena, line, keys[i])
                            ? keys[i]
                            : xtune_arena_printf(arena, "no-%s", keys[i])),
                });
        else
            xt_pass(check, keys[i], "on", "on");
}

/* isolcpus */

void xt_check_isolcpus(xt_check *check)
{
    const xtune_boot *boot = &check->host->boot;
    const char *line =
        boot->dom0_configured ? boot->dom0_configured : boot->dom0_running;
    xtune_arena *arena = check->arena;
    const char *value;

    if (!line) {
        xt_skip(check, NULL, "dom0's command line is not known");
        return;
    }
    value = xt_boot_value(arena, line, "isolcpus");
    if (!value) {
        xt_pass(check, NULL, "not there", "not there");
        return;
    }
    xt_fault_add(
        check,
        &(xt_fault){
            .status = XTUNE_CHECK_WARN,
            .expected = "not there",
            .actual = xtune_arena_printf(arena, "isolcpus=%s", value),
            .text = "it is about dom0's own vCPUs, and keeps none of the "
                    "host's CPUs for anybody",
            .fix = XTUNE_FIX_BOOT,
            .how = "xltune cmdline delete dom0 isolcpus; give guests CPUs of "
                   "their own by a CPU pool (\"xltune cpupool-create\"), and "
                   "dom0 few by dom0_max_vcpus and dom0_vcpus_pin",
        });
}
