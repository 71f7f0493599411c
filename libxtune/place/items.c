/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which domains are to be placed, and what binds each of them. */
#include "place/model.h"

#include <string.h>

#include "base/util.h"
#include "place/words.h"

static bool is_leaving(const xtune_domain *domain)
{
    return domain->state & (XTUNE_STATE_SHUTDOWN | XTUNE_STATE_DYING);
}

static uint32_t count_online(const xtune_domain *domain)
{
    uint32_t nr = 0;
    size_t i;

    for (i = 0; i < domain->nr_vcpus; i++)
        nr += domain->vcpus[i].online;
    return nr;
}

/* The pool of a newcomer: its own word, then its rule's, then the first. */
static void choose_pool(xt_model *model, xt_item *item)
{
    const xtune_host *host = model->host;
    const xtune_rule *rule = item->rule;
    const char *name = item->domain->cpupool;

    if (!item->is_new) {
        item->pool = xt_model_pool(model, name);
        return;
    }
    if (!name && rule && rule->cpupool) {
        name = rule->cpupool;
        if (!xtune_host_cpupool(host, name)) {
            xt_block(model, item->out,
                     "the cpupool \"%s\" that its rule names is not there: "
                     "create it, or name another",
                     name);
            name = NULL;
        }
    }
    if (!name && host->nr_cpupools) name = host->cpupools[0].name;
    item->out->cpupool = name;
    item->pool = xt_model_pool(model, name);
}

/* Whether the masks that are there bind: not of a running domain whose rule
 * itself names the nodes and owns the hard mask. */
static bool keeps_masks(const xt_item *item)
{
    return item->is_new || !item->hard || !item->given;
}

static bool same_masks(const xtune_domain *domain)
{
    size_t i;

    for (i = 1; i < domain->nr_vcpus; i++)
        if (!xtune_set_equal(&domain->vcpus[0].hard, &domain->vcpus[i].hard))
            return false;
    return true;
}

/* Counts the cores of each node in what a domain may use; vCPUs that may use
 * different ones are remembered one by one. */
static void count_own(xt_model *model, xt_item *item, const xtune_set *cpus)
{
    uint32_t *cores = XTUNE_NEW_ARRAY(model->arena, uint32_t, model->nr_nodes);
    uint32_t *threads =
        XTUNE_NEW_ARRAY(model->arena, uint32_t, model->nr_nodes);

    xt_model_count(model, cpus, cores, threads);
    item->cores = cores;
    item->threads = threads;
    item->own_cores = true;
}

static void add_vcpu_nodes(xt_model *model, xt_item *item)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xtune_domain *domain = item->domain;
    uint32_t n, nr = 0;
    size_t i;

    item->vcpu_nodes = XTUNE_NEW_ARRAY(model->arena, uint64_t, item->nr_vcpus);
    for (i = 0; i < domain->nr_vcpus; i++) {
        xtune_set cpus;

        if (!domain->vcpus[i].online) continue;
        cpus = xtune_set_copy(arena, &domain->vcpus[i].hard);
        xtune_set_and(&cpus, &model->pool_cpus[item->pool]);
        for (n = 0; n < model->nr_nodes; n++)
            if (xtune_set_intersects(
                    &model->host->node_cpus[model->node_id[n]], &cpus))
                item->vcpu_nodes[nr] |= UINT64_C(1) << n;
        nr++;
    }
}

static void add_cpus(xt_model *model, xt_item *item)
{
    const xtune_domain *domain = item->domain;
    xtune_set cpus = model->pool_cpus[item->pool];
    uint32_t n;
    size_t i;

    item->cores = model->pool_cores[item->pool];
    item->threads = model->pool_threads[item->pool];
    if (keeps_masks(item)) {
        const bool same = same_masks(domain);
        xtune_set hard = domain->vcpus[0].hard;

        if (!same) {
            hard = xtune_set_copy(model->arena, &hard);
            for (i = 1; i < domain->nr_vcpus; i++)
                xtune_set_or(&hard, &domain->vcpus[i].hard);
            add_vcpu_nodes(model, item);
        }
        if (!xtune_set_is_subset(&cpus, &hard)) {
            cpus = xtune_set_copy(model->arena, &cpus);
            xtune_set_and(&cpus, &hard);
            count_own(model, item, &cpus);
        }
    }
    for (n = 0; n < model->nr_nodes; n++)
        if (item->threads[n]) item->allowed |= UINT64_C(1) << n;
}

