/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* USB devices as records have them: those of a domain. */
#include <string.h>

#include "base/util.h"
#include "host/usb_device.h"
#include "policy/read.h"
#include "policy/record.h"
#include "usb/parts.h"

/* More than the ports that a guest's controllers are given by hand. */
#define MAX_OF_DOMAIN 256u

#define MAX_VERSION 3

/* "BOOT-ID/DOMID" */
#define BOOT_ID_LEN 36
#define MAX_DOMID 0x7fef

/* Which device. */

static int refuse_form(const xt_record_reader *r, const xt_json *json,
                       const char *key, const char *form)
{
    return xt_record_refuse(r, xt_json_get(json, key),
                            "member \"%s\" is not %s", key, form);
}

static bool is_port(const char *text)
{
    return xt_usb_path_is_valid(text, NULL);
}

/* A text that is there only where it is needed, or known. */
static int read_part(const xt_record_reader *r, const xt_json *json,
                     const char *key, bool needed,
                     bool (*is_valid)(const char *text), const char *form,
                     const char **text_r)
{
    int rc;

    if (!needed && !xt_json_get(json, key)) return 0;
    rc = xt_record_text(r, json, key, text_r);
    if (rc || is_valid(*text_r)) return rc;
    return refuse_form(r, json, key, form);
}

static int read_by(const xt_record_reader *r, const xt_json *json,
                   enum xtune_usb_by *by_r)
{
    const char *text;
    int rc = xt_record_text(r, json, "by", &text);

    if (rc || xtune_usb_by_read(text, by_r)) return rc;
    return refuse_form(r, json, "by", "\"serial\", \"port\" or \"both\"");
}

int xt_record_read_identity(const xt_record_reader *r, const xt_json *json,
                            xtune_usb_identity *identity_r)
{
    xtune_usb_identity id = { .vendor = NULL };
    int rc;

    rc = read_by(r, json, &id.by);
    if (!rc)
        rc = read_part(r, json, "vendor", true, xt_record_is_id,
                       XT_RECORD_ID_FORM, &id.vendor);
    if (!rc)
        rc = read_part(r, json, "product", true, xt_record_is_id,
                       XT_RECORD_ID_FORM, &id.product);
    if (!rc)
        rc = read_part(r, json, "serial", id.by != XTUNE_USB_BY_PORT,
                       xt_record_is_serial, XT_RECORD_SERIAL_FORM, &id.serial);
    if (!rc)
        rc = read_part(r, json, "port", id.by != XTUNE_USB_BY_SERIAL, is_port,
                       "a port as \"1-2.1\"", &id.port);
    *identity_r = id;
    return rc;
}

const char *xt_record_identity_fault(const xtune_usb_identity *identity)
{
    if (!identity->vendor || !xt_record_is_id(identity->vendor) ||
        !identity->product || !xt_record_is_id(identity->product))
        return "its vendor or product id is not known";
    if (identity->serial ? !xt_record_is_serial(identity->serial)
                         : identity->by != XTUNE_USB_BY_PORT)
        return "its serial number is not printable text";
    if (identity->port ? !is_port(identity->port)
                       : identity->by != XTUNE_USB_BY_SERIAL)
        return "its port is not known";
    return NULL;
}

void xt_record_add_identity(xtune_arena *arena, xt_json *json,
                            const xtune_usb_identity *identity)
{
    xt_json_add_string(arena, json, "by", xtune_usb_by_name(identity->by));
    xt_json_add_string(arena, json, "vendor", identity->vendor);
    xt_json_add_string(arena, json, "product", identity->product);
    if (identity->serial)
        xt_json_add_string(arena, json, "serial", identity->serial);
    if (identity->port)
        xt_json_add_string(arena, json, "port", identity->port);
}

/* Reading. */

static bool is_life(const char *text)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    uint64_t domid;

    return strlen(text) > BOOT_ID_LEN + 1 && text[BOOT_ID_LEN] == '/' &&
           xt_is_uuid(xtune_arena_strndup(arena, text, BOOT_ID_LEN)) &&
           xt_parse_u64(text + BOOT_ID_LEN + 1, 10, MAX_DOMID, &domid);
}

