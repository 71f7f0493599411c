/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which domains a rule is for. */
#include <fnmatch.h>
#include <string.h>
#include <strings.h>

#include "base/util.h"
#include "policy/read.h"

/* One form of a match: what stands before the pattern, and the pattern. */
typedef struct matcher {
    const char *prefix;
    bool (*is_valid)(const char *pattern);
    bool (*matches)(const char *pattern, const xtune_domain *domain);
} matcher;

static bool is_glob(const char *pattern)
{
    return pattern[0] && !strpbrk(pattern, "\t\r\n");
}

/*
 * dom0 is what everything else runs on: a pattern that happens to fit its
 * name is not meant for it.
 */
static bool matches_name(const char *pattern, const xtune_domain *domain)
{
    if (!domain->id) return !strcmp(pattern, domain->name);
    return !fnmatch(pattern, domain->name, 0);
}

bool xt_is_uuid(const char *text)
{
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    size_t i;

    if (strlen(text) != sizeof(form) - 1) return false;
    for (i = 0; form[i]; i++)
        if (form[i] == '-' ? text[i] != '-'
                           : !strchr("0123456789abcdefABCDEF", text[i]))
            return false;
    return true;
}

static bool matches_uuid(const char *pattern, const xtune_domain *domain)
{
    return domain->id && !strcasecmp(pattern, domain->uuid);
}

static bool is_type(const char *pattern)
{
    enum xtune_domain_type type;

    for (type = XTUNE_TYPE_PV; type <= XTUNE_TYPE_HVM; type++)
        if (!strcmp(pattern, xtune_domain_type_name(type))) return true;
    return false;
}

static bool matches_type(const char *pattern, const xtune_domain *domain)
{
    return domain->id && domain->type != XTUNE_TYPE_UNKNOWN &&
           !strcmp(pattern, xtune_domain_type_name(domain->type));
}

static bool is_nothing(const char *pattern)
{
    return !pattern[0];
}

static bool matches_any(const char *pattern, const xtune_domain *domain)
{
    (void)pattern;
    return domain->id != 0;
}

static const matcher matchers[] = {
    { "name:", is_glob, matches_name },
    { "uuid:", xt_is_uuid, matches_uuid },
    { "type:", is_type, matches_type },
    { "*", is_nothing, matches_any },
};

/* The matcher of a match, and the pattern behind the prefix. */
static const matcher *find_matcher(const char *match, const char **pattern_r)
{
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(matchers); i++) {
        const size_t len = strlen(matchers[i].prefix);

        if (strncmp(match, matchers[i].prefix, len)) continue;
        *pattern_r = match + len;
        return &matchers[i];
    }
    return NULL;
}

bool xt_match_is_valid(const char *text)
{
    const char *pattern;
    const matcher *m = find_matcher(text, &pattern);

    return m && m->is_valid(pattern);
}

const xtune_rule *xtune_policy_match(const xtune_policy *policy,
                                     const xtune_domain *domain)
{
    const char *pattern;
    size_t i;

    for (i = 0; i < policy->nr_rules; i++) {
        const matcher *m = find_matcher(policy->rules[i].match, &pattern);

        if (m && m->matches(pattern, domain)) return &policy->rules[i];
    }
    return NULL;
}
