/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What an xl configuration (xl.cfg(5)) says about where a domain may be and
 * how large it is, which is the part of it that placing the domain needs; and
 * what one of a CPU pool (xlcpupool.cfg(5)) says.
 *
 * Text is read by libxlutil, as xl reads it. Values are read strictly: what
 * xl takes for 0, drops with a warning, or cuts at the first odd character is
 * an error here. Memory is in KiB.
 */
#ifndef XTUNE_CONFIG_H
#define XTUNE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xtune/arena.h>
#include <xtune/error.h>
#include <xtune/host.h>

/* cpus= or cpus_soft=: a text for all vCPUs, or one for each. */
typedef struct xtune_config_cpus {
    bool given, is_list;
    const char **texts; /* one where it is no list */
    size_t nr;
} xtune_config_cpus;

typedef struct xtune_config {
    xtune_arena *arena; /* owns all that follows */
    const char *path;   /* as given */
    const char *name;
    const char *uuid; /* lower case; NULL where xl makes one up */
    enum xtune_domain_type type;
    const char *cpupool; /* its name or its number; NULL */
    uint32_t vcpus;      /* online when it is made */
    uint32_t max_vcpus;
    uint64_t memory_kb;     /* what it is built with */
    uint64_t max_memory_kb; /* as much or more */
    uint64_t shadow_kb;     /* XTUNE_UNKNOWN_KB where not given */
    bool stubdomain;        /* its device model has a domain of its own */
    xtune_config_cpus cpus, cpus_soft;
    const char **pci; /* addresses of its devices; of "BB:DD.*" the first
                         function's */
    size_t nr_pci;
    const char **pci_specs; /* all of them, as they are written */
    size_t nr_pci_specs;
    size_t nr_named_pci; /* more, given by name= only */
    bool has_vnuma;      /* vnuma= is there, be it empty */
    bool has_pnodes;     /* and says on which nodes its memory is */
} xtune_config;

/*
 * Reads path and, as if they stood at its end, nr_args lines KEY=VALUE: of a
 * key that is given twice the last one counts. "/dev/null" is an empty file,
 * as for xl. XTUNE_ERR_INVALID with the file, key and value;
 * XTUNE_ERR_NOT_FOUND, _PERMISSION or _IO for a file that cannot be read;
 * XTUNE_ERR_UNSUPPORTED where there is no libxlutil.
 */
int xtune_config_read(const char *path, char *const *args, size_t nr_args,
                      xtune_config **config_r, xtune_error **err);

void xtune_config_free(xtune_config *config);

/*
 * The domain as it would be on this host, for xtune_place(): its id is
 * XTUNE_NONE, its memory what Xen needs for it (see xtune_needed_kb()), its
 * masks those that the configuration asks for, "all" where it asks for none.
 * Its pool is NULL where the configuration names none. In the arena of
 * config, and pointing into host's. XTUNE_ERR_INVALID for CPUs that the host
 * does not have, XTUNE_ERR_NOT_FOUND for an unknown pool.
 */
int xtune_config_domain(const xtune_config *config, const xtune_host *host,
                        xtune_domain *domain_r, xtune_error **err);

/* What a configuration of a CPU pool says, all of it. */
typedef struct xtune_pool_config {
    xtune_arena *arena;    /* owns all that follows */
    const char *source;    /* the file as given, or "command line" */
    const char *name;      /* where it is not given, the file's */
    const char *scheduler; /* NULL: not given */
    /* At most one of them is given: CPUs, or nodes whose free CPUs are meant;
     * lists hold a number each. */
    xtune_config_cpus cpus, nodes;
} xtune_pool_config;

/*
 * Reads such a file, and settings as xtune_config_read(); path NULL: there is
 * no file. A key that it does not know is XTUNE_ERR_INVALID, and so is a name
 * that is none, see xtune_cpupool_is_name().
 */
int xtune_pool_config_read(const char *path, char *const *args, size_t nr_args,
                           xtune_pool_config **config_r, xtune_error **err);

void xtune_pool_config_free(xtune_pool_config *config);

/*
 * The CPUs that it asks for, in its arena, which are at least one; where it
 * asks for none, the first that is free, with those that come and go with it.
 * XTUNE_ERR_INVALID for an item that is no number and for one that the host
 * has not, XTUNE_ERR_REFUSED for a node that has no free CPU. That those of
 * a list are free is not looked at.
 */
int xtune_pool_config_cpus(const xtune_pool_config *config,
                           const xtune_host *host, xtune_set *cpus_r,
                           xtune_error **err);

#endif
