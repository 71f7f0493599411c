/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <xtune/set.h>

#include <stdio.h>
#include <string.h>

static size_t nr_words(unsigned int nbits)
{
    return ((size_t)nbits + 63) / 64;
}

xtune_set xtune_set_new(xtune_arena *arena, unsigned int nbits)
{
    return (xtune_set){
        .nbits = nbits,
        .words = XTUNE_NEW_ARRAY(arena, uint64_t, nr_words(nbits)),
    };
}

xtune_set xtune_set_all(xtune_arena *arena, unsigned int nbits)
{
    xtune_set set = xtune_set_new(arena, nbits);
    unsigned int id;

    for (id = 0; id < nbits; id++)
        xtune_set_add(&set, id);
    return set;
}

xtune_set xtune_set_copy(xtune_arena *arena, const xtune_set *set)
{
    xtune_set copy = xtune_set_new(arena, set->nbits);

    xtune_set_or(&copy, set);
    return copy;
}

bool xtune_set_has(const xtune_set *set, unsigned int id)
{
    return id < set->nbits && (set->words[id / 64] >> (id % 64) & 1);
}

void xtune_set_add(xtune_set *set, unsigned int id)
{
    if (id < set->nbits) set->words[id / 64] |= UINT64_C(1) << (id % 64);
}

void xtune_set_remove(xtune_set *set, unsigned int id)
{
    if (id < set->nbits) set->words[id / 64] &= ~(UINT64_C(1) << (id % 64));
}

bool xtune_set_is_empty(const xtune_set *set)
{
    return xtune_set_next(set, 0) == XTUNE_SET_END;
}

bool xtune_set_is_all(const xtune_set *set)
{
    return xtune_set_count(set) == set->nbits;
}

unsigned int xtune_set_count(const xtune_set *set)
{
    unsigned int count = 0;
    size_t i;

    for (i = 0; i < nr_words(set->nbits); i++)
        count += (unsigned int)__builtin_popcountll(set->words[i]);
    return count;
}

bool xtune_set_equal(const xtune_set *a, const xtune_set *b)
{
    return a->nbits == b->nbits &&
           (!a->nbits || !memcmp(a->words, b->words,
                                 nr_words(a->nbits) * sizeof(*a->words)));
}

/* Sets of one host have one size; the smaller rules where they do not. */
static size_t common_words(const xtune_set *a, const xtune_set *b)
{
    return nr_words(a->nbits < b->nbits ? a->nbits : b->nbits);
}

bool xtune_set_intersects(const xtune_set *a, const xtune_set *b)
{
    size_t i;

    for (i = 0; i < common_words(a, b); i++)
        if (a->words[i] & b->words[i]) return true;
    return false;
}

bool xtune_set_is_subset(const xtune_set *sub, const xtune_set *super)
{
    size_t i;

    for (i = 0; i < nr_words(sub->nbits); i++)
        if (sub->words[i] &
            ~(i < nr_words(super->nbits) ? super->words[i] : 0))
            return false;
    return true;
}

void xtune_set_or(xtune_set *to, const xtune_set *from)
{
    size_t i;

    for (i = 0; i < common_words(to, from); i++)
        to->words[i] |= from->words[i];
}

void xtune_set_and(xtune_set *to, const xtune_set *from)
{
    size_t i;

    for (i = 0; i < nr_words(to->nbits); i++)
        to->words[i] &= i < nr_words(from->nbits) ? from->words[i] : 0;
}

void xtune_set_andnot(xtune_set *to, const xtune_set *from)
{
    size_t i;

    for (i = 0; i < common_words(to, from); i++)
        to->words[i] &= ~from->words[i];
}

unsigned int xtune_set_next(const xtune_set *set, unsigned int from)
{
    size_t word = from / 64;
    uint64_t bits;

    if (from >= set->nbits) return XTUNE_SET_END;
    bits = set->words[word] & (~UINT64_C(0) << (from % 64));
    while (!bits) {
        if (++word >= nr_words(set->nbits)) return XTUNE_SET_END;
        bits = set->words[word];
    }
    return (unsigned int)word * 64 + (unsigned int)__builtin_ctzll(bits);
}

/* The end of the run of ids that begins at id. */
static unsigned int run_end(const xtune_set *set, unsigned int id)
{
    while (xtune_set_has(set, id + 1))
        id++;
    return id;
}

/* "4294967295-4294967295," is the longest item. */
#define ITEM_SIZE 24

const char *xtune_set_format_ids(xtune_arena *arena, const xtune_set *set)
{
    unsigned int id, end, runs = 0;
    char *text, *p;

    xtune_set_for_each(id, set)
    {
        runs++;
        id = run_end(set, id);
    }
    if (!runs) return "none";
    p = text = xtune_arena_alloc(arena, runs, ITEM_SIZE);
    xtune_set_for_each(id, set)
    {
        end = run_end(set, id);
        if (p != text) *p++ = ',';
        if (end > id)
            p += sprintf(p, "%u-%u", id, end);
        else
            p += sprintf(p, "%u", id);
        id = end;
    }
    return text;
}

const char *xtune_set_format(xtune_arena *arena, const xtune_set *set)
{
    if (set->nbits && xtune_set_is_all(set)) return "all";
    return xtune_set_format_ids(arena, set);
}
