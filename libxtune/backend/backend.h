/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a backend is. A new one fills in the operations; wrappers (trace,
 * fault) hold another backend and pass calls on.
 */
#ifndef XT_BACKEND_H
#define XT_BACKEND_H

#include <xtune/apply.h>
#include <xtune/backend.h>
#include <xtune/boot.h>
#include <xtune/events.h>

struct xt_json;

/*
 * A domain. Its uuid tells which it is, for it has another id after a reboot,
 * or when its memory was moved; the id comes first where two have the uuid,
 * and where it has none.
 */
typedef struct xt_domain_ref {
    unsigned int domid;
    const char *uuid;
    const char *name; /* for messages: "web1", "web1/0" */
} xt_domain_ref;

typedef struct xt_vcpu_ref {
    xt_domain_ref domain;
    unsigned int vcpu;
} xt_vcpu_ref;

/* What is done to a PCI device on its way between dom0 and guests, one thing
 * at a time. */
enum xt_pci_step {
    XT_PCI_UNBIND,      /* from its driver in dom0 */
    XT_PCI_BIND,        /* to the driver that text names */
    XT_PCI_PROBE,       /* to the driver that Linux chooses */
    XT_PCI_NEW_SLOT,    /* pciback is to take it; twice is no error */
    XT_PCI_REMOVE_SLOT, /* and no longer; nor is this */
    XT_PCI_QUARANTINE,  /* Xen keeps its DMA away from everything */
    XT_PCI_RELEASE,     /* and no longer */
    XT_PCI_KEEP_DRIVER, /* text: the driver that it is to have back, kept in
                           the toolstack's store; NULL: forgotten */
    XT_PCI_KEEP_NAME,   /* text: its name there; NULL: forgotten */
    XT_PCI_CLAIM,       /* text: the id of the domain that has it, as the store
                           says; NULL: none */
};

/* How a device is, or is to be, in a guest. */
typedef xtune_attachment xt_pci_attachment;

/* A move of a domain's memory. */
typedef struct xt_move {
    xt_domain_ref domain;
    bool pause;                   /* it is paused for all of it */
    const char *nodes;            /* where its memory is to be */
    bool by_masks;                /* the masks alone lead it there */
    const xtune_set *hard, *soft; /* its masks then, by vCPU */
    size_t nr_vcpus;
    const uint64_t *memory_by_node_kb; /* the same by node, as a snapshot is
                                          to have it */
    size_t nr_nodes;
    int lock_fd; /* kept open until it has ended, whoever is killed; -1 */
    void (*moving)(void *opaque, const xtune_move_progress *progress);
    void *opaque;
} xt_move;

/* A move that was begun; each backend has its own. */
typedef struct xt_moving xt_moving;

/* What a move took. */
typedef struct xt_moved {
    uint64_t bytes, total_ms, pause_ms;
    unsigned int rounds;
} xt_moved;

struct xt_backend_ops {
    const char *name;

    /* See xtune_backend_observe(). */
    int (*observe)(xtune_backend *backend, const xtune_observe *what,
                   xtune_host **host_r, xtune_error **err);

    /* The id that a domain has now. XTUNE_ERR_NOT_FOUND. */
    int (*find_domain)(xtune_backend *backend, const xt_domain_ref *domain,
                       unsigned int *domid_r, xtune_error **err);

    /*
     * The masks of a vCPU as they are now, in the arena. XTUNE_ERR_NOT_FOUND
     * where there is no such domain, or no such vCPU.
     */
    int (*get_affinity)(xtune_backend *backend, const xt_vcpu_ref *vcpu,
                        xtune_arena *arena, xtune_set *hard_r,
                        xtune_set *soft_r, xtune_error **err);

    /*
     * Sets both masks, together or not at all, and tells which of their CPUs
     * count (those in the domain's pool; of soft, those in hard as well).
     * XTUNE_ERR_REFUSED with Xen's errno where it says no;
     * XTUNE_ERR_NOT_FOUND as above.
     */
    int (*set_affinity)(xtune_backend *backend, const xt_vcpu_ref *vcpu,
                        const xtune_set *hard, const xtune_set *soft,
                        xtune_arena *arena, xtune_set *effective_hard_r,
                        xtune_set *effective_soft_r, xtune_error **err);

    /*
     * The pools as they are now, in the arena: id, name, scheduler,
     * and CPUs. Ascending by id.
     */
    int (*list_pools)(xtune_backend *backend, xtune_arena *arena,
                      const xtune_cpupool **pools_r, size_t *nr_r,
                      xtune_error **err);

