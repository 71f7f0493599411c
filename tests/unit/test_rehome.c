/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Plans that move memory: what is in the way of a move, and, on hosts by
 * chance, that a plan that was applied leaves nothing to do and that rolling
 * it back gives the same host. A failure names the seed:
 *
 *   PLAN_SEED=N PLAN_ROUNDS=1 test_rehome
 */
#include "plan/rehome.h"

#include <signal.h>

#include "host/configured.h"
#include "host_file.h"
#include "random_case.h"

/* What is in the way. */

static const char *obstacle(xtune_domain *domain, const char *capability,
                            bool allow_pause, bool *pause_r)
{
    static xtune_arena *arena;
    const char *words[1] = { capability };
    xtune_host host = { .nr_domains = 0 };

    xtune_arena_free(arena);
    arena = xtune_arena_new();
    host.xen.capabilities = words;
    host.xen.nr_capabilities = capability ? 1 : 0;
    return xt_rehome_obstacle(arena, &host, domain, allow_pause, pause_r);
}

static void test_obstacles(void **state)
{
    static const char *devices[] = { "0000:04:00.0" };
    static const struct {
        const char *name;
        xtune_domain domain;
        const char *capability;
        bool allow_pause;
        const char *part; /* NULL: none is in the way */
        bool pause;
    } rows[] = {
        { "dom0",
          { .id = 0, .name = "Domain-0" },
          "hap",
          true,
          "dom0",
          false },
        { "pvh", { .type = XTUNE_TYPE_PVH }, "hap", false, NULL, false },
        { "hvm", { .type = XTUNE_TYPE_HVM }, NULL, true, NULL, false },
        { "blocked",
          { .state = XTUNE_STATE_BLOCKED },
          NULL,
          false,
          NULL,
          false },
        { "paused",
          { .state = XTUNE_STATE_PAUSED },
          NULL,
          true,
          "paused",
          false },
        { "shutdown",
          { .state = XTUNE_STATE_SHUTDOWN },
          NULL,
          true,
          "shut down",
          false },
        { "dying",
          { .state = XTUNE_STATE_DYING | XTUNE_STATE_PAUSED },
          NULL,
          true,
          "destroyed",
          false },
        { "incoming",
          { .name = "d--incoming" },
          NULL,
          true,
          "under way",
          false },
        { "migrated away",
          { .name = "d--migratedaway" },
          NULL,
          true,
          "under way",
          false },
        { "no more than its name",
          { .name = "--incoming" },
          NULL,
          true,
          NULL,
          false },
        { "device",
          { .pci = devices, .nr_pci = 1 },
          NULL,
          true,
          "0000:04:00.0",
          false },
        { "immovable",
          { .immovable = "it has vnuma" },
          NULL,
          true,
          "it has vnuma, so",
          false },
        { "controller", { .nr_usb = 1 }, NULL, true, "USB controller", false },
        { "pv, shadow",
          { .type = XTUNE_TYPE_PV },
          "shadow",
          false,
          NULL,
          false },
        { "pv",
          { .type = XTUNE_TYPE_PV },
          "hap",
          false,
          "--allow-pause",
          true },
        { "pv, paused for it",
          { .type = XTUNE_TYPE_PV },
          "hap",
          true,
          NULL,
          true },
        { "pv, a device",
          { .type = XTUNE_TYPE_PV, .pci = devices, .nr_pci = 1 },
          "hap",
          true,
          "PCI",
          false },
    };
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(rows); i++) {
        xtune_domain domain = rows[i].domain;
        bool pause = !rows[i].pause;
        const char *why;

        if (i) domain.id = 1;
        if (!domain.name) domain.name = "d";
        why =
            obstacle(&domain, rows[i].capability, rows[i].allow_pause, &pause);
        if (!why != !rows[i].part || pause != rows[i].pause ||
            (why && !strstr(why, rows[i].part)))
            fail_msg("%s: %s, %d", rows[i].name, why ? why : "none", pause);
    }
}

