/* SPDX-License-Identifier: Apache-2.0 */
/* Debts that outlive their process: written down before the request, paid by another run. */
#include "run_fixture.h"

#include "run/debt.h"

#include <stdio.h>

#define ORDER                                                                                      \
    HEAD "  - {name: sign in, post: /s, capture: {token: {json: $.token}}}\n"                      \
         "  - name: order\n    post: /orders\n    creates: {id: {json: $.id}}\n"                   \
         "    find: {get: /latest, json: $.id}\n"                                                  \
         "    undo: [{delete: \"/orders/${id}?t=${token}\"}]\n"

/* A ledger on fake time: writing takes 50 ms, or as long as a test says. */
struct paper {
    struct ledger ledger;
    struct loop *loop;
    int64_t note_us, settle_us;
    char text[4][2000]; /* what happened, in order */
    size_t count;
    char debt[2000], id[ID_UUID_SIZE], caps[200];
    const struct fixture *fixture;
    size_t sent; /* requests, when it was last told */
};

struct ledger_ticket {
    struct timer timer;
    void (*written)(void *context);
    void *context;
};

static void add(struct paper *paper, const char *word)
{
    assert_true(paper->count < 4);
    snprintf(paper->text[paper->count++], 2000, "%s", word);
}

static void on_written(void *context)
{
    struct ledger_ticket *ticket = context;
    void (*written)(void *) = ticket->written;
    void *whose = ticket->context;
    free(ticket);
    written(whose);
}

static struct ledger_ticket *write_later(struct paper *paper, int64_t takes_us,
                                         void (*written)(void *context), void *context)
{
    struct ledger_ticket *ticket = NEW(struct ledger_ticket);
    ticket->written = written;
    ticket->context = context;
    timer_init(&ticket->timer, paper->loop, on_written, ticket);
    timer_set(&ticket->timer, loop_now_us(paper->loop) + takes_us);
    return ticket;
}

static struct ledger_ticket *note(struct ledger *ledger, const char *id, struct view debt,
                                  struct view caps, void (*written)(void *context), void *context)
{
    struct paper *paper = (struct paper *)ledger;
    add(paper, id && caps.length ? "note and count" : id ? "note" : "count");
    snprintf(paper->id, sizeof paper->id, "%s", id ? id : "");
    snprintf(paper->caps, sizeof paper->caps, "%.*s", VIEW_PRINTF(caps));
    paper->sent = paper->fixture->fake.sent_count;
    snprintf(paper->debt, sizeof paper->debt, "%.*s", VIEW_PRINTF(debt));
    return write_later(paper, paper->note_us, written, context);
}

static void cancel(struct ledger_ticket *ticket)
{
    timer_cancel(&ticket->timer);
    free(ticket);
}

static void learn(struct ledger *ledger, const char *id, struct view debt)
{
    struct paper *paper = (struct paper *)ledger;
    assert_string_equal(id, paper->id);
    add(paper, "learn");
    snprintf(paper->debt, sizeof paper->debt, "%.*s", VIEW_PRINTF(debt));
}

static struct ledger_ticket *settle(struct ledger *ledger, const char *id,
                                    void (*written)(void *context), void *context)
{
    struct paper *paper = (struct paper *)ledger;
    assert_string_equal(id, paper->id);
    add(paper, "settle");
    return write_later(paper, paper->settle_us, written, context);
}

static void give_up(struct ledger *ledger, const char *id, const char *why)
{
    assert_string_equal(id, ((struct paper *)ledger)->id);
    assert_string_equal(why, "undoing it failed (http: status 500)");
    add((struct paper *)ledger, "give up");
}

static void keep_ledger(struct fixture *fixture, struct paper *paper)
{
    static const struct ledger_operations operations = {note, cancel, learn, settle, give_up};
    *paper = (struct paper){.ledger = {&operations},
                            .loop = fixture->loop,
                            .fixture = fixture,
                            .note_us = 50 * US_PER_MS,
                            .settle_us = 50 * US_PER_MS};
    fixture->engine.ledger = &paper->ledger;
}

static void expect(const struct paper *paper, const char *wanted)
{
    AUTO_BUF all = BUF_INIT(1000);
    for (size_t i = 0; i < paper->count; i++) buf_addf(&all, "%s%s", i ? ", " : "", paper->text[i]);
    assert_string_equal(buf_text(&all), wanted);
}

