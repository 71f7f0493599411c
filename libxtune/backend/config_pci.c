/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "backend/config_pci.h"

#include <stddef.h>
#include <string.h>

#define HEX "0123456789abcdefABCDEF"

static unsigned int hex_digit(char c)
{
    return (unsigned int)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

static unsigned int hex_value(const char *text, size_t len)
{
    unsigned int value = 0;
    size_t i;

    for (i = 0; i < len; i++)
        value = value * 16 + hex_digit(text[i]);
    return value;
}

/* One to max_digits digits and what must follow; *text is moved behind. */
static bool take_hex(const char **text, size_t max_digits, char next,
                     unsigned int max, unsigned int *value_r)
{
    const size_t len = strspn(*text, HEX);

    if (!len || len > max_digits || (*text)[len] != next) return false;
    *value_r = hex_value(*text, len);
    *text += len + 1;
    return *value_r <= max;
}

/* [DDDD:]BB:DD.F at the front; *end_r is what follows. */
static const char *take_address(xtune_arena *arena, const char *text,
                                const char **end_r)
{
    unsigned int domain = 0, bus, device, function = 0;
    const char *second = strchr(text, ':');

    second = second ? strchr(second + 1, ':') : NULL;
    /* A colon may also stand in an option's value. */
    if (second && second < text + strcspn(text, ".,@") &&
        !take_hex(&text, 4, ':', 0xffff, &domain))
        return NULL;
    if (!take_hex(&text, 2, ':', 0xff, &bus) ||
        !take_hex(&text, 2, '.', 0x1f, &device))
        return NULL;
    if (*text >= '0' && *text <= '7')
        function = (unsigned int)(*text - '0');
    else if (*text != '*')
        return NULL;
    *end_r = text + 1;
    return xtune_arena_printf(arena, "%04x:%02x:%02x.%x", domain, bus, device,
                              function);
}

/* The value of key in ",key=value,..."; NULL where it is not there. */
static const char *option(xtune_arena *arena, const char *options,
                          const char *key)
{
    const size_t len = strlen(key);

    for (; *options; options += strcspn(options, ",")) {
        options += *options == ',';
        if (!strncmp(options, key, len) && options[len] == '=')
            return xtune_arena_strndup(arena, options + len + 1,
                                       strcspn(options + len + 1, ","));
    }
    return NULL;
}

bool xt_config_pci(xtune_arena *arena, const char *item,
                   const char **address_r)
{
    const char *rest, *bdf;

    *address_r = take_address(arena, item, &rest);
    if (*address_r) {
        if (*rest == '@') rest += 1 + strspn(rest + 1, HEX);
        return (!*rest || *rest == ',') && !option(arena, rest, "name");
    }
    bdf = option(arena, item, "bdf");
    if (!bdf) return option(arena, item, "name") != NULL;
    *address_r = take_address(arena, bdf, &rest);
    return *address_r && !*rest;
}
