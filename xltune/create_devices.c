/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The devices that the record of a new domain gives it. xl is told of them
 * behind those of the domain's own file; they are made assignable first.
 */
#include "create.h"

#include <stdlib.h>
#include <string.h>

#include <xtune/pci.h>

/* What xl is to be told. */
struct gifts {
    struct creation *creation;
    const xtune_record *record;
    const xtune_pci **devices;
    const char **specs;
    size_t nr;
};

static const xtune_host *host_of(const struct gifts *g)
{
    return g->creation->ctx->host;
}

/* What the file says of a device that it names, by address, name or card. */
static bool means(const xtune_pci_spec *spec, const xtune_pci *pci)
{
    xtune_pci_address address;

    if (!spec->has_address)
        return pci->assignable_name && spec->name &&
               !strcmp(spec->name, pci->assignable_name);
    if (xtune_pci_address_parse(pci->address, &address, NULL)) return false;
    return address.domain == spec->address.domain &&
           address.bus == spec->address.bus &&
           address.device == spec->address.device &&
           (spec->all_functions || address.function == spec->address.function);
}

static bool is_in_file(const struct gifts *g, const xtune_pci *pci)
{
    const xtune_config *config = g->creation->config;
    size_t i;

    for (i = 0; i < config->nr_pci_specs; i++) {
        xtune_pci_spec spec;

        if (!xtune_pci_spec_parse(config->arena, config->pci_specs[i], &spec,
                                  NULL) &&
            means(&spec, pci))
            return true;
    }
    return false;
}

static const char *spec_for(const struct gifts *g,
                            const xtune_wanted_pci *wanted,
                            const xtune_pci *pci)
{
    xtune_pci_spec spec = {
        .has_address = true,
        .slot = wanted->slot,
        .msitranslate = wanted->msitranslate ? 1 : -1,
        .power_mgmt = wanted->power_mgmt ? 1 : -1,
        .permissive = wanted->permissive ? 1 : -1,
        .seize = -1,
        .rdm_policy =
            wanted->relaxed ? XTUNE_PCI_RDM_RELAXED : XTUNE_PCI_RDM_DEFAULT,
    };

    if (xtune_pci_address_parse(pci->address, &spec.address, NULL))
        return pci->address;
    return xtune_pci_spec_text(g->creation->config->arena, &spec);
}

static int find_device(const struct gifts *g, const xtune_wanted_pci *wanted,
                       const xtune_pci **pci_r, xtune_error **err)
{
    const xtune_domain *owner;
    int rc = xtune_pci_resolve_wanted(host_of(g), wanted, pci_r, err);

    if (rc) return rc;
    if (strcmp((*pci_r)->address, wanted->address))
        create_note(g->creation, "device %s is at %s now", wanted->address,
                    (*pci_r)->address);
    owner = xtune_pci_owner(host_of(g), *pci_r);
    if (!owner) return 0;
    return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, (*pci_r)->address,
                           "take it back with \"xltune pci-detach\" first",
                           "domain \"%s\" has it", owner->name);
}

/* With --force it is made without those that it cannot have. */
static int add_device(struct gifts *g, const xtune_wanted_pci *wanted,
                      xtune_error **err)
{
    xtune_error *why = NULL;
    const xtune_pci *pci;
    const int rc = find_device(g, wanted, &pci, &why);

    if (rc && !g->creation->ctx->settings.force) {
        *err = why;
        return rc;
    }
    if (rc) {
        create_note(g->creation, "%s: %s; it is made without", why->object,
                    why->message);
        xtune_error_free(why);
        return 0;
    }
    if (is_in_file(g, pci)) return 0;
    g->devices[g->nr] = pci;
    g->specs[g->nr++] = spec_for(g, wanted, pci);
    return 0;
}

