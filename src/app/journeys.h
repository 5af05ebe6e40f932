/* SPDX-License-Identifier: Apache-2.0 */
/* The journeys that a command line names: files, and directories of them. */
#ifndef SHOPPER_APP_JOURNEYS_H
#define SHOPPER_APP_JOURNEYS_H

#include "app/options.h"
#include "journey/journey.h"

struct journey_list {
    struct journey **items; /* held */
    size_t count, capacity; /* a VEC */
};

/* Loads them all. False: at least one is wrong; all that is wrong is in `diags`. No names: the
 * directory "journeys". */
bool journeys_load(const struct text_list *names, const struct load_options *options,
                   struct journey_list *ret_journeys, struct diags *diags) MUST_CHECK;
void journey_list_release(struct journey_list *journeys);

#endif
