/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "backend/libxl/common.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/util.h"

void xt_libxl_keep_files(void)
{
    struct dirent *entry;
    uint64_t fd;
    DIR *dir;

    while ((fd = (uint64_t)open("/dev/null", O_RDWR | O_CLOEXEC)) <= 2)
        fcntl((int)fd, F_SETFD, 0);
    if ((int)fd >= 0) close((int)fd);
    dir = opendir("/proc/self/fd");
    if (!dir) return;
    while ((entry = readdir(dir)))
        if (xt_parse_u64(entry->d_name, 10, INT32_MAX, &fd) && fd > 2)
            fcntl((int)fd, F_SETFD, FD_CLOEXEC);
    closedir(dir);
}

void xt_libxl_become_independent(void)
{
    static const int ignored[] = { SIGINT, SIGHUP, SIGTERM, SIGPIPE };
    struct sigaction act = { .sa_handler = SIG_IGN };
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(ignored); i++)
        sigaction(ignored[i], &act, NULL);
    setsid();
}

int xt_libxl_read_uuid(xtune_arena *arena, const char *text, libxl_uuid *id_r,
                       const char **uuid_r, xtune_error **err)
{
    size_t i, len = strlen(text);
    char *lower;

    for (i = 0; i < len && len == 36; i++)
        if (i == 8 || i == 13 || i == 18 || i == 23
                ? text[i] != '-'
                : !isxdigit((unsigned char)text[i]))
            break;
    if (len != 36 || i < len || libxl_uuid_from_string(id_r, text))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, "uuid", NULL,
                               "\"%.80s\" is not a UUID", text);
    lower = xtune_arena_strdup(arena, text);
    for (i = 0; i < len; i++)
        lower[i] = (char)tolower((unsigned char)lower[i]);
    *uuid_r = lower;
    return 0;
}
