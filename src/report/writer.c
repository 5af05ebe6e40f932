/* SPDX-License-Identifier: Apache-2.0 */
/* See writer.h. The table of formats; each is written by the file of its name. */
#include "report/writer.h"

#include "base/view.h"
#include "report/formats.h"

static const struct {
    const char *word, *help;
} formats[REPORT_FORMAT_COUNT] = {
#define X(name, word, ending, help) [REPORT_##name] = {word, help},
    REPORT_FORMATS(X)
#undef X
};

static report_writer *const writers[REPORT_FORMAT_COUNT] = {
    [REPORT_TEXT] = text_write, [REPORT_JSON] = json_write, [REPORT_JUNIT] = junit_write,
    [REPORT_TAP] = tap_write,   [REPORT_HAR] = har_write,
};

const char *report_format_word(enum report_format format)
{
    ASSERT(format < REPORT_FORMAT_COUNT);
    return formats[format].word;
}

const char *report_format_help(enum report_format format)
{
    ASSERT(format < REPORT_FORMAT_COUNT);
    return formats[format].help;
}

bool report_format_find(const char *word, enum report_format *ret_format)
{
    for (int i = 0; i < REPORT_FORMAT_COUNT; i++) {
        if (!view_is(view_of(word), formats[i].word)) continue;
        *ret_format = (enum report_format)i;
        return true;
    }
    return false;
}

void report_write(enum report_format format, const struct report_set *reports,
                  const struct writer_options *options, struct buf *out)
{
    ASSERT(format < REPORT_FORMAT_COUNT);
    writers[format](reports, options, out);
}
