/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Commands about USB devices that are xl's, and planned here. */
#include "cmd_usb.h"

#include <stdlib.h>
#include <string.h>

#include <xtune/report.h>

enum { ARG_DOMAIN, ARG_WORD, ARG_PORT };

xtune_usb_request usb_request(const struct context *ctx)
{
    return (xtune_usb_request){
        .host = ctx->host,
        .forced = ctx->settings.forced.words,
        .nr_forced = ctx->settings.forced.nr,
    };
}

char *usb_title(const struct context *ctx)
{
    const struct settings *s = &ctx->settings;
    char *title = format_text("%s%s%s%s%s%s", ctx->command->name,
                              s->persist ? " --persist" : "",
                              s->by ? " --by " : "", s->by ? s->by : "",
                              s->usb ? " --usb " : "", s->usb ? s->usb : "");
    size_t i;

    for (i = 0; i < ctx->nr_args; i++) {
        char *longer = format_text("%s %s", title, ctx->args[i]);

        free(title);
        title = longer;
    }
    return title;
}

bool parse_usb_number(const char *text, uint32_t max, uint32_t *number_r)
{
    const size_t len = strlen(text);
    unsigned long number;

    if (!len || len > 9 || strspn(text, "0123456789") != len) return false;
    number = strtoul(text, NULL, 10);
    if (number > max) return false;
    *number_r = (uint32_t)number;
    return true;
}

const char *usb_word_value(const char *word, const char *key)
{
    const size_t len = strlen(key);

    return !strncmp(word, key, len) && word[len] == '=' ? word + len + 1
                                                        : NULL;
}

int end_usb_verb(struct context *ctx, int rc, xtune_plan *plan,
                 const struct usb_kept *kept, xtune_error *err)
{
    int code;

    if (rc) return report_error(ctx, err);
    code = run_verb(ctx, &(struct verb){
                             .plan = plan,
                             .title = usb_title(ctx),
                             .keep = kept ? keep_usb : NULL,
                             .what = kept,
                             .object = kept ? kept->path : NULL,
                         });
    xtune_plan_free(plan);
    return code;
}

int read_usb_number(struct context *ctx, const char *key, const char *value,
                    uint32_t max, uint32_t *number_r)
{
    if (parse_usb_number(value, max, number_r) && *number_r) return 0;
    return usage_error(ctx, key, NULL, "\"%s\" is no number from 1 to %u",
                       value, max);
}

const char *plain_usb_word(const char *word, const char *key)
{
    const char *value = usb_word_value(word, key);

    return value ? value : word;
}

int check_usb_controller(struct context *ctx)
{
    const char *word = plain_usb_word(ctx->args[ARG_WORD], "controller");
    uint32_t id;

    if (parse_usb_number(word, UINT32_MAX - 1, &id)) return 0;
    return usage_error(ctx, "controller", "\"xltune usb-list\" shows them",
                       "\"%s\" is no id of a USB controller", word);
}

/* Devices. */

struct device_words {
    char *device; /* for xtune_usb_find(); to be freed; NULL: there are none */
    xtune_usb_place place;
};

static void add_device_word(struct device_words *words, const char *word)
{
    char *longer = words->device ? format_text("%s,%s", words->device, word)
                                 : format_text("%s", word);

    free(words->device);
    words->device = longer;
}

/* A decimal number is the guest's port, a path the one that it is in. */
static int read_device_word(struct context *ctx, const char *word,
                            struct device_words *words)
{
    const char *value;

    if ((value = usb_word_value(word, "type"))) {
        if (!strcmp(value, "hostdev")) return 0;
        return usage_error(ctx, "type", "give hostdev, or leave it out",
                           "\"%s\" is no type of USB device", value);
    }
    if ((value = usb_word_value(word, "controller"))) {
        if (parse_usb_number(value, UINT32_MAX - 1, &words->place.controller))
            return 0;
        return usage_error(ctx, "controller", "\"xltune usb-list\" shows them",
                           "\"%s\" is no id of a USB controller", value);
    }
    value = usb_word_value(word, "port");
    if (value && !strchr(value, '-'))
        return read_usb_number(ctx, "port", value, MAX_USB_PORTS,
                               &words->place.port);
    add_device_word(words, word);
    return 0;
}

static int read_device(struct context *ctx, struct device_words *words)
{
    size_t i;
    int code = 0;

    *words = (struct device_words){
        .place = { XTUNE_NONE, XTUNE_NONE, XTUNE_NONE },
    };
    for (i = ARG_WORD; !code && i < ctx->nr_args; i++)
        code = read_device_word(ctx, ctx->args[i], words);
    if (!code && !words->device)
        code = usage_error(ctx, ctx->command->name,
                           "give hostbus= and hostaddr=, or what else tells "
                           "it from others",
                           "no device is given");
    if (!code && words->place.port != XTUNE_NONE &&
        words->place.controller == XTUNE_NONE)
        code = usage_error(ctx, "port", "give controller= as well",
                           "port %u of which controller is not said",
                           words->place.port);
    return code;
}

int check_usbdev_attach(struct context *ctx)
{
    struct device_words words;
    const int code = read_device(ctx, &words);

    free(words.device);
    return code;
}

