/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps secrets out of everything that is written. A redactor knows each secret in the forms it can
 * take on the wire (plain; percent- and form-encoded; base64 in both alphabets at each of the three
 * alignments; JSON-escaped; XML-escaped; hexadecimal digits either case; with its white space as a
 * page shows it), finds each of them also behind escapes of others and escapes of escapes
 * (unescape.h), and replaces what it finds with "[redacted:NAME]". Give it the texts that go into a
 * document: in a whole one a secret may be spelt like a keyword.
 *
 * Values shorter than REDACT_MINIMUM bytes are not looked for: they stand everywhere, and a text
 * without them would be rubble.
 */
#ifndef SHOPPER_BASE_REDACT_H
#define SHOPPER_BASE_REDACT_H

#include "base/buf.h"
#include "base/view.h"

#define REDACT_MINIMUM 4

struct redactor;

struct redactor *redactor_new(void);
void redactor_free(struct redactor *redactor); /* wipes what it knew */
/* False: it is too short to be hidden, and that was not said of this name before. */
bool redactor_add(struct redactor *redactor, const char *name, struct view secret);
/* Copies text with all secrets replaced. A NULL redactor copies. Same result as buf_add. */
bool redact_add(const struct redactor *redactor, struct buf *out, struct view text);

#endif
