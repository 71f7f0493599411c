/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* dom0's routes, from the text of /proc/net: pure. */
#ifndef XT_DOM0_ROUTES_H
#define XT_DOM0_ROUTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xtune/arena.h>

/* An address of IPv4 is one of IPv6 here: ::ffff:a.b.c.d. */
typedef struct xt_dom0_route {
    uint8_t to[16];
    unsigned int prefix; /* 0 to 128, of IPv4 from 96 on */
    uint32_t metric;
    const char *interface;
} xt_dom0_route;

typedef struct xt_dom0_routes {
    xt_dom0_route *items;
    size_t nr;
} xt_dom0_routes;

/* Each adds the routes of a file, which it changes: /proc/net/route, and
 * /proc/net/ipv6_route. Those that are down, or that refuse, are left out,
 * and so is a line that is not as Linux writes it. */
void xt_dom0_parse_ipv4_routes(xtune_arena *arena, char *text,
                               xt_dom0_routes *routes);
void xt_dom0_parse_ipv6_routes(xtune_arena *arena, char *text,
                               xt_dom0_routes *routes);

bool xt_dom0_is_default(const xt_dom0_route *route);

/*
 * The interface that leads to an address, "192.0.2.1" or "2001:db8::1", or to
 * one of a link with that link behind it, "fe80::1%eth0": by the longest
 * prefix, then by the metric. NULL.
 */
const char *xt_dom0_route_to(xtune_arena *arena, const xt_dom0_routes *routes,
                             const char *address);

#endif
