/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * USB devices that come and go on a host in a file: spoiled at every change,
 * cut off, undone and rolled back, also where a device is pulled out between.
 */
#include "apply/engine.h"
#include "backend/backend.h"
#include "host_file.h"
#include "usb_plan.h"

#define EHCI(ports) CONTROLLER("0", "devicemodel", "2", ports)
#define XHCI(ports) CONTROLLER("0", "devicemodel", "3", ports)

typedef struct fixture {
    xtune_backend *backend;
    xtune_state *state;
    char *before;    /* the host as it was */
    char steps[512]; /* what has become of the actions */
} fixture;

/* fault: as XLTUNE_FAULT has it; NULL: none. */
static fixture on(const char *const *devices, const char *const *domains,
                  const char *fault)
{
    XT_CLEANUP_FREE char *text = usb_text(devices, domains, ALLOW);
    fixture f = { .backend = NULL };

    write_host_text(text);
    f.backend = open_host_file(fault);
    f.state = lock_host_file(f.backend);
    f.before = observed_text(f.backend);
    return f;
}

static void done(fixture *f)
{
    xtune_state_close(f->state);
    xtune_backend_close(f->backend);
    free(f->before);
    forget_host_file();
}

/* What happens to devices. */

static void pull_out(const fixture *f, const char *device)
{
    xtune_host *host = observed(f->backend);
    size_t i, left = 0;

    for (i = 0; i < host->nr_usb; i++)
        if (strcmp(host->usb[i].path, device) != 0)
            host->usb[left++] = host->usb[i];
    assert_int_equal(left + 1, host->nr_usb);
    host->nr_usb = left;
    write_host(host);
    xtune_host_free(host);
}

/* Out and in again: it has another address, and dom0 drives it. */
static void plug_in_again(const fixture *f, const char *device)
{
    xtune_host *host = observed(f->backend);
    xtune_usb *usb = (xtune_usb *)xtune_host_usb(host, device);

    usb->address += 20;
    usb->interfaces[0].driver = "usb-storage";
    usb->interfaces[0].extra_members = NULL;
    write_host(host);
    xtune_host_free(host);
}

/* Something else is plugged in instead of it. */
static void swap(const fixture *f, const char *device, const char *product,
                 const char *serial)
{
    xtune_host *host = observed(f->backend);
    xtune_usb *usb = (xtune_usb *)xtune_host_usb(host, device);

    usb->address += 20;
    usb->product = product;
    usb->serial = serial;
    write_host(host);
    xtune_host_free(host);
}

/* Where a device is: "web 0/1", "web 0/1!" where it is no longer, or "-". */
static const char *where_is(const fixture *f, const char *device)
{
    static char text[64];
    xtune_host *host = observed(f->backend);
    const xtune_usb_controller *controller;
    uint32_t port;
    const xtune_domain *owner =
        xtune_usb_owner(host, device, &controller, &port);

    snprintf(text, sizeof(text), "-");
    if (owner)
        snprintf(text, sizeof(text), "%s %u/%u%s", owner->name, controller->id,
                 port, xtune_usb_is_stale(host, controller, port) ? "!" : "");
    xtune_host_free(host);
    return text;
}

static size_t nr_controllers(const fixture *f)
{
    xtune_host *host = observed(f->backend);
    const size_t nr = host->domains[1].nr_usb;

    xtune_host_free(host);
    return nr;
}

static void expect_before(const fixture *f)
{
    XT_CLEANUP_FREE char *now = observed_text(f->backend);

    assert_string_equal(f->before, now);
}

/* Plans, of the domain behind dom0. */

static xtune_plan *to_attach(const fixture *f, const char *device)
{
    xtune_host *host = observed(f->backend);
    const xtune_usb_request request = { .host = host };
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_plan *plan;

    if (xtune_plan_usb_attach(&request, &host->domains[1],
                              xtune_host_usb(host, device), &anywhere, &plan,
                              &err))
        fail_msg("%s: %s", err->object, err->message);
    xtune_host_free(host);
    return plan;
}

