/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What records want of devices, against a recorded host. */
#include "host_text.h"

#include <xtune/pci.h>
#include <xtune/plan.h>
#include <xtune/policy.h>

#include "base/json.h"
#include "base/util.h"

#define UUID(n) "0000000" n "-0000-4000-8000-00000000000" n
#define NOBODY "00000009-0000-4000-8000-000000000009"

enum { DOM0, PV1, HVM1, PVH1, HVM2 }; /* by index and id */

#define SATA "0000:00:17.0"  /* "/" is on it */
#define PORT0 "0000:05:00.0" /* one card, which is reset as a whole, */
#define PORT1 "0000:05:00.1" /* and dom0 uses this */
#define NIC "0000:04:00.0"
#define PF "0000:82:00.0"
#define VF_HELD "0000:82:02.0" /* hvm1 has it in slot 5 */
#define VF "0000:82:02.1"
#define READY "0000:83:00.0" /* assignable; on node 1 */

/* A device as a record has it that was made of this host. */
static xtune_wanted_pci wish(const xtune_host *host, const char *address)
{
    const xtune_pci *pci = xtune_host_pci(host, address);
    xtune_pci_identity identity;

    assert_non_null(pci);
    identity = xtune_pci_identity_of(host->arena, pci);
    return (xtune_wanted_pci){
        .source = { "r.json", 1 },
        .address = address,
        .vendor = identity.vendor,
        .device = identity.device,
        .subsystem_vendor = identity.subsystem_vendor,
        .subsystem_device = identity.subsystem_device,
        .path = identity.path,
        .serial = identity.serial,
        .slot = XTUNE_NONE,
        .vfs = XTUNE_NONE,
    };
}

/* What a test is about. */
typedef struct wants {
    xtune_host *host;
    xtune_policy *policy;
    xtune_record records[2];
    xtune_wanted_pci of_domain[4], of_host[4];
    xtune_plan_request request;
    xtune_plan *plan;
} wants;

static int set_up(void **state)
{
    wants *w = calloc(1, sizeof(*w));

    w->host = recorded_host("pci");
    w->policy = xtune_policy_new();
    w->policy->records = w->records;
    w->policy->devices = w->of_host;
    w->request.host = w->host;
    w->request.policy = w->policy;
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    wants *w = *state;

    xtune_plan_free(w->plan);
    xtune_policy_free(w->policy);
    xtune_host_free(w->host);
    free(w);
    return 0;
}

static xtune_wanted_pci *for_domain(wants *w, const char *uuid,
                                    const char *address)
{
    xtune_record *record = &w->records[0];

    w->policy->nr_records = 1;
    record->uuid = uuid;
    record->name = "";
    record->pci = w->of_domain;
    w->of_domain[record->nr_pci] = wish(w->host, address);
    return &w->of_domain[record->nr_pci++];
}

static xtune_wanted_pci *for_host(wants *w, const char *address)
{
    w->of_host[w->policy->nr_devices] = wish(w->host, address);
    return &w->of_host[w->policy->nr_devices++];
}

/* "kind object" of each action and "!kind object" of what is blocked, with a
 * blank after it. */
static const char *plan(wants *w)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    const char *text = "";
    size_t i;

    xtune_plan_free(w->plan);
    w->plan = NULL;
    if (xtune_plan_make(&w->request, &w->plan, &err))
        fail_msg("%s: %s", err->object, err->message);
    for (i = 0; i < w->plan->nr_actions; i++)
        text = xtune_arena_printf(w->host->arena, "%s%s %s ", text,
                                  w->plan->actions[i].kind,
                                  w->plan->actions[i].object);
    for (i = 0; i < w->plan->nr_blocked; i++)
        text = xtune_arena_printf(w->host->arena, "%s!%s %s ", text,
                                  w->plan->blocked[i].kind,
                                  w->plan->blocked[i].object);
    return text;
}

static void why(const wants *w, const char *part)
{
    assert_true(w->plan->nr_blocked > 0);
    if (!strstr(w->plan->blocked[0].why, part))
        fail_msg("\"%s\" has no \"%s\"", w->plan->blocked[0].why, part);
}

