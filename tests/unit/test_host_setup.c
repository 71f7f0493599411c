/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How domains are set up: as JSON, as libxl stores it, as toolstacks write
 * disks to xenstore. */
#include <xtune/host.h>

#include "backend/disk_text.h"
#include "backend/stored_setup.h"
#include "host/disk.h"
#include "host_text.h"

#define DOMAIN(setup)                                                         \
    "{\"schema\": \"xtune/host/1\", \"domains\": [{\"id\": 1, \"name\": "     \
    "\"a\", \"memory_kb\": 1" setup "}]}"
#define DISKS(disks) DOMAIN(", \"setup\": {\"disks\": [" disks "]}")

/* A host from before there was such a member is printed as it was. */
static void test_none(void **state)
{
    xtune_host *host = host_of(DOMAIN(""));
    XT_CLEANUP_FREE char *text = xtune_host_to_json(host);

    (void)state;
    assert_null(host->domains[0].disks);
    assert_false(host->domains[0].has_setup);
    assert_null(strstr(text, "setup"));
    xtune_host_free(host);
}

static void test_all(void **state)
{
    xtune_host *host = host_of(DOMAIN(
        ", \"setup\": {\"nested_hvm\": true, \"device_model\": \"/q\", "
        "\"vnodes\": 2, \"more\": [1], \"disks\": ["
        "{\"device\": \"xvdb\", \"server\": 3, \"backend\": \"tap\", "
        "\"cdrom\": true, \"readonly\": true, \"more\": 1}, "
        "{\"device\": \"xvda\", \"backend\": \"qdisk\", \"format\": "
        "\"qcow2\", \"target\": \"/a\", \"script\": \"block-x\", "
        "\"direct_io_safe\": true, \"blocks\": [\"sda\", \"sdb\"], "
        "\"virtual_kb\": 5, \"cluster_bytes\": 65536, \"overlays\": 4}]}"));
    XT_CLEANUP_FREE char *text = xtune_host_to_json(host);
    const xtune_domain *domain = &host->domains[0];
    const xtune_disk *disk = &domain->disks[0];

    (void)state;
    assert_true(domain->has_setup);
    assert_true(domain->nested_hvm);
    assert_string_equal(domain->device_model, "/q");
    assert_int_equal(domain->nr_vnodes, 2);
    assert_int_equal(domain->nr_disks, 2);
    assert_string_equal(disk->device, "xvda");
    assert_string_equal(disk->format, "qcow2");
    assert_string_equal(disk->target, "/a");
    assert_string_equal(disk->script, "block-x");
    assert_true(disk->direct_io_safe);
    assert_false(disk->readonly);
    assert_int_equal(disk->nr_blocks, 2);
    assert_string_equal(disk->blocks[1], "sdb");
    assert_int_equal(disk->virtual_kb, 5);
    assert_int_equal(disk->cluster_bytes, 65536);
    assert_int_equal(disk->nr_overlays, 4);
    disk++;
    assert_int_equal(disk->server, 3);
    assert_true(disk->cdrom);
    assert_null(disk->blocks);
    assert_true(disk->virtual_kb == XTUNE_UNKNOWN_KB);
    assert_int_equal(disk->cluster_bytes, XTUNE_NONE);
    assert_int_equal(disk->nr_overlays, XTUNE_NONE);
    expect_canonical(host);
    /* What is not known to us stays, where it was. */
    assert_non_null(strstr(text, "\"more\": ["));
    assert_non_null(strstr(text, "\"more\": 1"));
    xtune_host_free(host);
}

/* Disks alone: another toolstack than libxl made it. */
static void test_disks_alone(void **state)
{
    xtune_host *host = host_of(DISKS(""));

    (void)state;
    assert_non_null(host->domains[0].disks);
    assert_int_equal(host->domains[0].nr_disks, 0);
    assert_false(host->domains[0].has_setup);
    expect_canonical(host);
    xtune_host_free(host);
    host = host_of(DISKS("{\"device\": \"a\", \"blocks\": []}"));
    assert_non_null(host->domains[0].disks[0].blocks);
    expect_canonical(host);
    xtune_host_free(host);
}

static void expect_wrong(const char *text, const char *message)
{
    xtune_error *err = NULL;
    xtune_host *host;

    check_error(
        xtune_host_from_json(text, strlen(text), "h.json", &host, &err), &err,
        XTUNE_ERR_INVALID, message);
}

static void test_wrong(void **state)
{
    (void)state;
    expect_wrong(DOMAIN(", \"setup\": []"), "domains[0].setup");
    expect_wrong(DOMAIN(", \"setup\": {\"nested_hvm\": 1}"), "nested_hvm");
    expect_wrong(DOMAIN(", \"setup\": {\"vnodes\": 8193}"), "vnodes");
    expect_wrong(DISKS("{}"), "disks[0].device");
    expect_wrong(DISKS("{\"device\": \"a\"}, {\"device\": \"a\"}"),
                 "\"a\" is there twice");
    expect_wrong(DISKS("{\"device\": \"a\", \"cluster_bytes\": 0}"),
                 "from 1 to 2097152");
    expect_wrong(DISKS("{\"device\": \"a\", \"cluster_bytes\": 2097153}"),
                 "from 1 to 2097152");
    expect_wrong(DISKS("{\"device\": \"a\", \"overlays\": -1}"), "overlays");
    expect_wrong(DISKS("{\"device\": \"a\", \"blocks\": [1]}"), "blocks");
}

/* libxl's stored configuration. */

