/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xe's commands about the USB devices that domains are to have. */
#include "cmd_xe.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <xtune/record.h>
#include <xtune/report.h>

int cmd_vusb_list(struct context *ctx)
{
    return xe_list(ctx, &xe_vusbs);
}

int cmd_vusb_param_list(struct context *ctx)
{
    return xe_param_list(ctx, &xe_vusbs);
}

int cmd_vusb_param_get(struct context *ctx)
{
    return xe_param_get(ctx, &xe_vusbs);
}

/* Creating. */

/* A domain, be it that it runs or not. */
struct vm {
    char uuid[37];
    const xtune_domain *domain; /* NULL: it does not run */
    const xtune_record *record; /* NULL: nothing is kept yet */
};

static bool is_uuid(const char *text)
{
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    size_t i;

    for (i = 0; form[i]; i++)
        if (form[i] == '-' ? text[i] != '-'
                           : !isxdigit((unsigned char)text[i]))
            return false;
    return !text[i] && text[strspn(text, "0-")];
}

/* One that is made again may be there with what is left of it. */
static const xtune_domain *domain_with(const xtune_host *host,
                                       const char *uuid)
{
    const xtune_domain *found = NULL;
    size_t i;

    for (i = 0; i < host->nr_domains; i++) {
        if (!host->domains[i].id || strcasecmp(host->domains[i].uuid, uuid))
            continue;
        found = &host->domains[i];
        if (!(found->state & XTUNE_STATE_DYING)) break;
    }
    return found;
}

static const xtune_record *record_with(const xtune_policy *policy,
                                       const char *uuid)
{
    size_t i;

    for (i = 0; i < policy->nr_records; i++)
        if (!strcasecmp(policy->records[i].uuid, uuid))
            return &policy->records[i];
    return NULL;
}

/* With XAPI it has a uuid as well. */
static bool is_dom0(const xtune_host *host, const char *uuid)
{
    size_t i;

    for (i = 0; i < host->nr_domains; i++)
        if (!host->domains[i].id && !strcasecmp(host->domains[i].uuid, uuid))
            return true;
    return false;
}

static int find_vm(struct context *ctx, const char *uuid, struct vm *vm,
                   xtune_error **err)
{
    const char *from = uuid;
    size_t i;

    if (!is_uuid(uuid) || is_dom0(ctx->host, uuid))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, uuid,
                               "\"xltune list\" with --json shows those of "
                               "domains that run",
                               "The uuid you supplied was invalid: it is that "
                               "of no VM");
    vm->domain = domain_with(ctx->host, uuid);
    vm->record = vm->domain
                     ? xtune_policy_record(ctx->policy, ctx->host, vm->domain)
                     : record_with(ctx->policy, uuid);
    /* One that is the domain's by its name stays what it is. */
    if (vm->record) from = vm->record->uuid;
    for (i = 0; i + 1 < sizeof(vm->uuid); i++)
        vm->uuid[i] = (char)tolower((unsigned char)from[i]);
    vm->uuid[i] = '\0';
    return 0;
}

static int check_type(const struct vm *vm, xtune_error **err)
{
    if (!vm->domain || vm->domain->type != XTUNE_TYPE_PVH) return 0;
    return xtune_error_set(
        err, XTUNE_ERR_UNSUPPORTED, 0, vm->uuid,
        "make it an HVM guest (type=\"hvm\")",
        "\"%s\" is a PVH guest, and Xen gives no USB device "
        "to one",
        vm->domain->name);
}

int xe_check_enabled(const xtune_xe_usb *usb, xtune_error **err)
{
    char *hint;
    int rc;

    if (usb->written && usb->written->passthrough) return 0;
    hint = usb->usb && usb->allowed
               ? format_text("\"xltune pusb-param-set uuid=%s "
                             "passthrough-enabled=true\" enables it",
                             usb->uuid)
               : format_text("it has no PUSB: see \"xltune usb-show\"");
    rc = xtune_error_set(err, XTUNE_ERR_REFUSED, 0, usb->group_uuid, hint,
                         "pass-through is not enabled for its device");
    free(hint);
    return rc;
}

