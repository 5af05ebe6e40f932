/* SPDX-License-Identifier: Apache-2.0 */
/* See log.h. */
#include "base/log.h"

#include "base/codec.h"
#include "base/redact.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define LINE_MAX_BYTES ((size_t)16 << 10)

const char *log_level_name(enum log_level level)
{
    static const char *const names[] = {
        [LOG_ERROR] = "error", [LOG_WARNING] = "warning", [LOG_NOTICE] = "notice",
        [LOG_INFO] = "info",   [LOG_DEBUG] = "debug",     [LOG_TRACE] = "trace",
    };
    return names[level];
}

void log_line(const struct log *log, enum log_level level, const char *format, ...)
{
    if (!log || level > log->level) return;
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    ASSERT(vasprintf(&text, format, arguments) >= 0);
    va_end(arguments);
    AUTO_BUF redacted = BUF_INIT(LINE_MAX_BYTES);
    AUTO_BUF line = BUF_INIT(4 * LINE_MAX_BYTES);
    redact_add(log->redactor, &redacted, view_of(text));
    free(text);
    codec_add_visible(&line, buf_view(&redacted));
    if (log->write)
        log->write(log->context, level, buf_text(&line));
    else if (level == LOG_NOTICE)
        fprintf(stderr, "shopper: %s\n", buf_text(&line));
    else
        fprintf(stderr, "shopper: %s: %s\n", log_level_name(level), buf_text(&line));
}
