/* SPDX-License-Identifier: Apache-2.0 */
/* See objective.h. */
#include "posture/objective.h"

#include "answer/json.h"
#include "base/codec.h"
#include "base/vec.h"

#include <stdlib.h>
#include <string.h>

#define MAX_BYTES ((size_t)4 << 20)

void objective_list_release(struct objective_list *list)
{
    vec_each(objective, list) free(objective->journey);
    vec_release(list);
}

void objectives_add(struct objective_list *list, const struct journey *journey)
{
    const struct objective_spec *spec = &journey->objective;
    if (!spec->present) return;
    struct objective *objective = vec_add(list);
    double percent = decimal_to_double(spec->availability_percent);
    objective->journey = xstrdup(journey->name);
    objective->availability = percent > 0 ? percent / 100 : -1;
    objective->window_us = spec->window_us;
    for (size_t i = 0; i < spec->latency_count && i < OBJECTIVE_MAX_LATENCIES; i++)
        objective->latencies[objective->latency_count++] =
            (struct objective_latency){spec->latency[i].percentile, spec->latency[i].at_most_us};
}

const struct objective *objectives_find(const struct objective_list *list, const char *journey)
{
    vec_each(objective, list) {
        if (!strcmp(objective->journey, journey)) return objective;
    }
    return NULL;
}

static void print_one(const struct objective *objective, struct buf *out)
{
    buf_add_char(out, '"');
    codec_add_json(out, view_of(objective->journey));
    buf_addf(out, "\": {\"window_us\": %lld", (long long)objective->window_us);
    if (objective->availability > 0)
        buf_addf(out, ", \"availability\": %.10g", objective->availability * 100);
    buf_add_text(out, ", \"latency\": {");
    for (size_t i = 0; i < objective->latency_count; i++)
        buf_addf(out, "%s\"%d\": %lld", i ? ", " : "", objective->latencies[i].percentile,
                 (long long)objective->latencies[i].at_most_us);
    buf_add_text(out, "}}");
}

void objectives_print(const struct objective_list *list, struct buf *out)
{
    buf_add_text(out, "{\"journeys\": {");
    vec_each(objective, list) {
        if (objective != list->items) buf_add_text(out, ", ");
        print_one(objective, out);
    }
    buf_add_text(out, "}}");
}

/* --- Reading back */

static double number_of(const cJSON *object, const char *name, double otherwise)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsNumber(member) ? member->valuedouble : otherwise;
}

static int64_t microseconds_of(double number, int64_t otherwise_us)
{
    return number >= 1 && number < 1e15 ? (int64_t)number : otherwise_us;
}

static void parse_latencies(struct objective *objective, const cJSON *latencies)
{
    const cJSON *latency;
    cJSON_ArrayForEach(latency, latencies)
    {
        int percentile = atoi(latency->string);
        int64_t at_most_us = cJSON_IsNumber(latency) ? microseconds_of(latency->valuedouble, 0) : 0;
        if (percentile < 1 || percentile > 100 || !at_most_us) continue;
        if (objective->latency_count == OBJECTIVE_MAX_LATENCIES) return;
        objective->latencies[objective->latency_count++] =
            (struct objective_latency){percentile, at_most_us};
    }
}

static void parse_one(struct objective_list *list, const cJSON *json)
{
    struct objective *objective = vec_add(list);
    double percent = number_of(json, "availability", 0);
    objective->journey = xstrdup(json->string);
    objective->availability = percent > 0 && percent < 100 ? percent / 100 : -1;
    objective->window_us = microseconds_of(number_of(json, "window_us", 0), OBJECTIVE_WINDOW_US);
    const cJSON *latencies = cJSON_GetObjectItemCaseSensitive(json, "latency");
    if (cJSON_IsObject(latencies)) parse_latencies(objective, latencies);
}

bool objectives_parse(struct objective_list *list, struct view text, struct error *error)
{
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    cJSON *json = text.length <= MAX_BYTES ? json_parse(text, &reason) : NULL;
    const cJSON *journeys = cJSON_GetObjectItemCaseSensitive(json, "journeys"), *journey;
    bool good = cJSON_IsObject(journeys);
    if (good) cJSON_ArrayForEach(journey, journeys) parse_one(list, journey);
    cJSON_Delete(json);
    return good || error_set(error, "the objectives in the store cannot be read: %s",
                             reason.length ? buf_text(&reason) : "they have no journeys");
}

bool objectives_read(struct objective_list *list, struct store *store, struct error *error)
{
    AUTO_BUF text = BUF_INIT(MAX_BYTES);
    bool found = false;
    if (!store_state(store, OBJECTIVES_KEY, &text, &found, error)) return false;
    return !found || objectives_parse(list, buf_view(&text), error);
}
