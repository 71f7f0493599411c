/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What xl is told about a domain that has a place. */
#ifndef XT_REPORT_CONFIG_H
#define XT_REPORT_CONFIG_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <xtune/place.h>

/* A line of a configuration, and why it is there. */
typedef struct xt_setting {
    const char *key, *value; /* the value as it is to be written */
    const char *why;         /* or NULL */
} xt_setting;

#define XT_CONFIG_MAX_SETTINGS 4

typedef struct xt_config {
    xt_setting settings[XT_CONFIG_MAX_SETTINGS];
    size_t nr;
    const char *left_out; /* why there is no vnuma though the home is made for
                             one; or NULL */
} xt_config;

/* In the arena, in a stable order; empty for a domain without a place. */
xt_config xt_config_of(xtune_arena *arena, const xtune_host *host,
                       const xtune_placed *placed, uint64_t guest_memory_kb);

/* The lines, each begun with indent. */
void xt_config_print(FILE *out, xtune_arena *arena, const xt_config *config,
                     const char *indent);

#endif
