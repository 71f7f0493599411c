/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Interrupts: what devices may take, and what Xen lets a guest have. */
#include <string.h>

#include "base/util.h"
#include "pci/parts.h"

#define DEFAULT_EXTRA_IRQS 32 /* Xen: DEFAULT_EXTRA_DOMU_IRQS */
#define MAX_IRQS 32768        /* of all kinds, on x86 */

/* A driver takes MSI-X or MSI, not both. */
unsigned int xtune_pci_vectors(const xtune_pci *const *devices, size_t nr)
{
    unsigned int sum = 0;
    size_t i;

    for (i = 0; i < nr; i++) {
        const uint32_t msi = xt_pci_known(devices[i]->msi);
        const uint32_t msix = xt_pci_known(devices[i]->msix);

        if (__builtin_add_overflow(sum, msix > msi ? msix : msi, &sum))
            return UINT32_MAX;
    }
    return sum;
}

/* As Xen reads it: 0x for hexadecimal, 0 for octal. */
static bool read_count(const char *text, size_t len, unsigned int *count_r)
{
    char copy[16];
    uint64_t value;
    unsigned int base = 10;
    const char *digits = copy;

    if (!len || len >= sizeof(copy)) return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    if (copy[0] == '0' && (copy[1] == 'x' || copy[1] == 'X')) {
        base = 16;
        digits += 2;
    } else if (copy[0] == '0') {
        base = 8;
    }
    if (!xt_parse_u64(digits, base, MAX_IRQS, &value)) return false;
    *count_r = (unsigned int)value;
    return true;
}

/* "[DOMU][,DOM0]" of len bytes. Where it is no such thing it does not count;
 * what it leaves out stays as it was. */
static void read_setting(const char *text, size_t len, unsigned int *domu_r,
                         unsigned int *dom0_r)
{
    const char *comma = memchr(text, ',', len);
    const size_t first = comma ? (size_t)(comma - text) : len;
    const size_t second = comma ? len - first - 1 : 0;
    unsigned int domu = *domu_r, dom0 = *dom0_r;

    if (first && !read_count(text, first, &domu)) return;
    if (second && !read_count(comma + 1, second, &dom0)) return;
    *domu_r = domu;
    *dom0_r = dom0;
}

void xt_pci_extra_irqs(const xtune_host *host, unsigned int *domu_r,
                       unsigned int *dom0_r)
{
    static const char key[] = "extra_guest_irqs=";
    const char *word = host->xen.command_line ? host->xen.command_line : "";
    size_t len;

    *domu_r = DEFAULT_EXTRA_IRQS;
    *dom0_r = 0;
    for (;; word += len) {
        word += strspn(word, " ");
        len = strcspn(word, " ");
        if (!len) return;
        if (len >= sizeof(key) && !memcmp(word, key, sizeof(key) - 1))
            read_setting(word + sizeof(key) - 1, len - (sizeof(key) - 1),
                         domu_r, dom0_r);
    }
}

unsigned int xtune_pci_extra_irqs(const xtune_host *host)
{
    unsigned int domu, dom0;

    xt_pci_extra_irqs(host, &domu, &dom0);
    return domu;
}
