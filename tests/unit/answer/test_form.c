/* SPDX-License-Identifier: Apache-2.0 */
/* Forms: the value that a field would be submitted with, and when there is none. */
#include "answer/html.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static enum html_form_result ask(const char *page, const char *form, const char *field,
                                 struct buf *value)
{
    AUTO_BUF message = BUF_INIT(1024);
    size_t offset;
    struct html *html = html_parse(view_of(page), VIEW_NONE, &message);
    struct html_query *query = html_compile_css(view_of(form), &offset, &message);
    assert_non_null(html);
    assert_non_null(query);
    enum html_form_result result = html_form_field(html, query, field, value);
    html_query_free(query);
    html_free(html);
    return result;
}

/* `wanted` NULL: the form has no such field. */
static void expect(const char *page, const char *form, const char *field, const char *wanted)
{
    AUTO_BUF value = BUF_INIT(1 << 20);
    enum html_form_result result = ask(page, form, field, &value);
    if (result != (wanted ? HTML_FORM_FOUND : HTML_FORM_NO_FIELD))
        fail_msg("%s in %s: result %d", field, page, (int)result);
    if (wanted && strcmp(buf_text(&value), wanted) != 0)
        fail_msg("%s in %s: [%s]", field, page, buf_text(&value));
}

static void form_that_is_not_there_is_told(void **state)
{
    (void)state;
    AUTO_BUF value = BUF_INIT(1024);
    assert_int_equal(ask("<form id=a><input name=x>", "#b", "x", &value), HTML_FORM_NONE);
    assert_int_equal(ask("<p id=b>", "#b", "x", &value), HTML_FORM_NONE);
}

static void inputs_give_their_values(void **state)
{
    (void)state;
    static const char page[] =
        "<form id=login><input type=hidden name=csrf value='a&amp;b'><input name=user>"
        "<input name=text value='one\ntwo'><input type=email name=mail value=' a@b.example '>"
        "<input type=number name=count value=12><input type=number name=bad value=12x>"
        "<input type=range name=range min=0 max=10><input type=color name=color value='#FFaa00'>"
        "<input type=file name=file value=x><input type=image name=image value=x>"
        "<input type=reset name=reset value=x><input type=button name=button value=x>"
        "<input type=submit name=go value=Go><button name=press value=1>x</button>"
        "<button type=button name=idle value=1>x</button><input type=strange name=odd value=7>"
        "<input type=hidden name=_charset_></form>";
    expect(page, "#login", "csrf", "a&b");
    expect(page, "#login", "user", "");
    expect(page, "#login", "text", "onetwo");
    expect(page, "form", "mail", "a@b.example");
    expect(page, "form", "count", "12");
    expect(page, "form", "bad", "");
    expect(page, "form", "range", "5");
    expect(page, "form", "color", "#ffaa00");
    expect(page, "form", "file", "");
    expect(page, "form", "image", NULL);
    expect(page, "form", "reset", NULL);
    expect(page, "form", "button", NULL);
    expect(page, "form", "go", "Go");
    expect(page, "form", "press", "1");
    expect(page, "form", "idle", NULL);
    expect(page, "form", "odd", "7");
    expect(page, "form", "_charset_", "UTF-8");
    expect(page, "form", "nothing", NULL);
    expect(page, "body", "csrf", "a&b");
}

static void boxes_count_only_when_checked(void **state)
{
    (void)state;
    static const char page[] =
        "<form><input type=checkbox name=a><input type=checkbox name=b checked>"
        "<input type=checkbox name=c value=1 checked><input type=checkbox name=d value=1>"
        "<input type=checkbox name=d value=2 checked><input type=radio name=r value=1>"
        "<input type=radio name=r value=2 checked><input type=radio name=r value=3>"
        "<input type=radio name=t value=1 checked><input type=radio name=t value=2 checked>"
        "</form>";
    expect(page, "form", "a", NULL);
    expect(page, "form", "b", "on");
    expect(page, "form", "c", "1");
    expect(page, "form", "d", "2");
    expect(page, "form", "r", "2");
    expect(page, "form", "t", "2");
}

