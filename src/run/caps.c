/* SPDX-License-Identifier: Apache-2.0 */
/* See caps.h. Windows start at the epoch in wall time: a day is a day in UTC. */
#include "run/caps.h"

#include "answer/json.h"

struct cap_count {
    int64_t window;
    uint32_t count;
};

bool cap_take(struct engine *engine, const struct journey *journey, const struct step *step)
{
    AUTO_FREE char *key = xasprintf("%s\n%s", journey->name, step->name);
    struct cap_count *counted = map_get(&engine->caps, view_of(key));
    if (!counted) {
        counted = NEW(struct cap_count);
        map_set(&engine->caps, view_of(key), counted);
    }
    int64_t window = clock_wall_us(loop_clock(engine->loop)) / step->only.per_us;
    if (counted->window != window) *counted = (struct cap_count){.window = window};
    if (counted->count >= step->only.count) return false;
    counted->count++;
    return true;
}

void caps_save(const struct engine *engine, struct buf *out)
{
    cJSON *counts = cJSON_CreateObject();
    map_each(entry, &engine->caps) {
        const struct cap_count *counted = entry->value;
        cJSON *pair = cJSON_AddArrayToObject(counts, entry->key);
        cJSON_AddItemToArray(pair, cJSON_CreateNumber((double)counted->window));
        cJSON_AddItemToArray(pair, cJSON_CreateNumber(counted->count));
    }
    json_print(counts, out);
    cJSON_Delete(counts);
}

static void add_what_came_since(struct cap_count *count, const struct cap_count *since)
{
    if (!since || since->window < count->window) return;
    if (since->window > count->window) count->count = 0;
    count->window = since->window;
    count->count += since->count;
}

void caps_restore(struct engine *engine, struct view saved)
{
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    cJSON *counts = json_parse(saved, &reason);
    const cJSON *pair;
    cJSON_ArrayForEach(pair, counts)
    {
        const cJSON *window = cJSON_GetArrayItem(pair, 0), *count = cJSON_GetArrayItem(pair, 1);
        if (!cJSON_IsNumber(window) || !cJSON_IsNumber(count) || count->valuedouble < 0) continue;
        struct cap_count *counted = NEW(struct cap_count);
        counted->window = (int64_t)window->valuedouble;
        counted->count = (uint32_t)count->valuedouble;
        add_what_came_since(counted, map_get(&engine->caps, view_of(pair->string)));
        map_set(&engine->caps, view_of(pair->string), counted);
    }
    cJSON_Delete(counts);
}
