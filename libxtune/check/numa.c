/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules of nodes: domains' memory, and where their vCPUs run. */
#include <string.h>

#include "base/shell_word.h"
#include "check/domains.h"
#include "check/text.h"

#define LOCAL_PCT 90

/* False after a SKIP. */
static bool has_nodes(xt_check *check)
{
    if (check->host->nr_nodes > 1) return true;
    xt_skip(check, NULL,
            check->host->nr_nodes ? "the host has one node"
                                  : "the host's nodes are not known");
    return false;
}

/* local-memory */

static void add_remote(xt_check *check, const xtune_domain *domain,
                       const xtune_set *run_nodes, unsigned int pct)
{
    xt_fault_add(
        check,
        &(xt_fault){
            .status = XTUNE_CHECK_WARN,
            .object = domain->name,
            .expected = "90 % or more of its memory where its vCPUs run",
            .actual = xtune_arena_printf(
                check->arena, "%u %%%s, by its vCPUs on node%s %s", pct,
                domain->residency == XTUNE_RESIDENCY_INFERRED ? " (inferred)"
                                                              : "",
                xtune_set_count(run_nodes) == 1 ? "" : "s",
                xtune_set_format_ids(check->arena, run_nodes)),
            .text = "each access to the rest goes to another node",
            .fix = XTUNE_FIX_PERSON,
            .how = domain->immovable
                       ? xtune_arena_printf(
                             check->arena,
                             "its memory cannot be moved, for %s: \"xltune "
                             "plan\" shows where its vCPUs could be",
                             domain->immovable)
                       : xtune_arena_printf(
                             check->arena,
                             "\"xltune plan\" shows where it could be; "
                             "\"xltune rehome %s\" moves its memory",
                             xt_shell_word(check->arena, domain->name)),
        });
}

static enum xt_verdict look_at_memory(xt_check *check,
                                      const xtune_domain *domain)
{
    const xtune_set nodes =
        xtune_domain_run_nodes(check->arena, check->host, domain, NULL, NULL);
    uint64_t local, total;
    unsigned int pct;

    if (!xtune_domain_local_kb(check->host, domain, &nodes, &local, &total) ||
        !total)
        return XT_UNKNOWN;
    pct = (unsigned int)((unsigned __int128)local * 100 / total);
    if (pct >= LOCAL_PCT) return XT_GOOD;
    add_remote(check, domain, &nodes, pct);
    return XT_TOLD;
}

void xt_check_local_memory(xt_check *check)
{
    xt_tally tally = { .what = "domain" };

    if (!has_nodes(check)) return;
    xt_tally_domains(check, &tally, xt_check_is_guest, look_at_memory);
    xt_tally_end(check, &tally,
                 "90 % or more of its memory where its vCPUs run",
                 "where domains' memory is is not known");
}

/* What is largest. */

static uint64_t largest_kb(const xtune_host *host)
{
    uint64_t largest = 0;
    size_t i;

    /* A size that is not known is larger than any. */
    for (i = 0; i < host->nr_nodes; i++)
        if (host->nodes[i].memory_kb > largest)
            largest = host->nodes[i].memory_kb;
    return largest;
}

static unsigned int most_cpus(const xtune_host *host)
{
    unsigned int most = 0, nr;
    size_t i;

    for (i = 0; i < host->nr_nodes; i++) {
        nr = xtune_set_count(&host->node_cpus[host->nodes[i].id]);
        if (nr > most) most = nr;
    }
    return most;
}

static bool fits(const xtune_host *host, const xtune_domain *domain)
{
    return domain->memory_kb <= largest_kb(host) &&
           domain->online_vcpus <= most_cpus(host);
}

/* floating-vcpus */

/* Whether nothing at all says where its vCPUs are to run. */
static bool floats(const xt_check *check, const xtune_domain *domain)
{
    const xtune_set *pool = xt_check_pool_cpus(check->host, domain);
    const xtune_set nodes =
        xtune_host_nodes_of(check->arena, check->host, pool);
    size_t i;

    if (xtune_set_count(&nodes) < 2) return false;
    for (i = 0; i < domain->nr_vcpus; i++) {
        const xtune_vcpu *vcpu = &domain->vcpus[i];

        if (vcpu->online && (!xtune_set_is_subset(pool, &vcpu->hard) ||
                             !xtune_set_is_subset(pool, &vcpu->soft)))
            return false;
    }
    return true;
}

#define FLOATS_NOT "vCPUs prefer, or have, a node"

static enum xt_verdict look_at_affinity(xt_check *check,
                                        const xtune_domain *domain)
{
    if (!domain->nr_vcpus || !fits(check->host, domain)) return XT_LEFT;
    if (!floats(check, domain)) return XT_GOOD;
    xt_fault_add(check,
                 &(xt_fault){
                     .status = XTUNE_CHECK_WARN,
                     .object = domain->name,
                     .expected = FLOATS_NOT,
                     .actual = "they run on any node",
                     .text = "Xen moves them away from their memory",
                     .fix = XTUNE_FIX_PERSON,
                     .how = xtune_arena_printf(
                         check->arena,
                         "\"xltune plan\" with a policy that places it, or "
                         "\"xltune numa-affinity %s soft NODE\"",
                         xt_shell_word(check->arena, domain->name)),
                 });
    return XT_TOLD;
}

void xt_check_floating_vcpus(xt_check *check)
{
    xt_tally tally = { .what = "domain" };

    if (!has_nodes(check)) return;
    xt_tally_domains(check, &tally, xt_check_is_guest, look_at_affinity);
    xt_tally_end(check, &tally, FLOATS_NOT,
                 "there is no domain that fits into a node");
}

/* vnuma */

static void add_large(xt_check *check, const xtune_domain *domain)
{
    xtune_arena *arena = check->arena;

    xt_fault_add(
        check,
        &(xt_fault){
            .status = XTUNE_CHECK_WARN,
            .object = domain->name,
            .expected = xtune_arena_printf(
                arena, "virtual nodes, for it is larger than a node: %s, %s",
                xt_check_size(arena, largest_kb(check->host)),
                xt_check_count(arena, most_cpus(check->host), "CPU")),
            .actual = xtune_arena_printf(
                arena, "%s, %s, no virtual nodes",
                xt_check_size(arena, domain->memory_kb),
                xt_check_count(arena, domain->online_vcpus, "vCPU")),
            .text = "it cannot keep what belongs together on one node",
            .fix = XTUNE_FIX_PERSON,
            .how = "vnuma= in its configuration (xl.cfg(5)); such a domain "
                   "cannot be migrated",
        });
}

static enum xt_verdict look_at_vnodes(xt_check *check,
                                      const xtune_domain *domain)
{
    if (fits(check->host, domain) || (domain->has_setup && domain->nr_vnodes))
        return XT_GOOD;
    if (domain->has_setup)
        add_large(check, domain);
    else
        xt_skip(check, domain->name,
                "it is larger than a node; whether it has virtual nodes is "
                "not known");
    return XT_TOLD;
}

void xt_check_vnuma(xt_check *check)
{
    xt_tally tally = { .what = "domain" };

    if (!has_nodes(check)) return;
    xt_tally_domains(check, &tally, xt_check_is_guest, look_at_vnodes);
    xt_tally_end(check, &tally, "it fits into a node, or has virtual nodes",
                 "there is no domain");
}
