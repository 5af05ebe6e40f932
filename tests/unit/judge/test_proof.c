/* SPDX-License-Identifier: Apache-2.0 */
/* What a run proves: an outage, that it is over, or nothing. */
#include "story.h"

#include "support/golden.h"

/* Each row is a story, one letter a run: F fails, ? cannot tell, . passes. */
static void unknown_is_no_failure_and_no_blip(void **state)
{
    static const struct {
        const char *runs, *told;
        unsigned blips;
    } cases[] = {
        {"..?F.", "", 1},
        {"..F?.", "", 1},
        {"..?F?F", "opened 1; ", 0}, /* two failures, and no success between them */
        {"..F?F..", "opened 1; resolved 1; ", 0},
        {"..?F?.", "", 1},
        {"..?.?.", "", 0},
        {"..??..", "opened 3; resolved 3; ", 0},
        {"..F??", "opened 3; ", 0},
        {"..F??F", "opened 3; opened 1; ", 0}, /* what failed before we were blind counts */
    };
    (void)state;
    for (size_t restarts = 0; restarts < 2; restarts++) {
        for (size_t i = 0; i < COUNT_OF(cases); i++) {
            struct story story;
            begin(&story);
            for (const char *at = cases[i].runs; *at; at++) {
                run(&story, *at == 'F' ? &no_price : *at == '?' ? &blind : &good);
                pass_time(&story, 5 * US_PER_SECOND);
                if (restarts) restart(&story);
            }
            expect(&story, cases[i].told);
            assert_int_equal(story.blips, cases[i].blips);
            end(&story);
        }
    }
}

/* --- What a host's incident hides */

static const struct seen down = {.stages = "login,price-view,checkout",
                                 .stage = "login",
                                 .verdict = VERDICT_FAIL,
                                 .kind = OUTCOME_CONNECT},
                         error = {.stages = "login,price-view,checkout",
                                  .stage = "login",
                                  .verdict = VERDICT_FAIL,
                                  .kind = OUTCOME_HTTP};
static const char *const shoppers[] = {"a", "b", "c", "d"};

static void all(struct story *story, const struct seen *seen, size_t from, unsigned count)
{
    for (; count; count--) {
        for (size_t i = from; i < COUNT_OF(shoppers); i++) {
            const struct seen one = as(*seen, shoppers[i], NULL);
            run(story, &one);
        }
        pass_time(story, MINUTE);
    }
}

static void host_incident_of_one_hides_no_outage_of_the_others(void **state)
{
    (void)state;
    struct story story;
    const struct seen one_down = as(down, "a", NULL);
    begin(&story);
    all(&story, &good, 0, 1);
    times(&story, &one_down, 2);
    expect(&story, "opened 2; ");
    all(&story, &no_price, 1, 2);
    expect(&story, "opened 1; ");
    assert_string_equal(story.last.signature, "stage:price-view/price");
    end(&story);
}

static void host_incident_takes_in_what_else_a_dead_host_shows(void **state)
{
    (void)state;
    struct story story;
    const struct seen half_dead = as(error, "b", NULL), dead = as(down, "b", NULL);
    begin(&story);
    all(&story, &down, 0, 2);
    expect(&story, "opened 1; ");
    for (int i = 0; i < 5; i++) { /* it was down for this shopper, and for most it is */
        times(&story, &half_dead, 1);
        times(&story, &dead, 1);
    }
    expect(&story, "");
    times(&story, &half_dead, 2); /* it is up again, and in trouble */
    expect(&story, "opened 2; ");
    assert_string_equal(story.last.signature, "stage:login/http");
    end(&story);
}

/* --- What ends an incident */

static const struct seen pay_down = {.journey = "checkout",
                                     .stages = "login,price-view,checkout",
                                     .stage = "checkout",
                                     .verdict = VERDICT_FAIL,
                                     .kind = OUTCOME_CONNECT,
                                     .host = "pay.test"},
                         pay_blocked = {.journey = "checkout",
                                        .stages = "login,price-view,checkout",
                                        .stage = "checkout",
                                        .verdict = VERDICT_FAIL,
                                        .kind = OUTCOME_BLOCKED,
                                        .host = "pay.test"},
                         pay_error = {.journey = "checkout",
                                      .stages = "login,price-view,checkout",
                                      .stage = "checkout",
                                      .verdict = VERDICT_FAIL,
                                      .kind = OUTCOME_HTTP,
                                      .host = "pay.test"},
                         without_pay = {.journey = "checkout", .stages = "login,price-view"},
                         not_so_far = {.journey = "checkout",
                                       .stages = "login,price-view,checkout",
                                       .stage = "price-view",
                                       .verdict = VERDICT_FAIL,
                                       .kind = OUTCOME_HTTP};

