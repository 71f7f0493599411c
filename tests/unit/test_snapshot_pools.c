/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pools on a host in a file change as Xen changes them, and refuse what it
 * refuses. */
#include <errno.h>

#include "pools_fixture.h"

typedef struct fixture {
    xtune_arena *arena;
    xtune_backend *backend;
    const struct xt_backend_ops *ops;
} fixture;

static fixture begin(void)
{
    fixture f = { .arena = xtune_arena_new(),
                  .backend = pools_open(pools_text) };

    f.ops = f.backend->ops;
    return f;
}

static void end(fixture *f)
{
    xtune_backend_close(f->backend);
    xtune_arena_free(f->arena);
}

static int move(const fixture *f, const char *cpus, const char *pool,
                xtune_error **err)
{
    const xtune_set set = pools_cpus(f->arena, cpus);

    return f->ops->move_cpus(f->backend, &set, pool, err);
}

/* "Pool-0=0-3 rt=4-7" */
static const char *pools(const fixture *f)
{
    const xtune_cpupool *list;
    const char *text = "";
    size_t nr, i;

    assert_int_equal(
        f->ops->list_pools(f->backend, f->arena, &list, &nr, NULL), 0);
    for (i = 0; i < nr; i++)
        text = xtune_arena_printf(
            f->arena, "%s%s%s=%s", text, i ? " " : "", list[i].name,
            xtune_set_format_ids(f->arena, &list[i].cpus));
    return text;
}

static const char *masks(const fixture *f, const xt_domain_ref *domain,
                         unsigned int vcpu)
{
    const xt_vcpu_ref ref = { .domain = *domain, .vcpu = vcpu };
    xtune_set hard, soft;

    assert_int_equal(
        f->ops->get_affinity(f->backend, &ref, f->arena, &hard, &soft, NULL),
        0);
    return xtune_arena_printf(f->arena, "%s/%s",
                              xtune_set_format(f->arena, &hard),
                              xtune_set_format(f->arena, &soft));
}

static void check_scheduling(const fixture *f, const xt_domain_ref *domain,
                             const char *expected)
{
    xt_json *value;

    assert_int_equal(
        f->ops->get_scheduling(f->backend, domain, f->arena, &value, NULL), 0);
    if (!xt_json_equal(value, pools_json(f->arena, expected)))
        fail_msg("%s, not %s", xt_json_print(value), expected);
}

static void expect(int rc, xtune_error **err, int errnum)
{
    assert_int_equal(rc, XTUNE_ERR_REFUSED);
    assert_int_equal((*err)->errnum, errnum);
    xtune_error_free(*err);
    *err = NULL;
}

static void test_create_and_destroy(void **state)
{
    xtune_error *err = NULL;
    fixture f = begin();
    unsigned int i;

    (void)state;
    assert_int_equal(f.ops->create_pool(f.backend, "rt", "null", NULL), 0);
    expect(f.ops->create_pool(f.backend, "rt", "null", &err), &err, EEXIST);
    expect(f.ops->create_pool(f.backend, "x", "cfs", &err), &err, EINVAL);
    assert_string_equal(pools(&f), "Pool-0=0-7 rt=none");
    expect(f.ops->destroy_pool(f.backend, "Pool-0", &err), &err, EBUSY);
    assert_int_equal(f.ops->destroy_pool(f.backend, "y", NULL),
                     XTUNE_ERR_NOT_FOUND);
    assert_int_equal(move(&f, "7", "rt", NULL), 0);
    expect(f.ops->destroy_pool(f.backend, "rt", &err), &err, EBUSY);
    assert_int_equal(move(&f, "7", NULL, NULL), 0);
    assert_int_equal(f.ops->destroy_pool(f.backend, "rt", NULL), 0);
    for (i = 1; i < 16; i++) {
        XT_CLEANUP_FREE char *name = xt_xprintf("p%u", i);

        assert_int_equal(f.ops->create_pool(f.backend, name, "credit", NULL),
                         0);
    }
    expect(f.ops->create_pool(f.backend, "z", "credit", &err), &err, ENOSPC);
    end(&f);
}

