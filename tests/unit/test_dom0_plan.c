/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Plans for dom0's memory and vCPUs, and a host in memory that they change. */
#include <xtune/dom0.h>
#include <xtune/policy.h>

#include "backend/backend.h"
#include "base/json.h"
#include "dom0/parts.h"
#include "host/dom0_file.h"
#include "policy_text.h"
#include "util.h"

#define MIB(n) ((uint64_t)(n) << 10)
#define NOW XTUNE_DOM0_NOW
#define BOOT XTUNE_DOM0_BOOT

static xtune_host *host;
static xtune_plan *plan;

static int load(void **state)
{
    size_t len;
    char *text = test_read("hosts/dom0.json", &len);
    int rc;

    (void)state;
    plan = NULL;
    rc = xtune_host_from_json(text, len, "dom0.json", &host, NULL);
    free(text);
    return rc;
}

static int unload(void **state)
{
    (void)state;
    xtune_plan_free(plan);
    xtune_host_free(host);
    return 0;
}

static void make(uint64_t mib, unsigned int when)
{
    xtune_error *err = NULL;

    xtune_plan_free(plan);
    if (xtune_plan_dom0_memory(host, MIB(mib), when, &plan, &err))
        fail_msg("%s", err->message);
}

static void make_vcpus(uint32_t nr, unsigned int when)
{
    xtune_plan_free(plan);
    assert_int_equal(xtune_plan_dom0_vcpus(host, nr, when, &plan, NULL), 0);
}

/* NULL where the plan has none of the kind. */
static const xtune_action *find(const char *kind)
{
    size_t i;

    for (i = 0; i < plan->nr_actions; i++)
        if (!strcmp(plan->actions[i].kind, kind)) return &plan->actions[i];
    return NULL;
}

static uint64_t number(const xt_json *json)
{
    uint64_t n = 0;

    assert_true(xt_json_to_u64(json, UINT64_MAX, &n));
    return n;
}

/* What a parameter is to be after the next boot. */
static const char *boot_value(const char *key)
{
    const xtune_action *action = find("boot-parameters");

    return action ? xt_json_text(
                        xt_json_get(xt_json_get(action->new, "xen"), key))
                  : NULL;
}

static bool has_note(const char *part)
{
    size_t i;

    for (i = 0; i < plan->nr_notes; i++)
        if (strstr(plan->notes[i].text, part)) return true;
    return false;
}

static void plans_memory(void **state)
{
    (void)state;
    make(1024, NOW | BOOT);
    assert_int_equal(plan->nr_actions, 3);
    assert_int_equal(number(find("dom0-memory")->old), MIB(900));
    assert_int_equal(number(find("dom0-memory")->new), MIB(1024));
    assert_string_equal(boot_value("dom0_mem"), "1024M,max:1024M");
    assert_string_equal(find("file")->object, "/etc/xen/xl.conf");
    assert_non_null(
        strstr(xt_json_text(find("file")->new), "\nautoballoon=\"off\"\n"));

    make(1024, NOW);
    assert_int_equal(plan->nr_actions, 1);
    assert_non_null(find("dom0-memory"));
    make(1024, BOOT);
    assert_int_equal(plan->nr_actions, 2);
    assert_null(find("dom0-memory"));
    make(900, NOW);
    assert_int_equal(plan->nr_actions, 0);
}

/* All is so already, and autoballoon off in whatever way. */
static void plans_nothing(void **state)
{
    (void)state;
    host->boot.xen_configured = "dom0_mem=900M,max:900M";
    xt_file_find(&host->dom0, "/etc/xen/xl.conf")->text =
        "autoballoon=\"0\"\n";
    make(900, NOW | BOOT);
    assert_int_equal(plan->nr_actions, 0);
    xt_file_find(&host->dom0, "/etc/xen/xl.conf")->text = "autoballoon=oops\n";
    make(900, NOW | BOOT);
    assert_int_equal(plan->nr_actions, 0);
    assert_true(has_note("autoballoon stays as it is"));
}

/* A least that was written down stays, as long as it is one. */
static void keeps_min(void **state)
{
    static const struct {
        const char *line, *value;
    } rows[] = {
        { "dom0_mem=min:512M,900M", "min:512M,1024M,max:1024M" },
        { "dom0_mem=min:1G+1%,900M", "1024M,max:1024M" },
        { "dom0_mem=min:10%", "min:10%,1024M,max:1024M" },
        { "dom0_mem=1G dom0_mem=min:1M", "min:1M,1024M,max:1024M" },
        { "dom0_mem=min:2G,max:4G", "1024M,max:1024M" },
        { "dom0_mem=oops", "1024M,max:1024M" },
        { "loglvl=info", "1024M,max:1024M" },
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        host->boot.xen_configured = rows[i].line;
        make(1024, BOOT);
        assert_string_equal(boot_value("dom0_mem"), rows[i].value);
        assert_int_equal(has_note("min: is more"),
                         strstr(rows[i].line, "min:2G") != NULL ||
                             strstr(rows[i].line, "1G+1%") != NULL);
    }
}

