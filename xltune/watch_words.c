/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "watch.h"

#include <stdlib.h>
#include <string.h>

#include <xtune/drift.h>

#define DELAY_MIN_US (5 * MS_US)
#define DELAY_MAX_US SECOND_US
#define CALM_MIN_US (200 * MS_US)

#define INTERVAL_MAX 86400u

uint64_t sum_bytes(uint64_t sum, const void *bytes, size_t len)
{
    const unsigned char *p = bytes;

    while (len--)
        sum = (sum ^ *p++) * UINT64_C(0x100000001b3);
    return sum;
}

static uint64_t clamp(uint64_t us, uint64_t min_us)
{
    if (us < min_us) return min_us;
    return us < DELAY_MAX_US ? us : DELAY_MAX_US;
}

uint64_t unready_delay_us(uint64_t age_us)
{
    return clamp(age_us / 8, DELAY_MIN_US);
}

uint64_t settle_delay_us(uint64_t age_us)
{
    return clamp(age_us / 4, DELAY_MIN_US);
}

uint64_t settled_delay_us(uint64_t age_us)
{
    return clamp(age_us / 2, CALM_MIN_US);
}

bool is_name_for_now(const char *name)
{
    static const char suffix[] = "--incoming";
    const size_t len = strlen(name), n = sizeof(suffix) - 1;

    return !len || (len > n && !strcmp(name + len - n, suffix));
}

bool parse_interval(const char *text, uint64_t *interval_us_r)
{
    unsigned long seconds = 0;
    const char *p;

    for (p = text; *p >= '0' && *p <= '9' && seconds <= INTERVAL_MAX; p++)
        seconds = seconds * 10 + (unsigned long)(*p - '0');
    if (*p || !seconds || seconds > INTERVAL_MAX) return false;
    *interval_us_r = seconds * SECOND_US;
    return true;
}

static const xtune_set *mask(const xtune_vcpu *vcpu, bool hard)
{
    return hard ? &vcpu->hard : &vcpu->soft;
}

static const char *list_masks(xtune_arena *arena, const xtune_domain *domain,
                              bool hard)
{
    const char *text;
    bool same = true;
    size_t i;

    if (!domain->nr_vcpus) return "none";
    text = xtune_set_format(arena, mask(&domain->vcpus[0], hard));
    for (i = 1; i < domain->nr_vcpus; i++)
        same = same && xtune_set_equal(mask(&domain->vcpus[0], hard),
                                       mask(&domain->vcpus[i], hard));
    for (i = 1; !same && i < domain->nr_vcpus; i++)
        text = xtune_arena_printf(
            arena, "%s %s", text,
            xtune_set_format(arena, mask(&domain->vcpus[i], hard)));
    return text;
}

char *masks_text(const xtune_domain *domain)
{
    xtune_arena *arena = xtune_arena_new();
    char *text =
        format_text("hard %s, soft %s", list_masks(arena, domain, true),
                    list_masks(arena, domain, false));

    xtune_arena_free(arena);
    return text;
}

char *duration_text(uint64_t us)
{
    if (us < 10 * SECOND_US)
        return format_text("%u ms", (unsigned int)((us + 500) / MS_US));
    return format_text("%u s", (unsigned int)(us / SECOND_US));
}

static char *add_difference(xtune_arena *arena, char *text, const char *which,
                            const xtune_set *is, const xtune_set *wanted)
{
    char *longer;

    if (xtune_set_equal(is, wanted)) return text;
    longer = format_text(
        "%s%s%s affinity is %s, not %s", text, text[0] ? "; " : "", which,
        xtune_set_format(arena, is), xtune_set_format(arena, wanted));
    free(text);
    return longer;
}

char *drift_text(const xtune_drift *drift)
{
    xtune_arena *arena = xtune_arena_new();
    char *text = format_text("%s", "");

    text =
        add_difference(arena, text, "hard", &drift->vcpu->hard, &drift->hard);
    text =
        add_difference(arena, text, "soft", &drift->vcpu->soft, &drift->soft);
    xtune_arena_free(arena);
    return text;
}
