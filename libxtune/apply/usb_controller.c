/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * usb-controller: a USB controller of a domain, of a target {"domid", "uuid",
 * "controller"}: null, or
 *
 *     { "type": "devicemodel", "version": 2, "ports": 6 }
 *
 * One goes without devices: those in it are actions of their own, and what
 * another hand has put into it stays where it is.
 */
#include "apply/kinds.h"

#include <string.h>

#include "backend/backend.h"
#include "base/util.h"

static int read_target(const xtune_action *action, xt_domain_ref *domain_r,
                       uint32_t *id_r, xtune_error **err)
{
    uint64_t id;
    int rc;

    rc = xt_kind_domain(action, domain_r, err);
    if (rc) return rc;
    if (!xt_json_to_u64(xt_json_get(action->target, "controller"), UINT32_MAX,
                        &id))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, action->object, NULL,
                               "the action does not say which controller");
    *id_r = (uint32_t)id;
    return 0;
}

static int controller_read(const xt_hands *hands, const xtune_action *action,
                           xtune_arena *arena, xt_json **value_r,
                           xtune_error **err)
{
    xt_domain_ref domain;
    uint32_t id;
    int rc;

    rc = read_target(action, &domain, &id, err);
    if (rc) return rc;
    return hands->backend->ops->get_usb_controller(hands->backend, &domain, id,
                                                   arena, value_r, err);
}

static bool is_as(const xt_json *value, const xt_json *now)
{
    static const char *const keys[] = { "type", "version", "ports" };
    size_t i;

    if (xt_json_is_null(value) || xt_json_is_null(now))
        return xt_json_is_null(value) && xt_json_is_null(now);
    for (i = 0; i < XT_ARRAY_SIZE(keys); i++) {
        const xt_json *a = xt_json_get(value, keys[i]);
        const xt_json *b = xt_json_get(now, keys[i]);

        if (!a || !b || !xt_json_equal(a, b)) return false;
    }
    return true;
}

static enum xt_found controller_compare(const xtune_action *action,
                                        const xt_json *now)
{
    if (is_as(action->old, now)) return XT_FOUND_OLD;
    if (is_as(action->new, now)) return XT_FOUND_NEW;
    return XT_FOUND_OTHER;
}

/* The path of a device in it, in the arena; NULL: there is none. */
static const char *first_device(const xtune_host *host, unsigned int domid,
                                uint32_t id, xtune_arena *arena)
{
    size_t i, j, k;

    for (i = 0; i < host->nr_domains; i++)
        for (j = 0; j < host->domains[i].nr_usb; j++) {
            const xtune_usb_controller *c = &host->domains[i].usb[j];

            if (host->domains[i].id != domid || c->id != id) continue;
            for (k = 0; k < c->nr_ports; k++)
                if (c->ports[k]) return xtune_arena_strdup(arena, c->ports[k]);
        }
    return NULL;
}

static int check_empty(const xt_hands *hands, const xtune_action *action,
                       const xt_domain_ref *domain, uint32_t id,
                       xtune_arena *arena, xtune_error **err)
{
    const xtune_observe what = { .parts = XTUNE_OBSERVE_USB };
    const char *path;
    unsigned int domid;
    xtune_host *host;
    int rc;

    rc = hands->backend->ops->find_domain(hands->backend, domain, &domid, err);
    if (!rc) rc = xtune_backend_observe(hands->backend, &what, &host, err);
    if (rc) return rc;
    path = first_device(host, domid, id, arena);
    xtune_host_free(host);
    if (!path) return 0;
    return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, action->object,
                           "take it back with \"xltune usb-detach\" first",
                           "device %s is in it", path);
}

static int controller_write(const xt_hands *hands, const xtune_action *action,
                            const xt_json *value, xtune_arena *arena,
                            xt_made *made, xtune_error **err)
{
    const struct xt_backend_ops *ops = hands->backend->ops;
    xt_domain_ref domain;
    xt_json *now;
    uint32_t id;
    int rc;

    (void)made;
    rc = read_target(action, &domain, &id, err);
    if (!rc)
        rc = ops->get_usb_controller(hands->backend, &domain, id, arena, &now,
                                     err);
    if (rc || is_as(value, now)) return rc;
    if (!xt_json_is_null(now)) {
        rc = check_empty(hands, action, &domain, id, arena, err);
        if (!rc)
            rc = ops->remove_usb_controller(hands->backend, &domain, id,
                                            hands->lock_fd, err);
    }
    if (rc || xt_json_is_null(value)) return rc;
    return ops->add_usb_controller(hands->backend, &domain, id, value,
                                   hands->lock_fd, err);
}

const xt_action_kind xt_kind_usb_controller = {
    .name = "usb-controller",
    .read = controller_read,
    .compare = controller_compare,
    .write = controller_write,
};
