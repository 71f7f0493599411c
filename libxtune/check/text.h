/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What rules do with files of dom0's and their lines, and with figures. */
#ifndef XT_CHECK_TEXT_H
#define XT_CHECK_TEXT_H

#include "check/check.h"

/* Whether it is a host that runs, and not a tree of its files: then only what
 * is so after a boot can be mended. */
bool xt_check_is_running(const xtune_host *host);

/* Xen's command line: that of this boot, or, where nothing runs, of the next;
 * NULL: neither is known. */
const char *xt_check_xen_line(const xtune_host *host);

/* False after a SKIP: dom0 was not looked at. */
bool xt_check_has_dom0(xt_check *check);

/* The text of a file; NULL: there is no such file. False after a SKIP: dom0
 * was not looked at, or the file cannot be read. */
bool xt_check_reads(xt_check *check, const char *path, const char **text_r);

/* The same of one that holds a number, of up to max. False after a SKIP also
 * where it is not there, or is no number. */
bool xt_check_reads_number(xt_check *check, const char *path, uint64_t max,
                           uint64_t *value_r);

/* The next line of a text, without its end, in the arena; *text points behind
 * it then. NULL: there are no more. */
const char *xt_check_line(xtune_arena *arena, const char **text);

/* The next word of a line, or of a text, in the arena; *line points behind it
 * then. NULL: there are no more. */
const char *xt_check_word(xtune_arena *arena, const char **line);

/* Whether a list of words has it. */
bool xt_check_has_word(const char *const *words, size_t nr, const char *word);

/* "3.5 GiB", "640 MiB", in the arena. */
const char *xt_check_size(xtune_arena *arena, uint64_t kb);

#endif
