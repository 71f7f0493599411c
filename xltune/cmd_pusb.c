/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xe's commands about USB devices of the host. */
#include "cmd_xe.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <xtune/finding.h>
#include <xtune/record.h>

#include "cmd_usb.h"

int cmd_pusb_list(struct context *ctx)
{
    return xe_list(ctx, &xe_pusbs);
}

int cmd_pusb_param_list(struct context *ctx)
{
    return xe_param_list(ctx, &xe_pusbs);
}

int cmd_pusb_param_get(struct context *ctx)
{
    return xe_param_get(ctx, &xe_pusbs);
}

/* Setting. */

static int write_group(struct context *ctx, const xtune_xe_usb *usb,
                       bool passthrough, xtune_error **err)
{
    xtune_usb_group group = xe_group_of(usb);

    group.passthrough = passthrough;
    return xtune_record_usb_group(ctx->state, &group, err);
}

/* What will be in the way when a domain is to have it. */
static void note_guards(struct context *ctx, const struct xe *xe,
                        const xtune_xe_usb *usb)
{
    xtune_findings *findings = xtune_findings_new();
    size_t i;

    xtune_usb_add_guards(findings, ctx->host, xe->rules, usb->usb);
    for (i = 0; i < findings->nr && !ctx->settings.quiet; i++)
        print_note(findings->items[i].object, findings->items[i].text);
    xtune_findings_free(findings);
}

static int check_detached(const struct xe *xe, const xtune_xe_usb *usb,
                          xtune_error **err)
{
    size_t i;

    for (i = 0; i < xe->all.nr_vusbs; i++) {
        const xtune_xe_vusb *vusb = &xe->all.vusbs[i];
        char *hint;
        int rc;

        if (vusb->usb != usb || !vusb->attached) continue;
        hint = format_text("\"xltune vusb-unplug uuid=%s\" takes it back",
                           vusb->uuid);
        rc = xtune_error_set(err, XTUNE_ERR_REFUSED, 0, usb->uuid, hint,
                             "The USB device is currently attached to a VM, "
                             "\"%s\"",
                             vusb->domain->name);
        free(hint);
        return rc;
    }
    return 0;
}

/* No domain is to have it: its VUSB goes, as with XAPI. */
static int drop_vusbs(struct context *ctx, const struct xe *xe,
                      const xtune_xe_usb *usb, xtune_error **err)
{
    size_t i;
    int rc = 0;

    for (i = 0; !rc && i < xe->all.nr_vusbs; i++) {
        const xtune_xe_vusb *vusb = &xe->all.vusbs[i];
        bool found;
        char *note;

        if (vusb->usb != usb) continue;
        rc = xtune_record_forget_usb(ctx->state, vusb->record->uuid,
                                     &vusb->wanted->identity, &found, err);
        if (rc || !found) continue;
        note = format_text("the VUSB of domain \"%s\" is destroyed with it",
                           *vusb->record->name ? vusb->record->name
                                               : vusb->record->uuid);
        print_note(vusb->uuid, note);
        free(note);
    }
    return rc;
}

static int enable(struct context *ctx, const struct xe *xe,
                  const xtune_xe_usb *usb, xtune_error **err)
{
    int rc = write_group(ctx, usb, true, err);

    if (!rc) note_guards(ctx, xe, usb);
    return rc;
}

/* By whatever it was known when it was enabled: with its twin beside it, by
 * more than alone. */
static int disable_groups(struct context *ctx, const xtune_xe_usb *usb,
                          xtune_error **err)
{
    const xtune_usb *found;
    size_t i;
    int rc = write_group(ctx, usb, false, err);

    for (i = 0; !rc && i < ctx->policy->nr_usb_groups; i++) {
        xtune_usb_group group = ctx->policy->usb_groups[i];

        if (!group.passthrough ||
            xtune_usb_resolve(ctx->host, &group.identity, &found, NULL) ||
            found != usb->usb)
            continue;
        group.passthrough = false;
        rc = xtune_record_usb_group(ctx->state, &group, err);
    }
    return rc;
}

