/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * XCP-ng's and XenServer's grub.cfg, which is edited itself: the entry that is
 * booted, and the same with a serial console. Those to fall back to stay as
 * they are. Where xen-cmdline is there it is left to it.
 */
#include <string.h>

#include "base/files.h"
#include "base/util.h"
#include "boot/lines.h"
#include "boot/sources.h"

#define SERIAL " (Serial)"
#define MAX_ENTRIES 256

/* A command line in the file: from its file's name on. */
typedef struct span {
    size_t start, end; /* equal: there is none */
} span;

typedef struct entry {
    const char *title;
    span lines[2]; /* by enum xt_boot_line */
} entry;

typedef struct menu {
    xtune_arena *arena;
    const char *path; /* for messages */
    const char *text;
    entry *entries;
    size_t nr;
    const char *booted; /* as the file says it: a number or a title */
} menu;

static const char *find_file(const char *root)
{
    static const char *const paths[] = { "/boot/efi/EFI/xenserver/grub.cfg",
                                         "/boot/grub/grub.cfg",
                                         "/boot/grub2/grub.cfg", NULL };

    return xt_boot_first_file(root, paths);
}

static bool is_there(const char *root)
{
    return find_file(root) &&
           (xt_boot_has_xen_cmdline(root) ||
            xt_boot_has_file(root, "/etc/xensource-inventory") ||
            xt_boot_has_file(root, "/boot/efi/EFI/xenserver/grub.cfg"));
}

static bool is_word(const char *line, size_t len, const char *const *words,
                    size_t *len_r)
{
    for (; *words; words++) {
        *len_r = strlen(*words);
        if (*len_r < len && !memcmp(line, *words, *len_r) &&
            xt_boot_is_blank(line[*len_r]))
            return true;
    }
    return false;
}

/* The word that text begins with, without its quotes. */
static const char *unquote(xtune_arena *arena, const char *text, size_t len)
{
    const char quote = len && strchr("'\"", *text) ? *text : '\0';
    size_t end = quote ? 1 : 0;

    while (end < len &&
           (quote ? text[end] != quote : !xt_boot_is_blank(text[end])))
        end++;
    return xtune_arena_strndup(arena, text + (quote != 0), end - (quote != 0));
}

/* A line within an entry. */
static void read_command(menu *m, size_t start, size_t end)
{
    static const char *const xen[] = { "multiboot2", "multiboot",
                                       "xen_hypervisor", NULL };
    static const char *const module[] = { "module2", "module", "xen_module",
                                          NULL };
    entry *e = &m->entries[m->nr - 1];
    span *s = NULL;
    size_t len;

    if (is_word(m->text + start, end - start, xen, &len))
        s = &e->lines[XT_BOOT_XEN];
    else if (e->lines[XT_BOOT_XEN].end &&
             is_word(m->text + start, end - start, module, &len))
        s = &e->lines[XT_BOOT_DOM0];
    if (!s || s->end) return; /* the second module is the initrd */
    start += len;
    while (start < end && xt_boot_is_blank(m->text[start]))
        start++;
    *s = (span){ .start = start, .end = end };
}

static void read_setting(menu *m, const char *line, size_t len)
{
    static const char set[] = "set default=";
    const size_t head = sizeof(set) - 1;

    if (len <= head || memcmp(line, set, head) != 0) return;
    /* What is chosen for one boot only is in a variable. */
    if (memchr(line, '$', len)) return;
    m->booted = unquote(m->arena, line + head, len - head);
}

static int read_line(menu *m, size_t start, size_t end, unsigned int line,
                     bool *inside, xtune_error **err)
{
    static const char *const words[] = { "menuentry", NULL };
    size_t len;

    if (start < end && m->text[end - 1] == '\\')
        return xtune_error_set(
            err, XTUNE_ERR_INVALID, 0,
            xtune_arena_printf(m->arena, "%s:%u", m->path, line),
            "join them into one line", "the line goes on in the next one");
    if (is_word(m->text + start, end - start, words, &len) &&
        m->nr < MAX_ENTRIES) {
        len++;
        while (start + len < end && xt_boot_is_blank(m->text[start + len]))
            len++;
        m->entries =
            xtune_arena_grow(m->arena, m->entries, m->nr, sizeof(entry));
        m->entries[m->nr++] =
            (entry){ .title = unquote(m->arena, m->text + start + len,
                                      end - start - len) };
        *inside = true;
    } else if (end > start && m->text[start] == '}')
        *inside = false;
    else if (*inside)
        read_command(m, start, end);
    else
        read_setting(m, m->text + start, end - start);
    return 0;
}

