/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /control/: faults on and off, evidence of what the shop saw. Out of the faults' reach, and not
 * part of the evidence itself.
 */
#include "server.h"

#include <stdlib.h>
#include <string.h>

#define HOLD_MAX_MS 600000

static void control_catalogue(struct exchange *exchange)
{
    cJSON *json = cJSON_CreateArray();
    for (size_t i = 0; i < fault_count; i++) {
        cJSON *fault = cJSON_CreateObject();
        cJSON_AddStringToObject(fault, "name", fault_catalogue[i].name);
        cJSON_AddStringToObject(fault, "description", fault_catalogue[i].description);
        cJSON_AddItemToArray(json, fault);
    }
    exchange_json(exchange, 200, json);
}

static cJSON *rule_json(const struct fault_rule *rule)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "fault", rule->fault->name);
    if (*rule->stage) cJSON_AddStringToObject(json, "stage", rule->stage);
    if (*rule->path) cJSON_AddStringToObject(json, "path", rule->path);
    if (*rule->agent) cJSON_AddStringToObject(json, "agent", rule->agent);
    cJSON_AddNumberToObject(json, "percent", rule->percent);
    if (rule->times_left >= 0) {
        cJSON_AddNumberToObject(json, "times_left", (double)rule->times_left);
    }
    cJSON_AddNumberToObject(json, "fired", (double)rule->fired);
    return json;
}

static void control_faults_list(struct exchange *exchange)
{
    const struct faults *faults = &exchange->server->faults;
    cJSON *json = cJSON_CreateArray();
    for (size_t i = 0; i < faults->count; i++) {
        cJSON_AddItemToArray(json, rule_json(&faults->rules[i]));
    }
    exchange_json(exchange, 200, json);
}

/* Reading a rule: one function per kind of value, false when the value is not of it. */

static bool read_text(const cJSON *item, size_t size, char *text)
{
    const char *value = cJSON_GetStringValue(item);
    if (!value || !*value || strlen(value) >= size) return false;
    snprintf(text, size, "%s", value);
    return true;
}

static bool read_number(const cJSON *item, double least, double most, double *ret_value)
{
    if (!cJSON_IsNumber(item) || item->valuedouble < least || item->valuedouble > most) {
        return false;
    }
    *ret_value = item->valuedouble;
    return true;
}

static bool read_member(const cJSON *item, struct fault_rule *rule)
{
    const char *name = item->string;
    double number = 0;
    if (strcmp(name, "fault") == 0) {
        rule->fault = fault_find(cJSON_GetStringValue(item));
        return rule->fault != NULL;
    }
    if (strcmp(name, "stage") == 0) {
        return read_text(item, sizeof rule->stage, rule->stage) && server_knows_stage(rule->stage);
    }
    if (strcmp(name, "path") == 0) {
        return read_text(item, sizeof rule->path, rule->path) && rule->path[0] == '/';
    }
    if (strcmp(name, "agent") == 0) return read_text(item, sizeof rule->agent, rule->agent);
    if (strcmp(name, "bytes_per_second") == 0) {
        return read_number(item, 0.001, 1e6, &rule->bytes_per_second);
    }
    if (strcmp(name, "percent") == 0 && read_number(item, 1, 100, &number)) {
        rule->percent = (int)number;
        return true;
    }
    if (strcmp(name, "times") == 0 && read_number(item, 1, 1e9, &number)) {
        rule->times_left = (long)number;
        return true;
    }
    if (strcmp(name, "after_ms") == 0 && read_number(item, 0, HOLD_MAX_MS, &number)) {
        rule->after_ms = (int64_t)number;
        return true;
    }
    return false;
}

static void control_faults_set(struct exchange *exchange)
{
    struct server *server = exchange->server;
    struct fault_rule rule = {
        .percent = 100, .times_left = -1, .after_ms = -1, .bytes_per_second = 1.0};
    if (!cJSON_IsObject(exchange->json)) {
        exchange_refuse(exchange, 400, "bad-json", "send {\"fault\": NAME, ...} as JSON");
        return;
    }
    const cJSON *item;
    cJSON_ArrayForEach(item, exchange->json)
    {
        if (read_member(item, &rule)) continue;
        char message[160];
        snprintf(message, sizeof message, "unknown key or bad value: \"%.80s\"", item->string);
        exchange_refuse(exchange, 400, "bad-rule", message);
        return;
    }
    if (!rule.fault) {
        exchange_refuse(exchange, 400, "bad-rule", "\"fault\" is missing");
        return;
    }
    /* A sequence of its own, so that other rules do not shift what this one draws. */
    rule.generator.state = server->seed ^ (uint64_t)(rule.fault - fault_catalogue + 1) << 32;
    if (!faults_set(&server->faults, &rule)) {
        exchange_refuse(exchange, 409, "too-many-rules", "clear some first");
        return;
    }
    exchange_json(exchange, 201, rule_json(&rule));
}