static void debt_is_written_before_the_request_and_settled_after(void **state)
{
    struct fixture *fixture = *state;
    struct paper paper;
    keep_ledger(fixture, &paper);
    const struct run_report *report =
        WALK(ORDER, {.body = "{\"token\":\"T\"}"}, {.body = "{\"id\":7}"}, {.status = 204});
    assert_verdict(report, VERDICT_PASS);
    assert_int_equal(report->duration_us, 80 * US_PER_MS);
    expect(&paper, "note, learn, settle");
}

static void request_that_never_left_is_no_debt(void **state)
{
    struct fixture *fixture = *state;
    struct paper paper;
    keep_ledger(fixture, &paper);
    fixture->stop_at_us = 30 * US_PER_MS; /* amid the writing */
    WALK(ORDER, {.body = "{\"token\":\"T\"}"});
    assert_int_equal(fixture->fake.sent_count, 1);
    expect(&paper, "note, settle");
}

/* Else a process that dies in between leaves a debt that nobody is let in to pay. */
static void shopper_logs_out_when_its_payment_is_written(void **state)
{
    struct fixture *fixture = *state;
    struct paper paper;
    keep_ledger(fixture, &paper);
    const struct run_report *report =
        WALK(ORDER "finally: [{name: leave, post: /out}]\n", {.body = "{\"token\":\"T\"}"},
             {.body = "{\"id\":7}"}, {.status = 204}, {.status = 200});
    assert_verdict(report, VERDICT_PASS);
    assert_int_equal(fixture->fake.sent_count, 4);
    assert_int_equal(report->duration_us, (50 + 50 + 4 * 10) * US_PER_MS);
    expect(&paper, "note, learn, settle");
}

static void undo_that_fails_is_given_up(void **state)
{
    struct fixture *fixture = *state;
    struct paper paper;
    keep_ledger(fixture, &paper);
    WALK(ORDER, {.body = "{\"token\":\"T\"}"}, {.body = "{\"id\":7}"}, {.status = 500});
    expect(&paper, "note, learn, give up");
}

/* Else whoever tries again is not let in. */
static void shopper_whose_undo_failed_does_not_log_out(void **state)
{
    struct fixture *fixture = *state;
    struct paper paper;
    keep_ledger(fixture, &paper);
    const struct run_report *report =
        WALK(ORDER "finally: [{name: leave, post: /out}]\n", {.body = "{\"token\":\"T\"}"},
             {.body = "{\"id\":7}"}, {.status = 500}, {.status = 200});
    assert_int_equal(fixture->fake.sent_count, 3);
    assert_int_equal(report->residue.count, 1);
    expect(&paper, "note, learn, give up");
}

/* Whose disk is slow is no matter of the shop: the shopper does not buy, and says that it is us. */
static void debt_that_cannot_be_written_is_not_made(void **state)
{
    struct fixture *fixture = *state;
    struct paper paper;
    keep_ledger(fixture, &paper);
    paper.note_us = paper.settle_us = 100 * US_PER_SECOND;
    const struct run_report *report = WALK(ORDER "  - {name: after, get: /after}\n"
                                                 "finally: [{name: leave, post: /out}]\n",
                                           {.body = "{\"token\":\"T\"}"}, {.status = 200});
    assert_verdict(report, VERDICT_UNKNOWN);
    assert_failure(
        report, "order", "prober",
        "what it is about to do could not be written down within 2 s, so nothing was sent");
    assert_int_equal(fixture->fake.sent_count, 2); /* signed in, and left */
    assert_int_equal(report->residue.count, 0);
    assert_int_equal(report->duration_us, 2 * US_PER_SECOND + 20 * US_PER_MS);
    expect(&paper, "note, settle");
}

/* Whoever dies right after the request has counted it. */
static void count_of_a_cap_is_written_before_the_request(void **state)
{
    struct fixture *fixture = *state;
    struct paper paper;
    keep_ledger(fixture, &paper);
    const struct run_report *report =
        WALK(HEAD "  - {name: look, get: /}\n"
                  "  - {name: buy, post: /orders, only: {at_most: 2/day}}\n"
                  "  - {name: look again, get: /}\n",
             {0}, {0}, {0});
    assert_verdict(report, VERDICT_PASS);
    expect(&paper, "count");
    assert_string_equal(paper.caps, "{\"test\\nbuy\":[20454,1]}");
    assert_int_equal(paper.sent, 1);
    assert_int_equal(fixture->fake.sent_count, 3);
}

