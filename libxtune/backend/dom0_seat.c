/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a person in front of the host would miss: keyboards, pointers, what is
 * on the screen, a console. */
#include "backend/dom0_seat.h"

#include <string.h>

#include "backend/dom0_scan.h"
#include "base/util.h"

#define INPUTS "/sys/class/input"
#define GRAPHICS "/sys/class/graphics"
#define CONSOLES "/sys/class/vtconsole"
#define PS2 "/sys/devices/platform/i8042/"
#define ISA_BRIDGE "0601" /* class */

/* Linux, include/uapi/linux/input-event-codes.h */
#define EV_KEY 0x01
#define REL_X 0x00
#define REL_Y 0x01
#define ABS_X 0x00
#define ABS_Y 0x01
#define KEY_ESC 1
#define KEY_D 32
#define BTN_LEFT 0x110
#define BTN_STYLUS 0x14b
#define BTN_TOUCH 0x14a

#define WORD_BITS 64

bool xt_dom0_has_bit(const char *bitmap, unsigned int bit)
{
    const char *end = bitmap + strlen(bitmap), *start;
    unsigned int words = bit / WORD_BITS;
    char word[WORD_BITS / 4 + 1];
    uint64_t value;

    for (;;) {
        for (start = end; start > bitmap && start[-1] != ' '; start--)
            ;
        if (!words--) break;
        if (start == bitmap) return false;
        end = start - 1;
    }
    if ((size_t)(end - start) >= sizeof(word)) return false;
    memcpy(word, start, (size_t)(end - start));
    word[end - start] = '\0';
    return xt_parse_u64(word, 16, UINT64_MAX, &value) &&
           value >> (bit % WORD_BITS) & 1;
}

/* As udev has it (src/udev/udev-builtin-input_id.c): the keys of the first
 * rows are all there, which buttons and remote controls have not. */
bool xt_dom0_is_keyboard(const char *ev, const char *key)
{
    unsigned int bit;

    if (!xt_dom0_has_bit(ev, EV_KEY)) return false;
    for (bit = KEY_ESC; bit < KEY_D; bit++)
        if (!xt_dom0_has_bit(key, bit)) return false;
    return true;
}

bool xt_dom0_is_pointer(const char *key, const char *rel, const char *abs)
{
    if (xt_dom0_has_bit(rel, REL_X) && xt_dom0_has_bit(rel, REL_Y))
        return xt_dom0_has_bit(key, BTN_LEFT);
    return xt_dom0_has_bit(abs, ABS_X) && xt_dom0_has_bit(abs, ABS_Y) &&
           (xt_dom0_has_bit(key, BTN_LEFT) ||
            xt_dom0_has_bit(key, BTN_TOUCH) ||
            xt_dom0_has_bit(key, BTN_STYLUS));
}

static const char *capability(const xt_dom0_files *files, const char *path,
                              const char *name)
{
    const char *line =
        xt_dom0_line(files, xt_dom0_join(files, path, "capabilities"), name);

    return line ? line : "0";
}

/* What is at the keyboard controller of a PC is behind its bridge to ISA. */
static const xt_dom0_device *bridge_of(const xt_dom0_scan *scan,
                                       const char *path)
{
    size_t i;

    if (strncmp(path, PS2, strlen(PS2)) != 0) return NULL;
    for (i = 0; i < scan->nr; i++)
        if (scan->devices[i].pci && !strncmp(scan->devices[i].pci->class_code,
                                             ISA_BRIDGE, strlen(ISA_BRIDGE)))
            return &scan->devices[i];
    return NULL;
}

static void add_input(const xt_dom0_scan *scan, const char *path,
                      const char *kind, const char *what)
{
    const xt_dom0_device *bridge = bridge_of(scan, path);

    if (bridge) xt_dom0_add_use(scan, bridge, kind, what, NULL, 0);
    xt_dom0_add_uses(scan, path, kind, what, NULL, 0);
}

static void read_inputs(xt_dom0_scan *scan)
{
    const xt_dom0_files *files = &scan->files;
    const char **names, *path, *what, *key;
    size_t nr, i;

    names = xt_dom0_list(files, INPUTS, &nr);
    for (i = 0; i < nr; i++) {
        if (!xt_dom0_is_numbered(names[i], "input")) continue;
        path = xt_dom0_resolve(files, xt_dom0_join(files, INPUTS, names[i]));
        if (!path ||
            !(xt_dom0_is_below_any(scan, path) || bridge_of(scan, path)))
            continue;
        what = xt_dom0_line(files, path, "name");
        if (!what) what = names[i];
        key = capability(files, path, "key");
        if (xt_dom0_is_keyboard(capability(files, path, "ev"), key))
            add_input(scan, path, "keyboard", what);
        if (xt_dom0_is_pointer(key, capability(files, path, "rel"),
                               capability(files, path, "abs")))
            add_input(scan, path, "pointer", what);
    }
}

/* Whether Linux' console is on a frame buffer. */
static bool has_frame_buffer_console(const xt_dom0_files *files)
{
    const char **names, *folder, *name;
    uint64_t bound;
    size_t nr, i;

    names = xt_dom0_list(files, CONSOLES, &nr);
    for (i = 0; i < nr; i++) {
        folder = xt_dom0_join(files, CONSOLES, names[i]);
        name = xt_dom0_line(files, folder, "name");
        if (name && strstr(name, "frame buffer") &&
            xt_dom0_number(files, folder, "bind", 10, 1, &bound) && bound)
            return true;
    }
    return false;
}

/* A card that pciback has shows nothing of dom0's. */
static void read_displays(xt_dom0_scan *scan)
{
    const xt_dom0_files *files = &scan->files;
    const char *path;
    size_t i;

    for (i = 0; i < scan->nr; i++)
        if (scan->devices[i].pci && scan->devices[i].pci->boot_vga &&
            !scan->devices[i].pci->assignable)
            xt_dom0_add_use(scan, &scan->devices[i], "display", "boot VGA",
                            NULL, 0);
    if (!has_frame_buffer_console(files)) return;
    path = xt_dom0_resolve(files, GRAPHICS "/fb0");
    if (path) xt_dom0_add_uses(scan, path, "display", "fb0", NULL, 0);
}

/* "tty0 ttyS4" */
static void read_consoles(xt_dom0_scan *scan)
{
    const xt_dom0_files *files = &scan->files;
    const char *active =
        xt_dom0_line(files, "/sys/class/tty/console", "active");
    char *copy = active ? xtune_arena_strdup(files->arena, active) : NULL;
    const char *path;
    char *word;

    while ((word = strsep(&copy, " "))) {
        if (!*word || strchr(word, '/') || word[0] == '.') continue;
        path = xt_dom0_resolve(files,
                               xt_dom0_join(files, "/sys/class/tty", word));
        if (path) xt_dom0_add_uses(scan, path, "console", word, NULL, 0);
    }
}

void xt_dom0_read_seat(xt_dom0_scan *scan)
{
    read_inputs(scan);
    read_displays(scan);
    read_consoles(scan);
}
