/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Headers of qcow2 images: those that are, and those that lie. */
#include "backend/qcow2.h"
#include "base/util.h"
#include "qcow2_image.h"
#include "util.h"

static uint8_t header[IMAGE_BYTES];
static xt_qcow2 image;

static bool parse(void)
{
    memset(&image, 0xff, sizeof(image));
    return xt_qcow2_parse(header, sizeof(header), &image);
}

static void make(const test_image *from)
{
    make_image(header, from);
}

static void test_versions(void **state)
{
    (void)state;
    make(&(test_image){ .bytes = UINT64_C(16) << 30 });
    assert_true(parse());
    assert_int_equal(image.bytes, UINT64_C(16) << 30);
    assert_int_equal(image.cluster_bytes, 65536);
    assert_int_equal(image.backing_len, 0);
    assert_string_equal(image.backing_format, "");
    make(&(test_image){ .version = 2, .cluster_bits = 21, .bytes = 512 });
    assert_true(parse());
    assert_int_equal(image.bytes, 512);
    assert_int_equal(image.cluster_bytes, 2 << 20);
    /* "qcow" has the same magic, and another header. */
    make(&(test_image){ .version = 1 });
    assert_false(parse());
    make(&(test_image){ .version = 4 });
    assert_false(parse());
}

static void test_backing(void **state)
{
    (void)state;
    make(&(test_image){ .backing = "base.img", .backing_format = "raw" });
    assert_true(parse());
    assert_int_equal(image.backing_at, NAME_AT);
    assert_int_equal(image.backing_len, strlen("base.img"));
    assert_string_equal(image.backing_format, "raw");
    make(&(test_image){
        .version = 2, .backing = "b", .backing_format = "qcow2" });
    assert_true(parse());
    assert_string_equal(image.backing_format, "qcow2");
}

/* An extension that is not known is passed over, with what fills it up. */
static void test_extensions(void **state)
{
    (void)state;
    make(&(test_image){ .backing_format = "raw" });
    memmove(header + 104 + 16, header + 104, 16);
    put_number(header + 104, 0x6803f857, 4);
    put_number(header + 108, 3, 4);
    assert_true(parse());
    assert_string_equal(image.backing_format, "raw");
    /* One that says it is longer than all that there is. */
    put_number(header + 108, UINT32_MAX, 4);
    assert_true(parse());
    assert_string_equal(image.backing_format, "");
    put_number(header + 108, UINT32_MAX - 6, 4);
    assert_true(parse());
    assert_string_equal(image.backing_format, "");
    /* What comes behind the last one is none. */
    put_number(header + 104, 0, 4);
    put_number(header + 108, 0, 4);
    assert_true(parse());
    assert_string_equal(image.backing_format, "");
}

static void test_formats_that_are_none(void **state)
{
    (void)state;
    make(&(test_image){ .backing_format = "abcdefghijklmnop" });
    assert_true(parse());
    assert_string_equal(image.backing_format, "");
    make(&(test_image){ .backing_format = "abcdefghijklmno" });
    assert_true(parse());
    assert_string_equal(image.backing_format, "abcdefghijklmno");
    make(&(test_image){ .backing_format = "ra\nw" });
    assert_true(parse());
    assert_string_equal(image.backing_format, "");
}

static void expect_refused(size_t at, uint64_t value, size_t nr)
{
    make(&(test_image){ .bytes = 4096, .backing = "b" });
    assert_true(parse());
    put_number(header + at, value, nr);
    assert_false(parse());
}

static void test_lies(void **state)
{
    (void)state;
    expect_refused(0, 0x514649fa, 4);
    expect_refused(20, 8, 4);
    expect_refused(20, 22, 4);
    expect_refused(20, UINT32_MAX, 4);
    expect_refused(24, UINT64_C(1) << 63, 8);
    /* A name outside the first cluster, or too long. */
    expect_refused(8, 65536, 8);
    expect_refused(8, 65537, 8);
    expect_refused(8, UINT64_MAX, 8);
    expect_refused(16, 1024, 4);
    expect_refused(16, UINT32_MAX, 4);
    /* A header that is shorter than all are, or longer than a cluster. */
    expect_refused(100, 103, 4);
    expect_refused(100, 65537, 4);
    expect_refused(100, UINT32_MAX, 4);
}

/* A file that ends in the middle of its header. */
static void test_short(void **state)
{
    size_t len;

    (void)state;
    make(&(test_image){ .backing_format = "raw" });
    for (len = 0; len < 104; len++)
        assert_false(xt_qcow2_parse(header, len, &image));
    assert_true(xt_qcow2_parse(header, 104, &image));
    assert_string_equal(image.backing_format, "");
    assert_true(xt_qcow2_parse(header, 114, &image));
    assert_string_equal(image.backing_format, "");
    assert_true(xt_qcow2_parse(header, 115, &image));
    assert_string_equal(image.backing_format, "raw");
    make(&(test_image){ .version = 2 });
    assert_false(xt_qcow2_parse(header, 71, &image));
    assert_true(xt_qcow2_parse(header, 72, &image));
}

static void expect_path(const char *of, const char *name, const char *path)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *got = xt_qcow2_backing_path(arena, of, name);

    if (path)
        assert_string_equal(got, path);
    else
        assert_null(got);
}

static void test_paths(void **state)
{
    (void)state;
    expect_path("/vm/a.qcow2", "/img/b", "/img/b");
    expect_path("/vm/a.qcow2", "b", "/vm/b");
    expect_path("/vm/a.qcow2", "./b:c", "/vm/./b:c");
    expect_path("/vm/a.qcow2", "file:b", "/vm/b");
    expect_path("/vm/a.qcow2", "file:/b", "/b");
    expect_path("/vm/a.qcow2", "file:", NULL);
    expect_path("/vm/a.qcow2", "nbd://server/x", NULL);
    expect_path("/vm/a.qcow2", "json:{}", NULL);
    expect_path("/vm/a.qcow2", "b:c", NULL);
    expect_path("/vm/a.qcow2", "", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_versions),
        cmocka_unit_test(test_backing),
        cmocka_unit_test(test_extensions),
        cmocka_unit_test(test_formats_that_are_none),
        cmocka_unit_test(test_lies),
        cmocka_unit_test(test_short),
        cmocka_unit_test(test_paths),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
