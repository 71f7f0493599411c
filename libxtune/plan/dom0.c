/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Plans that give dom0 memory and vCPUs, now and at the next boot. */
#include "plan/dom0.h"

#include "base/json.h"
#include "base/util.h"
#include "boot/boot.h"
#include "dom0/parts.h"
#include "plan/builder.h"

#define DOM0 "Domain-0"

int xt_dom0_not_known(xtune_error **err, const char *what)
{
    return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, 0, DOM0,
                           "a snapshot that \"xltune snapshot\" makes in dom0 "
                           "has it",
                           "it is not known %s", what);
}

void xt_dom0_add_number(const xt_dom0_asking *a, const char *kind,
                        uint64_t old, uint64_t new)
{
    xtune_arena *arena = a->plan->arena;

    if (old == new) return;
    xt_plan_add(a->plan, &(xtune_action){
                             .kind = kind,
                             .object = DOM0,
                             .target = xt_json_object(arena),
                             .old = xt_json_u64(arena, old),
                             .new = xt_json_u64(arena, new),
                             .reason = a->reason,
                         });
}

/* Where the boot does it anyway, that it cannot be done now is to be known. */
int xt_dom0_note_refusal(const xt_dom0_asking *a, int rc, xtune_error *cause,
                         xtune_error **err)
{
    const char *why;

    if (!rc) return 0;
    if (rc != XTUNE_ERR_REFUSED || !(a->when & XTUNE_DOM0_BOOT)) {
        if (err)
            *err = cause;
        else
            xtune_error_free(cause);
        return rc;
    }
    why = xtune_arena_printf(a->plan->arena, "not now: %s", cause->message);
    xt_plan_add_note(a->plan, DOM0, why);
    xtune_error_free(cause);
    return 0;
}

/* The next boot. */

int xt_dom0_check_boot(const xt_dom0_asking *a, xtune_error **err)
{
    const xtune_boot *boot = &a->host->boot;

    if (boot->xen_configured) return 0;
    if (boot->problem)
        return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, 0, "command line",
                               "mend it there, or set it with --now only",
                               "what the next boot's is cannot be told: %s",
                               boot->problem);
    return xtune_error_set(
        err, XTUNE_ERR_UNSUPPORTED, 0, "command line",
        "set it with --now only, or by the boot loader's own file; a snapshot "
        "that \"xltune snapshot\" makes in dom0 has it",
        "it is not known what the next boot's is");
}

/* In place of all that stand there. */
void xt_dom0_add_boot(const xt_dom0_asking *a, const char *key,
                      const char *value)
{
    xtune_arena *arena = a->plan->arena;
    const char *const *old;
    size_t nr;

    nr = xt_boot_values(arena, a->host->boot.xen_configured, key, &old);
    xt_plan_add_boot(a->plan, "xen", key, old, nr, &value, 1, a->reason);
}

bool xt_dom0_is_xcp(const xtune_host *host)
{
    bool old;

    return xt_dom0_rule_of(host, XTUNE_DOM0_AUTO, &old) == XTUNE_DOM0_XCP_NG;
}

/* What XAPI has of its own. */
void xt_dom0_note_inventory(const xt_dom0_asking *a, const char *name)
{
    if (!xt_dom0_is_xcp(a->host)) return;
    xt_plan_add_note(
        a->plan, "/etc/xensource-inventory",
        xtune_arena_printf(a->plan->arena,
                           "its %s stays as it is: it is what the installer "
                           "gave dom0, and changes nothing at boot",
                           name));
}

static xt_dom0_asking ask(const xtune_host *host, unsigned int when,
                          const char *reason)
{
    return (xt_dom0_asking){
        .plan = xt_plan_new(),
        .host = host,
        .dom0 = xt_dom0_of(host),
        .when = when,
        .reason = reason,
    };
}

static int finish(xtune_plan *plan, int rc, xtune_plan **plan_r)
{
    if (rc)
        xtune_plan_free(plan);
    else
        *plan_r = plan;
    return rc;
}

int xtune_plan_dom0_memory(const xtune_host *host, uint64_t kb,
                           unsigned int when, xtune_plan **plan_r,
                           xtune_error **err)
{
    const xt_dom0_asking asking = ask(host, when, "dom0's memory");

    return finish(asking.plan, xt_plan_add_dom0_memory(&asking, kb, err),
                  plan_r);
}

int xtune_plan_dom0_vcpus(const xtune_host *host, uint32_t nr,
                          unsigned int when, xtune_plan **plan_r,
                          xtune_error **err)
{
    const xt_dom0_asking asking = ask(host, when, "dom0's vCPUs");

    return finish(asking.plan, xt_plan_add_dom0_vcpus(&asking, nr, err),
                  plan_r);
}