static void has_note(const wants *w, const char *object, const char *part)
{
    size_t i;

    for (i = 0; i < w->plan->nr_notes; i++)
        if (!strcmp(w->plan->notes[i].object, object) &&
            strstr(w->plan->notes[i].text, part))
            return;
    fail_msg("no note of %s has \"%s\"", object, part);
}

static void of_one_that_does_not_run(void **state)
{
    wants *w = *state;

    for_domain(w, NOBODY, NIC);
    for_domain(w, NOBODY, READY);
    assert_string_equal(plan(w), "pci-assignable " NIC " ");
}

static void in_the_order_given(void **state)
{
    wants *w = *state;

    for_domain(w, UUID("4"), READY)->permissive = true;
    for_domain(w, UUID("4"), NIC)->slot = 6;
    assert_string_equal(plan(w), "pci-assignable " NIC " pci hvm2/" READY
                                 " pci hvm2/" NIC " ");
    assert_true(xt_json_get(w->plan->actions[1].new, "permissive")->boolean);
    assert_string_equal(xt_json_get(w->plan->actions[2].new, "slot")->text,
                        "6");
}

static void what_it_has_it_keeps(void **state)
{
    wants *w = *state;

    for_domain(w, UUID("2"), VF_HELD);
    assert_string_equal(plan(w), "");
    /* A device that no record names is a person's. */
    w->records[0].nr_pci = 0;
    for_domain(w, UUID("2"), READY);
    assert_string_equal(plan(w), "pci hvm1/" READY " ");
}

static void a_guard_blocks_its_device_alone(void **state)
{
    wants *w = *state;
    const char *forced[] = { "disk" };

    for_host(w, SATA)->assignable = true;
    for_host(w, NIC)->assignable = true;
    assert_string_equal(plan(w),
                        "pci-assignable " NIC " !pci-assignable " SATA " ");
    why(w, "mounted");
    w->request.forced = forced;
    w->request.nr_forced = 1;
    assert_string_equal(plan(w),
                        "pci-assignable " SATA " pci-assignable " NIC " ");
}

static void a_card_goes_as_a_whole(void **state)
{
    wants *w = *state;

    for_host(w, PORT0)->assignable = true;
    assert_string_equal(plan(w), "!pci-assignable " PORT0 " ");
    why(w, PORT1);
    for_domain(w, UUID("4"), PORT1);
    assert_string_equal(plan(w),
                        "pci-assignable " PORT0 " pci-assignable " PORT1
                        " pci hvm2/" PORT1 " ");
}

/* But functions that are reset one by one do not keep each other. */
static void a_function_that_stays(void **state)
{
    wants *w = *state;

    for_host(w, "0000:03:00.0")->assignable = true;
    for_host(w, "0000:03:00.1")->assignable = true;
    assert_string_equal(plan(w), "pci-assignable 0000:03:00.1 "
                                 "!pci-assignable 0000:03:00.0 ");
    why(w, "route");
}

static void a_name_is_given(void **state)
{
    wants *w = *state;
    xtune_wanted_pci *wanted = for_host(w, NIC);

    wanted->assignable = true;
    wanted->name = "mine";
    assert_string_equal(plan(w), "pci-assignable " NIC " ");
    assert_string_equal(
        xt_json_text(xt_json_get(w->plan->actions[0].new, "name")), "mine");
}

static void domains_that_take_none(void **state)
{
    wants *w = *state;
    xtune_domain *domain = &w->host->domains[HVM2];

    for_domain(w, UUID("3"), READY);
    assert_string_equal(plan(w), "!pci pvh1/" READY " ");
    why(w, "PVH");
    w->records[0].uuid = UUID("1");
    w->host->domains[PV1].state = XTUNE_STATE_PAUSED;
    assert_string_equal(plan(w), "!pci pv1/" READY " ");
    why(w, "paused");
    w->records[0].uuid = UUID("4");
    domain->state = XTUNE_STATE_DYING;
    assert_string_equal(plan(w), "");
    domain->state = XTUNE_STATE_SHUTDOWN;
    assert_string_equal(plan(w), "");
    /* One that is being made. */
    domain->state = XTUNE_STATE_PAUSED;
    domain->vcpus[0].online = domain->vcpus[1].online = false;
    assert_null(domain->configured);
    assert_string_equal(plan(w), "");
}

