/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The host as it is, as a policy: elements and attributes that the reader of
 * policies (policy/elements.c) takes again, and nothing that it would refuse.
 */
#include <xtune/report.h>

#include <string.h>

#include "base/util.h"
#include "policy/read.h"
#include "report/affinity.h"
#include "report/capture.h"
#include "report/text.h"

/* What XML cannot hold at all, in names of Xen's, is refused before. */
void xt_capture_attr(const xt_capture *c, const char *name, const char *value)
{
    fprintf(c->out, " %s=\"", name);
    for (; *value; value++) {
        switch (*value) {
        case '&': fputs("&amp;", c->out); break;
        case '<': fputs("&lt;", c->out); break;
        case '>': fputs("&gt;", c->out); break;
        case '"': fputs("&quot;", c->out); break;
        default: putc(*value, c->out);
        }
    }
    putc('"', c->out);
}

/*
 * U+FFFE and U+FFFF are characters to UTF-8 and none to XML; a value has its
 * limit in policies.
 */
static bool is_plain(const xt_capture *c, const char *text)
{
    return text[0] && strlen(text) <= 4096 &&
           xt_text_safe(c->arena, text) == text &&
           !strstr(text, "\xef\xbf\xbe") && !strstr(text, "\xef\xbf\xbf");
}

/*
 * A list can name the CPUs that are off only all together, by "all". NULL for
 * a mask that has some of them.
 */
static const char *mask_text(const xt_capture *c, const xtune_set *mask)
{
    xtune_set off = xtune_set_all(c->arena, mask->nbits);

    xtune_set_andnot(&off, &c->host->cpu_ids);
    if (!xtune_set_intersects(mask, &off))
        return xtune_set_format(c->arena, mask);
    return xtune_set_is_subset(&off, mask) ? xt_list_but(c->arena, mask)
                                           : NULL;
}

/* As of the domain's pool: one that leaves nothing there is refused. */
static const char *hard_text(const xt_capture *c, const xtune_domain *domain,
                             const xtune_set *mask)
{
    const xtune_cpupool *pool = xtune_host_cpupool(c->host, domain->cpupool);

    if (!xtune_set_intersects(mask, pool ? &pool->cpus : &c->host->cpu_ids))
        return NULL;
    return mask_text(c, mask);
}

static void put_affinity(const xt_capture *c, const xtune_domain *domain)
{
    xt_affinity_group *groups;
    const size_t nr = xt_affinity_groups(c->arena, domain, &groups);
    size_t i;

    for (i = 0; i < nr; i++) {
        const char *hard = hard_text(c, domain, groups[i].hard);
        const char *soft = mask_text(c, groups[i].soft);

        if (!hard && !soft) continue;
        fputs("    <affinity", c->out);
        if (nr > 1)
            xt_capture_attr(c, "vcpus",
                            xtune_set_format_ids(c->arena, &groups[i].vcpus));
        if (hard) xt_capture_attr(c, "hard", hard);
        if (soft) xt_capture_attr(c, "soft", soft);
        fputs("/>\n", c->out);
    }
}

bool xt_capture_is_pool_name(const xt_capture *c, const char *name)
{
    return xtune_cpupool_is_name(name, NULL) && is_plain(c, name);
}

static void put_pool_of(const xt_capture *c, const xtune_domain *domain)
{
    if (c->host->nr_cpupools < 2 || !domain->id || !domain->cpupool ||
        !xt_capture_is_pool_name(c, domain->cpupool))
        return;
    fputs("    <cpupool", c->out);
    xt_capture_attr(c, "name", domain->cpupool);
    fputs("/>\n", c->out);
}

/* What its scheduler gives it; what it gives every new domain is not written
 * down. */

#define NEW_WEIGHT 256

void xt_capture_number(const xt_capture *c, enum xt_parameter_id id,
                       uint32_t value)
{
    fprintf(c->out, " %s=\"%u\"", xt_parameters[id].attr, value);
}

static bool has_weight(const xt_capture *c, const xtune_domain *domain)
{
    const xtune_cpupool *pool = xtune_host_cpupool(c->host, domain->cpupool);

    return pool && pool->scheduler &&
           xt_scheduler_has(pool->scheduler, XT_WEIGHT) && domain->weight &&
           (domain->weight != NEW_WEIGHT || domain->cap);
}

static bool has_budget(const xt_capture *c, const xtune_domain *domain)
{
    const xtune_cpupool *pool = xtune_host_cpupool(c->host, domain->cpupool);

    return pool && pool->scheduler &&
           xt_scheduler_has(pool->scheduler, XT_BUDGET) && domain->nr_vcpus &&
           domain->vcpus[0].period_us;
}

/* A policy knows one budget for all. */
static bool is_uniform(const xtune_domain *domain)
{
    const xtune_vcpu *first = domain->vcpus, *vcpu = first;
    size_t i;

    for (i = 1; i < domain->nr_vcpus; i++) {
        vcpu = &domain->vcpus[i];
        if (vcpu->period_us != first->period_us ||
            vcpu->budget_us != first->budget_us ||
            vcpu->extratime != first->extratime)
            return false;
    }
    return true;
}

