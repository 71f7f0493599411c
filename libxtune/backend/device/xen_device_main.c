/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xltune-device: arguments, and the domain that is meant. */
#include "backend/device/device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"

static const char usage[] =
    "usage: xltune-device pci-attach DOMID UUID ADDRESS SLOT FUNCTION "
    "[OPTION...]\n"
    "       xltune-device pci-detach DOMID UUID ADDRESS [force]\n"
    "       xltune-device usbctrl-attach DOMID UUID ID TYPE VERSION PORTS\n"
    "       xltune-device usbctrl-detach DOMID UUID ID\n"
    "       xltune-device usbdev-attach DOMID UUID BUS ADDRESS CONTROLLER "
    "PORT\n"
    "       xltune-device usbdev-detach DOMID UUID PATH CONTROLLER PORT\n"
    "\n"
    "A part of xltune, which starts it: see xltune(8).\n";

/* Arguments after DOMID and UUID. */
static const struct {
    const char *name;
    size_t min, max;
    int (*run)(device *d, char **args, size_t nr, xtune_error **err);
} commands[] = {
    { "pci-attach", 3, 7, device_pci_attach },
    { "pci-detach", 1, 2, device_pci_detach },
    { "usbctrl-attach", 4, 4, device_usbctrl_attach },
    { "usbctrl-detach", 1, 1, device_usbctrl_detach },
    { "usbdev-attach", 4, 4, device_usbdev_attach },
    { "usbdev-detach", 3, 3, device_usbdev_detach },
};

int device_check_domain(device *d, xtune_error **err)
{
    libxl_dominfo info;
    bool is_there;

    libxl_dominfo_init(&info);
    is_there = !libxl_domain_info(d->ctx, &info, d->domid) && !info.dying &&
               !libxl_uuid_compare(&info.uuid, &d->id);
    if (is_there) d->is_pv = info.domain_type == LIBXL_DOMAIN_TYPE_PV;
    libxl_dominfo_dispose(&info);
    d->log.error[0] = '\0';
    if (is_there) return 0;
    return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, d->object, NULL,
                           "the domain is gone");
}

static int read_domain(device *d, char **args, xtune_error **err)
{
    const char *uuid;
    uint64_t domid;

    if (!xt_parse_u64(args[0], 10, XT_LIBXL_MAX_DOMID, &domid) || !domid)
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, "domid", NULL,
                               "\"%.80s\" is not that of a guest", args[0]);
    d->domid = (uint32_t)domid;
    return xt_libxl_read_uuid(d->arena, args[1], &d->id, &uuid, err);
}

/* libxl complains of these before, or after, what counts. */
static bool is_aside(const char *text)
{
    static const char *const asides[] = {
        "libxl__device_pci_add failed",
        "unable to add device",
        "unable to remove device",
        "support reset from sysfs",
        "reset path",
        "/reset ",
        "/do_flr ",
    };
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(asides); i++)
        if (strstr(text, asides[i])) return true;
    return false;
}

/* Who has started us knows the object. */
static void say_failed(const device *d, const xtune_error *err)
{
    xtune_error plain = { .object = err->object, .message = err->message };
    XT_CLEANUP_FREE char *text = xtune_error_text(&plain);
    const size_t len = strlen(d->object);
    const char *message = text;

    if (!strncmp(text, d->object, len) && !strncmp(text + len, ": ", 2))
        message = text + len + 2;
    xt_libxl_say("failed %s %s%s%s", xt_libxl_code(err->code), message,
                 err->hint ? "\t" : "", err->hint ? err->hint : "");
}

static int run(device *d, size_t command, char **args, size_t nr)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    int rc;

    xt_libxl_keep_stdout();
    rc = read_domain(d, args, &err);
    if (!rc) rc = xt_libxl_open(&d->log, &d->ctx, &err);
    if (!rc) rc = device_check_domain(d, &err);
    if (!rc) rc = commands[command].run(d, args + 2, nr - 2, &err);
    if (rc)
        say_failed(d, err);
    else
        xt_libxl_say("ok");
    if (d->ctx) libxl_ctx_free(d->ctx);
    return rc ? 1 : 0;
}

int main(int argc, char **argv)
{
    device d = { .log = { .is_aside = is_aside } };
    const size_t nr = argc < 2 ? 0 : (size_t)argc - 2;
    size_t i;
    int code;

    xt_libxl_keep_files();
    for (i = 0; i < XT_ARRAY_SIZE(commands); i++)
        if (argc > 1 && !strcmp(argv[1], commands[i].name) &&
            nr >= commands[i].min + 2 && nr <= commands[i].max + 2)
            break;
    if (i == XT_ARRAY_SIZE(commands)) {
        fputs(usage, stderr);
        return 2;
    }
    /* libxl heeds variables of its own. */
    clearenv();
    xt_libxl_become_independent();
    d.arena = xtune_arena_new();
    d.object = argv[4];
    code = run(&d, i, argv + 2, nr);
    xtune_arena_free(d.arena);
    return code;
}
