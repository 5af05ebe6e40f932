/* SPDX-License-Identifier: Apache-2.0 */
/* See journeys.h. */
#include "app/journeys.h"

bool journeys_load(const struct text_list *names, const struct load_options *options,
                   struct journey_list *ret_journeys, struct diags *diags)
{
    static const char *const usual[] = {"journeys"};
    return names->count
               ? journeys_load_paths(names->items, names->count, options, ret_journeys, diags)
               : journeys_load_paths(usual, 1, options, ret_journeys, diags);
}
