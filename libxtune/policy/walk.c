/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Holds a document against the rows of elements.c. */
#include <stdarg.h>
#include <string.h>

#include "base/util.h"
#include "policy/read.h"

int xt_policy_refuse(const xt_policy_reader *r, unsigned int line,
                     const char *hint, const char *fmt, ...)
{
    const char *message;
    va_list ap;

    va_start(ap, fmt);
    message = xtune_arena_vprintf(r->arena, fmt, ap);
    va_end(ap);
    return xtune_error_set(
        r->err, XTUNE_ERR_INVALID, 0,
        xtune_source_text(r->arena, (xtune_source){ r->file, line }), hint,
        "%s", message);
}

/* "one of a, b, c"; nothing where there is none. */
static const char *add_choice(const xt_policy_reader *r, const char *choices,
                              const char *name)
{
    if (!choices) return xtune_arena_printf(r->arena, "one of %s", name);
    return xtune_arena_printf(r->arena, "%s, %s", choices, name);
}

static const char *attr_choices(const xt_policy_reader *r,
                                const xt_element *element)
{
    const char *choices = NULL;
    size_t i;

    for (i = 0; i < element->nr_attrs; i++)
        choices = add_choice(r, choices, element->attrs[i].name);
    return choices ? choices : "it has none";
}

static const char *child_choices(const xt_policy_reader *r,
                                 const xt_element *element)
{
    const char *choices = NULL;
    size_t i;

    for (i = 0; i < element->nr_children; i++)
        choices = add_choice(r, choices, element->children[i].name);
    return choices ? choices : "none is allowed there";
}

static const char *word_choices(const xt_policy_reader *r,
                                const xt_value *value)
{
    const char *choices = NULL;
    size_t i;

    for (i = 0; i < value->nr_words; i++)
        choices = add_choice(r, choices, value->words[i]);
    return choices;
}

static const xt_attr *find_attr(const xt_element *element, const char *name)
{
    size_t i;

    for (i = 0; i < element->nr_attrs; i++)
        if (!strcmp(element->attrs[i].name, name)) return &element->attrs[i];
    return NULL;
}

/* Its index, or nr_children. */
static size_t find_child(const xt_element *element, const char *name)
{
    size_t i;

    for (i = 0; i < element->nr_children; i++)
        if (!strcmp(element->children[i].name, name)) break;
    return i;
}

static int check_word(const xt_policy_reader *r, const xt_xml *xml,
                      const xt_attr *attr, const char *text,
                      unsigned int *word_r)
{
    const xt_value *value = attr->value;
    size_t i;

    for (i = 0; i < value->nr_words; i++) {
        if (strcmp(value->words[i], text)) continue;
        *word_r = (unsigned int)i;
        return 0;
    }
    return xt_policy_refuse(r, xml->line, word_choices(r, value),
                            "attribute \"%s\" of \"%s\": no such value \"%s\"",
                            attr->name, xml->name, text);
}

static const char *form_of(const xt_value *value)
{
    return value->parameter ? value->parameter->form : value->form;
}

static bool is_valid(const xt_policy_reader *r, const xt_value *value,
                     const char *text, const char **why_r)
{
    uint32_t number;

    if (value->parameter)
        return xt_parameter_parse(value->parameter, text, &number);
    return value->is_valid(r->arena, text, why_r);
}

static int check_form(const xt_policy_reader *r, const xt_xml *xml,
                      const xt_attr *attr, const char *text)
{
    const char *why = NULL;

    if (is_valid(r, attr->value, text, &why)) return 0;
    if (!why) why = xtune_arena_printf(r->arena, "no such value \"%s\"", text);
    return xt_policy_refuse(r, xml->line, form_of(attr->value),
                            "attribute \"%s\" of \"%s\": %s", attr->name,
                            xml->name, why);
}

/* Far more than any list needs. */
#define MAX_VALUE 16384

static int read_attr(const xt_policy_reader *r, const xt_element *element,
                     const xt_xml *xml, const xt_xml_attr *written,
                     void *object)
{
    const xt_attr *attr = find_attr(element, written->name);
    unsigned int word = 0;
    int rc;

    if (!attr)
        return xt_policy_refuse(r, xml->line, attr_choices(r, element),
                                "element \"%s\": unknown attribute \"%s\"",
                                xml->name, written->name);
    if (strlen(written->value) > MAX_VALUE)
        return xt_policy_refuse(r, xml->line, NULL,
                                "attribute \"%s\" of \"%s\": value too long",
                                attr->name, xml->name);
    if (attr->value->words)
        rc = check_word(r, xml, attr, written->value, &word);
    else
        rc = check_form(r, xml, attr, written->value);
    if (rc) return rc;
    attr->set(object, xtune_arena_strdup(r->policy->arena, written->value),
              word);
    return 0;
}

static bool is_written(const xt_xml *xml, const char *name)
{
    size_t i;

    for (i = 0; i < xml->nr_attrs; i++)
        if (!strcmp(xml->attrs[i].name, name)) return true;
    return false;
}

static int read_attrs(const xt_policy_reader *r, const xt_element *element,
                      const xt_xml *xml, void *object)
{
    size_t i;
    int rc;

    for (i = 0; i < xml->nr_attrs; i++) {
        rc = read_attr(r, element, xml, &xml->attrs[i], object);
        if (rc) return rc;
    }
    for (i = 0; i < element->nr_attrs; i++) {
        const xt_attr *attr = &element->attrs[i];

        if (attr->required && !is_written(xml, attr->name))
            return xt_policy_refuse(
                r, xml->line,
                attr->value->words ? word_choices(r, attr->value)
                                   : form_of(attr->value),
                "element \"%s\": attribute \"%s\" is missing", xml->name,
                attr->name);
    }
    return 0;
}

static int read_children(xt_policy_reader *r, const xt_element *element,
                         const xt_xml *xml, void *object)
{
    unsigned int first[XT_POLICY_MAX_CHILDREN] = { 0 }; /* lines */
    size_t i, n;
    int rc;

    for (i = 0; i < xml->nr_children; i++) {
        const xt_xml *child = &xml->children[i];

        n = find_child(element, child->name);
        if (n == element->nr_children)
            return xt_policy_refuse(r, child->line, child_choices(r, element),
                                    "unknown element \"%s\" in \"%s\"",
                                    child->name, xml->name);
        if (first[n] && !element->children[n].repeats)
            return xt_policy_refuse(
                r, child->line, "write it once",
                "element \"%s\" is already there, in line %u", child->name,
                first[n]);
        first[n] = child->line;
        rc = xt_policy_walk(r, &element->children[n], child, object);
        if (rc) return rc;
    }
    return 0;
}

int xt_policy_walk(xt_policy_reader *r, const xt_element *element,
                   const xt_xml *xml, void *parent)
{
    const xtune_source source = { r->file, xml->line };
    void *object = NULL;
    int rc;

    if (strcmp(xml->name, element->name))
        return xt_policy_refuse(r, xml->line, NULL,
                                "element \"%s\" where \"%s\" must be",
                                xml->name, element->name);
    rc = element->open(r, parent, source, &object);
    if (rc) return rc;
    rc = read_attrs(r, element, xml, object);
    if (rc) return rc;
    rc = read_children(r, element, xml, object);
    if (rc) return rc;
    return element->close ? element->close(r, object) : 0;
}
