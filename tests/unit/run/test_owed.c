/* SPDX-License-Identifier: Apache-2.0 */
/* What a shop may have made is undone, looked for, or told. */
#include "run_fixture.h"

#define ORDER                                                                                      \
    HEAD "  - name: order\n    post: /orders\n    creates: {id: {json: $.id}}\n"                   \
         "    undo: {delete: \"/orders/${id}\"}\n"
#define ORDER_FIND                                                                                 \
    HEAD "  - name: order\n    post: /orders\n    creates: {id: {json: $.id}}\n"                   \
         "    find: {get: \"/orders?key=${run.id}\", json: $.id}\n    undo: {delete: "             \
         "\"/orders/${id}\"}\n"

static void what_a_step_creates_is_undone_latest_first(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(ORDER "  - {name: cart, post: /carts, creates: {cart: {json: $.id}}, undo: {delete: "
                   "\"/carts/${cart}\"}}\n",
             {.body = "{\"id\":1}"}, {.body = "{\"id\":2}"}, {.status = 204}, {.status = 204});
    assert_verdict(report, VERDICT_PASS);
    assert_string_equal(fixture->fake.sent[2].line, "DELETE http://shop.test/carts/2");
    assert_string_equal(fixture->fake.sent[3].line, "DELETE http://shop.test/orders/1");
    assert_int_equal(report->residue.count, 0);
}

static void undo_walks_when_a_later_step_fails(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(ORDER "  - {name: pay, post: /pay}\n", {.body = "{\"id\":1}"}, {.status = 500},
             {.status = 204});
    assert_verdict(report, VERDICT_FAIL);
    assert_string_equal(fixture->fake.sent[2].line, "DELETE http://shop.test/orders/1");
}

#define PARCEL(more)                                                                               \
    HEAD "  - name: order\n    post: /orders\n    creates: {id: {json: $.id}, parcel: {json: "     \
         "$.p}}\n" more

static void what_is_named_in_part_is_undone_by_that_part(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report = WALK(PARCEL("    undo: {delete: \"/orders/${id}\"}\n"),
                                           {.body = "{\"id\":1}"}, {.status = 204});
    assert_failure(report, "order", "content", "cannot capture 'parcel': no value at $.p");
    assert_int_equal(fixture->fake.sent_count, 2);
    assert_string_equal(fixture->fake.sent[1].line, "DELETE http://shop.test/orders/1");
    assert_int_equal(report->residue.count, 0);
}

static void what_is_named_in_part_is_looked_for_and_never_forgotten(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report = WALK(
        PARCEL("    find: {get: /latest, json: $.id}\n    undo: {delete: \"/orders/${id}\"}\n"),
        {.body = "{\"p\":7}"}, {.body = "{\"id\":1}"}, {.status = 204});
    assert_int_equal(fixture->fake.sent_count, 3);
    assert_string_equal(fixture->fake.sent[2].line, "DELETE http://shop.test/orders/1");
    assert_int_equal(report->residue.count, 0);
}

static void part_that_is_not_enough_is_residue(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report = WALK(PARCEL("    find: {get: /latest, json: $.id}\n"
                                                  "    undo: {delete: \"/parcels/${parcel}\"}\n"),
                                           {.body = "{\"id\":1}"}, {.status = 404});
    assert_int_equal(fixture->fake.sent_count, 2);
    assert_int_equal(report->residue.count, 1);
    assert_string_equal(report->residue.items[0].what,
                        "id = 1: undoing it failed (content: parcel is not set)");
}

/* What an earlier turn of `each` made is not what this one did. */
static void part_that_is_missing_is_not_taken_from_elsewhere(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(PARCEL("    each: {n: [1, 2]}\n    undo: {delete: \"/parcels/${parcel}\"}\n"),
             {.body = "{\"id\":1,\"p\":7}"}, {.body = "{\"id\":2}"}, {.status = 204});
    assert_int_equal(fixture->fake.sent_count, 3);
    assert_string_equal(fixture->fake.sent[2].line, "DELETE http://shop.test/parcels/7");
    assert_int_equal(report->residue.count, 1);
}

