/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The live host: opening it, and what is read in which order. */
#include "backend/xen.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "backend/dom0_images.h"
#include "backend/dom0_machine.h"
#include "backend/dom0_rules_files.h"
#include "backend/usb_rules.h"
#include "backend/xen_usb.h"
#include "base/util.h"
#include "boot/boot.h"

#define NO_XEN_HINT "run it in dom0, or give a recorded host with --host FILE"

static const struct xt_backend_ops xen_ops;

/* libxenctrl tells what went wrong twice: by errno, which we use, and here. */
static void say_nothing(xentoollog_logger *log, xentoollog_level level,
                        int errnum, const char *context, const char *format,
                        va_list args)
{
    (void)log;
    (void)level;
    (void)errnum;
    (void)context;
    (void)format;
    (void)args;
}

static void show_no_progress(xentoollog_logger *log, const char *context,
                             const char *what, int percent, unsigned long done,
                             unsigned long total)
{
    (void)log;
    (void)context;
    (void)what;
    (void)percent;
    (void)done;
    (void)total;
}

int xt_xen_error(xtune_error **err, const char *object, const char *doing)
{
    const int errnum = errno;
    const char *hint = NULL;
    enum xtune_rc code = XTUNE_ERR_IO;

    switch (errnum) {
    case EPERM:
        code = XTUNE_ERR_PERMISSION;
        hint = "Xen's security policy must allow it to dom0";
        break;
    case EACCES: /* the version of the interface is another one */
        return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, errnum, object,
                               "install xltune for the version of Xen that "
                               "runs",
                               "cannot %s: built for another version of Xen",
                               doing);
    case ENOSYS:
    case EOPNOTSUPP: code = XTUNE_ERR_UNSUPPORTED; break;
    case ESRCH:
        return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, errnum, object, NULL,
                               "the domain is gone");
    }
    return xtune_error_set(err, code, errnum, object, hint, "cannot %s: %s",
                           doing, strerror(errnum));
}

int xt_xen_check_root(const xt_xen *xen, const char *object, xtune_error **err)
{
    if (!xen->root[strspn(xen->root, "/")]) return 0;
    return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, object,
                           "leave out --root",
                           "the files of \"%s\" are not those of this host, "
                           "whose devices are not changed by them",
                           xen->root);
}

static int no_xen(xtune_error **err, int errnum)
{
    return xtune_error_set(err, XTUNE_ERR_NO_XEN, errnum, "xen", NO_XEN_HINT,
                           "this machine runs no Xen, or this is not its "
                           "dom0");
}

/* The device of either kind of kernel; without it nothing can be opened. */
static bool has_privcmd(void)
{
    struct stat st;

    return !stat("/dev/xen/privcmd", &st) || !stat("/proc/xen/privcmd", &st);
}

/* Whether Xen takes us for dom0, where it refuses what dom0 may do. */
static bool is_dom0(xc_interface *xc)
{
    xen_feature_info_t features = { .submap_idx = 0 };

    return !xc_version(xc, XENVER_get_features, &features) &&
           features.submap & (1u << XENFEAT_dom0);
}

static int read_sizes(xt_xen *xen, xtune_error **err)
{
    xc_physinfo_t info;

    if (xc_physinfo(xen->xc, &info)) {
        if (errno == EPERM && !is_dom0(xen->xc)) return no_xen(err, EPERM);
        return xt_xen_error(err, "xen", "ask it for its CPUs");
    }
    if (info.max_cpu_id >= XTUNE_MAX_CPUS ||
        info.max_node_id >= XTUNE_MAX_NODES)
        return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, 0, "xen", NULL,
                               "it has CPU ids up to %u and node ids up to "
                               "%u: more than %u and %u",
                               info.max_cpu_id, info.max_node_id,
                               XTUNE_MAX_CPUS - 1, XTUNE_MAX_NODES - 1);
    xen->nr_cpu_ids = info.max_cpu_id + 1;
    xen->nr_node_ids = info.max_node_id + 1;
    xen->hard = xc_cpumap_alloc(xen->xc);
    xen->soft = xc_cpumap_alloc(xen->xc);
    xen->nodes = xc_nodemap_alloc(xen->xc);
    if (!xen->hard || !xen->soft || !xen->nodes)
        return xt_xen_error(err, "xen", "ask it for its CPUs");
    return 0;
}

