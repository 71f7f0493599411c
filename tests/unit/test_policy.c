/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading policies: what is understood, what is refused and how. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <xtune/policy.h>

#include "base/files.h"
#include "base/util.h"
#include "base/xml.h"
#include "policy/read.h"

/* Documents in memory. */

#define POLICY(inside) "<policy name=\"p\">\n" inside "\n</policy>\n"
#define HOST(inside) POLICY("<host>\n" inside "\n</host>")
#define RULE(inside) POLICY("<domains match=\"*\">\n" inside "\n</domains>")

static int read_text(const char *text, size_t len, xtune_policy **policy_r,
                     xtune_error **err)
{
    return xt_policy_read_memory(text, len, "p.xml", policy_r, err);
}

static xtune_policy *must_read(const char *text)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_policy *policy = NULL;

    if (read_text(text, strlen(text), &policy, &err))
        fail_msg("%s: %s:\n%s", err->object, err->message, text);
    assert_null(err);
    return policy;
}

/* Whether the schema alone takes it. */
static bool schema_takes(const char *text, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_xml_doc *doc;
    int rc;

    if (xt_xml_parse(arena, text, strlen(text), "p.xml", &doc, err))
        fail_msg("not well-formed:\n%s", text);
    rc = xt_xml_validate(doc, xt_policy_rng, xt_policy_rng_len, err);
    xt_xml_free(doc);
    return !rc;
}

static void everything_is_read(void **state)
{
    static const char text[] =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<policy name=\"all\">\n"
        "  <host>\n"
        "    <dom0 memory=\"4G\" vcpus=\"auto\"/>\n"
        "    <cpupool name=\"rt\" cpus=\"8-15,^9\" scheduler=\"null\"/>\n"
        "    <headroom cpu=\"20%\"/>\n"
        "    <cpupool name=\"big one\" cpus=\"node:1\"/>\n"
        "  </host>\n"
        "  <domains match=\"name:db-*\">\n"
        "    <numa placement=\"0-1\" mode=\"hard\" memory=\"follow\"/>\n"
        "    <vcpus pin=\"one-to-one\" smt=\"isolate\"/>\n"
        "    <devices numa=\"required\"/>\n"
        "    <cpupool\n"
        "      name=\"rt\"\n"
        "    />\n"
        "  </domains>\n"
        "</policy>\n";
    xtune_policy *p = must_read(text);
    const xtune_rule *rule = p->rules;

    (void)state;
    assert_string_equal(p->name, "all");
    assert_true(p->has_dom0);
    assert_string_equal(p->dom0_memory, "4G");
    assert_string_equal(p->dom0_vcpus, "auto");
    assert_int_equal(p->dom0_source.line, 4);
    assert_string_equal(p->dom0_source.file, "p.xml");
    assert_false(p->split_numa);
    assert_int_equal(p->nr_pools, 2);
    assert_string_equal(p->pools[0].name, "rt");
    assert_string_equal(p->pools[0].cpus, "8-15,^9");
    assert_string_equal(p->pools[0].scheduler, "null");
    assert_int_equal(p->pools[0].source.line, 5);
    assert_string_equal(p->pools[1].name, "big one");
    assert_null(p->pools[1].scheduler);
    assert_true(p->has_headroom);
    assert_int_equal(p->headroom_pct, 20);
    assert_int_equal(p->headroom_source.line, 6);

    assert_int_equal(p->nr_rules, 1);
    assert_string_equal(rule->match, "name:db-*");
    assert_int_equal(rule->source.line, 9);
    assert_true(rule->has_numa);
    assert_int_equal(rule->placement, XTUNE_PLACE_NODES);
    assert_string_equal(rule->nodes, "0-1");
    assert_int_equal(rule->numa_source.line, 10);
    assert_int_equal(rule->mode, XTUNE_AFFINITY_HARD);
    assert_int_equal(rule->memory, XTUNE_MEMORY_FOLLOW);
    assert_true(rule->has_vcpus);
    assert_int_equal(rule->vcpus_source.line, 11);
    assert_int_equal(rule->pin, XTUNE_PIN_ONE_TO_ONE);
    assert_int_equal(rule->smt, XTUNE_SMT_ISOLATE);
    assert_true(rule->has_devices);
    assert_int_equal(rule->devices_source.line, 12);
    assert_int_equal(rule->devices, XTUNE_DEVICES_REQUIRED);
    assert_string_equal(rule->cpupool, "rt");
    assert_int_equal(rule->cpupool_source.line, 13);
    xtune_policy_free(p);
}

static void what_is_not_written_has_its_default(void **state)
{
    xtune_policy *p = must_read(
        POLICY("<domains match=\"*\"/>\n"
               "<domains match=\"*\"><numa placement=\"auto\"/><vcpus/>"
               "</domains>\n"
               "<domains match=\"*\"><numa placement=\"none\"/></domains>"));
    const xtune_rule *bare = &p->rules[0], *rule = &p->rules[1];

    (void)state;
    assert_int_equal(p->nr_rules, 3);
    assert_false(p->has_dom0 || p->has_headroom || p->split_numa);
    assert_false(bare->has_numa || bare->has_vcpus || bare->has_devices);
    assert_int_equal(bare->placement, XTUNE_PLACE_NONE);
    assert_null(bare->cpupool);
    assert_int_equal(rule->placement, XTUNE_PLACE_AUTO);
    assert_int_equal(rule->mode, XTUNE_AFFINITY_SOFT);
    assert_int_equal(rule->memory, XTUNE_MEMORY_STAY);
    assert_true(rule->has_vcpus);
    assert_int_equal(rule->pin, XTUNE_PIN_NODE);
    assert_int_equal(rule->smt, XTUNE_SMT_AVOID);
    assert_int_equal(rule->devices, XTUNE_DEVICES_PREFERRED);
    assert_int_equal(p->rules[2].placement, XTUNE_PLACE_NONE);
    assert_true(p->rules[2].has_numa);
    xtune_policy_free(p);
}

