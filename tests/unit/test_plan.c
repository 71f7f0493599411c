/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Host and policy in, the plan out. */
#include <xtune/plan.h>

#include "base/json.h"
#include "host_text.h"
#include "policy/read.h"

/* Two nodes of four CPUs, two threads a core; one domain with id 1. */
static const char host_format[] =
    "{\"schema\": \"xtune/host/1\", \"nodes\": ["
    "{\"id\": 0, \"memory_kb\": 4096, \"distances\": [10, 20, 30]}, "
    "{\"id\": 1, \"memory_kb\": 4096, \"distances\": [20, 10, 15]}, "
    "{\"id\": 2, \"memory_kb\": 4096, \"distances\": [30, 15, 10]}], "
    "\"cpus\": ["
    "{\"id\": 0, \"node\": 0, \"socket\": 0, \"core\": 0}, "
    "{\"id\": 1, \"node\": 0, \"socket\": 0, \"core\": 0}, "
    "{\"id\": 2, \"node\": 0, \"socket\": 0, \"core\": 1}, "
    "{\"id\": 3, \"node\": 0, \"socket\": 0, \"core\": 1}, "
    "{\"id\": 4, \"node\": 1, \"socket\": 1, \"core\": 0}, "
    "{\"id\": 5, \"node\": 1, \"socket\": 1, \"core\": 0}, "
    "{\"id\": 6, \"node\": 1, \"socket\": 1, \"core\": 1}, "
    "{\"id\": 7, \"node\": 1, \"socket\": 1, \"core\": 1}, "
    "{\"id\": 8, \"node\": 2, \"socket\": 2, \"core\": 0}], "
    "\"cpupools\": [{\"id\": 0, \"name\": \"Pool-0\", \"cpus\": \"0-7\"}, "
    "{\"id\": 1, \"name\": \"far\", \"cpus\": \"8\"}], "
    "\"domains\": [{\"id\": 1, \"name\": \"d\", \"memory_kb\": 1000, "
    "\"cpupool\": \"%s\", \"state\": \"%s\", \"memory_by_node_kb\": %s, "
    "\"vcpus\": [%s]}]}";

static xtune_host *make_host(const char *pool, const char *state,
                             const char *memory, unsigned int nr_vcpus,
                             const char *hard, const char *soft)
{
    char vcpus[2048] = "", text[8192];
    unsigned int i;

    for (i = 0; i < nr_vcpus; i++) {
        char own[16];

        /* "%u" stands for the vCPU's own number. */
        snprintf(own, sizeof(own), "%u", i);
        sprintf(vcpus + strlen(vcpus),
                "%s{\"id\": %u, \"online\": true, "
                "\"hard\": \"%s\", \"soft\": \"%s\"}",
                i ? ", " : "", i, strcmp(hard, "%u") ? hard : own, soft);
    }
    snprintf(text, sizeof(text), host_format, pool, state, memory, vcpus);
    return host_of(text);
}

static xtune_policy *make_policy(const char *rule)
{
    char text[1024];
    xtune_error *err = NULL;
    xtune_policy *policy = NULL;

    snprintf(text, sizeof(text),
             "<policy name=\"t\"><domains match=\"*\">%s</domains></policy>",
             rule);
    if (xt_policy_read_memory(text, strlen(text), "p.xml", &policy, &err))
        fail_msg("%s: %s", err->object, err->message);
    return policy;
}

