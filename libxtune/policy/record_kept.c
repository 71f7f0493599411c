/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a record says, written over and made one text again. */
#include <string.h>

#include "base/util.h"
#include "policy/read.h"
#include "policy/record.h"

/* By the id of a vCPU, also of those that the domain has not: it may be
 * resized. */
struct xt_kept {
    xtune_arena *arena;
    const char *hard[XTUNE_MAX_VCPUS], *soft[XTUNE_MAX_VCPUS];
    xtune_wanted_scheduling of_all;                   /* weight and cap */
    xtune_wanted_scheduling of_vcpu[XTUNE_MAX_VCPUS]; /* those of rtds */
    const char *cpupool;
    xtune_wanted_pci *pci;
    size_t nr_pci;
    xtune_wanted_usb *usb;
    size_t nr_usb;
};

/* Masks that are not written stay what they were. */
int xt_kept_add_affinity(xt_kept *kept, const xtune_wanted_affinity *wanted,
                         xtune_error **err)
{
    xtune_set vcpus;
    unsigned int id;
    int rc;

    rc = xt_parse_vcpus(kept->arena, "vCPUs", wanted->vcpus, &vcpus, err);
    if (rc) return rc;
    xtune_set_for_each(id, &vcpus)
    {
        if (wanted->hard) kept->hard[id] = wanted->hard;
        if (wanted->soft) kept->soft[id] = wanted->soft;
    }
    return 0;
}

static void write_over(xtune_wanted_scheduling *to,
                       const xtune_wanted_scheduling *from,
                       enum xt_parameter_id first, enum xt_parameter_id last)
{
    unsigned int id;

    for (id = first; id <= last; id++) {
        const uint32_t value = xt_parameter_get(id, from);

        if (value != XTUNE_NONE) xt_parameter_set(id, to, value);
    }
}

int xt_kept_add_scheduling(xt_kept *kept,
                           const xtune_wanted_scheduling *wanted,
                           xtune_error **err)
{
    xtune_set vcpus;
    unsigned int id;
    int rc;

    rc = xt_parse_vcpus(kept->arena, "vCPUs",
                        wanted->vcpus ? wanted->vcpus : "all", &vcpus, err);
    if (rc) return rc;
    write_over(&kept->of_all, wanted, XT_WEIGHT, XT_CAP);
    xtune_set_for_each(id, &vcpus)
        write_over(&kept->of_vcpu[id], wanted, XT_PERIOD, XT_EXTRATIME);
    return 0;
}

int xt_kept_check(const xt_kept *kept, xtune_error **err)
{
    const char *why;
    unsigned int id;

    if (kept->cpupool && !xtune_cpupool_is_name(kept->cpupool, &why))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, kept->cpupool,
                               "give it another name, and keep that",
                               "nothing can be kept of this pool: %s", why);
    for (id = 0; id < XTUNE_MAX_VCPUS; id++) {
        const xtune_wanted_scheduling *row = &kept->of_vcpu[id];

        if (row->period_us != XTUNE_NONE && row->budget_us != XTUNE_NONE &&
            row->budget_us > row->period_us)
            return xtune_error_set(err, XTUNE_ERR_INVALID, 0, "budget",
                                   "give the period and the budget together",
                                   "with what is kept already, %u us of vCPU "
                                   "%u are above its period of %u us",
                                   row->budget_us, id, row->period_us);
    }
    return xt_record_check_slots(kept->pci, kept->nr_pci, err);
}

void xt_kept_set_cpupool(xt_kept *kept, const char *pool)
{
    kept->cpupool = pool;
}

void xt_kept_set_pci(xt_kept *kept, const xtune_wanted_pci *wanted)
{
    xtune_wanted_pci *row =
        xt_record_find_pci(kept->pci, kept->nr_pci, wanted->address);

    if (!row) {
        kept->pci = xtune_arena_grow(kept->arena, kept->pci, kept->nr_pci,
                                     sizeof(*kept->pci));
        row = &kept->pci[kept->nr_pci++];
    }
    *row = *wanted;
}

bool xt_kept_forget_pci(xt_kept *kept, const char *address)
{
    xtune_wanted_pci *row =
        xt_record_find_pci(kept->pci, kept->nr_pci, address);

    if (!row) return false;
    kept->nr_pci--;
    memmove(row, row + 1,
            (size_t)(&kept->pci[kept->nr_pci] - row) * sizeof(*row));
    return true;
}