/* Good ones: the reader and the schema both take them. */
static const char *const good[] = {
    "<policy name=\"p\"/>",
    "\xef\xbb\xbf<policy name=\"p\"/>",
    "<?xml version=\"1.0\"?><!-- a --><?b c?><policy name=\"p\"></policy>",
    "<policy name='a.b-c_D9'><![CDATA[ ]]></policy>",
    HOST(""),
    HOST("<dom0/>"),
    HOST("<dom0 memory=\"auto\" vcpus=\"8192\"/>"),
    HOST("<dom0 memory=\"999999999T\" vcpus=\"1\"/>"),
    HOST("<dom0 memory=\"1K\" vcpus=\"8099\"/>"),
    HOST("<cpupools split=\"numa\"/>"),
    HOST("<headroom cpu=\"0%\"/>"),
    HOST("<headroom cpu=\"099%\"/>"),
    HOST("<headroom cpu=\"100%\"/><dom0 vcpus=\"2\"/>"),
    HOST("<cpupool name=\"a\"/><headroom cpu=\"1%\"/><cpupool name=\"b\"/>"),
    HOST("<cpupool name=\"\xc3\xa4 &amp; &lt;\" scheduler=\"arinc653\"/>"),
    HOST("<cpupool name=\"a\" cpus=\"all,^0,^nodes:2-3\"/>"),
    HOST("<cpupool name=\"a\" cpus=\"node:all,^0-1\"/>"),
    RULE(""),
    RULE("<numa placement=\"all,^0\"/>"),
    RULE("<numa placement=\"0,2-3\"/>"),
    RULE("<cpupool name=\"Pool-0\"/><devices numa=\"ignore\"/>"
         "<vcpus smt=\"allow\"/><numa placement=\"none\" mode=\"soft\"/>"),
    POLICY("<domains match=\"name:a\"/><host/><domains match=\"type:pv\"/>"),
    POLICY("<domains match=\"name:[a-c]?\\*\"/>"),
    POLICY("<domains match=\"type:pvh\"/><domains match=\"type:hvm\"/>"),
    POLICY("<domains match=\"uuid:0a1B2c3d-0000-1111-2222-333344445555\"/>"),
};

static void good_documents(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(good); i++) {
        XT_CLEANUP_ERROR xtune_error *err = NULL;

        xtune_policy_free(must_read(good[i]));
        if (!schema_takes(good[i], &err))
            fail_msg("%s: %s:\n%s", err->object, err->message, good[i]);
    }
}

/* Bad ones, and what is said of them. */
typedef struct bad_document {
    const char *text;
    const char *object;
    const char *message;    /* parts of the error's */
    const char *hint;
} bad_document;

#define UUID_FORM "name:GLOB, uuid:UUID, type:pv"

