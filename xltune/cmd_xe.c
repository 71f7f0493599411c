/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd_xe.h"

#include <stdlib.h>
#include <string.h>

#include <xtune/record.h>
#include <xtune/report.h>

#include "verb.h"

const struct xe_class xe_pusbs = {
    .class = &xtune_xe_pusb_class,
    .records = xtune_xe_pusb_records,
    .needs_rules = true,
};

const struct xe_class xe_usb_groups = {
    .class = &xtune_xe_usb_group_class,
    .records = xtune_xe_usb_group_records,
};

const struct xe_class xe_vusbs = {
    .class = &xtune_xe_vusb_class,
    .records = xtune_xe_vusb_records,
};

static int read_words(struct context *ctx, struct xe *xe, xtune_error **err)
{
    const char *minimal;

    xe->words = xtune_xe_parse(ctx->host->arena, ctx->args, ctx->nr_args);
    xe->minimal = ctx->settings.minimal;
    minimal = xtune_xe_word(&xe->words, "minimal");
    return minimal ? xtune_xe_flag("minimal", minimal, &xe->minimal, err) : 0;
}

/* Without the usb-policy there are the objects that are written down. */
static int read_rules(struct context *ctx, const struct xe_class *of,
                      struct xe *xe, xtune_error **err)
{
    xtune_error *cause = NULL;
    char *note;
    const int rc = xtune_usb_policy_of(ctx->host, &xe->rules, &cause);

    if (!rc) return 0;
    if (of->needs_rules) {
        *err = cause;
        return rc;
    }
    note = format_text("no device can be passed through: %s", cause->message);
    print_note(cause->object, note);
    free(note);
    xtune_error_free(cause);
    return 0;
}

int xe_begin(struct context *ctx, const struct xe_class *of, bool change,
             struct xe *xe, xtune_error **err)
{
    int rc;

    *xe = (struct xe){ .rules = NULL };
    rc =
        change ? observe_for_verb(ctx, 0, err) : observe(ctx, 0, NULL, 0, err);
    if (!rc) rc = read_words(ctx, xe, err);
    if (rc) return rc;
    if (!ctx->host->has_usb)
        print_note("USB devices", "this host was recorded without them");
    ctx->policy = xtune_policy_new();
    rc = read_records(ctx, ctx->policy, err);
    if (!rc) rc = read_rules(ctx, of, xe, err);
    if (!rc)
        xe->all = xtune_xe_usbs_of(ctx->host->arena, ctx->host, ctx->policy,
                                   xe->rules);
    return rc;
}

int xe_end(struct context *ctx, struct xe *xe, int code, xtune_error *err)
{
    xtune_usb_policy_free(xe->rules);
    xe->rules = NULL;
    return err ? report_error(ctx, err) : code;
}

static int print_list(struct context *ctx, const struct xe *xe,
                      const xtune_xe_list *list)
{
    char *text;

    if (list->unknown) {
        text = format_text("Unknown field '%s'", list->unknown);
        print_note(list->class->type, text);
        free(text);
    }
    if (ctx->settings.json)
        text = xtune_xe_print_json(list);
    else if (xe->minimal)
        text = xtune_xe_print_minimal(list);
    else
        text = xtune_xe_print(list);
    return print_text(ctx, text, EXIT_DONE);
}

int xe_list(struct context *ctx, const struct xe_class *of)
{
    const xtune_xe_record *records;
    xtune_error *err = NULL;
    xtune_xe_list list;
    int code = EXIT_DONE;
    struct xe xe;
    size_t nr;

    if (!xe_begin(ctx, of, false, &xe, &err)) {
        records = of->records(ctx->host->arena, &xe.all, &nr);
        if (!xtune_xe_select(ctx->host->arena, of->class, records, nr,
                             &xe.words, &list, &err))
            code = print_list(ctx, &xe, &list);
    }
    return xe_end(ctx, &xe, code, err);
}

/* The record that "uuid=" names, with no other words but these. */
static int find_record(struct context *ctx, const struct xe_class *of,
                       const struct xe *xe, const char *const *keys,
                       const xtune_xe_record **record_r, xtune_error **err)
{
    const xtune_xe_record *records;
    const char *uuid;
    size_t nr;
    int rc;

    rc = xtune_xe_only(&xe->words, keys, err);
    if (!rc) rc = xtune_xe_need(&xe->words, "uuid", &uuid, err);
    if (rc) return rc;
    records = of->records(ctx->host->arena, &xe->all, &nr);
    return xtune_xe_find(of->class, records, nr, uuid, record_r, err);
}

int xe_param_list(struct context *ctx, const struct xe_class *of)
{
    static const char *const keys[] = { "uuid", "minimal", NULL };
    const xtune_xe_record *record;
    xtune_error *err = NULL;
    xtune_xe_list list;
    int code = EXIT_DONE;
    struct xe xe;

    if (!xe_begin(ctx, of, false, &xe, &err) &&
        !find_record(ctx, of, &xe, keys, &record, &err)) {
        list = xtune_xe_whole(ctx->host->arena, of->class, record);
        code = print_list(ctx, &xe, &list);
    }
    return xe_end(ctx, &xe, code, err);
}

