/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Nodes and CPUs, and what Xen and dom0 say of themselves. */
#include "backend/xen.h"

#include <errno.h>
#include <sys/utsname.h>

#include "base/util.h"

#define PAGE_KB (XC_PAGE_SIZE / 1024)

int xt_xen_read_memory(xt_xen *xen, xtune_host *host, xtune_error **err)
{
    xtune_xen *about = &host->xen;
    xc_physinfo_t info;

    if (xc_physinfo(xen->xc, &info))
        return xt_xen_error(err, "xen", "ask it for its memory");
    about->max_cpu_id = info.max_cpu_id;
    about->total_kb = info.total_pages * PAGE_KB;
    about->free_kb = (info.free_pages - info.outstanding_pages) * PAGE_KB;
    if (info.outstanding_pages > info.free_pages) about->free_kb = 0;
    about->outstanding_kb = info.outstanding_pages * PAGE_KB;
    return 0;
}

static void add_node(xtune_host *host, unsigned int id, unsigned int nr_ids,
                     const xc_meminfo_t *memory, const uint32_t *distances)
{
    xtune_node *node = &host->nodes[host->nr_nodes];
    unsigned int i;

    if (memory->memsize == XEN_INVALID_MEM_SZ) return;
    node->id = id;
    node->memory_kb = memory->memsize / 1024;
    node->free_kb = memory->memfree / 1024;
    node->nr_distances = nr_ids;
    node->distances = XTUNE_NEW_ARRAY(host->arena, uint32_t, nr_ids);
    for (i = 0; i < nr_ids; i++)
        node->distances[i] =
            distances[i] == XEN_INVALID_NODE_DIST ? XTUNE_NONE : distances[i];
    host->nr_nodes++;
}

/*
 * How many bits the addresses have that Xen keeps for devices: those of the
 * first quarter of its first node, which is taken to begin at 0 (xen.git
 * xen/arch/x86/numa.c, arch_get_dma_bitsize()). 0 where it keeps none.
 */
static int dma_bits(const xtune_host *host)
{
    uint64_t pages;
    int bits;

    if (host->nr_nodes < 2) return 0;
    pages = host->nodes[0].memory_kb / PAGE_KB / 4;
    if (pages < 2) return 0;
    bits = 64 - __builtin_clzll(pages - 1) + XC_PAGE_SHIFT;
    return bits < 32 ? bits : 32;
}

/*
 * alloc_domheap_pages() in xen.git xen/common/page_alloc.c looks above these
 * addresses on every node first, then below. That cannot be read is no error:
 * it is little on a large host.
 */
static void read_low_memory(const xt_xen *xen, xtune_host *host)
{
    const int bits = dma_bits(host);
    xtune_node *node = &host->nodes[0];
    uint64_t bytes;

    if (!bits || xc_availheap(xen->xc, 0, bits, (int)node->id, &bytes)) return;
    /* It may have grown since the node was read. */
    node->low_free_kb =
        bytes / 1024 < node->free_kb ? bytes / 1024 : node->free_kb;
}

int xt_xen_read_nodes(xt_xen *xen, xtune_host *host, xtune_error **err)
{
    const size_t room = xen->nr_node_ids;
    XT_CLEANUP_FREE xc_meminfo_t *memory =
        xt_xrealloc(NULL, room, sizeof(*memory));
    XT_CLEANUP_FREE uint32_t *distances =
        xt_xrealloc(NULL, room * room, sizeof(*distances));
    unsigned int nr = xen->nr_node_ids, id;

    if (xc_numainfo(xen->xc, &nr, memory, distances))
        return xt_xen_error(err, "xen", "ask it for its nodes");
    if (nr > xen->nr_node_ids) nr = xen->nr_node_ids;
    host->nodes = XTUNE_NEW_ARRAY(host->arena, xtune_node, nr);
    for (id = 0; id < nr; id++)
        add_node(host, id, nr, &memory[id], &distances[(size_t)id * nr]);
    read_low_memory(xen, host);
    return 0;
}

