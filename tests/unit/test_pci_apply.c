/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Changes of devices that another hand comes between. */
#include "apply/kinds.h"
#include "backend/backend.h"
#include "pci_host.h"

#define ADDRESS "0000:21:00.0"

typedef struct fixture {
    xtune_host *host;
    xtune_backend *backend;
    xtune_arena *arena;
} fixture;

/* pciback has the device; claimed_by is what the store says. */
static fixture set_up(uint32_t claimed_by)
{
    static const char *const addresses[] = { ADDRESS };
    fixture f = { .host = host_with_devices(addresses, 1),
                  .arena = xtune_arena_new() };
    size_t i;

    f.host->pci[0].driver = "pciback";
    f.host->pci[0].assignable = true;
    f.host->pci[0].former_driver = "e1000";
    f.host->pci[0].claimed_by = claimed_by;
    add_domain(f.host, "mine", XTUNE_TYPE_HVM, NULL);
    add_domain(f.host, "other", XTUNE_TYPE_HVM, NULL);
    for (i = 0; i < f.host->nr_domains; i++) {
        memcpy(f.host->domains[i].uuid, "0000000x-0000-4000-8000-000000000000",
               sizeof(f.host->domains[i].uuid));
        f.host->domains[i].uuid[7] = (char)('1' + i);
    }
    assert_int_equal(xt_backend_open_copy(f.host, &f.backend, NULL), 0);
    return f;
}

static void tear_down(fixture *f)
{
    xtune_backend_close(f->backend);
    xtune_host_free(f->host);
    xtune_arena_free(f->arena);
}

static const xt_json *parse(const fixture *f, const char *text)
{
    xt_json *json = NULL;

    assert_int_equal(
        xt_json_parse(f->arena, text, strlen(text), "", &json, NULL), 0);
    return json;
}

static int write_as(const fixture *f, const xt_action_kind *kind,
                    const xtune_action *action, const xt_json *value)
{
    const xt_hands hands = { .backend = f->backend, .lock_fd = -1 };
    xt_made made = { .note = NULL };

    return kind->write(&hands, action, value, f->arena, &made, NULL);
}

static void expect_now(const fixture *f, const char *text)
{
    xt_json *now;

    assert_int_equal(
        f->backend->ops->get_pci(f->backend, ADDRESS, f->arena, &now, NULL),
        0);
    assert_true(xt_json_equal(now, parse(f, text)));
}

#define PCIBACKS                                                              \
    "{\"driver\":\"pciback\",\"slot\":true,\"pciback\":true,"                 \
    "\"name\":null,"                                                          \
    "\"former_driver\":\"e1000\",\"claimed_by\":"

/* xl says first that a domain has it, and needs seconds to give it: that must
 * not be taken for what a failure has left. */
static void foreign_claim_stays(void **state)
{
    fixture f = set_up(2);
    const xtune_action action = {
        .kind = "pci",
        .object = "mine/" ADDRESS,
        .target = parse(&f, "{\"domid\":1,\"uuid\":\"00000001-0000-4000-8000-"
                            "000000000000\",\"address\":\"" ADDRESS "\"}"),
        .old = parse(&f, "null"),
        .new =
            parse(&f, "{\"slot\":null,\"function\":0,\"msitranslate\":false,"
                      "\"power_mgmt\":false,\"permissive\":false,"
                      "\"relaxed\":false}"),
    };

    (void)state;
    assert_int_equal(
        write_as(&f, xt_action_kind_find("pci"), &action, action.new),
        XTUNE_ERR_REFUSED);
    expect_now(&f, PCIBACKS "2}");
    tear_down(&f);
}

/* Rolled back while xl gives it to a domain. */
static void claimed_is_not_given_back(void **state)
{
    fixture f = set_up(2);
    const xtune_action action = {
        .kind = "pci-assignable",
        .object = ADDRESS,
        .target = parse(&f, "{\"address\":\"" ADDRESS "\"}"),
        .old = parse(&f, "{\"driver\":\"e1000\",\"name\":null,"
                         "\"former_driver\":null,\"claimed_by\":null}"),
        .new = parse(&f, PCIBACKS "null}"),
    };

    (void)state;
    assert_int_equal(write_as(&f, xt_action_kind_find("pci-assignable"),
                              &action, action.old),
                     XTUNE_ERR_REFUSED);
    expect_now(&f, PCIBACKS "2}");
    tear_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(foreign_claim_stays),
        cmocka_unit_test(claimed_is_not_given_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
