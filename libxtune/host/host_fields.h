/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The members of xtune/host/1 as tables: one table an object, used for
 * reading and for printing, so that what is printed can be read.
 */
#ifndef XT_HOST_FIELDS_H
#define XT_HOST_FIELDS_H

#include <xtune/host.h>

#include "base/json.h"

enum xt_field_kind {
    XT_FIELD_STRING, /* const char *; NULL: not there */
    XT_FIELD_U32,    /* uint32_t; XTUNE_NONE: not there */
    XT_FIELD_U64,    /* uint64_t; UINT64_MAX: not there */
    XT_FIELD_BOOL,   /* bool; false where it is not there */
    XT_FIELD_CUSTOM, /* read and print below */
};

typedef struct xt_host_reader {
    xtune_host *host;
    const char *object; /* the file, for messages */
    xtune_error **err;
} xt_host_reader;

/* Where a value stands, for messages: "domains[3].vcpus[0].hard". */
typedef struct xt_place {
    const struct xt_place *up; /* NULL: the document */
    const char *key;           /* NULL: an element of an array */
    size_t index;
} xt_place;

typedef struct xt_field {
    const char *key;
    enum xt_field_kind kind;
    size_t offset;
    bool required; /* must be there, and not null */
    bool nullable; /* printed as null where it is not there */
    bool zero;     /* 0 or false where it is not there, and not printed then */
    uint64_t max;  /* of a number; 0: what its type holds */
    /* value is NULL where the member is not there or is null. */
    int (*read)(const xt_host_reader *reader, const xt_json *value,
                const xt_place *place, void *object);
    /* NULL: leave it out. */
    xt_json *(*print)(xtune_arena *arena, const xtune_host *host,
                      const void *object);
} xt_field;

typedef struct xt_object_type {
    const char *key; /* the member that holds the list of these */
    size_t size;
    const xt_field *fields;
    size_t nr_fields;
    size_t extra_offset; /* of extra_members */
} xt_object_type;

extern const xt_object_type xt_xen_type, xt_node_type, xt_cpu_type,
    xt_cpupool_type, xt_domain_type, xt_vcpu_type, xt_use_type, xt_pci_type,
    xt_boot_type, xt_usb_type, xt_usb_controller_type, xt_usb_rules_type,
    xt_machine_type, xt_dom0_type, xt_setup_type;

/* The JSON of one object in the arena. */
xt_json *xt_host_object_to_json(xtune_arena *arena, const xtune_host *host,
                                const xt_object_type *type,
                                const void *object);

/* The same for an array of nr objects. */
xt_json *xt_host_list_to_json(xtune_arena *arena, const xtune_host *host,
                              const xt_object_type *type, const void *objects,
                              size_t nr);

/* Reads one object. */
int xt_host_object_read(const xt_host_reader *reader,
                        const xt_object_type *type, const xt_json *json,
                        const xt_place *place, void *object);

/* Reads an array; a list that is not there is empty. */
int xt_host_list_read(const xt_host_reader *reader, const xt_object_type *type,
                      const xt_json *json, const xt_place *place,
                      void *objects_r, size_t *nr_r);

/* An error about a value: "file:line: place: message". */
int xt_host_read_error(const xt_host_reader *reader, const xt_json *json,
                       const xt_place *place, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

#endif
