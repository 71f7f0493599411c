/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Records in a state directory of their own, for the tests that read them. */
#ifndef RECORD_FOLDER_H
#define RECORD_FOLDER_H

#include "policy_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apply/journal.h"
#include "base/files.h"
#include "policy/record.h"
#include "util.h"

#define UUID "00000002-0000-4000-8000-00000000000a"
#define OTHER "00000002-0000-4000-8000-00000000000b"
#define HEAD "{ \"schema\": \"xtune/record/1\",\n\"uuid\": \"" UUID "\",\n"
#define NAMED HEAD "\"name\": \"web1\""
#define ROWS(rows) NAMED ",\n\"affinity\": [\n" rows " ] }"

/* A state directory of its own, as each test finds it: empty. */
static char folder[] = "/tmp/test-records.XXXXXX";
static xtune_state state;

static inline int make_folder(void **unused)
{
    (void)unused;
    strcpy(folder + sizeof(folder) - 7, "XXXXXX");
    state = (xtune_state){ .dir = folder, .lock_fd = -1 };
    return mkdtemp(folder) ? 0 : -1;
}

static inline int remove_folder(void **unused)
{
    (void)unused;
    return test_remove(folder);
}

static inline const char *record_path(xtune_arena *arena, const char *name)
{
    return xtune_arena_printf(arena, "%s/records/%s", folder, name);
}

static inline void write_record(const char *name, const char *text)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *path = record_path(arena, name);

    assert_int_equal(xt_make_dirs(xt_record_dir(&state, arena), 0755, NULL),
                     0);
    assert_int_equal(xt_file_replace(path, text, strlen(text), 0600, NULL), 0);
}

static inline const char *file_text(xtune_arena *arena, const char *path)
{
    char *text;
    size_t len;

    assert_int_equal(xt_file_read(arena, path, 1 << 20, &text, &len, NULL), 0);
    return text;
}

static inline bool is_there(const char *name)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();

    return !access(record_path(arena, name), F_OK);
}

static inline xtune_policy *read_records(void)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_policy *policy = xtune_policy_new();

    if (xtune_records_read(&state, policy, &err))
        fail_msg("%s: %s", err->object, err->message);
    return policy;
}

#define WITH_FOLDER(test)                                                     \
    cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

#endif
