/* SPDX-License-Identifier: Apache-2.0 */
/* What goes wrong, for which requests, how often. See fault.h. */
#include "fault.h"

#include <cjson/cJSON.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define REPLACE_MAX_BYTES (64u << 20)
#define GROUPS 10

struct fault {
    struct fault *next;
    unsigned holds;
    enum fault_kind kind;
    /* which requests; NULL: any */
    char *path, *method, *operation, *contains;
    regex_t *matches;
    int after; /* so many matching requests pass unharmed first */
    int times; /* so many are hit; 0: all */
    int seen, hit;
    /* what */
    int status;
    char *text;
    int64_t delay_us;
    size_t piece_bytes;
    char *find; /* REPLACE: a text, or: */
    regex_t *pattern;
    char *with;
    cJSON *names; /* STRIP_HEADER */
};

static const char *const words[] = {
#define X(name, word) word,
    FAULTS(X)
#undef X
};

/* --- Life */

static void regex_free(regex_t *regex)
{
    if (regex) regfree(regex);
    free(regex);
}

static void fault_free(struct fault *fault)
{
    if (!fault || --fault->holds) return;
    free(fault->path);
    free(fault->method);
    free(fault->operation);
    free(fault->contains);
    regex_free(fault->matches);
    free(fault->text);
    free(fault->find);
    regex_free(fault->pattern);
    free(fault->with);
    cJSON_Delete(fault->names);
    free(fault);
}

void fault_list_clear(struct fault_list *list)
{
    while (list->first) {
        struct fault *fault = list->first;
        list->first = fault->next;
        fault_free(fault);
    }
}

/* --- Reading */

enum field_type {
    FIELD_TEXT,
    FIELD_REGEX,
    FIELD_COUNT,
    FIELD_BYTES,
    FIELD_MILLISECONDS,
    FIELD_LIST
};

/* In which field of the struct a key of the JSON object goes. */
static const struct field {
    const char *key;
    enum field_type type;
    size_t offset;
} fields[] = {
    {"path", FIELD_TEXT, offsetof(struct fault, path)},
    {"method", FIELD_TEXT, offsetof(struct fault, method)},
    {"operation", FIELD_TEXT, offsetof(struct fault, operation)},
    {"contains", FIELD_TEXT, offsetof(struct fault, contains)},
    {"matches", FIELD_REGEX, offsetof(struct fault, matches)},
    {"after", FIELD_COUNT, offsetof(struct fault, after)},
    {"times", FIELD_COUNT, offsetof(struct fault, times)},
    {"status", FIELD_COUNT, offsetof(struct fault, status)},
    {"text", FIELD_TEXT, offsetof(struct fault, text)},
    {"ms", FIELD_MILLISECONDS, offsetof(struct fault, delay_us)},
    {"bytes", FIELD_BYTES, offsetof(struct fault, piece_bytes)},
    {"find", FIELD_TEXT, offsetof(struct fault, find)},
    {"pattern", FIELD_REGEX, offsetof(struct fault, pattern)},
    {"with", FIELD_TEXT, offsetof(struct fault, with)},
    {"names", FIELD_LIST, offsetof(struct fault, names)},
};

static bool set_text(char **slot, const cJSON *item)
{
    if (!cJSON_IsString(item)) return false;
    free(*slot);
    *slot = must_copy(item->valuestring, strlen(item->valuestring));
    return true;
}

static bool set_regex(regex_t **slot, const cJSON *item)
{
    if (!cJSON_IsString(item) || *slot) return false;
    regex_t *regex = must_alloc(sizeof(*regex));
    if (regcomp(regex, item->valuestring, REG_EXTENDED)) {
        free(regex);
        return false;
    }
    *slot = regex;
    return true;
}

static bool set_list(cJSON **slot, const cJSON *item)
{
    if (!cJSON_IsArray(item) || *slot) return false;
    const cJSON *name;
    cJSON_ArrayForEach(name, item)
    {
        if (!cJSON_IsString(name)) return false;
    }
    *slot = cJSON_Duplicate(item, true);
    return true;
}

static bool set_field(struct fault *fault, const struct field *field, const cJSON *item)
{
    void *slot = (char *)fault + field->offset;
    bool is_count = cJSON_IsNumber(item) && item->valuedouble >= 0 && item->valuedouble <= 1e9;
    switch (field->type) {
    case FIELD_TEXT: return set_text(slot, item);
    case FIELD_REGEX: return set_regex(slot, item);
    case FIELD_LIST: return set_list(slot, item);
    case FIELD_COUNT:
        if (is_count) *(int *)slot = item->valueint;
        return is_count;
    case FIELD_BYTES:
        if (is_count) *(size_t *)slot = (size_t)item->valueint;
        return is_count;
    case FIELD_MILLISECONDS:
        if (is_count) *(int64_t *)slot = (int64_t)item->valueint * 1000;
        return is_count;
    }
    return false;
}

