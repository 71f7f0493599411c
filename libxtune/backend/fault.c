/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Passes every call on, but spoils the change that it was told to spoil. */
#include "backend/fault.h"

#include <string.h>

static const char *const kinds[] = {
    [FAIL] = "fail", [HALF] = "half", [LIE] = "lie",
    [KILL] = "kill", [DENY] = "deny",
};

static int fault_observe(xtune_backend *backend, const xtune_observe *what,
                         xtune_host **host_r, xtune_error **err)
{
    return xtune_backend_observe(of(backend)->inner, what, host_r, err);
}

static int fault_find_domain(xtune_backend *backend, const xt_domain_ref *ref,
                             unsigned int *domid_r, xtune_error **err)
{
    return PASS(of(backend), find_domain, ref, domid_r, err);
}

static int fault_get_affinity(xtune_backend *backend, const xt_vcpu_ref *ref,
                              xtune_arena *arena, xtune_set *hard_r,
                              xtune_set *soft_r, xtune_error **err)
{
    return PASS(of(backend), get_affinity, ref, arena, hard_r, soft_r, err);
}

static int fault_set_affinity(xtune_backend *backend, const xt_vcpu_ref *ref,
                              const xtune_set *hard, const xtune_set *soft,
                              xtune_arena *arena, xtune_set *effective_hard_r,
                              xtune_set *effective_soft_r, xtune_error **err)
{
    fault *f = of(backend);
    const int rc = CHANGE(f, ref->domain.name, err, set_affinity, ref, hard,
                          soft, arena, effective_hard_r, effective_soft_r);

    if (!rc && lies(f)) {
        *effective_hard_r = xtune_set_copy(arena, hard);
        *effective_soft_r = xtune_set_copy(arena, soft);
    }
    return rc;
}

static int fault_list_pools(xtune_backend *backend, xtune_arena *arena,
                            const xtune_cpupool **pools_r, size_t *nr_r,
                            xtune_error **err)
{
    return PASS(of(backend), list_pools, arena, pools_r, nr_r, err);
}

static int fault_create_pool(xtune_backend *backend, const char *name,
                             const char *scheduler, xtune_error **err)
{
    return CHANGE(of(backend), name, err, create_pool, name, scheduler);
}

static int fault_destroy_pool(xtune_backend *backend, const char *name,
                              xtune_error **err)
{
    return CHANGE(of(backend), name, err, destroy_pool, name);
}

static int fault_rename_pool(xtune_backend *backend, const char *name,
                             const char *new_name, xtune_error **err)
{
    return CHANGE(of(backend), name, err, rename_pool, name, new_name);
}

static int fault_move_cpus(xtune_backend *backend, const xtune_set *cpus,
                           const char *pool, xtune_error **err)
{
    const char *object = pool ? pool : "cpupool";

    return CHANGE(of(backend), object, err, move_cpus, cpus, pool);
}

static int fault_get_domain_pool(xtune_backend *backend,
                                 const xt_domain_ref *ref, xtune_arena *arena,
                                 const char **pool_r, xtune_error **err)
{
    return PASS(of(backend), get_domain_pool, ref, arena, pool_r, err);
}

static int fault_set_domain_pool(xtune_backend *backend,
                                 const xt_domain_ref *ref, const char *pool,
                                 xtune_error **err)
{
    return CHANGE(of(backend), ref->name, err, set_domain_pool, ref, pool);
}

static int fault_get_scheduling(xtune_backend *backend,
                                const xt_domain_ref *ref, xtune_arena *arena,
                                struct xt_json **value_r, xtune_error **err)
{
    return PASS(of(backend), get_scheduling, ref, arena, value_r, err);
}

static int fault_set_scheduling(xtune_backend *backend,
                                const xt_domain_ref *ref,
                                const struct xt_json *value, xtune_error **err)
{
    return CHANGE(of(backend), ref->name, err, set_scheduling, ref, value);
}

static int fault_get_pool_scheduling(xtune_backend *backend, const char *pool,
                                     xtune_arena *arena,
                                     struct xt_json **value_r,
                                     xtune_error **err)
{
    return PASS(of(backend), get_pool_scheduling, pool, arena, value_r, err);
}

static int fault_set_pool_scheduling(xtune_backend *backend, const char *pool,
                                     const struct xt_json *value,
                                     xtune_error **err)
{
    return CHANGE(of(backend), pool, err, set_pool_scheduling, pool, value);
}

static int fault_get_configured(xtune_backend *backend,
                                const xt_domain_ref *ref, xtune_arena *arena,
                                struct xt_json **value_r, xtune_error **err)
{
    return PASS(of(backend), get_configured, ref, arena, value_r, err);
}

static int fault_set_configured(xtune_backend *backend,
                                const xt_domain_ref *ref,
                                const struct xt_json *value, xtune_error **err)
{
    return CHANGE(of(backend), ref->name, err, set_configured, ref, value);
}

/* A move of the backend within, unless it is a lie. */
struct xt_moving {
    xt_moving *inner;
    const xt_move *move;
    bool lie, half;
};

