/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Over what takes a shell: where it ends, and what it surrounds. */
#ifndef XT_BOOT_SHELL_SKIP_H
#define XT_BOOT_SHELL_SKIP_H

#include <stddef.h>

/* Behind the "$(...)", "${...}" or "`...`" that begins at start; 0: it does
 * not end. */
size_t xt_shell_skip_substitution(const char *text, size_t start);

/* Behind the line, or the lines where quotes or substitutions go on, that
 * begins at start, and its newline; 0: it does not end. */
size_t xt_shell_skip_statement(const char *text, size_t start);

/* Counts what such lines begin and end: "if" and "fi", "{" and "}". What is
 * not understood rather counts as begun: it is then left alone. */
void xt_shell_count_depth(const char *text, size_t start, size_t end,
                          unsigned int *depth);

#endif
