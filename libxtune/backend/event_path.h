/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef XT_EVENT_PATH_H
#define XT_EVENT_PATH_H

/*
 * The domain that a path of xenstore tells of: "/libxl/12", the root of what
 * libxl keeps for it, and "/local/domain/12/name". XTUNE_NONE for any other.
 */
unsigned int xt_event_domid(const char *path);

#endif
