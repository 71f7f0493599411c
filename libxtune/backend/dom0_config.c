/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Registers are those of the PCI Local Bus 3.0 and PCI Express 5.0
 * specifications; Linux has them in include/uapi/linux/pci_regs.h. */
#include "backend/dom0_config.h"

#include <string.h>

#define HEADER_BYTES 64
#define CONFIG_BYTES 256
#define EXTENDED_BYTES 4096

#define STATUS 0x06
#define STATUS_CAPABILITIES 0x10
#define HEADER_TYPE 0x0e
#define CAPABILITIES 0x34
#define CARDBUS_CAPABILITIES 0x14

enum {
    CAP_PM = 0x01,
    CAP_MSI = 0x05,
    CAP_PCIE = 0x10,
    CAP_MSIX = 0x11,
    CAP_AF = 0x13,
    EXTENDED_SERIAL = 0x0003
};

typedef struct space {
    const uint8_t *bytes;
    size_t len;
} space;

/* What lies beyond reads as from a device that is gone. */
static uint32_t read_at(const space *s, size_t at, size_t size)
{
    uint32_t value = 0;
    size_t i;

    if (at > s->len || size > s->len - at) return UINT32_MAX;
    for (i = 0; i < size; i++)
        value |= (uint32_t)s->bytes[at + i] << (8 * i);
    return value;
}

static void take_capability(const space *s, size_t at, xt_dom0_config *config)
{
    uint32_t value;

    switch (s->bytes[at]) {
    case CAP_PM:
        /* Without "no soft reset" it is reset on its way from D3hot. */
        config->pm = !(read_at(s, at + 4, 2) & 0x8);
        break;
    case CAP_MSI:
        value = (read_at(s, at + 2, 2) >> 1) & 7;
        config->msi = value <= 5 ? 1u << value : 0;
        break;
    case CAP_MSIX:
        value = read_at(s, at + 2, 2);
        config->msix = (value & 0x7ff) + 1;
        break;
    case CAP_PCIE:
        value = read_at(s, at + 4, 4);
        config->flr = value != UINT32_MAX && value & (1u << 28);
        break;
    case CAP_AF:
        /* Linux wants it to tell as well what is under way. */
        config->af_flr = at + 4 <= s->len && (s->bytes[at + 3] & 3) == 3;
        break;
    }
}

static bool walk_capabilities(const space *s, uint8_t header,
                              xt_dom0_config *config)
{
    bool seen[CONFIG_BYTES / 4] = { false }, is_express = false;
    size_t at;

    if (!(read_at(s, STATUS, 2) & STATUS_CAPABILITIES)) return false;
    at = s->bytes[header == 2 ? CARDBUS_CAPABILITIES : CAPABILITIES];
    for (;;) {
        at &= ~(size_t)3;
        if (at < HEADER_BYTES || at + 4 > CONFIG_BYTES || seen[at / 4]) break;
        seen[at / 4] = true;
        if (s->bytes[at] == 0xff) break;
        is_express |= s->bytes[at] == CAP_PCIE;
        take_capability(s, at, config);
        at = s->bytes[at + 1];
    }
    return is_express;
}

static uint64_t find_serial(const space *s)
{
    bool seen[EXTENDED_BYTES / 4] = { false };
    size_t at = CONFIG_BYTES;
    uint64_t serial;
    uint32_t head;

    while (at >= CONFIG_BYTES && at + 12 <= EXTENDED_BYTES && !seen[at / 4]) {
        seen[at / 4] = true;
        head = read_at(s, at, 4);
        if (!head || head == UINT32_MAX) break;
        if ((head & 0xffff) == EXTENDED_SERIAL) {
            serial =
                (uint64_t)read_at(s, at + 8, 4) << 32 | read_at(s, at + 4, 4);
            return serial == UINT64_MAX ? 0 : serial;
        }
        at = (head >> 20) & ~3u;
    }
    return 0;
}

bool xt_dom0_parse_config(const uint8_t *bytes, size_t len,
                          xt_dom0_config *config_r)
{
    const space s = { bytes, len };
    uint8_t header;
    bool is_express;

    memset(config_r, 0, sizeof(*config_r));
    if (len < HEADER_BYTES || read_at(&s, 0, 4) == UINT32_MAX) return false;
    header = bytes[HEADER_TYPE] & 0x7f;
    config_r->is_bridge = header == 1 || header == 2;
    if (len < CONFIG_BYTES) return true;
    config_r->has_capabilities = true;
    is_express = walk_capabilities(&s, header, config_r);
    if (is_express && len >= EXTENDED_BYTES)
        config_r->serial = find_serial(&s);
    return true;
}
