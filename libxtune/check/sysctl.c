/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/sysctl.h"

#include <string.h>

#include "base/util.h"
#include "check/mend.h"
#include "check/text.h"

#define LAST_FILE "/etc/sysctl.conf"

/* Of files of one name the first of these folders has the one that counts. */
static const char *const folders[] = { "/etc/sysctl.d/", "/run/sysctl.d/",
                                       "/usr/lib/sysctl.d/" };

/* Its name in one of these folders; NULL: it is in none of them. */
static const char *name_in_folder(const char *path, size_t *folder_r)
{
    size_t i, len;

    for (i = 0; i < XT_ARRAY_SIZE(folders); i++) {
        len = strlen(folders[i]);
        if (strncmp(path, folders[i], len) != 0) continue;
        *folder_r = i;
        return path + len;
    }
    return NULL;
}

/* Another folder has one of that name instead. */
static bool is_hidden(const xtune_host *host, const char *name, size_t folder)
{
    const xtune_dom0 *dom0 = &host->dom0;
    const char *other;
    size_t i, k;

    for (i = 0; i < dom0->nr_files; i++) {
        other = name_in_folder(dom0->files[i].path, &k);
        if (other && k < folder && !strcmp(other, name)) return true;
    }
    return false;
}

/* Of keys "." and "/" are the same; those with "-" in front may fail. */
static bool is_key(const char *text, size_t len, const char *key)
{
    size_t i;

    if (len && text[0] == '-') {
        text++;
        len--;
    }
    if (len != strlen(key)) return false;
    for (i = 0; i < len; i++)
        if (text[i] != key[i] && !(text[i] == '/' && key[i] == '.'))
            return false;
    return true;
}

static const char *trimmed(xtune_arena *arena, const char *text, size_t len)
{
    while (len && strchr(" \t", text[0])) {
        text++;
        len--;
    }
    while (len && strchr(" \t", text[len - 1]))
        len--;
    return xtune_arena_strndup(arena, text, len);
}

/* The value that a line gives the key; NULL: none. */
static const char *value_in(xtune_arena *arena, const char *line,
                            const char *key)
{
    const char *equals = strchr(line, '=');
    const char *name;

    line += strspn(line, " \t");
    if (!equals || line[0] == '#' || line[0] == ';') return NULL;
    name = trimmed(arena, line, (size_t)(equals - line));
    if (!is_key(name, strlen(name), key)) return NULL;
    return trimmed(arena, equals + 1, strlen(equals + 1));
}

static const char *last_value(xtune_arena *arena, const char *text,
                              const char *key)
{
    const char *value = NULL, *line, *found;

    while ((line = xt_check_line(arena, &text))) {
        found = value_in(arena, line, key);
        if (found) value = found;
    }
    return value;
}

xt_sysctl xt_sysctl_at_boot(xtune_arena *arena, const xtune_host *host,
                            const char *key)
{
    const char *text = xtune_host_file(host, LAST_FILE);
    xt_sysctl last = { text ? last_value(arena, text, key) : NULL, LAST_FILE };
    const char *last_name = NULL, *name, *value;
    size_t i, folder;

    if (last.value) return last;
    for (i = 0; i < host->dom0.nr_files; i++) {
        const xtune_file *file = &host->dom0.files[i];

        name = name_in_folder(file->path, &folder);
        if (!name || !file->text || is_hidden(host, name, folder)) continue;
        if (last_name && strcmp(name, last_name) < 0) continue;
        value = last_value(arena, file->text, key);
        if (!value) continue;
        last = (xt_sysctl){ value, file->path };
        last_name = name;
    }
    return last;
}

bool xt_sysctl_beats_ours(const xt_sysctl *setting)
{
    size_t folder;
    const char *name;

    if (!setting->value) return false;
    if (!strcmp(setting->file, LAST_FILE)) return true;
    name = name_in_folder(setting->file, &folder);
    return name && strcmp(name, strrchr(XT_SYSCTL_FILE, '/') + 1) > 0;
}

enum xtune_fix xt_sysctl_fix(xt_check *check, const xt_sysctl *at_boot,
                             bool is_next, const char *key, uint64_t value,
                             const char **how_r)
{
    const unsigned long long number = value;

    if (is_next && !xt_check_is_running(check->host)) {
        *how_r = "reboot: it is set then";
        return XTUNE_FIX_BOOT;
    }
    if (!is_next && xt_sysctl_beats_ours(at_boot)) {
        *how_r = xtune_arena_printf(
            check->arena, "let %s set %s to %llu, then \"sysctl --system\"",
            at_boot->file, key, number);
        return XTUNE_FIX_PERSON;
    }
    *how_r = xtune_arena_printf(
        check->arena, "sysctl -w %s=%llu, and the same in " XT_SYSCTL_FILE,
        key, number);
    return XTUNE_FIX_NOW;
}

static bool is_setting(const char *line, const void *what)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();

    return value_in(arena, line, what) != NULL;
}

static const char *attribute_of(xtune_arena *arena, const char *key)
{
    char *path = xtune_arena_printf(arena, "/proc/sys/%s", key), *dot;

    while ((dot = strchr(path, '.')))
        *dot = '/';
    return path;
}

void xt_sysctl_mend(xt_check *check, xtune_plan *plan, const char *key,
                    const char *value, const char *reason)
{
    const xt_sysctl at_boot = xt_sysctl_at_boot(plan->arena, check->host, key);

    xt_mend_attribute(check, plan, attribute_of(plan->arena, key), value,
                      reason);
    if (at_boot.value &&
        (!strcmp(at_boot.value, value) || xt_sysctl_beats_ours(&at_boot)))
        return;
    xt_mend_line(check, plan, XT_SYSCTL_FILE,
                 xtune_arena_printf(plan->arena, "%s = %s", key, value),
                 is_setting, key, reason);
}
