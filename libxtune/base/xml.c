/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/xml.h"

#include <stdbool.h>
#include <string.h>

#include "base/util.h"
#include "base/xml_library.h"

/* Set by xt_xml_parse(), before which nothing here is called. */
static const xt_xml_library *xml;

/*
 * Never NOENT, DTDLOAD, XINCLUDE or HUGE: entities stay unknown, nothing is
 * loaded, the library's own limits stay on. A declared encoding is ignored,
 * for the text was found to be UTF-8 before.
 */
#define PARSE_OPTIONS (XML_PARSE_NONET | XML_PARSE_IGNORE_ENC)

struct xt_xml_doc {
    xtune_arena *arena;
    const char *object;
    xmlDocPtr doc;
    xt_xml root;
};

/* The first thing that was wrong; libxml2 often goes on to complain. */
typedef struct complaint {
    xtune_arena *arena;
    const char *prefix;  /* of what libxml2 says */
    const char *message; /* NULL: none */
    unsigned int line;
} complaint;

static void complain(complaint *c, const char *message, int line)
{
    if (c->message) return;
    c->message = xtune_arena_strdup(c->arena, message);
    c->line = line > 0 ? (unsigned int)line : 1;
}

#if LIBXML_VERSION >= 21200
typedef const xmlError *error_ptr;
#else
typedef xmlErrorPtr error_ptr;
#endif

static void on_error(void *opaque, error_ptr e)
{
    complaint *c = opaque;
    char *message;

    if (c->message || !e || e->level < XML_ERR_ERROR) return;
    message = xtune_arena_printf(c->arena, "%s%s", c->prefix,
                                 e->message ? e->message : "no reason given");
    message[strcspn(message, "\n")] = '\0';
    complain(c, message, e->line);
}

/*
 * All of libxml2's errors, also those that belong to no parser, such as an
 * encoding's, go to this thread's handler; else they would be printed.
 */
typedef struct handler {
    xmlStructuredErrorFunc func;
    void *context;
} handler;

static handler catch_errors(complaint *c)
{
    handler before = { *xml->__xmlStructuredError(),
                       *xml->__xmlStructuredErrorContext() };

    xml->xmlSetStructuredErrorFunc(c, on_error);
    return before;
}

static void release_errors(handler before)
{
    xml->xmlSetStructuredErrorFunc(before.context, before.func);
}

static int refuse(const char *object, unsigned int line, const char *message,
                  xtune_error **err)
{
    XT_CLEANUP_FREE char *where = xt_xprintf("%s:%u", object, line);

    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, where, NULL, "%s",
                           message);
}

/* A NUL would end the document for libxml2, whatever follows it. */
static int check_utf8(const char *text, size_t len, const char *object,
                      xtune_error **err)
{
    const unsigned char *bytes = (const unsigned char *)text;
    unsigned int line = 1;
    size_t i = 0;

    while (i < len) {
        int n = len - i < 4 ? (int)(len - i) : 4;

        if (!bytes[i] || xml->xmlGetUTF8Char(bytes + i, &n) < 0)
            return refuse(object, line, "not a text in UTF-8", err);
        line += bytes[i] == '\n';
        i += (size_t)n;
    }
    return 0;
}

/*
 * libxml2 knows the line on which a tag ends. No "<" stands inside of a tag,
 * so the first one before it is where the tag begins.
 */
static int line_of_tag(const xmlParserInput *input)
{
    const xmlChar *p = input->cur;
    int line = input->line;

    while (p > input->base && *p != '<')
        line -= *p-- == '\n';
    return line;
}

/* The line of a node is too short for every file, that of ours is not. */
static void set_line(xmlNode *node, int line)
{
    node->_private = (void *)(intptr_t)line;
    node->line = (unsigned short)(line < 65535 ? line : 65535);
}

static unsigned int get_line(const xmlNode *node)
{
    return (unsigned int)(intptr_t)node->_private;
}

