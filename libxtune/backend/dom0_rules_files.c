/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "backend/dom0_rules_files.h"

#include <stdlib.h>
#include <string.h>

#include "backend/dom0_silent.h"
#include "backend/dom0_text.h"
#include "base/json.h"
#include "base/util.h"
#include "host/dom0_file.h"

#define MAX_BYTES (8u << 20) /* of all files together */

typedef struct reading {
    xt_dom0_files files; /* its arena is for the time being */
    xtune_host *host;
    size_t bytes; /* of all texts so far */
} reading;

static const char *const paths[] = {
    "/etc/modprobe.d/*.conf",
    "/etc/os-release",
    "/etc/sysctl.conf",
    "/etc/sysctl.d/*.conf",
    "/etc/tmpfiles.d/xltune.conf",
    "/etc/xen/xl.conf",
    "/etc/xensource-inventory",
    "/proc/loadavg",
    "/proc/meminfo",
    "/proc/modules",
    "/proc/net/rpc/nfs",
    "/proc/self/mountinfo",
    "/proc/spl/kstat/zfs/arcstats",
    "/proc/swaps",
    "/proc/sys/fs/aio-max-nr",
    "/proc/sys/fs/aio-nr",
    "/proc/sys/vm/swappiness",
    "/proc/vmstat",
    "/run/sysctl.d/*.conf",
    "/sys/kernel/mm/ksm/run",
    "/sys/kernel/mm/transparent_hugepage/enabled",
    "/sys/module/kvm_amd/parameters/nested",
    "/sys/module/kvm_intel/parameters/nested",
    "/sys/module/xen_blkback/parameters/max_queues",
    "/sys/module/xen_netback/parameters/max_queues",
    "/sys/module/zfs/parameters/zfs_arc_max",
    "/usr/lib/sysctl.d/*.conf",
};

static void add_file(reading *r, const char *path)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_arena *arena = r->host->arena;
    xtune_dom0 *dom0 = &r->host->dom0;
    const char *text, *problem = NULL;

    if (xt_dom0_read_text(&r->files, path, &text, &err)) {
        text = NULL;
        problem = err->message;
    } else if (!text)
        return;
    else if (strlen(text) > MAX_BYTES - r->bytes) {
        text = NULL;
        problem = "too much was read of other files";
    } else
        r->bytes += strlen(text);
    dom0->files = xtune_arena_grow(arena, dom0->files, dom0->nr_files,
                                   sizeof(*dom0->files));
    dom0->files[dom0->nr_files++] = (xtune_file){
        .path = xtune_arena_strdup(arena, path),
        .text = text ? xtune_arena_strdup(arena, text) : NULL,
        .problem = problem ? xtune_arena_strdup(arena, problem) : NULL,
    };
}

static bool ends_with(const char *name, const char *ending)
{
    const size_t len = strlen(name), tail = strlen(ending);

    return len > tail && !strcmp(name + len - tail, ending);
}

/* Of a pattern with a "*" for a name: the files that end as it does. */
static void add_folder(reading *r, const char *pattern)
{
    const char *star = strchr(pattern, '*');
    const char *folder = xtune_arena_strndup(r->files.arena, pattern,
                                             (size_t)(star - 1 - pattern));
    const char **names;
    size_t nr, i;

    names = xt_dom0_list(&r->files, folder, &nr);
    for (i = 0; i < nr; i++)
        if (ends_with(names[i], star + 1) && xt_json_is_text(names[i]))
            add_file(r, xt_dom0_join(&r->files, folder, names[i]));
}

/* What a file, or memory, is made a disk of has no use for a scheduler, and
 * there may be many. */
static bool is_disk(const char *name)
{
    return !xt_dom0_is_numbered(name, "loop") &&
           !xt_dom0_is_numbered(name, "ram") &&
           !xt_dom0_is_numbered(name, "zram") && xt_json_is_text(name);
}

static void add_schedulers(reading *r)
{
    const char **names;
    size_t nr, i;

    names = xt_dom0_list(&r->files, XT_FILE_BLOCKS, &nr);
    for (i = 0; i < nr; i++)
        if (is_disk(names[i]))
            add_file(r, xtune_arena_printf(r->files.arena, "%s/%s/%s",
                                           XT_FILE_BLOCKS, names[i],
                                           XT_FILE_SCHEDULER));
}

/* Words without repetition, in order. */

static void add_word(xtune_arena *arena, const char ***words, size_t *nr,
                     const char *word)
{
    size_t i;

    for (i = 0; i < *nr; i++)
        if (!strcmp((*words)[i], word)) return;
    *words = xtune_arena_grow(arena, *words, *nr, sizeof(**words));
    (*words)[(*nr)++] = xtune_arena_strdup(arena, word);
}

static int compare_words(const void *a, const void *b)
{
    return strverscmp(*(const char *const *)a, *(const char *const *)b);
}

/* Known to be none, where any could have been seen. */
static void end_words(xtune_arena *arena, bool any, const char ***words,
                      size_t nr)
{
    if (!*words && any) *words = XTUNE_NEW_ARRAY(arena, const char *, 1);
    if (*words) qsort(*words, nr, sizeof(**words), compare_words);
}

