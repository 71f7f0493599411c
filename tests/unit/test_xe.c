/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Records as xe prints them, and the words that it takes. What is expected was
 * written by hand, from what xe prints. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <xtune/xe.h>

#include "base/util.h"

enum { UUID, NAME, ON, MEMBERS, OTHER, NOTES };

static const xtune_xe_field fields[] = {
    [UUID] = { .name = "uuid" },
    [NAME] = { .name = "name-label", .writable = true },
    [ON] = { .name = "on", .type = XTUNE_XE_FLAG, .writable = true },
    [MEMBERS] = { .name = "member-uuids", .type = XTUNE_XE_SET },
    [OTHER] = { .name = "other-config",
                .type = XTUNE_XE_MAP,
                .writable = true },
    [NOTES] = { .name = "notes", .type = XTUNE_XE_MAP },
};

static const char *const listed[] = { "uuid", "on", "member-uuids", NULL };

static const xtune_xe_class thing = {
    .name = "thing",
    .type = "Thing",
    .fields = fields,
    .nr_fields = XT_ARRAY_SIZE(fields),
    .listed = listed,
};

static const char *const members[] = { "m1", "m2" };
static const char *const other[] = { "a", "1", "b:c", "2, 3" };

static const xtune_xe_value first[] = {
    [UUID] = { .text = "u-1" },
    [NAME] = { .text = "one, \\ two" },
    [ON] = { .text = "true" },
    [MEMBERS] = { .items = members, .nr_items = 2 },
    [OTHER] = { .items = other, .nr_items = 4 },
    [NOTES] = { .nr_items = 0 },
};

static const xtune_xe_value second[] = {
    [UUID] = { .text = "U-2" },  [NAME] = { .text = "esc\033[1m" },
    [ON] = { .text = "false" },  [MEMBERS] = { .nr_items = 0 },
    [OTHER] = { .nr_items = 0 }, [NOTES] = { .nr_items = 0 },
};

static const xtune_xe_record records[] = { { first }, { second } };

static xtune_arena *arena;

static int make_arena(void **unused)
{
    (void)unused;
    arena = xtune_arena_new();
    return 0;
}

static int free_arena(void **unused)
{
    (void)unused;
    xtune_arena_free(arena);
    return 0;
}

/* Words with blanks between them. */
static xtune_xe_words words_of(const char *text)
{
    char **texts = XTUNE_NEW_ARRAY(arena, char *, strlen(text) + 1);
    char *rest = xtune_arena_strdup(arena, text), *word;
    size_t nr = 0;

    while ((word = strsep(&rest, " ")))
        if (*word) texts[nr++] = word;
    return xtune_xe_parse(arena, texts, nr);
}

static xtune_xe_list select_by(const char *text)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    const xtune_xe_words words = words_of(text);
    xtune_xe_list list;

    if (xtune_xe_select(arena, &thing, records, 2, &words, &list, &err))
        fail_msg("%s: %s: %s", text, err->object, err->message);
    return list;
}

static void prints(char *text, const char *expected)
{
    assert_string_equal(text, expected);
    free(text);
}

static void a_list_is_as_xe_prints_it(void **unused)
{
    const xtune_xe_list list = select_by("");

    (void)unused;
    /* As wide as the longest label that is shown, and 4. */
    prints(xtune_xe_print(&list), "uuid ( RO)            : u-1\n"
                                  "              on ( RW): true\n"
                                  "    member-uuids (SRO): m1; m2\n"
                                  "\n"
                                  "\n"
                                  "uuid ( RO)            : U-2\n"
                                  "              on ( RW): false\n"
                                  "    member-uuids (SRO): \n"
                                  "\n"
                                  "\n");
}

static void all_fields(void **unused)
{
    const xtune_xe_list list = xtune_xe_whole(arena, &thing, &records[0]);

    (void)unused;
    prints(xtune_xe_print(&list), "uuid ( RO)            : u-1\n"
                                  "      name-label ( RW): one, \\ two\n"
                                  "              on ( RW): true\n"
                                  "    member-uuids (SRO): m1; m2\n"
                                  "    other-config (MRW): a: 1; b:c: 2, 3\n"
                                  "           notes (MRO): \n"
                                  "\n"
                                  "\n");
}

/* An output of "xe vbd-list params=all" that was published, whole: marks of
 * every kind, and the width that they make. */

#define RO(name_, value)                                                      \
    {                                                                         \
        { .name = name_ },                                                    \
        {                                                                     \
            .text = value                                                     \
        }                                                                     \
    }