static void count_is_written_with_the_debt(void **state)
{
    struct fixture *fixture = *state;
    struct paper paper;
    keep_ledger(fixture, &paper);
    WALK(HEAD "  - {name: buy, post: /orders, only: {at_most: 2/day}, undo: [{delete: /orders}]}\n",
         {0}, {0});
    expect(&paper, "note and count, settle");
}

static void count_that_cannot_be_written_sends_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct paper paper;
    keep_ledger(fixture, &paper);
    paper.note_us = 100 * US_PER_SECOND;
    const struct run_report *report =
        WALK(HEAD "  - {name: buy, post: /orders, only: {at_most: 2/day}}\n", {0});
    assert_verdict(report, VERDICT_UNKNOWN);
    assert_int_equal(fixture->fake.sent_count, 0);
    expect(&paper, "count");
}

static void optional_step_whose_debt_cannot_be_written_degrades_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct paper paper;
    keep_ledger(fixture, &paper);
    paper.note_us = 100 * US_PER_SECOND;
    const struct run_report *report = WALK(
        HEAD "  - {name: order, optional: true, post: /orders, undo: [{delete: /orders}]}\n", {0});
    assert_verdict(report, VERDICT_UNKNOWN);
}

/* The deadline is the shop's: what our disk takes is not counted. */
static void deadline_waits_while_a_debt_is_written(void **state)
{
    static const struct {
        int64_t note_us;
        bool answers;
        enum verdict verdict;
        const char *kind;
        int64_t duration_us;
    } cases[] = {
        {1500 * US_PER_MS, true, VERDICT_PASS, NULL, 1520 * US_PER_MS},
        {1500 * US_PER_MS, false, VERDICT_FAIL, "timeout", 2500 * US_PER_MS},
        {3000 * US_PER_MS, true, VERDICT_UNKNOWN, "prober", 2000 * US_PER_MS},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        void *fresh;
        run_fixture_set_up(&fresh);
        struct fixture *fixture = fresh;
        struct paper paper;
        keep_ledger(fixture, &paper);
        paper.note_us = cases[i].note_us;
        const struct fake_answer answers[] = {{.never = !cases[i].answers}, {.status = 204}};
        const struct run_report *report =
            walk(fixture,
                 "journey: test\nbase: http://shop.test\ndeadline: 1s\nsteps:\n"
                 "  - {name: order, post: /orders, undo: [{delete: /orders}]}\n",
                 answers, COUNT_OF(answers));
        assert_verdict(report, cases[i].verdict);
        if (cases[i].kind) assert_failure(report, "order", cases[i].kind, NULL);
        if (cases[i].answers) assert_int_equal(report->duration_us, cases[i].duration_us);
        assert_int_equal(run_fixture_tear_down(&fresh), 0);
    }
}

static void shopper_logs_out_when_its_payment_cannot_be_written(void **state)
{
    struct fixture *fixture = *state;
    struct paper paper;
    keep_ledger(fixture, &paper);
    paper.settle_us = 100 * US_PER_SECOND;
    const struct run_report *report =
        WALK(ORDER "finally: [{name: leave, post: /out}]\n", {.body = "{\"token\":\"T\"}"},
             {.body = "{\"id\":7}"}, {.status = 204}, {.status = 200});
    assert_verdict(report, VERDICT_PASS);
    assert_int_equal(fixture->fake.sent_count, 4);
    assert_true(report->duration_us < 3 * US_PER_SECOND);
    expect(&paper, "note, learn, settle");
}

/* The first process dies amid its order; the second has nothing but the paper. */
static void die_amid_the_order(struct fixture *fixture, struct paper *paper, bool answered)
{
    static const struct fake_answer unanswered[] = {{.body = "{\"token\":\"T\"}"}, {.never = true}};
    static const struct fake_answer undo_hangs[] = {
        {.body = "{\"token\":\"T\"}"}, {.body = "{\"id\":7}"}, {.never = true}};
    keep_ledger(fixture, paper);
    fixture->abort_at_us = 200 * US_PER_MS;
    walk(fixture, ORDER, answered ? undo_hangs : unanswered, answered ? 3 : 2);
    assert_string_equal(paper->text[paper->count - 1], answered ? "learn" : "note");
    fixture->abort_at_us = 0;
    paper->count = 0;
}

