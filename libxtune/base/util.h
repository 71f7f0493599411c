/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Small things that every file may need: cleanup attributes, array sizes. */
#ifndef XT_UTIL_H
#define XT_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <xtune/arena.h>
#include <xtune/error.h>

#define XT_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static inline void xt_cleanup_free(void *p)
{
    free(*(void **)p);
}

static inline void xt_cleanup_close(const int *fd)
{
    if (*fd >= 0) close(*fd);
}

static inline void xt_cleanup_fclose(FILE **f)
{
    if (*f) fclose(*f);
}

static inline void xt_cleanup_arena(xtune_arena **arena)
{
    xtune_arena_free(*arena);
}

static inline void xt_cleanup_error(xtune_error **err)
{
    xtune_error_free(*err);
}

/* For an error that turns out to be none; err may be NULL. */
static inline void xt_error_forget(xtune_error **err)
{
    if (!err) return;
    xtune_error_free(*err);
    *err = NULL;
}

#define XT_CLEANUP_FREE __attribute__((cleanup(xt_cleanup_free)))
#define XT_CLEANUP_CLOSE __attribute__((cleanup(xt_cleanup_close)))
#define XT_CLEANUP_FCLOSE __attribute__((cleanup(xt_cleanup_fclose)))
#define XT_CLEANUP_ARENA __attribute__((cleanup(xt_cleanup_arena)))
#define XT_CLEANUP_ERROR __attribute__((cleanup(xt_cleanup_error)))

/* malloc and friends that end the process when there is no memory left. */
void *xt_xrealloc(void *p, size_t nr, size_t size);
char *xt_xstrdup(const char *s);
char *xt_xprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void xt_out_of_memory(void) __attribute__((noreturn));

/*
 * Reads all of text as a number in the given base, without sign, blank or
 * anything after it, not above max. False where it is not one.
 */
bool xt_parse_u64(const char *text, unsigned int base, uint64_t max,
                  uint64_t *value_r);

/* Since some time before: a clock that nobody sets. */
uint64_t xt_now_ms(void);

#endif
