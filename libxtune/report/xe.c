/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Records as xe prints them. */
#include "report/xe.h"

#include <string.h>

#include "base/json.h"
#include "report/text.h"

/* In front of the longest label of a record. */
#define INDENT 4

static const char *mark_of(const xtune_xe_field *field)
{
    switch (field->type) {
    case XTUNE_XE_SET: return field->writable ? " (SRW)" : " (SRO)";
    case XTUNE_XE_MAP: return field->writable ? " (MRW)" : " (MRO)";
    default: return field->writable ? " ( RW)" : " ( RO)";
    }
}

const char *xt_xe_text(xtune_arena *arena, const xtune_xe_field *field,
                       const xtune_xe_value *value)
{
    const char *text = "";
    size_t i;

    if (field->type != XTUNE_XE_SET && field->type != XTUNE_XE_MAP)
        return value->text ? value->text : "";
    for (i = 0; i < value->nr_items; i++) {
        const bool is_value = field->type == XTUNE_XE_MAP && i % 2;

        text = xtune_arena_printf(arena, "%s%s%s", text,
                                  !i         ? ""
                                  : is_value ? ": "
                                             : "; ",
                                  value->items[i]);
    }
    return text;
}

static void put_record(FILE *out, xtune_arena *arena,
                       const xtune_xe_list *list,
                       const xtune_xe_record *record)
{
    const xtune_xe_class *class = list->class;
    int width = INDENT, len;
    bool is_first = true;
    size_t i;

    for (i = 0; i < class->nr_fields; i++) {
        len = (int)strlen(class->fields[i].name) + INDENT +
              (int)strlen(mark_of(&class->fields[i]));
        if (list->shown[i] && len > width) width = len;
    }
    for (i = 0; i < class->nr_fields; i++) {
        const xtune_xe_field *field = &class->fields[i];
        const char *label =
            xtune_arena_printf(arena, "%s%s", field->name, mark_of(field));

        if (!list->shown[i]) continue;
        fprintf(
            out, "%s%*s: %s", is_first ? "" : "\n", is_first ? -width : width,
            label,
            xt_text_safe(arena, xt_xe_text(arena, field, &record->values[i])));
        is_first = false;
    }
    fputs("\n\n\n", out);
}

char *xtune_xe_print(const xtune_xe_list *list)
{
    xtune_arena *arena = xtune_arena_new();
    xt_text text;
    size_t i;

    xt_text_open(&text);
    for (i = 0; i < list->nr_records; i++)
        put_record(text.out, arena, list, &list->records[i]);
    xtune_arena_free(arena);
    return xt_text_close(&text);
}

/* So that a list of them can be taken apart again. */
static void put_escaped(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (*text == ',' || *text == '\\') fputc('\\', out);
        fputc(*text, out);
    }
}

char *xtune_xe_print_minimal(const xtune_xe_list *list)
{
    const xtune_xe_class *class = list->class;
    xtune_arena *arena = xtune_arena_new();
    size_t i, first;
    xt_text text;

    xt_text_open(&text);
    for (first = 0; first < class->nr_fields; first++)
        if (list->shown[first]) break;
    for (i = 0; first < class->nr_fields && i < list->nr_records; i++) {
        const char *value = xt_xe_text(arena, &class->fields[first],
                                       &list->records[i].values[first]);

        if (i) fputc(',', text.out);
        put_escaped(text.out, xt_text_safe(arena, value));
    }
    fputc('\n', text.out);
    xtune_arena_free(arena);
    return xt_text_close(&text);
}

char *xtune_xe_print_text(const char *value, bool minimal)
{
    xtune_arena *arena = xtune_arena_new();
    const char *safe = xt_text_safe(arena, value);
    xt_text text;

    xt_text_open(&text);
    if (minimal)
        put_escaped(text.out, safe);
    else
        fputs(safe, text.out);
    fputc('\n', text.out);
    xtune_arena_free(arena);
    return xt_text_close(&text);
}

static xt_json *map_json(xtune_arena *arena, const xtune_xe_value *value)
{
    xt_json *json = xt_json_object(arena);
    size_t i;

    for (i = 0; i + 1 < value->nr_items; i += 2)
        xt_json_add_string(arena, json, value->items[i], value->items[i + 1]);
    return json;
}

static xt_json *value_json(xtune_arena *arena, const xtune_xe_field *field,
                           const xtune_xe_value *value)
{
    switch (field->type) {
    case XTUNE_XE_FLAG:
        return xt_json_bool(arena, !strcmp(value->text, "true"));
    case XTUNE_XE_SET:
        return xt_json_strings(arena, value->items, value->nr_items);
    case XTUNE_XE_MAP: return map_json(arena, value);
    default: return xt_json_string(arena, value->text ? value->text : "");
    }
}

static xt_json *record_json(xtune_arena *arena, const xtune_xe_list *list,
                            const xtune_xe_record *record)
{
    xt_json *json = xt_json_object(arena);
    size_t i;

    for (i = 0; i < list->class->nr_fields; i++)
        if (list->shown[i])
            xt_json_add(arena, json, list->class->fields[i].name,
                        value_json(arena, &list->class->fields[i],
                                   &record->values[i]));
    return json;
}

char *xtune_xe_print_json(const xtune_xe_list *list)
{
    xtune_arena *arena = xtune_arena_new();
    xt_json *json = xt_json_object(arena), *objects = xt_json_array(arena);
    char *text;
    size_t i;

    for (i = 0; i < list->nr_records; i++)
        xt_json_append(arena, objects,
                       record_json(arena, list, &list->records[i]));
    xt_json_add_string(arena, json, "schema", "xtune/xe/1");
    xt_json_add_string(arena, json, "class", list->class->name);
    xt_json_add(arena, json, "objects", objects);
    text = xt_json_print(json);
    xtune_arena_free(arena);
    return text;
}
