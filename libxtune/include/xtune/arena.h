/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Memory that is freed together. Each big object (host, policy, plan) owns
 * one arena; nothing points into another object's arena. Memory is zeroed.
 * The process ends with a message when there is none left.
 */
#ifndef XTUNE_ARENA_H
#define XTUNE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

typedef struct xtune_arena xtune_arena;

xtune_arena *xtune_arena_new(void);

/* NULL is fine. */
void xtune_arena_free(xtune_arena *arena);

/* nr objects of size bytes each, zeroed; ends the process on overflow. */
void *xtune_arena_alloc(xtune_arena *arena, size_t nr, size_t size);

/*
 * An array in the arena that holds at least nr + 1 objects: the one given, or
 * a larger copy (the old one stays until the arena is freed).
 */
void *xtune_arena_grow(xtune_arena *arena, void *array, size_t nr,
                       size_t size);

/* A copy with room for one object more, of an array that may have none: one
 * that did not begin with xtune_arena_grow(). */
void *xtune_arena_widen(xtune_arena *arena, const void *array, size_t nr,
                        size_t size);

char *xtune_arena_strdup(xtune_arena *arena, const char *s);
char *xtune_arena_strndup(xtune_arena *arena, const char *s, size_t n);
char *xtune_arena_printf(xtune_arena *arena, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
char *xtune_arena_vprintf(xtune_arena *arena, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

#define XTUNE_NEW(arena, type)                                                \
    ((type *)xtune_arena_alloc((arena), 1, sizeof(type)))
#define XTUNE_NEW_ARRAY(arena, type, nr)                                      \
    ((type *)xtune_arena_alloc((arena), (nr), sizeof(type)))

#endif
