/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Commands that say where a domain goes, and why. */
#include "xltune.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <xtune/place.h>
#include <xtune/report.h>

#define KIB UINT64_C(1024)

/* A domain that is asked about before it is made. */
struct newcomer {
    xtune_domain domain;
    uint64_t memory_kb; /* what the guest is to have */
};

/* Digits only, up to max; *end_r is what stands behind them. */
static bool parse_digits(const char *text, uint64_t max, uint64_t *number_r,
                         const char **end_r)
{
    uint64_t number = 0;
    const char *p;

    for (p = text; *p >= '0' && *p <= '9'; p++) {
        const uint64_t digit = (uint64_t)(*p - '0');

        if (number > (max - digit) / 10) return false;
        number = number * 10 + digit;
    }
    *number_r = number;
    *end_r = p;
    return p != text;
}

/*
 * As xl reads sizes, MiB where no unit is given, but strictly: one suffix,
 * nothing after it, at least a KiB and not more than bytes can be counted.
 */
static bool parse_memory(const char *text, uint64_t *kb_r)
{
    static const char units[] = "bkmgt";
    const char *end, *unit;
    uint64_t number, bytes = KIB * KIB;

    if (!parse_digits(text, UINT64_MAX, &number, &end)) return false;
    if (*end) {
        unit = strchr(units, *end | 0x20);
        if (!unit || end[1]) return false;
        for (bytes = 1; unit > units; unit--)
            bytes *= KIB;
    }
    if (__builtin_mul_overflow(number, bytes, &bytes) || bytes % KIB)
        return false;
    *kb_r = bytes / KIB;
    return *kb_r != 0;
}

static int parse_size(struct context *ctx, uint64_t *vcpus_r, uint64_t *kb_r)
{
    const char *text = ctx->args[0], *end;

    if (!parse_digits(text, UINT64_MAX, vcpus_r, &end) || *end != ':')
        return usage_error(ctx, "VCPUS:MEMORY", "give it as in 4:2048 or 4:2g",
                           "\"%s\" is not a number of vCPUs and a size", text);
    if (!*vcpus_r || *vcpus_r > XTUNE_MAX_VCPUS)
        return usage_error(ctx, "VCPUS:MEMORY", NULL,
                           "\"%s\": the number of vCPUs is not from 1 to %d",
                           text, XTUNE_MAX_VCPUS);
    if (!parse_memory(end + 1, kb_r))
        return usage_error(ctx, "VCPUS:MEMORY",
                           "give whole MiB, or one of the suffixes b, k, m, "
                           "g, t",
                           "\"%s\": \"%s\" is no size in whole KiB", text,
                           end + 1);
    return 0;
}

static int parse_type(struct context *ctx, enum xtune_domain_type *type_r)
{
    const char *word = ctx->settings.type;
    enum xtune_domain_type type;

    *type_r = XTUNE_TYPE_PV;
    if (!word) return 0;
    for (type = XTUNE_TYPE_PV; type <= XTUNE_TYPE_HVM; type++) {
        if (strcmp(word, xtune_domain_type_name(type))) continue;
        *type_r = type;
        return 0;
    }
    return usage_error(ctx, "--type", "give pv, pvh or hvm",
                       "unknown type \"%s\"", word);
}

/* What is wrong with the command line is said before the host is looked at. */
static int parse_newcomer(struct context *ctx, struct newcomer *new)
{
    const struct settings *s = &ctx->settings;
    enum xtune_domain_type type = XTUNE_TYPE_UNKNOWN;
    uint64_t vcpus = 0;
    int code;

    code = parse_size(ctx, &vcpus, &new->memory_kb);
    if (code) return code;
    code = parse_type(ctx, &type);
    if (code) return code;
    if (s->config && s->json)
        return usage_error(ctx, "--config", NULL,
                           "it does not go with --json, which has the same "
                           "lines as \"config\"");
    new->domain = (xtune_domain){
        .id = XTUNE_NONE,
        .name = s->name ? s->name : "new",
        .type = type,
        .shutdown_reason = XTUNE_NONE,
        .cpupool = s->pool,
        .memory_kb =
            xtune_needed_kb(type, new->memory_kb, (unsigned int)vcpus),
        .online_vcpus = (uint32_t)vcpus,
        .nr_vcpus = vcpus,
    };
    new->domain.max_memory_kb = new->domain.memory_kb;
    return 0;
}

