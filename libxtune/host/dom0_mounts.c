/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The formats: Linux, Documentation/filesystems/proc.rst, and
 * fs/proc_namespace.c for what is written as "\040". */
#include "host/dom0_mounts.h"

#include <string.h>

#include "base/printable.h"
#include "base/util.h"

#define MAX_MOUNTS 65536

/* Linux: 12 and 20 bits. */
#define MAX_MAJOR 0xfff
#define MAX_MINOR 0xfffff

bool xt_dom0_parse_number(const char *text, unsigned int base,
                          uint32_t *major_r, uint32_t *minor_r)
{
    const size_t len = strcspn(text, ":");
    char major[16];
    uint64_t numbers[2];

    if (!text[len] || len >= sizeof(major)) return false;
    memcpy(major, text, len);
    major[len] = '\0';
    if (!xt_parse_u64(major, base, MAX_MAJOR, &numbers[0]) ||
        !xt_parse_u64(text + len + 1, base, MAX_MINOR, &numbers[1]))
        return false;
    *major_r = (uint32_t)numbers[0];
    *minor_r = (uint32_t)numbers[1];
    return true;
}

static bool is_octal(const char *p)
{
    return p[0] >= '0' && p[0] <= '3' && p[1] >= '0' && p[1] <= '7' &&
           p[2] >= '0' && p[2] <= '7';
}

/* A path, with "\040" for what would not be a word. */
static char *unescape(char *text)
{
    char *from = text, *to = text;

    while (*from) {
        if (from[0] == '\\' && is_octal(from + 1)) {
            *to++ = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 |
                           (from[3] - '0'));
            from += 4;
        } else {
            *to++ = *from++;
        }
    }
    *to = '\0';
    xt_printable_clean(text);
    return text;
}

static char *next_word(char **line)
{
    char *word;

    do
        word = strsep(line, " \t");
    while (word && !*word);
    return word;
}

const char *xt_dom0_mount_option(xtune_arena *arena, const char *options,
                                 const char *name)
{
    const size_t len = strlen(name);
    size_t word;

    for (; *options; options += word + (options[word] == ',')) {
        word = strcspn(options, ",");
        if (word < len || strncmp(options, name, len) != 0) continue;
        if (word == len) return "";
        if (options[len] == '=')
            return xtune_arena_strndup(arena, options + len + 1,
                                       word - len - 1);
    }
    return NULL;
}

/* "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw" */
static bool parse_mountinfo_line(char *line, xt_dom0_mount *mount_r)
{
    char *words[6], *word;
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(words); i++) {
        words[i] = next_word(&line);
        if (!words[i]) return false;
    }
    do
        word = next_word(&line);
    while (word && strcmp(word, "-") != 0);
    mount_r->type = word ? next_word(&line) : NULL;
    word = mount_r->type ? next_word(&line) : NULL;
    if (!word ||
        !xt_dom0_parse_number(words[2], 10, &mount_r->major, &mount_r->minor))
        return false;
    mount_r->has_number = true;
    mount_r->where = unescape(words[4]);
    mount_r->source = unescape(word);
    mount_r->options = next_word(&line);
    return true;
}

/* "/dev/sda1 /boot ext4 rw 0 0" */
static bool parse_mounts_line(char *line, xt_dom0_mount *mount_r)
{
    char *source = next_word(&line), *where = next_word(&line);

    mount_r->type = where ? next_word(&line) : NULL;
    if (!mount_r->type) return false;
    mount_r->options = next_word(&line);
    mount_r->source = unescape(source);
    mount_r->where = unescape(where);
    return true;
}

/* "/dev/dm-1  partition  8388604  0  -2"; a file is on something mounted. */
static bool parse_swaps_line(char *line, xt_dom0_mount *mount_r)
{
    char *source = next_word(&line), *type = next_word(&line);

    if (!source || !type || strcmp(type, "partition") != 0) return false;
    mount_r->source = unescape(source);
    return true;
}

static xt_dom0_mount *parse_lines(xtune_arena *arena, char *text,
                                  bool (*parse)(char *, xt_dom0_mount *),
                                  size_t *nr_r)
{
    xt_dom0_mount *mounts = NULL, mount;
    size_t nr = 0;
    char *line;

    while (nr < MAX_MOUNTS && (line = strsep(&text, "\n"))) {
        mount = (xt_dom0_mount){ .where = NULL };
        if (!parse(line, &mount)) continue;
        if (mount.options)
            mount.server = xt_dom0_mount_option(arena, mount.options, "addr");
        mounts = xtune_arena_grow(arena, mounts, nr, sizeof(*mounts));
        mounts[nr++] = mount;
    }
    *nr_r = nr;
    return mounts;
}

xt_dom0_mount *xt_dom0_parse_mountinfo(xtune_arena *arena, char *text,
                                       size_t *nr_r)
{
    return parse_lines(arena, text, parse_mountinfo_line, nr_r);
}

xt_dom0_mount *xt_dom0_parse_mounts(xtune_arena *arena, char *text,
                                    size_t *nr_r)
{
    return parse_lines(arena, text, parse_mounts_line, nr_r);
}

xt_dom0_mount *xt_dom0_parse_swaps(xtune_arena *arena, char *text,
                                   size_t *nr_r)
{
    return parse_lines(arena, text, parse_swaps_line, nr_r);
}