/* The schema refuses these as well. */
static const bad_document bad[] = {
    { "<polcy name=\"p\"/>", "p.xml:1",
      "element \"polcy\" where \"policy\" must be", NULL },
    { "<p:policy xmlns:p=\"urn:x\" name=\"p\"/>", "p.xml:1",
      "element \"p:policy\" where", NULL },
    { "<policy xmlns=\"urn:x\" name=\"p\"/>", "p.xml:1",
      "element \"policy\": unknown attribute \"xmlns\"", "one of name" },
    { "<policy/>", "p.xml:1",
      "element \"policy\": attribute \"name\" is missing", "letters" },
    { "<policy name=\"\"/>", "p.xml:1",
      "attribute \"name\" of \"policy\": no such value \"\"", "letters" },
    { "<policy name=\"../p\"/>", "p.xml:1", "no such value \"../p\"", NULL },
    { "<policy name=\"a b\"/>", "p.xml:1", "no such value \"a b\"", NULL },
    { "<policy name=\"p\" xml:lang=\"de\"/>", "p.xml:1",
      "unknown attribute \"xml:lang\"", "one of name" },
    { POLICY("<domain match=\"*\"/>"), "p.xml:2",
      "unknown element \"domain\" in \"policy\"", "one of host, domains" },
    { POLICY("<host/>\n<host/>"), "p.xml:3",
      "element \"host\" is already there, in line 2", NULL },
    { POLICY("<host a=\"1\"/>"), "p.xml:2",
      "element \"host\": unknown attribute \"a\"", "it has none" },
    { HOST("<numa/>"), "p.xml:3", "unknown element \"numa\" in \"host\"",
      "one of dom0, cpupools, cpupool, headroom" },
    { HOST("<dom0/>\n\n<dom0/>"), "p.xml:5",
      "element \"dom0\" is already there, in line 3", NULL },
    { HOST("<dom0><x/></dom0>"), "p.xml:3",
      "unknown element \"x\" in \"dom0\"", "none is allowed there" },
    { HOST("<dom0 memory=\"4096\"/>"), "p.xml:3",
      "attribute \"memory\" of \"dom0\": no such value \"4096\"", "auto" },
    { HOST("<dom0 memory=\"4g\"/>"), "p.xml:3", "\"4g\"", "K, M, G or T" },
    { HOST("<dom0 memory=\"4GB\"/>"), "p.xml:3", "\"4GB\"", NULL },
    { HOST("<dom0 memory=\"-4G\"/>"), "p.xml:3", "\"-4G\"", NULL },
    { HOST("<dom0 memory=\"0G\"/>"), "p.xml:3", "\"0G\"", NULL },
    { HOST("<dom0 memory=\"G\"/>"), "p.xml:3", "\"G\"", NULL },
    { HOST("<dom0 memory=\"1000000000K\"/>"), "p.xml:3", "value", NULL },
    { HOST("<dom0 memory=\"\"/>"), "p.xml:3", "no such value \"\"", NULL },
    { HOST("<dom0 memory=\" auto\"/>"), "p.xml:3", "\" auto\"", NULL },
    { HOST("<dom0 vcpus=\"0\"/>"), "p.xml:3", "\"0\"", "from 1 to 8192" },
    { HOST("<dom0 vcpus=\"8193\"/>"), "p.xml:3", "\"8193\"", NULL },
    { HOST("<dom0 vcpus=\"+4\"/>"), "p.xml:3", "\"+4\"", NULL },
    { HOST("<dom0 vcpus=\"4 \"/>"), "p.xml:3", "\"4 \"", NULL },
    { HOST("<dom0 vcpus=\"99999999999999999999\"/>"), "p.xml:3", "9", NULL },
    { HOST("<cpupools/>"), "p.xml:3",
      "element \"cpupools\": attribute \"split\" is missing",
      "one of numa" },
    { HOST("<cpupools split=\"socket\"/>"), "p.xml:3",
      "attribute \"split\" of \"cpupools\": no such value \"socket\"",
      "one of numa" },
    { HOST("<cpupools split=\"numa\"/>\n<cpupool name=\"a\"/>"), "p.xml:4",
      "element \"cpupool\" contradicts \"cpupools\" in \"p.xml:3\"",
      "split the host by nodes, or name its pools" },
    { HOST("<cpupool name=\"a\"/>\n<cpupools split=\"numa\"/>"), "p.xml:4",
      "element \"cpupools\" contradicts \"cpupool\" in \"p.xml:3\"", NULL },
    { HOST("<cpupools split=\"numa\"/>\n<cpupools split=\"numa\"/>"),
      "p.xml:4", "\"cpupools\" is already there, in line 3", NULL },
    { HOST("<cpupool/>"), "p.xml:3",
      "element \"cpupool\": attribute \"name\" is missing", NULL },
    { HOST("<cpupool name=\"\"/>"), "p.xml:3", "no such value \"\"", NULL },
    { HOST("<cpupool name=\"a&#10;b\"/>"), "p.xml:3", "value", "one line" },
    { HOST("<cpupool name=\"a\" cpus=\"none\"/>"), "p.xml:3",
      "attribute \"cpus\" of \"cpupool\": a pool has at least one CPU",
      "CPUs such as" },
    { HOST("<cpupool name=\"a\" cpus=\"0-\"/>"), "p.xml:3",
      "attribute \"cpus\" of \"cpupool\": CPU list \"0-\": ", "CPUs such" },
    { HOST("<cpupool name=\"a\" cpus=\"\"/>"), "p.xml:3", "empty", NULL },
    { HOST("<cpupool name=\"a\" cpus=\"0,,1\"/>"), "p.xml:3", "empty", NULL },
    { HOST("<cpupool name=\"a\" cpus=\"0,1 \"/>"), "p.xml:3", "\"1 \"",
      NULL },
    { HOST("<cpupool name=\"a\" cpus=\"-1\"/>"), "p.xml:3", "\"-1\"", NULL },
    { HOST("<cpupool name=\"a\" cpus=\"node:x\"/>"), "p.xml:3", "x\"", NULL },
    { HOST("<cpupool name=\"a\" scheduler=\"sedf\"/>"), "p.xml:3",
      "attribute \"scheduler\" of \"cpupool\": no such value \"sedf\"",
      "one of credit, credit2, rtds, null, arinc653" },
    { HOST("<headroom/>"), "p.xml:3", "attribute \"cpu\" is missing", "0%" },
    { HOST("<headroom cpu=\"20\"/>"), "p.xml:3",
      "attribute \"cpu\" of \"headroom\": no such value \"20\"",
      "from 0% to 100%" },
    { HOST("<headroom cpu=\"101%\"/>"), "p.xml:3", "\"101%\"", NULL },
    { HOST("<headroom cpu=\"0020%\"/>"), "p.xml:3", "\"0020%\"", NULL },
    { HOST("<headroom cpu=\"-1%\"/>"), "p.xml:3", "\"-1%\"", NULL },
    { HOST("<headroom cpu=\"2.5%\"/>"), "p.xml:3", "\"2.5%\"", NULL },
    { HOST("<headroom cpu=\"%\"/>"), "p.xml:3", "\"%\"", NULL },
    { HOST("<headroom cpu=\"20%%\"/>"), "p.xml:3", "\"20%%\"", NULL },
    { HOST("<headroom cpu=\"1%\"/><headroom cpu=\"1%\"/>"), "p.xml:3",
      "element \"headroom\" is already there, in line 3", NULL },
    { POLICY("<domains/>"), "p.xml:2",
      "element \"domains\": attribute \"match\" is missing", UUID_FORM },
    { POLICY("<domains match=\"\"/>"), "p.xml:2",
      "attribute \"match\" of \"domains\": no such value \"\"", UUID_FORM },
    { POLICY("<domains match=\"web\"/>"), "p.xml:2", "\"web\"", UUID_FORM },
    { POLICY("<domains match=\"**\"/>"), "p.xml:2", "\"**\"", UUID_FORM },
    { POLICY("<domains match=\"name:\"/>"), "p.xml:2", "\"name:\"", NULL },
    { POLICY("<domains match=\"name:a&#9;\"/>"), "p.xml:2", "name:a", NULL },
    { POLICY("<domains match=\"Name:a\"/>"), "p.xml:2", "Name:a", NULL },
    { POLICY("<domains match=\"type:\"/>"), "p.xml:2", "type:", NULL },
    { POLICY("<domains match=\"type:unknown\"/>"), "p.xml:2", "type", NULL },
    { POLICY("<domains match=\"type:PV\"/>"), "p.xml:2", "type:PV", NULL },
    { POLICY("<domains match=\"uuid:0a1b\"/>"), "p.xml:2", "0a1b", NULL },
    { POLICY("<domains match=\"uuid:0a1b2c3d-0000-1111-2222-33334444555g\"/>"),
      "p.xml:2", "555g", NULL },
    { POLICY("<domains match=\"uuid:0a1b2c3d00000-1111-2222-333344445555\"/>"),
      "p.xml:2", "uuid", NULL },
    { RULE("<numa\n plcement=\"auto\"/>"), "p.xml:3",
      "element \"numa\": unknown attribute \"plcement\"",
      "one of placement, mode, memory" },
    { RULE("<numa/>"), "p.xml:3",
      "element \"numa\": attribute \"placement\" is missing", "auto, none" },
    { RULE("<numa placement=\"auto\" mode=\"firm\"/>"), "p.xml:3",
      "attribute \"mode\" of \"numa\": no such value \"firm\"",
      "one of soft, hard" },
    { RULE("<numa placement=\"auto\" mode=\"\"/>"), "p.xml:3",
      "no such value \"\"", "one of soft, hard" },
    { RULE("<numa placement=\"auto\" memory=\"Stay\"/>"), "p.xml:3",
      "\"Stay\"", "one of stay, follow" },
    { RULE("<numa placement=\"\"/>"), "p.xml:3",
      "attribute \"placement\" of \"numa\": node list \"\": it is empty",
      NULL },
    { RULE("<numa placement=\"0,x\"/>"), "p.xml:3", "\"x\"", "auto, none" },
    { RULE("<numa placement=\"Auto\"/>"), "p.xml:3", "\"Auto\"", NULL },
    { RULE("<numa placement=\"auto,1\"/>"), "p.xml:3", "\"auto\"", NULL },
    { RULE("<numa placement=\"0,none\"/>"), "p.xml:3", "\"none\"", NULL },
    { RULE("<numa placement=\"node:1\"/>"), "p.xml:3", "node:1", NULL },
    { RULE("<numa placement=\"^all\"/>"), "p.xml:3", "all", NULL },
    { RULE("<numa placement=\"0-1-2\"/>"), "p.xml:3", "\"0-1-2\"", NULL },
    { RULE("<numa placement=\"1,\"/>"), "p.xml:3", "empty item", NULL },
    { RULE("<numa placement=\"0\"/>\n<numa placement=\"1\"/>"), "p.xml:4",
      "element \"numa\" is already there, in line 3", "write it once" },
    { RULE("<vcpus pin=\"cpu\"/>"), "p.xml:3",
      "attribute \"pin\" of \"vcpus\": no such value \"cpu\"",
      "one of node, one-to-one, none" },
    { RULE("<vcpus smt=\"off\"/>"), "p.xml:3",
      "attribute \"smt\" of \"vcpus\": no such value \"off\"",
      "one of avoid, allow, isolate" },
    { RULE("<devices/>"), "p.xml:3",
      "element \"devices\": attribute \"numa\" is missing",
      "one of preferred, required, ignore" },
    { RULE("<devices numa=\"maybe\"/>"), "p.xml:3",
      "attribute \"numa\" of \"devices\": no such value \"maybe\"",
      "one of preferred, required, ignore" },
    { RULE("<cpupool name=\"a\" cpus=\"0\"/>"), "p.xml:3",
      "element \"cpupool\": unknown attribute \"cpus\"", "one of name" },
    { RULE("<cpupool/>"), "p.xml:3", "attribute \"name\" is missing",
      "CPU pool" },
    { RULE("<dom0/>"), "p.xml:3", "unknown element \"dom0\" in \"domains\"",
      "one of numa, vcpus, devices, cpupool" },
    { RULE("<x:numa xmlns:x=\"urn:x\" placement=\"auto\"/>"), "p.xml:3",
      "unknown element \"x:numa\"", NULL },
    { RULE("<domains match=\"*\"/>"), "p.xml:3",
      "unknown element \"domains\" in \"domains\"", NULL },
};