/* Within a text of xl's. */
static const char *escape(xtune_arena *arena, const char *spec)
{
    char *text = xtune_arena_alloc(arena, strlen(spec) + 1, 2), *to = text;

    for (; *spec; spec++) {
        if (*spec == '"' || *spec == '\\') *to++ = '\\';
        *to++ = *spec;
    }
    *to = '\0';
    return text;
}

/* The devices of the file stay as they are written, and come first. */
static const char *setting_of(const struct gifts *g)
{
    const xtune_config *config = g->creation->config;
    const char *text = "pci=[";
    size_t i;

    for (i = 0; i < config->nr_pci_specs + g->nr; i++) {
        const char *spec = i < config->nr_pci_specs
                               ? config->pci_specs[i]
                               : g->specs[i - config->nr_pci_specs];
        text = xtune_arena_printf(config->arena, "%s%s\"%s\"", text,
                                  i ? ", " : "", escape(config->arena, spec));
    }
    return xtune_arena_printf(config->arena, "%s]", text);
}

/* So that it is placed beside them. */
static void count_devices(const struct gifts *g)
{
    xtune_domain *newcomer = &g->creation->newcomer;
    const char **pci = XTUNE_NEW_ARRAY(g->creation->config->arena,
                                       const char *, newcomer->nr_pci + g->nr);
    size_t i;

    for (i = 0; i < newcomer->nr_pci; i++)
        pci[i] = newcomer->pci[i];
    for (i = 0; i < g->nr; i++)
        pci[newcomer->nr_pci++] = g->devices[i]->address;
    newcomer->pci = pci;
}

static int plan_devices(const struct gifts *g, xtune_error **err)
{
    const struct settings *s = &g->creation->ctx->settings;
    const xtune_pci_request request = {
        .host = host_of(g),
        .forced = s->forced.words,
        .nr_forced = s->forced.nr,
    };
    size_t i;
    int rc;

    rc = xtune_plan_pci_assignable(&request, g->devices, g->nr, NULL,
                                   &g->creation->devices, err);
    for (i = 0; !rc && i < g->creation->devices->nr_actions; i++)
        create_note(g->creation, "device %s is made assignable first",
                    g->creation->devices->actions[i].object);
    return rc;
}

static int refuse_pvh(const struct gifts *g, xtune_error **err)
{
    return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, 0,
                           g->creation->config->name,
                           "make it an HVM guest (type=\"hvm\"), or see "
                           "\"xltune pci-unassign\"",
                           "its record gives it devices, and Xen gives none "
                           "to a PVH guest");
}

int create_add_devices(struct creation *creation, xtune_error **err)
{
    const xtune_policy *policy = creation->ctx->policy;
    xtune_arena *arena = creation->config->arena;
    struct gifts g = { .creation = creation };
    size_t i;
    int rc = 0;

    if (policy)
        g.record = xtune_policy_record(policy, creation->ctx->host,
                                       &creation->newcomer);
    if (!g.record || !g.record->nr_pci) return 0;
    if (creation->config->type == XTUNE_TYPE_PVH) return refuse_pvh(&g, err);
    g.devices = XTUNE_NEW_ARRAY(arena, const xtune_pci *, g.record->nr_pci);
    g.specs = XTUNE_NEW_ARRAY(arena, const char *, g.record->nr_pci);
    for (i = 0; !rc && i < g.record->nr_pci; i++)
        rc = add_device(&g, &g.record->pci[i], err);
    if (rc || !g.nr) return rc;
    creation->pci_setting = setting_of(&g);
    count_devices(&g);
    return plan_devices(&g, err);
}

int create_make_assignable(struct creation *creation, xtune_error **err)
{
    struct context *ctx = creation->ctx;
    char *title = format_text("create %s", creation->config->name);
    const xtune_apply_options options = { .title = title };
    int rc = 0;

    if (creation->devices)
        rc = xtune_apply(ctx->backend, ctx->state, creation->devices, &options,
                         NULL, err);
    free(title);
    return rc;
}
