/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The formats: Linux, net/ipv4/fib_trie.c, fib_route_seq_show(), and
 * net/ipv6/route.c, rt6_info_route(). */
#include "backend/dom0_routes.h"

#include <arpa/inet.h>
#include <string.h>

#include "backend/dom0_files.h"
#include "base/util.h"

#define MAX_ROUTES 65536
#define MAX_COLUMNS 11

/* Linux, include/uapi/linux/route.h */
#define ROUTE_UP 0x1
#define ROUTE_REJECT 0x200

static const uint8_t ipv4_prefix[12] = { [10] = 0xff, [11] = 0xff };

static size_t split(char *line, char **words)
{
    size_t nr = 0;
    char *word;

    while (nr < MAX_COLUMNS && (word = strsep(&line, " \t")))
        if (*word) words[nr++] = word;
    return nr;
}

static bool parse_u32(const char *word, unsigned int base, uint32_t *value_r)
{
    uint64_t value;

    if (!xt_parse_u64(word, base, UINT32_MAX, &value)) return false;
    *value_r = (uint32_t)value;
    return true;
}

static bool is_usable(uint32_t flags)
{
    return flags & ROUTE_UP && !(flags & ROUTE_REJECT);
}

/* The address as it lies in memory, so that this reads it as it was there:
 * "0200A8C0". False for a mask with holes. */
static bool parse_ipv4(const char *to, const char *mask, xt_dom0_route *route)
{
    uint32_t address, bits, host_bits;

    if (strlen(to) != 8 || strlen(mask) != 8 || !parse_u32(to, 16, &address) ||
        !parse_u32(mask, 16, &bits))
        return false;
    host_bits = ~ntohl(bits);
    if (host_bits & (host_bits + 1)) return false;
    memcpy(route->to, ipv4_prefix, sizeof(ipv4_prefix));
    memcpy(route->to + sizeof(ipv4_prefix), &address, sizeof(address));
    route->prefix = 96 + (unsigned int)__builtin_popcount(bits);
    return true;
}

/* Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT */
static bool parse_ipv4_line(char *line, xt_dom0_route *route_r)
{
    char *words[MAX_COLUMNS];
    uint32_t flags;

    if (split(line, words) < 8) return false;
    route_r->interface = words[0];
    return parse_u32(words[3], 16, &flags) && is_usable(flags) &&
           parse_u32(words[6], 10, &route_r->metric) &&
           parse_ipv4(words[1], words[7], route_r);
}

static bool parse_ipv6(const char *to, uint8_t bytes[16])
{
    char digits[3] = "";
    uint32_t byte;
    size_t i;

    if (strlen(to) != 32) return false;
    for (i = 0; i < 16; i++) {
        memcpy(digits, to + 2 * i, 2);
        if (!parse_u32(digits, 16, &byte)) return false;
        bytes[i] = (uint8_t)byte;
    }
    return true;
}

/* destination prefix source prefix gateway metric uses use flags interface */
static bool parse_ipv6_line(char *line, xt_dom0_route *route_r)
{
    char *words[MAX_COLUMNS];
    uint32_t flags, prefix;

    if (split(line, words) != 10 || !parse_ipv6(words[0], route_r->to) ||
        !parse_u32(words[1], 16, &prefix) || prefix > 128 ||
        !parse_u32(words[5], 16, &route_r->metric) ||
        !parse_u32(words[8], 16, &flags))
        return false;
    route_r->prefix = prefix;
    route_r->interface = words[9];
    return is_usable(flags);
}

static void parse_lines(xtune_arena *arena, char *text,
                        bool (*parse)(char *, xt_dom0_route *),
                        xt_dom0_routes *routes)
{
    xt_dom0_route route;
    char *line;

    while (routes->nr < MAX_ROUTES && (line = strsep(&text, "\n"))) {
        if (!parse(line, &route)) continue;
        routes->items =
            xtune_arena_grow(arena, routes->items, routes->nr, sizeof(route));
        routes->items[routes->nr++] = route;
    }
}

void xt_dom0_parse_ipv4_routes(xtune_arena *arena, char *text,
                               xt_dom0_routes *routes)
{
    parse_lines(arena, text, parse_ipv4_line, routes);
}

void xt_dom0_parse_ipv6_routes(xtune_arena *arena, char *text,
                               xt_dom0_routes *routes)
{
    parse_lines(arena, text, parse_ipv6_line, routes);
}

bool xt_dom0_is_default(const xt_dom0_route *route)
{
    return !route->prefix ||
           (route->prefix == 96 &&
            !memcmp(route->to, ipv4_prefix, sizeof(ipv4_prefix)));
}

static bool matches(const xt_dom0_route *route, const uint8_t address[16])
{
    const unsigned int bytes = route->prefix / 8, bits = route->prefix % 8;

    if (memcmp(route->to, address, bytes) != 0) return false;
    return !bits || !((route->to[bytes] ^ address[bytes]) >> (8 - bits));
}

static bool is_better(const xt_dom0_route *a, const xt_dom0_route *b)
{
    if (a->prefix != b->prefix) return a->prefix > b->prefix;
    return a->metric < b->metric;
}

const char *xt_dom0_route_to(xtune_arena *arena, const xt_dom0_routes *routes,
                             const char *address)
{
    const size_t len = strcspn(address, "%");
    const char *plain = xtune_arena_strndup(arena, address, len);
    const xt_dom0_route *best = NULL;
    uint8_t bytes[16];
    bool is_ipv4;
    size_t i;

    memcpy(bytes, ipv4_prefix, sizeof(ipv4_prefix));
    is_ipv4 = inet_pton(AF_INET, plain, bytes + sizeof(ipv4_prefix)) == 1;
    if (!is_ipv4 && inet_pton(AF_INET6, plain, bytes) != 1) return NULL;
    if (address[len]) return address[len + 1] ? address + len + 1 : NULL;
    is_ipv4 = !memcmp(bytes, ipv4_prefix, sizeof(ipv4_prefix));
    for (i = 0; i < routes->nr; i++) {
        const xt_dom0_route *route = &routes->items[i];

        /* ::/0 leads to no address of IPv4. */
        if (matches(route, bytes) && (!is_ipv4 || route->prefix >= 96) &&
            (!best || is_better(route, best)))
            best = route;
    }
    return best ? best->interface : NULL;
}