#define RW(name_, value)                                                      \
    {                                                                         \
        { .name = name_, .writable = true },                                  \
        {                                                                     \
            .text = value                                                     \
        }                                                                     \
    }
#define SRO(name_, ...)                                                       \
    {                                                                         \
        { .name = name_, .type = XTUNE_XE_SET },                              \
        {                                                                     \
            __VA_ARGS__                                                       \
        }                                                                     \
    }
#define MRW(name_, ...)                                                       \
    {                                                                         \
        { .name = name_, .type = XTUNE_XE_MAP, .writable = true },            \
        {                                                                     \
            __VA_ARGS__                                                       \
        }                                                                     \
    }

static const char *const attach[] = { "attach" };
static const char *const owner[] = { "owner", "true" };

static const struct {
    xtune_xe_field field;
    xtune_xe_value value;
} vbd[] = {
    RO("uuid", "e4827cf2-bb9e-ba15-7e6a-5eb591c3099e"),
    RO("vm-uuid", "fb37964e-a7e7-a5bf-c1b5-02ae064223da"),
    RO("vm-name-label", "Debian 11 on SR01"),
    RO("vdi-uuid", "6bbd6c4d-226d-46d3-8280-7cfd34acbad2"),
    RO("vdi-name-label", "Debian 11x2 on ZFS SR01 0"),
    SRO("allowed-operations", .items = attach, .nr_items = 1),
    SRO("current-operations", .nr_items = 0),
    RO("empty", "false"),
    RO("device", "xvda"),
    RW("userdevice", "0"),
    RW("bootable", "false"),
    RW("mode", "RW"),
    RW("type", "Disk"),
    RW("unpluggable", "true"),
    RO("currently-attached", "true"),
    RO("attachable", "<expensive field>"),
    RO("storage-lock", "false"),
    RO("status-code", "0"),
    RO("status-detail", ""),
    RW("qos_algorithm_type", ""),
    MRW("qos_algorithm_params", .nr_items = 0),
    SRO("qos_supported_algorithms", .nr_items = 0),
    MRW("other-config", .items = owner, .nr_items = 2),
    RO("io_read_kbs", "<expensive field>"),
    RO("io_write_kbs", "<expensive field>"),
};

static const char vbd_text[] =
    "uuid ( RO)                        : "
    "e4827cf2-bb9e-ba15-7e6a-5eb591c3099e\n"
    "                     vm-uuid ( RO): "
    "fb37964e-a7e7-a5bf-c1b5-02ae064223da\n"
    "               vm-name-label ( RO): Debian 11 on SR01\n"
    "                    vdi-uuid ( RO): "
    "6bbd6c4d-226d-46d3-8280-7cfd34acbad2\n"
    "              vdi-name-label ( RO): Debian 11x2 on ZFS SR01 0\n"
    "          allowed-operations (SRO): attach\n"
    "          current-operations (SRO): \n"
    "                       empty ( RO): false\n"
    "                      device ( RO): xvda\n"
    "                  userdevice ( RW): 0\n"
    "                    bootable ( RW): false\n"
    "                        mode ( RW): RW\n"
    "                        type ( RW): Disk\n"
    "                 unpluggable ( RW): true\n"
    "          currently-attached ( RO): true\n"
    "                  attachable ( RO): <expensive field>\n"
    "                storage-lock ( RO): false\n"
    "                 status-code ( RO): 0\n"
    "               status-detail ( RO): \n"
    "          qos_algorithm_type ( RW): \n"
    "        qos_algorithm_params (MRW): \n"
    "    qos_supported_algorithms (SRO): \n"
    "                other-config (MRW): owner: true\n"
    "                 io_read_kbs ( RO): <expensive field>\n"
    "                io_write_kbs ( RO): <expensive field>\n"
    "\n"
    "\n";

static void as_it_was_published(void **unused)
{
    xtune_xe_field vbd_fields[XT_ARRAY_SIZE(vbd)];
    xtune_xe_value vbd_values[XT_ARRAY_SIZE(vbd)];
    const xtune_xe_record record = { .values = vbd_values };
    const xtune_xe_class class = { .name = "vbd",
                                   .type = "VBD",
                                   .fields = vbd_fields,
                                   .nr_fields = XT_ARRAY_SIZE(vbd) };
    xtune_xe_list list;
    size_t i;

    (void)unused;
    for (i = 0; i < XT_ARRAY_SIZE(vbd); i++) {
        vbd_fields[i] = vbd[i].field;
        vbd_values[i] = vbd[i].value;
    }
    list = xtune_xe_whole(arena, &class, &record);
    prints(xtune_xe_print(&list), vbd_text);
}

