/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A host in a file, in a folder of its own; what is kept of it is beside it.
 */
#ifndef TEST_HOST_FILE_H
#define TEST_HOST_FILE_H

#include <unistd.h>

#include <xtune/apply.h>

#include "base/files.h"
#include "host_text.h"

static char *host_folder, *host_path;

static inline int make_host_folder(void **state)
{
    const char *dir = getenv("TMPDIR");

    (void)state;
    host_folder = xt_xprintf("%s/test_host.XXXXXX", dir ? dir : "/tmp");
    if (!mkdtemp(host_folder)) return -1;
    host_path = xt_xprintf("%s/h.json", host_folder);
    return 0;
}

static inline int remove_host_folder(void **state)
{
    const int rc = test_remove(host_folder);

    (void)state;
    free(host_folder);
    free(host_path);
    return rc;
}

static inline void write_host_text(const char *text)
{
    assert_int_equal(
        xt_file_replace(host_path, text, strlen(text), 0600, NULL), 0);
}

static inline void write_host(const xtune_host *host)
{
    XT_CLEANUP_FREE char *text = xtune_host_to_json(host);

    write_host_text(text);
}

/* fault: as XLTUNE_FAULT has it; NULL: none. */
static inline xtune_backend *open_host_file(const char *fault)
{
    xtune_backend *backend;

    assert_int_equal(xtune_backend_open_snapshot(host_path, &backend, NULL),
                     0);
    if (fault)
        assert_int_equal(xtune_backend_fault(backend, fault, &backend, NULL),
                         0);
    return backend;
}

static inline xtune_state *lock_host_file(xtune_backend *backend)
{
    xtune_state *state;

    assert_int_equal(xtune_state_lock(backend, NULL, "test", 0, &state, NULL),
                     0);
    return state;
}

/* Nothing is kept of it any more. */
static inline void forget_host_file(void)
{
    XT_CLEANUP_FREE char *dir = xt_xprintf("%s.d", host_path);

    (void)test_remove(dir);
}

/* What has become of an action. */
static inline const char *step_word(enum xtune_step step)
{
    static const char *const words[] = {
        [XTUNE_STEP_DONE] = "done",     [XTUNE_STEP_FAILED] = "failed",
        [XTUNE_STEP_UNDONE] = "undone", [XTUNE_STEP_LEFT] = "left",
        [XTUNE_STEP_GONE] = "gone",     [XTUNE_STEP_KEPT] = "kept",
    };

    return words[step];
}

#endif
