/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A page of a manual, told once and written as Markdown or as man(7). In its texts `code` stands
 * between backquotes; everything else is plain.
 */
#ifndef SHOPPER_GENERATE_PAGE_H
#define SHOPPER_GENERATE_PAGE_H

#include "base/buf.h"

#include <stdbool.h>

enum markup { MARKUP_MARKDOWN, MARKUP_MAN };

struct page {
    enum markup markup;
    struct buf *out;
    bool headed; /* a heading was the last thing: man(7) wants no paragraph after it */
};

/* `section` is 1 or 5; `summary` one line. */
void page_title(struct page *page, const char *name, int section, const char *summary);
void page_heading(struct page *page, const char *text);
void page_subheading(struct page *page, const char *text);
void page_paragraph(struct page *page, const char *text);
/* A table: its column heads, then rows. The first column is a term, shown as code; the second may
 * be NULL in all of them. */
void page_table(struct page *page, const char *term, const char *middle, const char *last);
void page_row(struct page *page, const char *term, const char *middle, const char *last);
/* Lines that stand as they are. */
void page_verbatim(struct page *page, const char *language, const char *text);

#endif
