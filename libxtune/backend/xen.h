/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The live backend's own parts. Only xen*.c include this.
 *
 * A domain may go away at any moment: what is read of one that has gone is
 * left out, and is not an error.
 */
#ifndef XT_XEN_H
#define XT_XEN_H

#include <stdbool.h>

#include "backend/backend.h"
#include "backend/xen_compat.h"

/* What Xen lists of a domain and the model has no place for. */
typedef struct xt_xen_listed {
    uint32_t domid, pool_id;
    uint32_t nr_vcpu_ids; /* one more than its last vCPU's */
} xt_xen_listed;

/* A pool's name, as it was read before. */
typedef struct xt_xen_pool_name {
    uint32_t id;
    char *name;
} xt_xen_pool_name;

typedef struct xt_xen {
    xtune_backend base;
    const char *root;      /* of files; never NULL */
    xentoollog_logger log; /* says nothing */
    xc_interface *xc;
    struct xs_handle *xs; /* NULL until xt_xen_store() */
    bool store_is_domain; /* xenstore is in a domain of its own */
    unsigned int nr_cpu_ids, nr_node_ids;
    xc_cpumap_t hard, soft; /* room for what Xen is asked and answers */
    xc_nodemap_t nodes;
    xt_xen_listed *listed; /* of the observation under way, by domid */
    size_t nr_listed;
    xt_xen_pool_name *pool_names;
    size_t nr_pool_names;
} xt_xen;

/* xen.c */

/* What errno says of a call to Xen: "cannot DOING: ...". */
int xt_xen_error(xtune_error **err, const char *object, const char *doing);

/* XTUNE_ERR_REFUSED for a change of a device where the files are those of a
 * recorded host, and Xen is this one's. */
int xt_xen_check_root(const xt_xen *xen, const char *object,
                      xtune_error **err);

/* xen_store.c */

/* xenstore, opened when it is first wanted. */
int xt_xen_store(xt_xen *xen, struct xs_handle **xs_r, xtune_error **err);

/* Another connection to it, which the caller closes. */
int xt_xen_store_connect(xt_xen *xen, struct xs_handle **xs_r,
                         xtune_error **err);

/* The value at a path of xenstore, in the arena; NULL where there is none. */
int xt_xen_store_read(xt_xen *xen, xtune_arena *arena, const char *path,
                      char **value_r, xtune_error **err);

/* What a path has below it, to be freed; NULL where there is nothing. */
int xt_xen_store_list(xt_xen *xen, const char *path, char ***entries_r,
                      unsigned int *nr_r, xtune_error **err);

/* Values at many paths, in a fraction of the time. */
int xt_xen_store_read_all(xt_xen *xen, xtune_arena *arena,
                          const char *const *paths, size_t nr, char **values,
                          xtune_error **err);

/* What each of many paths has below it, the same way. */
typedef struct xt_xen_names {
    const char **items;
    size_t nr;
} xt_xen_names;

int xt_xen_store_list_all(xt_xen *xen, xtune_arena *arena,
                          const char *const *paths, size_t nr,
                          xt_xen_names *names, xtune_error **err);

/* What xenstore has at one moment, whatever is written to it meanwhile. */
typedef struct xt_xen_moment {
    struct xs_handle *xs;
    xs_transaction_t transaction;
    xtune_arena *arena;
    int errnum; /* of the last call that failed, but for what is not there */
} xt_xen_moment;

/* To be ended where it returns 0. */
int xt_xen_moment_begin(xt_xen *xen, xtune_arena *arena,
                        xt_xen_moment *moment_r, xtune_error **err);

/* The value at a path, in the arena; NULL where there is none. */
const char *xt_xen_moment_read(xt_xen_moment *moment, const char *path);

/* What a path has below it, as xs_directory(); NULL where there is nothing. */
char **xt_xen_moment_list(xt_xen_moment *moment, const char *path,
                          unsigned int *nr_r);

/* rc, which came of reading; but XTUNE_ERR_IO, with what was read of which
 * domain, where xenstore failed: then nothing that was read counts. */
int xt_xen_moment_end(xt_xen_moment *moment, int rc, const char *what,
                      unsigned int domid, xtune_error **err);

/* xen_topology.c: nodes and CPUs; what Xen says of itself. */

int xt_xen_read_memory(xt_xen *xen, xtune_host *host, xtune_error **err);
int xt_xen_read_nodes(xt_xen *xen, xtune_host *host, xtune_error **err);
int xt_xen_read_cpus(xt_xen *xen, xtune_host *host, xtune_error **err);
int xt_xen_read_info(xt_xen *xen, xtune_host *host, xtune_error **err);

/* xen_domains.c: domains, without what takes calls for each. */

