/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Passes every call on, and writes it down. */
#include "backend/trace.h"

#include <inttypes.h>

static int trace_observe(xtune_backend *backend, const xtune_observe *what,
                         xtune_host **host_r, xtune_error **err)
{
    trace *t = of(backend);
    XT_CLEANUP_FREE char *detail =
        xt_xprintf("parts=%#x residency=%u", what->parts, what->residency);

    return say(t, "observe", detail,
               t->inner->ops->observe(t->inner, what, host_r, err));
}

static int trace_find_domain(xtune_backend *backend, const xt_domain_ref *ref,
                             unsigned int *domid_r, xtune_error **err)
{
    trace *t = of(backend);

    return say(t, "find-domain", ref->name,
               t->inner->ops->find_domain(t->inner, ref, domid_r, err));
}

static int trace_get_affinity(xtune_backend *backend, const xt_vcpu_ref *ref,
                              xtune_arena *arena, xtune_set *hard_r,
                              xtune_set *soft_r, xtune_error **err)
{
    trace *t = of(backend);

    return say(t, "get-affinity", ref->domain.name,
               t->inner->ops->get_affinity(t->inner, ref, arena, hard_r,
                                           soft_r, err));
}

static int trace_set_affinity(xtune_backend *backend, const xt_vcpu_ref *ref,
                              const xtune_set *hard, const xtune_set *soft,
                              xtune_arena *arena, xtune_set *effective_hard_r,
                              xtune_set *effective_soft_r, xtune_error **err)
{
    trace *t = of(backend);
    const char *detail = xtune_arena_printf(
        arena, "%s %s/%s", ref->domain.name, xtune_set_format(arena, hard),
        xtune_set_format(arena, soft));

    return say(t, "set-affinity", detail,
               t->inner->ops->set_affinity(t->inner, ref, hard, soft, arena,
                                           effective_hard_r, effective_soft_r,
                                           err));
}

static int trace_list_pools(xtune_backend *backend, xtune_arena *arena,
                            const xtune_cpupool **pools_r, size_t *nr_r,
                            xtune_error **err)
{
    trace *t = of(backend);

    return say(t, "list-pools", "",
               t->inner->ops->list_pools(t->inner, arena, pools_r, nr_r, err));
}

static int trace_create_pool(xtune_backend *backend, const char *name,
                             const char *scheduler, xtune_error **err)
{
    trace *t = of(backend);
    XT_CLEANUP_FREE char *detail = xt_xprintf("%s %s", name, scheduler);

    return say(t, "create-pool", detail,
               t->inner->ops->create_pool(t->inner, name, scheduler, err));
}

static int trace_destroy_pool(xtune_backend *backend, const char *name,
                              xtune_error **err)
{
    trace *t = of(backend);

    return say(t, "destroy-pool", name,
               t->inner->ops->destroy_pool(t->inner, name, err));
}

static int trace_rename_pool(xtune_backend *backend, const char *name,
                             const char *new_name, xtune_error **err)
{
    trace *t = of(backend);
    XT_CLEANUP_FREE char *detail = xt_xprintf("%s %s", name, new_name);

    return say(t, "rename-pool", detail,
               t->inner->ops->rename_pool(t->inner, name, new_name, err));
}

static int trace_move_cpus(xtune_backend *backend, const xtune_set *cpus,
                           const char *pool, xtune_error **err)
{
    trace *t = of(backend);
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *detail = xtune_arena_printf(
        arena, "%s %s", xtune_set_format_ids(arena, cpus), pool ? pool : "-");

    return say(t, "move-cpus", detail,
               t->inner->ops->move_cpus(t->inner, cpus, pool, err));
}

static int trace_get_domain_pool(xtune_backend *backend,
                                 const xt_domain_ref *ref, xtune_arena *arena,
                                 const char **pool_r, xtune_error **err)
{
    trace *t = of(backend);

    return say(
        t, "get-domain-pool", ref->name,
        t->inner->ops->get_domain_pool(t->inner, ref, arena, pool_r, err));
}

static int trace_set_domain_pool(xtune_backend *backend,
                                 const xt_domain_ref *ref, const char *pool,
                                 xtune_error **err)
{
    trace *t = of(backend);
    XT_CLEANUP_FREE char *detail = xt_xprintf("%s %s", ref->name, pool);

    return say(t, "set-domain-pool", detail,
               t->inner->ops->set_domain_pool(t->inner, ref, pool, err));
}

static int trace_get_scheduling(xtune_backend *backend,
                                const xt_domain_ref *ref, xtune_arena *arena,
                                struct xt_json **value_r, xtune_error **err)
{
    trace *t = of(backend);

