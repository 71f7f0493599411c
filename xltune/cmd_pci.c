/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Commands about PCI devices that are xl's, and planned here. */
#include "cmd_pci.h"

#include <stdlib.h>
#include <string.h>

#include <xtune/report.h>

#include "verb.h"

enum { ARG_DOMAIN, ARG_SPEC, ARG_VSLOT };

/* Finding devices. */

/* What an address and a name have not. */
static bool is_spec(const char *text)
{
    return strpbrk(text, "*@,=") != NULL;
}

int find_pci(struct context *ctx, const char *text,
             const xtune_pci ***devices_r, size_t *nr_r, xtune_error **err)
{
    xtune_arena *arena = ctx->host->arena;
    xtune_pci_spec spec;
    int rc;

    if (is_spec(text)) {
        rc = xtune_pci_spec_parse(arena, text, &spec, err);
        if (rc) return rc;
        return xtune_pci_spec_devices(arena, ctx->host, &spec, devices_r, nr_r,
                                      err);
    }
    *devices_r = XTUNE_NEW_ARRAY(arena, const xtune_pci *, 1);
    *nr_r = 1;
    return xtune_pci_find(ctx->host, text, &(*devices_r)[0], err);
}

int find_pcis(struct context *ctx, const xtune_pci ***devices_r, size_t *nr_r,
              xtune_error **err)
{
    const xtune_pci **devices =
        XTUNE_NEW_ARRAY(ctx->host->arena, const xtune_pci *, ctx->nr_args);
    size_t nr = 0, i, k;
    int rc;

    for (i = 0; i < ctx->nr_args; i++) {
        rc = xtune_pci_find(ctx->host, ctx->args[i], &devices[nr], err);
        if (rc) return rc;
        for (k = 0; devices[k] != devices[nr]; k++)
            ;
        nr += k == nr;
    }
    *devices_r = devices;
    *nr_r = nr;
    return 0;
}

xtune_pci_request pci_request(const struct context *ctx)
{
    return (xtune_pci_request){
        .host = ctx->host,
        .forced = ctx->settings.forced.words,
        .nr_forced = ctx->settings.forced.nr,
    };
}

/* Looking. */

/* xl lists nothing then, as if there were no device. */
static int check_pciback(const xtune_host *host, xtune_error **err)
{
    size_t i;

    if (!host->boot.pciback || strcmp(host->boot.pciback, "missing")) return 0;
    for (i = 0; i < host->nr_pci; i++)
        if (host->pci[i].assignable) return 0;
    return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, 0, "pciback",
                           "use a kernel with CONFIG_XEN_PCIDEV_BACKEND",
                           "dom0's Linux has no such driver, without which no "
                           "device is assignable");
}

int cmd_pci_assignable_list(struct context *ctx)
{
    const struct settings *s = &ctx->settings;
    xtune_error *err = NULL;

    if (observe(ctx, 0, NULL, 0, &err) || check_pciback(ctx->host, &err))
        return report_error(ctx, err);
    return print_text(
        ctx,
        s->json ? xtune_report_pci_assignable_json(ctx->host)
                : xtune_report_pci_assignable(ctx->host, s->show_names),
        EXIT_DONE);
}

int cmd_pci_list(struct context *ctx)
{
    const xtune_domain *domain = NULL;
    xtune_error *err = NULL;
    int rc;

    rc = observe(ctx, 0, NULL, 0, &err);
    if (!rc)
        rc = xtune_host_find_domain(ctx->host, ctx->args[ARG_DOMAIN], &domain,
                                    &err);
    if (rc) return report_error(ctx, err);
    return print_text(ctx,
                      ctx->settings.json ? xtune_report_pci_list_json(domain)
                                         : xtune_report_pci_list(domain),
                      EXIT_DONE);
}

/* Changing. */

/* As it was given, with what else decides: "pci-assignable-remove -r nic". */
static char *title_of(const struct context *ctx)
{
    const struct settings *s = &ctx->settings;
    char *title = format_text(
        "%s%s%s%s", ctx->command->name, s->rebind ? " -r" : "",
        s->regardless ? " -f" : "", s->persist ? " --persist" : "");
    size_t i;

    if (s->name) {
        char *longer = format_text("%s -n %s", title, s->name);

        free(title);
        title = longer;
    }
    for (i = 0; i < ctx->nr_args; i++) {
        char *longer = format_text("%s %s", title, ctx->args[i]);

        free(title);
        title = longer;
    }
    return title;
}

/* kept NULL: nothing is kept of it. */
static int run_plan(struct context *ctx, int rc, xtune_plan *plan,
                    const struct kept_device *kept, xtune_error *err)
{
    int code;

    if (rc) return report_error(ctx, err);
    code = run_verb(ctx, &(struct verb){
                             .plan = plan,
                             .title = title_of(ctx),
                             .keep = kept ? keep_device : NULL,
                             .what = kept,
                             .object = kept ? kept->devices[0]->address : NULL,
                         });
    xtune_plan_free(plan);
    return code;
}