static xtune_plan *to_detach(const fixture *f, const char *device)
{
    xtune_host *host = observed(f->backend);
    const xtune_usb_request request = { .host = host };
    xtune_plan *plan;

    assert_int_equal(xtune_plan_usb_detach(&request, &host->domains[1], device,
                                           &plan, NULL),
                     0);
    xtune_host_free(host);
    return plan;
}

static xtune_plan *to_remove_controller(const fixture *f)
{
    xtune_host *host = observed(f->backend);
    const xtune_usb_request request = { .host = host };
    xtune_plan *plan;

    assert_int_equal(xtune_plan_usb_no_controller(&request, &host->domains[1],
                                                  0, &plan, NULL),
                     0);
    xtune_host_free(host);
    return plan;
}

static xtune_plan *to_mend(const fixture *f)
{
    xtune_host *host = observed(f->backend);
    const xtune_usb_request request = { .host = host };
    xtune_plan *plan;

    assert_int_equal(xtune_plan_usb_mend(&request, &plan, NULL), 0);
    xtune_host_free(host);
    return plan;
}

static void note_step(void *opaque, enum xtune_step step,
                      const xtune_action *action, size_t index, size_t nr,
                      const char *note)
{
    fixture *f = opaque;
    const size_t len = strlen(f->steps);

    (void)index;
    (void)nr;
    snprintf(f->steps + len, sizeof(f->steps) - len, "%s%s %s%s%s%s",
             len ? ", " : "", action->object, step_word(step),
             note ? " (" : "", note ? note : "", note ? ")" : "");
}

/* Frees the plan. */
static int apply(fixture *f, xtune_plan *plan)
{
    const xtune_apply_options options = {
        .progress = note_step,
        .opaque = f,
    };
    int rc;

    f->steps[0] = '\0';
    rc = xtune_apply(f->backend, f->state, plan, &options, NULL, NULL);
    xtune_plan_free(plan);
    return rc;
}

static int roll_back(fixture *f)
{
    const xtune_apply_options options = {
        .progress = note_step,
        .opaque = f,
    };
    unsigned int id;

    f->steps[0] = '\0';
    return xtune_rollback(f->backend, f->state, &options, &id, NULL);
}

static void given_and_rolled_back(void **state)
{
    fixture f = on(LIST(DISK("1-2", "3")), LIST(HVM("")), NULL);

    (void)state;
    assert_int_equal(apply(&f, to_attach(&f, "1-2")), 0);
    assert_string_equal(where_is(&f, "1-2"), "web 0/1");
    assert_string_equal(f.steps, "web/usb0 done, web/1-2 done");
    expect_plan(0, to_attach(&f, "1-2"), NULL, "");
    assert_int_equal(roll_back(&f), 0);
    expect_before(&f);
    done(&f);
}

static void taken_and_rolled_back(void **state)
{
    fixture f = on(LIST(GIVEN("1-2", "3"), GIVEN("1-3", "4")),
                   LIST(HVM(XHCI("'1-2', null, '1-3'"))), NULL);

    (void)state;
    assert_int_equal(apply(&f, to_remove_controller(&f)), 0);
    assert_int_equal(nr_controllers(&f), 0);
    assert_int_equal(roll_back(&f), 0);
    assert_string_equal(where_is(&f, "1-2"), "web 0/1");
    assert_string_equal(where_is(&f, "1-3"), "web 0/3");
    done(&f);
}

