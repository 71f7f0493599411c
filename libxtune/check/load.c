/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules of what CPUs do, from two looks at the host. */
#include <string.h>

#include "check/domains.h"

#define NS_PER_MS UINT64_C(1000000)

/* SUSE: begin with one vCPU, and give more until it is loaded so. */
#define TARGET_PCT 70
#define HIGH_PCT 90
#define LOW_PCT 20

#define HEADROOM_PCT 20

static bool is_sampled(xt_check *check)
{
    if (check->request->earlier && check->request->sampled_ms) return true;
    xt_skip(check, NULL, "load was not sampled: --sample SECONDS does it");
    return false;
}

/* The same domain as it was before; NULL: it is new, or another one. */
static const xtune_domain *earlier_of(const xt_check *check,
                                      const xtune_domain *domain)
{
    const xtune_host *host = check->request->earlier;
    size_t i;

    for (i = 0; i < host->nr_domains; i++)
        if (host->domains[i].id == domain->id)
            return strcmp(host->domains[i].uuid, domain->uuid) != 0
                       ? NULL
                       : &host->domains[i];
    return NULL;
}

/* What it has used between the two looks; 0 where that cannot be told. */
static uint64_t used_ns(const xt_check *check, const xtune_domain *domain)
{
    const xtune_domain *before = earlier_of(check, domain);

    return before && domain->cpu_time_ns > before->cpu_time_ns
               ? domain->cpu_time_ns - before->cpu_time_ns
               : 0;
}

static unsigned int percent(uint64_t part, uint64_t whole)
{
    const unsigned __int128 pct =
        whole ? (unsigned __int128)part * 100 / whole : 0;

    return pct > 10000 ? 10000 : (unsigned int)pct;
}

/* vcpu-load */

/* So many vCPUs would have the load that is aimed at. */
static uint32_t vcpus_for(uint32_t vcpus, unsigned int pct)
{
    const uint64_t wanted =
        ((uint64_t)vcpus * pct + TARGET_PCT - 1) / TARGET_PCT;

    return wanted ? (uint32_t)wanted : 1;
}

/* To have too few vCPUs costs what the domain does; to have too many costs
 * little, and is no fault: it is told. */
static enum xt_verdict check_load(xt_check *check, const xtune_domain *domain,
                                  unsigned int pct)
{
    static const char expected[] = "about 70 % of its vCPUs in use";
    const uint32_t vcpus = domain->online_vcpus;
    const uint32_t better = vcpus_for(vcpus, pct);
    const char *actual =
        xtune_arena_printf(check->arena, "%u %% of %s", pct,
                           xt_check_count(check->arena, vcpus, "vCPU"));

    if (pct > HIGH_PCT) {
        xt_fault_add(check, &(xt_fault){
                                .status = XTUNE_CHECK_WARN,
                                .object = domain->name,
                                .expected = expected,
                                .actual = actual,
                                .text = "it would do more with more vCPUs",
                                .fix = XTUNE_FIX_PERSON,
                                .how = xtune_arena_printf(
                                    check->arena,
                                    "give it %u: vcpus= in its "
                                    "configuration",
                                    better > vcpus ? better : vcpus + 1),
                            });
        return XT_TOLD;
    }
    if (pct >= LOW_PCT || better >= vcpus) return XT_GOOD;
    xt_pass(
        check, domain->name, expected,
        xtune_arena_printf(check->arena, "%s: %u would do", actual, better));
    return XT_TOLD;
}

static enum xt_verdict look_at_load(xt_check *check,
                                    const xtune_domain *domain)
{
    const xtune_domain *before = earlier_of(check, domain);

    if (!before || !domain->online_vcpus ||
        domain->state & XTUNE_STATE_PAUSED ||
        before->online_vcpus != domain->online_vcpus)
        return XT_LEFT;
    return check_load(
        check, domain,
        percent(used_ns(check, domain), check->request->sampled_ms *
                                            NS_PER_MS * domain->online_vcpus));
}

void xt_check_vcpu_load(xt_check *check)
{
    xt_tally tally = { .what = "domain" };

    if (!is_sampled(check)) return;
    xt_tally_domains(check, &tally, xt_check_is_guest, look_at_load);
    xt_tally_end(check, &tally, "20 to 90 % of its vCPUs in use",
                 "no domain ran all the time");
}

/* cpu-headroom */

/* How CPUs are given to vCPUs. */
typedef struct shares {
    uint32_t *users; /* by CPU id: vCPUs that may run there */
    xtune_set alone; /* CPUs that are one vCPU's, which runs nowhere else */
} shares;

