/* SPDX-License-Identifier: Apache-2.0 */
/* The journeys that a command line names. */
#ifndef SHOPPER_APP_JOURNEYS_H
#define SHOPPER_APP_JOURNEYS_H

#include "journey/files.h"
#include "text/options.h"

/* No names: the directory "journeys". As journeys_load_paths. */
bool journeys_load(const struct text_list *names, const struct load_options *options,
                   struct journey_list *ret_journeys, struct diags *diags) MUST_CHECK;
/* Whether somebody reads each variable of --var NAME=VALUE. */
bool journeys_read(const struct journey_list *journeys, const struct text_list *set,
                   struct error *error) MUST_CHECK;

#endif