static int open_xen(xt_xen *xen, xtune_error **err)
{
    if (!has_privcmd()) return no_xen(err, ENOENT);
    xen->xc =
        xc_interface_open(&xen->log, &xen->log, XC_OPENFLAG_NON_REENTRANT);
    if (xen->xc) return read_sizes(xen, err);
    if (errno == EACCES || errno == EPERM)
        return xtune_error_set(err, XTUNE_ERR_PERMISSION, errno, "xen",
                               "run it as root",
                               "not allowed to open Xen's device");
    return no_xen(err, errno);
}

static void close_xen(xtune_backend *backend)
{
    xt_xen *xen = (xt_xen *)backend;

    if (xen->xs) xs_close(xen->xs);
    if (xen->xc) xc_interface_close(xen->xc);
    free(xen->hard);
    free(xen->soft);
    free(xen->nodes);
    free(xen->listed);
    xt_xen_forget_pool_names(xen);
    free((char *)xen->root);
    free(xen);
}

int xtune_backend_open_live(const char *root, xtune_backend **backend_r,
                            xtune_error **err)
{
    xt_xen *xen = xt_xrealloc(NULL, 1, sizeof(*xen));
    int rc;

    *xen = (xt_xen){
        .base.ops = &xen_ops,
        .root = xt_xstrdup(root ? root : ""),
        .log = { .vmessage = say_nothing, .progress = show_no_progress },
    };
    rc = open_xen(xen, err);
    if (rc)
        close_xen(&xen->base);
    else
        *backend_r = &xen->base;
    return rc;
}

/* Parts that need other parts: sets of nodes need the nodes. */
static unsigned int parts_to_read(const xtune_observe *what)
{
    const unsigned int need_nodes =
        XTUNE_OBSERVE_VCPUS | XTUNE_OBSERVE_NODE_AFFINITY |
        XTUNE_OBSERVE_BUILT | XTUNE_OBSERVE_RESIDENCY | XTUNE_OBSERVE_PCI |
        XTUNE_OBSERVE_PCI_NODES;
    unsigned int parts = what->parts;

    if (parts & XTUNE_OBSERVE_PCI_DETAILS) parts |= XTUNE_OBSERVE_PCI;
    if (parts & XTUNE_OBSERVE_SETUP) parts |= XTUNE_OBSERVE_BUILT;
    if (what->residency == XTUNE_RESIDENCY_SKIP)
        parts &= ~(unsigned int)XTUNE_OBSERVE_RESIDENCY;
    if (parts & need_nodes) parts |= XTUNE_OBSERVE_TOPOLOGY;
    if (parts & XTUNE_OBSERVE_RESIDENCY &&
        what->residency != XTUNE_RESIDENCY_MEASURE)
        parts |= XTUNE_OBSERVE_BUILT | XTUNE_OBSERVE_NODE_AFFINITY;
    return parts;
}