static int parse_menu(menu *m, xtune_error **err)
{
    unsigned int line = 1;
    bool inside = false;
    size_t at = 0, end;
    int rc = 0;

    m->entries = NULL;
    m->nr = 0;
    m->booted = NULL;
    while (!rc && m->text[at]) {
        const size_t next = at + strcspn(m->text + at, "\n");

        end = next;
        while (at < end && xt_boot_is_blank(m->text[at]))
            at++;
        while (end > at && m->text[end - 1] == '\r')
            end--;
        rc = read_line(m, at, end, line++, &inside, err);
        at = next + (m->text[next] == '\n');
    }
    return rc;
}

static int read_menu(const xt_boot_job *job, menu *m, xtune_error **err)
{
    const char *path = find_file(job->root);
    char *text = NULL;
    int rc;

    *m = (menu){ .arena = job->arena,
                 .path = xt_path(job->arena, job->root, path) };
    rc = xt_boot_read_for(job, path, &text, err);
    m->text = text;
    return rc ? rc : parse_menu(m, err);
}

/* The entry that is booted. NULL: it is not known. */
static const entry *booted(const menu *m)
{
    uint64_t index;
    size_t i;

    if (!m->nr) return NULL;
    if (!m->booted) return &m->entries[0];
    if (xt_parse_u64(m->booted, 10, m->nr - 1, &index))
        return &m->entries[index];
    for (i = 0; i < m->nr; i++)
        if (!strcmp(m->entries[i].title, m->booted)) return &m->entries[i];
    return NULL;
}

static int not_known(const menu *m, xtune_error **err)
{
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, m->path,
                           "set its \"default\" to one of them",
                           "it is not known which of its %zu entries with "
                           "Xen is booted",
                           m->nr);
}

/* Without the name of the file. */
static const char *parameters(const menu *m, span s)
{
    while (s.start < s.end && !xt_boot_is_blank(m->text[s.start]))
        s.start++;
    while (s.start < s.end && xt_boot_is_blank(m->text[s.start]))
        s.start++;
    return xtune_arena_strndup(m->arena, m->text + s.start, s.end - s.start);
}

static int read_lines(xtune_arena *arena, const char *root, xtune_boot *boot,
                      xtune_error **err)
{
    const entry *e;
    menu m;
    int rc;

    boot->source = find_file(root);
    rc = read_menu(&(xt_boot_job){ .arena = arena, .root = root }, &m, err);
    if (rc) return rc;
    e = booted(&m);
    if (!e || !e->lines[XT_BOOT_DOM0].end) return not_known(&m, err);
    boot->dom0_configured = parameters(&m, e->lines[XT_BOOT_DOM0]);
    boot->xen_configured = parameters(&m, e->lines[XT_BOOT_XEN]);
    return 0;
}

/* One that is there in case that the other does not boot. */
static bool is_fallback(const entry *e)
{
    return strstr(e->title, "Safe Mode") || strstr(e->title, "upgrade") ||
           strstr(e->title, " / ");
}

/* Titles that differ by the serial console at most. */
static bool is_twin(const entry *a, const entry *b)
{
    const char *mark_a = strstr(a->title, SERIAL);
    const char *mark_b = strstr(b->title, SERIAL);
    const size_t len_a =
        mark_a ? (size_t)(mark_a - a->title) : strlen(a->title);
    const size_t len_b =
        mark_b ? (size_t)(mark_b - b->title) : strlen(b->title);

    return len_a == len_b && !memcmp(a->title, b->title, len_a) &&
           !is_fallback(b);
}

static const char *text_of(const menu *m, span s)
{
    return xtune_arena_strndup(m->arena, m->text + s.start, s.end - s.start);
}

/* What a change is to make of an entry: what the one that is booted loses goes
 * there as well, and leaves what that one has of its own. */
static xtune_boot_change change_of(const menu *m, span own, span booted_line,
                                   const xtune_boot_change *what)
{
    xtune_boot_change change = *what;
    const char *const *had, *const *now, **left;
    size_t nr_had, nr_now, i;

    nr_had =
        xt_boot_values(m->arena, parameters(m, booted_line), what->key, &had);
    if (!what->nr_values ||
        !xt_boot_setting_of(m->arena, what, had, nr_had).goes)
        return change;
    nr_now = xt_boot_values(m->arena, parameters(m, own), what->key, &now);
    change.values = left = XTUNE_NEW_ARRAY(m->arena, const char *, nr_now);
    change.nr_values = 0;
    for (i = 0; i < nr_now; i++)
        if (!xt_boot_is_among(had, nr_had, now[i]) ||
            xt_boot_is_among(what->values, what->nr_values, now[i]))
            left[change.nr_values++] = now[i];
    return change;
}