/* With --json the whole of that one field. */
static int print_field(struct context *ctx, const struct xe_class *of,
                       const struct xe *xe, const xtune_xe_record *record,
                       const char *text)
{
    xtune_xe_words words = { .nr = 1 };
    const char *key = "params",
               *name = xtune_xe_word(&xe->words, "param-name");
    xtune_xe_list list;

    if (!ctx->settings.json)
        return print_text(ctx, xtune_xe_print_text(text, xe->minimal),
                          EXIT_DONE);
    words.keys = &key;
    words.values = &name;
    if (xtune_xe_select(ctx->host->arena, of->class, record, 1, &words, &list,
                        NULL))
        return EXIT_FAILED;
    return print_text(ctx, xtune_xe_print_json(&list), EXIT_DONE);
}

int xe_param_get(struct context *ctx, const struct xe_class *of)
{
    static const char *const keys[] = { "uuid", "param-name", "param-key",
                                        "minimal", NULL };
    const xtune_xe_record *record;
    xtune_error *err = NULL;
    int code = EXIT_DONE;
    const char *text;
    struct xe xe;

    if (!xe_begin(ctx, of, false, &xe, &err) &&
        !find_record(ctx, of, &xe, keys, &record, &err) &&
        !xtune_xe_get(ctx->host->arena, of->class, record, &xe.words, &text,
                      &err))
        code = print_field(ctx, of, &xe, record, text);
    return xe_end(ctx, &xe, code, err);
}

int xe_remove(struct context *ctx, const struct xe_class *of,
              const struct xe *xe, const char ***items, size_t *nr,
              xtune_error **err)
{
    static const char *const keys[] = { "uuid", "param-name", "param-key",
                                        NULL };
    const char *name, *key;
    size_t field;
    int rc;

    rc = xtune_xe_only(&xe->words, keys, err);
    if (!rc) rc = xtune_xe_need(&xe->words, "param-name", &name, err);
    if (!rc) rc = xtune_xe_need(&xe->words, "param-key", &key, err);
    if (!rc) rc = xtune_xe_removable(of->class, name, &field, err);
    if (rc) return rc;
    return xtune_xe_put(ctx->host->arena, items, nr, key, NULL, err);
}

/* Of those that are not words of the command itself. */
static int add_key(struct context *ctx, const struct xe *xe, size_t word,
                   const char ***items, size_t *nr, xtune_error **err)
{
    const char *key = xe->words.keys[word];
    size_t i;

    for (i = 0; i + 1 < *nr; i += 2)
        if (!strcmp((*items)[i], key))
            return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, key,
                                   "param-set changes it",
                                   "You tried to add a key-value pair to a "
                                   "map, but that key is already there");
    return xtune_xe_put(ctx->host->arena, items, nr, key,
                        xe->words.values[word], err);
}

int xe_add(struct context *ctx, const struct xe_class *of, const struct xe *xe,
           const char ***items, size_t *nr, xtune_error **err)
{
    bool any = false;
    const char *name;
    size_t field, i;
    int rc;

    rc = xtune_xe_need(&xe->words, "param-name", &name, err);
    if (!rc) rc = xtune_xe_addable(of->class, name, &field, err);
    for (i = 0; !rc && i < xe->words.nr; i++) {
        if (!strcmp(xe->words.keys[i], "uuid") ||
            !strcmp(xe->words.keys[i], "param-name"))
            continue;
        rc = add_key(ctx, xe, i, items, nr, err);
        any = true;
    }
    if (rc || any) return rc;
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, name,
                           "write KEY=VALUE behind it",
                           "there is nothing to be added");
}

int xe_find_clearable(const struct xe_class *of, const struct xe *xe,
                      const xtune_xe_field **field_r, xtune_error **err)
{
    static const char *const keys[] = { "uuid", "param-name", NULL };
    const char *name;
    size_t field;
    int rc;

    rc = xtune_xe_only(&xe->words, keys, err);
    if (!rc) rc = xtune_xe_need(&xe->words, "param-name", &name, err);
    if (!rc) rc = xtune_xe_clearable(of->class, name, &field, err);
    if (!rc) *field_r = &of->class->fields[field];
    return rc;
}

int xe_say(struct context *ctx, const char *result)
{
    if (!ctx->settings.json) return EXIT_DONE;
    return print_text(ctx, xtune_report_outcome_json(result, NULL, 0, 0),
                      EXIT_DONE);
}

xtune_usb_group xe_group_of(const xtune_xe_usb *usb)
{
    if (usb->written) return *usb->written;
    return (xtune_usb_group){ .identity = usb->identity };
}