/* What a schema cannot say; the reader alone refuses these. */
static const bad_document bad_for_reader[] = {
    { "<policy name=\"p\" xmlns:x=\"urn:x\"/>", "p.xml:1",
      "unknown attribute \"xmlns:x\"", NULL },
    { HOST("<cpupool name=\"a\"/>\n<cpupool name=\"a\"/>"), "p.xml:4",
      "cpupool \"a\" is already there, in line 3", "a name of its own" },
    { HOST("<cpupool name=\"a\" cpus=\"4096\"/>"), "p.xml:3", "4096", NULL },
    { HOST("<cpupool name=\"a\" cpus=\"7-3\"/>"), "p.xml:3",
      "ends before it begins", NULL },
    { RULE("<numa placement=\"3-1\"/>"), "p.xml:3", "ends before it begins",
      NULL },
    { RULE("<numa placement=\"64\"/>"), "p.xml:3", "64", NULL },
    { RULE("<numa placement=\"99999999999\"/>"), "p.xml:3", "999", NULL },
    { RULE("<numa placement=\"0,^0\"/>"), "p.xml:3",
      "attribute \"placement\" of \"numa\": node list \"0,^0\": no node is "
      "left", NULL },
};

static void refused_as(const bad_document *doc, size_t len)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_policy *policy = NULL;
    int rc = read_text(doc->text, len, &policy, &err);

    if (!rc)
        fail_msg("taken:\n%s", doc->text);
    assert_int_equal(rc, XTUNE_ERR_INVALID);
    assert_null(policy);
    assert_non_null(err);
    assert_int_equal(err->code, rc);
    if (strcmp(err->object, doc->object) ||
        !strstr(err->message, doc->message) ||
        (doc->hint && (!err->hint || !strstr(err->hint, doc->hint))))
        fail_msg("%s: %s: %s\nis not as expected: %s: %s: %s\n%s",
                 err->object, err->message, err->hint ? err->hint : "",
                 doc->object, doc->message, doc->hint ? doc->hint : "",
                 doc->text);
    /* Nobody needs to know why. */
    assert_int_equal(read_text(doc->text, len, &policy, NULL), rc);
}

