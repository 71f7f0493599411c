/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules of the disks that back domains, and of what serves them. */
#include <string.h>

#include "base/util.h"
#include "check/mend.h"
#include "check/sysctl.h"
#include "check/text.h"
#include "host/dom0_file.h"
#include "host/findings.h"

#define BEFORE XT_FILE_BLOCKS "/"
#define BEHIND "/" XT_FILE_SCHEDULER
#define TMPFILES "/etc/tmpfiles.d/xltune.conf"

/* Best first; those of old kernels last. */
static const char *const good[] = { "mq-deadline", "none", "deadline",
                                    "noop" };

/* disk-scheduler */

/* The disk that such a path is of, in the arena; NULL: another file. */
static const char *disk_of(xtune_arena *arena, const char *path)
{
    const size_t len = strlen(path), more = strlen(BEFORE) + strlen(BEHIND);

    if (len <= more || strncmp(path, BEFORE, strlen(BEFORE)) != 0 ||
        strcmp(path + len - strlen(BEHIND), BEHIND) != 0)
        return NULL;
    return xtune_arena_strndup(arena, path + strlen(BEFORE), len - more);
}

/* "sda2" is of "sda", "nvme0n1p2" of "nvme0n1". */
static bool is_part_of(const char *name, const char *disk)
{
    const size_t len = strlen(disk);

    if (strncmp(name, disk, len) != 0) return false;
    name += len;
    if (!name[0]) return true;
    /* "nvme0n12" is another disk than "nvme0n1". */
    if (len && strchr("0123456789", disk[len - 1]) && *name++ != 'p')
        return false;
    return name[0] && !name[strspn(name, "0123456789")];
}

static bool has_block(const xtune_domain *domain, const char *disk)
{
    size_t i;

    for (i = 0; i < domain->nr_disks; i++)
        if (xt_check_has_word(domain->disks[i].blocks,
                              domain->disks[i].nr_blocks, disk))
            return true;
    return false;
}

/* What dom0 does with devices tells as well whose disks are on which. */
static bool is_used_by(const xtune_use *use, const char *disk)
{
    size_t i;

    if (strcmp(use->kind, "domain") != 0) return false;
    for (i = 0; i < use->nr_through; i++)
        if (is_part_of(use->through[i], disk)) return true;
    return false;
}

static bool knows_disks(const xtune_host *host)
{
    size_t i;

    for (i = 0; i < host->nr_domains; i++)
        if (host->domains[i].disks) return true;
    return host->has_pci_details;
}

/* The names of domains that have disks on it; *nr_r 0: none. */
static const char **domains_on(xt_check *check, const char *disk, size_t *nr_r)
{
    const xtune_host *host = check->host;
    const char **names = NULL;
    size_t i, k, nr = 0;

    for (i = 0; i < host->nr_domains; i++)
        if (has_block(&host->domains[i], disk)) {
            names = xtune_arena_grow(check->arena, names, nr, sizeof(*names));
            names[nr++] = host->domains[i].name;
        }
    for (i = 0; i < host->nr_pci; i++)
        for (k = 0; k < host->pci[i].nr_uses; k++) {
            const xtune_use *use = &host->pci[i].uses[k];

            if (!is_used_by(use, disk) ||
                xt_check_has_word(names, nr, use->what))
                continue;
            names = xtune_arena_grow(check->arena, names, nr, sizeof(*names));
            names[nr++] = use->what;
        }
    *nr_r = nr;
    return names;
}

/* Whether it is as Linux writes it: names, one of them in brackets; or only
 * one, without. */
static bool is_list(xtune_arena *arena, const char *text)
{
    size_t len = strcspn(text, "\n"), nr = 0, nr_chosen = 0;
    const char *word;

    if (text[len] && text[len + 1]) return false;
    while ((word = xt_check_word(arena, &text))) {
        const bool chosen = word[0] == '[';

        word += chosen;
        len = strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789-_");
        if (!len || strcmp(word + len, chosen ? "]" : "") != 0) return false;
        nr++;
        nr_chosen += chosen;
    }
    return nr_chosen == 1 || (nr == 1 && !nr_chosen);
}

