/* SPDX-License-Identifier: Apache-2.0 */
/* Operands and sources at run time: expansion of what the file says into values and compiled
 * extractors. */
#ifndef SHOPPER_JOURNEY_OPERAND_H
#define SHOPPER_JOURNEY_OPERAND_H

#include "answer/expand.h"
#include "journey/journey.h"

/* False: `reason` says why it cannot be calculated. */
bool operand_value(const struct operand *operand, const struct expander *expander,
                   struct value *ret_value, struct buf *reason) MUST_CHECK;
bool operand_text(const struct operand *operand, const struct expander *expander, struct buf *out,
                  struct buf *reason) MUST_CHECK;
/* The spec's compiled extractor, or one compiled now from the expanded argument and then owned by
 * the caller through *ret_owned (else NULL). NULL: malformed after expansion. */
const struct extractor *source_extractor(const struct source_spec *spec,
                                         const struct expander *expander,
                                         struct extractor **ret_owned,
                                         struct buf *reason) MUST_CHECK;
/* The tree as JSON text: constants and ${...} keep their types. */
bool body_json(const struct body_node *node, const struct expander *expander, struct buf *out,
               struct buf *reason) MUST_CHECK;

#endif