static void test_rename(void **state)
{
    xtune_error *err = NULL;
    fixture f = begin();
    const char *pool;

    (void)state;
    assert_int_equal(f.ops->create_pool(f.backend, "rt", "credit", NULL), 0);
    expect(f.ops->rename_pool(f.backend, "rt", "Pool-0", &err), &err, EEXIST);
    assert_int_equal(f.ops->rename_pool(f.backend, "no", "x", NULL),
                     XTUNE_ERR_NOT_FOUND);
    assert_int_equal(f.ops->rename_pool(f.backend, "Pool-0", "home", NULL), 0);
    assert_string_equal(pools(&f), "home=0-7 rt=none");
    assert_int_equal(
        f.ops->get_domain_pool(f.backend, &web1, f.arena, &pool, NULL), 0);
    assert_string_equal(pool, "home");
    end(&f);
}

static void test_move_cpus(void **state)
{
    xtune_error *err = NULL;
    fixture f = begin();
    char *text;

    (void)state;
    assert_int_equal(f.ops->create_pool(f.backend, "rt", "credit", NULL), 0);
    expect(move(&f, "0", "rt", &err), &err, EINVAL);
    /* What is there already stays; masks keep what they have left. */
    assert_int_equal(move(&f, "4-7", "rt", NULL), 0);
    assert_int_equal(move(&f, "3-4", "rt", NULL), 0);
    assert_string_equal(pools(&f), "Pool-0=0-2 rt=3-7");
    assert_string_equal(masks(&f, &web1, 0), "2-5/4-7");
    /* And are "all" without the last. */
    assert_int_equal(move(&f, "2", NULL, NULL), 0);
    assert_string_equal(masks(&f, &web1, 0), "all/4-7");
    assert_string_equal(masks(&f, &db1, 0), "0-1/all");
    text = observed_text(f.backend);
    assert_non_null(strstr(text, "\"free_cpus\": 1"));
    free(text);
    assert_int_equal(move(&f, "2", "nope", NULL), XTUNE_ERR_NOT_FOUND);
    end(&f);
}

static void test_last_cpu(void **state)
{
    xtune_error *err = NULL;
    fixture f = begin();

    (void)state;
    assert_int_equal(f.ops->create_pool(f.backend, "rt", "credit", NULL), 0);
    expect(f.ops->set_domain_pool(f.backend, &web1, "rt", &err), &err, ENOENT);
    assert_int_equal(move(&f, "6-7", "rt", NULL), 0);
    assert_int_equal(f.ops->set_domain_pool(f.backend, &web1, "rt", NULL), 0);
    expect(move(&f, "6-7", "Pool-0", &err), &err, EBUSY);
    /* One is out, as on a live host. */
    assert_string_equal(pools(&f), "Pool-0=0-5 rt=7");
    assert_int_equal(move(&f, "6-7", "rt", NULL), 0);
    expect(f.ops->destroy_pool(f.backend, "rt", &err), &err, EBUSY);
    end(&f);
}

static void test_units(void **state)
{
    XT_CLEANUP_FREE char *text = xt_xstrdup(pools_text);
    char *gran = strstr(text, "\"cpu\"");
    xtune_error *err = NULL;
    fixture f;

    (void)state;
    /* "core" is longer by one: the blank before it goes. */
    memcpy(gran - 1, "\"core\"", 6);
    f = (fixture){ .arena = xtune_arena_new(), .backend = pools_open(text) };
    f.ops = f.backend->ops;
    assert_int_equal(f.ops->create_pool(f.backend, "rt", "credit", NULL), 0);
    assert_int_equal(move(&f, "4,7", "rt", NULL), 0);
    assert_string_equal(pools(&f), "Pool-0=0-3 rt=4-7");
    expect(move(&f, "1", "rt", &err), &err, EINVAL);
    assert_int_equal(move(&f, "4-5", NULL, NULL), 0);
    assert_string_equal(pools(&f), "Pool-0=0-3 rt=6-7");
    end(&f);
}

