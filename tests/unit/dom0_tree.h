/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Trees of dom0's files that a test makes up. */
#ifndef TEST_DOM0_TREE_H
#define TEST_DOM0_TREE_H

#include <sys/stat.h>
#include <unistd.h>

#include <xtune/backend.h>

#include "backend/dom0_scan.h"
#include "base/files.h"
#include "base/util.h"
#include "util.h"

typedef struct fixture {
    char root[64];
    xtune_arena *arena;
    xt_dom0_files files;
} fixture;

static inline int setup(void **state)
{
    fixture *f = calloc(1, sizeof(*f));

    strcpy(f->root, "/tmp/test_dom0_tree.XXXXXX");
    if (!mkdtemp(f->root)) return -1;
    f->arena = xtune_arena_new();
    f->files = (xt_dom0_files){ .arena = f->arena, .root = f->root };
    *state = f;
    return 0;
}

static inline int teardown(void **state)
{
    fixture *f = *state;

    test_remove(f->root);
    xtune_arena_free(f->arena);
    free(f);
    return 0;
}

static inline const char *make_folder(const fixture *f, const char *path)
{
    const char *at = xt_path(f->arena, f->root, path);
    char *folder = xtune_arena_strdup(f->arena, at);

    *strrchr(folder, '/') = '\0';
    assert_int_equal(xt_make_dirs(folder, 0755, NULL), 0);
    return at;
}

static inline void put(const fixture *f, const char *path, const char *text)
{
    const char *at = make_folder(f, path);

    assert_int_equal(xt_file_replace(at, text, strlen(text), 0644, NULL), 0);
}

static inline void lead(const fixture *f, const char *path, const char *target)
{
    assert_int_equal(symlink(target, make_folder(f, path)), 0);
}

static inline void put_block(const fixture *f, const char *path,
                             const char *dev)
{
    put(f, xtune_arena_printf(f->arena, "%s/dev", path), dev);
    lead(f,
         xtune_arena_printf(f->arena, "/sys/class/block/%s",
                            xt_dom0_base(path)),
         path);
}

static inline void hold(const fixture *f, const char *path, const char *holder)
{
    put(f, xtune_arena_printf(f->arena, "%s/holders/%s", path, holder), "");
}

static inline void put_device(const fixture *f, const char *path,
                              const char *class)
{
    static const char *const files[] = { "vendor", "device" };
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(files); i++)
        put(f, xtune_arena_printf(f->arena, "%s/%s", path, files[i]),
            "0x8086\n");
    put(f, xtune_arena_printf(f->arena, "%s/class", path), class);
    lead(f,
         xtune_arena_printf(f->arena, "/sys/bus/pci/devices/%s",
                            xt_dom0_base(path)),
         path);
}

#endif