/* Room. */

static void test_need(void **state)
{
    const xtune_domain pv = { .type = XTUNE_TYPE_PV,
                              .memory_kb = 100 << 10,
                              .nr_vcpus = 1 };
    const xtune_domain hvm = { .type = XTUNE_TYPE_HVM,
                               .memory_kb = 100 << 10,
                               .nr_vcpus = 4 };
    const xtune_domain empty = { .type = XTUNE_TYPE_PV };

    (void)state;
    assert_int_equal(xt_rehome_need_kb(&pv, 0), 0);
    assert_int_equal(xt_rehome_need_kb(&pv, 100 << 10), (102 << 10) + 1);
    assert_in_range(xt_rehome_need_kb(&pv, 50 << 10), 51 << 10,
                    (51 << 10) + 1);
    assert_true(xt_rehome_need_kb(&hvm, 100 << 10) >=
                xtune_needed_kb(XTUNE_TYPE_HVM, 100 << 10, 4));
    assert_true(xt_rehome_need_kb(&empty, 4) >= 4);
}

/* A stray page does not make a node one of its nodes. */
static void test_nodes(void **state)
{
    static const struct {
        uint64_t kb[3];
        const char *expected;
    } rows[] = {
        { { 0, 0, 0 }, "none" }, { { 64, 0, 0 }, "0" },
        { { 6400, 4, 0 }, "0" }, { { 6300, 100, 0 }, "0-1" },
        { { 1, 1, 1 }, "0-2" },
    };
    const xtune_host host = { .nr_node_ids = 3 };
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(rows); i++) {
        XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
        const xtune_set nodes = xt_rehome_nodes(arena, &host, rows[i].kb);

        assert_string_equal(xtune_set_format_ids(arena, &nodes),
                            rows[i].expected);
    }
}

/* By chance: plan, apply, plan again, and back. */

static const random_limits small = { 4, 4, 8, 0, 6, false };
static const random_limits tiny = { 3, 3, 3, 0, 4, false };

static void took_too_long(int signal_number)
{
    static const char text[] = "a host takes too long\n";

    (void)signal_number;
    if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0) _exit(2);
    _exit(1);
}

/* Some have a configuration that is stored, which says this or that. */
static void store_some(rng *r, xtune_host *host, xtune_domain *domain)
{
    xtune_set none = xtune_set_all(host->arena, host->nr_cpu_ids);
    xt_json *json;

    if (!domain->id || rng_chance(r, 40)) return;
    json = xt_configured_make(host->arena, NULL, &none, &none, 1);
    if (rng_chance(r, 30)) json = xt_json_object(host->arena);
    if (rng_chance(r, 30))
        json = xt_configured_pin(host->arena, json, domain->nr_vcpus,
                                 rng_pick(r, 2), &domain->vcpus[0].hard, NULL);
    domain->configured = json;
}

/* Room to move, and everybody may: else that is a rare thing. */
static void make_roomy(random_case *c, rng *r)
{
    size_t i;

    for (i = 0; i < c->host->nr_nodes; i++) {
        c->host->nodes[i].free_kb = rng_below(r, UINT64_C(64) << 20);
        c->host->nodes[i].memory_kb += c->host->nodes[i].free_kb;
    }
    for (i = 0; i < c->policy->nr_rules; i++) {
        c->policy->rules[i].match = "*";
        c->policy->rules[i].allow_pause = true;
    }
}

static void make_movable(random_case *c, uint64_t seed,
                         const random_limits *limits)
{
    static const char *words[] = { "shadow" };
    rng r = { .state = seed };
    size_t i;

    random_case_fill(c, &r, limits);
    c->seed = seed;
    if (!c->policy) c->policy = XTUNE_NEW(c->arena, xtune_policy);
    for (i = 0; i < c->policy->nr_rules; i++) {
        c->policy->rules[i].memory =
            rng_chance(&r, 80) ? XTUNE_MEMORY_FOLLOW : XTUNE_MEMORY_STAY;
        c->policy->rules[i].allow_pause = rng_chance(&r, 50);
    }
    if (seed % 2) make_roomy(c, &r);
    if (rng_chance(&r, 50)) {
        c->host->xen.capabilities = words;
        c->host->xen.nr_capabilities = 1;
    }
    for (i = 0; i < c->host->nr_domains; i++) {
        store_some(&r, c->host, &c->host->domains[i]);
        if (rng_chance(&r, 5)) c->host->domains[i].immovable = "it is odd";
    }
}

