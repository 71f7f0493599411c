/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What unit tests share. */
#ifndef TEST_UTIL_H
#define TEST_UTIL_H

#include <ftw.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include <xtune/error.h>

/* A file of tests/, in memory; the caller frees it. */
static inline char *test_read(const char *name, size_t *len_r)
{
    const char *dir = getenv("TEST_DATA");
    char path[512];
    char *text;
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", dir ? dir : "tests", name);
    f = fopen(path, "re");
    if (!f) fail_msg("cannot open %s", path);
    text = calloc(1, 1 << 20);
    *len_r = fread(text, 1, (1 << 20) - 1, f);
    fclose(f);
    return text;
}

static inline int test_remove_one(const char *path, const struct stat *st,
                                  int flag, struct FTW *at)
{
    (void)st;
    (void)flag;
    (void)at;
    return remove(path);
}

/* A folder with all that is in it, if it is there. */
static inline int test_remove(const char *folder)
{
    struct stat st;

    if (lstat(folder, &st)) return 0;
    return nftw(folder, test_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* The call failed with this code, and its message holds this text. */
static inline void check_error(int rc, xtune_error **err, int code,
                               const char *part)
{
    char *text;

    assert_int_equal(rc, code);
    assert_non_null(*err);
    text = xtune_error_text(*err);
    if (!strstr(text, part)) fail_msg("\"%s\" is not in \"%s\"", part, text);
    free(text);
    xtune_error_free(*err);
    *err = NULL;
}

#endif
