/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the toolstack says that guests have, and they have not. */
#include <string.h>

#include <xtune/usb.h>

#include "base/util.h"
#include "host/findings.h"

static void add_port(xtune_findings *findings, const xtune_host *host,
                     const xtune_domain *domain,
                     const xtune_usb_controller *controller, uint32_t port)
{
    const char *path = controller->ports[port - 1];

    xt_findings_add(
        findings, "stale", XTUNE_FINDING_WARNING, path,
        xtune_arena_printf(findings->arena,
                           "\"xltune usb-detach %s %s\" frees the port",
                           domain->name, path),
        "domain \"%s\" has it in controller %u, port %u, no longer: %s",
        domain->name, controller->id, port,
        xtune_host_usb(host, path) ? "it was plugged in again, or dom0 took it"
                                   : "it is not plugged in");
}

void xtune_usb_add_stale(xtune_findings *findings, const xtune_host *host,
                         const xtune_domain *domain, const char *path)
{
    uint32_t port;
    size_t i, k;

    for (i = 0; i < host->nr_domains; i++) {
        const xtune_domain *one = &host->domains[i];

        if (domain && one->id != domain->id) continue;
        for (k = 0; k < one->nr_usb; k++)
            for (port = 1; port <= one->usb[k].nr_ports; port++)
                if (xtune_usb_is_stale(host, &one->usb[k], port) &&
                    (!path || !strcmp(one->usb[k].ports[port - 1], path)))
                    add_port(findings, host, one, &one->usb[k], port);
    }
}
