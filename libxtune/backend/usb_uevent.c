/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Linux: lib/kobject_uevent.c, and usb_dev_uevent() of its USB core. */
#include "backend/usb_uevent.h"

#include <string.h>

#include <xtune/host.h>

#include "host/usb_device.h"

/* What of a message matters; NULL: it was not there. */
typedef struct words {
    const char *action, *devpath, *subsystem, *devtype;
} words;

/* The value, where the word is of this key. */
static const char *value_of(const char *word, const char *key)
{
    const size_t len = strlen(key);

    return !strncmp(word, key, len) && word[len] == '=' ? word + len + 1
                                                        : NULL;
}

static void take_word(words *w, const char *word)
{
    const struct {
        const char *key, **value;
    } keys[] = {
        { "ACTION", &w->action },
        { "DEVPATH", &w->devpath },
        { "SUBSYSTEM", &w->subsystem },
        { "DEVTYPE", &w->devtype },
    };
    size_t i;

    for (i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
        const char *value = value_of(word, keys[i].key);

        if (value) *keys[i].value = value;
    }
}

/* The last part of a device's path in sysfs: "1-2", or, of an interface,
 * "1-2:1.0". Root hubs, "usb1", are none of ours. */
static bool take_path(const char *devpath, bool interface, xtune_event *event)
{
    const char *name = strrchr(devpath, '/');
    size_t len;

    if (!name) return false;
    len = interface ? strcspn(++name, ":") : strlen(++name);
    if (len >= sizeof(event->path) || (interface && !name[len])) return false;
    memcpy(event->path, name, len);
    event->path[len] = '\0';
    return xt_usb_path_is_valid(event->path, NULL);
}

/* What a device, or an interface of one, tells of; false: nothing of ours. */
static bool take_action(const words *w, bool interface, xtune_event *event)
{
    event->kind = XTUNE_EVENT_USB;
    event->came = !strcmp(w->action, "add");
    /* One that is reset stays the same for Linux; interfaces come again when
     * another configuration is chosen, as guests do. */
    event->is_new = event->came && !interface;
    if (event->came) return true;
    if (!interface) return !strcmp(w->action, "remove");
    event->kind = XTUNE_EVENT_USB_TAKEN;
    return !strcmp(w->action, "unbind");
}

static bool understand(const words *w, xtune_event *event)
{
    bool interface;

    if (!w->action || !w->devpath || !w->subsystem || !w->devtype ||
        strcmp(w->subsystem, "usb") != 0)
        return false;
    interface = !strcmp(w->devtype, "usb_interface");
    if (!interface && strcmp(w->devtype, "usb_device") != 0) return false;
    return take_action(w, interface, event) &&
           take_path(w->devpath, interface, event);
}

bool xt_usb_uevent_parse(const char *text, size_t len, xtune_event *event_r)
{
    xtune_event event = { .domid = XTUNE_NONE };
    words w = { .action = NULL };
    const char *word, *end = text + len;

    if (!len || text[len - 1] || !strchr(text, '@')) return false;
    for (word = text + strlen(text) + 1; word < end; word += strlen(word) + 1)
        take_word(&w, word);
    if (!understand(&w, &event)) return false;
    *event_r = event;
    return true;
}
