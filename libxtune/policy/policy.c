/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Policies from files, folders and memory. */
#include <xtune/policy.h>

#include <string.h>

#include "base/files.h"
#include "base/util.h"
#include "base/xml.h"
#include "policy/read.h"

#define HOW_TO_GO_ON "put a policy there, see xltune-policy(5)"

/* One without a name: it gets those of its files. */
static xtune_policy *policy_new(void)
{
    xtune_arena *arena = xtune_arena_new();
    xtune_policy *policy = XTUNE_NEW(arena, xtune_policy);

    policy->arena = arena;
    return policy;
}

xtune_policy *xtune_policy_new(void)
{
    xtune_policy *policy = policy_new();

    policy->name = "records";
    return policy;
}

void xtune_policy_free(xtune_policy *policy)
{
    if (policy) xtune_arena_free(policy->arena);
}

bool xtune_policy_has_usb(const xtune_policy *policy)
{
    size_t i;

    for (i = 0; i < policy->nr_records; i++)
        if (policy->records[i].nr_usb) return true;
    return false;
}

const char *xtune_source_text(xtune_arena *arena, xtune_source source)
{
    return xtune_arena_printf(arena, "%s:%u", source.file, source.line);
}

/*
 * Our own reader first, for it knows what to say; the schema after it, for
 * what the reader may have let pass.
 */
static int add_text(xtune_policy *policy, xtune_arena *arena, const char *text,
                    size_t len, const char *file, xtune_error **err)
{
    xt_policy_reader r = {
        .policy = policy,
        .file = xtune_arena_strdup(policy->arena, file),
        .arena = arena,
        .err = err,
    };
    xt_xml_doc *doc;
    int rc;

    rc = xt_xml_parse(arena, text, len, file, &doc, err);
    if (rc) return rc;
    rc = xt_policy_walk(&r, &xt_policy_element, xt_xml_root(doc), NULL);
    if (!rc) rc = xt_xml_validate(doc, xt_policy_rng, xt_policy_rng_len, err);
    xt_xml_free(doc);
    return rc;
}

static int add_file(xtune_policy *policy, const char *file, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    char *text;
    size_t len;
    int rc;

    rc = xt_file_read(arena, file, XT_XML_MAX_BYTES, &text, &len, err);
    if (rc) return rc;
    return add_text(policy, arena, text, len, file, err);
}

int xt_policy_read_memory(const char *text, size_t len, const char *object,
                          xtune_policy **policy_r, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_policy *policy = policy_new();
    int rc = add_text(policy, arena, text, len, object, err);

    if (rc) {
        xtune_policy_free(policy);
        return rc;
    }
    *policy_r = policy;
    return 0;
}

int xtune_policy_read(const char *const *files, size_t nr_files,
                      xtune_policy **policy_r, xtune_error **err)
{
    xtune_policy *policy;
    size_t i;
    int rc;

    if (!nr_files)
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, "policy", NULL,
                               "no file is given");
    policy = policy_new();
    for (i = 0; i < nr_files; i++) {
        rc = add_file(policy, files[i], err);
        if (rc) {
            xtune_policy_free(policy);
            return rc;
        }
    }
    *policy_r = policy;
    return 0;
}

int xtune_policy_read_dir(const char *dir, xtune_policy **policy_r,
                          xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char **files;
    size_t nr;
    int rc;

    rc = xt_list_files(arena, dir, ".xml", &files, &nr, err);
    if (rc == XTUNE_ERR_NOT_FOUND && err)
        return xtune_error_set(err, rc, (*err)->errnum, dir, HOW_TO_GO_ON,
                               "%s", (*err)->message);
    if (rc) return rc;
    if (!nr)
        return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, dir, HOW_TO_GO_ON,
                               "no file \"*.xml\" in this folder");
    return xtune_policy_read(files, nr, policy_r, err);
}
