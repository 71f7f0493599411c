/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef XT_PRINTABLE_H
#define XT_PRINTABLE_H

#include <stddef.h>

/*
 * The length of the UTF-8 character at s, 0 where there is none or where it
 * is a control character (U+0080 to U+009F are, as well as those of ASCII).
 */
size_t xt_printable_length(const unsigned char *s);

/* What is no text to be shown becomes "?"; the rest stays. */
void xt_printable_clean(char *text);

#endif
