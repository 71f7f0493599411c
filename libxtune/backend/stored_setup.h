/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a domain is set up, from the configuration that libxl keeps of it. */
#ifndef XT_STORED_SETUP_H
#define XT_STORED_SETUP_H

#include <xtune/host.h>

#include "base/json.h"

/* Whether nested virtualization is configured, as any version of libxl writes
 * it. document: libxl_domain_config as JSON (xen.git
 * tools/libs/light/libxl_types.idl). */
bool xt_stored_nested_hvm(const xt_json *document);

/* Fills in has_setup and what follows it. Texts are in the arena. */
void xt_stored_setup(xtune_arena *arena, const xt_json *document,
                     xtune_domain *domain);

#endif
