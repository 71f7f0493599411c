/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Plans that give USB devices to domains, and take them back. */
#include "plan/usb.h"

#include <string.h>

#include "base/util.h"
#include "plan/builder.h"
#include "plan/usb_place.h"

static int check_device(const xtune_usb *usb, xtune_error **err)
{
    if (xtune_usb_is_hub(usb))
        return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, 0, usb->path,
                               "take what is plugged into it",
                               "it is a hub, and no guest can have one");
    if (!usb->configured || !usb->nr_interfaces)
        return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, usb->path,
                               "plug it in again; dmesg may tell more",
                               "dom0's Linux has not configured it, so that "
                               "it is not known what it is");
    return 0;
}

static int heed_guards(const xt_usb_planner *p, const xtune_usb *usb,
                       xtune_error **err)
{
    xtune_findings *findings = xtune_findings_new();
    int rc;

    xtune_usb_add_guards(findings, p->then, p->policy, usb);
    rc = xtune_findings_heed(findings, p->forced, p->nr_forced, err);
    xtune_findings_free(findings);
    return rc;
}

/* Where this domain says that it has it, or another one has it; NULL. */
static const xt_usb_taken *find_taken(const xt_usb_taken *taken, size_t nr,
                                      const xtune_domain *domain, bool is_its,
                                      const char *path)
{
    size_t i;

    for (i = 0; i < nr; i++)
        if ((taken[i].domain == domain) == is_its &&
            !strcmp(taken[i].path, path) && (is_its || !taken[i].is_stale))
            return &taken[i];
    return NULL;
}

static int refuse_owned(const xt_usb_planner *p, const xtune_usb *usb,
                        const xtune_domain *owner, xtune_error **err)
{
    return xtune_error_set(
        err, XTUNE_ERR_REFUSED, 0, usb->path,
        xtune_arena_printf(p->arena,
                           "take it back with \"xltune usb-detach %s %s\" "
                           "first",
                           owner->name, usb->path),
        "domain \"%s\" has it", owner->name);
}

/* It has it: where it is to have it. */
static int check_place(const xt_usb_planner *p, const xt_usb_taken *own,
                       const xtune_usb_place *place, xtune_error **err)
{
    if ((place->controller == XTUNE_NONE ||
         place->controller == own->controller->id) &&
        (place->port == XTUNE_NONE || place->port == own->port) &&
        (place->version == XTUNE_NONE ||
         place->version == own->controller->version))
        return 0;
    return xtune_error_set(
        err, XTUNE_ERR_REFUSED, 0, own->path,
        xtune_arena_printf(p->arena,
                           "take it back with \"xltune usb-detach %s %s\" "
                           "first",
                           own->domain->name, own->path),
        "\"%s\" has it in port %u of controller %u, which is of version %u",
        own->domain->name, own->port, own->controller->id,
        own->controller->version);
}

/* The toolstack gives nothing to anybody while a port, of whichever domain,
 * has a device that is not there; nor this one, while another domain is said
 * to have it. */
static void make_way(xt_usb_planner *p, const xt_usb_taken *taken, size_t nr,
                     const xt_usb_taken *own, const xtune_usb *usb)
{
    size_t i;

    for (i = 0; i < nr; i++) {
        if (&taken[i] == own || !taken[i].is_stale) continue;
        if (!taken[i].is_there)
            xt_usb_add_detach(p, &taken[i], "it is not plugged in any more");
        else if (!strcmp(taken[i].path, usb->path))
            xt_usb_add_detach(p, &taken[i],
                              "it was plugged in again, and is not there any "
                              "more");
    }
}

int xt_usb_plan_attach(xt_usb_planner *p, const xtune_domain *domain,
                       const xtune_usb *usb, const xtune_usb_place *place,
                       const char *reason, xtune_error **err)
{
    xtune_domain *then = xt_usb_domain(p, domain);
    const xt_usb_taken *taken, *own, *other;
    xt_usb_spot spot;
    size_t nr;
    int rc;

    rc = xt_usb_check_domain(domain, err);
    if (!rc) rc = check_device(usb, err);
    if (rc) return rc;
    taken = xt_usb_list_taken(p, &nr);
    own = find_taken(taken, nr, then, true, usb->path);
    other = find_taken(taken, nr, then, false, usb->path);
    if (own && !own->is_stale) return check_place(p, own, place, err);
    if (other) return refuse_owned(p, usb, other->domain, err);
    rc = heed_guards(p, usb, err);
    if (!rc) rc = xt_usb_find_spot(p, then, usb, place, own, &spot, err);
    if (rc) return rc;
    make_way(p, taken, nr, own, usb);
    if (!spot.controller)
        spot.controller = xt_usb_add_controller(
            p, then, &spot.shape,
            xtune_arena_printf(p->arena, "a free port for %s", usb->path));
    xt_usb_add_attach(p, then, usb, own, spot.controller, spot.port,
                      own ? "it was plugged in again" : reason);
    return 0;
}

int xtune_plan_usb_attach(const xtune_usb_request *request,
                          const xtune_domain *domain, const xtune_usb *usb,
                          const xtune_usb_place *place, xtune_plan **plan_r,
                          xtune_error **err)
{
    xtune_plan *plan = xt_plan_new();
    xt_usb_planner p;
    int rc;

    xt_usb_planner_init(&p, plan, plan->arena, request);
    rc = xt_usb_plan_attach(&p, domain, usb, place, "usb-attach", err);
    xt_usb_planner_dispose(&p);
    if (rc)
        xtune_plan_free(plan);
    else
        *plan_r = plan;
    return rc;
}

int xtune_plan_usb_detach(const xtune_usb_request *request,
                          const xtune_domain *domain, const char *path,
                          xtune_plan **plan_r, xtune_error **err)
{
    xtune_plan *plan = xt_plan_new();
    const xt_usb_taken *own;
    xt_usb_planner p;
    size_t nr;
    int rc = 0;

    xt_usb_planner_init(&p, plan, plan->arena, request);
    own = xt_usb_list_taken(&p, &nr);
    own = find_taken(own, nr, xt_usb_domain(&p, domain), true, path);
    if (own)
        xt_usb_add_detach(&p, own, "usb-detach");
    else
        rc = xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, domain->name,
                             "\"xltune usb-list\" shows what it has",
                             "it does not have %.80s", path);
    xt_usb_planner_dispose(&p);
    if (rc)
        xtune_plan_free(plan);
    else
        *plan_r = plan;
    return rc;
}