static void refuses(uint64_t mib, unsigned int when, int code,
                    const char *part)
{
    xtune_error *err = NULL;

    xtune_plan_free(plan);
    plan = NULL;
    check_error(xtune_plan_dom0_memory(host, MIB(mib), when, &plan, &err),
                &err, code, part);
    assert_null(plan);
}

static void refuses_memory(void **state)
{
    (void)state;
    refuses(503, NOW, XTUNE_ERR_REFUSED, "503 MiB are less than what");
    refuses(503, BOOT, XTUNE_ERR_REFUSED, "504 MiB or more");
    refuses(8192, BOOT, XTUNE_ERR_REFUSED, "the host has 8192 MiB");
    refuses(2049, NOW, XTUNE_ERR_REFUSED, "at most: more takes a boot");
    host->xen.free_kb = MIB(99);
    refuses(1000, NOW, XTUNE_ERR_REFUSED,
            "100 MiB more, and 99 are free: hvm1 (1024 MiB), pv1 (512 MiB), "
            "hvm2 (512 MiB), pvh1 (256 MiB) hold the rest");
    make(999, NOW);
    assert_int_equal(plan->nr_actions, 1);
    host->boot.xen_configured = NULL;
    refuses(1024, BOOT, XTUNE_ERR_UNSUPPORTED, "not known what the next");
    host->boot.problem = "line 3";
    refuses(1024, NOW | BOOT, XTUNE_ERR_UNSUPPORTED, "told: line 3");
    host->dom0.target_kb = XTUNE_UNKNOWN_KB;
    refuses(1024, NOW, XTUNE_ERR_UNSUPPORTED, "not known what its balloon");
    /* Of a kernel that does not say what it needs. */
    xt_file_find(&host->dom0, "/proc/meminfo")->text = "";
    refuses(127, NOW, XTUNE_ERR_REFUSED, "128 MiB or more");
}

/* What cannot be done now, and will be so after the boot, is told. */
static void leaves_to_the_boot(void **state)
{
    (void)state;
    make(2049, NOW | BOOT);
    assert_null(find("dom0-memory"));
    assert_string_equal(boot_value("dom0_mem"), "2049M,max:2049M");
    assert_true(has_note("not now: it was booted with 2048 MiB"));
    host->xen.free_kb = MIB(99);
    make(1024, NOW | BOOT);
    assert_null(find("dom0-memory"));
    assert_true(has_note("not now: it would need 124 MiB more"));
    make_vcpus(3, NOW | BOOT);
    assert_null(find("dom0-vcpus"));
    assert_string_equal(boot_value("dom0_max_vcpus"), "3");
    assert_true(has_note("not now: it was booted with 2 vCPUs"));
    assert_false(has_note("wait for each other"));
    make_vcpus(5, BOOT);
    assert_true(has_note("wait for each other"));
}

static void plans_vcpus(void **state)
{
    static const struct {
        const char *line;
        uint32_t nr;
        const char *value;
    } rows[] = {
        { "dom0_max_vcpus=2", 1, "1" },     { "dom0_max_vcpus=1-4", 2, "1-2" },
        { "dom0_max_vcpus=2-4", 3, "2-3" }, { "dom0_max_vcpus=3-4", 2, "1-2" },
        { "dom0_max_vcpus=-4", 3, "1-3" },  { "dom0_max_vcpus=x-y", 3, "1-3" },
        { "loglvl=info", 3, "3" },
    };
    size_t i;

    (void)state;
    make_vcpus(1, NOW | BOOT);
    assert_int_equal(plan->nr_actions, 2);
    assert_int_equal(number(find("dom0-vcpus")->old), 2);
    assert_int_equal(number(find("dom0-vcpus")->new), 1);
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        host->boot.xen_configured = rows[i].line;
        make_vcpus(rows[i].nr, BOOT);
        assert_string_equal(boot_value("dom0_max_vcpus"), rows[i].value);
    }
    /* As XCP-ng has it. */
    xt_file_find(&host->dom0, "/etc/os-release")->text = "ID=xenenterprise\n";
    make_vcpus(3, BOOT);
    assert_string_equal(boot_value("dom0_max_vcpus"), "1-3");
    assert_true(has_note("its DOM0_VCPUS stays"));
}