static const struct field *field_named(const char *key)
{
    for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
        if (!strcmp(fields[i].key, key)) return &fields[i];
    }
    return NULL;
}

static bool read_kind(const cJSON *item, enum fault_kind *ret_kind)
{
    for (size_t i = 0; cJSON_IsString(item) && i < FAULT_KIND_COUNT; i++) {
        if (strcmp(item->valuestring, words[i])) continue;
        *ret_kind = (enum fault_kind)i;
        return true;
    }
    return false;
}

/* What a fault cannot do without; NULL: it has it. */
static const char *fault_lacks(const struct fault *fault)
{
    if (fault->kind == FAULT_STATUS && (fault->status < 200 || fault->status > 599))
        return "a status from 200 to 599 is needed";
    if (fault->kind == FAULT_REPLACE && (!fault->with || !fault->find == !fault->pattern))
        return "replace needs 'with', and either 'find' or 'pattern'";
    if (fault->find && !*fault->find) return "nothing cannot be found";
    if (fault->kind == FAULT_STRIP_HEADER && !fault->names)
        return "strip-header needs 'names', a list";
    return NULL;
}

static const char *read_fault(struct fault *fault, const cJSON *json)
{
    if (!read_kind(cJSON_GetObjectItemCaseSensitive(json, "fault"), &fault->kind))
        return "a fault is an object with a 'fault' that this proxy knows";
    const cJSON *item;
    cJSON_ArrayForEach(item, json)
    {
        if (!strcmp(item->string, "fault")) continue;
        const struct field *field = field_named(item->string);
        if (!field) return "there is a key that this proxy does not know";
        if (!set_field(fault, field, item)) return "a value has the wrong type";
    }
    return fault_lacks(fault);
}

static const char *read_faults(const cJSON *json, struct fault_list *ret_new)
{
    struct fault **end = &ret_new->first;
    const cJSON *item = cJSON_IsArray(json) ? json->child : json;
    if (!item && !cJSON_IsArray(json)) return "this is no JSON";
    while (item) {
        struct fault *fault = must_alloc(sizeof(*fault));
        *fault = (struct fault){.holds = 1, .delay_us = 1000000, .piece_bytes = 1};
        *end = fault;
        end = &fault->next;
        const char *why = read_fault(fault, item);
        if (why) return why;
        if (!fault->piece_bytes) fault->piece_bytes = 1;
        item = cJSON_IsArray(json) ? item->next : NULL;
    }
    return NULL;
}

bool fault_list_add(struct fault_list *list, const char *json, size_t bytes, const char **ret_why)
{
    cJSON *tree = cJSON_ParseWithLength(json, bytes);
    struct fault_list added = {0};
    *ret_why = read_faults(tree, &added);
    cJSON_Delete(tree);
    if (*ret_why) {
        fault_list_clear(&added);
        return false;
    }
    struct fault **end = &list->first;
    while (*end) end = &(*end)->next;
    *end = added.first;
    return true;
}

char *fault_list_describe(const struct fault_list *list)
{
    cJSON *faults = cJSON_CreateArray();
    for (const struct fault *fault = list->first; fault; fault = fault->next) {
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "fault", words[fault->kind]);
        cJSON_AddNumberToObject(item, "seen", fault->seen);
        cJSON_AddNumberToObject(item, "hit", fault->hit);
        cJSON_AddItemToArray(faults, item);
    }
    char *text = cJSON_PrintUnformatted(faults);
    cJSON_Delete(faults);
    if (!text) abort();
    return text;
}

/* --- Matching */

/* The operationName of a GraphQL request; the caller frees it. NULL: none. */
static char *request_operation(const struct request *request)
{
    cJSON *json = cJSON_ParseWithLength(request->body, request->body_bytes);
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(json, "operationName");
    char *copy = NULL;
    if (cJSON_IsString(name)) copy = must_copy(name->valuestring, strlen(name->valuestring));
    cJSON_Delete(json);
    return copy;
}

static bool fault_matches(const struct fault *fault, const struct request *request,
                          const char *operation)
{
    if (fault->path && strcmp(fault->path, request->path)) return false;
    if (fault->method && strcasecmp(fault->method, request->method)) return false;
    if (fault->operation && (!operation || strcmp(fault->operation, operation))) return false;
    if (fault->contains &&
        !memmem(request->body, request->body_bytes, fault->contains, strlen(fault->contains)))
        return false;
    return !fault->matches || !regexec(fault->matches, request->body, 0, NULL, 0);
}

void fault_plan_make(struct fault_plan *ret_plan, struct fault_list *list,
                     const struct request *request)
{
    *ret_plan = (struct fault_plan){0};
    char *operation = list->first ? request_operation(request) : NULL;
    for (struct fault *fault = list->first; fault; fault = fault->next) {
        if (!fault_matches(fault, request, operation)) continue;
        if (fault->seen++ < fault->after) continue;
        if (fault->times && fault->hit >= fault->times) continue;
        if (ret_plan->count == FAULTS_PER_REQUEST) continue;
        fault->hit++;
        fault->holds++;
        ret_plan->faults[ret_plan->count++] = fault;
    }
    free(operation);
}

