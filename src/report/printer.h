/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON (RFC 8259) written as it is told, member after member: the order of keys is the order of
 * calls. Texts become valid UTF-8. It holds no tree and does not check that keys differ.
 */
#ifndef SHOPPER_REPORT_PRINTER_H
#define SHOPPER_REPORT_PRINTER_H

#include "base/buf.h"
#include "base/redact.h"

#include <stdbool.h>
#include <stdint.h>

struct printer {
    struct buf *out;
    const struct redactor *redactor; /* of texts, never of keys, numbers and words; NULL: none */
    unsigned depth;
    bool filled; /* something stands in the innermost object or array */
};

#define PRINTER_INIT(buffer) ((struct printer){.out = (buffer)})

/* `key` is NULL for the whole document and inside arrays. */
void printer_object(struct printer *printer, const char *key);
void printer_object_end(struct printer *printer);
void printer_array(struct printer *printer, const char *key);
void printer_array_end(struct printer *printer);
void printer_text(struct printer *printer, const char *key, const char *text); /* NULL: null */
void printer_view(struct printer *printer, const char *key, struct view text);
/* One of our own words, which a reader goes by: a secret that is spelt alike does not change it.
 * NULL: null. */
void printer_word(struct printer *printer, const char *key, const char *word);
void printer_integer(struct printer *printer, const char *key, int64_t number);
/* Ten digits that matter, as JSON writes them. It must be finite. */
void printer_number(struct printer *printer, const char *key, double number);
void printer_bool(struct printer *printer, const char *key, bool truth);
void printer_null(struct printer *printer, const char *key);
/* Microseconds as milliseconds, with as many decimals (at most 3) as they have. */
void printer_ms(struct printer *printer, const char *key, int64_t us);
void printer_time(struct printer *printer, const char *key, int64_t wall_us); /* RFC 3339 */

#endif
