/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The plan that replaces the usb-policy's text. */
#include <string.h>

#include "base/json.h"
#include "base/util.h"
#include "plan/builder.h"
#include "usb/policy_file.h"

typedef struct change {
    xtune_arena *arena; /* for what is looked at meanwhile */
    xtune_plan *plan;
    const xtune_host *host;
    const char *file; /* that is written */
    const char *text; /* that is to be in it */
    xtune_usb_policy *before, *after;
} change;

/* Plans and the journal hold text, and could not give other bytes back. */
static int check_text(const char *file, const char *text, xtune_error **err)
{
    if (!text || xt_json_is_text(text)) return 0;
    return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, 0, file,
                           "save it as UTF-8, or change it by an editor",
                           "there are bytes in it that are not UTF-8, which "
                           "could not be put back as they are");
}

static bool is_allowed(const change *c, const xtune_usb_policy *policy,
                       const xtune_usb *usb)
{
    return policy && xtune_usb_policy_judge(policy, usb, c->arena).allow;
}

static bool is_input(const char *guard)
{
    return !strcmp(guard, "keyboard") || !strcmp(guard, "pointer");
}

/* A device that can be given away from now on, and that the console needs. */
static void note_inputs(const change *c, const xtune_usb *usb)
{
    xtune_findings *findings = xtune_findings_new();
    size_t i;

    xtune_usb_add_guards(findings, c->host, c->after, usb);
    for (i = 0; i < findings->nr; i++) {
        const xtune_finding *finding = &findings->items[i];

        if (!is_input(finding->name)) continue;
        xt_plan_add_note(
            c->plan, usb->path,
            xtune_arena_printf(c->arena,
                               "it can be given to guests now, but %s: %s",
                               finding->text, finding->hint));
    }
    xtune_findings_free(findings);
}

static bool has_finding(const xtune_findings *findings,
                        const xtune_finding *like)
{
    size_t i;

    for (i = 0; i < findings->nr; i++)
        if (!strcmp(findings->items[i].name, like->name) &&
            !strcmp(findings->items[i].text, like->text))
            return true;
    return false;
}

/* What XAPI does not understand, and would stop at, is new. */
static void note_extensions(const change *c)
{
    xtune_findings *before = xtune_findings_new();
    xtune_findings *after = xtune_findings_new();
    size_t i;

    if (c->before) xtune_usb_policy_add_lint(before, c->before, NULL, 0);
    xtune_usb_policy_add_lint(after, c->after, NULL, 0);
    for (i = 0; i < after->nr; i++) {
        const xtune_finding *finding = &after->items[i];

        if (strcmp(finding->name, "extension") != 0 ||
            has_finding(before, finding))
            continue;
        xt_plan_add_note(c->plan, finding->object,
                         xtune_arena_printf(c->arena, "%s: %s", finding->text,
                                            finding->hint));
    }
    xtune_findings_free(before);
    xtune_findings_free(after);
}

/* To deny takes nothing back. */
static void note_owner(const change *c, const xtune_usb *usb)
{
    const xtune_domain *owner =
        xtune_usb_owner(c->host, usb->path, NULL, NULL);

    if (!owner) return;
    xt_plan_add_note(c->plan, usb->path,
                     xtune_arena_printf(c->arena,
                                        "domain \"%s\" has it, and keeps it "
                                        "until it is taken back",
                                        owner->name));
}

static void note_device(const change *c, const xtune_usb *usb)
{
    const bool was = is_allowed(c, c->before, usb);
    const bool is = is_allowed(c, c->after, usb);

    if (is && !was) note_inputs(c, usb);
    if (was && !is) note_owner(c, usb);
}

static void add_action(const change *c)
{
    const xtune_usb_rules *now = &c->host->usb_rules;
    xtune_arena *arena = c->plan->arena;
    xt_json *target = xt_json_object(arena);
    const char *file = xtune_arena_strdup(arena, c->file);

    xt_json_add_string(arena, target, "file", file);
    xt_plan_add(
        c->plan,
        &(xtune_action){
            .kind = "usb-rules",
            .object = file,
            .target = target,
            .old = xt_usb_policy_is_own(now->file) && now->text
                       ? xt_json_string(arena,
                                        xtune_arena_strdup(arena, now->text))
                       : xt_json_null(arena),
            .new = xt_json_string(arena, xtune_arena_strdup(arena, c->text)),
            .reason = "usb-policy",
        });
}

static int make(change *c, xtune_error **err)
{
    size_t i;
    int rc;

    rc = xtune_usb_policy_parse(c->text, strlen(c->text), c->file, &c->after,
                                err);
    if (!rc) rc = check_text(c->file, c->host->usb_rules.text, err);
    if (!rc) rc = check_text(c->file, c->text, err);
    if (rc || !strcmp(c->text, xtune_usb_policy_text(c->arena, c->host)))
        return rc;
    /* The one before may be what is mended by this. */
    if (xtune_usb_policy_of(c->host, &c->before, NULL)) c->before = NULL;
    add_action(c);
    for (i = 0; i < c->host->nr_usb; i++)
        note_device(c, &c->host->usb[i]);
    note_extensions(c);
    return 0;
}

int xtune_plan_usb_rules(const xtune_usb_request *request, const char *text,
                         xtune_plan **plan_r, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xtune_usb_rules *now = &request->host->usb_rules;
    change c = { .arena = arena,
                 .plan = xt_plan_new(),
                 .host = request->host,
                 .file = xt_usb_policy_is_own(now->file)
                             ? now->file
                             : xt_usb_policy_files[XT_USB_POLICY_OURS],
                 .text = text };
    int rc;

    if (now->problem)
        rc =
            xtune_error_set(err, XTUNE_ERR_IO, 0, c.file, "mend it first",
                            "the usb-policy cannot be read: %s", now->problem);
    else
        rc = make(&c, err);
    xtune_usb_policy_free(c.before);
    xtune_usb_policy_free(c.after);
    if (rc)
        xtune_plan_free(c.plan);
    else
        *plan_r = c.plan;
    return rc;
}