static void add_residency(xt_model *model, xt_item *item)
{
    const uint64_t *by_node = item->domain->memory_by_node_kb;
    uint64_t total = 0;
    uint32_t n;

    item->resident_kb =
        XTUNE_NEW_ARRAY(model->arena, uint64_t, model->nr_nodes);
    for (n = 0; n < model->nr_nodes; n++) {
        item->resident_kb[n] = xt_clamp_kb(by_node[model->node_id[n]]);
        total += item->resident_kb[n];
        if (item->resident_kb[n]) item->resident |= UINT64_C(1) << n;
    }
    for (n = 0; n < model->nr_nodes; n++)
        if (item->resident_kb[n] &&
            item->resident_kb[n] >= total / XT_STRAY_PART)
            item->memory_nodes |= UINT64_C(1) << n;
    /* A host that lies: in proportion, so that no cost overflows. */
    for (; total > XT_MAX_KB; total /= 2)
        for (n = 0; n < model->nr_nodes; n++)
            item->resident_kb[n] /= 2;
    item->memory_kb = total;
}

static void count_pinned(xt_model *model, xt_item *item)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_set used = xtune_set_new(arena, model->host->nr_cpu_ids);
    uint32_t n;
    size_t i;

    item->pinned_on = XTUNE_NEW_ARRAY(model->arena, uint32_t, model->nr_nodes);
    for (i = 0; i < item->domain->nr_vcpus; i++) {
        const xtune_vcpu *vcpu = &item->domain->vcpus[i];

        if (!vcpu->online) continue;
        xt_used_cpus(model, item->pool, vcpu, &used);
        for (n = 0; n < model->nr_nodes; n++)
            item->pinned_on[n] += xtune_set_intersects(
                &used, &model->host->node_cpus[model->node_id[n]]);
    }
}

/* The home that a running domain was given: where its masks let it be, if
 * they narrow that at all. */
static void find_home(xt_model *model, xt_item *item)
{
    const xtune_domain *domain = item->domain;
    xtune_set cpus, used;
    bool narrowed = false;
    size_t i;

    if (item->is_new) return;
    item->pinned = true;
    cpus = xtune_set_new(model->arena, model->host->nr_cpu_ids);
    used = xtune_set_new(model->arena, model->host->nr_cpu_ids);
    for (i = 0; i < domain->nr_vcpus; i++) {
        if (!domain->vcpus[i].online) continue;
        if (xt_used_cpus(model, item->pool, &domain->vcpus[i], &used))
            narrowed = true;
        if (xtune_set_count(&used) != 1) item->pinned = false;
        xtune_set_or(&cpus, &used);
    }
    if (item->pinned && item->exclusive) count_pinned(model, item);
    if (!narrowed) return;
    used = xtune_host_nodes_of(model->arena, model->host, &cpus);
    item->now = xt_model_places(model, &used);
    if (item->now == item->allowed) item->now = 0;
}

