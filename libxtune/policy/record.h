/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Records as files: what reading and writing them share. */
#ifndef XT_POLICY_RECORD_H
#define XT_POLICY_RECORD_H

#include <xtune/record.h>

#include "base/json.h"
#include "host/parameters.h"

#define XT_RECORD_SCHEMA "xtune/record/1"
#define XT_POOLS_SCHEMA "xtune/pools/1"
#define XT_DEVICES_SCHEMA "xtune/devices/1"
#define XT_USB_SCHEMA "xtune/usb/1"

/* Far more than any domain needs. */
#define XT_RECORD_MAX_BYTES (1u << 20)

/* The folder of the records, in the arena. */
const char *xt_record_dir(const xtune_state *state, xtune_arena *arena);

/*
 * Adds one record from memory to a policy. file is its path, whose last part
 * is "UUID.json". Errors as of xtune_records_read().
 */
int xt_record_read_memory(const char *text, size_t len, const char *file,
                          xtune_policy *policy, xtune_error **err);

/* The same for what pools were given; no pool stands in it twice. */
int xt_pools_read_memory(const char *text, size_t len, const char *file,
                         xtune_policy *policy, xtune_error **err);

/* Adds what pools were given; no file is no error. */
int xt_pools_read(const xtune_state *state, xtune_policy *policy,
                  xtune_error **err);

/* The same for the host's devices, which are then by address. */
int xt_devices_read_memory(const char *text, size_t len, const char *file,
                           xtune_policy *policy, xtune_error **err);
int xt_devices_read(const xtune_state *state, xtune_policy *policy,
                    xtune_error **err);

/* The same for what was said of USB devices, in the order of the file. */
int xt_usb_groups_read_memory(const char *text, size_t len, const char *file,
                              xtune_policy *policy, xtune_error **err);
int xt_usb_groups_read(const xtune_state *state, xtune_policy *policy,
                       xtune_error **err);

/* Reads a file of the state directory; *text_r NULL: there is none. */
int xt_record_read_file(xtune_arena *arena, const char *path, char **text_r,
                        size_t *len_r, xtune_error **err);

/* Removes a file of records; none is no error. */
int xt_record_remove(const char *path, xtune_error **err);

/* Whether text would be read again from there. */
int xt_record_check_text(const char *text, const char *file,
                         xtune_error **err);

/* Whether a name stands in one line of printable text. */
bool xt_record_name_is_plain(const char *name);

/* What reading any of them takes. */
typedef struct xt_record_reader {
    xtune_arena *arena; /* for what is needed while reading only */
    xtune_policy *policy;
    const char *file; /* in the policy's arena */
    xtune_error **err;
} xt_record_reader;

/* Reads all that one file says. Where it fails the policy's lists are as they
 * were before. */
typedef int xt_record_read_fn(const xt_record_reader *r, const xt_json *json);

/* Parses text, and has it read. */
int xt_record_take(const char *text, size_t len, const char *file,
                   xt_record_read_fn *read, xtune_policy *policy,
                   xtune_error **err);

/* The same for a file of the state directory; none is no error. */
int xt_record_load(const char *path, xt_record_read_fn *read,
                   xtune_policy *policy, xtune_error **err);

/* Whether it would be read again: what would not be must not be written. */
int xt_record_check_readable(const char *text, const char *path,
                             xt_record_read_fn *read, xtune_error **err);

/* Writes such a file whole, if it would be read again. */
int xt_record_store(const xtune_state *state, const char *path,
                    const char *text, xt_record_read_fn *read,
                    xtune_error **err);

xtune_source xt_record_source(const xt_record_reader *r, const xt_json *json);

