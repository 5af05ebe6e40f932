/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a selector and as an XPath expression, then held against a small page. */
#include "answer/html.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char page[] =
    "<!DOCTYPE html><html lang=en><body class='shop wide'><ul id=list><li class=item>1<li>2<b>x</b>"
    "<li class='item sale' data-sku=MUG-42>3</ul><form id=f><input type=checkbox checked>"
    "<select><option>a<option selected>b</select></form><svg viewBox='0 0'><a xlink:href=x></a>"
    "</svg><template><i>t</i></template><pre> a </pre>";

static void hold_against(const struct html *html, struct html_query *query, const char *attr)
{
    if (!query) return;
    struct html_matches matches;
    if (html_find(html, query, attr, &matches)) html_matches_release(&matches);
    html_query_free(query);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_BUF message = BUF_INIT(4096);
    struct view text = {(const char *)data, size};
    struct html *html = html_parse(VIEW_LITERAL(page), VIEW_NONE, &message);
    size_t offset = 0;
    struct html_query *query = html_compile_css(text, &offset, &message);
    if (!query) ASSERT(offset <= size && message.length);
    hold_against(html, query, size % 2 ? "class" : NULL);
    buf_clear(&message);
    query = html_compile_xpath(text, &offset, &message);
    if (!query) ASSERT(offset <= size && message.length);
    hold_against(html, query, NULL);
    html_free(html);
    return 0;
}
