/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log lines to standard error: level, text, made visible and redacted. A logger is handed down like
 * a clock; there is no global one.
 */
#ifndef SHOPPER_BASE_LOG_H
#define SHOPPER_BASE_LOG_H

#include "base/alloc.h"

struct redactor;

/* A notice is what people should hear although nothing is wrong: it goes without its level's name.
 */
enum log_level { LOG_ERROR, LOG_WARNING, LOG_NOTICE, LOG_INFO, LOG_DEBUG, LOG_TRACE };

struct log {
    enum log_level level;            /* lines above it are dropped */
    const struct redactor *redactor; /* borrowed, may be NULL */
    void (*write)(void *context, enum log_level level, const char *line); /* NULL: standard error */
    void *context;
};

/* A NULL log drops everything. */
void log_line(const struct log *log, enum log_level level, const char *format, ...)
    PRINTF_LIKE(3, 4);
const char *log_level_name(enum log_level level);

#endif
