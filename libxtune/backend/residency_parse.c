/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "backend/residency_parse.h"

#include <string.h>

#define PREFIX "(XEN) "
#define HEADER "'u' pressed -> dumping numa info"

/* The longest line that counts is the header with a time stamp. */
#define MAX_LINE 192

#define MAX_DOMID 0x7fff
#define MAX_PAGES (UINT64_C(1) << 40)

struct xt_residency_parser {
    xtune_arena *arena;
    xtune_set nodes;
    xt_residency_entry *entries;
    size_t nr;
    bool has_begun, has_gap;
    bool has_prefix;        /* Xen marks its lines: others' do not count */
    bool in_domain;         /* the last of entries is being read */
    unsigned int next_node; /* the one whose line is due */
    char line[MAX_LINE];
    size_t line_len;
    bool skip_line; /* the rest of it: it is none of ours */
};

xt_residency_parser *xt_residency_parser_new(xtune_arena *arena,
                                             const xtune_set *nodes)
{
    xt_residency_parser *parser = XTUNE_NEW(arena, xt_residency_parser);

    parser->arena = arena;
    parser->nodes = xtune_set_copy(arena, nodes);
    return parser;
}

static bool take_text(const char **p, const char *text)
{
    const size_t len = strlen(text);

    if (strncmp(*p, text, len) != 0) return false;
    *p += len;
    return true;
}

static bool take_number(const char **p, uint64_t max, uint64_t *value_r)
{
    uint64_t value = 0;
    const char *s = *p;

    if (*s < '0' || *s > '9') return false;
    for (; *s >= '0' && *s <= '9'; s++) {
        value = value * 10 + (uint64_t)(*s - '0');
        if (value > max) return false;
    }
    *p = s;
    *value_r = value;
    return true;
}

/* "Domain 1 (total: 2048):" or "d1 (total: 2048):", and nothing after it. */
static bool parse_domain(const char *p, uint64_t *domid_r, uint64_t *total_r)
{
    return (take_text(&p, "Domain ") || take_text(&p, "d")) &&
           take_number(&p, MAX_DOMID, domid_r) && take_text(&p, " (total: ") &&
           take_number(&p, MAX_PAGES, total_r) && take_text(&p, "):") && !*p;
}

/* One of Xen's own, "d[IO] (total: 0):", or a domain that is not read. */
static bool is_other_domain(const char *p)
{
    return (take_text(&p, "Domain ") || take_text(&p, "d")) &&
           strstr(p, " (total: ");
}

/* "    Node 0: 2048" */
static bool parse_node(const char *p, uint64_t *node_r, uint64_t *pages_r)
{
    return take_text(&p, "    Node ") &&
           take_number(&p, UINT32_MAX - 1, node_r) && take_text(&p, ": ") &&
           take_number(&p, MAX_PAGES, pages_r) && !*p;
}

static void begin_dump(xt_residency_parser *parser)
{
    parser->nr = 0;
    parser->has_begun = true;
    parser->has_gap = parser->in_domain = false;
}

static void begin_domain(xt_residency_parser *parser, unsigned int domid,
                         uint64_t total)
{
    xt_residency_entry *entry;

    parser->entries = xtune_arena_grow(parser->arena, parser->entries,
                                       parser->nr, sizeof(*entry));
    entry = &parser->entries[parser->nr++];
    *entry = (xt_residency_entry){
        .domid = domid,
        .total = total,
        .pages = XTUNE_NEW_ARRAY(parser->arena, uint64_t, parser->nodes.nbits),
    };
    parser->in_domain = true;
    parser->next_node = xtune_set_next(&parser->nodes, 0);
}

/* A line for another node than the one that is due is another dump's, or one
 * was lost: then nothing of the domain is sure. */
static void add_node(xt_residency_parser *parser, uint64_t node,
                     uint64_t pages)
{
    xt_residency_entry *entry;

    if (!parser->in_domain) return;
    entry = &parser->entries[parser->nr - 1];
    if (node != parser->next_node) {
        entry->complete = parser->in_domain = false;
        return;
    }
    entry->pages[node] = pages;
    entry->counted += pages;
    parser->next_node = xtune_set_next(&parser->nodes, (unsigned int)node + 1);
    entry->complete = parser->next_node == XTUNE_SET_END;
}

/* Past "(XEN) " and a time stamp; NULL where the line is not Xen's. */
static const char *skip_prefix(xt_residency_parser *parser)
{
    const char *p = parser->line, *end;

    if (take_text(&p, PREFIX))
        parser->has_prefix = true;
    else if (parser->has_prefix)
        return NULL;
    end = *p == '[' ? strstr(p, "] ") : NULL;
    return end ? end + 2 : p;
}

static void read_line(xt_residency_parser *parser)
{
    const char *p = skip_prefix(parser);
    uint64_t id, value;

    if (!p) return;
    if (take_text(&p, HEADER))
        begin_dump(parser);
    else if (parse_domain(p, &id, &value))
        begin_domain(parser, (unsigned int)id, value);
    else if (is_other_domain(p))
        parser->in_domain = false;
    else if (parse_node(p, &id, &value))
        add_node(parser, id, value);
}

static void end_line(xt_residency_parser *parser)
{
    if (parser->line_len && parser->line[parser->line_len - 1] == '\r')
        parser->line_len--;
    parser->line[parser->line_len] = '\0';
    if (!parser->skip_line) read_line(parser);
    parser->line_len = 0;
    parser->skip_line = false;
}

void xt_residency_feed(xt_residency_parser *parser, const char *text,
                       size_t len)
{
    size_t i;

    for (i = 0; i < len; i++) {
        if (text[i] == '\n')
            end_line(parser);
        else if (!text[i] || parser->line_len == MAX_LINE - 1)
            parser->skip_line = true;
        else
            parser->line[parser->line_len++] = text[i];
    }
}

void xt_residency_gap(xt_residency_parser *parser)
{
    parser->has_gap = true;
    parser->in_domain = false;
    /* What comes next is the rest of some line. */
    parser->line_len = 0;
    parser->skip_line = true;
}

bool xt_residency_is_whole(const xt_residency_parser *parser)
{
    return parser->has_begun && !parser->has_gap;
}

bool xt_residency_has_begun(const xt_residency_parser *parser)
{
    return parser->has_begun;
}

const xt_residency_entry *xt_residency_find(const xt_residency_parser *parser,
                                            unsigned int domid)
{
    const xt_residency_entry *found = NULL;
    size_t i;

    for (i = 0; i < parser->nr; i++)
        if (parser->entries[i].domid == domid) found = &parser->entries[i];
    return found;
}
