/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What dom0 should have by the rules of those who know.
 *
 * SUSE, Virtualization Best Practices: 10 % of the host and 1 GB. XCP-ng and
 * XenServer: their installer's python-libs, xcp/dom0.py.
 */
#include <xtune/dom0.h>

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/util.h"
#include "boot/shell.h"
#include "dom0/parts.h"

#define INVENTORY "/etc/xensource-inventory"
#define RELEASE "/etc/os-release"
#define MIB(n) (UINT64_C(n) << 10)
#define GIB(n) (UINT64_C(n) << 20)

/* Not all that is in a machine is told: they round it up by so much. */
#define MISSING_KB MIB(256)

static const char *const names[] = {
    [XTUNE_DOM0_AUTO] = "auto",
    [XTUNE_DOM0_SUSE] = "suse",
    [XTUNE_DOM0_XCP_NG] = "xcp-ng",
};

const char *xtune_dom0_rule_name(enum xtune_dom0_rule rule)
{
    return names[rule];
}

int xtune_dom0_rule_parse(const char *name, enum xtune_dom0_rule *rule_r,
                          xtune_error **err)
{
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(names); i++) {
        if (strcmp(name, names[i]) != 0) continue;
        *rule_r = (enum xtune_dom0_rule)i;
        return 0;
    }
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, "rule",
                           "give suse, xcp-ng or auto", "no such rule \"%s\"",
                           name);
}

/* In whole MiB, rounded up. */
static uint64_t whole_mib(uint64_t kb)
{
    return (kb + 1023) >> 10 << 10;
}

uint64_t xt_dom0_suse_kb(uint64_t host_kb)
{
    return whole_mib(GIB(1) + host_kb / 10);
}

uint64_t xt_dom0_xcp_kb(uint64_t host_kb)
{
    const uint64_t mib = (host_kb + MISSING_KB) >> 10;
    const uint64_t dom0_mib = (1024 + mib / 20) & ~UINT64_C(15);

    return dom0_mib < 8192 ? dom0_mib << 10 : MIB(8192);
}

uint64_t xt_dom0_old_xcp_kb(uint64_t host_kb)
{
    const uint64_t gib = (host_kb + MISSING_KB) >> 20;

    return gib < 24   ? MIB(752)
           : gib < 48 ? MIB(2048)
           : gib < 64 ? MIB(3072)
                      : MIB(4096);
}

uint32_t xt_dom0_rule_vcpus(uint32_t nr_cpus, uint64_t dom0_kb)
{
    const uint32_t most = dom0_kb < GIB(2) ? 4 : dom0_kb < GIB(4) ? 8 : 16;

    if (!nr_cpus) return 1;
    return nr_cpus < most ? nr_cpus : most;
}

/* A value of a file of assignments; NULL where it has none, or it takes a
 * shell to know it. */
static const char *assigned(xtune_arena *arena, const char *path,
                            const char *text, const char *name)
{
    const char *value = NULL;
    xt_shell_file file;
    size_t i;

    if (xt_shell_parse(arena, path, text, &file, NULL)) return NULL;
    for (i = 0; i < file.nr_assignments; i++)
        if (!strcmp(file.assignments[i].name, name))
            value =
                file.assignments[i].dynamic ? NULL : file.assignments[i].text;
    return value;
}

static bool is_one_of(const char *word, const char *const *list, size_t nr)
{
    size_t i;

    for (i = 0; word && i < nr; i++)
        if (!strcasecmp(word, list[i])) return true;
    return false;
}

/* Whether "2.8.0" is before 2.9.0; one that is not known is not. */
static bool is_old(xtune_arena *arena, const char *platform)
{
    const size_t len = platform ? strcspn(platform, ".") : 0;
    const char *rest = platform ? platform + len : "";
    uint64_t major, minor;

    if (*rest != '.' ||
        !xt_parse_u64(xtune_arena_strndup(arena, platform, len), 10,
                      UINT32_MAX, &major))
        return false;
    rest++;
    if (!xt_parse_u64(xtune_arena_strndup(arena, rest, strcspn(rest, ".")), 10,
                      UINT32_MAX, &minor))
        return false;
    return major < 2 || (major == 2 && minor < 9);
}

static bool is_xcp(xtune_arena *arena, const char *release)
{
    static const char *const ids[] = { "xenenterprise", "xcp-ng",
                                       "xenserver" };
    static const char *const keys[] = { "ID", "NAME" };
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(keys); i++)
        if (is_one_of(assigned(arena, RELEASE, release, keys[i]), ids,
                      XT_ARRAY_SIZE(ids)))
            return true;
    return false;
}

enum xtune_dom0_rule xt_dom0_rule_of(const xtune_host *host,
                                     enum xtune_dom0_rule rule, bool *old_r)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *inventory = xtune_host_file(host, INVENTORY);
    const char *release = xtune_host_file(host, RELEASE);

    *old_r = inventory && is_old(arena, assigned(arena, INVENTORY, inventory,
                                                 "PLATFORM_VERSION"));
    if (rule != XTUNE_DOM0_AUTO) return rule;
    return inventory || (release && is_xcp(arena, release)) ? XTUNE_DOM0_XCP_NG
                                                            : XTUNE_DOM0_SUSE;
}

int xtune_dom0_size_parse(const char *text, uint64_t *kb_r, xtune_error **err)
{
    static const char units[] = "bkmgt";
    XT_CLEANUP_FREE char *digits = xt_xstrdup(text);
    const size_t len = strlen(text);
    const char *unit =
        len ? strchr(units, tolower((unsigned char)text[len - 1])) : NULL;
    uint64_t n, bytes;

    if (unit) digits[len - 1] = '\0';
    if (!unit) unit = strchr(units, 'm');
    if (!xt_parse_u64(digits, 10, UINT64_MAX, &n) || !n ||
        __builtin_mul_overflow(n, UINT64_C(1) << 10 * (unit - units), &bytes))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, "size",
                               "give \"4096m\" or \"4g\"; a number alone is "
                               "MiB",
                               "\"%s\" is no size", text);
    if (bytes % (1024 * 1024))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, "size", NULL,
                               "\"%s\" is no whole number of MiB", text);
    *kb_r = bytes >> 10;
    return 0;
}