/* Whatever the order in which they are asked for. */
static void fields_are_in_the_order_of_the_class(void **unused)
{
    xtune_xe_list list = select_by("params=name-label,uuid uuid=U-2");

    (void)unused;
    prints(xtune_xe_print(&list), "uuid ( RO)          : U-2\n"
                                  "    name-label ( RW): esc\\x1b[1m\n"
                                  "\n"
                                  "\n");
    list = select_by("params=on on=true");
    prints(xtune_xe_print(&list), "on ( RW)    : true\n\n\n");
    list = select_by("params=all on=true");
    assert_true(list.shown[NOTES]);
    assert_null(list.unknown);
}

static void unknown_names_of_fields_are_told(void **unused)
{
    xtune_xe_list list = select_by("params=on,colour,size");

    (void)unused;
    assert_string_equal(list.unknown, "colour");
    prints(xtune_xe_print(&list), "on ( RW)    : true\n\n\n"
                                  "on ( RW)    : false\n\n\n");
    list = select_by("params=colour");
    prints(xtune_xe_print(&list), "\n\n\n\n\n\n");
    prints(xtune_xe_print_minimal(&list), "\n");
}

static void minimal(void **unused)
{
    xtune_xe_list list = select_by("");

    (void)unused;
    prints(xtune_xe_print_minimal(&list), "u-1,U-2\n");
    list = select_by("params=on,name-label");
    prints(xtune_xe_print_minimal(&list), "one\\, \\\\ two,esc\\\\x1b[1m\n");
    list = select_by("uuid=none");
    prints(xtune_xe_print_minimal(&list), "\n");
    prints(xtune_xe_print(&list), "");
    prints(xtune_xe_print_text("a,b\\", true), "a\\,b\\\\\n");
    prints(xtune_xe_print_text("a,b\\", false), "a,b\\\n");
}

static void as_json(void **unused)
{
    const xtune_xe_list list = select_by("params=on,member-uuids,other-config "
                                         "on=true");

    (void)unused;
    prints(xtune_xe_print_json(&list), "{\n"
                                       "  \"schema\": \"xtune/xe/1\",\n"
                                       "  \"class\": \"thing\",\n"
                                       "  \"objects\": [\n"
                                       "    {\n"
                                       "      \"on\": true,\n"
                                       "      \"member-uuids\": "
                                       "[\"m1\",\"m2\"],\n"
                                       "      \"other-config\": {\n"
                                       "        \"a\": \"1\",\n"
                                       "        \"b:c\": \"2, 3\"\n"
                                       "      }\n"
                                       "    }\n"
                                       "  ]\n"
                                       "}\n");
}

static const struct {
    const char *words;
    size_t nr;
} filters[] = {
    { "", 2 },
    { "uuid=u-1", 1 },
    { "uuid=u-2", 0 }, /* exact */
    { "uuid=u-1 on=false", 0 },
    { "on=true uuid=u-1", 1 },
    { "member-uuids:contains=m2", 1 },
    { "member-uuids-contains=m2", 1 },
    { "member-uuids:contains=m", 0 },
    { "member-uuids=", 1 },
    { "member-uuids", 1 },
    { "other-config:a=1", 1 },
    { "other-config-a=1", 1 },
    { "other-config:a=2", 0 },
    { "other-config:x=", 0 },
    { "other-config:1=a", 0 }, /* a value is no key */
    { "notes:a=1", 0 },
    { "uuid=u-1 minimal=true", 1 },
};

static void records_are_filtered(void **unused)
{
    size_t i;

    (void)unused;
    for (i = 0; i < XT_ARRAY_SIZE(filters); i++) {
        const xtune_xe_list list = select_by(filters[i].words);

        if (list.nr_records != filters[i].nr)
            fail_msg("\"%s\" leaves %zu", filters[i].words, list.nr_records);
    }
}

/* Only the first "=" parts a word. */
static void values_are_what_stands_behind(void **unused)
{
    const xtune_xe_words words = words_of("a=b=c d= e =f a=2");

    (void)unused;
    assert_int_equal(words.nr, 5);
    assert_string_equal(xtune_xe_word(&words, "a"), "b=c");
    assert_string_equal(xtune_xe_word(&words, "d"), "");
    assert_string_equal(xtune_xe_word(&words, "e"), "");
    assert_string_equal(xtune_xe_word(&words, ""), "f");
    assert_null(xtune_xe_word(&words, "f"));
}

