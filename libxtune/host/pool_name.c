/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a CPU pool may be called. */
#include <xtune/host.h>

#include <string.h>

#include "base/json.h"

/*
 * Xen knows pools by numbers only; their names are the toolstack's, which
 * keeps any text that xenstore takes. Ours is the length of a label of a host
 * name: far more than a name needs, and one that stands whole in a line of a
 * table, a plan and a message.
 */
#define MAX_BYTES 63

#define TEXT(n) #n
#define NUMBER(n) TEXT(n)

/* Those of ASCII, and U+0080 to U+009F, which terminals obey as well. */
static bool has_controls(const char *text)
{
    const unsigned char *c = (const unsigned char *)text;

    for (; *c; c++)
        if (*c < 0x20 || *c == 0x7f ||
            (*c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0))
            return true;
    return false;
}

static const char *fault_of(const char *text)
{
    const size_t len = strlen(text);

    if (!len) return "it is empty";
    if (len > MAX_BYTES)
        return "it is longer than " NUMBER(MAX_BYTES) " bytes";
    /* Plans and records are JSON. */
    if (!xt_json_is_text(text)) return "it is not UTF-8";
    if (has_controls(text)) return "it has control characters";
    if (text[0] == ' ' || text[len - 1] == ' ')
        return "it begins or ends with a blank";
    /* It would be another folder of a path. */
    if (strchr(text, '/')) return "it has a \"/\"";
    if (strspn(text, "0123456789") == len)
        return "digits alone are the id of a pool";
    return NULL;
}

bool xtune_cpupool_is_name(const char *text, const char **why_r)
{
    const char *fault = fault_of(text);

    if (fault && why_r) *why_r = fault;
    return !fault;
}
