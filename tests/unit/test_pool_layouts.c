/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Pools by chance on hosts by chance: what a policy wants of them is made,
 * wanted no more, and put back; where a step fails, or all is cut off there,
 * all is as before; and where a domain went, or was changed, since, the rest
 * is put back.
 *
 *   POOLS_SEED=N POOLS_ROUNDS=1 test_pool_layouts
 *
 * makes one of them again.
 */
#include <xtune/apply.h>
#include <xtune/plan.h>

#include <signal.h>
#include <sys/wait.h>

#include "pools_fixture.h"
#include "random_host.h"

#define ROUNDS 10

static const random_limits limits = {
    .nodes = 4, .cores = 3, .domains = 8, .vcpus = 4
};

static uint64_t setting(const char *name, uint64_t fallback)
{
    const char *text = getenv(name);

    return text ? strtoull(text, NULL, 10) : fallback;
}

/* One round. */
typedef struct round {
    uint64_t seed;
    rng r;
    xtune_arena *arena;
    xtune_host *host;
    xtune_policy *policy;
    char *text; /* the host as it was */
    xtune_backend *backend;
    xtune_state *state;
} round_;

/* As Xen can be: its first CPU in its first pool, dom0 there as well, and no
 * mask without a CPU. */
static void make_sound_domain(xtune_host *host, xtune_domain *domain)
{
    const xtune_cpupool *pool =
        domain->cpupool ? xtune_host_cpupool(host, domain->cpupool) : NULL;
    size_t v;

    if (!domain->id || !pool || xtune_set_is_empty(&pool->cpus))
        pool = &host->cpupools[0];
    domain->cpupool = pool->name;
    domain->weight = 256;
    /* Xen moves dying ones by itself, and they do not come back. */
    domain->state &= ~(unsigned int)XTUNE_STATE_DYING;
    domain->cap = 0;
    for (v = 0; v < domain->nr_vcpus; v++)
        if (!xtune_set_intersects(&domain->vcpus[v].hard, &pool->cpus))
            domain->vcpus[v].hard =
                xtune_set_all(host->arena, host->nr_cpu_ids);
}

static void make_sound(xtune_host *host)
{
    size_t i, d;

    for (i = 0; i < host->nr_cpupools; i++) {
        xtune_cpupool *pool = &host->cpupools[i];
        const char *name = xtune_arena_printf(host->arena, "pool%zu", i);

        for (d = 0; d < host->nr_domains; d++)
            if (host->domains[d].cpupool == pool->name)
                host->domains[d].cpupool = name;
        pool->name = name;
        pool->id = (uint32_t)i;
        pool->scheduler = "credit2";
        xtune_set_remove(&pool->cpus, host->cpus[0].id);
    }
    xtune_set_add(&host->cpupools[0].cpus, host->cpus[0].id);
    for (d = 0; d < host->nr_domains; d++)
        make_sound_domain(host, &host->domains[d]);
}

/* Every CPU to one of some pools, or to none that is named. */
static void want_pools(round_ *t)
{
    static const char *const schedulers[] = { NULL, "credit", "credit2" };
    const unsigned int nr = 1 + rng_pick(&t->r, 4);
    xtune_policy *policy = t->policy;
    xtune_set *cpus = XTUNE_NEW_ARRAY(t->arena, xtune_set, nr);
    unsigned int i, cpu;

    for (i = 0; i < nr; i++)
        cpus[i] = xtune_set_new(t->arena, t->host->nr_cpu_ids);
    xtune_set_for_each(cpu, &t->host->cpu_ids)
    {
        i = rng_pick(&t->r, nr + 1);
        if (i < nr && cpu != t->host->cpus[0].id) xtune_set_add(&cpus[i], cpu);
    }
    policy->pools = XTUNE_NEW_ARRAY(policy->arena, xtune_wanted_pool, nr);
    for (i = 0; i < nr; i++) {
        if (xtune_set_is_empty(&cpus[i])) continue;
        policy->pools[policy->nr_pools++] = (xtune_wanted_pool){
            .source = { "p.xml", i + 1 },
            /* Now and then one that is there. */
            .name = rng_chance(&t->r, 30) && i + 1 < t->host->nr_cpupools
                        ? xtune_arena_printf(t->arena, "pool%u", i + 1)
                        : xtune_arena_printf(t->arena, "wanted%u", i),
            .cpus = xtune_set_format_ids(t->arena, &cpus[i]),
            .scheduler = schedulers[rng_pick(&t->r, 3)],
            .scheduling = { XTUNE_NONE, XTUNE_NONE, XTUNE_NONE },
        };
    }
}

