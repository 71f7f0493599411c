/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Disks of domains as xenstore has them, of libxl and of other toolstacks. */
#include "backend/xen.h"
#include "fake_store.h"

#define LIBXL "/libxl/1/device/vbd/51712/"

static xtune_host *host;

/* A connection that was opened for one look. */
static int look(unsigned int nr_domains)
{
    xt_xen xen = { .root = "" };
    unsigned int i;
    int rc;

    if (host) xtune_host_free(host);
    host = xtune_host_new();
    host->domains = XTUNE_NEW_ARRAY(host->arena, xtune_domain, nr_domains);
    host->nr_domains = nr_domains;
    for (i = 0; i < nr_domains; i++)
        host->domains[i].id = i;
    store.questions = 0;
    rc = xt_xen_read_disks(&xen, host, NULL);
    if (xen.xs) xs_close(xen.xs);
    return rc;
}

static void put_disk(void)
{
    clear_nodes();
    put_node(LIBXL "backend", "/local/domain/0/backend/qdisk/1/51712");
    put_node(LIBXL "params", "qcow2:/vm/a");
    put_node(LIBXL "mode", "w");
    put_node(LIBXL "device-type", "disk");
    put_node(LIBXL "dev", "xvda");
}

static int forget_host(void **state)
{
    (void)state;
    xtune_host_free(host);
    host = NULL;
    return 0;
}

static void test_libxl(void **state)
{
    const xtune_disk *disk;

    (void)state;
    put_disk();
    put_node(LIBXL "direct-io-safe", "1");
    put_node("/libxl/1/device/vbd/51728/backend",
             "/local/domain/7/backend/vbd/1/51728");
    put_node("/libxl/1/device/vbd/51728/params", "/dev/vg/a");
    put_node("/libxl/1/device/vbd/51728/script", "/etc/xen/scripts/block-x");
    put_node("/libxl/1/device/vbd/51728/mode", "r");
    put_node("/libxl/1/device/vbd/51728/device-type", "cdrom");
    assert_int_equal(look(3), 0);
    assert_non_null(host->domains[0].disks);
    assert_int_equal(host->domains[0].nr_disks, 0);
    assert_int_equal(host->domains[1].nr_disks, 2);
    /* One that has no name has its number. */
    disk = &host->domains[1].disks[0];
    assert_string_equal(disk->device, "51728");
    assert_int_equal(disk->server, 7);
    assert_string_equal(disk->backend, "phy");
    assert_string_equal(disk->script, "block-x");
    assert_true(disk->readonly);
    assert_true(disk->cdrom);
    assert_false(disk->direct_io_safe);
    disk++;
    assert_string_equal(disk->device, "xvda");
    assert_int_equal(disk->server, 0);
    assert_string_equal(disk->backend, "qdisk");
    assert_string_equal(disk->format, "qcow2");
    assert_string_equal(disk->target, "/vm/a");
    assert_null(disk->script);
    assert_false(disk->readonly);
    assert_false(disk->cdrom);
    assert_true(disk->direct_io_safe);
}

/* A disk on its way out, and one whose backend is not the domain's. */
static void test_left_out(void **state)
{
    (void)state;
    clear_nodes();
    put_node(LIBXL "params", "aio:/vm/a");
    assert_int_equal(look(2), 0);
    assert_int_equal(host->domains[1].nr_disks, 0);
    put_node(LIBXL "backend", "/local/domain/0/backend/qdisk/2/51712");
    assert_int_equal(look(2), 0);
    assert_int_equal(host->domains[1].nr_disks, 0);
}

static void test_hostile(void **state)
{
    (void)state;
    put_disk();
    put_node("/libxl/1/device/vbd/51728/backend",
             "/local/domain/0/backend/qdisk/1/51728");
    put_node("/libxl/1/device/vbd/51728/dev", "xvda");
    put_node("/libxl/1/device/vbd/51744/backend",
             "/local/domain/0/backend/qdisk/1/51744");
    put_node("/libxl/1/device/vbd/51744/dev", "a\nb\xff");
    assert_int_equal(look(2), 0);
    /* Names are there once, and can be printed. */
    assert_int_equal(host->domains[1].nr_disks, 2);
    assert_string_equal(host->domains[1].disks[0].device, "a?b?");
    assert_string_equal(host->domains[1].disks[1].device, "xvda");
    assert_string_equal(host->domains[1].disks[1].target, "/vm/a");
}

