/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the programs that link libxl have in common. They are no part of the
 * library: each is started by it (backend/program.h), and must live on when
 * the command that started it does not.
 */
#ifndef XT_LIBXL_COMMON_H
#define XT_LIBXL_COMMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of the oldest libxl that we build on. */
#define LIBXL_API_VERSION 0x041400
#include <libxl.h>
#include <libxl_utils.h>
#include <libxl_uuid.h>
#include <xenctrl.h>
#include <xentoollog.h>

#include <xtune/arena.h>
#include <xtune/error.h>

#define XT_LIBXL_MAX_DOMID 0x7fefu /* xen/include/public/xen.h */

/* xen_log.c: libxl's context, and what it says. */

typedef struct xt_libxl_log {
    xentoollog_logger base;
    /* One error, without what is for libxl's makers: the first, as it is the
     * cause of those that follow; the last where is_aside is set, which is
     * true for those that tell of no cause. */
    char error[256];
    bool (*is_aside)(const char *text);
    /* NULL: not wanted. */
    void (*progress)(const char *what, unsigned long done,
                     unsigned long total);
} xt_libxl_log;

/* The functions of log are set. XTUNE_ERR_NO_XEN. */
int xt_libxl_open(xt_libxl_log *log, libxl_ctx **ctx_r, xtune_error **err);

/* "cannot DOING: REASON", with libxl's own reason where it gave one, which is
 * then forgotten. */
int xt_libxl_error(xt_libxl_log *log, xtune_error **err, const char *object,
                   const char *doing);

/* xen_alone.c: what it takes to live on. */

/* What is open is ours: above all the lock at 3, which programs that libxl
 * starts would keep. To be called first of all. */
void xt_libxl_keep_files(void);

/* No signal that is meant for the command ends us. */
void xt_libxl_become_independent(void);

/* Strictly the usual form, without regard to case; in the arena, lower case.
 * XTUNE_ERR_INVALID. */
int xt_libxl_read_uuid(xtune_arena *arena, const char *text, libxl_uuid *id_r,
                       const char **uuid_r, xtune_error **err);

/*
 * xen_say.c: what is told on stdout. Any thread may call these. Quiet once
 * nobody reads.
 */

/* Programs that libxl starts, such as scripts of devices, write elsewhere. To
 * be called when stdin has been read. */
void xt_libxl_keep_stdout(void);

/* A line that can be done without, where it cannot be written at once. A pipe
 * takes one of up to 128 bytes whole or not at all. */
void xt_libxl_mention(const char *line, size_t len);

/* What counts: waits for a reader, but not long. */
void xt_libxl_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The word that "failed CODE MESSAGE" has for it. */
const char *xt_libxl_code(enum xtune_rc rc);

uint64_t xt_libxl_now_ms(void);

#endif
