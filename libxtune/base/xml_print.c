/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Documents that are printed: libxml2 knows what has to be escaped. */
#include <string.h>

#include <libxml/parserInternals.h>

#include "base/util.h"
#include "base/xml.h"
#include "base/xml_library.h"

#define INSTEAD "\xef\xbf\xbd" /* U+FFFD */

typedef struct printer {
    const xt_xml_library *xml;
    xtune_arena *arena;
    xmlDocPtr doc;
} printer;

/* Text that XML can hold. */
static const xmlChar *held(const printer *p, const char *text)
{
    size_t left = strlen(text);
    /* Each byte may become three. */
    char *copy = XTUNE_NEW_ARRAY(p->arena, char, 3 * left + 1), *end = copy;

    while (left) {
        int n = left < 4 ? (int)left : 4;
        const int c = p->xml->xmlGetUTF8Char((const xmlChar *)text, &n);

        if (c <= 0) n = 1;
        end = c > 0 && IS_CHAR(c) ? mempcpy(end, text, (size_t)n)
                                  : stpcpy(end, INSTEAD);
        text += n;
        left -= (size_t)n;
    }
    return (const xmlChar *)copy;
}

static xmlNodePtr make_node(const printer *p, const xt_xml *from)
{
    const xt_xml_library *xml = p->xml;
    xmlNodePtr node =
        xml->xmlNewDocNode(p->doc, NULL, (const xmlChar *)from->name, NULL);
    size_t i;

    if (!node) xt_out_of_memory();
    for (i = 0; i < from->nr_attrs; i++)
        if (!xml->xmlNewProp(node, (const xmlChar *)from->attrs[i].name,
                             held(p, from->attrs[i].value)))
            xt_out_of_memory();
    if (from->text &&
        !xml->xmlAddChild(node,
                          xml->xmlNewDocText(p->doc, held(p, from->text))))
        xt_out_of_memory();
    for (i = 0; i < from->nr_children; i++)
        if (!xml->xmlAddChild(node, make_node(p, &from->children[i])))
            xt_out_of_memory();
    return node;
}

int xt_xml_print(const xt_xml *root, char **text_r, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    printer p = { .arena = arena };
    xmlChar *text = NULL;
    int len, rc;

    rc = xt_xml_load(&p.xml, err);
    if (rc) return rc;
    p.doc = p.xml->xmlNewDoc((const xmlChar *)"1.0");
    if (!p.doc) xt_out_of_memory();
    p.xml->xmlDocSetRootElement(p.doc, make_node(&p, root));
    p.xml->xmlDocDumpFormatMemoryEnc(p.doc, &text, &len, "UTF-8", 1);
    if (!text) xt_out_of_memory();
    *text_r = xt_xstrdup((const char *)text);
    (*p.xml->free_r)(text);
    p.xml->xmlFreeDoc(p.doc);
    return 0;
}
