/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The programs that come with xltune and link libxl: they are started here,
 * and outlive this process where that is killed. What they say is a line at a
 * time, the last of them "failed CODE MESSAGE" where they failed.
 */
#ifndef XT_PROGRAM_H
#define XT_PROGRAM_H

#include <sys/types.h>

#include <xtune/arena.h>
#include <xtune/error.h>

typedef struct xt_program {
    const char *object; /* of errors */
    pid_t pid;
    int to, from;    /* its standard input and output; -1: closed */
    char line[4096]; /* what it says, up to the end of a line */
    size_t len;
} xt_program;

/* Where the program of that name is, in the arena. */
const char *xt_program_path(xtune_arena *arena, const char *name);

/* Starts it; lock_fd, unless it is -1, is open in it until it ends. */
int xt_program_start(xt_program *p, const char *object,
                     const char *const *argv, int lock_fd, xtune_error **err);

/* All that it is to read. That it is gone shows when its answers are read. */
void xt_program_send(xt_program *p, const char *text);

/* Reads on; 0 where it says no more. A line that is too long is cut. */
ssize_t xt_program_read(xt_program *p);

/* The first whole line, in the arena, which is then gone from it; or NULL. */
char *xt_program_take_line(xt_program *p, xtune_arena *arena);

/* Waits until it has ended. */
void xt_program_finish(xt_program *p);

/* Leaves it to itself. */
void xt_program_leave(xt_program *p);

/* What "CODE MESSAGE" says, a hint behind a tab: XTUNE_ERR_REFUSED,
 * _NOT_FOUND, _BUSY or _IO. */
int xt_program_failure(const char *object, const char *text,
                       xtune_error **err);

/* The last line of one that has only that: "ok", or as above. XTUNE_ERR_IO
 * where it is another. */
int xt_program_answer(const char *object, const char *line, xtune_error **err);

#endif
