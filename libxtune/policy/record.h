/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Records as files: what reading and writing them share. */
#ifndef XT_POLICY_RECORD_H
#define XT_POLICY_RECORD_H

#include <xtune/record.h>

#define XT_RECORD_SCHEMA "xtune/record/1"

/* Far more than any domain needs. */
#define XT_RECORD_MAX_BYTES (1u << 20)

/* The folder of the records, in the arena. */
const char *xt_record_dir(const xtune_state *state, xtune_arena *arena);

/*
 * Adds one record from memory to a policy. file is its path, whose last part
 * is "UUID.json". Errors as of xtune_records_read().
 */
int xt_record_read_memory(const char *text, size_t len, const char *file,
                          xtune_policy *policy, xtune_error **err);

/* Whether text would be read again from there. */
int xt_record_check_text(const char *text, const char *file,
                         xtune_error **err);

/* Whether a name stands in one line of printable text. */
bool xt_record_name_is_plain(const char *name);

#endif