int xt_xen_read_domains(xt_xen *xen, xtune_host *host, xtune_error **err);
int xt_xen_read_names(xt_xen *xen, xtune_host *host, xtune_error **err);

/* Keeps the domains of these qualifiers only. */
int xt_xen_select_domains(xtune_host *host, const char *const *domains,
                          size_t nr_domains, xtune_error **err);

/* What was listed of a domain of the host. */
const xt_xen_listed *xt_xen_listed_find(const xt_xen *xen, unsigned int domid);

/* The state of one domain; false where it is not there. */
int xt_xen_read_domain(xt_xen *xen, unsigned int domid, bool *found_r,
                       xc_domaininfo_t *info_r, xtune_error **err);

/*
 * The domain that a reference means: the one with its id and uuid; else, of
 * those with its uuid, one that is not shut down. XTUNE_ERR_NOT_FOUND.
 */
int xt_xen_find_domain(xt_xen *xen, const xt_domain_ref *domain,
                       xc_domaininfo_t *info_r, xtune_error **err);

void xt_xen_format_uuid(const xen_domain_handle_t handle, char uuid_r[37]);

/* xen_pools.c */

const char *xt_xen_scheduler_name(int id);
int xt_xen_scheduler_id(const char *name); /* -1: none of ours */

/* The pools, without names; in the arena. */
int xt_xen_list_pools(xt_xen *xen, xtune_arena *arena, unsigned int nr_cpu_ids,
                      xtune_cpupool **pools_r, size_t *nr_r,
                      xtune_error **err);

/* Gives them names; stored_r, which may be NULL: as xenstore has them, NULL
 * where it has none. */
int xt_xen_name_pools(xt_xen *xen, xtune_arena *arena, xtune_cpupool *pools,
                      size_t nr, char ***stored_r, xtune_error **err);

/* The pools, and each domain's pool by its name. Without fresh, names that
 * were read before will do, if the pools are the same. */
int xt_xen_read_pools(xt_xen *xen, xtune_host *host, bool fresh,
                      xtune_error **err);
void xt_xen_forget_pool_names(xt_xen *xen);

/* The name of a pool, in the arena; NULL where there is none. One that was
 * read before will do, if the pools are the same. */
int xt_xen_name_of_pool(xt_xen *xen, xtune_arena *arena, uint32_t id,
                        const char **name_r, xtune_error **err);

/* xen_granularity.c: what comes and goes with a CPU of each pool. */

void xt_xen_read_granularity(xt_xen *xen, xtune_cpupool *pools, size_t nr);

/* xen_pool_changes.c */

/* The pool of a name, as it is now, in the arena. XTUNE_ERR_NOT_FOUND, or
 * XTUNE_ERR_INVALID where there are two. */
int xt_xen_find_pool(xt_xen *xen, xtune_arena *arena, const char *name,
                     xtune_cpupool *pool_r, xtune_error **err);

/* The operations of the same names. */
int xt_xen_get_pools(xtune_backend *backend, xtune_arena *arena,
                     const xtune_cpupool **pools_r, size_t *nr_r,
                     xtune_error **err);
int xt_xen_create_pool(xtune_backend *backend, const char *name,
                       const char *scheduler, xtune_error **err);
int xt_xen_destroy_pool(xtune_backend *backend, const char *name,
                        xtune_error **err);
int xt_xen_rename_pool(xtune_backend *backend, const char *name,
                       const char *new_name, xtune_error **err);
int xt_xen_get_domain_pool(xtune_backend *backend, const xt_domain_ref *domain,
                           xtune_arena *arena, const char **pool_r,
                           xtune_error **err);
int xt_xen_set_domain_pool(xtune_backend *backend, const xt_domain_ref *domain,
                           const char *pool, xtune_error **err);

/* xen_pool_cpus.c: the operation of the same name. */

int xt_xen_move_cpus(xtune_backend *backend, const xtune_set *cpus,
                     const char *pool, xtune_error **err);

/* xen_vcpus.c: what takes calls for each domain. Domains that have gone are
 * taken out of the host. */

xtune_set xt_xen_set_from_map(xtune_arena *arena, unsigned int nbits,
                              const uint8_t *map);
int xt_xen_read_vcpus(xt_xen *xen, xtune_host *host, xtune_error **err);

/* Of one domain; false where Xen does not tell. */
bool xt_xen_node_affinity(xt_xen *xen, xtune_arena *arena, unsigned int domid,
                          xtune_set *nodes_r);
int xt_xen_read_node_affinity(xt_xen *xen, xtune_host *host,
                              xtune_error **err);

/* xen_scheduler.c: what schedulers give to domains and pools, and pools'
 * granularity. Domains that have gone are taken out of the host. */

