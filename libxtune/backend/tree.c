/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A host that has no Xen: the devices, the command lines and the files of a
 * recorded tree. It is a copy of a host in memory that refuses to change, but
 * for the files that a boot reads.
 */
#include "backend/tree.h"

#include <stdlib.h>
#include <string.h>

#include "backend/dom0_machine.h"
#include "backend/dom0_rules_files.h"
#include "backend/dom0_scan.h"
#include "backend/dom0_text.h"
#include "backend/snapshot.h"
#include "backend/usb_rules.h"
#include "base/util.h"
#include "boot/boot.h"
#include "host/dom0_file.h"

/* What a snapshot knows, and dom0 does not tell. */
static void keep_known(xtune_pci *pci, const xtune_pci *known)
{
    pci->node = known->node;
    pci->assignable = known->assignable;
    if (known->driver || known->assignable) pci->driver = known->driver;
    pci->reserved = known->reserved;
    pci->nr_reserved = known->nr_reserved;
    pci->assignable_name = known->assignable_name;
    pci->former_driver = known->former_driver;
    pci->claimed_by = known->claimed_by;
    pci->extra_members = known->extra_members;
}

static int compare_devices(const void *a, const void *b)
{
    return strcmp(((const xtune_pci *)a)->address,
                  ((const xtune_pci *)b)->address);
}

/* Of those that both have, what the snapshot knows stays; so do those that the
 * tree has not. */
static void merge_devices(xtune_host *host, const xtune_pci *known,
                          size_t nr_known)
{
    xtune_pci *pci;
    size_t i;

    for (i = 0; i < nr_known; i++) {
        pci = bsearch(&known[i], host->pci, host->nr_pci, sizeof(*host->pci),
                      compare_devices);
        if (pci) {
            keep_known(pci, &known[i]);
            continue;
        }
        host->pci = xtune_arena_grow(host->arena, host->pci, host->nr_pci,
                                     sizeof(*host->pci));
        host->pci[host->nr_pci++] = known[i];
        qsort(host->pci, host->nr_pci, sizeof(*host->pci), compare_devices);
    }
}

/* Where a tree has no devices of a kind it was recorded without. */
static bool add_devices(xtune_host *host, const char *root, unsigned int parts)
{
    xtune_pci *known = host->pci;
    const size_t nr_known = host->nr_pci;
    bool any = false;

    if (parts & XTUNE_OBSERVE_PCI_DETAILS) {
        host->pci = NULL;
        host->nr_pci = 0;
    }
    xt_dom0_read_devices(root, parts, host);
    if (parts & XTUNE_OBSERVE_USB) any |= host->has_usb = host->nr_usb;
    if (!(parts & XTUNE_OBSERVE_PCI_DETAILS)) return any;
    if (!host->nr_pci) {
        host->pci = known;
        host->nr_pci = nr_known;
        host->has_pci_details = false;
        return any;
    }
    merge_devices(host, known, nr_known);
    return true;
}

static void add_machine(xtune_host *host, const char *root)
{
    xtune_machine *machine = &host->machine;
    xtune_usb_rules *rules = &host->usb_rules;

    if (!machine->uuid && !machine->boot_id)
        xt_dom0_read_machine(root, host->arena, machine);
    if (!rules->file && !rules->text && !rules->problem)
        xt_usb_rules_read(host->arena, root, rules);
}

static bool knows_boot(const xtune_boot *boot)
{
    return boot->source || boot->dom0_running || boot->dom0_configured ||
           boot->xen_configured || boot->pciback_options;
}

/* What is said of modules alone is of no use. */
static bool add_boot(xtune_host *host, const char *root)
{
    xtune_boot boot = { .source = NULL };

    xt_boot_read(host->arena, root, &boot);
    if (!knows_boot(&boot)) return false;
    boot.extra_members = host->boot.extra_members;
    host->boot = boot;
    return true;
}

/* Its balloon is Xen's to tell of. */
static bool add_dom0(xtune_host *host, const char *root)
{
    return host->has_dom0 = xt_dom0_read_rules_files(root, host);
}

bool xt_tree_add(xtune_host *host, const char *root)
{
    unsigned int parts = 0;
    bool any = false;

    if (!host->has_pci_details) parts |= XTUNE_OBSERVE_PCI_DETAILS;
    if (!host->has_usb) parts |= XTUNE_OBSERVE_USB;
    if (parts) any |= add_devices(host, root, parts);
    if (parts & XTUNE_OBSERVE_USB) add_machine(host, root);
    if (!knows_boot(&host->boot) && !host->boot.pciback)
        any |= add_boot(host, root);
    if (!host->has_dom0) any |= add_dom0(host, root);
    return any;
}

/* The backend. */

static int observe_tree(xtune_backend *backend, const xtune_observe *what,
                        xtune_host **host_r, xtune_error **err)
{
    xtune_host *host = xtune_host_new();
    const xtune_domain *domain;
    int rc = 0;

    xtune_host_index(host);
    xt_tree_add(host, xt_snapshot_of(backend)->root);
    /* It has no domains, whichever is asked for. */
    if (what->domains && what->nr_domains)
        rc = xtune_host_find_domain(host, what->domains[0], &domain, err);
    if (rc)
        xtune_host_free(host);
    else
        *host_r = host;
    return rc;
}

