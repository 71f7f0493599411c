/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Commands about guests' USB controllers that are xl's. */
#include "cmd_usb.h"

#include <string.h>

enum { ARG_DOMAIN, ARG_WORD };

struct controller_words {
    const char *type;        /* NULL: what fits the domain */
    uint32_t version, ports; /* XTUNE_NONE: what fits the type */
};

static int read_type(struct context *ctx, const char *value,
                     struct controller_words *words)
{
    static const char *const types[] = { "devicemodel", "pv", "qusb" };
    size_t i;

    words->type = NULL;
    if (!strcmp(value, "auto")) return 0;
    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (!strcmp(value, types[i])) words->type = types[i];
    if (words->type) return 0;
    return usage_error(ctx, "type", "give auto, devicemodel, pv or qusb",
                       "\"%s\" is no type of USB controller", value);
}

/* Of a key that is given twice the last one counts, as in xl. */
static int read_controller(struct context *ctx, struct controller_words *words)
{
    const char *value;
    size_t i;
    int code = 0;

    *words = (struct controller_words){ NULL, XTUNE_NONE, XTUNE_NONE };
    for (i = ARG_WORD; !code && i < ctx->nr_args; i++) {
        const char *word = ctx->args[i];

        if ((value = usb_word_value(word, "type")))
            code = read_type(ctx, value, words);
        else if ((value = usb_word_value(word, "version")))
            code = read_usb_number(ctx, "version", value, 3, &words->version);
        else if ((value = usb_word_value(word, "ports")))
            code = read_usb_number(ctx, "ports", value, MAX_USB_PORTS,
                                   &words->ports);
        else
            code = usage_error(ctx, word, "give type=, version= or ports=",
                               "it says nothing of a USB controller");
    }
    return code;
}

int check_usbctrl_attach(struct context *ctx)
{
    struct controller_words words;

    return read_controller(ctx, &words);
}

int cmd_usbctrl_attach(struct context *ctx)
{
    struct controller_words words;
    const xtune_domain *domain;
    xtune_usb_request request;
    xtune_plan *plan = NULL;
    xtune_error *err = NULL;
    uint32_t id;
    int rc;

    read_controller(ctx, &words);
    rc = observe_for_verb(ctx, 0, &err);
    if (!rc)
        rc = xtune_host_find_domain(ctx->host, ctx->args[ARG_DOMAIN], &domain,
                                    &err);
    request = usb_request(ctx);
    if (!rc)
        rc = xtune_plan_usb_controller(&request, domain, words.type,
                                       words.version, words.ports, &id, &plan,
                                       &err);
    return end_usb_verb(ctx, rc, plan, NULL, err);
}

int check_usbctrl_detach(struct context *ctx)
{
    return check_usb_controller(ctx);
}

int cmd_usbctrl_detach(struct context *ctx)
{
    const xtune_domain *domain;
    xtune_usb_request request;
    xtune_plan *plan = NULL;
    xtune_error *err = NULL;
    uint32_t id = XTUNE_NONE;
    int rc;

    parse_usb_number(plain_usb_word(ctx->args[ARG_WORD], "controller"),
                     UINT32_MAX - 1, &id);
    rc = observe_for_verb(ctx, 0, &err);
    if (!rc)
        rc = xtune_host_find_domain(ctx->host, ctx->args[ARG_DOMAIN], &domain,
                                    &err);
    request = usb_request(ctx);
    if (!rc)
        rc = xtune_plan_usb_no_controller(&request, domain, id, &plan, &err);
    return end_usb_verb(ctx, rc, plan, NULL, err);
}
