/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <xtune/host.h>

#include "host_text.h"

#define HEAD                                                                  \
    "{\"schema\": \"xtune/host/1\", \"nodes\": [{\"id\": 0, "                 \
    "\"memory_kb\": 1024, \"free_kb\": 0}], \"cpus\": [{\"id\": 0, "          \
    "\"node\": 0, \"socket\": 0, \"core\": 0}]"
#define POOL                                                                  \
    ", \"cpupools\": [{\"id\": 0, \"name\": \"Pool-0\", "                     \
    "\"cpus\": \"0\"}]"
#define DOM ", \"domains\": [{\"id\": 1, \"name\": \"d\", \"memory_kb\": 4"
#define TAIL "}]}"

static void check_round_trip(const char *text)
{
    xtune_host *host = host_of(text);

    expect_canonical(host);
    xtune_host_free(host);
}

static void test_round_trip(void **state)
{
    size_t len;
    char *text = test_read("hosts/hand-2x2.json", &len);

    (void)state;
    check_round_trip(text);
    check_round_trip(HEAD POOL DOM TAIL);
    check_round_trip("{\"schema\": \"xtune/host/1\"}");
    free(text);
}

static void test_unknown_members_are_kept(void **state)
{
    static const char *const kept[] = {
        "\"k1\": 1.50", "\"k2\": [",    "\"k3\": {",
        "\"k4\": null", "\"k5\": true", "\"later\": [",
    };
    xtune_host *host = host_of(
        "{\"schema\": \"xtune/host/1\", \"later\": [{\"x\": 1}], "
        "\"xen\": {\"k1\": 1.50}, "
        "\"nodes\": [{\"id\": 0, \"memory_kb\": 1, \"k2\": [1, 2]}], "
        "\"cpus\": [{\"id\": 0, \"node\": 0, \"k3\": {\"a\": \"b\"}}], "
        "\"cpupools\": [{\"id\": 0, \"name\": \"P\", \"cpus\": \"0\", "
        "\"k4\": null}], \"domains\": [{\"id\": 1, \"name\": \"d\", "
        "\"memory_kb\": 4, \"vcpus\": [{\"id\": 0, \"online\": true, "
        "\"k5\": true}]}]}");
    char *text = xtune_host_to_json(host);
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
        if (!strstr(text, kept[i])) fail_msg("%s is not kept", kept[i]);
    check_round_trip(text);
    free(text);
    xtune_host_free(host);
}

/* 0 is "not known", and is not written. */
static void test_scheduling(void **state)
{
    xtune_host *host =
        host_of(HEAD POOL DOM ", \"weight\": 512, \"cap\": 150}, {\"id\": 2, "
                              "\"name\": \"e\", \"memory_kb\": 4" TAIL);
    char *text = xtune_host_to_json(host);
    const char *second = strstr(text, "\"name\": \"e\"");

    (void)state;
    assert_int_equal(host->domains[0].weight, 512);
    assert_int_equal(host->domains[0].cap, 150);
    assert_int_equal(host->domains[1].weight, 0);
    assert_int_equal(host->domains[1].cap, 0);
    assert_non_null(strstr(text, "\"weight\": 512"));
    assert_non_null(strstr(text, "\"cap\": 150"));
    assert_non_null(second);
    assert_null(strstr(second, "\"weight\""));
    assert_null(strstr(second, "\"cap\""));
    check_round_trip(text);
    free(text);
    xtune_host_free(host);
}

