/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which device some words mean. */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/util.h"
#include "host/findings.h"
#include "host/usb_device.h"
#include "usb/parts.h"
#include "usb/policy.h"

static const char hint[] =
    "give its port (1-2.1), its ids (0951:1666), or some of serial=, port=, "
    "uuid=, hostbus= and hostaddr= with commas between them";

bool xtune_usb_is_hub(const xtune_usb *usb)
{
    size_t i;

    for (i = 0; i < usb->nr_interfaces; i++)
        if (usb->interfaces[i].class_code == XTUNE_USB_CLASS_HUB) return true;
    return usb->class_code == XTUNE_USB_CLASS_HUB;
}

const xtune_usb *xtune_host_usb(const xtune_host *host, const char *path)
{
    size_t i;

    for (i = 0; i < host->nr_usb; i++)
        if (!strcmp(host->usb[i].path, path)) return &host->usb[i];
    return NULL;
}

static bool is_path(const char *text)
{
    return xt_usb_path_is_valid(text, NULL);
}

static bool is_ids(const char *text)
{
    size_t i;

    for (i = 0; i < 9; i++)
        if (i == 4 ? text[i] != ':' : !isxdigit((unsigned char)text[i]))
            return false;
    return !text[9];
}

static bool is_uuid(const char *text)
{
    size_t i;

    for (i = 0; i < 36; i++)
        if (i == 8 || i == 13 || i == 18 || i == 23
                ? text[i] != '-'
                : !isxdigit((unsigned char)text[i]))
            return false;
    return !text[36];
}

static bool is_number(const char *text)
{
    uint64_t number;

    return xt_parse_u64(text, 10, UINT32_MAX - 1, &number);
}

static bool is_not_empty(const char *text)
{
    return *text;
}

static bool has_path(const xtune_usb *usb, const char *text)
{
    return !strcmp(usb->path, text);
}

static bool has_ids(const xtune_usb *usb, const char *text)
{
    return usb->vendor && usb->product && !strncasecmp(usb->vendor, text, 4) &&
           !strcasecmp(usb->product, text + 5);
}

static bool has_serial(const xtune_usb *usb, const char *text)
{
    return usb->serial && !strcmp(usb->serial, text);
}

static bool has_number(uint32_t value, const char *text)
{
    uint64_t number;

    return xt_parse_u64(text, 10, UINT32_MAX - 1, &number) && value == number;
}

static bool has_bus(const xtune_usb *usb, const char *text)
{
    return has_number(usb->bus, text);
}

static bool has_address(const xtune_usb *usb, const char *text)
{
    return has_number(usb->address, text);
}

/* By whatever it may be known by: what was asked for is not known here. */
static bool has_uuid(const xtune_usb *usb, const char *text)
{
    static const enum xtune_usb_by ways[] = {
        XTUNE_USB_BY_SERIAL,
        XTUNE_USB_BY_PORT,
        XTUNE_USB_BY_BOTH,
    };
    xtune_usb_identity identity;
    char uuid[37];
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(ways); i++) {
        if (xtune_usb_identity_by(usb, ways[i], &identity, NULL)) continue;
        xtune_usb_uuid(&identity, uuid);
        if (!strcasecmp(uuid, text)) return true;
        xtune_usb_group_uuid(&identity, uuid);
        if (!strcasecmp(uuid, text)) return true;
    }
    return false;
}

/* The ways to say it. */
static const struct way {
    const char *key; /* "": by the value alone */
    bool (*is)(const char *text);
    bool (*fits)(const xtune_usb *usb, const char *text);
    const char *what;
} ways_to_say[] = {
    { "", is_path, has_path, NULL },
    { "", is_ids, has_ids, NULL },
    { "port=", is_path, has_path, "a port" },
    { "serial=", is_not_empty, has_serial, "a serial number" },
    { "uuid=", is_uuid, has_uuid, "a uuid" },
    { "hostbus=", is_number, has_bus, "a decimal number" },
    { "hostaddr=", is_number, has_address, "a decimal number" },
};

/* One word, taken apart. */
typedef struct word {
    const struct way *way;
    const char *value;
} word;

/* Up to the next comma, or, as in the usb-policy, in double quotes. NULL: the
 * value is right, and *text is behind it. */
static const char *take_value(xtune_arena *arena, const char **text,
                              const char **value_r)
{
    xt_usb_scan scan = { *text, *text + strlen(*text) };
    const size_t len = strcspn(*text, ",");
    const char *why;

    if (**text != '"') {
        *value_r = xtune_arena_strndup(arena, *text, len);
        *text += len;
        return NULL;
    }
    why = xt_usb_scan_value(&scan, arena, NULL, value_r);
    if (why) return why;
    *text = scan.at;
    return !**text || **text == ',' ? NULL : "more comes behind the quotes";
}

static int read_word(xtune_arena *arena, const char *words, const char **text,
                     word *word_r, xtune_error **err)
{
    const int len = (int)strcspn(*text, ",");
    const struct way *way;
    const char *start = *text, *why;
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(ways_to_say); i++) {
        way = &ways_to_say[i];
        if (strncmp(start, way->key, strlen(way->key)) != 0) continue;
        *text = start + strlen(way->key);
        why = take_value(arena, text, &word_r->value);
        word_r->way = way;
        if (!why && way->is(word_r->value)) return 0;
        if (*way->key)
            return xtune_error_set(err, XTUNE_ERR_INVALID, 0, words, hint,
                                   "\"%.*s\": %s comes behind \"%s\"%s%s", len,
                                   start, way->what, way->key, why ? ": " : "",
                                   why ? why : "");
    }
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, words, hint,
                           "\"%.*s\" says nothing of a USB device", len,
                           start);
}

static int read_words(xtune_arena *arena, const char *words, word **words_r,
                      size_t *nr_r, xtune_error **err)
{
    const char *text = words;
    int rc;

    *words_r = NULL;
    *nr_r = 0;
    for (;; text++) {
        *words_r = xtune_arena_grow(arena, *words_r, *nr_r, sizeof(**words_r));
        rc = read_word(arena, words, &text, &(*words_r)[*nr_r], err);
        if (rc) return rc;
        (*nr_r)++;
        if (!*text) return 0;
    }
}

static bool fits(const xtune_usb *usb, const word *words, size_t nr)
{
    size_t i;

    for (i = 0; i < nr; i++)
        if (!words[i].way->fits(usb, words[i].value)) return false;
    return true;
}

static int none_fits(const xtune_host *host, const char *words,
                     xtune_error **err)
{
    return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, ENODEV, words,
                           "\"xltune usb-show\" lists all devices", "%s",
                           host->has_usb
                               ? "no such USB device is plugged in"
                               : "the host's USB devices are not known");
}

int xtune_usb_find(const xtune_host *host, const char *words,
                   const xtune_usb **usb_r, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char **paths = XTUNE_NEW_ARRAY(arena, const char *, host->nr_usb);
    size_t i, nr_parts, nr = 0;
    const xtune_usb *found = NULL;
    word *parts;
    int rc;

    rc = read_words(arena, words, &parts, &nr_parts, err);
    if (rc) return rc;
    for (i = 0; i < host->nr_usb; i++) {
        if (!fits(&host->usb[i], parts, nr_parts)) continue;
        found = &host->usb[i];
        paths[nr++] = found->path;
    }
    if (!found) return none_fits(host, words, err);
    if (nr > 1)
        return xtune_error_set(
            err, XTUNE_ERR_INVALID, 0, words,
            "say which with port=", "it may be any of %zu devices: %s", nr,
            xt_findings_words(arena, paths, nr));
    *usb_r = found;
    return 0;
}
