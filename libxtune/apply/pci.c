/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pci: a device in a domain, of a target {"address", "domid", "uuid",
 * "force"}: how the domain has it, as host/attachment.h says, or null. force:
 * it is taken back also where the guest does not let go.
 */
#include "apply/kinds.h"

#include "backend/backend.h"
#include "base/util.h"
#include "host/attachment.h"

static int pci_read(const xt_hands *hands, const xtune_action *action,
                    xtune_arena *arena, xt_json **value_r, xtune_error **err)
{
    const char *address;
    xt_domain_ref ref;
    int rc;

    rc = xt_kind_domain(action, &ref, err);
    if (!rc) rc = xt_kind_text(action, "address", &address, err);
    if (rc) return rc;
    return hands->backend->ops->get_attached(hands->backend, &ref, address,
                                             arena, value_r, err);
}

/* Where the guest chose the slot, any is right. */
static bool is_as(const xt_json *value, const xt_json *now)
{
    xtune_attachment a, b;

    if (xt_json_is_null(value) || xt_json_is_null(now))
        return xt_json_is_null(value) && xt_json_is_null(now);
    if (!xt_attachment_from_json(value, "", &a) ||
        !xt_attachment_from_json(now, "", &b))
        return false;
    if (a.slot == XTUNE_NONE || b.slot == XTUNE_NONE) return true;
    return a.slot == b.slot && a.function == b.function;
}

static enum xt_found pci_compare(const xtune_action *action,
                                 const xt_json *now)
{
    if (is_as(action->old, now)) return XT_FOUND_OLD;
    if (is_as(action->new, now)) return XT_FOUND_NEW;
    return XT_FOUND_OTHER;
}

/* What the toolstack's store says of it: XTUNE_NONE for no domain. */
static uint32_t claimed_by(const xt_hands *hands, const char *address,
                           xtune_arena *arena)
{
    uint64_t domid = XTUNE_NONE;
    xt_json *value;

    if (!hands->backend->ops->get_pci(hands->backend, address, arena, &value,
                                      NULL))
        (void)xt_json_to_u64(xt_json_get(value, "claimed_by"), UINT32_MAX,
                             &domid);
    return (uint32_t)domid;
}

/* The toolstack says that a domain has it before it gives it: what remains of
 * that where it did not come so far makes it unusable for all. domid is the
 * domain that this was for; another one's claim is another hand's. */
static void clean_up(const xt_hands *hands, const xt_domain_ref *ref,
                     const char *address, unsigned int domid,
                     xtune_arena *arena)
{
    const struct xt_backend_ops *ops = hands->backend->ops;
    xt_json *attached;
    int rc;

    rc = ops->get_attached(hands->backend, ref, address, arena, &attached,
                           NULL);
    if (!rc && !xt_json_is_null(attached))
        ops->detach_pci(hands->backend, ref, address, true, hands->lock_fd,
                        NULL);
    if ((rc == XTUNE_ERR_NOT_FOUND || (!rc && xt_json_is_null(attached))) &&
        claimed_by(hands, address, arena) == domid)
        ops->do_pci_step(hands->backend, address, XT_PCI_CLAIM, NULL, NULL);
}

static int attach(const xt_hands *hands, const xt_domain_ref *ref,
                  const char *address, const xt_json *value,
                  xtune_arena *arena, xtune_error **err)
{
    const struct xt_backend_ops *ops = hands->backend->ops;
    xtune_attachment attachment;
    unsigned int domid;
    int rc;

    if (!xt_attachment_from_json(value, address, &attachment))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, ref->name, NULL,
                               "the action does not say how to attach it");
    rc = ops->find_domain(hands->backend, ref, &domid, err);
    if (rc) return rc;
    if (claimed_by(hands, address, arena) != XTUNE_NONE)
        return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, address, NULL,
                               "a domain is about to have it");
    rc =
        ops->attach_pci(hands->backend, ref, &attachment, hands->lock_fd, err);
    /* Busy: it is still being done. */
    if (rc && rc != XTUNE_ERR_BUSY)
        clean_up(hands, ref, address, domid, arena);
    return rc;
}

static int pci_write(const xt_hands *hands, const xtune_action *action,
                     const xt_json *value, xtune_arena *arena, xt_made *made,
                     xtune_error **err)
{
    const struct xt_backend_ops *ops = hands->backend->ops;
    const xt_json *force = xt_json_get(action->target, "force");
    const char *address;
    xt_domain_ref ref;
    xt_json *now;
    int rc;

    (void)made;
    rc = xt_kind_domain(action, &ref, err);
    if (!rc) rc = xt_kind_text(action, "address", &address, err);
    if (!rc)
        rc =
            ops->get_attached(hands->backend, &ref, address, arena, &now, err);
    if (rc || is_as(value, now)) return rc;
    if (!xt_json_is_null(now))
        rc = ops->detach_pci(hands->backend, &ref, address,
                             force && force->type == XT_JSON_BOOL &&
                                 force->boolean,
                             hands->lock_fd, err);
    if (rc || xt_json_is_null(value)) return rc;
    return attach(hands, &ref, address, value, arena, err);
}

const xt_action_kind xt_kind_pci = {
    .name = "pci",
    .read = pci_read,
    .compare = pci_compare,
    .write = pci_write,
};
