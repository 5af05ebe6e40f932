/* SPDX-License-Identifier: Apache-2.0 */
/* JUnit XML: well-formed whatever the shop sent, and nothing unknown looks green. */
#include "fixture.h"
#include "support/golden.h"

#include <libxml/parser.h>
#include <libxml/xpath.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static xmlDoc *parse(const struct buf *text)
{
    xmlDoc *document = xmlReadMemory(text->data, (int)text->length, "junit.xml", NULL,
                                     XML_PARSE_NONET | XML_PARSE_NOERROR);
    assert_non_null(document);
    return document;
}

static int count(xmlDoc *document, const char *path)
{
    xmlXPathContext *context = xmlXPathNewContext(document);
    xmlXPathObject *found = xmlXPathEvalExpression((const xmlChar *)path, context);
    int nodes = found && found->nodesetval ? found->nodesetval->nodeNr : 0;
    xmlXPathFreeObject(found);
    xmlXPathFreeContext(context);
    return nodes;
}

static void junit_of_all_runs_is_as_pinned(void **state)
{
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    fixture_write_all(*state, REPORT_JUNIT, &out);
    golden_check("report/all.xml", buf_view(&out));
}

static void junit_of_all_runs_is_well_formed_and_tells_faults_apart(void **state)
{
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    fixture_write_all(*state, REPORT_JUNIT, &out);
    xmlDoc *document = parse(&out);
    int suites = count(document, "/testsuites/testsuite");
    int failures = count(document, "//testcase/failure");
    int errors = count(document, "//testcase/error");
    int skipped = count(document, "//testcase/skipped");
    int cases = count(document, "//testcase");
    xmlFreeDoc(document);
    assert_int_equal(suites, FIXTURE_RUN_COUNT);
    assert_int_equal(failures, 3);
    assert_int_equal(errors, 2);
    assert_int_equal(skipped, 2);
    assert_non_null(strstr(buf_text(&out), "failures=\"3\" errors=\"2\" skipped=\"2\""));
    assert_int_equal(cases, 12);
}

static void junit_of_same_name_twice_numbers_the_second(void **state)
{
    struct fixture *fixture = *state;
    struct step_report *last = &fixture->runs[RUN_PASSED]->steps.items[2];
    last->section = SECTION_STEPS;
    last->name = "log in";
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    fixture_write_one(fixture, RUN_PASSED, REPORT_JUNIT, &out);
    assert_non_null(strstr(buf_text(&out), "name=\"log in\""));
    assert_non_null(strstr(buf_text(&out), "name=\"log in (2)\""));
}

static void junit_of_nothing_is_an_error(void **state)
{
    (void)state;
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    fixture_write_none(REPORT_JUNIT, &out);
    xmlDoc *document = parse(&out);
    int errors = count(document, "//testcase/error");
    xmlFreeDoc(document);
    assert_int_equal(errors, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(junit_of_all_runs_is_as_pinned),
        TEST(junit_of_all_runs_is_well_formed_and_tells_faults_apart),
        TEST(junit_of_same_name_twice_numbers_the_second),
        TEST(junit_of_nothing_is_an_error),
    };
    int failed = cmocka_run_group_tests_name("report junit", tests, NULL, NULL);
    xmlCleanupParser();
    return failed;
}
