/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Devices as records have them: those of a domain, and those of the host. */
#include <string.h>

#include <xtune/pci.h>

#include "base/util.h"
#include "host/attachment.h"
#include "host/pci_address.h"
#include "policy/record.h"

/* More functions than a guest's bus has. */
#define MAX_OF_DOMAIN 256u

#define MAX_PATH_LEN 1024

enum member_kind { TEXT, FLAG, NUMBER };

/* A member of a row. */
struct member {
    const char *name;
    enum member_kind kind;
    size_t offset;   /* in xtune_wanted_pci */
    unsigned int of; /* XT_PCI_OF_* */
    bool needed;
    bool (*is_valid)(const char *text); /* of TEXT */
    const char *form;                   /* what it accepts, for people */
    uint32_t min, max;                  /* of NUMBER */
};

/* Its root, and places below that: what is read is only compared. */
static bool is_path(const char *text)
{
    return !strncmp(text, "pci", 3) && strlen(text) <= MAX_PATH_LEN &&
           !text[3 + strspn(text + 3, "0123456789abcdef:./")];
}

static bool is_name(const char *text)
{
    return !xtune_pci_name_fault(text);
}

#define MEMBER(what) .name = #what, .offset = offsetof(xtune_wanted_pci, what)
#define BOTH (XT_PCI_OF_DOMAIN | XT_PCI_OF_HOST)

/* In the order in which they are written. */
static const struct member members[] = {
    { MEMBER(address), .of = BOTH, .needed = true,
      .is_valid = xt_pci_address_is_valid,
      .form = "an address as \"0000:04:00.0\"" },
    { MEMBER(vendor), .of = BOTH, .needed = true, .is_valid = xt_record_is_id,
      .form = XT_RECORD_ID_FORM },
    { MEMBER(device), .of = BOTH, .needed = true, .is_valid = xt_record_is_id,
      .form = XT_RECORD_ID_FORM },
    { MEMBER(subsystem_vendor), .of = BOTH, .is_valid = xt_record_is_id,
      .form = XT_RECORD_ID_FORM },
    { MEMBER(subsystem_device), .of = BOTH, .is_valid = xt_record_is_id,
      .form = XT_RECORD_ID_FORM },
    { MEMBER(path), .of = BOTH, .is_valid = is_path,
      .form = "a path as \"pci0000:00/1c.0/00.0\"" },
    { MEMBER(serial), .of = BOTH, .is_valid = xt_record_is_serial,
      .form = XT_RECORD_SERIAL_FORM },
    { MEMBER(slot), .kind = NUMBER, .of = XT_PCI_OF_DOMAIN, .min = 1,
      .max = XT_MAX_GUEST_SLOT },
    { MEMBER(msitranslate), .kind = FLAG, .of = XT_PCI_OF_DOMAIN },
    { MEMBER(power_mgmt), .kind = FLAG, .of = XT_PCI_OF_DOMAIN },
    { MEMBER(permissive), .kind = FLAG, .of = XT_PCI_OF_DOMAIN },
    { MEMBER(relaxed), .kind = FLAG, .of = XT_PCI_OF_DOMAIN },
    { MEMBER(assignable), .kind = FLAG, .of = XT_PCI_OF_HOST },
    { MEMBER(name), .of = XT_PCI_OF_HOST, .is_valid = is_name,
      .form = "up to 64 printable characters without a blank" },
    { MEMBER(vfs), .kind = NUMBER, .of = XT_PCI_OF_HOST, .max = 65535 },
    { MEMBER(vfs_assignable), .kind = FLAG, .of = XT_PCI_OF_HOST },
};

#define NR_MEMBERS XT_ARRAY_SIZE(members)

static void *place_of(xtune_wanted_pci *row, const struct member *member)
{
    return (char *)row + member->offset;
}

static const void *value_of(const xtune_wanted_pci *row,
                            const struct member *member)
{
    return (const char *)row + member->offset;
}

/* Reading. */

static int read_text(const xt_record_reader *r, const xt_json *json,
                     const struct member *member, xtune_wanted_pci *row)
{
    const char **text = place_of(row, member);
    int rc;

    rc = xt_record_text(r, json, member->name, text);
    if (rc || member->is_valid(*text)) return rc;
    return xt_record_refuse(r, xt_json_get(json, member->name),
                            "member \"%s\" is not %s", member->name,
                            member->form);
}

