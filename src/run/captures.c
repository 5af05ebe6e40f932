/* SPDX-License-Identifier: Apache-2.0 */
/* Values taken out of an answer: `capture` sets variables, `creates` also what an undo will need.
 */
#include "run/walker.h"

#include <stdlib.h>

static bool take_one(struct run *run, const struct capture *capture, struct message *message,
                     struct value *ret_value, struct failure *ret_failure)
{
    /* A `find` that finds nothing is an answer, too: there is nothing to undo. */
    bool required = !capture->source->all && !run->finding;
    struct value values = VALUE_NOTHING;
    if (!check_values(run, capture->source, &capture->price, required, message, &values,
                      ret_failure)) {
        return false;
    }
    if (capture->source->all) {
        *ret_value = values;
        return true;
    }
    *ret_value = value_element(&values, 0);
    value_release(&values);
    return true;
}

/* A capture that finds nothing fails its step: what follows could not be walked. */
static bool take_found(struct run *run, const struct capture *capture, struct message *message,
                       struct value *ret_value, struct failure *ret_failure)
{
    if (!take_one(run, capture, message, ret_value, ret_failure)) {
        char *why = ret_failure->message;
        ret_failure->message = xasprintf("cannot capture '%s': %s", capture->name, why ? why : "");
        free(why);
        ret_failure->place = capture->place;
        return false;
    }
    return true;
}

/* Why no undo could go by this value; NULL: it can. Nothing in a path is the path of all of them.
 */
static const char *namelessness(const struct value *value)
{
    if (value->kind == VALUE_NUMBER) return NULL;
    if (value->kind == VALUE_TEXT) {
        struct view text = {value->text.data, value->text.length};
        return view_trim(text).length ? NULL : "an empty text";
    }
    if (value->kind != VALUE_LIST && value->kind != VALUE_JSON) return value_kind_name(value);
    if (!value_count(value)) return value_kind_name(value);
    const char *why = NULL;
    for (size_t i = 0; !why && i < value_count(value); i++) {
        struct value element = value_element(value, i); /* of an object: absent */
        why = element.kind == VALUE_ABSENT ? value_kind_name(value) : namelessness(&element);
        value_release(&element);
    }
    return why;
}

/* False: releases the value, and the failure says so. */
static bool names_something(const struct capture *capture, struct value *value,
                            struct failure *ret_failure)
{
    const char *why = namelessness(value);
    if (!why) return true;
    *ret_failure = (struct failure){
        .kind = OUTCOME_CONTENT,
        .message =
            xasprintf("cannot undo by '%s': it is %s, and names nothing", capture->name, why),
        .expected = xstrdup("a text or a number"),
        .actual = xstrdup(why),
        .place = capture->place,
    };
    value_release(value);
    return false;
}

static bool take_created(struct run *run, const struct step *step, const struct capture *create,
                         struct message *message, struct failure *ret_failure)
{
    struct value value = VALUE_NOTHING;
    if (!take_found(run, create, message, &value, ret_failure)) return false;
    if (!names_something(create, &value, ret_failure)) return false;
    owed_learn(run, step, create->name, &value);
    variables_set(&run->variables, create->name, value);
    return true;
}

void captures_rescue(struct run *run, const struct step *step, const struct http_result *result)
{
    if (result->kind != OUTCOME_PASS || result->message->status >= 400) return;
    for (size_t i = 0; i < step->create_count; i++) {
        struct failure failure = {.kind = OUTCOME_PASS};
        (void)!take_created(run, step, &step->creates[i], result->message, &failure);
        failure_release(&failure);
    }
}

bool captures_take(struct run *run, const struct step *step, struct message *message,
                   struct failure *ret_failure)
{
    for (size_t i = 0; i < step->create_count; i++) {
        if (!take_created(run, step, &step->creates[i], message, ret_failure)) return false;
    }
    for (size_t i = 0; i < step->capture_count; i++) {
        struct value value = VALUE_NOTHING;
        const struct capture *capture = &step->captures[i];
        if (!take_found(run, capture, message, &value, ret_failure)) return false;
        bool nothing = value.kind == VALUE_ABSENT || value.kind == VALUE_NULL;
        if (run->finding && nothing) continue;
        if (run->finding && !names_something(capture, &value, ret_failure)) return false;
        owed_learn(run, step, capture->name, &value);
        variables_set(&run->variables, capture->name, value);
    }
    return true;
}
