/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of sinks open with: cmocka, a configuration from text, one event told, its result.
 */
#ifndef SHOPPER_TESTS_SINK_TEST_H
#define SHOPPER_TESTS_SINK_TEST_H

#include "answer/json.h"
#include "loop/loop.h"
#include "sink/internal.h"
#include "support/golden.h"
#include "support/script_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define EVENT_ID "019ab000-0000-7000-8000-000000000001"
#define INCIDENT_ID "019ab000-0000-7000-8000-00000000000a"

struct sink_probe {
    struct loop *loop;
    struct sender *sender;
    struct sink_list list;
    struct diags diags;
    struct yaml_document *document;
    struct script_server *server;
    char directory[64];
    /* Of the last telling: */
    unsigned done_calls;
    enum sink_outcome outcome;
    int64_t after_us;
    char why[500], said[500];
};

static inline void load_sinks(struct sink_probe *probe, const char *yaml)
{
    AUTO_FREE char *path = xasprintf("%s/shopper.yaml", probe->directory);
    struct source *source = source_new(path, view_of(yaml));
    probe->document = yaml_load(source, &probe->diags);
    source_free(source);
    sinks_load(yaml_root(probe->document), &probe->list, &probe->diags);
}

static inline void sink_probe_done(void *context, const struct sink_result *result)
{
    struct sink_probe *probe = context;
    probe->done_calls++;
    probe->outcome = result->outcome;
    probe->after_us = result->after_us;
    snprintf(probe->why, sizeof probe->why, "%s", result->why);
    snprintf(probe->said, sizeof probe->said, "%s", result->said);
    loop_stop(probe->loop);
}

/* How it went, as logs and lists say it. */
static inline void note_result(const struct sink_probe *probe)
{
    static const char *const words[] = {[SINK_DELIVERED] = "delivered",
                                        [SINK_AGAIN] = "again",
                                        [SINK_REFUSED] = "refused",
                                        [SINK_GONE] = "gone"};
    if (!*probe->why) return;
    AUTO_FREE char *line = xasprintf("%s: %s", words[probe->outcome], probe->why);
    golden_note(line);
}

/* Of the configuration. */
static inline void note_diags(const struct sink_probe *probe)
{
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    diags_print(&probe->diags, &text, false);
    if (text.length) golden_note(buf_text(&text));
}

/* Tells the first sink. */
static inline void tell(struct sink_probe *probe, const struct event *event)
{
    probe->done_calls = 0;
    assert_int_equal(probe->list.count, 1);
    struct sending *sending =
        sink_send(probe->sender, &probe->list.items[0], event, sink_probe_done, probe);
    assert_non_null(sending);
    assert_int_equal(probe->done_calls, 0);
    loop_run(probe->loop);
    assert_int_equal(probe->done_calls, 1);
    note_result(probe);
}

/* "FORMAT" with the server's port in its first %d. */
static inline void serve_sinks(struct sink_probe *probe, const struct script *scripts, size_t count,
                               const char *format)
{
    struct script_server_options options = {.scripts = scripts, .script_count = count};
    char port[8];
    probe->server = script_server_new(&options);
    snprintf(port, sizeof port, "%d", script_server_port(probe->server));
    AUTO_BUF yaml = BUF_INIT(BUF_OWN_CAP);
    const char *at = strstr(format, "PORT");
    buf_add(&yaml, format, (size_t)(at - format));
    buf_add_text(&yaml, port);
    buf_add_text(&yaml, at + 4);
    load_sinks(probe, buf_text(&yaml));
    assert_int_equal(probe->diags.errors, 0);
    assert_true(sinks_resolve(&probe->list, &probe->diags));
}
#define SERVE_SINKS(probe, scripts, format)                                                        \
    serve_sinks((probe), (scripts), COUNT_OF(scripts), (format))

