/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Objects as XAPI's command line, xe, shows them, and the words that it takes.
 *
 * An object is a record of fields, which are those of its class, always in the
 * same order. Words are "field=value"; what has no "=" has no value.
 *
 * Sources: ocaml/xapi-cli-server of xen-api.git: cli_printer.ml,
 * cli_operations.ml, cli_frontend.ml, records.ml.
 */
#ifndef XTUNE_XE_H
#define XTUNE_XE_H

#include <stdbool.h>
#include <stddef.h>

#include <xtune/arena.h>
#include <xtune/error.h>
#include <xtune/host.h>
#include <xtune/policy.h>
#include <xtune/usb.h>

enum xtune_xe_type {
    XTUNE_XE_TEXT,
    XTUNE_XE_FLAG, /* "true", "false" */
    XTUNE_XE_SET,
    XTUNE_XE_MAP,
};

typedef struct xtune_xe_field {
    const char *name;
    enum xtune_xe_type type;
    bool writable;
} xtune_xe_field;

typedef struct xtune_xe_class {
    const char *name; /* "pusb" */
    const char *type; /* "PUSB", which errors are about */
    const xtune_xe_field *fields;
    size_t nr_fields;
    const char *const *listed; /* what a list shows of them; NULL at the end */
} xtune_xe_class;

typedef struct xtune_xe_value {
    const char *text;         /* of TEXT and FLAG */
    const char *const *items; /* members; of MAP a key and its value, by turns
                               */
    size_t nr_items;
} xtune_xe_value;

typedef struct xtune_xe_record {
    const xtune_xe_value *values; /* by the fields of the class */
} xtune_xe_record;

/* Words. */

typedef struct xtune_xe_words {
    const char **keys, **values;
    size_t nr;
} xtune_xe_words;

/* Takes words apart; in the arena. */
xtune_xe_words xtune_xe_parse(xtune_arena *arena, char *const *texts,
                              size_t nr);

/* The value of the first word with this key; NULL. */
const char *xtune_xe_word(const xtune_xe_words *words, const char *key);

/* The same; XTUNE_ERR_INVALID where there is none. */
int xtune_xe_need(const xtune_xe_words *words, const char *key,
                  const char **value_r, xtune_error **err);

/* XTUNE_ERR_INVALID for a word that is none of these, and for one that is
 * there twice. keys ends with NULL. */
int xtune_xe_only(const xtune_xe_words *words, const char *const *keys,
                  xtune_error **err);

/* Lists. */

typedef struct xtune_xe_list {
    const xtune_xe_class *class;
    const bool *shown; /* by field */
    const xtune_xe_record *records;
    size_t nr_records;
    const char *unknown; /* a name that was asked for, which the class has
                            not; NULL */
} xtune_xe_list;

/*
 * Of records, those that all words fit: "field=value", "set:contains=value"
 * and "map:key=value", each also with "-" for ":". Their fields are those that
 * "params=a,b,c" names, or "params=all", else those that the class lists.
 * XTUNE_ERR_INVALID for a filter by a field that the class has not.
 */
int xtune_xe_select(xtune_arena *arena, const xtune_xe_class *class,
                    const xtune_xe_record *records, size_t nr,
                    const xtune_xe_words *words, xtune_xe_list *list_r,
                    xtune_error **err);

/* All fields of one record. */
xtune_xe_list xtune_xe_whole(xtune_arena *arena, const xtune_xe_class *class,
                             const xtune_xe_record *record);

/* The record with this uuid, which is the first field of each, in either case;
 * XTUNE_ERR_NOT_FOUND. */
int xtune_xe_find(const xtune_xe_class *class, const xtune_xe_record *records,
                  size_t nr, const char *uuid,
                  const xtune_xe_record **record_r, xtune_error **err);

/* As xe prints it, what would steer a terminal made harmless. The caller frees
 * it, as all texts below. */
char *xtune_xe_print(const xtune_xe_list *list);

/* The first field of each alone, with commas between them. */
char *xtune_xe_print_minimal(const xtune_xe_list *list);

/* {"schema": "xtune/xe/1", "class": "pusb", "objects": [{"uuid": ...}]} */
char *xtune_xe_print_json(const xtune_xe_list *list);

/* One field. */

/* The text of "param-name=field", or, with "param-key=key", what a map has
 * there. XTUNE_ERR_INVALID for a field that the class has not,
 * XTUNE_ERR_NOT_FOUND for a key that the map has not. */
int xtune_xe_get(xtune_arena *arena, const xtune_xe_class *class,
                 const xtune_xe_record *record, const xtune_xe_words *words,
                 const char **text_r, xtune_error **err);

