/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Plans that hide PCI devices from dom0, now and at the next boot. */
#include <string.h>

#include "base/json.h"
#include "base/util.h"
#include "boot/boot.h"
#include "boot/lines.h"
#include "pci/parts.h"
#include "plan/builder.h"
#include "plan/pci.h"

#define KEY "xen-pciback.hide"
#define OLD_KEY "pciback.hide" /* XenLinux' */

/* The hide list of the next boot. */
typedef struct list {
    const char *key; /* under which it is, or is to be, on the command line */
    const char *value; /* there; NULL: none */
    const char *const *values; /* all of them: the last one counts */
    size_t nr_values;
    bool in_options;   /* it counts as modprobe.d has it */
    xtune_pci_hidden *hidden;
    size_t nr;
} list;

static int not_known(const xtune_boot *boot, xtune_error **err)
{
    if (boot->problem)
        return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, 0, "command line",
                               "mend it there, or hide it with --now only",
                               "what the next boot's is cannot be told: %s",
                               boot->problem);
    return xtune_error_set(
        err, XTUNE_ERR_UNSUPPORTED, 0, "command line",
        "hide it with --now only, or by the boot loader's own file; a "
        "snapshot that \"xltune snapshot\" makes in dom0 has it",
        "it is not known what the next boot's is");
}

/* No list counts without the driver that reads it. */
static int check_pciback(const xtune_boot *boot, xtune_error **err)
{
    if (!boot->pciback || strcmp(boot->pciback, "missing") != 0) return 0;
    return xtune_error_set(err, XTUNE_ERR_UNSUPPORTED, 0, "xen-pciback",
                           "boot dom0 with one that has it",
                           "dom0's kernel has no such driver, and hides "
                           "nothing");
}

static int read_list(xtune_arena *arena, const xtune_host *host, list *l,
                     xtune_error **err)
{
    const char *line = host->boot.dom0_configured, *text;

    *l = (list){ .key = KEY };
    if (!line) return not_known(&host->boot, err);
    text = xt_pci_list_of(arena, host, line);
    l->value = xt_boot_value(arena, line, KEY);
    if (text && !l->value) {
        l->value = xt_boot_value(arena, line, OLD_KEY);
        l->in_options = !l->value || strcmp(l->value, text) != 0;
        if (l->in_options)
            l->value = NULL;
        else
            l->key = OLD_KEY;
    }
    l->nr_values = xt_boot_values(arena, line, l->key, &l->values);
    if (!text) return 0;
    return xtune_pci_hide_parse(arena, text,
                                l->in_options &&
                                        host->boot.pciback_options_file
                                    ? host->boot.pciback_options_file
                                    : l->key,
                                &l->hidden, &l->nr, err);
}

static void add_change(xtune_plan *plan, const list *l, const char *value,
                       const char *reason)
{
    if (l->value ? !strcmp(value, l->value) : !*value) return;
    xt_plan_add_boot(plan, xt_boot_line_name(XT_BOOT_DOM0), l->key, l->values,
                     l->nr_values, &value, *value ? 1 : 0, reason);
}

/* Guards. */

/* What will stand against it after the boot as well; whether others of the
 * card are in use then, nobody knows. */
static int heed_lasting(const xtune_pci_request *request,
                        const xtune_pci *const *devices, size_t nr,
                        xtune_error **err)
{
    xtune_findings *findings = xtune_findings_new();
    size_t i, kept = 0;
    int rc;

    for (i = 0; i < nr; i++)
        xtune_pci_add_guards(findings, request->host, devices[i], devices, nr);
    for (i = 0; i < findings->nr; i++)
        if (strcmp(findings->items[i].name, "siblings") != 0)
            findings->items[kept++] = findings->items[i];
    findings->nr = kept;
    rc = xtune_findings_heed(findings, request->forced, request->nr_forced,
                             err);
    xtune_findings_free(findings);
    return rc;
}

/* Where the boot does it anyway, that it cannot be done now is to be known. */
static int note_refusal(xtune_plan *plan, unsigned int when, int rc,
                        xtune_error *cause, xtune_error **err)
{
    const char *why;

    if (!rc) return 0;
    if (rc != XTUNE_ERR_REFUSED || !(when & XTUNE_HIDE_BOOT)) {
        if (err)
            *err = cause;
        else
            xtune_error_free(cause);
        return rc;
    }
    why = xtune_arena_printf(plan->arena, "not now: %s%s%s", cause->message,
                             cause->hint ? ": " : "",
                             cause->hint ? cause->hint : "");
    xt_plan_add_note(plan, cause->object, why);
    xtune_error_free(cause);
    return 0;
}

/* Hiding. */

