/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "backend/fault.h"

int xt_fault_get_usb_controller(xtune_backend *backend,
                                const xt_domain_ref *domain, uint32_t id,
                                xtune_arena *arena, struct xt_json **value_r,
                                xtune_error **err)
{
    xtune_backend *inner = of(backend)->inner;

    return inner->ops->get_usb_controller(inner, domain, id, arena, value_r,
                                          err);
}

int xt_fault_add_usb_controller(xtune_backend *backend,
                                const xt_domain_ref *domain, uint32_t id,
                                const struct xt_json *value, int lock_fd,
                                xtune_error **err)
{
    fault *f = of(backend);
    bool lie;

    if (begin(f, &lie)) return injected(domain->name, err);
    if (lie) return 0;
    return end(f, domain->name,
               f->inner->ops->add_usb_controller(f->inner, domain, id, value,
                                                 lock_fd, err),
               err);
}

int xt_fault_remove_usb_controller(xtune_backend *backend,
                                   const xt_domain_ref *domain, uint32_t id,
                                   int lock_fd, xtune_error **err)
{
    fault *f = of(backend);
    bool lie;

    if (begin(f, &lie)) return injected(domain->name, err);
    if (lie) return 0;
    return end(f, domain->name,
               f->inner->ops->remove_usb_controller(f->inner, domain, id,
                                                    lock_fd, err),
               err);
}

int xt_fault_get_usb(xtune_backend *backend, const xt_domain_ref *domain,
                     const char *path, xtune_arena *arena,
                     struct xt_json **value_r, xtune_error **err)
{
    xtune_backend *inner = of(backend)->inner;

    return inner->ops->get_usb(inner, domain, path, arena, value_r, err);
}

int xt_fault_attach_usb(xtune_backend *backend, const xt_domain_ref *domain,
                        const char *path, uint32_t controller, uint32_t port,
                        int lock_fd, xtune_error **err)
{
    fault *f = of(backend);
    bool lie;

    if (begin(f, &lie)) return injected(path, err);
    if (lie) return 0;
    return end(f, path,
               f->inner->ops->attach_usb(f->inner, domain, path, controller,
                                         port, lock_fd, err),
               err);
}

int xt_fault_detach_usb(xtune_backend *backend, const xt_domain_ref *domain,
                        const char *path, int lock_fd, xtune_error **err)
{
    fault *f = of(backend);
    bool lie;

    if (begin(f, &lie)) return injected(path, err);
    if (lie) return 0;
    return end(f, path,
               f->inner->ops->detach_usb(f->inner, domain, path, lock_fd, err),
               err);
}

int xt_fault_get_usb_device(xtune_backend *backend, const char *path,
                            xtune_arena *arena, struct xt_json **value_r,
                            xtune_error **err)
{
    xtune_backend *inner = of(backend)->inner;

    return inner->ops->get_usb_device(inner, path, arena, value_r, err);
}

int xt_fault_probe_usb(xtune_backend *backend, const char *path,
                       xtune_error **err)
{
    fault *f = of(backend);
    bool lie;

    if (begin(f, &lie)) return injected(path, err);
    if (lie) return 0;
    return end(f, path, f->inner->ops->probe_usb(f->inner, path, err), err);
}

int xt_fault_get_usb_rules(xtune_backend *backend, xtune_arena *arena,
                           const char **text_r, xtune_error **err)
{
    xtune_backend *inner = of(backend)->inner;

    return inner->ops->get_usb_rules(inner, arena, text_r, err);
}

int xt_fault_set_usb_rules(xtune_backend *backend, const char *text,
                           xtune_error **err)
{
    fault *f = of(backend);
    bool lie;

    if (begin(f, &lie)) return injected("usb-policy", err);
    if (lie) return 0;
    return end(f, "usb-policy",
               f->inner->ops->set_usb_rules(f->inner, text, err), err);
}
