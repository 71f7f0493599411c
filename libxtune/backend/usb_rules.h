/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The usb-policy's file below a root. Of those of usb/policy_file.h the first
 * that is there counts, whether it can be read or not.
 */
#ifndef XT_USB_RULES_H
#define XT_USB_RULES_H

#include <xtune/host.h>

/* The file that counts, and what is in it, for the model of a host. */
void xt_usb_rules_read(xtune_arena *arena, const char *root,
                       xtune_usb_rules *rules);

/*
 * What backends do below their root, see get_usb_rules and set_usb_rules of
 * backend/backend.h: they are about the file that is changed, XAPI's where
 * there is one, else ours. It is written whole, or, with NULL, removed; the
 * one before is kept as PATH.xltune-old.
 */
int xt_usb_rules_get(xtune_arena *arena, const char *root, const char **text_r,
                     xtune_error **err);
int xt_usb_rules_set(const char *root, const char *text, xtune_error **err);

#endif