static int observe_machine(xt_xen *xen, unsigned int parts, xtune_host *host,
                           xtune_error **err)
{
    int rc;

    rc = xt_xen_read_memory(xen, host, err);
    if (!rc && parts & XTUNE_OBSERVE_TOPOLOGY)
        rc = xt_xen_read_nodes(xen, host, err);
    if (!rc && parts & XTUNE_OBSERVE_TOPOLOGY)
        rc = xt_xen_read_cpus(xen, host, err);
    if (!rc && parts & XTUNE_OBSERVE_INFO)
        rc = xt_xen_read_info(xen, host, err);
    if (rc) return rc;
    xtune_host_index(host);
    if (parts &
        (XTUNE_OBSERVE_PCI | XTUNE_OBSERVE_PCI_NODES | XTUNE_OBSERVE_USB))
        xt_xen_read_devices(xen, host, parts);
    if (parts & XTUNE_OBSERVE_BOOT)
        xt_boot_read(host->arena, xen->root, &host->boot);
    if (parts & XTUNE_OBSERVE_USB) {
        xt_dom0_read_machine(xen->root, host->arena, &host->machine);
        xt_usb_rules_read(host->arena, xen->root, &host->usb_rules);
    }
    if (parts & XTUNE_OBSERVE_SETUP) xt_xen_read_governors(xen, host);
    if (parts & XTUNE_OBSERVE_DOM0) {
        xt_dom0_read_rules_files(xen->root, host);
        host->has_dom0 = true;
    }
    if (parts & XTUNE_OBSERVE_PCI_DETAILS)
        rc = xt_xen_read_kept(xen, host, err);
    if (!rc && parts & XTUNE_OBSERVE_DOM0)
        rc = xt_xen_read_dom0(xen, host, err);
    return rc;
}

static bool is_number(const char *text)
{
    return text[0] && !text[strspn(text, "0123456789")];
}

/* Names of all domains, unless those that are asked for have their ids. */
static int observe_names(xt_xen *xen, const xtune_observe *what,
                         xtune_host *host, xtune_error **err)
{
    bool by_id = what->domains != NULL;
    size_t i;
    int rc = 0;

    for (i = 0; by_id && i < what->nr_domains; i++)
        by_id = is_number(what->domains[i]);
    if (!by_id && (what->domains || what->parts & XTUNE_OBSERVE_NAMES))
        rc = xt_xen_read_names(xen, host, err);
    if (!rc && what->domains)
        rc = xt_xen_select_domains(host, what->domains, what->nr_domains, err);
    if (!rc && by_id && what->parts & XTUNE_OBSERVE_NAMES)
        rc = xt_xen_read_names(xen, host, err);
    return rc;
}

static int observe_setup(xt_xen *xen, xtune_host *host, xtune_error **err)
{
    int rc;

    rc = xt_xen_read_disks(xen, host, err);
    if (!rc) xt_dom0_read_images(xen->root, host);
    return rc;
}

static int observe_domains(xt_xen *xen, const xtune_observe *what,
                           unsigned int parts, xtune_host *host,
                           xtune_error **err)
{
    int rc;

    rc = xt_xen_read_domains(xen, host, err);
    if (!rc)
        rc = xt_xen_read_pools(
            xen, host, what->parts & XTUNE_OBSERVE_NAMES && !what->domains,
            err);
    if (!rc) rc = observe_names(xen, what, host, err);
    if (!rc && parts & XTUNE_OBSERVE_VCPUS)
        rc = xt_xen_read_vcpus(xen, host, err);
    if (!rc && parts & XTUNE_OBSERVE_NODE_AFFINITY)
        rc = xt_xen_read_node_affinity(xen, host, err);
    if (!rc && parts & XTUNE_OBSERVE_SCHEDULING)
        rc = xt_xen_read_scheduling(xen, host, err);
    if (!rc && parts & XTUNE_OBSERVE_PCI)
        rc = xt_xen_read_owners(xen, host, parts & XTUNE_OBSERVE_PCI_DETAILS,
                                err);
    if (!rc && parts & XTUNE_OBSERVE_USB) rc = xt_xen_read_usb(xen, host, err);
    if (!rc && parts & XTUNE_OBSERVE_BUILT) xt_xen_read_configured(xen, host);
    if (!rc && parts & XTUNE_OBSERVE_SETUP) rc = observe_setup(xen, host, err);
    if (!rc && parts & XTUNE_OBSERVE_RESIDENCY)
        rc = xt_xen_read_residency(xen, host, what->residency, err);
    return rc;
}

