/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where in an answer a value stands, as a source of the journey language: the most stable one that
 * gives exactly this value when the engine itself extracts it.
 */
#ifndef SHOPPER_IMPORT_ORIGIN_H
#define SHOPPER_IMPORT_ORIGIN_H

#include "answer/extract.h"
#include "answer/message.h"
#include "base/view.h"

#include <stdbool.h>

struct origin {
    enum source_kind kind;
    char *argument; /* NULL for sources without one */
    char *attr, *field;
    char *json, *regex; /* within the text of the source; NULL */
    bool url_encoded;   /* the text stands there URL-encoded */
};

/* `name` is what the request that sends it calls it. False: it is not there. */
bool origin_find(struct message *answer, const char *name, struct view value,
                 struct origin *ret_origin) MUST_CHECK;
void origin_release(struct origin *origin);
/* What it gives on an answer; false: nothing. */
bool origin_extract(const struct origin *origin, struct message *answer,
                    struct value *ret_values) MUST_CHECK;
bool origin_gives(const struct origin *origin, struct message *answer, struct view value);
/* The text of all matches of a selector or an XPath (`css` says which); false: malformed or none.
 */
bool page_find(struct message *answer, bool css, const char *expression, const char *attr,
               struct html_matches *ret_matches) MUST_CHECK;
/* A JSONPath step: ".name", or "['na me']" where it needs quotes. */
void jsonpath_add_member(struct buf *path, const char *name);

#endif
