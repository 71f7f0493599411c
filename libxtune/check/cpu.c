/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules of CPUs: how many vCPUs there are for them, and how fast they are. */
#include <string.h>

#include "base/json.h"
#include "base/shell_word.h"
#include "check/domains.h"
#include "host/cores.h"
#include "plan/builder.h"

/* vcpu-overcommit */

/* SUSE: up to 2 for each CPU is fine where load is below a half; above 8 for
 * each core hosts were seen to become unstable. */
#define WARN_ABOVE 2
#define FAIL_ABOVE 8

/* Where Xen does not tell, each CPU is a core. */
static size_t count_cores(xtune_arena *arena, const xtune_host *host,
                          const xtune_set *cpus)
{
    const uint32_t *core_of = xt_host_cores(arena, host);
    xtune_set cores = xtune_set_new(arena, host->nr_cpu_ids);
    unsigned int id;

    xtune_set_for_each(id, cpus)
    {
        if (xtune_set_has(&host->cpu_ids, id))
            xtune_set_add(&cores, core_of[id]);
    }
    return xtune_set_count(&cores);
}

/* *nr_unknown_r: domains that may have some in it, or more. */
static size_t count_vcpus(const xtune_host *host, const xtune_cpupool *pool,
                          size_t *nr_unknown_r)
{
    size_t i, nr = 0;

    *nr_unknown_r = 0;
    for (i = 0; i < host->nr_domains; i++) {
        const xtune_domain *domain = &host->domains[i];

        if (!xt_check_runs(domain) ||
            (domain->cpupool && strcmp(domain->cpupool, pool->name) != 0))
            continue;
        if (domain->cpupool) nr += domain->online_vcpus;
        *nr_unknown_r += !domain->cpupool || !domain->online_vcpus;
    }
    return nr;
}

static void check_pool(xt_check *check, const xtune_cpupool *pool)
{
    static const char expected[] = "2 vCPUs or fewer for each core";
    const size_t cores = count_cores(check->arena, check->host, &pool->cpus);
    size_t nr_unknown;
    const size_t vcpus = count_vcpus(check->host, pool, &nr_unknown);
    const char *actual;

    if (!cores) return;
    actual = xtune_arena_printf(check->arena, "%s on %s: %.1f for each",
                                xt_check_count(check->arena, vcpus, "vCPU"),
                                xt_check_count(check->arena, cores, "core"),
                                (double)vcpus / (double)cores);
    if (vcpus <= WARN_ABOVE * cores && nr_unknown) {
        xt_skip(check, pool->name,
                xtune_arena_printf(
                    check->arena, "how many vCPUs it has is not known of %s",
                    xt_check_count(check->arena, nr_unknown, "domain")));
        return;
    }
    if (vcpus <= WARN_ABOVE * cores) {
        xt_pass(check, pool->name, expected, actual);
        return;
    }
    xt_fault_add(
        check,
        &(xt_fault){
            .status = vcpus > FAIL_ABOVE * cores ? XTUNE_CHECK_FAIL
                                                 : XTUNE_CHECK_WARN,
            .object = pool->name,
            .expected = expected,
            .actual = actual,
            .text = vcpus > FAIL_ABOVE * cores
                        ? "above 8 for each, hosts were seen to become "
                          "unstable"
                        : "vCPUs wait for each other as soon as domains are "
                          "busy",
            .fix = XTUNE_FIX_PERSON,
            .how = "give domains fewer vCPUs, the pool more CPUs, or move "
                   "domains to another host",
        });
}

void xt_check_vcpu_overcommit(xt_check *check)
{
    size_t i;

    if (!check->host->nr_domains) {
        xt_skip(check, NULL, "domains are not known");
        return;
    }
    for (i = 0; i < check->host->nr_cpupools; i++)
        check_pool(check, &check->host->cpupools[i]);
}

/* domain-vcpus */

static void add_too_many(xt_check *check, const xtune_domain *domain,
                         unsigned int cpus)
{
    xt_fault_add(
        check,
        &(xt_fault){
            .status = XTUNE_CHECK_FAIL,
            .object = domain->name,
            .expected = xtune_arena_printf(
                check->arena, "as many vCPUs as CPUs in %s, %u, or fewer",
                domain->cpupool ? domain->cpupool : "the host", cpus),
            .actual =
                xt_check_count(check->arena, domain->online_vcpus, "vCPU"),
            .text = "they wait for each other at any load",
            .fix = XTUNE_FIX_PERSON,
            .how = xtune_arena_printf(
                check->arena,
                "\"xl vcpu-set %s %u\", and the same in its configuration",
                xt_shell_word(check->arena, domain->name), cpus),
        });
}

static void add_crowded(xt_check *check, const xtune_domain *domain,
                        const xtune_set *hard)
{
    xt_fault_add(
        check,
        &(xt_fault){
            .status = XTUNE_CHECK_WARN,
            .object = domain->name,
            .expected = "a CPU for each vCPU that its hard affinity allows",
            .actual = xtune_arena_printf(
                check->arena, "%s on %s",
                xt_check_count(check->arena, domain->online_vcpus, "vCPU"),
                xtune_arena_printf(check->arena, "CPU%s %s",
                                   xtune_set_count(hard) == 1 ? "" : "s",
                                   xtune_set_format_ids(check->arena, hard))),
            .text = "they wait for each other while other CPUs are idle",
            .fix = XTUNE_FIX_PERSON,
            .how = xtune_arena_printf(
                check->arena,
                "allow it more CPUs with \"xltune vcpu-pin %s all CPUS\", or "
                "give it fewer vCPUs",
                xt_shell_word(check->arena, domain->name)),
        });
}

