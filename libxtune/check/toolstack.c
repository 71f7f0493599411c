/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules of toolstacks: which of them is in charge, and how it is set up. */
#include <string.h>

#include "base/util.h"
#include "check/text.h"
#include "host/findings.h"
#include "host/xl_conf.h"

#define XL_CONF "/etc/xen/xl.conf"

/* toolstack-conflict */

/* Those that make domains, and the programs that tell that they do. A process
 * of xl's stays with each domain that it made. */
static const struct {
    const char *toolstack;
    const char *programs[3];
} owners[] = {
    { "xl", { "xl" } },
    { "libvirt", { "libvirtd", "virtxend" } },
    { "XAPI", { "xapi", "xenopsd", "xenopsd-xc" } },
};

static bool runs(const xtune_dom0 *dom0, size_t owner)
{
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(owners[owner].programs); i++)
        if (owners[owner].programs[i] &&
            xt_check_has_word(dom0->services, dom0->nr_services,
                              owners[owner].programs[i]))
            return true;
    return false;
}

static void conflict_fault(xt_check *check, const char *names)
{
    xt_fault_add(check,
                 &(xt_fault){
                     .status = XTUNE_CHECK_WARN,
                     .expected = "one toolstack",
                     .actual = names,
                     .text = "each knows its own domains only: memory, "
                             "devices and names are given away twice",
                     .fix = XTUNE_FIX_PERSON,
                     .how = "make all domains by one of them, and stop the "
                            "other's service",
                 });
}

void xt_check_toolstack_conflict(xt_check *check)
{
    const xtune_dom0 *dom0 = &check->host->dom0;
    const char *running[XT_ARRAY_SIZE(owners)], *names;
    size_t i, nr = 0;

    if (!xt_check_has_dom0(check)) return;
    if (!dom0->services) {
        xt_skip(check, NULL, "which programs run in dom0 is not known");
        return;
    }
    for (i = 0; i < XT_ARRAY_SIZE(owners); i++)
        if (runs(dom0, i)) running[nr++] = owners[i].toolstack;
    names = xt_findings_words(check->arena, running, nr);
    if (nr > 1)
        conflict_fault(check, names);
    else
        xt_pass(check, NULL, "one toolstack", names);
}

/* toolstack-versions */

static const char *xen_version(xtune_arena *arena, const xtune_xen *xen)
{
    if (xen->major == XTUNE_NONE || xen->minor == XTUNE_NONE) return NULL;
    return xtune_arena_printf(arena, "%u.%u", xen->major, xen->minor);
}

/* One that came with packages of a Xen that is yet to be booted; NULL. */
static const char *newer_version(const xtune_dom0 *dom0, const char *version)
{
    size_t i;

    for (i = 0; version && i < dom0->nr_toolstacks; i++)
        if (strverscmp(dom0->toolstacks[i], version) > 0)
            return dom0->toolstacks[i];
    return NULL;
}

/* That of the Xen that runs is there, and another one. */
static void several_versions(xt_check *check, const char *version,
                             const char *installed)
{
    const char *newer = newer_version(&check->host->dom0, version);

    xt_fault_add(
        check,
        &(xt_fault){
            .status = XTUNE_CHECK_WARN,
            .expected = version ? version : "one version",
            .actual = installed,
            .text = "which of them a program finds is a matter of luck",
            .fix = newer ? XTUNE_FIX_BOOT : XTUNE_FIX_PERSON,
            .how = newer ? xtune_arena_printf(
                               check->arena,
                               "reboot into the Xen that belongs to libxl "
                               "%s, and take out what is older then",
                               newer)
                         : "take out the packages of the others, or what was "
                           "built by hand below /usr/local",
        });
}

static void versions_fault(xt_check *check, const char *version,
                           const char *installed)
{
    xtune_arena *arena = check->arena;

    xt_fault_add(
        check,
        &(xt_fault){
            .status = XTUNE_CHECK_FAIL,
            .expected = version,
            .actual = installed,
            .text = "what Xen and libxl tell each other is another thing in "
                    "each version: nothing that is told of this host can be "
                    "relied on",
            .fix = XTUNE_FIX_BOOT,
            .how = xtune_arena_printf(
                arena,
                "reboot into the Xen that belongs to libxl %s, or install "
                "libxl %s",
                installed, version),
        });
}

void xt_check_toolstack_versions(xt_check *check)
{
    const xtune_dom0 *dom0 = &check->host->dom0;
    const char *version = xen_version(check->arena, &check->host->xen);
    const char *installed;
    bool fits;

    if (!xt_check_has_dom0(check)) return;
    if (!dom0->nr_toolstacks) {
        xt_skip(check, NULL, "which libxl is installed is not known");
        return;
    }
    installed =
        xt_findings_words(check->arena, dom0->toolstacks, dom0->nr_toolstacks);
    fits = !version ||
           xt_check_has_word(dom0->toolstacks, dom0->nr_toolstacks, version);
    if (fits && dom0->nr_toolstacks == 1)
        xt_pass(check, NULL, version ? version : "one version", installed);
    else if (fits)
        several_versions(check, version, installed);
    else
        versions_fault(check, version, installed);
}

/* xl-cpumasks */

/* What is wrong with it; NULL: it takes no CPU away. */
static const char *wrong_mask(xt_check *check, const char *value)
{
    const xtune_host *host = check->host;
    const xtune_set_names names = xtune_host_cpu_names(host);
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_arena *arena = check->arena;
    xtune_set set;

    if (xtune_set_parse(arena, &names, XL_CONF, value, &set, &err))
        return xtune_arena_strdup(arena, err->message);
    xtune_set_and(&set, &host->cpu_ids);
    if (xtune_set_equal(&set, &host->cpu_ids)) return NULL;
    return xtune_arena_printf(arena, "\"%s\", %u of %u CPUs", value,
                              xtune_set_count(&set),
                              xtune_set_count(&host->cpu_ids));
}

static void check_mask(xt_check *check, const char *key, const char *value)
{
    const char *wrong = wrong_mask(check, value);
    const char *expected = "not there, or all CPUs";

    if (!wrong) {
        xt_pass(check, key, expected, value);
        return;
    }
    xt_fault_add(
        check,
        &(xt_fault){
            .status = XTUNE_CHECK_WARN,
            .object = key,
            .expected = expected,
            .actual = wrong,
            .text = "xl takes all other CPUs out of what every domain is "
                    "given, without a word",
            .fix = XTUNE_FIX_PERSON,
            .how = xtune_arena_printf(check->arena,
                                      "take %s out of " XL_CONF
                                      "; let a policy or a CPU pool keep "
                                      "domains away from CPUs",
                                      key),
        });
}

void xt_check_xl_cpumasks(xt_check *check)
{
    static const char *const keys[] = { "vm.cpumask", "vm.hvm.cpumask",
                                        "vm.pv.cpumask" };
    const char *text, *value;
    bool any = false;
    size_t i;

    if (!xt_check_reads(check, XL_CONF, &text)) return;
    if (!check->host->nr_cpus) {
        xt_skip(check, XL_CONF, "the host's CPUs are not known");
        return;
    }
    if (text && xt_xl_conf_problem(check->arena, text)) {
        xt_skip(check, XL_CONF, "xl does not take it: see dom0-autoballoon");
        return;
    }
    for (i = 0; text && i < XT_ARRAY_SIZE(keys); i++) {
        value = xt_xl_conf_value(check->arena, text, keys[i]);
        if (!value) continue;
        any = true;
        check_mask(check, keys[i], value);
    }
    if (!any) xt_pass(check, XL_CONF, "no mask", "none");
}
