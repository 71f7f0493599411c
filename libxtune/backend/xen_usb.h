/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* USB devices on the live host. Only xen*.c include this. */
#ifndef XT_XEN_USB_H
#define XT_XEN_USB_H

#include "backend/dom0_files.h"
#include "backend/xen.h"

/* xen_usb.c: domains' controllers. XTUNE_ERR_INVALID where xenstore has what
 * libxl does not write. */

/* Those of one domain, by id, in the arena. */
int xt_xen_usb_of_domain(xt_xen *xen, xtune_arena *arena, unsigned int domid,
                         xtune_usb_controller **list_r, size_t *nr_r,
                         xtune_error **err);

/* Which of these domains may have any, in the arena. */
int xt_xen_usb_find_domains(xt_xen *xen, xtune_arena *arena,
                            const unsigned int *domids, size_t nr,
                            bool **has_r, xtune_error **err);

/* Those of all domains of the host. */
int xt_xen_read_usb(xt_xen *xen, xtune_host *host, xtune_error **err);

/* xen_usb_changes.c: the operations of the same names. */

int xt_xen_get_usb_controller(xtune_backend *backend,
                              const xt_domain_ref *domain, uint32_t id,
                              xtune_arena *arena, struct xt_json **value_r,
                              xtune_error **err);
int xt_xen_add_usb_controller(xtune_backend *backend,
                              const xt_domain_ref *domain, uint32_t id,
                              const struct xt_json *value, int lock_fd,
                              xtune_error **err);
int xt_xen_remove_usb_controller(xtune_backend *backend,
                                 const xt_domain_ref *domain, uint32_t id,
                                 int lock_fd, xtune_error **err);
int xt_xen_get_usb(xtune_backend *backend, const xt_domain_ref *domain,
                   const char *path, xtune_arena *arena,
                   struct xt_json **value_r, xtune_error **err);
int xt_xen_attach_usb(xtune_backend *backend, const xt_domain_ref *domain,
                      const char *path, uint32_t controller, uint32_t port,
                      int lock_fd, xtune_error **err);
int xt_xen_detach_usb(xtune_backend *backend, const xt_domain_ref *domain,
                      const char *path, int lock_fd, xtune_error **err);

/* xen_usb_drivers.c: a device as dom0's Linux shows it. */

typedef struct xt_xen_usb_work {
    xt_dom0_files files;
    const char *path, *folder;
    bool is_there; /* it is plugged in: then only what follows counts */
    uint64_t bus, address; /* as lsusb */
} xt_xen_usb_work;

typedef struct xt_xen_usb_interface {
    const char *name; /* "1-2:1.0" */
    uint32_t number;
    const char *driver; /* NULL: none */
} xt_xen_usb_interface;

/* XTUNE_ERR_INVALID for what is no path. */
int xt_xen_usb_begin(const xt_xen *xen, xtune_arena *arena, const char *path,
                     xt_xen_usb_work *work_r, xtune_error **err);

/* Those of its configuration, in the arena. */
void xt_xen_usb_interfaces(const xt_xen_usb_work *w,
                           xt_xen_usb_interface **list_r, size_t *nr_r);

/* The operations of the same names. */
int xt_xen_get_usb_device(xtune_backend *backend, const char *path,
                          xtune_arena *arena, struct xt_json **value_r,
                          xtune_error **err);
int xt_xen_probe_usb(xtune_backend *backend, const char *path,
                     xtune_error **err);

/* xen_usb_rules.c: the operations of the same names. */

int xt_xen_get_usb_rules(xtune_backend *backend, xtune_arena *arena,
                         const char **text_r, xtune_error **err);
int xt_xen_set_usb_rules(xtune_backend *backend, const char *text,
                         xtune_error **err);

#endif