static int read_row(const xt_record_reader *r, const xt_json *json,
                    xtune_wanted_usb *row)
{
    static const char *const known[] = { XT_USB_IDENTITY_MEMBERS,
                                         "description", "version", "unplugged",
                                         "other_config" };
    int rc;

    if (json->type != XT_JSON_OBJECT)
        return xt_record_refuse(r, json,
                                "member \"usb\": no object in its array");
    *row = (xtune_wanted_usb){
        .source = xt_record_source(r, json),
        .version = XTUNE_NONE,
    };
    rc = xt_record_members(r, json, known, XT_ARRAY_SIZE(known));
    if (!rc) rc = xt_record_read_identity(r, json, &row->identity);
    if (!rc) rc = xt_record_line(r, json, "description", &row->description);
    if (!rc)
        rc = xt_record_number(r, json, "version", 1, MAX_VERSION,
                              &row->version);
    if (!rc)
        rc = read_part(r, json, "unplugged", false, is_life,
                       "the id of a boot and that of a domain as "
                       "\"UUID/7\"",
                       &row->unplugged);
    if (!rc)
        rc = xt_record_map(r, json, "other_config", &row->other_config,
                           &row->nr_other_config);
    return rc;
}

xtune_wanted_usb *xt_record_find_usb(xtune_wanted_usb *rows, size_t nr,
                                     const xtune_usb_identity *identity)
{
    size_t i;

    for (i = 0; i < nr; i++)
        if (xtune_usb_same_identity(&rows[i].identity, identity))
            return &rows[i];
    return NULL;
}

static int check_among(const xt_record_reader *r, const xt_json *json,
                       const xtune_record *record, size_t nr)
{
    const xtune_usb_identity *identity = &record->usb[nr].identity;

    if (!xt_record_find_usb(record->usb, nr, identity)) return 0;
    return xt_record_refuse(r, json, "device \"%s\" is there twice",
                            xt_usb_identity_text(r->arena, identity));
}

int xt_record_read_usb(const xt_record_reader *r, const xt_json *json,
                       xtune_record *record)
{
    const xt_json *rows;
    size_t i;
    int rc;

    rc = xt_record_rows(r, json, "usb", MAX_OF_DOMAIN, &rows);
    if (rc || !rows) return rc;
    record->usb =
        XTUNE_NEW_ARRAY(r->policy->arena, xtune_wanted_usb, rows->nr);
    record->nr_usb = rows->nr;
    for (i = 0; !rc && i < rows->nr; i++) {
        rc = read_row(r, rows->items[i], &record->usb[i]);
        if (!rc) rc = check_among(r, rows->items[i], record, i);
    }
    return rc;
}

/* Writing. */

int xt_record_check_usb(const xtune_policy *policy, const xtune_record *record,
                        const xtune_wanted_usb *wanted, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xtune_usb_identity *identity = &wanted->identity;
    const char *fault = xt_record_identity_fault(identity);
    char vusb[37];
    size_t i;

    if (!fault &&
        !xt_record_is_map(wanted->other_config, wanted->nr_other_config))
        fault = "its other-config is not lines of text of up to 1024 bytes";
    if (fault)
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0,
                               xt_usb_identity_text(arena, identity), NULL,
                               "it cannot be kept: %s", fault);
    for (i = 0; i < policy->nr_records; i++) {
        const xtune_record *other = &policy->records[i];

        if (other == record ||
            !xt_record_find_usb(other->usb, other->nr_usb, identity))
            continue;
        xtune_usb_vusb_uuid(identity, other->uuid, vusb);
        return xtune_error_set(
            err, XTUNE_ERR_REFUSED, 0, xt_usb_identity_text(arena, identity),
            xtune_arena_printf(arena,
                               "take it from there first, by \"xltune "
                               "vusb-destroy uuid=%s\"",
                               vusb),
            "it is kept for domain \"%s\"",
            *other->name ? other->name : other->uuid);
    }
    return 0;
}

xt_json *xt_record_usb_json(xtune_arena *arena, const xtune_wanted_usb *row)
{
    xt_json *json = xt_json_object(arena);

    xt_record_add_identity(arena, json, &row->identity);
    /* Another one would not be read again, and is for people only. */
    if (row->description && xt_record_is_line(row->description))
        xt_json_add_string(arena, json, "description", row->description);
    if (row->version != XTUNE_NONE)
        xt_json_add_u64(arena, json, "version", row->version);
    if (row->unplugged)
        xt_json_add_string(arena, json, "unplugged", row->unplugged);
    xt_record_add_map(arena, json, "other_config", row->other_config,
                      row->nr_other_config);
    return json;
}
