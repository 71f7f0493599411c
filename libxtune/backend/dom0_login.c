/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "backend/dom0_login.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/util.h"

#define VARIABLE "SSH_CONNECTION"
#define MAX_PARENTS 64

/* "192.0.2.1 50000 192.0.2.2 22": the first is the client. */
static const char *first_word(xtune_arena *arena, const char *value)
{
    const size_t len = strcspn(value, " ");

    return len ? xtune_arena_strndup(arena, value, len) : NULL;
}

const char *xt_dom0_login_of(xtune_arena *arena, const char *environment,
                             size_t len)
{
    static const char name[] = VARIABLE "=";
    const char *p = environment, *end = environment + len;

    while (p < end) {
        const size_t one = strnlen(p, (size_t)(end - p));

        if (one >= strlen(name) && !strncmp(p, name, strlen(name)))
            return first_word(arena,
                              xtune_arena_strndup(arena, p + strlen(name),
                                                  one - strlen(name)));
        p += one + 1;
    }
    return NULL;
}

/* The parent of a process; 0 where there is none, or it has gone. */
static uint64_t parent_of(const xt_dom0_files *files, uint64_t pid)
{
    const char *path = xtune_arena_printf(files->arena, "/proc/%llu/stat",
                                          (unsigned long long)pid);
    char *text = xt_dom0_read(files, path, XT_DOM0_MAX_LINE, NULL), *word;
    uint64_t parent;

    /* "1 (name) S 0 ...", and there may be anything in the name */
    text = text ? strrchr(text, ')') : NULL;
    if (!text || strlen(text) < 4) return 0;
    text += 4;
    word = strsep(&text, " ");
    return xt_parse_u64(word, 10, INT32_MAX, &parent) ? parent : 0;
}

static const char *client_above(const xt_dom0_files *files)
{
    uint64_t pid = (uint64_t)getppid();
    const char *path, *text, *client = NULL;
    unsigned int i;
    size_t len;

    for (i = 0; i < MAX_PARENTS && pid > 1 && !client; i++) {
        path = xtune_arena_printf(files->arena, "/proc/%llu/environ",
                                  (unsigned long long)pid);
        text = xt_dom0_read(files, path, XT_DOM0_MAX_FILE, &len);
        if (text) client = xt_dom0_login_of(files->arena, text, len);
        pid = parent_of(files, pid);
    }
    return client;
}

const char *xt_dom0_login_client(const xt_dom0_files *files)
{
    const char *own = getenv(VARIABLE);

    if (own && *own) return first_word(files->arena, own);
    return files->root[0] ? NULL : client_above(files);
}