/* All that a plan says, on one line: "d/0 hard soft; ...", or the blocked. */
static void describe(const xtune_plan *plan, char *text, size_t size)
{
    size_t i, len = 0;

    text[0] = '\0';
    for (i = 0; i < plan->nr_actions; i++) {
        const xtune_action *a = &plan->actions[i];
        const xt_json *masks = xt_json_get(a->new, "vcpus");
        const char *pool = xt_json_text(xt_json_get(a->new, "cpupool"));

        masks = masks ? masks->items[0] : a->new;
        len += (size_t)snprintf(text + len, size - len, "%s%s%s%s %s/%s",
                                i ? "; " : "", a->object, pool ? " in " : "",
                                pool ? pool : "",
                                xt_json_text(xt_json_get(masks, "hard")),
                                xt_json_text(xt_json_get(masks, "soft")));
    }
    for (i = 0; i < plan->nr_blocked; i++)
        len += (size_t)snprintf(text + len, size - len, "%sblocked %s %s",
                                len ? "; " : "", plan->blocked[i].object,
                                plan->blocked[i].why);
}

#define SOFT "<numa placement=\"auto\"/>"
#define HARD "<numa placement=\"auto\" mode=\"hard\"/>"

static void test_placement(void **state)
{
    static const struct {
        const char *name, *pool, *memory;
        unsigned int vcpus;
        const char *hard, *soft, *rule, *expected;
        int before, after;
    } rows[] = {
        { "soft", "Pool-0", "[1000, 0, 0]", 1, "all", "all", SOFT,
          "d/0 all/0-3", 1000, 1000 },
        { "hard", "Pool-0", "[0, 1000, 0]", 1, "all", "all", HARD,
          "d/0 4-7/all", 1000, 1000 },
        { "wrong soft", "Pool-0", "[1000, 0, 0]", 1, "all", "4-7", SOFT,
          "d/0 all/0-3", 0, 1000 },
        { "hard stays inside the hard mask", "Pool-0", "[1000, 0, 0]", 1,
          "1-5", "all", HARD, "d/0 1-3/all", 1000, 1000 },
        { "hard, the hard mask in the way", "Pool-0", "[1000, 0, 0]", 1, "4-7",
          "all", HARD,
          "blocked d its memory is on node 0, where its hard affinity "
          "has no CPU: widen it, with vcpu-pin, or move its memory",
          0, 0 },
        { "nodes given replace it", "Pool-0", "[1000, 0, 0]", 1, "4-7", "all",
          "<numa placement=\"0\" mode=\"hard\"/>", "d/0 0-3/all", 0, 1000 },
        { "soft keeps the hard mask", "Pool-0", "[1000, 0, 0]", 1, "0-5",
          "all", SOFT, "d/0 0-5/0-3", 1000, 1000 },
        { "soft, hard in the way", "Pool-0", "[1000, 0, 0]", 1, "4-7", "all",
          SOFT,
          "blocked d its memory is on node 0, where its hard affinity "
          "has no CPU: widen it, with vcpu-pin, or move its memory",
          0, 0 },
        { "split", "Pool-0", "[500, 500, 0]", 1, "all", "0-3", SOFT,
          "d/0 all/all", 500, 1000 },
        { "stray pages", "Pool-0", "[990, 10, 0]", 1, "all", "all", HARD,
          "d/0 0-3/all", 1000, 990 },
        { "already there", "Pool-0", "[1000, 0, 0]", 2, "0-3", "all", HARD, "",
          1000, 1000 },
        { "as good as there", "Pool-0", "[1000, 0, 0]", 1, "0-3,8", "all",
          HARD, "", 1000, 1000 },
        { "more vCPUs than the node", "Pool-0", "[1000, 0, 0]", 5, "all",
          "0-3", HARD,
          "d/0 all/all; d/1 all/all; d/2 all/all; d/3 all/all; "
          "d/4 all/all",
          1000, 1000 },
        { "other pool", "far", "[1000, 0, 0]", 1, "all", "all", HARD,
          "blocked d its memory is on node 0, where its cpupool has no CPU: "
          "widen it, or move its memory",
          0, 0 },
        { "only node of the pool", "far", "[0, 0, 1000]", 1, "all", "all",
          HARD, "", 1000, 1000 },
        { "unknown", "Pool-0", "null", 1, "all", "all", HARD,
          "blocked d it is not known where its memory is; "
          "--residency=measure or infer finds out",
          -1, -1 },
        { "nodes given", "Pool-0", "[1000, 0, 0]", 1, "all", "all",
          "<numa placement=\"1\" mode=\"hard\"/>", "d/0 4-7/all", 1000, 0 },
        { "nodes given, not in the pool", "Pool-0", "[1000, 0, 0]", 1, "all",
          "all", "<numa placement=\"2\" mode=\"hard\"/>",
          "blocked d no CPU that it may use is on node 2, which its rule "
          "names",
          1000, 1000 },
        { "none", "Pool-0", "[1000, 0, 0]", 1, "4-7", "all",
          "<numa placement=\"none\"/>", "", 0, 0 },
        { "pin none", "Pool-0", "[1000, 0, 0]", 1, "4-7", "all",
          HARD "<vcpus pin=\"none\"/>", "", 0, 0 },
        { "one to one", "Pool-0", "[1000, 0, 0]", 2, "all", "all",
          HARD "<vcpus pin=\"one-to-one\"/>", "d/0 0/all; d/1 2/all", 1000,
          1000 },
        { "one to one, soft", "Pool-0", "[1000, 0, 0]", 2, "all", "all",
          SOFT "<vcpus pin=\"one-to-one\"/>", "d/0 all/0; d/1 all/2", 1000,
          1000 },
        { "one to one with siblings", "Pool-0", "[1000, 0, 0]", 3, "all",
          "all", HARD "<vcpus pin=\"one-to-one\" smt=\"allow\"/>",
          "d/0 0/all; d/1 2/all; d/2 1/all", 1000, 1000 },
        { "a core on the next node", "Pool-0", "[1000, 0, 0]", 3, "all", "all",
          HARD "<vcpus pin=\"one-to-one\"/>",
          "d/0 0/all; d/1 2/all; d/2 4/all", 1000, 1000 },
        { "too few cores", "Pool-0", "[1000, 0, 0]", 3, "0-3", "all",
          HARD "<vcpus pin=\"one-to-one\"/>",
          "blocked d there is no free core for each of its 3 vCPUs; they "
          "share node 0",
          1000, 1000 },
        { "pinned vCPU by vCPU, where its memory is", "Pool-0", "[1000, 0, 0]",
          2, "%u", "all", SOFT, "", 1000, 1000 },
        { "kept on a second thread", "Pool-0", "[1000, 0, 0]", 2, "all", "1",
          SOFT "<vcpus pin=\"one-to-one\"/>", "d/1 all/2", 1000, 1000 },
        { "no memory at all", "Pool-0", "[0, 0, 0]", 1, "all", "all", SOFT, "",
          1000, 1000 },
        { "cpupool", "Pool-0", "[1000, 0, 0]", 1, "all", "0-3",
          SOFT "<cpupool name=\"far\"/>",
          "d in far all/8; blocked d its memory is on node 0, where its "
          "cpupool has no CPU: widen it, or move its memory",
          1000, 0 },
        { "cpupool that there is not", "Pool-0", "[1000, 0, 0]", 1, "all",
          "0-3", SOFT "<cpupool name=\"none\"/>",
          "blocked d there is no cpupool \"none\": name it in <host>, or make "
          "it by \"xltune cpupool-create\"",
          1000, 1000 },
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        xtune_host *host =
            make_host(rows[i].pool, "blocked", rows[i].memory, rows[i].vcpus,
                      rows[i].hard, rows[i].soft);
        xtune_policy *policy = make_policy(rows[i].rule);
        char text[1024];
        xtune_plan *plan;

        assert_int_equal(
            xtune_plan_make(
                &(xtune_plan_request){ .host = host, .policy = policy }, &plan,
                NULL),
            0);
        describe(plan, text, sizeof(text));
        if (strcmp(text, rows[i].expected))
            fail_msg("%s: \"%s\", not \"%s\"", rows[i].name, text,
                     rows[i].expected);
        if (plan->local_before_permille != rows[i].before ||
            plan->local_after_permille != rows[i].after)
            fail_msg("%s: local %d -> %d, not %d -> %d", rows[i].name,
                     plan->local_before_permille, plan->local_after_permille,
                     rows[i].before, rows[i].after);
        xtune_plan_free(plan);
        xtune_policy_free(policy);
        xtune_host_free(host);
    }
}