static xtune_domain stored(xtune_arena *arena, const char *text)
{
    xtune_domain domain = { .id = 1, .nr_vnodes = 7 };
    xt_json *json;

    assert_int_equal(
        xt_json_parse(arena, text, strlen(text), "stored", &json, NULL), 0);
    xt_stored_setup(arena, json, &domain);
    assert_true(domain.has_setup);
    return domain;
}

static void test_stored(void **state)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_domain domain = stored(arena, "{}");

    (void)state;
    assert_false(domain.nested_hvm);
    assert_null(domain.device_model);
    assert_int_equal(domain.nr_vnodes, 0);
    domain = stored(arena, "{\"b_info\": {\"nested_hvm\": \"True\", "
                           "\"vnuma_nodes\": [{}, {}], "
                           "\"device_model_version\": \"qemu_xen\"}}");
    assert_true(domain.nested_hvm);
    assert_null(domain.device_model);
    assert_int_equal(domain.nr_vnodes, 2);
    /* As Xen 4.13 and before had it. */
    domain = stored(arena,
                    "{\"b_info\": {\"type.hvm\": {\"nested_hvm\": \"True\"}, "
                    "\"device_model_version\": \"qemu_xen_traditional\"}}");
    assert_true(domain.nested_hvm);
    assert_string_equal(domain.device_model, "qemu-xen-traditional");
    domain =
        stored(arena, "{\"b_info\": {\"nested_hvm\": \"False\", "
                      "\"vnuma_nodes\": 3, \"device_model\": \"/q\\n\"}}");
    assert_false(domain.nested_hvm);
    assert_string_equal(domain.device_model, "/q?");
    assert_int_equal(domain.nr_vnodes, 0);
}

/* xenstore. */

static void expect_backend(const char *path, unsigned int server,
                           const char *kind)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *got;
    uint32_t from = 0;

    if (!kind) {
        assert_false(xt_disk_backend_path(arena, path, 3, &from, &got));
        return;
    }
    assert_true(xt_disk_backend_path(arena, path, 3, &from, &got));
    assert_int_equal(from, server);
    assert_string_equal(got, kind);
}

static void test_backends(void **state)
{
    (void)state;
    expect_backend("/local/domain/0/backend/qdisk/3/51712", 0, "qdisk");
    expect_backend("/local/domain/12/backend/vbd/3/51712", 12, "vbd");
    expect_backend("/local/domain/12/backend/vbd/4/51712", 0, NULL);
    expect_backend("/local/domain/12/backend/vbd/33", 0, NULL);
    expect_backend("/local/domain//backend/vbd/3/1", 0, NULL);
    expect_backend("/local/domain/32752/backend/vbd/3/1", 0, NULL);
    expect_backend("/local/domain/-1/backend/vbd/3/1", 0, NULL);
    expect_backend("/local/domain/0/backend//3/1", 0, NULL);
    expect_backend("/local/domain/0/backend", 0, NULL);
    expect_backend("/local/domain/0", 0, NULL);
    expect_backend("/local", 0, NULL);
    expect_backend("", 0, NULL);
}

static void expect_disk(const char *kind, const char *params,
                        const char *backend, const char *format,
                        const char *target)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_disk disk = xt_disk_unknown("xvda");

    xt_disk_describe(arena, kind, params, &disk);
    assert_string_equal(disk.backend, backend);
    if (format)
        assert_string_equal(disk.format, format);
    else
        assert_null(disk.format);
    if (target)
        assert_string_equal(disk.target, target);
    else
        assert_null(disk.target);
}

static void test_disks(void **state)
{
    (void)state;
    expect_disk("qdisk", "qcow2:/vm/a:b", "qdisk", "qcow2", "/vm/a:b");
    expect_disk("qdisk", "qcow:/vm/a", "qdisk", "qcow", "/vm/a");
    expect_disk("qdisk", "aio:/vm/a", "qdisk", "raw", "/vm/a");
    expect_disk("qdisk", "vhd:/vm/a", "qdisk", "vhd", "/vm/a");
    expect_disk("qdisk", "qed:/vm/a", "qdisk", "qed", "/vm/a");
    /* A drive without a disc. */
    expect_disk("qdisk", "aio:", "qdisk", NULL, NULL);
    expect_disk("qdisk", "", "qdisk", NULL, NULL);
    expect_disk("qdisk", NULL, "qdisk", NULL, NULL);
    expect_disk("qdisk", "luks:/vm/a", "qdisk", NULL, "luks:/vm/a");
    expect_disk("qdisk", "/vm/raw:a", "qdisk", NULL, "/vm/raw:a");
    /* Whatever it looks like, it is a path. */
    expect_disk("vbd", "qcow2:a", "phy", "raw", "qcow2:a");
    expect_disk("vbd", "/dev/vg/a", "phy", "raw", "/dev/vg/a");
    /* XAPI's tapdisk does not tell. */
    expect_disk("vbd3", "/dev/sm/backend/a/b", "tap", NULL,
                "/dev/sm/backend/a/b");
    expect_disk("tap", "vhd:/vm/a", "tap", "vhd", "/vm/a");
}

static void test_scripts(void **state)
{
    (void)state;
    assert_null(xt_disk_script(NULL));
    assert_null(xt_disk_script(""));
    assert_null(xt_disk_script("block"));
    assert_null(xt_disk_script("/etc/xen/scripts/block"));
    assert_string_equal(xt_disk_script("/etc/xen/scripts/block-nbd"),
                        "block-nbd");
    assert_null(xt_disk_script("/etc/xen/scripts/"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_none),        cmocka_unit_test(test_all),
        cmocka_unit_test(test_disks_alone), cmocka_unit_test(test_wrong),
        cmocka_unit_test(test_stored),      cmocka_unit_test(test_backends),
        cmocka_unit_test(test_disks),       cmocka_unit_test(test_scripts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
