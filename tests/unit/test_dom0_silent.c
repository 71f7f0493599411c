/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Mounts whose server does not answer, and what is below them. */
#include "backend/dom0_silent.h"

#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "dom0_tree.h"

/* As stat() is where a server is gone. */
static void look(const char *path)
{
    while (strstr(path, "dead"))
        pause();
}

static unsigned int seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (unsigned int)now.tv_sec;
}

static void test_probe(void **state)
{
    static const char *const paths[] = { "/a", "/dead", "/b", "/dead/2" };
    const unsigned int begun = seconds();
    bool silent[4];
    size_t i;

    (void)state;
    xt_dom0_probe(paths, 4, look, 2000, silent);
    for (i = 0; i < 4; i++)
        assert_int_equal(silent[i], i % 2);
    xt_dom0_probe(paths, 1, look, 60000, silent);
    assert_false(silent[0]);
    xt_dom0_probe(paths, 0, look, 60000, silent);
    /* All at once, and nobody waits for those that have answered. */
    assert_true(seconds() - begun < 50);
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
}

/* Not even the mount itself is looked at, whatever leads to it. */
static void test_below(void **state)
{
    fixture *f = *state;
    const char *silent[] = { "/nfs/disks" };

    put(f, "/nfs/disks/web1.img", "x");
    put(f, "/nfs/disks2/web1.img", "x");
    put(f, "/images/readme", "x");
    assert_int_equal(symlink("../nfs/disks/web1.img",
                             xt_path(f->arena, f->root, "/images/web1")),
                     0);
    assert_non_null(xt_dom0_resolve(&f->files, "/images/web1"));
    f->files.silent = silent;
    f->files.nr_silent = 1;
    assert_null(xt_dom0_resolve(&f->files, "/nfs/disks"));
    assert_null(xt_dom0_resolve(&f->files, "/nfs/./disks/web1.img"));
    assert_null(xt_dom0_resolve(&f->files, "/images/web1"));
    assert_null(xt_dom0_line(&f->files, "/nfs/disks", "web1.img"));
    assert_non_null(xt_dom0_resolve(&f->files, "/nfs/disks2/web1.img"));
    assert_non_null(xt_dom0_resolve(&f->files, "/images/readme"));
}

/* What a recorded tree has mounted is no mount here. */
static void test_tree(void **state)
{
    fixture *f = *state;

    put(f, "/proc/self/mountinfo",
        "30 22 0:40 / / rw - nfs4 s:/a rw,hard,addr=192.0.2.1\n");
    xt_dom0_find_silent(&f->files);
    assert_int_equal(f->files.nr_silent, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_probe),
        cmocka_unit_test_setup_teardown(test_below, setup, teardown),
        cmocka_unit_test_setup_teardown(test_tree, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
