/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* "dom0_mem=", "dom0_max_vcpus=", sizes, and what dom0's kernel says of its
 * memory. */
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "dom0/parts.h"

#define HOST_KB (UINT64_C(64) << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* dom0 never gets more than there is, nor more than its most. */
static void check_mem(const char *text)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_dom0_mem mem, strict;

    (void)xt_dom0_mem_min(arena, text);
    if (xt_dom0_mem_read(text, HOST_KB, &mem, NULL)) {
        if (!xtune_dom0_mem_parse(text, HOST_KB, &strict, NULL)) abort();
        return;
    }
    if (mem.size_kb > HOST_KB) abort();
    if (mem.max_kb != XTUNE_UNKNOWN_KB && mem.size_kb > mem.max_kb) abort();
    if (xt_dom0_mem_read(text, XTUNE_UNKNOWN_KB, &mem, NULL)) abort();
}

static void check_vcpus(const char *text)
{
    uint32_t min, max, nr;

    if (xt_dom0_max_vcpus_read(text, &min, &max, NULL)) return;
    nr = xt_dom0_vcpus_of(min, max, 8);
    if (!min || nr > XTUNE_MAX_VCPUS || nr > max) abort();
}

static void check_used(const char *text)
{
    xt_dom0_used used;
    uint64_t kb;

    xt_dom0_used_read(text, text, text, &used);
    kb = xt_dom0_floor_kb(&used, HOST_KB);
    if (kb < XT_DOM0_LEAST_KB) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    XT_CLEANUP_FREE char *text = xt_xrealloc(NULL, size + 1, 1);
    uint64_t kb;

    memcpy(text, data, size);
    text[size] = '\0';
    check_mem(text);
    check_vcpus(text);
    check_used(text);
    if (!xtune_dom0_size_parse(text, &kb, NULL) && (!kb || kb % 1024)) abort();
    return 0;
}
