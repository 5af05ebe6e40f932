/* SPDX-License-Identifier: Apache-2.0 */
/* What a report that the daemon stored (docs/report.schema.json) tells about failures. */
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
