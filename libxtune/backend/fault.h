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

/* Of the change that was begun last. */
static inline bool fails(const fault *f)
{
    return (f->kind == FAIL && f->count == f->at) ||
           (f->kind == DENY && f->count >= f->at);
}

static inline bool lies(const fault *f)
{
    return f->kind == LIE && f->count == f->at;
}

/* Whether this change is made at all. */
static inline bool begin(fault *f)
{
    if (++f->count == f->at && f->kind == KILL) raise(SIGKILL);
    return !fails(f) && !lies(f);
}

/* What the change is to answer. */
static inline int end(const fault *f, const char *object, int rc,
                      xtune_error **err)
{
    if (fails(f) || (!rc && f->kind == HALF && f->count == f->at))
        return injected(object, err);
    return rc;
}

/* An operation of the backend within. */
#define PASS(f, op, ...) (f)->inner->ops->op((f)->inner, __VA_ARGS__)

/* One that changes the object, and has err as its last argument. */
#define CHANGE(f, object, err, op, ...)                                       \
    end(f, object, begin(f) ? PASS(f, op, __VA_ARGS__, err) : 0, err)

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
