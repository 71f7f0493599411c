/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the parts of the backend that spoils changes have in common. Only
 * fault*.c include this. */
#ifndef XT_FAULT_H
#define XT_FAULT_H

#include <errno.h>
#include <signal.h>

#include "backend/backend.h"
#include "base/util.h"

enum fault_kind { FAIL, HALF, LIE, KILL, DENY };

typedef struct fault {
    xtune_backend backend;
    xtune_backend *inner;
    enum fault_kind kind;
    uint64_t at;    /* the change to spoil, from 1 */
    uint64_t count; /* changes so far */
} fault;

static inline fault *of(const xtune_backend *backend)
{
    return (fault *)backend;
}

static inline int injected(const char *object, xtune_error **err)
{
    return xtune_error_set(err, XTUNE_ERR_REFUSED, EIO, object, NULL,
                           "a fault was injected here");
}

/* Whether this change is the one that fails, or that is not made at all. */
static inline bool begin(fault *f, bool *lie_r)
{
    const bool here = ++f->count == f->at;

    if (here && f->kind == KILL) raise(SIGKILL);
    *lie_r = here && f->kind == LIE;
    return (here && f->kind == FAIL) || (f->count >= f->at && f->kind == DENY);
}

/* What the change that was made is to answer. */
static inline int end(const fault *f, const char *object, int rc,
                      xtune_error **err)
{
    if (!rc && f->count == f->at && f->kind == HALF)
        return injected(object, err);
    return rc;
}

/* fault_usb.c: the operations of the same names. */

int xt_fault_get_usb_controller(xtune_backend *backend,
                                const xt_domain_ref *domain, uint32_t id,
                                xtune_arena *arena, struct xt_json **value_r,
                                xtune_error **err);
int xt_fault_add_usb_controller(xtune_backend *backend,
                                const xt_domain_ref *domain, uint32_t id,
                                const struct xt_json *value, int lock_fd,
                                xtune_error **err);
int xt_fault_remove_usb_controller(xtune_backend *backend,
                                   const xt_domain_ref *domain, uint32_t id,
                                   int lock_fd, xtune_error **err);
int xt_fault_get_usb(xtune_backend *backend, const xt_domain_ref *domain,
                     const char *path, xtune_arena *arena,
                     struct xt_json **value_r, xtune_error **err);
int xt_fault_attach_usb(xtune_backend *backend, const xt_domain_ref *domain,
                        const char *path, uint32_t controller, uint32_t port,
                        int lock_fd, xtune_error **err);
int xt_fault_detach_usb(xtune_backend *backend, const xt_domain_ref *domain,
                        const char *path, int lock_fd, xtune_error **err);
int xt_fault_get_usb_device(xtune_backend *backend, const char *path,
                            xtune_arena *arena, struct xt_json **value_r,
                            xtune_error **err);
int xt_fault_probe_usb(xtune_backend *backend, const char *path,
                       xtune_error **err);
int xt_fault_get_usb_rules(xtune_backend *backend, xtune_arena *arena,
                           const char **text_r, xtune_error **err);
int xt_fault_set_usb_rules(xtune_backend *backend, const char *text,
                           xtune_error **err);

/* fault_files.c: the operations of the same names. */

int xt_fault_get_file(xtune_backend *backend, const char *path,
                      xtune_arena *arena, const char **text_r,
                      xtune_error **err);
int xt_fault_set_file(xtune_backend *backend, const char *path,
                      const char *text, xtune_error **err);
int xt_fault_get_governor(xtune_backend *backend, uint32_t cpu,
                          xtune_arena *arena, const char **governor_r,
                          xtune_error **err);
int xt_fault_set_governor(xtune_backend *backend, uint32_t cpu,
                          const char *governor, xtune_error **err);

#endif
