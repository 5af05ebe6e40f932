/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon as a whole, and what it says of itself: in its log, to who asks it to act, and of what
 * it will not begin with. */
#include "watch/internal.h"

#include "base/file.h"
#include "base/log.h"
#include "base/redact.h"
#include "support/golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#define PATIENCE_US (60 * US_PER_SECOND)
#define WAITS                                                                                      \
    "journey: %s\nbase: http://127.0.0.1:1\ndeadline: 20m\n%ssteps: [{name: wait, pause: 10m}]\n"
#define TEXT(literal) ((char *)(uintptr_t)(literal))
#define EVERY_SECOND "schedule: {every: 1s}\n"

struct world {
    char directory[64], *config;
    struct clock_fake clock; /* of one test */
    bool on_fake_time;
    struct loop *loop;
    struct redactor *redactor;
    struct log log;
    struct daemon *daemon;
    struct buf logged;
    const char *awaited; /* a part of what is logged; NULL: `reached` tells */
    bool (*reached)(const struct world *world);
    struct timer look;
    int64_t give_up_us;
};

/* What a machine that is busy may say of itself at any moment of real time. */
static bool is_of_the_moment(const struct world *world, const char *line)
{
    static const char *const parts[] = {"stood still", "believed again", "written in time"};
    if (world->on_fake_time) return false;
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        if (strstr(line, parts[i])) return true;
    return false;
}

/* Each line once, as it stands in the journal of a machine. */
static void keep_line(void *context, enum log_level level, const char *line)
{
    struct world *world = context;
    AUTO_FREE char *text = xasprintf("%s: %s", log_level_name(level), line);
    buf_addf(&world->logged, "%s\n", text);
    if (level <= LOG_INFO && !is_of_the_moment(world, line)) golden_note(text);
}

static int set_up(void **state)
{
    struct world *world = NEW(struct world);
    AUTO_ERROR error = ERROR_NONE;
    strcpy(world->directory, "/tmp/shopper-daemon-XXXXXX");
    if (!mkdtemp(world->directory)) return -1;
    world->config = path_join(world->directory, "shopper.yaml");
    world->loop = loop_new(NULL, &error);
    world->redactor = redactor_new();
    world->logged = BUF_INIT(BUF_OWN_CAP);
    world->log = (struct log){.level = LOG_TRACE, .write = keep_line, .context = world};
    *state = world;
    return world->loop ? 0 : -1;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    AUTO_FREE char *remove = xasprintf("rm -rf %s", world->directory);
    daemon_free(world->daemon);
    bool empty = loop_is_empty(world->loop);
    loop_free(world->loop);
    redactor_free(world->redactor);
    buf_release(&world->logged);
    if (system(remove)) return -1;
    free(world->config);
    free(world);
    return empty ? 0 : -1;
}

static void write_file(const struct world *world, const char *name, const char *text)
{
    AUTO_ERROR error = ERROR_NONE;
    AUTO_FREE char *path = path_join(world->directory, name);
    if (!file_write(path, view_of(text), 0600, &error)) fail_msg("%s", error_text(&error));
}

static void write_journey(const struct world *world, const char *name, const char *schedule)
{
    AUTO_FREE char *text = xasprintf(WAITS, name, schedule);
    AUTO_FREE char *file = xasprintf("%s.yaml", name);
    write_file(world, file, text);
}

static bool begin(struct world *world, const char *config)
{
    struct diags diags = DIAGS_INIT;
    AUTO_BUF said = BUF_INIT(BUF_OWN_CAP);
    write_file(world, "shopper.yaml", config);
    world->daemon = daemon_new(&(struct daemon_settings){.source = {.config_path = world->config},
                                                         .loop = world->loop,
                                                         .redactor = world->redactor,
                                                         .log = &world->log},
                               &diags);
    diags_print(&diags, &said, false);
    if (said.length) golden_note(buf_text(&said));
    diags_release(&diags);
    return world->daemon != NULL;
}

static void on_look(void *context)
{
    struct world *world = context;
    bool there = world->awaited ? strstr(buf_text(&world->logged), world->awaited) != NULL
                                : world->reached(world);
    if (there || loop_now_us(world->loop) > world->give_up_us)
        loop_stop(world->loop);
    else
        timer_set(&world->look, loop_now_us(world->loop) + 5 * US_PER_MS);
}