static void pay(struct fixture *fixture, const struct paper *paper,
                const struct fake_answer *script, size_t count)
{
    struct journey *journey = load(ORDER);
    struct diags diags = DIAGS_INIT;
    const struct run_options options = {
        .journey = journey, .debt = paper->debt, .debt_id = paper->id};
    fake_client_release(&fixture->fake); /* what the dead process sent */
    fixture->fake.script = script;
    fixture->fake.script_count = count;
    fixture->fake.next = 0;
    assert_non_null(run_start(&fixture->engine, &options, fixture_done, fixture, &diags));
    loop_run(fixture->loop);
    journey_free(journey);
    diags_release(&diags);
}

static void debt_of_a_dead_process_is_paid(void **state)
{
    struct fixture *fixture = *state;
    static const struct fake_answer script[] = {{.status = 204}};
    struct paper paper;
    die_amid_the_order(fixture, &paper, true);
    pay(fixture, &paper, script, 1);
    assert_string_equal(fixture->fake.sent[0].line, "DELETE http://shop.test/orders/7?t=T");
    assert_string_equal(fixture->fake.loaded_cookies, "cookies of session 1");
    assert_int_equal(fixture->fake.sent_count, 1);
    assert_int_equal(fixture->reports[1]->residue.count, 0);
    expect(&paper, "settle");
}

static void lost_reply_of_a_dead_process_is_looked_for(void **state)
{
    struct fixture *fixture = *state;
    static const struct fake_answer script[] = {{.body = "{\"id\":8}"}, {.status = 204}};
    struct paper paper;
    die_amid_the_order(fixture, &paper, false);
    pay(fixture, &paper, script, 2);
    assert_string_equal(fixture->fake.sent[0].line, "GET http://shop.test/latest");
    assert_string_equal(fixture->fake.sent[1].line, "DELETE http://shop.test/orders/8?t=T");
    expect(&paper, "learn, settle");
}

/* It died between undoing and writing that down. */
static void what_is_gone_already_is_settled(void **state)
{
    struct fixture *fixture = *state;
    static const struct fake_answer script[] = {{.status = 404}};
    struct paper paper;
    die_amid_the_order(fixture, &paper, true);
    pay(fixture, &paper, script, 1);
    assert_int_equal(fixture->reports[1]->residue.count, 0);
    assert_verdict(fixture->reports[1], VERDICT_PASS);
    expect(&paper, "settle");
}

static void debt_of_another_journey_is_residue(void **state)
{
    struct fixture *fixture = *state;
    struct paper paper = {0};
    keep_ledger(fixture, &paper);
    snprintf(paper.debt, sizeof paper.debt, "{\"side\":3,\"step\":\"gone\"}");
    pay(fixture, &paper, NULL, 0);
    assert_int_equal(fixture->reports[0]->residue.count, 1);
    assert_string_equal(fixture->reports[0]->residue.items[0].what,
                        "the journey has no step 'gone' with an undo any more");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, run_fixture_set_up, run_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(debt_is_written_before_the_request_and_settled_after),
        TEST(shopper_logs_out_when_its_payment_is_written),
        TEST(request_that_never_left_is_no_debt),
        TEST(undo_that_fails_is_given_up),
        TEST(shopper_whose_undo_failed_does_not_log_out),
        TEST(debt_that_cannot_be_written_is_not_made),
        TEST(optional_step_whose_debt_cannot_be_written_degrades_nothing),
        TEST(deadline_waits_while_a_debt_is_written),
        TEST(count_of_a_cap_is_written_before_the_request),
        TEST(count_is_written_with_the_debt),
        TEST(count_that_cannot_be_written_sends_nothing),
        TEST(shopper_logs_out_when_its_payment_cannot_be_written),
        TEST(debt_of_a_dead_process_is_paid),
        TEST(lost_reply_of_a_dead_process_is_looked_for),
        TEST(what_is_gone_already_is_settled),
        TEST(debt_of_another_journey_is_residue),
        PIN_MESSAGES("run/debt.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
