/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names that devices are made assignable with. */
#include <ctype.h>
#include <string.h>

#include <xtune/pci.h>

#define MAX_NAME 64 /* libxl's */

const char *xtune_pci_name_fault(const char *name)
{
    xtune_pci_address address;
    const char *p;

    if (!*name) return "it is empty";
    if (strlen(name) > MAX_NAME) return "it has more than 64 bytes";
    for (p = name; *p; p++)
        if (!isgraph((unsigned char)*p) || (unsigned char)*p > 126)
            return "only printable ASCII without blanks is";
    if (!xtune_pci_address_parse(name, &address, NULL))
        return "it is an address";
    return NULL;
}