static int read_member(const xt_record_reader *r, const xt_json *json,
                       const struct member *member, xtune_wanted_pci *row)
{
    if (!member->needed && !xt_json_get(json, member->name)) return 0;
    switch (member->kind) {
    case NUMBER:
        return xt_record_number(r, json, member->name, member->min,
                                member->max, place_of(row, member));
    case FLAG:
        return xt_record_flag(r, json, member->name, place_of(row, member));
    default: return read_text(r, json, member, row);
    }
}

int xt_record_read_pci_row(const xt_record_reader *r, const xt_json *json,
                           unsigned int of, xtune_wanted_pci *row_r)
{
    const char *known[NR_MEMBERS];
    size_t i, nr = 0;
    int rc;

    if (json->type != XT_JSON_OBJECT)
        return xt_record_refuse(r, json,
                                "member \"pci\": no object in its array");
    for (i = 0; i < NR_MEMBERS; i++)
        if (members[i].of & of) known[nr++] = members[i].name;
    *row_r = XT_NO_PCI;
    row_r->source = xt_record_source(r, json);
    rc = xt_record_members(r, json, known, nr);
    for (i = 0; !rc && i < NR_MEMBERS; i++)
        if (members[i].of & of) rc = read_member(r, json, &members[i], row_r);
    return rc;
}

xtune_wanted_pci *xt_record_find_pci(xtune_wanted_pci *rows, size_t nr,
                                     const char *address)
{
    size_t i;

    for (i = 0; i < nr; i++)
        if (!strcmp(rows[i].address, address)) return &rows[i];
    return NULL;
}

static const xtune_wanted_pci *find_slot(const xtune_wanted_pci *rows,
                                         size_t nr, uint32_t slot)
{
    size_t i;

    for (i = 0; i < nr; i++)
        if (slot != XTUNE_NONE && rows[i].slot == slot) return &rows[i];
    return NULL;
}

int xt_record_check_slots(const xtune_wanted_pci *rows, size_t nr,
                          xtune_error **err)
{
    const xtune_wanted_pci *other;
    size_t i;

    for (i = 0; i < nr; i++) {
        other = find_slot(rows, i, rows[i].slot);
        if (other)
            return xtune_error_set(err, XTUNE_ERR_INVALID, 0, rows[i].address,
                                   "give it another slot, or none",
                                   "slot %x is kept for device \"%s\"",
                                   rows[i].slot, other->address);
    }
    return 0;
}

/* Those before it have neither its address nor its slot. */
static int check_among(const xt_record_reader *r, const xt_json *json,
                       const xtune_record *record, size_t nr)
{
    const xtune_wanted_pci *row = &record->pci[nr];
    const xtune_wanted_pci *other;

    if (xt_record_find_pci(record->pci, nr, row->address))
        return xt_record_refuse(r, json, "device \"%s\" is there twice",
                                row->address);
    other = find_slot(record->pci, nr, row->slot);
    if (!other) return 0;
    return xt_record_refuse(r, json, "slot %u is that of device \"%s\" too",
                            row->slot, other->address);
}

int xt_record_read_pci(const xt_record_reader *r, const xt_json *json,
                       xtune_record *record)
{
    const xt_json *rows;
    size_t i;
    int rc;

    rc = xt_record_rows(r, json, "pci", MAX_OF_DOMAIN, &rows);
    if (rc || !rows) return rc;
    record->pci =
        XTUNE_NEW_ARRAY(r->policy->arena, xtune_wanted_pci, rows->nr);
    record->nr_pci = rows->nr;
    for (i = 0; !rc && i < rows->nr; i++) {
        rc = xt_record_read_pci_row(r, rows->items[i], XT_PCI_OF_DOMAIN,
                                    &record->pci[i]);
        if (!rc) rc = check_among(r, rows->items[i], record, i);
    }
    return rc;
}

/* Writing. */

static void add_member(xtune_arena *arena, xt_json *json,
                       const struct member *member,
                       const xtune_wanted_pci *row)
{
    const void *value = value_of(row, member);

    if (member->kind == FLAG && *(const bool *)value)
        xt_json_add_bool(arena, json, member->name, true);
    if (member->kind == NUMBER && *(const uint32_t *)value != XTUNE_NONE)
        xt_json_add_u64(arena, json, member->name, *(const uint32_t *)value);
    if (member->kind == TEXT && *(const char *const *)value)
        xt_json_add_string(arena, json, member->name,
                           *(const char *const *)value);
}

xt_json *xt_record_pci_json(xtune_arena *arena, unsigned int of,
                            const xtune_wanted_pci *row)
{
    xt_json *json = xt_json_object(arena);
    size_t i;

    for (i = 0; i < NR_MEMBERS; i++)
        if (members[i].of & of) add_member(arena, json, &members[i], row);
    return json;
}
