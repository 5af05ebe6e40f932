/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML as a person would write it: short mappings on one line, quotes only where they are needed.
 * What is to be written is a cJSON tree. A string is a scalar that is quoted as needed; a raw node
 * stands as it is (our own numbers and words). A member called SCRIBE_COMMENT becomes comment
 * lines.
 */
#ifndef SHOPPER_IMPORT_SCRIBE_H
#define SHOPPER_IMPORT_SCRIBE_H

#include "answer/json.h"
#include "base/buf.h"

#define SCRIBE_COMMENT "#"
#define SCRIBE_GAP "" /* a member called so: an empty line */

/* The members of a mapping in block style, `indent` spaces from the left. */
void scribe_mapping(struct buf *out, const cJSON *mapping, int indent);
/* One scalar; in flow style more must be quoted. */
void scribe_scalar(struct buf *out, const char *text, bool flow);

#endif
