/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "backend/backend.h"

#include <string.h>

void xtune_backend_close(xtune_backend *backend)
{
    if (backend) backend->ops->close(backend);
}

const char *xtune_backend_describe(const xtune_backend *backend)
{
    return backend->ops->describe(backend);
}

const char *xtune_backend_state_dir(const xtune_backend *backend)
{
    return backend->ops->state_dir(backend);
}

int xtune_backend_observe(xtune_backend *backend, const xtune_observe *what,
                          xtune_host **host_r, xtune_error **err)
{
    return backend->ops->observe(backend, what, host_r, err);
}

int xtune_events_open(xtune_backend *backend, xtune_events **events_r,
                      xtune_error **err)
{
    return backend->ops->open_events(backend, events_r, err);
}

bool xt_is_nil_uuid(const char *uuid)
{
    return !uuid[strspn(uuid, "0-")];
}

bool xt_backend_is_atomic(const xtune_backend *backend)
{
    return backend->ops->is_atomic && backend->ops->is_atomic(backend);
}