static void test_move_domain(void **state)
{
    const xt_domain_ref dom0 = {
        .domid = 0,
        .uuid = "00000000-0000-0000-0000-000000000000",
        .name = "Domain-0",
    };
    xtune_error *err = NULL;
    fixture f = begin();

    (void)state;
    assert_int_equal(f.ops->create_pool(f.backend, "rt", "rtds", NULL), 0);
    assert_int_equal(f.ops->create_pool(f.backend, "nu", "null", NULL), 0);
    assert_int_equal(move(&f, "7", "rt", NULL), 0);
    assert_int_equal(move(&f, "6", "nu", NULL), 0);
    expect(f.ops->set_domain_pool(f.backend, &dom0, "rt", &err), &err, EPERM);
    check_scheduling(&f, &web1, "{\"weight\": 512, \"cap\": 50}");
    assert_int_equal(f.ops->set_domain_pool(f.backend, &web1, "rt", NULL), 0);
    assert_string_equal(masks(&f, &web1, 0), "all/all");
    check_scheduling(&f, &web1,
                     "{\"vcpus\": [{\"period_us\": 10000, \"budget_us\": "
                     "4000, \"extratime\": true}, {\"period_us\": 10000, "
                     "\"budget_us\": 4000, \"extratime\": true}]}");
    assert_int_equal(f.ops->set_domain_pool(f.backend, &web1, "nu", NULL), 0);
    check_scheduling(&f, &web1, "null");
    assert_int_equal(f.ops->set_domain_pool(f.backend, &web1, "Pool-0", NULL),
                     0);
    check_scheduling(&f, &web1, "{\"weight\": 256, \"cap\": 0}");
    end(&f);
}

static void test_scheduling(void **state)
{
    static const struct {
        const char *value;
        int rc;
    } rows[] = {
        { "{\"weight\": 65535, \"cap\": 200}", 0 },
        { "{\"weight\": 0, \"cap\": 0}", XTUNE_ERR_INVALID },
        { "{\"weight\": 65536, \"cap\": 0}", XTUNE_ERR_INVALID },
        { "{\"weight\": 1, \"cap\": 201}", XTUNE_ERR_INVALID },
        { "{\"weight\": 1}", XTUNE_ERR_INVALID },
        { "{\"weight\": 1, \"cap\": 0, \"x\": 1}", XTUNE_ERR_INVALID },
        { "{\"vcpus\": []}", XTUNE_ERR_REFUSED },
        { "null", XTUNE_ERR_REFUSED },
        { "[]", XTUNE_ERR_REFUSED },
    };
    fixture f = begin();
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(rows); i++)
        if (f.ops->set_scheduling(f.backend, &web1,
                                  pools_json(f.arena, rows[i].value),
                                  NULL) != rows[i].rc)
            fail_msg("%s", rows[i].value);
    check_scheduling(&f, &web1, rows[0].value);
    end(&f);
}

static void test_periods(void **state)
{
    static const struct {
        const char *vcpu;
        int rc;
    } rows[] = {
        { "\"period_us\": 10, \"budget_us\": 10, \"extratime\": false", 0 },
        { "\"period_us\": 9, \"budget_us\": 9, \"extratime\": false",
          XTUNE_ERR_INVALID },
        { "\"period_us\": 1000000001, \"budget_us\": 10, \"extratime\": true",
          XTUNE_ERR_INVALID },
        { "\"period_us\": 20, \"budget_us\": 21, \"extratime\": true",
          XTUNE_ERR_INVALID },
        { "\"period_us\": 20, \"budget_us\": 20", XTUNE_ERR_INVALID },
    };
    fixture f = begin();
    size_t i;

    (void)state;
    assert_int_equal(f.ops->create_pool(f.backend, "rt", "rtds", NULL), 0);
    assert_int_equal(move(&f, "7", "rt", NULL), 0);
    assert_int_equal(f.ops->set_domain_pool(f.backend, &db1, "rt", NULL), 0);
    for (i = 0; i < XT_ARRAY_SIZE(rows); i++) {
        const char *text =
            xtune_arena_printf(f.arena, "{\"vcpus\": [{%s}]}", rows[i].vcpu);

        if (f.ops->set_scheduling(f.backend, &db1, pools_json(f.arena, text),
                                  NULL) != rows[i].rc)
            fail_msg("%s", text);
    }
    check_scheduling(&f, &db1,
                     "{\"vcpus\": [{\"period_us\": 10, \"budget_us\": 10, "
                     "\"extratime\": false}]}");
    assert_int_equal(
        f.ops->set_scheduling(f.backend, &db1,
                              pools_json(f.arena, "{\"weight\": 1, "
                                                  "\"cap\": 0}"),
                              NULL),
        XTUNE_ERR_REFUSED);
    end(&f);
}

