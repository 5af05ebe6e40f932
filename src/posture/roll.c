/* SPDX-License-Identifier: Apache-2.0 */
/* See roll.h. */
#include "posture/roll.h"

#include "answer/json.h"
#include "base/codec.h"
#include "base/vec.h"

#include <stdlib.h>
#include <string.h>

#define MAX_BYTES ((size_t)4 << 20)

void roll_release(struct roll *roll)
{
    vec_each(journey, &roll->journeys) {
        vec_each(persona, &journey->personas) free(*persona);
        vec_release(&journey->personas);
        free(journey->name);
        free(journey->pause);
    }
    vec_release(&roll->journeys);
    free(roll->location);
    *roll = (struct roll){0};
}

struct roll_journey *roll_add(struct roll *roll, const char *journey)
{
    struct roll_journey *added = vec_add(&roll->journeys);
    added->name = xstrdup(journey);
    return added;
}

const struct roll_journey *roll_find(const struct roll *roll, const char *journey)
{
    vec_each(one, &roll->journeys) {
        if (!strcmp(one->name, journey)) return one;
    }
    return NULL;
}

bool roll_has(const struct roll_journey *journey, const char *persona)
{
    vec_each(one, &journey->personas) {
        if (!strcmp(*one, persona)) return true;
    }
    return false;
}

static void print_text(const char *text, struct buf *out)
{
    buf_add_char(out, '"');
    codec_add_json(out, view_of(text ? text : ""));
    buf_add_char(out, '"');
}

static void print_journey(const struct roll_journey *journey, struct buf *out)
{
    print_text(journey->name, out);
    buf_add_text(out, ": {\"personas\": [");
    vec_each(persona, &journey->personas) {
        if (persona != journey->personas.items) buf_add_text(out, ", ");
        print_text(*persona, out);
    }
    buf_add_char(out, ']');
    if (journey->pause) {
        buf_add_text(out, ", \"pause\": {\"name\": ");
        print_text(journey->pause, out);
        buf_addf(out, ", \"until_us\": %lld, \"rests\": %s}", (long long)journey->pause_until_us,
                 journey->rests ? "true" : "false");
    }
    buf_add_char(out, '}');
}

void roll_print(const struct roll *roll, struct buf *out)
{
    buf_add_text(out, "{\"location\": ");
    print_text(roll->location, out);
    buf_add_text(out, ", \"journeys\": {");
    vec_each(journey, &roll->journeys) {
        if (journey != roll->journeys.items) buf_add_text(out, ", ");
        print_journey(journey, out);
    }
    buf_add_text(out, "}}");
}

/* --- Reading back */

static const char *text_of(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return text ? text : "";
}

static void parse_journey(struct roll *roll, const cJSON *json)
{
    struct roll_journey *journey = roll_add(roll, json->string);
    const cJSON *pause = cJSON_GetObjectItemCaseSensitive(json, "pause"), *persona;
    cJSON_ArrayForEach(persona, cJSON_GetObjectItemCaseSensitive(json, "personas"))
    {
        const char *name = cJSON_GetStringValue(persona);
        if (name) vec_push(&journey->personas, xstrdup(name));
    }
    const cJSON *until = cJSON_GetObjectItemCaseSensitive(pause, "until_us");
    if (!cJSON_IsNumber(until) || !(until->valuedouble > 0 && until->valuedouble < 9e18)) return;
    journey->pause = xstrdup(text_of(pause, "name"));
    journey->pause_until_us = (int64_t)until->valuedouble;
    journey->rests = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(pause, "rests"));
}

bool roll_parse(struct roll *roll, struct view text, struct error *error)
{
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    cJSON *json = text.length <= MAX_BYTES ? json_parse(text, &reason) : NULL;
    const cJSON *journeys = cJSON_GetObjectItemCaseSensitive(json, "journeys"), *journey;
    roll->known = cJSON_IsObject(journeys);
    if (roll->known) {
        roll->location = xstrdup(text_of(json, "location"));
        cJSON_ArrayForEach(journey, journeys) parse_journey(roll, journey);
    }
    cJSON_Delete(json);
    return roll->known || error_set(error, "who is watched cannot be read: %s",
                                    reason.length ? buf_text(&reason) : "it has no journeys");
}

bool roll_read(struct roll *roll, struct store *store, struct error *error)
{
    AUTO_BUF text = BUF_INIT(MAX_BYTES);
    bool found = false;
    *roll = (struct roll){0};
    if (!store_state(store, ROLL_KEY, &text, &found, error)) return false;
    return !found || roll_parse(roll, buf_view(&text), error);
}