/* Whichever change is spoiled, the host is as it was. */
static void spoiled_at_every_change(void **state)
{
    static const char *const how[] = { "fail", "half", "lie", "deny" };
    size_t i;
    unsigned int n;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(how); i++)
        for (n = 1; n <= 4; n++) {
            XT_CLEANUP_FREE char *fault = xt_xprintf("%s:%u", how[i], n);
            fixture f = on(LIST(DISK("1-2", "3"), GIVEN("1-3", "4")),
                           LIST(HVM(XHCI("'1-3'"))), fault);

            if (!apply(&f, to_attach(&f, "1-2"))) {
                /* There is one change less. */
                assert_true(n > 2);
                assert_string_equal(where_is(&f, "1-2"), "web 1/1");
            } else if (strcmp(how[i], "deny") != 0) {
                expect_before(&f);
                assert_false(xtune_state_is_interrupted(f.state));
            }
            done(&f);
        }
}

/* The device model has it not in the end: nothing of it is left. */
static void what_is_half_given_is_taken_back(void **state)
{
    fixture f = on(LIST(DISK("1-2", "3")), LIST(HVM(EHCI(FREE6))), "half:1");

    (void)state;
    assert_int_not_equal(apply(&f, to_attach(&f, "1-2")), 0);
    assert_string_equal(f.steps, "web/1-2 failed");
    assert_string_equal(where_is(&f, "1-2"), "-");
    expect_before(&f);
    done(&f);
}

/* What was cleaned up before it stays so. */
static void what_was_in_the_way_stays_away(void **state)
{
    fixture f =
        on(LIST(DISK("1-2", "3")),
           LIST(HVM(""), DOMAIN("2", "db", "hvm", XHCI("'1-7'"))), "fail:3");

    (void)state;
    assert_int_not_equal(apply(&f, to_attach(&f, "1-2")), 0);
    assert_string_equal(f.steps,
                        "db/1-7 done, web/usb0 done, web/1-2 failed, web/usb0 "
                        "undone, db/1-7 undone (it was not there any more)");
    assert_false(xtune_state_is_interrupted(f.state));
    assert_int_equal(nr_controllers(&f), 0);
    assert_int_equal(apply(&f, to_attach(&f, "1-2")), 0);
    assert_string_equal(f.steps, "web/usb0 done, web/1-2 done");
    done(&f);
}

static void gone_before_it_was_given(void **state)
{
    fixture f = on(LIST(DISK("1-2", "3")), LIST(HVM("")), NULL);
    xtune_plan *plan = to_attach(&f, "1-2");

    (void)state;
    pull_out(&f, "1-2");
    assert_int_equal(apply(&f, plan), XTUNE_ERR_NOT_FOUND);
    assert_int_equal(nr_controllers(&f), 0);
    assert_false(xtune_state_is_interrupted(f.state));
    done(&f);
}

/* Another hand was there between. */
static void not_as_the_plan_found_it(void **state)
{
    fixture f = on(LIST(DISK("1-2", "3")), LIST(HVM(EHCI(FREE6))), NULL);
    xtune_plan *plan = to_attach(&f, "1-2");

    (void)state;
    assert_int_equal(apply(&f, to_attach(&f, "1-2")), 0);
    assert_int_equal(apply(&f, plan), XTUNE_ERR_CHANGED);
    assert_string_equal(where_is(&f, "1-2"), "web 0/1");
    plan = to_detach(&f, "1-2");
    plug_in_again(&f, "1-2");
    assert_string_equal(where_is(&f, "1-2"), "web 0/1!");
    /* It is to be taken back, and still is. */
    assert_int_equal(apply(&f, plan), XTUNE_ERR_CHANGED);
    assert_int_equal(apply(&f, to_detach(&f, "1-2")), 0);
    done(&f);
}

/* What was looked at was another device, of which the policy may say
 * something else. */