static void bad_documents(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(bad); i++) {
        XT_CLEANUP_ERROR xtune_error *err = NULL;

        refused_as(&bad[i], strlen(bad[i].text));
        if (schema_takes(bad[i].text, &err))
            fail_msg("the schema takes:\n%s", bad[i].text);
        assert_int_equal(strncmp(err->object, "p.xml:", 6), 0);
        assert_non_null(strstr(err->message, "not as the schema has it: "));
    }
}

static void bad_documents_only_the_reader_knows(void **state)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(bad_for_reader); i++) {
        refused_as(&bad_for_reader[i], strlen(bad_for_reader[i].text));
        if (!schema_takes(bad_for_reader[i].text, &err))
            fail_msg("%s: belongs into the other table:\n%s", err->message,
                     bad_for_reader[i].text);
    }
}

/* What is no document at all, or none of ours. */
static const bad_document not_xml[] = {
    { "", "p.xml:1", "it is empty", NULL },
    { " \n ", "p.xml:2", "not well-formed XML: ", NULL },
    { "hello", "p.xml:1", "not well-formed XML: ", NULL },
    { "{ \"policy\": 1 }", "p.xml:1", "not well-formed XML: ", NULL },
    { "<policy name=\"p\">\n<host>\n", "p.xml:", "not well-formed XML: ",
      NULL },
    { "<policy name=\"p\">\n</polcy>", "p.xml:2", "not well-formed XML: ",
      NULL },
    { "<policy name=\"p", "p.xml:1", "not well-formed XML: ", NULL },
    { "<policy name=\"p\"/>\n<policy name=\"q\"/>", "p.xml:2",
      "not well-formed XML: ", NULL },
    { "<policy name=\"p\"\nname=\"q\"/>", "p.xml:2", "not well-formed XML: ",
      NULL },
    { "<policy name=\"p\">\n&nbsp;</policy>", "p.xml:2",
      "not well-formed XML: ", NULL },
    { "<policy name=\"p\">&#0;</policy>", "p.xml:1",
      "not well-formed XML: ", NULL },
    { POLICY("\n hello\n there "), "p.xml:3",
      "text \"hello\", where none belongs", NULL },
    { POLICY("<host>\n<dom0/> &amp;\n</host>"), "p.xml:3",
      "text \"&\", where none belongs", NULL },
    { POLICY("<host>\n&#65;</host>"), "p.xml:3", "text \"A\"", NULL },
    { POLICY("<host>\n<![CDATA[\n y]]></host>"), "p.xml:4", "text \"y\"",
      NULL },
    { POLICY("0123456789012345678901234567890123456789\xc3\xa4"), "p.xml:2",
      "text \"0123456789012345678901234567890123456789\", where", NULL },
    { POLICY("012345678901234567890123456789012345678\xc3\xa4 \xc3\xa4"),
      "p.xml:2",
      "text \"012345678901234567890123456789012345678\", where", NULL },
    { "<policy name=\"p\">\n<x:host/></policy>", "p.xml:2",
      "not well-formed XML: ", NULL },
    { "<!DOCTYPE policy>\n<policy name=\"p\"/>", "p.xml:1",
      "a DOCTYPE is not allowed here", NULL },
    { "\n<!-- -->\n<!DOCTYPE policy SYSTEM \"file:///etc/passwd\">\n"
      "<policy name=\"p\"/>", "p.xml:3", "a DOCTYPE is not allowed here",
      NULL },
    { "<?xml version=\"1.0\"?>\n<!DOCTYPE policy PUBLIC \"-//X\" "
      "\"http://localhost:1/x.dtd\">\n<policy name=\"p\"/>", "p.xml:2",
      "a DOCTYPE is not allowed here", NULL },
    { "<!DOCTYPE policy [\n<!ENTITY x SYSTEM \"file:///etc/hostname\">\n]>\n"
      "<policy name=\"&x;\"/>", "p.xml:1", "a DOCTYPE is not allowed here",
      NULL },
    { "<!DOCTYPE p [\n<!ENTITY % x SYSTEM \"file:///dev/zero\">\n%x;\n]>\n"
      "<policy name=\"p\"/>", "p.xml:1", "a DOCTYPE is not allowed here",
      NULL },
    { "<!DOCTYPE policy [\n<!ENTITY a \"aaaaaaaaaa\">\n"
      "<!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">\n"
      "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\">\n"
      "<!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;\">\n"
      "<!ENTITY e \"&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;\">\n]>\n"
      "<policy name=\"&e;\"/>", "p.xml:1", "a DOCTYPE is not allowed here",
      NULL },
    { "<policy name=\"p\">\n<host>\xe4</host></policy>", "p.xml:2",
      "not a text in UTF-8", NULL },
    { "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n"
      "<policy name=\"p\"><!-- \xe4 --></policy>", "p.xml:2",
      "not a text in UTF-8", NULL },
    { "<policy name=\"p\">\n\xc3", "p.xml:2", "not a text in UTF-8", NULL },
    { "<policy name=\"p\"><!-- \xc0\xaf --></policy>", "p.xml:1", "", NULL },
    { "<policy name=\"p\"><!-- \xed\xa0\x80 --></policy>", "p.xml:1", "",
      NULL },
    { "\x7f" "ELF\x02\x01\x01", "p.xml:1", "not well-formed XML: ", NULL },
    { "\x1f\x8b\x08\x08", "p.xml:1", "not a text in UTF-8", NULL },
    { "\xff\xfe<\x01p\x01", "p.xml:1", "not a text in UTF-8", NULL },
};

