/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a page: what the parser made of it is gone through by selectors, XPath and forms. */
#include "answer/html.h"
#include "base/utf8.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const selectors[] = {"*", ":checked, :disabled, :empty, a:not(:link) ~ *",
                                        "li:nth-last-child(2n+1 of :has(b))",
                                        "[class~=x]:lang(en) > p"};
static const char *const fields[] = {"a", "b", "csrf", "_charset_"};

static struct html_query *css(const char *selector)
{
    AUTO_BUF message = BUF_INIT(1024);
    size_t offset;
    struct html_query *query = html_compile_css(view_of(selector), &offset, &message);
    ASSERT(query);
    return query;
}

static void check_texts(struct html_matches *matches)
{
    vec_each(match, matches) ASSERT(utf8_valid((struct view){match->text, match->length}));
    html_matches_release(matches);
}

static void find_all(const struct html *html, struct html_query *query)
{
    struct html_matches matches;
    if (html_find(html, query, NULL, &matches)) check_texts(&matches);
    if (html_find_prices(html, query, NULL, &matches)) check_texts(&matches);
    html_query_free(query);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const charsets[] = {"", "utf-8", "windows-1252", "shift_jis"};
    AUTO_BUF reason = BUF_INIT(4096);
    AUTO_BUF value = BUF_INIT((size_t)1 << 20);
    struct view body = {(const char *)data, size};
    struct html *html = html_parse(body, view_of(charsets[size % COUNT_OF(charsets)]), &reason);
    if (!html) {
        ASSERT(reason.length);
        return 0;
    }
    for (size_t i = 0; i < COUNT_OF(selectors); i++) find_all(html, css(selectors[i]));
    size_t offset;
    find_all(html, html_compile_xpath(VIEW_LITERAL("//@* | //text() | //comment() | //*[last()]"),
                                      &offset, &reason));
    struct html_query *form = css("form");
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        buf_clear(&value);
        if (html_form_field(html, form, fields[i], &value) == HTML_FORM_FOUND)
            ASSERT(utf8_valid(buf_view(&value)));
    }
    html_query_free(form);
    html_free(html);
    return 0;
}
