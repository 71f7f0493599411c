/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The nodes a domain was built for, from libxl's configurations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "backend/built_nodes.h"
#include "base/util.h"

/* Two nodes with two CPUs each. */
static xtune_host *two_nodes(void)
{
    static const unsigned int node_of[] = { 0, 0, 1, 1 };
    xtune_host *host = xtune_host_new();
    unsigned int i;

    host->nodes = XTUNE_NEW_ARRAY(host->arena, xtune_node, 2);
    host->nr_nodes = 2;
    host->nodes[1].id = 1;
    host->cpus = XTUNE_NEW_ARRAY(host->arena, xtune_cpu, 4);
    host->nr_cpus = 4;
    for (i = 0; i < 4; i++)
        host->cpus[i] = (xtune_cpu){ .id = i, .node = node_of[i] };
    xtune_host_index(host);
    return host;
}

/* wanted is NULL where the text does not tell. */
static void expect(const char *b_info, const char *wanted)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *text =
        xtune_arena_printf(arena, "{ \"b_info\": { %s } }", b_info);
    xtune_host *host = two_nodes();
    xt_json *document;
    xtune_set nodes;

    assert_int_equal(
        xt_json_parse(arena, text, strlen(text), "", &document, NULL), 0);
    if (!xt_built_nodes(arena, host, document, &nodes))
        assert_null(wanted);
    else if (wanted)
        assert_string_equal(xtune_set_format_ids(arena, &nodes), wanted);
    else
        fail_msg("\"%s\" should not tell", b_info);
    xtune_host_free(host);
}

static void node_map_comes_first(void **state)
{
    (void)state;
    expect("\"nodemap\": [ 1 ]", "1");
    expect("\"nodemap\": [ 0, 1 ]", "0-1");
    expect("\"nodemap\": [ 0 ], \"numa_placement\": \"False\", "
           "\"max_vcpus\": 1, \"vcpu_hard_affinity\": [ [ 2, 3 ] ]",
           "0");
}

/* Bits are written up to the end of a byte. */
static void ids_that_do_not_exist(void **state)
{
    (void)state;
    expect("\"nodemap\": [ 1, 2, 3, 4, 5, 6, 7 ]", "1");
    expect("\"nodemap\": [ 2, 3 ]", NULL);
    expect("\"numa_placement\": \"False\", \"max_vcpus\": 1, "
           "\"vcpu_hard_affinity\": [ [ 2, 3, 4, 5, 6, 7 ] ]",
           "1");
}

static void masks(void **state)
{
    (void)state;
    expect("\"numa_placement\": \"False\", \"max_vcpus\": 2, "
           "\"vcpu_hard_affinity\": [ [ 0 ], [ 1 ] ]",
           "0");
    expect("\"numa_placement\": \"False\", \"max_vcpus\": 2, "
           "\"vcpu_hard_affinity\": [ [ 0 ], [ 3 ] ]",
           "0-1");
    expect("\"max_vcpus\": 1, \"vcpu_soft_affinity\": [ [ 2, 3 ] ]", "1");
    expect("\"max_vcpus\": 1, \"vcpu_hard_affinity\": [ [ 0, 1, 2, 3 ] ], "
           "\"vcpu_soft_affinity\": [ [ 2, 3 ] ]",
           "1");
    /* Soft affinity outside of hard affinity does not count. */
    expect("\"max_vcpus\": 1, \"vcpu_hard_affinity\": [ [ 0, 1 ] ], "
           "\"vcpu_soft_affinity\": [ [ 2, 3 ] ]",
           "0");
}

static void a_vcpu_without_mask_may_run_anywhere(void **state)
{
    (void)state;
    expect("\"numa_placement\": \"False\", \"max_vcpus\": 2, "
           "\"vcpu_hard_affinity\": [ [ 2, 3 ] ]",
           NULL);
}

/* xl leaves placement on for cpus="2-3"; its choice is not written down. */
static void libxl_chose(void **state)
{
    (void)state;
    expect("\"max_vcpus\": 1", NULL);
    expect("\"max_vcpus\": 1, \"vcpu_hard_affinity\": [ [ 2, 3 ] ]", NULL);
    expect("\"numa_placement\": \"True\", \"max_vcpus\": 1, "
           "\"vcpu_hard_affinity\": [ [ 2, 3 ] ]",
           NULL);
    expect("\"numa_placement\": \"False\", \"max_vcpus\": 1", NULL);
}

static void not_what_it_should_be(void **state)
{
    static const char *const texts[] = {
        "[]",
        "null",
        "{}",
        "{ \"b_info\": 1 }",
    };
    xtune_host *host = two_nodes();
    xtune_set nodes;
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(texts); i++) {
        XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();

        xt_json *document;

        assert_int_equal(xt_json_parse(arena, texts[i], strlen(texts[i]), "",
                                       &document, NULL),
                         0);
        assert_false(xt_built_nodes(arena, host, document, &nodes));
    }
    xtune_host_free(host);
    expect("\"nodemap\": 1", NULL);
    expect("\"nodemap\": [ -1, 1e1, 99999999999999999999, \"1\", [ 1 ] ]",
           NULL);
    expect("\"numa_placement\": \"False\", \"max_vcpus\": \"x\", "
           "\"vcpu_hard_affinity\": [ 1 ]",
           NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(node_map_comes_first),
        cmocka_unit_test(ids_that_do_not_exist),
        cmocka_unit_test(masks),
        cmocka_unit_test(a_vcpu_without_mask_may_run_anywhere),
        cmocka_unit_test(libxl_chose),
        cmocka_unit_test(not_what_it_should_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