static void another_one_in_its_place(void **state)
{
    fixture f = on(LIST(DISK("1-2", "3")), LIST(HVM("")), NULL);
    xtune_plan *plan = to_attach(&f, "1-2");

    (void)state;
    swap(&f, "1-2", "1667", NULL);
    assert_int_equal(apply(&f, plan), XTUNE_ERR_CHANGED);
    assert_string_equal(f.steps,
                        "web/usb0 done, web/1-2 failed, web/usb0 undone");
    assert_string_equal(where_is(&f, "1-2"), "-");
    plan = to_attach(&f, "1-2");
    swap(&f, "1-2", "1667", "another");
    assert_int_equal(apply(&f, plan), XTUNE_ERR_CHANGED);
    assert_int_equal(apply(&f, to_attach(&f, "1-2")), 0);
    done(&f);
}

/* Rolling back what cannot be any more. */

static void swapped_after_it_was_taken(void **state)
{
    fixture f = on(LIST(GIVEN("1-2", "3"), GIVEN("1-3", "4")),
                   LIST(HVM(XHCI("'1-2', '1-3'"))), NULL);

    (void)state;
    assert_int_equal(apply(&f, to_remove_controller(&f)), 0);
    swap(&f, "1-2", "1667", NULL);
    assert_int_equal(roll_back(&f), 0);
    assert_string_equal(f.steps,
                        "web/usb0 done, web/1-3 done, web/1-2 done (another "
                        "device is plugged in there)");
    assert_string_equal(where_is(&f, "1-3"), "web 0/2");
    assert_string_equal(where_is(&f, "1-2"), "-");
    done(&f);
}

static void pulled_out_after_it_was_given(void **state)
{
    fixture f = on(LIST(DISK("1-2", "3")), LIST(HVM("")), NULL);

    (void)state;
    assert_int_equal(apply(&f, to_attach(&f, "1-2")), 0);
    pull_out(&f, "1-2");
    assert_string_equal(where_is(&f, "1-2"), "web 0/1!");
    assert_int_equal(roll_back(&f), 0);
    assert_string_equal(where_is(&f, "1-2"), "-");
    assert_int_equal(nr_controllers(&f), 0);
    done(&f);
}

static void plugged_in_again_after_it_was_given(void **state)
{
    fixture f = on(LIST(DISK("1-2", "3")), LIST(HVM("")), NULL);

    (void)state;
    assert_int_equal(apply(&f, to_attach(&f, "1-2")), 0);
    plug_in_again(&f, "1-2");
    assert_int_equal(roll_back(&f), 0);
    assert_string_equal(where_is(&f, "1-2"), "-");
    done(&f);
}

static void pulled_out_after_it_was_taken(void **state)
{
    fixture f = on(LIST(GIVEN("1-2", "3"), GIVEN("1-3", "4")),
                   LIST(HVM(XHCI("'1-2', '1-3'"))), NULL);

    (void)state;
    assert_int_equal(apply(&f, to_remove_controller(&f)), 0);
    pull_out(&f, "1-2");
    assert_int_equal(roll_back(&f), 0);
    assert_string_equal(f.steps,
                        "web/usb0 done, web/1-3 done, web/1-2 done (it is not "
                        "plugged in any more)");
    assert_string_equal(where_is(&f, "1-3"), "web 0/2");
    assert_string_equal(where_is(&f, "1-2"), "-");
    done(&f);
}

/* What was mended is not broken again. */
static void mended_and_rolled_back(void **state)
{
    fixture f =
        on(LIST(DISK("1-2", "3")), LIST(HVM(XHCI("'1-7', '1-2'"))), NULL);

    (void)state;
    assert_int_equal(apply(&f, to_mend(&f)), 0);
    assert_string_equal(where_is(&f, "1-7"), "-");
    assert_string_equal(where_is(&f, "1-2"), "-");
    expect_plan(0, to_mend(&f), NULL, "");
    assert_int_equal(roll_back(&f), 0);
    assert_string_equal(
        f.steps, "web/1-2 done (it was not there any more), web/1-7 done (it "
                 "was not there any more)");
    assert_string_equal(where_is(&f, "1-2"), "-");
    done(&f);
}

