/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A host in a JSON file. It changes as Xen would change it, and refuses what
 * Xen refuses (xen.git xen/common/sched/core.c, vcpu_set_affinity).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend/snapshot.h"
#include "backend/tree.h"
#include "base/files.h"
#include "base/json.h"
#include "base/util.h"

/* Another xltune may have written the file since it was read, while this one
 * waited for the lock. */
static bool is_current(const xt_snapshot *s)
{
    struct stat now;

    return s->host && !stat(s->path, &now) && now.st_ino == s->read.st_ino &&
           now.st_size == s->read.st_size &&
           now.st_mtim.tv_sec == s->read.st_mtim.tv_sec &&
           now.st_mtim.tv_nsec == s->read.st_mtim.tv_nsec;
}

int xt_snapshot_load(xt_snapshot *s, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_host *host;
    char *text;
    size_t len;
    int rc;

    if (s->dirty || is_current(s)) return 0;
    if (stat(s->path, &s->read) < 0) s->read = (struct stat){ .st_ino = 0 };
    rc = xt_file_read(arena, s->path, XT_JSON_MAX_BYTES, &text, &len, err);
    if (rc) return rc;
    rc = xtune_host_from_json(text, len, s->path, &host, err);
    if (rc) return rc;
    if (s->root) xt_tree_add(host, s->root);
    xtune_host_free(s->host);
    s->host = host;
    free(s->saved);
    s->saved = xtune_host_to_json(host);
    return 0;
}

static int copy_host(const xt_snapshot *s, xtune_host **copy_r,
                     xtune_error **err)
{
    XT_CLEANUP_FREE char *text = xtune_host_to_json(s->host);

    return xtune_host_from_json(text, strlen(text), s->path, copy_r, err);
}

/* Leaves the domains asked for, in the host's order. */
static int keep_domains(xtune_host *host, const xtune_observe *what,
                        xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    bool *keep = XTUNE_NEW_ARRAY(arena, bool, host->nr_domains);
    const xtune_domain *domain;
    size_t i, kept = 0;
    int rc;

    for (i = 0; i < what->nr_domains; i++) {
        rc = xtune_host_find_domain(host, what->domains[i], &domain, err);
        if (rc) return rc;
        keep[domain - host->domains] = true;
    }
    for (i = 0; i < host->nr_domains; i++)
        if (keep[i]) host->domains[kept++] = host->domains[i];
    host->nr_domains = kept;
    return 0;
}

static int snapshot_observe(xtune_backend *backend, const xtune_observe *what,
                            xtune_host **host_r, xtune_error **err)
{
    xt_snapshot *s = xt_snapshot_of(backend);
    xtune_host *host;
    int rc;

    rc = xt_snapshot_load(s, err);
    if (rc) return rc;
    rc = copy_host(s, &host, err);
    if (rc) return rc;
    if (what->residency == XTUNE_RESIDENCY_SKIP)
        xtune_host_forget_residency(host);
    if (what->residency == XTUNE_RESIDENCY_INFER)
        xtune_host_infer_residency(host);
    if (what->domains) {
        rc = keep_domains(host, what, err);
        if (rc) {
            xtune_host_free(host);
            return rc;
        }
    }
    *host_r = host;
    return 0;
}

xtune_domain *xt_snapshot_domain(const xt_snapshot *s,
                                 const xt_domain_ref *ref, xtune_error **err)
{
    xtune_domain *found = NULL;
    size_t i;

    for (i = 0; i < s->host->nr_domains; i++) {
        xtune_domain *domain = &s->host->domains[i];

        if (strcmp(domain->uuid, ref->uuid) != 0) continue;
        if (domain->id == ref->domid) return domain;
        if (!xt_is_nil_uuid(domain->uuid)) found = domain;
    }
    if (!found)
        xtune_error_set(err, XTUNE_ERR_NOT_FOUND, ESRCH, ref->name, NULL,
                        "the domain is gone");
    return found;
}

