/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "backend/fault.h"

int xt_fault_get_file(xtune_backend *backend, const char *path,
                      xtune_arena *arena, const char **text_r,
                      xtune_error **err)
{
    return PASS(of(backend), get_file, path, arena, text_r, err);
}

int xt_fault_set_file(xtune_backend *backend, const char *path,
                      const char *text, xtune_error **err)
{
    return CHANGE(of(backend), path, err, set_file, path, text);
}

int xt_fault_get_governor(xtune_backend *backend, uint32_t cpu,
                          xtune_arena *arena, const char **governor_r,
                          xtune_error **err)
{
    return PASS(of(backend), get_governor, cpu, arena, governor_r, err);
}

int xt_fault_set_governor(xtune_backend *backend, uint32_t cpu,
                          const char *governor, xtune_error **err)
{
    return CHANGE(of(backend), "governor", err, set_governor, cpu, governor);
}