static void back_in_its_place_and_rolled_back(void **state)
{
    fixture f =
        on(LIST(DISK("1-2", "3")), LIST(HVM(XHCI("null, '1-2'"))), NULL);

    (void)state;
    assert_int_equal(apply(&f, to_attach(&f, "1-2")), 0);
    assert_string_equal(where_is(&f, "1-2"), "web 0/2");
    assert_int_equal(roll_back(&f), 0);
    assert_string_equal(where_is(&f, "1-2"), "-");
    done(&f);
}

/* What another hand has put into the controller stays. */
static void a_controller_in_use_is_left(void **state)
{
    fixture f =
        on(LIST(DISK("1-2", "3"), DISK("1-3", "4")), LIST(HVM("")), NULL);
    const xt_domain_ref web = { 1, "00000001-0000-4000-8000-00000000000a",
                                "web" };

    (void)state;
    assert_int_equal(apply(&f, to_attach(&f, "1-2")), 0);
    assert_int_equal(
        f.backend->ops->attach_usb(f.backend, &web, "1-3", 0, 2, -1, NULL), 0);
    assert_int_equal(f.backend->ops->commit(f.backend, NULL), 0);
    assert_int_equal(roll_back(&f), XTUNE_ERR_REFUSED);
    assert_string_equal(where_is(&f, "1-3"), "web 0/2");
    assert_string_equal(where_is(&f, "1-2"), "web 0/1");
    /* With nothing else in it the controller goes as well. */
    assert_int_equal(
        f.backend->ops->detach_usb(f.backend, &web, "1-3", -1, NULL), 0);
    assert_int_equal(f.backend->ops->commit(f.backend, NULL), 0);
    assert_int_equal(roll_back(&f), 0);
    expect_before(&f);
    done(&f);
}

/* Drivers. */

#define VENDORS(path, address)                                                \
    USB(path, address, "1d6b", "0104",                                        \
        KNOWN SPEED("12") INTERFACES(                                         \
            INTERFACE("0", "ff", "00", "00",                                  \
                      "null") ", " INTERFACE("1", "03", "01", "01", "null")))

/* Linux has none for the one, and that is no failure; asked again it is tried
 * again. */
static void drivers_come_back(void **state)
{
    static const char none[] =
        "1-2 done (Linux has no driver for its interface 0)";
    fixture f = on(LIST(VENDORS("1-2", "3")), LIST(HVM("")), NULL);
    xtune_host *host;

    (void)state;
    assert_int_equal(apply(&f, to_mend(&f)), 0);
    assert_string_equal(f.steps, none);
    host = observed(f.backend);
    assert_null(host->usb[0].interfaces[0].driver);
    assert_string_equal(host->usb[0].interfaces[1].driver, "usbhid");
    xtune_host_free(host);
    assert_int_equal(apply(&f, to_mend(&f)), 0);
    assert_string_equal(f.steps, none);
    /* A driver that came is not taken away. */
    assert_int_equal(roll_back(&f), 0);
    assert_string_equal(f.steps, "");
    done(&f);
}

/* Linux was quicker, or the device is gone. */
static void drivers_that_came_before(void **state)
{
    fixture f =
        on(LIST(VENDORS("1-2", "3"), DISK("1-3", "4")), LIST(HVM("")), NULL);
    xtune_plan *first = to_mend(&f), *second = to_mend(&f);
    xtune_host *host = observed(f.backend);

    (void)state;
    host->usb[0].interfaces[0].driver = "gadget";
    host->usb[0].interfaces[1].driver = "usbhid";
    write_host(host);
    xtune_host_free(host);
    assert_int_equal(apply(&f, first), 0);
    assert_string_equal(f.steps, "1-2 done");
    pull_out(&f, "1-2");
    assert_int_equal(apply(&f, second), 0);
    assert_string_equal(f.steps, "1-2 done");
    done(&f);
}

/* Cut off: recover undoes whatever has been made of the actions. */

