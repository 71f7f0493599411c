/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Values that Xen reads by functions of its own, as those read them. */
#include "boot/values.h"

#include <stdlib.h>
#include <string.h>

#include <xtune/dom0.h>

#include "base/near.h"
#include "base/util.h"

#define SMALL_DOM0_KB (UINT64_C(512) << 10)

/* A part of a value: up to a comma, or whatever ends it. */
typedef struct item {
    const char *text;
    size_t len;
} item;

/* The next one from *at on; false behind the last. */
static bool next_item(const char **at, const char *ends, item *item_r)
{
    if (!*at) return false;
    *item_r = (item){ .text = *at, .len = strcspn(*at, ends) };
    *at = item_r->text[item_r->len] ? item_r->text + item_r->len + 1 : NULL;
    return true;
}

static bool is_word(const item *it, const char *word)
{
    return strlen(word) == it->len && !memcmp(it->text, word, it->len);
}

static bool is_one_of(const item *it, const char *const *words)
{
    for (; *words; words++)
        if (is_word(it, *words)) return true;
    return false;
}

/* "name", "no-name" or "name=yes" of one of the names. */
static bool is_switch(const item *it, const char *const *names)
{
    item rest = *it;

    if (rest.len > 3 && !memcmp(rest.text, "no-", 3)) {
        rest.text += 3;
        rest.len -= 3;
        return is_one_of(&rest, names);
    }
    rest.len = 0;
    while (rest.len < it->len && it->text[rest.len] != '=')
        rest.len++;
    return is_one_of(&rest, names) &&
           (rest.len == it->len || xt_boot_is_boolean(it->text + rest.len + 1,
                                                      it->len - rest.len - 1));
}

/* All of an item as a number, as simple_strtoul() with base 0 reads it. */
static bool is_number(const item *it, unsigned long max, unsigned long *nr_r)
{
    char digits[24], *end;

    if (!it->len || it->len >= sizeof(digits) || it->text[0] < '0' ||
        it->text[0] > '9')
        return false;
    memcpy(digits, it->text, it->len);
    digits[it->len] = '\0';
    *nr_r = strtoul(digits, &end, 0);
    return !*end && *nr_r <= max;
}

/* Says which word an item may have been meant for. */
static int refuse_item(const xt_boot_asked *asked, const item *it,
                       const char *const *words, const char *list,
                       xtune_error **err)
{
    XT_CLEANUP_FREE char *word = xt_xprintf("%.*s", (int)it->len, it->text);
    XT_CLEANUP_FREE char *what =
        it->len == strlen(asked->value)
            ? xt_xprintf("\"%s\"", word)
            : xt_xprintf("\"%s\" in \"%s\"", word, asked->value);

    if (!*asked->value)
        return xt_boot_refuse(asked, list, err,
                              "Xen would not take it without "
                              "a value");
    for (; *words; words++)
        if (xt_is_near(word, *words))
            return xt_boot_refuse(asked, list, err,
                                  "Xen would not take %s; \"%s\" is near",
                                  what, *words);
    return xt_boot_refuse(asked, list, err, "Xen would not take %s", what);
}

/* One word of a few. */
static int check_word(const xt_boot_asked *asked, const char *const *words,
                      const char *list, xtune_error **err)
{
    const item all = { .text = asked->value, .len = strlen(asked->value) };

    return is_one_of(&all, words) ? 0
                                  : refuse_item(asked, &all, words, list, err);
}

static int check_sched(const xt_boot_asked *asked, xtune_error **err)
{
    static const char *const words[] = { "credit",   "credit2", "rtds",
                                         "arinc653", "null",    NULL };

    return check_word(asked, words,
                      "write credit, credit2, rtds, arinc653 or null", err);
}

static int check_gran(const xt_boot_asked *asked, xtune_error **err)
{
    static const char *const words[] = { "cpu", "core", "socket", NULL };

    return check_word(asked, words, "write cpu, core or socket", err);
}

static int check_dom0_mem(const xt_boot_asked *asked, xtune_error **err)
{
    const uint64_t host_kb =
        asked->host ? asked->host->xen.total_kb : XTUNE_UNKNOWN_KB;
    xtune_dom0_mem mem;
    int rc;

    rc = xtune_dom0_mem_parse(asked->value, host_kb, &mem, err);
    if (rc) return rc;
    if (mem.has_size && mem.size_kb < SMALL_DOM0_KB)
        xt_boot_warn(asked, "sizes without a suffix are KiB",
                     "\"%s\" leaves dom0 %llu KiB", asked->value,
                     (unsigned long long)mem.size_kb);
    if (mem.has_size && !mem.has_max)
        xt_boot_warn(asked, "write max: as well",
                     "without max: dom0 makes room for pages of all of the "
                     "host's memory");
    return 0;
}

