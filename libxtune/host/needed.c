/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a domain takes from the host beyond what its guest sees, as libxl
 * reckons it (xen.git tools/libs/light/libxl_mem.c and libxl_create.c).
 */
#include <xtune/host.h>

#define MIB_KB UINT64_C(1024)
#define PAGE_KB UINT64_C(4)
#define SUPERPAGE_KB (2 * MIB_KB)

#define PV_EXTRA_KB MIB_KB
#define HVM_EXTRA_KB (2 * MIB_KB)

/*
 * Pages for Xen's own tables of the guest's memory: 256 a vCPU, and for each
 * MiB one for the map and one for shadow page tables. A guest with hardware
 * paging needs less; whether it gets that is not known yet.
 */
static uint64_t paging_kb(uint64_t memory_kb, unsigned int vcpus)
{
    return PAGE_KB * (UINT64_C(256) * vcpus + 2 * (memory_kb / MIB_KB));
}

/* The memory of a graphics card is part of what the guest asks for. */
uint64_t xtune_needed_kb(enum xtune_domain_type type, uint64_t memory_kb,
                         unsigned int vcpus)
{
    const uint64_t kb =
        type == XTUNE_TYPE_PV
            ? memory_kb + PV_EXTRA_KB
            : memory_kb + HVM_EXTRA_KB + paging_kb(memory_kb, vcpus);

    return (kb + SUPERPAGE_KB - 1) / SUPERPAGE_KB * SUPERPAGE_KB;
}
