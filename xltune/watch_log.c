/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "watch.h"

#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool quiet;

bool is_journal(const char *stream, int fd)
{
    unsigned long long device, inode;
    struct stat st;
    char rest;

    if (!stream || fstat(fd, &st)) return false;
    /* As systemd.exec(5) says: both in decimal, with a colon between. */
    if (sscanf(stream, "%llu:%llu%c", &device, &inode, &rest) != 2)
        return false;
    return st.st_dev == device && st.st_ino == inode;
}

char *log_text(bool journal, enum priority priority, const char *object,
               const char *message)
{
    xtune_error *err = NULL;
    char *text, *line;

    /* An error's text is one line, whatever domains are called. */
    xtune_error_set(&err, XTUNE_ERR_INVALID, 0, object, NULL, "%s", message);
    text = xtune_error_text(err);
    line = journal ? format_text("<%d>%s\n", priority, text)
                   : format_text("xltune: %s\n", text);
    free(text);
    xtune_error_free(err);
    return line;
}

void log_quietly(void)
{
    quiet = true;
}

void log_line(enum priority priority, const char *object, const char *fmt, ...)
{
    const bool journal = is_journal(getenv("JOURNAL_STREAM"), STDERR_FILENO);
    char *message, *line;
    va_list ap;

    if (quiet && priority > PRIORITY_WARNING) return;
    va_start(ap, fmt);
    if (vasprintf(&message, fmt, ap) < 0) abort();
    va_end(ap);
    line = log_text(journal, priority, object, message);
    fputs(line, stderr);
    free(line);
    free(message);
}

void log_error(enum priority priority, xtune_error *err)
{
    log_line(priority, err->object, "%s%s%s", err->message,
             err->hint ? ": " : "", err->hint ? err->hint : "");
    xtune_error_free(err);
}
