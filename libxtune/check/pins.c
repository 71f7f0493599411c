/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules of hard affinity: that it lasts, and that what is dedicated is. */
#include <string.h>

#include <xtune/drift.h>

#include "base/shell_word.h"
#include "check/domains.h"
#include "host/findings.h"

/* pins-persistent */

/* Whether records or a policy set its masks again. */
static bool is_written_down(const xt_check *check, const xtune_domain *domain)
{
    const xtune_policy *policy = check->request->policy;
    const xtune_record *record;
    const xtune_rule *rule;

    if (!policy) return false;
    record = xtune_policy_record(policy, check->host, domain);
    if (record && record->nr_affinity) return true;
    rule = xtune_policy_match(policy, domain);
    return rule &&
           (rule->nr_affinity || (rule->placement != XTUNE_PLACE_NONE &&
                                  rule->mode == XTUNE_AFFINITY_HARD));
}

/* The first vCPU that is pinned otherwise than it will be; NULL. */
static const xtune_drift *first_pin(const xtune_drift *drifts, size_t nr)
{
    size_t i;

    for (i = 0; i < nr; i++)
        if (!xtune_set_equal(&drifts[i].vcpu->hard, &drifts[i].hard))
            return &drifts[i];
    return NULL;
}

static void add_lost(xt_check *check, const xtune_domain *domain,
                     const xtune_drift *drift)
{
    xtune_arena *arena = check->arena;

    xt_fault_add(
        check,
        &(xt_fault){
            .status = XTUNE_CHECK_WARN,
            .object = domain->name,
            .expected = "its hard affinity is in its stored configuration",
            .actual = xtune_arena_printf(
                arena, "vCPU %u runs on %s, and is configured for %s",
                drift->vcpu->id, xtune_set_format(arena, &drift->vcpu->hard),
                xtune_set_format(arena, &drift->hard)),
            .text = "when it is started again it is lost",
            .fix = XTUNE_FIX_PERSON,
            .how = xtune_arena_printf(
                arena,
                "\"xltune vcpu-pin --persist %s all %s\", or cpus= in "
                "its configuration",
                xt_shell_word(arena, domain->name),
                xtune_set_format(arena, &drift->vcpu->hard)),
        });
}

static enum xt_verdict look_at_pins(xt_check *check,
                                    const xtune_domain *domain)
{
    const xtune_drift *lost;
    xtune_drift *drifts;
    size_t nr;

    if (!domain->configured) return XT_UNKNOWN;
    nr = xtune_domain_drift(domain, check->arena, &drifts);
    lost = first_pin(drifts, nr);
    if (!lost || is_written_down(check, domain)) return XT_GOOD;
    add_lost(check, domain, lost);
    return XT_TOLD;
}

void xt_check_pins_persistent(xt_check *check)
{
    xt_tally tally = { .what = "domain" };

    xt_tally_domains(check, &tally, xt_check_is_guest, look_at_pins);
    xt_tally_end(check, &tally,
                 "hard affinity is as configured, or written down",
                 "no configuration of a domain is stored");
}

/* dedicated-cpus */

/* Whether a policy wants CPUs for it that nobody else uses. */
static bool is_dedicated(const xt_check *check, const xtune_domain *domain)
{
    const xtune_rule *rule =
        xtune_policy_match(check->request->policy, domain);

    return rule && rule->has_vcpus &&
           (rule->pin == XTUNE_PIN_ONE_TO_ONE ||
            rule->smt == XTUNE_SMT_ISOLATE);
}

/* By index of domain; of those that do not run, none. */
static xtune_set *cpus_of_all(const xt_check *check)
{
    const xtune_host *host = check->host;
    xtune_set *cpus =
        XTUNE_NEW_ARRAY(check->arena, xtune_set, host->nr_domains);
    size_t i;

    for (i = 0; i < host->nr_domains; i++)
        cpus[i] =
            xt_check_runs(&host->domains[i])
                ? xt_check_domain_cpus(check->arena, host, &host->domains[i])
                : xtune_set_new(check->arena, host->nr_cpu_ids);
    return cpus;
}

/* Domains other than this that may run on its CPUs; NULL: none. */
static const char *intruders(const xt_check *check, const xtune_set *cpus,
                             size_t domain)
{
    const xtune_host *host = check->host;
    const char **names =
        XTUNE_NEW_ARRAY(check->arena, const char *, host->nr_domains);
    size_t i, nr = 0;

    for (i = 0; i < host->nr_domains; i++)
        if (i != domain && xtune_set_intersects(&cpus[domain], &cpus[i]))
            names[nr++] = host->domains[i].name;
    return nr ? xt_findings_words(check->arena, names, nr) : NULL;
}

void xt_check_dedicated_cpus(xt_check *check)
{
    static const char expected[] = "nobody else runs on its CPUs";
    xt_tally tally = { .what = "domain" };
    const xtune_set *cpus = cpus_of_all(check);
    const char *others;
    size_t i;

    for (i = 0; check->request->policy && i < check->host->nr_domains; i++) {
        const xtune_domain *domain = &check->host->domains[i];

        if (!xt_check_is_guest(domain) || !domain->nr_vcpus ||
            !is_dedicated(check, domain))
            continue;
        others = intruders(check, cpus, i);
        if (!others) {
            tally.nr_good++;
            continue;
        }
        tally.nr_bad++;
        xt_fault_add(
            check,
            &(xt_fault){
                .status = XTUNE_CHECK_WARN,
                .object = domain->name,
                .expected = expected,
                .actual =
                    xtune_arena_printf(check->arena, "so may %s", others),
                .text = "its policy wants CPUs for it alone, and they take "
                        "them from it when they please",
                .fix = XTUNE_FIX_PERSON,
                .how = "give it a pool of its own (\"xltune "
                       "cpupool-create\"), and dom0 few CPUs: "
                       "dom0_max_vcpus= with dom0_vcpus_pin on Xen's command "
                       "line",
            });
    }
    xt_tally_end(check, &tally, expected,
                 "no policy wants CPUs for one domain alone");
}
