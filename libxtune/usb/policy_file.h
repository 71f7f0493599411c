/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The files that a usb-policy may be in. */
#ifndef XT_USB_POLICY_FILE_H
#define XT_USB_POLICY_FILE_H

#include "usb/policy.h"

#define XT_USB_POLICY_MAX_BYTES (16u << 20)

/* The first that is there counts; NULL at the end. */
enum { XT_USB_POLICY_XAPI, XT_USB_POLICY_OURS, XT_USB_POLICY_SHIPPED };
extern const char *const xt_usb_policy_files[];

/* Whether it is one that is changed: the one that ships stays as it is, and a
 * change of it is made in ours. NULL is none. */
bool xt_usb_policy_is_own(const char *file);

#endif
