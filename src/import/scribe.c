/* SPDX-License-Identifier: Apache-2.0 */
/* See scribe.h. */
#include "import/scribe.h"

#include "base/codec.h"
#include "base/utf8.h"

#include <string.h>
#include <strings.h>

#define LINE_MAX_COLUMNS 110
#define MAX_DEPTH 30
#define COMMENT_FLAG (1 << 12) /* above cJSON's own */

void scribe_add_comment(cJSON *mapping, const char *text)
{
    cJSON *comment = cJSON_CreateString(text);
    comment->type |= COMMENT_FLAG;
    cJSON_AddItemToObject(mapping, "#", comment);
}

static bool is_comment(const cJSON *node)
{
    return node->type & COMMENT_FLAG;
}

/* --- Scalars */

static bool is_word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* What another reader of YAML would take for something else than text. */
static bool is_special(const char *text)
{
    static const char *const words[] = {"true", "false", "null", "yes", "no", "on",
                                        "off",  "y",     "n",    "~",   NULL};
    for (size_t i = 0; words[i]; i++) {
        if (!strcasecmp(text, words[i])) return true;
    }
    return false;
}

static bool is_plain(const char *text, bool flow)
{
    static const char block_chars[] = " -./%@()'=;,${}[]?&*!|<>^+~\"#:";
    static const char flow_chars[] = " -./%@()'=;$?&*!|<>^+~";
    bool first_is_good =
        is_word_char(*text) || *text == '/' || *text == '$' || *text == '.' || (*text == '#' && 0);
    bool digit = *text >= '0' && *text <= '9';
    if (!first_is_good || is_special(text) || (digit && !text[strspn(text, "0123456789.eE:_-+xX")]))
        return false;
    if (*text == '.' && !is_word_char(text[1])) return false;
    for (const char *c = text; *c; c++) {
        if (!is_word_char(*c) && !strchr(flow ? flow_chars : block_chars, *c)) return false;
        if (*c == ':' && (c[1] == ' ' || !c[1])) return false;
        if (*c == ' ' && (c[1] == '#' || !c[1])) return false;
    }
    return true;
}

static bool must_be_escaped(uint32_t c)
{
    return c < 32 || (c >= 0x7f && c <= 0xa0) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069) || (c >= 0x200b && c <= 0x200f) || c == 0xfeff ||
           (c & 0xfffe) == 0xfffe;
}

static void add_quoted(struct buf *out, const char *text)
{
    struct view view = view_of(text);
    buf_add_char(out, '"');
    for (size_t at = 0; at < view.length;) {
        uint32_t c = utf8_next(view, &at);
        if (c == UTF8_INVALID) c = 0xfffd;
        if (c == '"' || c == '\\')
            buf_addf(out, "\\%c", (int)c);
        else if (c == '\n')
            buf_add_text(out, "\\n");
        else if (c == '\t')
            buf_add_text(out, "\\t");
        else if (must_be_escaped(c))
            buf_addf(out, c > 0xffff ? "\\U%08x" : "\\u%04x", c);
        else
            utf8_add(out, c);
    }
    buf_add_char(out, '"');
}

/* In single quotes a pattern or a selector keeps its backslashes and double quotes. */
static bool is_better_single(const char *text)
{
    if (!strpbrk(text, "\"\\") || strchr(text, '\'')) return false;
    for (const char *c = text; *c; c++) {
        if ((unsigned char)*c < 32 || (unsigned char)*c > 126) return false;
    }
    return true;
}

void scribe_scalar(struct buf *out, const char *text, bool flow)
{
    if (is_plain(text, flow))
        buf_add_text(out, text);
    else if (is_better_single(text))
        buf_addf(out, "'%s'", text);
    else
        add_quoted(out, text);
}

/* --- Flow style */

static void add_flow(struct buf *out, const cJSON *node, int depth)
{
    if (cJSON_IsString(node)) {
        scribe_scalar(out, node->valuestring, true);
        return;
    }
    if (!cJSON_IsObject(node) && !cJSON_IsArray(node)) {
        json_print(node, out);
        return;
    }
    bool mapping = cJSON_IsObject(node);
    const cJSON *child = NULL;
    buf_add_char(out, mapping ? '{' : '[');
    if (depth < MAX_DEPTH) {
        cJSON_ArrayForEach(child, node)
        {
            if (child != node->child) buf_add_text(out, ", ");
            if (mapping) scribe_scalar(out, child->string, true);
            if (mapping) buf_add_text(out, ": ");
            add_flow(out, child, depth + 1);
        }
    }
    buf_add_char(out, mapping ? '}' : ']');
}

/* --- Block style */

static void add_indent(struct buf *out, int indent)
{
    buf_addf(out, "%*s", indent, "");
}