int xt_xen_read_scheduling(xt_xen *xen, xtune_host *host, xtune_error **err);

/* The operations of the same names. */
int xt_xen_get_scheduling(xtune_backend *backend, const xt_domain_ref *domain,
                          xtune_arena *arena, struct xt_json **value_r,
                          xtune_error **err);
int xt_xen_set_scheduling(xtune_backend *backend, const xt_domain_ref *domain,
                          const struct xt_json *value, xtune_error **err);
int xt_xen_get_pool_scheduling(xtune_backend *backend, const char *pool,
                               xtune_arena *arena, struct xt_json **value_r,
                               xtune_error **err);
int xt_xen_set_pool_scheduling(xtune_backend *backend, const char *pool,
                               const struct xt_json *value, xtune_error **err);

/* xen_affinity.c: the operations of the same names. */

int xt_xen_get_affinity(xtune_backend *backend, const xt_vcpu_ref *vcpu,
                        xtune_arena *arena, xtune_set *hard_r,
                        xtune_set *soft_r, xtune_error **err);
int xt_xen_set_affinity(xtune_backend *backend, const xt_vcpu_ref *vcpu,
                        const xtune_set *hard, const xtune_set *soft,
                        xtune_arena *arena, xtune_set *effective_hard_r,
                        xtune_set *effective_soft_r, xtune_error **err);

/* xen_pci.c: devices, and the domains that hold PCI devices. */

/* Those of PCI, their nodes, and what else parts ask for; those of USB. */
void xt_xen_read_devices(xt_xen *xen, xtune_host *host, unsigned int parts);

/* What the toolstack keeps of them in xenstore. */
int xt_xen_read_kept(xt_xen *xen, xtune_host *host, xtune_error **err);

/* domains[].pci, and attached as well. */
int xt_xen_read_owners(xt_xen *xen, xtune_host *host, bool attached,
                       xtune_error **err);

/* xen_pci_kept.c: what libxl keeps of a device in xenstore. */

typedef struct xt_xen_pci_kept {
    const char *name;          /* as given with -n; NULL */
    const char *former_driver; /* "e1000", which it is to have back; NULL */
    uint32_t claimed_by;       /* a domain's id; DOMID_INVALID for what is
                                  none, which libxl heeds all the same;
                                  XTUNE_NONE */
} xt_xen_pci_kept;

/* In the arena. What is not as libxl writes it is left out. */
int xt_xen_pci_kept_read(xt_xen *xen, xtune_arena *arena, const char *address,
                         xt_xen_pci_kept *kept_r, xtune_error **err);

/* The steps of such names; NULL: forgotten. */
int xt_xen_pci_keep_driver(xt_xen *xen, const char *address,
                           const char *driver, xtune_error **err);
int xt_xen_pci_keep_name(xt_xen *xen, const char *address, const char *name,
                         xtune_error **err);
int xt_xen_pci_claim(xt_xen *xen, const char *address, const char *domid,
                     xtune_error **err);

/* xen_pci_attached.c: how domains have devices. */

/* Those of one domain, as libxl lists them; in the arena. XTUNE_ERR_INVALID
 * where xenstore has what libxl does not write. */
int xt_xen_read_attachments(xt_xen *xen, xtune_arena *arena,
                            unsigned int domid, xtune_attachment **list_r,
                            size_t *nr_r, xtune_error **err);

/* One of these devices that a domain that lives has, by the same lists; NULL:
 * none has one. */
int xt_xen_pci_find_listed(xt_xen *xen, const char *const *addresses,
                           size_t nr, const char **found_r, xtune_error **err);

/* XTUNE_ERR_REFUSED where there is one. */
int xt_xen_pci_check_unlisted(xt_xen *xen, const char *const *addresses,
                              size_t nr, xtune_error **err);

/* The operation of the same name. */
int xt_xen_get_attached(xtune_backend *backend, const xt_domain_ref *domain,
                        const char *address, xtune_arena *arena,
                        struct xt_json **value_r, xtune_error **err);

/* xen_pci_changes.c */

/* The operations of the same names. */
int xt_xen_get_pci(xtune_backend *backend, const char *address,
                   xtune_arena *arena, struct xt_json **value_r,
                   xtune_error **err);
int xt_xen_do_pci_step(xtune_backend *backend, const char *address,
                       enum xt_pci_step step, const char *text,
                       xtune_error **err);

/* xen_pci_vfs.c: the operations of the same names. */

int xt_xen_get_vfs(xtune_backend *backend, const char *address, uint32_t *nr_r,
                   xtune_error **err);
int xt_xen_set_vfs(xtune_backend *backend, const char *address, uint32_t nr,
                   xtune_error **err);

/* xen_device.c */