static void await(struct world *world, const char *line, bool (*reached)(const struct world *world))
{
    world->awaited = line;
    world->reached = reached;
    world->give_up_us = loop_now_us(world->loop) + PATIENCE_US;
    timer_init(&world->look, world->loop, on_look, world);
    timer_set(&world->look, loop_now_us(world->loop));
    loop_run(world->loop);
    timer_cancel(&world->look);
    if (line ? !strstr(buf_text(&world->logged), line) : !reached(world))
        fail_msg("'%s' did not come: %s", line ? line : "it", buf_text(&world->logged));
}

static void refuses(struct world *world, const char *verb, const char *argument, const char *why)
{
    AUTO_ERROR error = ERROR_NONE;
    assert_false(daemon_command(world->daemon, verb, argument, "me", &error));
    if (!strstr(error_text(&error), why)) fail_msg("%s: %s", verb, error_text(&error));
    golden_note(error_text(&error));
}

static void end(struct world *world)
{
    daemon_end(world->daemon);
    loop_run(world->loop);
}

/* --- The stories */

static void what_nobody_could_carry_out_is_refused(void **state)
{
    struct world *world = *state;
    write_journey(world, "one", "");
    assert_true(begin(world, "journeys: one.yaml\nstore: shopper.db\n"));
    assert_non_null(strstr(buf_text(&world->logged), "one has no schedule"));
    refuses(world, "ack", "01", "no open incident is called 01");
    refuses(world, "unack", "02", "no open incident is called 02");
    refuses(world, "add-silence", "{}", "it has no end");
    refuses(world, "add-silence", "{\"id\":\"a\",\"matcher\":\"b\",\"until_us\":1}", "is none of");
    refuses(world, "remove-silence", "a", "there is no silence a");
    refuses(world, "settle-residue", "a", "nothing left behind is called a");
    refuses(world, "sink-works", "a", "there is no sink 'a'");
    refuses(world, "dance", "", "there is no command 'dance'");
    end(world);
}

static void word_in_the_mailbox_is_answered_in_the_log(void **state)
{
    struct world *world = *state;
    AUTO_ERROR error = ERROR_NONE;
    AUTO_FREE char *store = path_join(world->directory, "shopper.db");
    static const char silence[] = "{\"id\":\"s\",\"matcher\":\"stage=pay\",\"until_us\":9e14}";
    write_journey(world, "one", "");
    assert_true(begin(world, "journeys: one.yaml\nstore: shopper.db\n"));
    const struct store_command wrong = {.verb = TEXT("ack"),
                                        .argument = TEXT("01"),
                                        .author = TEXT("me")},
                               right = {.verb = TEXT("add-silence"),
                                        .argument = TEXT(silence),
                                        .author = TEXT("me")};
    assert_true(store_post_command(store, &wrong, &error));
    assert_true(store_post_command(store, &right, &error));
    await(world, "info: add-silence, by me", NULL);
    end(world);
}

static void ask(struct world *world, const char *journey, struct error *error)
{
    (void)!daemon_run_now(world->daemon, journey, "desktop", PATIENCE_US, NULL, NULL, error);
}

static void walk_that_cannot_be_had_is_refused(void **state)
{
    struct world *world = *state;
    AUTO_ERROR unknown = ERROR_NONE, many = ERROR_NONE, late = ERROR_NONE;
    write_journey(world, "one", "");
    assert_true(begin(world, "journeys: one.yaml\nstore: shopper.db\n"));
    ask(world, "two", &unknown);
    assert_string_equal(error_text(&unknown), "there is no journey 'two'");
    for (int i = 0; i < 100 && !many.message; i++) ask(world, "one", &many);
    golden_note(error_text(&unknown));
    golden_note(error_text(&many));
    daemon_end(world->daemon);
    ask(world, "one", &late);
    assert_string_equal(error_text(&late), "the daemon is ending");
    golden_note(error_text(&late));
    loop_run(world->loop);
}