static void not_documents(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(not_xml); i++) {
        bad_document doc = not_xml[i];

        /* Where libxml2's version decides on the line, any line will do. */
        if (!strcmp(doc.object, "p.xml:")) {
            XT_CLEANUP_ERROR xtune_error *err = NULL;
            xtune_policy *policy;

            assert_int_equal(read_text(doc.text, strlen(doc.text), &policy,
                                       &err), XTUNE_ERR_INVALID);
            assert_int_equal(strncmp(err->object, "p.xml:", 6), 0);
            assert_non_null(strstr(err->message, doc.message));
            continue;
        }
        refused_as(&doc, strlen(doc.text));
    }
}

static void a_nul_is_not_the_end(void **state)
{
    static const char text[] = "<policy name=\"p\"/>\n\0<policy/>";
    static const bad_document doc = {
        text, "p.xml:2", "not a text in UTF-8", NULL,
    };

    (void)state;
    refused_as(&doc, sizeof(text) - 1);
}

static void deep_nesting(void **state)
{
    static char text[200000];
    char *p = text;
    size_t i;

    (void)state;
    p = stpcpy(p, "<policy name=\"p\">\n");
    for (i = 0; i < 20000; i++)
        p = stpcpy(p, "<host>\n");
    refused_as(&(bad_document){ text, "p.xml:33",
                                "elements nest too deeply", NULL },
               strlen(text));
}

/* Line numbers above what libxml2 keeps in a node. */
static void many_lines(void **state)
{
    static char text[300000];
    char *p = text;
    size_t i;

    (void)state;
    p = stpcpy(p, "<policy name=\"p\">");
    for (i = 0; i < 100000; i++)
        p = stpcpy(p, "\n");
    stpcpy(p, "<host>\n<dom0 x=\"1\"/>\n</host>\n</policy>\n");
    refused_as(&(bad_document){ text, "p.xml:100002",
                                "unknown attribute \"x\"", NULL },
               strlen(text));
}

/* A list of the largest size allowed is read in no time, a larger is not. */
static void long_values(void **state)
{
    static char list[16384 + 1], text[20000];

    (void)state;
    memset(list, ',', 16384);
    for (size_t i = 0; i < 16384; i += 2)
        list[i] = '0';
    list[16383] = '0';
    snprintf(text, sizeof(text), RULE("<numa placement=\"%s\"/>"), list);
    xtune_policy_free(must_read(text));
    snprintf(text, sizeof(text), RULE("<numa placement=\"%s,\"/>"), list);
    refused_as(&(bad_document){
        text, "p.xml:3",
        "attribute \"placement\" of \"numa\": value too long", NULL },
        strlen(text));
}

/* libxml2 prints its errors unless it is kept from it. */
static void nothing_is_printed(void **state)
{
    FILE *caught = tmpfile();
    int saved = dup(STDERR_FILENO);

    assert_non_null(caught);
    assert_true(saved >= 0);
    fflush(stderr);
    dup2(fileno(caught), STDERR_FILENO);
    bad_documents(state);
    not_documents(state);
    fflush(stderr);
    dup2(saved, STDERR_FILENO);
    close(saved);
    assert_int_equal(lseek(fileno(caught), 0, SEEK_END), 0);
    fclose(caught);
}

/* Files and folders. */

static char folder[] = "/tmp/test-policy.XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder + sizeof(folder) - 7, "XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    XT_CLEANUP_FREE char *command = xt_xprintf("rm -rf '%s'", folder);

    (void)state;
    return system(command);
}

/* Lives until the test's arena is freed. */
static const char *in_folder(xtune_arena *arena, const char *name)
{
    return xtune_arena_printf(arena, "%s/%s", folder, name);
}

static const char *write_file(xtune_arena *arena, const char *name,
                              const char *text)
{
    const char *path = in_folder(arena, name);

    assert_int_equal(xt_file_replace(path, text, strlen(text), 0644, NULL),
                     0);
    return path;
}

static void several_files(void **state)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *files[2];
    xtune_policy *p;

    (void)state;
    files[0] = write_file(arena, "z.xml",
                          "<policy name=\"z\"><domains match=\"name:a\"/>"
                          "<host><dom0 vcpus=\"2\"/></host></policy>");
    files[1] = write_file(arena, "a.xml",
                          "<policy name=\"a\">\n<domains match=\"name:b\"/>"
                          "<host><cpupool name=\"x\"/></host></policy>");
    assert_int_equal(xtune_policy_read(files, 2, &p, NULL), 0);
    assert_string_equal(p->name, "z+a");
    assert_int_equal(p->nr_rules, 2);
    assert_string_equal(p->rules[0].match, "name:a");
    assert_string_equal(p->rules[1].match, "name:b");
    assert_string_equal(p->rules[1].source.file, files[1]);
    assert_string_equal(xtune_source_text(p->arena, p->rules[1].source),
                        in_folder(arena, "a.xml:2"));
    assert_true(p->has_dom0);
    assert_int_equal(p->nr_pools, 1);
    xtune_policy_free(p);
    assert_int_equal(xtune_policy_read(files, 0, &p, NULL),
                     XTUNE_ERR_INVALID);
}

/* Each pair of these, in two files, is a conflict. */
static const char *const host_conflicts[][2] = {
    { "<dom0 vcpus=\"2\"/>", "<dom0 memory=\"2G\"/>" },
    { "<headroom cpu=\"1%\"/>", "<headroom cpu=\"1%\"/>" },
    { "<cpupools split=\"numa\"/>", "<cpupools split=\"numa\"/>" },
    { "<cpupool name=\"a\"/>", "<cpupool name=\"b\"/>" },
    { "<cpupools split=\"numa\"/>", "<cpupool name=\"b\"/>" },
    { "<cpupool name=\"a\"/>", "<cpupools split=\"numa\"/>" },
};

