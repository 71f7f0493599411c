/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Findings: what stands against something, what is to be known, and the way
 * out. Those that are guards say no before anything is touched.
 */
#ifndef XTUNE_FINDING_H
#define XTUNE_FINDING_H

#include <stdbool.h>
#include <stddef.h>

#include <xtune/arena.h>
#include <xtune/error.h>

enum xtune_finding_level {
    XTUNE_FINDING_NOTE,    /* to be known */
    XTUNE_FINDING_WARNING, /* works, but not well, or not safely */
    XTUNE_FINDING_ERROR,   /* will not work */
};

typedef struct xtune_finding {
    const char *name; /* "disk", "iommu", "msix": stable */
    enum xtune_finding_level level;
    bool is_guard;      /* refused unless --force=NAME */
    const char *object; /* a device's address, a domain's name, a file */
    const char *text;   /* what is so */
    const char *hint;   /* the way out; NULL: there is none */
} xtune_finding;

typedef struct xtune_findings {
    xtune_arena *arena;
    xtune_finding *items;
    size_t nr;
} xtune_findings;

xtune_findings *xtune_findings_new(void);
void xtune_findings_free(xtune_findings *findings);

/* Refuses where a guard is among the findings that is not in forced (names, or
 * "all"): XTUNE_ERR_REFUSED, saying what --force would have to name. */
int xtune_findings_heed(const xtune_findings *findings,
                        const char *const *forced, size_t nr_forced,
                        xtune_error **err);

#endif
