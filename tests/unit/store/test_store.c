/* SPDX-License-Identifier: Apache-2.0 */
/* What is written is read back; calls of `done`; who may open what. */
#include "fixture.h"

#include "base/file.h"
#include "store/batch.h"
#include "store/internal.h"

#include <poll.h>
#include <pwd.h>
#include <sys/stat.h>

static void store_files_are_private(void **state)
{
    struct fixture *f = *state;
    struct stat status;
    AUTO_FREE char *log = xasprintf("%s-wal", f->path);
    AUTO_FREE char *deep = xasprintf("%s/deep", f->directory);
    assert_int_equal(stat(f->path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(stat(log, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(stat(deep, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
}

/* The mode of the file (ending "") or of a companion, after chmod and a restart. */
static unsigned mode_after(struct fixture *f, mode_t mode, const char *ending)
{
    struct stat status = {0};
    AUTO_FREE char *path = xasprintf("%s%s", f->path, ending);
    fixture_close(f);
    assert_int_equal(chmod(f->path, mode), 0);
    fixture_open(f);
    assert_int_equal(stat(path, &status), 0);
    return status.st_mode & 0777;
}

static void store_opened_for_its_group_stays_so_and_the_world_is_kept_out(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(mode_after(f, 0640, ""), 0640);
    assert_int_equal(mode_after(f, 0640, "-wal"), 0640);
    assert_int_equal(mode_after(f, 0640, "-shm"), 0640);
    assert_int_equal(mode_after(f, 0666, ""), 0640);
    assert_int_equal(mode_after(f, 0604, ""), 0600);
}

static void store_in_use_is_refused_to_another(void **state)
{
    struct fixture *f = *state;
    assert_null(store_open(f->path, &f->settings, &f->error));
    assert_non_null(strstr(error_text(&f->error), "in use by another shopper"));
    note_error(f);
}

static void store_without_a_directory_is_refused(void **state)
{
    struct fixture *f = *state;
    assert_null(store_open("/dev/null/x/shopper.db", &f->settings, &f->error));
    note_error(f);
    assert_null(store_open_reader(f->path, &f->error));
    assert_non_null(strstr(error_text(&f->error), "unable to open database file"));
    note_error(f);
}

static void run_failed_is_read_back_whole(void **state)
{
    struct fixture *f = *state;
    struct store_run run = fixture_run("run-1", VERDICT_FAIL, START_US);
    run.flags = STORE_RUN_REPROBE;
    run.kind = "price";
    run.stage = "price-view";
    run.step = "see the price";
    run.trace_id = "abc";
    run.line = "no \"price\" — ₹";
    run.report = "{\"a\": 1}";
    struct store_batch *batch = store_begin(f->store);
    batch_add_run(batch, &run);
    batch_add_run(batch, &run); /* told twice, kept once */
    fixture_write(f, batch);
    struct store_run_list list;
    READ(store_runs(f->store, &(struct store_run_filter){.with_report = true}, &list, &f->error));
    assert_int_equal(list.count, 1);
    const struct store_run *back = &list.items[0];
    assert_string_equal(back->id, "run-1");
    assert_string_equal(back->journey, "checkout");
    assert_string_equal(back->persona, "desktop");
    assert_string_equal(back->location, "here");
    assert_string_equal(back->kind, "price");
    assert_string_equal(back->stage, "price-view");
    assert_string_equal(back->step, "see the price");
    assert_string_equal(back->trace_id, "abc");
    assert_string_equal(back->line, run.line);
    assert_string_equal(back->report, run.report);
    assert_int_equal(back->verdict, VERDICT_FAIL);
    assert_int_equal(back->flags, STORE_RUN_REPROBE);
    assert_int_equal(back->started_us, START_US);
    assert_int_equal(back->duration_us, 1000);
    assert_int_equal(back->lost_us, MINUTE_US);
    store_run_list_release(&list);
    READ(store_run_by_id(f->store, "run-1", &list, &f->error));
    assert_int_equal(list.count, 1);
    store_run_list_release(&list);
    READ(store_run_by_id(f->store, "run-2", &list, &f->error));
    assert_int_equal(list.count, 0);
    store_run_list_release(&list);
}

static void incident_and_its_events_are_read_back_by_their_beginning(void **state)
{
    struct fixture *f = *state;
    struct store_incident incident = {.id = "0193-aa",
                                      .signature = "stage:checkout/price",
                                      .severity = 1,
                                      .state = "open",
                                      .opened_us = START_US,
                                      .line = "SEV1",
                                      .json = "{}"};
    struct store_event event = {.id = "e1",
                                .incident_id = "0193-aa",
                                .time_us = START_US,
                                .type = "opened",
                                .json = "{\"x\":1}"};
    struct store_batch *batch = store_begin(f->store);
    batch_put_incident(batch, &incident);
    batch_add_event(batch, &event);
    event.id = "e2";
    event.type = "resolved";
    batch_add_event(batch, &event);
    incident.id = "0193-ab";
    incident.severity = 3;
    incident.opened_us = START_US + 1;
    incident.resolved_us = START_US + 5;
    batch_put_incident(batch, &incident);
    fixture_write(f, batch);
    struct store_incident_list list;
    static const struct {
        const char *id;
        size_t count;
    } cases[] = {{"0193-aa", 1}, {"0193-ab", 1}, {"0193", 2}, {"0194", 0}, {"", 0}, {"%", 0}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        READ(store_incident(f->store, cases[i].id, &list, &f->error));
        assert_int_equal(list.count, cases[i].count);
        store_incident_list_release(&list);
    }
    const struct store_incident_filter filters[] = {{0},
                                                    {.open_only = true},
                                                    {.severity = 3},
                                                    {.from_us = START_US + 6},
                                                    {.until_us = START_US + 1}};
    static const size_t counts[] = {2, 1, 1, 1, 1};
    for (size_t i = 0; i < COUNT_OF(filters); i++) {
        READ(store_incidents(f->store, &filters[i], &list, &f->error));
        assert_int_equal(list.count, counts[i]);
        store_incident_list_release(&list);
    }
    struct store_event_list events;
    READ(store_events(f->store, "0193-aa", &events, &f->error));
    assert_int_equal(events.count, 2);
    assert_string_equal(events.items[0].type, "opened");
    assert_string_equal(events.items[1].type, "resolved");
    assert_string_equal(events.items[1].json, "{\"x\":1}");
    store_event_list_release(&events);
}

/* The event ids that are due, as one text. */
static const char *waiting(struct fixture *f, struct buf *out)
{
    struct store_delivery_list list;
    buf_clear(out);
    READ(store_outbox_waiting(f->store, &list, &f->error));
    vec_each(delivery, &list) buf_addf(out, "%s/%s ", delivery->event_id, delivery->sink);
    store_delivery_list_release(&list);
    return buf_text(out);
}

static void add_deliveries(struct fixture *f)
{
    static const struct {
        const char *event, *sink, *incident;
        int64_t due_us;
    } rows[] = {
        {"open-a", "mail", "a", 20}, {"resolve-a", "mail", "a", 5},
        {"open-a", "hook", "a", 10}, {"open-a", "mail", "a", 0}, /* told twice, kept once */
        {"open-b", "mail", "b", 30}, {"resolve-b", "mail", "b", 1},
    };
    struct store_batch *batch = store_begin(f->store);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        batch_add_outbox(batch, &(struct store_delivery){.event_id = rows[i].event,
                                                         .sink = rows[i].sink,
                                                         .incident_id = rows[i].incident,
                                                         .payload = "{}",
                                                         .created_us = 1 + (int64_t)i,
                                                         .due_us = rows[i].due_us});
    fixture_write(f, batch);
}

static void outbox_gives_what_waits_in_order(void **state)
{
    struct fixture *f = *state;
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    add_deliveries(f);
    assert_string_equal(waiting(f, &text), "open-a/mail resolve-a/mail open-a/hook open-b/mail "
                                           "resolve-b/mail ");

    struct store_batch *batch = store_begin(f->store);
    batch_delivered(batch, "open-a", "mail", 40);
    batch_deliver_later(batch, "open-a", "hook", 100, "refused");
    batch_give_up_delivery(batch, "open-b", "mail", 41, "too old");
    fixture_write(f, batch);
    assert_string_equal(waiting(f, &text), "resolve-a/mail open-a/hook resolve-b/mail ");

    struct store_outbox_figures figures;
    READ(store_outbox(f->store, NULL, &figures, &f->error));
    assert_int_equal(figures.waiting, 3);
    assert_int_equal(figures.delivered, 1);
    assert_int_equal(figures.given_up, 1);
    assert_int_equal(figures.oldest_us, 2);
    READ(store_outbox(f->store, "hook", &figures, &f->error));
    assert_int_equal(figures.waiting, 1);
    struct store_delivery_list list;
    READ(store_deliveries(f->store, "a", &list, &f->error));
    assert_int_equal(list.items[0].state, DELIVERY_DONE);
    assert_int_equal(list.items[0].ended_us, 40);
    assert_int_equal(list.items[2].due_us, 100);
    assert_int_equal(list.items[2].attempts, 1);
    assert_string_equal(list.items[2].last_error, "refused");
    store_delivery_list_release(&list);
}

static void debts_are_owed_until_settled_or_given_up(void **state)
{
    struct fixture *f = *state;
    static const char *const ids[] = {"d1", "d2", "d3"};
    struct store_batch *batch = store_begin(f->store);
    for (size_t i = 0; i < COUNT_OF(ids); i++)
        batch_note_debt(batch, &(struct store_debt){.id = ids[i],
                                                    .run_id = "r",
                                                    .journey = "checkout",
                                                    .step = "check out",
                                                    .debt = "{}",
                                                    .created_us = 7});
    batch_learn_debt(batch, "d1", VIEW_LITERAL("{\"order\":17}"));
    batch_settle_debt(batch, "d2", 9);
    batch_give_up_debt(batch, "d2", 9, "too late: somebody cleaned it");
    batch_give_up_debt(batch, "d3", 9, "undoing it failed");
    fixture_write(f, batch);
    struct store_debt_list list;
    READ(store_debts(f->store, DEBT_OWED, &list, &f->error));
    assert_int_equal(list.count, 1);
    assert_string_equal(list.items[0].id, "d1");
    assert_string_equal(list.items[0].debt, "{\"order\":17}");
    assert_string_equal(list.items[0].step, "check out");
    store_debt_list_release(&list);
    READ(store_debts(f->store, DEBT_RESIDUE, &list, &f->error));
    assert_int_equal(list.count, 1);
    assert_string_equal(list.items[0].id, "d3");
    assert_string_equal(list.items[0].why, "undoing it failed");
    store_debt_list_release(&list);
    READ(store_debts(f->store, DEBT_SETTLED, &list, &f->error));
    assert_int_equal(list.count, 1);
    assert_string_equal(list.items[0].debt, "");
    store_debt_list_release(&list);
}

static void state_and_silences_are_read_back_after_a_restart(void **state)
{
    struct fixture *f = *state;
    struct store_batch *batch = store_begin(f->store);
    batch_put_state(batch, "judge", VIEW_LITERAL("old"));
    batch_put_state(batch, "judge", VIEW_LITERAL("a\0b"));
    batch_put_silence(batch, &(struct store_silence){.id = "s1",
                                                     .matcher = "stage=checkout",
                                                     .author = "ann",
                                                     .comment = "release",
                                                     .from_us = 10,
                                                     .until_us = 20});
    batch_put_silence(batch, &(struct store_silence){.id = "s2", .until_us = 30});
    batch_remove_silence(batch, "s2");
    store_commit(batch, NULL, NULL);
    fixture_close(f); /* writes what waits */
    fixture_open(f);
    AUTO_BUF value = BUF_INIT(BUF_OWN_CAP);
    bool found;
    READ(store_state(f->store, "judge", &value, &found, &f->error));
    assert_true(found);
    assert_true(view_equals(buf_view(&value), VIEW_LITERAL("a\0b")));
    READ(store_state(f->store, "never", &value, &found, &f->error));
    assert_false(found);
    struct store_silence_list silences;
    READ(store_silences(f->store, 19, &silences, &f->error));
    assert_int_equal(silences.count, 1);
    assert_string_equal(silences.items[0].matcher, "stage=checkout");
    assert_string_equal(silences.items[0].author, "ann");
    store_silence_list_release(&silences);
    READ(store_silences(f->store, 20, &silences, &f->error));
    assert_int_equal(silences.count, 0);
    store_silence_list_release(&silences);
}

static void command_of_another_process_is_taken_once(void **state)
{
    struct fixture *f = *state;
    struct store_command command = {
        .verb = "ack", .argument = "0193", .author = "ann", .created_us = 5};
    READ(store_post_command(f->path, &command, &f->error));
    command.verb = "unack";
    READ(store_post_command(f->path, &command, &f->error));
    assert_false(store_post_command("/tmp/there/is/no.db", &command, &f->error));
    note_error(f);
    struct store_command_list list;
    READ(store_commands(f->store, &list, &f->error));
    assert_int_equal(list.count, 2);
    assert_string_equal(list.items[0].verb, "ack");
    assert_string_equal(list.items[0].argument, "0193");
    assert_string_equal(list.items[0].author, "ann");
    struct store_batch *batch = store_begin(f->store);
    batch_take_command(batch, list.items[0].sequence);
    fixture_write(f, batch);
    store_command_list_release(&list);
    READ(store_commands(f->store, &list, &f->error));
    assert_int_equal(list.count, 1);
    assert_string_equal(list.items[0].verb, "unack");
    store_command_list_release(&list);
}

static void reader_sees_what_is_written_beside_and_after_the_daemon(void **state)
{
    struct fixture *f = *state;
    struct store *reader = store_open_reader(f->path, &f->error);
    if (!reader) fail_msg("%s", error_text(&f->error));
    struct store_run run = fixture_run("run-1", VERDICT_PASS, START_US);
    struct store_batch *batch = store_begin(f->store);
    batch_add_run(batch, &run);
    fixture_write(f, batch);
    struct store_run_list list;
    READ(store_latest(reader, NULL, &list, &f->error));
    assert_int_equal(list.count, 1);
    store_run_list_release(&list);
    store_close(reader);
    fixture_close(f);
    reader = store_open_reader(f->path, &f->error);
    if (!reader) fail_msg("%s", error_text(&f->error));
    READ(store_latest(reader, "checkout", &list, &f->error));
    assert_int_equal(list.count, 1);
    store_run_list_release(&list);
    store_close(reader);
}

/* --- done */

struct told {
    struct buf *log;
    const char *name;
};

static void tell(void *context, bool written)
{
    const struct told *told = context;
    buf_addf(told->log, "%s%s ", told->name, written ? "" : "!");
}

static void done_is_called_by_poll_in_order_of_commit(void **state)
{
    struct fixture *f = *state;
    AUTO_BUF log = BUF_INIT(BUF_OWN_CAP);
    struct told told[] = {{&log, "a"}, {&log, "b"}, {&log, "c"}, {&log, "d"}};
    for (size_t i = 0; i < COUNT_OF(told); i++) {
        struct store_batch *batch = store_begin(f->store);
        if (i % 2) batch_make_durable(batch);
        batch_put_state(batch, told[i].name, VIEW_LITERAL("x"));
        store_commit(batch, tell, &told[i]);
    }
    assert_true(store_flush(f->store, FLUSH_US));
    assert_int_equal(store_waiting(f->store), 0);
    assert_string_equal(buf_text(&log), "");
    struct pollfd watched = {.fd = store_descriptor(f->store), .events = POLLIN};
    assert_int_equal(poll(&watched, 1, 0), 1);
    store_poll(f->store);
    assert_string_equal(buf_text(&log), "a b c d ");
    assert_int_equal(poll(&watched, 1, 0), 0);
}

static void batch_that_is_refused_is_lost_alone(void **state)
{
    struct fixture *f = *state;
    AUTO_BUF log = BUF_INIT(BUF_OWN_CAP);
    struct told told[] = {{&log, "a"}, {&log, "b"}, {&log, "c"}};
    f->settings.gather_us = FLUSH_US; /* all three go into one transaction */
    fixture_close(f);
    fixture_open(f);
    for (size_t i = 0; i < COUNT_OF(told); i++) {
        struct store_batch *batch = store_begin(f->store);
        batch_put_state(batch, told[i].name, VIEW_LITERAL("x"));
        if (i == 1)
            batch_statement(batch, "INSERT INTO state(key) VALUES(?1)", CELL_TEXT("half a row"));
        store_commit(batch, tell, &told[i]);
    }
    assert_true(store_flush(f->store, FLUSH_US));
    store_poll(f->store);
    assert_string_equal(buf_text(&log), "a b! c ");
    struct store_trouble trouble;
    assert_true(store_take_trouble(f->store, &trouble));
    assert_int_equal(trouble.kind, STORE_FAILING);
    assert_non_null(strstr(trouble.message, "NOT NULL constraint failed"));
    golden_note(trouble.message);
    store_trouble_release(&trouble);
    AUTO_BUF value = BUF_INIT(BUF_OWN_CAP);
    bool found;
    READ(store_state(f->store, "b", &value, &found, &f->error));
    assert_false(found);
    READ(store_state(f->store, "c", &value, &found, &f->error));
    assert_true(found);
}

/* --- Who may read it */

#define NOBODY 65534

/* What a user is told who may do what the modes of the folder, the store and its log say. */
static void note_closed(const struct fixture *f, mode_t folder, mode_t file, mode_t log)
{
    AUTO_FREE char *deep = path_directory(f->path), *log_path = xasprintf("%s-wal", f->path);
    AUTO_ERROR error = ERROR_NONE;
    bool root = getuid() == 0;
    assert_int_equal(chmod(f->directory, 0755), 0);
    assert_int_equal(chmod(f->path, file), 0);
    if (log) assert_int_equal(chmod(log_path, log & 0777), 0);
    assert_int_equal(chmod(deep, folder), 0);
    if (root) assert_int_equal(setresuid(NOBODY, NOBODY, 0), 0);
    const struct passwd *entry = getpwuid(getuid());
    AUTO_FREE char *user = entry ? xasprintf("user %s ", entry->pw_name)
                                 : xasprintf("user %lu ", (unsigned long)getuid());
    bool explained = store_explain_closed(f->path, &error);
    if (root) assert_int_equal(setresuid(0, 0, 0), 0);
    assert_int_equal(chmod(deep, 0700), 0);
    assert_true(explained);
    const char *named = strstr(error_text(&error), user);
    assert_non_null(named);
    AUTO_FREE char *line = xasprintf("%.*suser NAME %s", (int)(named - error_text(&error)),
                                     error_text(&error), named + strlen(user));
    golden_note(line);
}

static void who_may_not_read_it_is_told_why(void **state)
{
    struct fixture *f = *state;
    note_closed(f, 0, 0644, 0644);
    note_closed(f, 0755, 0, 0644);
    note_closed(f, 0555, 0644, S_IFREG); /* of no mode, and there */
    fixture_close(f);
    note_closed(f, 0555, 0644, 0);
}

int main(void)
{
#define OPEN(test) cmocka_unit_test_setup_teardown(test, fixture_set_up_open, fixture_tear_down)
#define CLOSED(test) cmocka_unit_test_setup_teardown(test, fixture_set_up, fixture_tear_down)
    const struct CMUnitTest tests[] = {
        OPEN(store_files_are_private),
        OPEN(store_opened_for_its_group_stays_so_and_the_world_is_kept_out),
        OPEN(store_in_use_is_refused_to_another),
        CLOSED(store_without_a_directory_is_refused),
        OPEN(run_failed_is_read_back_whole),
        OPEN(incident_and_its_events_are_read_back_by_their_beginning),
        OPEN(outbox_gives_what_waits_in_order),
        OPEN(debts_are_owed_until_settled_or_given_up),
        OPEN(state_and_silences_are_read_back_after_a_restart),
        OPEN(command_of_another_process_is_taken_once),
        OPEN(reader_sees_what_is_written_beside_and_after_the_daemon),
        OPEN(done_is_called_by_poll_in_order_of_commit),
        OPEN(batch_that_is_refused_is_lost_alone),
        OPEN(who_may_not_read_it_is_told_why),
        PIN_MESSAGES("store/store.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
