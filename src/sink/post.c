/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way by HTTP: one POST by a session of its own, its answer bounded, no redirect followed (what
 * is told goes to whom the configuration names and to nobody that they name). See internal.h.
 */
#include "base/calendar.h"
#include "base/codec.h"
#include "http/curl_client.h"
#include "sink/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX_BYTES ((size_t)64 << 10)

/* "06 Nov 1994 08:49:37 GMT" */
static bool parse_http_date(struct view text, int64_t *ret_us)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char month[4] = "";
    int day = 0, year = 0, hour = 0, minute = 0, second = 0, used = 0;
    char copy[40];
    if (text.length >= sizeof copy) return false;
    snprintf(copy, sizeof copy, "%.*s", VIEW_PRINTF(text));
    if (sscanf(copy, "%2d %3s %4d %2d:%2d:%2d GMT%n", &day, month, &year, &hour, &minute, &second,
               &used) != 6 ||
        copy[used] || !used || strlen(month) != 3)
        return false;
    const char *found = strstr(months, month);
    if (!found || (found - months) % 3) return false;
    struct date date = {year, (int)(found - months) / 3 + 1, day};
    if (year < 1970 || day < 1 || day > date_month_days(date.year, date.month)) return false;
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
        return false;
    int64_t seconds =
        date_to_days(date) * SECONDS_PER_DAY + (int64_t)hour * 3600 + minute * 60 + second;
    *ret_us = seconds * US_PER_SECOND;
    return true;
}

int64_t post_retry_after_us(const char *value, int64_t wall_us)
{
    struct view text = view_trim(view_of(value));
    int64_t seconds = 0, date_us;
    size_t comma = view_find_char(text, ',');
    if (comma != SIZE_MAX) {
        if (!parse_http_date(view_trim(view_from(text, comma + 1)), &date_us)) return 0;
        return date_us > wall_us ? date_us - wall_us : 0;
    }
    if (!text.length || text.length > 9) return 0;
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') return 0;
        seconds = seconds * 10 + (text.data[i] - '0');
    }
    return seconds * US_PER_SECOND;
}

static void judge_status(struct sending *sending, const struct message *message)
{
    long status = message->status;
    if (status / 100 == 2) {
        sending_end(sending, SINK_DELIVERED, 0, "%s", "");
        return;
    }
    sending_hear(sending, buf_view(&message->body));
    bool again = status == 408 || status == 429 || status >= 500;
    const char *after = headers_get(&message->headers, "Retry-After");
    sending_end(sending,
                status == 410 ? SINK_GONE
                : again       ? SINK_AGAIN
                              : SINK_REFUSED,
                post_retry_after_us(after, sending_wall_us(sending)), "status %ld%s", status,
                status / 100 == 3 ? ": redirects are not followed" : "");
}

static void on_answer(void *context, struct http_result *result)
{
    struct sending *sending = context;
    const struct message *message = result->message;
    sending->exchange = NULL;
    if (message->status && (result->kind == OUTCOME_PASS || result->kind == OUTCOME_TOO_LARGE))
        judge_status(sending, message);
    else
        sending_end(sending, SINK_AGAIN, 0, "%s", result->detail ? result->detail : "no answer");
    http_result_release(result);
}

static struct http_client *client_of(struct sending *sending, struct error *error)
{
    struct http_client **client = &sending->sender->clients[sending->sink->insecure];
    struct curl_client_options options = {.ca_file = sending->sender->ca_file,
                                          .insecure = sending->sink->insecure,
                                          .max_sessions_kept = 4};
    if (!*client) *client = curl_client_new(sending->sender->loop, &options, error);
    return *client;
}

static void add_own_headers(struct sending *sending, const char *media_type)
{
    headers_add(&sending->headers, VIEW_LITERAL("Content-Type"), view_of(media_type));
    headers_add(&sending->headers, VIEW_LITERAL("User-Agent"),
                VIEW_LITERAL("mystery-shopper/" SHOPPER_VERSION));
}

void post_send(struct sending *sending, const char *url, const char *media_type)
{
    AUTO_ERROR error = ERROR_NONE;
    struct http_client *client = client_of(sending, &error);
    if (!client) {
        sending_end(sending, SINK_AGAIN, 0, "%s", error_text(&error));
        return;
    }
    sending->url = xstrdup(url);
    add_own_headers(sending, media_type);
    struct http_request request = {
        .method = "POST",
        .url = sending->url,
        .headers = sending->headers,
        .body = buf_view(&sending->body),
        .has_body = true,
        .timeout_us = sending->sink->timeout_us,
        .stall_us = sending->sink->timeout_us,
        .max_body_bytes = ANSWER_MAX_BYTES,
        .max_wire_bytes = ANSWER_MAX_BYTES,
    };
    sending->headers = (struct headers){0};
    sending->session = client->operations->session_open(client);
    sending->exchange = client->operations->send(sending->session, &request, on_answer, sending);
}
