/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* USB devices in words, from any bytes; and devices with any bytes as serial
 * number, which are still found, and told from others. */
#include <stdlib.h>
#include <string.h>

#include <xtune/usb.h>

#include "base/util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static xtune_usb devices[] = {
    { .path = "1-1",
      .bus = 1,
      .address = 2,
      .vendor = "0951",
      .product = "1666",
      .serial = "60A44C" },
    { .path = "1-2.1",
      .bus = 1,
      .address = 10,
      .vendor = "0951",
      .product = "1666",
      .serial = "A,B" },
    { .path = "2-1",
      .bus = 2,
      .address = 2,
      .vendor = "046d",
      .product = "c31c" },
};

/* What is found is still found with its port besides. */
static void check_find(xtune_arena *arena, const xtune_host *host,
                       const char *text)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    const xtune_usb *found = NULL, *again;
    const int rc = xtune_usb_find(host, text, &found, &err);

    if (!rc != !err || !rc != !!found) abort();
    if (rc && rc != XTUNE_ERR_INVALID && rc != XTUNE_ERR_NOT_FOUND) abort();
    if (rc) return;
    text = xtune_arena_printf(arena, "%s,port=%s", text, found->path);
    if (xtune_usb_find(host, text, &again, NULL) || again != found) abort();
}

static void check_words(xtune_arena *arena, const char *text)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_usb usb;
    const int rc = xtune_usb_device_parse(arena, text, &usb, &err);

    if (!rc != !err || (rc && rc != XTUNE_ERR_INVALID)) abort();
    if (!rc && (!usb.nr_interfaces || strlen(usb.vendor) != 4 ||
                strlen(usb.product) != 4))
        abort();
}

/* The third device has this serial number. */
static void check_serial(xtune_arena *arena, xtune_host *host,
                         const char *serial)
{
    xtune_usb_identity identity;
    const xtune_usb *found;
    char uuid[37];

    if (!*serial || xtune_usb_identity_by(&devices[2], XTUNE_USB_BY_SERIAL,
                                          &identity, NULL))
        return;
    if (xtune_usb_resolve(host, &identity, &found, NULL) ||
        found != &devices[2])
        abort();
    xtune_usb_uuid(&identity, uuid);
    if (xtune_usb_find(host, xtune_arena_printf(arena, "uuid=%s", uuid),
                       &found, NULL) ||
        found != &devices[2])
        abort();
    if (*serial == '"' || strchr(serial, ',')) return;
    if (xtune_usb_find(
            host, xtune_arena_printf(arena, "046d:c31c,serial=%s", serial),
            &found, NULL) ||
        found != &devices[2])
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    xtune_arena *arena = xtune_arena_new();
    const char *text = xtune_arena_strndup(arena, (const char *)data,
                                           size > 4096 ? 4096 : size);
    xtune_host *host = xtune_host_new();

    host->usb = devices;
    host->nr_usb = XT_ARRAY_SIZE(devices);
    host->has_usb = true;
    devices[2].serial = text;
    check_find(arena, host, text);
    check_words(arena, text);
    check_serial(arena, host, text);
    devices[2].serial = NULL;
    xtune_host_free(host);
    xtune_arena_free(arena);
    return 0;
}
