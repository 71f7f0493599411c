/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a backend is. A new one fills in the operations; wrappers (trace,
 * fault) hold another backend and pass calls on.
 */
#ifndef XT_BACKEND_H
#define XT_BACKEND_H

#include <xtune/backend.h>

/* A vCPU of a domain: id and uuid together, for ids are used again. */
typedef struct xt_vcpu_ref {
    unsigned int domid;
    const char *uuid;
    const char *name; /* for messages: "web1/0" */
    unsigned int vcpu;
} xt_vcpu_ref;

struct xt_backend_ops {
    const char *name;

    /* See xtune_backend_observe(). */
    int (*observe)(xtune_backend *backend, const xtune_observe *what,
                   xtune_host **host_r, xtune_error **err);

    /*
     * The masks of a vCPU as they are now, in the arena. XTUNE_ERR_NOT_FOUND
     * where there is no domain with this id and uuid, or no such vCPU.
     */
    int (*get_affinity)(xtune_backend *backend, const xt_vcpu_ref *vcpu,
                        xtune_arena *arena, xtune_set *hard_r,
                        xtune_set *soft_r, xtune_error **err);

    /*
     * Sets both masks, together or not at all, and tells which of their CPUs
     * count (those in the domain's pool; of soft, those in hard as well).
     * XTUNE_ERR_REFUSED with Xen's errno where it says no;
     * XTUNE_ERR_NOT_FOUND as above.
     */
    int (*set_affinity)(xtune_backend *backend, const xt_vcpu_ref *vcpu,
                        const xtune_set *hard, const xtune_set *soft,
                        xtune_arena *arena, xtune_set *effective_hard_r,
                        xtune_set *effective_soft_r, xtune_error **err);

    /* Makes the changes since the last commit last: a snapshot's file is
     * written. */
    int (*commit)(xtune_backend *backend, xtune_error **err);

    const char *(*describe)(const xtune_backend *backend);
    const char *(*state_dir)(const xtune_backend *backend);
    void (*close)(xtune_backend *backend);
};

/* The first member of each backend's own structure. */
struct xtune_backend {
    const struct xt_backend_ops *ops;
};

#endif
