/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The USB devices that the record of a new domain gives it: attached when xl
 * has made it, for they come and go while it runs, and xl knows them by
 * addresses only that they have today.
 */
#include "create.h"

#include <stdlib.h>
#include <string.h>

#include <xtune/usb.h>

#include "cmd_usb.h"

static bool is_usb(const xtune_action *action)
{
    return !strncmp(action->kind, "usb", 3);
}

/* NULL: it has none that gives it USB devices. */
static const xtune_record *record_of(const struct creation *creation,
                                     const xtune_host *host,
                                     const xtune_domain *domain)
{
    const xtune_policy *policy = creation->ctx->policy;
    const xtune_record *record =
        policy ? xtune_policy_record(policy, host, domain) : NULL;

    return record && record->nr_usb ? record : NULL;
}

static int make_plan(const struct creation *creation, const xtune_host *host,
                     const xtune_domain *domain, xtune_plan **plan_r,
                     xtune_error **err)
{
    bool *this_one = calloc(host->nr_domains, sizeof(*this_one));
    const struct settings *s = &creation->ctx->settings;
    const xtune_plan_request request = {
        .host = host,
        .policy = creation->ctx->policy,
        .flags = XTUNE_PLAN_NO_MOVES | XTUNE_PLAN_USB_ONLY,
        .only = this_one,
        .devices = this_one,
        .forced = s->forced.words,
        .nr_forced = s->forced.nr,
    };
    int rc;

    if (!this_one) abort();
    this_one[domain - host->domains] = true;
    rc = xtune_plan_make(&request, plan_r, err);
    free(this_one);
    return rc;
}

/* Objects are as "web1/1-2.1". */
static const char *path_of(const xtune_action *action)
{
    const char *slash = strrchr(action->object, '/');

    return slash ? slash + 1 : action->object;
}

/* Those of its record that are not plugged in. */
static void note_absent(struct creation *creation, const xtune_host *host,
                        const xtune_record *record)
{
    const xtune_usb *usb;
    size_t i;

    for (i = 0; i < record->nr_usb; i++) {
        const xtune_usb_identity *id = &record->usb[i].identity;
        const bool by_port = id->by == XTUNE_USB_BY_PORT;

        if (xtune_usb_resolve(host, id, &usb, NULL) != XTUNE_ERR_NOT_FOUND)
            continue;
        create_note(creation,
                    "USB device %s:%s,%s%s is not plugged in: it is waited "
                    "for",
                    id->vendor, id->product, by_port ? "port=" : "serial=",
                    by_port ? id->port : id->serial);
    }
}

/* Devices that it gets, with these words, and those that it does not. */
static void note_plan(struct creation *creation, const xtune_plan *plan,
                      const char *words)
{
    size_t i;

    for (i = 0; i < plan->nr_actions; i++)
        if (!strcmp(plan->actions[i].kind, "usb"))
            create_note(creation, "USB device %s %s",
                        path_of(&plan->actions[i]), words);
    for (i = 0; i < plan->nr_blocked; i++)
        if (is_usb(&plan->blocked[i]))
            create_note(creation, "USB device %s is not attached: %s",
                        path_of(&plan->blocked[i]), plan->blocked[i].why);
    for (i = 0; i < plan->nr_notes; i++)
        create_note(creation, "%s: %s", plan->notes[i].object,
                    plan->notes[i].text);
}

static void note_failure(struct creation *creation, xtune_error *err)
{
    char *text = xtune_error_text(err);

    create_note(creation, "its USB devices are not attached: %s", text);
    free(text);
    xtune_error_free(err);
}

/* As it would be among the domains that there are. */
void create_foresee_usb(struct creation *creation)
{
    xtune_host host = *creation->ctx->host;
    xtune_arena *arena = creation->config->arena;
    xtune_domain *domains =
        XTUNE_NEW_ARRAY(arena, xtune_domain, host.nr_domains + 1);
    const xtune_record *record =
        record_of(creation, &host, &creation->newcomer);
    xtune_plan *plan = NULL;
    xtune_error *err = NULL;

    if (!record) return;
    memcpy(domains, host.domains, host.nr_domains * sizeof(*domains));
    domains[host.nr_domains] = creation->newcomer;
    host.domains = domains;
    if (make_plan(creation, &host, &domains[host.nr_domains++], &plan, &err)) {
        note_failure(creation, err);
        return;
    }
    note_plan(creation, plan, "is attached when it is made");
    note_absent(creation, &host, record);
    xtune_plan_free(plan);
}

static int look(struct creation *creation, xtune_host **host_r,
                xtune_error **err)
{
    const xtune_observe what = {
        .parts = USB_GIVING_PARTS | XTUNE_OBSERVE_NAMES,
    };

    return xtune_backend_observe(creation->ctx->backend, &what, host_r, err);
}

static int attach(struct creation *creation, const xtune_host *host,
                  const xtune_domain *domain, xtune_error **err)
{
    struct context *ctx = creation->ctx;
    char *title = format_text("create %s: USB devices", domain->name);
    const xtune_apply_options options = { .title = title };
    xtune_plan *plan = NULL;
    int rc = make_plan(creation, host, domain, &plan, err);

    if (!rc && plan->nr_actions)
        rc = xtune_apply(ctx->backend, ctx->state, plan, &options, NULL, err);
    if (!rc) keep_usb_ports(ctx, host, plan);
    if (!rc) note_plan(creation, plan, "is attached");
    xtune_plan_free(plan);
    free(title);
    return rc;
}

void create_attach_usb(struct creation *creation)
{
    const xtune_record *record =
        record_of(creation, creation->ctx->host, &creation->newcomer);
    const xtune_domain *domain = NULL;
    xtune_host *host = NULL;
    xtune_error *err = NULL;
    size_t i;
    int rc;

    if (!record) return;
    rc = look(creation, &host, &err);
    for (i = 0; !rc && i < host->nr_domains; i++)
        if (!strcmp(host->domains[i].name, creation->config->name))
            domain = &host->domains[i];
    if (domain) rc = attach(creation, host, domain, &err);
    if (rc)
        note_failure(creation, err);
    else
        note_absent(creation, host, record);
    xtune_host_free(host);
}