static void devices_that_cannot_be_given(void **state)
{
    wants *w = *state;

    for_domain(w, UUID("4"), VF_HELD);
    assert_string_equal(plan(w), "!pci hvm2/" VF_HELD " ");
    why(w, "\"hvm1\" has it");
    w->records[0].nr_pci = 0;
    for_domain(w, UUID("2"), READY)->slot = 5;
    assert_string_equal(plan(w), "!pci hvm1/" READY " ");
    why(w, VF_HELD);
    w->records[0].nr_pci = 0;
    for_domain(w, UUID("4"), SATA);
    assert_string_equal(plan(w),
                        "!pci-assignable " SATA " !pci hvm2/" SATA " ");
}

static void devices_that_are_not_what_they_were(void **state)
{
    wants *w = *state;
    xtune_wanted_pci *wanted = for_domain(w, UUID("4"), NIC);

    wanted->device = "100f";
    assert_string_equal(plan(w), "!pci hvm2/" NIC " ");
    wanted->address = "0000:09:00.0";
    assert_string_equal(plan(w), "!pci hvm2/0000:09:00.0 ");
    /* By its serial number it is found where it is now. */
    wanted->device = "100e";
    assert_string_equal(plan(w), "pci-assignable " NIC " pci hvm2/" NIC " ");
    has_note(w, NIC, "0000:09:00.0");
}

/* The function that a guest has; pciback has it then. */
static void give_back(wants *w)
{
    xtune_pci *vf = (xtune_pci *)xtune_host_pci(w->host, VF_HELD);

    w->host->domains[HVM1].nr_pci = w->host->domains[HVM1].nr_attached = 0;
    vf->claimed_by = XTUNE_NONE;
}

/* What is left of it, under its uuid, does not stand in its way. */
static void one_that_was_made_again(void **state)
{
    wants *w = *state;
    xtune_domain *left = &w->host->domains[PV1];

    for_domain(w, UUID("4"), NIC);
    memcpy(left->uuid, UUID("4"), sizeof(left->uuid));
    left->state = XTUNE_STATE_DYING;
    assert_string_equal(plan(w), "pci-assignable " NIC " pci hvm2/" NIC " ");
}

static void virtual_functions(void **state)
{
    wants *w = *state;
    xtune_wanted_pci *wanted = for_host(w, PF);
    xtune_pci *vf = (xtune_pci *)xtune_host_pci(w->host, VF);

    wanted->vfs = 2;
    wanted->vfs_assignable = true;
    assert_string_equal(plan(w), "");
    vf->driver = "iavf";
    vf->assignable = false;
    assert_string_equal(plan(w), "pci-assignable " VF " ");
    wanted->vfs_assignable = false;
    assert_string_equal(plan(w), "");
    /* A guest has one. */
    wanted->vfs = 4;
    assert_string_equal(plan(w), "!sriov " PF " ");
    give_back(w);
    wanted->vfs_assignable = true;
    assert_string_equal(plan(w), "pci-assignable " VF_HELD " sriov " PF " ");
    has_note(w, PF, "when they are there");
    wanted->vfs = 9;
    assert_string_equal(plan(w), "!sriov " PF " ");
    why(w, "more than the 8");
}

static void a_device_with_functions_stays(void **state)
{
    wants *w = *state;

    for_host(w, PF)->vfs = 2;
    for_domain(w, UUID("4"), PF);
    assert_string_equal(plan(w), "!pci hvm2/" PF " ");
    why(w, "virtual functions");
}

/* Those in pciback go first. */
#define GIVEN_BACK "pci-assignable " VF_HELD " pci-assignable " VF " "

