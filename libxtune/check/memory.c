/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules of dom0's own memory and vCPUs. */
#include <regex.h>
#include <string.h>

#include <xtune/dom0.h>

#include "base/util.h"
#include "boot/boot.h"
#include "check/text.h"
#include "dom0/parts.h"
#include "host/xl_conf.h"
#include "plan/builder.h"

#define XL_CONF "/etc/xen/xl.conf"
#define MEMORY_FIX "xltune dom0-mem --set auto --boot"

/* Pages that Xen, or Linux, keeps of what dom0 was given: not the rule's
 * business. */
#define SLACK 64

/* False after a SKIP. */
static bool advise(xt_check *check, xtune_dom0_advice *advice)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;

    if (!xtune_dom0_advise(check->host, XTUNE_DOM0_AUTO, check->arena, advice,
                           &err))
        return true;
    xt_skip(check, NULL, err->message);
    return false;
}

/* A tenth of a large host is more than a dom0 has a use for: as much as XCP-ng
 * gives at most does, or, with ZFS, as much as is advised for that, where it
 * needs no more. */
#define LARGE_HOST_KB (UINT64_C(128) << 20)
#define LARGE_HOST_DOM0_KB (UINT64_C(8) << 20)
#define LARGE_HOST_ZFS_KB (UINT64_C(16) << 20)

static uint64_t least_kb(const xtune_host *host,
                         const xtune_dom0_advice *advice)
{
    const uint64_t large =
        advice->has_zfs ? LARGE_HOST_ZFS_KB : LARGE_HOST_DOM0_KB;

    if (host->xen.total_kb < LARGE_HOST_KB ||
        advice->needs_kb == XTUNE_UNKNOWN_KB || advice->should_kb < large)
        return advice->should_kb;
    return large < advice->needs_kb ? advice->needs_kb : large;
}

static bool is_enough(uint64_t has_kb, uint64_t should_kb)
{
    return has_kb >= should_kb - should_kb / SLACK;
}

/* dom0-memory */

static bool needs_more(const xtune_dom0_advice *advice)
{
    return advice->needs_kb != XTUNE_UNKNOWN_KB &&
           advice->needs_kb > advice->has_kb;
}

static const char *memory_text(xt_check *check,
                               const xtune_dom0_advice *advice, uint64_t least)
{
    const char *text = advice->why;

    if (least < advice->should_kb)
        text = xtune_arena_printf(
            check->arena, "%s, of which %s do on a host as large as this",
            text, xt_check_size(check->arena, least));
    if (advice->swapped_kb && advice->swapped_kb != XTUNE_UNKNOWN_KB)
        text = xtune_arena_printf(
            check->arena, "%s; %s of it had to be swapped out", text,
            xt_check_size(check->arena, advice->swapped_kb));
    return text;
}

static const char *memory_fix(xt_check *check, const xtune_dom0_advice *advice,
                              uint64_t least)
{
    if (advice->boot_kb != XTUNE_UNKNOWN_KB &&
        is_enough(advice->boot_kb, least))
        return "reboot: the next boot gives it as much";
    if (least == advice->should_kb) return MEMORY_FIX;
    return xtune_arena_printf(check->arena,
                              "xltune dom0-mem --set %llum --boot",
                              (unsigned long long)(least + 1023) / 1024);
}

void xt_check_dom0_memory(xt_check *check)
{
    xtune_arena *arena = check->arena;
    xtune_dom0_advice advice;
    uint64_t least;

    if (!advise(check, &advice)) return;
    if (advice.has_kb == XTUNE_UNKNOWN_KB ||
        advice.should_kb == XTUNE_UNKNOWN_KB) {
        xt_skip(check, NULL, "dom0's memory, or the host's, is not known");
        return;
    }
    least = least_kb(check->host, &advice);
    if (is_enough(advice.has_kb, least)) {
        xt_pass(check, NULL, xt_check_size(arena, least),
                xt_check_size(arena, advice.has_kb));
        return;
    }
    xt_fault_add(
        check, &(xt_fault){
                   .status = needs_more(&advice) ? XTUNE_CHECK_FAIL
                                                 : XTUNE_CHECK_WARN,
                   .expected = xtune_arena_printf(arena, "%s or more",
                                                  xt_check_size(arena, least)),
                   .actual = xt_check_size(arena, advice.has_kb),
                   .text = memory_text(check, &advice, least),
                   .fix = XTUNE_FIX_BOOT,
                   .how = memory_fix(check, &advice, least),
               });
}