static const xtune_pci *find_pci(const xtune_host *host, const char *address)
{
    size_t low = 0, high = host->nr_pci;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = strcmp(address, host->pci[middle].address);

        if (!order) return &host->pci[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

/* A device that must be near needs its node; where that has no CPU for the
 * domain, there is none that would do. */
static void need_node(xt_model *model, xt_item *item, const xtune_pci *pci,
                      uint32_t n)
{
    const uint64_t usable = item->given ? item->given : item->allowed;

    if (usable & UINT64_C(1) << n)
        item->must |= UINT64_C(1) << n;
    else
        xt_block(
            model, item->out,
            "its device %s is on node %u, which is closed to it: widen its "
            "hard affinity, cpupool or nodes, or devices=\"preferred\"",
            pci->address, model->node_id[n]);
}

static void add_devices(xt_model *model, xt_item *item)
{
    const xtune_domain *domain = item->domain;
    const bool ignored =
        item->rule && item->rule->devices == XTUNE_DEVICES_IGNORE;
    const bool required =
        item->rule && item->rule->devices == XTUNE_DEVICES_REQUIRED;
    size_t i;

    if (!domain->nr_pci || ignored) return;
    item->device = XTUNE_NEW_ARRAY(model->arena, uint32_t, domain->nr_pci);
    for (i = 0; i < domain->nr_pci; i++) {
        const xtune_pci *pci = find_pci(model->host, domain->pci[i]);

        if (!pci || pci->node >= XTUNE_MAX_NODES ||
            model->place_of[pci->node] == XTUNE_NONE)
            continue;
        item->device[item->nr_devices++] = model->place_of[pci->node];
        if (required) need_node(model, item, pci, model->place_of[pci->node]);
    }
}

static int add_given(xt_model *model, xt_item *item, xtune_error **err)
{
    const xtune_set_names names = xtune_host_node_names(model->host);
    xtune_set nodes;
    int rc;

    if (!item->rule || item->rule->placement != XTUNE_PLACE_NODES) return 0;
    rc = xtune_set_parse(
        model->arena, &names,
        xtune_source_text(model->arena, item->rule->numa_source),
        item->rule->nodes, &nodes, err);
    if (rc) return rc;
    item->given = xt_model_places(model, &nodes);
    return 0;
}

/* XTUNE_KEEP_*, of the host's domains only. */
static unsigned int kept(const xt_model *model, const xtune_domain *domain)
{
    const unsigned int *keep = model->request->keep;
    const size_t index = (size_t)(domain - model->host->domains);

    if (!keep || domain < model->host->domains ||
        index >= model->host->nr_domains)
        return 0;
    return keep[index];
}

/* Why a domain is left as it is; NULL where it is to be placed. */
static const char *why_left(const xt_model *model, const xtune_placed *p,
                            bool is_new)
{
    const xtune_rule *rule = p->rule;

    if (!count_online(p->domain)) return "it has no vCPU that is online";
    if (!rule && !is_new)
        return model->request->policy ? "no rule of the policy matches it"
                                      : "there is no policy";
    if (!rule) return NULL;
    if (!rule->has_numa || rule->placement == XTUNE_PLACE_NONE ||
        rule->pin == XTUNE_PIN_NONE)
        return is_new ? "its rule leaves it to the toolstack"
                      : "its rule leaves it as it is";
    if (is_new) return NULL;
    if (kept(model, p->domain) & XTUNE_KEEP_AFFINITY)
        return "it stays as it is";
    if (is_leaving(p->domain)) return "it is shutting down";
    if (model->request->flags & XTUNE_PLACE_KEEP_RUNNING)
        return "it runs, and stays as it is";
    return NULL;
}

/* The same for a running domain that is to be placed but cannot be. */
static bool is_stuck(const xt_model *model, xt_item *item)
{
    const xtune_domain *domain = item->domain;

    if (!item->allowed) {
        xt_block(model, item->out,
                 "its hard affinity leaves it no CPU of its cpupool on any "
                 "node: widen it, or change the pool");
        return true;
    }
    if (item->given && !(item->given & item->allowed)) {
        xt_block(model, item->out,
                 "no CPU that it may use is on node %s, which its rule names",
                 xt_nodes_text(model, item->given));
        return true;
    }
    if (item->is_new && domain->memory_kb > XT_MAX_KB) {
        xt_block(model, item->out, "no host has the %s that it needs",
                 xt_kb_text(model, domain->memory_kb));
        return true;
    }
    if (item->is_new || item->given) return false;
    if (!domain->memory_by_node_kb) {
        xt_block(model, item->out,
                 "it is not known where its memory is; "
                 "--residency=measure or infer finds out");
        return true;
    }
    return false;
}

static void set_wishes(xt_model *model, xt_item *item)
{
    const xtune_rule *rule = item->rule;

    item->weight = xt_weight(item->domain);
    item->nr_vcpus = count_online(item->domain);
    item->hard = rule && rule->mode == XTUNE_AFFINITY_HARD;
    item->exclusive = rule && rule->pin == XTUNE_PIN_ONE_TO_ONE;
    item->share_core = rule && rule->smt == XTUNE_SMT_ALLOW;
    item->isolate = item->exclusive && rule && rule->smt == XTUNE_SMT_ISOLATE;
    item->load_per_vcpu =
        xt_load_per_vcpu(item->domain, item->exclusive ? 0 : item->nr_vcpus,
                         item->share_core ? model->threads_per_core : 1);
    item->may_move = !item->is_new && rule &&
                     item->domain->memory_by_node_kb &&
                     rule->memory == XTUNE_MEMORY_FOLLOW && item->domain->id &&
                     model->request->flags & XTUNE_PLACE_MOVE_MEMORY &&
                     !(kept(model, item->domain) & XTUNE_KEEP_MEMORY);
}

/* A hard home must have a CPU for each vCPU, or they would wait for each
 * other; a soft one may be left when it is full. */
static void set_need(const xt_model *model, xt_item *item)
{
    uint64_t threads = 0;
    uint32_t n;

    if (!item->hard) return;
    for (n = 0; n < model->nr_nodes; n++)
        threads += item->threads[n];
    item->need_threads =
        threads < item->nr_vcpus ? (uint32_t)threads : item->nr_vcpus;
}

/* False in *is_item_r: the domain stays as it is. */
static int make_item(xt_model *model, xt_item *item, xtune_placed *p,
                     bool is_new, bool *is_item_r, xtune_error **err)
{
    int rc;

    *item = (xt_item){
        .out = p, .domain = p->domain, .rule = p->rule, .is_new = is_new
    };
    set_wishes(model, item);
    rc = add_given(model, item, err);
    if (rc) return rc;
    choose_pool(model, item);
    add_cpus(model, item);
    *is_item_r = !is_stuck(model, item);
    if (!*is_item_r) return 0;
    item->given &= item->allowed;
    if (is_new)
        item->memory_kb = xt_clamp_kb(p->domain->memory_kb);
    else if (p->domain->memory_by_node_kb)
        add_residency(model, item);
    else
        item->resident_kb =
            XTUNE_NEW_ARRAY(model->arena, uint64_t, model->nr_nodes);
    if (!is_new && !item->given && !item->resident) {
        p->reason = "it has no memory on any node";
        *is_item_r = false;
        return 0;
    }
    find_home(model, item);
    add_devices(model, item);
    set_need(model, item);
    return 0;
}

static int add_domain(xt_model *model, xtune_placed *p, bool is_new,
                      xtune_error **err)
{
    xt_item *item = &model->items[model->nr_items];
    bool is_item = false;
    int rc;

    p->nodes = xtune_set_new(model->arena, model->host->nr_node_ids);
    p->cpupool = p->domain->cpupool;
    if (model->request->policy)
        p->rule = xtune_policy_match(model->request->policy, p->domain);
    if (is_new && !p->cpupool && p->rule &&
        xtune_host_cpupool(model->host, p->rule->cpupool))
        p->cpupool = p->rule->cpupool;
    p->reason = why_left(model, p, is_new);
    if (!p->reason) {
        rc = make_item(model, item, p, is_new, &is_item, err);
        if (rc) return rc;
    }
    if (is_item) {
        model->nr_items++;
        return 0;
    }
    if (p->blocked && !p->reason) p->reason = p->blocked;
    if (is_new)
        p->refused = p->blocked != NULL;
    else if (!is_leaving(p->domain))
        xt_model_add_load(model, p->domain, p->rule);
    return 0;
}

int xt_model_add_domains(xt_model *model, xtune_placement *placement,
                         xtune_error **err)
{
    const xtune_place_request *request = model->request;
    size_t i;
    int rc;

    model->items =
        XTUNE_NEW_ARRAY(model->arena, xt_item, placement->nr_domains);
    for (i = 0; i < placement->nr_domains; i++) {
        const bool is_new = i >= model->host->nr_domains;

        placement->domains[i].domain =
            is_new ? &request->newcomers[i - model->host->nr_domains]
                   : &model->host->domains[i];
        rc = add_domain(model, &placement->domains[i], is_new, err);
        if (rc) return rc;
    }
    return 0;
}