/* The best of those that a disk can have, which are listed in text. */
static const char *best_of(xtune_arena *arena, const char *text)
{
    const char *word, *best = NULL;
    size_t i, rank = XT_ARRAY_SIZE(good);

    while ((word = xt_check_word(arena, &text))) {
        size_t len = strlen(word);

        if (word[0] == '[' && len > 2 && word[len - 1] == ']')
            word = xtune_arena_strndup(arena, word + 1, len - 2);
        for (i = 0; i < rank; i++)
            if (!strcmp(word, good[i])) {
                rank = i;
                best = good[i];
            }
    }
    return best;
}

static void check_disk(xt_check *check, const char *disk, const char *path)
{
    xtune_arena *arena = check->arena;
    const char *line;
    const char **names, *now, *best;
    size_t nr;

    names = domains_on(check, disk, &nr);
    if (!nr || !xt_check_reads(check, path, &line)) return;
    now = xt_file_value(arena, path, line);
    best = best_of(arena, line);
    if (!is_list(arena, line)) {
        xt_skip(check, disk,
                xtune_arena_printf(arena, "\"%s\" is no list of schedulers",
                                   line));
        return;
    }
    if (xt_check_has_word(good, XT_ARRAY_SIZE(good), now)) {
        xt_pass(check, disk, "mq-deadline or none", now);
        return;
    }
    xt_fault_add(
        check,
        &(xt_fault){
            .status = XTUNE_CHECK_WARN,
            .object = disk,
            .expected = "mq-deadline or none",
            .actual = now,
            .text = xtune_arena_printf(
                arena, "guests sort what they ask for; on it are disks of %s",
                xt_findings_words(arena, names, nr)),
            .fix = best ? XTUNE_FIX_NOW : XTUNE_FIX_PERSON,
            .how = best ? xtune_arena_printf(
                              arena, "echo %s > %s, and at boot by " TMPFILES,
                              best, path)
                        : "load the module of mq-deadline",
        });
}

void xt_check_disk_scheduler(xt_check *check)
{
    const xtune_dom0 *dom0 = &check->host->dom0;
    const size_t before = check->report->nr_results;
    size_t i;

    if (!xt_check_has_dom0(check)) return;
    if (!knows_disks(check->host)) {
        xt_skip(check, NULL, "which disks back domains is not known");
        return;
    }
    for (i = 0; i < dom0->nr_files; i++) {
        const char *disk = disk_of(check->arena, dom0->files[i].path);

        if (disk) check_disk(check, disk, dom0->files[i].path);
    }
    if (check->report->nr_results == before)
        xt_skip(check, NULL, "no disk of dom0's backs a domain");
}

static bool is_for_path(const char *line, const void *what)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *type = xt_check_word(arena, &line);
    const char *path = xt_check_word(arena, &line);

    return type && path && type[0] == 'w' && !strcmp(path, what);
}

int xt_mend_disk_scheduler(xt_check *check, xtune_plan *plan,
                           xtune_error **err)
{
    const xtune_check_result *result;
    const char *path, *text, *best;
    size_t at = 0;

    (void)err;
    while ((result = xt_check_next_to_mend(check, &at))) {
        path = xtune_arena_printf(plan->arena, BEFORE "%s" BEHIND,
                                  result->object);
        text = xtune_host_file(check->host, path);
        best = text ? best_of(plan->arena, text) : NULL;
        if (!best) continue;
        xt_mend_attribute(check, plan, path, best,
                          "disks of domains are on it");
        xt_mend_line(
            check, plan, TMPFILES,
            xtune_arena_printf(plan->arena, "w %s - - - - %s", path, best),
            is_for_path, path, "schedulers of domains' disks");
    }
    return 0;
}

/* aio-max-nr */

#define AIO_NR "/proc/sys/fs/aio-nr"
#define AIO_MAX "/proc/sys/fs/aio-max-nr"
#define AIO_KEY "fs.aio-max-nr"

/* Linux' own, SUSE's, and what QEMU asks for with each disk
 * (block/linux-aio.c, MAX_EVENTS). */
