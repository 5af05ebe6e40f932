/* SPDX-License-Identifier: Apache-2.0 */
/* The shape of Slack's incoming webhooks, which Mattermost, Rocket.Chat and others read, too. In
 * Slack's markup `&`, `<` and `>` are what can mention people and hide links: they are escaped. */
#include "sink/internal.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK_MAX 2900 /* characters of 3000 */

static void add_escaped(struct buf *out, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '&': buf_add_text(out, "&amp;"); break;
        case '<': buf_add_text(out, "&lt;"); break;
        case '>': buf_add_text(out, "&gt;"); break;
        default: buf_add_char(out, *text);
        }
    }
}

static void add_block(cJSON *blocks, const char *text)
{
    cJSON *block = cJSON_CreateObject(), *inside = cJSON_CreateObject();
    cJSON_AddStringToObject(block, "type", "section");
    cJSON_AddStringToObject(inside, "type", "mrkdwn");
    cJSON_AddStringToObject(inside, "text", text);
    cJSON_AddItemToObject(block, "text", inside);
    cJSON_AddItemToArray(blocks, block);
}

static const char *sign_of(const struct event *event)
{
    if (event->type == EVENT_RESOLVED) return ":white_check_mark:";
    if (event->type == EVENT_TEST) return ":wave:";
    return event->severity == 1 ? ":rotating_light:" : ":warning:";
}

static void send_slack(struct sending *sending, const struct event *event)
{
    AUTO_BUF headline = BUF_INIT(BUF_OWN_CAP), details = BUF_INIT(BUF_OWN_CAP);
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP), fallback = BUF_INIT(BUF_OWN_CAP);
    AUTO_FREE char *subject = words_subject(event);
    cJSON *object = cJSON_CreateObject();
    add_escaped(&fallback, subject);
    cJSON_AddStringToObject(object, "text", buf_text(&fallback));
    cJSON *blocks = cJSON_AddArrayToObject(object, "blocks");
    buf_addf(&headline, "%s *%s*", sign_of(event), buf_text(&fallback));
    add_block(blocks, buf_text(&headline));
    words_text(event, sending->sender->public_url, &text);
    const char *body = strstr(buf_text(&text), "\n\n"); /* the subject stands above */
    AUTO_FREE char *clipped = xstrndup(body ? body + 2 : "", BLOCK_MAX / 2);
    buf_add_text(&details, "```");
    add_escaped(&details, clipped);
    buf_add_text(&details, "```");
    add_block(blocks, buf_text(&details));
    post_json(sending, sending_settings(sending)->url.value, object);
}

const struct sink_kind sink_slack = {.name = "slack", .shape = &slack_shape, .send = send_slack};
