/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef XT_PLAN_DOM0_H
#define XT_PLAN_DOM0_H

#include <xtune/dom0.h>
#include <xtune/plan.h>

/* What is asked for. */
typedef struct xt_dom0_asking {
    xtune_plan *plan;
    const xtune_host *host;
    const xtune_domain *dom0; /* NULL: not observed */
    unsigned int when;        /* XTUNE_DOM0_* */
    const char *reason;
} xt_dom0_asking;

/* XTUNE_ERR_UNSUPPORTED: it is not known what. */
int xt_dom0_not_known(xtune_error **err, const char *what);

/* Adds the change of a number of dom0's, where it is one. */
void xt_dom0_add_number(const xt_dom0_asking *asking, const char *kind,
                        uint64_t old, uint64_t new);

/* rc and cause, which came of what is to be done now, into err; but where the
 * boot does it anyway, a refusal is a note. */
int xt_dom0_note_refusal(const xt_dom0_asking *asking, int rc,
                         xtune_error *cause, xtune_error **err);

/* XTUNE_ERR_UNSUPPORTED where the next boot's command line is not known. */
int xt_dom0_check_boot(const xt_dom0_asking *asking, xtune_error **err);

/* Adds the change of a parameter of Xen's, in place of all that stand there.
 */
void xt_dom0_add_boot(const xt_dom0_asking *asking, const char *key,
                      const char *value);

/* Whether dom0 is XCP-ng's or XenServer's. */
bool xt_dom0_is_xcp(const xtune_host *host);

/* A note of what XAPI has of its own there. */
void xt_dom0_note_inventory(const xt_dom0_asking *asking, const char *name);

/* dom0_memory.c, dom0_vcpus.c: what xtune_plan_dom0_memory() and
 * xtune_plan_dom0_vcpus() say; errors as theirs. */
int xt_plan_add_dom0_memory(const xt_dom0_asking *asking, uint64_t kb,
                            xtune_error **err);
int xt_plan_add_dom0_vcpus(const xt_dom0_asking *asking, uint32_t nr,
                           xtune_error **err);

/* wanted_dom0.c: adds what the policy wants of dom0; what cannot be is
 * blocked. Returns the host that there is then: the request's, or one in the
 * arena. */
const xtune_host *xt_plan_add_wanted_dom0(xtune_plan *plan, xtune_arena *arena,
                                          const xtune_plan_request *request);

#endif