static int observe(xtune_backend *backend, const xtune_observe *what,
                   xtune_host **host_r, xtune_error **err)
{
    xt_xen *xen = (xt_xen *)backend;
    const unsigned int parts = parts_to_read(what);
    xtune_host *host = xtune_host_new();
    int rc;

    rc = observe_machine(xen, parts, host, err);
    if (!rc && (what->domains || parts >= XTUNE_OBSERVE_NAMES))
        rc = observe_domains(xen, what, parts, host, err);
    if (rc)
        xtune_host_free(host);
    else
        *host_r = host;
    return rc;
}

static int find_domain(xtune_backend *backend, const xt_domain_ref *ref,
                       unsigned int *domid_r, xtune_error **err)
{
    xc_domaininfo_t info;
    int rc;

    rc = xt_xen_find_domain((xt_xen *)backend, ref, &info, err);
    if (!rc) *domid_r = info.domain;
    return rc;
}

/* Xen changes at once: there is nothing to write. */
static int commit(xtune_backend *backend, xtune_error **err)
{
    (void)backend;
    (void)err;
    return 0;
}

static const char *describe(const xtune_backend *backend)
{
    (void)backend;
    return "live";
}

static const char *state_dir(const xtune_backend *backend)
{
    (void)backend;
    return NULL;
}

static const struct xt_backend_ops xen_ops = {
    .name = "live",
    .observe = observe,
    .find_domain = find_domain,
    .get_affinity = xt_xen_get_affinity,
    .set_affinity = xt_xen_set_affinity,
    .list_pools = xt_xen_get_pools,
    .create_pool = xt_xen_create_pool,
    .destroy_pool = xt_xen_destroy_pool,
    .rename_pool = xt_xen_rename_pool,
    .move_cpus = xt_xen_move_cpus,
    .get_domain_pool = xt_xen_get_domain_pool,
    .set_domain_pool = xt_xen_set_domain_pool,
    .get_scheduling = xt_xen_get_scheduling,
    .set_scheduling = xt_xen_set_scheduling,
    .get_pool_scheduling = xt_xen_get_pool_scheduling,
    .set_pool_scheduling = xt_xen_set_pool_scheduling,
    .get_configured = xt_xen_get_configured,
    .set_configured = xt_xen_set_configured,
    .get_pci = xt_xen_get_pci,
    .do_pci_step = xt_xen_do_pci_step,
    .get_attached = xt_xen_get_attached,
    .attach_pci = xt_xen_attach_pci,
    .detach_pci = xt_xen_detach_pci,
    .get_vfs = xt_xen_get_vfs,
    .set_vfs = xt_xen_set_vfs,
    .get_usb_controller = xt_xen_get_usb_controller,
    .add_usb_controller = xt_xen_add_usb_controller,
    .remove_usb_controller = xt_xen_remove_usb_controller,
    .get_usb = xt_xen_get_usb,
    .attach_usb = xt_xen_attach_usb,
    .detach_usb = xt_xen_detach_usb,
    .get_usb_device = xt_xen_get_usb_device,
    .probe_usb = xt_xen_probe_usb,
    .get_usb_rules = xt_xen_get_usb_rules,
    .set_usb_rules = xt_xen_set_usb_rules,
    .get_boot = xt_xen_get_boot,
    .set_boot = xt_xen_set_boot,
    .diff_boot = xt_xen_diff_boot,
    .get_file = xt_xen_get_file,
    .set_file = xt_xen_set_file,
    .get_dom0_memory = xt_xen_get_dom0_memory,
    .set_dom0_memory = xt_xen_set_dom0_memory,
    .get_dom0_vcpus = xt_xen_get_dom0_vcpus,
    .set_dom0_vcpus = xt_xen_set_dom0_vcpus,
    .get_governor = xt_xen_get_governor,
    .set_governor = xt_xen_set_governor,
    .begin_move = xt_xen_begin_move,
    .wait_moves = xt_xen_wait_moves,
    .end_move = xt_xen_end_move,
    .settle = xt_xen_settle,
    .settle_all = xt_xen_settle_all,
    .open_events = xt_xen_open_events,
    .commit = commit,
    .describe = describe,
    .state_dir = state_dir,
    .close = close_xen,
};
