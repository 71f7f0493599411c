/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading a policy: the elements and attributes that there are, as rows, and
 * the walk over a document that holds it against them.
 */
#ifndef XT_POLICY_READ_H
#define XT_POLICY_READ_H

#include <stdbool.h>
#include <stddef.h>

#include <xtune/policy.h>

#include "base/xml.h"
#include "host/parameters.h"

/* policies/policy.rng, built in. */
extern const char xt_policy_rng[];
extern const size_t xt_policy_rng_len;

/* Reads one policy from memory; object names it in sources and errors. */
int xt_policy_read_memory(const char *text, size_t len, const char *object,
                          xtune_policy **policy_r, xtune_error **err);

typedef struct xt_policy_reader {
    xtune_policy *policy;
    const char *file;   /* in the policy's arena; one address a file */
    xtune_arena *arena; /* for what is needed while reading only */
    xtune_error **err;
} xt_policy_reader;

/* What an attribute may hold. */
typedef struct xt_value {
    /* The words, each at the place of its enum's value; or NULL ... */
    const char *const *words;
    size_t nr_words;
    /* ... a scheduler's parameter, as a number; or NULL ... */
    const xt_parameter *parameter;
    /* ... and then whether text is one; *why_r, where set, says why not. */
    bool (*is_valid)(xtune_arena *arena, const char *text, const char **why_r);
    const char *form; /* for people: what is_valid accepts */
} xt_value;

typedef struct xt_attr {
    const char *name;
    bool required;
    const xt_value *value;
    /* word is the number of the word, where there are words. text lives as
     * long as the policy. */
    void (*set)(void *object, const char *text, unsigned int word);
} xt_attr;

typedef struct xt_element xt_element;

struct xt_element {
    const char *name;
    bool repeats; /* may stand more than once in its parent */
    const xt_attr *attrs;
    size_t nr_attrs;
    const xt_element *children;
    size_t nr_children;
    /* Finds or makes what the attributes are set in. parent is the object of
     * the element around this one. */
    int (*open)(xt_policy_reader *r, void *parent, xtune_source source,
                void **object_r);
    /* Checks it when all of it is read; may be NULL. */
    int (*close)(xt_policy_reader *r, const void *object);
};

#define XT_POLICY_MAX_CHILDREN 8

extern const xt_element xt_policy_element;

/* What <host> holds. */
#define XT_NR_HOST_CHILDREN 4
extern const xt_element xt_host_children[XT_NR_HOST_CHILDREN];

/* For rows of elements. */
#define XT_ATTRS(rows) .attrs = (rows), .nr_attrs = XT_ARRAY_SIZE(rows)
#define XT_CHILDREN(rows)                                                     \
    .children = (rows), .nr_children = XT_ARRAY_SIZE(rows)

/* Reads an element and all below it into the policy. */
int xt_policy_walk(xt_policy_reader *r, const xt_element *element,
                   const xt_xml *xml, void *parent);

/* XTUNE_ERR_INVALID with "file:line"; hint may be NULL. */
int xt_policy_refuse(const xt_policy_reader *r, unsigned int line,
                     const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* The values of attributes. */
extern const xt_value xt_value_policy_name, xt_value_match;
extern const xt_value xt_value_placement, xt_value_affinity, xt_value_memory;
extern const xt_value xt_value_nodes;
extern const xt_value xt_value_pause, xt_value_enforce;
extern const xt_value xt_value_vcpus, xt_value_hard, xt_value_soft;
extern const xt_value xt_value_pin, xt_value_smt, xt_value_devices;
extern const xt_value xt_value_pool_name, xt_value_pool_cpus;
extern const xt_value xt_value_scheduler, xt_value_split, xt_value_percent;
extern const xt_value xt_value_weight, xt_value_cap;
extern const xt_value xt_value_period, xt_value_budget, xt_value_extratime;
extern const xt_value xt_value_tslice, xt_value_ratelimit;
extern const xt_value xt_value_migration_delay;
extern const xt_value xt_value_dom0_memory, xt_value_dom0_vcpus;

/* What contradicts itself in what a pool, or a domain, is to be given: in
 * words, in the arena; NULL where nothing does. */
const char *xt_pool_scheduling_fault(xtune_arena *arena,
                                     const xtune_pool_scheduling *wanted);
const char *xt_scheduling_fault(xtune_arena *arena,
                                const xtune_wanted_scheduling *wanted);

/* Nothing is written: for what is read, or merged, into it. */
#define XT_NO_POOL_SCHEDULING                                                 \
    ((xtune_pool_scheduling){ XTUNE_NONE, XTUNE_NONE, XTUNE_NONE })
#define XT_NO_SCHEDULING                                                      \
    ((xtune_wanted_scheduling){ .vcpus = "all",                               \
                                .weight = XTUNE_NONE,                         \
                                .cap = XTUNE_NONE,                            \
                                .period_us = XTUNE_NONE,                      \
                                .budget_us = XTUNE_NONE,                      \
                                .extratime = XTUNE_NONE })

/* A list of vCPUs, over XTUNE_MAX_VCPUS ids: domains are resized. As
 * xtune_set_parse(). */
int xt_parse_vcpus(xtune_arena *arena, const char *object, const char *text,
                   xtune_set *vcpus_r, xtune_error **err);

/* A set as what it leaves out: "all,^2,^5-7". In the arena. */
const char *xt_list_but(xtune_arena *arena, const xtune_set *set);

/* "20%" as 20. False where it is not a share from 0% to 100%. */
bool xt_parse_percent(const char *text, unsigned int *percent_r);

/* Whether text is a match as <domains match=""> has it. */
bool xt_match_is_valid(const char *text);

/* Whether text has the form of a uuid: "8-4-4-4-12" hexadecimal digits. */
bool xt_is_uuid(const char *text);

/* Whether a uuid is this domain's, and that tells it from others. */
bool xt_has_uuid(const xtune_domain *domain, const char *uuid);

/*
 * The files of a folder whose names end in suffix, but none that begins with
 * a dot, as paths in the arena, sorted by name, byte by byte. Neither folders
 * nor devices. XTUNE_ERR_NOT_FOUND where there is no folder.
 */
int xt_list_files(xtune_arena *arena, const char *dir, const char *suffix,
                  const char ***files_r, size_t *nr_r, xtune_error **err);

#endif