static int add_vcpus(struct context *ctx, xtune_domain *domain,
                     xtune_error **err)
{
    const xtune_host *host = ctx->host;
    const xtune_set_names names = xtune_host_cpu_names(host);
    const xtune_set all = xtune_set_all(host->arena, host->nr_cpu_ids);
    xtune_set hard = all;
    size_t i;
    int rc;

    if (ctx->settings.cpus) {
        rc = xtune_set_parse(host->arena, &names, "--cpus", ctx->settings.cpus,
                             &hard, err);
        if (rc) return rc;
        if (xtune_set_is_empty(&hard))
            return xtune_error_set(
                err, XTUNE_ERR_INVALID, 0, "--cpus", "name at least one",
                "\"%s\": no CPU is left", ctx->settings.cpus);
    }
    domain->vcpus = XTUNE_NEW_ARRAY(host->arena, xtune_vcpu, domain->nr_vcpus);
    for (i = 0; i < domain->nr_vcpus; i++)
        domain->vcpus[i] = (xtune_vcpu){
            .id = (uint32_t)i,
            .online = true,
            .cpu = XTUNE_NONE,
            .hard = hard,
            .soft = all,
        };
    return 0;
}

/* The device's address as the host has it; "0000:" may be left out. */
static const char *find_device(const xtune_host *host, const char *text)
{
    size_t i;

    for (i = 0; i < host->nr_pci; i++) {
        const char *address = host->pci[i].address;

        if (!strcasecmp(address, text) ||
            (!strncmp(address, "0000:", 5) && !strcasecmp(address + 5, text)))
            return address;
    }
    return NULL;
}

static int add_device(struct context *ctx, xtune_domain *domain,
                      const char *text, xtune_error **err)
{
    const char *address = find_device(ctx->host, text);
    size_t i;

    if (!ctx->host->nr_pci)
        return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, "--pci",
                               "leave --pci out, or take the snapshot anew",
                               "\"%s\": nothing is known of this host's PCI "
                               "devices",
                               text);
    if (!address)
        return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, "--pci",
                               "see \"xltune info -n\"",
                               "the host has no device \"%s\"", text);
    for (i = 0; i < domain->nr_pci; i++)
        if (!strcmp(domain->pci[i], address))
            return xtune_error_set(err, XTUNE_ERR_INVALID, 0, "--pci", NULL,
                                   "\"%s\" is given twice", text);
    domain->pci[domain->nr_pci++] = address;
    return 0;
}

/* Holds what was asked for against the host. */
static int fit_newcomer(struct context *ctx, xtune_domain *domain,
                        xtune_error **err)
{
    const struct words *pci = &ctx->settings.pci;
    size_t i;
    int rc;

    if (domain->cpupool && !xtune_host_cpupool(ctx->host, domain->cpupool))
        return xtune_error_set(
            err, XTUNE_ERR_NOT_FOUND, 0, "--cpupool", "see \"xltune list -c\"",
            "the host has no cpupool \"%s\"", domain->cpupool);
    rc = add_vcpus(ctx, domain, err);
    if (rc) return rc;
    domain->pci = XTUNE_NEW_ARRAY(ctx->host->arena, const char *, pci->nr);
    for (i = 0; i < pci->nr; i++) {
        rc = add_device(ctx, domain, pci->words[i], err);
        if (rc) return rc;
    }
    return 0;
}

/* A script that takes the lines is not to take none for an answer. */
static int print_config(struct context *ctx, const struct newcomer *new,
                        const xtune_placed *placed)
{
    xtune_error *err = NULL;

    if (!placed->refused)
        return print_text(
            ctx, xtune_report_config(ctx->host, placed, new->memory_kb),
            EXIT_DONE);
    xtune_error_set(&err, XTUNE_ERR_REFUSED, 0, new->domain.name,
                    "see \"xltune place\" without --config",
                    "there is no place for it: %s",
                    placed->blocked ? placed->blocked : placed->reason);
    return report_error(ctx, err);
}

static int print_place(struct context *ctx, const struct newcomer *new,
                       const xtune_placement *placement)
{
    const xtune_host *host = ctx->host;
    const xtune_placed *placed = &placement->domains[host->nr_domains];
    char *text;

    if (ctx->settings.config) return print_config(ctx, new, placed);
    if (ctx->settings.json)
        text =
            xtune_report_place_json(host, placement, placed, new->memory_kb);
    else
        text = xtune_report_place(host, placement, placed, new->memory_kb,
                                  xtune_backend_describe(ctx->backend));
    return print_text(ctx, text, placed->refused ? EXIT_FAILED : EXIT_DONE);
}

