/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Xen's headers, and what differs between the versions that we build on, 4.14
 * to 4.20. Only xen*.c include this.
 *
 * libxenctrl and libxenstore are enough: libxl takes longer to start than all
 * that is asked here, and adds only what its files and xenstore say as well.
 */
#ifndef XT_XEN_COMPAT_H
#define XT_XEN_COMPAT_H

#include <stdbool.h>
#include <string.h>

#include <xenctrl.h>
#include <xenstore.h>
#include <xenstore_lib.h>
#include <xentoollog.h>

/* Capabilities that came after 4.14: an older Xen has none of them. */
#ifndef XEN_SYSCTL_PHYSCAP_vmtrace /* 4.15 */
#define XEN_SYSCTL_PHYSCAP_vmtrace 0
#endif
#ifndef XEN_SYSCTL_PHYSCAP_vpmu /* 4.16 */
#define XEN_SYSCTL_PHYSCAP_vpmu 0
#endif
#ifndef XEN_SYSCTL_PHYSCAP_gnttab_v1 /* 4.16 */
#define XEN_SYSCTL_PHYSCAP_gnttab_v1 0
#define XEN_SYSCTL_PHYSCAP_gnttab_v2 0
#endif

/* A CPU's governor; where the CPU itself sets its frequency (4.18) there is
 * none, and that is its name. */
static inline const char *
xt_xen_governor(const struct xc_get_cpufreq_para *para)
{
#ifdef XEN_AMD_CPPC_EPP_DRIVER_NAME /* 4.21 */
    if (!strncmp(para->scaling_driver, XEN_AMD_CPPC_EPP_DRIVER_NAME,
                 CPUFREQ_NAME_LEN))
        return XEN_AMD_CPPC_EPP_DRIVER_NAME;
#endif
#ifdef XEN_HWP_DRIVER_NAME
    if (!strncmp(para->scaling_driver, XEN_HWP_DRIVER_NAME, CPUFREQ_NAME_LEN))
        return XEN_HWP_DRIVER_NAME;
#endif
#if defined(XEN_AMD_CPPC_EPP_DRIVER_NAME)
    return para->s.scaling_governor;
#elif defined(XEN_HWP_DRIVER_NAME)
    return para->u.s.scaling_governor;
#else
    return para->scaling_governor;
#endif
}

/* Where libxl keeps the configuration of domains (XEN_LIB_DIR). */
#define XT_XEN_LIB_DIR "/var/lib/xen"

/*
 * Watches a path and its children, but nothing below those where libxenstore
 * and xenstored can (4.22): asked of the library that is there when we run.
 */
bool xs_watch_try_depth(struct xs_handle *h, const char *path,
                        const char *token, unsigned int depth)
    __attribute__((weak));

static inline bool xt_xen_store_watch(struct xs_handle *xs, const char *path,
                                      const char *token)
{
    if (xs_watch_try_depth && path[0] != '@')
        return xs_watch_try_depth(xs, path, token, 1);
    return xs_watch(xs, path, token);
}

/*
 * Whether a domain in a hardware container has a PC's interrupt controller:
 * libxl gives it to an HVM guest, never to a PVH one. False as well where
 * there is no PC.
 */
static inline bool xt_xen_emulates_pc(const xc_domaininfo_t *info)
{
#ifdef XEN_X86_EMU_PIC
    return info->arch_config.emulation_flags & XEN_X86_EMU_PIC;
#else
    (void)info;
    return false;
#endif
}

#endif