static void refuses_vcpus(void **state)
{
    xtune_error *err = NULL;

    (void)state;
    check_error(xtune_plan_dom0_vcpus(host, 3, NOW, &plan, &err), &err,
                XTUNE_ERR_REFUSED, "booted with 2 vCPUs: more take a boot");
    check_error(xtune_plan_dom0_vcpus(host, 0, NOW, &plan, &err), &err,
                XTUNE_ERR_INVALID, "one vCPU at least");
    host->domains[0].vcpus[0].online = false;
    host->domains[0].online_vcpus = 1;
    check_error(xtune_plan_dom0_vcpus(host, 2, NOW, &plan, &err), &err,
                XTUNE_ERR_UNSUPPORTED, "not its first 1");
}

/* A host in memory. */

static char *json_of(xtune_backend *backend)
{
    const xtune_observe what = { .parts = XTUNE_OBSERVE_ALL };
    xtune_host *now;
    char *text;

    assert_int_equal(xtune_backend_observe(backend, &what, &now, NULL), 0);
    text = xtune_host_to_json(now);
    xtune_host_free(now);
    return text;
}

/* As much of each node, and back to the byte. */
static void gives_and_takes(void **state)
{
    static const uint64_t sizes[] = { 1024, 2048, 901, 600, 128 };
    const xtune_observe what = { .parts = XTUNE_OBSERVE_ALL };
    xtune_backend *backend;
    xtune_host *now;
    char *before, *after;
    uint64_t kb;
    size_t i;

    (void)state;
    assert_int_equal(xt_backend_open_copy(host, &backend, NULL), 0);
    before = json_of(backend);
    for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        assert_int_equal(
            backend->ops->set_dom0_memory(backend, MIB(sizes[i]), NULL), 0);
        assert_int_equal(backend->ops->get_dom0_memory(backend, &kb, NULL), 0);
        assert_int_equal(kb, MIB(sizes[i]));
        assert_int_equal(xtune_backend_observe(backend, &what, &now, NULL), 0);
        assert_int_equal(now->domains[0].memory_kb, kb);
        assert_int_equal(now->domains[0].memory_by_node_kb[0] +
                             now->domains[0].memory_by_node_kb[1],
                         kb);
        assert_int_equal(now->nodes[0].free_kb + now->nodes[1].free_kb,
                         now->xen.free_kb);
        assert_int_equal(now->xen.free_kb, host->xen.free_kb + MIB(900) - kb);
        assert_int_equal(now->domains[0].max_memory_kb, kb + 1024);
        xtune_host_free(now);
        assert_int_equal(
            backend->ops->set_dom0_memory(backend, MIB(900), NULL), 0);
        after = json_of(backend);
        assert_string_equal(before, after);
        free(after);
    }
    free(before);
    xtune_backend_close(backend);
}

static void refuses_what_xen_refuses(void **state)
{
    xtune_error *err = NULL;
    xtune_backend *backend;
    uint32_t nr;
    uint64_t kb;

    (void)state;
    host->xen.free_kb = MIB(99);
    assert_int_equal(xt_backend_open_copy(host, &backend, NULL), 0);
    check_error(backend->ops->set_dom0_memory(backend, MIB(1000), &err), &err,
                XTUNE_ERR_REFUSED, "99 MiB free");
    check_error(backend->ops->set_dom0_memory(backend, MIB(2049), &err), &err,
                XTUNE_ERR_REFUSED, "2048 MiB at most");
    check_error(backend->ops->set_dom0_memory(backend, MIB(127), &err), &err,
                XTUNE_ERR_REFUSED, "less than 128 MiB");
    assert_int_equal(backend->ops->get_dom0_memory(backend, &kb, NULL), 0);
    assert_int_equal(kb, MIB(900));
    check_error(backend->ops->set_dom0_vcpus(backend, 3, &err), &err,
                XTUNE_ERR_REFUSED, "booted with 2 vCPUs");
    check_error(backend->ops->set_dom0_vcpus(backend, 0, &err), &err,
                XTUNE_ERR_REFUSED, "cannot have 0");
    assert_int_equal(backend->ops->set_dom0_vcpus(backend, 1, NULL), 0);
    assert_int_equal(backend->ops->get_dom0_vcpus(backend, &nr, NULL), 0);
    assert_int_equal(nr, 1);
    xtune_backend_close(backend);
}

