/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The model of a Xen host: what was observed, at one moment. Read-only after
 * it was made; the snapshot backend alone changes its own.
 *
 * Schema xtune/host/1. Memory is in KiB, PCI addresses are DDDD:BB:DD.F.
 */
#ifndef XTUNE_HOST_H
#define XTUNE_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xtune/arena.h>
#include <xtune/error.h>
#include <xtune/set.h>

#define XTUNE_HOST_SCHEMA "xtune/host/1"

#define XTUNE_MAX_CPUS 4096  /* more than Xen can be built for on x86 */
#define XTUNE_MAX_NODES 64   /* Xen: MAX_NUMNODES */
#define XTUNE_MAX_VCPUS 8192 /* Xen: MAX_VIRT_CPUS is 8192 for PV */

#define XTUNE_NONE (~0u)            /* no node, no CPU, no id */
#define XTUNE_UNKNOWN_KB UINT64_MAX /* a size that is not known */

struct xt_json;

/*
 * What Xen and dom0 say of themselves. What is not known is NULL, XTUNE_NONE
 * or XTUNE_UNKNOWN_KB by its type; xtune_host_new() makes everything unknown.
 */
typedef struct xtune_xen {
    const char *version;       /* "4.17.7": major.minor + extra */
    const char *scheduler;     /* of Pool-0 */
    const char *command_line;  /* Xen's */
    const char **capabilities; /* virt_caps' words, as xl info prints them;
                                 NULL where not known */
    size_t nr_capabilities;
    uint64_t total_kb, free_kb; /* free: less what is claimed, as xl info */
    uint32_t max_cpu_id;        /* Xen's; beyond the last CPU where some are
                                   off */
    uint32_t major, minor;
    const char *extra;
    /* The rest of xl info, for the same text from a snapshot. */
    const char *host, *release, *kernel_version, *machine; /* uname of dom0 */
    uint32_t cores_per_socket, threads_per_core;
    uint32_t cpu_khz;
    uint32_t hw_caps[8];
    bool has_hw_caps;
    uint64_t sharing_freed_kb, sharing_used_kb, outstanding_kb;
    uint32_t free_cpus; /* in no pool */
    const char *xen_caps, *changeset, *compiler, *compile_by;
    const char *compile_domain, *compile_date, *build_id;
    uint32_t pagesize;
    uint64_t virt_start;           /* UINT64_MAX where not known */
    struct xt_json *extra_members; /* unknown members, written back */
} xtune_xen;

typedef struct xtune_node {
    uint32_t id;
    uint64_t memory_kb, free_kb;
    uint64_t low_free_kb; /* of free_kb, what Xen keeps for devices that reach
                             low addresses only: a domain without virtual
                             nodes gets it after all that is free elsewhere,
                             whatever its affinity is */
    uint32_t *distances;  /* by node id, nr_node_ids of them; XTUNE_NONE
                             where unknown or unreachable; or NULL */
    size_t nr_distances;  /* as read from a file, to be checked */
    struct xt_json *extra_members;
} xtune_node;

typedef struct xtune_cpu {
    uint32_t id;
    uint32_t node;         /* XTUNE_NONE: Xen knows no node for it */
    uint32_t socket, core; /* core: unique within its socket */
    const char *governor;  /* of Xen's cpufreq, with XTUNE_OBSERVE_SETUP;
                              "none": it has no frequency to set; "hwp": it
                              sets that itself; NULL: not known */
    struct xt_json *extra_members;
} xtune_cpu;

/* What a scheduler's parameters are for a pool; XTUNE_NONE: it has none such,
 * or that is not known. */
typedef struct xtune_pool_scheduling {
    uint32_t tslice_ms;          /* credit */
    uint32_t ratelimit_us;       /* credit, credit2 */
    uint32_t migration_delay_us; /* credit */
} xtune_pool_scheduling;

typedef struct xtune_cpupool {
    uint32_t id;
    const char *name;
    const char *scheduler;
    const char *granularity; /* "cpu", "core" or "socket": what comes and goes
                                as one; NULL: not known, which is as "cpu" */
    xtune_set cpus;
    xtune_pool_scheduling scheduling;
    struct xt_json *extra_members;
} xtune_cpupool;

