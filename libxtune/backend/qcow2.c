/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "backend/qcow2.h"

#include <string.h>

#define MAGIC 0x514649fbu /* "QFI", 0xfb */
#define V2_HEADER 72
#define V3_HEADER 104
#define EXTENSION 8 /* a type and a length in front of what it holds */
#define BACKING_FORMAT 0xe2792acau
#define MIN_CLUSTER_BITS 9
#define MAX_CLUSTER_BITS 21

/* Numbers are big-endian. */
static uint64_t number(const uint8_t *bytes, size_t nr)
{
    uint64_t value = 0;

    while (nr--)
        value = value << 8 | *bytes++;
    return value;
}

static uint32_t u32(const uint8_t *bytes)
{
    return (uint32_t)number(bytes, 4);
}

/* Where the extensions begin; 0: this is no header. */
static size_t header_size(const uint8_t *header, size_t len, uint32_t cluster)
{
    const uint32_t version = u32(header + 4);
    uint32_t size;

    if (version == 2) return V2_HEADER;
    if (version != 3 || len < V3_HEADER) return 0;
    size = u32(header + 100);
    return size >= V3_HEADER && size <= cluster ? size : 0;
}

/* A name that is too long, or is no text, is none that QEMU knows. */
static void keep_format(const uint8_t *text, size_t len, xt_qcow2 *image)
{
    size_t i;

    if (len >= sizeof(image->backing_format)) return;
    for (i = 0; i < len; i++)
        if (text[i] <= ' ' || text[i] > '~') return;
    memcpy(image->backing_format, text, len);
    image->backing_format[len] = '\0';
}

/* They end with a type of 0, or where the backing file's name is. */
static void read_extensions(const uint8_t *header, size_t from, size_t end,
                            xt_qcow2 *image)
{
    while (from < end && end - from >= EXTENSION) {
        const uint32_t type = u32(header + from);
        const size_t len = u32(header + from + 4);

        from += EXTENSION;
        if (!type || len > end - from) return;
        if (type == BACKING_FORMAT) keep_format(header + from, len, image);
        from += (len + 7) / 8 * 8;
    }
}

/* Both of them 0 where there is none. */
static bool read_backing(const uint8_t *header, xt_qcow2 *image)
{
    const uint64_t at = number(header + 8, 8);
    const uint32_t len = u32(header + 16);

    if (!at) return true;
    if (len > XT_QCOW2_MAX_NAME || at > image->cluster_bytes ||
        len > image->cluster_bytes - at)
        return false;
    image->backing_at = at;
    image->backing_len = len;
    return true;
}

bool xt_qcow2_parse(const uint8_t *header, size_t len, xt_qcow2 *image_r)
{
    xt_qcow2 image = { .bytes = 0 };
    uint32_t bits;
    size_t from, end;

    if (len < V2_HEADER || u32(header) != MAGIC) return false;
    bits = u32(header + 20);
    if (bits < MIN_CLUSTER_BITS || bits > MAX_CLUSTER_BITS) return false;
    image.cluster_bytes = UINT32_C(1) << bits;
    image.bytes = number(header + 24, 8);
    if (image.bytes > INT64_MAX || !read_backing(header, &image)) return false;
    from = header_size(header, len, image.cluster_bytes);
    if (!from) return false;
    end = image.backing_at ? image.backing_at : image.cluster_bytes;
    read_extensions(header, from, end < len ? end : len, &image);
    *image_r = image;
    return true;
}

/* "nbd:", "json:": what stands before a colon, if no "/" is before that. */
static size_t protocol(const char *name)
{
    const size_t len = strcspn(name, ":/");

    return name[len] == ':' ? len + 1 : 0;
}

const char *xt_qcow2_backing_path(xtune_arena *arena, const char *image,
                                  const char *name)
{
    static const char file[] = "file:";
    const size_t len = protocol(name);
    const char *slash = strrchr(image, '/');

    if (len == strlen(file) && !strncmp(name, file, len))
        name += len;
    else if (len)
        return NULL;
    if (!name[0]) return NULL;
    if (name[0] == '/' || !slash) return xtune_arena_strdup(arena, name);
    return xtune_arena_printf(arena, "%.*s/%s", (int)(slash - image), image,
                              name);
}