static int refuse(const xtune_backend *backend, xtune_error **err)
{
    return xtune_error_set(err, XTUNE_ERR_REFUSED, 0,
                           xt_snapshot_of(backend)->description,
                           "do it on the host itself",
                           "the tree is a recording: only what is to be after "
                           "a boot can be changed in it");
}

static int refuse_pool(xtune_backend *backend, const char *name,
                       const char *scheduler, xtune_error **err)
{
    (void)name;
    (void)scheduler;
    return refuse(backend, err);
}

static int refuse_cpus(xtune_backend *backend, const xtune_set *cpus,
                       const char *pool, xtune_error **err)
{
    (void)cpus;
    (void)pool;
    return refuse(backend, err);
}

static int refuse_step(xtune_backend *backend, const char *address,
                       enum xt_pci_step pci_step, const char *text,
                       xtune_error **err)
{
    (void)address;
    (void)pci_step;
    (void)text;
    return refuse(backend, err);
}

static int refuse_vfs(xtune_backend *backend, const char *address, uint32_t nr,
                      xtune_error **err)
{
    (void)address;
    (void)nr;
    return refuse(backend, err);
}

static int refuse_usb(xtune_backend *backend, const char *path,
                      xtune_error **err)
{
    (void)path;
    return refuse(backend, err);
}

static int get_boot(xtune_backend *backend, const char *line, const char *key,
                    xtune_arena *arena, const char *const **values_r,
                    size_t *nr_r, xtune_error **err)
{
    return xt_boot_get_parameter(arena, xt_snapshot_of(backend)->root, line,
                                 key, values_r, nr_r, err);
}

static int set_boot(xtune_backend *backend, const xtune_boot_change *changes,
                    size_t nr, const struct xt_json *kept, xtune_arena *arena,
                    const struct xt_json **kept_r, xtune_error **err)
{
    return xt_boot_set_parameters(xt_snapshot_of(backend)->root, changes, nr,
                                  kept, arena, kept_r, err);
}

static int diff_boot(xtune_backend *backend, const xtune_boot_change *changes,
                     size_t nr, xtune_arena *arena, const char **text_r,
                     xtune_error **err)
{
    return xt_boot_diff_parameters(arena, xt_snapshot_of(backend)->root,
                                   changes, nr, text_r, err);
}

static int get_usb_rules(xtune_backend *backend, xtune_arena *arena,
                         const char **text_r, xtune_error **err)
{
    return xt_usb_rules_get(arena, xt_snapshot_of(backend)->root, text_r, err);
}

static int set_usb_rules(xtune_backend *backend, const char *text,
                         xtune_error **err)
{
    return xt_usb_rules_set(xt_snapshot_of(backend)->root, text, err);
}

static int get_file(xtune_backend *backend, const char *path,
                    xtune_arena *arena, const char **text_r, xtune_error **err)
{
    return xt_dom0_get_file(arena, xt_snapshot_of(backend)->root, path, text_r,
                            err);
}

static int set_file(xtune_backend *backend, const char *path, const char *text,
                    xtune_error **err)
{
    if (xt_file_is_attribute(path)) return refuse(backend, err);
    return xt_dom0_set_file(xt_snapshot_of(backend)->root, path, text, err);
}

static void close_tree(xtune_backend *backend)
{
    struct xt_backend_ops *ops = (struct xt_backend_ops *)backend->ops;

    backend->ops = NULL;
    xt_snapshot_close(backend);
    free(ops);
}

/* What is about domains and pools finds none in the copy. */
static struct xt_backend_ops *tree_ops(const struct xt_backend_ops *of_copy)
{
    struct xt_backend_ops *ops = xt_xrealloc(NULL, 1, sizeof(*ops));

    *ops = *of_copy;
    ops->name = "tree";
    ops->observe = observe_tree;
    ops->create_pool = refuse_pool;
    ops->move_cpus = refuse_cpus;
    ops->do_pci_step = refuse_step;
    ops->set_vfs = refuse_vfs;
    ops->probe_usb = refuse_usb;
    ops->get_usb_rules = get_usb_rules;
    ops->set_usb_rules = set_usb_rules;
    ops->get_file = get_file;
    ops->set_file = set_file;
    ops->get_boot = get_boot;
    ops->set_boot = set_boot;
    ops->diff_boot = diff_boot;
    ops->is_atomic = NULL;
    ops->close = close_tree;
    return ops;
}

int xtune_backend_open_tree(const char *root, xtune_backend **backend_r,
                            xtune_error **err)
{
    xtune_host *host = xtune_host_new();
    xt_snapshot *s;
    int rc;

    xtune_host_index(host);
    if (!xt_tree_add(host, root))
        rc = xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, root,
                             "give a folder with /sys and /proc of a host",
                             "there are no PCI or USB devices, no command "
                             "lines and no files that rules look at in it");
    else
        rc = xt_backend_open_copy(host, backend_r, err);
    xtune_host_free(host);
    if (rc) return rc;
    s = xt_snapshot_of(*backend_r);
    free(s->description);
    s->description = xt_xprintf("tree %s", root);
    s->root = xt_xstrdup(root);
    s->backend.ops = tree_ops(s->backend.ops);
    return 0;
}