int xt_snapshot_load_domain(const xtune_backend *backend,
                            const xt_domain_ref *ref, xtune_domain **domain_r,
                            xtune_error **err)
{
    xt_snapshot *s = xt_snapshot_of(backend);
    int rc = xt_snapshot_load(s, err);

    if (rc) return rc;
    *domain_r = xt_snapshot_domain(s, ref, err);
    return *domain_r ? 0 : XTUNE_ERR_NOT_FOUND;
}

/* NULL, with the error set, where it is not there. */
static xtune_vcpu *find_vcpu(const xt_snapshot *s, const xt_vcpu_ref *ref,
                             xtune_error **err)
{
    xtune_domain *domain = xt_snapshot_domain(s, &ref->domain, err);
    size_t i;

    if (!domain) return NULL;
    for (i = 0; i < domain->nr_vcpus; i++)
        if (domain->vcpus[i].id == ref->vcpu) return &domain->vcpus[i];
    xtune_error_set(err, XTUNE_ERR_NOT_FOUND, ESRCH, ref->domain.name, NULL,
                    "no such vCPU");
    return NULL;
}

static int snapshot_find_domain(xtune_backend *backend,
                                const xt_domain_ref *ref,
                                unsigned int *domid_r, xtune_error **err)
{
    xtune_domain *domain;
    int rc;

    rc = xt_snapshot_load_domain(backend, ref, &domain, err);
    if (rc) return rc;
    *domid_r = domain->id;
    return 0;
}

static int snapshot_get_affinity(xtune_backend *backend,
                                 const xt_vcpu_ref *ref, xtune_arena *arena,
                                 xtune_set *hard_r, xtune_set *soft_r,
                                 xtune_error **err)
{
    const xtune_vcpu *vcpu;
    int rc;

    rc = xt_snapshot_load(xt_snapshot_of(backend), err);
    if (rc) return rc;
    vcpu = find_vcpu(xt_snapshot_of(backend), ref, err);
    if (!vcpu) return XTUNE_ERR_NOT_FOUND;
    *hard_r = xtune_set_copy(arena, &vcpu->hard);
    *soft_r = xtune_set_copy(arena, &vcpu->soft);
    return 0;
}

/* vCPUs that are scheduled together have one mask. */
static void set_unit(xt_snapshot *s, xtune_domain *domain, unsigned int vcpu,
                     const xtune_set *hard, const xtune_set *soft)
{
    const unsigned int size = xtune_host_unit_size(
        s->host, xtune_host_cpupool(s->host, domain->cpupool));
    size_t i;

    for (i = 0; i < domain->nr_vcpus; i++) {
        if (domain->vcpus[i].id / size != vcpu / size) continue;
        domain->vcpus[i].hard = xtune_set_copy(s->host->arena, hard);
        domain->vcpus[i].soft = xtune_set_copy(s->host->arena, soft);
    }
}

static int snapshot_set_affinity(xtune_backend *backend,
                                 const xt_vcpu_ref *ref, const xtune_set *hard,
                                 const xtune_set *soft, xtune_arena *arena,
                                 xtune_set *effective_hard_r,
                                 xtune_set *effective_soft_r,
                                 xtune_error **err)
{
    xt_snapshot *s = xt_snapshot_of(backend);
    const xtune_cpupool *pool;
    xtune_vcpu *vcpu;
    int rc;

    rc = xt_snapshot_load(s, err);
    if (rc) return rc;
    vcpu = find_vcpu(s, ref, err);
    if (!vcpu) return XTUNE_ERR_NOT_FOUND;
    pool = xtune_host_cpupool(
        s->host, xt_snapshot_domain(s, &ref->domain, NULL)->cpupool);
    *effective_hard_r = xtune_set_copy(arena, hard);
    xtune_set_and(effective_hard_r, pool ? &pool->cpus : &s->host->cpu_ids);
    if (xtune_set_is_empty(effective_hard_r))
        return xtune_error_set(
            err, XTUNE_ERR_REFUSED, EINVAL, ref->domain.name, NULL,
            "hard affinity \"%s\" has no CPU of cpupool "
            "\"%s\"",
            xtune_set_format(arena, hard), pool ? pool->name : "");
    *effective_soft_r = xtune_set_copy(arena, soft);
    xtune_set_and(effective_soft_r, effective_hard_r);
    set_unit(s, xt_snapshot_domain(s, &ref->domain, NULL), vcpu->id, hard,
             soft);
    s->dirty = true;
    return 0;
}

