/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Tells those who make packages what is loaded at run time: a note that
 * readelf -n shows (the UAPI group's "ELF dlopen metadata").
 */
#ifndef XT_DLOPEN_NOTE_H
#define XT_DLOPEN_NOTE_H

#include <stdint.h>

#define XT_DLOPEN_JSON(feature, priority, description, soname)                \
    "[{\"feature\":\"" feature "\",\"priority\":\"" priority "\","            \
    "\"description\":\"" description "\",\"soname\":[\"" soname "\"]}]"

/* Defines the object name, which is the note. */
#define XT_DLOPEN_NOTE(name, feature, priority, description, soname)          \
    static const struct {                                                     \
        uint32_t name_size, text_size, type;                                  \
        char owner[4];                                                        \
        char text[sizeof(                                                     \
            XT_DLOPEN_JSON(feature, priority, description, soname))];         \
    } name __attribute__((used, aligned(4), section(".note.dlopen"))) = {     \
        sizeof("FDO"),                                                        \
        sizeof(XT_DLOPEN_JSON(feature, priority, description, soname)),       \
        0x407c0c0a,                                                           \
        "FDO",                                                                \
        XT_DLOPEN_JSON(feature, priority, description, soname),               \
    }

#endif
