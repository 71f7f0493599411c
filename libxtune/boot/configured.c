/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/configured.h"

#include <string.h>

#include <xtune/boot.h>

#include "boot/boot.h"
#include "boot/lines.h"

const char *xt_boot_configured(const xtune_host *host, const char *line)
{
    return strcmp(line, xt_boot_line_name(XT_BOOT_XEN)) == 0
               ? host->boot.xen_configured
               : host->boot.dom0_configured;
}

int xt_boot_check_known(const xtune_host *host, const char *line,
                        xtune_error **err)
{
    const char *problem = host->boot.problem;
    enum xt_boot_line which;
    int rc;

    rc = xt_boot_line_parse(line, &which, err);
    if (rc || xt_boot_configured(host, line)) return rc;
    if (problem)
        return xtune_error_set(
            err, XTUNE_ERR_UNSUPPORTED, 0, "command line", "mend it there",
            "what the next boot's is cannot be told: %s", problem);
    return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, 0, "command line", NULL,
                           "it is not known what the next boot's is");
}

int xtune_boot_get(const xtune_host *host, xtune_arena *arena,
                   const char *line, const char *key,
                   const char *const **values_r, size_t *nr_r,
                   xtune_error **err)
{
    const int rc = xt_boot_check_known(host, line, err);

    if (!rc)
        *nr_r = xt_boot_values(arena, xt_boot_configured(host, line), key,
                               values_r);
    return rc;
}

/* Whether words name it: by its key, or as it is written. */
static bool is_named(const char *const *words, size_t nr, const char *key,
                     const char *parameter)
{
    if (!nr) return true;
    while (nr--)
        if (xt_boot_is_same_key(words[nr], key) ||
            !strcmp(words[nr], parameter))
            return true;
    return false;
}

int xtune_boot_parameters(const xtune_host *host, xtune_arena *arena,
                          const char *line, const char *const *words,
                          size_t nr_words, const char ***parameters_r,
                          size_t *nr_r, xtune_error **err)
{
    const char *text, *key, *parameter, **parameters = NULL;
    size_t at = 0, start = 0, nr = 0;
    int rc;

    rc = xt_boot_check_known(host, line, err);
    if (rc) return rc;
    text = xt_boot_configured(host, line);
    for (; (key = xt_boot_next_key(arena, text, &at)); start = at) {
        parameter = xt_boot_with(
            arena, "", key,
            xt_boot_value(arena,
                          xtune_arena_strndup(arena, text + start, at - start),
                          key));
        if (!is_named(words, nr_words, key, parameter)) continue;
        parameters =
            xtune_arena_grow(arena, parameters, nr, sizeof(*parameters));
        parameters[nr++] = parameter;
    }
    *parameters_r = parameters;
    *nr_r = nr;
    return 0;
}
