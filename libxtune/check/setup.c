/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules of how domains are set up. */
#include <string.h>

#include "check/domains.h"
#include "host/findings.h"

#define NO_SETUP "no configuration of a domain is stored"
#define TRADITIONAL "qemu-xen-traditional"

/* nested-hvm */

#define NOT_NESTED "no nested virtualization"

static enum xt_verdict look_at_nesting(xt_check *check,
                                       const xtune_domain *domain)
{
    if (!domain->has_setup) return XT_UNKNOWN;
    if (!domain->nested_hvm) return XT_GOOD;
    xt_fault_add(
        check, &(xt_fault){
                   .status = XTUNE_CHECK_FAIL,
                   .object = domain->name,
                   .expected = NOT_NESTED,
                   .actual = "nestedhvm=1",
                   .text = "Xen does not support it: what is in the guest may "
                           "get out of it, or bring the host down",
                   .fix = XTUNE_FIX_PERSON,
                   .how = "take nestedhvm= out of its configuration, and run "
                          "hypervisors on machines of their own",
               });
    return XT_TOLD;
}

void xt_check_nested_hvm(xt_check *check)
{
    xt_tally tally = { .what = "domain" };

    xt_tally_domains(check, &tally, xt_check_is_guest, look_at_nesting);
    xt_tally_end(check, &tally, NOT_NESTED, NO_SETUP);
}

/* device-model */

/* One that is not the usual one is reported by itself, good or not. */
static void check_model(xt_check *check, const xtune_domain *domain)
{
    if (strcmp(domain->device_model, TRADITIONAL) != 0) {
        xt_pass(check, domain->name, "the toolstack's own, or one of choice",
                domain->device_model);
        return;
    }
    xt_fault_add(
        check,
        &(xt_fault){
            .status = XTUNE_CHECK_WARN,
            .object = domain->name,
            .expected = "qemu-xen",
            .actual = TRADITIONAL,
            .text = "it is no longer worked on, and stands still where QEMU "
                    "was many years ago",
            .fix = XTUNE_FIX_PERSON,
            .how = "device_model_version=\"qemu-xen\" in its configuration; "
                   "the guest sees another machine then",
        });
}

static enum xt_verdict look_at_model(xt_check *check,
                                     const xtune_domain *domain)
{
    if (!domain->has_setup) return XT_UNKNOWN;
    if (!domain->device_model) return XT_GOOD;
    check_model(check, domain);
    return XT_TOLD;
}

void xt_check_device_model(xt_check *check)
{
    xt_tally tally = { .what = "domain" };

    xt_tally_domains(check, &tally, xt_check_is_guest, look_at_model);
    xt_tally_end(check, &tally, "the toolstack's own", NO_SETUP);
}

/* migration */

typedef struct reasons {
    const char *words[8];
    size_t nr;
} reasons;

static void add_reason(reasons *r, const char *word)
{
    size_t i;

    for (i = 0; i < r->nr; i++)
        if (!strcmp(r->words[i], word)) return;
    if (r->nr < sizeof(r->words) / sizeof(r->words[0]))
        r->words[r->nr++] = word;
}

/* Whether a vCPU must stay on some of its pool's CPUs: another host may have
 * none of these numbers. */
static bool is_pinned(const xt_check *check, const xtune_domain *domain)
{
    const xtune_set *pool = xt_check_pool_cpus(check->host, domain);
    size_t i;

    for (i = 0; i < domain->nr_vcpus; i++)
        if (!xtune_set_is_subset(pool, &domain->vcpus[i].hard)) return true;
    return false;
}

/* What keeps a domain on this host, as far as it is known. */
static reasons why_here(const xt_check *check, const xtune_domain *domain)
{
    reasons r = { .nr = 0 };
    size_t i, k;

    if (domain->immovable) add_reason(&r, domain->immovable);
    if (domain->nr_pci && !domain->immovable)
        add_reason(
            &r, xtune_arena_printf(check->arena, "it has %s",
                                   xt_check_count(check->arena, domain->nr_pci,
                                                  "PCI device")));
    for (i = 0; i < domain->nr_usb; i++)
        for (k = 0; k < domain->usb[i].nr_ports; k++)
            if (domain->usb[i].ports[k])
                add_reason(&r, "it has a USB device of this host");
    for (i = 0; i < domain->nr_disks; i++)
        if (domain->disks[i].nr_blocks)
            add_reason(&r, xtune_arena_printf(check->arena,
                                              "%s is on this host's %s",
                                              domain->disks[i].device,
                                              domain->disks[i].blocks[0]));
    if (is_pinned(check, domain)) add_reason(&r, "it is pinned to CPUs");
    return r;
}

/* Whether its policy has its memory moved, which is a migration to the same
 * host: there only what libxl cannot migrate is in the way. */
static bool is_to_move(const xt_check *check, const xtune_domain *domain)
{
    const xtune_policy *policy = check->request->policy;
    const xtune_rule *rule =
        policy ? xtune_policy_match(policy, domain) : NULL;

    return rule && rule->placement != XTUNE_PLACE_NONE &&
           rule->memory == XTUNE_MEMORY_FOLLOW;
}

static enum xt_verdict look_at_migration(xt_check *check,
                                         const xtune_domain *domain)
{
    static const char expected[] = "nothing keeps it on this host";
    const reasons r = why_here(check, domain);

    if (!r.nr && !domain->disks && !domain->has_setup) return XT_UNKNOWN;
    if (!r.nr) return XT_GOOD;
    if (domain->immovable && is_to_move(check, domain))
        xt_fault_add(check,
                     &(xt_fault){
                         .status = XTUNE_CHECK_WARN,
                         .object = domain->name,
                         .expected = "it can be moved, as its policy wants",
                         .actual = domain->immovable,
                         .text =
                             "its memory stays where it is: memory=\"follow\" "
                             "does nothing",
                         .fix = XTUNE_FIX_PERSON,
                         .how = "take away what keeps it, or write "
                                "memory=\"stay\" in its policy",
                     });
    else
        xt_pass(check, domain->name, expected,
                xtune_arena_printf(
                    check->arena, "it stays: %s",
                    xt_findings_words(check->arena, r.words, r.nr)));
    return XT_TOLD;
}

void xt_check_migration(xt_check *check)
{
    xt_tally tally = { .what = "domain" };

    xt_tally_domains(check, &tally, xt_check_is_guest, look_at_migration);
    xt_tally_end(check, &tally, "nothing that is known keeps it on this host",
                 tally.nr_unknown ? "how domains are set up is not known"
                                  : "there is no domain");
}