static void test_refused(void **state)
{
    static const struct {
        const char *text, *part;
    } rows[] = {
        { "[]", "schema" },
        { "{}", "schema" },
        { "1", "schema" },
        { "{\"schema\": \"xtune/host/2\"}", "xtune/host/2" },
        { "{\"schema\": \"xtune/host/1\", \"nodes\": {}}", "nodes" },
        { "{\"schema\": \"xtune/host/1\", \"nodes\": [1]}", "nodes[0]" },
        { "{\"schema\": \"xtune/host/1\", \"nodes\": [{}]}", "nodes[0].id" },
        { "{\"schema\": \"xtune/host/1\",\n\"nodes\": [{\"id\": 64, "
          "\"memory_kb\": 1}]}",
          "h.json:2: nodes[0].id: \"64\"" },
        { "{\"schema\": \"xtune/host/1\", \"nodes\": [{\"id\": -1, "
          "\"memory_kb\": 1}]}",
          "\"-1\"" },
        { "{\"schema\": \"xtune/host/1\", \"cpus\": [{\"id\": 4096}]}",
          "4096" },
        { "{\"schema\": \"xtune/host/1\", \"xen\": {\"max_cpu_id\": "
          "4000000000}}",
          "4000000000" },
        { "{\"schema\": \"xtune/host/1\", \"cpus\": [{\"id\": 0, \"node\": "
          "1}]}",
          "on node 1" },
        { "{\"schema\": \"xtune/host/1\", \"cpus\": [{\"id\": 0}, {\"id\": "
          "0}]}",
          "CPU 0 is there twice" },
        { "{\"schema\": \"xtune/host/1\", \"nodes\": [{\"id\": 0, "
          "\"memory_kb\": 1, \"distances\": [10, 20]}]}",
          "distances" },
        { "{\"schema\": \"xtune/host/1\", \"nodes\": [{\"id\": 0, "
          "\"memory_kb\": 1, \"free_kb\": 2}]}",
          "free" },
        { HEAD ", \"cpupools\": [{\"id\": 0, \"name\": \"a\", \"cpus\": "
               "\"0-1\"}]}",
          "0-1" },
        { HEAD ", \"cpupools\": [{\"id\": 0, \"name\": \"a\", \"cpus\": "
               "\"0\"}, {\"id\": 1, \"name\": \"b\", \"cpus\": \"0\"}]}",
          "another pool" },
        { HEAD ", \"cpupools\": [{\"id\": 0, \"name\": \"a\", \"cpus\": "
               "\"0\"}, {\"id\": 1, \"name\": \"a\", \"cpus\": \"none\"}]}",
          "called \"a\"" },
        { HEAD POOL DOM ", \"cpupool\": \"x\"" TAIL, "cpupool \"x\"" },
        { HEAD POOL DOM ", \"vcpus\": [{\"id\": 0, \"online\": true, "
                        "\"cpu\": 7}]" TAIL,
          "on CPU 7" },
        { HEAD POOL DOM ", \"vcpus\": [{\"id\": 0, \"online\": true, "
                        "\"hard\": \"0-7\"}]" TAIL,
          "domains[0].vcpus[0].hard" },
        { HEAD POOL DOM ", \"vcpus\": [{\"id\": 0, \"online\": true, "
                        "\"hard\": \"\"}]" TAIL,
          "empty" },
        { HEAD POOL DOM ", \"vcpus\": [{\"id\": 0, \"online\": true, "
                        "\"hard\": \"none\"}]" TAIL,
          "no CPU" },
        { HEAD POOL DOM ", \"vcpus\": [{\"id\": 0, \"online\": true}, "
                        "{\"id\": 0, \"online\": true}]" TAIL,
          "vCPU 0" },
        { HEAD POOL DOM ", \"vcpus\": [{\"id\": 0}]" TAIL, "online" },
        { HEAD POOL DOM ", \"online_vcpus\": 2, \"vcpus\": [{\"id\": 0, "
                        "\"online\": true}]" TAIL,
          "online_vcpus says 2" },
        { HEAD POOL DOM ", \"memory_by_node_kb\": [1, 2]" TAIL, "2 sizes" },
        { HEAD POOL DOM ", \"memory_by_node_kb\": [-1]" TAIL, "no size" },
        { HEAD POOL DOM ", \"memory_by_node_kb\": \"x\"" TAIL, "no array" },
        { HEAD POOL DOM ", \"weight\": -1" TAIL, "domains[0].weight" },
        { HEAD POOL DOM ", \"cap\": 4294967296" TAIL, "domains[0].cap" },
        { HEAD POOL DOM ", \"uuid\": \"1-2\"" TAIL, "no uuid" },
        { HEAD POOL DOM ", \"type\": \"lxc\"" TAIL, "lxc" },
        { HEAD POOL DOM ", \"state\": \"asleep\"" TAIL, "asleep" },
        { HEAD POOL DOM ", \"node_affinity\": \"1\"" TAIL, "no node 1" },
        { HEAD POOL DOM ", \"pci\": [\"04:00.0\"]" TAIL, "04:00.0" },
        { HEAD POOL DOM
          "}, {\"id\": 1, \"name\": \"e\", \"memory_kb\": 4" TAIL,
          "domain 1 is there twice" },
        { HEAD POOL ", \"domains\": [{\"id\": 1, \"memory_kb\": 4}]}",
          "domains[0].name" },
        { HEAD POOL ", \"domains\": [{\"id\": 1, \"name\": 7, "
                    "\"memory_kb\": 4}]}",
          "no string" },
        { HEAD ", \"pci\": [{\"address\": \"x\"}]}", "no PCI address" },
        { HEAD ", \"pci\": [{\"address\": \"0000:00:20.0\"}]}",
          "no PCI address" },
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        xtune_error *err = NULL;
        xtune_host *host;
        const int rc = xtune_host_from_json(rows[i].text, strlen(rows[i].text),
                                            "h.json", &host, &err);

        if (!rc) fail_msg("accepted: %s", rows[i].text);
        check_error(rc, &err, XTUNE_ERR_INVALID, rows[i].part);
    }
}