static void want_domains(round_ *t)
{
    xtune_policy *policy = t->policy;
    size_t i;

    policy->rules =
        XTUNE_NEW_ARRAY(policy->arena, xtune_rule, t->host->nr_domains);
    for (i = 0; policy->nr_pools && i < t->host->nr_domains; i++)
        if (t->host->domains[i].id && rng_chance(&t->r, 60))
            policy->rules[policy->nr_rules++] = (xtune_rule){
                .source = { "p.xml", 10 },
                .match = xtune_arena_printf(t->arena, "uuid:%s",
                                            t->host->domains[i].uuid),
                .cpupool = policy
                               ->pools[rng_pick(
                                   &t->r, (unsigned int)policy->nr_pools)]
                               .name,
            };
}

/* Pools without ids, which change when they are made again, and domains. */
static char *essence(round_ *t)
{
    XT_CLEANUP_FREE char *text = observed_text(t->backend);
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_json *host = pools_json(arena, text), *json = xt_json_object(arena);
    const xt_json *pools = xt_json_get(host, "cpupools");
    size_t i;

    for (i = 0; i < pools->nr; i++) {
        const char *name = xt_json_text(xt_json_get(pools->items[i], "name"));

        xt_json_add(arena, json, name,
                    (xt_json *)xt_json_get(pools->items[i], "cpus"));
    }
    xt_json_add(arena, json, "/domains",
                (xt_json *)xt_json_get(host, "domains"));
    return xt_json_print(json);
}

/* The same members, in whatever order. */
static bool same_essence(const char *a, const char *b)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xt_json *x = pools_json(arena, a), *y = pools_json(arena, b);
    size_t i;

    for (i = 0; x->nr == y->nr && i < x->nr; i++) {
        const xt_json *other = xt_json_get(y, x->keys[i]);

        if (!other || !xt_json_equal(x->items[i], other)) return false;
    }
    return x->nr == y->nr;
}

static void observe(round_ *t)
{
    const xtune_observe what = { .parts = XTUNE_OBSERVE_ALL };

    xtune_host_free(t->host);
    assert_int_equal(xtune_backend_observe(t->backend, &what, &t->host, NULL),
                     0);
}

static void open_host(round_ *t, const char *fault)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;

    t->backend = pools_open(t->text);
    if (fault)
        assert_int_equal(
            xtune_backend_fault(t->backend, fault, &t->backend, &err), 0);
    assert_int_equal(
        xtune_state_lock(t->backend, NULL, "test", 0, &t->state, &err), 0);
}

static void close_host(round_ *t)
{
    xtune_state_close(t->state);
    xtune_backend_close(t->backend);
    forget_host_file();
}

static void plan(round_ *t, xtune_plan **plan_r)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    const xtune_plan_request request = {
        .host = t->host,
        .policy = t->policy,
        .flags = XTUNE_PLAN_NO_MOVES,
    };

    if (xtune_plan_make(&request, plan_r, &err))
        fail_msg("seed %llu: %s: %s", (unsigned long long)t->seed, err->object,
                 err->message);
}

