/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules of what the machine can do, as Xen found it: dom0's own /proc/cpuinfo
 * hides it. */
#include <string.h>

#include "check/domains.h"
#include "host/findings.h"

static bool has(const xtune_host *host, const char *word)
{
    size_t i;

    for (i = 0; i < host->xen.nr_capabilities; i++)
        if (!strcmp(host->xen.capabilities[i], word)) return true;
    return false;
}

/* False after a SKIP. */
static bool knows(xt_check *check)
{
    if (check->host->xen.capabilities) return true;
    xt_skip(check, NULL, "what Xen can do is not known");
    return false;
}

/* All of them, as "xl info" has them. */
static const char *words(const xt_check *check)
{
    return xt_findings_words(check->arena, check->host->xen.capabilities,
                             check->host->xen.nr_capabilities);
}

void xt_check_virtualization(xt_check *check)
{
    static const char expected[] = "hvm and hap";

    if (!knows(check)) return;
    if (!has(check->host, "hvm"))
        xt_fault_add(check, &(xt_fault){
                                .status = XTUNE_CHECK_WARN,
                                .expected = expected,
                                .actual = words(check),
                                .text = "there can be PV guests only",
                                .fix = XTUNE_FIX_PERSON,
                                .how = "turn VT-x or AMD-V on in the firmware",
                            });
    else if (!has(check->host, "hap"))
        xt_fault_add(
            check,
            &(xt_fault){
                .status = XTUNE_CHECK_WARN,
                .expected = expected,
                .actual = words(check),
                .text = "Xen keeps the page tables of HVM and PVH guests in "
                        "software, which is slow",
                .fix = XTUNE_FIX_PERSON,
                .how = "boot Xen without \"hap=0\"; a machine without EPT or "
                       "NPT cannot do better",
            });
    else
        xt_pass(check, NULL, expected, words(check));
}

/* How many devices guests have, or may be given. */
static size_t count_given(const xtune_host *host)
{
    size_t nr = 0, i;

    for (i = 0; i < host->nr_pci; i++)
        nr += host->pci[i].assignable;
    for (i = 0; i < host->nr_domains; i++)
        if (host->domains[i].id) nr += host->domains[i].nr_pci;
    return nr;
}

void xt_check_iommu(xt_check *check)
{
    static const char expected[] = "hvm_directio or pv_directio";
    size_t given;

    if (!knows(check)) return;
    if (has(check->host, "hvm_directio") || has(check->host, "pv_directio")) {
        xt_pass(check, NULL, expected, words(check));
        return;
    }
    given = count_given(check->host);
    xt_fault_add(
        check,
        &(xt_fault){
            .status = given ? XTUNE_CHECK_FAIL : XTUNE_CHECK_WARN,
            .expected = expected,
            .actual = words(check),
            .text =
                given
                    ? xtune_arena_printf(
                          check->arena,
                          "guests have, or may be given, %s: a PV guest can "
                          "write to all memory through one, and an HVM guest "
                          "cannot have one",
                          xt_check_count(check->arena, given, "device"))
                    : "no device can be given to a guest safely",
            .fix = XTUNE_FIX_PERSON,
            .how = "turn VT-d or AMD-Vi on in the firmware, and boot Xen "
                   "without \"iommu=off\"",
        });
}