#define AIO_USUAL 65536
#define AIO_BETTER 1048576
#define AIO_EACH 1024

/* Disks that a device model of dom0's serves. */
static size_t nr_qdisks(const xtune_host *host)
{
    size_t i, k, nr = 0;

    for (i = 0; i < host->nr_domains; i++)
        for (k = 0; k < host->domains[i].nr_disks; k++) {
            const xtune_disk *disk = &host->domains[i].disks[k];

            if (!disk->server && disk->backend &&
                !strcmp(disk->backend, "qdisk"))
                nr++;
        }
    return nr;
}

/* With room for as much again, and for every disk; never less than usual. */
static uint64_t aio_needed(const xtune_host *host, uint64_t in_use)
{
    const uint64_t disks = (uint64_t)nr_qdisks(host) * AIO_EACH;
    uint64_t needed = AIO_USUAL;

    if (needed < 2 * in_use) needed = 2 * in_use;
    return needed < disks ? disks : needed;
}

static uint64_t aio_at_boot(const xt_sysctl *at_boot)
{
    uint64_t value;

    return at_boot->value &&
                   xt_parse_u64(at_boot->value, 10, INT64_MAX, &value)
               ? value
               : AIO_USUAL;
}

/* What it is to be: SUSE's, or as much as it takes. */
static uint64_t aio_better(uint64_t max, uint64_t needed)
{
    uint64_t better = AIO_BETTER;

    while (better < needed)
        better *= 2;
    return max > better ? max : better;
}

static void aio_fault(xt_check *check, uint64_t in_use, uint64_t max,
                      uint64_t needed)
{
    const xt_sysctl at_boot =
        xt_sysctl_at_boot(check->arena, check->host, AIO_KEY);
    const uint64_t next = aio_at_boot(&at_boot);
    xtune_arena *arena = check->arena;
    xt_fault fault = {
        .status =
            in_use >= max - max / 16 ? XTUNE_CHECK_FAIL : XTUNE_CHECK_WARN,
        .object = AIO_MAX,
        .expected = xtune_arena_printf(arena, "%llu or more",
                                       (unsigned long long)needed),
        .actual = xtune_arena_printf(
            arena, "%llu, %llu after a boot; %llu are in use",
            (unsigned long long)max, (unsigned long long)next,
            (unsigned long long)in_use),
        .text = "where there are no more, disks that device models serve do "
                "not come",
    };

    fault.fix = xt_sysctl_fix(check, &at_boot, next >= needed, AIO_KEY,
                              aio_better(max, needed), &fault.how);
    xt_fault_add(check, &fault);
}

/* False after a SKIP. */
static bool read_aio(xt_check *check, uint64_t *in_use_r, uint64_t *max_r)
{
    return xt_check_reads_number(check, AIO_NR, UINT64_C(1) << 60, in_use_r) &&
           xt_check_reads_number(check, AIO_MAX, INT64_MAX, max_r);
}

void xt_check_aio_max_nr(xt_check *check)
{
    uint64_t in_use, max, needed;
    xt_sysctl at_boot;

    if (!read_aio(check, &in_use, &max)) return;
    needed = aio_needed(check->host, in_use);
    at_boot = xt_sysctl_at_boot(check->arena, check->host, AIO_KEY);
    if (max < needed || aio_at_boot(&at_boot) < needed)
        aio_fault(check, in_use, max, needed);
    else
        xt_pass(
            check, AIO_MAX,
            xtune_arena_printf(check->arena, "%llu or more",
                               (unsigned long long)needed),
            xtune_arena_printf(check->arena, "%llu", (unsigned long long)max));
}

int xt_mend_aio_max_nr(xt_check *check, xtune_plan *plan, xtune_error **err)
{
    uint64_t in_use, max;

    (void)err;
    /* It was read when it was checked. */
    if (!read_aio(check, &in_use, &max)) return 0;
    max = aio_better(max, aio_needed(check->host, in_use));
    xt_sysctl_mend(
        check, plan, AIO_KEY,
        xtune_arena_printf(plan->arena, "%llu", (unsigned long long)max),
        "device models serve disks by asynchronous requests");
    return 0;
}