static void selects_give_the_chosen_option(void **state)
{
    (void)state;
    static const char page[] =
        "<form><select name=a><option disabled>pick<option>  one  <b>x</b> more<option>two</select>"
        "<select name=b><option value=1>one<option value=2 selected>two<option value=3>x</select>"
        "<select name=c multiple><option value=1>one<option value=2>two</select>"
        "<select name=d multiple><option>1<option selected>2<option selected>3</select>"
        "<select name=e size=3><option>1</select><select name=f></select>"
        "<select name=g><optgroup disabled><option>1</optgroup><optgroup><option>2</select>"
        "<select name=h><option value=1 selected disabled>x<option value=2>y</select>"
        "<select name=i><option selected>1<option selected>2</select></form>";
    expect(page, "form", "a", "one x more");
    expect(page, "form", "b", "2");
    expect(page, "form", "c", NULL);
    expect(page, "form", "d", "2");
    expect(page, "form", "e", NULL);
    expect(page, "form", "f", NULL);
    expect(page, "form", "g", "2");
    expect(page, "form", "h", NULL);
    expect(page, "form", "i", "2");
}

static void textarea_keeps_its_lines_as_crlf(void **state)
{
    (void)state;
    expect("<form><textarea name=t>\n a\nb\r\nc </textarea></form>", "form", "t", " a\r\nb\r\nc ");
    expect("<form><textarea name=t>\n\nx</textarea></form>", "form", "t", "\r\nx");
    expect("<form><textarea name=t><b>&lt;</b></textarea></form>", "form", "t", "<b><</b>");
    expect("<form><input type=hidden name=t value='a&#10;b'></form>", "form", "t", "a\r\nb");
}

static void disabled_fields_are_not_sent(void **state)
{
    (void)state;
    static const char page[] =
        "<form><input name=a value=1 disabled><fieldset disabled><legend><input name=b value=2>"
        "</legend><legend><input name=c value=3></legend><input name=d value=4>"
        "<fieldset><input name=e value=5></fieldset></fieldset>"
        "<datalist><input name=f value=6></datalist><template><input name=g value=7></template>"
        "</form>";
    expect(page, "form", "a", NULL);
    expect(page, "form", "b", "2");
    expect(page, "form", "c", NULL);
    expect(page, "form", "d", NULL);
    expect(page, "form", "e", NULL);
    expect(page, "form", "f", NULL);
    expect(page, "form", "g", NULL);
}

static void field_elsewhere_belongs_by_its_form_attribute(void **state)
{
    (void)state;
    static const char page[] =
        "<input name=far form=b value=1><form id=a><input name=near value=2>"
        "<input name=taken form=b value=3><input name=lost form=none value=4></form>"
        "<form id=b></form>";
    expect(page, "#b", "far", "1");
    expect(page, "#a", "near", "2");
    expect(page, "#b", "near", NULL);
    expect(page, "#b", "taken", "3");
    expect(page, "#a", "taken", NULL);
    expect(page, "#a", "lost", NULL);
}

static void fields_of_a_misnested_form_belong_to_it(void **state)
{
    (void)state;
    static const char table[] =
        "<table><form id=f><tr><td><input name=csrf value=7></td></tr></form>"
        "<tr><td><input name=after value=8></table>";
    expect(table, "#f", "csrf", "7");
    expect(table, "#f", "after", NULL);
    static const char crossed[] = "<div><form id=f><input name=a value=1></div>"
                                  "<input name=b value=2></form><input name=c value=3>";
    expect(crossed, "#f", "a", "1");
    expect(crossed, "#f", "b", "2");
    expect(crossed, "#f", "c", NULL);
    static const char nested[] = "<form id=f><form id=g><input name=a value=1></form>"
                                 "<form id=h><input name=b value=2></form>";
    expect(nested, "#f", "a", "1");
    expect(nested, "#h", "b", "2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(form_that_is_not_there_is_told),
        cmocka_unit_test(inputs_give_their_values),
        cmocka_unit_test(boxes_count_only_when_checked),
        cmocka_unit_test(selects_give_the_chosen_option),
        cmocka_unit_test(textarea_keeps_its_lines_as_crlf),
        cmocka_unit_test(disabled_fields_are_not_sent),
        cmocka_unit_test(field_elsewhere_belongs_by_its_form_attribute),
        cmocka_unit_test(fields_of_a_misnested_form_belong_to_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
