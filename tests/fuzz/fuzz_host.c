/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A host from any bytes; what is accepted must be canonical when printed. */
#include <stdlib.h>
#include <string.h>

#include <xtune/host.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_canonical(const xtune_host *host)
{
    char *once = xtune_host_to_json(host), *twice;
    xtune_host *again;

    if (xtune_host_from_json(once, strlen(once), "f", &again, NULL)) abort();
    twice = xtune_host_to_json(again);
    if (strcmp(once, twice)) abort();
    xtune_host_free(again);
    free(once);
    free(twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    xtune_host *host;

    if (xtune_host_from_json((const char *)data, size, "f", &host, NULL))
        return 0;
    check_canonical(host);
    xtune_host_free(host);
    return 0;
}
