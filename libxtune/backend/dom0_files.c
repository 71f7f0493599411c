/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "backend/dom0_files.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "base/printable.h"
#include "base/util.h"

#define MAX_LINKS 40 /* as Linux */

const char *xt_dom0_join(const xt_dom0_files *files, const char *folder,
                         const char *name)
{
    return xtune_arena_printf(files->arena, "%s/%s", folder, name);
}

const char *xt_dom0_base(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

bool xt_dom0_is_numbered(const char *name, const char *prefix)
{
    const size_t len = strlen(prefix);

    return !strncmp(name, prefix, len) && name[len] &&
           !name[len + strspn(name + len, "0123456789")];
}

/* The text of a link; NULL where it is none, or too long. */
static const char *link_text(const xt_dom0_files *files, const char *path)
{
    char target[PATH_MAX];
    ssize_t len;

    len = readlink(xt_path(files->arena, files->root, path), target,
                   sizeof(target));
    if (len <= 0 || (size_t)len == sizeof(target)) return NULL;
    return xtune_arena_strndup(files->arena, target, (size_t)len);
}

/* Takes the last part off; the root is above itself. */
static void go_up(char *path)
{
    char *slash = strrchr(path, '/');

    if (slash) *slash = '\0';
}

static bool is_silent(const xt_dom0_files *files, const char *path)
{
    size_t i;

    for (i = 0; i < files->nr_silent; i++)
        if (!strcmp(files->silent[i], path)) return true;
    return false;
}

/* Adds a part to done, or what it links to in front of what is to come.
 * False where that leads nowhere. */
static bool step(const xt_dom0_files *files, char *done, size_t size,
                 const char *part, size_t len, const char **rest,
                 unsigned int *nr_links)
{
    const size_t at = strlen(done);
    const char *target;

    if (!len || (len == 1 && part[0] == '.')) return true;
    if (len == 2 && part[0] == '.' && part[1] == '.') {
        go_up(done);
        return true;
    }
    if (at + 1 + len >= size) return false;
    done[at] = '/';
    memcpy(done + at + 1, part, len);
    done[at + 1 + len] = '\0';
    if (is_silent(files, done)) return false;
    target = link_text(files, done);
    if (!target) return true;
    if (++*nr_links > MAX_LINKS) return false;
    done[target[0] == '/' ? 0 : at] = '\0';
    *rest = xtune_arena_printf(files->arena, "%s/%s", target, *rest);
    return strlen(*rest) < PATH_MAX;
}

const char *xt_dom0_resolve(const xt_dom0_files *files, const char *path)
{
    char done[PATH_MAX] = "";
    unsigned int nr_links = 0;
    const char *rest = path;

    while (*rest) {
        const char *part = rest;
        const size_t len = strcspn(rest, "/");

        rest += len + (rest[len] == '/');
        if (!step(files, done, sizeof(done), part, len, &rest, &nr_links))
            return NULL;
    }
    if (access(xt_path(files->arena, files->root, done[0] ? done : "/"), F_OK))
        return NULL;
    return xtune_arena_strdup(files->arena, done);
}

const char *xt_dom0_link(const xt_dom0_files *files, const char *folder,
                         const char *name)
{
    const char *at = xt_dom0_resolve(files, folder);
    const char *target;

    if (!at) return NULL;
    target = link_text(files, xt_dom0_join(files, at, name));
    if (!target || !xt_dom0_base(target)[0]) return NULL;
    return xt_dom0_base(target);
}

char *xt_dom0_read(const xt_dom0_files *files, const char *path, size_t max,
                   size_t *len_r)
{
    const char *at = xt_dom0_resolve(files, path);
    char *text;
    size_t len;

    if (!at ||
        xt_file_read(files->arena, xt_path(files->arena, files->root, at), max,
                     &text, &len, NULL))
        return NULL;
    if (len_r) *len_r = len;
    return text;
}

const char *xt_dom0_line(const xt_dom0_files *files, const char *folder,
                         const char *name)
{
    char *text = xt_dom0_read(files, xt_dom0_join(files, folder, name),
                              XT_DOM0_MAX_LINE, NULL);
    size_t len;

    if (!text) return NULL;
    text += strspn(text, " \t");
    len = strcspn(text, "\n");
    while (len && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        len--;
    text[len] = '\0';
    xt_printable_clean(text);
    return len ? text : NULL;
}

bool xt_dom0_number(const xt_dom0_files *files, const char *folder,
                    const char *name, unsigned int base, uint64_t max,
                    uint64_t *value_r)
{
    const char *line = xt_dom0_line(files, folder, name);

    if (!line) return false;
    if (base == 16 && !strncmp(line, "0x", 2)) line += 2;
    return xt_parse_u64(line, base, max, value_r);
}

static int compare_names(const void *a, const void *b)
{
    return strverscmp(*(const char *const *)a, *(const char *const *)b);
}

const char **xt_dom0_list(const xt_dom0_files *files, const char *path,
                          size_t *nr_r)
{
    const char *at = xt_dom0_resolve(files, path);
    DIR *folder = at ? opendir(xt_path(files->arena, files->root, at)) : NULL;
    const char **names = NULL;
    const struct dirent *entry;
    size_t nr = 0;

    while (folder && nr < XT_DOM0_MAX_ENTRIES && (entry = readdir(folder))) {
        if (entry->d_name[0] == '.') continue;
        names = xtune_arena_grow(files->arena, names, nr, sizeof(*names));
        names[nr++] = xtune_arena_strdup(files->arena, entry->d_name);
    }
    if (folder) closedir(folder);
    if (nr) qsort(names, nr, sizeof(*names), compare_names);
    *nr_r = nr;
    return names;
}
