/* SPDX-License-Identifier: Apache-2.0 */
/* What a monitoring plugin says. */
#include "report/nagios.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct range limit = {.given = true, .to = 3, .text = {"3", 1}};

static int setup(void **state)
{
    struct nagios_output *output = NEW(struct nagios_output);
    nagios_init(output);
    *state = output;
    return 0;
}

static int teardown(void **state)
{
    nagios_release(*state);
    free(*state);
    return 0;
}

static void prints(const struct nagios_output *output, const char *wanted)
{
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    nagios_print(output, &out);
    assert_string_equal(buf_text(&out), wanted);
}

static void output_of_all_parts_is_as_the_guidelines_say(void **state)
{
    struct nagios_output *output = *state;
    output->state = NAGIOS_WARNING;
    buf_add_text(&output->text, "checkout took 4.2 s");
    buf_add_text(&output->details, "one\ntwo\n");
    nagios_measure(output, "time", NULL, 4200000, &limit, NULL, 10 * US_PER_SECOND);
    nagios_measure(output, "log in", NULL, 1500, NULL, &limit, 0);
    nagios_measure(output, "log in", "dns", 0, NULL, NULL, 0);
    prints(output, "SHOPPER WARNING - checkout took 4.2 s | time=4.200000s;3;;0;10.000000 "
                   "'log in'=0.001500s;;3;0; 'log in dns'=0.000000s;;;0;\none\ntwo\n");
}

static void output_of_text_alone_has_no_bar(void **state)
{
    struct nagios_output *output = *state;
    output->state = NAGIOS_UNKNOWN;
    buf_add_text(&output->text, "no store");
    prints(output, "SHOPPER UNKNOWN - no store\n");
}

static void output_of_hostile_text_has_neither_bars_nor_controls(void **state)
{
    struct nagios_output *output = *state;
    buf_add_text(&output->text, "a|b\x1b[2J\nOK - c\xff");
    buf_add_text(&output->details, "x | y=1\n\ttab\r\n");
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    nagios_print(output, &out);
    assert_null(strpbrk(buf_text(&out), "|\x1b\r\t"));
    assert_int_equal(view_find_char(buf_view(&out), '\n'), strcspn(buf_text(&out), "\n"));
    assert_non_null(strstr(buf_text(&out), "a¦b\\x1b[2J\\nOK - c"));
    assert_non_null(strstr(buf_text(&out), "\nx ¦ y=1\n"));
}

static void output_of_markup_shows_it_and_is_none(void **state)
{
    struct nagios_output *output = *state;
    buf_add_text(&output->text, "<b>a</b>");
    buf_add_text(&output->details, "excerpt: <script>alert(1)</script> &lt; /?a=1&b=2\n");
    nagios_measure(output, "<i> & more", NULL, 1, NULL, NULL, 0);
    prints(output, "SHOPPER OK - ‹b›a‹/b› | '‹i› ＆ more'=0.000001s;;;0;\n"
                   "excerpt: ‹script›alert(1)‹/script› ＆lt; /?a=1＆b=2\n");
}

static void label_with_quotes_and_equals_is_escaped(void **state)
{
    struct nagios_output *output = *state;
    nagios_measure(output, "the shop's a=b|c\n", NULL, 1, NULL, NULL, 0);
    prints(output, "SHOPPER OK -  | 'the shop''s a-b¦c\\n'=0.000001s;;;0;\n");
}

static void labels_that_begin_alike_are_told_apart_in_19_characters(void **state)
{
    struct nagios_output *output = *state;
    nagios_measure(output, "put the mug into the cart", NULL, 1, NULL, NULL, 0);
    nagios_measure(output, "put the mug into the bin", NULL, 2, NULL, NULL, 0);
    nagios_measure(output, "put the mug into the cart", "connect", 3, NULL, NULL, 0);
    nagios_measure(output, "put the mug into the bin", "connect", 4, NULL, NULL, 0);
    prints(output, "SHOPPER OK -  | 'put the mug into the cart'=0.000001s;;;0; "
                   "'put the mug into~2'=0.000002s;;;0; 'put the mug connect'=0.000003s;;;0; "
                   "'put the m~2 connect'=0.000004s;;;0;\n");
}