static int disable(struct context *ctx, const struct xe *xe,
                   const xtune_xe_usb *usb, xtune_error **err)
{
    int rc = check_detached(xe, usb, err);

    if (!rc) rc = drop_vusbs(ctx, xe, usb, err);
    return rc ? rc : disable_groups(ctx, usb, err);
}

/* The value of the last word that sets it; the class has no other field that
 * can be set. */
static int read_enabled(const struct xe *xe, bool *enabled_r, bool *given_r,
                        xtune_error **err)
{
    const char *map_key;
    size_t i, field;
    int rc = 0;

    for (i = 0; !rc && i < xe->words.nr; i++) {
        const char *key = xe->words.keys[i];

        if (!strcmp(key, "uuid")) continue;
        rc = xtune_xe_settable(xe_pusbs.class, key, &field, &map_key, err);
        if (!rc) rc = xtune_xe_flag(key, xe->words.values[i], enabled_r, err);
        *given_r = true;
    }
    return rc;
}

static int set(struct context *ctx, const struct xe *xe, xtune_error **err)
{
    const xtune_xe_usb *usb;
    bool enabled = false, given = false;
    const char *uuid;
    int rc;

    rc = xtune_xe_need(&xe->words, "uuid", &uuid, err);
    if (!rc) rc = xtune_xe_find_pusb(&xe->all, uuid, &usb, err);
    if (!rc) rc = read_enabled(xe, &enabled, &given, err);
    if (rc || !given) return rc;
    return enabled ? enable(ctx, xe, usb, err) : disable(ctx, xe, usb, err);
}

int cmd_pusb_param_set(struct context *ctx)
{
    xtune_error *err = NULL;
    int code = EXIT_DONE;
    struct xe xe;

    if (!xe_begin(ctx, &xe_pusbs, true, &xe, &err) && !set(ctx, &xe, &err))
        code = xe_say(ctx, "kept");
    return xe_end(ctx, &xe, code, err);
}

/* Scanning: what is there is looked at each time, so that what is left to be
 * done is to put right what went, and to attach what came back. */

static int check_host(struct context *ctx, const struct xe *xe,
                      xtune_error **err)
{
    static const char *const keys[] = { "host-uuid", "minimal", NULL };
    const char *own = ctx->host->machine.uuid;
    const char *uuid = xtune_xe_word(&xe->words, "host-uuid");
    int rc = xtune_xe_only(&xe->words, keys, err);

    if (rc || !uuid || (own && !strcasecmp(own, uuid))) return rc;
    return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, uuid,
                           "leave host-uuid= out",
                           "The uuid you supplied was invalid: this host's is "
                           "\"%s\"",
                           own ? own : "not known");
}

static int apply(struct change *change, const xtune_plan *plan, size_t *nr_r,
                 xtune_error **err)
{
    struct context *ctx = change->ctx;
    size_t i;
    int rc;

    rc = xtune_apply(ctx->backend, ctx->state, plan, &change->options, NULL,
                     err);
    *nr_r += plan->nr_actions;
    if (!rc) keep_usb_ports(ctx, ctx->host, plan);
    for (i = 0; !rc && i < plan->nr_notes; i++)
        print_note(plan->notes[i].object, plan->notes[i].text);
    for (i = 0; !rc && i < plan->nr_blocked; i++)
        print_note(plan->blocked[i].object, plan->blocked[i].why);
    return rc;
}

/* The first error is told. */
static int note_error(int rc, xtune_error *cause, int so_far,
                      xtune_error **err)
{
    if (rc && !so_far)
        *err = cause;
    else
        xtune_error_free(cause);
    return so_far ? so_far : rc;
}

/* One by one: that one cannot be put right is no reason to leave others. There
 * is nothing in it to go back to: in the history it would only hide what came
 * before. */
static int mend(struct change *change, size_t *nr_r, xtune_error **err)
{
    const xtune_usb_request request = usb_request(change->ctx);
    xtune_plan *plan = NULL, one;
    size_t i;
    int failed, rc = xtune_plan_usb_mend(&request, &plan, err);

    change->options.no_history = true;
    for (i = 0; plan && i < plan->nr_actions; i++) {
        xtune_error *cause = NULL;

        one = *plan;
        one.actions += i;
        one.nr_actions = 1;
        failed = apply(change, &one, nr_r, &cause);
        rc = note_error(failed, cause, rc, err);
    }
    change->options.no_history = false;
    xtune_plan_free(plan);
    return rc;
}