int check_pci_assignable_add(struct context *ctx)
{
    if (!ctx->settings.name || ctx->nr_args == 1) return 0;
    return usage_error(ctx, "--name", "name them one by one",
                       "%zu devices cannot have one name", ctx->nr_args);
}

int cmd_pci_assignable_add(struct context *ctx)
{
    const xtune_pci **devices = NULL;
    struct kept_device kept;
    xtune_pci_request request;
    xtune_plan *plan = NULL;
    xtune_error *err = NULL;
    size_t nr = 0;
    int rc;

    rc = observe_for_verb(ctx, 0, &err);
    if (!rc) rc = find_pcis(ctx, &devices, &nr, &err);
    request = pci_request(ctx);
    if (!rc)
        rc = xtune_plan_pci_assignable(&request, devices, nr,
                                       ctx->settings.name, &plan, &err);
    kept = (struct kept_device){
        .devices = devices,
        .nr = nr,
        .vfs = XTUNE_NONE,
        .assignable = true,
        .name = ctx->settings.name,
    };
    return run_plan(ctx, rc, plan, ctx->settings.persist ? &kept : NULL, err);
}

int cmd_pci_assignable_remove(struct context *ctx)
{
    const xtune_pci **devices = NULL;
    struct kept_device kept;
    xtune_pci_request request;
    xtune_plan *plan = NULL;
    xtune_error *err = NULL;
    size_t nr = 0;
    int rc;

    rc = observe_for_verb(ctx, 0, &err);
    if (!rc) rc = find_pcis(ctx, &devices, &nr, &err);
    request = pci_request(ctx);
    if (!rc)
        rc = xtune_plan_pci_unassignable(&request, devices, nr,
                                         ctx->settings.rebind, &plan, &err);
    kept = (struct kept_device){
        .devices = devices,
        .nr = nr,
        .vfs = XTUNE_NONE,
        .assignable = false,
    };
    return run_plan(ctx, rc, plan, ctx->settings.persist ? &kept : NULL, err);
}

/* Hexadecimal, as in a specification. */
bool parse_guest_slot(const char *text, uint32_t *slot_r)
{
    const size_t len = strlen(text);

    if (!len || len > 2 || strspn(text, "0123456789abcdefABCDEF") != len)
        return false;
    *slot_r = (uint32_t)strtoul(text, NULL, 16);
    return *slot_r >= 1 && *slot_r <= 31;
}

int check_pci_attach(struct context *ctx)
{
    uint32_t slot;

    if (ctx->nr_args <= ARG_VSLOT ||
        parse_guest_slot(ctx->args[ARG_VSLOT], &slot))
        return 0;
    return usage_error(ctx, "VSLOT", "give a hexadecimal number from 1 to 1f",
                       "\"%s\" is no slot of a guest", ctx->args[ARG_VSLOT]);
}

/* The slot may stand behind the specification, as of old. */
static int read_spec(struct context *ctx, xtune_pci_spec *spec,
                     xtune_error **err)
{
    const char *text = ctx->args[ARG_SPEC];
    int rc = xtune_pci_spec_parse(ctx->host->arena, text, spec, err);

    if (rc || ctx->nr_args <= ARG_VSLOT) return rc;
    if (spec->slot != XTUNE_NONE)
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, text,
                               "give one of them",
                               "it has a slot already, and \"%s\" is another",
                               ctx->args[ARG_VSLOT]);
    parse_guest_slot(ctx->args[ARG_VSLOT], &spec->slot);
    return 0;
}

int cmd_pci_attach(struct context *ctx)
{
    const xtune_domain *domain;
    xtune_pci_request request;
    xtune_plan *plan = NULL;
    xtune_error *err = NULL;
    xtune_pci_spec spec;
    int rc;

    rc = observe_for_verb(ctx, 0, &err);
    if (!rc)
        rc = xtune_host_find_domain(ctx->host, ctx->args[ARG_DOMAIN], &domain,
                                    &err);
    if (!rc) rc = read_spec(ctx, &spec, &err);
    request = pci_request(ctx);
    if (!rc) rc = xtune_plan_pci_attach(&request, domain, &spec, &plan, &err);
    return run_plan(ctx, rc, plan, NULL, err);
}

int cmd_pci_detach(struct context *ctx)
{
    const xtune_domain *domain;
    const xtune_pci **devices;
    xtune_plan *plan = NULL;
    xtune_error *err = NULL;
    size_t nr;
    int rc;

    rc = observe_for_verb(ctx, 0, &err);
    if (!rc)
        rc = xtune_host_find_domain(ctx->host, ctx->args[ARG_DOMAIN], &domain,
                                    &err);
    if (!rc) rc = find_pci(ctx, ctx->args[ARG_SPEC], &devices, &nr, &err);
    if (!rc)
        rc = xtune_plan_pci_detach(ctx->host, domain, devices, nr,
                                   ctx->settings.regardless, &plan, &err);
    return run_plan(ctx, rc, plan, NULL, err);
}