static void test_find_domain(void **state)
{
    xtune_host *host = host_of(
        HEAD POOL
        ", \"domains\": [{\"id\": 1, \"name\": \"7\", "
        "\"memory_kb\": 4}, {\"id\": 2, \"name\": \"web\", \"memory_kb\": 4, "
        "\"uuid\": \"0000000A-0000-0000-0000-000000000000\"}, {\"id\": 7, "
        "\"name\": \"two\", \"memory_kb\": 4}, {\"id\": 8, \"name\": \"two\", "
        "\"memory_kb\": 4}]}");
    const xtune_domain *domain;
    xtune_error *err = NULL;

    (void)state;
    assert_int_equal(xtune_host_find_domain(host, "web", &domain, NULL), 0);
    assert_int_equal(domain->id, 2);
    assert_int_equal(
        xtune_host_find_domain(host, "0000000a-0000-0000-0000-000000000000",
                               &domain, NULL),
        0);
    assert_int_equal(domain->id, 2);
    /* As in xl, digits are an id. */
    assert_int_equal(xtune_host_find_domain(host, "7", &domain, NULL), 0);
    assert_string_equal(domain->name, "two");
    check_error(xtune_host_find_domain(host, "", &domain, &err), &err,
                XTUNE_ERR_INVALID, "empty");
    check_error(xtune_host_find_domain(host, "9", &domain, &err), &err,
                XTUNE_ERR_NOT_FOUND, "no such domain");
    check_error(xtune_host_find_domain(host, "4294967295", &domain, &err),
                &err, XTUNE_ERR_NOT_FOUND, "no such domain");
    check_error(
        xtune_host_find_domain(host, "99999999999999999999", &domain, &err),
        &err, XTUNE_ERR_NOT_FOUND, "no such domain");
    check_error(xtune_host_find_domain(host, "two", &domain, &err), &err,
                XTUNE_ERR_INVALID, "7 and 8");
    xtune_host_free(host);
}

