/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Mounts whose server does not answer: whoever looks at one of them waits for
 * as long as that lasts, so that nothing below may be touched.
 */
#ifndef XT_DOM0_SILENT_H
#define XT_DOM0_SILENT_H

#include "backend/dom0_files.h"

/* Fills files->silent, in its arena, of what is mounted from a server. None
 * but of the live root. Takes up to 2 seconds, where one is silent. */
void xt_dom0_find_silent(xt_dom0_files *files);

/* Which paths look() does not return from within ms, all at once, each in a
 * process of its own. */
void xt_dom0_probe(const char *const *paths, size_t nr,
                   void (*look)(const char *), unsigned int ms,
                   bool *silent_r);

#endif
