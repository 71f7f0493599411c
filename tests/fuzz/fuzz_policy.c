/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any bytes as a policy: read, or refused with an error that says where. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "policy/read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void match_all_types(const xtune_policy *policy)
{
    xtune_domain domain = { .id = 1, .name = "web-1" };

    for (domain.type = XTUNE_TYPE_UNKNOWN; domain.type <= XTUNE_TYPE_HVM;
         domain.type++)
        (void)xtune_policy_match(policy, &domain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_policy *policy = NULL;
    int rc =
        xt_policy_read_memory((const char *)data, size, "fuzz", &policy, &err);

    if (rc) {
        XT_CLEANUP_FREE char *text = err ? xtune_error_text(err) : NULL;

        if (!text || policy || rc != XTUNE_ERR_INVALID ||
            strncmp(err->object, "fuzz:", 5))
            abort();
        return 0;
    }
    if (!policy || err) abort();
    match_all_types(policy);
    xtune_policy_free(policy);
    return 0;
}
