/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Why a domain is where it is, and where it would go. */
#include <xtune/report.h>

#include <string.h>

#include "base/util.h"
#include "report/locality.h"
#include "report/placing.h"
#include "report/rule.h"
#include "report/table.h"
#include "report/text.h"

/* Of more candidates the cheapest are shown, and where it is now. */
#define MAX_CANDIDATES 16

/* As for placing: less than one part in so many does not count. */
#define STRAY_PART 64

#define NOW "where it is now"

typedef struct explain_report {
    FILE *out;
    xtune_arena *arena;
    const xtune_host *host;
    const xtune_placement *placement;
    const xtune_placed *placed;
    const xtune_policy *policy; /* or NULL */
    const xtune_record *record; /* or NULL */
    xt_locality locality;       /* as it is now */
    xtune_set *hard, *soft;     /* likewise */
} explain_report;

static void get_masks(explain_report *r)
{
    const xtune_domain *domain = r->placed->domain;
    size_t i;

    r->hard = XTUNE_NEW_ARRAY(r->arena, xtune_set, domain->nr_vcpus);
    r->soft = XTUNE_NEW_ARRAY(r->arena, xtune_set, domain->nr_vcpus);
    for (i = 0; i < domain->nr_vcpus; i++) {
        r->hard[i] = domain->vcpus[i].hard;
        r->soft[i] = domain->vcpus[i].soft;
    }
}

static bool masks_change(const explain_report *r)
{
    const xtune_placed *placed = r->placed;
    size_t i;

    for (i = 0; placed->hard && i < placed->domain->nr_vcpus; i++)
        if (!xtune_set_equal(&placed->hard[i], &r->hard[i]) ||
            !xtune_set_equal(&placed->soft[i], &r->soft[i]))
            return true;
    return false;
}

static void put_memory(const explain_report *r)
{
    const uint64_t *by_node_kb = r->placed->domain->memory_by_node_kb;
    const char *comma = "";
    unsigned int id;

    fprintf(r->out, "Memory: %s",
            xt_mib_text(r->arena, r->placed->domain->memory_kb));
    if (!by_node_kb) {
        fputs("; where it is, is not known\n", r->out);
        return;
    }
    fputs("; ", r->out);
    for (id = 0; id < r->host->nr_node_ids; id++) {
        if (!by_node_kb[id]) continue;
        fprintf(r->out, "%snode %u %s", comma, id,
                xt_mib_text(r->arena, by_node_kb[id]));
        comma = ", ";
    }
    fprintf(r->out, "%s (%s)\n", *comma ? "" : "on no node",
            xtune_residency_name(r->placed->domain->residency));
}

static void put_domain(const explain_report *r)
{
    const xtune_domain *domain = r->placed->domain;
    const xt_locality *l = &r->locality;

    fprintf(r->out, "Domain: %s, id %u, %s, %u of %zu vCPUs online",
            xt_text_safe(r->arena, domain->name), domain->id,
            xtune_domain_type_name(domain->type), domain->online_vcpus,
            domain->nr_vcpus);
    if (domain->cpupool)
        fprintf(r->out, ", cpupool %s",
                xt_text_safe(r->arena, domain->cpupool));
    putc('\n', r->out);
    put_memory(r);
    fprintf(r->out, "Runs on: %s; local memory %s\n",
            xt_nodes_named(r->arena, &l->run_nodes),
            xt_text_permille(r->arena,
                             l->known ? xt_permille(l->local_kb, l->total_kb)
                                      : -1));
    xt_put_masks(r->out, r->arena, r->hard, r->soft, domain->nr_vcpus);
    if (r->record) {
        fputs("Record: ", r->out);
        xt_put_record(r->out, r->arena, r->record);
    }
    fputs("Rule: ", r->out);
    if (r->placed->rule)
        xt_put_rule(r->out, r->arena, r->placed->rule);
    else
        fprintf(r->out, "%s\n",
                r->policy ? "none matches it" : "there is no policy");
}