/* dom0-memory-max */

/* Whether dom0 gets no more than it has at first: NULL where it is so, else
 * what is wrong. */
static const char *not_fixed(xt_check *check, const char *command_line)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_arena *arena = check->arena;
    const char *value = xt_dom0_mem_of(arena, command_line);
    xtune_dom0_mem mem;

    if (!value) return "no dom0_mem";
    if (xtune_dom0_mem_parse(value, check->host->xen.total_kb, &mem, &err))
        return xtune_arena_printf(arena, "dom0_mem=%s, which is wrong: %s",
                                  value, err->message);
    if (!mem.has_max)
        return xtune_arena_printf(arena, "dom0_mem=%s, without max:", value);
    if (mem.has_size && mem.size_kb < mem.max_kb)
        return xtune_arena_printf(arena,
                                  "dom0_mem=%s: max: is more than it has at "
                                  "first",
                                  value);
    return NULL;
}

static const char *dom0_mem_of(xt_check *check, const char *command_line)
{
    const char *value = xt_dom0_mem_of(check->arena, command_line);

    return value ? xtune_arena_printf(check->arena, "dom0_mem=%s", value)
                 : "no dom0_mem";
}

void xt_check_dom0_memory_max(xt_check *check)
{
    static const char expected[] = "dom0_mem=SIZE,max:SIZE";
    const char *now = xt_check_xen_line(check->host);
    const char *next = check->host->boot.xen_configured;
    const char *wrong_now, *wrong_next;

    if (!now) {
        xt_skip(check, NULL, "Xen's command line is not known");
        return;
    }
    wrong_now = not_fixed(check, now);
    wrong_next = next ? not_fixed(check, next) : wrong_now;
    if (!wrong_now && !wrong_next) {
        xt_pass(check, NULL, expected, dom0_mem_of(check, now));
        return;
    }
    xt_fault_add(
        check,
        &(xt_fault){
            .status = XTUNE_CHECK_WARN,
            .expected = expected,
            .actual = wrong_now ? wrong_now
                                : xtune_arena_printf(check->arena,
                                                     "%s after the next boot",
                                                     wrong_next),
            .text = "Linux makes room for as much memory as it could ever "
                    "have, and gives it back late",
            .fix = XTUNE_FIX_BOOT,
            .how =
                wrong_next ? MEMORY_FIX : "reboot: the next boot has it right",
        });
}

/* dom0-autoballoon */

/* What xl takes for a size that is fixed (tools/xl/xl.c, auto_autoballoon();
 * since 4.16 also with a sign, as a share and with "t"). */
#define SIZE_BEFORE_4_16 "[0-9]+[bBkKmMgG]?,?"
#define SIZE_NUMBER "-?[0-9]+[bBkKmMgGtT]?"
#define SIZE "(" SIZE_NUMBER "|(" SIZE_NUMBER "\\+)?[0-9]{1,2}%),?"

static bool xl_sees_size(const xtune_host *host)
{
    const uint32_t minor = host->xen.minor;
    const bool before = host->xen.major == 4 && minor < 16;
    regex_t regex;
    bool sees;

    if (regcomp(&regex,
                before ? "(^| )dom0_mem=((|min:|max:)" SIZE_BEFORE_4_16
                         ")+($| )"
                       : "(^| )dom0_mem=((|min:|max:)" SIZE ")+($| )",
                REG_NOSUB | REG_EXTENDED))
        return false;
    sees = !regexec(&regex, xt_check_xen_line(host), 0, NULL, 0);
    regfree(&regex);
    return sees;
}

enum autoballoon {
    AUTOBALLOON_OFF,
    AUTOBALLOON_ON,
    AUTOBALLOON_AUTO, /* also what xl makes of a word that it does not know */
};

static enum autoballoon autoballoon_of(const char *value)
{
    if (value && (!strcmp(value, "on") || !strcmp(value, "1")))
        return AUTOBALLOON_ON;
    if (value && (!strcmp(value, "off") || !strcmp(value, "0")))
        return AUTOBALLOON_OFF;
    return AUTOBALLOON_AUTO;
}

