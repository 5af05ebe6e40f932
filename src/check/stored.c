/* SPDX-License-Identifier: Apache-2.0 */
/* What the daemon stored as JSON: reports (docs/report.schema.json) and incidents, as the judge
 * writes them. */
#include "answer/json.h"
#include "check/check.h"

#include <string.h>

static const char *text_of(const cJSON *object, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
    return text ? text : "";
}

static void add_note(const cJSON *failure, const char *key, struct buf *out)
{
    const char *text = text_of(failure, key);
    if (*text) buf_addf(out, "  %s: %s\n", key, text);
}

static void add_step(const cJSON *step, struct buf *out, int *ret_severity)
{
    const cJSON *failure = cJSON_GetObjectItemCaseSensitive(step, "failure");
    const cJSON *request = cJSON_GetObjectItemCaseSensitive(step, "request");
    const cJSON *severity = cJSON_GetObjectItemCaseSensitive(step, "severity");
    if (!cJSON_IsObject(failure)) return;
    bool decides = !strcmp(text_of(step, "section"), "steps") &&
                   !cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(step, "optional")) &&
                   !strcmp(text_of(step, "verdict"), verdict_word(VERDICT_FAIL));
    if (decides && cJSON_IsNumber(severity) && severity->valueint >= 1 && severity->valueint <= 4)
        *ret_severity = severity->valueint;
    buf_addf(out, "%s: %s [%s]\n", text_of(step, "name"), text_of(failure, "message"),
             text_of(failure, "kind"));
    add_note(failure, "detail", out);
    add_note(failure, "expected", out);
    add_note(failure, "actual", out);
    if (cJSON_IsObject(request))
        buf_addf(out, "  request: %s %s\n", text_of(request, "method"), text_of(request, "url"));
}

void check_add_stored(const char *report, struct buf *out, int *ret_severity)
{
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    cJSON *root = json_parse(view_of(report), &reason);
    const cJSON *runs = cJSON_GetObjectItemCaseSensitive(root, "runs");
    const cJSON *steps = cJSON_GetObjectItemCaseSensitive(cJSON_GetArrayItem(runs, 0), "steps");
    const cJSON *step = NULL;
    cJSON_ArrayForEach(step, steps) add_step(step, out, ret_severity);
    cJSON_Delete(root);
}

/* "JOURNEY\nPERSONA\nLOCATION", as the judge writes its subjects */
static bool is_subject(const char *key, const struct check_seen *seen)
{
    const char *const parts[] = {seen->journey, seen->persona, seen->location};
    struct view rest = view_of(key), part;
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        if (!view_split(&rest, '\n', &part)) part = VIEW_NONE;
        if (!view_is(part, parts[i] ? parts[i] : "")) return false;
    }
    return true;
}

/* Causes that are a run's own: what ends soon, was left behind or burns down stands beside it. */
static bool is_of_runs(const char *cause)
{
    static const char *const causes[] = {"fails", "slow", "host", "blocked", "blind"};
    for (size_t i = 0; i < COUNT_OF(causes); i++) {
        if (!strcmp(cause, causes[i])) return true;
    }
    return false;
}

enum check_part check_part_of(const char *incident, const struct check_seen *seen)
{
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    cJSON *root = json_parse(view_of(incident), &reason);
    enum check_part part = CHECK_PART_NONE;
    bool of_runs = is_of_runs(text_of(root, "cause"));
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, cJSON_GetObjectItemCaseSensitive(root, "affected"))
    {
        if (!is_subject(text_of(one, "subject"), seen)) continue;
        const cJSON *clean = cJSON_GetObjectItemCaseSensitive(one, "clean");
        bool met = of_runs && !(cJSON_IsNumber(clean) && clean->valuedouble > 0);
        part = met ? CHECK_PART_MET : CHECK_PART_HELD;
        break;
    }
    cJSON_Delete(root);
    return part;
}