static bool is_service(const char *name)
{
    static const char *const names[] = {
        "libvirtd",  "virtxend",   "virtqemud",   "xapi",
        "xenopsd",   "xenopsd-xc", "squeezed",    "xl",
        "xenstored", "oxenstored", "xenconsoled",
    };
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(names); i++)
        if (!strcmp(names[i], name)) return true;
    return false;
}

/* "812 (xl) S 1 812 812 0 -1": that of xl which stays with a domain has begun
 * a session, the fourth field behind its name; what somebody runs for a moment
 * has not. */
static bool begins_session(reading *r, const char *folder, const char *pid)
{
    const char *stat = xt_dom0_line(&r->files, folder, "stat");
    const char *field = stat ? strrchr(stat, ')') : NULL;
    const size_t len = strlen(pid);
    size_t i;

    for (i = 0; field && i < 4; i++) {
        field = strchr(field, ' ');
        if (field) field++;
    }
    return field && !strncmp(field, pid, len) && field[len] == ' ';
}

static bool is_running_service(reading *r, const char *folder, const char *pid,
                               const char *name)
{
    return is_service(name) &&
           (strcmp(name, "xl") != 0 || begins_session(r, folder, pid));
}

static void add_services(reading *r)
{
    xtune_dom0 *dom0 = &r->host->dom0;
    const char **pids, *name, *folder;
    bool any = false;
    size_t nr, i;

    pids = xt_dom0_list(&r->files, "/proc", &nr);
    for (i = 0; i < nr; i++) {
        if (pids[i][strspn(pids[i], "0123456789")]) continue;
        folder = xt_dom0_join(&r->files, "/proc", pids[i]);
        name = xt_dom0_line(&r->files, folder, "comm");
        any |= name != NULL;
        if (name && is_running_service(r, folder, pids[i], name))
            add_word(r->host->arena, &dom0->services, &dom0->nr_services,
                     name);
    }
    end_words(r->host->arena, any, &dom0->services, dom0->nr_services);
}

/* "libxenlight.so.4.17.0", and the link to it without the last part: "4.17";
 * NULL for another file. */
static const char *version_of(const reading *r, const char *name)
{
    static const char library[] = "libxenlight.so.";
    size_t major, minor;

    if (strncmp(name, library, strlen(library)) != 0) return NULL;
    name += strlen(library);
    if (name[strspn(name, "0123456789.")]) return NULL;
    major = strcspn(name, ".");
    if (!major || !name[major]) return NULL;
    minor = strcspn(name + major + 1, ".");
    if (!minor || major + minor > 8) return NULL;
    return xtune_arena_strndup(r->files.arena, name, major + 1 + minor);
}

/* False where there is no such folder. */
static bool add_libraries(reading *r, const char *folder)
{
    xtune_dom0 *dom0 = &r->host->dom0;
    const char **names, *version;
    size_t nr, i;

    names = xt_dom0_list(&r->files, folder, &nr);
    for (i = 0; i < nr; i++) {
        version = version_of(r, names[i]);
        if (version)
            add_word(r->host->arena, &dom0->toolstacks, &dom0->nr_toolstacks,
                     version);
    }
    return nr > 0;
}

/* Debian has a folder for each architecture, "x86_64-linux-gnu". */
static void add_toolstacks(reading *r)
{
    static const char *const folders[] = { "/usr/lib", "/usr/lib64",
                                           "/usr/local/lib",
                                           "/usr/local/lib64" };
    xtune_dom0 *dom0 = &r->host->dom0;
    const char **names;
    bool any = false;
    size_t nr, i, k;

    for (i = 0; i < XT_ARRAY_SIZE(folders); i++) {
        any |= add_libraries(r, folders[i]);
        names = xt_dom0_list(&r->files, folders[i], &nr);
        for (k = 0; k < nr; k++)
            if (ends_with(names[k], "-linux-gnu"))
                add_libraries(r,
                              xt_dom0_join(&r->files, folders[i], names[k]));
    }
    end_words(r->host->arena, any, &dom0->toolstacks, dom0->nr_toolstacks);
}

/* Of a recorded tree it is not known. */
static void add_silent_mounts(reading *r)
{
    xtune_dom0 *dom0 = &r->host->dom0;
    size_t i;

    xt_dom0_find_silent(&r->files);
    for (i = 0; i < r->files.nr_silent; i++)
        add_word(r->host->arena, &dom0->silent_mounts, &dom0->nr_silent_mounts,
                 r->files.silent[i]);
    end_words(r->host->arena, !r->files.root[0], &dom0->silent_mounts,
              dom0->nr_silent_mounts);
}

bool xt_dom0_read_rules_files(const char *root, xtune_host *host)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    reading r = { .files = { .arena = arena,
                             .root = strcmp(root, "/") ? root : "" },
                  .host = host };
    xtune_dom0 *dom0 = &host->dom0;
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(paths); i++)
        if (strchr(paths[i], '*'))
            add_folder(&r, paths[i]);
        else
            add_file(&r, paths[i]);
    add_schedulers(&r);
    add_silent_mounts(&r);
    xt_file_sort(dom0->files, dom0->nr_files);
    add_services(&r);
    add_toolstacks(&r);
    return dom0->nr_files || dom0->services || dom0->toolstacks;
}
