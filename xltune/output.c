/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text on stdout, errors on stderr, and with --json one document. */
#include "xltune.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xtune/report.h>

static void print_error_line(const xtune_error *err)
{
    char *text = xtune_error_text(err);

    fprintf(stderr, "xltune: %s\n", text);
    free(text);
}

char *format_text(const char *fmt, ...)
{
    char *text;
    va_list ap;

    va_start(ap, fmt);
    if (vasprintf(&text, fmt, ap) < 0) abort();
    va_end(ap);
    return text;
}

int check_output(struct context *ctx, int code)
{
    xtune_error *err = NULL;

    errno = 0;
    if ((!fflush(stdout) && !ferror(stdout)) || ctx->output_failed)
        return code;
    ctx->output_failed = true;
    xtune_error_set(&err, XTUNE_ERR_IO, errno, "standard output", NULL,
                    "cannot write: %s",
                    errno ? strerror(errno) : "not all was written");
    print_error_line(err);
    xtune_error_free(err);
    return EXIT_FAILED;
}

int print_text(struct context *ctx, char *text, int code)
{
    if (!text) return code;
    ctx->answered = true;
    fputs(text, stdout);
    free(text);
    return check_output(ctx, code);
}

/* --json wants exactly one document: none after what was printed already. */
static int report(struct context *ctx, xtune_error *err, int code)
{
    print_error_line(err);
    if (ctx->settings.json && !ctx->answered)
        print_text(ctx, xtune_report_error_json(err), code);
    xtune_error_free(err);
    return code;
}

int report_error(struct context *ctx, xtune_error *err)
{
    return report(ctx, err, EXIT_FAILED);
}

int usage_error(struct context *ctx, const char *object, const char *hint,
                const char *fmt, ...)
{
    xtune_error *err = NULL;
    char *message;
    va_list ap;

    va_start(ap, fmt);
    if (vasprintf(&message, fmt, ap) < 0) abort();
    va_end(ap);
    xtune_error_set(&err, XTUNE_ERR_INVALID, 0, object, hint, "%s", message);
    free(message);
    return report(ctx, err, EXIT_USAGE);
}

void print_note(const char *object, const char *note)
{
    xtune_error *err = NULL;

    /* An error's text is the one that is safe on a terminal. */
    xtune_error_set(&err, XTUNE_ERR_INVALID, 0, object, NULL, "%s", note);
    print_error_line(err);
    xtune_error_free(err);
}
