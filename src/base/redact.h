/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps secrets out of everything that is written. A redactor knows each secret in the forms it can
 * take on the wire (plain; percent- and form-encoded; base64 in both alphabets at each of the three
 * alignments; JSON-escaped; XML-escaped; hexadecimal digits either case; white space as a page
 * shows it), finds each of them also behind escapes of others and escapes of escapes (unescape.h),
 * and replaces what it finds with "[redacted:NAME]". Valid JSON and XML stay valid.
 *
 * Secrets shorter than REDACT_MINIMUM bytes are replaced only where they stand as a whole word,
 * lest the text turn to rubble.
 */
#ifndef SHOPPER_BASE_REDACT_H
#define SHOPPER_BASE_REDACT_H

#include "base/buf.h"
#include "base/view.h"

#define REDACT_MINIMUM 4

struct redactor;

struct redactor *redactor_new(void);
void redactor_free(struct redactor *redactor); /* wipes what it knew */
void redactor_add(struct redactor *redactor, const char *name, struct view secret);
/* Copies text with all secrets replaced. A NULL redactor copies. Same result as buf_add. */
bool redact_add(const struct redactor *redactor, struct buf *out, struct view text);

#endif