typedef struct on_disk {
    const random_case *c;
    xtune_backend *backend;
    xtune_state *state;
} on_disk;

static const char *error_text(const random_case *c, const char *what,
                              xtune_error *err)
{
    XT_CLEANUP_FREE char *text = xtune_error_text(err);

    text = xt_xprintf("%s: %s", what, text);
    xtune_error_free(err);
    return xtune_arena_strdup(c->arena, text);
}

static const char *open_case(on_disk *d, const random_case *c)
{
    XT_CLEANUP_FREE char *text = xtune_host_to_json(c->host);
    xtune_error *err = NULL;

    *d = (on_disk){ .c = c };
    if (xt_file_replace(host_path, text, strlen(text), 0600, &err) ||
        xtune_backend_open_snapshot(host_path, &d->backend, &err) ||
        xtune_state_lock(d->backend, NULL, "test", 1000, &d->state, &err))
        return error_text(c, "open", err);
    return NULL;
}

static void close_case(on_disk *d)
{
    xtune_state_close(d->state);
    if (d->backend) xtune_backend_close(d->backend);
    forget_host_file();
}

static const char *make_plan(const on_disk *d, xtune_host **host_r,
                             xtune_plan **plan_r)
{
    const xtune_observe what = { .parts = XTUNE_OBSERVE_ALL };
    xtune_error *err = NULL;

    *host_r = NULL;
    if (xtune_backend_observe(d->backend, &what, host_r, &err))
        return error_text(d->c, "observe", err);
    if (xtune_plan_make(
            &(xtune_plan_request){ .host = *host_r, .policy = d->c->policy },
            plan_r, &err))
        return error_text(d->c, "plan", err);
    return NULL;
}

/* Which of the steps failed, for a message. */
typedef struct notes {
    xtune_arena *arena;
    const char *first;
} notes;

static void note_step(void *opaque, enum xtune_step step,
                      const xtune_action *action, size_t index, size_t nr,
                      const char *note)
{
    notes *n = opaque;

    (void)nr;
    if ((step == XTUNE_STEP_DONE && !note) || n->first) return;
    n->first = xtune_arena_printf(n->arena, "action %zu, %s %s: %s", index,
                                  action->kind, action->object,
                                  note ? note : "failed");
}

static const char *apply_plan(const on_disk *d, const xtune_plan *plan)
{
    notes n = { .arena = d->c->arena };
    const xtune_apply_options options = {
        .progress = note_step,
        .opaque = &n,
    };
    xtune_error *err = NULL;
    size_t failed = 0;

    if (xtune_apply(d->backend, d->state, plan, &options, &failed, &err))
        return error_text(d->c, "apply", err);
    return failed ? n.first : NULL;
}

/* Nothing to do: NULL, or the first thing. */
static const char *nothing_to_do(const on_disk *d, const xtune_plan *plan)
{
    XT_CLEANUP_FREE char *new = NULL;

    if (!plan->nr_actions) return NULL;
    new = xt_json_print(plan->actions[0].new);
    return xtune_arena_printf(d->c->arena, "%zu left to do: %s %s: %s",
                              plan->nr_actions, plan->actions[0].kind,
                              plan->actions[0].object, new);
}

static const char *file_text(const on_disk *d)
{
    xtune_error *err = NULL;
    char *text;
    size_t len;

    if (xt_file_read(d->c->arena, host_path, XT_JSON_MAX_BYTES, &text, &len,
                     &err))
        return error_text(d->c, "read", err);
    return text;
}

