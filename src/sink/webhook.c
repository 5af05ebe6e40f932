/* SPDX-License-Identifier: Apache-2.0 */
/*
 * webhook: the event as a CloudEvents 1.0 object in structured content mode, signed as Standard
 * Webhooks 1.0.0 says, with every secret of the list, so that a receiver can change to a new one at
 * its leisure. The event's id is the webhook-id, the same at each try: receivers drop what they
 * have.
 */
#include "answer/json.h"
#include "base/codec.h"
#include "base/vec.h"
#include "http/hmac.h"
#include "sink/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECRET_PREFIX "whsec_"
#define SECRET_LEAST_BYTES 24
#define SECRET_MOST_BYTES 64

struct webhook_settings {
    const struct sink_text *url, *authorization;
    struct sink_text_list secrets;
};

static bool decode_secret(const char *value, struct buf *out)
{
    struct view text = view_of(value);
    if (!view_starts_with(text, VIEW_LITERAL(SECRET_PREFIX))) return false;
    return codec_add_base64_decoded(out, view_from(text, strlen(SECRET_PREFIX))) &&
           out->length >= SECRET_LEAST_BYTES && out->length <= SECRET_MOST_BYTES;
}

static bool check_secret(const char *value, struct error *error)
{
    AUTO_BUF key = BUF_INIT(1000);
    bool good = decode_secret(value, &key);
    if (key.length) explicit_bzero(key.data, key.length);
    return good ||
           error_set(error, "is \"" SECRET_PREFIX "\" with 24 to 64 bytes in base64: make one with "
                            "`echo " SECRET_PREFIX "$(openssl rand -base64 32)`");
}

static void load_url(struct loader *loader, const struct yaml_node *node, void *sink)
{
    struct webhook_settings *settings = ((struct sink *)sink)->settings;
    sink_text_load(loader, node, sink, "url", sink_check_url, &settings->url);
}

static void load_secrets_list(struct loader *loader, const struct yaml_node *node, void *sink)
{
    struct webhook_settings *settings = ((struct sink *)sink)->settings;
    sink_texts_load(loader, node, sink, "secrets", sink_secret_load, check_secret,
                    &settings->secrets);
}

static void load_authorization(struct loader *loader, const struct yaml_node *node, void *sink)
{
    struct webhook_settings *settings = ((struct sink *)sink)->settings;
    sink_secret_load(loader, node, sink, "authorization", sink_check_header,
                     &settings->authorization);
}

static const struct key_rule rules[] = {
    {"url", load_url, true, &sink_text_shape, "where events are posted to"},
    {"secrets", load_secrets_list, false, &sink_texts_shape,
     "what signs them, `whsec_...`; several while one is being replaced"},
    {"authorization", load_authorization, false, &sink_text_shape,
     "the value of the header `Authorization`"},
    SINK_INSECURE_KEY,
    {0},
};
const struct shape webhook_shape = {.kind = SHAPE_MAPPING, .name = "webhook", .rules = rules};

static void check(struct loader *loader, const struct yaml_node *node, const struct sink *sink)
{
    const struct webhook_settings *settings = sink->settings;
    if (settings->secrets.count) return;
    diag_hint(diag_warning(loader->diags, DIAG_MISSING_KEY, node->place,
                           "nothing signs what the sink '%s' sends: anybody could send the same",
                           sink->name),
              "add `secrets`");
}

static void settings_release(void *object)
{
    vec_release(&((struct webhook_settings *)object)->secrets);
}

/* Where the event comes from, as a URI reference. */
static char *source_of(const struct sender *sender)
{
    AUTO_BUF source = BUF_INIT(BUF_OWN_CAP);
    buf_add_text(&source, "/mystery-shopper/");
    codec_add_percent(&source, view_of(sender->source));
    return buf_take(&source);
}

static void write_body(const struct sending *sending, struct buf *out)
{
    const struct event *event = &sending->event;
    char time[CLOCK_RFC3339_SIZE];
    AUTO_FREE char *source = source_of(sending->sender);
    AUTO_FREE char *type = xasprintf("shopper.%s%s", words_is_incident(event) ? "incident." : "",
                                     event_type_name(event->type));
    AUTO_BUF data = BUF_INIT(BUF_OWN_CAP);
    clock_format_rfc3339(event->time_us, time);
    event_print(event, &data);
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "specversion", "1.0");
    cJSON_AddStringToObject(object, "id", event->id);
    cJSON_AddStringToObject(object, "source", source);
    cJSON_AddStringToObject(object, "type", type);
    if (*event->incident_id) cJSON_AddStringToObject(object, "subject", event->incident_id);
    cJSON_AddStringToObject(object, "time", time);
    cJSON_AddStringToObject(object, "datacontenttype", "application/json");
    cJSON_AddRawToObject(object, "data", buf_text(&data));
    json_print(object, out);
    cJSON_Delete(object);
}

static void add_signature(const char *secret, struct view text, struct buf *out)
{
    unsigned char digest[HMAC_SHA256_BYTES];
    AUTO_BUF key = BUF_INIT(1000);
    if (!decode_secret(secret, &key)) return; /* checked when it was resolved */
    hmac_sha256(buf_view(&key), text, digest);
    explicit_bzero(key.data, key.length);
    buf_addf(out, "%sv1,", out->length ? " " : "");
    codec_add_base64(out, (struct view){(const char *)digest, sizeof digest});
}

static void sign(struct sending *sending)
{
    const struct webhook_settings *settings = sending->sink->settings;
    const char *id = sending->event.id;
    AUTO_FREE char *timestamp =
        xasprintf("%lld", (long long)(sending_wall_us(sending) / US_PER_SECOND));
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    AUTO_BUF signatures = BUF_INIT(BUF_OWN_CAP);
    buf_addf(&text, "%s.%s.", id, timestamp);
    buf_add_view(&text, buf_view(&sending->body));
    for (size_t i = 0; i < settings->secrets.count; i++)
        add_signature(sink_text_value(settings->secrets.items[i]), buf_view(&text), &signatures);
    headers_add(&sending->headers, VIEW_LITERAL("webhook-id"), view_of(id));
    headers_add(&sending->headers, VIEW_LITERAL("webhook-timestamp"), view_of(timestamp));
    if (signatures.length)
        headers_add(&sending->headers, VIEW_LITERAL("webhook-signature"), buf_view(&signatures));
}

static void send_event(struct sending *sending)
{
    const struct webhook_settings *settings = sending->sink->settings;
    const char *authorization = sink_text_value(settings->authorization);
    write_body(sending, &sending->body);
    sign(sending);
    if (authorization)
        headers_add(&sending->headers, VIEW_LITERAL("Authorization"), view_of(authorization));
    post_send(sending, sink_text_value(settings->url),
              "application/cloudevents+json; charset=utf-8");
}

static void where(const struct sink *sink, struct buf *out)
{
    sink_text_show_url(((const struct webhook_settings *)sink->settings)->url, out);
}

const struct sink_kind webhook_kind = {
    .name = "webhook",
    .rules = rules,
    .settings_size = sizeof(struct webhook_settings),
    .check = check,
    .release = settings_release,
    .where = where,
    .send = send_event,
    .timeout_us = 20 * US_PER_SECOND,
};