/* The host is another one by now. */
static int look_again(struct context *ctx, xtune_error **err)
{
    xtune_host_free(ctx->host);
    ctx->host = NULL;
    return observe(ctx, 0, NULL, 0, err);
}

/* only: the domain that is to be given its devices; NULL: all. */
static int plan_wanted(struct context *ctx, const xtune_domain *only,
                       xtune_plan **plan_r, xtune_error **err)
{
    bool *these = calloc(ctx->host->nr_domains, sizeof(*these));
    const xtune_plan_request request = {
        .host = ctx->host,
        .policy = ctx->policy,
        .flags = XTUNE_PLAN_USB_ONLY,
        .only = only ? these : NULL,
        .devices = only ? these : NULL,
        .forced = ctx->settings.forced.words,
        .nr_forced = ctx->settings.forced.nr,
    };
    int rc;

    if (!these) abort();
    if (only) these[only - ctx->host->domains] = true;
    rc = xtune_plan_make(&request, plan_r, err);
    free(these);
    return rc;
}

/* Whether it is among those that the plan gives something. Objects are as
 * "web1/1-2.1". */
static bool is_in_plan(const xtune_plan *plan, const xtune_domain *domain)
{
    const size_t len = strlen(domain->name);
    size_t i;

    for (i = 0; i < plan->nr_actions; i++)
        if (!strncmp(plan->actions[i].object, domain->name, len) &&
            plan->actions[i].object[len] == '/')
            return true;
    return false;
}

static int attach_alone(struct change *change, const xtune_domain *domain,
                        size_t *nr_r, xtune_error **err)
{
    xtune_plan *plan = NULL;
    int rc = plan_wanted(change->ctx, domain, &plan, err);

    if (!rc && plan->nr_actions) rc = apply(change, plan, nr_r, err);
    xtune_plan_free(plan);
    return rc;
}

/* Domain by domain, where not all could be made together: what one device has
 * is no reason for other domains to be without theirs. */
static int attach_each(struct change *change, const xtune_plan *failed,
                       size_t *nr_r, xtune_error **err)
{
    struct context *ctx = change->ctx;
    int one, rc = look_again(ctx, err);
    size_t i;

    for (i = 0; ctx->host && i < ctx->host->nr_domains; i++) {
        const xtune_domain *domain = &ctx->host->domains[i];
        xtune_error *cause = NULL;

        if (!domain->id || !is_in_plan(failed, domain)) continue;
        one = attach_alone(change, domain, nr_r, &cause);
        rc = note_error(one, cause, rc, err);
    }
    return rc;
}

static int attach_wanted(struct change *change, size_t *nr_r,
                         xtune_error **err)
{
    struct context *ctx = change->ctx;
    xtune_plan *plan = NULL;
    int rc = look_again(ctx, err);

    if (!rc) rc = plan_wanted(ctx, NULL, &plan, err);
    if (!rc) rc = apply(change, plan, nr_r, err);
    if (rc && plan && rc != XTUNE_ERR_INTERRUPTED) {
        xtune_error_free(*err);
        *err = NULL;
        rc = attach_each(change, plan, nr_r, err);
    }
    xtune_plan_free(plan);
    return rc;
}

static int scan(struct context *ctx)
{
    xtune_error *err = NULL, *cause = NULL;
    struct change change;
    char *title = usb_title(ctx);
    size_t nr = 0;
    int code, rc, attached;

    change_begin(&change, ctx, title, true);
    rc = mend(&change, &nr, &err);
    attached = attach_wanted(&change, &nr, &cause);
    rc = note_error(attached, cause, rc, &err);
    code = change_end(&change, rc, err, nr ? "applied" : "nothing", NULL);
    free(title);
    return code;
}

int cmd_pusb_scan(struct context *ctx)
{
    xtune_error *err = NULL;
    struct xe xe;
    int rc;

    rc = xe_begin(ctx, &xe_usb_groups, true, &xe, &err);
    if (!rc) rc = check_host(ctx, &xe, &err);
    rc = xe_end(ctx, &xe, rc, err);
    return rc ? rc : scan(ctx);
}