static void host_in_two_files(void **state)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *files[2];
    xtune_policy *p;
    size_t i, j;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(host_conflicts); i++) {
        XT_CLEANUP_ERROR xtune_error *err = NULL;

        for (j = 0; j < 2; j++)
            files[j] = write_file(
                arena, j ? "2.xml" : "1.xml",
                xtune_arena_printf(arena, HOST("%s"), host_conflicts[i][j]));
        assert_int_equal(xtune_policy_read(files, 2, &p, &err),
                         XTUNE_ERR_INVALID);
        assert_string_equal(err->object, in_folder(arena, "2.xml:3"));
        assert_non_null(strstr(err->message, in_folder(arena, "1.xml:3")));
    }
    /* The same file twice is no different. */
    files[1] = files[0];
    assert_int_equal(xtune_policy_read(files, 2, &p, NULL),
                     XTUNE_ERR_INVALID);
}

static void error_of_file(const char *path, enum xtune_rc code,
                          const char *message)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_policy *policy = NULL;

    assert_int_equal(xtune_policy_read(&path, 1, &policy, &err), code);
    assert_null(policy);
    assert_int_equal(strncmp(err->object, path, strlen(path)), 0);
    assert_non_null(strstr(err->message, message));
}

static void files_that_cannot_be_read(void **state)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *path = in_folder(arena, "fifo.xml");

    (void)state;
    error_of_file(in_folder(arena, "missing.xml"), XTUNE_ERR_NOT_FOUND,
                  "cannot open it");
    error_of_file(folder, XTUNE_ERR_IO, "cannot read it");
    error_of_file(write_file(arena, "empty.xml", ""), XTUNE_ERR_INVALID,
                  "it is empty");
    error_of_file("/dev/null", XTUNE_ERR_INVALID, "it is empty");
    error_of_file("/dev/zero", XTUNE_ERR_INVALID, "larger than");
    assert_int_equal(mkfifo(path, 0600), 0);
    error_of_file(path, XTUNE_ERR_INVALID, "it is empty");
    if (!geteuid())
        return; /* root may read everything */
    path = write_file(arena, "secret.xml", good[0]);
    assert_int_equal(chmod(path, 0), 0);
    error_of_file(path, XTUNE_ERR_PERMISSION, "cannot open it");
}

static void files_of_one_mebibyte(void **state)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const size_t max = 1 << 20;
    char *text = XTUNE_NEW_ARRAY(arena, char, max + 2);
    const char *path;
    xtune_policy *p;

    (void)state;
    memset(text, ' ', max + 1);
    memcpy(text, good[0], strlen(good[0]));
    error_of_file(write_file(arena, "big.xml", text), XTUNE_ERR_INVALID,
                  "larger than 1024 KiB");
    refused_as(&(bad_document){ text, "p.xml:1", "larger than 1 MiB", NULL },
               strlen(text));
    text[max] = '\0';
    path = write_file(arena, "big.xml", text);
    assert_int_equal(xtune_policy_read(&path, 1, &p, NULL), 0);
    xtune_policy_free(p);
}

static void a_folder(void **state)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_policy *p;

    (void)state;
    write_file(arena, "20-b.xml", "<policy name=\"b\"/>");
    write_file(arena, "10-a.xml", "<policy name=\"a\"/>");
    write_file(arena, "9-c.xml", "<policy name=\"c\"/>");
    write_file(arena, "Z.xml", "<policy name=\"Z\"/>");
    write_file(arena, ".hidden.xml", "no policy");
    write_file(arena, ".xml", "no policy");
    write_file(arena, "10-a.xml~", "no policy");
    write_file(arena, "README", "no policy");
    write_file(arena, "e.XML", "no policy");
    write_file(arena, "linked", "<policy name=\"l\"/>");
    assert_int_equal(symlink("linked", in_folder(arena, "a-link.xml")), 0);
    assert_int_equal(mkdir(in_folder(arena, "folder.xml"), 0755), 0);
    assert_int_equal(mkfifo(in_folder(arena, "fifo.xml"), 0600), 0);
    assert_int_equal(xtune_policy_read_dir(folder, &p, &err), 0);
    assert_string_equal(p->name, "a+b+c+Z+l");
    xtune_policy_free(p);

    /* One that cannot be read is not passed over. */
    assert_int_equal(symlink("nowhere", in_folder(arena, "b.xml")), 0);
    assert_int_equal(xtune_policy_read_dir(folder, &p, &err),
                     XTUNE_ERR_NOT_FOUND);
    assert_string_equal(err->object, in_folder(arena, "b.xml"));
}

static void folders_without_policies(void **state)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    xtune_policy *p;

    (void)state;
    assert_int_equal(xtune_policy_read_dir(folder, &p, &err),
                     XTUNE_ERR_NOT_FOUND);
    assert_string_equal(err->object, folder);
    assert_int_equal(
        xtune_policy_read_dir(in_folder(arena, "missing"), &p, NULL),
        XTUNE_ERR_NOT_FOUND);
    assert_int_equal(
        xtune_policy_read_dir(write_file(arena, "file", ""), &p, NULL),
        XTUNE_ERR_NOT_FOUND);
}

/* Matching. */

static const xtune_domain dom0 = {
    .id = 0, .name = "Domain-0", .type = XTUNE_TYPE_PV,
    .uuid = "00000000-0000-0000-0000-000000000000",
};
static const xtune_domain web = {
    .id = 3, .name = "web-1", .type = XTUNE_TYPE_PVH,
    .uuid = "0a1b2c3d-0000-1111-2222-333344445555",
};
static const xtune_domain unnamed = { .id = 4, .name = "" };

