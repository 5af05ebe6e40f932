/* SPDX-License-Identifier: Apache-2.0 */
/* The table of subcommands: main, manual, completion and reference pages all walk it. */
#include "app/commands.h"

/* clang-format off */
const struct command *const commands[] = {
    &command_run,
    &command_daemon,
    &command_incidents,
    &command_report,
    &command_silence,
    &command_residue,
    &command_policy,
    &command_sink,
    &command_validate,
    &command_extract,
    &command_import,
    NULL,
};
/* clang-format on */

const struct command_example command_examples[] = {
    {"run", "shopper run journeys/demo/price-view.yaml", "walks one journey as all its personas"},
    {"run", "shopper run journeys/demo --stage checkout --persona iphone",
     "walks all journeys of a directory that check out, as one persona"},
    {"run", "shopper run journeys/demo/full.yaml --report junit:result.xml --report har:result.har",
     "leaves a report for a CI server and one for a browser's developer tools"},
    {"validate", "shopper validate journeys/demo", "says what is wrong with the journeys there"},
    {"validate", "shopper validate journeys --strict --format sarif >journeys.sarif",
     "for a CI server that shows SARIF; warnings fail the build"},
    {"validate", "shopper validate journeys/demo --next 3",
     "says when each journey will be walked next"},
    {"validate",
     "shopper validate --cron '30 2 * * *' --timezone Europe/Berlin --from 2026-03-28T12:00:00Z "
     "--next 3",
     "says what an expression means in a week in which clocks change"},
    {"report", "shopper report --window 7d", "how the shop did in the last week"},
    {"report", "shopper report --journey price-view --format html >report.html",
     "a page of one journey's month, to be mailed or printed"},
    {"extract", "shopper extract --page-price < <(curl -s \"$SHOP_URL/product/MUG-42\")",
     "the price that a page tells search engines"},
    {"extract",
     "shopper extract --css '[itemprop=price]' --attr content --price --currency EUR < <(curl -s "
     "\"$SHOP_URL/product/MUG-42\")",
     "tries a source before it goes into a journey"},
    {"import",
     "shopper run journeys/demo/price-view.yaml --report har:visit.har && shopper import har "
     "visit.har "
     "--name visit",
     "a journey out of a recording; a browser's developer tools save such files, too"},
    {"import",
     "shopper import curl \"curl '$SHOP_URL/product/MUG-42' -H 'Accept: text/html' --compressed\"",
     "a journey of one request, as a browser copies it"},
    {0},
};
