/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "backend/dom0_machine.h"

#include <string.h>

#include <uuid/uuid.h>

#include "backend/dom0_files.h"
#include "base/util.h"

#define INVENTORY "/etc/xensource-inventory"
#define MAX_INVENTORY 65536

/* 5482e490-b863-4d57-a9bf-c152a3616d41, and never another one: hosts would
 * have other uuids from one version to the next. */
static const uuid_t name_space = {
    0x54, 0x82, 0xe4, 0x90, 0xb8, 0x63, 0x4d, 0x57,
    0xa9, 0xbf, 0xc1, 0x52, 0xa3, 0x61, 0x6d, 0x41,
};

static const char *print(xtune_arena *arena, const uuid_t uuid)
{
    char text[37];

    uuid_unparse_lower(uuid, text);
    return xtune_arena_strdup(arena, text);
}

/* In small letters; NULL for what is no uuid. */
static const char *parse(xtune_arena *arena, const char *text)
{
    uuid_t uuid;

    return text && !uuid_parse(text, uuid) ? print(arena, uuid) : NULL;
}

/* "INSTALLATION_UUID='...'": what XAPI writes is read by shells, the last one
 * counts there. */
static const char *installed_uuid(const xt_dom0_files *files)
{
    static const char key[] = "INSTALLATION_UUID=";
    char *text = xt_dom0_read(files, INVENTORY, MAX_INVENTORY, NULL), *line;
    const char *found = NULL;

    while ((line = strsep(&text, "\n"))) {
        size_t len;

        if (strncmp(line, key, strlen(key)) != 0) continue;
        line += strlen(key);
        len = strlen(line);
        if (len >= 2 && strchr("'\"", line[0]) && line[len - 1] == line[0]) {
            line[len - 1] = '\0';
            line++;
        }
        found = line;
    }
    return found;
}

/* 32 digits, in small letters: machine-id(5). Not all zeros, nor
 * "uninitialized". */
static const char *derived_uuid(const xt_dom0_files *files, xtune_arena *arena)
{
    const char *id = xt_dom0_line(files, "/etc", "machine-id");
    uuid_t uuid;

    if (!id || strlen(id) != 32 || strspn(id, "0123456789abcdef") != 32 ||
        strspn(id, "0") == 32)
        return NULL;
    uuid_generate_sha1(uuid, name_space, id, 32);
    return print(arena, uuid);
}

void xt_dom0_read_machine(const char *root, xtune_arena *arena,
                          xtune_machine *machine)
{
    XT_CLEANUP_ARENA xtune_arena *own = xtune_arena_new();
    const xt_dom0_files files = { .arena = own,
                                  .root = strcmp(root, "/") ? root : "" };

    machine->uuid = parse(arena, installed_uuid(&files));
    if (!machine->uuid) machine->uuid = derived_uuid(&files, arena);
    machine->boot_id = parse(
        arena, xt_dom0_line(&files, "/proc/sys/kernel/random", "boot_id"));
}