    /*
     * Pools are meant by their names: their ids change when one is made again.
     * XTUNE_ERR_NOT_FOUND where there is none of that name; XTUNE_ERR_INVALID
     * where there are two; XTUNE_ERR_REFUSED with Xen's errno where it says
     * no. One is made without CPUs, and goes without CPUs and domains.
     */
    int (*create_pool)(xtune_backend *backend, const char *name,
                       const char *scheduler, xtune_error **err);
    int (*destroy_pool)(xtune_backend *backend, const char *name,
                        xtune_error **err);
    int (*rename_pool)(xtune_backend *backend, const char *name,
                       const char *new_name, xtune_error **err);

    /*
     * Takes CPUs out of the pools that they are in, and puts them into this
     * one; NULL: into none. CPUs that come and go together are given together.
     * Where it fails some may have moved, or be in no pool; to try again, or
     * to move them back, is right then. Masks without a CPU left become "all",
     * as Xen does it.
     */
    int (*move_cpus)(xtune_backend *backend, const xtune_set *cpus,
                     const char *pool, xtune_error **err);

    /* The pool of a domain, in the arena. Moving it makes all of its masks
     * "all" and gives it what its new scheduler gives to a new domain: that is
     * how Xen does it. */
    int (*get_domain_pool)(xtune_backend *backend, const xt_domain_ref *domain,
                           xtune_arena *arena, const char **pool_r,
                           xtune_error **err);
    int (*set_domain_pool)(xtune_backend *backend, const xt_domain_ref *domain,
                           const char *pool, xtune_error **err);

    /*
     * What its scheduler gives a domain, as host/scheduling.h has it, in the
     * arena; JSON null where its scheduler has no parameters. Setting a value
     * of another scheduler is XTUNE_ERR_REFUSED.
     */
    int (*get_scheduling)(xtune_backend *backend, const xt_domain_ref *domain,
                          xtune_arena *arena, struct xt_json **value_r,
                          xtune_error **err);
    int (*set_scheduling)(xtune_backend *backend, const xt_domain_ref *domain,
                          const struct xt_json *value, xtune_error **err);

    /* The same for a pool. */
    int (*get_pool_scheduling)(xtune_backend *backend, const char *pool,
                               xtune_arena *arena, struct xt_json **value_r,
                               xtune_error **err);
    int (*set_pool_scheduling)(xtune_backend *backend, const char *pool,
                               const struct xt_json *value, xtune_error **err);

    /*
     * The affinity in the stored configuration (host/configured.h), in the
     * arena. XTUNE_ERR_NOT_FOUND as above, and where none is stored.
     */
    int (*get_configured)(xtune_backend *backend, const xt_domain_ref *domain,
                          xtune_arena *arena, struct xt_json **value_r,
                          xtune_error **err);
    int (*set_configured)(xtune_backend *backend, const xt_domain_ref *domain,
                          const struct xt_json *value, xtune_error **err);

    /*
     * How a device is now, in the arena: { "driver", "slot", "pciback",
     * "name", "former_driver", "claimed_by" }: the driver that dom0 has for
     * it, or null; whether pciback is to have it, and runs; what the
     * toolstack's store keeps of it, or null. XTUNE_ERR_NOT_FOUND where there
     * is no such device.
     */
    int (*get_pci)(xtune_backend *backend, const char *address,
                   xtune_arena *arena, struct xt_json **value_r,
                   xtune_error **err);

    /* One step. XTUNE_ERR_REFUSED where Linux or Xen says no, or where it did
     * not come out as asked; XTUNE_ERR_UNSUPPORTED without pciback. */
    int (*do_pci_step)(xtune_backend *backend, const char *address,
                       enum xt_pci_step step, const char *text,
                       xtune_error **err);

    /*
     * How a domain has a device: { "slot", "function", "msitranslate",
     * "power_mgmt", "permissive", "relaxed" }, in the arena, slot null where
     * the guest has chosen it and it is not known; JSON null where it has it
     * not. XTUNE_ERR_NOT_FOUND where there is no such domain.
     */
    int (*get_attached)(xtune_backend *backend, const xt_domain_ref *domain,
                        const char *address, xtune_arena *arena,
                        struct xt_json **value_r, xtune_error **err);

    /* Gives an assignable device to a domain, and takes it back; force: also
     * where the guest does not let go. lock_fd, as in xt_move, is kept open
     * until that has ended. XTUNE_ERR_REFUSED with what the toolstack says;
     * XTUNE_ERR_BUSY where it has not ended in time, and goes on. */
    int (*attach_pci)(xtune_backend *backend, const xt_domain_ref *domain,
                      const xt_pci_attachment *attachment, int lock_fd,
                      xtune_error **err);
    int (*detach_pci)(xtune_backend *backend, const xt_domain_ref *domain,
                      const char *address, bool force, int lock_fd,
                      xtune_error **err);

