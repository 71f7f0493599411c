/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Errors: what went wrong, with what, and the way out.
 *
 * A function that can fail returns 0 or a negative enum xtune_rc. Its last
 * argument is xtune_error **err: NULL when the caller does not care,
 * untouched on success, and set to a new error, which the caller frees, on
 * failure.
 */
#ifndef XTUNE_ERROR_H
#define XTUNE_ERROR_H

enum xtune_rc {
    XTUNE_OK = 0,
    XTUNE_ERR_INVALID = -1,      /* a value or a file is not what it must be */
    XTUNE_ERR_NOT_FOUND = -2,    /* no such domain, file, pool, CPU */
    XTUNE_ERR_NO_XEN = -3,       /* this machine is not a Xen host's dom0 */
    XTUNE_ERR_PERMISSION = -4,   /* not allowed to read or to change */
    XTUNE_ERR_REFUSED = -5,      /* Xen, or a rule of ours, says no */
    XTUNE_ERR_CHANGED = -6,      /* the host is not as it was when planned */
    XTUNE_ERR_BUSY = -7,         /* another writer is at work */
    XTUNE_ERR_IO = -8,           /* reading or writing failed */
    XTUNE_ERR_UNSUPPORTED = -9,  /* this host or this version cannot do it */
    XTUNE_ERR_INTERRUPTED = -10, /* an earlier apply was cut off */
};

typedef struct xtune_error {
    enum xtune_rc code;
    int errnum;          /* errno of the cause, 0 when there is none */
    const char *object;  /* a domain, file:line, argument; never NULL */
    const char *message; /* lower case, values in quotes, no full stop */
    const char *hint;    /* what to do next, NULL when nothing is known */
} xtune_error;

/*
 * The name of a code as it stands in JSON: "invalid", "not-found", "no-xen",
 * "permission", "refused", "changed", "busy", "io", "unsupported",
 * "interrupted".
 */
const char *xtune_rc_name(enum xtune_rc rc);

/*
 * Makes an error and returns its code, so that a caller can write
 * "return xtune_error_set(...)". Does nothing but return the code where err
 * is NULL. An error already in *err is replaced. hint may be NULL.
 */
int xtune_error_set(xtune_error **err, enum xtune_rc code, int errnum,
                    const char *object, const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 6, 7)));

/*
 * Puts context before the object of the error in *err, as "context: object".
 * Does nothing where there is no error.
 */
void xtune_error_wrap(xtune_error **err, const char *context);

/*
 * "OBJECT: message: hint" in one line of printable text: control characters
 * in values are shown as \xNN. The caller frees it.
 */
char *xtune_error_text(const xtune_error *err);

void xtune_error_free(xtune_error *err);

#endif