    return say(
        t, "get-scheduling", ref->name,
        t->inner->ops->get_scheduling(t->inner, ref, arena, value_r, err));
}

static int trace_set_scheduling(xtune_backend *backend,
                                const xt_domain_ref *ref,
                                const struct xt_json *value, xtune_error **err)
{
    trace *t = of(backend);

    return say(t, "set-scheduling", ref->name,
               t->inner->ops->set_scheduling(t->inner, ref, value, err));
}

static int trace_get_pool_scheduling(xtune_backend *backend, const char *pool,
                                     xtune_arena *arena,
                                     struct xt_json **value_r,
                                     xtune_error **err)
{
    trace *t = of(backend);

    return say(t, "get-pool-scheduling", pool,
               t->inner->ops->get_pool_scheduling(t->inner, pool, arena,
                                                  value_r, err));
}

static int trace_set_pool_scheduling(xtune_backend *backend, const char *pool,
                                     const struct xt_json *value,
                                     xtune_error **err)
{
    trace *t = of(backend);

    return say(t, "set-pool-scheduling", pool,
               t->inner->ops->set_pool_scheduling(t->inner, pool, value, err));
}

static int trace_get_configured(xtune_backend *backend,
                                const xt_domain_ref *ref, xtune_arena *arena,
                                struct xt_json **value_r, xtune_error **err)
{
    trace *t = of(backend);

    return say(
        t, "get-configured", ref->name,
        t->inner->ops->get_configured(t->inner, ref, arena, value_r, err));
}

static int trace_set_configured(xtune_backend *backend,
                                const xt_domain_ref *ref,
                                const struct xt_json *value, xtune_error **err)
{
    trace *t = of(backend);

    return say(t, "set-configured", ref->name,
               t->inner->ops->set_configured(t->inner, ref, value, err));
}

static const char *step_name(enum xt_pci_step step)
{
    static const char *const names[] = {
        [XT_PCI_UNBIND] = "unbind",
        [XT_PCI_BIND] = "bind",
        [XT_PCI_PROBE] = "probe",
        [XT_PCI_NEW_SLOT] = "new-slot",
        [XT_PCI_REMOVE_SLOT] = "remove-slot",
        [XT_PCI_QUARANTINE] = "quarantine",
        [XT_PCI_RELEASE] = "release",
        [XT_PCI_KEEP_DRIVER] = "keep-driver",
        [XT_PCI_KEEP_NAME] = "keep-name",
        [XT_PCI_CLAIM] = "claim",
    };

    return names[step];
}

static int trace_get_pci(xtune_backend *backend, const char *address,
                         xtune_arena *arena, struct xt_json **value_r,
                         xtune_error **err)
{
    trace *t = of(backend);

    return say(t, "get-pci", address,
               t->inner->ops->get_pci(t->inner, address, arena, value_r, err));
}

static int trace_do_pci_step(xtune_backend *backend, const char *address,
                             enum xt_pci_step step, const char *text,
                             xtune_error **err)
{
    trace *t = of(backend);
    XT_CLEANUP_FREE char *detail =
        xt_xprintf("%s %s%s%s", address, step_name(step), text ? " " : "",
                   text ? text : "");

    return say(t, "do-pci-step", detail,
               t->inner->ops->do_pci_step(t->inner, address, step, text, err));
}

static int trace_get_attached(xtune_backend *backend,
                              const xt_domain_ref *domain, const char *address,
                              xtune_arena *arena, struct xt_json **value_r,
                              xtune_error **err)
{
    trace *t = of(backend);

    return say(t, "get-attached", domain->name,
               t->inner->ops->get_attached(t->inner, domain, address, arena,
                                           value_r, err));
}

static int trace_attach_pci(xtune_backend *backend,
                            const xt_domain_ref *domain,
                            const xt_pci_attachment *attachment, int lock_fd,
                            xtune_error **err)
{
    trace *t = of(backend);

    return say(
        t, "attach-pci", domain->name,
        t->inner->ops->attach_pci(t->inner, domain, attachment, lock_fd, err));
}

static int trace_detach_pci(xtune_backend *backend,
                            const xt_domain_ref *domain, const char *address,
                            bool force, int lock_fd, xtune_error **err)
{
    trace *t = of(backend);

    return say(t, force ? "detach-pci-force" : "detach-pci", domain->name,
               t->inner->ops->detach_pci(t->inner, domain, address, force,
                                         lock_fd, err));
}

static int trace_get_vfs(xtune_backend *backend, const char *address,
                         uint32_t *nr_r, xtune_error **err)
{
    trace *t = of(backend);

    return say(t, "get-vfs", address,
               t->inner->ops->get_vfs(t->inner, address, nr_r, err));
}

