/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A host of two nodes in a file, for tests of its pools. */
#ifndef TEST_POOLS_FIXTURE_H
#define TEST_POOLS_FIXTURE_H

#include "backend/backend.h"
#include "base/json.h"
#include "host_file.h"

/* CPUs 0-3 and 4-7; two threads a core. */
static const char pools_text[] =
    "{\"schema\": \"xtune/host/1\", \"xen\": {\"free_cpus\": 0}, \"nodes\": ["
    "{\"id\": 0, \"memory_kb\": 1048576, \"free_kb\": 51200}, "
    "{\"id\": 1, \"memory_kb\": 1048576, \"free_kb\": 128000}], \"cpus\": ["
    "{\"id\": 0, \"node\": 0, \"socket\": 0, \"core\": 0}, "
    "{\"id\": 1, \"node\": 0, \"socket\": 0, \"core\": 0}, "
    "{\"id\": 2, \"node\": 0, \"socket\": 0, \"core\": 1}, "
    "{\"id\": 3, \"node\": 0, \"socket\": 0, \"core\": 1}, "
    "{\"id\": 4, \"node\": 1, \"socket\": 1, \"core\": 0}, "
    "{\"id\": 5, \"node\": 1, \"socket\": 1, \"core\": 0}, "
    "{\"id\": 6, \"node\": 1, \"socket\": 1, \"core\": 1}, "
    "{\"id\": 7, \"node\": 1, \"socket\": 1, \"core\": 1}], "
    "\"cpupools\": [{\"id\": 0, \"name\": \"Pool-0\", "
    "\"scheduler\": \"credit2\", \"granularity\": \"cpu\", "
    "\"cpus\": \"0-7\", \"ratelimit_us\": 1000}], \"domains\": ["
    "{\"id\": 0, \"name\": \"Domain-0\", \"cpupool\": \"Pool-0\", "
    "\"state\": \"running\", \"memory_kb\": 4096, \"weight\": 256, "
    "\"vcpus\": [{\"id\": 0, \"online\": true}]}, "
    "{\"id\": 1, \"name\": \"web1\", \"cpupool\": \"Pool-0\", "
    "\"uuid\": \"00000001-0000-4000-8000-000000000001\", "
    "\"state\": \"blocked\", \"memory_kb\": 4096, \"weight\": 512, "
    "\"cap\": 50, \"vcpus\": ["
    "{\"id\": 0, \"online\": true, \"hard\": \"2-5\", \"soft\": \"4-7\"}, "
    "{\"id\": 1, \"online\": true, \"hard\": \"all\", \"soft\": \"0-1\"}]}, "
    "{\"id\": 2, \"name\": \"db1\", \"cpupool\": \"Pool-0\", "
    "\"uuid\": \"00000002-0000-4000-8000-000000000002\", "
    "\"state\": \"blocked\", \"memory_kb\": 4096, \"weight\": 256, "
    "\"vcpus\": [{\"id\": 0, \"online\": true, \"hard\": \"0-1\", "
    "\"soft\": \"all\"}]}]}";

static const xt_domain_ref web1 = {
    .domid = 1,
    .uuid = "00000001-0000-4000-8000-000000000001",
    .name = "web1",
};
static const xt_domain_ref db1 = {
    .domid = 2,
    .uuid = "00000002-0000-4000-8000-000000000002",
    .name = "db1",
};

static inline xtune_backend *pools_open(const char *text)
{
    write_host_text(text);
    return open_host_file(NULL);
}

static inline xtune_set pools_cpus(xtune_arena *arena, const char *text)
{
    const xtune_set all = xtune_set_all(arena, 8);
    const xtune_set_names names = { .what = "CPU", .exists = &all };
    xtune_set set = all;

    assert_int_equal(xtune_set_parse(arena, &names, "", text, &set, NULL), 0);
    return set;
}

static inline xt_json *pools_json(xtune_arena *arena, const char *text)
{
    xt_json *json = NULL;

    assert_int_equal(
        xt_json_parse(arena, text, strlen(text), text, &json, NULL), 0);
    return json;
}

#endif
