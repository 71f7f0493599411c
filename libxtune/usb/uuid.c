/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Uuids that are derived from what they are of. What is hashed is the kind of
 * object and its fields, each with a zero byte behind it: none holds one, so
 * that no serial number, whatever is in it, can pass for that of another.
 */
#include <ctype.h>
#include <string.h>

#include <uuid/uuid.h>

#include <xtune/usb.h>

#include "base/util.h"

/* 3754b347-7fed-4337-a175-43ceef00a854, and never another one: what was
 * written down by uuid would be lost. */
static const uuid_t name_space = {
    0x37, 0x54, 0xb3, 0x47, 0x7f, 0xed, 0x43, 0x37,
    0xa1, 0x75, 0x43, 0xce, 0xef, 0x00, 0xa8, 0x54,
};

#define MAX_FIELDS 6

typedef struct hashed {
    const char *fields[MAX_FIELDS];
    size_t nr;
} hashed;

static void add(hashed *name, const char *field)
{
    name->fields[name->nr++] = field ? field : "";
}

static hashed name_of(const char *kind, const xtune_usb_identity *identity)
{
    hashed name = { .nr = 0 };

    add(&name, kind);
    add(&name, xtune_usb_by_name(identity->by));
    add(&name, identity->vendor);
    add(&name, identity->product);
    if (identity->by != XTUNE_USB_BY_PORT) add(&name, identity->serial);
    if (identity->by != XTUNE_USB_BY_SERIAL) add(&name, identity->port);
    return name;
}

static void make_uuid(const hashed *name, const char *vm, char uuid_r[37])
{
    size_t len = vm ? strlen(vm) + 1 : 0, i;
    XT_CLEANUP_FREE char *bytes = NULL;
    uuid_t uuid;
    char *p;

    for (i = 0; i < name->nr; i++)
        len += strlen(name->fields[i]) + 1;
    p = bytes = xt_xrealloc(NULL, len, 1);
    for (i = 0; i < name->nr; i++)
        p = stpcpy(p, name->fields[i]) + 1;
    for (; vm && *vm; vm++)
        *p++ = (char)tolower((unsigned char)*vm);
    if (vm) *p = '\0';
    uuid_generate_sha1(uuid, name_space, bytes, len);
    uuid_unparse_lower(uuid, uuid_r);
}

void xtune_usb_uuid(const xtune_usb_identity *identity, char uuid_r[37])
{
    const hashed name = name_of("PUSB", identity);

    make_uuid(&name, NULL, uuid_r);
}

void xtune_usb_group_uuid(const xtune_usb_identity *identity, char uuid_r[37])
{
    const hashed name = name_of("USB_group", identity);

    make_uuid(&name, NULL, uuid_r);
}

void xtune_usb_vusb_uuid(const xtune_usb_identity *identity, const char *vm,
                         char uuid_r[37])
{
    const hashed name = name_of("VUSB", identity);

    make_uuid(&name, vm, uuid_r);
}
