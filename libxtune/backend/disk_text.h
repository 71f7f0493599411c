/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a toolstack writes a disk down in xenstore: pure. */
#ifndef XT_DISK_TEXT_H
#define XT_DISK_TEXT_H

#include <stdbool.h>

#include <xtune/host.h>

/*
 * "/local/domain/0/backend/qdisk/3/51712", of domain 3: the domain that serves
 * it, and how. kind_r, in the arena, is as xenstore has it: "qdisk". False
 * where it is no such path.
 */
bool xt_disk_backend_path(xtune_arena *arena, const char *path,
                          unsigned int domid, uint32_t *server_r,
                          const char **kind_r);

/* Fills in backend, format and target, in the arena: kind is "vbd", "vbd3",
 * "tap" or "qdisk", params the node of that name, or NULL. */
void xt_disk_describe(xtune_arena *arena, const char *kind, const char *params,
                      xtune_disk *disk);

/* The name of a script that is not the one that block devices and files have;
 * NULL. */
const char *xt_disk_script(const char *path);

#endif