static int check_free(const struct xe *xe, const xtune_xe_usb *usb,
                      xtune_error **err)
{
    const xtune_xe_vusb *vusb = xtune_xe_vusb_of(&xe->all, usb);
    char *hint;
    int rc;

    if (!vusb) return 0;
    hint = format_text(
        "\"xltune vusb-destroy uuid=%s\" takes it from \"%s\"", vusb->uuid,
        *vusb->record->name ? vusb->record->name : vusb->record->uuid);
    rc = xtune_error_set(err, XTUNE_ERR_REFUSED, 0, usb->group_uuid, hint,
                         "USB_groups are currently restricted to contain no "
                         "more than one VUSB");
    free(hint);
    return rc;
}

static int check_room(const struct vm *vm, xtune_error **err)
{
    if (!vm->record || vm->record->nr_usb < XTUNE_XE_MAX_VUSBS) return 0;
    return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, vm->uuid,
                           "\"xltune vusb-destroy\" removes one",
                           "The VM has too many VUSBs: it has %zu of %u",
                           vm->record->nr_usb, XTUNE_XE_MAX_VUSBS);
}

static int keep(struct context *ctx, const struct vm *vm,
                const xtune_xe_usb *usb, xtune_error **err)
{
    xtune_wanted_usb wanted = {
        .identity = usb->identity,
        .version = XTUNE_NONE,
    };

    if (usb->usb) {
        wanted.identity.port = usb->usb->path;
        wanted.description = xtune_usb_description(ctx->host->arena, usb->usb);
    }
    return xtune_record_usb(ctx->state, vm->uuid,
                            vm->domain ? vm->domain->name : NULL, &wanted,
                            err);
}

static int print_created(struct context *ctx, const struct vm *vm,
                         const xtune_xe_usb *usb)
{
    char uuid[37];
    char *note;

    xtune_usb_vusb_uuid(&usb->identity, vm->uuid, uuid);
    if (vm->domain && !ctx->settings.quiet) {
        note = format_text("it is attached when the domain starts or the "
                           "device comes next, by \"xltune pusb-scan\" as "
                           "well; \"xltune vusb-plug uuid=%s\" attaches it at "
                           "once",
                           uuid);
        print_note(vm->domain->name, note);
        free(note);
    }
    if (ctx->settings.json)
        return print_text(ctx,
                          format_text("{\n  \"schema\": "
                                      "\"xtune/vusb-create/1\",\n"
                                      "  \"uuid\": \"%s\"\n}\n",
                                      uuid),
                          EXIT_DONE);
    return print_text(ctx, xtune_xe_print_text(uuid, false), EXIT_DONE);
}

static int create(struct context *ctx, const struct xe *xe, struct vm *vm,
                  const xtune_xe_usb **usb_r, xtune_error **err)
{
    static const char *const keys[] = { "usb-group-uuid", "vm-uuid", "minimal",
                                        NULL };
    const char *group, *uuid;
    int rc;

    rc = xtune_xe_only(&xe->words, keys, err);
    if (!rc) rc = xtune_xe_need(&xe->words, "usb-group-uuid", &group, err);
    if (!rc) rc = xtune_xe_need(&xe->words, "vm-uuid", &uuid, err);
    if (!rc) rc = find_vm(ctx, uuid, vm, err);
    if (!rc) rc = check_type(vm, err);
    if (!rc) rc = xtune_xe_find_usb_group(&xe->all, group, usb_r, err);
    if (!rc) rc = check_room(vm, err);
    if (!rc) rc = check_free(xe, *usb_r, err);
    if (!rc) rc = xe_check_enabled(*usb_r, err);
    return rc ? rc : keep(ctx, vm, *usb_r, err);
}

int cmd_vusb_create(struct context *ctx)
{
    const xtune_xe_usb *usb = NULL;
    xtune_error *err = NULL;
    int code = EXIT_DONE;
    struct xe xe;
    struct vm vm = { .domain = NULL };

    if (!xe_begin(ctx, &xe_vusbs, true, &xe, &err) &&
        !create(ctx, &xe, &vm, &usb, &err))
        code = print_created(ctx, &vm, usb);
    return xe_end(ctx, &xe, code, err);
}

/* One that is there. */

int xe_find_vusb(const struct xe *xe, const xtune_xe_vusb **vusb_r,
                 xtune_error **err)
{
    static const char *const keys[] = { "uuid", "minimal", NULL };
    const char *uuid;
    int rc;

    rc = xtune_xe_only(&xe->words, keys, err);
    if (!rc) rc = xtune_xe_need(&xe->words, "uuid", &uuid, err);
    return rc ? rc : xtune_xe_find_vusb(&xe->all, uuid, vusb_r, err);
}

