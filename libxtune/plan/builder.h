/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef XT_BUILDER_H
#define XT_BUILDER_H

#include <xtune/plan.h>

/* An empty plan with an arena of its own. */
xtune_plan *xt_plan_new(void);

/* Adds a change; what it points to is in the plan's arena. */
void xt_plan_add(xtune_plan *plan, const xtune_action *action);

/* What identifies a domain: its "domid", "name" and "uuid". In the arena, and
 * copied: more may be added. */
struct xt_json *xt_plan_target(xtune_arena *arena, const xtune_domain *domain);

/* Adds something that is wanted and cannot be; why is copied. */
void xt_plan_add_blocked(xtune_plan *plan, const char *kind,
                         const char *object, const char *wanted,
                         const char *why);

/* Adds something to know about an object; both are copied. */
void xt_plan_add_note(xtune_plan *plan, const char *object, const char *text);

/* Marks moves of domains that other actions before them change as well, and
 * these. */
void xt_plan_chain_moves(xtune_plan *plan);

/*
 * Adds the change of a vCPU's masks, where they differ from those it has.
 */
void xt_plan_add_affinity(xtune_plan *plan, const xtune_domain *domain,
                          const xtune_vcpu *vcpu, const xtune_set *hard,
                          const xtune_set *soft, const char *reason);

/* Adds the change of its stored configuration to these masks, where it has one
 * that does not give them. */
void xt_plan_add_stored(xtune_plan *plan, const xtune_domain *domain,
                        const xtune_set *hard, const xtune_set *soft,
                        const char *reason);

/* Adds that change to a value of host/configured.h, where it is another. */
void xt_plan_set_stored(xtune_plan *plan, const xtune_domain *domain,
                        const struct xt_json *configured, const char *reason);

/*
 * Adds a parameter of a command line, "xen" or "dom0", to the one action of
 * kind "boot-parameters" that a plan has, where its values after the next boot
 * are others; a key that is there already is to be so instead. All is copied.
 */
void xt_plan_add_boot(xtune_plan *plan, const char *line, const char *key,
                      const char *const *old, size_t nr_old,
                      const char *const *new, size_t nr_new,
                      const char *reason);

/*
 * Adds the change of a file of dom0's that xltune may change
 * (host/dom0_file.h), where its text is another; NULL: it is not there. old
 * may be all that reading it gives, as the model has it. One that is there
 * already is to leave this text instead. All is copied.
 */
void xt_plan_add_file(xtune_plan *plan, const char *path, const char *old,
                      const char *new, const char *reason);

/* What is in a file then: to change it further, in what it is to be. */
const char *xt_plan_file(const xtune_plan *plan, const xtune_host *host,
                         const char *path);

/* Adds the change of a CPU's governor, where it is known and another. */
void xt_plan_add_governor(xtune_plan *plan, const xtune_cpu *cpu,
                          const char *governor, const char *reason);

/* A move of a domain's memory, or one to a third node. */
typedef struct xt_planned_move {
    const xtune_domain *domain;
    unsigned int parked; /* that node; XTUNE_NONE: as follows */
    const uint64_t *memory_by_node_kb;
    const xtune_set *hard, *soft; /* by index of vCPU */
    bool pause;
    const char *reason;
} xt_planned_move;

/* Adds it: after any that is there already of this domain. */
void xt_plan_add_move(xtune_plan *plan, const xtune_host *host,
                      const xt_planned_move *move);

/*
 * Fills in the local shares before and after: masks[i] are those that domain
 * i gets (index of vCPU), NULL where it keeps its own; its memory is to be as
 * memory_by_node_kb says, NULL where it stays.
 */
typedef struct xt_masks {
    const xtune_set *hard, *soft;
    const uint64_t *memory_by_node_kb;
} xt_masks;

/* Those that a domain has. */
xt_masks xt_own_masks(xtune_arena *arena, const xtune_domain *domain);

void xt_plan_summarize(xtune_plan *plan, const xtune_host *host,
                       const xt_masks *masks);

#endif