/* XTUNE_ERR_INVALID with "file:line". */
int xt_record_refuse(const xt_record_reader *r, const xt_json *where,
                     const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Nothing but these members; and "schema" as it is to be. */
int xt_record_members(const xt_record_reader *r, const xt_json *json,
                      const char *const *known, size_t nr);
int xt_record_schema(const xt_record_reader *r, const xt_json *json,
                     const char *schema);

/* The rows of an array, if it is there; else NULL. */
int xt_record_rows(const xt_record_reader *r, const xt_json *json,
                   const char *key, unsigned int max, const xt_json **rows_r);

/* A text that must be there, in the policy's arena. */
int xt_record_text(const xt_record_reader *r, const xt_json *json,
                   const char *key, const char **text_r);

/* True or false, if it is there. */
int xt_record_flag(const xt_record_reader *r, const xt_json *json,
                   const char *key, bool *flag_r);

/* A whole number from min to max, if it is there. */
int xt_record_number(const xt_record_reader *r, const xt_json *json,
                     const char *key, uint32_t min, uint32_t max,
                     uint32_t *number_r);

/* Of devices. */
#define XT_RECORD_ID_FORM "four hexadecimal digits in small letters"
#define XT_RECORD_SERIAL_FORM "up to 1024 bytes of printable text"
bool xt_record_is_id(const char *text);
bool xt_record_is_serial(const char *text);

/* A parameter, if it is there, into the structure that has it. */
int xt_record_parameter(const xt_record_reader *r, const xt_json *json,
                        enum xt_parameter_id id, void *scheduling);
/* The other way round, where it is written. */
void xt_record_add_parameter(xtune_arena *arena, xt_json *json,
                             enum xt_parameter_id id, const void *scheduling);

/* Devices: rows of a domain, which say how it has one, or of the host. */
enum { XT_PCI_OF_DOMAIN = 1 << 0, XT_PCI_OF_HOST = 1 << 1 };

#define XT_NO_PCI ((xtune_wanted_pci){ .slot = XTUNE_NONE, .vfs = XTUNE_NONE })

int xt_record_read_pci_row(const xt_record_reader *r, const xt_json *json,
                           unsigned int of, xtune_wanted_pci *row_r);
xt_json *xt_record_pci_json(xtune_arena *arena, unsigned int of,
                            const xtune_wanted_pci *row);

/* Those of a domain, none twice. */
int xt_record_read_pci(const xt_record_reader *r, const xt_json *json,
                       xtune_record *record);

/* NULL: it is not among them. */
xtune_wanted_pci *xt_record_find_pci(xtune_wanted_pci *rows, size_t nr,
                                     const char *address);

/* No two of them are to have one slot of the guest: XTUNE_ERR_INVALID. */
int xt_record_check_slots(const xtune_wanted_pci *rows, size_t nr,
                          xtune_error **err);

/* record_holders.c: no device is in the records of two domains:
 * XTUNE_ERR_INVALID names both. */
int xt_record_check_holders(const xtune_policy *policy, xtune_error **err);

/* USB devices of a domain, none twice. */
int xt_record_read_usb(const xt_record_reader *r, const xt_json *json,
                       xtune_record *record);
xt_json *xt_record_usb_json(xtune_arena *arena, const xtune_wanted_usb *row);

/* NULL: it is not among them. */
xtune_wanted_usb *xt_record_find_usb(xtune_wanted_usb *rows, size_t nr,
                                     const xtune_usb_identity *identity);

/* Whether a row can be written into this record (NULL: a new one) of the
 * policy. XTUNE_ERR_REFUSED where another one has the device. */
int xt_record_check_usb(const xtune_policy *policy, const xtune_record *record,
                        const xtune_wanted_usb *wanted, xtune_error **err);

/* Which device a row is about: "by", "vendor", "product", "serial", "port", as
 * XT_USB_IDENTITY_MEMBERS lists them for xt_record_members(). */
#define XT_USB_IDENTITY_MEMBERS "by", "vendor", "product", "serial", "port"
int xt_record_read_identity(const xt_record_reader *r, const xt_json *json,
                            xtune_usb_identity *identity_r);
/* What would not be read again of it, in words; NULL: nothing. */
const char *xt_record_identity_fault(const xtune_usb_identity *identity);
void xt_record_add_identity(xtune_arena *arena, xt_json *json,
                            const xtune_usb_identity *identity);

/* Lines of text by name, if they are there: names, each followed by what is
 * there under it. */
int xt_record_map(const xt_record_reader *r, const xt_json *json,
                  const char *key, const char ***items_r, size_t *nr_r);
void xt_record_add_map(xtune_arena *arena, xt_json *json, const char *key,
                       const char *const *items, size_t nr);
/* Whether they would be read again. */
bool xt_record_is_map(const char *const *items, size_t nr);

/* A text of people: one line of it, up to 1024 bytes. */
bool xt_record_is_line(const char *text);
/* The same, if it is there. */
int xt_record_line(const xt_record_reader *r, const xt_json *json,
                   const char *key, const char **text_r);

/* What a record says, by vCPU, while it is written over. */
typedef struct xt_kept xt_kept;

/* What this one says; nothing where it is NULL. XTUNE_ERR_INVALID for a list
 * that is none. */
int xt_kept_new(xtune_arena *arena, const xtune_record *record,
                xt_kept **kept_r, xtune_error **err);

/* Later ones over earlier ones; XTUNE_ERR_INVALID for a list that is none. */
int xt_kept_add_affinity(xt_kept *kept, const xtune_wanted_affinity *wanted,
                         xtune_error **err);
int xt_kept_add_scheduling(xt_kept *kept,
                           const xtune_wanted_scheduling *wanted,
                           xtune_error **err);
/* What would not be read again is XTUNE_ERR_INVALID. */
int xt_kept_check(const xt_kept *kept, xtune_error **err);

void xt_kept_set_cpupool(xt_kept *kept, const char *pool);
void xt_kept_forget_affinity(xt_kept *kept);

/* At the end, or over what is kept of it. */
void xt_kept_set_pci(xt_kept *kept, const xtune_wanted_pci *wanted);
/* Whether it was there. */
bool xt_kept_forget_pci(xt_kept *kept, const char *address);

/* The same for USB devices. */
void xt_kept_set_usb(xt_kept *kept, const xtune_wanted_usb *wanted);
bool xt_kept_forget_usb(xt_kept *kept, const xtune_usb_identity *identity);

bool xt_kept_is_empty(const xt_kept *kept);

/* The canonical text: rows by their first vCPU, none twice. The caller frees
 * it; kept is done with. */
char *xt_kept_text(xt_kept *kept, const char *uuid, const char *name);

#endif