static void on_start_element(void *opaque, const xmlChar *name,
                             const xmlChar *prefix, const xmlChar *uri,
                             int nr_namespaces, const xmlChar **namespaces,
                             int nr_attributes, int nr_defaulted,
                             const xmlChar **attributes)
{
    xmlParserCtxtPtr ctxt = opaque;

    if (ctxt->nodeNr >= XT_XML_MAX_DEPTH) {
        complain(ctxt->_private, "elements nest too deeply",
                 line_of_tag(ctxt->input));
        xml->xmlStopParser(ctxt);
        return;
    }
    xml->xmlSAX2StartElementNs(ctxt, name, prefix, uri, nr_namespaces,
                               namespaces, nr_attributes, nr_defaulted,
                               attributes);
    if (ctxt->node) set_line(ctxt->node, line_of_tag(ctxt->input));
}

/* No more of a text than a message can hold, and not half a character. */
static const char *first_of(xtune_arena *arena, const xmlChar *text, int len)
{
    int n = len < 40 ? len : 40;
    char *first;

    while (n < len && n > 0 && (text[n] & 0xc0) == 0x80)
        n--;
    first = xtune_arena_strndup(arena, (const char *)text, (size_t)n);
    first[strcspn(first, "\r\n")] = '\0';
    return first;
}

/* At the end of a piece of text; nothing of it is kept. */
static void on_text(void *opaque, const xmlChar *text, int len)
{
    xmlParserCtxtPtr ctxt = opaque;
    complaint *c = ctxt->_private;
    int i, start = 0, line = ctxt->input->line;

    while (start < len && strchr(" \t\r\n", text[start]))
        start++;
    if (start == len) return;
    for (i = start; i < len; i++)
        line -= text[i] == '\n';
    complain(c,
             xtune_arena_printf(c->arena, "text \"%s\", where none belongs",
                                first_of(c->arena, text + start, len - start)),
             line);
    xml->xmlStopParser(ctxt);
}

/* Called before anything that a DOCTYPE declares is read. */
static void on_doctype(void *opaque, const xmlChar *name,
                       const xmlChar *public_id, const xmlChar *system_id)
{
    xmlParserCtxtPtr ctxt = opaque;

    (void)name;
    (void)public_id;
    (void)system_id;
    complain(ctxt->_private, "a DOCTYPE is not allowed here",
             ctxt->input->line);
    xml->xmlStopParser(ctxt);
}

static xmlDocPtr parse(complaint *c, const char *text, size_t len)
{
    xmlParserCtxtPtr ctxt = xml->xmlNewParserCtxt();
    handler before;
    xmlDocPtr doc;

    if (!ctxt) xt_out_of_memory();
    before = catch_errors(c);
    ctxt->_private = c;
    ctxt->sax->internalSubset = on_doctype;
    ctxt->sax->startElementNs = on_start_element;
    ctxt->sax->characters = on_text;
    ctxt->sax->ignorableWhitespace = on_text;
    ctxt->sax->cdataBlock = on_text;
    doc = xml->xmlCtxtReadMemory(ctxt, text, (int)len, NULL, NULL,
                                 PARSE_OPTIONS);
    if (!doc) complain(c, "it cannot be parsed", 1);
    if (c->message) {
        xml->xmlFreeDoc(doc);
        doc = NULL;
    }
    xml->xmlFreeParserCtxt(ctxt);
    release_errors(before);
    return doc;
}

static const char *full_name(xtune_arena *arena, const xmlNs *ns,
                             const xmlChar *name)
{
    if (!ns || !ns->prefix)
        return xtune_arena_strdup(arena, (const char *)name);
    return xtune_arena_printf(arena, "%s:%s", (const char *)ns->prefix,
                              (const char *)name);
}

static void add_attr(xtune_arena *arena, xt_xml *element, const char *name,
                     const xmlChar *value)
{
    element->attrs = xtune_arena_grow(arena, element->attrs, element->nr_attrs,
                                      sizeof(*element->attrs));
    element->attrs[element->nr_attrs++] = (xt_xml_attr){
        .name = name,
        .value = xtune_arena_strdup(arena, value ? (const char *)value : ""),
    };
}