/* The same of all entries that are like the one that is booted. */
static int change_entries(menu *m, const entry *e, enum xt_boot_line line,
                          const xtune_boot_change *what, xtune_error **err)
{
    xt_boot_cut *cuts, *all = NULL;
    xtune_boot_change change;
    size_t i, k, nr, nr_all = 0;
    int rc;

    for (i = 0; i < m->nr; i++) {
        const span s = m->entries[i].lines[line];

        if (!s.end || !is_twin(e, &m->entries[i])) continue;
        rc = xt_boot_check_quotes(text_of(m, s), true, m->path, err);
        if (rc) return rc;
        change = e == &m->entries[i] ? *what
                                     : change_of(m, s, e->lines[line], what);
        nr = xt_boot_cuts_behind_file(m->arena, text_of(m, s), &change, &cuts);
        for (k = 0; k < nr; k++) {
            all = xtune_arena_grow(m->arena, all, nr_all, sizeof(*all));
            all[nr_all] = cuts[k];
            all[nr_all].start += s.start;
            all[nr_all++].end += s.start;
        }
    }
    m->text = xt_boot_cut_text(m->arena, m->text, all, nr_all);
    return parse_menu(m, err);
}

static int change(menu *m, enum xt_boot_line line,
                  const xtune_boot_change *what, xtune_error **err)
{
    const entry *e = booted(m);

    if (!e || !e->lines[line].end) return not_known(m, err);
    if (is_fallback(e))
        return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, m->path,
                               "boot another one by default first",
                               "\"%s\" is booted, which is there to fall back "
                               "to",
                               e->title);
    if (xt_boot_has_values(m->arena, parameters(m, e->lines[line]), what))
        return 0;
    return change_entries(m, e, line, what, err);
}

/*
 * Whether xen-cmdline makes of a change what it is to be, whichever version it
 * is of: of a parameter that is to be there several times it keeps the last
 * value only, it takes names by the letter, and it makes all entries alike.
 */
static bool is_for_program(const menu *m, const menu *after,
                           enum xt_boot_line line,
                           const xtune_boot_change *what)
{
    const entry *e = booted(m);
    size_t i;

    for (i = 0; i < m->nr; i++) {
        const span s = m->entries[i].lines[line];

        if (!s.end || !is_twin(e, &m->entries[i])) continue;
        if (!xt_boot_is_spelled_so(text_of(m, s), what->key) ||
            !xt_boot_has_values(
                m->arena, parameters(after, after->entries[i].lines[line]),
                what))
            return false;
    }
    return what->nr_values <= 1;
}

/* Of those changes that are any. NULL where it is not there, or does not make
 * all of it what it is to be. */
static const char *const *const *programs(const xt_boot_job *job,
                                          const menu *m, const menu *after,
                                          const bool *changed)
{
    const char *const **calls =
        xtune_arena_alloc(job->arena, job->nr + 1, sizeof(*calls));
    size_t i, nr = 0;

    if (!xt_boot_has_xen_cmdline(job->root)) return NULL;
    for (i = 0; i < job->nr; i++) {
        if (!changed[i]) continue;
        if (!is_for_program(m, after, job->lines[i], &job->changes[i]))
            return NULL;
        calls[nr++] =
            xt_boot_xen_cmdline(job->arena, job->lines[i], &job->changes[i]);
    }
    return calls;
}

static int plan(const xt_boot_job *job, xt_boot_edit *edit_r,
                xtune_error **err)
{
    bool *changed = XTUNE_NEW_ARRAY(job->arena, bool, job->nr);
    menu before, after;
    size_t i;
    int rc;

    rc = read_menu(job, &before, err);
    if (rc) return rc;
    after = before;
    for (i = 0; !rc && i < job->nr; i++) {
        const char *text = after.text;

        rc = change(&after, job->lines[i], &job->changes[i], err);
        changed[i] = strcmp(text, after.text) != 0;
    }
    if (rc) return rc;
    xt_boot_add_file(job->arena, edit_r, find_file(job->root), before.text,
                     after.text);
    edit_r->by = programs(job, &before, &after, changed);
    return 0;
}

const xt_boot_source xt_boot_xcp_grub = {
    .is_there = is_there,
    .read = read_lines,
    .plan = plan,
};