static int place(struct context *ctx, struct newcomer *new,
                 xtune_placement **placement_r, xtune_error **err)
{
    int rc;

    rc = read_policy_if_any(ctx, err);
    if (rc) return rc;
    /* What runs stays: where its memory is matters for a hint only. */
    if (!ctx->settings.residency_word) ctx->settings.residency_word = "infer";
    rc = observe(ctx, ctx->settings.pci.nr ? XTUNE_OBSERVE_PCI : 0, NULL, 0,
                 err);
    if (rc) return rc;
    rc = fit_newcomer(ctx, &new->domain, err);
    if (rc) return rc;
    return xtune_place(
        &(xtune_place_request){
            .host = ctx->host,
            .policy = ctx->policy,
            .newcomers = &new->domain,
            .nr_newcomers = 1,
            .flags = XTUNE_PLACE_KEEP_RUNNING,
            .explain = &new->domain,
        },
        placement_r, err);
}

int cmd_place(struct context *ctx)
{
    xtune_placement *placement;
    xtune_error *err = NULL;
    struct newcomer new = { .memory_kb = 0 };
    int code;

    code = parse_newcomer(ctx, &new);
    if (code) return code;
    if (place(ctx, &new, &placement, &err)) return report_error(ctx, err);
    code = print_place(ctx, &new, placement);
    xtune_placement_free(placement);
    return code;
}

/* A copy with the masks that are written down. */
static void set_written(xtune_arena *arena, xtune_domain *domain,
                        const xtune_set *hard, const xtune_set *soft)
{
    const xtune_vcpu *vcpus = domain->vcpus;
    size_t i;

    domain->vcpus = XTUNE_NEW_ARRAY(arena, xtune_vcpu, domain->nr_vcpus);
    for (i = 0; i < domain->nr_vcpus; i++) {
        domain->vcpus[i] = vcpus[i];
        domain->vcpus[i].hard = hard[i];
        domain->vcpus[i].soft = soft[i];
    }
}

/*
 * As a plan places them: domains whose masks are written down have these, and
 * the others go around them. The one that is explained is as it is, for the
 * report to compare.
 */
static const unsigned int *hold_written(const struct context *ctx,
                                        const xtune_domain *explained,
                                        xtune_host *host)
{
    xtune_arena *arena = ctx->host->arena;
    unsigned int *keep =
        XTUNE_NEW_ARRAY(arena, unsigned int, host->nr_domains);
    xtune_set *hard, *soft;
    xtune_source source;
    size_t i;

    host->domains = XTUNE_NEW_ARRAY(arena, xtune_domain, host->nr_domains);
    for (i = 0; i < host->nr_domains; i++) {
        const xtune_domain *domain = &ctx->host->domains[i];
        const int rc = xtune_policy_masks(ctx->policy, ctx->host, domain,
                                          arena, &hard, &soft, &source, NULL);

        host->domains[i] = *domain;
        if (rc || hard) keep[i] = XTUNE_KEEP_AFFINITY;
        if (!rc && hard && domain != explained)
            set_written(arena, &host->domains[i], hard, soft);
    }
    return keep;
}

static int explain(struct context *ctx, xtune_host *host, size_t *index_r,
                   xtune_placement **placement_r, xtune_error **err)
{
    xtune_place_request request = { .host = host };
    const xtune_domain *domain;
    int rc;

    rc = read_policy_if_any(ctx, err);
    if (rc) return rc;
    /* All domains: where one goes depends on the others. */
    rc = observe(ctx, 0, NULL, 0, err);
    if (rc) return rc;
    rc = xtune_host_find_domain(ctx->host, ctx->args[0], &domain, err);
    if (rc) return rc;
    *index_r = (size_t)(domain - ctx->host->domains);
    *host = *ctx->host;
    request.policy = ctx->policy;
    if (ctx->policy) request.keep = hold_written(ctx, domain, host);
    request.explain = &host->domains[*index_r];
    return xtune_place(&request, placement_r, err);
}

int cmd_explain(struct context *ctx)
{
    const xtune_placed *placed;
    xtune_placement *placement;
    xtune_error *err = NULL;
    xtune_host host;
    size_t index;
    char *text;

    if (explain(ctx, &host, &index, &placement, &err))
        return report_error(ctx, err);
    placed = &placement->domains[index];
    if (ctx->settings.json)
        text = xtune_report_explain_json(ctx->host, ctx->policy, placement,
                                         placed);
    else
        text = xtune_report_explain(ctx->host, ctx->policy, placement, placed,
                                    xtune_backend_describe(ctx->backend));
    xtune_placement_free(placement);
    return print_text(ctx, text, EXIT_DONE);
}
