/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "backend/backend.h"

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