static void add_comment(struct buf *out, const char *text, int indent)
{
    struct view rest = view_of(text), line = VIEW_NONE;
    while (view_split(&rest, '\n', &line)) {
        add_indent(out, indent);
        buf_add_text(out, "# ");
        codec_add_visible(out, line);
        buf_add_char(out, '\n');
    }
}

/* Lines as they are: no tabs, nothing that must be escaped, the first not indented. */
static bool is_block_text(const char *text)
{
    struct view view = view_of(text);
    if (!strchr(text, '\n') || *text == ' ' || *text == '\n') return false;
    for (size_t at = 0; at < view.length;) {
        uint32_t c = utf8_next(view, &at);
        if (c == UTF8_INVALID || (c != '\n' && must_be_escaped(c))) return false;
    }
    return true;
}

static void add_block_text(struct buf *out, const char *text, int indent)
{
    struct view rest = view_of(text), line = VIEW_NONE;
    buf_add_text(out, view_ends_with(rest, VIEW_LITERAL("\n")) ? "|\n" : "|-\n");
    while (view_split(&rest, '\n', &line)) {
        if (line.length) add_indent(out, indent);
        buf_add_view(out, line);
        buf_add_char(out, '\n');
    }
}

static void add_sequence(struct buf *out, const cJSON *sequence, int indent);

static bool holds_block_text(const cJSON *node, int depth)
{
    const cJSON *child = NULL;
    if (cJSON_IsString(node)) return is_block_text(node->valuestring);
    if (depth > MAX_DEPTH) return false;
    cJSON_ArrayForEach(child, node)
    {
        if (is_comment(child)) return true;
        if (holds_block_text(child, depth + 1)) return true;
    }
    return false;
}

/* One to a line, whatever would fit. */
static bool is_list_of_lines(const char *key)
{
    static const char *const keys[] = {"check", "capture", "creates", "secrets", NULL};
    for (size_t i = 0; key && keys[i]; i++) {
        if (!strcmp(key, keys[i])) return true;
    }
    return false;
}

/* "check: [status: 201]" */
static bool add_only_check(struct buf *out, const cJSON *node)
{
    const cJSON *check = node->child;
    if (!cJSON_IsArray(node) || !check || check->next || !cJSON_IsObject(check)) return false;
    if (!check->child || check->child->next || !cJSON_IsRaw(check->child)) return false;
    buf_add_text(out, " [");
    scribe_scalar(out, check->child->string, true);
    buf_addf(out, ": %s]\n", check->child->valuestring);
    return true;
}

/* What stands behind "key:" or "-": on the same line where it fits. */
static void add_value(struct buf *out, const cJSON *node, int indent, size_t line_start)
{
    bool nested = cJSON_IsObject(node) || cJSON_IsArray(node);
    if (cJSON_IsString(node)) {
        buf_add_char(out, ' ');
        if (is_block_text(node->valuestring)) {
            add_block_text(out, node->valuestring, indent + 2);
            return;
        }
        scribe_scalar(out, node->valuestring, false);
        buf_add_char(out, '\n');
        return;
    }
    if (is_list_of_lines(node->string) && add_only_check(out, node)) return;
    AUTO_BUF flow = BUF_INIT(BUF_OWN_CAP);
    add_flow(&flow, node, 0);
    bool fits = out->length - line_start + flow.length + 1 <= LINE_MAX_COLUMNS;
    if (!nested || !node->child || indent > 2 * MAX_DEPTH ||
        (fits && !is_list_of_lines(node->string) && !holds_block_text(node, 0))) {
        buf_addf(out, " %s\n", buf_text(&flow));
        return;
    }
    buf_add_char(out, '\n');
    if (cJSON_IsObject(node))
        scribe_mapping(out, node, indent + 2);
    else
        add_sequence(out, node, indent + 2);
}

static void add_sequence(struct buf *out, const cJSON *sequence, int indent)
{
    const cJSON *child = NULL;
    cJSON_ArrayForEach(child, sequence)
    {
        size_t start = out->length;
        if (cJSON_IsObject(child) && child->child) {
            AUTO_BUF block = BUF_INIT(BUF_OWN_CAP);
            scribe_mapping(&block, child, indent + 2);
            add_indent(out, indent);
            buf_add_text(out, "- ");
            buf_add_view(out, view_from(buf_view(&block), (size_t)indent + 2));
            continue;
        }
        add_indent(out, indent);
        buf_add_char(out, '-');
        add_value(out, child, indent, start);
    }
}

void scribe_mapping(struct buf *out, const cJSON *mapping, int indent)
{
    const cJSON *child = NULL;
    cJSON_ArrayForEach(child, mapping)
    {
        if (is_comment(child)) {
            add_comment(out, child->valuestring, indent);
            continue;
        }
        size_t start = out->length;
        add_indent(out, indent);
        scribe_scalar(out, child->string, false);
        buf_add_char(out, ':');
        add_value(out, child, indent, start);
    }
}