/* Setting: but for other-config there is nothing that can be set. */

static int set(struct context *ctx, const struct xe *xe, xtune_wanted_usb *row,
               xtune_error **err)
{
    const char *map_key;
    size_t i, field;
    int rc = 0;

    for (i = 0; !rc && i < xe->words.nr; i++) {
        if (!strcmp(xe->words.keys[i], "uuid")) continue;
        rc = xtune_xe_settable(xe_vusbs.class, xe->words.keys[i], &field,
                               &map_key, err);
        if (!rc)
            rc = xtune_xe_put(ctx->host->arena, &row->other_config,
                              &row->nr_other_config, map_key,
                              xe->words.values[i], err);
    }
    return rc;
}

static int take_out(struct context *ctx, const struct xe *xe,
                    xtune_wanted_usb *row, xtune_error **err)
{
    return xe_remove(ctx, &xe_vusbs, xe, &row->other_config,
                     &row->nr_other_config, err);
}

static int add(struct context *ctx, const struct xe *xe, xtune_wanted_usb *row,
               xtune_error **err)
{
    return xe_add(ctx, &xe_vusbs, xe, &row->other_config,
                  &row->nr_other_config, err);
}

static int clear(struct context *ctx, const struct xe *xe,
                 xtune_wanted_usb *row, xtune_error **err)
{
    const xtune_xe_field *field;
    int rc = xe_find_clearable(&xe_vusbs, xe, &field, err);

    (void)ctx;
    if (!rc) row->nr_other_config = 0;
    return rc;
}

typedef int change_fn(struct context *ctx, const struct xe *xe,
                      xtune_wanted_usb *row, xtune_error **err);

static int rewrite(struct context *ctx, const struct xe *xe, change_fn *change,
                   xtune_error **err)
{
    const xtune_xe_vusb *vusb;
    xtune_wanted_usb row;
    const char *uuid;
    int rc;

    rc = xtune_xe_need(&xe->words, "uuid", &uuid, err);
    if (!rc) rc = xtune_xe_find_vusb(&xe->all, uuid, &vusb, err);
    if (rc) return rc;
    row = *vusb->wanted;
    rc = change(ctx, xe, &row, err);
    return rc ? rc
              : xtune_record_usb(ctx->state, vusb->record->uuid, NULL, &row,
                                 err);
}

static int change_vusb(struct context *ctx, change_fn *change)
{
    xtune_error *err = NULL;
    int code = EXIT_DONE;
    struct xe xe;

    if (!xe_begin(ctx, &xe_vusbs, true, &xe, &err) &&
        !rewrite(ctx, &xe, change, &err))
        code = xe_say(ctx, "kept");
    return xe_end(ctx, &xe, code, err);
}

int cmd_vusb_param_set(struct context *ctx)
{
    return change_vusb(ctx, set);
}

int cmd_vusb_param_remove(struct context *ctx)
{
    return change_vusb(ctx, take_out);
}

int cmd_vusb_param_add(struct context *ctx)
{
    return change_vusb(ctx, add);
}

int cmd_vusb_param_clear(struct context *ctx)
{
    return change_vusb(ctx, clear);
}

/* Destroying. */

static int destroy(struct context *ctx, const struct xe *xe, xtune_error **err)
{
    const xtune_xe_vusb *vusb;
    bool found;
    char *hint;
    int rc;

    rc = xe_find_vusb(xe, &vusb, err);
    if (rc) return rc;
    if (!vusb->attached)
        return xtune_record_forget_usb(ctx->state, vusb->record->uuid,
                                       &vusb->wanted->identity, &found, err);
    hint = format_text("\"xltune vusb-unplug uuid=%s\" first", vusb->uuid);
    rc = xtune_error_set(err, XTUNE_ERR_REFUSED, 0, vusb->uuid, hint,
                         "You attempted an operation that was not allowed: "
                         "VUSB '%s' still attached to '%s'",
                         vusb->uuid, vusb->record->uuid);
    free(hint);
    return rc;
}

int cmd_vusb_destroy(struct context *ctx)
{
    xtune_error *err = NULL;
    int code = EXIT_DONE;
    struct xe xe;

    if (!xe_begin(ctx, &xe_vusbs, true, &xe, &err) && !destroy(ctx, &xe, &err))
        code = xe_say(ctx, "forgotten");
    return xe_end(ctx, &xe, code, err);
}
