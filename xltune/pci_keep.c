/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is kept of the host's devices: whether they are assignable, and their
 * virtual functions. */
#include "cmd_pci.h"

#include <string.h>

#include <xtune/record.h>

xtune_wanted_pci wanted_of(xtune_arena *arena, const xtune_pci *pci)
{
    const xtune_pci_identity identity = xtune_pci_identity_of(arena, pci);

    return (xtune_wanted_pci){
        .address = pci->address,
        .vendor = identity.vendor,
        .device = identity.device,
        .subsystem_vendor = identity.subsystem_vendor,
        .subsystem_device = identity.subsystem_device,
        .path = identity.path,
        .serial = identity.serial,
        .slot = XTUNE_NONE,
        .vfs = XTUNE_NONE,
    };
}

/* What is kept of it already, of which it is the same device. */
static void take_kept(const xtune_policy *policy, xtune_wanted_pci *wanted)
{
    size_t i;

    for (i = 0; i < policy->nr_devices; i++) {
        const xtune_wanted_pci *kept = &policy->devices[i];

        if (strcmp(kept->address, wanted->address)) continue;
        wanted->assignable = kept->assignable;
        wanted->name = kept->name;
        wanted->vfs = kept->vfs;
        wanted->vfs_assignable = kept->vfs_assignable;
    }
}

static void drop_vfs(xtune_wanted_pci *wanted)
{
    wanted->vfs = XTUNE_NONE;
    wanted->vfs_assignable = false;
}

static void change(const struct kept_device *kept, xtune_wanted_pci *wanted)
{
    if (kept->vfs != XTUNE_NONE) {
        drop_vfs(wanted);
        if (!kept->vfs) return;
        wanted->assignable = false;
        wanted->name = NULL;
        wanted->vfs = kept->vfs;
        wanted->vfs_assignable = kept->assignable;
        return;
    }
    wanted->assignable = kept->assignable;
    if (!kept->assignable)
        wanted->name = NULL;
    else if (kept->name)
        wanted->name = kept->name;
    if (kept->assignable) drop_vfs(wanted);
}

int keep_device(struct context *ctx, const void *what, xtune_error **err)
{
    const struct kept_device *kept = what;
    xtune_policy *policy = xtune_policy_new();
    size_t i;
    int rc;

    rc = read_records(ctx, policy, err);
    for (i = 0; !rc && i < kept->nr; i++) {
        xtune_wanted_pci wanted =
            wanted_of(ctx->host->arena, kept->devices[i]);

        take_kept(policy, &wanted);
        change(kept, &wanted);
        rc = xtune_record_device(ctx->state, &wanted, err);
    }
    xtune_policy_free(policy);
    return rc;
}
