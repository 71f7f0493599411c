/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The host, as xl info [-n] prints it. A line whose value is not known, as
 * in a snapshot that somebody wrote by hand, is left out.
 */
#include <xtune/report.h>

#include <inttypes.h>
#include <string.h>

#include "base/util.h"
#include "report/text.h"

typedef struct info_writer {
    FILE *out;
    xtune_arena *arena;
} info_writer;

static void put_label(const info_writer *w, const char *label)
{
    fprintf(w->out, "%-23s:", label);
}

static void put_string(const info_writer *w, const char *label,
                       const char *value)
{
    if (!value) return;
    put_label(w, label);
    fprintf(w->out, " %s\n", xt_text_safe(w->arena, value));
}

static void put_u64(const info_writer *w, const char *label, uint64_t value)
{
    if (value == UINT64_MAX) return;
    put_label(w, label);
    fprintf(w->out, " %" PRIu64 "\n", value);
}

static void put_u32(const info_writer *w, const char *label, uint32_t value)
{
    put_u64(w, label, value == XTUNE_NONE ? UINT64_MAX : value);
}

static void put_mib(const info_writer *w, const char *label, uint64_t kb)
{
    put_u64(w, label, kb == XTUNE_UNKNOWN_KB ? UINT64_MAX : kb / 1024);
}

static void put_cpu_mhz(const info_writer *w, uint32_t khz)
{
    if (khz == XTUNE_NONE || !khz) return;
    put_label(w, "cpu_mhz");
    fprintf(w->out, " %u.%03u\n", khz / 1000, khz % 1000);
}

static void put_hw_caps(const info_writer *w, const xtune_xen *xen)
{
    size_t i;

    if (!xen->has_hw_caps) return;
    put_label(w, "hw_caps");
    for (i = 0; i < XT_ARRAY_SIZE(xen->hw_caps); i++)
        fprintf(w->out, "%c%08x", i ? ':' : ' ', xen->hw_caps[i]);
    putc('\n', w->out);
}

static void put_virt_caps(const info_writer *w, const xtune_xen *xen)
{
    size_t i;

    if (!xen->capabilities) return;
    put_label(w, "virt_caps");
    for (i = 0; i < xen->nr_capabilities; i++)
        fprintf(w->out, " %s", xt_text_safe(w->arena, xen->capabilities[i]));
    putc('\n', w->out);
}

static void put_machine(const info_writer *w, const xtune_host *host)
{
    const xtune_xen *xen = &host->xen;

    put_string(w, "host", xen->host);
    put_string(w, "release", xen->release);
    put_string(w, "version", xen->kernel_version);
    put_string(w, "machine", xen->machine);
    put_u64(w, "nr_cpus", host->nr_cpus);
    put_u32(w, "max_cpu_id", xen->max_cpu_id);
    put_u64(w, "nr_nodes", host->nr_nodes);
    put_u32(w, "cores_per_socket", xen->cores_per_socket);
    put_u32(w, "threads_per_core", xen->threads_per_core);
    put_cpu_mhz(w, xen->cpu_khz);
    put_hw_caps(w, xen);
    put_virt_caps(w, xen);
    put_mib(w, "total_memory", xen->total_kb);
    put_mib(w, "free_memory", xen->free_kb);
    put_mib(w, "sharing_freed_memory", xen->sharing_freed_kb);
    put_mib(w, "sharing_used_memory", xen->sharing_used_kb);
    put_mib(w, "outstanding_claims", xen->outstanding_kb);
    put_u32(w, "free_cpus", xen->free_cpus);
}

static void put_cpus(const info_writer *w, const xtune_host *host)
{
    size_t i;

    put_label(w, "cpu_topology");
    fputs("\ncpu:    core    socket     node\n", w->out);
    for (i = 0; i < host->nr_cpus; i++) {
        const xtune_cpu *cpu = &host->cpus[i];

        /* A node that Xen does not know is -1, as xl's %d shows it. */
        fprintf(w->out, "%3u:    %4d     %4d     %4d\n", cpu->id,
                (int)cpu->core, (int)cpu->socket, (int)cpu->node);
    }
}

