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

#define XT_NR_STATES 5

/* States of a domain, or the first two, which are a vCPU's. */
int xt_read_states(const xt_host_reader *reader, const xt_json *value,
                   const xt_place *place, size_t nr, unsigned int *state_r);
xt_json *xt_print_states(xtune_arena *arena, unsigned int state);

#endif
