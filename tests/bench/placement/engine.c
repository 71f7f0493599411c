/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* This engine: all newcomers at once, or one after the other. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/util.h"

xtune_placement *bench_place(const xtune_place_request *request)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_placement *placement;

    if (xtune_place(request, &placement, &err))
        bench_die("xtune_place: %s", err->message);
    return placement;
}

static void put(bench_layout *layout, size_t i, const xtune_placed *p)
{
    if (p->refused || !p->vcpus_on || !p->memory_kb) return;
    bench_layout_put(layout, i, p->vcpus_on, p->memory_kb);
}

void bench_place_batch(const bench_instance *instance, bench_layout *layout)
{
    const xtune_place_request request = bench_request(instance);
    xtune_placement *placement = bench_place(&request);
    size_t i;

    for (i = 0; i < instance->nr_newcomers; i++)
        put(layout, i, &placement->domains[i]);
    xtune_placement_free(placement);
}

/* A figure of /proc/self/status in KiB; -1 where there is none. */
static long status_kb(const char *name)
{
    XT_CLEANUP_FCLOSE FILE *f = fopen("/proc/self/status", "re");
    char line[256];

    while (f && fgets(line, sizeof(line), f))
        if (!strncmp(line, name, strlen(name)))
            return strtol(line + strlen(name), NULL, 10);
    return -1;
}

/* From now on VmHWM is the greatest since now (proc(5), clear_refs). */
static bool forget_peak(void)
{
    XT_CLEANUP_FCLOSE FILE *f = fopen("/proc/self/clear_refs", "we");

    return f && fputs("5", f) >= 0 && !fflush(f);
}

static long measure(const xtune_place_request *request)
{
    long before;

    /* Once before, so that code is no part of it. */
    xtune_placement_free(bench_place(request));
    malloc_trim(0);
    before = status_kb("VmRSS:");
    if (before < 0 || !forget_peak()) return -1;
    bench_place(request);
    return status_kb("VmHWM:") - before;
}

/* In a child, so that what is measured is this call alone. */
long bench_place_memory(const xtune_place_request *request)
{
    long grown = -1;
    int ends[2], status;
    pid_t pid;

    if (pipe(ends)) bench_die("no pipe");
    pid = fork();
    if (pid < 0) bench_die("cannot fork");
    if (!pid) {
        grown = measure(request);
        _exit(write(ends[1], &grown, sizeof(grown)) != sizeof(grown));
    }
    close(ends[1]);
    if (read(ends[0], &grown, sizeof(grown)) != sizeof(grown)) grown = -1;
    close(ends[0]);
    waitpid(pid, &status, 0);
    return grown;
}

typedef struct online {
    const bench_instance *instance;
    bench_layout *layout;
    xtune_host *host;
} online;

static void *start(const bench_instance *instance, bench_layout *layout)
{
    online *o = xt_xrealloc(NULL, 1, sizeof(*o));

    *o = (online){ instance, layout, bench_host_new(instance->machine) };
    o->host->pci = instance->host->pci;
    o->host->nr_pci = instance->host->nr_pci;
    o->host->has_pci_topology = instance->host->has_pci_topology;
    o->host->domains =
        XTUNE_NEW_ARRAY(o->host->arena, xtune_domain, layout->nr);
    return o;
}

static void stop(void *state)
{
    online *o = state;

    xtune_host_free(o->host);
    free(o);
}

static void copy_masks(xtune_arena *arena, xtune_domain *domain,
                       const xtune_placed *p)
{
    xtune_vcpu *vcpus = XTUNE_NEW_ARRAY(arena, xtune_vcpu, domain->nr_vcpus);
    size_t v;

    for (v = 0; v < domain->nr_vcpus; v++) {
        const bool hard = v && xtune_set_equal(&p->hard[v], &p->hard[0]);
        const bool soft = v && xtune_set_equal(&p->soft[v], &p->soft[0]);

        vcpus[v] = domain->vcpus[v];
        if (!p->hard) continue;
        vcpus[v].hard =
            hard ? vcpus[0].hard : xtune_set_copy(arena, &p->hard[v]);
        vcpus[v].soft =
            soft ? vcpus[0].soft : xtune_set_copy(arena, &p->soft[v]);
    }
    domain->vcpus = vcpus;
}

