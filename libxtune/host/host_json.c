/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A host from JSON, and JSON from a host: schema xtune/host/1. */
#include <xtune/host.h>

#include <string.h>

#include "base/json.h"
#include "base/util.h"
#include "host/host_fields.h"
#include "host/pci_device.h"
#include "host/usb_device.h"

static const char *const root_members[] = {
    "schema",       "xen",  "nodes", "cpus",      "cpupools", "domains", "pci",
    "pci_topology", "boot", "usb",   "usb_rules", "machine",  "usbback", "dom0",
};

static bool is_root_member(const char *key)
{
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(root_members); i++)
        if (!strcmp(root_members[i], key)) return true;
    return false;
}

static int check_schema(const xt_host_reader *reader, const xt_json *json)
{
    const xt_place place = { .key = "schema" };
    const xt_json *schema = xt_json_get(json, "schema");
    const char *text = xt_json_text(schema);

    if (text && !strcmp(text, XTUNE_HOST_SCHEMA)) return 0;
    return xt_host_read_error(reader, schema ? schema : json, &place,
                              "\"%s\" is not \"" XTUNE_HOST_SCHEMA "\": "
                              "give a file that \"xltune snapshot\" wrote",
                              text ? text : "");
}

static int compare_u32(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

static int compare_address(const void *a, const void *b)
{
    return strcmp(((const xtune_pci *)a)->address,
                  ((const xtune_pci *)b)->address);
}

/* Lists whose order means nothing are sorted, so that the same host is the
 * same text. Each starts with its id. */
static void sort_by_id(void *objects, size_t nr, size_t size)
{
    if (nr) qsort(objects, nr, size, compare_u32);
}

/* "pci_topology" as null means that Xen was not asked or could not tell. */
static int read_pci_topology(const xt_host_reader *reader, const xt_json *json)
{
    const xt_place place = { .key = "pci_topology" };
    const xt_json *value = xt_json_get(json, "pci_topology");

    reader->host->has_pci_topology = reader->host->nr_pci > 0;
    if (!value) return 0;
    if (value->type != XT_JSON_BOOL)
        return xt_host_read_error(reader, value, &place, "no boolean");
    reader->host->has_pci_topology = value->boolean;
    return 0;
}

static int read_list(const xt_host_reader *reader, const xt_json *json,
                     const xt_object_type *type, void *objects_r, size_t *nr_r)
{
    const xt_place place = { .key = type->key };

    return xt_host_list_read(reader, type, xt_json_get(json, type->key),
                             &place, objects_r, nr_r);
}

/* Whatever only a closer look tells says that there was one. */
static void derive_details(xtune_host *host)
{
    size_t i;

    for (i = 0; i < host->nr_pci; i++)
        if (xt_pci_has_details(&host->pci[i])) host->has_pci_details = true;
}

static int read_object(const xt_host_reader *reader, const xt_json *json,
                       const xt_object_type *type, void *object)
{
    const xt_place place = { .key = type->key };
    const xt_json *value = xt_json_get(json, type->key);

    if (!value) return 0;
    return xt_host_object_read(reader, type, value, &place, object);
}

static int read_usbback(const xt_host_reader *reader, const xt_json *json)
{
    const xt_place place = { .key = "usbback" };
    const xt_json *value = xt_json_get(json, "usbback");

    if (!value) return 0;
    if (value->type != XT_JSON_BOOL)
        return xt_host_read_error(reader, value, &place, "no boolean");
    reader->host->has_usbback = value->boolean;
    return 0;
}

/* Each member is there alone as well. */
static int read_usb(const xt_host_reader *reader, const xt_json *json)
{
    xtune_host *host = reader->host;
    size_t i;
    int rc;

    host->has_usb = xt_json_get(json, xt_usb_type.key);
    rc = read_list(reader, json, &xt_usb_type, &host->usb, &host->nr_usb);
    if (!rc) rc = read_usbback(reader, json);
    if (!rc)
        rc = read_object(reader, json, &xt_usb_rules_type, &host->usb_rules);
    if (!rc) rc = read_object(reader, json, &xt_machine_type, &host->machine);
    if (rc) return rc;
    if (host->nr_usb)
        qsort(host->usb, host->nr_usb, sizeof(*host->usb),
              xt_usb_compare_devices);
    for (i = 0; i < host->nr_domains; i++)
        if (host->domains[i].nr_usb)
            qsort(host->domains[i].usb, host->domains[i].nr_usb,
                  sizeof(*host->domains[i].usb), xt_usb_compare_controllers);
    return 0;
}

/* What the sets' sizes are derived from. */
static int read_topology(const xt_host_reader *reader, const xt_json *json)
{
    xtune_host *host = reader->host;
    const xt_json *xen = xt_json_get(json, "xen");
    const xt_place place = { .key = "xen" };
    int rc;

    if (xen) {
        rc =
            xt_host_object_read(reader, &xt_xen_type, xen, &place, &host->xen);
        if (rc) return rc;
    }
    rc = read_list(reader, json, &xt_node_type, &host->nodes, &host->nr_nodes);
    if (rc) return rc;
    rc = read_list(reader, json, &xt_cpu_type, &host->cpus, &host->nr_cpus);
    if (rc) return rc;
    sort_by_id(host->nodes, host->nr_nodes, sizeof(*host->nodes));
    sort_by_id(host->cpus, host->nr_cpus, sizeof(*host->cpus));
    xtune_host_index(host);
    return 0;
}

static int read_rest(const xt_host_reader *reader, const xt_json *json)
{
    xtune_host *host = reader->host;
    int rc;

    rc = read_list(reader, json, &xt_cpupool_type, &host->cpupools,
                   &host->nr_cpupools);
    if (rc) return rc;
    rc = read_list(reader, json, &xt_domain_type, &host->domains,
                   &host->nr_domains);
    if (rc) return rc;
    rc = read_list(reader, json, &xt_pci_type, &host->pci, &host->nr_pci);
    if (rc) return rc;
    sort_by_id(host->cpupools, host->nr_cpupools, sizeof(*host->cpupools));
    sort_by_id(host->domains, host->nr_domains, sizeof(*host->domains));
    if (host->nr_pci)
        qsort(host->pci, host->nr_pci, sizeof(*host->pci), compare_address);
    derive_details(host);
    rc = read_pci_topology(reader, json);
    if (!rc) rc = read_object(reader, json, &xt_boot_type, &host->boot);
    if (!rc) rc = read_usb(reader, json);
    host->has_dom0 = xt_json_get(json, xt_dom0_type.key);
    return rc ? rc : read_object(reader, json, &xt_dom0_type, &host->dom0);
}

static void keep_unknown(xtune_host *host, const xt_json *json)
{
    size_t i;

    for (i = 0; i < json->nr; i++) {
        if (is_root_member(json->keys[i])) continue;
        if (!host->extra_members)
            host->extra_members = xt_json_object(host->arena);
        xt_json_add(host->arena, host->extra_members, json->keys[i],
                    json->items[i]);
    }
}

static int read_host(const xt_host_reader *reader, const char *text,
                     size_t len)
{
    xt_json *json;
    int rc;

    rc = xt_json_parse(reader->host->arena, text, len, reader->object, &json,
                       reader->err);
    if (rc) return rc;
    rc = check_schema(reader, json);
    if (rc) return rc;
    rc = read_topology(reader, json);
    if (rc) return rc;
    rc = read_rest(reader, json);
    if (rc) return rc;
    keep_unknown(reader->host, json);
    return xtune_host_check(reader->host, reader->object, reader->err);
}

int xtune_host_from_json(const char *text, size_t len, const char *object,
                         xtune_host **host_r, xtune_error **err)
{
    const xt_host_reader reader = { xtune_host_new(), object, err };
    int rc;

    rc = read_host(&reader, text, len);
    if (rc) {
        xtune_host_free(reader.host);
        return rc;
    }
    *host_r = reader.host;
    return 0;
}

static void add_list(xtune_arena *arena, xt_json *json, const xtune_host *host,
                     const xt_object_type *type, const void *objects,
                     size_t nr)
{
    xt_json_add(arena, json, type->key,
                xt_host_list_to_json(arena, host, type, objects, nr));
}

/* An object of which nothing is known is left out. */
static void add_object(xtune_arena *arena, xt_json *json,
                       const xtune_host *host, const xt_object_type *type,
                       const void *object)
{
    xt_json *value = xt_host_object_to_json(arena, host, type, object);

    if (value->nr) xt_json_add(arena, json, type->key, value);
}

char *xtune_host_to_json(const xtune_host *host)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_json *json = xt_json_object(arena);
    const xt_json *extra = host->extra_members;
    size_t i;

    xt_json_add_string(arena, json, "schema", XTUNE_HOST_SCHEMA);
    xt_json_add(arena, json, "xen",
                xt_host_object_to_json(arena, host, &xt_xen_type, &host->xen));
    add_list(arena, json, host, &xt_node_type, host->nodes, host->nr_nodes);
    add_list(arena, json, host, &xt_cpu_type, host->cpus, host->nr_cpus);
    add_list(arena, json, host, &xt_cpupool_type, host->cpupools,
             host->nr_cpupools);
    add_list(arena, json, host, &xt_domain_type, host->domains,
             host->nr_domains);
    add_list(arena, json, host, &xt_pci_type, host->pci, host->nr_pci);
    xt_json_add_bool(arena, json, "pci_topology", host->has_pci_topology);
    add_object(arena, json, host, &xt_boot_type, &host->boot);
    if (host->has_usb)
        add_list(arena, json, host, &xt_usb_type, host->usb, host->nr_usb);
    if (host->has_usbback) xt_json_add_bool(arena, json, "usbback", true);
    add_object(arena, json, host, &xt_usb_rules_type, &host->usb_rules);
    add_object(arena, json, host, &xt_machine_type, &host->machine);
    if (host->has_dom0)
        add_object(arena, json, host, &xt_dom0_type, &host->dom0);
    for (i = 0; extra && i < extra->nr; i++)
        xt_json_add(arena, json, extra->keys[i], extra->items[i]);
    return xt_json_print(json);
}