void fault_plan_release(struct fault_plan *plan)
{
    while (plan->count) fault_free(plan->faults[--plan->count]);
}

const struct fault *fault_plan_find(const struct fault_plan *plan, enum fault_kind kind)
{
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->faults[i]->kind == kind) return plan->faults[i];
    }
    return NULL;
}

/* --- Doing */

static bool fault_strips(const struct fault *fault, const char *name)
{
    const cJSON *stripped;
    cJSON_ArrayForEach(stripped, fault->names)
    {
        if (!strcasecmp(stripped->valuestring, name)) return true;
    }
    return false;
}

static bool plan_strips(const struct fault_plan *plan, const char *name)
{
    for (size_t i = 0; i < plan->count; i++) {
        const struct fault *fault = plan->faults[i];
        if (fault->kind == FAULT_STRIP_HEADER && fault_strips(fault, name)) return true;
    }
    /* A compressed body would have to be unpacked before anything could be replaced. */
    return fault_plan_find(plan, FAULT_REPLACE) && !strcasecmp(name, "Accept-Encoding");
}

void fault_strip_headers(const struct fault_plan *plan, struct request *request)
{
    struct headers kept = {0};
    for (size_t i = 0; i < request->headers.count; i++) {
        const struct header *header = &request->headers.items[i];
        if (!plan_strips(plan, header->name)) headers_add(&kept, header->name, header->value);
    }
    headers_release(&request->headers);
    request->headers = kept;
}

/* \0 to \9 in `with` stand for what the groups matched. */
static void add_expansion(struct evbuffer *out, const char *with, const char *text,
                          const regmatch_t *groups)
{
    for (const char *c = with; *c; c++) {
        if (*c != '\\' || c[1] < '0' || c[1] > '9') {
            evbuffer_add(out, c, 1);
            continue;
        }
        const regmatch_t *group = &groups[*++c - '0'];
        if (group->rm_so >= 0)
            evbuffer_add(out, text + group->rm_so, (size_t)(group->rm_eo - group->rm_so));
    }
}

static void replace_pattern(const struct fault *fault, const struct answer *answer,
                            struct evbuffer *out)
{
    const char *text = answer->body, *end = answer->body + answer->body_bytes;
    regmatch_t groups[GROUPS];
    int flags = 0;
    while (text < end && evbuffer_get_length(out) < REPLACE_MAX_BYTES &&
           !regexec(fault->pattern, text, GROUPS, groups, flags)) {
        evbuffer_add(out, text, (size_t)groups[0].rm_so);
        add_expansion(out, fault->with, text, groups);
        flags = REG_NOTBOL;
        if (groups[0].rm_eo == groups[0].rm_so) { /* empty: step on, or stay here for ever */
            evbuffer_add(out, text + groups[0].rm_eo, 1);
            text++;
        }
        text += groups[0].rm_eo;
    }
    if (text < end) evbuffer_add(out, text, (size_t)(end - text));
}

static void replace_text(const struct fault *fault, const struct answer *answer,
                         struct evbuffer *out)
{
    const char *text = answer->body, *end = answer->body + answer->body_bytes, *found;
    size_t bytes = strlen(fault->find);
    while (evbuffer_get_length(out) < REPLACE_MAX_BYTES &&
           (found = memmem(text, (size_t)(end - text), fault->find, bytes))) {
        evbuffer_add(out, text, (size_t)(found - text));
        evbuffer_add(out, fault->with, strlen(fault->with));
        text = found + bytes;
    }
    evbuffer_add(out, text, (size_t)(end - text));
}

void fault_replace(const struct fault_plan *plan, struct answer *answer)
{
    for (size_t i = 0; i < plan->count; i++) {
        const struct fault *fault = plan->faults[i];
        if (fault->kind != FAULT_REPLACE) continue;
        struct evbuffer *out = evbuffer_new();
        if (!out) abort();
        if (fault->pattern)
            replace_pattern(fault, answer, out);
        else
            replace_text(fault, answer, out);
        free(answer->body);
        answer->body_bytes = evbuffer_get_length(out);
        answer->body = must_alloc(answer->body_bytes + 1);
        evbuffer_remove(out, answer->body, answer->body_bytes);
        evbuffer_free(out);
    }
}

int fault_status(const struct fault *fault)
{
    return fault->status;
}

const char *fault_text(const struct fault *fault)
{
    return fault->text ? fault->text : "";
}

int64_t fault_delay_us(const struct fault *fault)
{
    return fault->delay_us;
}

size_t fault_piece_bytes(const struct fault *fault)
{
    return fault->piece_bytes;
}
