/* SPDX-License-Identifier: Apache-2.0 */
/* Many journeys at once: files, and directories of them. */
#ifndef SHOPPER_JOURNEY_FILES_H
#define SHOPPER_JOURNEY_FILES_H

#include "journey/journey.h"

struct journey_list {
    struct journey **items; /* held */
    size_t count, capacity; /* a VEC */
};

/* Loads them all; a directory stands for its *.yaml and *.yml, deep down. False: at least one is
 * wrong; all that is wrong is in `diags`. */
bool journeys_load_paths(const char *const *paths, size_t count, const struct load_options *options,
                         struct journey_list *ret_journeys, struct diags *diags) MUST_CHECK;
void journey_list_release(struct journey_list *journeys);

#endif
