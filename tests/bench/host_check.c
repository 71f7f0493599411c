/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What host-check takes on a host of 500 domains, each with a disk of its own,
 * beside reading that host from its snapshot, which every command does: the
 * ratio counts. Times are of the processor, the median of several runs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <xtune/check.h>
#include <xtune/report.h>

#define NR_DOMAINS 500
#define NR_RUNS 9
#define MAX_TEXT (8u << 20)

static void die(const char *what)
{
    fprintf(stderr, "host_check: %s\n", what);
    exit(1);
}

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static xtune_host *read_host(const char *text)
{
    xtune_error *err = NULL;
    xtune_host *host;

    if (xtune_host_from_json(text, strlen(text), "host", &host, &err))
        die(err->message);
    return host;
}

/* The file of the disk that a domain has, and the domain; the first one of the
 * recorded host is what they are like. */
static void add_domain(xtune_host *host, size_t i)
{
    xtune_arena *arena = host->arena;
    xtune_domain *domain = &host->domains[i];
    xtune_disk *disk = XTUNE_NEW(arena, xtune_disk);
    const char **block = XTUNE_NEW_ARRAY(arena, const char *, 1);

    *domain = host->domains[1];
    domain->id = (uint32_t)i;
    domain->name = xtune_arena_printf(arena, "vm%zu", i);
    snprintf(domain->uuid, sizeof(domain->uuid),
             "%08zx-0000-4000-8000-000000000000", i);
    *block = xtune_arena_printf(arena, "sd%zu", i);
    *disk = domain->disks[0];
    disk->blocks = block;
    domain->disks = disk;
    host->dom0.files[host->dom0.nr_files++] = (xtune_file){
        .path =
            xtune_arena_printf(arena, "/sys/block/sd%zu/queue/scheduler", i),
        .text = "[mq-deadline] none\n",
    };
}

/* As text: its parts are sorted when it is read. */
static char *many_domains(const char *text)
{
    xtune_host *host = read_host(text);
    xtune_arena *arena = host->arena;
    const xtune_domain *domains = host->domains;
    const xtune_file *files = host->dom0.files;
    char *many;
    size_t i;

    host->domains = XTUNE_NEW_ARRAY(arena, xtune_domain, NR_DOMAINS + 1);
    memcpy(host->domains, domains, 2 * sizeof(*domains));
    host->dom0.files =
        XTUNE_NEW_ARRAY(arena, xtune_file, host->dom0.nr_files + NR_DOMAINS);
    memcpy(host->dom0.files, files, host->dom0.nr_files * sizeof(*files));
    for (i = 1; i <= NR_DOMAINS; i++)
        add_domain(host, i);
    host->nr_domains = NR_DOMAINS + 1;
    many = xtune_host_to_json(host);
    xtune_host_free(host);
    return many;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double median(double *ms)
{
    qsort(ms, NR_RUNS, sizeof(*ms), compare);
    return ms[NR_RUNS / 2];
}

static size_t check(const xtune_host *host)
{
    xtune_check_report *report;
    size_t nr;

    if (xtune_check_host(&(xtune_check_request){ .host = host }, &report,
                         NULL))
        die("it cannot be checked");
    free(xtune_report_host_check(report, true, NULL));
    nr = report->nr_results;
    xtune_check_report_free(report);
    return nr;
}

static char *read_file(const char *path)
{
    char *text = calloc(1, MAX_TEXT);
    FILE *f = fopen(path, "re");

    if (!text || !f || !fread(text, 1, MAX_TEXT - 1, f)) die(path);
    fclose(f);
    return text;
}

int main(int argc, char **argv)
{
    char *text = read_file(argc > 1 ? argv[1] : "tests/hosts/healthy.json");
    char *many = many_domains(text);
    double reads[NR_RUNS], checks[NR_RUNS];
    size_t i, nr = 0;

    for (i = 0; i < NR_RUNS; i++) {
        const double start = now_ms();
        xtune_host *host = read_host(many);
        const double between = now_ms();

        nr = check(host);
        checks[i] = now_ms() - between;
        reads[i] = between - start;
        xtune_host_free(host);
    }
    printf("host-check of %d domains: %zu results in %.1f ms, %.2f times what "
           "it takes to read the host (%.1f ms)\n",
           NR_DOMAINS, nr, median(checks), median(checks) / median(reads),
           median(reads));
    free(many);
    free(text);
    return 0;
}
