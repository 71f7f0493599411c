/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lists of domains and of vCPUs, byte for byte as xl prints them, for scripts
 * that read those: widths count bytes, a name that is missing is "(null)",
 * and CPU time passes through a float.
 */
#include <xtune/report.h>

#include <string.h>

#include "base/util.h"
#include "report/text.h"

/* The float is xl's, and shows: 16777217 s become 16777216.0. */
static double xl_seconds(uint64_t ns)
{
    return (float)ns / 1e9;
}

static char shutdown_letter(const xtune_domain *domain)
{
    static const char letters[] = "-rscwS";

    if (!(domain->state & XTUNE_STATE_SHUTDOWN)) return '-';
    if (domain->shutdown_reason >= strlen(letters)) return '?';
    return letters[domain->shutdown_reason];
}

static char state_letter(const xtune_domain *domain, unsigned int state,
                         char letter)
{
    return domain->state & state ? letter : '-';
}

static void print_domain(FILE *out, xtune_arena *arena,
                         const xtune_domain *domain)
{
    fprintf(
        out, "%-40s %5u %5llu %5u     %c%c%c%c%c%c  %8.1f",
        xt_text_name(arena, domain->name), domain->id,
        (unsigned long long)((domain->memory_kb + domain->outstanding_kb) /
                             1024),
        domain->online_vcpus, state_letter(domain, XTUNE_STATE_RUNNING, 'r'),
        state_letter(domain, XTUNE_STATE_BLOCKED, 'b'),
        state_letter(domain, XTUNE_STATE_PAUSED, 'p'),
        state_letter(domain, XTUNE_STATE_SHUTDOWN, 's'),
        shutdown_letter(domain), state_letter(domain, XTUNE_STATE_DYING, 'd'),
        xl_seconds(domain->cpu_time_ns));
}

char *xtune_report_list(const xtune_host *host, bool numa, bool cpupool)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_text text;
    size_t i;

    xt_text_open(&text);
    fprintf(text.out, "%-40s %5s %5s %5s\tState\tTime(s)%s%s\n", "Name", "ID",
            "Mem", "VCPUs", cpupool ? "         Cpupool" : "",
            numa ? " NODE Affinity" : "");
    for (i = 0; i < host->nr_domains; i++) {
        const xtune_domain *domain = &host->domains[i];

        print_domain(text.out, arena, domain);
        if (cpupool)
            fprintf(text.out, "%16s", xt_text_name(arena, domain->cpupool));
        if (numa)
            fprintf(text.out, " %s",
                    domain->has_node_affinity
                        ? xtune_set_format(arena, &domain->node_affinity)
                        : "-");
        putc('\n', text.out);
    }
    return xt_text_close(&text);
}

static void print_vcpu(FILE *out, xtune_arena *arena, const char *name,
                       unsigned int domid, const xtune_vcpu *vcpu)
{
    fprintf(out, "%-32s %5u %5u", name, domid, vcpu->id);
    if (!vcpu->online)
        fprintf(out, "%5c %3c%cp ", '-', '-', '-');
    else if (vcpu->cpu == XTUNE_NONE)
        fprintf(out, "%5c ", '-');
    else
        fprintf(out, "%5u ", vcpu->cpu);
    if (vcpu->online)
        fprintf(out, "%3c%c- ", vcpu->state & XTUNE_STATE_RUNNING ? 'r' : '-',
                vcpu->state & XTUNE_STATE_BLOCKED ? 'b' : '-');
    fprintf(out, "%9.1f  %s / %s\n", xl_seconds(vcpu->time_ns),
            xtune_set_format(arena, &vcpu->hard),
            xtune_set_format(arena, &vcpu->soft));
}

char *xtune_report_vcpu_list(const xtune_host *host)
{
    xt_text text;
    size_t i, j;

    xt_text_open(&text);
    fprintf(text.out, "%-32s %5s %5s %5s %5s %9s %s\n", "Name", "ID", "VCPU",
            "CPU", "State", "Time(s)", "Affinity (Hard / Soft)");
    for (i = 0; i < host->nr_domains; i++) {
        /* One arena a domain: hosts with many masks stay small. */
        XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
        const xtune_domain *domain = &host->domains[i];
        const char *name = xt_text_name(arena, domain->name);

        for (j = 0; j < domain->nr_vcpus; j++)
            print_vcpu(text.out, arena, name, domain->id, &domain->vcpus[j]);
    }
    return xt_text_close(&text);
}