static void new_plan_is_taken_whole_or_not_at_all(void **state)
{
    struct world *world = *state;
    write_journey(world, "one", EVERY_SECOND);
    write_journey(world, "two", "");
    assert_true(begin(world, "journeys: one.yaml\nstore: shopper.db\n"));
    write_file(world, "shopper.yaml", "journeys: [one.yaml, two.yaml]\nstore: other.db\n");
    daemon_reload(world->daemon);
    write_file(world, "shopper.yaml", "journeys: [one.yaml]\nstore: shopper.db\n");
    daemon_reload(world->daemon);
    write_file(world, "shopper.yaml", "journeis: [one.yaml]\n");
    daemon_reload(world->daemon);
    assert_int_equal(daemon_plan(world->daemon)->journeys.count, 1);
    assert_true(daemon_state(world->daemon).reload_failed);
    end(world);
}

static void daemon_begins_with_nothing_that_is_wrong(void **state)
{
    struct world *world = *state;
    unsetenv("SHOPPER_TEST_TOKEN");
    static const char token[] =
        "journeys: one.yaml\nstore: shopper.db\n"
        "http: {listen: \"127.0.0.1:0\", token: {env: SHOPPER_TEST_TOKEN}}\n";
    write_journey(world, "one", "");
    assert_false(begin(world, "journeys: []\n"));
    assert_false(begin(world, token));
    setenv("SHOPPER_TEST_TOKEN", "short", 1);
    assert_false(begin(world, token));
    unsetenv("SHOPPER_TEST_TOKEN");
}

static bool two_are_under_way(const struct world *world)
{
    return rounds_state(daemon_rounds(world->daemon)).under_way == 2;
}

static bool one_is_under_way(const struct world *world)
{
    return rounds_state(daemon_rounds(world->daemon)).under_way == 1;
}

static void end_tells_how_many_it_waits_for(void **state)
{
    struct world *world = *state;
    write_journey(world, "one", EVERY_SECOND);
    write_journey(world, "two", EVERY_SECOND);
    assert_true(begin(world, "journeys: [one.yaml]\nstore: shopper.db\n"));
    await(world, NULL, one_is_under_way);
    end(world);
    daemon_free(world->daemon);
    assert_true(begin(world, "journeys: [one.yaml, two.yaml]\nstore: shopper.db\n"));
    await(world, NULL, two_are_under_way);
    end(world);
}

/* The second word ends it at once. */
static void runs_that_clean_up_for_long_are_aborted(void **state)
{
    struct world *world = *state;
    AUTO_FREE char *text =
        xasprintf(WAITS "finally: [{name: leave, pause: 10m}]\n", "one", EVERY_SECOND);
    write_file(world, "one.yaml", text);
    assert_true(begin(world, "journeys: one.yaml\nstore: shopper.db\n"));
    await(world, "leasing -> walking", NULL);
    daemon_end(world->daemon);
    end(world);
    assert_non_null(strstr(buf_text(&world->logged), "1 run did not end in time: aborted"));
}

static void note_debt(const struct world *world, struct store *store, const char *journey)
{
    struct store_batch *batch = store_begin(store);
    AUTO_FREE char *debt = xasprintf(
        "{\"journey\":\"%s\",\"file\":\"%s/one.yaml\",\"persona\":\"desktop\",\"base\":\"http://"
        "127.0.0.1:1\",\"step\":\"order\",\"side\":0,\"run\":\"r\",\"created\":{\"id\":\"7\"}}",
        journey, world->directory);
    batch_note_debt(batch, &(struct store_debt){.id = journey,
                                                .run_id = "r",
                                                .journey = journey,
                                                .persona = "desktop",
                                                .step = "order",
                                                .debt = debt,
                                                .created_us = clock_wall_us(&clock_real)});
    store_commit(batch, NULL, NULL);
}

/* As a crash leaves it: of one journey, and of one that nobody knows any more. */
static void what_a_crash_left_is_undone_or_told_of(void **state)
{
    struct world *world = *state;
    AUTO_ERROR error = ERROR_NONE;
    AUTO_FREE char *path = path_join(world->directory, "shopper.db");
    struct store_settings settings = store_settings_default();
    struct store *store = store_open(path, &settings, &error);
    note_debt(world, store, "one");
    note_debt(world, store, "gone");
    assert_true(store_flush(store, PATIENCE_US));
    store_close(store);
    write_file(
        world, "one.yaml",
        "journey: one\nbase: http://127.0.0.1:1\nsteps:\n  - name: order\n    post: /orders\n"
        "    creates: {id: {json: $.id}}\n    undo: {delete: \"/orders/${id}\"}\n");
    assert_true(begin(world, "journeys: one.yaml\nstore: shopper.db\n"));
    await(world, "undoing what step \"order\" made before a crash", NULL);
    await(world, "stays in the shop: its journey is not watched any more", NULL);
    await(world, "something was left behind by 1 shopper", NULL);
    end(world);
}

