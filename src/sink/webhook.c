/* SPDX-License-Identifier: Apache-2.0 */
/* A webhook: CloudEvents 1.0 in structured mode, signed as Standard Webhooks 1.0 says. Several
 * secrets make several signatures, so that they can be changed without a gap. */
#include "sink/internal.h"

#include "base/clock.h"
#include "base/codec.h"
#include "http/hmac.h"

#include <stdio.h>
#include <string.h>

#define SECRET_PREFIX "whsec_"

static void add_signature(struct buf *out, const char *secret, struct view signed_text)
{
    AUTO_BUF key = BUF_INIT(1000);
    unsigned char digest[HMAC_SHA256_BYTES];
    struct view text = view_of(secret);
    /* What is no such secret signs as it stands. */
    if (strncmp(secret, SECRET_PREFIX, strlen(SECRET_PREFIX)) != 0 ||
        !codec_add_base64_decoded(&key, view_from(text, strlen(SECRET_PREFIX)))) {
        buf_clear(&key);
        buf_add_view(&key, text);
    }
    hmac_sha256(buf_view(&key), signed_text, digest);
    if (out->length) buf_add_char(out, ' ');
    buf_add_text(out, "v1,");
    codec_add_base64(out, (struct view){(const char *)digest, sizeof digest});
    if (key.length) explicit_bzero(key.data, key.length);
}

static void print_event(struct sending *sending, const struct event *event, struct buf *out)
{
    AUTO_FREE char *type = xasprintf("mystery-shopper.incident.%s", event_type_name(event->type));
    AUTO_BUF percent = BUF_INIT(BUF_OWN_CAP);
    char time[CLOCK_RFC3339_SIZE];
    cJSON *object = cJSON_CreateObject();
    buf_add_text(&percent, "/mystery-shopper/");
    codec_add_percent(&percent, view_of(sending->sender->source));
    clock_format_rfc3339_us(event->time_us, time);
    cJSON_AddStringToObject(object, "specversion", "1.0");
    cJSON_AddStringToObject(object, "id", event->id);
    cJSON_AddStringToObject(object, "source", buf_text(&percent));
    cJSON_AddStringToObject(object, "type", type);
    cJSON_AddStringToObject(object, "subject", event->incident_id);
    cJSON_AddStringToObject(object, "time", time);
    cJSON_AddStringToObject(object, "datacontenttype", "application/json");
    cJSON_AddItemToObject(object, "data", words_object(event, sending->sender));
    json_print(object, out);
    cJSON_Delete(object);
}

static void send_webhook(struct sending *sending, const struct event *event)
{
    const struct sink_settings *settings = sending_settings(sending);
    AUTO_BUF body = BUF_INIT(BUF_OWN_CAP), text = BUF_INIT(BUF_OWN_CAP);
    AUTO_BUF signature = BUF_INIT(10000);
    char now[24];
    int64_t now_us = clock_wall_us(loop_clock(sending->sender->loop));
    snprintf(now, sizeof now, "%lld", (long long)(now_us / US_PER_SECOND));
    print_event(sending, event, &body);
    buf_addf(&text, "%s.%s.", event->id, now);
    buf_add_view(&text, buf_view(&body));
    for (size_t i = 0; i < settings->secrets.count; i++)
        add_signature(&signature, settings->secrets.items[i].value, buf_view(&text));
    const struct post_header headers[] = {
        {"Content-Type", "application/cloudevents+json"},
        {"webhook-id", event->id},
        {"webhook-timestamp", now},
        {signature.length ? "webhook-signature" : NULL, buf_text(&signature)},
        {0},
    };
    post(sending, settings->url.value, headers, &body);
}

const struct sink_kind sink_webhook = {
    .name = "webhook", .shape = &webhook_shape, .send = send_webhook};