static void note_module(xtune_plan *plan, const xtune_boot *boot)
{
    if (!boot->pciback || strcmp(boot->pciback, "module") != 0) return;
    xt_plan_add_note(
        plan, "xen-pciback",
        "it is a module, and hides only what no driver has taken before it "
        "is loaded: have the initramfs load it (Debian: a line \"xen-pciback\" "
        "in /etc/initramfs-tools/modules)");
}

static int hide_at_boot(xtune_plan *plan, const xtune_pci_request *request,
                        const xtune_pci *const *devices, size_t nr,
                        xtune_error **err)
{
    const xtune_boot *boot = &request->host->boot;
    const size_t nr_before = plan->nr_actions;
    const char *value;
    bool adds = false;
    size_t i;
    list l = { .value = NULL };
    int rc;

    rc = check_pciback(boot, err);
    if (!rc) rc = read_list(plan->arena, request->host, &l, err);
    if (!rc) rc = heed_lasting(request, devices, nr, err);
    value = l.value;
    for (i = 0; !rc && i < nr; i++) {
        if (xtune_pci_hide_has(l.hidden, l.nr, devices[i]->address)) continue;
        value = xtune_pci_hide_add(plan->arena, l.hidden, l.nr,
                                   devices[i]->address);
        rc = xtune_pci_hide_parse(plan->arena, value, l.key, &l.hidden, &l.nr,
                                  err);
        adds = true;
    }
    if (rc || !adds) return rc;
    add_change(plan, &l, value, "hidden at boot");
    if (plan->nr_actions > nr_before) note_module(plan, boot);
    if (l.in_options)
        xt_plan_add_note(
            plan,
            boot->pciback_options_file ? boot->pciback_options_file
                                       : "modprobe.d",
            "its list is on the command line then, and counts there only");
    return 0;
}

int xtune_plan_pci_hide(const xtune_pci_request *request,
                        const xtune_pci *const *devices, size_t nr,
                        unsigned int when, xtune_plan **plan_r,
                        xtune_error **err)
{
    xtune_plan *plan = xt_plan_new();
    xtune_error *cause = NULL;
    int rc = 0;

    if (when & XTUNE_HIDE_BOOT)
        rc = hide_at_boot(plan, request, devices, nr, err);
    if (!rc && when & XTUNE_HIDE_NOW) {
        rc = xt_plan_add_assignable(plan, request, devices, nr, NULL, &cause);
        rc = note_refusal(plan, when, rc, cause, err);
    }
    if (rc)
        xtune_plan_free(plan);
    else
        *plan_r = plan;
    return rc;
}

/* And no longer. */

static int refuse_options(const xtune_boot *boot, const xtune_pci *pci,
                          xtune_error **err)
{
    return xtune_error_set(
        err, XTUNE_ERR_REFUSED, 0, pci->address,
        "take it out there, and make the initramfs again where that holds it",
        "it is hidden by options of xen-pciback in \"%s\"",
        boot->pciback_options_file ? boot->pciback_options_file
                                   : "modprobe.d");
}

static int unhide_at_boot(xtune_plan *plan, const xtune_pci_request *request,
                          const xtune_pci *const *devices, size_t nr,
                          xtune_error **err)
{
    const char *value;
    size_t i;
    list l;
    int rc;

    rc = read_list(plan->arena, request->host, &l, err);
    if (rc) return rc;
    value = l.value ? l.value : "";
    for (i = 0; !rc && i < nr; i++) {
        if (!xtune_pci_hide_has(l.hidden, l.nr, devices[i]->address)) continue;
        if (l.in_options)
            return refuse_options(&request->host->boot, devices[i], err);
        value = xtune_pci_hide_remove(plan->arena, request->host, l.hidden,
                                      l.nr, devices[i]->address);
        l.nr = 0;
        if (*value)
            rc = xtune_pci_hide_parse(plan->arena, value, l.key, &l.hidden,
                                      &l.nr, err);
    }
    if (!rc && !l.in_options)
        add_change(plan, &l, value, "hidden at boot no longer");
    return rc;
}

int xtune_plan_pci_unhide(const xtune_pci_request *request,
                          const xtune_pci *const *devices, size_t nr,
                          unsigned int when, xtune_plan **plan_r,
                          xtune_error **err)
{
    xtune_plan *plan = xt_plan_new();
    xtune_error *cause;
    size_t i;
    int rc = 0;

    if (when & XTUNE_HIDE_BOOT)
        rc = unhide_at_boot(plan, request, devices, nr, err);
    for (i = 0; !rc && i < nr && when & XTUNE_HIDE_NOW; i++) {
        cause = NULL;
        rc = xt_plan_add_unassignable(plan, request, &devices[i], 1, true,
                                      &cause);
        rc = note_refusal(plan, when, rc, cause, err);
    }
    if (rc)
        xtune_plan_free(plan);
    else
        *plan_r = plan;
    return rc;
}
