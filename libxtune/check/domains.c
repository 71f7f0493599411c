/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/domains.h"

bool xt_check_runs(const xtune_domain *domain)
{
    return !(domain->state & (XTUNE_STATE_SHUTDOWN | XTUNE_STATE_DYING));
}

bool xt_check_is_guest(const xtune_domain *domain)
{
    return domain->id && xt_check_runs(domain);
}

const xtune_set *xt_check_pool_cpus(const xtune_host *host,
                                    const xtune_domain *domain)
{
    const xtune_cpupool *pool = xtune_host_cpupool(host, domain->cpupool);

    return pool ? &pool->cpus : &host->cpu_ids;
}

xtune_set xt_check_vcpu_cpus(xtune_arena *arena, const xtune_host *host,
                             const xtune_domain *domain,
                             const xtune_vcpu *vcpu)
{
    xtune_set cpus = xtune_set_copy(arena, xt_check_pool_cpus(host, domain));

    xtune_set_and(&cpus, &vcpu->hard);
    return cpus;
}

xtune_set xt_check_domain_cpus(xtune_arena *arena, const xtune_host *host,
                               const xtune_domain *domain)
{
    xtune_set all = xtune_set_new(arena, host->nr_cpu_ids);
    size_t i;

    for (i = 0; i < domain->nr_vcpus; i++)
        if (domain->vcpus[i].online) {
            const xtune_set cpus =
                xt_check_vcpu_cpus(arena, host, domain, &domain->vcpus[i]);

            xtune_set_or(&all, &cpus);
        }
    return all;
}

const char *xt_check_count(xtune_arena *arena, size_t nr, const char *what)
{
    return xtune_arena_printf(arena, "%zu %s%s", nr, what, nr == 1 ? "" : "s");
}

void xt_tally_add(xt_tally *tally, enum xt_verdict verdict)
{
    tally->nr_good += verdict == XT_GOOD;
    tally->nr_bad += verdict == XT_TOLD;
    tally->nr_unknown += verdict == XT_UNKNOWN;
}

void xt_tally_domains(xt_check *check, xt_tally *tally,
                      bool counts(const xtune_domain *domain),
                      xt_look_at *look)
{
    size_t i;

    for (i = 0; i < check->host->nr_domains; i++)
        if (counts(&check->host->domains[i]))
            xt_tally_add(tally, look(check, &check->host->domains[i]));
}

void xt_tally_end(xt_check *check, const xt_tally *tally, const char *expected,
                  const char *why)
{
    const char *actual = tally->actual;

    if (tally->nr_good && !actual)
        actual = xtune_arena_printf(
            check->arena, "so it is of %s",
            xt_check_count(check->arena, tally->nr_good, tally->what));
    if (tally->nr_good)
        xt_pass(check, NULL, expected, actual);
    else if (!tally->nr_bad)
        xt_skip(check, NULL, why);
    if (tally->nr_unknown && (tally->nr_good || tally->nr_bad))
        xt_skip(
            check, NULL,
            xtune_arena_printf(
                check->arena, "it is not known of %s",
                xt_check_count(check->arena, tally->nr_unknown, tally->what)));
}
