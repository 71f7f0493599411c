/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two texts, as "diff -u" shows where they differ. */
#include <stdio.h>
#include <string.h>

#include "base/util.h"
#include "boot/boot.h"

#define CONTEXT 3
#define MAX_CELLS (4u << 20) /* of the table that finds what is common */

typedef struct lines {
    const char **at;
    size_t nr;
} lines;

typedef struct diff {
    xtune_arena *arena;
    lines a, b;
    char *script; /* a character a line: ' ', '-' or '+' */
    size_t len;
    FILE *out;
} diff;

static lines split(xtune_arena *arena, const char *text)
{
    lines l = { .nr = 0 };

    while (*text) {
        l.at = xtune_arena_grow(arena, l.at, l.nr, sizeof(*l.at));
        l.at[l.nr++] = text;
        text += strcspn(text, "\n");
        text += *text == '\n';
    }
    return l;
}

static size_t length(const char *line)
{
    const size_t len = strcspn(line, "\n");

    return len + (line[len] == '\n');
}

static bool is_same(const diff *d, size_t i, size_t k)
{
    const size_t len = length(d->a.at[i]);

    return len == length(d->b.at[k]) && !memcmp(d->a.at[i], d->b.at[k], len);
}

static void say(diff *d, char what, size_t times)
{
    for (; times; times--)
        d->script[d->len++] = what;
}

/* Between what is alike before and behind: by the longest common
 * subsequence. */
static void compare_middle(diff *d, size_t head, size_t nr_a, size_t nr_b)
{
    const size_t width = nr_b + 1;
    uint32_t *table;
    size_t i, k;

    if ((nr_a + 1) * width > MAX_CELLS) {
        say(d, '-', nr_a);
        say(d, '+', nr_b);
        return;
    }
    table = xtune_arena_alloc(d->arena, (nr_a + 1) * width, sizeof(*table));
    for (i = nr_a; i-- > 0;)
        for (k = nr_b; k-- > 0;) {
            const uint32_t down = table[(i + 1) * width + k];
            const uint32_t right = table[i * width + k + 1];

            table[i * width + k] = is_same(d, head + i, head + k)
                                       ? table[(i + 1) * width + k + 1] + 1
                                   : down > right ? down
                                                  : right;
        }
    for (i = k = 0; i < nr_a || k < nr_b;) {
        if (i < nr_a && k < nr_b && is_same(d, head + i, head + k)) {
            say(d, ' ', 1);
            i++, k++;
        } else if (k == nr_b || (i < nr_a && table[(i + 1) * width + k] >=
                                                 table[i * width + k + 1])) {
            say(d, '-', 1);
            i++;
        } else {
            say(d, '+', 1);
            k++;
        }
    }
}

static void compare(diff *d)
{
    const size_t least = d->a.nr < d->b.nr ? d->a.nr : d->b.nr;
    size_t head = 0, tail = 0;

    while (head < least && is_same(d, head, head))
        head++;
    while (tail < least - head &&
           is_same(d, d->a.nr - 1 - tail, d->b.nr - 1 - tail))
        tail++;
    d->script = xtune_arena_alloc(d->arena, d->a.nr + d->b.nr + 1, 1);
    say(d, ' ', head);
    compare_middle(d, head, d->a.nr - head - tail, d->b.nr - head - tail);
    say(d, ' ', tail);
}

/* A file may hold what would steer a terminal. */
static void put_line(const diff *d, char what, const char *line)
{
    const size_t len = length(line);
    size_t i;

    putc(what, d->out);
    for (i = 0; i < len; i++) {
        const unsigned char c = (unsigned char)line[i];

        if (c == '\r' && line[i + 1] == '\n') continue;
        if ((c < ' ' && c != '\t' && c != '\n') || c == 0x7f)
            fprintf(d->out, "\\x%02x", c);
        else
            putc(c, d->out);
    }
    if (!len || line[len - 1] != '\n')
        fputs("\n\\ No newline at end of file\n", d->out);
}

/* Of no lines, the one before them is named. */
static void put_range(const diff *d, size_t before, size_t nr)
{
    fprintf(d->out, "%zu", before + (nr > 0));
    if (nr != 1) fprintf(d->out, ",%zu", nr);
}

/* The lines of the script from start to end; i and k are the lines of either
 * text there. */
static void put_hunk(const diff *d, size_t start, size_t end, size_t i,
                     size_t k)
{
    size_t n, nr_a = 0, nr_b = 0;

    for (n = start; n < end; n++) {
        nr_a += d->script[n] != '+';
        nr_b += d->script[n] != '-';
    }
    fputs("@@ -", d->out);
    put_range(d, i, nr_a);
    fputs(" +", d->out);
    put_range(d, k, nr_b);
    fputs(" @@\n", d->out);
    for (n = start; n < end; n++) {
        put_line(d, d->script[n],
                 d->script[n] == '+' ? d->b.at[k] : d->a.at[i]);
        i += d->script[n] != '+';
        k += d->script[n] != '-';
    }
}

/* Where the hunk with the change at n ends: behind its last change that is
 * near enough to the one before it. */
static size_t hunk_end(const diff *d, size_t n)
{
    size_t last = n;

    for (; n < d->len && n - last <= (size_t)2 * CONTEXT + 1; n++)
        if (d->script[n] != ' ') last = n;
    return last + 1 + CONTEXT < d->len ? last + 1 + CONTEXT : d->len;
}

static void put_hunks(const diff *d)
{
    size_t n = 0, i = 0, k = 0, start, end;

    while (n < d->len) {
        if (d->script[n] == ' ') {
            n++, i++, k++;
            continue;
        }
        start = n < CONTEXT ? 0 : n - CONTEXT;
        end = hunk_end(d, n);
        put_hunk(d, start, end, i - (n - start), k - (n - start));
        for (; n < end; n++) {
            i += d->script[n] != '+';
            k += d->script[n] != '-';
        }
    }
}

const char *xt_boot_diff_texts(xtune_arena *arena, const char *name,
                               const char *before, const char *after)
{
    diff d = { .arena = arena,
               .a = split(arena, before),
               .b = split(arena, after) };
    XT_CLEANUP_FREE char *text = NULL;
    size_t len;

    if (!strcmp(before, after)) return "";
    d.out = open_memstream(&text, &len);
    if (!d.out) xt_out_of_memory();
    compare(&d);
    fprintf(d.out, "--- %s\n+++ %s\n", name, name);
    put_hunks(&d);
    if (fclose(d.out)) xt_out_of_memory();
    return xtune_arena_strdup(arena, text);
}

const char *xt_boot_diff(xtune_arena *arena, const xt_boot_edit *edit)
{
    const char *text = "";
    size_t i;

    for (i = 0; i < edit->nr_files; i++)
        text = xtune_arena_printf(
            arena, "%s%s", text,
            xt_boot_diff_texts(arena, edit->files[i].path,
                               edit->files[i].before, edit->files[i].after));
    return text;
}
