/* SPDX-License-Identifier: Apache-2.0 */
/* See readings.h. */
#include "answer/readings.h"

#include "base/alloc.h"
#include "base/random.h"

#include <stdlib.h>
#include <string.h>

enum { REASON_CAP_BYTES = 1024, SEEN_SETS = 256, SEEN_WAYS = 4 };

struct reading {
    unsigned holds;
    struct view body, charset; /* inside `own` once it is shared */
    char *own;
    uint64_t hash, used;
    cJSON *json;
    struct html *html;
    bool json_tried, html_tried, too_large;
    struct buf json_reason, html_reason;
};

struct readings {
    struct reading *kept[READINGS_MAX_COUNT];
    size_t count, body_bytes;
    uint64_t clock;
    /* Hashes of bodies that came once. In sets of four: two that share a place and come in turns
     * would push each other out for ever. */
    uint64_t seen[SEEN_SETS][SEEN_WAYS];
};

struct readings *readings_new(void)
{
    return NEW(struct readings);
}

void readings_free(struct readings *readings)
{
    if (!readings) return;
    for (size_t i = 0; i < readings->count; i++) reading_free(readings->kept[i]);
    free(readings);
}

void reading_free(struct reading *reading)
{
    if (!reading || --reading->holds) return;
    cJSON_Delete(reading->json);
    html_free(reading->html);
    buf_release(&reading->json_reason);
    buf_release(&reading->html_reason);
    free(reading->own);
    free(reading);
}

/* Eight bytes a step; bodies that look alike by accident are compared, so it need not be strong. */
static uint64_t hash_of(struct view text, uint64_t hash)
{
    uint64_t piece;
    size_t at = 0;
    for (; at + sizeof piece <= text.length; at += sizeof piece) {
        memcpy(&piece, text.data + at, sizeof piece);
        hash = (hash ^ piece) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 29;
    }
    for (; at < text.length; at++)
        hash = (hash ^ (unsigned char)text.data[at]) * UINT64_C(0x100000001b3);
    return (hash ^ text.length) * UINT64_C(0x9e3779b97f4a7c15);
}

static struct reading *reading_new(struct view body, struct view charset)
{
    struct reading *reading = NEW(struct reading);
    reading->holds = 1;
    reading->body = body;
    reading->charset = charset;
    buf_init(&reading->json_reason, REASON_CAP_BYTES);
    buf_init(&reading->html_reason, REASON_CAP_BYTES);
    return reading;
}

static void own_texts(struct reading *reading)
{
    struct view body = reading->body, charset = reading->charset;
    reading->own = xcalloc(1, body.length + charset.length + 1);
    memcpy(reading->own, body.data, body.length);
    if (charset.length) memcpy(reading->own + body.length, charset.data, charset.length);
    reading->body.data = reading->own;
    reading->charset.data = reading->own + body.length;
}

static void drop(struct readings *readings, size_t index)
{
    readings->body_bytes -= readings->kept[index]->body.length;
    reading_free(readings->kept[index]);
    readings->kept[index] = readings->kept[--readings->count];
}

static void make_room(struct readings *readings, size_t bytes)
{
    while (readings->count == READINGS_MAX_COUNT ||
           (readings->count && readings->body_bytes + bytes > READINGS_MAX_BYTES)) {
        size_t oldest = 0;
        for (size_t i = 1; i < readings->count; i++)
            if (readings->kept[i]->used < readings->kept[oldest]->used) oldest = i;
        drop(readings, oldest);
    }
}

static struct reading *find(struct readings *readings, uint64_t hash, struct view body,
                            struct view charset)
{
    for (size_t i = 0; i < readings->count; i++) {
        struct reading *reading = readings->kept[i];
        if (reading->hash == hash && view_equals(reading->body, body) &&
            view_equals(reading->charset, charset))
            return reading;
    }
    return NULL;
}

/* Whether this body came before; from now on it did. */
static bool was_seen(struct readings *readings, uint64_t hash)
{
    uint64_t *set = readings->seen[(hash >> 32) % SEEN_SETS];
    for (size_t i = 0; i < SEEN_WAYS; i++)
        if (set[i] == hash) return true;
    set[++readings->clock % SEEN_WAYS] = hash;
    return false;
}

struct reading *readings_take(struct readings *readings, struct view body, struct view charset)
{
    if (!readings || !body.length || body.length > READINGS_MAX_BODY)
        return reading_new(body, charset);
    uint64_t hash = hash_of(body, hash_of(charset, random_process_seed()));
    struct reading *reading = find(readings, hash, body, charset);
    if (!reading) {
        reading = reading_new(body, charset);
        if (!was_seen(readings, hash)) return reading;
        make_room(readings, body.length);
        own_texts(reading);
        reading->hash = hash;
        readings->kept[readings->count++] = reading;
        readings->body_bytes += body.length;
    }
    reading->used = ++readings->clock;
    reading->holds++;
    return reading;
}

const cJSON *reading_json(struct reading *reading, const char **ret_reason)
{
    if (!reading->json_tried) {
        reading->json_tried = true;
        reading->json = json_parse(reading->body, &reading->json_reason);
    }
    *ret_reason = buf_text(&reading->json_reason);
    return reading->json;
}

const struct html *reading_html(struct reading *reading, const char **ret_reason)
{
    if (!reading->html_tried) {
        reading->html_tried = true;
        reading->html = html_parse_bounded(reading->body, reading->charset, &reading->too_large,
                                           &reading->html_reason);
    }
    *ret_reason = buf_text(&reading->html_reason);
    return reading->html;
}

bool reading_is_too_large(const struct reading *reading)
{
    return reading && reading->too_large;
}