static void test_leaving_domains_are_left(void **state)
{
    static const char *const states[] = { "dying", "shutdown",
                                          "blocked,dying" };
    xtune_policy *policy = make_policy(HARD);
    size_t i;

    (void)state;
    for (i = 0; i < 3; i++) {
        xtune_host *host =
            make_host("Pool-0", states[i], "[1000, 0, 0]", 1, "4-7", "all");
        xtune_plan *plan;

        assert_int_equal(
            xtune_plan_make(
                &(xtune_plan_request){ .host = host, .policy = policy }, &plan,
                NULL),
            0);
        assert_int_equal(plan->nr_actions + plan->nr_blocked, 0);
        xtune_plan_free(plan);
        xtune_host_free(host);
    }
    xtune_policy_free(policy);
}

static void test_nodes_that_are_not_there(void **state)
{
    xtune_host *host =
        make_host("Pool-0", "blocked", "[1000, 0, 0]", 1, "all", "all");
    xtune_policy *policy = make_policy("<numa placement=\"7\"/>");
    xtune_error *err = NULL;
    xtune_plan *plan;

    (void)state;
    check_error(xtune_plan_make(
                    &(xtune_plan_request){ .host = host, .policy = policy },
                    &plan, &err),
                &err, XTUNE_ERR_INVALID,
                "p.xml:1: node list \"7\": the host has "
                "no node 7");
    xtune_policy_free(policy);
    xtune_host_free(host);
}

