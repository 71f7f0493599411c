/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What no command line can hold, or none that can be changed. */
#include <string.h>

#include "boot/lines.h"

/* GRUB takes blanks between single quotes, or behind a backslash, for a part
 * of the word; Linux' words, which the line is taken apart by, end there. */
static bool hides_blank(const char *text)
{
    bool in_double = false, in_single = false;

    for (; *text; text++) {
        const bool bare = !in_double && !in_single;

        if (*text == '"' && !in_single)
            in_double = !in_double;
        else if (*text == '\'' && !in_double)
            in_single = !in_single && strchr(text + 1, '\'');
        else if (bare && *text == '\\' && xt_boot_is_blank(text[1]))
            return true;
        else if (in_single && xt_boot_is_blank(*text))
            return true;
    }
    return false;
}

int xt_boot_check_quotes(const char *text, bool has_file, const char *object,
                         xtune_error **err)
{
    const char *quote = strchr(text, '"');
    size_t i, nr = 0;

    for (i = 0; text[i]; i++)
        nr += text[i] == '"';
    if (has_file && quote && strcspn(text, " \t") > (size_t)(quote - text))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, object,
                               "write it without",
                               "the name of a file is in quotes");
    if (hides_blank(text))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, object,
                               "write double quotes",
                               "in its command line a blank stands in single "
                               "quotes, or behind a backslash");
    if (nr % 2)
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, object, NULL,
                               "quotes in its command line are not closed");
    return 0;
}

static bool is_key(const char *key)
{
    return key[0] && key[0] != '-' &&
           !key[strspn(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTU"
                            "VWXYZ0123456789._-[]")];
}

int xt_boot_check_parameter(const char *key, const char *value,
                            xtune_error **err)
{
    size_t i;

    if (!is_key(key))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, "command line", NULL,
                               "\"%s\" is no name of a parameter", key);
    for (i = 0; value && value[i]; i++) {
        const unsigned char c = (unsigned char)value[i];

        /* What a shell, GRUB's language or xen.cfg takes for its own. */
        if (c >= ' ' && c != 0x7f && !strchr("\"'`$\\#;&|<>{}", c)) continue;
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, key, NULL,
                               "\"%s\" cannot be given to it: character %zu",
                               value, i + 1);
    }
    return 0;
}

int xt_boot_check_change(const xtune_boot_change *change,
                         enum xt_boot_line *line_r, xtune_error **err)
{
    const int rc = xt_boot_line_parse(change->line, line_r, err);

    return rc ? rc : xt_boot_check_parameter(change->key, NULL, err);
}

int xt_boot_check_values(const xtune_boot_change *change,
                         const char *const *now, size_t nr_now,
                         xtune_error **err)
{
    size_t i;
    int rc = 0;

    for (i = 0; !rc && i < change->nr_values; i++)
        if (!xt_boot_is_among(now, nr_now, change->values[i]))
            rc = xt_boot_check_parameter(change->key, change->values[i], err);
    return rc;
}
