/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The snapshot backend's own parts. Only snapshot*.c include this. */
#ifndef XT_SNAPSHOT_H
#define XT_SNAPSHOT_H

#include <sys/stat.h>

#include "backend/backend.h"

typedef struct xt_snapshot {
    xtune_backend backend;
    char *path, *state_dir, *description;
    xtune_host *host;
    struct stat read; /* what the file was when it was read */
    char *saved;      /* what the file holds, in canonical form */
    bool dirty;       /* host may have changes that the file has not */
    bool is_copy;     /* there is no file, and dirty is set */
    char *root; /* of a tree that tells more of it; NULL: there is none */
} xt_snapshot;

static inline xt_snapshot *xt_snapshot_of(const xtune_backend *backend)
{
    return (xt_snapshot *)backend;
}

/* snapshot.c */

void xt_snapshot_close(xtune_backend *backend);

/* Reads the file, unless what is here is as good or newer. */
int xt_snapshot_load(xt_snapshot *s, xtune_error **err);

/* NULL, with the error set, where it is not there. */
xtune_domain *xt_snapshot_domain(const xt_snapshot *s,
                                 const xt_domain_ref *ref, xtune_error **err);

/* One after the other. */
int xt_snapshot_load_domain(const xtune_backend *backend,
                            const xt_domain_ref *ref, xtune_domain **domain_r,
                            xtune_error **err);

/* snapshot_moves.c: the operations of the same names. */

int xt_snapshot_begin_move(xtune_backend *backend, const xt_move *move,
                           xt_moving **moving_r, xtune_error **err);
size_t xt_snapshot_wait_moves(xtune_backend *backend, xt_moving *const *moving,
                              size_t nr);
int xt_snapshot_end_move(xtune_backend *backend, xt_moving *moving,
                         xt_moved *moved_r, xtune_error **err);
int xt_snapshot_settle(xtune_backend *backend, const xt_domain_ref *ref,
                       xtune_error **err);

/* snapshot_pools.c */

/* NULL, with the error set, where it is not there. */
xtune_cpupool *xt_snapshot_pool(const xt_snapshot *s, const char *name,
                                xtune_error **err);

/* The same after xt_snapshot_load(). */
int xt_snapshot_load_pool(const xtune_backend *backend, const char *name,
                          xtune_cpupool **pool_r, xtune_error **err);

/* What its scheduler gives to a domain that comes to a pool; nothing where
 * that is not known of domains. */
void xt_snapshot_reset_scheduling(xt_snapshot *s, xtune_domain *domain,
                                  const char *from, const char *to);

/* What a scheduler has for a new pool; nothing where that is not known of any
 * pool. */
xtune_pool_scheduling xt_snapshot_new_scheduling(const xt_snapshot *s,
                                                 const char *scheduler);

/* The operations of the same names: of pools, in snapshot_pools.c, and of
 * schedulers, in snapshot_scheduling.c. */

int xt_snapshot_list_pools(xtune_backend *backend, xtune_arena *arena,
                           const xtune_cpupool **pools_r, size_t *nr_r,
                           xtune_error **err);
int xt_snapshot_create_pool(xtune_backend *backend, const char *name,
                            const char *scheduler, xtune_error **err);
int xt_snapshot_destroy_pool(xtune_backend *backend, const char *name,
                             xtune_error **err);
int xt_snapshot_rename_pool(xtune_backend *backend, const char *name,
                            const char *new_name, xtune_error **err);
int xt_snapshot_move_cpus(xtune_backend *backend, const xtune_set *cpus,
                          const char *pool, xtune_error **err);
int xt_snapshot_get_domain_pool(xtune_backend *backend,
                                const xt_domain_ref *domain,
                                xtune_arena *arena, const char **pool_r,
                                xtune_error **err);
int xt_snapshot_set_domain_pool(xtune_backend *backend,
                                const xt_domain_ref *domain, const char *pool,
                                xtune_error **err);
int xt_snapshot_get_scheduling(xtune_backend *backend,
                               const xt_domain_ref *domain, xtune_arena *arena,
                               struct xt_json **value_r, xtune_error **err);
int xt_snapshot_set_scheduling(xtune_backend *backend,
                               const xt_domain_ref *domain,
                               const struct xt_json *value, xtune_error **err);
int xt_snapshot_get_pool_scheduling(xtune_backend *backend, const char *pool,
                                    xtune_arena *arena,
                                    struct xt_json **value_r,
                                    xtune_error **err);
int xt_snapshot_set_pool_scheduling(xtune_backend *backend, const char *pool,
                                    const struct xt_json *value,
                                    xtune_error **err);

/* snapshot_pci.c: the operations of the same names. */

int xt_snapshot_get_pci(xtune_backend *backend, const char *address,
                        xtune_arena *arena, struct xt_json **value_r,
                        xtune_error **err);
int xt_snapshot_do_pci_step(xtune_backend *backend, const char *address,
                            enum xt_pci_step step, const char *text,
                            xtune_error **err);