/* A state is a set of these, as Xen's XEN_DOMINF_* are; a vCPU's of the
 * first two, which may stand together for a moment. */
enum {
    XTUNE_STATE_RUNNING = 1 << 0,
    XTUNE_STATE_BLOCKED = 1 << 1,
    XTUNE_STATE_PAUSED = 1 << 2,
    XTUNE_STATE_SHUTDOWN = 1 << 3,
    XTUNE_STATE_DYING = 1 << 4,
};

typedef struct xtune_vcpu {
    uint32_t id;
    bool online;
    uint32_t cpu;         /* where it runs or ran last; XTUNE_NONE */
    unsigned int state;   /* XTUNE_STATE_* */
    uint64_t time_ns;     /* CPU time used */
    xtune_set hard, soft; /* as given to Xen, not what is effective */
    uint32_t period_us;   /* of rtds; 0: not known, or another scheduler */
    uint32_t budget_us;   /* of each period */
    bool extratime;       /* it may have more where others have left some */
    struct xt_json *extra_members;
} xtune_vcpu;

enum xtune_domain_type {
    XTUNE_TYPE_UNKNOWN,
    XTUNE_TYPE_PV,
    XTUNE_TYPE_PVH,
    XTUNE_TYPE_HVM,
};

/* Where the figures of a domain's memory by node come from. */
enum xtune_residency {
    XTUNE_RESIDENCY_NONE,     /* not known: memory_by_node_kb is NULL */
    XTUNE_RESIDENCY_MEASURED, /* counted by Xen, page by page */
    XTUNE_RESIDENCY_INFERRED, /* from the nodes that it was built for */
};

/* How a domain has a device, or is to have it. */
typedef struct xtune_attachment {
    const char *address;
    uint32_t slot;     /* in the guest; XTUNE_NONE: any, or not known */
    uint32_t function; /* in the guest */
    bool msitranslate, power_mgmt, permissive;
    bool relaxed; /* rdm_policy */
} xtune_attachment;

/* A USB controller that a domain has. */
typedef struct xtune_usb_controller {
    uint32_t id;        /* the toolstack's, unique in the domain */
    const char *type;   /* "devicemodel", "pv", "qusb" */
    uint32_t version;   /* of USB: 1 to 3 */
    uint32_t backend;   /* the domain that serves it: 0 */
    uint32_t state;     /* xenbus' of its front end; XTUNE_NONE: it has none */
    const char **ports; /* by number less 1, nr_ports of them: the path of the
                           device in it, as the toolstack says; NULL: free */
    size_t nr_ports;
    struct xt_json *extra_members;
} xtune_usb_controller;

/* A disk that a domain has. Of what is not known, numbers are XTUNE_NONE or
 * XTUNE_UNKNOWN_KB and lists and texts NULL. */
typedef struct xtune_disk {
    const char *device;  /* in the guest: "xvda" */
    uint32_t server;     /* the domain that serves it: 0 */
    const char *backend; /* "phy", "qdisk", "tap" */
    const char *format;  /* "raw", "qcow2", "qcow", "qed", "vhd" */
    const char *target;  /* what it is made of: a path, or what a script or the
                            device model makes something of; NULL as well where
                            no disc is in the drive */
    const char *script;  /* that finds it, where it is not the usual one:
                            "block-iscsi" */
    bool direct_io_safe, readonly, cdrom;
    const char **blocks; /* the whole disks of dom0 that it is on, as /sys/block
                            has them: "sda"; nr_blocks 0: it is on none */
    size_t nr_blocks;
    uint64_t virtual_kb;    /* of an image file: what the guest sees of it */
    uint32_t cluster_bytes; /* of qcow2 */
    uint32_t nr_overlays;   /* files below it, each on top of the next */
    struct xt_json *extra_members;
} xtune_disk;

