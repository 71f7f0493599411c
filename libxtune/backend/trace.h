/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the parts of the backend that writes calls down have in common. Only
 * trace*.c include this. */
#ifndef XT_TRACE_H
#define XT_TRACE_H

#include "backend/backend.h"
#include "base/util.h"

typedef struct trace {
    xtune_backend backend;
    xtune_backend *inner;
    FILE *out;
} trace;

static inline trace *of(const xtune_backend *backend)
{
    return (trace *)backend;
}

static inline int say(const trace *t, const char *call, const char *detail,
                      int rc)
{
    fprintf(t->out, "xltune: trace: %s %s%s%s%s\n", t->inner->ops->name, call,
            detail[0] ? " " : "", detail, rc ? " = failed" : "");
    return rc;
}

/* trace_usb.c: the operations of the same names. */

int xt_trace_get_usb_controller(xtune_backend *backend,
                                const xt_domain_ref *domain, uint32_t id,
                                xtune_arena *arena, struct xt_json **value_r,
                                xtune_error **err);
int xt_trace_add_usb_controller(xtune_backend *backend,
                                const xt_domain_ref *domain, uint32_t id,
                                const struct xt_json *value, int lock_fd,
                                xtune_error **err);
int xt_trace_remove_usb_controller(xtune_backend *backend,
                                   const xt_domain_ref *domain, uint32_t id,
                                   int lock_fd, xtune_error **err);
int xt_trace_get_usb(xtune_backend *backend, const xt_domain_ref *domain,
                     const char *path, xtune_arena *arena,
                     struct xt_json **value_r, xtune_error **err);
int xt_trace_attach_usb(xtune_backend *backend, const xt_domain_ref *domain,
                        const char *path, uint32_t controller, uint32_t port,
                        int lock_fd, xtune_error **err);
int xt_trace_detach_usb(xtune_backend *backend, const xt_domain_ref *domain,
                        const char *path, int lock_fd, xtune_error **err);
int xt_trace_get_usb_device(xtune_backend *backend, const char *path,
                            xtune_arena *arena, struct xt_json **value_r,
                            xtune_error **err);
int xt_trace_probe_usb(xtune_backend *backend, const char *path,
                       xtune_error **err);
int xt_trace_get_usb_rules(xtune_backend *backend, xtune_arena *arena,
                           const char **text_r, xtune_error **err);
int xt_trace_set_usb_rules(xtune_backend *backend, const char *text,
                           xtune_error **err);

/* trace_files.c: the operations of the same names. */

int xt_trace_get_file(xtune_backend *backend, const char *path,
                      xtune_arena *arena, const char **text_r,
                      xtune_error **err);
int xt_trace_set_file(xtune_backend *backend, const char *path,
                      const char *text, xtune_error **err);
int xt_trace_get_governor(xtune_backend *backend, uint32_t cpu,
                          xtune_arena *arena, const char **governor_r,
                          xtune_error **err);
int xt_trace_set_governor(xtune_backend *backend, uint32_t cpu,
                          const char *governor, xtune_error **err);

#endif
