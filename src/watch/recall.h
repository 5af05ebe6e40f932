/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a recorded run back to what it showed. Of a run that went wrong the store keeps the whole
 * report; of one that passed, its shop and stages are those of the same shopper's other runs. What
 * is not kept (certificates, whether a residue stands in the ledger) is not recalled.
 */
#ifndef SHOPPER_WATCH_RECALL_H
#define SHOPPER_WATCH_RECALL_H

#include "journey/files.h"
#include "judge/observation.h"
#include "store/read.h"

struct recall;

/* `journeys`, as they are now, know how a failure is confirmed; NULL: as by default. Borrowed. */
struct recall *recall_new(const struct journey_list *journeys) MUST_CHECK;
void recall_free(struct recall *recall);
/* Which stages there were in this time. */
bool recall_read(struct recall *recall, struct store *store, int64_t from_us, int64_t until_us,
                 struct error *error) MUST_CHECK;
/* Runs in their order, with their reports. What it gives borrows from the run and from `recall`, up
 * to the next one of the same shopper. */
struct observation recall_run(struct recall *recall, const struct store_run *run) MUST_CHECK;

#endif