/* N, N-, -M or N-M. */
static int check_dom0_max_vcpus(const xt_boot_asked *asked, xtune_error **err)
{
    const char *at = asked->value;
    unsigned long least = 1, most = 0;
    item low = { .len = 0 }, high = { .len = 0 };
    bool ok, ranges;

    next_item(&at, "-", &low);
    ranges = at != NULL;
    if (ranges) high = (item){ .text = at, .len = strlen(at) };
    ok = low.len || high.len;
    if (low.len) ok = is_number(&low, XTUNE_MAX_VCPUS, &least);
    if (high.len) ok = ok && is_number(&high, XTUNE_MAX_VCPUS, &most);
    if (!ok || (!ranges && !least) || (high.len && !most))
        return xt_boot_refuse(asked, "write how many, or a range: 4, 2-8", err,
                              "\"%s\" is no number of vCPUs", asked->value);
    if (high.len && most < least)
        return xt_boot_refuse(asked, "write the smaller number first", err,
                              "\"%s\" is a range from more to less",
                              asked->value);
    if (asked->host && asked->host->nr_cpus && least > asked->host->nr_cpus)
        xt_boot_warn(asked, NULL,
                     "dom0 gets %lu vCPUs, and the host has %zu CPUs", least,
                     asked->host->nr_cpus);
    return 0;
}

/* [DOMU][,DOM0] */
static int check_extra_guest_irqs(const xt_boot_asked *asked,
                                  xtune_error **err)
{
    const char *at = asked->value;
    unsigned long domu = 1, dom0;
    item first = { .len = 0 }, second = { .len = 0 };
    bool ok;

    next_item(&at, ",", &first);
    if (at) second = (item){ .text = at, .len = strlen(at) };
    ok = first.len || second.len;
    if (first.len) ok = is_number(&first, UINT32_MAX, &domu);
    if (at) ok = ok && is_number(&second, UINT32_MAX, &dom0);
    if (!ok)
        return xt_boot_refuse(asked, "write 64, 64,1024 or ,1024", err,
                              "Xen would not take \"%s\"", asked->value);
    if (!domu)
        xt_boot_warn(asked, "write 32, which is Xen's own",
                     "0 leaves guests without interrupts for their devices");
    return 0;
}

static bool has_devices(const xtune_host *host)
{
    size_t i;

    for (i = 0; host && i < host->nr_domains; i++)
        if (host->domains[i].id && host->domains[i].nr_pci) return true;
    return false;
}

static int check_iommu(const xt_boot_asked *asked, xtune_error **err)
{
    static const char *const names[] = { "force",
                                         "required",
                                         "quarantine",
                                         "igfx",
                                         "qinval",
                                         "superpages",
                                         "verbose",
                                         "snoop",
                                         "intremap",
                                         "intpost",
                                         "crash-disable",
                                         "debug",
                                         "amd-iommu-perdev-intremap",
                                         "dom0-passthrough",
                                         "dom0-strict",
                                         "sharept",
                                         NULL };
    static const char *const off[] = { "0",     "no",      "off",
                                       "false", "disable", NULL };
    const char *at = asked->value;
    item it = { .len = 0 };

    while (next_item(&at, ",", &it)) {
        if (is_one_of(&it, off) && has_devices(asked->host))
            xt_boot_warn(asked, NULL,
                         "without it no domain can be given a PCI device "
                         "safely, and some have one");
        if (!xt_boot_is_boolean(it.text, it.len) && !is_switch(&it, names) &&
            !is_word(&it, "quarantine=scratch-page"))
            return refuse_item(asked, &it, names,
                               "write on, off, or options with commas "
                               "between them",
                               err);
    }
    return 0;
}

static int check_dom0_iommu(const xt_boot_asked *asked, xtune_error **err)
{
    static const char *const names[] = { "passthrough", "strict",
                                         "map-inclusive", "map-reserved",
                                         NULL };
    const char *at = asked->value;
    item it = { .len = 0 };

    while (next_item(&at, ",", &it))
        if (!is_switch(&it, names) && !is_word(&it, "none"))
            return refuse_item(asked, &it, names,
                               "write passthrough, strict, map-inclusive, "
                               "map-reserved or none",
                               err);
    return 0;
}

