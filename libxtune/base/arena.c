/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <xtune/arena.h>

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"

#define CHUNK_SIZE 16384

typedef struct chunk {
    struct chunk *next;
    size_t used, size;
    alignas(max_align_t) char data[];
} chunk;

struct xtune_arena {
    chunk *chunks; /* the one that is filled at present comes first */
};

void xt_out_of_memory(void)
{
    fputs("xltune: out of memory\n", stderr);
    abort();
}

void *xt_xrealloc(void *p, size_t nr, size_t size)
{
    void *q = reallocarray(p, nr ? nr : 1, size ? size : 1);

    if (!q) xt_out_of_memory();
    return q;
}

char *xt_xstrdup(const char *s)
{
    size_t len = strlen(s) + 1;

    return memcpy(xt_xrealloc(NULL, len, 1), s, len);
}

char *xt_xprintf(const char *fmt, ...)
{
    char *s;
    va_list ap;
    int r;

    va_start(ap, fmt);
    r = vasprintf(&s, fmt, ap);
    va_end(ap);
    if (r < 0) xt_out_of_memory();
    return s;
}

xtune_arena *xtune_arena_new(void)
{
    xtune_arena *arena = xt_xrealloc(NULL, 1, sizeof(*arena));

    arena->chunks = NULL;
    return arena;
}

void xtune_arena_free(xtune_arena *arena)
{
    chunk *c, *next;

    if (!arena) return;
    for (c = arena->chunks; c; c = next) {
        next = c->next;
        free(c);
    }
    free(arena);
}

static chunk *add_chunk(xtune_arena *arena, size_t size)
{
    chunk *c;

    if (size > SIZE_MAX - sizeof(*c)) xt_out_of_memory();
    c = calloc(1, sizeof(*c) + size);
    if (!c) xt_out_of_memory();
    c->size = size;
    /* A large object gets a chunk of its own, behind the one being filled. */
    if (size > CHUNK_SIZE && arena->chunks) {
        c->next = arena->chunks->next;
        arena->chunks->next = c;
    } else {
        c->next = arena->chunks;
        arena->chunks = c;
    }
    return c;
}

void *xtune_arena_alloc(xtune_arena *arena, size_t nr, size_t size)
{
    const size_t align = alignof(max_align_t);
    chunk *c = arena->chunks;
    size_t bytes;
    void *p;

    if (__builtin_mul_overflow(nr, size, &bytes) || bytes > SIZE_MAX / 2)
        xt_out_of_memory();
    bytes = (bytes + align - 1) / align * align;
    if (!bytes) bytes = align;
    if (!c || c->size - c->used < bytes)
        c = add_chunk(arena, bytes > CHUNK_SIZE / 4 ? bytes : CHUNK_SIZE);
    p = c->data + c->used;
    c->used += bytes;
    return p;
}

void *xtune_arena_grow(xtune_arena *arena, void *array, size_t nr, size_t size)
{
    size_t room = nr ? nr * 2 : 4;
    void *larger;

    /* Arrays that grow here have room for 4, 8, 16, ... objects. */
    if (nr && (nr < 4 || (nr & (nr - 1)))) return array;
    larger = xtune_arena_alloc(arena, room, size);
    if (nr) memcpy(larger, array, nr * size);
    return larger;
}

void *xtune_arena_widen(xtune_arena *arena, const void *array, size_t nr,
                        size_t size)
{
    void *wider = xtune_arena_alloc(arena, nr + 1, size);

    if (nr) memcpy(wider, array, nr * size);
    return wider;
}

char *xtune_arena_strndup(xtune_arena *arena, const char *s, size_t n)
{
    size_t len = strnlen(s, n);
    char *copy = xtune_arena_alloc(arena, len + 1, 1);

    memcpy(copy, s, len);
    return copy;
}

char *xtune_arena_strdup(xtune_arena *arena, const char *s)
{
    return xtune_arena_strndup(arena, s, strlen(s));
}

char *xtune_arena_vprintf(xtune_arena *arena, const char *fmt, va_list ap)
{
    XT_CLEANUP_FREE char *text = NULL;

    if (vasprintf(&text, fmt, ap) < 0) xt_out_of_memory();
    return xtune_arena_strdup(arena, text);
}

char *xtune_arena_printf(xtune_arena *arena, const char *fmt, ...)
{
    va_list ap;
    char *s;

    va_start(ap, fmt);
    s = xtune_arena_vprintf(arena, fmt, ap);
    va_end(ap);
    return s;
}
