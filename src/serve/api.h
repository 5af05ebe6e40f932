/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the API share: values as JSON, parameters, and who may change something. */
#ifndef SHOPPER_SERVE_API_H
#define SHOPPER_SERVE_API_H

#include "answer/json.h"
#include "serve/answer.h"

/* RFC 3339 in UTC with microseconds; null for 0. */
void api_add_time(cJSON *object, const char *name, int64_t wall_us);
void api_add_ms(cJSON *object, const char *name, int64_t us);
void api_add_text(cJSON *object, const char *name, const char *text); /* null for NULL and "" */
/* The members of `text` when it is a JSON document; else null. */
void api_add_document(cJSON *object, const char *name, const char *text);
cJSON *api_parse(const char *text) MUST_CHECK; /* NULL: "" or no JSON */
/* Of a parsed document, which may be NULL: "" or 0 where it has no such member. */
const char *api_text(const cJSON *object, const char *name);
double api_number(const cJSON *object, const char *name);
const cJSON *api_member(const cJSON *object, const char *name);

/* Parameters of the query. False: it is wrong, and the call was answered. What is not said leaves
 * *ret as it is. */
bool api_take_time(const struct request *request, const char *name, int64_t *ret_us) MUST_CHECK;
bool api_take_number(const struct request *request, const char *name, int64_t least, int64_t most,
                     int64_t *ret_number) MUST_CHECK;
bool api_take_flag(const struct request *request, const char *name, bool *ret_flag) MUST_CHECK;

/* False: the caller may not, and the call was answered. */
bool api_may_write(const struct request *request) MUST_CHECK;
/* The body as a JSON object, {} when there is none. NULL: the call was answered. */
cJSON *api_take_body(const struct request *request) MUST_CHECK;
/* Whether it has no members but these, NULL-terminated. False: the call was answered. */
bool api_has_only(const struct request *request, const cJSON *body,
                  const char *const *names) MUST_CHECK;
/* The text of an optional member, at most `limit` bytes. False: the call was answered. */
bool api_take_member(const struct request *request, const cJSON *body, const char *name,
                     size_t limit, const char **ret_text) MUST_CHECK;
#define API_MAX_TEXT ((size_t)1000)
#define API_DEFAULT_AUTHOR "api"

void api_store_failed(const struct request *request, const struct error *error);

/* Parts that more than one answer shows. The caller owns them. */
cJSON *api_run_object(const struct store_run *run) MUST_CHECK;
const char *api_schedule_words(const struct journey *journey, struct buf *out);

#endif