/* CPU ids with holes, a CPU without a node, a node without CPUs. */
static void test_sparse(void **state)
{
    xtune_host *host = host_of(
        "{\"schema\": \"xtune/host/1\", \"xen\": {\"max_cpu_id\": 9}, "
        "\"nodes\": [{\"id\": 0, \"memory_kb\": 8}, {\"id\": 2, "
        "\"memory_kb\": 8, \"distances\": [20, null, 10]}], \"cpus\": ["
        "{\"id\": 4, \"node\": null}, {\"id\": 0, \"node\": 0}, {\"id\": 2, "
        "\"node\": 0}], \"cpupools\": [{\"id\": 0, \"name\": \"P\", "
        "\"cpus\": \"all\"}], \"domains\": [{\"id\": 1, \"name\": \"d\", "
        "\"memory_kb\": 8, \"cpupool\": \"P\", \"memory_by_node_kb\": "
        "[2, 0, 6], \"vcpus\": [{\"id\": 0, \"online\": true, \"cpu\": 4}]}]}");
    const xtune_domain *domain = &host->domains[0];
    xtune_arena *arena = xtune_arena_new();
    uint64_t local, total;
    xtune_set nodes;

    (void)state;
    assert_int_equal(host->nr_cpu_ids, 10);
    assert_int_equal(host->nr_node_ids, 3);
    assert_string_equal(xtune_set_format_ids(arena, &host->cpupools[0].cpus),
                        "0,2,4");
    assert_string_equal(xtune_set_format(arena, &domain->vcpus[0].hard),
                        "all");
    nodes = xtune_domain_run_nodes(arena, host, domain, NULL, NULL);
    assert_string_equal(xtune_set_format_ids(arena, &nodes), "0");
    assert_true(xtune_domain_local_kb(host, domain, &nodes, &local, &total));
    assert_int_equal(local, 2);
    assert_int_equal(total, 8);
    xtune_arena_free(arena);
    xtune_host_free(host);
}

/* Hard affinity rules; where that is the whole pool, soft does. */
static void test_local_memory(void **state)
{
    static const struct {
        const char *hard, *soft, *nodes;
    } rows[] = {
        { "all", "all", "0-1" },  { "0-1", "all", "0" }, { "all", "2", "1" },
        { "0-1", "2-3", "0" },    { "0-3", "0", "0" },   { "0-2", "0", "0-1" },
        { "all", "none", "0-1" },
    };
    xtune_arena *arena = xtune_arena_new();
    size_t i, len;
    char *text = test_read("hosts/hand-2x2.json", &len);
    xtune_host *host = host_of(text);
    const xtune_set_names names = xtune_host_cpu_names(host);
    const xtune_domain *domain = &host->domains[1];

    (void)state;
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        xtune_set hard[2], soft[2], nodes;

        xtune_set_parse(arena, &names, "", rows[i].hard, &hard[0], NULL);
        xtune_set_parse(arena, &names, "", rows[i].soft, &soft[0], NULL);
        hard[1] = hard[0];
        soft[1] = soft[0];
        nodes = xtune_domain_run_nodes(arena, host, domain, hard, soft);
        assert_string_equal(xtune_set_format_ids(arena, &nodes),
                            rows[i].nodes);
    }
    free(text);
    xtune_host_free(host);
    xtune_arena_free(arena);
}

static void test_inferred_residency(void **state)
{
    xtune_host *host = host_of(
        "{\"schema\": \"xtune/host/1\", \"nodes\": [{\"id\": 0, "
        "\"memory_kb\": 8}, {\"id\": 1, \"memory_kb\": 8}, {\"id\": 2, "
        "\"memory_kb\": 8}], \"domains\": [{\"id\": 1, \"name\": \"a\", "
        "\"memory_kb\": 7, \"node_affinity\": \"0,2\"}, {\"id\": 2, \"name\": "
        "\"b\", \"memory_kb\": 7, \"node_affinity\": \"all\", "
        "\"built_nodes\": \"1\"}, {\"id\": 3, \"name\": \"c\", "
        "\"memory_kb\": 7}, {\"id\": 4, \"name\": \"d\", \"memory_kb\": 7, "
        "\"memory_by_node_kb\": [7, 0, 0]}]}");
    const xtune_domain *d = host->domains;

    (void)state;
    xtune_host_infer_residency(host);
    assert_int_equal(d[0].memory_by_node_kb[0] + d[0].memory_by_node_kb[2], 7);
    assert_int_equal(d[0].memory_by_node_kb[1], 0);
    assert_int_equal(d[0].residency, XTUNE_RESIDENCY_INFERRED);
    assert_int_equal(d[1].memory_by_node_kb[1], 7);
    assert_null(d[2].memory_by_node_kb);
    assert_int_equal(d[3].residency, XTUNE_RESIDENCY_MEASURED);
    xtune_host_free(host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_unknown_members_are_kept),
        cmocka_unit_test(test_scheduling),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_find_domain),
        cmocka_unit_test(test_sparse),
        cmocka_unit_test(test_local_memory),
        cmocka_unit_test(test_inferred_residency),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