/* One that comes with them is no error before. */
static void a_function_that_is_yet_to_come(void **state)
{
    wants *w = *state;
    xtune_wanted_pci *wanted = for_domain(w, UUID("4"), VF);

    give_back(w);
    wanted->address = "0000:82:02.3";
    wanted->path = "pci0000:80/02.0/02.3";
    assert_string_equal(plan(w), "!pci hvm2/0000:82:02.3 ");
    for_host(w, PF)->vfs = 4;
    assert_string_equal(plan(w), GIVEN_BACK "sriov " PF " ");
    has_note(w, "0000:82:02.3", "looked for again");
    /* One that is there goes first. */
    *wanted = wish(w->host, VF);
    assert_string_equal(plan(w), GIVEN_BACK "sriov " PF " ");
    has_note(w, VF, "looked for again");
    w->of_host[0].vfs = 2;
    assert_string_equal(plan(w), "pci hvm2/" VF " ");
}

/* For the daemon. */
static void only_some(void **state)
{
    wants *w = *state;
    bool only[5] = { false }, devices[5] = { false };

    for_host(w, NIC)->assignable = true;
    for_domain(w, UUID("4"), READY);
    w->request.only = only;
    only[PV1] = true;
    assert_string_equal(plan(w), "");
    only[HVM2] = true;
    assert_string_equal(plan(w), "");
    w->request.devices = devices;
    devices[PV1] = true;
    assert_string_equal(plan(w), "");
    devices[HVM2] = true;
    assert_string_equal(plan(w), "pci hvm2/" READY " ");
    assert_int_equal(w->plan->nr_notes, 0);
}

/* A domain is placed beside what it is going to have, be it that it gets that
 * later. */
static void placed_beside_its_devices(void **state)
{
    wants *w = *state;
    bool only[5] = { false };
    xtune_rule rule = {
        .source = { "p.xml", 1 },
        .match = "name:hvm2",
        .has_numa = true,
        .placement = XTUNE_PLACE_AUTO,
        .mode = XTUNE_AFFINITY_SOFT,
        .has_devices = true,
        .devices = XTUNE_DEVICES_REQUIRED,
    };

    w->policy->rules = &rule;
    w->policy->nr_rules = 1;
    only[HVM2] = true;
    w->request.only = only;
    /* Its memory is on node 0, the device on node 1. */
    assert_string_equal(plan(w), "vcpu-affinity hvm2/0 ");
    assert_string_equal(
        xt_json_text(xt_json_get(w->plan->actions[0].new, "soft")), "0-1");
    for_domain(w, UUID("4"), READY);
    assert_string_equal(plan(w), "");
    w->request.only = NULL;
    assert_string_equal(plan(w), "pci hvm2/" READY " ");
}

static void nothing_is_known_of_devices(void **state)
{
    wants *w = *state;

    for_domain(w, UUID("4"), NIC);
    w->host->has_pci_details = false;
    assert_string_equal(plan(w), "");
    has_note(w, "devices", "left out");
    w->policy->nr_records = 0;
    plan(w);
    assert_int_equal(w->plan->nr_notes, 0);
}

static void what_contradicts_itself_is_noted(void **state)
{
    wants *w = *state;

    for_domain(w, UUID("4"), READY);
    plan(w);
    has_note(w, "0000:84:00.0", "77");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(of_one_that_does_not_run),
        TEST(in_the_order_given),
        TEST(what_it_has_it_keeps),
        TEST(a_guard_blocks_its_device_alone),
        TEST(a_card_goes_as_a_whole),
        TEST(a_function_that_stays),
        TEST(a_name_is_given),
        TEST(domains_that_take_none),
        TEST(devices_that_cannot_be_given),
        TEST(devices_that_are_not_what_they_were),
        TEST(one_that_was_made_again),
        TEST(virtual_functions),
        TEST(a_device_with_functions_stays),
        TEST(a_function_that_is_yet_to_come),
        TEST(only_some),
        TEST(placed_beside_its_devices),
        TEST(nothing_is_known_of_devices),
        TEST(what_contradicts_itself_is_noted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
