/* SPDX-License-Identifier: Apache-2.0 */
/* The table of subcommands: main, manual, completion and reference pages all walk it. */
#include "app/commands.h"

const struct command *const commands[] = {
    &command_run,
    &command_validate,
    NULL,
};

const struct command_example command_examples[] = {
    {"run", "shopper run journeys/demo/price-view.yaml", "walks one journey as all its personas"},
    {"run", "shopper run journeys/demo --stage checkout --persona iphone",
     "walks all journeys of a directory that check out, as one persona"},
    {"run", "shopper run journeys/demo/full.yaml --report junit:result.xml --report har:result.har",
     "leaves a report for a CI server and one for a browser's developer tools"},
    {"validate", "shopper validate journeys/demo", "says what is wrong with the journeys there"},
    {0},
};
