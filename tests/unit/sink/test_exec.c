/* SPDX-License-Identifier: Apache-2.0 */
/* A program that is told, and what its end means. */
#include "sink_test.h"

#include "base/file.h"

static void start(struct sink_probe *probe, const char *script, const char *more)
{
    AUTO_FREE char *yaml = xasprintf("{x: {exec: {command: [/bin/sh, -c, '%s', '%s']%s}}}", script,
                                     probe->directory, more);
    load_sinks(probe, yaml);
    assert_int_equal(probe->diags.count, 0);
    assert_true(sinks_resolve(&probe->list, &probe->diags));
}

static void read_back(const struct sink_probe *probe, const char *name, struct buf *out)
{
    AUTO_FREE char *path = path_join(probe->directory, name);
    assert_true(file_read(path, out, NULL));
}

static void program_gets_the_event(void **state)
{
    struct sink_probe *probe = *state;
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    struct event back;
    start(probe, "cat >$0/said", "");
    struct event event = an_event(EVENT_OPENED);
    tell(probe, &event);
    assert_told(probe, SINK_DELIVERED, "");
    read_back(probe, "said", &text);
    assert_true(event_parse(buf_view(&text), &back, NULL));
    assert_string_equal(back.message, event.message);
    event_release(&back);
}

static void program_finds_a_small_environment(void **state)
{
    struct sink_probe *probe = *state;
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    setenv("SHOPPER_TEST_OTHER", "a secret of ours", 1);
    setenv("SHOPPER_TEST_TOKEN", "a token", 1);
    start(probe, "/usr/bin/env >$0/said", ", environment: {TOKEN: {env: SHOPPER_TEST_TOKEN}}");
    struct event event = an_event(EVENT_RAISED);
    event.message = TEXT("$(touch /tmp/x)");
    tell(probe, &event);
    read_back(probe, "said", &text);
    assert_non_null(strstr(buf_text(&text), "SHOPPER_EVENT_TYPE=raised\n"));
    assert_non_null(strstr(buf_text(&text), "SHOPPER_INCIDENT_ID=" INCIDENT_ID "\n"));
    assert_non_null(strstr(buf_text(&text), "SHOPPER_EVENT_ID=" EVENT_ID "\n"));
    assert_non_null(strstr(buf_text(&text), "SHOPPER_SEVERITY=1\n"));
    assert_non_null(strstr(buf_text(&text), "SHOPPER_SINK=x\n"));
    assert_non_null(strstr(buf_text(&text), "TOKEN=a token\n"));
    assert_null(strstr(buf_text(&text), "SHOPPER_TEST_OTHER"));
    assert_null(strstr(buf_text(&text), "touch"));
}

static void exit_code_says_how_it_went(void **state)
{
    static const struct {
        const char *script;
        enum sink_outcome outcome;
        const char *why;
    } table[] = {
        {"exit 0", SINK_DELIVERED, ""},
        {"exit 1", SINK_AGAIN, "the program ended with 1"},
        {"exit 65", SINK_REFUSED, "the program ended with 65"},
        {"exit 75", SINK_AGAIN, "the program ended with 75"},
        {"exit 127", SINK_AGAIN, "the program ended with 127"},
        {"kill -9 $$", SINK_AGAIN, "killed by signal 9"},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct sink_probe *probe = *state;
        start(probe, table[i].script, "");
        struct event event = an_event(EVENT_OPENED);
        tell(probe, &event);
        assert_told(probe, table[i].outcome, table[i].why);
        assert_int_equal(sink_teardown(state), 0);
        assert_int_equal(sink_setup(state), 0);
    }
}

static void program_that_hangs_is_killed(void **state)
{
    struct sink_probe *probe = *state;
    load_sinks(probe, "{x: {exec: {command: [/bin/sh, -c, 'sleep 600 & wait']}, timeout: 1s}}");
    assert_true(sinks_resolve(&probe->list, &probe->diags));
    struct event event = an_event(EVENT_OPENED);
    tell(probe, &event);
    assert_told(probe, SINK_AGAIN, "took too long");
}

static void program_that_is_not_there_is_tried_again(void **state)
{
    struct sink_probe *probe = *state;
    load_sinks(probe, "{x: {exec: {command: /nowhere/notify}}}");
    assert_true(sinks_resolve(&probe->list, &probe->diags));
    struct event event = an_event(EVENT_OPENED);
    tell(probe, &event);
    assert_told(probe, SINK_AGAIN, "cannot start /nowhere/notify");
}

static void cancelled_program_is_killed(void **state)
{
    struct sink_probe *probe = *state;
    start(probe, "sleep 600", "");
    struct event event = an_event(EVENT_OPENED);
    sending_cancel(sink_send(probe->sender, &probe->list.items[0], &event, sink_probe_done, probe));
    loop_run(probe->loop);
    assert_int_equal(probe->done_calls, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SINK_TEST(program_gets_the_event),
        SINK_TEST(program_finds_a_small_environment),
        SINK_TEST(exit_code_says_how_it_went),
        SINK_TEST(program_that_hangs_is_killed),
        SINK_TEST(program_that_is_not_there_is_tried_again),
        SINK_TEST(cancelled_program_is_killed),
        PIN_MESSAGES("sink/exec.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