static int make_first(const fixture *f, const xtune_plan *plan, size_t nr)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_results results = { .arena = arena };
    xt_engine engine = {
        .hands = { .backend = f->backend, .lock_fd = -1 },
        .actions = plan->actions,
        .nr_actions = nr,
    };
    size_t failed;

    return xt_engine_do(&engine, &results, &failed, NULL);
}

static void undo_all(fixture *f, const xtune_plan *plan)
{
    const xtune_apply_options options = {
        .progress = note_step,
        .opaque = f,
    };
    const xt_engine engine = {
        .hands = { .backend = f->backend, .options = &options, .lock_fd = -1 },
        .actions = plan->actions,
        .nr_actions = plan->nr_actions,
        .nr_begun = plan->nr_actions,
    };
    size_t left = 77;

    f->steps[0] = '\0';
    assert_int_equal(
        xt_engine_undo(&engine, plan->nr_actions, false, &left, NULL), 0);
    assert_int_equal(left, 0);
    assert_int_equal(f->backend->ops->commit(f->backend, NULL), 0);
}

static void cut_off_after_any(void **state)
{
    size_t nr;

    (void)state;
    for (nr = 0; nr <= 2; nr++) {
        fixture f = on(LIST(DISK("1-2", "3")), LIST(HVM("")), NULL);
        xtune_plan *plan = to_attach(&f, "1-2");

        assert_int_equal(plan->nr_actions, 2);
        assert_int_equal(make_first(&f, plan, nr), 0);
        undo_all(&f, plan);
        expect_before(&f);
        xtune_plan_free(plan);
        done(&f);
    }
}

/* The toolstack says that the guest has it, the device model does not. */
static void cut_off_within(void **state)
{
    fixture f = on(LIST(DISK("1-2", "3")), LIST(HVM("")), NULL);
    xtune_plan *plan = to_attach(&f, "1-2");

    (void)state;
    assert_int_equal(make_first(&f, plan, 2), 0);
    assert_int_equal(f.backend->ops->commit(f.backend, NULL), 0);
    plug_in_again(&f, "1-2");
    assert_string_equal(where_is(&f, "1-2"), "web 0/1!");
    undo_all(&f, plan);
    assert_string_equal(f.steps, "web/1-2 undone, web/usb0 undone");
    assert_string_equal(where_is(&f, "1-2"), "-");
    assert_int_equal(nr_controllers(&f), 0);
    xtune_plan_free(plan);
    done(&f);
}

/* Between the port that it is in no longer and the same port again. */
static void cut_off_on_its_way_back(void **state)
{
    fixture f =
        on(LIST(DISK("1-2", "3")), LIST(HVM(XHCI("null, '1-2'"))), NULL);
    const xt_domain_ref web = { 1, "00000001-0000-4000-8000-00000000000a",
                                "web" };
    xtune_plan *plan = to_attach(&f, "1-2");

    (void)state;
    assert_int_equal(
        f.backend->ops->detach_usb(f.backend, &web, "1-2", -1, NULL), 0);
    undo_all(&f, plan);
    assert_string_equal(f.steps, "web/1-2 undone (it was not there any more)");
    assert_string_equal(where_is(&f, "1-2"), "-");
    xtune_plan_free(plan);
    done(&f);
}

/* Taken back, pulled out, and then the next change was cut off: what cannot
 * be put back keeps nothing else from it, nor a recovery from its end. */
static void cut_off_and_pulled_out(void **state)
{
    fixture f = on(LIST(GIVEN("1-2", "3"), GIVEN("1-3", "4")),
                   LIST(HVM(XHCI("'1-2', '1-3'"))), NULL);
    xtune_plan *plan = to_remove_controller(&f);

    (void)state;
    assert_int_equal(make_first(&f, plan, 3), 0);
    assert_int_equal(f.backend->ops->commit(f.backend, NULL), 0);
    pull_out(&f, "1-3");
    undo_all(&f, plan);
    assert_string_equal(f.steps,
                        "web/usb0 undone, web/1-3 undone (it is not plugged "
                        "in any more), web/1-2 undone");
    assert_string_equal(where_is(&f, "1-2"), "web 0/1");
    xtune_plan_free(plan);
    done(&f);
}