/* One row of the table. */
typedef struct candidate_row {
    const char *mark, *note;
    const xtune_set *nodes;
    const xtune_cost *cost;
    bool weighed;
} candidate_row;

static void put_row(const explain_report *r, xt_table *table,
                    const candidate_row *row)
{
    const xt_cost_base base = xt_cost_base_of(r->host, r->placed->domain);
    const uint64_t costs[] = {
        row->cost->memory,   row->cost->vcpus,  row->cost->devices,
        row->cost->crowding, row->cost->moving, xtune_cost_sum(row->cost),
    };
    size_t i;

    xt_table_cell(table, "  %s", row->mark);
    xt_table_cell(table, "%s", xtune_set_format_ids(r->arena, row->nodes));
    for (i = 0; i < XT_ARRAY_SIZE(costs); i++)
        xt_table_cell(table, "%s",
                      row->weighed ? xt_cost_text(r->arena, &base, costs[i])
                                   : "-");
    xt_table_cell(table, "%s", row->note);
}

static void add_columns(xt_table *table)
{
    static const char *const titles[] = { "Memory",   "vCPUs",  "Devices",
                                          "Crowding", "Moving", "Sum" };
    size_t i;

    xt_table_column(table, false, "  ");
    xt_table_column(table, false, "Nodes");
    for (i = 0; i < XT_ARRAY_SIZE(titles); i++)
        xt_table_column(table, true, titles[i]);
    xt_table_column(table, false, "");
}

static bool is_now(const explain_report *r, const xtune_candidate *candidate)
{
    return xtune_set_equal(&candidate->nodes, &r->locality.run_nodes);
}

static const char *candidate_note(const explain_report *r,
                                  const xtune_candidate *c)
{
    if (!is_now(r, c)) return c->refused ? c->refused : "";
    if (!c->refused) return NOW;
    return xtune_arena_printf(r->arena, "%s; %s", NOW, c->refused);
}

static void put_candidate(const explain_report *r, xt_table *table,
                          const xtune_candidate *c)
{
    put_row(r, table,
            &(candidate_row){ .mark = c->chosen ? "*" : "",
                              .note = candidate_note(r, c),
                              .nodes = &c->nodes,
                              .cost = &c->cost,
                              .weighed = !c->refused });
}

static void put_candidates(const explain_report *r)
{
    const xtune_placement *placement = r->placement;
    xt_table table = { .arena = r->arena };
    size_t i, left_out = 0;
    bool now = false;

    if (!placement->nr_candidates) return;
    fputs("Candidates, cheapest first; costs in percent of what its memory "
          "costs all local:\n",
          r->out);
    add_columns(&table);
    for (i = 0; i < placement->nr_candidates; i++) {
        const xtune_candidate *c = &placement->candidates[i];

        now = now || is_now(r, c);
        if (i < MAX_CANDIDATES || c->chosen || is_now(r, c))
            put_candidate(r, &table, c);
        else
            left_out++;
    }
    if (!now && !xtune_set_is_empty(&r->locality.run_nodes))
        put_row(r, &table,
                &(candidate_row){
                    .mark = "",
                    .note = NOW,
                    .nodes = &r->locality.run_nodes,
                    .cost = &r->placed->cost_now,
                    .weighed = xtune_cost_sum(&r->placed->cost_now) != 0 });
    xt_table_print(r->out, &table);
    if (left_out) fprintf(r->out, "  and %zu more, see --json\n", left_out);
}

/* What its vCPUs and its memory would do. */
static void put_change(const explain_report *r)
{
    const xtune_placed *placed = r->placed;
    const bool moves =
        !xtune_set_equal(&placed->nodes, &r->locality.run_nodes);

    if (moves)
        fprintf(r->out, "Conclusion: its vCPUs would go from %s to %s",
                xt_nodes_named(r->arena, &r->locality.run_nodes),
                xt_nodes_named(r->arena, &placed->nodes));
    else
        fprintf(r->out,
                "Conclusion: its vCPUs would stay on %s, with other masks",
                xt_nodes_named(r->arena, &placed->nodes));
    if (placed->memory_kb && placed->moved_kb)
        fprintf(r->out, ", and %s of its memory with them",
                xt_mib_text(r->arena, placed->moved_kb));
    fprintf(r->out, ": %s\n",
            xt_text_safe(r->arena, placed->reason ? placed->reason : ""));
    if (placed->hard)
        xt_put_masks(r->out, r->arena, placed->hard, placed->soft,
                     placed->domain->nr_vcpus);
}