static void stand_still(void *context)
{
    clock_fake_advance(&((struct world *)context)->clock, 3 * US_PER_SECOND);
}

static void set_the_clock(void *context)
{
    ((struct world *)context)->clock.wall_us += 3600 * US_PER_SECOND;
}

static void doubts_in_ourselves_are_logged_and_their_end(void **state)
{
    struct world *world = *state;
    struct timer still, jump;
    loop_free(world->loop);
    world->on_fake_time = true;
    clock_fake_init(&world->clock, INT64_C(1767225600) * US_PER_SECOND);
    world->loop = loop_new(&world->clock, NULL);
    write_journey(world, "one", "");
    assert_true(begin(world, "journeys: one.yaml\nstore: shopper.db\n"));
    timer_init(&still, world->loop, stand_still, world);
    timer_init(&jump, world->loop, set_the_clock, world);
    timer_set(&still, loop_now_us(world->loop) + 5500 * US_PER_MS);
    timer_set(&jump, loop_now_us(world->loop) + 30 * US_PER_SECOND);
    await(world, "what shoppers report is believed again", NULL);
    await(world, "the clock jumped", NULL);
    assert_true(store_flush(daemon_store(world->daemon), PATIENCE_US));
    store_poll(daemon_store(world->daemon)); /* what is written is released */
}

static void journey_that_cannot_be_walked_is_told_of(void **state)
{
    struct world *world = *state;
    unsetenv("SHOPPER_TEST_LOST");
    write_journey(world, "one", EVERY_SECOND "secrets: {pin: {env: SHOPPER_TEST_LOST}}\n");
    assert_true(begin(world, "journeys: one.yaml\nstore: shopper.db\n"));
    await(world, "one cannot be walked", NULL);
    end(world);
}

static void service_manager_is_told_how_it_stands(void **state)
{
    struct world *world = *state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char words[500];
    snprintf(address.sun_path, sizeof address.sun_path, "%s/notify", world->directory);
    int manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(manager, (const struct sockaddr *)&address, sizeof address), 0);
    setenv("NOTIFY_SOCKET", address.sun_path, 1);
    write_journey(world, "one", EVERY_SECOND);
    assert_true(begin(world, "journeys: one.yaml\nstore: shopper.db\n"));
    write_file(world, "shopper.yaml", "[]\n");
    daemon_reload(world->daemon);
    end(world);
    unsetenv("NOTIFY_SOCKET");
    for (ssize_t length; (length = recv(manager, words, sizeof words - 1, 0)) > 0;) {
        words[length] = '\0';
        if (!strncmp(words, "STATUS=", 7)) golden_note(words);
    }
    close(manager);
}

static void damaged_store_is_told_of(void **state)
{
    struct world *world = *state;
    write_journey(world, "one", "");
    write_file(world, "shopper.db", "this was a database once, or so people say");
    assert_true(begin(world, "journeys: one.yaml\nstore: shopper.db\n"));
    await(world, "is over: the store is written again", NULL);
    end(world);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_nobody_could_carry_out_is_refused),
        TEST(word_in_the_mailbox_is_answered_in_the_log),
        TEST(walk_that_cannot_be_had_is_refused),
        TEST(new_plan_is_taken_whole_or_not_at_all),
        TEST(daemon_begins_with_nothing_that_is_wrong),
        TEST(end_tells_how_many_it_waits_for),
        TEST(runs_that_clean_up_for_long_are_aborted),
        TEST(what_a_crash_left_is_undone_or_told_of),
        TEST(doubts_in_ourselves_are_logged_and_their_end),
        TEST(journey_that_cannot_be_walked_is_told_of),
        TEST(service_manager_is_told_how_it_stands),
        TEST(damaged_store_is_told_of),
        PIN_MESSAGES("watch/daemon.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
