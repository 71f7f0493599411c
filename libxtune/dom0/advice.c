/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* dom0's memory and vCPUs: what it has, has needed, and should have. */
#include <xtune/dom0.h>

#include <inttypes.h>
#include <string.h>

#include "base/util.h"
#include "dom0/parts.h"
#include "host/xl_conf.h"

#define MIB(n) (UINT64_C(n) << 10)
#define GIB(n) (UINT64_C(n) << 20)

/* XCP-ng's documentation: for ZFS, and for large hosts. */
#define ZFS_KB GIB(16)
#define LARGE_HOST_KB GIB(128)
#define LARGE_HOST_DOM0_KB GIB(8)

#define PAGE_KB 4

typedef struct advising {
    const xtune_host *host;
    xtune_arena *arena;
    xtune_dom0_advice *to;
    xt_dom0_used used;
} advising;

const char *xt_dom0_size_text(xtune_arena *arena, uint64_t kb)
{
    if (kb == XTUNE_UNKNOWN_KB) return "?";
    if (kb % 1024) return xtune_arena_printf(arena, "%" PRIu64 " KiB", kb);
    return xtune_arena_printf(arena, "%" PRIu64 " MiB", kb >> 10);
}

static const char *size_text(const advising *a, uint64_t kb)
{
    return xt_dom0_size_text(a->arena, kb);
}

static void add_note(advising *a, const char *text)
{
    if (a->to->nr_notes < XT_ARRAY_SIZE(a->to->notes))
        a->to->notes[a->to->nr_notes++] = text;
}

/* What the next boot gives. */

static void read_boot_memory(advising *a)
{
    const uint64_t host_kb = a->host->xen.total_kb;
    const char *value = xt_dom0_boot_mem(a->arena, a->host);
    xtune_dom0_mem mem;

    a->to->boot_is_known = a->host->boot.xen_configured != NULL;
    a->to->boot_kb = XTUNE_UNKNOWN_KB;
    a->to->boot_mem = value;
    if (!a->to->boot_is_known ||
        xt_dom0_mem_read(value ? value : XT_DOM0_MEM_NONE, host_kb, &mem,
                         NULL))
        return;
    a->to->boot_kb = mem.size_kb;
    a->to->boot_is_fixed = mem.has_max && mem.size_kb != XTUNE_UNKNOWN_KB &&
                           mem.max_kb == mem.size_kb;
}

static void read_boot_vcpus(advising *a)
{
    const char *value = xt_dom0_boot_max_vcpus(a->arena, a->host);
    uint32_t min, max;

    a->to->boot_vcpus = XTUNE_NONE;
    a->to->boot_max_vcpus = value;
    if (value && !xt_dom0_max_vcpus_read(value, &min, &max, NULL))
        a->to->boot_vcpus =
            xt_dom0_vcpus_of(min, max, (uint32_t)a->host->nr_cpus);
}

/* What it should have. */

static const char *why_of(const advising *a, bool old, uint64_t rule_kb)
{
    const char *host = size_text(a, a->host->xen.total_kb >> 10 << 10);
    const char *kb = size_text(a, rule_kb);

    if (a->to->rule == XTUNE_DOM0_SUSE)
        return xtune_arena_printf(a->arena, "1024 MiB + 10 %% of %s = %s",
                                  host, kb);
    if (old)
        return xtune_arena_printf(
            a->arena,
            "before platform 2.9.0, a host of %s: %s (752 MiB; 2048 from "
            "24 GiB on, 3072 from 48, 4096 from 64)",
            host, kb);
    return xtune_arena_printf(
        a->arena, "1024 MiB + 5 %% of (%s + 256 MiB), 8192 MiB at most = %s",
        host, kb);
}

static uint64_t rule_size(const advising *a, bool old)
{
    const uint64_t host_kb = a->host->xen.total_kb;

    if (a->to->rule == XTUNE_DOM0_SUSE) return xt_dom0_suse_kb(host_kb);
    return old ? xt_dom0_old_xcp_kb(host_kb) : xt_dom0_xcp_kb(host_kb);
}

static void raise_for(advising *a, uint64_t kb, const char *why)
{
    if (kb == XTUNE_UNKNOWN_KB || kb <= a->to->should_kb) return;
    a->to->why = xtune_arena_printf(a->arena, "%s; %s: %s", a->to->why, why,
                                    size_text(a, kb));
    a->to->should_kb = kb;
}

static void read_rule(advising *a, enum xtune_dom0_rule rule)
{
    xtune_dom0_advice *to = a->to;
    bool old;

    to->rule = xt_dom0_rule_of(a->host, rule, &old);
    to->should_kb = rule_size(a, old);
    to->why = why_of(a, old, to->should_kb);
    if (a->used.has_zfs && a->host->xen.total_kb / 4 >= ZFS_KB)
        raise_for(a, ZFS_KB, "it has ZFS");
    raise_for(a, to->needs_kb, "it needs more");
    to->should_vcpus =
        xt_dom0_rule_vcpus((uint32_t)a->host->nr_cpus, to->should_kb);
}

/* What else is to be known. */

