/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is to be known of PCI devices before one is given to a guest: pure
 * functions on the model of a host.
 *
 * Sources: xl-pci-configuration(5); libxl_pci.c, libxlu_pci.c of xen.git;
 * drivers/xen/xen-pciback/pci_stub.c of Linux.
 */
#ifndef XTUNE_PCI_H
#define XTUNE_PCI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xtune/arena.h>
#include <xtune/error.h>
#include <xtune/finding.h>
#include <xtune/host.h>
#include <xtune/policy.h>

struct xt_json;

/* Addresses. */

typedef struct xtune_pci_address {
    uint32_t domain; /* up to 0xffff; Intel VMD has more */
    uint32_t bus, device, function;
} xtune_pci_address;

/* "DDDD:BB:DD.F" or "BB:DD.F", hexadecimal in either case, nothing more.
 * XTUNE_ERR_INVALID, with text as the object, saying which part is wrong. */
int xtune_pci_address_parse(const char *text, xtune_pci_address *address_r,
                            xtune_error **err);

/* As Linux writes it: "0000:04:00.0". */
const char *xtune_pci_address_text(xtune_arena *arena,
                                   const xtune_pci_address *address);

/* The device of an address as above, or of a name that it was made assignable
 * with (-n). XTUNE_ERR_NOT_FOUND; XTUNE_ERR_INVALID where it is neither, and
 * for a name that two devices have. */
int xtune_pci_find(const xtune_host *host, const char *text,
                   const xtune_pci **pci_r, xtune_error **err);

/* By the address as the model has it; NULL. */
const xtune_pci *xtune_host_pci(const xtune_host *host, const char *address);

/* Why a device cannot be called so (-n NAME): libxl takes 1 to 64 printable
 * bytes; one that is an address as well is refused here. NULL: it can. */
const char *xtune_pci_name_fault(const char *name);

/* The domain that holds a device; NULL: none does. */
const xtune_domain *xtune_pci_owner(const xtune_host *host,
                                    const xtune_pci *pci);

/* Specifications, as xl's: what to attach, where and how. */

enum xtune_pci_rdm {
    XTUNE_PCI_RDM_DEFAULT,
    XTUNE_PCI_RDM_STRICT,
    XTUNE_PCI_RDM_RELAXED
};

typedef struct xtune_pci_spec {
    bool has_address;          /* else name is set */
    xtune_pci_address address; /* function 0 with all_functions */
    bool all_functions;        /* "*" */
    const char *name;          /* name=, of an assignable device; NULL */
    uint32_t slot;             /* in the guest, 1 to 31; XTUNE_NONE: any */
    /* -1: not given. */
    int msitranslate, power_mgmt, permissive, seize;
    enum xtune_pci_rdm rdm_policy;
} xtune_pci_spec;

/*
 * "[DDDD:]BB:DD.F[@VSLOT][,KEY=VALUE...]", with bdf=, vslot=, name= as keys
 * where they do not stand in front. VSLOT is hexadecimal. Strict: what xl cuts
 * off, takes for something else or ignores is XTUNE_ERR_INVALID with the text
 * as its object, and so is a key twice. name is in the arena.
 */
int xtune_pci_spec_parse(xtune_arena *arena, const char *text,
                         xtune_pci_spec *spec_r, xtune_error **err);

/* The same as text, canonical, in the arena. */
const char *xtune_pci_spec_text(xtune_arena *arena,
                                const xtune_pci_spec *spec);

/* The devices that it means, ascending by function: one, or all functions of
 * it that the host has. XTUNE_ERR_NOT_FOUND. */
int xtune_pci_spec_devices(xtune_arena *arena, const xtune_host *host,
                           const xtune_pci_spec *spec,
                           const xtune_pci ***devices_r, size_t *nr_r,
                           xtune_error **err);

/* Hide lists: xen-pciback.hide=(0000:04:00.0)(05:00.*). */

typedef struct xtune_pci_hidden {
    uint32_t domain, bus, device, function; /* XTUNE_NONE: "*" */
    const char *text;                       /* "(04:00.0)", as written */
} xtune_pci_hidden;

/*
 * Takes a list apart as the kernel does, which loads no pciback at all where
 * one item is wrong. XTUNE_ERR_INVALID whose object is object, naming the item
 * and its place. In the arena.
 */
int xtune_pci_hide_parse(xtune_arena *arena, const char *text,
                         const char *object, xtune_pci_hidden **hidden_r,
                         size_t *nr_r, xtune_error **err);

bool xtune_pci_hide_has(const xtune_pci_hidden *hidden, size_t nr,
                        const char *address);

/* The list with a device added, or without it: items that remain stay as they
 * were written; "(04:00.*)" without one function becomes the others that the
 * host has. "" where nothing is left. */
const char *xtune_pci_hide_add(xtune_arena *arena,
                               const xtune_pci_hidden *hidden, size_t nr,
                               const char *address);
