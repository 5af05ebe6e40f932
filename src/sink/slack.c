/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slack: the shape of Slack's incoming webhooks, which Mattermost and Rocket.Chat take, too. Markup
 * is switched off, `&`, `<` and `>` are written as entities, so no shop can mention a channel or
 * dress up a link; an "@" gets an invisible companion for those who look for mentions in plain
 * text.
 */
#include "answer/json.h"
#include "sink/internal.h"

#include <stdlib.h>
#include <string.h>

struct slack_settings {
    const struct sink_text *url;
};

static void load_url(struct loader *loader, const struct yaml_node *node, void *sink)
{
    struct slack_settings *settings = ((struct sink *)sink)->settings;
    sink_secret_load(loader, node, sink, "url", sink_check_url, &settings->url);
}

static const struct key_rule rules[] = {
    {"url", load_url, true, &sink_text_shape,
     "the incoming webhook's URL; who knows it can write there, so it is a secret"},
    SINK_INSECURE_KEY,
    {0},
};
const struct shape slack_shape = {.kind = SHAPE_MAPPING, .name = "slack", .rules = rules};

/* Mattermost and Rocket.Chat read Markdown whatever is said: `](` would dress up a link. */
static void add_escaped(struct buf *out, const char *text)
{
    static const struct {
        char what;
        const char *instead;
    } escapes[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'@', "@\u200b"}, {0}};
    for (; *text; text++) {
        size_t i = 0;
        while (escapes[i].what && escapes[i].what != *text) i++;
        if (escapes[i].what)
            buf_add_text(out, escapes[i].instead);
        else
            buf_add_char(out, *text);
        if (*text == ']' && (text[1] == '(' || text[1] == '[')) buf_add_text(out, "\u200b");
    }
}

static void write_body(const struct sending *sending, struct buf *out)
{
    AUTO_BUF words = BUF_INIT(BUF_OWN_CAP);
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    words_subject(&sending->event, &words);
    buf_add_char(&words, '\n');
    words_details(sending->sender, &sending->event, &words);
    add_escaped(&text, buf_text(&words));
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "text", buf_text(&text));
    cJSON_AddBoolToObject(object, "mrkdwn", false);
    cJSON_AddBoolToObject(object, "unfurl_links", false);
    cJSON_AddBoolToObject(object, "unfurl_media", false);
    json_print(object, out);
    cJSON_Delete(object);
}

static void send_event(struct sending *sending)
{
    const struct slack_settings *settings = sending->sink->settings;
    write_body(sending, &sending->body);
    post_send(sending, sink_text_value(settings->url), "application/json");
}

static void where(const struct sink *sink, struct buf *out)
{
    sink_text_show_url(((const struct slack_settings *)sink->settings)->url, out);
}

const struct sink_kind slack_kind = {
    .name = "slack",
    .rules = rules,
    .settings_size = sizeof(struct slack_settings),
    .where = where,
    .send = send_event,
    .timeout_us = 15 * US_PER_SECOND,
};