static void test_pool_scheduling(void **state)
{
    static const struct {
        const char *pool, *value;
        int rc;
    } rows[] = {
        { "Pool-0", "{\"ratelimit_us\": 0}", 0 },
        { "Pool-0", "{\"ratelimit_us\": 99}", XTUNE_ERR_INVALID },
        { "Pool-0", "{\"ratelimit_us\": 500001}", XTUNE_ERR_INVALID },
        { "Pool-0", "{\"ratelimit_us\": 100}", 0 },
        { "Pool-0",
          "{\"tslice_ms\": 1, \"ratelimit_us\": 100, "
          "\"migration_delay_us\": 0}",
          XTUNE_ERR_REFUSED },
        { "cr", "{\"ratelimit_us\": 100}", XTUNE_ERR_REFUSED },
        { "cr",
          "{\"tslice_ms\": 1, \"ratelimit_us\": 1001, "
          "\"migration_delay_us\": 0}",
          XTUNE_ERR_INVALID },
        { "cr",
          "{\"tslice_ms\": 1000, \"ratelimit_us\": 1001, "
          "\"migration_delay_us\": 100000}",
          0 },
        { "rt", "{\"ratelimit_us\": 100}", XTUNE_ERR_REFUSED },
        { "rt", "null", XTUNE_ERR_REFUSED },
        { "no", "{\"ratelimit_us\": 100}", XTUNE_ERR_NOT_FOUND },
    };
    fixture f = begin();
    xt_json *value;
    size_t i;

    (void)state;
    assert_int_equal(f.ops->create_pool(f.backend, "cr", "credit", NULL), 0);
    assert_int_equal(f.ops->create_pool(f.backend, "rt", "rtds", NULL), 0);
    for (i = 0; i < XT_ARRAY_SIZE(rows); i++)
        if (f.ops->set_pool_scheduling(f.backend, rows[i].pool,
                                       pools_json(f.arena, rows[i].value),
                                       NULL) != rows[i].rc)
            fail_msg("%s %s", rows[i].pool, rows[i].value);
    assert_int_equal(
        f.ops->get_pool_scheduling(f.backend, "cr", f.arena, &value, NULL), 0);
    assert_true(xt_json_equal(value, pools_json(f.arena, rows[7].value)));
    end(&f);
}

/* A snapshot without it stays without it, there and back. */
static void test_unknown_scheduling(void **state)
{
    XT_CLEANUP_FREE char *text = xt_xstrdup(pools_text), *before = NULL;
    XT_CLEANUP_FREE char *after = NULL;
    fixture f;
    char *p;

    (void)state;
    while ((p = strstr(text, "\"weight\"")) || (p = strstr(text, "\"cap\"")))
        memcpy(p, "\"x", 2);
    f = (fixture){ .arena = xtune_arena_new(), .backend = pools_open(text) };
    f.ops = f.backend->ops;
    before = observed_text(f.backend);
    assert_int_equal(f.ops->create_pool(f.backend, "rt", "rtds", NULL), 0);
    assert_int_equal(move(&f, "7", "rt", NULL), 0);
    assert_int_equal(f.ops->set_domain_pool(f.backend, &db1, "rt", NULL), 0);
    check_scheduling(&f, &db1, "null");
    assert_int_equal(f.ops->set_domain_pool(f.backend, &db1, "Pool-0", NULL),
                     0);
    assert_int_equal(move(&f, "7", "Pool-0", NULL), 0);
    assert_int_equal(f.ops->destroy_pool(f.backend, "rt", NULL), 0);
    after = observed_text(f.backend);
    p = strstr(after, "\"hard\": \"all\"");
    assert_non_null(p);
    assert_null(strstr(after, "\"weight\""));
    assert_null(strstr(after, "\"period_us\""));
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_create_and_destroy),
        cmocka_unit_test(test_rename),
        cmocka_unit_test(test_move_cpus),
        cmocka_unit_test(test_last_cpu),
        cmocka_unit_test(test_units),
        cmocka_unit_test(test_move_domain),
        cmocka_unit_test(test_scheduling),
        cmocka_unit_test(test_periods),
        cmocka_unit_test(test_pool_scheduling),
        cmocka_unit_test(test_unknown_scheduling),
    };

    return cmocka_run_group_tests(tests, make_host_folder, remove_host_folder);
}
