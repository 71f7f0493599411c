/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What commands that are xe's have in common. */
#ifndef XLTUNE_CMD_XE_H
#define XLTUNE_CMD_XE_H

#include <xtune/xe.h>

#include "xltune.h"

/* What such a command works with, in the host's arena. */
struct xe {
    xtune_xe_words words;
    bool minimal;
    xtune_usb_policy *rules; /* NULL: it cannot be read */
    xtune_xe_usbs all;
};

/* A class, and its objects as records. */
struct xe_class {
    const xtune_xe_class *class;
    const xtune_xe_record *(*records)(xtune_arena *arena,
                                      const xtune_xe_usbs *all, size_t *nr_r);
    bool needs_rules; /* it cannot tell without the usb-policy */
};

extern const struct xe_class xe_pusbs, xe_usb_groups, xe_vusbs;

/* Reads the words, the host and the records; change: takes the lock before.
 * What is wrong with the usb-policy is an error where the class needs it, else
 * a note. To be ended with xe_end(). */
int xe_begin(struct context *ctx, const struct xe_class *of, bool change,
             struct xe *xe, xtune_error **err);

/* Says what went wrong, if anything did; returns the exit code. */
int xe_end(struct context *ctx, struct xe *xe, int code, xtune_error *err);

/* The whole of "CLASS-list", "CLASS-param-list" and "CLASS-param-get". */
int xe_list(struct context *ctx, const struct xe_class *of);
int xe_param_list(struct context *ctx, const struct xe_class *of);
int xe_param_get(struct context *ctx, const struct xe_class *of);

/* The map of a "CLASS-param-remove", without the key that it names. */
int xe_remove(struct context *ctx, const struct xe_class *of,
              const struct xe *xe, const char ***items, size_t *nr,
              xtune_error **err);

/* The same of a "CLASS-param-add", with the keys and values that it has. */
int xe_add(struct context *ctx, const struct xe_class *of, const struct xe *xe,
           const char ***items, size_t *nr, xtune_error **err);

/* The field that a "CLASS-param-clear" names. */
int xe_find_clearable(const struct xe_class *of, const struct xe *xe,
                      const xtune_xe_field **field_r, xtune_error **err);

/* The VUSB that "uuid=" names, where no other word is given. */
int xe_find_vusb(const struct xe *xe, const xtune_xe_vusb **vusb_r,
                 xtune_error **err);

/* XTUNE_ERR_REFUSED where the device may not be given to domains. */
int xe_check_enabled(const xtune_xe_usb *usb, xtune_error **err);

/* One more thing is kept, or is kept no longer: what --json prints. */
int xe_say(struct context *ctx, const char *result);

/* What was written down of a device, to be changed and written again. */
xtune_usb_group xe_group_of(const xtune_xe_usb *usb);

#endif