static void put_budget(const xt_capture *c, const xtune_domain *domain)
{
    const xtune_vcpu *vcpu = domain->vcpus;

    if (!is_uniform(domain)) {
        fputs("    <!-- Left out: its vCPUs have budgets of their own, which "
              "only records\n         can say. -->\n",
              c->out);
        return;
    }
    fputs("    <scheduler", c->out);
    xt_capture_number(c, XT_PERIOD, vcpu->period_us);
    xt_capture_number(c, XT_BUDGET, vcpu->budget_us);
    xt_capture_attr(c, "extratime", vcpu->extratime ? "yes" : "no");
    fputs("/>\n", c->out);
}

static void put_scheduling(const xt_capture *c, const xtune_domain *domain)
{
    if (has_budget(c, domain)) put_budget(c, domain);
    if (!has_weight(c, domain)) return;
    fputs("    <scheduler", c->out);
    xt_capture_number(c, XT_WEIGHT, domain->weight);
    xt_capture_number(c, XT_CAP, domain->cap);
    fputs("/>\n", c->out);
}

/* "name:" and a pattern that fits this name alone. */
static const char *name_match(const xt_capture *c, const char *name)
{
    char *match = xtune_arena_alloc(c->arena, strlen(name) + 5, 2);
    char *to = stpcpy(match, "name:");

    for (; *name; name++) {
        if (strchr("*?[\\", *name)) *to++ = '\\';
        *to++ = *name;
    }
    return match;
}

static bool is_uuid_alone(const xt_capture *c, const xtune_domain *domain)
{
    size_t i;

    for (i = 0; i < c->host->nr_domains; i++)
        if (&c->host->domains[i] != domain &&
            !strcmp(c->host->domains[i].uuid, domain->uuid))
            return false;
    return xt_has_uuid(domain, domain->uuid);
}

/* NULL where nothing tells it from the others. */
static const char *match_of(const xt_capture *c, const xtune_domain *domain,
                            bool is_name_alone)
{
    if (is_name_alone && is_plain(c, domain->name))
        return name_match(c, domain->name);
    if (is_uuid_alone(c, domain))
        return xtune_arena_printf(c->arena, "uuid:%s", domain->uuid);
    return NULL;
}

static void put_rule(const xt_capture *c, const xtune_domain *domain,
                     const char *match)
{
    if (!match) {
        fprintf(c->out,
                "  <!-- Left out: no name and no uuid tells domain %u from "
                "the others. -->\n",
                domain->id);
        return;
    }
    fputs("  <domains", c->out);
    xt_capture_attr(c, "match", match);
    fputs(">\n", c->out);
    put_affinity(c, domain);
    put_pool_of(c, domain);
    put_scheduling(c, domain);
    fputs("  </domains>\n", c->out);
}

/* By what lasts: the id is another one when a domain is made again. */
static int by_name(const void *a, const void *b)
{
    const xtune_domain *x = *(const xtune_domain *const *)a;
    const xtune_domain *y = *(const xtune_domain *const *)b;
    const int order = strcmp(x->name, y->name);

    if (order) return order;
    return strcmp(x->uuid, y->uuid);
}

static bool is_same_name(const xtune_domain *const *domains, size_t nr,
                         size_t i, size_t j)
{
    return j < nr && !strcmp(domains[i]->name, domains[j]->name);
}

static void put_domains(const xt_capture *c)
{
    const size_t nr = c->host->nr_domains;
    const xtune_domain **domains =
        XTUNE_NEW_ARRAY(c->arena, const xtune_domain *, nr);
    size_t i;

    for (i = 0; i < nr; i++)
        domains[i] = &c->host->domains[i];
    if (nr) qsort(domains, nr, sizeof(*domains), by_name);
    for (i = 0; i < nr; i++) {
        const bool alone = !is_same_name(domains, nr, i, i + 1) &&
                           !is_same_name(domains, nr, i, i - 1);

        if (domains[i]->id && !(domains[i]->state & XTUNE_STATE_DYING))
            put_rule(c, domains[i], match_of(c, domains[i], alone));
    }
}

static bool is_free(const xtune_domain *domain)
{
    size_t i;

    for (i = 0; i < domain->nr_vcpus; i++)
        if (!xtune_set_is_all(&domain->vcpus[i].hard) ||
            !xtune_set_is_all(&domain->vcpus[i].soft))
            return false;
    return true;
}

/*
 * Last: its rule has its exact name, which to others is a pattern, but all
 * that are there have rules of their own before it.
 */
static void put_dom0(const xt_capture *c)
{
    const xtune_domain *dom0 = c->host->domains;

    if (!c->host->nr_domains || dom0->id ||
        (is_free(dom0) && !has_weight(c, dom0) && !has_budget(c, dom0)))
        return;
    put_rule(c, dom0,
             is_plain(c, dom0->name)
                 ? xtune_arena_printf(c->arena, "name:%s", dom0->name)
                 : NULL);
}

char *xtune_report_capture(const xtune_host *host, const char *name)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_capture c = { .arena = arena, .host = host };
    xt_text text;

    xt_text_open(&text);
    c.out = text.out;
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
          "<!--\n"
          "  A host as it was when \"xltune capture\" looked at it: under "
          "this policy it\n"
          "  stays so. A domain that is not named here is left alone. See\n"
          "  xltune-policy(5).\n"
          "-->\n"
          "<policy",
          c.out);
    xt_capture_attr(&c, "name", name);
    fputs(">\n", c.out);
    xt_capture_pools(&c);
    put_domains(&c);
    put_dom0(&c);
    fputs("</policy>\n", c.out);
    return xt_text_close(&text);
}