static const char *roll_back(const on_disk *d, const char *before)
{
    const xtune_apply_options options = { .title = "rollback" };
    xtune_error *err = NULL;
    unsigned int id;

    if (xtune_rollback(d->backend, d->state, &options, &id, &err)) {
        /* A copy takes more than its domain leaves behind. */
        if (strstr(err->message, "the second copy needs")) {
            xtune_error_free(err);
            return NULL;
        }
        return error_text(d->c, "rollback", err);
    }
    if (strcmp(before, file_text(d)))
        return "rolled back, but not the same bytes";
    return NULL;
}

enum what_holds { HOLDS_EMPTY, HOLDS_BACK };

static const char *run_case(const on_disk *d, enum what_holds what,
                            size_t *nr_moves)
{
    xtune_plan *plan = NULL, *again = NULL;
    xtune_host *host, *host_again = NULL;
    const char *why, *before = file_text(d);
    size_t i;

    why = make_plan(d, &host, &plan);
    for (i = 0; !why && i < plan->nr_actions; i++)
        *nr_moves += !strcmp(plan->actions[i].kind, "rehome");
    if (!why) why = apply_plan(d, plan);
    if (!why && what == HOLDS_EMPTY) {
        why = make_plan(d, &host_again, &again);
        if (!why) why = nothing_to_do(d, again);
    }
    if (!why && what == HOLDS_BACK && plan->nr_actions)
        why = roll_back(d, before);
    xtune_plan_free(again);
    xtune_plan_free(plan);
    xtune_host_free(host_again);
    xtune_host_free(host);
    return why;
}

static const char *check_case(const random_case *c, enum what_holds what,
                              size_t *nr_moves)
{
    const char *why;
    on_disk d;

    why = open_case(&d, c);
    alarm(60);
    if (!why) why = run_case(&d, what, nr_moves);
    alarm(0);
    close_case(&d);
    return why;
}

static uint64_t setting(const char *name, uint64_t usual)
{
    const char *text = getenv(name);

    return text ? strtoull(text, NULL, 10) : usual;
}

static bool check_seed(uint64_t seed, const random_limits *limits,
                       enum what_holds what, bool show, size_t *nr_moves)
{
    random_case c;
    const char *why;

    make_movable(&c, seed, limits);
    why = check_case(&c, what, nr_moves);
    if (why && show)
        fprintf(stderr, "seed %llu, %s: %s\n", (unsigned long long)seed,
                limits == &tiny ? "tiny" : "small", why);
    xtune_host_free(c.host);
    return !why;
}

static void sweep(enum what_holds what)
{
    const uint64_t first = setting("PLAN_SEED", 1);
    const uint64_t rounds = setting("PLAN_ROUNDS", 100);
    const uint64_t shown = setting("PLAN_SHOWN", 5);
    size_t nr_moves = 0;
    uint64_t seed, bad = 0;

    signal(SIGALRM, took_too_long);
    for (seed = first; seed < first + rounds; seed++) {
        bad += !check_seed(seed, &tiny, what, bad < shown, &nr_moves);
        bad += !check_seed(seed, &small, what, bad < shown, &nr_moves);
    }
    if (bad)
        fail_msg("%llu of %llu hosts, %zu moves", (unsigned long long)bad,
                 (unsigned long long)rounds * 2, nr_moves);
    if (rounds >= 50) assert_true(nr_moves > 0);
}

static void test_second_plan_is_empty(void **state)
{
    (void)state;
    sweep(HOLDS_EMPTY);
}

static void test_rollback_gives_the_same_bytes(void **state)
{
    (void)state;
    sweep(HOLDS_BACK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_obstacles),
        cmocka_unit_test(test_need),
        cmocka_unit_test(test_nodes),
        cmocka_unit_test(test_second_plan_is_empty),
        cmocka_unit_test(test_rollback_gives_the_same_bytes),
    };

    return cmocka_run_group_tests(tests, make_host_folder, remove_host_folder);
}
