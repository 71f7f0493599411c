/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The one door to a host: the live one, or one in a snapshot file. Either may
 * be wrapped to trace calls or to inject faults.
 */
#ifndef XTUNE_BACKEND_H
#define XTUNE_BACKEND_H

#include <stdbool.h>
#include <stdio.h>

#include <xtune/error.h>
#include <xtune/host.h>

typedef struct xtune_backend xtune_backend;

/* Parts of a host, each of which costs something to read. Those from NAMES on
 * come with domains' ids, states and memory, and with the pools. The
 * names of pools are read again with NAMES of all domains. */
enum {
    XTUNE_OBSERVE_TOPOLOGY = 1 << 0,  /* nodes and CPUs */
    XTUNE_OBSERVE_INFO = 1 << 1,      /* all of xtune_xen */
    XTUNE_OBSERVE_PCI_NODES = 1 << 2, /* devices' addresses and nodes only */
    XTUNE_OBSERVE_NAMES = 1 << 3,     /* domains' names and types */
    XTUNE_OBSERVE_VCPUS = 1 << 4,     /* vCPUs and their masks */
    XTUNE_OBSERVE_NODE_AFFINITY = 1 << 5,
    XTUNE_OBSERVE_PCI = 1 << 6,        /* devices, their nodes and owners */
    XTUNE_OBSERVE_BUILT = 1 << 7,      /* the nodes a domain was built for */
    XTUNE_OBSERVE_RESIDENCY = 1 << 8,  /* memory by node, see below */
    XTUNE_OBSERVE_SCHEDULING = 1 << 9, /* what schedulers give to domains
                                          and pools; pools' granularity */
    /* What pass-through has to know of devices, what dom0 does with them, and
     * dom0's disks, links and mounts for that; and who holds them. */
    XTUNE_OBSERVE_PCI_DETAILS = 1 << 10,
    XTUNE_OBSERVE_BOOT = 1 << 11, /* command lines, now and after a boot */
    /* USB devices, what dom0 does with them, the usb-policy, and domains' USB
     * controllers. */
    XTUNE_OBSERVE_USB = 1 << 12,
    XTUNE_OBSERVE_DOM0 = 1 << 13, /* dom0's own memory, files that rules look
                                     at, what runs in it */
    /* How domains are set up: disks and their images, nested virtualization,
     * device models; and governors of CPUs. */
    XTUNE_OBSERVE_SETUP = 1 << 14,
    XTUNE_OBSERVE_ALL = (1 << 15) - 1,
};

/* How XTUNE_OBSERVE_RESIDENCY finds out where memory is. */
enum xtune_residency_mode {
    XTUNE_RESIDENCY_AUTO,    /* measure, but infer on a big live host: see
                                XTUNE_RESIDENCY_AUTO_MAX_KB */
    XTUNE_RESIDENCY_MEASURE, /* Xen counts every page under a lock */
    XTUNE_RESIDENCY_INFER,
    XTUNE_RESIDENCY_SKIP,
};

/*
 * Above this much memory in the host, AUTO infers: Xen walks the page list of
 * every domain with its heap locked and without a pause, which a watchdog may
 * take for a hang.
 */
#define XTUNE_RESIDENCY_AUTO_MAX_KB (UINT64_C(64) << 20)

typedef struct xtune_observe {
    unsigned int parts; /* XTUNE_OBSERVE_* */
    enum xtune_residency_mode residency;
    /* Read names, vCPUs and affinities of these domains only (qualifiers as
     * for xtune_host_find_domain()); NULL for all. Others are left out. One
     * that does not exist is XTUNE_ERR_NOT_FOUND. */
    const char *const *domains;
    size_t nr_domains;
} xtune_observe;

/*
 * Opens the live host. root prefixes the files that are read (/sys, /proc,
 * /var/lib/xen); NULL or "" for none. XTUNE_ERR_NO_XEN where there is no Xen,
 * XTUNE_ERR_PERMISSION where it may not be asked.
 */
int xtune_backend_open_live(const char *root, xtune_backend **backend_r,
                            xtune_error **err);

/* Opens the host in a snapshot file, and reads it. */
int xtune_backend_open_snapshot(const char *path, xtune_backend **backend_r,
                                xtune_error **err);

/*
 * The same, with what the snapshot does not know taken from a recorded tree of
 * dom0's files below root: devices in detail, and command lines.
 */
int xtune_backend_open_snapshot_with(const char *path, const char *root,
                                     xtune_backend **backend_r,
                                     xtune_error **err);

/*
 * Opens what such a tree alone tells: a host without Xen, of which nothing but
 * what is to be after the next boot can be changed. XTUNE_ERR_NOT_FOUND where
 * root has no devices, of PCI or USB, no command lines, and none of the files
 * that rules look at.
 */
int xtune_backend_open_tree(const char *root, xtune_backend **backend_r,
                            xtune_error **err);

/*
 * Wraps inner, which it then owns. Each call is written to out as one line.
 */
xtune_backend *xtune_backend_trace(xtune_backend *inner, FILE *out);

/*
 * Wraps inner, which it then owns, and spoils one change of the host:
 * "fail:N" refuses the N-th, "half:N" makes it and then says it failed,
 * "lie:N" says it is done without doing it, "kill:N" kills this process
 * before it, "deny:N" refuses the N-th and every later one. N counts from 1.
 * XTUNE_ERR_INVALID for another text; inner is then not owned.
 */
int xtune_backend_fault(xtune_backend *inner, const char *spec,
                        xtune_backend **backend_r, xtune_error **err);

void xtune_backend_close(xtune_backend *backend);

/* "live", "snapshot FILE" or "tree DIR", for reports. */
const char *xtune_backend_describe(const xtune_backend *backend);

/* Observes; the caller frees the host. */
int xtune_backend_observe(xtune_backend *backend, const xtune_observe *what,
                          xtune_host **host_r, xtune_error **err);

/*
 * Where this host's journal, history and lock are kept: NULL on the live host
 * (/var/lib/xltune and /run/xltune), FILE.d for a snapshot.
 */
const char *xtune_backend_state_dir(const xtune_backend *backend);

#endif
