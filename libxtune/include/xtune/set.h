/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sets of CPUs or of nodes, over the ids 0 to nbits - 1 of one host.
 *
 * The text form is xl's (xen.git tools/xl/xl_parse.c, parse_cpurange and
 * tools/xl/xl_utils.c, print_bitmap), read strictly.
 */
#ifndef XTUNE_SET_H
#define XTUNE_SET_H

#include <stdbool.h>
#include <stdint.h>

#include <xtune/arena.h>
#include <xtune/error.h>

typedef struct xtune_set {
    unsigned int nbits;
    uint64_t *words; /* bits from nbits on are 0 */
} xtune_set;

#define XTUNE_SET_END (~0u)

/* An empty set; its words live in the arena. */
xtune_set xtune_set_new(xtune_arena *arena, unsigned int nbits);
xtune_set xtune_set_all(xtune_arena *arena, unsigned int nbits);
xtune_set xtune_set_copy(xtune_arena *arena, const xtune_set *set);

/* Ids out of range are not in any set; adding one is a caller's error. */
bool xtune_set_has(const xtune_set *set, unsigned int id);
void xtune_set_add(xtune_set *set, unsigned int id);
void xtune_set_remove(xtune_set *set, unsigned int id);

bool xtune_set_is_empty(const xtune_set *set);
bool xtune_set_is_all(const xtune_set *set); /* every id below nbits */
unsigned int xtune_set_count(const xtune_set *set);

/* For two sets of one host, that is with the same nbits. */
bool xtune_set_equal(const xtune_set *a, const xtune_set *b);
bool xtune_set_intersects(const xtune_set *a, const xtune_set *b);
bool xtune_set_is_subset(const xtune_set *sub, const xtune_set *super);
void xtune_set_or(xtune_set *to, const xtune_set *from);
void xtune_set_and(xtune_set *to, const xtune_set *from);
void xtune_set_andnot(xtune_set *to, const xtune_set *from);

/* The first id at or after from, or XTUNE_SET_END. */
unsigned int xtune_set_next(const xtune_set *set, unsigned int from);

#define xtune_set_for_each(id, set)                                           \
    for ((id) = xtune_set_next((set), 0); (id) != XTUNE_SET_END;              \
         (id) = xtune_set_next((set), (id) + 1))

/*
 * As xl prints one: "none", "all" (every id below nbits), else ids and
 * ranges: "0-3,8". In the arena.
 */
const char *xtune_set_format(xtune_arena *arena, const xtune_set *set);

/* As above, but never "all": for the CPUs of a pool. */
const char *xtune_set_format_ids(xtune_arena *arena, const xtune_set *set);

/* What the ids in a text may name. */
typedef struct xtune_set_names {
    const char *what;        /* "CPU" or "node", for messages */
    const xtune_set *exists; /* ids that the host has */
    const xtune_set *nodes;  /* CPUs by node id, NULL where "node:" is not
                                understood */
    unsigned int nr_nodes;
} xtune_set_names;

/*
 * Reads a list such as "0-3,^2,node:1", left to right, later items win; also
 * "all" (every id below nbits) and "none". "all" and "^" mix as in xl.
 * XTUNE_ERR_INVALID names the item that is wrong: empty text or item, blank,
 * sign, range that ends before it begins, an id that the host does not have,
 * trailing text. *set_r is over exists->nbits ids, in the arena, and
 * unchanged on error. object is what the error is about, such as an argument.
 */
int xtune_set_parse(xtune_arena *arena, const xtune_set_names *names,
                    const char *object, const char *text, xtune_set *set_r,
                    xtune_error **err);

#endif