int cmd_usbdev_attach(struct context *ctx)
{
    struct device_words words;
    struct usb_kept kept = { .given = true, .version = XTUNE_NONE };
    xtune_usb_request request;
    xtune_plan *plan = NULL;
    xtune_error *err = NULL;
    int rc;

    read_device(ctx, &words);
    rc = observe_for_verb(ctx, 0, &err);
    if (!rc)
        rc = xtune_host_find_domain(ctx->host, ctx->args[ARG_DOMAIN],
                                    &kept.domain, &err);
    if (!rc) rc = xtune_usb_find(ctx->host, words.device, &kept.usb, &err);
    free(words.device);
    if (!rc) kept.path = kept.usb->path;
    if (!rc) rc = prepare_usb_kept(ctx, &kept, &err);
    request = usb_request(ctx);
    if (!rc)
        rc = xtune_plan_usb_attach(&request, kept.domain, kept.usb,
                                   &words.place, &plan, &err);
    return end_usb_verb(ctx, rc, plan, &kept, err);
}

int check_usbdev_detach(struct context *ctx)
{
    const char *word = plain_usb_word(ctx->args[ARG_PORT], "port");
    uint32_t port;
    const int code = check_usb_controller(ctx);

    return code ? code
                : read_usb_number(ctx, "port", word, MAX_USB_PORTS, &port);
}

/* XTUNE_ERR_NOT_FOUND. */
static int find_controller(const xtune_domain *domain, uint32_t id,
                           const xtune_usb_controller **controller_r,
                           xtune_error **err)
{
    size_t i;

    for (i = 0; i < domain->nr_usb; i++)
        if (domain->usb[i].id == id) {
            *controller_r = &domain->usb[i];
            return 0;
        }
    return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, domain->name,
                           "\"xltune usb-list\" shows those that it has",
                           "it has no USB controller %u", id);
}

/* What is in a port, as the toolstack says: it need not be there. */
static int find_in_port(struct context *ctx, struct usb_kept *kept,
                        xtune_error **err)
{
    const xtune_usb_controller *controller = NULL;
    uint32_t id = XTUNE_NONE, port = XTUNE_NONE;
    int rc;

    parse_usb_number(plain_usb_word(ctx->args[ARG_WORD], "controller"),
                     UINT32_MAX - 1, &id);
    parse_usb_number(plain_usb_word(ctx->args[ARG_PORT], "port"),
                     MAX_USB_PORTS, &port);
    rc = find_controller(kept->domain, id, &controller, err);
    if (rc) return rc;
    if (port > controller->nr_ports || !controller->ports[port - 1])
        return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, kept->domain->name,
                               "\"xltune usb-list\" shows what it has",
                               port > controller->nr_ports
                                   ? "its controller %u has no port %u"
                                   : "there is no device in its controller "
                                     "%u, port %u",
                               id, port);
    kept->path = controller->ports[port - 1];
    kept->usb = xtune_host_usb(ctx->host, kept->path);
    return 0;
}

int cmd_usbdev_detach(struct context *ctx)
{
    struct usb_kept kept = { .given = false, .version = XTUNE_NONE };
    xtune_usb_request request;
    xtune_plan *plan = NULL;
    xtune_error *err = NULL;
    int rc;

    rc = observe_for_verb(ctx, 0, &err);
    if (!rc)
        rc = xtune_host_find_domain(ctx->host, ctx->args[ARG_DOMAIN],
                                    &kept.domain, &err);
    if (!rc) rc = find_in_port(ctx, &kept, &err);
    if (!rc) rc = prepare_usb_kept(ctx, &kept, &err);
    request = usb_request(ctx);
    if (!rc)
        rc = xtune_plan_usb_detach(&request, kept.domain, kept.path, &plan,
                                   &err);
    return end_usb_verb(ctx, rc, plan, &kept, err);
}

/* Looking. */

/* xl shows such a port as one that has a device, or as a free one. */
static void note_stale(const xtune_host *host, const xtune_domain *domain)
{
    xtune_findings *findings = xtune_findings_new();
    size_t i;

    xtune_usb_add_stale(findings, host, domain, NULL);
    for (i = 0; i < findings->nr; i++) {
        const xtune_finding *f = &findings->items[i];
        char *note = format_text("%s; %s", f->text, f->hint);

        print_note(f->object, note);
        free(note);
    }
    xtune_findings_free(findings);
}

int cmd_usb_list(struct context *ctx)
{
    const xtune_domain *domain = NULL;
    xtune_error *err = NULL;
    int rc;

    rc = observe(ctx, 0, NULL, 0, &err);
    if (!rc)
        rc = xtune_host_find_domain(ctx->host, ctx->args[ARG_DOMAIN], &domain,
                                    &err);
    if (rc) return report_error(ctx, err);
    if (ctx->settings.json)
        return print_text(ctx, xtune_report_usb_list_json(ctx->host, domain),
                          EXIT_DONE);
    if (!ctx->settings.quiet) note_stale(ctx->host, domain);
    return print_text(ctx, xtune_report_usb_list(ctx->host, domain),
                      EXIT_DONE);
}