    /* The virtual functions of a device. Their number can be changed from and
     * to 0 only, as Linux has it. */
    int (*get_vfs)(xtune_backend *backend, const char *address, uint32_t *nr_r,
                   xtune_error **err);
    int (*set_vfs)(xtune_backend *backend, const char *address, uint32_t nr,
                   xtune_error **err);

    /*
     * A USB controller of a domain: { "type", "version", "ports" }, in the
     * arena; JSON null where it has none of that id. XTUNE_ERR_NOT_FOUND where
     * there is no such domain. To add one gives it this id; to remove it takes
     * the devices in it back first. lock_fd as in attach_pci.
     */
    int (*get_usb_controller)(xtune_backend *backend,
                              const xt_domain_ref *domain, uint32_t id,
                              xtune_arena *arena, struct xt_json **value_r,
                              xtune_error **err);
    int (*add_usb_controller)(xtune_backend *backend,
                              const xt_domain_ref *domain, uint32_t id,
                              const struct xt_json *value, int lock_fd,
                              xtune_error **err);
    int (*remove_usb_controller)(xtune_backend *backend,
                                 const xt_domain_ref *domain, uint32_t id,
                                 int lock_fd, xtune_error **err);

    /*
     * How a domain has the USB device of a path: { "controller", "port",
     * "stale" }, in the arena; stale: the toolstack says so, but the device is
     * not there, or dom0 drives it (xtune_usb_is_stale()). JSON null where it
     * has it not. XTUNE_ERR_NOT_FOUND where there is no such domain.
     */
    int (*get_usb)(xtune_backend *backend, const xt_domain_ref *domain,
                   const char *path, xtune_arena *arena,
                   struct xt_json **value_r, xtune_error **err);

    /* Gives a device to a domain, into a free port; takes it back, be it there
     * or not, so that nothing of it is left in the toolstack's store or in the
     * device model, and dom0's drivers have it again. XTUNE_ERR_REFUSED with
     * what the toolstack says, or where the device model has it not in the
     * end. */
    int (*attach_usb)(xtune_backend *backend, const xt_domain_ref *domain,
                      const char *path, uint32_t controller, uint32_t port,
                      int lock_fd, xtune_error **err);
    int (*detach_usb)(xtune_backend *backend, const xt_domain_ref *domain,
                      const char *path, int lock_fd, xtune_error **err);

    /* What is plugged in at a path: { "vendor", "product", "serial",
     * "drivers" }, serial null where it has none, and dom0's drivers by
     * interface: { "0": "usb-storage", "1": null }. To probe it lets Linux
     * find one for each that has none. XTUNE_ERR_NOT_FOUND. */
    int (*get_usb_device)(xtune_backend *backend, const char *path,
                          xtune_arena *arena, struct xt_json **value_r,
                          xtune_error **err);
    int (*probe_usb)(xtune_backend *backend, const char *path,
                     xtune_error **err);

    /* What is in the usb-policy's file that is changed: XAPI's where there is
     * one, else ours; *text_r NULL: it is not there. It is written whole; NULL
     * removes it. */
    int (*get_usb_rules)(xtune_backend *backend, xtune_arena *arena,
                         const char **text_r, xtune_error **err);
    int (*set_usb_rules)(xtune_backend *backend, const char *text,
                         xtune_error **err);

    /*
     * The values of a parameter of dom0's command line ("dom0"), or of Xen's
     * ("xen"), after the next boot, in the order in which they stand there, in
     * the arena: see boot/boot.h. *nr_r 0: it is not there.
     */
    int (*get_boot)(xtune_backend *backend, const char *line, const char *key,
                    xtune_arena *arena, const char *const **values_r,
                    size_t *nr_r, xtune_error **err);

    /*
     * All of these changes, or none. kept: the files as they were before the
     * change that this one takes back (boot/kept.h): they come back byte by
     * byte where nothing else was changed since; empty: that change was cut
     * off; NULL: this one takes none back. *kept_r, in the arena, are the
     * files as they were now; NULL where none was changed.
     */
    int (*set_boot)(xtune_backend *backend, const xtune_boot_change *changes,
                    size_t nr, const struct xt_json *kept, xtune_arena *arena,
                    const struct xt_json **kept_r, xtune_error **err);

