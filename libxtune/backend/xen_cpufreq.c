/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Governors of CPUs' frequencies, where Xen sets those (cpufreq=xen). */
#include <errno.h>
#include <string.h>

#include "backend/xen.h"
#include "base/util.h"

#define MAX_TRIES 3     /* while CPUs come and go */
#define MAX_COUNT 65536 /* of frequencies, governors or CPUs */

/* What there is room for is asked first: Xen wants it to the number. */
static bool make_room(xtune_arena *arena, struct xc_get_cpufreq_para *para)
{
    if (para->cpu_num > MAX_COUNT || para->freq_num > MAX_COUNT ||
        para->gov_num > MAX_COUNT)
        return false;
    para->affected_cpus = XTUNE_NEW_ARRAY(arena, uint32_t, para->cpu_num);
    para->scaling_available_frequencies =
        XTUNE_NEW_ARRAY(arena, uint32_t, para->freq_num);
    para->scaling_available_governors = xtune_arena_alloc(
        arena, para->gov_num, CPUFREQ_NAME_LEN * sizeof(char));
    return true;
}

/* False with errno: ENODEV where Xen sets no frequencies, EINVAL where it
 * knows none for this CPU. */
static bool read_para(const xt_xen *xen, uint32_t cpu, xtune_arena *arena,
                      struct xc_get_cpufreq_para *para)
{
    unsigned int tries;

    memset(para, 0, sizeof(*para));
    for (tries = 0; tries < MAX_TRIES; tries++) {
        if (!xc_get_cpufreq_para(xen->xc, (int)cpu, para)) return true;
        if (errno != EAGAIN || !make_room(arena, para)) break;
    }
    return false;
}

/* Whether Xen has nothing to set. */
static bool is_none(int errnum)
{
    return errnum == ENODEV || errnum == EINVAL || errnum == ENOSYS ||
           errnum == EOPNOTSUPP;
}

static const char *governor_of(xtune_arena *arena,
                               const struct xc_get_cpufreq_para *para)
{
    return xtune_arena_strndup(arena, xt_xen_governor(para), CPUFREQ_NAME_LEN);
}

void xt_xen_read_governors(xt_xen *xen, xtune_host *host)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    struct xc_get_cpufreq_para para;
    size_t i;

    for (i = 0; i < host->nr_cpus; i++)
        if (read_para(xen, host->cpus[i].id, arena, &para))
            host->cpus[i].governor = governor_of(host->arena, &para);
        else if (is_none(errno))
            host->cpus[i].governor = "none";
}

/* "CPU 3" */
static const char *name_of(xtune_arena *arena, uint32_t cpu)
{
    return xtune_arena_printf(arena, "CPU %u", cpu);
}

static int load_para(const xt_xen *xen, uint32_t cpu, xtune_arena *arena,
                     struct xc_get_cpufreq_para *para, xtune_error **err)
{
    if (cpu >= xen->nr_cpu_ids)
        return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0,
                               name_of(arena, cpu), NULL,
                               "the host has no such CPU");
    if (read_para(xen, cpu, arena, para)) return 0;
    if (is_none(errno))
        return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, errno,
                               name_of(arena, cpu),
                               "see \"cpufreq\" of Xen's command line, and "
                               "the firmware's settings",
                               "Xen sets no frequency of it");
    return xt_xen_error(err, name_of(arena, cpu), "ask Xen for its governor");
}

int xt_xen_get_governor(xtune_backend *backend, uint32_t cpu,
                        xtune_arena *arena, const char **governor_r,
                        xtune_error **err)
{
    struct xc_get_cpufreq_para para;
    int rc;

    rc = load_para((xt_xen *)backend, cpu, arena, &para, err);
    if (!rc) *governor_r = governor_of(arena, &para);
    return rc;
}

int xt_xen_set_governor(xtune_backend *backend, uint32_t cpu,
                        const char *governor, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_xen *xen = (xt_xen *)backend;
    struct xc_get_cpufreq_para para;
    char name[CPUFREQ_NAME_LEN];
    int rc;

    rc = load_para(xen, cpu, arena, &para, err);
    if (rc) return rc;
    if (strlen(governor) < sizeof(name)) {
        snprintf(name, sizeof(name), "%s", governor);
        if (!xc_set_cpufreq_gov(xen->xc, (int)cpu, name)) return 0;
        if (errno != EINVAL)
            return xt_xen_error(err, name_of(arena, cpu), "set its governor");
    }
    return xtune_error_set(err, XTUNE_ERR_REFUSED, EINVAL, name_of(arena, cpu),
                           "\"xenpm get-cpufreq-para\" lists those that Xen "
                           "has",
                           "Xen has no governor \"%s\" for it", governor);
}
