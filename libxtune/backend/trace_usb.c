/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "backend/trace.h"

int xt_trace_get_usb_controller(xtune_backend *backend,
                                const xt_domain_ref *domain, uint32_t id,
                                xtune_arena *arena, struct xt_json **value_r,
                                xtune_error **err)
{
    trace *t = of(backend);
    XT_CLEANUP_FREE char *detail = xt_xprintf("%s %u", domain->name, id);

    return say(t, "get-usb-controller", detail,
               t->inner->ops->get_usb_controller(t->inner, domain, id, arena,
                                                 value_r, err));
}

int xt_trace_add_usb_controller(xtune_backend *backend,
                                const xt_domain_ref *domain, uint32_t id,
                                const struct xt_json *value, int lock_fd,
                                xtune_error **err)
{
    trace *t = of(backend);
    XT_CLEANUP_FREE char *detail = xt_xprintf("%s %u", domain->name, id);

    return say(t, "add-usb-controller", detail,
               t->inner->ops->add_usb_controller(t->inner, domain, id, value,
                                                 lock_fd, err));
}

int xt_trace_remove_usb_controller(xtune_backend *backend,
                                   const xt_domain_ref *domain, uint32_t id,
                                   int lock_fd, xtune_error **err)
{
    trace *t = of(backend);
    XT_CLEANUP_FREE char *detail = xt_xprintf("%s %u", domain->name, id);

    return say(t, "remove-usb-controller", detail,
               t->inner->ops->remove_usb_controller(t->inner, domain, id,
                                                    lock_fd, err));
}

int xt_trace_get_usb(xtune_backend *backend, const xt_domain_ref *domain,
                     const char *path, xtune_arena *arena,
                     struct xt_json **value_r, xtune_error **err)
{
    trace *t = of(backend);
    XT_CLEANUP_FREE char *detail = xt_xprintf("%s %s", domain->name, path);

    return say(
        t, "get-usb", detail,
        t->inner->ops->get_usb(t->inner, domain, path, arena, value_r, err));
}

int xt_trace_attach_usb(xtune_backend *backend, const xt_domain_ref *domain,
                        const char *path, uint32_t controller, uint32_t port,
                        int lock_fd, xtune_error **err)
{
    trace *t = of(backend);
    XT_CLEANUP_FREE char *detail =
        xt_xprintf("%s %s %u.%u", domain->name, path, controller, port);

    return say(t, "attach-usb", detail,
               t->inner->ops->attach_usb(t->inner, domain, path, controller,
                                         port, lock_fd, err));
}

int xt_trace_detach_usb(xtune_backend *backend, const xt_domain_ref *domain,
                        const char *path, int lock_fd, xtune_error **err)
{
    trace *t = of(backend);
    XT_CLEANUP_FREE char *detail = xt_xprintf("%s %s", domain->name, path);

    return say(
        t, "detach-usb", detail,
        t->inner->ops->detach_usb(t->inner, domain, path, lock_fd, err));
}

int xt_trace_get_usb_device(xtune_backend *backend, const char *path,
                            xtune_arena *arena, struct xt_json **value_r,
                            xtune_error **err)
{
    trace *t = of(backend);

    return say(
        t, "get-usb-device", path,
        t->inner->ops->get_usb_device(t->inner, path, arena, value_r, err));
}

int xt_trace_probe_usb(xtune_backend *backend, const char *path,
                       xtune_error **err)
{
    trace *t = of(backend);

    return say(t, "probe-usb", path,
               t->inner->ops->probe_usb(t->inner, path, err));
}

int xt_trace_get_usb_rules(xtune_backend *backend, xtune_arena *arena,
                           const char **text_r, xtune_error **err)
{
    trace *t = of(backend);

    return say(t, "get-usb-rules", "",
               t->inner->ops->get_usb_rules(t->inner, arena, text_r, err));
}

int xt_trace_set_usb_rules(xtune_backend *backend, const char *text,
                           xtune_error **err)
{
    trace *t = of(backend);

    return say(t, "set-usb-rules", "",
               t->inner->ops->set_usb_rules(t->inner, text, err));
}