typedef struct xtune_domain {
    uint32_t id;
    const char *name; /* "" where the toolstack has not named it */
    char uuid[37];    /* lower case, with dashes */
    enum xtune_domain_type type;
    unsigned int state;       /* XTUNE_STATE_* */
    uint32_t shutdown_reason; /* Xen's SHUTDOWN_*; XTUNE_NONE but for
                                 XTUNE_STATE_SHUTDOWN */
    const char *cpupool;      /* its pool's name */
    uint64_t memory_kb, max_memory_kb, outstanding_kb;
    uint64_t cpu_time_ns;
    uint64_t *memory_by_node_kb; /* by node id, nr_node_ids of them, or NULL */
    enum xtune_residency residency;
    xtune_set node_affinity; /* Xen's, from which new memory comes */
    bool has_node_affinity;
    xtune_set built_nodes; /* the nodes that it was built for, from the */
    bool has_built_nodes;  /* toolstack's stored configuration */
    /* The affinity in that configuration, which the domain gets when it is
     * made again: see host/configured.h; NULL where that is not known. */
    const struct xt_json *configured;
    const char *immovable; /* why its memory cannot move; NULL: it can, as far
                              as its configuration tells */
    const char **pci;      /* addresses of the devices it holds; NULL
                              where that was not asked for */
    size_t nr_pci;
    xtune_attachment *attached; /* the same, as the toolstack lists them; NULL
                                   but with XTUNE_OBSERVE_PCI_DETAILS */
    size_t nr_attached;
    xtune_usb_controller *usb; /* by id; NULL but with XTUNE_OBSERVE_USB */
    size_t nr_usb;
    xtune_disk *disks; /* by device; NULL but with XTUNE_OBSERVE_SETUP */
    size_t nr_disks;
    bool has_setup;           /* its stored configuration tells what follows,
                                 to nr_vnodes */
    bool nested_hvm;          /* it was given virtualization of its own */
    const char *device_model; /* a program instead of the usual one, or
                                 "qemu-xen-traditional"; NULL */
    uint32_t nr_vnodes;       /* virtual nodes it was built with; 0: none */
    struct xt_json *setup_members; /* unknown members of "setup" */
    uint32_t online_vcpus;
    uint32_t weight; /* the scheduler's, 256 is usual; 0: not known */
    uint32_t cap;    /* percent of one CPU; 0: none, or not known */
    xtune_vcpu *vcpus;
    size_t nr_vcpus;
    struct xt_json *extra_members;
} xtune_domain;

/* What dom0 does with a PCI or USB device. */
typedef struct xtune_use {
    /*
     * "mount"    a file system on it is mounted
     * "swap"     it is swapped to
     * "domain"   a disk of a guest is on it
     * "held"     something else holds a disk that is on it
     * "route"    the default route goes over it
     * "login"    so does the connection that one is logged in over
     * "storage"  disks or file systems of dom0's are reached over it
     * "link"     a network link of it is up
     * "keyboard" and "pointer"
     * "display"  the console is on it: boot VGA, or a frame buffer
     * "console"  the kernel's console is a serial port on it
     */
    const char *kind;
    const char *what;     /* "/boot", "/dev/dm-1", "eth0", "web1" */
    const char **through; /* from the device up: "nvme0n1p2", "dm-0" */
    size_t nr_through;
    struct xt_json *extra_members;
} xtune_use;

typedef struct xtune_pci_bar {
    uint32_t index;   /* 0 to 5; 6 is the expansion ROM */
    const char *kind; /* "io", "memory" */
    uint64_t start;   /* physical, bytes */
    uint64_t bytes;   /* its size */
    bool wide;        /* of 64 bits */
    bool prefetchable;
    struct xt_json *extra_members;
} xtune_pci_bar;

/*
 * A device as dom0's Linux shows it in /sys/bus/pci/devices. Of what is not
 * known, or was not asked for, numbers are XTUNE_NONE and lists NULL.
 */