static void count_users(const xt_check *check, const xtune_domain *domain,
                        shares *s)
{
    size_t i;
    unsigned int id;

    for (i = 0; i < domain->nr_vcpus; i++) {
        const xtune_vcpu *vcpu = &domain->vcpus[i];
        const xtune_set cpus =
            xt_check_vcpu_cpus(check->arena, check->host, domain, vcpu);

        if (!vcpu->online) continue;
        if (xtune_set_count(&cpus) == 1) xtune_set_or(&s->alone, &cpus);
        xtune_set_for_each(id, &cpus) s->users[id]++;
    }
}

/* CPUs that count as used, whether they are or not. */
static xtune_set dedicated_cpus(const xt_check *check)
{
    const xtune_host *host = check->host;
    shares s = {
        .users = XTUNE_NEW_ARRAY(check->arena, uint32_t, host->nr_cpu_ids),
        .alone = xtune_set_new(check->arena, host->nr_cpu_ids),
    };
    unsigned int id;
    size_t i;

    for (i = 0; i < host->nr_domains; i++)
        if (xt_check_runs(&host->domains[i]))
            count_users(check, &host->domains[i], &s);
    for (id = 0; id < host->nr_cpu_ids; id++)
        if (s.users[id] != 1) xtune_set_remove(&s.alone, id);
    return s.alone;
}

/* Whether a vCPU has one of these to itself. */
static bool is_on(const xt_check *check, const xtune_domain *domain,
                  const xtune_vcpu *vcpu, const xtune_set *dedicated)
{
    const xtune_set cpus =
        xt_check_vcpu_cpus(check->arena, check->host, domain, vcpu);

    return vcpu->online && !xtune_set_is_empty(&cpus) &&
           xtune_set_is_subset(&cpus, dedicated);
}

/* Of what a domain has used, what was used on dedicated CPUs. */
static uint64_t dedicated_ns(const xt_check *check, const xtune_domain *domain,
                             const xtune_set *dedicated)
{
    const xtune_domain *before = earlier_of(check, domain);
    uint64_t sum = 0;
    size_t i;

    for (i = 0; before && i < domain->nr_vcpus && i < before->nr_vcpus; i++) {
        const xtune_vcpu *vcpu = &domain->vcpus[i];

        if (vcpu->id == before->vcpus[i].id &&
            vcpu->time_ns > before->vcpus[i].time_ns &&
            is_on(check, domain, vcpu, dedicated))
            sum += vcpu->time_ns - before->vcpus[i].time_ns;
    }
    return sum;
}

static uint64_t shared_ns(const xt_check *check, const xtune_set *dedicated)
{
    uint64_t sum = 0, used, there;
    size_t i;

    for (i = 0; i < check->host->nr_domains; i++) {
        const xtune_domain *domain = &check->host->domains[i];

        used = used_ns(check, domain);
        there = dedicated_ns(check, domain, dedicated);
        if (used > there) sum += used - there;
    }
    return sum;
}

static size_t count_pool_cpus(const xtune_host *host)
{
    size_t i, nr = 0;

    for (i = 0; i < host->nr_cpupools; i++)
        nr += xtune_set_count(&host->cpupools[i].cpus);
    return nr;
}

void xt_check_cpu_headroom(xt_check *check)
{
    const xtune_policy *policy = check->request->policy;
    const unsigned int wanted =
        policy && policy->has_headroom ? policy->headroom_pct : HEADROOM_PCT;
    const size_t cpus = count_pool_cpus(check->host);
    const char *expected, *actual;
    uint64_t ns_each;
    xtune_set dedicated;
    unsigned int used;

    if (!is_sampled(check) || !cpus) return;
    ns_each = check->request->sampled_ms * NS_PER_MS;
    dedicated = dedicated_cpus(check);
    used = percent(shared_ns(check, &dedicated) +
                       ns_each * xtune_set_count(&dedicated),
                   ns_each * cpus);
    expected =
        xtune_arena_printf(check->arena, "%u %% or more are free", wanted);
    actual = xtune_arena_printf(check->arena, "%u %% of %s",
                                used < 100 ? 100 - used : 0,
                                xt_check_count(check->arena, cpus, "CPU"));
    if (!xtune_set_is_empty(&dedicated))
        actual = xtune_arena_printf(check->arena,
                                    "%s; %u are dedicated, and count as used",
                                    actual, xtune_set_count(&dedicated));
    if (used + wanted <= 100)
        xt_pass(check, NULL, expected, actual);
    else
        xt_fault_add(
            check,
            &(xt_fault){
                .status = XTUNE_CHECK_WARN,
                .expected = expected,
                .actual = actual,
                .text = "nothing is left for bursts, and for what dom0 does "
                        "for guests",
                .fix = XTUNE_FIX_PERSON,
                .how = "move domains to another host, or dedicate fewer CPUs",
            });
}