int xt_xen_read_cpus(xt_xen *xen, xtune_host *host, xtune_error **err)
{
    XT_CLEANUP_FREE xc_cputopo_t *cpus =
        xt_xrealloc(NULL, xen->nr_cpu_ids, sizeof(*cpus));
    unsigned int nr = xen->nr_cpu_ids, id;

    if (xc_cputopoinfo(xen->xc, &nr, cpus))
        return xt_xen_error(err, "xen", "ask it for its CPUs");
    if (nr > xen->nr_cpu_ids) nr = xen->nr_cpu_ids;
    host->cpus = XTUNE_NEW_ARRAY(host->arena, xtune_cpu, nr);
    for (id = 0; id < nr; id++) {
        const bool has_core = cpus[id].core != XEN_INVALID_CORE_ID;

        /* Where a socket has one core only, Xen may know no number for it. */
        if (!has_core && cpus[id].node == XEN_INVALID_NODE_ID) continue;
        host->cpus[host->nr_cpus++] = (xtune_cpu){
            .id = id,
            .node = xtune_host_node(host, cpus[id].node) ? cpus[id].node
                                                         : XTUNE_NONE,
            .socket =
                cpus[id].socket == XEN_INVALID_SOCKET_ID ? 0 : cpus[id].socket,
            .core = has_core ? cpus[id].core : id,
        };
    }
    return 0;
}

/* The words of xl info's virt_caps, in its order. */
static void add_capabilities(xtune_host *host, uint32_t caps)
{
    const uint32_t hvm = XEN_SYSCTL_PHYSCAP_hvm, pv = XEN_SYSCTL_PHYSCAP_pv,
                   directio = XEN_SYSCTL_PHYSCAP_directio;
    const struct {
        uint32_t all_of;
        const char *word;
    } words[] = {
        { pv, "pv" },
        { hvm, "hvm" },
        { hvm | directio, "hvm_directio" },
        { pv | directio, "pv_directio" },
        { XEN_SYSCTL_PHYSCAP_hap, "hap" },
        { XEN_SYSCTL_PHYSCAP_shadow, "shadow" },
        { XEN_SYSCTL_PHYSCAP_iommu_hap_pt_share, "iommu_hap_pt_share" },
        { XEN_SYSCTL_PHYSCAP_vmtrace, "vmtrace" },
        { XEN_SYSCTL_PHYSCAP_vpmu, "vpmu" },
        { XEN_SYSCTL_PHYSCAP_gnttab_v1, "gnttab-v1" },
        { XEN_SYSCTL_PHYSCAP_gnttab_v2, "gnttab-v2" },
    };
    xtune_xen *about = &host->xen;
    size_t i;

    about->capabilities =
        XTUNE_NEW_ARRAY(host->arena, const char *, XT_ARRAY_SIZE(words));
    for (i = 0; i < XT_ARRAY_SIZE(words); i++)
        if (words[i].all_of && (caps & words[i].all_of) == words[i].all_of)
            about->capabilities[about->nr_capabilities++] = words[i].word;
}

/* Xen without memory sharing has no answer: nothing is shared. */
static uint64_t shared_kb(long pages)
{
    return pages < 0 ? 0 : (uint64_t)pages * PAGE_KB;
}

static int read_physical(xt_xen *xen, xtune_host *host, xtune_error **err)
{
    xtune_xen *about = &host->xen;
    xc_physinfo_t info;
    size_t i;

    if (xc_physinfo(xen->xc, &info))
        return xt_xen_error(err, "xen", "ask it for its CPUs");
    about->cores_per_socket = info.cores_per_socket;
    about->threads_per_core = info.threads_per_core;
    about->cpu_khz = info.cpu_khz;
    for (i = 0; i < XT_ARRAY_SIZE(about->hw_caps); i++)
        about->hw_caps[i] = info.hw_cap[i];
    about->has_hw_caps = true;
    add_capabilities(host, info.capabilities);
    about->sharing_freed_kb = shared_kb(xc_sharing_freed_pages(xen->xc));
    about->sharing_used_kb = shared_kb(xc_sharing_used_frames(xen->xc));
    return 0;
}

static int read_scheduler(xt_xen *xen, xtune_host *host, xtune_error **err)
{
    XT_CLEANUP_FREE uint8_t *map = NULL;
    xtune_set set;
    int id;

    if (xc_sched_id(xen->xc, &id))
        return xt_xen_error(err, "xen", "ask it for its scheduler");
    map = xc_cpupool_freeinfo(xen->xc);
    if (!map) return xt_xen_error(err, "xen", "ask it for CPUs in no pool");
    set = xt_xen_set_from_map(host->arena, xen->nr_cpu_ids, map);
    host->xen.scheduler = xt_xen_scheduler_name(id);
    host->xen.free_cpus = xtune_set_count(&set);
    return 0;
}

