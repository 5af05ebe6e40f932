/* SPDX-License-Identifier: Apache-2.0 */
/* See journeys.h. */
#include "app/journeys.h"

#include "journey/uses.h"

bool journeys_load(const struct text_list *names, const struct load_options *options,
                   struct journey_list *ret_journeys, struct diags *diags)
{
    static const char *const usual[] = {"journeys"};
    return names->count
               ? journeys_load_paths(names->items, names->count, options, ret_journeys, diags)
               : journeys_load_paths(usual, 1, options, ret_journeys, diags);
}

bool journeys_read(const struct journey_list *journeys, const struct text_list *set,
                   struct error *error)
{
    struct set_names names = set_names_of(set);
    bool good = uses_of_all(names.names, journeys->items, journeys->count, error);
    set_names_release(&names);
    return good;
}
