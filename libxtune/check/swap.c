/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules of what dom0 swaps to, and when. */
#include <string.h>

#include "base/util.h"
#include "check/sysctl.h"
#include "check/text.h"

#define SWAPS "/proc/swaps"
#define SWAPPINESS "/proc/sys/vm/swappiness"
#define SWAPPINESS_KEY "vm.swappiness"

/* SUSE's; Linux takes up to 200. */
#define MAX_SWAPPINESS 35
#define LARGEST 200

/* KiB of all that there is to swap to. */
static uint64_t swap_kb(xtune_arena *arena, const char *swaps)
{
    const char *line, *size;
    uint64_t kb, sum = 0;

    xt_check_line(arena, &swaps); /* titles */
    while ((line = xt_check_line(arena, &swaps))) {
        xt_check_word(arena, &line); /* what it is */
        xt_check_word(arena, &line); /* and of which type */
        size = xt_check_word(arena, &line);
        if (size && xt_parse_u64(size, 10, UINT64_C(1) << 50, &kb)) sum += kb;
    }
    return sum;
}

/* False after a SKIP. */
static bool read_swap(xt_check *check, uint64_t *kb_r)
{
    const char *text;

    if (!xt_check_reads(check, SWAPS, &text)) return false;
    if (!text) {
        xt_skip(check, NULL, SWAPS " is not known");
        return false;
    }
    *kb_r = swap_kb(check->arena, text);
    return true;
}

void xt_check_dom0_swap(xt_check *check)
{
    uint64_t kb;

    if (!read_swap(check, &kb)) return;
    if (kb)
        xt_pass(check, NULL, "some", xt_check_size(check->arena, kb));
    else
        xt_fault_add(check,
                     &(xt_fault){
                         .status = XTUNE_CHECK_WARN,
                         .expected = "some",
                         .actual = "none",
                         .text = "where dom0 runs out of memory, programs "
                                 "are killed: xenstored and device models "
                                 "among them",
                         .fix = XTUNE_FIX_PERSON,
                         .how = "make a partition or a file for it "
                                "(mkswap), and name it in /etc/fstab",
                     });
}

/* What is wrong with what it is set to at boot; NULL: nothing. */
static const char *wrong_at_boot(xtune_arena *arena, const xt_sysctl *at_boot)
{
    uint64_t value;

    if (!at_boot->value) return "nothing sets it at boot, when it is 60";
    if (xt_parse_u64(at_boot->value, 10, MAX_SWAPPINESS, &value)) return NULL;
    return xtune_arena_printf(arena, "%s sets it to \"%s\" at boot",
                              at_boot->file, at_boot->value);
}

static void swappiness_fault(xt_check *check, uint64_t now,
                             const xt_sysctl *at_boot, const char *wrong)
{
    xtune_arena *arena = check->arena;
    xt_fault fault = {
        .status = XTUNE_CHECK_WARN,
        .object = SWAPPINESS,
        .expected = "35 or less",
        .actual = xtune_arena_printf(arena, "%llu", (unsigned long long)now),
    };

    if (now <= MAX_SWAPPINESS)
        fault.actual =
            xtune_arena_printf(arena, "%s, but %s", fault.actual, wrong);
    else if (wrong && at_boot->value)
        fault.actual =
            xtune_arena_printf(arena, "%s; %s", fault.actual, wrong);
    fault.fix = xt_sysctl_fix(check, at_boot, !wrong, SWAPPINESS_KEY,
                              now <= MAX_SWAPPINESS ? now : MAX_SWAPPINESS,
                              &fault.how);
    xt_fault_add(check, &fault);
}

void xt_check_dom0_swappiness(xt_check *check)
{
    xt_sysctl at_boot;
    const char *wrong;
    uint64_t kb, now;

    if (!read_swap(check, &kb)) return;
    if (!kb) {
        xt_skip(check, SWAPPINESS,
                "there is nothing to swap to: see dom0-swap");
        return;
    }
    if (!xt_check_reads_number(check, SWAPPINESS, LARGEST, &now)) return;
    at_boot = xt_sysctl_at_boot(check->arena, check->host, SWAPPINESS_KEY);
    wrong = wrong_at_boot(check->arena, &at_boot);
    if (now <= MAX_SWAPPINESS && !wrong)
        xt_pass(
            check, SWAPPINESS, "35 or less",
            xtune_arena_printf(check->arena, "%llu", (unsigned long long)now));
    else
        swappiness_fault(check, now, &at_boot, wrong);
}

int xt_mend_dom0_swappiness(xt_check *check, xtune_plan *plan,
                            xtune_error **err)
{
    uint64_t now;
    const char *text = xtune_host_file(check->host, SWAPPINESS);
    const char *value =
        text ? xtune_arena_strndup(plan->arena, text, strcspn(text, "\n"))
             : "";

    (void)err;
    /* One that is lower is left. */
    if (!xt_parse_u64(value, 10, MAX_SWAPPINESS, &now)) value = "35";
    xt_sysctl_mend(check, plan, SWAPPINESS_KEY, value, "dom0 is to swap late");
    return 0;
}
