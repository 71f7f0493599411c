/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "backend/fault.h"

int xt_fault_get_usb_controller(xtune_backend *backend,
                                const xt_domain_ref *domain, uint32_t id,
                                xtune_arena *arena, struct xt_json **value_r,
                                xtune_error **err)
{
    return PASS(of(backend), get_usb_controller, domain, id, arena, value_r,
                err);
}

int xt_fault_add_usb_controller(xtune_backend *backend,
                                const xt_domain_ref *domain, uint32_t id,
                                const struct xt_json *value, int lock_fd,
                                xtune_error **err)
{
    return CHANGE(of(backend), domain->name, err, add_usb_controller, domain,
                  id, value, lock_fd);
}

int xt_fault_remove_usb_controller(xtune_backend *backend,
                                   const xt_domain_ref *domain, uint32_t id,
                                   int lock_fd, xtune_error **err)
{
    return CHANGE(of(backend), domain->name, err, remove_usb_controller,
                  domain, id, lock_fd);
}

int xt_fault_get_usb(xtune_backend *backend, const xt_domain_ref *domain,
                     const char *path, xtune_arena *arena,
                     struct xt_json **value_r, xtune_error **err)
{
    return PASS(of(backend), get_usb, domain, path, arena, value_r, err);
}

int xt_fault_attach_usb(xtune_backend *backend, const xt_domain_ref *domain,
                        const char *path, uint32_t controller, uint32_t port,
                        int lock_fd, xtune_error **err)
{
    return CHANGE(of(backend), path, err, attach_usb, domain, path, controller,
                  port, lock_fd);
}

int xt_fault_detach_usb(xtune_backend *backend, const xt_domain_ref *domain,
                        const char *path, int lock_fd, xtune_error **err)
{
    return CHANGE(of(backend), path, err, detach_usb, domain, path, lock_fd);
}

int xt_fault_get_usb_device(xtune_backend *backend, const char *path,
                            xtune_arena *arena, struct xt_json **value_r,
                            xtune_error **err)
{
    return PASS(of(backend), get_usb_device, path, arena, value_r, err);
}

int xt_fault_probe_usb(xtune_backend *backend, const char *path,
                       xtune_error **err)
{
    return CHANGE(of(backend), path, err, probe_usb, path);
}

int xt_fault_get_usb_rules(xtune_backend *backend, xtune_arena *arena,
                           const char **text_r, xtune_error **err)
{
    return PASS(of(backend), get_usb_rules, arena, text_r, err);
}

int xt_fault_set_usb_rules(xtune_backend *backend, const char *text,
                           xtune_error **err)
{
    return CHANGE(of(backend), "usb-policy", err, set_usb_rules, text);
}