static enum xt_verdict look_at_vcpus(xt_check *check,
                                     const xtune_domain *domain)
{
    const unsigned int cpus =
        xtune_set_count(xt_check_pool_cpus(check->host, domain));
    const xtune_set hard =
        xt_check_domain_cpus(check->arena, check->host, domain);

    if (!domain->online_vcpus || !cpus) return XT_UNKNOWN;
    if (domain->online_vcpus > cpus)
        add_too_many(check, domain, cpus);
    else if (domain->nr_vcpus && !xtune_set_is_empty(&hard) &&
             xtune_set_count(&hard) < domain->online_vcpus)
        add_crowded(check, domain, &hard);
    else
        return XT_GOOD;
    return XT_TOLD;
}

void xt_check_domain_vcpus(xt_check *check)
{
    xt_tally tally = { .what = "domain" };

    xt_tally_domains(check, &tally, xt_check_runs, look_at_vcpus);
    xt_tally_end(check, &tally, "a CPU for each vCPU of a domain",
                 tally.nr_unknown ? "domains' vCPUs, or CPUs, are not known"
                                  : "there is no domain");
}

/* governor */

#define GOVERNOR "performance"

/* What there is where a CPU chooses itself, of Intel or of AMD: no governor
 * can be set then. */
static bool is_to_be_set(const xtune_cpu *cpu)
{
    return cpu->governor && cpu->governor[0] &&
           strcmp(cpu->governor, "none") != 0 &&
           strcmp(cpu->governor, "hwp") != 0 &&
           strcmp(cpu->governor, "amd-cppc-epp") != 0;
}

static bool is_at_fault(const xtune_cpu *cpu)
{
    return is_to_be_set(cpu) && strcmp(cpu->governor, GOVERNOR) != 0;
}

/* "ondemand (CPUs 0-3), powersave (CPU 4)" */
static const char *other_governors(const xt_check *check)
{
    const xtune_host *host = check->host;
    xtune_set left = xtune_set_copy(check->arena, &host->cpu_ids), same;
    const char *text = "";
    size_t i, k;

    for (i = 0; i < host->nr_cpus; i++) {
        const xtune_cpu *cpu = &host->cpus[i];

        if (!is_at_fault(cpu) || !xtune_set_has(&left, cpu->id)) continue;
        same = xtune_set_new(check->arena, host->nr_cpu_ids);
        for (k = i; k < host->nr_cpus; k++)
            if (host->cpus[k].governor &&
                !strcmp(host->cpus[k].governor, cpu->governor))
                xtune_set_add(&same, host->cpus[k].id);
        xtune_set_andnot(&left, &same);
        text = xtune_arena_printf(check->arena, "%s%s%s (CPU%s %s)", text,
                                  text[0] ? ", " : "", cpu->governor,
                                  xtune_set_count(&same) == 1 ? "" : "s",
                                  xtune_set_format_ids(check->arena, &same));
    }
    return text;
}

void xt_check_governor(xt_check *check)
{
    const xtune_host *host = check->host;
    size_t i, nr_known = 0, nr_set = 0, nr_bad = 0;

    for (i = 0; i < host->nr_cpus; i++) {
        nr_known += host->cpus[i].governor != NULL;
        nr_set += is_to_be_set(&host->cpus[i]);
        nr_bad += is_at_fault(&host->cpus[i]);
    }
    if (!nr_known)
        xt_skip(check, NULL, "how fast CPUs run is not known");
    else if (!nr_set)
        xt_skip(check, NULL,
                "Xen does not set how fast CPUs run: they do themselves, or "
                "the firmware does, or the machine is a virtual one");
    else if (!nr_bad)
        xt_pass(check, NULL, GOVERNOR, GOVERNOR);
    else
        xt_fault_add(
            check,
            &(xt_fault){
                .status = XTUNE_CHECK_WARN,
                .expected = GOVERNOR,
                .actual = other_governors(check),
                .text = "what wakes up runs slowly at first",
                .fix = XTUNE_FIX_NOW,
                .how = "\"xenpm set-scaling-governor performance\"; to last, "
                       "\"xltune cmdline set xen cpufreq=xen:performance\"",
            });
}

int xt_mend_governor(xt_check *check, xtune_plan *plan, xtune_error **err)
{
    xtune_arena *arena = plan->arena;
    size_t i;

    (void)err;
    for (i = 0; i < check->host->nr_cpus; i++) {
        const xtune_cpu *cpu = &check->host->cpus[i];
        xt_json *target;

        if (!is_at_fault(cpu)) continue;
        target = xt_json_object(arena);
        xt_json_add(arena, target, "cpu", xt_json_u64(arena, cpu->id));
        xt_plan_add(plan,
                    &(xtune_action){
                        .kind = "cpufreq-governor",
                        .object = xtune_arena_printf(arena, "CPU %u", cpu->id),
                        .target = target,
                        .old = xt_json_string(arena, cpu->governor),
                        .new = xt_json_string(arena, GOVERNOR),
                        .reason = "CPUs of a host for guests run at full "
                                  "speed",
                    });
    }
    return 0;
}
