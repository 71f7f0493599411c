/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xe's commands about the USB devices that domains are to have. */
#include "cmd_xe.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <xtune/record.h>
#include <xtune/report.h>

#include "cmd_usb.h"

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

static const xtune_domain *domain_with(const xtune_host *host,
                                       const char *uuid)
{
    size_t i;

    for (i = 0; i < host->nr_domains; i++)
        if (host->domains[i].id && !strcasecmp(host->domains[i].uuid, uuid))
            return &host->domains[i];
    return NULL;
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

static int find_vm(struct context *ctx, const char *uuid, struct vm *vm,
                   xtune_error **err)
{
    const char *from = uuid;
    size_t i;

    if (!is_uuid(uuid))
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

static int check_enabled(const xtune_xe_usb *usb, xtune_error **err)
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
        note = format_text("it is attached when the domain starts next; "
                           "\"xltune vusb-plug uuid=%s\" attaches it at once",
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
    if (!rc) rc = xtune_xe_find_usb_group(&xe->all, group, usb_r, err);
    if (!rc) rc = check_room(vm, err);
    if (!rc) rc = check_free(xe, *usb_r, err);
    if (!rc) rc = check_enabled(*usb_r, err);
    return rc ? rc : keep(ctx, vm, *usb_r, err);
}

int cmd_vusb_create(struct context *ctx)
{
    const xtune_xe_usb *usb;
    xtune_error *err = NULL;
    int code = EXIT_DONE;
    struct xe xe;
    struct vm vm;

    if (!xe_begin(ctx, &xe_vusbs, true, &xe, &err) &&
        !create(ctx, &xe, &vm, &usb, &err))
        code = print_created(ctx, &vm, usb);
    return xe_end(ctx, &xe, code, err);
}

/* One that is there. */

static int find_vusb(const struct xe *xe, const xtune_xe_vusb **vusb_r,
                     xtune_error **err)
{
    static const char *const keys[] = { "uuid", "minimal", NULL };
    const char *uuid;
    int rc;

    rc = xtune_xe_only(&xe->words, keys, err);
    if (!rc) rc = xtune_xe_need(&xe->words, "uuid", &uuid, err);
    return rc ? rc : xtune_xe_find_vusb(&xe->all, uuid, vusb_r, err);
}

static int check_running(const xtune_xe_vusb *vusb, xtune_error **err)
{
    if (vusb->domain) return 0;
    return xtune_error_set(
        err, XTUNE_ERR_REFUSED, 0, vusb->record->uuid,
        "it is given the device when it starts",
        "You attempted an operation on a VM that was not in "
        "an appropriate power state: it does not run");
}

static int write_row(struct context *ctx, const xtune_xe_vusb *vusb,
                     const char *unplugged, xtune_error **err)
{
    xtune_wanted_usb row = *vusb->wanted;

    row.unplugged = unplugged;
    return xtune_record_usb(ctx->state, vusb->record->uuid, NULL, &row, err);
}

/* Carries a plan out, and keeps what it is for. */
static int run_plan(struct context *ctx, const xtune_xe_vusb *vusb,
                    xtune_plan *plan,
                    int (*keep_it)(struct context *ctx, const void *what,
                                   xtune_error **err))
{
    const int code = run_verb(ctx, &(struct verb){
                                       .plan = plan,
                                       .title = usb_title(ctx),
                                       .keep = keep_it,
                                       .what = vusb,
                                       .object = vusb->uuid,
                                   });

    xtune_plan_free(plan);
    return code;
}

/* Plugging. */

static int keep_plugged(struct context *ctx, const void *what,
                        xtune_error **err)
{
    const xtune_xe_vusb *vusb = what;

    return vusb->wanted->unplugged ? write_row(ctx, vusb, NULL, err) : 0;
}

static int check_pluggable(const xtune_xe_vusb *vusb, xtune_error **err)
{
    int rc = check_running(vusb, err);

    if (!rc && vusb->attached)
        rc = xtune_error_set(err, XTUNE_ERR_REFUSED, 0, vusb->uuid, NULL,
                             "The device is already attached to a VM");
    return rc ? rc : check_enabled(vusb->usb, err);
}

static int plan_plug(struct context *ctx, const struct xe *xe,
                     const xtune_xe_vusb **vusb_r, xtune_plan **plan_r,
                     xtune_error **err)
{
    const xtune_usb_request request = usb_request(ctx);
    xtune_usb_place place = { .controller = XTUNE_NONE, .port = XTUNE_NONE };
    const xtune_usb *usb;
    int rc;

    rc = find_vusb(xe, vusb_r, err);
    if (!rc) rc = check_pluggable(*vusb_r, err);
    if (!rc)
        rc = xtune_usb_resolve(ctx->host, &(*vusb_r)->wanted->identity, &usb,
                               err);
    if (rc) return rc;
    place.version = (*vusb_r)->wanted->version;
    return xtune_plan_usb_attach(&request, (*vusb_r)->domain, usb, &place,
                                 plan_r, err);
}

int cmd_vusb_plug(struct context *ctx)
{
    const xtune_xe_vusb *vusb;
    xtune_error *err = NULL;
    int code = EXIT_DONE;
    xtune_plan *plan;
    struct xe xe;

    if (!xe_begin(ctx, &xe_vusbs, true, &xe, &err) &&
        !plan_plug(ctx, &xe, &vusb, &plan, &err))
        code = run_plan(ctx, vusb, plan, keep_plugged);
    return xe_end(ctx, &xe, code, err);
}

/* Unplugging: else the domain would be given it again at once. */

static int keep_unplugged(struct context *ctx, const void *what,
                          xtune_error **err)
{
    const xtune_xe_vusb *vusb = what;
    char *life =
        format_text("%s/%u", ctx->host->machine.boot_id, vusb->domain->id);
    const int rc = write_row(ctx, vusb, life, err);

    free(life);
    return rc;
}

/* Where the domain has it: a port may say so of a device that is gone. */
static const char *path_in(const xtune_xe_usbs *all, const xtune_xe_vusb *vusb)
{
    const char *path =
        vusb->usb->usb ? vusb->usb->usb->path : vusb->wanted->identity.port;

    if (!path || xtune_usb_owner(all->host, path, NULL, NULL) != vusb->domain)
        return NULL;
    return path;
}

static int plan_unplug(struct context *ctx, const struct xe *xe,
                       const xtune_xe_vusb **vusb_r, xtune_plan **plan_r,
                       xtune_error **err)
{
    const xtune_usb_request request = usb_request(ctx);
    const char *path;
    int rc;

    rc = find_vusb(xe, vusb_r, err);
    if (!rc) rc = check_running(*vusb_r, err);
    if (rc) return rc;
    path = path_in(&xe->all, *vusb_r);
    if (!path)
        return xtune_error_set(
            err, XTUNE_ERR_REFUSED, 0, (*vusb_r)->uuid,
            "\"xltune vusb-destroy\" keeps it away for good",
            "The device is not currently attached");
    if (!ctx->host->machine.boot_id)
        return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, 0, (*vusb_r)->uuid,
                               "\"xltune usb-detach\" takes it back once",
                               "it would be attached again at once: the id "
                               "of this boot is not known");
    return xtune_plan_usb_detach(&request, (*vusb_r)->domain, path, plan_r,
                                 err);
}

int cmd_vusb_unplug(struct context *ctx)
{
    const xtune_xe_vusb *vusb;
    xtune_error *err = NULL;
    int code = EXIT_DONE;
    xtune_plan *plan;
    struct xe xe;

    if (!xe_begin(ctx, &xe_vusbs, true, &xe, &err) &&
        !plan_unplug(ctx, &xe, &vusb, &plan, &err))
        code = run_plan(ctx, vusb, plan, keep_unplugged);
    return xe_end(ctx, &xe, code, err);
}

/* Destroying. */

static int destroy(struct context *ctx, const struct xe *xe, xtune_error **err)
{
    const xtune_xe_vusb *vusb;
    bool found;
    char *hint;
    int rc;

    rc = find_vusb(xe, &vusb, err);
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