/* Each where it is wanted, with the masks that its pool allows. */
static void check_domains(round_ *t, const xtune_host *before)
{
    size_t i, v;

    for (i = 0; i < t->host->nr_domains; i++) {
        const xtune_domain *d = &t->host->domains[i];
        const xtune_rule *rule = xtune_policy_match(t->policy, d);
        const xtune_cpupool *pool = xtune_host_cpupool(t->host, d->cpupool);

        if (d->state & XTUNE_STATE_DYING) continue;
        if (rule && rule->cpupool)
            assert_string_equal(d->cpupool, rule->cpupool);
        for (v = 0; v < d->nr_vcpus; v++) {
            const xtune_set *old = &before->domains[i].vcpus[v].hard;

            assert_true(xtune_set_intersects(&d->vcpus[v].hard, &pool->cpus));
            if (xtune_set_intersects(old, &pool->cpus))
                assert_true(xtune_set_equal(old, &d->vcpus[v].hard));
        }
    }
}

static void check_pools(round_ *t)
{
    size_t i;

    /* Then it says nothing of them. */
    if (!t->policy->nr_pools) return;
    assert_int_equal(t->host->nr_cpupools, t->policy->nr_pools + 1);
    for (i = 0; i < t->policy->nr_pools; i++) {
        const xtune_wanted_pool *wanted = &t->policy->pools[i];
        const xtune_cpupool *pool = xtune_host_cpupool(t->host, wanted->name);

        assert_non_null(pool);
        assert_string_equal(xtune_set_format_ids(t->arena, &pool->cpus),
                            wanted->cpus);
        if (wanted->scheduler)
            assert_string_equal(pool->scheduler, wanted->scheduler);
    }
}

static size_t nr_changes(const xtune_plan *p)
{
    return p->nr_actions;
}

/* Makes it, and puts it back. */
static size_t there_and_back(round_ *t, const char *before)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    XT_CLEANUP_FREE char *after = NULL;
    xtune_host *was = NULL;
    xtune_plan *p, *again;
    unsigned int id;
    size_t nr;

    open_host(t, NULL);
    plan(t, &p);
    nr = nr_changes(p);
    if (xtune_apply(t->backend, t->state, p, NULL, NULL, &err))
        fail_msg("seed %llu: %s: %s", (unsigned long long)t->seed, err->object,
                 err->message);
    was = t->host;
    t->host = NULL;
    observe(t);
    if (!p->nr_blocked) {
        check_pools(t);
        check_domains(t, was);
    }
    plan(t, &again);
    assert_int_equal(again->nr_actions, 0);
    if (nr) {
        if (xtune_rollback(t->backend, t->state, NULL, &id, &err))
            fail_msg("seed %llu: rollback: %s: %s",
                     (unsigned long long)t->seed, err->object, err->message);
        after = essence(t);
        if (!same_essence(before, after)) {
            fail_msg("seed %llu: not put back", (unsigned long long)t->seed);
        }
    }
    xtune_host_free(t->host);
    t->host = was;
    xtune_plan_free(p);
    xtune_plan_free(again);
    close_host(t);
    return nr;
}

/* A change that fails, or is made and said to have failed. */
static void fail_at(round_ *t, const char *before, const char *kind, size_t at)
{
    XT_CLEANUP_FREE char *fault = xt_xprintf("%s:%zu", kind, at);
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    XT_CLEANUP_FREE char *after = NULL;
    xtune_plan *p;

    open_host(t, fault);
    plan(t, &p);
    if (!xtune_apply(t->backend, t->state, p, NULL, NULL, &err))
        fail_msg("seed %llu, %s: no error", (unsigned long long)t->seed,
                 fault);
    assert_false(xtune_state_is_interrupted(t->state));
    after = essence(t);
    if (!same_essence(before, after))
        fail_msg("seed %llu, %s: not as before", (unsigned long long)t->seed,
                 fault);
    xtune_plan_free(p);
    close_host(t);
}