static int fault_get_pci(xtune_backend *backend, const char *address,
                         xtune_arena *arena, struct xt_json **value_r,
                         xtune_error **err)
{
    return PASS(of(backend), get_pci, address, arena, value_r, err);
}

static int fault_do_pci_step(xtune_backend *backend, const char *address,
                             enum xt_pci_step step, const char *text,
                             xtune_error **err)
{
    return CHANGE(of(backend), address, err, do_pci_step, address, step, text);
}

static int fault_get_attached(xtune_backend *backend,
                              const xt_domain_ref *domain, const char *address,
                              xtune_arena *arena, struct xt_json **value_r,
                              xtune_error **err)
{
    return PASS(of(backend), get_attached, domain, address, arena, value_r,
                err);
}

static int fault_attach_pci(xtune_backend *backend,
                            const xt_domain_ref *domain,
                            const xt_pci_attachment *attachment, int lock_fd,
                            xtune_error **err)
{
    return CHANGE(of(backend), attachment->address, err, attach_pci, domain,
                  attachment, lock_fd);
}

static int fault_detach_pci(xtune_backend *backend,
                            const xt_domain_ref *domain, const char *address,
                            bool force, int lock_fd, xtune_error **err)
{
    return CHANGE(of(backend), address, err, detach_pci, domain, address,
                  force, lock_fd);
}

static int fault_get_vfs(xtune_backend *backend, const char *address,
                         uint32_t *nr_r, xtune_error **err)
{
    return PASS(of(backend), get_vfs, address, nr_r, err);
}

static int fault_set_vfs(xtune_backend *backend, const char *address,
                         uint32_t nr, xtune_error **err)
{
    return CHANGE(of(backend), address, err, set_vfs, address, nr);
}

static int fault_begin_move(xtune_backend *backend, const xt_move *move,
                            xt_moving **moving_r, xtune_error **err)
{
    fault *f = of(backend);
    xt_moving *moving;
    int rc = 0;

    begin(f);
    if (fails(f)) return injected(move->domain.name, err);
    moving = xt_xrealloc(NULL, 1, sizeof(*moving));
    *moving = (xt_moving){
        .move = move,
        .lie = lies(f),
        .half = f->count == f->at && f->kind == HALF,
    };
    if (!moving->lie)
        rc = f->inner->ops->begin_move(f->inner, move, &moving->inner, err);
    if (rc)
        free(moving);
    else
        *moving_r = moving;
    return rc;
}

static size_t fault_wait_moves(xtune_backend *backend,
                               xt_moving *const *moving, size_t nr)
{
    XT_CLEANUP_FREE xt_moving **within =
        xt_xrealloc(NULL, nr, sizeof(*within));
    xtune_backend *inner = of(backend)->inner;
    size_t i;

    for (i = 0; i < nr; i++) {
        if (moving[i]->lie) return i;
        within[i] = moving[i]->inner;
    }
    return inner->ops->wait_moves(inner, within, nr);
}

static int fault_end_move(xtune_backend *backend, xt_moving *moving,
                          xt_moved *moved_r, xtune_error **err)
{
    xtune_backend *inner = of(backend)->inner;
    int rc = 0;

    *moved_r = (xt_moved){ .bytes = 0 };
    if (!moving->lie)
        rc = inner->ops->end_move(inner, moving->inner, moved_r, err);
    if (!rc && moving->half) rc = injected(moving->move->domain.name, err);
    free(moving);
    return rc;
}

static int fault_get_boot(xtune_backend *backend, const char *line,
                          const char *key, xtune_arena *arena,
                          const char *const **values_r, size_t *nr_r,
                          xtune_error **err)
{
    return PASS(of(backend), get_boot, line, key, arena, values_r, nr_r, err);
}

static int fault_set_boot(xtune_backend *backend,
                          const xtune_boot_change *changes, size_t nr,
                          const struct xt_json *kept, xtune_arena *arena,
                          const struct xt_json **kept_r, xtune_error **err)
{
    *kept_r = NULL;
    return CHANGE(of(backend), "command line", err, set_boot, changes, nr,
                  kept, arena, kept_r);
}

static int fault_diff_boot(xtune_backend *backend,
                           const xtune_boot_change *changes, size_t nr,
                           xtune_arena *arena, const char **text_r,
                           xtune_error **err)
{
    return PASS(of(backend), diff_boot, changes, nr, arena, text_r, err);
}

static int fault_get_dom0_memory(xtune_backend *backend, uint64_t *target_kb_r,
                                 xtune_error **err)
{
    return PASS(of(backend), get_dom0_memory, target_kb_r, err);
}

static int fault_set_dom0_memory(xtune_backend *backend, uint64_t target_kb,
                                 xtune_error **err)
{
    return CHANGE(of(backend), "Domain-0", err, set_dom0_memory, target_kb);
}

static int fault_get_dom0_vcpus(xtune_backend *backend, uint32_t *nr_r,
                                xtune_error **err)
{
    return PASS(of(backend), get_dom0_vcpus, nr_r, err);
}

