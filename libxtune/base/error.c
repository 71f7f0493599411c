/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <xtune/error.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/printable.h"
#include "base/util.h"

const char *xtune_rc_name(enum xtune_rc rc)
{
    switch (rc) {
    case XTUNE_OK: return "ok";
    case XTUNE_ERR_INVALID: return "invalid";
    case XTUNE_ERR_NOT_FOUND: return "not-found";
    case XTUNE_ERR_NO_XEN: return "no-xen";
    case XTUNE_ERR_PERMISSION: return "permission";
    case XTUNE_ERR_REFUSED: return "refused";
    case XTUNE_ERR_CHANGED: return "changed";
    case XTUNE_ERR_BUSY: return "busy";
    case XTUNE_ERR_IO: return "io";
    case XTUNE_ERR_UNSUPPORTED: return "unsupported";
    case XTUNE_ERR_INTERRUPTED: return "interrupted";
    }
    return "unknown";
}

int xtune_error_set(xtune_error **err, enum xtune_rc code, int errnum,
                    const char *object, const char *hint, const char *fmt, ...)
{
    xtune_error *e;
    char *message;
    va_list ap;

    if (!err) return code;
    va_start(ap, fmt);
    if (vasprintf(&message, fmt, ap) < 0) xt_out_of_memory();
    va_end(ap);
    e = xt_xrealloc(NULL, 1, sizeof(*e));
    /* Copies first: object and hint may be those of the error replaced. */
    *e = (xtune_error){
        .code = code,
        .errnum = errnum,
        .object = xt_xstrdup(object ? object : ""),
        .message = message,
        .hint = hint ? xt_xstrdup(hint) : NULL,
    };
    xtune_error_free(*err);
    *err = e;
    return code;
}

void xtune_error_wrap(xtune_error **err, const char *context)
{
    char *object;

    if (!err || !*err) return;
    object = (*err)->object[0] ? xt_xprintf("%s: %s", context, (*err)->object)
                               : xt_xstrdup(context);
    free((char *)(*err)->object);
    (*err)->object = object;
}

/* Text that is safe on a terminal and in a log: one line, no escapes. */
static void put_printable(FILE *out, const char *s)
{
    const unsigned char *p = (const unsigned char *)s;
    size_t len;

    for (; *p; p += len ? len : 1) {
        len = xt_printable_length(p);
        if (len)
            fwrite(p, 1, len, out);
        else
            fprintf(out, "\\x%02x", *p);
    }
}

char *xtune_error_text(const xtune_error *err)
{
    char *text;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    if (!out) xt_out_of_memory();
    if (err->object[0]) {
        put_printable(out, err->object);
        fputs(": ", out);
    }
    put_printable(out, err->message);
    if (err->hint) {
        fputs(": ", out);
        put_printable(out, err->hint);
    }
    if (fclose(out)) xt_out_of_memory();
    return text;
}

void xtune_error_free(xtune_error *err)
{
    if (!err) return;
    free((char *)err->object);
    free((char *)err->message);
    free((char *)err->hint);
    free(err);
}