static void output_too_long_keeps_to_its_bounds(void **state)
{
    struct nagios_output *output = *state;
    for (int i = 0; i < 2000; i++) {
        AUTO_FREE char *name = xasprintf("step %d", i);
        buf_add_text(&output->text, "größer ");
        buf_addf(&output->details, "line %d of the long output: größer\n", i);
        nagios_measure(output, name, NULL, i, &limit, &limit, 0);
    }
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    nagios_print(output, &out);
    assert_true(out.length <= NAGIOS_OUTPUT_BYTES);
    assert_true(out.length > NAGIOS_OUTPUT_BYTES - 200);
    const char *bar = strchr(buf_text(&out), '|'), *line = strchr(buf_text(&out), '\n');
    assert_true(bar && line && bar < line);
    assert_true((size_t)(line - bar) <= NAGIOS_DATA_BYTES);
    assert_int_equal(line[-1], ';'); /* the last measurement is whole */
    assert_int_equal(out.data[out.length - 1], '\n');
}

static void value_that_is_not_known_keeps_its_label_and_ranges(void **state)
{
    struct nagios_output *output = *state;
    nagios_measure(output, "time", NULL, 3 * US_PER_SECOND, NULL, NULL, 2 * US_PER_SECOND);
    nagios_measure(output, "add to cart", NULL, NAGIOS_UNMEASURED, &limit, NULL, 0);
    prints(output, "SHOPPER OK -  | time=2.000000s;;;0;2.000000 'add to cart'=U;3;;0;\n");
}

/* The labels of so many measurements that not all find room, all with this value. */
static size_t count_labels(int64_t us)
{
    struct nagios_output output;
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    size_t count = 0;
    nagios_init(&output);
    for (int i = 0; i < 500; i++) {
        AUTO_FREE char *name = xasprintf("step %d", i);
        nagios_measure(&output, name, NULL, us, NULL, NULL, 0);
    }
    nagios_print(&output, &out);
    for (const char *at = buf_text(&out); (at = strchr(at, '=')); at++) count++;
    nagios_release(&output);
    return count;
}

static void labels_that_find_room_do_not_depend_on_values(void **state)
{
    (void)state;
    size_t count = count_labels(NAGIOS_UNMEASURED);
    assert_in_range(count, 100, 499);
    assert_int_equal(count_labels(0), count);
    assert_int_equal(count_labels(86400 * US_PER_SECOND), count);
}

static void worse_state_is_as_plugins_order_them(void **state)
{
    (void)state;
    assert_int_equal(nagios_worse(NAGIOS_OK, NAGIOS_UNKNOWN), NAGIOS_UNKNOWN);
    assert_int_equal(nagios_worse(NAGIOS_UNKNOWN, NAGIOS_WARNING), NAGIOS_WARNING);
    assert_int_equal(nagios_worse(NAGIOS_CRITICAL, NAGIOS_WARNING), NAGIOS_CRITICAL);
    enum nagios_state found;
    assert_true(nagios_find(view_of("Warning"), &found));
    assert_int_equal(found, NAGIOS_WARNING);
    assert_false(nagios_find(view_of("warn"), &found));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(output_of_all_parts_is_as_the_guidelines_say),
        TEST(output_of_text_alone_has_no_bar),
        TEST(output_of_hostile_text_has_neither_bars_nor_controls),
        TEST(output_of_markup_shows_it_and_is_none),
        TEST(label_with_quotes_and_equals_is_escaped),
        TEST(labels_that_begin_alike_are_told_apart_in_19_characters),
        TEST(output_too_long_keeps_to_its_bounds),
        TEST(value_that_is_not_known_keeps_its_label_and_ranges),
        TEST(labels_that_find_room_do_not_depend_on_values),
        TEST(worse_state_is_as_plugins_order_them),
    };
    return cmocka_run_group_tests_name("report nagios", tests, NULL, NULL);
}
