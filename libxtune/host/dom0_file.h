/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Files of dom0's that rules look at: which of them may be changed, and what
 * is in one. An attribute of the kernel's (/proc/sys, /sys) has a value, which
 * is not all that reading it gives: "[mq-deadline] none\n" means
 * "mq-deadline".
 */
#ifndef XT_DOM0_FILE_H
#define XT_DOM0_FILE_H

#include <xtune/host.h>

#define XT_FILE_MAX_BYTES (64u << 10)

#define XT_FILE_BLOCKS "/sys/block"
#define XT_FILE_SCHEDULER "queue/scheduler" /* below a disk's folder there */

enum xt_file_kind {
    XT_FILE_READ_ONLY, /* for us */
    XT_FILE_CONFIG,    /* replaced whole */
    XT_FILE_NUMBER,    /* an attribute: digits */
    XT_FILE_CHOICE,    /* an attribute: one of its words, in brackets */
};

enum xt_file_kind xt_file_kind(const char *path);
bool xt_file_is_attribute(const char *path);

/* What is in it: of an attribute its value, in the arena. text is all that
 * reading it gives; NULL, which is returned for it: it is not there. */
const char *xt_file_value(xtune_arena *arena, const char *path,
                          const char *text);

/* Refuses what a file cannot be made: XTUNE_ERR_REFUSED for one that is not
 * ours to change, XTUNE_ERR_INVALID for a value that it cannot have. value
 * NULL: it is removed, which no attribute can be. */
int xt_file_check_value(const char *path, const char *value,
                        xtune_error **err);

/* What reading it gives then, in the arena, as Linux would have it; text is
 * what it gives now. XTUNE_ERR_REFUSED where Linux would not take it. */
int xt_file_with_value(xtune_arena *arena, const char *path, const char *text,
                       const char *value, const char **text_r,
                       xtune_error **err);

/* By path, as a host has them. */
void xt_file_sort(xtune_file *files, size_t nr);

/* NULL where the host has none of that path. */
xtune_file *xt_file_find(const xtune_dom0 *dom0, const char *path);

#endif
