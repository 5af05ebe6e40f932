/* SPDX-License-Identifier: Apache-2.0 */
/* One HTTP POST and what its answer means. No redirect is followed: a sink is where it says it is,
 * and what it gets is signed for it alone. */
#include "sink/internal.h"

#include "base/calendar.h"
#include "base/clock.h"
#include "http/curl_client.h"
#include "http/url.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX ((size_t)256 << 10)
#define RETRY_AFTER_MAX_S 3600

static struct http_client *client_of(struct sender *sender, bool insecure, struct error *error)
{
    struct http_client **client = insecure ? &sender->insecure : &sender->client;
    const struct curl_client_options options = {
        .ca_file = sender->ca_file, .insecure = insecure, .max_sessions_kept = 4};
    if (!*client) *client = curl_client_new(sender->loop, &options, error);
    return *client;
}

/* "Wed, 21 Oct 2015 07:28:00 GMT" */
static int64_t parse_date(const char *value)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char month[4];
    int day, year, hour, minute, second;
    if (sscanf(value, "%*3c, %2d %3s %4d %2d:%2d:%2d GMT", &day, month, &year, &hour, &minute,
               &second) != 6)
        return 0;
    const char *at = strstr(months, month);
    if (!at || strlen(month) != 3 || (at - months) % 3) return 0;
    struct date date = {.year = year, .month = (int)(at - months) / 3 + 1, .day = day};
    if (day < 1 || day > date_month_days(year, date.month)) return 0;
    return (date_to_days(date) * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second) *
           US_PER_SECOND;
}

int64_t post_retry_after(const char *value, int64_t now_us)
{
    int64_t after_us = 0;
    if (!value) return 0;
    if (*value >= '0' && *value <= '9') {
        char *end;
        long seconds = strtol(value, &end, 10);
        if (*end || seconds < 0) return 0;
        after_us = (seconds > RETRY_AFTER_MAX_S ? RETRY_AFTER_MAX_S : seconds) * US_PER_SECOND;
    } else {
        int64_t at_us = parse_date(value);
        after_us = at_us > now_us ? at_us - now_us : 0;
    }
    int64_t most_us = RETRY_AFTER_MAX_S * US_PER_SECOND;
    return after_us > most_us ? most_us : after_us;
}

/* What no later try will change. All else may be a mistake that somebody mends. */
static bool is_final(long status)
{
    static const long final[] = {400, 410, 413, 422};
    for (size_t i = 0; i < COUNT_OF(final); i++)
        if (final[i] == status) return true;
    return false;
}

static void on_answer(void *context, struct http_result *result)
{
    struct sending *sending = context;
    long status = result->message->status;
    sending->exchange = NULL;
    int64_t now_us = clock_wall_us(loop_clock(sending->sender->loop));
    int64_t after_us =
        post_retry_after(headers_get(&result->message->headers, "Retry-After"), now_us);
    if (result->kind != OUTCOME_PASS)
        sending_end(sending, SINK_AGAIN, 0, "%s", result->detail ? result->detail : "no answer");
    else if (status / 100 == 2)
        sending_end(sending, SINK_DELIVERED, 0, "%s", "");
    else
        sending_end(sending, is_final(status) ? SINK_REFUSED : SINK_AGAIN, after_us,
                    "it answered with status %ld", status);
    http_result_release(result);
}

void post(struct sending *sending, const char *url, const struct post_header *headers,
          struct buf *body)
{
    AUTO_ERROR error = ERROR_NONE;
    const struct sink_settings *settings = sending_settings(sending);
    size_t length = body->length;
    sending->body = buf_take(body);
    sending->client = client_of(sending->sender, settings->insecure, &error);
    if (!sending->client) {
        sending_end(sending, SINK_AGAIN, 0, "%s", error_text(&error));
        return;
    }
    headers_add(&sending->headers, view_of("User-Agent"),
                view_of("mystery-shopper/" SHOPPER_VERSION));
    for (; headers->name; headers++)
        headers_add(&sending->headers, view_of(headers->name), view_of(headers->value));
    const struct http_request request = {
        .method = "POST",
        .url = url,
        .headers = sending->headers,
        .body = {sending->body, length},
        .has_body = true,
        .timeout_us = settings->timeout_us,
        .stall_us = settings->timeout_us,
        .max_body_bytes = ANSWER_MAX,
        .max_wire_bytes = ANSWER_MAX,
    };
    const struct http_client_operations *http = sending->client->operations;
    sending->session = http->session_open(sending->client);
    sending->exchange = http->send(sending->session, &request, on_answer, sending);
}

void post_json(struct sending *sending, const char *url, cJSON *object)
{
    static const struct post_header headers[] = {{"Content-Type", "application/json"}, {0}};
    AUTO_BUF body = BUF_INIT(BUF_OWN_CAP);
    json_print(object, &body);
    cJSON_Delete(object);
    post(sending, url, headers, &body);
}
