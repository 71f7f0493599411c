/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "backend/fault.h"

int xt_fault_get_file(xtune_backend *backend, const char *path,
                      xtune_arena *arena, const char **text_r,
                      xtune_error **err)
{
    xtune_backend *inner = of(backend)->inner;

    return inner->ops->get_file(inner, path, arena, text_r, err);
}

int xt_fault_set_file(xtune_backend *backend, const char *path,
                      const char *text, xtune_error **err)
{
    fault *f = of(backend);
    bool lie;

    if (begin(f, &lie)) return injected(path, err);
    if (lie) return 0;
    return end(f, path, f->inner->ops->set_file(f->inner, path, text, err),
               err);
}

int xt_fault_get_governor(xtune_backend *backend, uint32_t cpu,
                          xtune_arena *arena, const char **governor_r,
                          xtune_error **err)
{
    xtune_backend *inner = of(backend)->inner;

    return inner->ops->get_governor(inner, cpu, arena, governor_r, err);
}

int xt_fault_set_governor(xtune_backend *backend, uint32_t cpu,
                          const char *governor, xtune_error **err)
{
    fault *f = of(backend);
    bool lie;

    if (begin(f, &lie)) return injected("governor", err);
    if (lie) return 0;
    return end(f, "governor",
               f->inner->ops->set_governor(f->inner, cpu, governor, err), err);
}