typedef struct xtune_pci {
    const char *address;
    const char *class_code; /* six hexadecimal digits: "020000" */
    const char *vendor, *device;
    uint32_t node;      /* Xen's word; XTUNE_NONE where not known */
    const char *driver; /* dom0's, NULL where it has none */
    bool assignable;    /* held by pciback for a guest */

    /* From here on with XTUNE_OBSERVE_PCI_DETAILS only. */
    const char *subsystem_vendor, *subsystem_device, *revision;
    const char *root;     /* its root bus: "pci0000:00"; NULL: not known */
    const char **bridges; /* addresses of those above it, root first */
    size_t nr_bridges;
    bool is_bridge;     /* by its configuration header */
    const char **reset; /* "flr", "af_flr", "pm", "bus" and so on, as Linux
                           names its reset methods; empty: it has none */
    size_t nr_reset;
    xtune_pci_bar *bars;
    size_t nr_bars;
    uint32_t msi, msix; /* vectors that it can have; 0: none such */
    uint32_t vfs_total; /* SR-IOV; 0: none */
    uint32_t vfs_enabled;
    const char *physfn;    /* of a virtual function: its physical one */
    const char **reserved; /* "bdf83000-bdf84fff": memory that firmware keeps
                              for it (RMRR), as Xen tells */
    size_t nr_reserved;
    bool boot_vga;
    const char *serial; /* serial number, or MAC; NULL: none known */
    const char **names; /* what dom0 calls it: "eth0", "nvme0n1", "card0" */
    size_t nr_names;
    xtune_use *uses; /* NULL: not known; nr_uses 0: none */
    size_t nr_uses;
    /* What the toolstack keeps of it in xenstore. */
    const char *assignable_name; /* as given with -n */
    const char *former_driver;   /* that it is to have back; NULL: not known */
    uint32_t claimed_by;         /* the id of a domain, be it gone; or
                                    XTUNE_NONE */
    struct xt_json *extra_members;
} xtune_pci;

typedef struct xtune_usb_interface {
    uint32_t number;                         /* of it in "1-2:1.0": 0 */
    uint32_t class_code, subclass, protocol; /* one byte each */
    const char *driver; /* dom0's: "usb-storage"; "usbfs" where a program has
                           it, as a device model does; NULL: none */
    struct xt_json *extra_members;
} xtune_usb_interface;

/*
 * A USB device as dom0's Linux shows it in /sys/bus/usb/devices, hubs
 * included, root hubs left out. Of what is not known, numbers are XTUNE_NONE
 * and texts NULL.
 */
typedef struct xtune_usb {
    const char *path; /* "1-2.1": bus, then ports, as long as it is plugged in
                         there */
    uint32_t bus, address; /* as lsusb; it has another address each time that
                              it is plugged in */
    const char *vendor, *product; /* four hexadecimal digits, small letters */
    const char *release;          /* bcdDevice, the same */
    uint32_t class_code;          /* bDeviceClass; 9: a hub */
    const char *version;          /* of USB: "2.00" */
    const char *speed;            /* Mbit/s: "1.5", "480", "5000" */
    const char *serial;
    const char *vendor_desc, *product_desc; /* of the hardware database */
    const char *manufacturer, *model;       /* what it says of itself */
    bool configured; /* it has a configuration, and all interfaces of that are
                        there: only then it can be judged */
    xtune_usb_interface *interfaces; /* of that, by number */
    size_t nr_interfaces;
    const char *controller; /* address of the PCI device that it hangs from */
    xtune_use *uses;        /* NULL: not known; nr_uses 0: none */
    size_t nr_uses;
    struct xt_json *extra_members;
} xtune_usb;

/* The usb-policy that is in force. */
typedef struct xtune_usb_rules {
    const char *file; /* that it is from; NULL: none is there */
    const char *text; /* all of it; NULL: it cannot be read, see problem, or
                         is not known: then the one that ships counts */
    const char *problem;
    struct xt_json *extra_members;
} xtune_usb_rules;

/* What tells this host, and this run of it, from others. NULL: not known. */
typedef struct xtune_machine {
    const char *uuid;    /* as XAPI has it; where there is none, derived from
                            /etc/machine-id */
    const char *boot_id; /* another one after each boot */
    struct xt_json *extra_members;
} xtune_machine;

/* A file of dom0's that rules look at: configuration, or what its kernel tells
 * below /proc and /sys. One that is not listed is not there. */
typedef struct xtune_file {
    const char *path;    /* below root: "/etc/xen/xl.conf" */
    const char *text;    /* all of it; NULL: it cannot be read, see problem */
    const char *problem; /* why: "Permission denied" */
    struct xt_json *extra_members;
} xtune_file;

