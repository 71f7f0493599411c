/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A device comes to a domain that has some already, on a host in a file. */
#include "backend/backend.h"
#include "base/util.h"
#include "pci_host.h"

#define MAX_DEVICES 9
#define OTHER "0000:0f:00.0" /* another domain's */
#define UUID "00000001-0000-4000-8000-00000000000a"

static const char *addresses[MAX_DEVICES + 1] = {
    "0000:01:00.0", "0000:02:00.0", "0000:03:00.0", "0000:04:00.0",
    "0000:05:00.0", "0000:06:00.0", "0000:07:00.0", "0000:08:00.0",
    "0000:09:00.0", OTHER,
};

static xtune_host *host_with(const char **held, size_t nr)
{
    xtune_host *host = host_with_devices(addresses, MAX_DEVICES + 1);
    xtune_domain *domain = add_domain(host, "web1", XTUNE_TYPE_HVM, NULL);
    size_t i;

    strcpy(domain->uuid, UUID);
    domain->pci = held;
    domain->nr_pci = nr;
    strcpy(add_domain(host, "db1", XTUNE_TYPE_HVM, OTHER)->uuid,
           "00000002-0000-4000-8000-00000000000a");
    for (i = 0; i <= MAX_DEVICES; i++) {
        host->pci[i].driver = "pciback";
        host->pci[i].assignable = true;
    }
    return host;
}

/* One comes to nr others: the first of all, or the last. */
static void check_one_more(size_t nr, bool first)
{
    const xt_pci_attachment one = { .address = addresses[first ? 0 : nr],
                                    .slot = XTUNE_NONE };
    const xt_domain_ref ref = { .domid = 1, .uuid = UUID, .name = "web1" };
    const xtune_observe what = { .parts = XTUNE_OBSERVE_ALL };
    xtune_host *host = host_with(addresses + first, nr), *then;
    xtune_backend *backend;
    size_t i;

    assert_int_equal(xt_backend_open_copy(host, &backend, NULL), 0);
    assert_int_equal(backend->ops->attach_pci(backend, &ref, &one, -1, NULL),
                     0);
    assert_int_equal(xtune_backend_observe(backend, &what, &then, NULL), 0);
    assert_int_equal(then->domains[0].nr_pci, nr + 1);
    for (i = 0; i <= nr; i++)
        assert_string_equal(then->domains[0].pci[i], addresses[i]);
    assert_int_equal(then->domains[1].nr_pci, 1);
    assert_string_equal(then->domains[1].pci[0], OTHER);
    xtune_host_free(then);
    xtune_backend_close(backend);
    xtune_host_free(host);
}

static void test_one_more(void **state)
{
    size_t nr;

    (void)state;
    for (nr = 0; nr < MAX_DEVICES; nr++) {
        check_one_more(nr, true);
        check_one_more(nr, false);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
