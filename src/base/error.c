/* SPDX-License-Identifier: Apache-2.0 */
/* See error.h. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void error_release(struct error *error)
{
    if (!error) return;
    free(error->message);
    error->message = NULL;
}

static char *formatted(const char *format, va_list arguments) PRINTF_LIKE(1, 0);
static char *formatted(const char *format, va_list arguments)
{
    char *text = NULL;
    ASSERT(vasprintf(&text, format, arguments) >= 0);
    return text;
}

bool error_set(struct error *error, const char *format, ...)
{
    if (!error) return false;
    va_list arguments;
    va_start(arguments, format);
    char *text = formatted(format, arguments);
    va_end(arguments);
    free(error->message);
    error->message = text;
    return false;
}

bool error_wrap(struct error *error, const char *format, ...)
{
    if (!error) return false;
    va_list arguments;
    va_start(arguments, format);
    AUTO_FREE char *context = formatted(format, arguments);
    va_end(arguments);
    char *chained = xasprintf("%s: %s", context, error_text(error));
    free(error->message);
    error->message = chained;
    return false;
}

const char *error_text(const struct error *error)
{
    return error && error->message ? error->message : "unknown error";
}