static void test_vcpu_pin(void **state)
{
    xtune_host *host =
        make_host("Pool-0", "blocked", "[1000, 0, 0]", 2, "all", "all");
    const xtune_set_names names = xtune_host_cpu_names(host);
    xtune_arena *arena = xtune_arena_new();
    const xtune_domain *d = &host->domains[0];
    xtune_error *err = NULL;
    xtune_set set;
    xtune_plan *plan;
    char text[256];

    (void)state;
    xtune_set_parse(arena, &names, "", "2", &set, NULL);
    assert_int_equal(xtune_plan_vcpu_pin(host, d, 1, &set, NULL, &plan, NULL),
                     0);
    describe(plan, text, sizeof(text));
    assert_string_equal(text, "d/1 2/all");
    xtune_plan_free(plan);
    assert_int_equal(
        xtune_plan_vcpu_pin(host, d, XTUNE_NONE, NULL, &set, &plan, NULL), 0);
    describe(plan, text, sizeof(text));
    assert_string_equal(text, "d/0 all/2; d/1 all/2");
    xtune_plan_free(plan);
    check_error(xtune_plan_vcpu_pin(host, d, 2, &set, NULL, &plan, &err), &err,
                XTUNE_ERR_NOT_FOUND, "it has no vCPU 2");
    xtune_set_parse(arena, &names, "", "8", &set, NULL);
    check_error(xtune_plan_vcpu_pin(host, d, 0, &set, NULL, &plan, &err), &err,
                XTUNE_ERR_REFUSED, "the pool has CPUs 0-7");
    xtune_set_parse(arena, &names, "", "none", &set, NULL);
    check_error(xtune_plan_vcpu_pin(host, d, 0, &set, NULL, &plan, &err), &err,
                XTUNE_ERR_REFUSED, "\"none\"");
    xtune_arena_free(arena);
    xtune_host_free(host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_placement),
        cmocka_unit_test(test_leaving_domains_are_left),
        cmocka_unit_test(test_nodes_that_are_not_there),
        cmocka_unit_test(test_vcpu_pin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
