/* SPDX-License-Identifier: Apache-2.0 */
/* The journal: lines of JSON at the end of a file. */
#include "sink_test.h"

#include "base/file.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define JOURNAL "{j: {journal: {path: events.jsonl}, timeout: 1s}}"

static void start(struct sink_probe *probe, const char *yaml)
{
    load_sinks(probe, yaml);
    assert_true(sinks_resolve(&probe->list, &probe->diags));
}

static void read_journal(const struct sink_probe *probe, struct buf *out)
{
    AUTO_FREE char *path = path_join(probe->directory, "events.jsonl");
    assert_true(file_read(path, out, NULL));
}

static void each_event_is_a_line_that_reads_back(void **state)
{
    struct sink_probe *probe = *state;
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    start(probe, JOURNAL);
    struct event event = an_event(EVENT_OPENED);
    event.message = TEXT("two\nlines \xff");
    tell(probe, &event);
    assert_told(probe, SINK_DELIVERED, "");
    event.type = EVENT_RESOLVED;
    tell(probe, &event);
    read_journal(probe, &text);
    struct view rest = buf_view(&text), line;
    for (int i = 0; i < 2; i++) {
        struct event back;
        assert_true(view_split(&rest, '\n', &line));
        assert_true(event_parse(line, &back, NULL));
        assert_int_equal(back.type, i ? EVENT_RESOLVED : EVENT_OPENED);
        assert_string_equal(back.message, "two\\nlines \\xff");
        event_release(&back);
    }
    assert_int_equal(rest.length, 0);
}

/* Shoppers may have taken them all. */
static void event_waits_for_a_descriptor(void **state)
{
    struct sink_probe *probe = *state;
    struct rlimit limit;
    start(probe, JOURNAL);
    struct event event = an_event(EVENT_OPENED);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    const struct rlimit none = {0, limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    tell(probe, &event);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_told(probe, SINK_AGAIN, "there is no thread or no descriptor for it");
    tell(probe, &event);
    assert_told(probe, SINK_DELIVERED, "");
}

static void new_file_is_for_its_owner_alone(void **state)
{
    struct sink_probe *probe = *state;
    AUTO_FREE char *path = path_join(probe->directory, "events.jsonl");
    struct stat about;
    start(probe, JOURNAL);
    struct event event = an_event(EVENT_OPENED);
    tell(probe, &event);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
}

static void torn_line_is_ended_before_the_next(void **state)
{
    struct sink_probe *probe = *state;
    AUTO_FREE char *path = path_join(probe->directory, "events.jsonl");
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    assert_true(file_write(path, VIEW_LITERAL("{\"id\": \"a cra"), 0600, NULL));
    start(probe, JOURNAL);
    struct event event = an_event(EVENT_OPENED);
    tell(probe, &event);
    read_journal(probe, &text);
    assert_true(view_starts_with(buf_view(&text), VIEW_LITERAL("{\"id\": \"a cra\n{\"id\":\"")));
}

static void file_that_cannot_be_written_is_tried_again(void **state)
{
    struct sink_probe *probe = *state;
    start(probe, "{j: {journal: {path: nowhere/events.jsonl}}}");
    struct event event = an_event(EVENT_OPENED);
    tell(probe, &event);
    assert_told(probe, SINK_AGAIN, "cannot write the journal: No such file or directory");
}

static void full_disk_is_tried_again(void **state)
{
    struct sink_probe *probe = *state;
    start(probe, "{j: {journal: {path: /dev/full}}}");
    struct event event = an_event(EVENT_OPENED);
    tell(probe, &event);
    assert_told(probe, SINK_AGAIN, "No space left on device");
}

static void pipe_that_nobody_reads_is_tried_again(void **state)
{
    struct sink_probe *probe = *state;
    AUTO_FREE char *path = path_join(probe->directory, "events.jsonl");
    assert_int_equal(mkfifo(path, 0600), 0);
    start(probe, JOURNAL);
    struct event event = an_event(EVENT_OPENED);
    tell(probe, &event);
    assert_told(probe, SINK_AGAIN, "No such device or address");
}

/* Tells while standard output is this descriptor; nothing is asserted meanwhile. */
static void tell_to(struct sink_probe *probe, int out)
{
    struct event event = an_event(EVENT_OPENED);
    start(probe, "{j: {journal: {path: '-'}, timeout: 1s}}");
    fflush(stdout);
    int before = dup(STDOUT_FILENO);
    dup2(out, STDOUT_FILENO);
    struct sending *sending =
        sink_send(probe->sender, &probe->list.items[0], &event, sink_probe_done, probe);
    (void)sending;
    loop_run(probe->loop);
    dup2(before, STDOUT_FILENO);
    close(before);
    assert_int_equal(probe->done_calls, 1);
}

static void standard_output_gets_the_line(void **state)
{
    struct sink_probe *probe = *state;
    char got[10000] = "";
    struct event back;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    tell_to(probe, ends[1]);
    close(ends[1]);
    assert_told(probe, SINK_DELIVERED, "");
    ssize_t length = read(ends[0], got, sizeof got);
    close(ends[0]);
    assert_true(length > 1);
    assert_true(event_parse((struct view){got, (size_t)length - 1}, &back, NULL));
    event_release(&back);
}

static void standard_output_that_was_closed_is_tried_again(void **state)
{
    struct sink_probe *probe = *state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    tell_to(probe, ends[1]);
    close(ends[1]);
    assert_told(probe, SINK_AGAIN, "cannot write to standard output: Broken pipe");
}

static void standard_output_that_nobody_reads_is_left_in_time(void **state)
{
    struct sink_probe *probe = *state;
    static const char full[4096];
    int ends[2];
    assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
    while (write(ends[1], full, sizeof full) > 0) continue;
    tell_to(probe, ends[1]);
    close(ends[0]);
    close(ends[1]);
    assert_told(probe, SINK_AGAIN, "timed out");
}

static void cancelled_line_is_never_told_of(void **state)
{
    struct sink_probe *probe = *state;
    start(probe, JOURNAL);
    struct event event = an_event(EVENT_OPENED);
    sending_cancel(sink_send(probe->sender, &probe->list.items[0], &event, sink_probe_done, probe));
    loop_run(probe->loop);
    assert_int_equal(probe->done_calls, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SINK_TEST(each_event_is_a_line_that_reads_back),
        SINK_TEST(event_waits_for_a_descriptor),
        SINK_TEST(new_file_is_for_its_owner_alone),
        SINK_TEST(torn_line_is_ended_before_the_next),
        SINK_TEST(file_that_cannot_be_written_is_tried_again),
        SINK_TEST(full_disk_is_tried_again),
        SINK_TEST(pipe_that_nobody_reads_is_tried_again),
        SINK_TEST(standard_output_gets_the_line),
        SINK_TEST(standard_output_that_was_closed_is_tried_again),
        SINK_TEST(standard_output_that_nobody_reads_is_left_in_time),
        SINK_TEST(cancelled_line_is_never_told_of),
        PIN_MESSAGES("sink/journal.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
