/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What dom0's own kernel says of its memory: /proc/meminfo, and ZFS. */
#include <string.h>

#include "base/util.h"
#include "dom0/parts.h"

#define MIB(n) (UINT64_C(n) << 10)

/* The last word of a line without its unit: "MemTotal:  8039044 kB", or of
 * ZFS "size 4 1234567". */
static uint64_t last_number(const char *line, size_t end)
{
    char digits[24];
    size_t start = end;
    uint64_t n;

    while (start && !strchr(": \t", line[start - 1]))
        start--;
    if (end - start >= sizeof(digits)) return XTUNE_UNKNOWN_KB;
    memcpy(digits, line + start, end - start);
    digits[end - start] = '\0';
    return xt_parse_u64(digits, 10, UINT64_MAX >> 10, &n) ? n
                                                          : XTUNE_UNKNOWN_KB;
}

uint64_t xt_dom0_number_of(const char *text, const char *key, const char *unit)
{
    const size_t len = strlen(key), unit_len = strlen(unit);
    const char *line = text;

    while (line && *line) {
        const size_t end = strcspn(line, "\n");

        if (!strncmp(line, key, len) && end > len + unit_len &&
            strchr(": \t", line[len]) &&
            !strncmp(line + end - unit_len, unit, unit_len))
            return last_number(line, end - unit_len);
        line = strchr(line, '\n');
        if (line) line++;
    }
    return XTUNE_UNKNOWN_KB;
}

/* Whether a line of mountinfo has this type of file system: the word behind
 * " - ". */
static bool has_mount(const char *mountinfo, const char *type)
{
    const size_t len = strlen(type);
    const char *at = mountinfo;

    while (at && (at = strstr(at, " - "))) {
        at += 3;
        if (!strncmp(at, type, len) && at[len] == ' ') return true;
    }
    return false;
}

static uint64_t bytes_to_kb(uint64_t bytes)
{
    return bytes == XTUNE_UNKNOWN_KB ? bytes : bytes >> 10;
}

void xt_dom0_used_read(const char *meminfo, const char *arcstats,
                       const char *mountinfo, xt_dom0_used *used_r)
{
    const uint64_t swap = xt_dom0_number_of(meminfo, "SwapTotal", " kB");
    const uint64_t swap_free = xt_dom0_number_of(meminfo, "SwapFree", " kB");

    *used_r = (xt_dom0_used){
        .available_kb = xt_dom0_number_of(meminfo, "MemAvailable", " kB"),
        .swapped_kb = swap == XTUNE_UNKNOWN_KB || swap_free > swap
                          ? XTUNE_UNKNOWN_KB
                          : swap - swap_free,
        .arc_kb = bytes_to_kb(xt_dom0_number_of(arcstats, "size", "")),
        .arc_max_kb = bytes_to_kb(xt_dom0_number_of(arcstats, "c_max", "")),
        .has_zfs = arcstats || has_mount(mountinfo, "zfs"),
    };
}

uint64_t xt_dom0_floor_kb(const xt_dom0_used *used, uint64_t has_kb)
{
    const uint64_t swapped =
        used->swapped_kb == XTUNE_UNKNOWN_KB ? 0 : used->swapped_kb;
    uint64_t in_use, reserve;

    if (has_kb == XTUNE_UNKNOWN_KB || has_kb > UINT64_MAX >> 4 ||
        used->available_kb > has_kb)
        return XTUNE_UNKNOWN_KB;
    in_use = has_kb - used->available_kb + swapped;
    reserve = in_use / 16 > MIB(64) ? in_use / 16 : MIB(64);
    in_use = (in_use + reserve + 1023) >> 10 << 10;
    return in_use > XT_DOM0_LEAST_KB ? in_use : XT_DOM0_LEAST_KB;
}

const xtune_domain *xt_dom0_of(const xtune_host *host)
{
    if (!host->nr_domains || host->domains[0].id) return NULL;
    return &host->domains[0];
}
