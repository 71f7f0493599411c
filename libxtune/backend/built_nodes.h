/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The nodes that a domain was built for, from the configuration that libxl
 * keeps of it. Knows nothing of Xen's calls.
 */
#ifndef XT_BUILT_NODES_H
#define XT_BUILT_NODES_H

#include <xtune/host.h>

#include "base/json.h"

/*
 * Looks at a configuration (xen.git tools/libs/light/libxl_types.idl,
 * libxl_domain_config as JSON): its node map, else the nodes of the vCPUs'
 * masks. False where it does not tell, which is also where libxl chose the
 * nodes itself: it does not write down which, and they need not be those of
 * the masks (libxl_dom.c, libxl__build_pre). Then only Xen's node affinity
 * tells. *nodes_r is in the arena.
 */
bool xt_built_nodes(xtune_arena *arena, const xtune_host *host,
                    const xt_json *document, xtune_set *nodes_r);

#endif