static void optional_step_of_cleaning_up_leaves_nothing_behind(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(HEAD "  - name: order\n    post: /orders\n    creates: {id: {json: $.id}}\n"
                  "    undo: [{get: /mail, optional: true}, {delete: \"/orders/${id}\"}]\n"
                  "finally:\n  - {name: bye, post: /logout, optional: true}\n",
             {.body = "{\"id\":1}"}, {.status = 500}, {.status = 204}, {.status = 502});
    assert_verdict(report, VERDICT_DEGRADED);
    assert_string_equal(fixture->fake.sent[2].line, "DELETE http://shop.test/orders/1");
    assert_int_equal(report->residue.count, 0);
    assert_string_equal(report->steps.items[1].failure.message, "status 500");
    assert_int_equal(report->steps.items[3].failure.kind, OUTCOME_HTTP);
}

static void undo_that_fails_is_residue(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report = WALK(ORDER, {.body = "{\"id\":1}"}, {.status = 500});
    assert_verdict(report, VERDICT_DEGRADED);
    assert_int_equal(report->residue.count, 1);
    assert_string_equal(report->residue.items[0].what,
                        "id = 1: undoing it failed (http: status 500)");
}

#define CHECKED_ORDER                                                                              \
    HEAD "  - name: order\n    post: /orders\n    creates: {id: {json: $.id}}\n"                   \
         "    undo: {delete: \"/orders/${id}\"}\n    check: [{json: $.state, equals: paid}]\n"

static void order_whose_answer_is_not_good_enough_is_undone(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(CHECKED_ORDER, {.body = "{\"id\":17,\"state\":\"open\"}"}, {.status = 204});
    assert_failure(report, "order", "content", NULL);
    assert_int_equal(fixture->fake.sent_count, 2);
    assert_string_equal(fixture->fake.sent[1].line, "DELETE http://shop.test/orders/17");
    assert_int_equal(report->residue.count, 0);
}

static void number_in_an_error_is_no_order(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report = WALK(CHECKED_ORDER, {.status = 500, .body = "{\"id\":17}"});
    assert_failure(report, "order", "http", NULL);
    assert_int_equal(fixture->fake.sent_count, 1);
    assert_int_equal(report->residue.count, 1);
}

static void assert_nothing_to_undo_by(struct fixture *fixture, const char *body,
                                      const char *message)
{
    const struct run_report *report = WALK(ORDER, {.body = body});
    assert_failure(report, "order", "content", message);
    assert_int_equal(fixture->fake.sent_count, 1);
    assert_int_equal(report->residue.count, 1);
}

#define PATIENT(undo)                                                                              \
    HEAD "  - name: order\n    post: /orders\n    creates: {id: {json: $.id}}\n"                   \
         "    until: {within: 5s, every: 500ms}\n    check: [{json: $.ok, equals: true}]\n" undo

static void what_every_attempt_created_is_undone(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(PATIENT("    undo: {delete: \"/orders/${id}\"}\n"),
             {.body = "{\"id\":1,\"ok\":false}"}, {.body = "{\"id\":2,\"ok\":false}"},
             {.body = "{\"id\":3,\"ok\":true}"}, {.status = 204}, {.status = 204}, {.status = 204});
    assert_verdict(report, VERDICT_PASS);
    assert_int_equal(fixture->fake.sent_count, 6);
    assert_string_equal(fixture->fake.sent[3].line, "DELETE http://shop.test/orders/3");
    assert_string_equal(fixture->fake.sent[4].line, "DELETE http://shop.test/orders/2");
    assert_string_equal(fixture->fake.sent[5].line, "DELETE http://shop.test/orders/1");
    assert_int_equal(report->residue.count, 0);
}

static void one_order_that_attempts_share_is_undone_once(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(PATIENT("    undo: {delete: \"/orders/${id}\"}\n"),
             {.body = "{\"id\":1,\"ok\":false}"}, {.body = "{\"id\":2,\"ok\":false}"},
             {.body = "{\"id\":1,\"ok\":true}"}, {.status = 204}, {.status = 204});
    assert_verdict(report, VERDICT_PASS);
    assert_int_equal(fixture->fake.sent_count, 5);
    assert_string_equal(fixture->fake.sent[3].line, "DELETE http://shop.test/orders/1");
    assert_string_equal(fixture->fake.sent[4].line, "DELETE http://shop.test/orders/2");
    assert_int_equal(report->residue.count, 0);
}