static int fault_set_dom0_vcpus(xtune_backend *backend, uint32_t nr,
                                xtune_error **err)
{
    return CHANGE(of(backend), "Domain-0", err, set_dom0_vcpus, nr);
}

static int fault_settle(xtune_backend *backend, const xt_domain_ref *ref,
                        xtune_error **err)
{
    return PASS(of(backend), settle, ref, err);
}

static int fault_open_events(xtune_backend *backend, xtune_events **events_r,
                             xtune_error **err)
{
    return PASS(of(backend), open_events, events_r, err);
}

static int fault_settle_all(xtune_backend *backend, xtune_error **err)
{
    return PASS(of(backend), settle_all, err);
}

static int fault_commit(xtune_backend *backend, xtune_error **err)
{
    return PASS(of(backend), commit, err);
}

static bool fault_is_atomic(const xtune_backend *backend)
{
    return xt_backend_is_atomic(of(backend)->inner);
}

static const char *fault_describe(const xtune_backend *backend)
{
    return xtune_backend_describe(of(backend)->inner);
}

static const char *fault_state_dir(const xtune_backend *backend)
{
    return xtune_backend_state_dir(of(backend)->inner);
}

static void fault_close(xtune_backend *backend)
{
    xtune_backend_close(of(backend)->inner);
    free(backend);
}

static const struct xt_backend_ops fault_ops = {
    .name = "fault",
    .observe = fault_observe,
    .find_domain = fault_find_domain,
    .get_affinity = fault_get_affinity,
    .set_affinity = fault_set_affinity,
    .list_pools = fault_list_pools,
    .create_pool = fault_create_pool,
    .destroy_pool = fault_destroy_pool,
    .rename_pool = fault_rename_pool,
    .move_cpus = fault_move_cpus,
    .get_domain_pool = fault_get_domain_pool,
    .set_domain_pool = fault_set_domain_pool,
    .get_scheduling = fault_get_scheduling,
    .set_scheduling = fault_set_scheduling,
    .get_pool_scheduling = fault_get_pool_scheduling,
    .set_pool_scheduling = fault_set_pool_scheduling,
    .get_configured = fault_get_configured,
    .set_configured = fault_set_configured,
    .get_pci = fault_get_pci,
    .do_pci_step = fault_do_pci_step,
    .get_attached = fault_get_attached,
    .attach_pci = fault_attach_pci,
    .detach_pci = fault_detach_pci,
    .get_vfs = fault_get_vfs,
    .set_vfs = fault_set_vfs,
    .get_usb_controller = xt_fault_get_usb_controller,
    .add_usb_controller = xt_fault_add_usb_controller,
    .remove_usb_controller = xt_fault_remove_usb_controller,
    .get_usb = xt_fault_get_usb,
    .attach_usb = xt_fault_attach_usb,
    .detach_usb = xt_fault_detach_usb,
    .get_usb_device = xt_fault_get_usb_device,
    .probe_usb = xt_fault_probe_usb,
    .get_usb_rules = xt_fault_get_usb_rules,
    .set_usb_rules = xt_fault_set_usb_rules,
    .get_boot = fault_get_boot,
    .set_boot = fault_set_boot,
    .diff_boot = fault_diff_boot,
    .begin_move = fault_begin_move,
    .wait_moves = fault_wait_moves,
    .end_move = fault_end_move,
    .get_file = xt_fault_get_file,
    .set_file = xt_fault_set_file,
    .get_dom0_memory = fault_get_dom0_memory,
    .set_dom0_memory = fault_set_dom0_memory,
    .get_dom0_vcpus = fault_get_dom0_vcpus,
    .set_dom0_vcpus = fault_set_dom0_vcpus,
    .get_governor = xt_fault_get_governor,
    .set_governor = xt_fault_set_governor,
    .settle = fault_settle,
    .settle_all = fault_settle_all,
    .open_events = fault_open_events,
    .commit = fault_commit,
    .is_atomic = fault_is_atomic,
    .describe = fault_describe,
    .state_dir = fault_state_dir,
    .close = fault_close,
};

static bool parse_spec(fault *f, const char *spec)
{
    const size_t len = strcspn(spec, ":");
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(kinds); i++) {
        if (strlen(kinds[i]) != len || strncmp(kinds[i], spec, len)) continue;
        f->kind = (enum fault_kind)i;
        return spec[len] &&
               xt_parse_u64(spec + len + 1, 10, UINT32_MAX, &f->at) && f->at;
    }
    return false;
}

int xtune_backend_fault(xtune_backend *inner, const char *spec,
                        xtune_backend **backend_r, xtune_error **err)
{
    fault f = { .backend.ops = &fault_ops, .inner = inner }, *copy;

    if (!parse_spec(&f, spec))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, "fault",
                               "write fail:N, half:N, lie:N, kill:N or "
                               "deny:N",
                               "\"%s\" is no fault", spec);
    copy = xt_xrealloc(NULL, 1, sizeof(*copy));
    *copy = f;
    *backend_r = &copy->backend;
    return 0;
}