static void recover(round_ *t, const char *before, const char *fault)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    XT_CLEANUP_FREE char *after = NULL;
    xtune_recovered recovered;

    if (xtune_recover(t->backend, t->state, NULL, &recovered, &err))
        fail_msg("seed %llu, %s: recover: %s: %s", (unsigned long long)t->seed,
                 fault, err->object, err->message);
    assert_false(xtune_state_is_interrupted(t->state));
    after = essence(t);
    if (!same_essence(before, after))
        fail_msg("seed %llu, %s: not recovered", (unsigned long long)t->seed,
                 fault);
}

/* Killed before a change of a host in a file, which has none of them then. */
static void kill_at(round_ *t, const char *before, size_t at)
{
    XT_CLEANUP_FREE char *fault = xt_xprintf("kill:%zu", at);
    xtune_plan *p;
    int status;
    pid_t pid;

    open_host(t, fault);
    plan(t, &p);
    pid = fork();
    assert_true(pid >= 0);
    if (!pid)
        _exit(xtune_apply(t->backend, t->state, p, NULL, NULL, NULL) ? 1 : 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_true(xtune_state_is_interrupted(t->state));
    recover(t, before, fault);
    xtune_plan_free(p);
    close_host(t);
}

/* The same on a live host: what was made stays. */
static void cut_off_at(round_ *t, const char *before, size_t at)
{
    XT_CLEANUP_FREE char *fault = xt_xprintf("deny:%zu", at);
    struct xt_backend_ops live;
    xtune_backend *faulty;
    xtune_plan *p;

    open_host(t, NULL);
    live = *t->backend->ops;
    live.is_atomic = NULL;
    t->backend->ops = &live;
    plan(t, &p);
    assert_int_equal(xtune_backend_fault(t->backend, fault, &faulty, NULL), 0);
    assert_true(xtune_apply(faulty, t->state, p, NULL, NULL, NULL) != 0);
    recover(t, before, fault);
    xtune_plan_free(p);
    /* It owns the other one. */
    t->backend = faulty;
    close_host(t);
}

/* Somebody was there since. */

static size_t find_domain(const xtune_host *host, const char *uuid)
{
    size_t i;

    for (i = 0; i < host->nr_domains; i++)
        if (!strcmp(host->domains[i].uuid, uuid)) return i;
    fail_msg("no domain %s", uuid);
    return 0;
}

static void remove_domain(xtune_host *host, size_t which)
{
    memmove(&host->domains[which], &host->domains[which + 1],
            (host->nr_domains - which - 1) * sizeof(*host->domains));
    host->nr_domains--;
}

/* Applied, with the host then in t->host; the one before is returned. */
static xtune_host *apply_any(round_ *t)
{
    xtune_host *was = t->host;
    xtune_plan *p;

    open_host(t, NULL);
    plan(t, &p);
    assert_int_equal(xtune_apply(t->backend, t->state, p, NULL, NULL, NULL),
                     0);
    xtune_plan_free(p);
    t->host = NULL;
    observe(t);
    return was;
}

static void roll_back(round_ *t, const xtune_apply_options *options,
                      const char *what)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    unsigned int id;

    if (xtune_rollback(t->backend, t->state, options, &id, &err))
        fail_msg("seed %llu, %s: %s: %s", (unsigned long long)t->seed, what,
                 err->object, err->message);
}

static void with_one_gone(round_ *t, size_t which)
{
    XT_CLEANUP_FREE char *text = NULL, *before = NULL, *after = NULL;
    char *whole = t->text;
    xtune_host *was = apply_any(t), *less;
    const char *uuid = was->domains[which].uuid;

    remove_domain(t->host, find_domain(t->host, uuid));
    write_host(t->host);
    roll_back(t, NULL, "gone");
    after = essence(t);
    close_host(t);
    assert_int_equal(
        xtune_host_from_json(whole, strlen(whole), "", &less, NULL), 0);
    remove_domain(less, find_domain(less, uuid));
    text = xtune_host_to_json(less);
    xtune_host_free(less);
    t->text = text;
    open_host(t, NULL);
    before = essence(t);
    close_host(t);
    t->text = whole;
    if (!same_essence(before, after))
        fail_msg("seed %llu: without domain %zu the rest is not put back",
                 (unsigned long long)t->seed, which);
    xtune_host_free(t->host);
    t->host = was;
}

