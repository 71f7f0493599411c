/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Devices that come to a domain which has some already, on a host in a file.
 */
#include "backend/backend.h"
#include "base/util.h"
#include "pci_host.h"

#define MAX_DEVICES 9

/* One more than nr, which is the first, or the last of them. */
static void check_one_more(size_t nr, bool first)
{
    static const char *const addresses[MAX_DEVICES] = {
        "0000:01:00.0", "0000:02:00.0", "0000:03:00.0",
        "0000:04:00.0", "0000:05:00.0", "0000:06:00.0",
        "0000:07:00.0", "0000:08:00.0", "0000:09:00.0",
    };
    xtune_host *host = host_with_devices(addresses, nr + 1);
    XT_CLEANUP_FREE char *all = NULL, *after = NULL;
    xtune_attachment one = { .address = addresses[first ? 0 : nr],
                             .slot = XTUNE_NONE };
    const xtune_observe what = { .parts = XTUNE_OBSERVE_ALL };
    xtune_domain *domain = add_domain(host, "web1", XTUNE_TYPE_HVM, NULL);
    const xt_domain_ref ref = { .domid = 1,
                                .uuid = domain->uuid,
                                .name = "web1" };
    xtune_backend *backend;
    xtune_host *then;
    size_t i;

    domain->pci = XTUNE_NEW_ARRAY(host->arena, const char *, nr + 1);
    domain->nr_pci = nr + 1;
    for (i = 0; i <= nr; i++) {
        domain->pci[i] = addresses[i];
        host->pci[i].driver = "pciback";
        host->pci[i].assignable = true;
    }
    strcpy(domain->uuid, "00000001-0000-4000-8000-00000000000a");
    host->pci[first ? 0 : nr].claimed_by = 1;
    domain->attached = XTUNE_NEW_ARRAY(host->arena, xtune_attachment, 1);
    domain->attached[0] = one;
    domain->nr_attached = 1;
    all = xtune_host_to_json(host);
    host->pci[first ? 0 : nr].claimed_by = XTUNE_NONE;
    domain->pci += first;
    domain->nr_pci = nr;
    domain->nr_attached = 0;
    assert_int_equal(xt_backend_open_copy(host, &backend, NULL), 0);
    assert_int_equal(backend->ops->attach_pci(backend, &ref, &one, -1, NULL),
                     0);
    assert_int_equal(xtune_backend_observe(backend, &what, &then, NULL), 0);
    after = xtune_host_to_json(then);
    assert_string_equal(after, all);
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
