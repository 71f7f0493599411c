/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Headers of qcow2 images, byte by byte. */
#ifndef TEST_QCOW2_IMAGE_H
#define TEST_QCOW2_IMAGE_H

#include <stdint.h>
#include <string.h>

#define IMAGE_BYTES 1024
#define NAME_AT 512

/* What a header says; 0 where it says nothing. */
typedef struct test_image {
    uint32_t version, cluster_bits;
    uint64_t bytes;
    const char *backing, *backing_format;
} test_image;

static inline void put_number(uint8_t *at, uint64_t value, size_t nr)
{
    while (nr--) {
        at[nr] = (uint8_t)value;
        value >>= 8;
    }
}

/* As qemu-img writes it, but that nothing comes behind the first KiB. */
static inline void make_image(uint8_t header[IMAGE_BYTES],
                              const test_image *image)
{
    const uint32_t version = image->version ? image->version : 3;
    uint8_t *extension = header + (version == 2 ? 72 : 104);

    memset(header, 0, IMAGE_BYTES);
    put_number(header, 0x514649fb, 4);
    put_number(header + 4, version, 4);
    put_number(header + 20, image->cluster_bits ? image->cluster_bits : 16, 4);
    put_number(header + 24, image->bytes, 8);
    if (version == 3) put_number(header + 100, 104, 4);
    if (image->backing_format) {
        put_number(extension, 0xe2792aca, 4);
        put_number(extension + 4, strlen(image->backing_format), 4);
        memcpy(extension + 8, image->backing_format,
               strlen(image->backing_format));
    }
    if (image->backing) {
        put_number(header + 8, NAME_AT, 8);
        put_number(header + 16, strlen(image->backing), 4);
        memcpy(header + NAME_AT, image->backing, strlen(image->backing));
    }
}

#endif
