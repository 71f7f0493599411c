/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "backend/libxl/common.h"

#include <stdio.h>
#include <string.h>

/*
 * libxl's messages begin with "file.c:123:function: Domain 5:". What is left
 * of them is for people.
 */
static const char *without_origin(const char *text, const char *context)
{
    const char *p;

    if (!context || strcmp(context, "libxl")) return text;
    p = strstr(text, ": ");
    if (!p) return text;
    text = p + 2;
    if (!strncmp(text, "Domain ", 7)) {
        p = text + 7;
        p += strspn(p, "0123456789");
        if (*p == ':') text = p + 1;
    }
    return text;
}

__attribute__((format(printf, 5, 0))) static void log_message(
    xentoollog_logger *logger, xentoollog_level level, int errnoval,
    const char *context, const char *format, va_list ap)
{
    xt_libxl_log *log = (xt_libxl_log *)logger;
    char text[512];

    if (level < XTL_ERROR || (log->error[0] && !log->is_aside)) return;
    vsnprintf(text, sizeof(text), format, ap);
    if (log->is_aside && log->is_aside(text)) return;
    snprintf(log->error, sizeof(log->error), "%.200s%s%.48s",
             without_origin(text, context), errnoval > 0 ? ": " : "",
             errnoval > 0 ? strerror(errnoval) : "");
}

static void log_progress(xentoollog_logger *logger, const char *context,
                         const char *what, int percent, unsigned long done,
                         unsigned long total)
{
    const xt_libxl_log *log = (const xt_libxl_log *)logger;

    (void)context;
    (void)percent;
    if (log->progress) log->progress(what, done, total);
}

static void log_destroy(xentoollog_logger *logger)
{
    (void)logger;
}

int xt_libxl_open(xt_libxl_log *log, libxl_ctx **ctx_r, xtune_error **err)
{
    static const libxl_childproc_hooks hooks = {
        .chldowner = libxl_sigchld_owner_libxl_always_selective_reap,
    };

    log->base = (xentoollog_logger){ .vmessage = log_message,
                                     .progress = log_progress,
                                     .destroy = log_destroy };
    if (libxl_ctx_alloc(ctx_r, LIBXL_VERSION, 0, &log->base))
        return xtune_error_set(err, XTUNE_ERR_NO_XEN, 0, "libxl", NULL,
                               "cannot open it: %s",
                               log->error[0] ? log->error : "no Xen here");
    libxl_childproc_setmode(*ctx_r, &hooks, NULL);
    return 0;
}

int xt_libxl_error(xt_libxl_log *log, xtune_error **err, const char *object,
                   const char *doing)
{
    int rc =
        xtune_error_set(err, XTUNE_ERR_IO, 0, object, NULL, "cannot %s%s%s",
                        doing, log->error[0] ? ": " : "", log->error);

    log->error[0] = '\0';
    return rc;
}
