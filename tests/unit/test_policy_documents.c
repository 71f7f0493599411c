/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Policies that are taken and policies that are refused: our reader and the
 * schema agree on them, and the reader says what is wrong and where.
 */
#include "policy_text.h"

#include <stdio.h>
#include <unistd.h>

#include "base/xml.h"

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

/* The longest name that a pool may have, in bytes. */
#define NAME_63                                                               \
    "0123456789012345678901234567890123456789012345678901234567890-x"
#define UMLAUTS_16                                                            \
    "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"        \
    "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"

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
    HOST("<cpupool name=\"12a\" nodes=\"0-1,^0\"/>"),
    HOST("<cpupool name=\"a b-c_d.e:%\" nodes=\"all\" scheduler=\"rtds\"/>"),
    HOST("<cpupool name=\"" NAME_63 "\" migration-delay=\"0\"/>"),
    HOST("<cpupool name=\"a\" scheduler=\"credit\" tslice=\"1000\" "
         "ratelimit=\"500000\" migration-delay=\"100000\"/>"),
    HOST("<cpupool name=\"a\" ratelimit=\"1000\" tslice=\"1\"/>"),
    HOST("<cpupool name=\"a\" ratelimit=\"100\" scheduler=\"credit2\"/>"
         "<cpupool name=\"b\" ratelimit=\"0\" scheduler=\"credit2\"/>"
         "<cpupool name=\"c\" ratelimit=\"99999\"/>"
         "<cpupool name=\"d\" scheduler=\"null\"/>"),
    RULE(""),
    RULE("<scheduler weight=\"1\"/>"),
    RULE("<scheduler weight=\"65535\" cap=\"65534\" period=\"1000000000\" "
         "budget=\"1000000000\" extratime=\"no\"/>"),
    RULE("<scheduler cap=\"0\" extratime=\"yes\"/>"),
    RULE("<scheduler period=\"10\" budget=\"10\"/><cpupool name=\"a\"/>"),
    RULE("<scheduler budget=\"999999999\"/>"),
    RULE("<scheduler extratime=\"no\"/>"),
    RULE("<numa placement=\"all,^0\"/>"),
    RULE("<numa placement=\"0,2-3\"/>"),
    RULE("<cpupool name=\"Pool-0\"/><devices numa=\"ignore\"/>"
         "<vcpus smt=\"allow\"/><numa placement=\"none\" mode=\"soft\"/>"),
    RULE("<affinity hard=\"0-3\"/>"),
    RULE("<affinity vcpus=\"all,^0-1\" soft=\"none\"/>"),
    RULE("<affinity vcpus=\"0,8191\" hard=\"all,^node:1\" soft=\"all\"/>"
         "<numa placement=\"none\"/><affinity hard=\"node:0,^nodes:0-1\"/>"),
    RULE("<numa placement=\"auto\" memory=\"follow\" pause=\"allow\"/>"),
    RULE("<numa placement=\"auto\" pause=\"never\"/>"),
    POLICY("<domains match=\"*\" enforce=\"yes\"/>"
           "<domains enforce=\"no\" match=\"*\"/>"),
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
      "element \"cpupools\": attribute \"split\" is missing", "one of numa" },
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
    { HOST("<cpupool name=\"\"/>"), "p.xml:3",
      "attribute \"name\" of \"cpupool\": no such value \"\": it is empty",
      "63 bytes" },
    { HOST("<cpupool name=\"a&#10;b\"/>"), "p.xml:3",
      "it has control characters", "63 bytes" },
    { HOST("<cpupool name=\"a&#x7f;b\"/>"), "p.xml:3", "control", NULL },
    { HOST("<cpupool name=\"a&#x85;b\"/>"), "p.xml:3", "control", NULL },
    { HOST("<cpupool name=\"a/b\"/>"), "p.xml:3", "it has a \"/\"", NULL },
    { HOST("<cpupool name=\"0\"/>"), "p.xml:3",
      "digits alone are the id of a pool", NULL },
    { HOST("<cpupool name=\" a\"/>"), "p.xml:3", "with a blank", NULL },
    { HOST("<cpupool name=\"a \"/>"), "p.xml:3", "with a blank", NULL },
    { HOST("<cpupool name=\" \"/>"), "p.xml:3", "with a blank", NULL },
    { HOST("<cpupool name=\"" NAME_63 "x\"/>"), "p.xml:3",
      "it is longer than 63 bytes", NULL },
    { HOST("<cpupool name=\"a\" nodes=\"\"/>"), "p.xml:3",
      "attribute \"nodes\" of \"cpupool\": node list \"\": it is empty",
      "nodes such as" },
    { HOST("<cpupool name=\"a\" nodes=\"auto\"/>"), "p.xml:3", "\"auto\"",
      NULL },
    { HOST("<cpupool name=\"a\" nodes=\"none\"/>"), "p.xml:3",
      "no node is left", NULL },
    { HOST("<cpupool name=\"a\" nodes=\"node:1\"/>"), "p.xml:3", "node:1",
      NULL },
    { HOST("<cpupool name=\"a\"\n cpus=\"0\" nodes=\"0\"/>"), "p.xml:3",
      "attributes \"cpus\" and \"nodes\" contradict each other",
      "write one of them" },
    { HOST("<cpupool name=\"a\" tslice=\"0\"/>"), "p.xml:3",
      "attribute \"tslice\" of \"cpupool\": no such value \"0\"",
      "milliseconds from 1 to 1000" },
    { HOST("<cpupool name=\"a\" tslice=\"1001\"/>"), "p.xml:3", "\"1001\"",
      NULL },
    { HOST("<cpupool name=\"a\" tslice=\"01\"/>"), "p.xml:3", "\"01\"", NULL },
    { HOST("<cpupool name=\"a\" tslice=\"5ms\"/>"), "p.xml:3", "\"5ms\"",
      NULL },
    { HOST("<cpupool name=\"a\" tslice=\"\"/>"), "p.xml:3",
      "no such value \"\"", NULL },
    { HOST("<cpupool name=\"a\" ratelimit=\"99\"/>"), "p.xml:3",
      "attribute \"ratelimit\" of \"cpupool\": no such value \"99\"",
      "0, or a whole number of microseconds from 100 to 500000" },
    { HOST("<cpupool name=\"a\" ratelimit=\"500001\"/>"), "p.xml:3",
      "\"500001\"", NULL },
    { HOST("<cpupool name=\"a\" ratelimit=\"-1\"/>"), "p.xml:3", "\"-1\"",
      NULL },
    { HOST("<cpupool name=\"a\" migration-delay=\"100001\"/>"), "p.xml:3",
      "attribute \"migration-delay\" of \"cpupool\": no such value "
      "\"100001\"",
      "from 0 to 100000" },
    { HOST("<cpupool name=\"a\" migration-delay=\"1.5\"/>"), "p.xml:3",
      "\"1.5\"", NULL },
    { HOST("<cpupool name=\"a\" scheduler=\"credit2\" tslice=\"5\"/>"),
      "p.xml:3",
      "element \"cpupool\": scheduler \"credit2\" has no \"tslice\"",
      "leave it out" },
    { HOST("<cpupool name=\"a\" scheduler=\"credit2\" "
           "migration-delay=\"5\"/>"),
      "p.xml:3", "\"credit2\" has no \"migration-delay\"", NULL },
    { HOST("<cpupool name=\"a\"\n ratelimit=\"0\" scheduler=\"null\"/>"),
      "p.xml:3", "scheduler \"null\" has no \"ratelimit\"", NULL },
    { HOST("<cpupool name=\"a\" weight=\"1\"/>"), "p.xml:3",
      "element \"cpupool\": unknown attribute \"weight\"",
      "one of name, cpus, nodes, scheduler, tslice, ratelimit, "
      "migration-delay" },
    { HOST("<cpupool name=\"a\" cpus=\"none\"/>"), "p.xml:3",
      "attribute \"cpus\" of \"cpupool\": a pool has at least one CPU",
      "CPUs such as" },
    { HOST("<cpupool name=\"a\" cpus=\"0-\"/>"), "p.xml:3",
      "attribute \"cpus\" of \"cpupool\": CPU list \"0-\": ", "CPUs such" },
    { HOST("<cpupool name=\"a\" cpus=\"\"/>"), "p.xml:3", "empty", NULL },
    { HOST("<cpupool name=\"a\" cpus=\"0,,1\"/>"), "p.xml:3", "empty", NULL },
    { HOST("<cpupool name=\"a\" cpus=\"0,1 \"/>"), "p.xml:3", "\"1 \"", NULL },
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
      "one of placement, mode, memory, pause" },
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
      "one of numa, affinity, vcpus, devices, cpupool, scheduler" },
    { RULE("<cpupool name=\"7\"/>"), "p.xml:3",
      "digits alone are the id of a pool", NULL },
    { RULE("<scheduler/>"), "p.xml:3",
      "element \"scheduler\": it says nothing", "period, budget" },
    { RULE("<scheduler name=\"credit\"/>"), "p.xml:3",
      "element \"scheduler\": unknown attribute \"name\"",
      "one of weight, cap, period, budget, extratime" },
    { RULE("<scheduler weight=\"0\"/>"), "p.xml:3",
      "attribute \"weight\" of \"scheduler\": no such value \"0\"",
      "from 1 to 65535" },
    { RULE("<scheduler weight=\"65536\"/>"), "p.xml:3", "\"65536\"", NULL },
    { RULE("<scheduler weight=\"-1\"/>"), "p.xml:3", "\"-1\"", NULL },
    { RULE("<scheduler weight=\"0x10\"/>"), "p.xml:3", "\"0x10\"", NULL },
    { RULE("<scheduler weight=\"99999999999999999999\"/>"), "p.xml:3", "99",
      NULL },
    { RULE("<scheduler cap=\"65535\"/>"), "p.xml:3",
      "attribute \"cap\" of \"scheduler\": no such value \"65535\"",
      "100 for each vCPU" },
    { RULE("<scheduler cap=\"50%\"/>"), "p.xml:3", "\"50%\"", NULL },
    { RULE("<scheduler cap=\"00\"/>"), "p.xml:3", "\"00\"", NULL },
    { RULE("<scheduler period=\"9\"/>"), "p.xml:3", "\"9\"",
      "from 10 to 1000000000" },
    { RULE("<scheduler period=\"1000000001\"/>"), "p.xml:3", "1000000001",
      NULL },
    { RULE("<scheduler budget=\"9\"/>"), "p.xml:3", "\"9\"", "the period" },
    { RULE("<scheduler extratime=\"1\"/>"), "p.xml:3",
      "attribute \"extratime\" of \"scheduler\": no such value \"1\"",
      "one of no, yes" },
    { RULE("<scheduler cap=\"1\"/>\n<scheduler cap=\"1\"/>"), "p.xml:4",
      "element \"scheduler\" is already there, in line 3", NULL },
    { HOST("<scheduler weight=\"1\"/>"), "p.xml:3",
      "unknown element \"scheduler\" in \"host\"", NULL },
    { RULE("<numa placement=\"auto\" pause=\"yes\"/>"), "p.xml:3",
      "attribute \"pause\" of \"numa\": no such value \"yes\"",
      "one of never, allow" },
    { POLICY("<domains match=\"*\" enforce=\"true\"/>"), "p.xml:2",
      "attribute \"enforce\" of \"domains\": no such value \"true\"",
      "one of no, yes" },
    { POLICY("<domains match=\"*\" enforced=\"yes\"/>"), "p.xml:2",
      "element \"domains\": unknown attribute \"enforced\"",
      "one of match, enforce" },
    { RULE("\n<affinity/>"), "p.xml:4",
      "element \"affinity\": attribute \"hard\" or \"soft\" is missing",
      "all, or CPUs" },
    { RULE("<affinity vcpus=\"0\"/>"), "p.xml:3", "is missing", NULL },
    { RULE("<affinity hard=\"0\" cpus=\"1\"/>"), "p.xml:3",
      "element \"affinity\": unknown attribute \"cpus\"",
      "one of vcpus, hard, soft" },
    { RULE("<affinity hard=\"0\"><x/></affinity>"), "p.xml:3",
      "unknown element \"x\" in \"affinity\"", NULL },
    { RULE("<affinity hard=\"\"/>"), "p.xml:3",
      "attribute \"hard\" of \"affinity\": CPU list \"\": it is empty",
      "all, or CPUs" },
    { RULE("<affinity hard=\"none\"/>"), "p.xml:3",
      "attribute \"hard\" of \"affinity\": CPU list \"none\": no CPU is "
      "left",
      NULL },
    { RULE("<affinity hard=\"0-3,\"/>"), "p.xml:3", "empty item", NULL },
    { RULE("<affinity hard=\"0-3 \"/>"), "p.xml:3", "\"0-3 \"", NULL },
    { RULE("<affinity hard=\"-1\"/>"), "p.xml:3", "\"-1\"", NULL },
    { RULE("<affinity hard=\"0x3\"/>"), "p.xml:3", "\"0x3\"", NULL },
    { RULE("<affinity hard=\"node:\"/>"), "p.xml:3", "node:", NULL },
    { RULE("<affinity soft=\"none,0\"/>"), "p.xml:3",
      "attribute \"soft\" of \"affinity\": CPU list \"none,0\": ",
      "all, none, or CPUs" },
    { RULE("<affinity vcpus=\"none\" hard=\"0\"/>"), "p.xml:3",
      "attribute \"vcpus\" of \"affinity\": vCPU list \"none\": no vCPU is "
      "left",
      "all, or vCPUs" },
    { RULE("<affinity vcpus=\"\" hard=\"0\"/>"), "p.xml:3", "empty", NULL },
    { RULE("<affinity vcpus=\"node:0\" hard=\"0\"/>"), "p.xml:3", "node:0",
      NULL },
    { RULE("<affinity vcpus=\"0..3\" hard=\"0\"/>"), "p.xml:3", "0..3", NULL },
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
    { HOST("<cpupool name=\"" UMLAUTS_16 UMLAUTS_16 "\"/>"), "p.xml:3",
      "it is longer than 63 bytes", NULL },
    { HOST("<cpupool name=\"a\" nodes=\"1,^1\"/>"), "p.xml:3",
      "no node is left", NULL },
    { HOST("<cpupool name=\"a\" nodes=\"64\"/>"), "p.xml:3", "64", NULL },
    { HOST("\n<cpupool name=\"a\" tslice=\"1\" ratelimit=\"1001\"/>"),
      "p.xml:4",
      "element \"cpupool\": a ratelimit of 1001 us is above the tslice of 1 ms",
      NULL },
    { RULE("\n<scheduler period=\"100\" budget=\"101\"/>"), "p.xml:4",
      "element \"scheduler\": a budget of 101 us is above the period of 100 us",
      NULL },
    { RULE("<numa placement=\"3-1\"/>"), "p.xml:3", "ends before it begins",
      NULL },
    { RULE("<numa placement=\"64\"/>"), "p.xml:3", "64", NULL },
    { RULE("<numa placement=\"99999999999\"/>"), "p.xml:3", "999", NULL },
    { RULE("<numa placement=\"0,^0\"/>"), "p.xml:3",
      "attribute \"placement\" of \"numa\": node list \"0,^0\": no node is "
      "left",
      NULL },
    { RULE("<affinity hard=\"3-1\"/>"), "p.xml:3", "ends before it begins",
      NULL },
    { RULE("<affinity hard=\"0,^0\"/>"), "p.xml:3", "no CPU is left", NULL },
    { RULE("<affinity hard=\"4096\"/>"), "p.xml:3", "4096", NULL },
    { RULE("<affinity soft=\"node:64\"/>"), "p.xml:3", "64", NULL },
    { RULE("<affinity vcpus=\"8192\" soft=\"0\"/>"), "p.xml:3",
      "the host has no vCPU 8192", NULL },
    { RULE("<affinity vcpus=\"^1\" soft=\"0\"/>"), "p.xml:3",
      "no vCPU is left", NULL },
    { RULE("<numa placement=\"auto\"/>\n<affinity hard=\"0\"/>"), "p.xml:4",
      "element \"affinity\" contradicts \"numa\" in line 3",
      "write placement=\"none\"" },
    { RULE("<affinity hard=\"0\"/>\n<numa placement=\"1\"/>"), "p.xml:3",
      "element \"affinity\" contradicts \"numa\" in line 4", NULL },
};

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
    { "<policy name=\"p\">\n<host>\n",
      "p.xml:", "not well-formed XML: ", NULL },
    { "<policy name=\"p\">\n</polcy>", "p.xml:2",
      "not well-formed XML: ", NULL },
    { "<policy name=\"p", "p.xml:1", "not well-formed XML: ", NULL },
    { "<policy name=\"p\"/>\n<policy name=\"q\"/>", "p.xml:2",
      "not well-formed XML: ", NULL },
    { "<policy name=\"p\"\nname=\"q\"/>", "p.xml:2",
      "not well-formed XML: ", NULL },
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
      "p.xml:2", "text \"012345678901234567890123456789012345678\", where",
      NULL },
    { "<policy name=\"p\">\n<x:host/></policy>", "p.xml:2",
      "not well-formed XML: ", NULL },
    { "<!DOCTYPE policy>\n<policy name=\"p\"/>", "p.xml:1",
      "a DOCTYPE is not allowed here", NULL },
    { "\n<!-- -->\n<!DOCTYPE policy SYSTEM \"file:///etc/passwd\">\n"
      "<policy name=\"p\"/>",
      "p.xml:3", "a DOCTYPE is not allowed here", NULL },
    { "<?xml version=\"1.0\"?>\n<!DOCTYPE policy PUBLIC \"-//X\" "
      "\"http://localhost:1/x.dtd\">\n<policy name=\"p\"/>",
      "p.xml:2", "a DOCTYPE is not allowed here", NULL },
    { "<!DOCTYPE policy [\n<!ENTITY x SYSTEM \"file:///etc/hostname\">\n]>\n"
      "<policy name=\"&x;\"/>",
      "p.xml:1", "a DOCTYPE is not allowed here", NULL },
    { "<!DOCTYPE p [\n<!ENTITY % x SYSTEM \"file:///dev/zero\">\n%x;\n]>\n"
      "<policy name=\"p\"/>",
      "p.xml:1", "a DOCTYPE is not allowed here", NULL },
    { "<!DOCTYPE policy [\n<!ENTITY a \"aaaaaaaaaa\">\n"
      "<!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">\n"
      "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\">\n"
      "<!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;\">\n"
      "<!ENTITY e \"&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;\">\n]>\n"
      "<policy name=\"&e;\"/>",
      "p.xml:1", "a DOCTYPE is not allowed here", NULL },
    { "<policy name=\"p\">\n<host>\xe4</host></policy>", "p.xml:2",
      "not a text in UTF-8", NULL },
    { "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n"
      "<policy name=\"p\"><!-- \xe4 --></policy>",
      "p.xml:2", "not a text in UTF-8", NULL },
    { "<policy name=\"p\">\n\xc3", "p.xml:2", "not a text in UTF-8", NULL },
    { "<policy name=\"p\"><!-- \xc0\xaf --></policy>", "p.xml:1", "", NULL },
    { "<policy name=\"p\"><!-- \xed\xa0\x80 --></policy>", "p.xml:1", "",
      NULL },
    { "\x7f"
      "ELF\x02\x01\x01",
      "p.xml:1", "not well-formed XML: ", NULL },
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

            assert_int_equal(
                read_text(doc.text, strlen(doc.text), &policy, &err),
                XTUNE_ERR_INVALID);
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
        text,
        "p.xml:2",
        "not a text in UTF-8",
        NULL,
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
    refused_as(
        &(bad_document){ text, "p.xml:33", "elements nest too deeply", NULL },
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
    refused_as(
        &(bad_document){ text, "p.xml:3",
                         "attribute \"placement\" of \"numa\": value too long",
                         NULL },
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_documents),
        cmocka_unit_test(bad_documents),
        cmocka_unit_test(bad_documents_only_the_reader_knows),
        cmocka_unit_test(not_documents),
        cmocka_unit_test(a_nul_is_not_the_end),
        cmocka_unit_test(deep_nesting),
        cmocka_unit_test(many_lines),
        cmocka_unit_test(long_values),
        cmocka_unit_test(nothing_is_printed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