static void note_zfs(advising *a)
{
    if (!a->used.has_zfs) return;
    add_note(a,
             a->used.arc_max_kb == XTUNE_UNKNOWN_KB
                 ? "dom0 has ZFS, whose cache is in its memory: 16 GiB or "
                   "more are advised"
                 : xtune_arena_printf(
                       a->arena,
                       "dom0 has ZFS, whose cache (ARC) has %s of its memory "
                       "and may have %s: 16 GiB or more are advised",
                       size_text(a, a->used.arc_kb >> 10 << 10),
                       size_text(a, a->used.arc_max_kb >> 10 << 10)));
}

static void note_large(advising *a)
{
    if (a->host->xen.total_kb < LARGE_HOST_KB) return;
    if (a->to->rule == XTUNE_DOM0_SUSE &&
        a->to->should_kb > 2 * LARGE_HOST_DOM0_KB)
        add_note(a, "on a host as large as this, 10 % is much: XCP-ng gives "
                    "8 GiB (--rule xcp-ng)");
    if (a->to->has_kb < LARGE_HOST_DOM0_KB)
        add_note(a, "XCP-ng's documentation advises 8 GiB from 128 GiB on");
}

static void note_swap(advising *a)
{
    if (a->to->swapped_kb && a->to->swapped_kb != XTUNE_UNKNOWN_KB)
        add_note(a, xtune_arena_printf(
                        a->arena, "it has had to swap out %s since it booted",
                        size_text(a, a->to->swapped_kb)));
}

static bool has_file(const xtune_host *host, const char *path)
{
    size_t i;

    for (i = 0; i < host->dom0.nr_files; i++)
        if (!strcmp(host->dom0.files[i].path, path)) return true;
    return false;
}

/* Whether xl takes memory from dom0 for guests. */
static void note_autoballoon(advising *a)
{
    const char *text = xtune_host_file(a->host, XT_DOM0_XL_CONF);
    const char *value =
        text ? xt_xl_conf_value(a->arena, text, "autoballoon") : NULL;

    if (!text && has_file(a->host, XT_DOM0_XL_CONF)) return;
    a->to->autoballoon = value ? value : "auto";
    if (value && (!strcmp(value, "on") || !strcmp(value, "1")))
        add_note(a, "autoballoon is on in " XT_DOM0_XL_CONF
                    ": xl takes memory from dom0 for each guest");
    else if (a->to->boot_is_known && !a->to->boot_mem)
        add_note(a, "nothing fixes its memory at boot: it has nearly all of "
                    "the host then, and xl takes it back for guests");
    else if (a->to->boot_is_known && !a->to->boot_is_fixed)
        add_note(a, "its memory is not fixed at boot: Linux sets some of it "
                    "aside for all that it might have later");
}

/* Swapped out since the boot, be it back or not. */
static uint64_t swapped_out_kb(const xtune_host *host)
{
    const char *vmstat = xtune_host_file(host, "/proc/vmstat");
    const uint64_t pages = xt_dom0_number_of(vmstat, "pswpout", "");

    return pages > UINT64_MAX / PAGE_KB ? XTUNE_UNKNOWN_KB : pages * PAGE_KB;
}

static void read_now(advising *a, const xtune_domain *dom0)
{
    xtune_dom0_advice *to = a->to;
    const xtune_host *host = a->host;

    xt_dom0_used_read(xtune_host_file(host, "/proc/meminfo"),
                      xtune_host_file(host, "/proc/spl/kstat/zfs/arcstats"),
                      xtune_host_file(host, "/proc/self/mountinfo"), &a->used);
    to->has_kb = dom0->memory_kb;
    to->target_kb = host->dom0.target_kb;
    to->static_max_kb = host->dom0.static_max_kb;
    to->needs_kb = xt_dom0_floor_kb(&a->used, to->has_kb);
    to->swap_used_kb = a->used.swapped_kb;
    to->available_kb = a->used.available_kb;
    to->swapped_kb = swapped_out_kb(host);
    to->has_vcpus = dom0->online_vcpus;
    to->most_vcpus = dom0->nr_vcpus ? (uint32_t)dom0->nr_vcpus : XTUNE_NONE;
    to->has_zfs = a->used.has_zfs;
}

int xtune_dom0_advise(const xtune_host *host, enum xtune_dom0_rule rule,
                      xtune_arena *arena, xtune_dom0_advice *advice_r,
                      xtune_error **err)
{
    const xtune_domain *dom0 = xt_dom0_of(host);
    advising a = { .host = host, .arena = arena, .to = advice_r };

    if (!host->has_dom0 || !dom0 || host->xen.total_kb == XTUNE_UNKNOWN_KB)
        return xtune_error_set(
            err, XTUNE_ERR_UNSUPPORTED, 0, "Domain-0",
            "a snapshot that \"xltune snapshot\" makes in dom0 has it",
            "it is not known what memory dom0 has");
    *advice_r = (xtune_dom0_advice){ .nr_notes = 0 };
    read_now(&a, dom0);
    read_boot_memory(&a);
    read_boot_vcpus(&a);
    read_rule(&a, rule);
    note_swap(&a);
    note_zfs(&a);
    note_large(&a);
    note_autoballoon(&a);
    return 0;
}