static void convert_attrs(xtune_arena *arena, const xmlNode *node,
                          xt_xml *element)
{
    const xmlAttr *attr;
    const xmlNs *ns;

    for (ns = node->nsDef; ns; ns = ns->next)
        add_attr(arena, element,
                 ns->prefix ? xtune_arena_printf(arena, "xmlns:%s",
                                                 (const char *)ns->prefix)
                            : "xmlns",
                 ns->href);
    for (attr = node->properties; attr; attr = attr->next) {
        xmlChar *value =
            xml->xmlNodeListGetString(node->doc, attr->children, 1);

        add_attr(arena, element, full_name(arena, attr->ns, attr->name),
                 value);
        (*xml->free_r)(value);
    }
}

static void convert(xtune_arena *arena, const xmlNode *node, xt_xml *element);

static void add_child(xtune_arena *arena, xt_xml *element,
                      const xmlNode *child)
{
    element->children =
        xtune_arena_grow(arena, element->children, element->nr_children,
                         sizeof(*element->children));
    convert(arena, child, &element->children[element->nr_children++]);
}

static void convert(xtune_arena *arena, const xmlNode *node, xt_xml *element)
{
    const xmlNode *child;

    *element = (xt_xml){
        .name = full_name(arena, node->ns, node->name),
        .line = get_line(node),
    };
    convert_attrs(arena, node, element);
    for (child = node->children; child; child = child->next)
        if (child->type == XML_ELEMENT_NODE) add_child(arena, element, child);
}

int xt_xml_parse(xtune_arena *arena, const char *text, size_t len,
                 const char *object, xt_xml_doc **doc_r, xtune_error **err)
{
    complaint c = { .arena = arena, .prefix = "not well-formed XML: " };
    xt_xml_doc *doc;
    int rc;

    if (!len) return refuse(object, 1, "it is empty", err);
    if (len > XT_XML_MAX_BYTES)
        return refuse(object, 1, "larger than 1 MiB", err);
    rc = xt_xml_load(&xml, err);
    if (rc) return rc;
    rc = check_utf8(text, len, object, err);
    if (rc) return rc;
    doc = XTUNE_NEW(arena, xt_xml_doc);
    doc->arena = arena;
    doc->object = xtune_arena_strdup(arena, object);
    doc->doc = parse(&c, text, len);
    if (!doc->doc) return refuse(object, c.line, c.message, err);
    convert(arena, xml->xmlDocGetRootElement(doc->doc), &doc->root);
    *doc_r = doc;
    return 0;
}

const xt_xml *xt_xml_root(const xt_xml_doc *doc)
{
    return &doc->root;
}

static xmlRelaxNGPtr parse_schema(complaint *c, const char *rng, size_t len)
{
    xmlRelaxNGParserCtxtPtr ctxt =
        xml->xmlRelaxNGNewMemParserCtxt(rng, (int)len);
    xmlRelaxNGPtr schema;

    if (!ctxt) xt_out_of_memory();
    schema = xml->xmlRelaxNGParse(ctxt);
    if (!schema) complain(c, "the schema is wrong", 1);
    xml->xmlRelaxNGFreeParserCtxt(ctxt);
    return schema;
}

static void hold_against(complaint *c, xmlRelaxNGPtr schema, xmlDocPtr doc)
{
    xmlRelaxNGValidCtxtPtr ctxt = xml->xmlRelaxNGNewValidCtxt(schema);

    if (!ctxt) xt_out_of_memory();
    if (xml->xmlRelaxNGValidateDoc(ctxt, doc))
        complain(c, "it does not follow the schema", 1);
    xml->xmlRelaxNGFreeValidCtxt(ctxt);
}

int xt_xml_validate(const xt_xml_doc *doc, const char *rng, size_t rng_len,
                    xtune_error **err)
{
    complaint c = {
        .arena = doc->arena,
        .prefix = "not as the schema has it: ",
    };
    handler before = catch_errors(&c);
    xmlRelaxNGPtr schema = parse_schema(&c, rng, rng_len);

    if (schema) hold_against(&c, schema, doc->doc);
    xml->xmlRelaxNGFree(schema);
    release_errors(before);
    if (!c.message) return 0;
    return refuse(doc->object, c.line, c.message, err);
}

void xt_xml_free(xt_xml_doc *doc)
{
    if (!doc) return;
    xml->xmlFreeDoc(doc->doc);
    doc->doc = NULL;
}
