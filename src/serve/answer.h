/* SPDX-License-Identifier: Apache-2.0 */
/* Replies, and the headers that all of them bear. Each function ends the call. */
#ifndef SHOPPER_SERVE_ANSWER_H
#define SHOPPER_SERVE_ANSWER_H

#include "answer/json.h"
#include "serve/internal.h"

/*
 * Every problem that the API answers with (RFC 9457): enum name, status, last part of its type URI,
 * title. What happened in this case is the `detail`.
 */
#define PROBLEMS(X)                                                                                \
    X(BAD_REQUEST, 400, "bad-request", "The request makes no sense")                               \
    X(NO_TOKEN, 401, "no-token", "This needs the bearer token")                                    \
    X(READ_ONLY, 403, "read-only", "This is not allowed")                                          \
    X(NOT_FOUND, 404, "not-found", "There is no such thing")                                       \
    X(METHOD, 405, "method-not-allowed", "Not with this method")                                   \
    X(AMBIGUOUS, 409, "ambiguous", "This is not enough to tell")                                   \
    X(LENGTH, 411, "length", "Say how long the body is")                                           \
    X(TOO_LONG, 413, "too-long", "The body is too long")                                           \
    X(MEDIA_TYPE, 415, "media-type", "Send JSON")                                                  \
    X(EXPECTATION, 417, "expectation", "This cannot be met")                                       \
    X(HOST, 421, "misdirected", "Not under this name")                                             \
    X(INVALID, 422, "invalid", "A member of the document is wrong")                                \
    X(NOT_KNOWN, 501, "not-known", "This server knows no such method")                             \
    X(BUSY, 503, "busy", "Not now")                                                                \
    X(HEADERS, 431, "too-many-headers", "Too many headers, or too long")                           \
    X(STORE, 503, "store", "The history cannot be read now")                                       \
    X(NOT_READY, 503, "not-ready", "The daemon does not do its work")                              \
    X(TOO_LATE, 504, "too-late", "It took too long")                                               \
    X(VERSION, 505, "version", "Not in this version of HTTP")

enum problem {
#define X(name, status, word, title) PROBLEM_##name,
    PROBLEMS(X)
#undef X
        PROBLEM_COUNT
};

#define PROBLEM_TYPE_PREFIX "urn:mystery-shopper:problem:"

void answer_problem(const struct request *request, enum problem problem, const char *format, ...)
    PRINTF_LIKE(3, 4);
enum problem problem_of_status(int status); /* PROBLEM_BAD_REQUEST for any that has none */

/* `headers` (after the usual ones) may be NULL; it ends with {0}, and has at most 4. */
void answer_with(const struct request *request, int status, const char *media_type,
                 const struct http_reply_header *headers, struct view body);
/* Takes the document. */
void answer_json(const struct request *request, int status, cJSON *document);
void answer_html(const struct request *request, int status, struct view body);
/* For http_stream_begin. */
void answer_stream(const struct request *request, void (*gone)(void *context), void *context);

#endif
