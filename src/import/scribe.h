/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML as a person would write it: short mappings on one line, quotes only where they are needed.
 * What is to be written is a cJSON tree. A string is a scalar that is quoted as needed; a raw node
 * stands as it is (our own numbers and words). Comments are told by a flag of the node, so that
 * nothing recorded can look like one.
 */
#ifndef SHOPPER_IMPORT_SCRIBE_H
#define SHOPPER_IMPORT_SCRIBE_H

#include "answer/json.h"
#include "base/buf.h"

/* Comment lines behind the members that a mapping has so far. */
void scribe_add_comment(cJSON *mapping, const char *text);
/* The members of a mapping in block style, `indent` spaces from the left. */
void scribe_mapping(struct buf *out, const cJSON *mapping, int indent);
/* One scalar; in flow style more must be quoted. */
void scribe_scalar(struct buf *out, const char *text, bool flow);

#endif
