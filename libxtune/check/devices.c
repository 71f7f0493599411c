/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules of devices: what pci/ and usb/ find wrong with them. */
#include <xtune/finding.h>
#include <xtune/pci.h>
#include <xtune/usb.h>

#include "base/util.h"
#include "check/text.h"
#include "pci/parts.h"

/* Each that is more than a note; how many there were is returned. */
static size_t add_findings(xt_check *check, const xtune_findings *findings,
                           const char *expected)
{
    size_t i, nr = 0;

    for (i = 0; i < findings->nr; i++) {
        const xtune_finding *f = &findings->items[i];

        if (f->level == XTUNE_FINDING_NOTE) continue;
        nr++;
        xt_fault_add(check, &(xt_fault){
                                .status = f->level == XTUNE_FINDING_ERROR
                                              ? XTUNE_CHECK_FAIL
                                              : XTUNE_CHECK_WARN,
                                .object = f->object,
                                .expected = expected,
                                .actual = f->text,
                                .fix = XTUNE_FIX_PERSON,
                                .how = f->hint,
                            });
    }
    return nr;
}

/* hide-list */

/* "2 devices", "nothing is hidden" */
static const char *hidden_text(xt_check *check)
{
    const xtune_host *host = check->host;
    xtune_pci_hidden *hidden;
    const char *list;
    size_t nr;

    list = xt_pci_list_of(check->arena, host, xt_pci_next_line(host));
    if (!list ||
        xtune_pci_hide_parse(check->arena, list, "hide list", &hidden, &nr,
                             NULL) ||
        !nr)
        return "nothing is hidden";
    return xtune_arena_printf(check->arena, "%zu item%s", nr,
                              nr == 1 ? "" : "s");
}

void xt_check_hide_list(xt_check *check)
{
    const xtune_host *host = check->host;
    xtune_findings *findings;

    if (!host->has_pci_details || !xt_pci_next_line(host)) {
        xt_skip(check, NULL,
                host->has_pci_details ? "dom0's command line is not known"
                                      : "dom0's PCI devices are not known");
        return;
    }
    findings = xtune_findings_new();
    xtune_pci_add_contradictions(findings, host, check->request->policy);
    if (!add_findings(check, findings, "no contradiction"))
        xt_pass(check, NULL, "no contradiction", hidden_text(check));
    xtune_findings_free(findings);
}

/* usb-policy */

static const char *policy_file(const xtune_host *host)
{
    return host->usb_rules.file ? host->usb_rules.file
                                : "the usb-policy that ships";
}

static void lint(xt_check *check, const xtune_usb_policy *policy)
{
    /* For a host without devices: a list of none. */
    static const xtune_usb none;
    const xtune_host *host = check->host;
    xtune_findings *findings = xtune_findings_new();
    size_t nr;

    xtune_usb_policy_add_lint(findings, policy,
                              host->nr_usb ? host->usb : &none, host->nr_usb);
    if (!add_findings(check, findings, "every rule can match")) {
        xtune_usb_policy_rules(policy, &nr);
        xt_pass(check, policy_file(host), "every rule can match",
                xtune_arena_printf(check->arena, "%zu rules", nr));
    }
    xtune_findings_free(findings);
}

void xt_check_usb_policy(xt_check *check)
{
    const xtune_host *host = check->host;
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_usb_policy *policy = NULL;

    if (!host->has_usb) {
        xt_skip(check, NULL, "dom0's USB devices are not known");
        return;
    }
    if (xtune_usb_policy_of(host, &policy, &err)) {
        xt_fault_add(check, &(xt_fault){
                                .status = XTUNE_CHECK_FAIL,
                                .object = err->object,
                                .expected = "a policy that can be read",
                                .actual = err->message,
                                .text = "no USB device can be given to a "
                                        "domain until then",
                                .fix = XTUNE_FIX_PERSON,
                                .how = err->hint ? err->hint
                                                 : "see \"xltune usb-policy "
                                                   "check\"",
                            });
        return;
    }
    lint(check, policy);
    xtune_usb_policy_free(policy);
}
