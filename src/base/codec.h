/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ways to write bytes inside other text. Each appends to `out` and returns what buf_add does.
 * Decoders return false for malformed input.
 */
#ifndef SHOPPER_BASE_CODEC_H
#define SHOPPER_BASE_CODEC_H

#include "base/buf.h"
#include "base/view.h"

bool codec_add_base64(struct buf *out, struct view bytes); /* RFC 4648, section 4 */
bool codec_add_base64_decoded(struct buf *out,
                              struct view text) MUST_CHECK; /* both alphabets, padding optional */
/* Everything but RFC 3986's unreserved characters as %XX. */
bool codec_add_percent(struct buf *out, struct view bytes);
bool codec_add_percent_decoded(struct buf *out, struct view text, bool plus_is_space) MUST_CHECK;
/* application/x-www-form-urlencoded (URL Standard, section 5.2): space is '+'. */
bool codec_add_form(struct buf *out, struct view bytes);
/* The inside of a JSON string (RFC 8259), repaired to valid UTF-8; without the quotes. */
bool codec_add_json(struct buf *out, struct view text);
bool codec_add_xml(struct buf *out,
                   struct view text); /* for XML 1.0 and HTML: text and attributes */
bool codec_add_shell(struct buf *out,
                     struct view text); /* one POSIX shell word, quoted where needed */
/* For a terminal or a log: control characters, bidirectional overrides and broken UTF-8 become
 * visible escapes (\n, \x1b, \u202e); the rest stays. */
bool codec_add_visible(struct buf *out, struct view text);
/* Runs of ASCII white space as one space, none at either end, as a page shows them. */
bool codec_add_collapsed(struct buf *out, struct view text);

#endif
