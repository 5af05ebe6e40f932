/* SPDX-License-Identifier: Apache-2.0 */
/* See page.h. */
#include "generate/page.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* --- Inline text */

/* A line that begins with a dot or a quote would be a request. */
static void add_man_char(struct buf *out, char c, bool begins_line)
{
    static const struct {
        char c;
        const char *escape;
    } escapes[] = {
        {'\\', "\\e"},  {'-', "\\-"},   {'\'', "\\(aq"},
        {'^', "\\(ha"}, {'~', "\\(ti"}, {'`', "\\(ga"},
    };
    if (begins_line && c == '.') buf_add_text(out, "\\&");
    for (size_t i = 0; i < COUNT_OF(escapes); i++) {
        if (escapes[i].c != c) continue;
        buf_add_text(out, escapes[i].escape);
        return;
    }
    buf_add_char(out, c);
}

static void add_man(struct buf *out, const char *text)
{
    bool code = false;
    for (const char *at = text; *at; at++) {
        if (*at == '`')
            buf_add_text(out, (code = !code) ? "\\fB" : "\\fR");
        else
            add_man_char(out, *at, at == text || at[-1] == '\n');
    }
}

/* In a table a bar would end the cell, even inside code. */
static void add_markdown(struct buf *out, const char *text, bool in_table)
{
    bool code = false;
    for (const char *at = text; *at; at++) {
        if (*at == '`') code = !code;
        if ((in_table && *at == '|') || (!code && strchr("*<_", *at))) buf_add_char(out, '\\');
        buf_add_char(out, *at);
    }
}

static void add(struct page *page, const char *text)
{
    if (page->markup == MARKUP_MAN)
        add_man(page->out, text);
    else
        add_markdown(page->out, text, false);
}

/* The same over several lines, broken at spaces. */
static void add_wrapped(struct page *page, const char *text)
{
    AUTO_BUF whole = BUF_INIT(BUF_OWN_CAP);
    struct page inner = {.markup = page->markup, .out = &whole};
    add(&inner, text);
    size_t width = page->markup == MARKUP_MAN ? 79 : 140, begin = 0, space = 0;
    for (size_t i = 0; i < whole.length; i++) {
        if (whole.data[i] == '\n') begin = space = i + 1;
        if (whole.data[i] == ' ' && whole.data[i + 1] != '.') space = i; /* no line begins so */
        if (i - begin < width || space <= begin) continue;
        whole.data[space] = '\n';
        begin = space + 1;
    }
    buf_add_view(page->out, buf_view(&whole));
}

/* --- Blocks */

void page_title(struct page *page, const char *name, int section, const char *summary)
{
    if (page->markup == MARKUP_MARKDOWN) {
        buf_addf(page->out, "# %s\n\n", name);
        add(page, summary);
        buf_add_char(page->out, '\n');
        return;
    }
    buf_add_text(page->out, ".\\\" Generated from the program's own tables.\n.TH ");
    for (const char *at = name; *at; at++) {
        if (*at == '-') buf_add_char(page->out, '\\');
        buf_add_char(page->out, (char)toupper((unsigned char)*at));
    }
    /* No date: the same tables give the same page. */
    buf_addf(page->out, " %d \"\" \"Mystery Shopper " SHOPPER_VERSION "\" \"%s\"\n", section,
             section == 1 ? "User Commands" : "File Formats");
    buf_add_text(page->out, ".SH NAME\n");
    add(page, name);
    buf_add_text(page->out, " \\- ");
    add(page, summary);
    buf_add_char(page->out, '\n');
}

void page_heading(struct page *page, const char *text)
{
    page->headed = true;
    if (page->markup == MARKUP_MARKDOWN) {
        buf_addf(page->out, "\n## %s\n", text);
        return;
    }
    buf_add_text(page->out, ".SH ");
    for (; *text; text++) buf_add_char(page->out, (char)toupper((unsigned char)*text));
    buf_add_char(page->out, '\n');
}

void page_subheading(struct page *page, const char *text)
{
    page->headed = true;
    buf_add_text(page->out, page->markup == MARKUP_MARKDOWN ? "\n### " : ".SS ");
    add(page, text);
    buf_add_char(page->out, '\n');
}

static void begin_paragraph(struct page *page)
{
    if (page->markup == MARKUP_MARKDOWN)
        buf_add_char(page->out, '\n');
    else if (!page->headed)
        buf_add_text(page->out, ".PP\n");
    page->headed = false;
}

void page_paragraph(struct page *page, const char *text)
{
    begin_paragraph(page);
    add_wrapped(page, text);
    buf_add_char(page->out, '\n');
}

void page_table(struct page *page, const char *term, const char *middle, const char *last)
{
    if (page->markup == MARKUP_MAN) return;
    buf_addf(page->out, "\n| %s | %s%s%s |\n|---|---|%s\n", term, middle ? middle : "",
             middle ? " | " : "", last, middle ? "---|" : "");
}

void page_row(struct page *page, const char *term, const char *middle, const char *last)
{
    if (page->markup == MARKUP_MAN) {
        buf_add_text(page->out, ".TP\n\\fB");
        add(page, term);
        buf_add_text(page->out, "\\fR");
        if (middle && *middle) {
            buf_add_text(page->out, " (");
            add(page, middle);
            buf_add_char(page->out, ')');
        }
        buf_add_char(page->out, '\n');
        add_wrapped(page, last);
        buf_add_char(page->out, '\n');
        page->headed = false;
        return;
    }
    AUTO_BUF code = BUF_INIT(BUF_OWN_CAP);
    buf_addf(&code, "`%s`", term);
    buf_add_text(page->out, "| ");
    add_markdown(page->out, buf_text(&code), true);
    if (middle) {
        buf_add_text(page->out, " | ");
        add_markdown(page->out, middle, true);
    }
    buf_add_text(page->out, " | ");
    add_markdown(page->out, last, true);
    buf_add_text(page->out, " |\n");
}

void page_verbatim(struct page *page, const char *language, const char *text)
{
    if (page->markup == MARKUP_MARKDOWN) {
        buf_addf(page->out, "\n```%s\n%s```\n", language, text);
        return;
    }
    begin_paragraph(page);
    buf_add_text(page->out, ".in +4n\n.EX\n");
    for (const char *at = text; *at; at++)
        add_man_char(page->out, *at, at == text || at[-1] == '\n');
    buf_add_text(page->out, ".EE\n.in\n");
}