static int trace_set_vfs(xtune_backend *backend, const char *address,
                         uint32_t nr, xtune_error **err)
{
    trace *t = of(backend);
    XT_CLEANUP_FREE char *detail = xt_xprintf("%s %u", address, nr);

    return say(t, "set-vfs", detail,
               t->inner->ops->set_vfs(t->inner, address, nr, err));
}

static int trace_get_boot(xtune_backend *backend, const char *line,
                          const char *key, xtune_arena *arena,
                          const char *const **values_r, size_t *nr_r,
                          xtune_error **err)
{
    trace *t = of(backend);
    XT_CLEANUP_FREE char *detail = xt_xprintf("%s %s", line, key);

    return say(t, "get-boot", detail,
               t->inner->ops->get_boot(t->inner, line, key, arena, values_r,
                                       nr_r, err));
}

/* "xen dom0_mem=4G, xen console gone" */
static const char *boot_words(xtune_arena *arena,
                              const xtune_boot_change *changes, size_t nr)
{
    const char *text = "";
    size_t i, k;

    for (i = 0; i < nr; i++) {
        text = xtune_arena_printf(arena, "%s%s%s %s%s", text, i ? ", " : "",
                                  changes[i].line, changes[i].key,
                                  changes[i].nr_values ? "" : " gone");
        for (k = 0; k < changes[i].nr_values; k++)
            text = xtune_arena_printf(arena, "%s%c%s", text, k ? ' ' : '=',
                                      changes[i].values[k]);
    }
    return text;
}

static int trace_set_boot(xtune_backend *backend,
                          const xtune_boot_change *changes, size_t nr,
                          const struct xt_json *kept, xtune_arena *arena,
                          const struct xt_json **kept_r, xtune_error **err)
{
    trace *t = of(backend);

    return say(t, "set-boot", boot_words(arena, changes, nr),
               t->inner->ops->set_boot(t->inner, changes, nr, kept, arena,
                                       kept_r, err));
}

static int trace_diff_boot(xtune_backend *backend,
                           const xtune_boot_change *changes, size_t nr,
                           xtune_arena *arena, const char **text_r,
                           xtune_error **err)
{
    trace *t = of(backend);

    return say(t, "diff-boot", boot_words(arena, changes, nr),
               t->inner->ops->diff_boot(t->inner, changes, nr, arena, text_r,
                                        err));
}

static int trace_get_dom0_memory(xtune_backend *backend, uint64_t *target_kb_r,
                                 xtune_error **err)
{
    trace *t = of(backend);

    return say(t, "get-dom0-memory", "",
               t->inner->ops->get_dom0_memory(t->inner, target_kb_r, err));
}

static int trace_set_dom0_memory(xtune_backend *backend, uint64_t target_kb,
                                 xtune_error **err)
{
    trace *t = of(backend);
    XT_CLEANUP_FREE char *detail = xt_xprintf("%" PRIu64, target_kb);

    return say(t, "set-dom0-memory", detail,
               t->inner->ops->set_dom0_memory(t->inner, target_kb, err));
}

static int trace_get_dom0_vcpus(xtune_backend *backend, uint32_t *nr_r,
                                xtune_error **err)
{
    trace *t = of(backend);

    return say(t, "get-dom0-vcpus", "",
               t->inner->ops->get_dom0_vcpus(t->inner, nr_r, err));
}

static int trace_set_dom0_vcpus(xtune_backend *backend, uint32_t nr,
                                xtune_error **err)
{
    trace *t = of(backend);
    XT_CLEANUP_FREE char *detail = xt_xprintf("%u", nr);

    return say(t, "set-dom0-vcpus", detail,
               t->inner->ops->set_dom0_vcpus(t->inner, nr, err));
}

static int trace_begin_move(xtune_backend *backend, const xt_move *move,
                            xt_moving **moving_r, xtune_error **err)
{
    trace *t = of(backend);
    XT_CLEANUP_FREE char *detail =
        xt_xprintf("%s %s%s", move->domain.name, move->nodes,
                   move->pause ? " paused" : "");

    return say(t, "begin-move", detail,
               t->inner->ops->begin_move(t->inner, move, moving_r, err));
}

static size_t trace_wait_moves(xtune_backend *backend,
                               xt_moving *const *moving, size_t nr)
{
    xtune_backend *inner = of(backend)->inner;

    return inner->ops->wait_moves(inner, moving, nr);
}

