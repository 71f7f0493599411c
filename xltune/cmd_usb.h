/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What commands about USB devices have in common. */
#ifndef XLTUNE_CMD_USB_H
#define XLTUNE_CMD_USB_H

#include <xtune/usb.h>

#include "verb.h"
#include "xltune.h"

/* With the guards that --force overrides. */
xtune_usb_request usb_request(const struct context *ctx);

/* As it was given, with what else decides: "usb-attach --persist web1 1-2". */
char *usb_title(const struct context *ctx);

/* A number as lsusb prints it, decimal: 010 is ten. */
bool parse_usb_number(const char *text, uint32_t max, uint32_t *number_r);

/* From 1 on; an exit code after saying what is wrong. */
int read_usb_number(struct context *ctx, const char *key, const char *value,
                    uint32_t max, uint32_t *number_r);

/* The value of "key=value"; NULL for another word. */
const char *usb_word_value(const char *word, const char *key);

/* "0", or "controller=0" as xl(1) has it. */
const char *plain_usb_word(const char *word, const char *key);

/* The second argument is to be the id of a controller: 0, or an exit code
 * after saying what is wrong. */
int check_usb_controller(struct context *ctx);

/* A device that a domain is given, or that is taken back from it, and what is
 * written down of that. */
struct usb_kept {
    const xtune_domain *domain;
    const xtune_usb *usb; /* NULL: it is not plugged in */
    const char *path;     /* where it is, or was last */
    bool given, persist;
    /* Of one that is taken back: it is meant itself, by this row, or by none;
     * else also what was in the port before. */
    bool itself;
    const xtune_wanted_usb *row;
    xtune_usb_identity identity; /* of one that is given for ever */
    uint32_t version;            /* of its controller, or XTUNE_NONE */
};

/* Carries a plan out, and frees it; or reports err, where rc is not 0. kept
 * NULL: nothing is written down. Returns the exit code. */
int end_usb_verb(struct context *ctx, int rc, xtune_plan *plan,
                 const struct usb_kept *kept, xtune_error *err);

#define MAX_USB_PORTS 31 /* of a controller, of any type */

/* usb_moved.c */

/* Keeps where a device is now in the row that gives it to a domain, and in
 * what is said of it as one of the host. */
int keep_usb_port(struct context *ctx, const xtune_record *record,
                  const xtune_wanted_usb *row, const char *path,
                  xtune_error **err);

/* The same of all that a plan, which was carried out, gave to domains. host is
 * what it was made on. The devices have been given: that it could not be
 * written down is a note. */
void keep_usb_ports(struct context *ctx, const xtune_host *host,
                    const xtune_plan *plan);

/* usb_keep.c */

/* The row that gives a domain the device; NULL. */
const xtune_wanted_usb *find_usb_row(const struct context *ctx,
                                     const struct usb_kept *kept);

/* Whether a row means a device, or may do so: where several may be it. */
bool is_usb_row_of(const struct context *ctx, const xtune_wanted_usb *row,
                   const xtune_usb *usb);

/*
 * Reads the records, and looks whether what is to be written can be.
 * XTUNE_ERR_REFUSED where another domain's record has the device.
 */
int prepare_usb_kept(struct context *ctx, const struct usb_kept *kept,
                     xtune_error **err);

/* Notes what a domain has although its record, of a policy, says that it does
 * without as long as it runs: a rollback leaves it so. */
void note_usb_unplugged(const struct context *ctx, const xtune_policy *policy,
                        const xtune_domain *domain);

/*
 * For a verb: what is a struct usb_kept. Without persist, a device that is
 * taken back although a record gives it stays away as long as the domain runs.
 */
int keep_usb(struct context *ctx, const void *what, xtune_error **err);

#endif
