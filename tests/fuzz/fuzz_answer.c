/* SPDX-License-Identifier: Apache-2.0 */
/* A hostile answer through every source. The first line is the Content-Type, the rest the body. */
#include "answer/extract.h"
#include "answer/predicate.h"
#include "base/vec.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BODY_CAP_BYTES 65536

static const struct {
    enum source_kind kind;
    const char *argument, *attr, *field;
    enum source_kind inner; /* SOURCE_STATUS: none */
    const char *inner_argument;
} sources[] = {
    {.kind = SOURCE_STATUS, .argument = ""},
    {.kind = SOURCE_HEADER, .argument = "content-type"},
    {.kind = SOURCE_JSON, .argument = "$..*"},
    {.kind = SOURCE_JSON, .argument = "$..[?@.a > 1 || match(@.b, 'x.*')]"},
    {.kind = SOURCE_JSON, .argument = "$.a", .inner = SOURCE_JSON, .inner_argument = "$[-1:]"},
    {.kind = SOURCE_CSS, .argument = "*"},
    {.kind = SOURCE_CSS, .argument = "[class~=p]:nth-child(2n+1) > a:not(.x)", .attr = "href"},
    {.kind = SOURCE_CSS, .argument = "script", .inner = SOURCE_JSON, .inner_argument = "$..a"},
    {.kind = SOURCE_XPATH, .argument = "//*[@itemprop='price']/@content"},
    {.kind = SOURCE_XPATH, .argument = "count(//a)"},
    {.kind = SOURCE_REGEX, .argument = "(a+)+b|(?<price>\\d+[.,]\\d\\d)"},
    {.kind = SOURCE_FORM, .argument = "form", .field = "csrf"},
    {.kind = SOURCE_BODY, .argument = ""},
    {.kind = SOURCE_SIZE, .argument = ""},
};

static struct extractor *compiled(enum source_kind kind, const char *argument)
{
    AUTO_BUF message = BUF_INIT(4096);
    size_t offset;
    struct extractor *extractor = extractor_new(kind, view_of(argument), NULL, &offset, &message);
    ASSERT(extractor);
    return extractor;
}

static struct extractor *extractor_of(size_t index)
{
    struct extractor *extractor = compiled(sources[index].kind, sources[index].argument);
    extractor->attr = xstrdup(sources[index].attr);
    extractor->field = xstrdup(sources[index].field);
    extractor->all = true;
    if (sources[index].inner != SOURCE_STATUS)
        extractor->inner = compiled(sources[index].inner, sources[index].inner_argument);
    return extractor;
}

static void judge(const struct value *actual, const struct value *expected)
{
    for (int kind = 0; kind < PREDICATE_KIND_COUNT; kind++) {
        AUTO_BUF wanted = BUF_INIT(16384), found = BUF_INIT(16384);
        bool holds =
            predicate_holds((enum predicate_kind)kind, actual, expected, NULL, &wanted, &found);
        ASSERT(holds == !wanted.length);
    }
}

static void ask(size_t index, struct message *message)
{
    AUTO_BUF reason = BUF_INIT(65536);
    struct value values = VALUE_NOTHING;
    struct extract_input input = {.message = message};
    struct extractor *extractor = extractor_of(index);
    if (extract(extractor, &input, &values, &reason)) {
        ASSERT(values.kind == VALUE_LIST);
        ASSERT(values.list.count || reason.length);
        struct value first = value_element(&values, 0),
                     text = value_text(VIEW_LITERAL("12.50 EUR"));
        judge(&first, &text);
        judge(&values, &first);
        value_release(&first);
        value_release(&text);
    } else {
        ASSERT(reason.length);
    }
    value_release(&values);
    extractor_free(extractor);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct view body = {(const char *)data, size}, type = VIEW_NONE;
    struct message *message = message_new(BODY_CAP_BYTES);
    if (!size || !view_split(&body, '\n', &type)) type = VIEW_NONE;
    headers_add(&message->headers, VIEW_LITERAL("Content-Type"), type);
    buf_add_view(&message->body, body);
    for (size_t i = 0; i < COUNT_OF(sources); i++) ask(i, message);
    message_free(message);
    return 0;
}
