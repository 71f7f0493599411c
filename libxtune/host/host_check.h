/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What xtune_host_check() is made of. */
#ifndef XT_HOST_CHECK_H
#define XT_HOST_CHECK_H

#include <xtune/host.h>

typedef struct xt_host_checker {
    const xtune_host *host;
    const char *object;
    xtune_error **err;
} xt_host_checker;

int xt_host_contradiction(const xt_host_checker *checker, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* pci_check.c: between devices. */
int xt_host_check_pci(const xt_host_checker *checker);

/* usb_check.c: the same, and between them and domains. */
int xt_host_check_usb(const xt_host_checker *checker);

/* dom0_check.c: of dom0's files. */
int xt_host_check_dom0(const xt_host_checker *checker);

#endif