    /* The lines of files that set_boot() would change, as "diff -u" shows
     * them, and what would be run, in the arena. */
    int (*diff_boot)(xtune_backend *backend, const xtune_boot_change *changes,
                     size_t nr, xtune_arena *arena, const char **text_r,
                     xtune_error **err);

    /*
     * A file of dom0's below its root, in the arena; *text_r NULL: it is not
     * there. Of an attribute below /proc or /sys: its value without the
     * newline, and of one that lists choices the one that is chosen
     * ("mq-deadline"); XTUNE_ERR_NOT_FOUND where there is no such attribute.
     * Only those that xltune changes (host/dom0_file.h): XTUNE_ERR_REFUSED for
     * another. A file is replaced whole, the one before is kept as
     * PATH.xltune-old, text NULL takes it away; an attribute is written to,
     * and its refusal is XTUNE_ERR_REFUSED.
     */
    int (*get_file)(xtune_backend *backend, const char *path,
                    xtune_arena *arena, const char **text_r,
                    xtune_error **err);
    int (*set_file)(xtune_backend *backend, const char *path, const char *text,
                    xtune_error **err);

    /*
     * What dom0's balloon is to leave it. To set it returns when dom0 has come
     * there: XTUNE_ERR_BUSY where it has not in time, and XTUNE_ERR_REFUSED
     * where Xen has not as much free memory, or for more than its static-max.
     */
    int (*get_dom0_memory)(xtune_backend *backend, uint64_t *target_kb_r,
                           xtune_error **err);
    int (*set_dom0_memory)(xtune_backend *backend, uint64_t target_kb,
                           xtune_error **err);

    /* How many of dom0's vCPUs, from its first one on, are online; the same of
     * setting it. */
    int (*get_dom0_vcpus)(xtune_backend *backend, uint32_t *nr_r,
                          xtune_error **err);
    int (*set_dom0_vcpus)(xtune_backend *backend, uint32_t nr,
                          xtune_error **err);

    /* The governor of a CPU's frequency as Xen has it, in the arena.
     * XTUNE_ERR_UNSUPPORTED where Xen does not set it. */
    int (*get_governor)(xtune_backend *backend, uint32_t cpu,
                        xtune_arena *arena, const char **governor_r,
                        xtune_error **err);
    int (*set_governor)(xtune_backend *backend, uint32_t cpu,
                        const char *governor, xtune_error **err);

    /*
     * Begins to move a domain's memory; several may be under way. move must
     * live until end_move(). On an error the domain is as it was, unless that
     * says otherwise. XTUNE_ERR_REFUSED where it cannot be moved,
     * XTUNE_ERR_NOT_FOUND where it is gone.
     */
    int (*begin_move)(xtune_backend *backend, const xt_move *move,
                      xt_moving **moving_r, xtune_error **err);

    /* Waits until one of them has ended, and tells which; how far they have
     * come is told meanwhile. */
    size_t (*wait_moves)(xtune_backend *backend, xt_moving *const *moving,
                         size_t nr);

    /* What became of one that has ended, which is freed. Errors as above. */
    int (*end_move)(xtune_backend *backend, xt_moving *moving,
                    xt_moved *moved_r, xtune_error **err);

    /*
     * Ends a move that was cut off, one way or the other: one domain is left,
     * and it runs. Waits for one that is still under way.
     */
    int (*settle)(xtune_backend *backend, const xt_domain_ref *domain,
                  xtune_error **err);

    /* See xtune_events_open(). */
    int (*open_events)(xtune_backend *backend, xtune_events **events_r,
                       xtune_error **err);

    /* The same for every move that was cut off, whoever had begun it. */
    int (*settle_all)(xtune_backend *backend, xtune_error **err);

    /* Makes the changes since the last commit last: a snapshot's file is
     * written. */
    int (*commit)(xtune_backend *backend, xtune_error **err);

    /* Whether changes are made by commit(), all at once: who is killed before
     * has made none. NULL: each is made when it is asked for. */
    bool (*is_atomic)(const xtune_backend *backend);

    const char *(*describe)(const xtune_backend *backend);
    const char *(*state_dir)(const xtune_backend *backend);
    void (*close)(xtune_backend *backend);
};

/* Whether a uuid is all zeros: that of dom0, and of no domain in particular.
 */
bool xt_is_nil_uuid(const char *uuid);

/* The first member of each backend's own structure. */
struct xtune_backend {
    const struct xt_backend_ops *ops;
};

bool xt_backend_is_atomic(const xtune_backend *backend);

/* A copy of a host, in memory alone, which changes as a snapshot does: to see
 * what would come of something. */
int xt_backend_open_copy(const xtune_host *host, xtune_backend **backend_r,
                         xtune_error **err);

#endif
