/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What commands about command lines have in common. */
#ifndef XLTUNE_CMD_CMDLINE_H
#define XLTUNE_CMD_CMDLINE_H

#include <xtune/boot.h>

#include "xltune.h"

/* Parameters that are asked for by name. */
struct cmdline_keys {
    const char *line;
    const char *const *words;
    size_t nr;
};

/* Each in a line of its own; the caller frees it. */
char *cmdline_lines(const char *const *parameters, size_t nr);

/* What they have after the next boot, "KEY=VALUE" a line, which the caller
 * frees. XTUNE_ERR_NOT_FOUND for one that is not there. */
int cmdline_values(struct context *ctx, const struct cmdline_keys *keys,
                   char **text_r, xtune_error **err);

/* Makes the changes that groups of words ask for; show: with a diff before.
 * Returns the exit code. */
int cmdline_change(struct context *ctx, const xtune_boot_words *groups,
                   size_t nr, bool show);

/* Takes back the last change of command lines. Returns the exit code. */
int cmdline_rollback(struct context *ctx);

#endif
