/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libxl's stored configurations of domains: the file "libxl-json" of each,
 * which libxl reads when the domain is made again. libxl replaces a file as a
 * whole, so that it can be read without its lock; it is changed under the
 * lock (libxl_internal.c of Xen 4.5 and later).
 */
#include "backend/xen.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "backend/built_nodes.h"
#include "backend/stored_setup.h"
#include "base/files.h"
#include "base/json.h"
#include "base/util.h"
#include "host/configured.h"

#define MAX_CONFIG (4u << 20)
#define LOCK_WAIT_MS 10000
#define LOCK_POLL_MS 10

/* A file that libxl keeps for a domain, and removes with it. kind: "d" data,
 * "l" lock. */
static const char *userdata(const xt_xen *xen, xtune_arena *arena,
                            unsigned int domid, const char *uuid,
                            const char *kind, const char *name)
{
    return xtune_arena_printf(arena,
                              "%s" XT_XEN_LIB_DIR "/userdata-%s.%u.%s.%s",
                              xen->root, kind, domid, uuid, name);
}

static int read_document(const xt_xen *xen, xtune_arena *arena,
                         unsigned int domid, const char *uuid,
                         xt_json **document_r, xtune_error **err)
{
    const char *path = userdata(xen, arena, domid, uuid, "d", "libxl-json");
    size_t len;
    char *text;
    int rc;

    rc = xt_file_read(arena, path, MAX_CONFIG, &text, &len, err);
    if (rc) return rc;
    /* libxl writes the NUL that ends its text as well: no use for len. */
    return xt_json_parse(arena, text, strlen(text), path, document_r, err);
}

/* Observing. */

/* What was kept of the nodes before the configuration was changed. */
static bool read_kept(const xt_xen *xen, const xtune_host *host,
                      const xtune_domain *domain, xtune_arena *arena,
                      xtune_set *nodes_r)
{
    const xtune_set_names names = xtune_host_node_names(host);
    const char *text =
        xt_file_read_line(arena, userdata(xen, arena, domain->id, domain->uuid,
                                          "d", "xltune-built"));

    return text && !xtune_set_parse(arena, &names, "", text, nodes_r, NULL);
}

static const char *count(xtune_arena *arena, const xt_json *list,
                         const char *what)
{
    if (!list || list->type != XT_JSON_ARRAY || !list->nr) return NULL;
    return xtune_arena_printf(arena, "it has %zu %s%s", list->nr, what,
                              list->nr == 1 ? "" : "s");
}

static bool is_true(const xt_json *json, const char *key)
{
    const char *text = xt_json_text(xt_json_get(json, key));

    return text && !strcmp(text, "True");
}

/* What libxl cannot migrate. */
static const char *why_immovable(xtune_arena *arena, const xt_json *document)
{
    const xt_json *info = xt_json_get(document, "b_info");
    const char *why;

    why = count(arena, xt_json_get(document, "pcidevs"), "PCI device");
    if (!why) why = count(arena, xt_json_get(document, "pci"), "PCI device");
    if (!why)
        why =
            count(arena, xt_json_get(document, "usbctrls"), "USB controller");
    if (!why)
        why = count(arena, xt_json_get(info, "vnuma_nodes"),
                    "virtual NUMA node");
    if (!why && is_true(info, "disable_migrate"))
        why = "its configuration says nomigrate";
    if (!why && xt_stored_nested_hvm(document))
        why = "it runs with nested virtualization";
    if (!why && is_true(info, "device_model_stubdomain"))
        why = "its device model is in a stub domain";
    return why;
}

static void read_domain(const xt_xen *xen, xtune_host *host,
                        xtune_domain *domain)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_json *document;
    xtune_set nodes;

    if (!domain->id) return;
    if (read_document(xen, arena, domain->id, domain->uuid, &document, NULL)) {
        domain->immovable = "no configuration of it is stored: another "
                            "toolstack than xl made it";
        return;
    }
    domain->configured = xt_configured_from_libxl(
        host->arena, document, host->nr_cpu_ids, host->nr_node_ids);
    domain->immovable = why_immovable(host->arena, document);
    xt_stored_setup(host->arena, document, domain);
    if (!access(
            userdata(xen, arena, domain->id, domain->uuid, "d", "libvirt-xml"),
            F_OK))
        domain->immovable = "libvirt manages it";
    if (!read_kept(xen, host, domain, arena, &nodes) &&
        !xt_built_nodes(arena, host, document, &nodes))
        return;
    domain->built_nodes = xtune_set_copy(host->arena, &nodes);
    domain->has_built_nodes = true;
}

void xt_xen_read_configured(xt_xen *xen, xtune_host *host)
{
    size_t i;

    for (i = 0; i < host->nr_domains; i++)
        read_domain(xen, host, &host->domains[i]);
}

/* One domain's. */

static int not_stored(const xt_domain_ref *domain, xtune_error **err)
{
    return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, ENOENT, domain->name,
                           NULL, "no configuration of it is stored");
}

int xt_xen_get_configured(xtune_backend *backend, const xt_domain_ref *domain,
                          xtune_arena *arena, xt_json **value_r,
                          xtune_error **err)
{
    xt_xen *xen = (xt_xen *)backend;
    xc_domaininfo_t info;
    xt_json *document;
    int rc;

    rc = xt_xen_find_domain(xen, domain, &info, err);
    if (rc) return rc;
    rc = read_document(xen, arena, info.domain, domain->uuid, &document, NULL);
    if (rc) return not_stored(domain, err);
    *value_r = xt_configured_from_libxl(arena, document, xen->nr_cpu_ids,
                                        xen->nr_node_ids);
    return 0;
}

