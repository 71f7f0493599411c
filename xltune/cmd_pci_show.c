/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Commands that show PCI devices, and what stands against giving one away. */
#include "cmd_pci.h"

#include <string.h>

#include <xtune/report.h>

enum { ARG_DEVICE, ARG_DOMAIN };

/* What verbs were told to keep, for what contradicts it. A record that cannot
 * be read is no reason not to show a device. */
static void read_wanted(struct context *ctx)
{
    xtune_error *err = NULL;

    ctx->policy = xtune_policy_new();
    if (!read_records(ctx, ctx->policy, &err)) return;
    print_note(err->object, err->message);
    xtune_error_free(err);
    xtune_policy_free(ctx->policy);
    ctx->policy = NULL;
}

static xtune_findings *contradictions(struct context *ctx)
{
    xtune_findings *findings = xtune_findings_new();

    read_wanted(ctx);
    xtune_pci_add_contradictions(findings, ctx->host, ctx->policy);
    return findings;
}

int cmd_pci_show(struct context *ctx)
{
    xtune_pci_view view = { .root = ctx->settings.root };
    xtune_findings *found;
    xtune_error *err = NULL;
    int rc, code;

    rc = observe(ctx, 0, NULL, 0, &err);
    if (!rc && ctx->nr_args)
        rc = xtune_pci_find(ctx->host, ctx->args[ARG_DEVICE], &view.pci, &err);
    if (rc) return report_error(ctx, err);
    view.host = ctx->host;
    view.contradictions = found = contradictions(ctx);
    code = print_text(ctx,
                      ctx->settings.json ? xtune_report_pci_json(&view)
                                         : xtune_report_pci(&view),
                      EXIT_DONE);
    xtune_findings_free(found);
    return code;
}

/* A hide list that is wrong hides none of its devices, and is about all. */
static bool is_checked(const xtune_finding *finding,
                       const xtune_pci *const *devices, size_t nr)
{
    size_t i;

    if (finding->level == XTUNE_FINDING_ERROR &&
        !strcmp(finding->name, "hide"))
        return true;
    for (i = 0; i < nr; i++)
        if (!strcmp(finding->object, devices[i]->address)) return true;
    return false;
}

static bool is_same(const xtune_finding *a, const xtune_finding *b)
{
    return !strcmp(a->name, b->name) && !strcmp(a->object, b->object) &&
           !strcmp(a->text, b->text);
}

/* A stale claim is a contradiction, and in the way as well. */
static void drop_repeated(xtune_findings *findings)
{
    size_t kept = 0, i, k;

    for (i = 0; i < findings->nr; i++) {
        for (k = 0; k < kept; k++)
            if (is_same(&findings->items[k], &findings->items[i])) break;
        if (k == kept) findings->items[kept++] = findings->items[i];
    }
    findings->nr = kept;
}

/* Of the contradictions those that are about these devices, and what giving
 * them away would meet. */
static xtune_findings *findings_of(struct context *ctx,
                                   const xtune_pci *const *devices, size_t nr,
                                   const xtune_domain *domain)
{
    xtune_findings *findings = contradictions(ctx);
    size_t kept = 0, i;

    for (i = 0; i < findings->nr; i++)
        if (is_checked(&findings->items[i], devices, nr))
            findings->items[kept++] = findings->items[i];
    findings->nr = kept;
    xtune_pci_add_checks(findings, ctx->host, devices, nr, domain);
    drop_repeated(findings);
    return findings;
}

static int code_of(const xtune_findings *findings)
{
    size_t i;

    for (i = 0; i < findings->nr; i++)
        if (findings->items[i].level != XTUNE_FINDING_NOTE)
            return EXIT_DIFFERENCE;
    return EXIT_DONE;
}

/* Of a domain also how far its memory is. */
static unsigned int parts_of_check(const struct context *ctx)
{
    if (ctx->nr_args <= ARG_DOMAIN) return 0;
    return XTUNE_OBSERVE_TOPOLOGY | XTUNE_OBSERVE_VCPUS |
           XTUNE_OBSERVE_NODE_AFFINITY | XTUNE_OBSERVE_BUILT |
           XTUNE_OBSERVE_RESIDENCY;
}

int cmd_pci_check(struct context *ctx)
{
    xtune_pci_checked checked = { .domain = NULL };
    xtune_findings *findings;
    const xtune_pci **devices;
    xtune_error *err = NULL;
    int rc, code;

    rc = observe(ctx, parts_of_check(ctx), NULL, 0, &err);
    if (!rc)
        rc = find_pci(ctx, ctx->args[ARG_DEVICE], &devices, &checked.nr, &err);
    if (!rc && ctx->nr_args > ARG_DOMAIN)
        rc = xtune_host_find_domain(ctx->host, ctx->args[ARG_DOMAIN],
                                    &checked.domain, &err);
    if (rc) return report_error(ctx, err);
    findings = findings_of(ctx, devices, checked.nr, checked.domain);
    checked.devices = devices;
    checked.findings = findings;
    code =
        print_text(ctx,
                   ctx->settings.json ? xtune_report_pci_check_json(&checked)
                                      : xtune_report_pci_check(&checked),
                   code_of(findings));
    xtune_findings_free(findings);
    return code;
}

int cmd_sriov_list(struct context *ctx)
{
    xtune_error *err = NULL;

    if (observe(ctx, 0, NULL, 0, &err)) return report_error(ctx, err);
    return print_text(ctx,
                      ctx->settings.json ? xtune_report_sriov_json(ctx->host)
                                         : xtune_report_sriov(ctx->host),
                      EXIT_DONE);
}