int xt_snapshot_get_attached(xtune_backend *backend,
                             const xt_domain_ref *domain, const char *address,
                             xtune_arena *arena, struct xt_json **value_r,
                             xtune_error **err);
int xt_snapshot_attach_pci(xtune_backend *backend, const xt_domain_ref *domain,
                           const xt_pci_attachment *attachment, int lock_fd,
                           xtune_error **err);
int xt_snapshot_detach_pci(xtune_backend *backend, const xt_domain_ref *domain,
                           const char *address, bool force, int lock_fd,
                           xtune_error **err);
int xt_snapshot_get_vfs(xtune_backend *backend, const char *address,
                        uint32_t *nr_r, xtune_error **err);
int xt_snapshot_set_vfs(xtune_backend *backend, const char *address,
                        uint32_t nr, xtune_error **err);

/* snapshot_usb.c, and snapshot_usb_drivers.c for drivers: the operations of
 * the same names, and what those share. */

/* XTUNE_ERR_NOT_FOUND. */
int xt_snapshot_load_usb(const xtune_backend *backend, const char *path,
                         xtune_usb **usb_r, xtune_error **err);

/* A device goes to a guest, or comes back; what dom0 drives, it has already.
 */
void xt_snapshot_usb_to_guest(const xt_snapshot *s, xtune_usb *usb,
                              const xtune_usb_controller *controller);
void xt_snapshot_usb_to_dom0(const xt_snapshot *s, xtune_usb *usb,
                             const xtune_usb_controller *controller);

int xt_snapshot_get_usb_controller(xtune_backend *backend,
                                   const xt_domain_ref *domain, uint32_t id,
                                   xtune_arena *arena,
                                   struct xt_json **value_r,
                                   xtune_error **err);
int xt_snapshot_add_usb_controller(xtune_backend *backend,
                                   const xt_domain_ref *domain, uint32_t id,
                                   const struct xt_json *value, int lock_fd,
                                   xtune_error **err);
int xt_snapshot_remove_usb_controller(xtune_backend *backend,
                                      const xt_domain_ref *domain, uint32_t id,
                                      int lock_fd, xtune_error **err);
int xt_snapshot_get_usb(xtune_backend *backend, const xt_domain_ref *domain,
                        const char *path, xtune_arena *arena,
                        struct xt_json **value_r, xtune_error **err);
int xt_snapshot_attach_usb(xtune_backend *backend, const xt_domain_ref *domain,
                           const char *path, uint32_t controller,
                           uint32_t port, int lock_fd, xtune_error **err);
int xt_snapshot_detach_usb(xtune_backend *backend, const xt_domain_ref *domain,
                           const char *path, int lock_fd, xtune_error **err);
int xt_snapshot_get_usb_device(xtune_backend *backend, const char *path,
                               xtune_arena *arena, struct xt_json **value_r,
                               xtune_error **err);
int xt_snapshot_probe_usb(xtune_backend *backend, const char *path,
                          xtune_error **err);

/* snapshot_usb_rules.c: the operations of the same names. */

int xt_snapshot_get_usb_rules(xtune_backend *backend, xtune_arena *arena,
                              const char **text_r, xtune_error **err);
int xt_snapshot_set_usb_rules(xtune_backend *backend, const char *text,
                              xtune_error **err);

/* snapshot_boot.c: the operations of the same names. */

int xt_snapshot_get_boot(xtune_backend *backend, const char *line,
                         const char *key, xtune_arena *arena,
                         const char *const **values_r, size_t *nr_r,
                         xtune_error **err);
int xt_snapshot_set_boot(xtune_backend *backend,
                         const xtune_boot_change *changes, size_t nr,
                         const struct xt_json *kept, xtune_arena *arena,
                         const struct xt_json **kept_r, xtune_error **err);
int xt_snapshot_diff_boot(xtune_backend *backend,
                          const xtune_boot_change *changes, size_t nr,
                          xtune_arena *arena, const char **text_r,
                          xtune_error **err);

/* snapshot_dom0.c: the operations of the same names. */

int xt_snapshot_get_dom0_memory(xtune_backend *backend, uint64_t *target_kb_r,
                                xtune_error **err);
int xt_snapshot_set_dom0_memory(xtune_backend *backend, uint64_t target_kb,
                                xtune_error **err);
int xt_snapshot_get_dom0_vcpus(xtune_backend *backend, uint32_t *nr_r,
                               xtune_error **err);
int xt_snapshot_set_dom0_vcpus(xtune_backend *backend, uint32_t nr,
                               xtune_error **err);

/* snapshot_files.c: the operations of the same names. */

int xt_snapshot_get_file(xtune_backend *backend, const char *path,
                         xtune_arena *arena, const char **text_r,
                         xtune_error **err);
int xt_snapshot_set_file(xtune_backend *backend, const char *path,
                         const char *text, xtune_error **err);
int xt_snapshot_get_governor(xtune_backend *backend, uint32_t cpu,
                             xtune_arena *arena, const char **governor_r,
                             xtune_error **err);
int xt_snapshot_set_governor(xtune_backend *backend, uint32_t cpu,
                             const char *governor, xtune_error **err);

#endif
