/* SPDX-License-Identifier: Apache-2.0 */
/* shopper report: how the shop did over a time, out of the daemon's memory. */
#include "app/report.h"

#include "app/commands.h"
#include "app/memory.h"
#include "app/terminal.h"
#include "base/clock.h"
#include "base/vec.h"

#include <stdio.h>
#include <string.h>

#define DEFAULT_WINDOW_US (30 * STORE_DAY_US)
#define MAX_WINDOW_US (3660 * STORE_DAY_US)

struct report_settings {
    struct memory_settings memory;
    int64_t window_us;
    const char *format, *journey;
};

#define FIELD(name) offsetof(struct report_settings, name)
static const struct option_row report_options[] = {
    {"window", 'w', "TIME", OPTION_DURATION, FIELD(window_us), "this time before now (30d)"},
    {"format", 'f', "text|json|html", OPTION_TEXT, FIELD(format), "html is a page of its own"},
    {"journey", 'j', "NAME", OPTION_TEXT, FIELD(journey), "this journey alone"},
    MEMORY_OPTIONS(report_settings),
    {0},
};

typedef void report_writer(const struct posture *posture, const struct report_options *options,
                           struct buf *out);

static const struct report_format {
    const char *name;
    report_writer *write;
    bool drawn; /* it has pictures, which cost some reading of their own */
} formats[] = {{"text", report_write_text, false},
               {"json", report_write_json, false},
               {"html", report_write_html, true}};

static const struct report_format *find_format(const char *name, struct error *error)
{
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        if (name && strcmp(name, formats[i].name) != 0) continue;
        return &formats[i];
    }
    error_set(error, "--format is text, json or html, not '%s'", name);
    return NULL;
}

static bool print(const struct report_format *format, const struct posture *posture,
                  const struct report_options *options, struct error *error)
{
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    if (options->journey && !posture->subjects.count && !posture->promises.count)
        return error_set(error, "nothing is known of a journey '%s' in this time",
                         options->journey);
    format->write(posture, options, &out);
    fwrite(buf_text(&out), 1, out.length, stdout);
    return terminal_output_was_taken(error);
}

static bool act(const struct report_settings *settings, const struct report_format *format,
                struct error *error)
{
    int64_t now_us = clock_wall_us(&clock_real);
    const struct posture_settings asked = {settings->journey, now_us - settings->window_us, now_us};
    if (settings->window_us < 1 || settings->window_us > MAX_WINDOW_US)
        return error_set(error, "--window is more than nothing and at most 3660d");
    struct store *store = memory_open(&settings->memory, error);
    struct store *aside = store ? memory_open(&settings->memory, error) : NULL;
    struct posture posture = {0};
    struct posture_strips strips = {0};
    const struct report_options options = {settings->journey, terminal_width(stdout), &strips};
    bool good = aside && posture_read(&posture, store, aside, &asked, error) &&
                (!format->drawn || posture_read_strips(&strips, &posture, store, error)) &&
                print(format, &posture, &options, error);
    posture_strips_release(&strips);
    posture_release(&posture);
    store_close(aside);
    store_close(store);
    return good;
}

static int report(const struct command *command, int argc, char **argv)
{
    struct report_settings settings = {.window_us = DEFAULT_WINDOW_US};
    struct text_list words = {0};
    AUTO_ERROR error = ERROR_NONE;
    const struct report_format *format = NULL;
    bool good = options_parse(command, argc, argv, &settings, &words, &error);
    if (good) format = find_format(settings.format, &error);
    good = good && format;
    if (good && words.count) good = error_set(&error, "report wants no '%s'", words.items[0]);
    good = good && act(&settings, format, &error);
    if (!good) terminal_complain(error_text(&error));
    vec_release(&words);
    return good ? EXIT_CODE_PASSED : EXIT_CODE_USAGE;
}

const struct command command_report = {
    .name = "report",
    .arguments = "",
    .summary = "tell how the shop did over a time: availability, incidents, error budgets",
    .details = "Read from the daemon's memory, beside it or without it. Maintenance, missed slots "
               "and runs "
               "that could not\nbe judged are shown and count as neither good nor bad. Windows of "
               "two days "
               "and more begin with a whole day\n(UTC), shorter ones with a whole hour. Exit 0: "
               "done; 2: there is no memory, or the command line is wrong.",
    .options = report_options,
    .run = report,
};
