/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * XML documents of elements and attributes, without text, read strictly and
 * held as plain elements in an arena. The library that parses, validates and
 * prints them is known to xml*.c alone.
 */
#ifndef XT_XML_H
#define XT_XML_H

#include <stddef.h>

#include <xtune/arena.h>
#include <xtune/error.h>

#define XT_XML_MAX_BYTES (1u << 20)
#define XT_XML_MAX_DEPTH 32

typedef struct xt_xml_attr {
    const char *name; /* with its prefix, if it has one; "xmlns" too */
    const char *value;
} xt_xml_attr;

typedef struct xt_xml {
    const char *name;   /* with its prefix, if it has one */
    unsigned int line;  /* where its tag begins, from 1 */
    xt_xml_attr *attrs; /* in the order written */
    size_t nr_attrs;
    struct xt_xml *children;
    size_t nr_children;
    const char *text; /* of one that is printed, instead of children */
} xt_xml;

typedef struct xt_xml_doc xt_xml_doc;

/*
 * Reads one document in UTF-8, of at most XT_XML_MAX_BYTES and
 * XT_XML_MAX_DEPTH. object names it in errors, all of them XTUNE_ERR_INVALID
 * with "object:line": not UTF-8, not well-formed, a DOCTYPE, whatever it
 * says, text in an element that is not blank. Nothing is fetched, no entity
 * but XML's five is known.
 */
int xt_xml_parse(xtune_arena *arena, const char *text, size_t len,
                 const char *object, xt_xml_doc **doc_r, xtune_error **err);

/* Lives in the arena given above, also after xt_xml_free(). */
const xt_xml *xt_xml_root(const xt_xml_doc *doc);

/*
 * Holds the document against a schema in RELAX NG's XML syntax.
 * XTUNE_ERR_INVALID with "object:line" for the first difference.
 */
int xt_xml_validate(const xt_xml_doc *doc, const char *rng, size_t rng_len,
                    xtune_error **err);

/* Frees what the arena does not hold. NULL is fine. */
void xt_xml_free(xt_xml_doc *doc);

/*
 * Prints a document, indented and with a final newline; the caller frees it.
 * Of elements name, attrs, children and text count. What XML cannot hold is
 * printed as U+FFFD. XTUNE_ERR_UNSUPPORTED where libxml2 is not installed.
 */
int xt_xml_print(const xt_xml *root, char **text_r, xtune_error **err);

#endif