static void with_one_changed(round_ *t, size_t which)
{
    const xtune_apply_options options = { .leave_changed = true };
    xtune_host *was = apply_any(t);
    const char *uuid = was->domains[which].uuid;
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_domain *domain = &t->host->domains[find_domain(t->host, uuid)];
    const xtune_cpupool *in = xtune_host_cpupool(t->host, domain->cpupool);
    xtune_set mask = xtune_set_new(arena, t->host->nr_cpu_ids);
    bool seen;

    xtune_set_add(&mask, xtune_set_next(&in->cpus, 0));
    /* Where nothing was done to it nobody looks at it; with the mask that it
     * has it is not changed, and with the one that it had it is half way back.
     */
    seen = strcmp(domain->cpupool, was->domains[which].cpupool) != 0 &&
           !xtune_set_equal(&domain->vcpus[0].hard, &mask) &&
           !xtune_set_equal(&was->domains[which].vcpus[0].hard, &mask) &&
           !xtune_set_equal(&was->domains[which].vcpus[0].soft, &mask);
    domain->vcpus[0].hard = mask;
    domain->vcpus[0].soft = mask;
    write_host(t->host);
    roll_back(t, &options, "changed");
    observe(t);
    domain = &t->host->domains[find_domain(t->host, uuid)];
    in = xtune_host_cpupool(t->host, domain->cpupool);
    if (seen && (!xtune_set_equal(&domain->vcpus[0].hard, &mask) ||
                 !xtune_set_intersects(&mask, &in->cpus)))
        fail_msg("seed %llu: changed domain %zu is not left",
                 (unsigned long long)t->seed, which);
    close_host(t);
    xtune_host_free(t->host);
    t->host = was;
}

static void somebody_was_there(round_ *t)
{
    size_t i;

    for (i = 0; i < t->host->nr_domains; i++) {
        if (!t->host->domains[i].id) continue;
        with_one_gone(t, i);
        with_one_changed(t, i);
    }
}

static void begin_round(round_ *t)
{
    bool *taken;

    t->arena = xtune_arena_new();
    t->r = (rng){ .state = t->seed };
    t->host = random_host(&t->r, &limits, &taken);
    make_sound(t->host);
    t->text = xtune_host_to_json(t->host);
    t->policy = xtune_policy_new();
    t->policy->name = "random";
    want_pools(t);
    want_domains(t);
    open_host(t, NULL);
    observe(t);
}

static void end_round(round_ *t)
{
    xtune_policy_free(t->policy);
    xtune_host_free(t->host);
    free(t->text);
    xtune_arena_free(t->arena);
}

static void makes_and_puts_back_any_pools(void **state)
{
    const uint64_t first = setting("POOLS_SEED", 1);
    const uint64_t rounds = setting("POOLS_ROUNDS", ROUNDS);
    uint64_t seed;
    size_t made = 0;

    (void)state;
    for (seed = first; seed < first + rounds; seed++) {
        XT_CLEANUP_FREE char *before = NULL;
        round_ t = { .seed = seed };
        size_t nr, at;

        begin_round(&t);
        before = essence(&t);
        close_host(&t);
        nr = there_and_back(&t, before);
        for (at = 1; at <= nr; at++) {
            fail_at(&t, before, "fail", at);
            fail_at(&t, before, "half", at);
            kill_at(&t, before, at);
            cut_off_at(&t, before, at);
        }
        if (nr) somebody_was_there(&t);
        made += nr;
        end_round(&t);
    }
    print_message("%llu hosts, %zu changes\n", (unsigned long long)rounds,
                  made);
    if (rounds >= ROUNDS) assert_true(made > 5 * rounds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(makes_and_puts_back_any_pools,
                                        make_host_folder, remove_host_folder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