/* dom0 keeps all memory, and nothing is there for guests. */
static void autoballoon_without_size(xt_check *check, enum autoballoon is)
{
    if (is != AUTOBALLOON_OFF) {
        xt_skip(check, XL_CONF,
                "dom0's memory is not fixed: see dom0-memory-max");
        return;
    }
    xt_fault_add(check,
                 &(xt_fault){
                     .status = XTUNE_CHECK_WARN,
                     .object = XL_CONF,
                     .expected = "off, with a size for dom0",
                     .actual = "off, without dom0_mem",
                     .text = "dom0 begins with all memory, and xl takes none "
                             "of it for guests",
                     .fix = XTUNE_FIX_BOOT,
                     .how = MEMORY_FIX,
                 });
}

static void autoballoon_with_size(xt_check *check, const char *value,
                                  enum autoballoon is)
{
    const char *said = value ? value : "not set, which is \"auto\"";

    if (is == AUTOBALLOON_OFF ||
        (is == AUTOBALLOON_AUTO && xl_sees_size(check->host))) {
        xt_pass(check, XL_CONF, "off",
                is == AUTOBALLOON_OFF ? said
                                      : "auto, which is off with this "
                                        "dom0_mem");
        return;
    }
    xt_fault_add(
        check,
        &(xt_fault){
            .status = XTUNE_CHECK_WARN,
            .object = XL_CONF,
            .expected = "off",
            .actual = is == AUTOBALLOON_ON
                          ? said
                          : xtune_arena_printf(
                                check->arena,
                                "%s: on, for xl does not understand this "
                                "dom0_mem",
                                said),
            .text = "xl takes memory from dom0 for guests, down to 128 MiB",
            .fix = XTUNE_FIX_NOW,
            .how = "autoballoon=\"off\" in " XL_CONF,
        });
}

/* xl does not start with it: then nothing that it says counts. */
static bool broken_xl_conf(xt_check *check, const char *text)
{
    const char *problem = xt_xl_conf_problem(check->arena, text);

    if (!problem) return false;
    xt_fault_add(check, &(xt_fault){
                            .status = XTUNE_CHECK_WARN,
                            .object = XL_CONF,
                            .expected = "a file that xl takes",
                            .actual = problem,
                            .text = "xl does not start until then",
                            .fix = XTUNE_FIX_PERSON,
                            .how = "mend that line of " XL_CONF,
                        });
    return true;
}

void xt_check_dom0_autoballoon(xt_check *check)
{
    const char *line = xt_check_xen_line(check->host);
    const char *text, *value;
    enum autoballoon is;

    if (!xt_check_reads(check, XL_CONF, &text)) return;
    if (!line) {
        xt_skip(check, XL_CONF, "Xen's command line is not known");
        return;
    }
    if (text && broken_xl_conf(check, text)) return;
    value = text ? xt_xl_conf_value(check->arena, text, "autoballoon") : NULL;
    is = autoballoon_of(value);
    if (xt_boot_value(check->arena, line, "dom0_mem"))
        autoballoon_with_size(check, value, is);
    else
        autoballoon_without_size(check, is);
}

int xt_mend_dom0_autoballoon(xt_check *check, xtune_plan *plan,
                             xtune_error **err)
{
    const char *text = xtune_host_file(check->host, XL_CONF);
    const char *after =
        xt_xl_conf_with(plan->arena, text, "autoballoon", "off");

    (void)err;
    if (after)
        xt_plan_add_file(plan, XL_CONF, text, after,
                         "dom0's memory is fixed by dom0_mem");
    return 0;
}

/* dom0-vcpus */

void xt_check_dom0_vcpus(xt_check *check)
{
    xtune_arena *arena = check->arena;
    xtune_dom0_advice advice;
    const char *expected;

    if (!advise(check, &advice)) return;
    if (advice.should_vcpus == XTUNE_NONE || !advice.has_vcpus) {
        xt_skip(check, NULL, "how many CPUs the host has is not known");
        return;
    }
    expected = xtune_arena_printf(arena, "%u at most", advice.should_vcpus);
    if (advice.has_vcpus <= advice.should_vcpus) {
        xt_pass(check, NULL, expected,
                xtune_arena_printf(arena, "%u", advice.has_vcpus));
        return;
    }
    xt_fault_add(
        check, &(xt_fault){
                   .status = XTUNE_CHECK_WARN,
                   .expected = expected,
                   .actual = xtune_arena_printf(arena, "%u", advice.has_vcpus),
                   .fix = XTUNE_FIX_BOOT,
                   .how = advice.boot_is_known &&
                                  advice.boot_vcpus <= advice.should_vcpus
                              ? "reboot: the next boot gives it no more"
                              : "xltune dom0-vcpus --set auto --boot",
               });
}
