/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/pci_address.h"

#include <string.h>

bool xt_pci_address_is_valid(const char *text)
{
    const size_t domain = strspn(text, "0123456789abcdef");
    const char *p = text + domain;

    if (domain < 4 || domain > 8 || p[0] != ':') return false;
    return strspn(p + 1, "0123456789abcdef") == 2 && p[3] == ':' &&
           strspn(p + 4, "0123456789abcdef") == 2 && strchr("01", p[4]) &&
           p[6] == '.' && strchr("01234567", p[7]) && p[7] && !p[8];
}
