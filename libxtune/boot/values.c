/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether a parameter is one that Xen knows, and its value of the kind that
 * Xen reads (common/kernel.c, parse_params()).
 */
#include "boot/values.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <xtune/pci.h>

#include "base/near.h"
#include "base/util.h"
#include "boot/boot.h"
#include "boot/lines.h"
#include "boot/xen_names.h"
#include "host/findings.h"

#define MAX_PARAM_SIZE 1024 /* Xen cuts off what is longer */

int xt_boot_refuse(const xt_boot_asked *asked, const char *hint,
                   xtune_error **err, const char *fmt, ...)
{
    char text[512];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, asked->key, hint, "%s",
                           text);
}

void xt_boot_warn(const xt_boot_asked *asked, const char *hint,
                  const char *fmt, ...)
{
    char text[512];
    va_list args;

    if (!asked->findings) return;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    xt_findings_add(asked->findings, "command-line", XTUNE_FINDING_WARNING,
                    asked->key, hint, "%s", text);
}

bool xt_boot_is_boolean(const char *text, size_t len)
{
    static const char *const words[] = { "1",      "0",      "on",   "no",
                                         "yes",    "off",    "true", "false",
                                         "enable", "disable" };
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(words); i++)
        if (strlen(words[i]) == len && !memcmp(text, words[i], len))
            return true;
    return false;
}

static const xt_xen_name *find_name(const char *key, size_t len)
{
    size_t i;

    for (i = 0; i < xt_nr_xen_names; i++)
        if (strlen(xt_xen_names[i].name) == len &&
            !memcmp(xt_xen_names[i].name, key, len))
            return &xt_xen_names[i];
    return NULL;
}

/* "no-" turns a boolean round; "ivrs_ioapic[4]" is one of many. */
static const xt_xen_name *known_name(const char *key)
{
    const xt_xen_name *name = find_name(key, strcspn(key, "["));

    if (!name && !strncmp(key, "no-", 3))
        name = find_name(key + 3, strlen(key + 3));
    return name;
}

static int check_boolean(const xt_boot_asked *asked, xtune_error **err)
{
    if (!*asked->value ||
        xt_boot_is_boolean(asked->value, strlen(asked->value)))
        return 0;
    return xt_boot_refuse(asked, "write yes or no", err,
                          "Xen would not take \"%s\": it is neither yes nor "
                          "no",
                          asked->value);
}

/* As strtoll() with base 0, which Xen's own is like. */
static size_t number_len(const char *text)
{
    size_t sign = *text == '-', len;

    text += sign;
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        len = strspn(text + 2, "0123456789abcdefABCDEF");
        return len ? sign + 2 + len : 0;
    }
    if (text[0] == '0')
        len = strspn(text, "01234567");
    else
        len = strspn(text, "0123456789");
    return len ? sign + len : 0;
}

static int check_integer(const xt_boot_asked *asked, xtune_error **err)
{
    const size_t len = number_len(asked->value);

    if (len && !asked->value[len]) return 0;
    return xt_boot_refuse(asked, "write a number: 64, 0x40", err,
                          "Xen would not take \"%s\": it is no number",
                          asked->value);
}

static int check_size(const xt_boot_asked *asked, xtune_error **err)
{
    const size_t len = number_len(asked->value);
    const char *suffix = asked->value + len;

    if (len && *asked->value != '-' &&
        (!*suffix || (strchr("bBkKmMgGtT", *suffix) && !suffix[1])))
        return 0;
    return xt_boot_refuse(asked, "write a size: 512M, 4G", err,
                          "Xen would not take \"%s\": it is no size",
                          asked->value);
}

static int check_kind(const xt_boot_asked *asked, enum xt_xen_kind kind,
                      xtune_error **err)
{
    if (kind == XT_XEN_BOOLEAN) return check_boolean(asked, err);
    if (kind == XT_XEN_INTEGER) return check_integer(asked, err);
    if (kind == XT_XEN_SIZE) return check_size(asked, err);
    return 0;
}

