/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where usb-policies are, and the one that counts on a host. */
#include <string.h>

#include "base/files.h"
#include "usb/policy_file.h"

#ifndef XTUNE_SYSCONFDIR
#define XTUNE_SYSCONFDIR "/etc"
#endif
#ifndef XTUNE_DATADIR
#define XTUNE_DATADIR "/usr/share"
#endif

#define NAME "usb-policy.conf"

const char *const xt_usb_policy_files[] = {
    "/etc/xensource/" NAME,
    XTUNE_SYSCONFDIR "/xltune/" NAME,
    XTUNE_DATADIR "/xltune/" NAME,
    NULL,
};

bool xt_usb_policy_is_own(const char *file)
{
    return file && (!strcmp(file, xt_usb_policy_files[XT_USB_POLICY_XAPI]) ||
                    !strcmp(file, xt_usb_policy_files[XT_USB_POLICY_OURS]));
}

const char *xtune_usb_policy_text(xtune_arena *arena, const xtune_host *host)
{
    if (host->usb_rules.text) return host->usb_rules.text;
    return xtune_arena_strndup(arena, xt_usb_policy_conf,
                               xt_usb_policy_conf_len);
}

int xtune_usb_policy_of(const xtune_host *host, xtune_usb_policy **policy_r,
                        xtune_error **err)
{
    const xtune_usb_rules *rules = &host->usb_rules;

    if (rules->problem)
        return xtune_error_set(
            err, XTUNE_ERR_IO, 0, rules->file ? rules->file : NAME,
            "mend it; until then no device at all can be "
            "passed through",
            "the usb-policy cannot be read: %s", rules->problem);
    if (!rules->text)
        return xtune_usb_policy_parse(
            xt_usb_policy_conf, xt_usb_policy_conf_len, NAME, policy_r, err);
    return xtune_usb_policy_parse(rules->text, strlen(rules->text),
                                  rules->file ? rules->file : NAME, policy_r,
                                  err);
}

int xtune_usb_policy_read(const char *path, xtune_usb_policy **policy_r,
                          xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    char *text;
    size_t len;
    int rc;

    rc = xt_file_read(arena, path, XT_USB_POLICY_MAX_BYTES, &text, &len, err);
    return rc ? rc : xtune_usb_policy_parse(text, len, path, policy_r, err);
}