static const struct {
    const char *words, *message;
} bad_filters[] = {
    { "colour=red", "Unknown field 'colour'" },
    { "colour:x=red", "Unknown field 'colour:x'" },
    { "Uuid=u-1", "Unknown field 'Uuid'" },
    { "uuid:x=1", "Field 'uuid' is not a set or map" },
    { "uuid-x=1", "Unknown field 'uuid-x'" },
    { "member-uuids:has=m1", "Invalid syntax for set filtering (should be "
                             "set-param:contains=key)" },
    { ":x=1", "Unknown field ':x'" },
    /* Also where none is left that it could be told of. */
    { "uuid=none colour=red", "Unknown field 'colour'" },
};

static void bad_filters_are_refused(void **unused)
{
    size_t i;

    (void)unused;
    for (i = 0; i < XT_ARRAY_SIZE(bad_filters); i++) {
        XT_CLEANUP_ERROR xtune_error *err = NULL;
        const xtune_xe_words words = words_of(bad_filters[i].words);
        xtune_xe_list list;

        assert_int_equal(
            xtune_xe_select(arena, &thing, records, 2, &words, &list, &err),
            XTUNE_ERR_INVALID);
        assert_string_equal(err->message, bad_filters[i].message);
    }
}

static void required_words(void **unused)
{
    static const char *const keys[] = { "uuid", "size", NULL };
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_xe_words words = words_of("uuid=1 colour=red");
    const char *value;

    (void)unused;
    assert_int_equal(xtune_xe_need(&words, "uuid", &value, NULL), 0);
    assert_string_equal(value, "1");
    assert_int_equal(xtune_xe_need(&words, "size", &value, &err),
                     XTUNE_ERR_INVALID);
    assert_string_equal(err->message, "Required parameter not found: size");
    assert_int_equal(xtune_xe_only(&words, keys, NULL), XTUNE_ERR_INVALID);
    words = words_of("uuid=1 size=2");
    assert_int_equal(xtune_xe_only(&words, keys, NULL), 0);
    words = words_of("uuid=1 uuid=1");
    assert_int_equal(xtune_xe_only(&words, keys, NULL), XTUNE_ERR_INVALID);
}

static void one_is_found_by_its_uuid(void **unused)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    const xtune_xe_record *record;

    (void)unused;
    assert_int_equal(xtune_xe_find(&thing, records, 2, "u-2", &record, NULL),
                     0);
    assert_ptr_equal(record, &records[1]);
    assert_int_equal(xtune_xe_find(&thing, records, 2, "u", &record, &err),
                     XTUNE_ERR_NOT_FOUND);
    assert_string_equal(err->object, "u");
    assert_non_null(strstr(err->message, "The uuid you supplied was invalid"));
    assert_non_null(strstr(err->hint, "thing-list"));
}

static const struct {
    const char *words, *text, *message;
} gets[] = {
    { "param-name=name-label", "one, \\ two", NULL },
    { "param-name=on", "true", NULL },
    { "param-name=member-uuids", "m1; m2", NULL },
    { "param-name=other-config", "a: 1; b:c: 2, 3", NULL },
    { "param-name=other-config param-key=b:c", "2, 3", NULL },
    { "param-name=on param-key=x", "true", NULL },
    { "param-name=notes", "", NULL },
    { "param-name=other-config param-key=x", NULL, "Key x not found in map" },
    { "param-name=other-config param-key=", NULL, "Key  not found in map" },
    { "param-name=colour", NULL, "Missing parameter: colour" },
    { "param-name=other-config:a", NULL, "Missing parameter: other-config:a" },
    { "param-key=a", NULL, "Required parameter not found: param-name" },
};

static void one_field(void **unused)
{
    size_t i;

    (void)unused;
    for (i = 0; i < XT_ARRAY_SIZE(gets); i++) {
        XT_CLEANUP_ERROR xtune_error *err = NULL;
        const xtune_xe_words words = words_of(gets[i].words);
        const char *text = NULL;

        xtune_xe_get(arena, &thing, &records[0], &words, &text, &err);
        if (gets[i].text)
            assert_string_equal(text, gets[i].text);
        else
            assert_string_equal(err->message, gets[i].message);
    }
}

