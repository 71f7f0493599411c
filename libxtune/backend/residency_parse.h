/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading what Xen writes to its console when debug key "u" is pressed: how
 * many pages of each domain are on each node. Knows nothing of Xen's calls.
 *
 * The text (xen.git xen/arch/x86/numa.c up to 4.17, xen/common/numa.c after):
 *
 *     (XEN) 'u' pressed -> dumping numa info (now = 12345)
 *     (XEN) NODE0 start->0 size->393216 free->101010
 *     (XEN) CPU0...1 -> NODE0
 *     (XEN) Memory location of each domain:
 *     (XEN) Domain 1 (total: 2048):         or, from 4.18:  d1 (total: 2048):
 *     (XEN)     Node 0: 2048
 *     (XEN)     Node 1: 0
 *
 * A domain has one line for each node, in order; its virtual NUMA may follow.
 * Time stamps in brackets may stand after "(XEN) ", and lines of others
 * between any two.
 */
#ifndef XT_RESIDENCY_PARSE_H
#define XT_RESIDENCY_PARSE_H

#include <xtune/arena.h>
#include <xtune/set.h>

/* Of one domain. Pages are of 4 KiB. */
typedef struct xt_residency_entry {
    unsigned int domid;
    bool complete;    /* there was one line for each node, in order */
    uint64_t total;   /* all its pages, wherever they are */
    uint64_t counted; /* the sum of pages */
    uint64_t *pages;  /* by node id */
} xt_residency_entry;

typedef struct xt_residency_parser xt_residency_parser;

/* nodes are those that Xen has. All lives in the arena. */
xt_residency_parser *xt_residency_parser_new(xtune_arena *arena,
                                             const xtune_set *nodes);

/* Takes the next part of the text. It may end within a line, which counts
 * when its end has come: without it a number might be half of one. */
void xt_residency_feed(xt_residency_parser *parser, const char *text,
                       size_t len);

/* Some text was lost here. */
void xt_residency_gap(xt_residency_parser *parser);

/*
 * Whether the last dump in the text began with its first line and nothing of
 * it was lost. Where it did not begin, what follows is read nevertheless.
 */
bool xt_residency_is_whole(const xt_residency_parser *parser);
bool xt_residency_has_begun(const xt_residency_parser *parser);

/* The domain's entry in the last dump, complete or not; NULL: none. */
const xt_residency_entry *xt_residency_find(const xt_residency_parser *parser,
                                            unsigned int domid);

#endif