/* Runs xltune-device with these words, up to a NULL, to its end. list is the
 * command that shows what came of it. Errors as attach_pci. */
int xt_xen_run_device(const char *const *words, const char *object,
                      const char *list, int lock_fd, xtune_error **err);

/* The operations of the same names. */

int xt_xen_attach_pci(xtune_backend *backend, const xt_domain_ref *domain,
                      const xt_pci_attachment *attachment, int lock_fd,
                      xtune_error **err);
int xt_xen_detach_pci(xtune_backend *backend, const xt_domain_ref *domain,
                      const char *address, bool force, int lock_fd,
                      xtune_error **err);

/* xen_configured.c: what libxl's stored configurations say of affinity, and
 * of what stands in the way of a migration. */

void xt_xen_read_configured(xt_xen *xen, xtune_host *host);
int xt_xen_get_configured(xtune_backend *backend, const xt_domain_ref *domain,
                          xtune_arena *arena, struct xt_json **value_r,
                          xtune_error **err);
int xt_xen_set_configured(xtune_backend *backend, const xt_domain_ref *domain,
                          const struct xt_json *value, xtune_error **err);

/* Keeps for a domain the nodes where its memory was placed, which its
 * configuration does not tell. It is forgotten with the domain. */
int xt_xen_keep_built(xt_xen *xen, const xt_domain_ref *domain,
                      const char *nodes, xtune_error **err);

/* xen_move.c: the operations of the same names. */

int xt_xen_begin_move(xtune_backend *backend, const xt_move *move,
                      xt_moving **moving_r, xtune_error **err);
size_t xt_xen_wait_moves(xtune_backend *backend, xt_moving *const *moving,
                         size_t nr);
int xt_xen_end_move(xtune_backend *backend, xt_moving *moving,
                    xt_moved *moved_r, xtune_error **err);
int xt_xen_settle(xtune_backend *backend, const xt_domain_ref *domain,
                  xtune_error **err);
int xt_xen_settle_all(xtune_backend *backend, xtune_error **err);

/* xen_events.c: the operation of the same name. */

int xt_xen_open_events(xtune_backend *backend, xtune_events **events_r,
                       xtune_error **err);

/* xen_residency.c: domains' memory by node. */

int xt_xen_read_residency(xt_xen *xen, xtune_host *host,
                          enum xtune_residency_mode mode, xtune_error **err);

/* xen_disks.c: disks of domains, as the toolstack keeps them in xenstore. */

int xt_xen_read_disks(xt_xen *xen, xtune_host *host, xtune_error **err);

/* xen_dom0.c: dom0's memory as its balloon has it. */

int xt_xen_read_dom0(xt_xen *xen, xtune_host *host, xtune_error **err);

/* The operations of the same names; xen_dom0_vcpus.c. */
int xt_xen_get_dom0_memory(xtune_backend *backend, uint64_t *target_kb_r,
                           xtune_error **err);
int xt_xen_set_dom0_memory(xtune_backend *backend, uint64_t target_kb,
                           xtune_error **err);
int xt_xen_get_dom0_vcpus(xtune_backend *backend, uint32_t *nr_r,
                          xtune_error **err);
int xt_xen_set_dom0_vcpus(xtune_backend *backend, uint32_t nr,
                          xtune_error **err);

/* xen_boot.c: the operations of the same names. */

int xt_xen_get_boot(xtune_backend *backend, const char *line,
                     const char *key, xtune_arena *arena,
                     const char *const **values_r, size_t *nr_r,
                     xtune_error **err);
int xt_xen_set_boot(xtune_backend *backend, const xtune_boot_change *changes,
                     size_t nr, const struct xt_json *kept,
                     xtune_arena *arena, const struct xt_json **kept_r,
                     xtune_error **err);
int xt_xen_diff_boot(xtune_backend *backend, const xtune_boot_change *changes,
                      size_t nr, xtune_arena *arena, const char **text_r,
                      xtune_error **err);

/* xen_files.c: the operations of the same names. */

int xt_xen_get_file(xtune_backend *backend, const char *path,
                         xtune_arena *arena, const char **text_r,
                         xtune_error **err);
int xt_xen_set_file(xtune_backend *backend, const char *path,
                         const char *text, xtune_error **err);

/* xen_cpufreq.c */

/* What Xen tells of CPUs that the host has. */
void xt_xen_read_governors(xt_xen *xen, xtune_host *host);

/* The operations of the same names. */
int xt_xen_get_governor(xtune_backend *backend, uint32_t cpu,
                             xtune_arena *arena, const char **governor_r,
                             xtune_error **err);
int xt_xen_set_governor(xtune_backend *backend, uint32_t cpu,
                             const char *governor, xtune_error **err);

#endif