/* dom0 itself, and its toolstack. */
typedef struct xtune_dom0 {
    uint64_t target_kb;     /* what its balloon is to leave it: the toolstack's
                               memory/target */
    uint64_t static_max_kb; /* the most that it can have before it boots
                               again: memory/static-max */
    xtune_file *files;      /* by path */
    size_t nr_files;
    const char **services; /* programs that run, of those that own domains or
                              serve them: "libvirtd", "virtxend", "xapi";
                              NULL: not known */
    size_t nr_services;
    const char **toolstacks; /* versions of libxenlight that are installed:
                                "4.17"; NULL: not known */
    size_t nr_toolstacks;
    const char **silent_mounts; /* where a server's folder is mounted that does
                                   not answer; NULL: not known */
    size_t nr_silent_mounts;
    struct xt_json *extra_members;
} xtune_dom0;

/* Command lines, now and after the next boot. NULL: not known. */
typedef struct xtune_boot {
    const char *source;          /* the file that holds what follows */
    const char *dom0_running;    /* Linux's, of dom0 */
    const char *dom0_configured; /* the same after the next boot */
    const char *xen_configured;  /* Xen's own, after the next boot */
    const char *problem;         /* why those two are not known; NULL */
    const char *pciback_options; /* "hide=(...)": of modprobe.d, for the module
                                    xen-pciback; "" where there are none */
    const char *pciback_options_file; /* where they are from; NULL: none */
    const char *pciback;              /* "builtin", "module", "missing" */
    struct xt_json *extra_members;
} xtune_boot;

typedef struct xtune_host {
    xtune_arena *arena; /* owns all that follows */
    xtune_xen xen;
    xtune_node *nodes; /* by id, ascending; ids may have holes */
    size_t nr_nodes;
    xtune_cpu *cpus; /* by id, ascending; ids may have holes */
    size_t nr_cpus;
    xtune_cpupool *cpupools; /* by id, ascending */
    size_t nr_cpupools;
    xtune_domain *domains; /* by id, ascending */
    size_t nr_domains;
    xtune_pci *pci; /* by address, ascending */
    size_t nr_pci;
    bool has_pci_topology; /* Xen was asked, and knows, devices' nodes */
    bool has_pci_details;  /* XTUNE_OBSERVE_PCI_DETAILS was asked for */
    xtune_boot boot;       /* with XTUNE_OBSERVE_BOOT */
    xtune_usb *usb;        /* by path: "1-2" is before "1-10" */
    size_t nr_usb;
    bool has_usb; /* XTUNE_OBSERVE_USB was asked for: this and what follows */
    bool has_usbback; /* dom0's Linux serves the "pv" controllers of guests */
    xtune_usb_rules usb_rules;
    xtune_machine machine;
    bool has_dom0; /* XTUNE_OBSERVE_DOM0 was asked for: what follows */
    xtune_dom0 dom0;
    struct xt_json *extra_members;

    /* Derived by xtune_host_index(). */
    unsigned int nr_cpu_ids;  /* the size of sets of CPUs */
    unsigned int nr_node_ids; /* the size of sets of nodes */
    xtune_set cpu_ids;        /* those that exist */
    xtune_set node_ids;
    xtune_set *node_cpus; /* CPUs by node id */
} xtune_host;

/* An empty host with an arena of its own. */
xtune_host *xtune_host_new(void);
void xtune_host_free(xtune_host *host);

/*
 * Derives nr_cpu_ids, nr_node_ids and the sets of nodes and CPUs from nodes,
 * cpus and xen.max_cpu_id, which must be there; everything that holds a set
 * is filled in afterwards.
 */
void xtune_host_index(xtune_host *host);

/*
 * Refuses a host whose parts contradict each other, saying which: an id
 * twice, a CPU on a node that is not there, a vCPU on a CPU that is not
 * there, a mask outside the host, a domain in an unknown pool, a pool's CPU
 * in two pools. XTUNE_ERR_INVALID.
 */
int xtune_host_check(const xtune_host *host, const char *object,
                     xtune_error **err);

/*
 * Reads a host from JSON text. object names it in errors ("h.json").
 * XTUNE_ERR_INVALID with the line or the member that is wrong.
 */
int xtune_host_from_json(const char *text, size_t len, const char *object,
                         xtune_host **host_r, xtune_error **err);

/* The canonical text, with a final newline; the caller frees it. */
char *xtune_host_to_json(const xtune_host *host);

/*
 * The domain of a qualifier: an id (all digits), a name, or a uuid.
 * XTUNE_ERR_NOT_FOUND, or XTUNE_ERR_INVALID for an empty qualifier or a name
 * that two domains have.
 */