/* One of Xen's strings, of at most size bytes; NULL where it does not say. */
static const char *version_string(xt_xen *xen, xtune_arena *arena, int cmd,
                                  char *buffer, size_t size)
{
    return xc_version(xen->xc, cmd, buffer) < 0
               ? NULL
               : xtune_arena_strndup(arena, buffer, size);
}

static void read_compile_info(xt_xen *xen, xtune_host *host)
{
    xtune_arena *arena = host->arena;
    xen_compile_info_t info;

    if (xc_version(xen->xc, XENVER_compile_info, &info) < 0) return;
    host->xen.compiler =
        xtune_arena_strndup(arena, info.compiler, sizeof(info.compiler));
    host->xen.compile_by =
        xtune_arena_strndup(arena, info.compile_by, sizeof(info.compile_by));
    host->xen.compile_domain = xtune_arena_strndup(
        arena, info.compile_domain, sizeof(info.compile_domain));
    host->xen.compile_date = xtune_arena_strndup(arena, info.compile_date,
                                                 sizeof(info.compile_date));
}

static const char *read_build_id(xt_xen *xen, xtune_arena *arena)
{
    union {
        xen_build_id_t id;
        unsigned char room[1024];
    } build = { .room = { 0 } };
    char *text;
    int len, i;

    build.id.len = sizeof(build) - sizeof(build.id);
    len = xc_version(xen->xc, XENVER_build_id, &build.id);
    if (len < 0 || (size_t)len > sizeof(build) - sizeof(build.id)) return "";
    text = xtune_arena_alloc(arena, (size_t)len * 2 + 1, 1);
    for (i = 0; i < len; i++)
        sprintf(text + (size_t)i * 2, "%02x", build.id.buf[i]);
    return text;
}

static void read_versions(xt_xen *xen, xtune_host *host)
{
    union {
        xen_extraversion_t extra;
        xen_capabilities_info_t caps;
        xen_changeset_info_t changeset;
        xen_commandline_t command_line;
    } u;
    xtune_arena *arena = host->arena;
    xtune_xen *about = &host->xen;
    xen_platform_parameters_t platform;
    int version = xc_version(xen->xc, XENVER_version, NULL);

    about->extra = version_string(xen, arena, XENVER_extraversion, u.extra,
                                  sizeof(u.extra));
    if (version >= 0) {
        about->major = (unsigned int)version >> 16;
        about->minor = (unsigned int)version & 0xffff;
        about->version =
            xtune_arena_printf(arena, "%u.%u%s", about->major, about->minor,
                               about->extra ? about->extra : "");
    }
    about->xen_caps = version_string(xen, arena, XENVER_capabilities, u.caps,
                                     sizeof(u.caps));
    about->changeset = version_string(xen, arena, XENVER_changeset,
                                      u.changeset, sizeof(u.changeset));
    about->command_line =
        version_string(xen, arena, XENVER_commandline, u.command_line,
                       sizeof(u.command_line));
    read_compile_info(xen, host);
    about->build_id = read_build_id(xen, arena);
    version = xc_version(xen->xc, XENVER_pagesize, NULL);
    if (version > 0) about->pagesize = (uint32_t)version;
    if (!xc_version(xen->xc, XENVER_platform_parameters, &platform))
        about->virt_start = platform.virt_start;
}

static void read_dom0(xtune_host *host)
{
    struct utsname names;

    if (uname(&names) < 0) return;
    host->xen.host = xtune_arena_strdup(host->arena, names.nodename);
    host->xen.release = xtune_arena_strdup(host->arena, names.release);
    host->xen.kernel_version = xtune_arena_strdup(host->arena, names.version);
    host->xen.machine = xtune_arena_strdup(host->arena, names.machine);
}

int xt_xen_read_info(xt_xen *xen, xtune_host *host, xtune_error **err)
{
    int rc;

    rc = read_physical(xen, host, err);
    if (!rc) rc = read_scheduler(xen, host, err);
    if (rc) return rc;
    read_versions(xen, host);
    read_dom0(host);
    return 0;
}
