/* SPDX-License-Identifier: Apache-2.0 */
/* See debt.h. */
#include "run/debt.h"

#include "answer/json.h"
#include "run/walker.h"

#include <stdlib.h>
#include <string.h>

/* Resolved anew by whoever pays the debt. */
static bool is_reference(const char *name)
{
    static const char *const prefixes[] = {"secret.", "account.", "env."};
    for (size_t i = 0; i < COUNT_OF(prefixes); i++)
        if (!strncmp(name, prefixes[i], strlen(prefixes[i]))) return true;
    return false;
}

static cJSON *variables_to_json(const struct variables *variables)
{
    cJSON *object = cJSON_CreateObject();
    vec_each(variable, &variables->items) {
        if (!is_reference(variable->name))
            cJSON_AddItemToObject(object, variable->name, value_to_json(&variable->value));
    }
    return object;
}

static void variables_from_json(struct variables *variables, const cJSON *object)
{
    const cJSON *member;
    cJSON_ArrayForEach(member, object)
    {
        if (!is_reference(member->string))
            variables_set(variables, member->string, value_from_json(member));
    }
}

void debt_print(const struct run *run, const struct owed *owed, struct buf *out)
{
    cJSON *debt = cJSON_CreateObject();
    AUTO_FREE char *cookies = run->engine->client->operations->session_save_cookies(run->session);
    cJSON_AddStringToObject(debt, "journey", run->journey->name);
    cJSON_AddStringToObject(debt, "file", run->journey->path);
    cJSON_AddStringToObject(debt, "persona", run->persona->name);
    if (run->lease.pool) cJSON_AddNumberToObject(debt, "account", (double)run->lease.index);
    cJSON_AddStringToObject(debt, "base", run->base);
    cJSON_AddStringToObject(debt, "step", owed->side->step->name);
    cJSON_AddNumberToObject(debt, "side", (double)(owed->side - run->journey->program->sides));
    cJSON_AddStringToObject(debt, "run", run->report->run_id);
    cJSON_AddItemToObject(debt, "variables", variables_to_json(&run->variables));
    cJSON_AddItemToObject(debt, "created", variables_to_json(&owed->created));
    cJSON_AddStringToObject(debt, "cookies", cookies ? cookies : "");
    json_print(debt, out);
    cJSON_Delete(debt);
}

static const char *text_of(const cJSON *debt, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(debt, name));
    return text ? text : "";
}

static int index_of(const cJSON *debt, const char *name)
{
    const cJSON *number = cJSON_GetObjectItemCaseSensitive(debt, name);
    return cJSON_IsNumber(number) ? number->valueint : -1;
}

int debt_account(struct view text)
{
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    cJSON *debt = json_parse(text, &reason);
    int index = debt ? index_of(debt, "account") : -1;
    cJSON_Delete(debt);
    return index;
}

static bool owe(struct run *run, const cJSON *debt, struct buf *reason)
{
    const struct program *program = run->journey->program;
    int side = index_of(debt, "side");
    const char *step = text_of(debt, "step");
    if (side < 0 || (size_t)side >= program->side_count ||
        strcmp(program->sides[side].step->name, step) != 0) {
        buf_addf(reason, "the journey has no step '%s' with an undo any more", step);
        return false;
    }
    struct owed *owed = vec_add(&run->owed);
    owed->side = &program->sides[side];
    owed->scope = run->journey;
    owed->sent = true;
    variables_init(&owed->created);
    variables_from_json(&run->variables, cJSON_GetObjectItemCaseSensitive(debt, "variables"));
    variables_from_json(&owed->created, cJSON_GetObjectItemCaseSensitive(debt, "created"));
    run->engine->client->operations->session_load_cookies(run->session, text_of(debt, "cookies"));
    return true;
}

bool debt_restore(struct run *run, struct view text, struct buf *reason)
{
    cJSON *debt = json_parse(text, reason);
    bool good = debt && owe(run, debt, reason);
    cJSON_Delete(debt);
    return good;
}