/* What stands behind "xen:". The governor comes first. */
static int check_governor(const xt_boot_asked *asked, const item *all,
                          xtune_error **err)
{
    static const char *const governors[] = { "performance", "powersave",
                                             "ondemand", "userspace", NULL };
    static const char *const options[] = { "maxfreq",
                                           "minfreq",
                                           "verbose",
                                           "rate",
                                           "up_threshold",
                                           "sampling_down_factor",
                                           "ignore_nice_load",
                                           "powersave_bias",
                                           "speed",
                                           "hdc",
                                           "require-hdc",
                                           NULL };
    XT_CLEANUP_FREE char *text = xt_xprintf("%.*s", (int)all->len, all->text);
    const char *at = text;
    unsigned long nr;
    bool first = true;
    item it = { .len = 0 };

    for (; next_item(&at, ",", &it); first = false) {
        item name = it;

        if (first && is_one_of(&it, governors)) continue;
        name.len = 0;
        while (name.len < it.len && it.text[name.len] != '=')
            name.len++;
        if (!is_one_of(&name, options) && !is_number(&it, UINT32_MAX, &nr))
            return refuse_item(asked, &it, first ? governors : options,
                               "write cpufreq=xen:performance, for one", err);
    }
    return 0;
}

/* "xen:performance", and since Xen 4.18 several, as "hwp;xen". */
static int check_cpufreq(const xt_boot_asked *asked, xtune_error **err)
{
    static const char *const words[] = { "none", "xen", "dom0-kernel", "hwp",
                                         NULL };
    const char *at = asked->value;
    item choice = { .len = 0 }, name, rest;
    int rc = 0;

    while (!rc && next_item(&at, ";", &choice)) {
        name = choice;
        name.len = 0;
        while (name.len < choice.len && !strchr(",:", choice.text[name.len]))
            name.len++;
        if (!is_one_of(&name, words) &&
            !xt_boot_is_boolean(name.text, name.len))
            return refuse_item(asked, &name, words,
                               "write cpufreq=xen:performance, for one", err);
        if (name.len == choice.len) continue;
        rest = (item){ .text = name.text + name.len + 1,
                       .len = choice.len - name.len - 1 };
        rc = check_governor(asked, &rest, err);
    }
    return rc;
}

static int check_console(const xt_boot_asked *asked, xtune_error **err)
{
    static const char *const words[] = { "vga",  "com1",  "com1H", "com1L",
                                         "com2", "com2H", "com2L", "pv",
                                         "xen",  "dbgp",  "ehci",  "xhci",
                                         "none", NULL };
    const char *at = asked->value;
    item it = { .len = 0 };

    while (next_item(&at, ",", &it))
        if (!is_one_of(&it, words) && strncmp(it.text, "dtuart", 6) != 0)
            return refuse_item(asked, &it, words,
                               "write vga, com1, com2, pv, dbgp, ehci, xhci "
                               "or none; hvc0 and tty0 are Linux'",
                               err);
    return 0;
}

static int check_loglvl(const xt_boot_asked *asked, xtune_error **err)
{
    static const char *const words[] = { "none",  "error", "warning", "info",
                                         "debug", "all",   NULL };
    const char *at = asked->value;
    item it = { .len = 0 };

    while (next_item(&at, "/", &it))
        if (!is_one_of(&it, words))
            return refuse_item(asked, &it, words,
                               "write none, error, warning, info, debug or "
                               "all",
                               err);
    return 0;
}

static int check_dom0_nodes(const xt_boot_asked *asked, xtune_error **err)
{
    static const char *const words[] = { "relaxed", "strict", NULL };
    const char *at = asked->value;
    unsigned long nr;
    item it = { .len = 0 };

    while (next_item(&at, ",", &it))
        if (!is_one_of(&it, words) && !is_number(&it, UINT32_MAX, &nr))
            return refuse_item(asked, &it, words,
                               "write proximity domains, and strict or "
                               "relaxed",
                               err);
    return 0;
}

static int check_watchdog(const xt_boot_asked *asked, xtune_error **err)
{
    static const char *const words[] = { "", "force", NULL };
    const item all = { .text = asked->value, .len = strlen(asked->value) };

    if (is_one_of(&all, words) || xt_boot_is_boolean(all.text, all.len))
        return 0;
    return refuse_item(asked, &all, words, "write yes, no or force", err);
}

bool xt_boot_check_xen(const xt_boot_asked *asked, int *rc_r,
                       xtune_error **err)
{
    static const struct {
        const char *key;
        int (*check)(const xt_boot_asked *asked, xtune_error **err);
    } keys[] = {
        { "dom0_mem", check_dom0_mem },
        { "dom0_max_vcpus", check_dom0_max_vcpus },
        { "dom0_nodes", check_dom0_nodes },
        { "extra_guest_irqs", check_extra_guest_irqs },
        { "iommu", check_iommu },
        { "dom0-iommu", check_dom0_iommu },
        { "sched", check_sched },
        { "sched-gran", check_gran },
        { "cpufreq", check_cpufreq },
        { "console", check_console },
        { "loglvl", check_loglvl },
        { "guest_loglvl", check_loglvl },
        { "watchdog", check_watchdog },
    };
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(keys); i++) {
        if (strcmp(keys[i].key, asked->key) != 0) continue;
        *rc_r = keys[i].check(asked, err);
        return true;
    }
    return false;
}
