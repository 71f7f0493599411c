/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the daemon does about devices that went or were plugged in again, where
 * one of the domains that had them does not let go. */
#include "usb_host.h"

#include "../../xltune/watch_usb.h"

#define HVM(id, name, path)                                                   \
    DOMAIN(id, name, "hvm",                                                   \
           CONTROLLER("0", "devicemodel", "2", "'" path "', null"))

/* The rest of the daemon, as far as these parts ask for it. */

static char *done;            /* objects of what was applied */
static const char *stubborn;  /* what begins so cannot be changed */
static enum applied obstacle; /* what comes of that */

uint64_t now_us(void)
{
    return SECOND_US;
}

void log_line(enum priority priority, const char *object, const char *fmt, ...)
{
    (void)priority;
    (void)object;
    (void)fmt;
}

void watch_usb_due(struct watch *w, uint64_t at_us)
{
    w->usb_us = at_us;
}

void watch_usb_problem(struct watch *w, xtune_error *err)
{
    assert_non_null(err);
    free(w->usb_problem);
    w->usb_problem = xtune_error_text(err);
    xtune_error_free(err);
}

bool watch_usb_waits(struct watch *w, enum applied result)
{
    (void)w;
    return result == APPLIED_LATER;
}

void watch_usb_note_came(struct watch *w, const char *path)
{
    usb_paths_add(&w->usb_came, path);
}

/* All of a plan, or nothing. */
enum applied watch_apply(struct watch *w, const xtune_plan *plan,
                         xtune_error **err_r)
{
    char *longer;
    size_t i;

    (void)w;
    for (i = 0; i < plan->nr_actions; i++)
        if (!strncmp(plan->actions[i].object, stubborn, strlen(stubborn))) {
            if (obstacle == APPLIED_FAILED)
                xtune_error_set(err_r, XTUNE_ERR_IO, 0, stubborn, NULL, "no");
            return obstacle;
        }
    for (i = 0; i < plan->nr_actions; i++) {
        longer = xt_xprintf("%s%s%s", done, *done ? " " : "",
                            plan->actions[i].object);
        free(done);
        done = longer;
    }
    return APPLIED_DONE;
}

static struct watch begin(xtune_host *host, const char *who,
                          enum applied result)
{
    stubborn = who;
    obstacle = result;
    done = xt_xstrdup("");
    return (struct watch){
        .usb = host,
        .usb_mend = true,
        .usb_fresh_us = NEVER_US,
    };
}

static void end(struct watch *w)
{
    free(done);
    free(w->usb_problem);
    free(w->usb_came.list);
    free(w->usb_freed.list);
    free(w->usb_replugged.list);
    xtune_host_free(w->usb);
}

/* Ports that say of devices that they are there. */
static void one_port_that_stays_keeps_no_other(void **state)
{
    struct watch w =
        begin(recorded_host("usb-stale"), "hvm1/", APPLIED_FAILED);

    (void)state;
    assert_true(watch_usb_mend(&w));
    assert_string_equal(done, "hvm2/1-3.1");
    assert_non_null(w.usb_problem);
    assert_true(w.usb_stuck);
    assert_false(w.usb_mend);
    end(&w);
}

static void all_ports_are_mended(void **state)
{
    struct watch w = begin(recorded_host("usb-stale"), "none", APPLIED_FAILED);

    (void)state;
    assert_true(watch_usb_mend(&w));
    assert_string_equal(done, "hvm1/1-8 hvm2/1-3.1");
    assert_null(w.usb_problem);
    assert_false(w.usb_stuck);
    end(&w);
}

/* Who waits for the lock has tried nothing. */
static void another_writer_is_waited_for(void **state)
{
    struct watch w = begin(recorded_host("usb-stale"), "hvm1/", APPLIED_LATER);

    (void)state;
    assert_true(watch_usb_mend(&w));
    assert_string_equal(done, "");
    assert_true(w.usb_mend);
    end(&w);
}

/* What a domain that is gone had, and dom0 does not drive yet. */
static void what_cannot_be_tried_is_not_forgotten(void **state)
{
    xtune_host *host = usb_host(
        LIST(USB("1-1", "7", "0951", "1666",
                 INTERFACES(INTERFACE("0", "08", "06", "50", "null")))),
        NONE, "");
    struct watch w = begin(host, "1-1", APPLIED_STUCK);

    (void)state;
    usb_paths_add(&w.usb_freed, "1-1");
    assert_true(watch_usb_mend(&w));
    assert_int_equal(w.usb_freed.nr, 1);
    assert_false(w.usb_stuck);
    w.usb_mend = true;
    obstacle = APPLIED_FAILED;
    assert_true(watch_usb_mend(&w));
    assert_int_equal(w.usb_freed.nr, 0);
    end(&w);
}

/* Devices that were plugged in again. */
static void one_device_that_stays_keeps_no_other(void **state)
{
    xtune_host *host =
        usb_host(LIST(STICK("1-1", "7", ""), STICK("1-2", "8", "")),
                 LIST(HVM("1", "a", "1-1"), HVM("2", "b", "1-2")), "");
    struct watch w = begin(host, "a/", APPLIED_FAILED);

    (void)state;
    usb_paths_add(&w.usb_replugged, "1-1");
    usb_paths_add(&w.usb_replugged, "1-2");
    watch_usb_mend_replugged(&w);
    assert_non_null(w.usb_problem);
    assert_true(watch_usb_mend_replugged(&w));
    assert_string_equal(done, "b/1-2");
    assert_true(usb_paths_have(&w.usb_came, "1-2"));
    /* It is tried again all the same. */
    assert_int_equal(w.usb_replugged.nr, 1);
    assert_string_equal(w.usb_replugged.list[0], "1-1");
    stubborn = "none";
    assert_true(watch_usb_mend_replugged(&w));
    assert_int_equal(w.usb_replugged.nr, 0);
    end(&w);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_port_that_stays_keeps_no_other),
        cmocka_unit_test(all_ports_are_mended),
        cmocka_unit_test(another_writer_is_waited_for),
        cmocka_unit_test(what_cannot_be_tried_is_not_forgotten),
        cmocka_unit_test(one_device_that_stays_keeps_no_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