/* XAPI's tapdisk: nothing of libxl's, and the front end says what it is. */
static void test_others(void **state)
{
    const xtune_disk *disk;

    (void)state;
    put_disk();
    put_node("/local/domain/0/backend/vbd3/2/768/params",
             "/dev/sm/backend/a/b");
    put_node("/local/domain/0/backend/vbd3/2/768/mode", "r");
    put_node("/local/domain/0/backend/vbd3/2/768/dev", "hda");
    put_node("/local/domain/2/device/vbd/768/device-type", "cdrom");
    put_node("/local/domain/0/backend/vbd/1/51712/params", "/not/libxl's");
    put_node("/local/domain/0/backend/vbd/9/51712/params", "/gone");
    put_node("/local/domain/0/backend/vbd/x/51712/params", "/none");
    assert_int_equal(look(3), 0);
    assert_int_equal(host->domains[1].nr_disks, 1);
    assert_string_equal(host->domains[1].disks[0].target, "/vm/a");
    assert_int_equal(host->domains[2].nr_disks, 1);
    disk = &host->domains[2].disks[0];
    assert_string_equal(disk->device, "hda");
    assert_string_equal(disk->backend, "tap");
    assert_null(disk->format);
    assert_string_equal(disk->target, "/dev/sm/backend/a/b");
    assert_true(disk->cdrom);
    assert_true(disk->readonly);
}

/* A folder that does not fit into an answer is asked for in parts. */
static void test_large(void **state)
{
    (void)state;
    put_disk();
    store.too_large = "/libxl/1/device/vbd";
    assert_int_equal(look(3), 0);
    assert_int_equal(host->domains[1].nr_disks, 1);
    assert_string_equal(host->domains[1].disks[0].target, "/vm/a");
}

static void put_many(unsigned int domain, unsigned int disk)
{
    static const char *const nodes[] = { "params", "mode", "device-type" };
    char path[80], value[80];
    size_t i;

    snprintf(path, sizeof(path), "/libxl/%u/device/vbd/%u/backend", domain,
             disk);
    snprintf(value, sizeof(value), "/local/domain/0/backend/vbd/%u/%u", domain,
             disk);
    put_node(path, value);
    for (i = 0; i < XT_ARRAY_SIZE(nodes); i++) {
        snprintf(path, sizeof(path), "/libxl/%u/device/vbd/%u/%s", domain,
                 disk, nodes[i]);
        snprintf(value, sizeof(value), "%s-%u-%u", nodes[i], domain, disk);
        put_node(path, value);
    }
}

/* Each answer goes to its question, on however many connections. */
static void test_many(void **state)
{
    char target[40];
    unsigned int i, k;

    (void)state;
    clear_nodes();
    for (i = 1; i <= 500; i++)
        for (k = 0; k < 2; k++)
            put_many(i, 51712 + k * 16);
    assert_int_equal(look(501), 0);
    /* Which there are, what dom0 serves, 7 nodes of each. */
    assert_int_equal(store.questions, 501 + 4 + 7 * 1000);
    for (i = 1; i <= 500; i++) {
        assert_int_equal(host->domains[i].nr_disks, 2);
        snprintf(target, sizeof(target), "params-%u-51728", i);
        assert_string_equal(host->domains[i].disks[1].target, target);
    }
}

static void test_nobody_there(void **state)
{
    (void)state;
    clear_nodes();
    assert_int_equal(look(0), 0);
    setenv("XENSTORED_PATH", "/tmp/none/socket", 1);
    assert_int_equal(look(2), XTUNE_ERR_IO);
    setenv("XENSTORED_PATH", store.path, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_libxl, forget_host),
        cmocka_unit_test_teardown(test_left_out, forget_host),
        cmocka_unit_test_teardown(test_hostile, forget_host),
        cmocka_unit_test_teardown(test_others, forget_host),
        cmocka_unit_test_teardown(test_large, forget_host),
        cmocka_unit_test_teardown(test_many, forget_host),
        cmocka_unit_test_teardown(test_nobody_there, forget_host),
    };

    return cmocka_run_group_tests(tests, start_store, stop_store);
}
