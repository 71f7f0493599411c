/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The header of a qcow2 image, versions 2 and 3 (QEMU,
 * docs/interop/qcow2.txt): pure. What QEMU would not open is none.
 */
#ifndef XT_QCOW2_H
#define XT_QCOW2_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xtune/arena.h>

#define XT_QCOW2_MAX_NAME 1023 /* of a backing file */

/* So much of a file is enough for a header and its extensions. */
#define XT_QCOW2_HEADER 4096

typedef struct xt_qcow2 {
    uint64_t bytes; /* what the guest sees */
    uint32_t cluster_bytes;
    uint64_t backing_at;     /* where the backing file's name is */
    uint32_t backing_len;    /* and how long; 0: there is none */
    char backing_format[16]; /* "raw"; "": not said */
} xt_qcow2;

/* header: the first len bytes of a file. */
bool xt_qcow2_parse(const uint8_t *header, size_t len, xt_qcow2 *image_r);

/*
 * The path that the name of a backing file means in an image at this path, in
 * the arena; NULL where it is no file: "nbd://server/disk", "json:{...}".
 */
const char *xt_qcow2_backing_path(xtune_arena *arena, const char *image,
                                  const char *name);

#endif