static void what_can_be_set(void **unused)
{
    static const struct {
        const char *key, *message;
    } bad[] = {
        { "uuid", "Field 'uuid' is read-only." },
        { "notes:a", "Map field 'notes' is read-only." },
        { "member-uuids:contains", "Cannot param-set on set fields" },
        { "colour", "Unknown field 'colour'" },
        { "other-config", "Field 'other-config' is a map or set. use the "
                          "'name:key=value' syntax." },
    };
    const char *map_key;
    size_t field, i;

    (void)unused;
    assert_int_equal(xtune_xe_settable(&thing, "on", &field, &map_key, NULL),
                     0);
    assert_int_equal(field, ON);
    assert_null(map_key);
    assert_int_equal(
        xtune_xe_settable(&thing, "other-config:b:c", &field, &map_key, NULL),
        0);
    assert_int_equal(field, OTHER);
    assert_string_equal(map_key, "b:c");
    for (i = 0; i < XT_ARRAY_SIZE(bad); i++) {
        XT_CLEANUP_ERROR xtune_error *err = NULL;

        assert_int_equal(
            xtune_xe_settable(&thing, bad[i].key, &field, &map_key, &err),
            XTUNE_ERR_INVALID);
        assert_string_equal(err->message, bad[i].message);
    }
}

static void keys_of_a_map(void **unused)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    const char **items = (const char **)other;
    size_t nr = 4, field;

    (void)unused;
    assert_int_equal(xtune_xe_put(arena, &items, &nr, "a", "2", NULL), 0);
    assert_int_equal(xtune_xe_put(arena, &items, &nr, "2", "x", NULL), 0);
    assert_int_equal(nr, 6);
    assert_string_equal(items[1], "2");
    assert_string_equal(items[5], "x");
    assert_string_equal(other[1], "1");
    assert_int_equal(xtune_xe_put(arena, &items, &nr, "b:c", NULL, NULL), 0);
    assert_int_equal(nr, 4);
    assert_string_equal(items[2], "2");
    assert_int_equal(xtune_xe_put(arena, &items, &nr, "x", NULL, &err),
                     XTUNE_ERR_NOT_FOUND);
    assert_string_equal(err->message, "Key x is not in map");
    assert_int_equal(xtune_xe_removable(&thing, "other-config", &field, NULL),
                     0);
    assert_int_equal(field, OTHER);
    assert_int_equal(xtune_xe_removable(&thing, "notes", &field, NULL),
                     XTUNE_ERR_INVALID);
    assert_int_equal(xtune_xe_removable(&thing, "on", &field, NULL),
                     XTUNE_ERR_INVALID);
    assert_int_equal(xtune_xe_removable(&thing, "colour", &field, NULL),
                     XTUNE_ERR_INVALID);
}

static void flags(void **unused)
{
    static const char *const bad[] = { "", "True", "1", "yes", "true " };
    bool flag = false;
    size_t i;

    (void)unused;
    assert_int_equal(xtune_xe_flag("on", "true", &flag, NULL), 0);
    assert_true(flag);
    assert_int_equal(xtune_xe_flag("on", "false", &flag, NULL), 0);
    assert_false(flag);
    for (i = 0; i < XT_ARRAY_SIZE(bad); i++) {
        XT_CLEANUP_ERROR xtune_error *err = NULL;

        assert_int_equal(xtune_xe_flag("on", bad[i], &flag, &err),
                         XTUNE_ERR_INVALID);
        assert_string_equal(err->message,
                            "Failed to parse parameter 'on': expecting a "
                            "boolean (true or false)");
    }
}

#define WITH_ARENA(test)                                                      \
    cmocka_unit_test_setup_teardown(test, make_arena, free_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(a_list_is_as_xe_prints_it),
        WITH_ARENA(all_fields),
        WITH_ARENA(as_it_was_published),
        WITH_ARENA(fields_are_in_the_order_of_the_class),
        WITH_ARENA(unknown_names_of_fields_are_told),
        WITH_ARENA(minimal),
        WITH_ARENA(as_json),
        WITH_ARENA(records_are_filtered),
        WITH_ARENA(values_are_what_stands_behind),
        WITH_ARENA(bad_filters_are_refused),
        WITH_ARENA(required_words),
        WITH_ARENA(one_is_found_by_its_uuid),
        WITH_ARENA(one_field),
        WITH_ARENA(what_can_be_set),
        WITH_ARENA(keys_of_a_map),
        WITH_ARENA(flags),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
