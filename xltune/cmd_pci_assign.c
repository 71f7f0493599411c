/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Commands about the devices that domains are to have whenever they start. */
#include "cmd_pci.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <xtune/record.h>
#include <xtune/report.h>

#include "verb.h"

enum { ARG_DOMAIN, ARG_DEVICE };

/* A domain, be it that it runs or not, and devices of it. */
struct assignment {
    const xtune_domain *domain; /* NULL: it does not run */
    char uuid[37];
    const char *name;           /* NULL: as its record has it, if any */
    const xtune_record *record; /* NULL: nothing is kept yet */
    xtune_wanted_pci *wanted;
    const xtune_pci **devices; /* of the same index; NULL: it is gone */
    size_t nr;
};

/* The domain. */

static bool is_uuid(const char *text)
{
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    size_t i;

    for (i = 0; form[i]; i++)
        if (form[i] == '-' ? text[i] != '-'
                           : !isxdigit((unsigned char)text[i]))
            return false;
    return !text[i];
}

static const xtune_record *find_record(const xtune_policy *policy,
                                       const char *uuid)
{
    size_t i;

    for (i = 0; i < policy->nr_records; i++)
        if (!strcasecmp(policy->records[i].uuid, uuid))
            return &policy->records[i];
    return NULL;
}

/* The only record of this name; NULL, and *many_r where there are several. */
static const xtune_record *find_named(const xtune_policy *policy,
                                      const char *name, bool *many_r)
{
    const xtune_record *found = NULL;
    size_t i;

    for (i = 0; i < policy->nr_records; i++) {
        if (strcmp(policy->records[i].name, name)) continue;
        *many_r = found != NULL;
        found = &policy->records[i];
        if (*many_r) return NULL;
    }
    return found;
}

static void take_uuid(struct assignment *a, const char *uuid)
{
    size_t i;

    for (i = 0; i + 1 < sizeof(a->uuid) && uuid[i]; i++)
        a->uuid[i] = (char)tolower((unsigned char)uuid[i]);
    a->uuid[i] = '\0';
}

static int find_stopped(struct context *ctx, struct assignment *a,
                        xtune_error **err)
{
    const char *word = ctx->args[ARG_DOMAIN];
    bool many = false;

    if (is_uuid(word)) {
        take_uuid(a, word);
        a->record = find_record(ctx->policy, word);
        return 0;
    }
    a->record = find_named(ctx->policy, word, &many);
    if (a->record) {
        take_uuid(a, a->record->uuid);
        return 0;
    }
    return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, word,
                           "give its uuid, or start it first",
                           many ? "several records are of a domain of this "
                                  "name, and none of them runs"
                                : "no such domain runs, and nothing is kept "
                                  "for one");
}

static int find_domain(struct context *ctx, struct assignment *a,
                       xtune_error **err)
{
    xtune_error *cause = NULL;
    int rc;

    ctx->policy = xtune_policy_new();
    rc = read_records(ctx, ctx->policy, err);
    if (rc) return rc;
    rc = xtune_host_find_domain(ctx->host, ctx->args[ARG_DOMAIN], &a->domain,
                                &cause);
    if (rc == XTUNE_ERR_NOT_FOUND) {
        xtune_error_free(cause);
        a->domain = NULL;
        return find_stopped(ctx, a, err);
    }
    if (rc) {
        *err = cause;
        return rc;
    }
    if (!a->domain->id)
        return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, a->domain->name,
                               NULL, "dom0 has all devices that no guest has");
    take_uuid(a, a->domain->uuid);
    a->record = xtune_policy_record(ctx->policy, ctx->host, a->domain);
    return 0;
}

static const char *name_of(const struct context *ctx,
                           const struct assignment *a)
{
    if (a->domain) return a->domain->name;
    return a->record && *a->record->name ? a->record->name
                                         : ctx->args[ARG_DOMAIN];
}

static int begin(struct context *ctx, struct assignment *a, xtune_error **err)
{
    int rc = observe_for_verb(ctx, 0, err);

    return rc ? rc : find_domain(ctx, a, err);
}

/* Assigning. */

int check_pci_assign(struct context *ctx)
{
    const char *slot = ctx->settings.slot;
    uint32_t number;

    if (!slot) return 0;
    if (!parse_guest_slot(slot, &number))
        return usage_error(ctx, "--slot",
                           "give a hexadecimal number from 1 to 1f",
                           "\"%s\" is no slot of a guest", slot);
    if (ctx->nr_args > ARG_DEVICE + 1)
        return usage_error(ctx, "--slot", "assign them one by one",
                           "%zu devices cannot have one slot",
                           ctx->nr_args - ARG_DEVICE);
    return 0;
}

