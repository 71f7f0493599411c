/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/text.h"

#include <string.h>

#include "base/util.h"
#include "host/dom0_file.h"

#define BLANKS " \t\r\n\v\f"

bool xt_check_is_running(const xtune_host *host)
{
    return host->nr_domains > 0;
}

const char *xt_check_xen_line(const xtune_host *host)
{
    return host->xen.command_line ? host->xen.command_line
                                  : host->boot.xen_configured;
}

bool xt_check_has_dom0(xt_check *check)
{
    if (check->host->has_dom0) return true;
    xt_skip(check, NULL, "dom0's own files are not known");
    return false;
}

bool xt_check_reads(xt_check *check, const char *path, const char **text_r)
{
    const xtune_file *file;

    if (!xt_check_has_dom0(check)) return false;
    file = xt_file_find(&check->host->dom0, path);
    *text_r = file ? file->text : NULL;
    if (!file || file->text) return true;
    xt_skip(check, path,
            xtune_arena_printf(check->arena, "it cannot be read: %s",
                               file->problem ? file->problem
                                             : "why is not known"));
    return false;
}

bool xt_check_reads_number(xt_check *check, const char *path, uint64_t max,
                           uint64_t *value_r)
{
    const char *text, *word, *more;

    if (!xt_check_reads(check, path, &text)) return false;
    if (!text) {
        xt_skip(check, path, "dom0's Linux has no such attribute");
        return false;
    }
    word = strchr(text, '\n');
    more = word ? word + strspn(word, BLANKS) : "";
    word = word
               ? xtune_arena_strndup(check->arena, text, (size_t)(word - text))
               : text;
    if (!more[0] && xt_parse_u64(word, 10, max, value_r)) return true;
    xt_skip(check, path,
            xtune_arena_printf(check->arena,
                               "\"%s\" is no number that it "
                               "could be",
                               word));
    return false;
}

const char *xt_check_line(xtune_arena *arena, const char **text)
{
    const char *start = *text;
    size_t len = strcspn(start, "\n");

    if (!start[0]) return NULL;
    *text = start + len + (start[len] == '\n');
    if (len && start[len - 1] == '\r') len--;
    return xtune_arena_strndup(arena, start, len);
}

const char *xt_check_word(xtune_arena *arena, const char **line)
{
    const char *start = *line + strspn(*line, BLANKS);
    const size_t len = strcspn(start, BLANKS);

    *line = start + len;
    return len ? xtune_arena_strndup(arena, start, len) : NULL;
}

bool xt_check_has_word(const char *const *words, size_t nr, const char *word)
{
    size_t i;

    for (i = 0; i < nr; i++)
        if (!strcmp(words[i], word)) return true;
    return false;
}

const char *xt_check_size(xtune_arena *arena, uint64_t kb)
{
    static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
    double size = (double)kb;
    size_t i = 0;

    while (size >= 1024 && i + 1 < XT_ARRAY_SIZE(units)) {
        size /= 1024;
        i++;
    }
    /* 4 GiB, 4.2 GiB */
    if ((uint64_t)(size * 10 + 0.5) % 10 == 0)
        return xtune_arena_printf(arena, "%.0f %s", size, units[i]);
    return xtune_arena_printf(arena, "%.1f %s", size, units[i]);
}
