/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What rules say of a host, in the XML that JUnit's readers take (Jenkins,
 * Surefire): one suite, and a case for each rule and object. */
#include <xtune/report.h>

#include "base/util.h"
#include "base/xml.h"
#include "report/host_check.h"
#include "report/text.h"

#define MAX_ATTRS 8

/* Rooms for attributes are made with the element. */
static void set(xtune_arena *arena, xt_xml *xml, const char *name,
                const char *value)
{
    if (!xml->attrs)
        xml->attrs = XTUNE_NEW_ARRAY(arena, xt_xml_attr, MAX_ATTRS);
    xml->attrs[xml->nr_attrs++] =
        (xt_xml_attr){ name, xt_text_safe(arena, value) };
}

static void set_number(xtune_arena *arena, xt_xml *xml, const char *name,
                       size_t number)
{
    set(arena, xml, name, xtune_arena_printf(arena, "%zu", number));
}

static xt_xml *only_child(xtune_arena *arena, xt_xml *xml, const char *name)
{
    xml->children = XTUNE_NEW(arena, xt_xml);
    xml->nr_children = 1;
    xml->children->name = name;
    return xml->children;
}

static const char *failure_text(xtune_arena *arena,
                                const xtune_check_result *result)
{
    return xtune_arena_printf(
        arena, "expected: %s\nactual: %s\n%s%s%s%s%s", result->expected,
        result->actual, result->text ? result->text : "",
        result->text ? "\n" : "", result->how ? "to mend it: " : "",
        result->how ? result->how : "", result->how ? "\n" : "");
}

static void put_case(xtune_arena *arena, xt_xml *xml,
                     const xtune_check_result *result)
{
    xt_xml *child;

    xml->name = "testcase";
    set(arena, xml, "classname",
        xtune_arena_printf(arena, "host-check.%s", result->rule->name));
    set(arena, xml, "name", result->object);
    set(arena, xml, "time", "0");
    if (result->status == XTUNE_CHECK_PASS) return;
    if (result->status == XTUNE_CHECK_SKIP) {
        child = only_child(arena, xml, "skipped");
        set(arena, child, "message", result->text);
        return;
    }
    child = only_child(arena, xml, "failure");
    set(arena, child, "type", xtune_check_status_name(result->status));
    set(arena, child, "message",
        xtune_arena_printf(arena, "%s (expected: %s)", result->actual,
                           result->expected));
    child->text = failure_text(arena, result);
}

int xtune_report_host_check_junit(const xtune_check_report *report,
                                  char **text_r, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const size_t *nr = report->nr_by_status;
    xt_xml suite = { .name = "testsuite", .nr_children = report->nr_results };
    size_t i;

    set(arena, &suite, "name", "xltune host-check");
    set_number(arena, &suite, "tests", report->nr_results);
    set_number(arena, &suite, "failures",
               nr[XTUNE_CHECK_FAIL] + nr[XTUNE_CHECK_WARN]);
    set_number(arena, &suite, "errors", 0);
    set_number(arena, &suite, "skipped", nr[XTUNE_CHECK_SKIP]);
    set(arena, &suite, "time", "0");
    suite.children = XTUNE_NEW_ARRAY(arena, xt_xml, report->nr_results + 1);
    for (i = 0; i < report->nr_results; i++)
        put_case(arena, &suite.children[i], &report->results[i]);
    return xt_xml_print(&suite, text_r, err);
}