static bool is_there(const struct assignment *a, const xtune_pci *pci)
{
    size_t i;

    for (i = 0; i < a->nr; i++)
        if (a->devices[i] == pci) return true;
    return false;
}

static xtune_wanted_pci wish_for(const struct context *ctx,
                                 const xtune_pci *pci)
{
    xtune_wanted_pci wish = wanted_of(ctx->host->arena, pci);

    if (ctx->settings.slot) parse_guest_slot(ctx->settings.slot, &wish.slot);
    wish.permissive = ctx->settings.permissive;
    return wish;
}

static int find_devices(struct context *ctx, struct assignment *a,
                        xtune_error **err)
{
    xtune_arena *arena = ctx->host->arena;
    const xtune_pci *pci;
    size_t i;
    int rc;

    a->wanted = XTUNE_NEW_ARRAY(arena, xtune_wanted_pci, ctx->nr_args);
    a->devices = XTUNE_NEW_ARRAY(arena, const xtune_pci *, ctx->nr_args);
    for (i = ARG_DEVICE; i < ctx->nr_args; i++) {
        rc = xtune_pci_find(ctx->host, ctx->args[i], &pci, err);
        if (rc) return rc;
        if (is_there(a, pci)) continue;
        a->devices[a->nr] = pci;
        a->wanted[a->nr++] = wish_for(ctx, pci);
    }
    return 0;
}

static int refuse(const xtune_finding *finding, xtune_arena *arena,
                  xtune_error **err)
{
    return xtune_error_set(
        err, XTUNE_ERR_REFUSED, 0, finding->object,
        xtune_arena_printf(arena, "%s%s--force keeps it all the same",
                           finding->hint ? finding->hint : "",
                           finding->hint ? "; " : ""),
        "%s", finding->text);
}

/* What would not work now may work when the domain starts. */
static int check_devices(struct context *ctx, const struct assignment *a,
                         xtune_error **err)
{
    const struct settings *s = &ctx->settings;
    xtune_findings *findings = xtune_findings_new();
    size_t i;
    int rc;

    xtune_pci_add_checks(findings, ctx->host, a->devices, a->nr, a->domain);
    rc = xtune_findings_heed(findings, s->forced.words, s->forced.nr, err);
    for (i = 0; !rc && i < findings->nr; i++) {
        const xtune_finding *f = &findings->items[i];

        if (f->is_guard) continue;
        if (f->level == XTUNE_FINDING_ERROR && !s->force)
            rc = refuse(f, ctx->host->arena, err);
        else if (f->level != XTUNE_FINDING_NOTE)
            print_note(f->object, f->text);
    }
    xtune_findings_free(findings);
    return rc;
}

/* Before the first is written. */
static int check_holders(const struct context *ctx, const struct assignment *a,
                         xtune_error **err)
{
    size_t i;
    int rc = 0;

    for (i = 0; !rc && i < a->nr; i++)
        rc = xtune_record_check_pci(ctx->policy, a->record,
                                    a->wanted[i].address, err);
    return rc;
}

static int keep_devices(struct context *ctx, const void *what,
                        xtune_error **err)
{
    const struct assignment *a = what;
    size_t i;
    int rc = 0;

    for (i = 0; !rc && i < a->nr; i++)
        rc = a->domain ? xtune_record_pci(ctx->state, ctx->host, a->domain,
                                          &a->wanted[i], err)
                       : xtune_record_pci_of(ctx->state, a->uuid, a->name,
                                             &a->wanted[i], err);
    return rc;
}

/* As it was given. */
static char *title_of(const struct context *ctx)
{
    const struct settings *s = &ctx->settings;
    char *title =
        format_text("%s%s%s%s%s", ctx->command->name, s->now ? " --now" : "",
                    s->slot ? " --slot " : "", s->slot ? s->slot : "",
                    s->permissive ? " --permissive" : "");
    size_t i;

    for (i = 0; i < ctx->nr_args; i++) {
        char *longer = format_text("%s %s", title, ctx->args[i]);

        free(title);
        title = longer;
    }
    return title;
}