/* The guest is on its way out: it is there, and nothing can be done to it. */

static int no_attach(xtune_backend *backend, const xt_domain_ref *domain,
                     const char *device, uint32_t controller, uint32_t port,
                     int lock_fd, xtune_error **err)
{
    (void)backend;
    (void)domain;
    (void)controller;
    (void)port;
    (void)lock_fd;
    return xtune_error_set(err, XTUNE_ERR_IO, 0, device, NULL, "no answer");
}

static int gone(xtune_backend *backend, const xt_domain_ref *domain,
                uint32_t id, int lock_fd, xtune_error **err)
{
    (void)backend;
    (void)id;
    (void)lock_fd;
    return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, domain->name, NULL,
                           "the domain is gone");
}

static void nothing_is_undone_of_what_dies(void **state)
{
    fixture f = on(LIST(DISK("1-2", "3")), LIST(HVM("")), NULL);
    struct xt_backend_ops ops = *f.backend->ops;

    (void)state;
    ops.attach_usb = no_attach;
    ops.remove_usb_controller = gone;
    f.backend->ops = &ops;
    assert_int_equal(apply(&f, to_attach(&f, "1-2")), XTUNE_ERR_IO);
    assert_string_equal(f.steps,
                        "web/usb0 done, web/1-2 failed, web/usb0 gone");
    assert_false(xtune_state_is_interrupted(f.state));
    done(&f);
}

/* Who left it has to know it for its own. */
static void left_by(void **state)
{
    const xtune_apply_options options = { .title = "watch" };
    fixture f = on(LIST(DISK("1-2", "3")), LIST(HVM("")), "deny:2");
    xtune_plan *plan = to_attach(&f, "1-2");

    (void)state;
    assert_false(xtune_state_is_interrupted_by(f.state, "watch"));
    assert_int_not_equal(
        xtune_apply(f.backend, f.state, plan, &options, NULL, NULL), 0);
    assert_true(xtune_state_is_interrupted_by(f.state, "watch"));
    assert_false(xtune_state_is_interrupted_by(f.state, "wat"));
    assert_false(xtune_state_is_interrupted_by(f.state, "apply"));
    xtune_plan_free(plan);
    done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(given_and_rolled_back),
        cmocka_unit_test(taken_and_rolled_back),
        cmocka_unit_test(spoiled_at_every_change),
        cmocka_unit_test(what_is_half_given_is_taken_back),
        cmocka_unit_test(what_was_in_the_way_stays_away),
        cmocka_unit_test(gone_before_it_was_given),
        cmocka_unit_test(not_as_the_plan_found_it),
        cmocka_unit_test(another_one_in_its_place),
        cmocka_unit_test(swapped_after_it_was_taken),
        cmocka_unit_test(pulled_out_after_it_was_given),
        cmocka_unit_test(plugged_in_again_after_it_was_given),
        cmocka_unit_test(pulled_out_after_it_was_taken),
        cmocka_unit_test(mended_and_rolled_back),
        cmocka_unit_test(back_in_its_place_and_rolled_back),
        cmocka_unit_test(a_controller_in_use_is_left),
        cmocka_unit_test(drivers_come_back),
        cmocka_unit_test(drivers_that_came_before),
        cmocka_unit_test(cut_off_after_any),
        cmocka_unit_test(cut_off_within),
        cmocka_unit_test(cut_off_on_its_way_back),
        cmocka_unit_test(cut_off_and_pulled_out),
        cmocka_unit_test(nothing_is_undone_of_what_dies),
        cmocka_unit_test(left_by),
    };

    return cmocka_run_group_tests(tests, make_host_folder, remove_host_folder);
}