/* The newcomer runs as it was placed. */
static void add_domain(online *o, size_t i, const xtune_placed *p)
{
    const xt_assignment *a = &o->layout->assignments[i];
    xtune_domain *domain = &o->host->domains[o->host->nr_domains++];
    unsigned int n;

    *domain = o->instance->newcomers[i];
    copy_masks(o->host->arena, domain, p);
    domain->memory_by_node_kb =
        XTUNE_NEW_ARRAY(o->host->arena, uint64_t, o->host->nr_nodes);
    domain->residency = XTUNE_RESIDENCY_MEASURED;
    domain->node_affinity = xtune_set_copy(o->host->arena, &p->nodes);
    domain->has_node_affinity = true;
    for (n = 0; n < o->host->nr_nodes; n++) {
        domain->memory_by_node_kb[n] = a->memory_kb[n];
        o->host->nodes[n].free_kb -= a->memory_kb[n];
    }
}

static void arrive(void *state, size_t i)
{
    online *o = state;
    const xtune_place_request request = {
        .host = o->host,
        .policy = o->instance->policy,
        .newcomers = &o->instance->newcomers[i],
        .nr_newcomers = 1,
        .flags = XTUNE_PLACE_KEEP_RUNNING,
    };
    xtune_placement *placement = bench_place(&request);
    const xtune_placed *p = &placement->domains[o->host->nr_domains];

    put(o->layout, i, p);
    if (o->layout->assignments[i].vcpus_on) add_domain(o, i, p);
    xtune_placement_free(placement);
}

static void leave(void *state, size_t i)
{
    online *o = state;
    xtune_domain *domains = o->host->domains;
    const uint32_t id = o->instance->newcomers[i].id;
    size_t nr = o->host->nr_domains, at, n;

    if (!o->layout->assignments[i].vcpus_on) return;
    for (n = 0; n < o->host->nr_nodes; n++)
        o->host->nodes[n].free_kb += o->layout->assignments[i].memory_kb[n];
    for (at = 0; domains[at].id != id; at++)
        ;
    memmove(&domains[at], &domains[at + 1], (nr - at - 1) * sizeof(*domains));
    o->host->nr_domains--;
    bench_layout_remove(o->layout, i);
}

/* A running domain gets its new masks, and memory where that moves. */
static bool retune(online *o, xtune_domain *domain, const xtune_placed *p)
{
    const size_t i = domain->id - 1;
    unsigned int n;

    if (!p->vcpus_on) return false;
    if (p->hard) copy_masks(o->host->arena, domain, p);
    for (n = 0; p->memory_kb && n < o->host->nr_nodes; n++) {
        o->host->nodes[n].free_kb +=
            domain->memory_by_node_kb[n] - p->memory_kb[n];
        domain->memory_by_node_kb[n] = p->memory_kb[n];
    }
    bench_layout_put(o->layout, i, p->vcpus_on, domain->memory_by_node_kb);
    return p->moved_kb > 0;
}

size_t bench_engine_tune(void *state, double *moving)
{
    online *o = state;
    const xtune_place_request request = {
        .host = o->host,
        .policy = o->instance->policy,
        .flags = XTUNE_PLACE_MOVE_MEMORY,
    };
    xtune_placement *placement = bench_place(&request);
    size_t moved = 0, i;

    for (i = 0; i < o->host->nr_domains; i++)
        moved += retune(o, &o->host->domains[i], &placement->domains[i]);
    *moving += (double)placement->cost.moving;
    xtune_placement_free(placement);
    return moved;
}

const bench_placer bench_engine = { "online", start, arrive, leave, stop };
