/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A tree of files that a test makes, and its command lines. */
#ifndef TEST_BOOT_TREE_H
#define TEST_BOOT_TREE_H

#include <sys/stat.h>
#include <unistd.h>

#include "util.h"

#include "base/files.h"
#include "base/util.h"
#include "boot/boot.h"

static char root[] = "/tmp/xltune-boot.XXXXXX";

static inline int tree_setup(void **state)
{
    (void)state;
    strcpy(root + strlen(root) - 6, "XXXXXX");
    return mkdtemp(root) ? 0 : -1;
}

static inline int tree_teardown(void **state)
{
    (void)state;
    return test_remove(root);
}

static inline void put(const char *path, const char *text)
{
    XT_CLEANUP_FREE char *whole = xt_xprintf("%s%s", root, path);
    XT_CLEANUP_FREE char *folder = xt_xstrdup(whole);

    *strrchr(folder, '/') = '\0';
    assert_int_equal(xt_make_dirs(folder, 0755, NULL), 0);
    assert_int_equal(xt_file_replace(whole, text, strlen(text), 0644, NULL),
                     0);
}

static inline void holds(const char *path, const char *text)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    XT_CLEANUP_FREE char *whole = xt_xprintf("%s%s", root, path);
    char *now;
    size_t len;

    assert_int_equal(xt_file_read(arena, whole, 1 << 20, &now, &len, NULL), 0);
    assert_string_equal(now, text);
}

static inline void is_configured(const char *dom0, const char *xen)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_boot boot = { .source = NULL };

    xt_boot_read(arena, root, &boot);
    if (boot.problem) fail_msg("%s", boot.problem);
    if (dom0) assert_string_equal(boot.dom0_configured, dom0);
    if (xen) assert_string_equal(boot.xen_configured, xen);
}

/* One parameter, that is to be there once, or (NULL) not. */
static inline int set_one(const char *below, const char *line, const char *key,
                          const char *value, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xtune_boot_change change = {
        .line = line, .key = key, .values = &value, .nr_values = value ? 1 : 0
    };
    const struct xt_json *kept;

    return xt_boot_set_parameters(below, &change, 1, NULL, arena, &kept, err);
}

static inline int plan_one(xtune_arena *arena, const char *below,
                           const char *line, const char *key,
                           const char *value, xt_boot_edit *edit_r,
                           xtune_error **err)
{
    xtune_boot_change *change = XTUNE_NEW_ARRAY(arena, xtune_boot_change, 1);
    const char **values = XTUNE_NEW_ARRAY(arena, const char *, 1);

    values[0] = value;
    *change = (xtune_boot_change){
        .line = line, .key = key, .values = values, .nr_values = value ? 1 : 0
    };
    return xt_boot_plan(arena, below, change, 1, edit_r, err);
}

/* *value_r NULL: it is not there. It may not be there more than once. */
static inline int get_one(xtune_arena *arena, const char *below,
                          const char *line, const char *key,
                          const char **value_r, xtune_error **err)
{
    const char *const *values;
    size_t nr;
    int rc;

    rc = xt_boot_get_parameter(arena, below, line, key, &values, &nr, err);
    if (rc) return rc;
    assert_true(nr <= 1);
    *value_r = nr ? values[0] : NULL;
    return 0;
}

/* Sets it, reads it, takes it out: nothing may be left of it. */
static inline void round_trip(const char *path, const char *line)
{
    static const char *const values[] = { "v", "(0000:04:00.0)(05:00.*)",
                                          "a b", "" };
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    XT_CLEANUP_FREE char *whole = xt_xprintf("%s%s", root, path);
    char *before, *now;
    const char *value;
    size_t len, i;

    assert_int_equal(xt_file_read(arena, whole, 1 << 20, &before, &len, NULL),
                     0);
    for (i = 0; i < XT_ARRAY_SIZE(values); i++) {
        xtune_error *err = NULL;

        if (set_one(root, line, "x.key", values[i], &err))
            fail_msg("%s: %s", err->object, err->message);
        assert_int_equal(get_one(arena, root, line, "x.key", &value, &err), 0);
        assert_string_equal(value, values[i]);
    }
    assert_int_equal(set_one(root, line, "x.key", NULL, NULL), 0);
    assert_int_equal(xt_file_read(arena, whole, 1 << 20, &now, &len, NULL), 0);
    assert_string_equal(now, before);
}

static inline void set(const char *line, const char *key, const char *value)
{
    xtune_error *err = NULL;

    if (set_one(root, line, key, value, &err))
        fail_msg("%s: %s", err->object, err->message);
}

#endif
