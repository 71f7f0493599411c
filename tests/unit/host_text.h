/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hosts from text, and as text. */
#ifndef TEST_HOST_TEXT_H
#define TEST_HOST_TEXT_H

#include <xtune/backend.h>

#include "base/util.h"
#include "util.h"

static inline xtune_host *host_of(const char *text)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_host *host = NULL;

    if (xtune_host_from_json(text, strlen(text), "h.json", &host, &err))
        fail_msg("%s: %s", err->object, err->message);
    return host;
}

/* One of tests/hosts. */
static inline xtune_host *recorded_host(const char *name)
{
    XT_CLEANUP_FREE char *path = xt_xprintf("hosts/%s.json", name);
    size_t len;
    XT_CLEANUP_FREE char *text = test_read(path, &len);

    return host_of(text);
}

/* What was printed and read again is the same text. */
static inline void expect_canonical(const xtune_host *host)
{
    XT_CLEANUP_FREE char *once = xtune_host_to_json(host), *twice = NULL;
    xtune_host *again = host_of(once);

    twice = xtune_host_to_json(again);
    assert_string_equal(once, twice);
    xtune_host_free(again);
}

/* All of a host as it is now. */
static inline xtune_host *observed(xtune_backend *backend)
{
    const xtune_observe what = { .parts = XTUNE_OBSERVE_ALL };
    xtune_host *host;

    assert_int_equal(xtune_backend_observe(backend, &what, &host, NULL), 0);
    return host;
}

/* The caller frees it. */
static inline char *observed_text(xtune_backend *backend)
{
    xtune_host *host = observed(backend);
    char *text = xtune_host_to_json(host);

    xtune_host_free(host);
    return text;
}

#endif