static int trace_end_move(xtune_backend *backend, xt_moving *moving,
                          xt_moved *moved_r, xtune_error **err)
{
    trace *t = of(backend);

    return say(t, "end-move", "",
               t->inner->ops->end_move(t->inner, moving, moved_r, err));
}

static int trace_settle(xtune_backend *backend, const xt_domain_ref *ref,
                        xtune_error **err)
{
    trace *t = of(backend);

    return say(t, "settle", ref->name,
               t->inner->ops->settle(t->inner, ref, err));
}

static int trace_open_events(xtune_backend *backend, xtune_events **events_r,
                             xtune_error **err)
{
    trace *t = of(backend);

    return say(t, "open-events", "",
               t->inner->ops->open_events(t->inner, events_r, err));
}

static int trace_settle_all(xtune_backend *backend, xtune_error **err)
{
    trace *t = of(backend);

    return say(t, "settle-all", "", t->inner->ops->settle_all(t->inner, err));
}

static int trace_commit(xtune_backend *backend, xtune_error **err)
{
    trace *t = of(backend);

    return say(t, "commit", "", t->inner->ops->commit(t->inner, err));
}

static bool trace_is_atomic(const xtune_backend *backend)
{
    return xt_backend_is_atomic(of(backend)->inner);
}

static const char *trace_describe(const xtune_backend *backend)
{
    return xtune_backend_describe(of(backend)->inner);
}

static const char *trace_state_dir(const xtune_backend *backend)
{
    return xtune_backend_state_dir(of(backend)->inner);
}

static void trace_close(xtune_backend *backend)
{
    xtune_backend_close(of(backend)->inner);
    free(backend);
}

static const struct xt_backend_ops trace_ops = {
    .name = "trace",
    .observe = trace_observe,
    .find_domain = trace_find_domain,
    .get_affinity = trace_get_affinity,
    .set_affinity = trace_set_affinity,
    .list_pools = trace_list_pools,
    .create_pool = trace_create_pool,
    .destroy_pool = trace_destroy_pool,
    .rename_pool = trace_rename_pool,
    .move_cpus = trace_move_cpus,
    .get_domain_pool = trace_get_domain_pool,
    .set_domain_pool = trace_set_domain_pool,
    .get_scheduling = trace_get_scheduling,
    .set_scheduling = trace_set_scheduling,
    .get_pool_scheduling = trace_get_pool_scheduling,
    .set_pool_scheduling = trace_set_pool_scheduling,
    .get_configured = trace_get_configured,
    .set_configured = trace_set_configured,
    .get_pci = trace_get_pci,
    .do_pci_step = trace_do_pci_step,
    .get_attached = trace_get_attached,
    .attach_pci = trace_attach_pci,
    .detach_pci = trace_detach_pci,
    .get_vfs = trace_get_vfs,
    .set_vfs = trace_set_vfs,
    .get_usb_controller = xt_trace_get_usb_controller,
    .add_usb_controller = xt_trace_add_usb_controller,
    .remove_usb_controller = xt_trace_remove_usb_controller,
    .get_usb = xt_trace_get_usb,
    .attach_usb = xt_trace_attach_usb,
    .detach_usb = xt_trace_detach_usb,
    .get_usb_device = xt_trace_get_usb_device,
    .probe_usb = xt_trace_probe_usb,
    .get_usb_rules = xt_trace_get_usb_rules,
    .set_usb_rules = xt_trace_set_usb_rules,
    .get_boot = trace_get_boot,
    .set_boot = trace_set_boot,
    .diff_boot = trace_diff_boot,
    .get_file = xt_trace_get_file,
    .set_file = xt_trace_set_file,
    .get_dom0_memory = trace_get_dom0_memory,
    .set_dom0_memory = trace_set_dom0_memory,
    .get_dom0_vcpus = trace_get_dom0_vcpus,
    .set_dom0_vcpus = trace_set_dom0_vcpus,
    .get_governor = xt_trace_get_governor,
    .set_governor = xt_trace_set_governor,
    .begin_move = trace_begin_move,
    .wait_moves = trace_wait_moves,
    .end_move = trace_end_move,
    .settle = trace_settle,
    .settle_all = trace_settle_all,
    .open_events = trace_open_events,
    .commit = trace_commit,
    .is_atomic = trace_is_atomic,
    .describe = trace_describe,
    .state_dir = trace_state_dir,
    .close = trace_close,
};

xtune_backend *xtune_backend_trace(xtune_backend *inner, FILE *out)
{
    trace *t = xt_xrealloc(NULL, 1, sizeof(*t));

    *t = (trace){ .backend.ops = &trace_ops, .inner = inner, .out = out };
    return &t->backend;
}