static int snapshot_get_configured(xtune_backend *backend,
                                   const xt_domain_ref *ref,
                                   xtune_arena *arena, xt_json **value_r,
                                   xtune_error **err)
{
    xtune_domain *domain;
    int rc;

    rc = xt_snapshot_load_domain(backend, ref, &domain, err);
    if (rc) return rc;
    if (!domain->configured)
        return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, ENOENT, ref->name,
                               NULL, "it has no stored configuration");
    *value_r = xt_json_copy(arena, domain->configured);
    return 0;
}

static int snapshot_set_configured(xtune_backend *backend,
                                   const xt_domain_ref *ref,
                                   const xt_json *value, xtune_error **err)
{
    xt_snapshot *s = xt_snapshot_of(backend);
    xtune_domain *domain;
    int rc;

    rc = xt_snapshot_load_domain(backend, ref, &domain, err);
    if (rc) return rc;
    domain->configured = xt_json_copy(s->host->arena, value);
    s->dirty = true;
    return 0;
}

static int snapshot_open_events(xtune_backend *backend,
                                xtune_events **events_r, xtune_error **err)
{
    (void)events_r;
    return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, 0,
                           xt_snapshot_of(backend)->description, NULL,
                           "nothing happens in a snapshot");
}

static int snapshot_settle_all(xtune_backend *backend, xtune_error **err)
{
    (void)backend;
    (void)err;
    return 0;
}

static int snapshot_commit(xtune_backend *backend, xtune_error **err)
{
    xt_snapshot *s = xt_snapshot_of(backend);
    XT_CLEANUP_FREE char *text = NULL;
    int rc;

    if (!s->dirty || s->is_copy) return 0;
    text = xtune_host_to_json(s->host);
    /* Changes that were undone need no writing. */
    if (strcmp(text, s->saved)) {
        rc = xt_file_replace(s->path, text, strlen(text), 0644, err);
        if (rc) return rc;
        free(s->saved);
        s->saved = text;
        text = NULL;
        if (stat(s->path, &s->read) < 0)
            s->read = (struct stat){ .st_ino = 0 };
    }
    s->dirty = false;
    return 0;
}

static bool snapshot_is_atomic(const xtune_backend *backend)
{
    (void)backend;
    return true;
}

static const char *snapshot_describe(const xtune_backend *backend)
{
    return xt_snapshot_of(backend)->description;
}

static const char *snapshot_state_dir(const xtune_backend *backend)
{
    return xt_snapshot_of(backend)->state_dir;
}

void xt_snapshot_close(xtune_backend *backend)
{
    xt_snapshot *s = xt_snapshot_of(backend);

    xtune_host_free(s->host);
    free(s->saved);
    free(s->path);
    free(s->root);
    free(s->state_dir);
    free(s->description);
    free(s);
}

