/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "backend/trace.h"

int xt_trace_get_file(xtune_backend *backend, const char *path,
                      xtune_arena *arena, const char **text_r,
                      xtune_error **err)
{
    trace *t = of(backend);

    return say(t, "get-file", path,
               t->inner->ops->get_file(t->inner, path, arena, text_r, err));
}

int xt_trace_set_file(xtune_backend *backend, const char *path,
                      const char *text, xtune_error **err)
{
    trace *t = of(backend);
    XT_CLEANUP_FREE char *detail =
        xt_xprintf("%s%s", path, text ? "" : " gone");

    return say(t, "set-file", detail,
               t->inner->ops->set_file(t->inner, path, text, err));
}

int xt_trace_get_governor(xtune_backend *backend, uint32_t cpu,
                          xtune_arena *arena, const char **governor_r,
                          xtune_error **err)
{
    trace *t = of(backend);
    XT_CLEANUP_FREE char *detail = xt_xprintf("%u", cpu);

    return say(
        t, "get-governor", detail,
        t->inner->ops->get_governor(t->inner, cpu, arena, governor_r, err));
}

int xt_trace_set_governor(xtune_backend *backend, uint32_t cpu,
                          const char *governor, xtune_error **err)
{
    trace *t = of(backend);
    XT_CLEANUP_FREE char *detail = xt_xprintf("%u %s", cpu, governor);

    return say(t, "set-governor", detail,
               t->inner->ops->set_governor(t->inner, cpu, governor, err));
}
