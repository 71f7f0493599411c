/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/dom0_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/util.h"

#define MAX_NAME 64 /* of a disk, or of a scheduler */

static const struct {
    const char *path;
    enum xt_file_kind kind;
    uint64_t max; /* of a number; as Linux has it */
} changeable[] = {
    { "/etc/xen/xl.conf", XT_FILE_CONFIG, 0 },
    { "/etc/sysctl.d/90-xltune.conf", XT_FILE_CONFIG, 0 },
    { "/etc/tmpfiles.d/xltune.conf", XT_FILE_CONFIG, 0 },
    { "/etc/modprobe.d/xltune.conf", XT_FILE_CONFIG, 0 },
    { "/proc/sys/vm/swappiness", XT_FILE_NUMBER, 200 },
    { "/proc/sys/fs/aio-max-nr", XT_FILE_NUMBER, INT64_MAX },
};

static size_t find_changeable(const char *path)
{
    size_t i = 0;

    while (i < XT_ARRAY_SIZE(changeable) && strcmp(changeable[i].path, path))
        i++;
    return i;
}

/* A name as the kernel gives it to disks and to schedulers. */
static bool is_name(const char *text, size_t len)
{
    size_t i;

    if (!len || len > MAX_NAME || text[0] == '.') return false;
    for (i = 0; i < len; i++)
        if (text[i] <= ' ' || text[i] > '~' || strchr("/[]\"", text[i]))
            return false;
    return true;
}

/* "/sys/block/sda/queue/scheduler" */
static bool is_scheduler(const char *path)
{
    static const char before[] = XT_FILE_BLOCKS "/";
    size_t len;

    if (strncmp(path, before, strlen(before)) != 0) return false;
    path += strlen(before);
    len = strcspn(path, "/");
    return is_name(path, len) && !strcmp(path + len, "/" XT_FILE_SCHEDULER);
}

enum xt_file_kind xt_file_kind(const char *path)
{
    const size_t i = find_changeable(path);

    if (i < XT_ARRAY_SIZE(changeable)) return changeable[i].kind;
    return is_scheduler(path) ? XT_FILE_CHOICE : XT_FILE_READ_ONLY;
}

bool xt_file_is_attribute(const char *path)
{
    const enum xt_file_kind kind = xt_file_kind(path);

    return kind == XT_FILE_NUMBER || kind == XT_FILE_CHOICE;
}

/* The word in brackets; all of it where there is none. */
static const char *chosen(xtune_arena *arena, const char *line)
{
    const char *open = strchr(line, '[');
    const char *close = open ? strchr(open, ']') : NULL;

    if (!close) return line;
    return xtune_arena_strndup(arena, open + 1, (size_t)(close - open - 1));
}

const char *xt_file_value(xtune_arena *arena, const char *path,
                          const char *text)
{
    const char *line;
    size_t len;

    if (!text || !xt_file_is_attribute(path)) return text;
    text += strspn(text, " \t");
    len = strcspn(text, "\n");
    while (len && strchr(" \t", text[len - 1]))
        len--;
    line = xtune_arena_strndup(arena, text, len);
    return xt_file_kind(path) == XT_FILE_CHOICE ? chosen(arena, line) : line;
}

static int check_number(const char *path, const char *value, xtune_error **err)
{
    const uint64_t max = changeable[find_changeable(path)].max;
    uint64_t number;

    if (xt_parse_u64(value, 10, max, &number)) return 0;
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, path, NULL,
                           "\"%s\" is no number from 0 to %llu", value,
                           (unsigned long long)max);
}

static int check_config(const char *path, const char *value, xtune_error **err)
{
    if (strlen(value) > XT_FILE_MAX_BYTES)
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, path, NULL,
                               "larger than %u KiB", XT_FILE_MAX_BYTES >> 10);
    if (!xt_json_is_text(value))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, path,
                               "write it in UTF-8", "it is no text");
    return 0;
}

int xt_file_check_value(const char *path, const char *value, xtune_error **err)
{
    const enum xt_file_kind kind = xt_file_kind(path);

    if (kind == XT_FILE_READ_ONLY)
        return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, path,
                               "change it by hand",
                               "it is none of the files that xltune changes");
    if (!value && kind != XT_FILE_CONFIG)
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, path, NULL,
                               "an attribute of the kernel's cannot be "
                               "removed");
    if (!value) return 0;
    if (kind == XT_FILE_CONFIG) return check_config(path, value, err);
    if (kind == XT_FILE_NUMBER) return check_number(path, value, err);
    if (is_name(value, strlen(value))) return 0;
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, path, NULL,
                           "\"%s\" is no name of a scheduler", value);
}

/* The line with that word in brackets, and no other, and all else as it is;
 * NULL where it has it not. */
static const char *choose(xtune_arena *arena, const char *line,
                          const char *value)
{
    static const char between[] = " \t\n[]";
    char *text = xtune_arena_alloc(arena, 3 * strlen(line) + 1, 1);
    char *out = text;
    bool found = false;

    while (*line) {
        const size_t len = strcspn(line, between);
        const bool is_it = len == strlen(value) && !strncmp(line, value, len);

        if (is_it) *out++ = '[';
        memcpy(out, line, len);
        out += len;
        if (is_it) *out++ = ']';
        found |= is_it;
        for (line += len; *line && strchr(between, *line); line++)
            if (!strchr("[]", *line)) *out++ = *line;
    }
    return found ? text : NULL;
}

int xt_file_with_value(xtune_arena *arena, const char *path, const char *text,
                       const char *value, const char **text_r,
                       xtune_error **err)
{
    int rc;

    rc = xt_file_check_value(path, value, err);
    if (rc) return rc;
    if (!xt_file_is_attribute(path)) {
        *text_r = value ? xtune_arena_strdup(arena, value) : NULL;
        return 0;
    }
    if (!text)
        return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, 0, path, NULL,
                               "this Linux has no such attribute");
    if (xt_file_kind(path) == XT_FILE_NUMBER)
        *text_r = xtune_arena_printf(arena, "%s\n", value);
    else if (!strcmp(xt_file_value(arena, path, text), value))
        *text_r = text; /* also where it has no choice */
    else
        *text_r = choose(arena, text, value);
    if (*text_r) return 0;
    return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, path, NULL,
                           "it can only be one of \"%.*s\"",
                           (int)strcspn(text, "\n"), text);
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(((const xtune_file *)a)->path,
                  ((const xtune_file *)b)->path);
}

void xt_file_sort(xtune_file *files, size_t nr)
{
    if (nr) qsort(files, nr, sizeof(*files), compare_paths);
}

xtune_file *xt_file_find(const xtune_dom0 *dom0, const char *path)
{
    const xtune_file wanted = { .path = path };

    if (!dom0->nr_files) return NULL;
    return bsearch(&wanted, dom0->files, dom0->nr_files, sizeof(*dom0->files),
                   compare_paths);
}

const char *xtune_host_file(const xtune_host *host, const char *path)
{
    const xtune_file *file = xt_file_find(&host->dom0, path);

    return file ? file->text : NULL;
}