/* A plan for these devices and nothing else. */
static int plan_devices(struct context *ctx, const struct assignment *a,
                        xtune_plan **plan_r, xtune_error **err)
{
    xtune_policy *policy = xtune_policy_new();
    xtune_record record = {
        .uuid = a->uuid,
        .name = a->domain->name,
        .pci = a->wanted,
        .nr_pci = a->nr,
    };
    const xtune_plan_request request = {
        .host = ctx->host,
        .policy = policy,
        .flags = XTUNE_PLAN_NO_MOVES,
        .forced = ctx->settings.forced.words,
        .nr_forced = ctx->settings.forced.nr,
    };
    int rc;

    policy->records = &record;
    policy->nr_records = 1;
    rc = xtune_plan_make(&request, plan_r, err);
    xtune_policy_free(policy);
    if (rc || !(*plan_r)->nr_blocked) return rc;
    rc = xtune_error_set(err, XTUNE_ERR_REFUSED, 0,
                         (*plan_r)->blocked[0].object, NULL, "%s",
                         (*plan_r)->blocked[0].why);
    xtune_plan_free(*plan_r);
    return rc;
}

static int assign_now(struct context *ctx, const struct assignment *a)
{
    xtune_error *err = NULL;
    xtune_plan *plan;
    int code;

    if (plan_devices(ctx, a, &plan, &err)) return report_error(ctx, err);
    code = run_verb(ctx, &(struct verb){
                             .plan = plan,
                             .title = title_of(ctx),
                             .keep = keep_devices,
                             .what = a,
                             .object = a->domain->name,
                         });
    xtune_plan_free(plan);
    return code;
}

static bool has(const struct assignment *a, size_t i)
{
    size_t k;

    for (k = 0; a->domain && k < a->domain->nr_pci; k++)
        if (!strcmp(a->domain->pci[k], a->wanted[i].address)) return true;
    return false;
}

static int end_kept(struct context *ctx, const struct assignment *a,
                    const char *result, const char *note)
{
    if (ctx->settings.json)
        return print_text(ctx, xtune_report_outcome_json(result, NULL, 0, 0),
                          EXIT_DONE);
    if (note && !ctx->settings.quiet) print_note(name_of(ctx, a), note);
    return EXIT_DONE;
}

static int assign(struct context *ctx, const struct assignment *a)
{
    xtune_error *err = NULL;
    bool waits = false;
    size_t i;

    if (a->domain && ctx->settings.now) return assign_now(ctx, a);
    if (keep_devices(ctx, a, &err)) return report_error(ctx, err);
    for (i = 0; i < a->nr; i++)
        waits = waits || (a->domain && !has(a, i));
    return end_kept(ctx, a, "kept",
                    waits ? "it is attached when the domain starts next; "
                            "--now, or \"xltune apply\", attaches it at once"
                          : NULL);
}

int cmd_pci_assign(struct context *ctx)
{
    struct assignment a = { .nr = 0 };
    xtune_error *err = NULL;
    int rc;

    rc = begin(ctx, &a, &err);
    if (!rc) rc = find_devices(ctx, &a, &err);
    if (!rc) rc = check_holders(ctx, &a, &err);
    if (!rc) rc = check_devices(ctx, &a, &err);
    return rc ? report_error(ctx, err) : assign(ctx, &a);
}

/* Forgetting. */

static const xtune_pci *resolve(const struct context *ctx,
                                const xtune_wanted_pci *wanted)
{
    const xtune_pci *pci = NULL;

    if (xtune_pci_resolve_wanted(ctx->host, wanted, &pci, NULL)) return NULL;
    return pci;
}

static void take(const struct context *ctx, struct assignment *a,
                 const xtune_wanted_pci *wanted)
{
    a->devices[a->nr] = resolve(ctx, wanted);
    a->wanted[a->nr++] = *wanted;
}

/* By the address in the record, by that of today, or by a name: it may be
 * gone. */
static int take_word(struct context *ctx, struct assignment *a,
                     const char *word, xtune_error **err)
{
    const xtune_record *record = a->record;
    xtune_pci_address address;
    const xtune_pci *pci = NULL;
    const char *text = word;
    size_t i;

    if (!xtune_pci_address_parse(word, &address, NULL))
        text = xtune_pci_address_text(ctx->host->arena, &address);
    for (i = 0; record && i < record->nr_pci; i++)
        if (!strcmp(record->pci[i].address, text)) break;
    if (!xtune_pci_find(ctx->host, word, &pci, NULL))
        for (; record && i >= record->nr_pci && i < 2 * record->nr_pci; i++)
            if (resolve(ctx, &record->pci[i - record->nr_pci]) == pci) {
                i -= record->nr_pci;
                break;
            }
    if (!record || i >= record->nr_pci)
        return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, word,
                               "\"xltune pci-assigned-list\" shows what is",
                               "it is not kept for domain \"%s\"",
                               name_of(ctx, a));
    take(ctx, a, &record->pci[i]);
    return 0;
}