static const struct {
    const char *match;
    const xtune_domain *domain;
    bool matches;
} matches[] = {
    { "*", &web, true },
    { "*", &unnamed, true },
    { "*", &dom0, false },
    { "name:web-1", &web, true },
    { "name:web-*", &web, true },
    { "name:*", &web, true },
    { "name:*", &unnamed, true },
    { "name:[vw]eb-?", &web, true },
    { "name:web", &web, false },
    { "name:WEB-1", &web, false },
    { "name:web-\\*", &web, false },
    { "name:*/1", &web, false },
    { "name:[", &web, false },
    { "type:pvh", &web, true },
    { "type:pv", &web, false },
    { "type:pv", &unnamed, false },
    { "uuid:0a1b2c3d-0000-1111-2222-333344445555", &web, true },
    { "uuid:0A1B2C3D-0000-1111-2222-333344445555", &web, true },
    { "uuid:0a1b2c3d-0000-1111-2222-333344445556", &web, false },
    { "name:Domain-0", &dom0, true },
    { "name:*", &dom0, false },
    { "name:Domain-?", &dom0, false },
    { "name:domain-0", &dom0, false },
    { "type:pv", &dom0, false },
    { "uuid:00000000-0000-0000-0000-000000000000", &dom0, false },
};

static void matching(void **state)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xtune_rule *rule;
    xtune_policy *p;
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(matches); i++) {
        p = must_read(xtune_arena_printf(arena,
                                         POLICY("<domains match=\"%s\"/>"),
                                         matches[i].match));
        rule = xtune_policy_match(p, matches[i].domain);
        if (!!rule != matches[i].matches)
            fail_msg("\"%s\" and \"%s\"", matches[i].match,
                     matches[i].domain->name);
        assert_true(!rule || rule == p->rules);
        xtune_policy_free(p);
    }
}

static void the_first_match_wins(void **state)
{
    xtune_policy *p = must_read(POLICY("<domains match=\"name:w*x\"/>"
                                       "<domains match=\"type:pvh\"/>"
                                       "<domains match=\"name:web-1\"/>"
                                       "<domains match=\"*\"/>"));
    xtune_policy *none = must_read("<policy name=\"p\"/>");

    (void)state;
    assert_ptr_equal(xtune_policy_match(p, &web), &p->rules[1]);
    assert_ptr_equal(xtune_policy_match(p, &unnamed), &p->rules[3]);
    assert_null(xtune_policy_match(p, &dom0));
    assert_null(xtune_policy_match(none, &web));
    xtune_policy_free(p);
    xtune_policy_free(none);
}

/* The policies that ship. */

static const struct {
    const char *name;
    enum xtune_affinity_mode mode;
    enum xtune_memory_mode memory;
    enum xtune_smt_mode smt;
    enum xtune_device_mode devices;
    unsigned int headroom_pct;
} shipped[] = {
    { "balanced", XTUNE_AFFINITY_SOFT, XTUNE_MEMORY_STAY, XTUNE_SMT_AVOID,
      XTUNE_DEVICES_PREFERRED, 0 },
    { "low-latency", XTUNE_AFFINITY_HARD, XTUNE_MEMORY_FOLLOW,
      XTUNE_SMT_ISOLATE, XTUNE_DEVICES_REQUIRED, 20 },
    { "high-throughput", XTUNE_AFFINITY_SOFT, XTUNE_MEMORY_STAY,
      XTUNE_SMT_ALLOW, XTUNE_DEVICES_PREFERRED, 0 },
};

static void shipped_policies(void **state)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *data = getenv("TEST_DATA");
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(shipped); i++) {
        XT_CLEANUP_ERROR xtune_error *err = NULL;
        const char *path = xtune_arena_printf(arena, "%s/../policies/%s.xml",
                                              data ? data : "tests",
                                              shipped[i].name);
        const xtune_rule *rule;
        xtune_policy *p;

        if (xtune_policy_read(&path, 1, &p, &err))
            fail_msg("%s: %s", err->object, err->message);
        assert_string_equal(p->name, shipped[i].name);
        assert_null(xtune_policy_match(p, &dom0));
        rule = xtune_policy_match(p, &web);
        assert_non_null(rule);
        assert_int_equal(rule->placement, XTUNE_PLACE_AUTO);
        assert_int_equal(rule->mode, shipped[i].mode);
        assert_int_equal(rule->memory, shipped[i].memory);
        assert_int_equal(rule->pin, XTUNE_PIN_NODE);
        assert_int_equal(rule->smt, shipped[i].smt);
        assert_int_equal(rule->devices, shipped[i].devices);
        assert_int_equal(p->headroom_pct, shipped[i].headroom_pct);
        xtune_policy_free(p);
    }
}

#define WITH_FOLDER(f) \
    cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_read),
        cmocka_unit_test(what_is_not_written_has_its_default),
        cmocka_unit_test(good_documents),
        cmocka_unit_test(bad_documents),
        cmocka_unit_test(bad_documents_only_the_reader_knows),
        cmocka_unit_test(not_documents),
        cmocka_unit_test(a_nul_is_not_the_end),
        cmocka_unit_test(deep_nesting),
        cmocka_unit_test(many_lines),
        cmocka_unit_test(long_values),
        cmocka_unit_test(nothing_is_printed),
        WITH_FOLDER(several_files),
        WITH_FOLDER(host_in_two_files),
        WITH_FOLDER(files_that_cannot_be_read),
        WITH_FOLDER(files_of_one_mebibyte),
        WITH_FOLDER(a_folder),
        WITH_FOLDER(folders_without_policies),
        cmocka_unit_test(matching),
        cmocka_unit_test(the_first_match_wins),
        cmocka_unit_test(shipped_policies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
