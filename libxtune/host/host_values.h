/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Values of xtune/host/1 that several of its tables have; and how a row of a
 * table is written. Each reader is one of xt_field.read; each says what is
 * wrong where the value is not what it reads. */
#ifndef XT_HOST_VALUES_H
#define XT_HOST_VALUES_H

#include "host/host_fields.h"

#define FIELD(type, name, field_kind)                                         \
    .key = #name, .kind = XT_FIELD_##field_kind, .offset = offsetof(type, name)
#define CUSTOM(name, read_fn, print_fn)                                       \
    .key = name, .kind = XT_FIELD_CUSTOM, .read = read_fn, .print = print_fn
#define TYPE(type, name, table)                                               \
    {                                                                         \
        .key = name, .size = sizeof(type), .fields = table,                   \
        .nr_fields = XT_ARRAY_SIZE(table),                                    \
        .extra_offset = offsetof(type, extra_members)                         \
    }

/* Lists of strings that are NULL where they are not known. */
#define STRINGS(type, name)                                                   \
    static int read_##type##_##name(const xt_host_reader *reader,             \
                                    const xt_json *value,                     \
                                    const xt_place *place, void *object)      \
    {                                                                         \
        type *o = object;                                                     \
                                                                              \
        return xt_read_strings(reader, value, place, &o->name,                \
                               &o->nr_##name);                                \
    }                                                                         \
    static xt_json *print_##type##_##name(                                    \
        xtune_arena *arena, const xtune_host *host, const void *object)       \
    {                                                                         \
        const type *o = object;                                               \
                                                                              \
        (void)host;                                                           \
        if (!o->name) return NULL;                                            \
        return xt_json_strings(arena, o->name, o->nr_##name);                 \
    }

#define STRINGS_FIELD(type, name)                                             \
    CUSTOM(#name, read_##type##_##name, print_##type##_##name)

/* The same for lists of objects. */
#define OBJECTS(type, name, object_type)                                      \
    static int read_##type##_##name(const xt_host_reader *reader,             \
                                    const xt_json *value,                     \
                                    const xt_place *place, void *object)      \
    {                                                                         \
        type *o = object;                                                     \
                                                                              \
        return xt_host_list_read(reader, &object_type, value, place,          \
                                 &o->name, &o->nr_##name);                    \
    }                                                                         \
    static xt_json *print_##type##_##name(                                    \
        xtune_arena *arena, const xtune_host *host, const void *object)       \
    {                                                                         \
        const type *o = object;                                               \
                                                                              \
        if (!o->name) return NULL;                                            \
        return xt_host_list_to_json(arena, host, &object_type, o->name,       \
                                    o->nr_##name);                            \
    }

#define OBJECTS_FIELD(type, name)                                             \
    CUSTOM(#name, read_##type##_##name, print_##type##_##name)

/* XTUNE_ERR_INVALID where the value is no array. */
int xt_need_array(const xt_host_reader *reader, const xt_json *value,
                  const xt_place *place);

/* An array of strings; NULL where it is not there. */
int xt_read_strings(const xt_host_reader *reader, const xt_json *value,
                    const xt_place *place, const char ***strings_r,
                    size_t *nr_r);

/* One of nr words, as its number. */
int xt_read_word(const xt_host_reader *reader, const xt_json *value,
                 const xt_place *place, const char *const *words, size_t nr,
                 unsigned int *index_r);

/* A list of CPUs, which the host need not have; "all" where it is not there.
 */
int xt_read_mask(const xt_host_reader *reader, const xt_json *value,
                 const xt_place *place, xtune_set *set_r);

/* A list of the host's nodes; *has_r: it is there. */
int xt_read_nodes(const xt_host_reader *reader, const xt_json *value,
                  const xt_place *place, xtune_set *set_r, bool *has_r);

/* 16 bytes in hexadecimal, with dashes, as small letters. */
int xt_read_uuid(const xt_host_reader *reader, const xt_json *value,
                 const xt_place *place, char uuid_r[37]);

#define XT_NR_STATES 5

/* States of a domain, or the first two, which are a vCPU's. */
int xt_read_states(const xt_host_reader *reader, const xt_json *value,
                   const xt_place *place, size_t nr, unsigned int *state_r);
xt_json *xt_print_states(xtune_arena *arena, unsigned int state);

#endif