static int find_kept(struct context *ctx, struct assignment *a,
                     xtune_error **err)
{
    const size_t kept = a->record ? a->record->nr_pci : 0;
    const size_t room = ctx->nr_args + kept;
    size_t i;
    int rc = 0;

    a->wanted = XTUNE_NEW_ARRAY(ctx->host->arena, xtune_wanted_pci, room);
    a->devices = XTUNE_NEW_ARRAY(ctx->host->arena, const xtune_pci *, room);
    if (ctx->nr_args == ARG_DEVICE + 1 &&
        !strcmp(ctx->args[ARG_DEVICE], "all")) {
        for (i = 0; i < kept; i++)
            take(ctx, a, &a->record->pci[i]);
        return 0;
    }
    for (i = ARG_DEVICE; !rc && i < ctx->nr_args; i++)
        rc = take_word(ctx, a, ctx->args[i], err);
    return rc;
}

static int forget_devices(struct context *ctx, const void *what,
                          xtune_error **err)
{
    const struct assignment *a = what;
    bool found;
    size_t i;
    int rc = 0;

    for (i = 0; !rc && i < a->nr; i++)
        rc = a->domain
                 ? xtune_record_forget_pci(ctx->state, ctx->host, a->domain,
                                           a->wanted[i].address, &found, err)
                 : xtune_record_forget_pci_of(ctx->state, a->uuid, a->name,
                                              a->wanted[i].address, &found,
                                              err);
    return rc;
}

static int detach_now(struct context *ctx, const struct assignment *a)
{
    const xtune_pci **devices =
        XTUNE_NEW_ARRAY(ctx->host->arena, const xtune_pci *, a->nr);
    xtune_error *err = NULL;
    xtune_plan *plan;
    size_t nr = 0, i;
    int code;

    for (i = 0; i < a->nr; i++)
        if (a->devices[i] &&
            xtune_pci_owner(ctx->host, a->devices[i]) == a->domain)
            devices[nr++] = a->devices[i];
    if (xtune_plan_pci_detach(ctx->host, a->domain, devices, nr, false, &plan,
                              &err))
        return report_error(ctx, err);
    code = run_verb(ctx, &(struct verb){
                             .plan = plan,
                             .title = title_of(ctx),
                             .keep = forget_devices,
                             .what = a,
                             .object = a->domain->name,
                         });
    xtune_plan_free(plan);
    return code;
}

int cmd_pci_unassign(struct context *ctx)
{
    struct assignment a = { .nr = 0 };
    xtune_error *err = NULL;
    int rc;

    rc = begin(ctx, &a, &err);
    if (!rc) rc = find_kept(ctx, &a, &err);
    if (rc) return report_error(ctx, err);
    if (!a.nr) return end_kept(ctx, &a, "nothing", "no device is kept for it");
    if (a.domain && ctx->settings.now) return detach_now(ctx, &a);
    if (forget_devices(ctx, &a, &err)) return report_error(ctx, err);
    return end_kept(ctx, &a, "forgotten", NULL);
}

/* Listing. */

int cmd_pci_assigned_list(struct context *ctx)
{
    struct assignment a = { .nr = 0 };
    xtune_error *err = NULL;
    xtune_policy only;
    int rc;

    rc = observe(ctx, 0, NULL, 0, &err);
    if (!rc && ctx->nr_args) {
        rc = find_domain(ctx, &a, &err);
    } else if (!rc) {
        ctx->policy = xtune_policy_new();
        rc = read_records(ctx, ctx->policy, &err);
    }
    if (rc) return report_error(ctx, err);
    only = *ctx->policy;
    if (ctx->nr_args) {
        only.records = (xtune_record *)a.record;
        only.nr_records = a.record != NULL;
    }
    return print_text(ctx,
                      ctx->settings.json
                          ? xtune_report_pci_assigned_json(ctx->host, &only)
                          : xtune_report_pci_assigned(ctx->host, &only),
                      EXIT_DONE);
}