static inline struct event an_event(enum event_type type)
{
    static char *affected[] = {(char *)(uintptr_t) "buy as phone",
                               (char *)(uintptr_t) "buy as desktop from berlin"};
    static const struct event blank = {
        .id = EVENT_ID,
        .incident_id = INCIDENT_ID,
        .severity = 1,
        .time_us = INT64_C(1764000000000000),
        .opened_us = INT64_C(1763999700000000),
        .line = (char *)(uintptr_t) "SEV1 checkout: prices vanished",
        .signature = (char *)(uintptr_t) "stage:checkout/price",
        .kind = (char *)(uintptr_t) "price",
        .stage = (char *)(uintptr_t) "checkout",
        .host = (char *)(uintptr_t) "shop.example",
        .step = (char *)(uintptr_t) "see the price",
        .message = (char *)(uintptr_t) "no element for [itemprop=price]",
        .rule = (char *)(uintptr_t) "core path down",
        .owner = (char *)(uintptr_t) "payments",
        .affected_count = 2,
        .failing = 4,
        .exercising = 5,
    };
    struct event event = blank;
    event.type = type;
    event.affected = affected;
    if (type == EVENT_RESOLVED) event.resolved_us = event.time_us;
    return event;
}
#define TEXT(literal) ((char *)(uintptr_t)(literal))

static inline char *a_long_text(void)
{
    char *text = xcalloc(100001, 1);
    memset(text, '"', 100000);
    return text;
}

static inline int sink_setup(void **state)
{
    struct sink_probe *probe = NEW(struct sink_probe);
    snprintf(probe->directory, sizeof probe->directory, "/tmp/shopper-sink-XXXXXX");
    if (!mkdtemp(probe->directory)) return -1;
    probe->loop = loop_new(NULL, NULL);
    struct sender_settings settings = {
        .loop = probe->loop, .source = "berlin", .public_url = "https://status.shop.example/"};
    probe->sender = sender_new(&settings, NULL);
    *state = probe;
    return 0;
}

static inline int sink_teardown(void **state)
{
    struct sink_probe *probe = *state;
    AUTO_FREE char *remove = xasprintf("rm -rf %s", probe->directory);
    sender_free(probe->sender);
    bool empty = loop_is_empty(probe->loop);
    loop_free(probe->loop);
    sink_list_release(&probe->list);
    yaml_document_free(probe->document);
    diags_release(&probe->diags);
    script_server_free(probe->server);
    if (system(remove)) return -1;
    free(probe);
    return empty ? 0 : -1;
}

#define SINK_TEST(test) cmocka_unit_test_setup_teardown(test, sink_setup, sink_teardown)

static inline void assert_told(const struct sink_probe *probe, enum sink_outcome outcome,
                               const char *why_part)
{
    if (probe->outcome != outcome || !strstr(probe->why, why_part))
        fail_msg("expected %d '%s', got %d '%s'", (int)outcome, why_part, (int)probe->outcome,
                 probe->why);
}

/* The body of the server's request `index`, parsed. */
static inline cJSON *body_of(struct sink_probe *probe, size_t index)
{
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    const char *request = script_server_request(probe->server, index);
    assert_non_null(request);
    const char *body = strstr(request, "\r\n\r\n");
    assert_non_null(body);
    cJSON *object = json_parse(view_of(body + 4), &reason);
    if (!object) fail_msg("%s", buf_text(&reason));
    return object;
}

/* "payload.severity"; "" when it is not there. */
static inline const char *string_at(const cJSON *object, const char *path)
{
    struct view rest = view_of(path), piece;
    while (object && view_split(&rest, '.', &piece)) {
        AUTO_FREE char *name = xstrndup(piece.data, piece.length);
        object = cJSON_IsArray(object) ? cJSON_GetArrayItem(object, atoi(name))
                                       : cJSON_GetObjectItemCaseSensitive(object, name);
    }
    const char *text = cJSON_GetStringValue(object);
    return text ? text : "";
}

#endif
