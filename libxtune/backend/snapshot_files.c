/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* dom0's files, and governors, of a host in a file. */
#include <errno.h>
#include <string.h>

#include "backend/snapshot.h"
#include "base/util.h"
#include "host/dom0_file.h"

/* A file that is not there is *file_r NULL. */
static int load_file(xtune_backend *backend, const char *path,
                     xtune_file **file_r, xtune_error **err)
{
    const xt_snapshot *s = xt_snapshot_of(backend);
    int rc;

    rc = xt_snapshot_load(xt_snapshot_of(backend), err);
    if (!rc && xt_file_kind(path) == XT_FILE_READ_ONLY)
        rc = xt_file_check_value(path, NULL, err);
    if (rc) return rc;
    if (!s->host->has_dom0)
        return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, 0, s->description,
                               "a snapshot that \"xltune snapshot\" makes in "
                               "dom0 has it; or name dom0's files with --root",
                               "it is not known what is in \"%s\"", path);
    *file_r = xt_file_find(&s->host->dom0, path);
    if (*file_r && !(*file_r)->text)
        return xtune_error_set(err, XTUNE_ERR_IO, 0, path, NULL, "%s",
                               (*file_r)->problem);
    if (!*file_r && xt_file_is_attribute(path))
        return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, path, NULL,
                               "this Linux has no such attribute");
    return 0;
}

int xt_snapshot_get_file(xtune_backend *backend, const char *path,
                         xtune_arena *arena, const char **text_r,
                         xtune_error **err)
{
    xtune_file *file = NULL;
    int rc;

    rc = load_file(backend, path, &file, err);
    if (rc) return rc;
    *text_r = file ? xt_file_value(arena, path,
                                   xtune_arena_strdup(arena, file->text))
                   : NULL;
    return 0;
}

static void add_file(xtune_host *host, const char *path, const char *text)
{
    xtune_dom0 *dom0 = &host->dom0;

    dom0->files = xtune_arena_widen(host->arena, dom0->files, dom0->nr_files,
                                    sizeof(*dom0->files));
    dom0->files[dom0->nr_files++] = (xtune_file){
        .path = xtune_arena_strdup(host->arena, path),
        .text = text,
    };
    xt_file_sort(dom0->files, dom0->nr_files);
}

static void remove_file(xtune_dom0 *dom0, xtune_file *file)
{
    const size_t behind = dom0->nr_files - 1 - (size_t)(file - dom0->files);

    memmove(file, file + 1, behind * sizeof(*file));
    dom0->nr_files--;
}

int xt_snapshot_set_file(xtune_backend *backend, const char *path,
                         const char *text, xtune_error **err)
{
    xt_snapshot *s = xt_snapshot_of(backend);
    xtune_file *file = NULL;
    int rc;

    rc = load_file(backend, path, &file, err);
    if (!rc)
        rc = xt_file_with_value(s->host->arena, path, file ? file->text : NULL,
                                text, &text, err);
    if (rc) return rc;
    if (file && text)
        file->text = text;
    else if (file)
        remove_file(&s->host->dom0, file);
    else if (text)
        add_file(s->host, path, text);
    s->dirty = true;
    return 0;
}

/* Governors. */

static int load_cpu(xtune_backend *backend, uint32_t id, xtune_cpu **cpu_r,
                    xtune_error **err)
{
    const xt_snapshot *s = xt_snapshot_of(backend);
    char name[32];
    int rc;

    rc = xt_snapshot_load(xt_snapshot_of(backend), err);
    if (rc) return rc;
    snprintf(name, sizeof(name), "CPU %u", id);
    *cpu_r = (xtune_cpu *)xtune_host_cpu(s->host, id);
    if (!*cpu_r)
        return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, name, NULL,
                               "the host has no such CPU");
    if (!(*cpu_r)->governor)
        return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, 0, name,
                               "a snapshot that \"xltune snapshot\" makes has "
                               "it",
                               "its governor is not known");
    if (strcmp((*cpu_r)->governor, "none") != 0) return 0;
    return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, ENODEV, name,
                           "see \"cpufreq\" of Xen's command line, and the "
                           "firmware's settings",
                           "Xen sets no frequency of it");
}

int xt_snapshot_get_governor(xtune_backend *backend, uint32_t cpu,
                             xtune_arena *arena, const char **governor_r,
                             xtune_error **err)
{
    xtune_cpu *found;
    int rc;

    rc = load_cpu(backend, cpu, &found, err);
    if (!rc) *governor_r = xtune_arena_strdup(arena, found->governor);
    return rc;
}

/* Those of Xen (drivers/cpufreq); none of them where the CPU chooses itself.
 */
int xt_snapshot_set_governor(xtune_backend *backend, uint32_t cpu,
                             const char *governor, xtune_error **err)
{
    static const char *const known[] = { "performance", "powersave",
                                         "ondemand", "userspace" };
    xt_snapshot *s = xt_snapshot_of(backend);
    xtune_cpu *found;
    size_t i = 0;
    int rc;

    rc = load_cpu(backend, cpu, &found, err);
    if (rc) return rc;
    while (i < XT_ARRAY_SIZE(known) && strcmp(known[i], governor) != 0)
        i++;
    if (i == XT_ARRAY_SIZE(known) || !strcmp(found->governor, "hwp") ||
        !strcmp(found->governor, "amd-cppc-epp"))
        return xtune_error_set(err, XTUNE_ERR_REFUSED, EINVAL, "governor",
                               NULL, "Xen has no governor \"%s\" for CPU %u",
                               governor, cpu);
    found->governor = known[i];
    s->dirty = true;
    return 0;
}
