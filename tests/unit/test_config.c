/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xl configurations: the domain that one describes, and its devices. */
#include <xtune/config.h>

#include <unistd.h>

#include "host_text.h"

static xtune_config *read_config(char *const *args, size_t nr)
{
    xtune_error *err = NULL;
    xtune_config *config = NULL;

    if (xtune_config_read("/dev/null", args, nr, &config, &err))
        fail_msg("%s: %s", err->object, err->message);
    return config;
}

static void test_pci(void **state)
{
    char name[] = "name=\"a\"",
         pci[] = "pci=[\"4:0.7,seize=1\", \"name=nic\", \"05:1f.*@5\"]",
         wrong[] = "pci=[\"04:00.0@20,seize=1\"]";
    char *const args[] = { name, pci };
    char *const wrong_args[] = { name, wrong };
    xtune_config *config = read_config(args, 2);
    xtune_error *err = NULL;

    (void)state;
    assert_int_equal(config->nr_pci, 2);
    assert_string_equal(config->pci[0], "0000:04:00.7");
    assert_string_equal(config->pci[1], "0000:05:1f.0");
    assert_int_equal(config->nr_named_pci, 1);
    xtune_config_free(config);
    check_error(xtune_config_read("/dev/null", wrong_args, 2, &config, &err),
                &err, XTUNE_ERR_INVALID,
                "pci \"04:00.0@20,seize=1\" is wrong: slot \"20\" is not one");
}

static void test_domain(void **state)
{
    char name[] = "name=\"a\"", vcpus[] = "vcpus=2;maxvcpus=4",
         cpus[] = "cpus=[\"1\", \"node:1,^4\", \"0, 2\"]",
         memory[] = "memory=0x40", pool[] = "pool=\"0\"",
         uuid[] = "uuid=\"01234567-89AB-cdef-0123-456789abcdef\"";
    char *const args[] = { name, vcpus, cpus, memory, pool, uuid };
    static const char *const masks[] = { "1", "5-7", "0,2", "all" };
    xtune_config *config = read_config(args, 6);
    xtune_host *host = recorded_host("4x4");
    xtune_domain domain;
    size_t i;

    (void)state;
    assert_int_equal(xtune_config_domain(config, host, &domain, NULL), 0);
    assert_int_equal(domain.id, XTUNE_NONE);
    assert_int_equal(domain.type, XTUNE_TYPE_PV);
    assert_string_equal(domain.uuid, "01234567-89ab-cdef-0123-456789abcdef");
    assert_string_equal(domain.cpupool, "Pool-0");
    assert_int_equal(domain.memory_kb,
                     xtune_needed_kb(XTUNE_TYPE_PV, 64 * 1024, 4));
    assert_int_equal(domain.online_vcpus, 2);
    assert_int_equal(domain.nr_vcpus, 4);
    for (i = 0; i < 4; i++) {
        assert_string_equal(
            xtune_set_format(config->arena, &domain.vcpus[i].hard), masks[i]);
        assert_true(xtune_set_is_all(&domain.vcpus[i].soft));
        assert_int_equal(domain.vcpus[i].online, i < 2);
    }
    xtune_host_free(host);
    xtune_config_free(config);
}

static void test_defaults(void **state)
{
    char name[] = "name='a'";
    char vnuma[] = "vnuma=[['pnode=0', 'size=100', 'vcpus=0'],"
                   "['size=28','vcpus=1']]";
    char *const args[] = { name, vnuma };
    xtune_config *config = read_config(args, 1);

    (void)state;
    assert_int_equal(config->memory_kb, 32 * 1024);
    assert_int_equal(config->vcpus, 1);
    assert_false(config->has_vnuma);
    assert_null(config->cpupool);
    xtune_config_free(config);
    config = read_config(args, 2);
    assert_int_equal(config->memory_kb, 128 * 1024);
    assert_true(config->has_vnuma);
    assert_true(config->has_pnodes);
    xtune_config_free(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pci),
        cmocka_unit_test(test_domain),
        cmocka_unit_test(test_defaults),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