static const struct xt_backend_ops snapshot_ops = {
    .name = "snapshot",
    .observe = snapshot_observe,
    .find_domain = snapshot_find_domain,
    .get_affinity = snapshot_get_affinity,
    .set_affinity = snapshot_set_affinity,
    .list_pools = xt_snapshot_list_pools,
    .create_pool = xt_snapshot_create_pool,
    .destroy_pool = xt_snapshot_destroy_pool,
    .rename_pool = xt_snapshot_rename_pool,
    .move_cpus = xt_snapshot_move_cpus,
    .get_domain_pool = xt_snapshot_get_domain_pool,
    .set_domain_pool = xt_snapshot_set_domain_pool,
    .get_scheduling = xt_snapshot_get_scheduling,
    .set_scheduling = xt_snapshot_set_scheduling,
    .get_pool_scheduling = xt_snapshot_get_pool_scheduling,
    .set_pool_scheduling = xt_snapshot_set_pool_scheduling,
    .get_configured = snapshot_get_configured,
    .set_configured = snapshot_set_configured,
    .get_pci = xt_snapshot_get_pci,
    .do_pci_step = xt_snapshot_do_pci_step,
    .get_attached = xt_snapshot_get_attached,
    .attach_pci = xt_snapshot_attach_pci,
    .detach_pci = xt_snapshot_detach_pci,
    .get_vfs = xt_snapshot_get_vfs,
    .set_vfs = xt_snapshot_set_vfs,
    .get_usb_controller = xt_snapshot_get_usb_controller,
    .add_usb_controller = xt_snapshot_add_usb_controller,
    .remove_usb_controller = xt_snapshot_remove_usb_controller,
    .get_usb = xt_snapshot_get_usb,
    .attach_usb = xt_snapshot_attach_usb,
    .detach_usb = xt_snapshot_detach_usb,
    .get_usb_device = xt_snapshot_get_usb_device,
    .probe_usb = xt_snapshot_probe_usb,
    .get_usb_rules = xt_snapshot_get_usb_rules,
    .set_usb_rules = xt_snapshot_set_usb_rules,
    .get_boot = xt_snapshot_get_boot,
    .set_boot = xt_snapshot_set_boot,
    .diff_boot = xt_snapshot_diff_boot,
    .get_file = xt_snapshot_get_file,
    .set_file = xt_snapshot_set_file,
    .get_dom0_memory = xt_snapshot_get_dom0_memory,
    .set_dom0_memory = xt_snapshot_set_dom0_memory,
    .get_dom0_vcpus = xt_snapshot_get_dom0_vcpus,
    .set_dom0_vcpus = xt_snapshot_set_dom0_vcpus,
    .get_governor = xt_snapshot_get_governor,
    .set_governor = xt_snapshot_set_governor,
    .begin_move = xt_snapshot_begin_move,
    .wait_moves = xt_snapshot_wait_moves,
    .end_move = xt_snapshot_end_move,
    .settle = xt_snapshot_settle,
    .settle_all = snapshot_settle_all,
    .open_events = snapshot_open_events,
    .commit = snapshot_commit,
    .is_atomic = snapshot_is_atomic,
    .describe = snapshot_describe,
    .state_dir = snapshot_state_dir,
    .close = xt_snapshot_close,
};

int xtune_backend_open_snapshot(const char *path, xtune_backend **backend_r,
                                xtune_error **err)
{
    return xtune_backend_open_snapshot_with(path, NULL, backend_r, err);
}

int xtune_backend_open_snapshot_with(const char *path, const char *root,
                                     xtune_backend **backend_r,
                                     xtune_error **err)
{
    /* A file has one state, by whatever name it is opened. */
    XT_CLEANUP_FREE char *real = realpath(path, NULL);
    xt_snapshot *s = xt_xrealloc(NULL, 1, sizeof(*s));
    int rc;

    *s = (xt_snapshot){
        .backend.ops = &snapshot_ops,
        .path = xt_xstrdup(path),
        .state_dir = xt_xprintf("%s.d", real ? real : path),
        .description = xt_xprintf("snapshot %s", path),
        .root = root ? xt_xstrdup(root) : NULL,
    };
    rc = xt_snapshot_load(s, err);
    if (rc) {
        xt_snapshot_close(&s->backend);
        return rc;
    }
    *backend_r = &s->backend;
    return 0;
}

int xt_backend_open_copy(const xtune_host *host, xtune_backend **backend_r,
                         xtune_error **err)
{
    static const char name[] = "a copy of the host";
    XT_CLEANUP_FREE char *text = xtune_host_to_json(host);
    xt_snapshot *s = xt_xrealloc(NULL, 1, sizeof(*s));
    int rc;

    *s = (xt_snapshot){
        .backend.ops = &snapshot_ops,
        .path = xt_xstrdup(name),
        .description = xt_xstrdup(name),
        .is_copy = true,
        .dirty = true,
    };
    rc = xtune_host_from_json(text, strlen(text), name, &s->host, err);
    if (rc) {
        xt_snapshot_close(&s->backend);
        return rc;
    }
    *backend_r = &s->backend;
    return 0;
}