static void control_faults_clear(struct exchange *exchange)
{
    const char *name = *exchange->tail ? exchange->tail : NULL;
    if (name && !fault_find(name)) {
        exchange_refuse(exchange, 404, "no-such-fault", "see /control/faults/catalogue");
        return;
    }
    faults_clear(&exchange->server->faults, name);
    exchange_status(exchange, 204);
}

static cJSON *tally_json(const struct tally *tally)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "count", (double)tally->count);
    cJSON_AddNumberToObject(json, "traceparent", (double)tally->traceparent);
    cJSON_AddNumberToObject(json, "traceparent_malformed", (double)tally->traceparent_malformed);
    cJSON_AddNumberToObject(json, "synthetic", (double)tally->synthetic);
    return json;
}

static void control_state(struct exchange *exchange)
{
    const struct server *server = exchange->server;
    struct shop_counts counts = shop_count(server->shop);
    const struct {
        const char *name;
        uint64_t value;
    } numbers[] = {
        {"logins", counts.logins},
        {"logins_rejected", counts.logins_rejected},
        {"sessions", counts.sessions},
        {"carts_with_items", counts.carts_with_items},
        {"orders_placed", counts.orders_placed},
        {"orders_open", counts.orders_open},
        {"orders_cancelled", counts.orders_cancelled},
        {"faults_active", server->faults.count},
        {"faults_fired", server->faults_fired},
        {"answers_held", server->wires.held_count},
        {"connections_frozen", server->wires.taken_count},
    };
    cJSON *json = cJSON_CreateObject();
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        cJSON_AddNumberToObject(json, numbers[i].name, (double)numbers[i].value);
    }
    cJSON_AddItemToObject(json, "requests", tally_json(&server->total));
    cJSON *paths = cJSON_AddObjectToObject(json, "requests_per_path");
    for (size_t i = 0; i < server_route_count(); i++) {
        if (server->per_route[i].count == 0) continue;
        char name[64];
        server_route_name(i, sizeof name, name);
        cJSON_AddItemToObject(paths, name, tally_json(&server->per_route[i]));
    }
    exchange_json(exchange, 200, json);
}

static void control_reset(struct exchange *exchange)
{
    server_reset(exchange->server);
    exchange_status(exchange, 204);
}

static const struct {
    enum evhttp_cmd_type method;
    const char *path; /* a last `*`: the rest is `tail` */
    void (*handle)(struct exchange *exchange);
} controls[] = {
    {EVHTTP_REQ_GET, "/control/faults/catalogue", control_catalogue},
    {EVHTTP_REQ_GET, "/control/faults", control_faults_list},
    {EVHTTP_REQ_POST, "/control/faults", control_faults_set},
    {EVHTTP_REQ_DELETE, "/control/faults", control_faults_clear},
    {EVHTTP_REQ_DELETE, "/control/faults/*", control_faults_clear},
    {EVHTTP_REQ_GET, "/control/state", control_state},
    {EVHTTP_REQ_POST, "/control/reset", control_reset},
};

void control_answer(struct exchange *exchange)
{
    enum evhttp_cmd_type method = evhttp_request_get_command(exchange->request);
    for (size_t i = 0; i < sizeof controls / sizeof controls[0]; i++) {
        if (controls[i].method != method) continue;
        size_t bytes = strlen(controls[i].path);
        bool open = controls[i].path[bytes - 1] == '*';
        if (open ? strncmp(controls[i].path, exchange->path, bytes - 1) != 0
                 : strcmp(controls[i].path, exchange->path) != 0) {
            continue;
        }
        if (open) exchange->tail = exchange->path + bytes - 1;
        controls[i].handle(exchange);
        return;
    }
    exchange_refuse(exchange, 404, "not-found", "no such control");
}
