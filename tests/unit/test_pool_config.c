/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Configurations of CPU pools: their keys, and the CPUs that they mean. */
#include <xtune/config.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host_text.h"

/* Reads text as a file, and its CPUs on a host. NULL: it is refused. */
static const char *cpus_of(const char *text, const xtune_host *host,
                           char *said, size_t size)
{
    char path[] = "/tmp/xtune-pool-XXXXXX";
    const int fd = mkstemp(path);
    xtune_pool_config *config = NULL;
    xtune_error *err = NULL;
    const char *list = NULL;
    xtune_set cpus;
    int rc;

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    rc = xtune_pool_config_read(path, NULL, 0, &config, &err);
    unlink(path);
    if (!rc) rc = xtune_pool_config_cpus(config, host, &cpus, &err);
    if (rc) {
        snprintf(said, size, "%s", err->message);
        xtune_error_free(err);
    } else {
        list = xtune_set_format_ids(host->arena, &cpus);
    }
    xtune_pool_config_free(config);
    return list;
}

static void test_read_files(void **state)
{
    static const struct {
        const char *text, *cpus; /* cpus NULL: refused, */
        const char *said;        /* with this in its message */
    } rows[] = {
        { "", "10-11", NULL },
        { "\n\n# sched=1\n", "10-11", NULL },
        { "cpus=[]", NULL, "names none" },
        { "cpus=[ 14 ]", "14", NULL },
        { "cpus=[14,\n\n15, ]\n", "14-15", NULL },
        { "cpus=[14, # ]\n15]", "14-15", NULL },
        { "cpus=['14', # it's ] \"\n\"15\"];;", "14-15", NULL },
        { "name='a;b=1'; cpus='14'", "14", NULL },
        { "name='a#b';cpus='14'", "14", NULL },
        { "name='a\\'b=1;c=2';cpus='14'", "14", NULL },
        { "name=\"a\\\"; b=1\"\ncpus='14'", "14", NULL },
        { "cpus='14' # b=1\n", "14", NULL },
        { "cpus=['14']\ncpus+=['15']", "14-15", NULL },
        { "cpus='14'\ncpus+=',15'", "14-15", NULL },
        { "cpus=['14']; foo=['a', 'b']", NULL, "unknown key \"foo\"" },
        { "cpus=['14', '#', ';']", NULL, "item \"#\" is no CPU" },
        { "cpus=['14' # foo=1\n]\nfoo=2", NULL, "unknown key \"foo\"" },
        { "sched='null' ; foo=1", NULL, "unknown key \"foo\"" },
        { "foo+=1", NULL, "unknown key \"foo\"" },
        { "f.o_0=1", NULL, "unknown key \"f.o_0\"" },
        { "nodes=['2']", "10-11", NULL },
        { "nodes=2", "10-11", NULL },
        { "nodes='2, 3'", "10-11,14-15", NULL },
        { "nodes=['2','']", NULL, "item \"\" is no node" },
        { "cpus='99'", NULL, "99" },
        { "cpus=['4294967296']", NULL, "no CPU" },
        { "cpus=['4294967295']", NULL, "no CPU" },
        { "cpus=['18446744073709551616']", NULL, "no CPU" },
    };
    xtune_host *host = recorded_host("pools-4x4");
    char said[200];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *cpus = cpus_of(rows[i].text, host, said, sizeof(said));

        if (rows[i].cpus && !cpus)
            fail_msg("\"%s\" is refused: %s", rows[i].text, said);
        if (rows[i].cpus) assert_string_equal(cpus, rows[i].cpus);
        if (!rows[i].cpus && cpus) fail_msg("\"%s\" is taken", rows[i].text);
        if (!rows[i].cpus && !strstr(said, rows[i].said))
            fail_msg("\"%s\": %s", rows[i].text, said);
    }
    xtune_host_free(host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
