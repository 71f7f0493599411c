/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libxml2, loaded when the first policy is read, or XML is printed. With the libraries that it
 * brings along it would double the time and triple the memory that a command
 * takes to start, and most commands read no policy.
 */
#ifndef XT_XML_LIBRARY_H
#define XT_XML_LIBRARY_H

#include <libxml/parser.h>
#include <libxml/relaxng.h>
#include <libxml/SAX2.h>
#include <libxml/tree.h>
#include <libxml/xmlerror.h>

#include <xtune/error.h>

/* What of it is used. */
#define XT_XML_FUNCTIONS(F)                                                   \
    F(xmlAddChild)                                                            \
    F(xmlCtxtReadMemory)                                                      \
    F(xmlDocDumpFormatMemoryEnc)                                              \
    F(xmlDocGetRootElement)                                                   \
    F(xmlDocSetRootElement)                                                   \
    F(xmlFreeDoc)                                                             \
    F(xmlFreeParserCtxt)                                                      \
    F(xmlGetUTF8Char)                                                         \
    F(xmlNewDoc)                                                              \
    F(xmlNewDocNode)                                                          \
    F(xmlNewDocText)                                                          \
    F(xmlNewParserCtxt)                                                       \
    F(xmlNewProp)                                                             \
    F(xmlNodeListGetString)                                                   \
    F(xmlRelaxNGFree)                                                         \
    F(xmlRelaxNGFreeParserCtxt)                                               \
    F(xmlRelaxNGFreeValidCtxt)                                                \
    F(xmlRelaxNGNewMemParserCtxt)                                             \
    F(xmlRelaxNGNewValidCtxt)                                                 \
    F(xmlRelaxNGParse)                                                        \
    F(xmlRelaxNGValidateDoc)                                                  \
    F(xmlSAX2StartElementNs)                                                  \
    F(xmlSetStructuredErrorFunc)                                              \
    F(xmlStopParser)                                                          \
    F(__xmlStructuredError)                                                   \
    F(__xmlStructuredErrorContext)

#define XT_XML_MEMBER(name) __typeof__(name) *name;

typedef struct xt_xml_library {
    XT_XML_FUNCTIONS(XT_XML_MEMBER)
    xmlFreeFunc *free_r; /* what its xmlFree is */
} xt_xml_library;

/*
 * Loads it at the first call. XTUNE_ERR_UNSUPPORTED where it is not
 * installed.
 */
int xt_xml_load(const xt_xml_library **library_r, xtune_error **err);

#endif
