/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What dom0's network runs over: links that are up, the default route, and
 * the connection that one is logged in over. */
#include "backend/dom0_login.h"
#include "backend/dom0_scan.h"
#include "backend/dom0_routes.h"
#include "backend/dom0_servers.h"

#include <string.h>

#include "base/util.h"

#define INTERFACES "/sys/class/net"
#define MAX_INTERFACES 16384
#define MAX_LEVELS 32
#define OPENVSWITCH "ovs-system"

#define IFF_UP 0x1 /* Linux, include/uapi/linux/if.h */

typedef struct interface {
    const char *name, *path;
    const char *master; /* the bridge or bond that it is a part of; NULL */
    const char **below; /* names of those that it runs over */
    size_t nr_below;
} interface;

typedef struct network {
    const xt_dom0_scan *scan;
    interface *interfaces;
    size_t nr;
    bool has_switch; /* Open vSwitch */
    xt_dom0_routes routes;
    bool *visited; /* by interface, of one walk */
    const char *above[MAX_LEVELS];
} network;

static void add_below(const xt_dom0_files *files, interface *i,
                      const char *name)
{
    i->below = xtune_arena_grow(files->arena, i->below, i->nr_below,
                                sizeof(*i->below));
    i->below[i->nr_below++] = name;
}

/* Links "lower_NAME", and what bridges and bonds list themselves. */
static void read_below(const xt_dom0_files *files, interface *i)
{
    static const char lower[] = "lower_";
    const char **names, *slaves;
    char *copy, *word;
    size_t nr, j;

    names = xt_dom0_list(files, i->path, &nr);
    for (j = 0; j < nr; j++)
        if (!strncmp(names[j], lower, strlen(lower)))
            add_below(files, i, names[j] + strlen(lower));
    names = xt_dom0_list(files, xt_dom0_join(files, i->path, "brif"), &nr);
    for (j = 0; j < nr; j++)
        add_below(files, i, names[j]);
    slaves = xt_dom0_line(files, i->path, "bonding/slaves");
    copy = slaves ? xtune_arena_strdup(files->arena, slaves) : NULL;
    while ((word = strsep(&copy, " ")))
        if (*word) add_below(files, i, word);
}

static void add_interface(network *n, const char *name)
{
    const xt_dom0_files *files = &n->scan->files;
    interface new = {
        .name = name,
        .path = xt_dom0_resolve(files, xt_dom0_join(files, INTERFACES, name)),
    };

    if (!new.path) return;
    n->interfaces =
        xtune_arena_grow(files->arena, n->interfaces, n->nr, sizeof(new));
    n->interfaces[n->nr++] = new;
    n->has_switch |= !strcmp(new.name, OPENVSWITCH);
}

/* False where none of them is a device's: then nothing runs over one. */
static bool read_interfaces(network *n)
{
    const xt_dom0_files *files = &n->scan->files;
    const char **names;
    bool any = false;
    size_t nr, i;

    names = xt_dom0_list(files, INTERFACES, &nr);
    for (i = 0; i < nr && n->nr < MAX_INTERFACES; i++)
        add_interface(n, names[i]);
    for (i = 0; i < n->nr && !any; i++)
        any = xt_dom0_is_below_any(n->scan, n->interfaces[i].path);
    for (i = 0; any && i < n->nr; i++) {
        interface *one = &n->interfaces[i];

        one->master = xt_dom0_link(files, one->path, "master");
        read_below(files, one);
    }
    return any;
}

/* False where there is no telling which routes there are; a kernel may have
 * been built without IPv6. */
static bool read_routes(network *n)
{
    const xt_dom0_files *files = &n->scan->files;
    char *text;

    text = xt_dom0_read(files, "/proc/net/route", XT_DOM0_MAX_FILE, NULL);
    if (!text) return false;
    xt_dom0_parse_ipv4_routes(files->arena, text, &n->routes);
    text = xt_dom0_read(files, "/proc/net/ipv6_route", XT_DOM0_MAX_FILE, NULL);
    if (text) xt_dom0_parse_ipv6_routes(files->arena, text, &n->routes);
    return true;
}

static const interface *find(const network *n, const char *name)
{
    size_t i;

    for (i = 0; i < n->nr; i++)
        if (!strcmp(n->interfaces[i].name, name)) return &n->interfaces[i];
    return NULL;
}

static bool is_part_of(const interface *part, const char *name)
{
    return part->master && !strcmp(part->master, name);
}

/* Whether Open vSwitch decides where it leads to. Interfaces that it makes
 * tell nothing of it: one that is no device and runs over none may be one. */