/* 0: locked; 1: somebody else has it; -1: an error in errno. */
static int try_lock(const char *path, int *fd_r)
{
    struct stat here, there;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);

    if (fd < 0) return -1;
    /* Who had it may have removed the file since it was opened. */
    if (flock(fd, LOCK_EX | LOCK_NB) || fstat(fd, &here) ||
        stat(path, &there) || here.st_ino != there.st_ino ||
        here.st_dev != there.st_dev) {
        close(fd);
        return 1;
    }
    *fd_r = fd;
    return 0;
}

static int lock(const char *path, const xt_domain_ref *domain, int *fd_r,
                xtune_error **err)
{
    const struct timespec pause = { .tv_nsec = LOCK_POLL_MS * 1000000L };
    unsigned int waited;
    int r;

    for (waited = 0; (r = try_lock(path, fd_r)) > 0; waited += LOCK_POLL_MS) {
        if (waited >= LOCK_WAIT_MS)
            return xtune_error_set(err, XTUNE_ERR_BUSY, EWOULDBLOCK,
                                   domain->name, "try again when it is done",
                                   "another program holds \"%s\"", path);
        nanosleep(&pause, NULL);
    }
    if (!r) return 0;
    return xtune_error_set(err, XTUNE_ERR_IO, errno, path, NULL,
                           "cannot open the lock: %s", strerror(errno));
}

/* libxl's file ends with a NUL. */
static int write_document(const char *path, const xt_json *document,
                          xtune_error **err)
{
    XT_CLEANUP_FREE char *text = xt_json_print(document);

    return xt_file_replace(path, text, strlen(text) + 1, 0600, err);
}

/* Where the memory is stays known when the configuration no longer says it. */
static int keep_nodes(const xt_xen *xen, xtune_arena *arena,
                      unsigned int domid, const char *uuid, const char *nodes,
                      xtune_error **err)
{
    const char *path = userdata(xen, arena, domid, uuid, "d", "xltune-built");
    const char *text = xtune_arena_printf(arena, "%s\n", nodes);

    return xt_file_replace(path, text, strlen(text), 0600, err);
}

static int keep_nodes_of(xt_xen *xen, xtune_arena *arena, unsigned int domid,
                         const char *uuid, const xt_json *document,
                         xtune_error **err)
{
    xtune_host *host = xtune_host_new();
    xtune_set nodes;
    int rc;

    rc = xt_xen_read_nodes(xen, host, err);
    if (!rc) rc = xt_xen_read_cpus(xen, host, err);
    if (!rc) {
        xtune_host_index(host);
        if (xt_built_nodes(arena, host, document, &nodes) ||
            xt_xen_node_affinity(xen, arena, domid, &nodes))
            rc = keep_nodes(xen, arena, domid, uuid,
                            xtune_set_format_ids(arena, &nodes), err);
    }
    xtune_host_free(host);
    return rc;
}

static bool is_kept(const xt_xen *xen, xtune_arena *arena, unsigned int domid,
                    const char *uuid)
{
    return !access(userdata(xen, arena, domid, uuid, "d", "xltune-built"),
                   F_OK);
}

static int change(xt_xen *xen, xtune_arena *arena, const xt_domain_ref *domain,
                  unsigned int domid, const xt_json *value, xtune_error **err)
{
    xt_json *document, *changed;
    int rc;

    /* Who waited for the lock may find the domain gone, and its files. */
    if (read_document(xen, arena, domid, domain->uuid, &document, NULL))
        return not_stored(domain, err);
    rc = xt_configured_to_libxl(arena, document, value, xen->nr_cpu_ids,
                                xen->nr_node_ids, domain->name, &changed, err);
    if (rc) return rc;
    if (!is_kept(xen, arena, domid, domain->uuid)) {
        rc = keep_nodes_of(xen, arena, domid, domain->uuid, document, err);
        if (rc) return rc;
    }
    return write_document(
        userdata(xen, arena, domid, domain->uuid, "d", "libxl-json"), changed,
        err);
}

int xt_xen_set_configured(xtune_backend *backend, const xt_domain_ref *domain,
                          const xt_json *value, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    XT_CLEANUP_CLOSE int fd = -1;
    xt_xen *xen = (xt_xen *)backend;
    xc_domaininfo_t info;
    const char *path;
    int rc;

    rc = xt_xen_find_domain(xen, domain, &info, err);
    if (rc) return rc;
    path = userdata(xen, arena, info.domain, domain->uuid, "l",
                    "domain-userdata-lock");
    rc = lock(path, domain, &fd, err);
    if (rc) return rc;
    rc = change(xen, arena, domain, info.domain, value, err);
    /* As libxl unlocks it. */
    (void)unlink(path);
    return rc;
}

int xt_xen_keep_built(xt_xen *xen, const xt_domain_ref *domain,
                      const char *nodes, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xc_domaininfo_t info;
    int rc;

    rc = xt_xen_find_domain(xen, domain, &info, err);
    if (rc) return rc;
    return keep_nodes(xen, arena, info.domain, domain->uuid, nodes, err);
}