/* Memory that stays where its vCPUs do not run, but for stray pages. */
static void put_remote(const explain_report *r)
{
    const xtune_placed *placed = r->placed;
    const uint64_t *by_node_kb = placed->domain->memory_by_node_kb;
    const xtune_set *home = xtune_set_is_empty(&placed->nodes)
                                ? &r->locality.run_nodes
                                : &placed->nodes;
    xtune_set nodes = xtune_set_new(r->arena, r->host->nr_node_ids);
    uint64_t total = 0, remote = 0;
    unsigned int id;

    if (!by_node_kb || placed->memory_kb) return;
    for (id = 0; id < r->host->nr_node_ids; id++) {
        total += by_node_kb[id];
        if (!by_node_kb[id] || xtune_set_has(home, id)) continue;
        remote += by_node_kb[id];
        xtune_set_add(&nodes, id);
    }
    if (remote <= total / STRAY_PART) return;
    fprintf(r->out, "Remote: %s of its memory stay on %s",
            xt_mib_text(r->arena, remote), xt_nodes_named(r->arena, &nodes));
    if (placed->rule && placed->rule->memory == XTUNE_MEMORY_FOLLOW)
        fputs(", though the rule says memory=\"follow\"", r->out);
    putc('\n', r->out);
}

/* All that is above is of the pool that it is in. */
static void put_pool(const explain_report *r)
{
    const xtune_domain *domain = r->placed->domain;
    xtune_source source = { NULL, 0 };
    const char *pool =
        r->policy ? xtune_policy_cpupool(r->policy, r->host, domain, &source)
                  : NULL;

    if (!pool || (domain->cpupool && !strcmp(pool, domain->cpupool))) return;
    fprintf(r->out, "Cpupool: before that it is to go to %s, as \"%s\" says\n",
            xt_text_safe(r->arena, pool),
            xt_text_safe(r->arena, xtune_source_text(r->arena, source)));
}

static void put_conclusion(const explain_report *r)
{
    const xtune_placed *placed = r->placed;
    const char *reason = placed->reason ? placed->reason : "";

    if (masks_change(r) || (placed->memory_kb && placed->moved_kb))
        put_change(r);
    else if (placed->hard)
        fprintf(r->out, "Conclusion: it stays on %s%s%s\n",
                xt_nodes_named(r->arena, &placed->nodes),
                placed->blocked ? "" : ": ",
                placed->blocked ? "" : xt_text_safe(r->arena, reason));
    else
        fprintf(r->out, "Conclusion: it stays as it is: %s\n",
                xt_text_safe(r->arena, reason));
    if (placed->blocked && (placed->hard || strcmp(reason, placed->blocked)))
        fprintf(r->out, "But: %s\n", xt_text_safe(r->arena, placed->blocked));
    put_remote(r);
}

/*
 * Masks that are written down are not placement's to choose: then placed says
 * of the domain that it is left alone, and where it would go is seen here.
 */
static const xtune_placed *as_written(const explain_report *r,
                                      const xtune_placed *placed)
{
    XT_CLEANUP_ERROR xtune_error *why = NULL;
    xtune_placed *then = XTUNE_NEW(r->arena, xtune_placed);
    xtune_source source = { NULL, 0 };

    *then = *placed;
    if (xtune_policy_masks(r->policy, r->host, placed->domain, r->arena,
                           &then->hard, &then->soft, &source, &why)) {
        then->reason = "what is written down for it cannot be";
        then->blocked =
            xtune_arena_printf(r->arena, "%s: %s", why->object, why->message);
        return then;
    }
    if (!then->hard) return placed;
    then->nodes = xtune_domain_run_nodes(r->arena, r->host, placed->domain,
                                         then->hard, then->soft);
    then->reason = xtune_arena_printf(r->arena, "as \"%s\" says",
                                      xtune_source_text(r->arena, source));
    return then;
}