/* One that Xen does not know, and says so only in its log. */
static void warn_unknown(const xt_boot_asked *asked)
{
    const char *near = NULL;
    size_t i;

    for (i = 0; i < xt_nr_xen_names && !near; i++)
        if (xt_is_near(asked->key, xt_xen_names[i].name))
            near = xt_xen_names[i].name;
    if (near)
        xt_boot_warn(asked, NULL, "Xen has no such parameter; \"%s\" is near",
                     near);
    else
        xt_boot_warn(asked, NULL, "Xen 4.14 to 4.20 have no such parameter");
}

static int check_xen(const xt_boot_asked *asked, xtune_error **err)
{
    const xt_xen_name *name = known_name(asked->key);
    int rc = 0;

    if (strlen(asked->key) + strlen(asked->value) + 2 > MAX_PARAM_SIZE)
        return xt_boot_refuse(asked, NULL, err,
                              "Xen would cut it off: it is longer than %d "
                              "characters",
                              MAX_PARAM_SIZE - 1);
    if (strpbrk(asked->value, " \t"))
        return xt_boot_refuse(asked, "write it without blanks", err,
                              "Xen knows no quotes, and would take what is "
                              "behind the blank in \"%s\" for another "
                              "parameter",
                              asked->value);
    if (!strcmp(asked->key, "xen-pciback.hide") ||
        !strcmp(asked->key, "pciback.hide"))
        return xt_boot_refuse(asked, "set it for dom0", err,
                              "it is Linux', and not Xen's");
    if (xt_boot_check_xen(asked, &rc, err)) return rc;
    if (name) return check_kind(asked, name->kind, err);
    warn_unknown(asked);
    return 0;
}

/* Devices that it names, and that there are not. */
static void warn_absent(const xt_boot_asked *asked,
                        const xtune_pci_hidden *hidden, size_t nr)
{
    size_t i, k;

    for (i = 0; i < nr; i++) {
        for (k = 0; k < asked->host->nr_pci; k++)
            if (xtune_pci_hide_has(&hidden[i], 1, asked->host->pci[k].address))
                break;
        if (k == asked->host->nr_pci)
            xt_boot_warn(asked, NULL, "no device here is meant by \"%s\"",
                         hidden[i].text);
    }
}

static int check_hide(const xt_boot_asked *asked, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_pci_hidden *hidden;
    size_t nr;
    int rc;

    rc = xtune_pci_hide_parse(arena, asked->value, asked->key, &hidden, &nr,
                              err);
    if (!rc && asked->host && asked->host->nr_pci)
        warn_absent(asked, hidden, nr);
    return rc;
}

static int check_linux(const xt_boot_asked *asked, xtune_error **err)
{
    static const char *const hide[] = { "xen-pciback.hide", "xen_pciback.hide",
                                        "pciback.hide" };
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(hide); i++) {
        if (!strcmp(asked->key, hide[i])) return check_hide(asked, err);
        if (xt_is_near(asked->key, hide[i]))
            xt_boot_warn(asked, NULL,
                         "Linux has no such parameter; \"%s\" is near",
                         hide[0]);
    }
    if (!strncmp(asked->key, "dom0_", 5))
        xt_boot_warn(asked, "set it for xen",
                     "it is Xen's, and Linux does not know it");
    return 0;
}

int xtune_boot_check(const char *line, const char *key, const char *value,
                     const xtune_host *host, xtune_findings *findings,
                     xtune_error **err)
{
    const xt_boot_asked asked = {
        .key = key, .value = value, .host = host, .findings = findings
    };
    enum xt_boot_line which;
    int rc;

    rc = xt_boot_line_parse(line, &which, err);
    if (!rc) rc = xt_boot_check_parameter(key, value, err);
    if (rc) return rc;
    return which == XT_BOOT_XEN ? check_xen(&asked, err)
                                : check_linux(&asked, err);
}