int xtune_host_find_domain(const xtune_host *host, const char *qualifier,
                           const xtune_domain **domain_r, xtune_error **err);

const xtune_node *xtune_host_node(const xtune_host *host, unsigned int id);
const xtune_cpu *xtune_host_cpu(const xtune_host *host, unsigned int id);

/* NULL where no pool has that name. */
const xtune_cpupool *xtune_host_cpupool(const xtune_host *host,
                                        const char *name);

/*
 * The pool of a qualifier, as xl takes it: an id (all digits) or a name.
 * XTUNE_ERR_NOT_FOUND, or XTUNE_ERR_INVALID for an empty qualifier or a name
 * that two pools have.
 */
int xtune_host_find_cpupool(const xtune_host *host, const char *qualifier,
                            const xtune_cpupool **pool_r, xtune_error **err);

/*
 * Whether a pool may be called so, everywhere where one is named that is to
 * be: 1 to 63 bytes of UTF-8 without control characters and "/", no blank at
 * either end, and not all digits, which xl takes for an id. why_r may be NULL;
 * *why_r, a literal, is set only where it may not.
 */
bool xtune_cpupool_is_name(const char *text, const char **why_r);

/* The CPUs that are in no pool. */
xtune_set xtune_host_free_cpus(xtune_arena *arena, const xtune_host *host);

/* These CPUs, and those that come and go with them: the threads of a core, or
 * the cores of a socket, as granularity says (see xtune_cpupool). */
xtune_set xtune_host_units(xtune_arena *arena, const xtune_host *host,
                           const xtune_set *cpus, const char *granularity);

/*
 * How many vCPUs of a domain in this pool come and go together: those with the
 * ids from n times as many on. They have one mask, which must hold the first
 * CPU of a unit of the pool to count. 1 where CPUs are scheduled one by one.
 */
unsigned int xtune_host_unit_size(const xtune_host *host,
                                  const xtune_cpupool *pool);

/* For xtune_set_parse(): this host's CPUs (with "node:"), its nodes. */
xtune_set_names xtune_host_cpu_names(const xtune_host *host);
xtune_set_names xtune_host_node_names(const xtune_host *host);

/* The nodes that have a CPU of the set; the CPUs of a set of nodes. */
xtune_set xtune_host_nodes_of(xtune_arena *arena, const xtune_host *host,
                              const xtune_set *cpus);
xtune_set xtune_host_cpus_of(xtune_arena *arena, const xtune_host *host,
                             const xtune_set *nodes);

/*
 * Fills memory_by_node_kb, evenly over the nodes that each domain was built
 * for (its node affinity where that is not known), for every domain whose
 * memory is not known; they become XTUNE_RESIDENCY_INFERRED.
 */
void xtune_host_infer_residency(xtune_host *host);

/* Forgets where memory is. */
void xtune_host_forget_residency(xtune_host *host);

/*
 * The nodes on which a domain with these masks may run: its hard affinity
 * within its pool; where that is the whole pool, its soft affinity within it
 * (the whole pool where that leaves nothing). Over all vCPUs. hard and soft
 * are arrays of nr_vcpus sets; NULL takes the domain's own.
 */
xtune_set xtune_domain_run_nodes(xtune_arena *arena, const xtune_host *host,
                                 const xtune_domain *domain,
                                 const xtune_set *hard, const xtune_set *soft);

/*
 * Memory on those nodes and in all, in KiB. False where it is not known.
 */
bool xtune_domain_local_kb(const xtune_host *host, const xtune_domain *domain,
                           const xtune_set *run_nodes, uint64_t *local_kb_r,
                           uint64_t *total_kb_r);

/*
 * What a domain takes from the host: memory_kb, of up to 2^54, and what the
 * toolstack and Xen add to it, in whole superpages of 2 MiB.
 */
uint64_t xtune_needed_kb(enum xtune_domain_type type, uint64_t memory_kb,
                         unsigned int vcpus);

const char *xtune_domain_type_name(enum xtune_domain_type type);
const char *xtune_residency_name(enum xtune_residency residency);

/* The text of a file of dom0's; NULL where it is not there, or was not read,
 * or cannot be: see xtune_file. */
const char *xtune_host_file(const xtune_host *host, const char *path);

#endif
