/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as Xen's answer to debug key "u", in pieces and with gaps: what
 * is said to be complete is within bounds and adds up.
 */
#include <stdint.h>
#include <stdlib.h>

#include "backend/residency_parse.h"
#include "base/util.h"

#define MAX_DOMID 0x7fff

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_entry(const xt_residency_entry *entry,
                        const xtune_set *nodes)
{
    uint64_t sum = 0;
    unsigned int id;

    for (id = 0; id < nodes->nbits; id++) {
        if (entry->pages[id] && !xtune_set_has(nodes, id)) abort();
        sum += entry->pages[id];
    }
    if (sum != entry->counted || entry->domid > MAX_DOMID) abort();
}

/* The first byte says which nodes there are, the second how long a piece is;
 * a byte 0xff in the text is a gap. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_set nodes = xtune_set_new(arena, 8);
    const xt_residency_entry *entry;
    xt_residency_parser *parser;
    size_t i, piece;
    unsigned int id;

    if (size < 2) return 0;
    for (id = 0; id < 8; id++)
        if (data[0] >> id & 1) xtune_set_add(&nodes, id);
    piece = (size_t)data[1] + 1;
    parser = xt_residency_parser_new(arena, &nodes);
    for (i = 2; i < size; i += piece) {
        const size_t len = size - i < piece ? size - i : piece;

        if (data[i] == 0xff) xt_residency_gap(parser);
        xt_residency_feed(parser, (const char *)data + i, len);
    }
    if (xt_residency_is_whole(parser) && !xt_residency_has_begun(parser))
        abort();
    for (id = 0; id < 64; id++) {
        entry = xt_residency_find(parser, id);
        if (entry) check_entry(entry, &nodes);
    }
    return 0;
}