static explain_report new_report(xtune_arena *arena, const xtune_host *host,
                                 const xtune_policy *policy,
                                 const xtune_placement *placement,
                                 const xtune_placed *placed)
{
    explain_report r = {
        .arena = arena,
        .host = host,
        .policy = policy,
        .placement = placement,
        .placed = placed,
        .locality = xt_domain_locality(arena, host, placed->domain),
    };

    if (policy) {
        r.record = xtune_policy_record(policy, host, placed->domain);
        r.placed = as_written(&r, placed);
    }
    get_masks(&r);
    return r;
}

char *xtune_report_explain(const xtune_host *host, const xtune_policy *policy,
                           const xtune_placement *placement,
                           const xtune_placed *placed, const char *source)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    explain_report r = new_report(arena, host, policy, placement, placed);
    xt_text text;

    xt_text_open(&text);
    r.out = text.out;
    fprintf(r.out, "Host: %s\n", xt_text_safe(arena, source));
    put_domain(&r);
    if (placement->nr_constraints) fputs("Constraints:\n", r.out);
    xt_put_constraints(r.out, arena, placement);
    put_candidates(&r);
    put_conclusion(&r);
    put_pool(&r);
    return xt_text_close(&text);
}

/* The domain as it is now. */
static void add_now(const explain_report *r, xt_json *json)
{
    const xtune_domain *domain = r->placed->domain;
    xt_json *now = xt_json_object(r->arena);

    xt_json_add(r->arena, now, "run_nodes",
                xt_nodes_json(r->arena, &r->locality.run_nodes));
    xt_json_add(r->arena, now, "memory_by_node_kb",
                xt_by_node_json(r->arena, r->host, domain->memory_by_node_kb));
    xt_json_add_string(r->arena, now, "residency",
                       domain->residency == XTUNE_RESIDENCY_NONE
                           ? NULL
                           : xtune_residency_name(domain->residency));
    xt_json_add(r->arena, now, "hard",
                xt_masks_json(r->arena, r->hard, domain->nr_vcpus));
    xt_json_add(r->arena, now, "soft",
                xt_masks_json(r->arena, r->soft, domain->nr_vcpus));
    xt_json_add(r->arena, now, "cost",
                xtune_cost_sum(&r->placed->cost_now)
                    ? xt_cost_json(r->arena, &r->placed->cost_now)
                    : xt_json_null(r->arena));
    xt_json_add(r->arena, json, "now", now);
}

char *xtune_report_explain_json(const xtune_host *host,
                                const xtune_policy *policy,
                                const xtune_placement *placement,
                                const xtune_placed *placed)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const explain_report r =
        new_report(arena, host, policy, placement, placed);
    const xtune_domain *domain = placed->domain;
    xt_json *json = xt_json_object(arena);

    xt_json_add_string(arena, json, "schema", "xtune/explanation/1");
    xt_json_add_u64(arena, json, "id", domain->id);
    xt_json_add_string(arena, json, "name", domain->name);
    xt_json_add_string(arena, json, "uuid", domain->uuid);
    xt_json_add_string(arena, json, "type",
                       xtune_domain_type_name(domain->type));
    xt_json_add_string(arena, json, "cpupool", domain->cpupool);
    xt_json_add_u64(arena, json, "memory_kb", domain->memory_kb);
    add_now(&r, json);
    xt_json_add(arena, json, "record", xt_record_json(arena, r.record));
    xt_add_placed(arena, json, host, r.placed);
    xt_json_add_u64(arena, json, "moved_kb", placed->moved_kb);
    xt_json_add_bool(arena, json, "changes",
                     masks_change(&r) || placed->moved_kb);
    xt_json_add(arena, json, "constraints",
                xt_constraints_json(arena, placement));
    xt_json_add(arena, json, "candidates",
                xt_candidates_json(arena, placement));
    return xt_json_print(json);
}
