/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTML with everything escaped that is put into it: what comes from the shop, from journeys and
 * from the path of a request is hostile. Words for times and lengths.
 */
#ifndef SHOPPER_SERVE_HTML_H
#define SHOPPER_SERVE_HTML_H

#include "base/buf.h"

#include <stdint.h>

/*
 * The template as it is, with these replaced: %t a text, escaped for elements and attributes in
 * quotes, its control characters visible; %u a text as a part of a URL's path; %d an int; %%
 * itself. A NULL text is "".
 */
void html_put(struct buf *out, const char *template, ...);
void html_text(struct buf *out, const char *text); /* as %t */
/* The same, but its line ends stay: for <pre>. */
void html_pre(struct buf *out, const char *text);

/* "84 ms", "1.3 s", "4 min", "3 h", "2 d": no more than two digits that matter. */
void html_duration(struct buf *out, int64_t us);
/* <time>: "2026-11-23 14:02:10 UTC"; only "14:02:10" when it is less than half a day from now. */
void html_time(struct buf *out, int64_t wall_us, int64_t now_us);
void html_percent(struct buf *out, double share); /* "99.95 %", "no data" below 0 */
/* "log in", "see the price" for the core stages; else as it is written. */
const char *html_stage(const char *stage);
/* An <a> for what is an http or https URL; else its text. */
void html_link(struct buf *out, const char *text);

#endif
