/* SPDX-License-Identifier: Apache-2.0 */
/* See named_value.h. */
#include "text/named_value.h"

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define NAME_MAX_BYTES 128

struct scanner {
    visit_named_value *visit;
    void *context;
};

static void meet(const struct scanner *scanner, enum named_kind kind, struct view name,
                 struct view value)
{
    if (value.length && value.length <= NAMED_VALUE_MAX_BYTES)
        scanner->visit(scanner->context, &(struct named_value){kind, name, value});
}

static bool is_name_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c && strchr("_-.", c)) || (c & 0x80);
}

static size_t skip(struct view text, size_t at, const char *these)
{
    while (at < text.length && text.data[at] && strchr(these, text.data[at])) at++;
    return at;
}

static size_t find_end(struct view text, size_t at, const char *these)
{
    while (at < text.length && !(text.data[at] && strchr(these, text.data[at]))) at++;
    return at;
}

/* Up to the same quote; what is escaped stays as it is, and is known without its escapes, too. */
static void meet_quoted(const struct scanner *scanner, struct view name, struct view text,
                        size_t at)
{
    char quote = text.data[at++];
    AUTO_BUF plain = BUF_INIT(BUF_OWN_CAP);
    size_t end = at;
    text = view_slice(text, 0, at + NAMED_VALUE_MAX_BYTES);
    for (; end < text.length && text.data[end] != quote; end++) {
        if (text.data[end] == '\\' && end + 1 < text.length) end++;
        buf_add_char(&plain, text.data[end]);
    }
    struct view raw = view_slice(text, at, end - at);
    /* \"value\" of JSON in JSON ends with a backslash that is not its own */
    if (view_ends_with(raw, VIEW_LITERAL("\\"))) raw.length--;
    meet(scanner, NAMED_QUOTED, name, raw);
    if (!view_equals(raw, buf_view(&plain))) meet(scanner, NAMED_QUOTED, name, buf_view(&plain));
}

/* Behind `name`, `"name"`, `\"name\"`. */
static void look_behind(const struct scanner *scanner, struct view text, struct view name,
                        size_t at, bool declared)
{
    at = skip(text, at, "\\\"' \t");
    if (at >= text.length || !strchr("=:", text.data[at])) return;
    at = skip(text, at + 1, " \t\\");
    if (at >= text.length || declared) return;
    if (text.data[at] == '$') {
        size_t end = at + 1;
        while (end < text.length && is_name_char(text.data[end])) end++;
        meet(scanner, NAMED_VARIABLE, name, view_slice(text, at + 1, end - at - 1));
    } else if (strchr("\"'", text.data[at])) {
        meet_quoted(scanner, name, text, at);
    } else {
        text = view_slice(text, 0, at + NAMED_VALUE_MAX_BYTES);
        size_t end = find_end(text, at, " \t\r\n&;,|<>(){}[]\"'");
        meet(scanner, NAMED_BARE, name, view_slice(text, at, end - at));
    }
}

/* <soap:password type="a">value</...>, also <![CDATA[value]]> */
static void look_into_element(const struct scanner *scanner, struct view text, struct view name,
                              size_t at)
{
    text = view_slice(text, 0, at + NAMED_VALUE_MAX_BYTES);
    size_t end = find_end(text, at, ">");
    struct view rest = view_trim(view_from(text, end + 1));
    bool raw = view_starts_with(rest, VIEW_LITERAL("<![CDATA["));
    if (end >= text.length) return;
    if (raw) rest = view_from(rest, strlen("<![CDATA["));
    size_t stop = raw ? view_find(rest, VIEW_LITERAL("]]>")) : view_find_char(rest, '<');
    if (stop != SIZE_MAX) meet(scanner, NAMED_ELEMENT, name, view_trim(view_slice(rest, 0, stop)));
}

void named_values_each(struct view text, visit_named_value *visit, void *context)
{
    const struct scanner both = {visit, context}, *scanner = &both;
    for (size_t at = 0; at < text.length; at++) {
        size_t from = at;
        if (!is_name_char(text.data[at])) continue;
        while (at < text.length && is_name_char(text.data[at])) at++;
        struct view name = view_slice(text, from, at - from);
        char before = from ? text.data[from - 1] : '\0';
        bool prefixed = at < text.length && text.data[at] == ':' && before == '<';
        if (prefixed) {
            from = ++at;
            while (at < text.length && is_name_char(text.data[at])) at++;
            name = view_slice(text, from, at - from);
        }
        if (name.length > NAME_MAX_BYTES) continue;
        if (before == '<')
            look_into_element(scanner, text, name, at);
        else
            look_behind(scanner, text, name, at, before == '$');
    }
}