static void attempt_that_says_nothing_is_looked_for(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(PATIENT("    find: {get: \"/orders?key=1\", json: $.id}\n"
                     "    undo: {delete: \"/orders/${id}\"}\n"),
             {.body = "{\"ok\":false}"}, {.body = "{\"id\":2,\"ok\":true}"}, {.status = 204},
             {.status = 404});
    assert_verdict(report, VERDICT_PASS);
    assert_string_equal(fixture->fake.sent[2].line, "DELETE http://shop.test/orders/2");
    assert_string_equal(fixture->fake.sent[3].line, "GET http://shop.test/orders?key=1");
    assert_int_equal(report->residue.count, 0);
}

static void looking_again_creates_nothing_more(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(HEAD "  - name: order\n    get: /orders/latest\n    creates: {id: {json: $.id}}\n"
                  "    until: {within: 5s, every: 500ms}\n    check: [{json: $.id}]\n"
                  "    undo: {delete: \"/orders/${id}\"}\n",
             {.body = "{}"}, {.body = "{\"id\":2}"}, {.status = 204});
    assert_verdict(report, VERDICT_PASS);
    assert_int_equal(fixture->fake.sent_count, 3);
    assert_int_equal(report->residue.count, 0);
}

static void empty_text_is_nothing_to_undo_by(void **state)
{
    assert_nothing_to_undo_by(*state, "{\"id\":\" \"}",
                              "cannot undo by 'id': it is an empty text, and names nothing");
}

static void null_is_nothing_to_undo_by(void **state)
{
    assert_nothing_to_undo_by(*state, "{\"id\":null}",
                              "cannot undo by 'id': it is null, and names nothing");
}

static void object_is_nothing_to_undo_by(void **state)
{
    assert_nothing_to_undo_by(*state, "{\"id\":{\"a\":1}}",
                              "cannot undo by 'id': it is an object, and names nothing");
}

static void empty_name_is_looked_for(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(ORDER_FIND, {.body = "{\"id\":\"\"}"}, {.body = "{\"id\":77}"}, {.status = 204});
    assert_verdict(report, VERDICT_FAIL);
    assert_string_equal(fixture->fake.sent[2].line, "DELETE http://shop.test/orders/77");
    assert_int_equal(report->residue.count, 0);
}

static void find_that_brings_an_empty_name_is_residue(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(ORDER_FIND, {.kind = OUTCOME_RESET}, {.body = "{\"id\":\"\"}"});
    assert_int_equal(report->residue.count, 1);
    assert_int_equal(fixture->fake.sent_count, 2);
}

static void lost_reply_is_looked_for_and_undone(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(ORDER_FIND, {.kind = OUTCOME_RESET}, {.body = "{\"id\":77}"}, {.status = 204});
    assert_verdict(report, VERDICT_FAIL);
    assert_failure(report, "order", "reset", NULL);
    assert_string_equal(fixture->fake.sent[2].line, "DELETE http://shop.test/orders/77");
    assert_int_equal(report->residue.count, 0);
}

static void lost_reply_without_find_is_residue(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report = WALK(ORDER, {.kind = OUTCOME_RESET});
    assert_int_equal(report->residue.count, 1);
    assert_int_equal(fixture->fake.sent_count, 1);
}

static void request_that_never_left_owes_nothing(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report = WALK(ORDER, {.kind = OUTCOME_CONNECT, .not_sent = true});
    assert_int_equal(report->residue.count, 0);
}

static void find_that_finds_nothing_settles_the_debt(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(ORDER_FIND, {.kind = OUTCOME_RESET}, {.status = 404, .body = "{}"});
    assert_int_equal(report->residue.count, 0);
    assert_int_equal(fixture->fake.sent_count, 2);
}

static void find_that_fails_itself_is_residue(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report =
        WALK(ORDER_FIND, {.kind = OUTCOME_RESET}, {.kind = OUTCOME_FREEZE});
    assert_int_equal(report->residue.count, 1);
}