static bool is_switched(const network *n, const interface *i)
{
    if (!n->has_switch) return false;
    return is_part_of(i, OPENVSWITCH) || !strcmp(i->name, OPENVSWITCH) ||
           (!i->nr_below && strcmp(i->name, "lo") != 0 &&
            !strncmp(i->path, "/sys/devices/virtual/", 21));
}

static bool runs_over(const network *n, const interface *upper,
                      const interface *lower)
{
    size_t i;

    for (i = 0; i < upper->nr_below; i++)
        if (!strcmp(upper->below[i], lower->name)) return true;
    if (is_part_of(lower, upper->name)) return true;
    return is_part_of(lower, OPENVSWITCH) && is_switched(n, upper);
}

/* The interfaces from the device up to the one that it is about. */
static void add_uses(const network *n, const interface *i, const char *kind,
                     size_t level)
{
    const char *through[MAX_LEVELS];
    size_t j;

    if (level) through[0] = i->name;
    for (j = 1; j < level; j++)
        through[j] = n->above[level - j];
    xt_dom0_add_uses(n->scan, i->path, kind, n->above[0], through, level);
}

/* From an interface down to all that it runs over. */
static void descend(network *n, const interface *i, const char *kind,
                    size_t level)
{
    size_t j;

    if (level == MAX_LEVELS || n->visited[i - n->interfaces]) return;
    n->visited[i - n->interfaces] = true;
    n->above[level] = i->name;
    add_uses(n, i, kind, level);
    for (j = 0; j < n->nr; j++)
        if (runs_over(n, i, &n->interfaces[j]))
            descend(n, &n->interfaces[j], kind, level + 1);
}

static void begin_at(network *n, const char *name, const char *kind)
{
    const interface *i = name ? find(n, name) : NULL;

    if (!i) return;
    n->visited = XTUNE_NEW_ARRAY(n->scan->files.arena, bool, n->nr);
    descend(n, i, kind, 0);
}

/* It has a carrier; what cannot tell has "unknown" as its state. */
static bool is_up(const xt_dom0_files *files, const interface *i)
{
    const char *state = xt_dom0_line(files, i->path, "operstate");
    uint64_t flags, carrier;

    if (!xt_dom0_number(files, i->path, "flags", 16, UINT32_MAX, &flags) ||
        !(flags & IFF_UP))
        return false;
    if (xt_dom0_number(files, i->path, "carrier", 10, 1, &carrier))
        return carrier;
    return !state || strcmp(state, "down") != 0;
}

static bool had_default(const network *n, size_t nr, const char *name)
{
    size_t i;

    for (i = 0; i < nr; i++)
        if (xt_dom0_is_default(&n->routes.items[i]) &&
            !strcmp(n->routes.items[i].interface, name))
            return true;
    return false;
}

static void read_links(const network *n)
{
    const xt_dom0_scan *scan = n->scan;
    size_t i;

    for (i = 0; i < n->nr; i++)
        if (xt_dom0_is_below_any(scan, n->interfaces[i].path) &&
            is_up(&scan->files, &n->interfaces[i]))
            xt_dom0_add_uses(scan, n->interfaces[i].path, "link",
                             n->interfaces[i].name, NULL, 0);
}

/* Where one address leads. */
static void begin_to(network *n, const char *address, const char *kind)
{
    begin_at(n, xt_dom0_route_to(n->scan->files.arena, &n->routes, address),
             kind);
}

static void read_ways(network *n)
{
    const char *client = xt_dom0_login_client(&n->scan->files);
    const char **servers;
    size_t nr, i;

    for (i = 0; i < n->routes.nr; i++) {
        const xt_dom0_route *route = &n->routes.items[i];

        if (xt_dom0_is_default(route) && !had_default(n, i, route->interface))
            begin_at(n, route->interface, "route");
    }
    if (client) begin_to(n, client, "login");
    servers = xt_dom0_servers(&n->scan->files, &nr);
    for (i = 0; i < nr; i++)
        begin_to(n, servers[i], "storage");
}

static void mark_unknown(const network *n, xt_dom0_scan *scan)
{
    size_t i, k;

    for (i = 0; i < scan->nr; i++)
        for (k = 0; k < n->nr; k++)
            scan->devices[i].is_unknown |= xt_dom0_is_below(
                scan, &scan->devices[i], n->interfaces[k].path);
}

void xt_dom0_read_network(xt_dom0_scan *scan)
{
    network n = { .scan = scan };

    if (!read_interfaces(&n)) return;
    if (!read_routes(&n)) mark_unknown(&n, scan);
    read_links(&n);
    read_ways(&n);
}
