/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a step should be checked for, as its recorded answer suggests. Every source that is proposed
 * was tried on that answer with the engine's own extractor.
 */
#ifndef SHOPPER_IMPORT_PROPOSE_H
#define SHOPPER_IMPORT_PROPOSE_H

#include "answer/json.h"
#include "import/link.h"

/* A list of checks, for scribe.h; empty when nothing is known. Owned by the caller. */
cJSON *propose_checks(const struct visit *visit, size_t step, const struct linked *linked);
/* A source as the members of a mapping; templates in it as linked_write makes them. */
cJSON *propose_source(const struct origin *origin, const struct linked *linked, size_t step);
/* Which steps take back what others made: they become `undo`. */
void propose_undo(struct visit *visit);

#endif