static void undo_with_a_fresh_session_is_another_visitor(void **state)
{
    struct fixture *fixture = *state;
    WALK(HEAD "  - name: order\n    post: /orders\n    creates: {id: {json: $.id}}\n    undo:\n"
              "      - {post: /admin, fresh: session, capture: {token: {json: $.token}}}\n"
              "      - {delete: \"/orders/${id}\", auth: {bearer: \"${token}\"}}\n"
              "finally:\n  - {name: bye, post: /logout}\n",
         {.body = "{\"id\":1}"}, {.body = "{\"token\":\"T\"}"}, {.status = 204}, {.status = 200});
    assert_int_equal(fixture->fake.sent[1].session, 2);
    assert_int_equal(fixture->fake.sent[2].session, 2);
    assert_string_equal(fixture->fake.sent[2].authorization, "Bearer T");
    assert_int_equal(fixture->fake.sent[3].session, 1);
}

static void interrupted_run_still_undoes(void **state)
{
    struct fixture *fixture = *state;
    fixture->stop_at_us = 5 * US_PER_SECOND;
    const struct run_report *report =
        WALK(ORDER "  - {name: hangs, get: /b}\n", {.body = "{\"id\":1}"}, {.never = true},
             {.status = 204});
    assert_verdict(report, VERDICT_UNKNOWN);
    assert_string_equal(report->stopped, "interrupted");
    assert_string_equal(fixture->fake.sent[2].line, "DELETE http://shop.test/orders/1");
}

static void run_interrupted_amid_its_order_looks_for_it(void **state)
{
    struct fixture *fixture = *state;
    fixture->stop_at_us = 5 * US_PER_SECOND;
    const struct run_report *report =
        WALK(ORDER_FIND, {.never = true}, {.body = "{\"id\":5}"}, {.status = 204});
    assert_int_equal(report->residue.count, 0);
    assert_string_equal(fixture->fake.sent[2].line, "DELETE http://shop.test/orders/5");
}

static void aborted_run_says_what_is_left(void **state)
{
    struct fixture *fixture = *state;
    fixture->abort_at_us = 5 * US_PER_SECOND;
    const struct run_report *report =
        WALK(ORDER "  - {name: hangs, get: /b}\n", {.body = "{\"id\":1}"}, {.never = true});
    assert_verdict(report, VERDICT_UNKNOWN);
    assert_int_equal(report->residue.count, 1);
    assert_string_equal(report->residue.items[0].what, "id = 1: aborted before it could be undone");
}

static void cleaning_up_has_a_deadline_of_its_own(void **state)
{
    struct fixture *fixture = *state;
    const struct run_report *report = WALK(ORDER, {.body = "{\"id\":1}"}, {.never = true});
    assert_int_equal(report->residue.count, 1);
    assert_int_equal(report->duration_us, 30 * US_PER_SECOND + 10 * US_PER_MS);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, run_fixture_set_up, run_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_a_step_creates_is_undone_latest_first),
        TEST(undo_walks_when_a_later_step_fails),
        TEST(what_is_named_in_part_is_undone_by_that_part),
        TEST(what_is_named_in_part_is_looked_for_and_never_forgotten),
        TEST(part_that_is_not_enough_is_residue),
        TEST(part_that_is_missing_is_not_taken_from_elsewhere),
        TEST(optional_step_of_cleaning_up_leaves_nothing_behind),
        TEST(undo_that_fails_is_residue),
        TEST(order_whose_answer_is_not_good_enough_is_undone),
        TEST(number_in_an_error_is_no_order),
        TEST(what_every_attempt_created_is_undone),
        TEST(one_order_that_attempts_share_is_undone_once),
        TEST(attempt_that_says_nothing_is_looked_for),
        TEST(looking_again_creates_nothing_more),
        TEST(empty_text_is_nothing_to_undo_by),
        TEST(null_is_nothing_to_undo_by),
        TEST(object_is_nothing_to_undo_by),
        TEST(empty_name_is_looked_for),
        TEST(find_that_brings_an_empty_name_is_residue),
        TEST(lost_reply_is_looked_for_and_undone),
        TEST(lost_reply_without_find_is_residue),
        TEST(request_that_never_left_owes_nothing),
        TEST(find_that_finds_nothing_settles_the_debt),
        TEST(find_that_fails_itself_is_residue),
        TEST(undo_with_a_fresh_session_is_another_visitor),
        TEST(interrupted_run_still_undoes),
        TEST(run_interrupted_amid_its_order_looks_for_it),
        TEST(aborted_run_says_what_is_left),
        TEST(cleaning_up_has_a_deadline_of_its_own),
        PIN_MESSAGES("run/owed.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