static void run_ends_what_it_got_to_see(void **state)
{
    static const struct {
        const struct seen *met, *then;
        bool ends;
    } cases[] = {
        {&pay_down, &good, true},
        {&pay_down, &not_so_far, false},
        {&pay_down, &pay_error, true},
        {&pay_down, &pay_blocked, true},
        {&pay_down, &without_pay, false}, /* a session was kept, say */
        {&pay_blocked, &good, true},
        {&pay_blocked, &not_so_far, false},
        {&pay_blocked, &pay_error, true},
        {&pay_blocked, &pay_down, false},
        {&pay_blocked, &without_pay, false},
        {&pay_down, &blind, false},
        {&pay_error, &not_so_far, false},
        {&pay_error, &pay_down, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct story story;
        begin(&story);
        times(&story, cases[i].met, 2);
        AUTO_FREE char *opened = xstrdup(story.last.incident_id);
        times(&story, cases[i].then, 2);
        bool ended = true;
        vec_each(id, &story.open) {
            if (!strcmp(*id, opened)) ended = false;
        }
        if (ended != cases[i].ends) print_error("case %zu\n", i);
        assert_int_equal(ended, cases[i].ends);
        end(&story);
    }
}

/* A journey may ask another host from now on, and never come to the old one again. */
static void host_is_over_for_who_does_not_go_there_any_more(void **state)
{
    static const struct {
        const char *stage, *told;
    } now[] = {{"checkout", ""}, {"price-view", "resolved 1; "}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(now); i++) {
        struct story story;
        struct journey *const left[] = {watched("checkout", "desktop", now[i].stage)};
        begin(&story);
        times(&story, &pay_down, 2);
        expect(&story, "opened 1; ");
        restart(&story);
        judge_watch(story.judge, left, 1, "", story.now_us);
        listen(&story);
        expect(&story, now[i].told);
        end(&story);
    }
}

/* --- What was left behind */

static bool owes(void *context, const char *journey, const char *persona)
{
    const char *all = context; /* "checkout/desktop; " */
    AUTO_FREE char *one = xasprintf("%s/%s; ", journey, persona);
    return strstr(all, one);
}

static void settle(struct story *story, const char *owed)
{
    judge_settle(story->judge, owes, (char *)(uintptr_t)owed, story->now_us);
    listen(story);
}

static const struct seen left_order = {.journey = "checkout",
                                       .stages = "login,price-view,checkout",
                                       .verdict = VERDICT_DEGRADED,
                                       .kind = OUTCOME_RESIDUE,
                                       .residue = "check out: order = 7: undoing it failed",
                                       .owes = true},
                         no_good_bye = {.journey = "checkout",
                                        .stages = "login,price-view,checkout",
                                        .verdict = VERDICT_DEGRADED,
                                        .kind = OUTCOME_RESIDUE,
                                        .residue = "log out: no byte came"};

static void residue_is_over_when_somebody_cleaned_it(void **state)
{
    (void)state;
    struct story story;
    begin(&story);
    times(&story, &left_order, 1);
    expect(&story, "opened 3; ");
    times(&story, &good, 10);
    settle(&story, "checkout/desktop; ");
    restart(&story);
    times(&story, &good, 10);
    expect(&story, ""); /* the order is still in the shop */
    settle(&story, "checkout/iphone; ");
    expect(&story, "resolved 3; ");
    assert_string_equal(story.last.resolution, "cleaned");
    assert_string_equal(
        story.last.line,
        "RESOLVED shop.test: something was left behind by 1 shopper from 14:02:11 to "
        "14:23:10 (SEV3, cleaned; checkout as desktop: check out: order = 7: "
        "undoing it failed)");
    times(&story, &no_good_bye, 1);
    expect(&story, "opened 3; ");
    settle(&story, "");
    expect(&story, "");
    times(&story, &good, 2); /* they said good-bye */
    expect(&story, "resolved 3; ");
    end(&story);
}

static void residue_of_one_shop_is_one_incident(void **state)
{
    (void)state;
    struct story story;
    begin(&story);
    for (size_t i = 0; i < COUNT_OF(shoppers); i++) {
        const struct seen one = as(i ? left_order : no_good_bye, shoppers[i], NULL);
        times(&story, &one, 1);
    }
    expect(&story, "opened 3; ");
    pass_time(&story, 4 * 60 * MINUTE);
    assert_string_equal(story.last.line,
                        "SEV3 shop.test: something was left behind by 4 shoppers since 14:02:11 "
                        "(d as desktop: check out: order = 7: undoing it failed)");
    assert_int_equal(story.last.affected_count, 4);
    all(&story, &good, 0, 2);
    settle(&story, "c/desktop; ");
    expect(&story, "reminder 3; ");
    settle(&story, "");
    expect(&story, "resolved 3; ");
    end(&story);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_is_no_failure_and_no_blip),
        cmocka_unit_test(host_incident_of_one_hides_no_outage_of_the_others),
        cmocka_unit_test(host_incident_takes_in_what_else_a_dead_host_shows),
        cmocka_unit_test(run_ends_what_it_got_to_see),
        cmocka_unit_test(host_is_over_for_who_does_not_go_there_any_more),
        cmocka_unit_test(residue_is_over_when_somebody_cleaned_it),
        cmocka_unit_test(residue_of_one_shop_is_one_incident),
        PIN_MESSAGES("judge/proof.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