void xt_kept_set_usb(xt_kept *kept, const xtune_wanted_usb *wanted)
{
    xtune_wanted_usb *row =
        xt_record_find_usb(kept->usb, kept->nr_usb, &wanted->identity);

    if (!row) {
        kept->usb = xtune_arena_grow(kept->arena, kept->usb, kept->nr_usb,
                                     sizeof(*kept->usb));
        row = &kept->usb[kept->nr_usb++];
    }
    *row = *wanted;
}

bool xt_kept_forget_usb(xt_kept *kept, const xtune_usb_identity *identity)
{
    xtune_wanted_usb *row =
        xt_record_find_usb(kept->usb, kept->nr_usb, identity);

    if (!row) return false;
    kept->nr_usb--;
    memmove(row, row + 1,
            (size_t)(&kept->usb[kept->nr_usb] - row) * sizeof(*row));
    return true;
}

void xt_kept_forget_affinity(xt_kept *kept)
{
    memset(kept->hard, 0, sizeof(kept->hard));
    memset(kept->soft, 0, sizeof(kept->soft));
}

int xt_kept_new(xtune_arena *arena, const xtune_record *record,
                xt_kept **kept_r, xtune_error **err)
{
    xt_kept *kept = XTUNE_NEW(arena, xt_kept);
    size_t i;
    int rc = 0;

    kept->arena = arena;
    kept->of_all = XT_NO_SCHEDULING;
    for (i = 0; i < XTUNE_MAX_VCPUS; i++)
        kept->of_vcpu[i] = XT_NO_SCHEDULING;
    *kept_r = kept;
    if (!record) return 0;
    kept->cpupool = record->cpupool;
    for (i = 0; i < record->nr_pci; i++)
        xt_kept_set_pci(kept, &record->pci[i]);
    for (i = 0; i < record->nr_usb; i++)
        xt_kept_set_usb(kept, &record->usb[i]);
    for (i = 0; !rc && i < record->nr_affinity; i++)
        rc = xt_kept_add_affinity(kept, &record->affinity[i], err);
    for (i = 0; !rc && i < record->nr_scheduling; i++)
        rc = xt_kept_add_scheduling(kept, &record->scheduling[i], err);
    return rc;
}

/* Printing. */

