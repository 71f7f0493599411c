/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kernel's module xen-pciback: whether there is one, and its options
 * (modprobe.d(5)). */
#include <string.h>

#include "base/files.h"
#include "base/util.h"
#include "boot/lines.h"
#include "boot/sources.h"

#define MODULE "xen-pciback"

static const char *release_of(xtune_arena *arena, const char *root)
{
    const char **names;
    char *release;

    if (!xt_boot_read_file(arena, root, "/proc/sys/kernel/osrelease", &release,
                           NULL)) {
        release[strcspn(release, "\n")] = '\0';
        if (*release && !strchr(release, '/')) return release;
    }
    /* Of a recorded host: where there is only one, it is that. */
    if (xt_boot_list(arena, root, "/lib/modules", "", &names) != 1)
        return NULL;
    return names[0];
}

/* Whether a list of modules has it: "kernel/drivers/.../xen-pciback.ko", and
 * what it needs behind ":". */
static bool lists_it(const char *text)
{
    const char *at = text;

    while ((at = strstr(at, "/" MODULE ".ko"))) {
        const char *line = at;

        while (line > text && line[-1] != '\n')
            line--;
        if (!memchr(line, ' ', (size_t)(at - line))) return true;
        at++;
    }
    return false;
}

/* -1: there is no such list. */
static int is_listed(xtune_arena *arena, const char *root, const char *release,
                     const char *list)
{
    char *text;

    if (xt_boot_read_file(
            arena, root,
            xtune_arena_printf(arena, "/lib/modules/%s/%s", release, list),
            &text, NULL))
        return -1;
    return lists_it(text);
}

static const char *kind_of(xtune_arena *arena, const char *root)
{
    static const char loaded[] = "/sys/module/xen_pciback";
    const char *release;
    int builtin, module;

    /* What is loaded has a state; what is built in has not. */
    if (xt_boot_has_folder(root, loaded))
        return xt_boot_has_file(root, "/sys/module/xen_pciback/initstate")
                   ? "module"
                   : "builtin";
    release = release_of(arena, root);
    if (!release) return NULL;
    builtin = is_listed(arena, root, release, "modules.builtin");
    module = is_listed(arena, root, release, "modules.dep");
    if (builtin > 0) return "builtin";
    if (module > 0) return "module";
    return builtin < 0 || module < 0 ? NULL : "missing";
}

/* Options. */

typedef struct config {
    const char *folder, *name;
} config;

/* Files of a name in an earlier folder hide those of later ones; they are read
 * by their names. */
static size_t list_configs(xtune_arena *arena, const char *root,
                           config **configs_r, bool *any_r)
{
    static const char *const folders[] = {
        "/etc/modprobe.d", "/run/modprobe.d", "/usr/local/lib/modprobe.d",
        "/usr/lib/modprobe.d", "/lib/modprobe.d"
    };
    config *configs = NULL;
    size_t nr = 0, i, k, n, at;
    const char **names;

    *any_r = false;
    for (i = 0; i < XT_ARRAY_SIZE(folders); i++) {
        *any_r = *any_r || xt_boot_has_folder(root, folders[i]);
        n = xt_boot_list(arena, root, folders[i], ".conf", &names);
        for (k = 0; k < n; k++) {
            for (at = 0; at < nr && strcmp(configs[at].name, names[k]) < 0;
                 at++) {
            }
            if (at < nr && !strcmp(configs[at].name, names[k])) continue;
            configs = xtune_arena_grow(arena, configs, nr, sizeof(*configs));
            memmove(configs + at + 1, configs + at,
                    (nr - at) * sizeof(*configs));
            configs[at] = (config){ .folder = folders[i], .name = names[k] };
            nr++;
        }
    }
    *configs_r = configs;
    return nr;
}

/* Lines that end with "\" go on in the next one. */
static void join_lines(char *text)
{
    char *to = text;

    for (; *text; text++) {
        if (text[0] == '\\' && text[1] == '\n')
            text++;
        else if (text[0] == '\\' && text[1] == '\r' && text[2] == '\n')
            text += 2;
        else
            *to++ = *text;
    }
    *to = '\0';
}

static bool is_module(const char *name, size_t len)
{
    return len == strlen(MODULE) && !strncmp(name, "xen", 3) &&
           strchr("-_", name[3]) && !memcmp(name + 4, "pciback", 7);
}

/* The options of "options xen-pciback ..."; NULL: it is another line. */
static const char *options_of(char *line)
{
    char *save, *word = strtok_r(line, " \t\r", &save);

    if (!word || strcmp(word, "options") != 0) return NULL;
    word = strtok_r(NULL, " \t\r", &save);
    if (!word || !is_module(word, strlen(word))) return NULL;
    save += strspn(save, " \t\r");
    for (word = save + strlen(save);
         word > save && xt_boot_is_blank(word[-1]);)
        *--word = '\0';
    return save;
}

static void read_config(xtune_arena *arena, const char *root, const config *c,
                        xtune_boot *boot)
{
    const char *path = xtune_arena_printf(arena, "%s/%s", c->folder, c->name);
    const char *options;
    char *text, *line, *save;

    if (xt_boot_read_file(arena, root, path, &text, NULL)) return;
    join_lines(text);
    for (line = strtok_r(text, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save)) {
        options = options_of(line);
        if (!options || !*options) continue;
        boot->pciback_options =
            xtune_arena_printf(arena, "%s%s%s", boot->pciback_options,
                               *boot->pciback_options ? " " : "", options);
        /* Of several, the last one counts. */
        boot->pciback_options_file = path;
    }
}

void xt_boot_read_module(xtune_arena *arena, const char *root,
                         xtune_boot *boot)
{
    config *configs;
    size_t nr, i;
    bool any;

    boot->pciback = kind_of(arena, root);
    nr = list_configs(arena, root, &configs, &any);
    if (!any) return;
    boot->pciback_options = "";
    for (i = 0; i < nr; i++)
        read_config(arena, root, &configs[i], boot);
}
