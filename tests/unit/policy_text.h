/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Policies as text, for the tests that read them. */
#ifndef POLICY_TEXT_H
#define POLICY_TEXT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include <xtune/policy.h>

#include "base/util.h"
#include "policy/read.h"

#define POLICY(inside) "<policy name=\"p\">\n" inside "\n</policy>\n"
#define HOST(inside) POLICY("<host>\n" inside "\n</host>")
#define RULE(inside) POLICY("<domains match=\"*\">\n" inside "\n</domains>")

static inline int read_text(const char *text, size_t len,
                            xtune_policy **policy_r, xtune_error **err)
{
    return xt_policy_read_memory(text, len, "p.xml", policy_r, err);
}

static inline xtune_policy *must_read(const char *text)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_policy *policy = NULL;

    if (read_text(text, strlen(text), &policy, &err))
        fail_msg("%s: %s:\n%s", err->object, err->message, text);
    assert_null(err);
    return policy;
}

/* A document that is refused, and what is said of it. */
typedef struct bad_document {
    const char *text;
    const char *object;
    const char *message; /* parts of the error's */
    const char *hint;
} bad_document;

static inline void refused_as(const bad_document *doc, size_t len)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_policy *policy = NULL;
    int rc = read_text(doc->text, len, &policy, &err);

    if (!rc) fail_msg("taken:\n%s", doc->text);
    assert_int_equal(rc, XTUNE_ERR_INVALID);
    assert_null(policy);
    assert_non_null(err);
    assert_int_equal(err->code, rc);
    if (strcmp(err->object, doc->object) ||
        !strstr(err->message, doc->message) ||
        (doc->hint && (!err->hint || !strstr(err->hint, doc->hint))))
        fail_msg("%s: %s: %s\nis not as expected: %s: %s: %s\n%s", err->object,
                 err->message, err->hint ? err->hint : "", doc->object,
                 doc->message, doc->hint ? doc->hint : "", doc->text);
    /* Nobody needs to know why. */
    assert_int_equal(read_text(doc->text, len, &policy, NULL), rc);
}

#endif