/* Memory that is on one node comes from there, as long as it has some. */
static void keeps_to_its_nodes(void **state)
{
    (void)state;
    host->domains[0].memory_by_node_kb[0] = MIB(900);
    host->domains[0].memory_by_node_kb[1] = 0;
    host->nodes[0].free_kb = MIB(200);
    host->nodes[1].free_kb = MIB(2000);
    xt_dom0_take_memory(host, MIB(1000));
    assert_int_equal(host->domains[0].memory_by_node_kb[0], MIB(1000));
    assert_int_equal(host->nodes[0].free_kb, MIB(100));
    xt_dom0_take_memory(host, MIB(1150));
    assert_int_equal(host->domains[0].memory_by_node_kb[0], MIB(1100));
    assert_int_equal(host->domains[0].memory_by_node_kb[1], MIB(50));
    assert_int_equal(host->nodes[0].free_kb, 0);
    assert_int_equal(host->nodes[1].free_kb, MIB(1950));
    host->nodes[0].free_kb = XTUNE_UNKNOWN_KB;
    xt_dom0_take_memory(host, MIB(900));
    assert_int_equal(host->nodes[0].free_kb, XTUNE_UNKNOWN_KB);
    assert_int_equal(host->domains[0].memory_kb, MIB(900));
}

/* Policies. */

static void plan_policy(const char *dom0)
{
    char text[256];
    xtune_policy *policy;

    snprintf(text, sizeof(text),
             "<policy name=\"p\"><host><dom0 %s/></host></policy>", dom0);
    policy = must_read(text);
    xtune_plan_free(plan);
    assert_int_equal(xtune_plan_make(&(xtune_plan_request){ .host = host,
                                                            .policy = policy },
                                     &plan, NULL),
                     0);
    xtune_policy_free(policy);
}

static void follows_a_policy(void **state)
{
    (void)state;
    plan_policy("memory=\"1G\" vcpus=\"1\"");
    assert_int_equal(plan->nr_blocked, 0);
    assert_int_equal(number(find("dom0-memory")->new), MIB(1024));
    assert_int_equal(number(find("dom0-vcpus")->new), 1);
    assert_string_equal(boot_value("dom0_mem"), "1024M,max:1024M");
    assert_string_equal(boot_value("dom0_max_vcpus"), "1");
    plan_policy("memory=\"auto\" vcpus=\"auto\"");
    assert_int_equal(number(find("dom0-memory")->new), MIB(1844));
    assert_string_equal(boot_value("dom0_max_vcpus"), "4");
    assert_true(has_note("not now: it was booted with 2 vCPUs"));
}

/* It needs more than the rule gives: it keeps what it has. */
static void keeps_what_is_needed(void **state)
{
    (void)state;
    host->xen.total_kb = MIB(2048);
    host->domains[0].memory_kb = host->dom0.target_kb = MIB(1600);
    xt_file_find(&host->dom0, "/proc/meminfo")->text =
        "MemAvailable: 307200 kB\n";
    plan_policy("memory=\"auto\"");
    assert_null(find("dom0-memory"));
    assert_string_equal(boot_value("dom0_mem"), "1600M,max:1600M");
    host->domains[0].memory_kb = host->dom0.target_kb = MIB(1500);
    xt_file_find(&host->dom0, "/proc/meminfo")->text =
        "MemAvailable: 30720 kB\n";
    plan_policy("memory=\"auto\"");
    assert_int_equal(number(find("dom0-memory")->new), MIB(1562));
}

static void blocks_a_policy(void **state)
{
    (void)state;
    plan_policy("memory=\"400M\" vcpus=\"2\"");
    assert_null(find("dom0-memory"));
    assert_int_equal(plan->nr_blocked, 1);
    assert_string_equal(plan->blocked[0].kind, "dom0-memory");
    assert_non_null(strstr(plan->blocked[0].why, "400 MiB are less"));
    /* The command line is not known: now, then. */
    host->boot.xen_configured = NULL;
    plan_policy("memory=\"1G\"");
    assert_int_equal(plan->nr_blocked, 0);
    assert_int_equal(plan->nr_actions, 1);
    assert_true(has_note("not at the next boot"));
    host->has_dom0 = false;
    host->dom0.target_kb = XTUNE_UNKNOWN_KB;
    plan_policy("memory=\"1G\" vcpus=\"auto\"");
    assert_int_equal(plan->nr_blocked, 2);
    assert_int_equal(plan->nr_actions, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, load, unload)
    const struct CMUnitTest tests[] = {
        TEST(plans_memory),
        TEST(plans_nothing),
        TEST(keeps_min),
        TEST(refuses_memory),
        TEST(leaves_to_the_boot),
        TEST(plans_vcpus),
        TEST(refuses_vcpus),
        TEST(gives_and_takes),
        TEST(refuses_what_xen_refuses),
        TEST(keeps_to_its_nodes),
        TEST(follows_a_policy),
        TEST(blocks_a_policy),
        TEST(keeps_what_is_needed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