/*
 * xl prints devices in the order in which sysfs lists them, which is that of
 * a hash of their names (Linux: fs/kernfs/dir.c, kernfs_name_hash(); 64 bits,
 * little-endian). A snapshot has no sysfs, so the hash is computed here.
 */
static uint32_t sysfs_hash(const char *name)
{
    uint64_t hash = 0;
    uint32_t order;

    for (; *name; name++) {
        unsigned char c = (unsigned char)*name;

        hash = (hash + ((uint64_t)c << 4) + (c >> 4)) * 11;
    }
    hash *= UINT64_C(0x61C8864680B583EB);
    order = (uint32_t)(hash >> 32) & 0x7fffffff;
    if (order < 2) order += 2;
    return order == 0x7fffffff ? order - 1 : order;
}

static int compare_sysfs(const void *a, const void *b)
{
    const xtune_pci *x = *(const xtune_pci *const *)a;
    const xtune_pci *y = *(const xtune_pci *const *)b;
    uint32_t hx = sysfs_hash(x->address), hy = sysfs_hash(y->address);

    return hx != hy ? (hx > hy) - (hx < hy) : strcmp(x->address, y->address);
}

static void put_devices(const info_writer *w, const xtune_host *host)
{
    const xtune_pci **devices =
        XTUNE_NEW_ARRAY(w->arena, const xtune_pci *, host->nr_pci + 1);
    size_t i, nr = 0;

    for (i = 0; i < host->nr_pci; i++)
        if (host->pci[i].node != XTUNE_NONE) devices[nr++] = &host->pci[i];
    qsort(devices, nr, sizeof(*devices), compare_sysfs);

    put_label(w, "device topology");
    fputs("\ndevice           node\n", w->out);
    for (i = 0; i < nr; i++)
        fprintf(w->out, "%s      %u\n", devices[i]->address, devices[i]->node);
    if (!nr) fputs("No device topology data available\n", w->out);
}

static void put_nodes(const info_writer *w, const xtune_host *host)
{
    size_t i;
    unsigned int j;

    put_label(w, "numa_info");
    fputs("\nnode:    memsize    memfree    distances\n", w->out);
    for (i = 0; i < host->nr_nodes; i++) {
        const xtune_node *node = &host->nodes[i];

        /* A figure that is not known is -1, as above. */
        fprintf(w->out, "%4u:    %6" PRIu64 "     %6" PRId64 "      ",
                node->id, node->memory_kb / 1024,
                node->free_kb == XTUNE_UNKNOWN_KB
                    ? -1
                    : (int64_t)(node->free_kb / 1024));
        for (j = 0; j < host->nr_node_ids; j++)
            fprintf(w->out, "%s%d", j ? "," : "",
                    node->distances ? (int)node->distances[j] : -1);
        putc('\n', w->out);
    }
}

static void put_xen(const info_writer *w, const xtune_xen *xen)
{
    put_u32(w, "xen_major", xen->major);
    put_u32(w, "xen_minor", xen->minor);
    put_string(w, "xen_extra", xen->extra);
    put_string(w, "xen_version", xen->version);
    put_string(w, "xen_caps", xen->xen_caps);
    put_string(w, "xen_scheduler", xen->scheduler);
    put_u32(w, "xen_pagesize", xen->pagesize);
    if (xen->virt_start != UINT64_MAX) {
        put_label(w, "platform_params");
        fprintf(w->out, " virt_start=0x%" PRIx64 "\n", xen->virt_start);
    }
    put_string(w, "xen_changeset", xen->changeset);
    put_string(w, "xen_commandline", xen->command_line);
    put_string(w, "cc_compiler", xen->compiler);
    put_string(w, "cc_compile_by", xen->compile_by);
    put_string(w, "cc_compile_domain", xen->compile_domain);
    put_string(w, "cc_compile_date", xen->compile_date);
    put_string(w, "build_id", xen->build_id);
}

char *xtune_report_info(const xtune_host *host, bool numa)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    info_writer w = { .arena = arena };
    xt_text text;

    xt_text_open(&text);
    w.out = text.out;
    put_machine(&w, host);
    if (numa) {
        put_cpus(&w, host);
        put_devices(&w, host);
        put_nodes(&w, host);
    }
    put_xen(&w, &host->xen);
    put_string(&w, "xend_config_format", "4");
    return xt_text_close(&text);
}