/* A text alone in its line, as xe prints it. */
char *xtune_xe_print_text(const char *text, bool minimal);

/* The field that a word sets, by its place in the class; *map_key_r: of a map,
 * the key, else NULL. XTUNE_ERR_INVALID for one that cannot be set. */
int xtune_xe_settable(const xtune_xe_class *class, const char *key,
                      size_t *field_r, const char **map_key_r,
                      xtune_error **err);

/* The map that "param-name=" names, of which a key can be removed, by its
 * place in the class. XTUNE_ERR_INVALID for another field. */
int xtune_xe_removable(const xtune_xe_class *class, const char *name,
                       size_t *field_r, xtune_error **err);

/* The same of what keys can be added to. */
int xtune_xe_addable(const xtune_xe_class *class, const char *name,
                     size_t *field_r, xtune_error **err);

/* The same of what can be made empty: texts that can be set, and maps. */
int xtune_xe_clearable(const xtune_xe_class *class, const char *name,
                       size_t *field_r, xtune_error **err);

/* A map with this under a key, in place of what was there; value NULL: without
 * the key. In the arena; XTUNE_ERR_NOT_FOUND where it has no key to be
 * removed.
 */
int xtune_xe_put(xtune_arena *arena, const char ***items, size_t *nr,
                 const char *key, const char *value, xtune_error **err);

/* XTUNE_ERR_INVALID for what is neither "true" nor "false". */
int xtune_xe_flag(const char *key, const char *text, bool *flag_r,
                  xtune_error **err);

/*
 * USB devices as XAPI has them. A PUSB is a device that is plugged in and that
 * the usb-policy allows; each has a group of its own, which is there as well
 * for what is only written down. A VUSB is a device of a domain's record.
 */

#define XTUNE_XE_MAX_VUSBS 6 /* of a domain */

typedef struct xtune_xe_usb {
    xtune_usb_identity identity; /* as it is written down, else its own */
    char uuid[37], group_uuid[37];
    const xtune_usb *usb;           /* NULL: it is not plugged in */
    bool allowed;                   /* by the usb-policy */
    const xtune_usb_group *written; /* NULL: nothing */
} xtune_xe_usb;

typedef struct xtune_xe_vusb {
    char uuid[37];
    const xtune_record *record;
    const xtune_wanted_usb *wanted;
    const xtune_xe_usb *usb;
    const xtune_domain *domain; /* NULL: it does not run */
    bool attached;
} xtune_xe_vusb;

typedef struct xtune_xe_usbs {
    const xtune_host *host;
    const xtune_xe_usb **usbs; /* those that are plugged in first, by path */
    size_t nr_usbs;
    const xtune_xe_vusb *vusbs; /* in the order of records and rows */
    size_t nr_vusbs;
} xtune_xe_usbs;

/* rules NULL: the usb-policy cannot be read, which denies all. In the arena;
 * it points into host and policy. */
xtune_xe_usbs xtune_xe_usbs_of(xtune_arena *arena, const xtune_host *host,
                               const xtune_policy *policy,
                               const xtune_usb_policy *rules);

/* By uuid, in either case; XTUNE_ERR_NOT_FOUND. */
int xtune_xe_find_pusb(const xtune_xe_usbs *all, const char *uuid,
                       const xtune_xe_usb **usb_r, xtune_error **err);
int xtune_xe_find_usb_group(const xtune_xe_usbs *all, const char *uuid,
                            const xtune_xe_usb **usb_r, xtune_error **err);
int xtune_xe_find_vusb(const xtune_xe_usbs *all, const char *uuid,
                       const xtune_xe_vusb **vusb_r, xtune_error **err);

/* The VUSB of a device; NULL. */
const xtune_xe_vusb *xtune_xe_vusb_of(const xtune_xe_usbs *all,
                                      const xtune_xe_usb *usb);

/* As records of their classes; *nr_r of them, in the arena. */
extern const xtune_xe_class xtune_xe_pusb_class, xtune_xe_usb_group_class,
    xtune_xe_vusb_class;
const xtune_xe_record *xtune_xe_pusb_records(xtune_arena *arena,
                                             const xtune_xe_usbs *all,
                                             size_t *nr_r);
const xtune_xe_record *xtune_xe_usb_group_records(xtune_arena *arena,
                                                  const xtune_xe_usbs *all,
                                                  size_t *nr_r);
const xtune_xe_record *xtune_xe_vusb_records(xtune_arena *arena,
                                             const xtune_xe_usbs *all,
                                             size_t *nr_r);

#endif