static bool is_same_text(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

/*
 * One with the last id there is goes on for ever: it is written as what it
 * leaves out, "all,^2", not as "0-1,3-8191".
 */
static const char *vcpus_text(xtune_arena *arena, const xtune_set *vcpus)
{
    if (xtune_set_has(vcpus, vcpus->nbits - 1))
        return xt_list_but(arena, vcpus);
    return xtune_set_format_ids(arena, vcpus);
}

/* All that have the masks of this one, as a row; they are then done with. */
static xt_json *take_masks(xt_kept *kept, unsigned int first)
{
    xtune_set vcpus = xtune_set_new(kept->arena, XTUNE_MAX_VCPUS);
    const char *hard = kept->hard[first], *soft = kept->soft[first];
    xt_json *row = xt_json_object(kept->arena);
    unsigned int id;

    for (id = first; id < XTUNE_MAX_VCPUS; id++) {
        if (!is_same_text(kept->hard[id], hard) ||
            !is_same_text(kept->soft[id], soft))
            continue;
        xtune_set_add(&vcpus, id);
        kept->hard[id] = kept->soft[id] = NULL;
    }
    xt_json_add_string(kept->arena, row, "vcpus",
                       vcpus_text(kept->arena, &vcpus));
    if (hard) xt_json_add_string(kept->arena, row, "hard", hard);
    if (soft) xt_json_add_string(kept->arena, row, "soft", soft);
    return row;
}

static xt_json *affinity_json(xt_kept *kept)
{
    xt_json *rows = xt_json_array(kept->arena);
    unsigned int id;

    for (id = 0; id < XTUNE_MAX_VCPUS; id++)
        if (kept->hard[id] || kept->soft[id])
            xt_json_append(kept->arena, rows, take_masks(kept, id));
    return rows;
}

static bool is_same_scheduling(const xtune_wanted_scheduling *a,
                               const xtune_wanted_scheduling *b)
{
    unsigned int id;

    for (id = 0; id < XT_FIRST_OF_POOLS; id++)
        if (xt_parameter_get(id, a) != xt_parameter_get(id, b)) return false;
    return true;
}

static bool says_nothing(const xtune_wanted_scheduling *row)
{
    return is_same_scheduling(row, &XT_NO_SCHEDULING);
}

void xt_record_add_parameter(xtune_arena *arena, xt_json *json,
                             enum xt_parameter_id id, const void *scheduling)
{
    const uint32_t value = xt_parameter_get(id, scheduling);

    if (value == XTUNE_NONE) return;
    if (id == XT_EXTRATIME)
        xt_json_add_bool(arena, json, xt_parameters[id].name, value);
    else
        xt_json_add_u64(arena, json, xt_parameters[id].name, value);
}

static xt_json *scheduling_row(xtune_arena *arena, const char *vcpus,
                               const xtune_wanted_scheduling *values)
{
    xt_json *row = xt_json_object(arena);
    unsigned int id;

    xt_json_add_string(arena, row, "vcpus", vcpus);
    for (id = 0; id < XT_FIRST_OF_POOLS; id++)
        xt_record_add_parameter(arena, row, id, values);
    return row;
}

/* As take_masks(). */
static xt_json *take_scheduling(xt_kept *kept, unsigned int first)
{
    const xtune_wanted_scheduling values = kept->of_vcpu[first];
    xtune_set vcpus = xtune_set_new(kept->arena, XTUNE_MAX_VCPUS);
    unsigned int id;

    for (id = first; id < XTUNE_MAX_VCPUS; id++) {
        if (!is_same_scheduling(&kept->of_vcpu[id], &values)) continue;
        xtune_set_add(&vcpus, id);
        kept->of_vcpu[id] = XT_NO_SCHEDULING;
    }
    return scheduling_row(kept->arena, vcpus_text(kept->arena, &vcpus),
                          &values);
}

static xt_json *scheduling_json(xt_kept *kept)
{
    xt_json *rows = xt_json_array(kept->arena);
    unsigned int id;

    if (!says_nothing(&kept->of_all))
        xt_json_append(kept->arena, rows,
                       scheduling_row(kept->arena, "all", &kept->of_all));
    for (id = 0; id < XTUNE_MAX_VCPUS; id++)
        if (!says_nothing(&kept->of_vcpu[id]))
            xt_json_append(kept->arena, rows, take_scheduling(kept, id));
    return rows;
}

bool xt_kept_is_empty(const xt_kept *kept)
{
    unsigned int id;

    if (kept->cpupool || kept->nr_pci || kept->nr_usb ||
        !says_nothing(&kept->of_all))
        return false;
    for (id = 0; id < XTUNE_MAX_VCPUS; id++)
        if (kept->hard[id] || kept->soft[id] ||
            !says_nothing(&kept->of_vcpu[id]))
            return false;
    return true;
}

static xt_json *pci_json(const xt_kept *kept)
{
    xt_json *rows = xt_json_array(kept->arena);
    size_t i;

    for (i = 0; i < kept->nr_pci; i++)
        xt_json_append(
            kept->arena, rows,
            xt_record_pci_json(kept->arena, XT_PCI_OF_DOMAIN, &kept->pci[i]));
    return rows;
}

static xt_json *usb_json(const xt_kept *kept)
{
    xt_json *rows = xt_json_array(kept->arena);
    size_t i;

    for (i = 0; i < kept->nr_usb; i++)
        xt_json_append(kept->arena, rows,
                       xt_record_usb_json(kept->arena, &kept->usb[i]));
    return rows;
}

char *xt_kept_text(xt_kept *kept, const char *uuid, const char *name)
{
    xtune_arena *arena = kept->arena;
    xt_json *json = xt_json_object(arena);
    xt_json *affinity = affinity_json(kept);
    xt_json *scheduling = scheduling_json(kept);

    xt_json_add_string(arena, json, "schema", XT_RECORD_SCHEMA);
    xt_json_add_string(arena, json, "uuid", uuid);
    /* Another name would not be read again; the uuid is enough. */
    xt_json_add_string(arena, json, "name",
                       xt_record_name_is_plain(name) ? name : "");
    if (affinity->nr) xt_json_add(arena, json, "affinity", affinity);
    if (scheduling->nr) xt_json_add(arena, json, "scheduling", scheduling);
    if (kept->cpupool)
        xt_json_add_string(arena, json, "cpupool", kept->cpupool);
    if (kept->nr_pci) xt_json_add(arena, json, "pci", pci_json(kept));
    if (kept->nr_usb) xt_json_add(arena, json, "usb", usb_json(kept));
    return xt_json_print(json);
}
