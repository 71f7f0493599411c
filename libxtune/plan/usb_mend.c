/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The plan that puts right what devices and domains that went have left. */
#include "base/util.h"
#include "plan/builder.h"
#include "plan/usb.h"

/* No domain has it, and an interface of it has no driver. Which of them Linux
 * has none for only a try can tell, and that does no harm. */
static bool is_left_alone(const xt_usb_planner *p, const xtune_usb *usb)
{
    size_t i;

    if (!usb->configured || xtune_usb_is_hub(usb) ||
        xtune_usb_owner(p->then, usb->path, NULL, NULL))
        return false;
    for (i = 0; i < usb->nr_interfaces; i++)
        if (!usb->interfaces[i].driver) return true;
    return false;
}

int xtune_plan_usb_mend(const xtune_usb_request *request, xtune_plan **plan_r,
                        xtune_error **err)
{
    xtune_plan *plan = xt_plan_new();
    const xt_usb_taken *taken;
    xt_usb_planner p;
    size_t nr, i;

    (void)err;
    xt_usb_planner_init(&p, plan, plan->arena, request);
    taken = xt_usb_list_taken(&p, &nr);
    for (i = 0; i < nr; i++)
        if (taken[i].is_stale)
            xt_usb_add_detach(&p, &taken[i],
                              taken[i].is_there
                                  ? "it was plugged in again"
                                  : "it is not plugged in any more");
    for (i = 0; i < p.then->nr_usb; i++)
        if (is_left_alone(&p, &p.then->usb[i]))
            xt_usb_add_driver(&p, &p.then->usb[i]);
    xt_usb_planner_dispose(&p);
    *plan_r = plan;
    return 0;
}