const char *xtune_pci_hide_remove(xtune_arena *arena, const xtune_host *host,
                                  const xtune_pci_hidden *hidden, size_t nr,
                                  const char *address);

/* The list in a command line of Linux and in options of modprobe.d, the one
 * that counts: of the command line before that of modprobe.d, the last where
 * there are several; NULL where there is none. The key is "xen-pciback.hide",
 * with "_" or "-"; where there is none, "pciback.hide", as XenLinux had it. */
const char *xtune_pci_hide_of(xtune_arena *arena, const char *command_line,
                              const char *module_options);

/* Identity: which device it is, wherever it is plugged in. */

typedef struct xtune_pci_identity {
    const char *vendor, *device, *subsystem_vendor, *subsystem_device;
    const char *path;   /* "pci0000:00/1c.0/00.0": bridges, then itself */
    const char *serial; /* NULL: none */
} xtune_pci_identity;

xtune_pci_identity xtune_pci_identity_of(xtune_arena *arena,
                                         const xtune_pci *pci);

/*
 * The device that a record means, by the address and the identity that it had:
 * the one there if it is still that one; else, where exactly one device of
 * the host has its ids and serial number, or, without a serial number, its
 * ids and path, that one. A serial number that only one side knows (a MAC is
 * not known of what dom0 has no driver for) is as none. XTUNE_ERR_NOT_FOUND
 * where it is gone, and XTUNE_ERR_CHANGED where another one is there now, or
 * several may be it, saying what.
 */
int xtune_pci_resolve(const xtune_host *host, const char *address,
                      const xtune_pci_identity *identity,
                      const xtune_pci **pci_r, xtune_error **err);

/* The same, of what a record says of it. */
int xtune_pci_resolve_wanted(const xtune_host *host,
                             const xtune_wanted_pci *wanted,
                             const xtune_pci **pci_r, xtune_error **err);

/* State. */

enum xtune_pci_state {
    XTUNE_PCI_DOM0,            /* dom0 has it, and will */
    XTUNE_PCI_HIDDEN_NEXT,     /* dom0 has it; hidden at the next boot */
    XTUNE_PCI_ASSIGNABLE,      /* and after the next boot */
    XTUNE_PCI_ASSIGNABLE_ONCE, /* but not after the next boot */
    XTUNE_PCI_ASSIGNED,        /* a domain holds it */
};

/* Where it is not known what the next boot does, as if it did what this one
 * did. */
enum xtune_pci_state xtune_pci_state_of(const xtune_host *host,
                                        const xtune_pci *pci);
/* "dom0", "hidden at next boot", "assignable", "assignable until reboot",
 * "assigned". */
const char *xtune_pci_state_name(enum xtune_pci_state state);

/* Functions of one slot that are other devices (virtual functions are not
 * counted), and all devices of its bus where that is a conventional one behind
 * a bridge; ascending, in the arena. */
const xtune_pci **xtune_pci_siblings(xtune_arena *arena,
                                     const xtune_host *host,
                                     const xtune_pci *pci, size_t *nr_r);

/* Findings. */

/*
 * Adds the guards that taking this device away from dom0 would break: "disk",
 * "network", "display", "keyboard", "bridge", "siblings" (a function of the
 * same card that cannot be reset alone, or a device that the IOMMU cannot tell
 * from it, is in use by dom0 or by another domain), "unknown" where it is not
 * known what dom0 does with it. Nothing for one that dom0 does not have. taken
 * are devices that go along, so that siblings among them do not count.
 */
void xtune_pci_add_guards(xtune_findings *findings, const xtune_host *host,
                          const xtune_pci *pci, const xtune_pci *const *taken,
                          size_t nr_taken);

/* The names of guards, NULL at the end. */
extern const char *const xtune_pci_guards[];

/*
 * Adds all that would go wrong, or has to be known, where these devices were
 * given to domain; NULL: to any. With the guards.
 */
void xtune_pci_add_checks(xtune_findings *findings, const xtune_host *host,
                          const xtune_pci *const *devices, size_t nr,
                          const xtune_domain *domain);

/*
 * Adds contradictions between the command line, pciback, the toolstack's store
 * and what domains want: an item of the hide list that is wrong or means no
 * device, a device hidden that pciback does not have, a stale claim in the
 * store, a device that a record wants and that is gone, another one, or not
 * assignable. policy may be NULL.
 */
void xtune_pci_add_contradictions(xtune_findings *findings,
                                  const xtune_host *host,
                                  const xtune_policy *policy);

/* MSI and MSI-X vectors that a guest takes for these devices, and what Xen
 * lets a guest have (extra_guest_irqs of its command line; 32). */
unsigned int xtune_pci_vectors(const xtune_pci *const *devices, size_t nr);
unsigned int xtune_pci_extra_irqs(const xtune_host *host);

#endif
