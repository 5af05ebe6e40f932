/* SPDX-License-Identifier: Apache-2.0 */
/* Stories of failures on made-up time: what is told, and what is not. */
#include "story.h"

#include "base/random.h"
#include "support/golden.h"

/* --- Confirmation */

static void one_failed_run_does_not_page(void **state)
{
    (void)state;
    struct story story;
    begin(&story);
    for (int i = 0; i < 10; i++) {
        times(&story, &good, 20);
        run(&story, &no_price);
        pass_time(&story, 5 * US_PER_SECOND);
        run(&story, &good); /* the re-probe */
    }
    expect(&story, "");
    assert_int_equal(story.reprobes, 10);
    assert_int_equal(story.blips, 10);
    assert_int_equal(story.blips_ended, 10);
    end(&story);
}

static void confirmed_failure_opens_and_recovery_resolves(void **state)
{
    (void)state;
    struct story story;
    begin(&story);
    run(&story, &good);
    run(&story, &no_price);
    expect(&story, "");
    pass_time(&story, 5 * US_PER_SECOND);
    run(&story, &no_price);
    assert_string_equal(story.last.line,
                        "SEV1 price-view: prices vanished for 1 of 1 shopper since 14:02:10 (step "
                        "\"see the price\": no element for [itemprop=price])");
    assert_string_equal(story.last.rule, "core path down");
    assert_string_equal(story.last.signature, "stage:price-view/price");
    assert_string_equal(story.last.affected[0], "checkout as desktop");
    expect(&story, "opened 1; ");
    times(&story, &no_price, 5);
    expect(&story, "");
    run(&story, &good);
    expect(&story, "");
    run(&story, &good);
    expect(&story, "resolved 1; ");
    assert_string_equal(story.last.resolution, "recovered");
    assert_string_equal(story.last.line,
                        "RESOLVED price-view: prices vanished for 1 of 1 shopper from "
                        "14:02:10 to 14:07:16 (SEV1, recovered; step "
                        "\"see the price\": no element for [itemprop=price])");
    end(&story);
}

static void unknown_never_resolves_and_never_opens_an_outage(void **state)
{
    (void)state;
    struct story story;
    begin(&story);
    times(&story, &no_price, 2);
    expect(&story, "opened 1; ");
    times(&story, &blind, 1);
    expect(&story, "");
    times(&story, &blind, 10);
    expect(&story, "opened 3; "); /* the second incident: we cannot see */
    assert_true(story.last.for_prober_owners);
    assert_int_equal(judge_open_count(story.judge, 0), 2);
    times(&story, &good, 2);
    expect(&story, "resolved 1; resolved 3; ");
    end(&story);
}

static void unknown_lowers_no_severity(void **state)
{
    (void)state;
    struct story story;
    begin(&story);
    static const char *const names[] = {"a", "b", "c"};
    for (int i = 0; i < 3; i++) {
        const struct seen bad = as(no_price, names[i], NULL);
        times(&story, &bad, 2);
    }
    expect(&story, "opened 1; ");
    for (int i = 0; i < 10; i++) { /* we are blind to two of three */
        const struct seen a = as(blind, "a", NULL), b = as(blind, "b", NULL),
                          c = as(no_price, "c", NULL);
        times(&story, &a, 1);
        times(&story, &b, 1);
        times(&story, &c, 1);
    }
    expect(&story, "opened 3; "); /* and nothing was lowered */
    end(&story);
}

/* --- Grouping */

static void one_cause_is_one_incident(void **state)
{
    (void)state;
    struct story story;
    begin(&story);
    const struct seen phone = as(no_price, "checkout", "iphone"),
                      other = as(no_price, "browse", "desktop");
    times(&story, &no_price, 2);
    expect(&story, "opened 1; ");
    times(&story, &phone, 3);
    times(&story, &other, 3);
    expect(&story, "");
    assert_int_equal(judge_open_count(story.judge, 0), 1);
    const struct seen good_phone = as(good, "checkout", "iphone"),
                      good_other = as(good, "browse", "desktop");
    times(&story, &good, 2);
    times(&story, &good_phone, 2);
    times(&story, &good_other, 1);
    expect(&story, ""); /* one of them has not shown enough */
    times(&story, &good_other, 1);
    expect(&story, "resolved 1; ");
    end(&story);
}

static void host_incident_is_rated_by_how_many_meet_it(void **state)
{
    (void)state;
    struct story story;
    begin(&story);
    struct seen down = no_price;
    down.kind = OUTCOME_CONNECT;
    const struct seen other_down = as(down, "browse", NULL), good_other = as(good, "browse", NULL),
                      third = as(good, "third", NULL), third_down = as(down, "third", NULL);
    times(&story, &good_other, 1);
    times(&story, &third, 1);
    times(&story, &down, 2);
    assert_string_equal(story.last.signature, "host:shop.test/connect");
    expect(&story, "opened 2; ");
    times(&story, &other_down, 1);
    expect(&story, "raised 1; ");
    assert_string_equal(story.last.rule, "core path's host down");
    times(&story, &third_down, 1);
    assert_string_equal(story.last.rule, "core path's host down"); /* said once */
    times(&story, &third, 2);
    times(&story, &good, 2);
    times(&story, &good_other, 2);
    expect(&story, "resolved 1; ");
    end(&story);
}

static void stage_incident_resolves_while_the_host_is_down(void **state)
{
    (void)state;
    struct story story;
    begin(&story);
    struct seen down = as(no_price, "browse", NULL);
    down.kind = OUTCOME_DNS;
    times(&story, &no_price, 2);
    times(&story, &down, 2);
    expect(&story, "opened 1; opened 1; ");
    times(&story, &good, 2);
    expect(&story, "resolved 1; ");
    end(&story);
}

/* Each is a server of its own: one that is down says nothing of the other. */
static void two_ports_of_a_host_are_two_causes(void **state)
{
    (void)state;
    struct story story;
    begin(&story);
    struct seen one = as(good, "one", NULL), other = as(good, "other", NULL);
    one.shop = "shop.test:8001";
    other.shop = "shop.test:8002";
    struct seen one_down = one, other_fails = other;
    one_down.stage = other_fails.stage = "login";
    one_down.verdict = other_fails.verdict = VERDICT_FAIL;
    one_down.kind = OUTCOME_CONNECT;
    other_fails.kind = OUTCOME_HTTP;
    times(&story, &one, 1);
    times(&story, &other, 1);
    times(&story, &one_down, 2);
    expect(&story, "opened 1; ");
    assert_string_equal(story.last.signature, "host:shop.test:8001/connect");
    assert_int_equal(story.last.exercising, 1); /* all who go to this shop */
    times(&story, &other_fails, 2);
    expect(&story, "opened 1; "); /* no part of what the other one suffers */
    assert_string_equal(story.last.signature, "stage:login/http");
    times(&story, &other, 2);
    expect(&story, "resolved 1; ");
    times(&story, &one, 2);
    expect(&story, "resolved 1; ");
    assert_string_equal(story.last.signature, "host:shop.test:8001/connect");
    end(&story);
}

static void name_that_is_not_found_is_one_cause_on_all_ports(void **state)
{
    (void)state;
    struct story story;
    begin(&story);
    struct seen one = as(good, "one", NULL), other = as(good, "other", NULL);
    one.shop = "shop.test:8001";
    other.shop = "shop.test:8002";
    struct seen one_lost = one, other_lost = other;
    one_lost.stage = other_lost.stage = "login";
    one_lost.host = other_lost.host = "shop.test";
    one_lost.verdict = other_lost.verdict = VERDICT_FAIL;
    one_lost.kind = other_lost.kind = OUTCOME_DNS;
    times(&story, &one, 1);
    times(&story, &other, 1);
    for (int i = 0; i < 2; i++) {
        times(&story, &one_lost, 1);
        times(&story, &other_lost, 1);
    }
    expect(&story, "opened 1; ");
    assert_string_equal(story.last.signature, "host:shop.test/dns");
    assert_string_equal(story.last.rule, "everything cold");
    times(&story, &one, 2);
    times(&story, &other, 2);
    expect(&story, "resolved 1; ");
    end(&story);
}

/* Not the shop's host: nothing is cold, whatever fails there. */
static void another_host_is_rated_by_the_stage_that_asks_it(void **state)
{
    (void)state;
    struct story story;
    begin(&story);
    const struct seen browse = {.journey = "browse", .stages = "login,price-view"};
    struct seen pay = no_price, news = no_price;
    pay.kind = news.kind = OUTCOME_CONNECT;
    pay.host = "pay.test";
    pay.stage = "checkout";
    news.host = "news.test";
    news.stage = "newsletter";
    news.stages = "newsletter";
    news.journey = "news";
    times(&story, &browse, 1);
    times(&story, &news, 2);
    expect(&story, "opened 3; ");
    assert_string_equal(story.last.rule, "a side path's host fails");
    times(&story, &pay, 2);
    expect(&story, "opened 1; ");
    assert_string_equal(story.last.rule, "core path's host down");
    assert_int_equal(story.last.exercising, 1); /* browse never gets there */
    end(&story);
}

static void failure_further_on_shows_that_the_stage_before_is_well(void **state)
{
    (void)state;
    struct story story;
    begin(&story);
    struct seen no_checkout = no_price;
    no_checkout.stage = "checkout";
    no_checkout.kind = OUTCOME_HTTP;
    times(&story, &no_price, 2);
    expect(&story, "opened 1; ");
    times(&story, &no_checkout, 2);
    expect(&story, "resolved 1; opened 1; ");
    times(&story, &no_price, 1); /* checkout was not reached: neither well nor ill */
    times(&story, &no_price, 20);
    assert_int_equal(judge_open_count(story.judge, 0), 2);
    end(&story);
}

/* --- Severity */

static void half_counts_the_latest_verdicts(void **state)
{
    (void)state;
    struct story story;
    begin(&story);
    const struct seen a = as(good, "a", NULL), b = as(good, "b", NULL), c = as(good, "c", NULL);
    const struct seen bad_a = as(no_price, "a", NULL), bad_b = as(no_price, "b", NULL);
    times(&story, &a, 1);
    times(&story, &b, 1);
    times(&story, &c, 1);
    run(&story, &bad_a);
    run(&story, &bad_a);
    expect(&story, "opened 2; "); /* 1 of 3 */
    run(&story, &bad_b);
    expect(&story, "raised 1; "); /* 2 of 3, at once */
    run(&story, &b);
    pass_time(&story, 4 * MINUTE);
    expect(&story, "");
    pass_time(&story, 2 * MINUTE);
    expect(&story, "lowered 2; "); /* it held for five minutes */
    end(&story);
}

static void what_stays_gets_worse(void **state)
{
    (void)state;
    struct story story;
    begin(&story);
    struct seen side = no_price;
    side.stage = "newsletter";
    side.stages = "login,newsletter";
    run(&story, &side);
    run(&story, &side);
    expect(&story, "opened 3; ");
    pass_time(&story, 119 * MINUTE);
    expect(&story, "");
    pass_time(&story, 2 * MINUTE);
    expect(&story, "raised 2; ");
    pass_time(&story, 15 * MINUTE);
    expect(&story, "raised 1; ");
    end(&story);
}

static void only_what_shoppers_meet_gets_worse(void **state)
{
    static const struct {
        struct seen seen;
        const char *told;
    } cases[] = {
        {{.stage = "newsletter", .verdict = VERDICT_FAIL, .kind = OUTCOME_HTTP},
         "opened 3; raised 2; raised 1; "},
        {{.stage = "login", .verdict = VERDICT_DEGRADED, .kind = OUTCOME_SLOW},
         "opened 2; raised 1; "},
        {{.host = "news.test",
          .stage = "newsletter",
          .verdict = VERDICT_FAIL,
          .kind = OUTCOME_CONNECT},
         "opened 3; raised 2; raised 1; "},
        {{.stage = "login", .verdict = VERDICT_FAIL, .kind = OUTCOME_BLOCKED}, "opened 3; "},
        {{.verdict = VERDICT_UNKNOWN, .kind = OUTCOME_PROBER}, "opened 3; "},
        {{.days_left = 5}, "opened 3; "},
        {{.residue = "order = 7"}, "opened 3; "},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct story story;
        struct seen seen = as(cases[i].seen, "checkout", NULL);
        seen.stages = "login,newsletter";
        begin(&story);
        story.policy->remind_every_us = 0;
        run(&story, &seen);
        run(&story, &seen);
        pass_time(&story, 24 * 60 * MINUTE);
        expect(&story, cases[i].told);
        end(&story);
    }
    struct story story;
    begin(&story);
    story.policy->remind_every_us = 0;
    judge_trust(story.judge, false, "this prober stood still for 3 s", story.now_us);
    pass_time(&story, 24 * 60 * MINUTE);
    expect(&story, "opened 3; ");
    end(&story);
}

static void own_severity_outranks_the_policy(void **state)
{
    (void)state;
    struct story story;
    begin(&story);
    struct seen mild = no_price;
    mild.severity = 4;
    times(&story, &mild, 2);
    expect(&story, "opened 4; ");
    assert_string_equal(story.last.rule, "the step's own severity");
    const struct seen other = as(no_price, "browse", NULL);
    run(&story, &other); /* its step says nothing of the kind */
    expect(&story, "raised 1; ");
    assert_string_equal(story.last.rule, "core path down");
    end(&story);
}

static void slow_core_path_is_sev2(void **state)
{
    (void)state;
    struct story story;
    begin(&story);
    struct seen slow = no_price;
    slow.verdict = VERDICT_DEGRADED;
    slow.kind = OUTCOME_SLOW;
    times(&story, &slow, 2);
    expect(&story, "opened 2; ");
    assert_string_equal(story.last.signature, "slow:price-view/slow");
    times(&story, &good, 2);
    expect(&story, "resolved 2; ");
    end(&story);
}

static void wall_is_for_the_probers_owners(void **state)
{
    (void)state;
    struct story story;
    begin(&story);
    struct seen wall = no_price;
    wall.kind = OUTCOME_BLOCKED;
    times(&story, &wall, 2);
    expect(&story, "opened 3; ");
    assert_true(story.last.for_prober_owners);
    end(&story);
}

static void certificate_warns_and_then_presses(void **state)
{
    (void)state;
    struct story story;
    begin(&story);
    struct seen soon = good;
    soon.days_left = 22;
    times(&story, &soon, 1);
    expect(&story, "");
    soon.days_left = 20;
    times(&story, &soon, 1);
    expect(&story, "opened 4; ");
    assert_non_null(strstr(story.last.line, "the certificate ends in 20 days"));
    soon.days_left = 7;
    times(&story, &soon, 1);
    expect(&story, "raised 3; ");
    soon.days_left = 89;
    times(&story, &soon, 2);
    expect(&story, "resolved 3; ");
    soon.pay_days_left = 1;
    times(&story, &soon, 1);
    expect(&story, "opened 3; ");
    assert_string_equal(story.last.host, "pay.test");
    assert_string_equal(story.last.line,
                        "SEV3 pay.test: the certificate ends in 1 day, since 14:07:11");
    soon.pay_days_left = 0;
    times(&story, &soon, 10); /* nobody came so far */
    expect(&story, "");
    soon.pay_days_left = 60;
    times(&story, &soon, 2);
    expect(&story, "resolved 3; ");
    soon.days_left = 0;
    soon.last_day = true;
    times(&story, &soon, 1);
    expect(&story, "opened 3; ");
    end(&story);
}

static void certificate_that_has_ended_says_so(void **state)
{
    (void)state;
    struct story story;
    begin(&story);
    struct seen late = good;
    late.days_left = -1;
    times(&story, &late, 1);
    expect(&story, "opened 3; ");
    assert_non_null(strstr(story.last.line, "the certificate has ended"));
    end(&story);
}

static void owner_stays_whoever_joins(void **state)
{
    (void)state;
    struct story story;
    begin(&story);
    struct seen first = no_price, second = as(no_price, "browse", NULL), soon = good;
    first.owner = "";
    second.owner = "catalogue";
    times(&story, &first, 2);
    times(&story, &second, 2);
    pass_time(&story, 300 * MINUTE);
    assert_int_equal(story.last.type, EVENT_REMINDER);
    assert_string_equal(story.last.owner, "");
    times(&story, &good, 2);
    second.kind = OUTCOME_PASS;
    second.verdict = VERDICT_PASS;
    times(&story, &second, 2);
    expect(&story, "opened 1; reminder 1; resolved 1; ");
    soon.days_left = second.days_left = 10;
    times(&story, &soon, 1);
    times(&story, &second, 1);
    pass_time(&story, 300 * MINUTE);
    assert_int_equal(story.last.type, EVENT_REMINDER);
    assert_string_equal(story.last.owner, "shop team");
    end(&story);
}

static void residue_is_told_at_once(void **state)
{
    (void)state;
    struct story story;
    begin(&story);
    struct seen left = good;
    left.verdict = VERDICT_DEGRADED;
    left.kind = OUTCOME_RESIDUE;
    left.residue = "check out: order = 17: undoing it failed";
    run(&story, &left);
    expect(&story, "opened 3; ");
    assert_non_null(strstr(story.last.message, "order = 17"));
    times(&story, &good, 2);
    expect(&story, "resolved 3; ");
    end(&story);
}

/* --- The rest of life */

static void journey_that_is_removed_resolves_and_says_so(void **state)
{
    (void)state;
    struct story story;
    begin(&story);
    struct journey *const left[] = {watched("browse", "desktop", "price-view")};
    const struct seen other = as(no_price, "browse", NULL);
    times(&story, &no_price, 2);
    times(&story, &other, 1);
    expect(&story, "opened 1; ");
    judge_watch(story.judge, left, 1, "", story.now_us);
    listen(&story);
    expect(&story, ""); /* the other one still meets it */
    judge_watch(story.judge, NULL, 0, "", story.now_us);
    listen(&story);
    expect(&story, "resolved 1; ");
    assert_string_equal(story.last.resolution, "removed from the configuration");
    assert_non_null(strstr(story.last.line, "prices vanished for 2 of 2 shoppers from"));
    assert_string_equal(story.last.affected[0], "browse as desktop");
    end(&story);
    begin(&story);
    times(&story, &no_price, 2);
    times(&story, &other, 1);
    judge_watch(story.judge, NULL, 0, "", story.now_us); /* all of them at once */
    listen(&story);
    expect(&story, "opened 1; resolved 1; ");
    assert_non_null(strstr(story.last.line, "prices vanished for 2 of 2 shoppers from"));
    end(&story);
}

static void what_a_journey_is_no_longer_leaves_its_incidents(void **state)
{
    (void)state;
    static const struct {
        const char *persona, *stage, *location, *told;
    } now[] = {
        {"desktop", "price-view", "", ""},
        {"iphone", "price-view", "", "resolved 1; "},     /* the persona is gone */
        {"desktop", "look around", "", "resolved 1; "},   /* the stage is */
        {"desktop", "price-view", "oslo", "resolved 1; "} /* we moved */
    };
    for (size_t i = 0; i < COUNT_OF(now); i++) {
        struct story story;
        struct journey *const left[] = {watched("checkout", now[i].persona, now[i].stage)};
        begin(&story);
        times(&story, &no_price, 2);
        expect(&story, "opened 1; ");
        judge_watch(story.judge, left, 1, now[i].location, story.now_us);
        listen(&story);
        expect(&story, now[i].told);
        end(&story);
    }
}

static void keep_json(void *context, const struct incident_view *incident, struct view json)
{
    (void)incident;
    buf_add_view(context, json);
}

static void incident_that_comes_and_goes_stays_open_until_it_is_quiet(void **state)
{
    (void)state;
    struct story story;
    begin(&story);
    for (int i = 0; i < 12; i++) {
        times(&story, &no_price, 2);
        times(&story, &good, 2);
    }
    assert_true(story.last.flapping);
    note(&story);
    assert_int_equal(judge_open_count(story.judge, 0), 1);
    buf_clear(&story.told);
    times(&story, &good, 30);
    expect(&story, "resolved 1; ");
    assert_int_equal(story.open.count, 0);
    AUTO_BUF rows = BUF_INIT((size_t)1 << 20);
    judge_changed(story.judge, keep_json, &rows);
    assert_non_null(strstr(buf_text(&rows), "it has calmed down"));
    note_timelines(buf_text(&rows));
    end(&story);
}

static void what_comes_once_a_day_is_not_flapping(void **state)
{
    (void)state;
    struct story story;
    begin(&story);
    for (int i = 0; i < 12; i++) {
        times(&story, &no_price, 2);
        times(&story, &good, 2);
        if (i == 6) restart(&story);
        expect(&story, "opened 1; resolved 1; ");
        pass_time(&story, 24 * 60 * MINUTE);
    }
    end(&story);
}

static void prober_that_is_not_trusted_judges_nothing(void **state)
{
    (void)state;
    struct story story;
    begin(&story);
    times(&story, &no_price, 2);
    expect(&story, "opened 1; ");
    judge_trust(story.judge, false, "this prober stood still for 3 s", story.now_us);
    listen(&story);
    expect(&story, "opened 3; ");
    assert_non_null(strstr(story.last.line, "stood still"));
    times(&story, &good, 10); /* would resolve, if we could be believed */
    const struct seen other = as(no_price, "browse", NULL);
    times(&story, &other, 10);
    expect(&story, "");
    judge_trust(story.judge, true, "", story.now_us);
    listen(&story);
    expect(&story, "resolved 3; ");
    times(&story, &good, 2);
    expect(&story, "resolved 1; ");
    end(&story);
}

static void silence_mutes_but_never_swallows_a_resolution(void **state)
{
    (void)state;
    struct story story;
    begin(&story);
    times(&story, &no_price, 2);
    expect(&story, "opened 1; ");
    story.muted = true;
    times(&story, &good, 2);
    expect(&story, "resolved 1; "); /* it was told of, so its end is */
    times(&story, &no_price, 2);
    times(&story, &good, 2);
    expect(&story, ""); /* came and went in silence */
    assert_int_equal(story.muted_events, 2);
    times(&story, &no_price, 3);
    expect(&story, "");
    story.muted = false;
    pass_time(&story, MINUTE);
    expect(&story, "opened 1; "); /* the silence is over, and it is still there */
    end(&story);
}

static void what_is_perhaps_over_when_a_silence_ends_is_not_told(void **state)
{
    (void)state;
    for (int again = 0; again < 2; again++) {
        struct story story;
        begin(&story);
        story.muted = true;
        times(&story, &no_price, 2);
        run(&story, &good);
        story.muted = false;
        pass_time(&story, MINUTE);
        expect(&story, "");
        run(&story, again ? &no_price : &good);
        pass_time(&story, MINUTE);
        expect(&story, again ? "opened 1; " : "");
        assert_int_equal(judge_open_count(story.judge, 0), again);
        end(&story);
    }
}

static void incident_is_planned_as_long_as_only_maintenance_met_it(void **state)
{
    (void)state;
    struct story story;
    begin(&story);
    story.planned = true;
    times(&story, &no_price, 2);
    expect(&story, "opened 1; ");
    assert_true(story.last.maintenance);
    restart(&story);
    times(&story, &good, 2);
    expect(&story, "resolved 1; ");
    assert_true(story.last.maintenance);
    times(&story, &no_price, 2);
    story.planned = false; /* the window ends, and it is still there */
    pass_time(&story, MINUTE);
    story.planned = true;
    pass_time(&story, MINUTE);
    times(&story, &good, 2);
    expect(&story, "opened 1; resolved 1; ");
    assert_false(story.last.maintenance);
    end(&story);
}

static void what_got_worse_in_silence_is_told_after_it(void **state)
{
    (void)state;
    struct story story;
    begin(&story);
    const struct seen good_a = as(good, "a", NULL), good_b = as(good, "b", NULL),
                      bad_a = as(no_price, "a", NULL);
    times(&story, &good_a, 1);
    times(&story, &good_b, 1);
    times(&story, &no_price, 2);
    expect(&story, "opened 2; ");
    story.muted = true;
    times(&story, &bad_a, 2);
    expect(&story, "");
    restart(&story);
    story.muted = false;
    pass_time(&story, MINUTE);
    expect(&story, "raised 1; ");
    assert_int_equal(story.last.previous_severity, 2);
    pass_time(&story, MINUTE);
    expect(&story, "");
    end(&story);
}

static void silence_knows_journeys_by_their_whole_name(void **state)
{
    (void)state;
    struct story story;
    begin(&story);
    story.silent_journey = "browse";
    const struct seen guest = as(no_price, "browse as guest", NULL),
                      other = as(no_price, "browse", NULL);
    times(&story, &other, 2);
    expect(&story, "");
    times(&story, &guest, 2);
    expect(&story, "opened 1; ");
    end(&story);
}

/* The beginning of the line that opens an incident of this. */
static void expect_words(enum outcome_kind kind, const char *actual, const char *words)
{
    struct story story;
    struct seen bad = no_price;
    bad.kind = kind;
    bad.actual = actual;
    begin(&story);
    times(&story, &bad, 2);
    note(&story);
    AUTO_FREE char *wanted = xasprintf("SEV1 price-view: %s for 1 of 1 shopper since", words);
    if (strncmp(story.last.line, wanted, strlen(wanted)) != 0)
        fail_msg("%s: %s", wanted, story.last.line);
    end(&story);
}

static void line_of_a_host_says_what_it_was(void **state)
{
    (void)state;
    static const enum outcome_kind kinds[] = {OUTCOME_TLS, OUTCOME_RESET};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        struct story story;
        struct seen bad = no_price;
        bad.kind = kinds[i];
        begin(&story);
        times(&story, &bad, 2);
        expect(&story, "opened 1; ");
        end(&story);
    }
}

static void line_says_what_it_was(void **state)
{
    (void)state;
    expect_words(OUTCOME_PRICE, "nothing", "prices vanished");
    expect_words(OUTCOME_PRICE, "null", "prices vanished");
    expect_words(OUTCOME_PRICE, "0.00 EUR", "prices are wrong");
    expect_words(OUTCOME_HTTP, "500", "error pages");
    expect_words(OUTCOME_HTTP, "200", "unexpected answers");
    expect_words(OUTCOME_FREEZE, "", "pages freeze");
    expect_words(OUTCOME_TIMEOUT, "", "pages take too long");
    expect_words(OUTCOME_PROTOCOL, "", "answers are garbled");
    expect_words(OUTCOME_REDIRECT, "", "redirects lead nowhere");
    expect_words(OUTCOME_TOO_LARGE, "", "pages do not end");
    expect_words(OUTCOME_CART, "", "carts lose their items");
    expect_words(OUTCOME_SESSION, "", "sessions are lost");
    expect_words(OUTCOME_CONTENT, "", "pages are wrong");
}

static void resolution_remembers_the_worst(void **state)
{
    (void)state;
    struct story story;
    const struct seen bad_a = as(no_price, "a", NULL), bad_b = as(no_price, "b", NULL),
                      good_a = as(good, "a", NULL), good_b = as(good, "b", NULL);
    begin(&story);
    times(&story, &bad_a, 1);
    times(&story, &bad_b, 2);
    times(&story, &good_a, 2);
    restart(&story);
    times(&story, &good_b, 2);
    assert_int_equal(story.last.type, EVENT_RESOLVED);
    assert_int_equal(story.last.failing, 2);
    assert_int_equal(story.last.exercising, 2);
    assert_non_null(strstr(story.last.line, "prices vanished for 2 of 2 shoppers from"));
    end(&story);
}

static void expect_in_order(const char *text, const char *const *parts)
{
    for (; *parts; parts++) {
        const char *found = strstr(text, *parts);
        if (!found) fail_msg("%s is not behind what comes before it in %s", *parts, text);
        text = found;
    }
}

static void timeline_begins_with_who_failed_first(void **state)
{
    (void)state;
    struct story story;
    AUTO_BUF saved = BUF_INIT((size_t)8 << 20);
    const struct seen first = as(no_price, "z", NULL), second = as(no_price, "a", NULL),
                      later = as(no_price, "m", NULL);
    begin(&story);
    run(&story, &first);
    pass_time(&story, MINUTE);
    times(&story, &second, 2);
    times(&story, &later, 1);
    judge_save(story.judge, &saved);
    const char *timeline = strstr(buf_text(&saved), "\"timeline\"");
    assert_non_null(timeline);
    expect_in_order(timeline,
                    (const char *const[]){"z as desktop failed", "a as desktop failed",
                                          "opened as SEV1", "m as desktop meets it, too", NULL});
    end(&story);
}

static void owner_is_whose_journey_goes_to_the_stage_first(void **state)
{
    (void)state;
    struct story story;
    struct seen checkout = no_price, view = as(good, "price-view", NULL);
    checkout.owner = "team-checkout";
    view.stages = "price-view";
    view.owner = "team-catalogue";
    begin(&story);
    times(&story, &view, 1);
    times(&story, &checkout, 2);
    assert_string_equal(story.last.owner, "team-catalogue");
    end(&story);
}

static void line_has_the_date_on_another_day(void **state)
{
    (void)state;
    struct story story;
    begin(&story);
    times(&story, &no_price, 2);
    assert_non_null(strstr(story.last.line, " since 14:02:10 "));
    pass_time(&story, 12 * 60 * MINUTE);
    assert_non_null(strstr(story.last.line, " since 2026-11-23 14:02:10 "));
    times(&story, &good, 2);
    assert_non_null(strstr(story.last.line, " from 2026-11-23 14:02:10 to 2026-11-24 02:05:11 "));
    end(&story);
}

static void reminders_stop_when_somebody_has_it(void **state)
{
    (void)state;
    struct story story;
    begin(&story);
    times(&story, &no_price, 2);
    expect(&story, "opened 1; ");
    pass_time(&story, 245 * MINUTE);
    expect(&story, "reminder 1; ");
    assert_false(judge_acknowledge(story.judge, "nothing", "ann", true, story.now_us));
    assert_true(judge_acknowledge(story.judge, story.last.incident_id, "bob", true, story.now_us));
    assert_true(judge_acknowledge(story.judge, story.last.incident_id, "bob", false, story.now_us));
    assert_true(judge_acknowledge(story.judge, story.last.incident_id, "ann", true, story.now_us));
    pass_time(&story, 500 * MINUTE);
    expect(&story, "");
    times(&story, &good, 2);
    expect(&story, "resolved 1; ");
    end(&story);
}

static void trouble_of_our_own_is_raised_and_lowered(void **state)
{
    (void)state;
    struct story story;
    begin(&story);
    judge_raise(story.judge, CAUSE_SINK, "sink:mail", "mail cannot be delivered", story.now_us);
    judge_raise(story.judge, CAUSE_SINK, "sink:mail", "mail cannot be delivered", story.now_us);
    listen(&story);
    expect(&story, "opened 4; ");
    times(&story, &good, 10);
    expect(&story, "");
    judge_lower(story.judge, "sink:mail", "it works again", story.now_us);
    listen(&story);
    expect(&story, "resolved 4; ");
    end(&story);
}

/* --- Restarts */

static void nothing_is_lost_over_a_restart(void **state)
{
    (void)state;
    struct story story;
    begin(&story);
    run(&story, &no_price);
    restart(&story);
    run(&story, &no_price);
    expect(&story, "opened 1; ");
    restart(&story);
    run(&story, &good);
    restart(&story);
    run(&story, &good);
    expect(&story, "resolved 1; ");
    AUTO_ERROR error = ERROR_NONE;
    assert_false(judge_restore(story.judge, VIEW_LITERAL("{\"incidents\":[{}]}"), &error));
    golden_note(error_text(&error));
    assert_false(judge_restore(story.judge, VIEW_LITERAL("{"), &error));
    golden_note(error_text(&error));
    end(&story);
}

/* It had judged without its past for a while: what was open is, and once. */
static void what_was_before_may_come_late(void **state)
{
    (void)state;
    struct story story;
    AUTO_BUF before = BUF_INIT((size_t)1 << 20);
    AUTO_ERROR error = ERROR_NONE;
    begin(&story);
    times(&story, &no_price, 2);
    judge_raise(story.judge, CAUSE_SINK, "sink:mail", "mail cannot be delivered", story.now_us);
    listen(&story);
    expect(&story, "opened 1; opened 4; ");
    judge_save(story.judge, &before);
    judge_free(story.judge);
    story.judge = judge_new(story.policy, &story.settings);
    times(&story, &no_price, 2);
    judge_raise(story.judge, CAUSE_SINK, "sink:chat", "chat cannot be told", story.now_us);
    listen(&story);
    expect(&story, "opened 1; opened 4; ");
    assert_false(
        judge_recall(story.judge, VIEW_LITERAL("{\"incidents\":[{}]}"), story.now_us, &error));
    assert_int_equal(judge_open_count(story.judge, 0), 2);
    for (int i = 0; i < 2; i++)
        assert_true(judge_recall(story.judge, buf_view(&before), story.now_us, NULL));
    listen(&story);
    expect(&story, "resolved 1; ");
    assert_int_equal(judge_open_count(story.judge, 0), 3);
    times(&story, &no_price, 2);
    expect(&story, "");
    times(&story, &good, 2);
    expect(&story, "resolved 1; ");
    assert_int_equal(judge_open_count(story.judge, 0), 2);
    end(&story);
}

/* What was judged is lost, and of the incident its own row is left. */
static void incident_goes_on_by_its_own_row(void **state)
{
    (void)state;
    struct story story;
    AUTO_BUF row = BUF_INIT((size_t)1 << 20);
    AUTO_ERROR error = ERROR_NONE;
    begin(&story);
    times(&story, &no_price, 2);
    expect(&story, "opened 1; ");
    judge_changed(story.judge, keep_json, &row);
    judge_free(story.judge);
    story.judge = judge_new(story.policy, &story.settings);
    AUTO_FREE char *odd = xstrdup(buf_text(&row));
    memcpy(strstr(odd, "\"cause\""), "\"casus\"", strlen("\"cause\""));
    assert_false(judge_recall_incident(story.judge, view_of(odd), story.now_us, &error));
    golden_note(error_text(&error));
    assert_false(judge_recall_incident(story.judge, VIEW_LITERAL("{}"), story.now_us, &error));
    golden_note(error_text(&error));
    assert_false(judge_recall_incident(story.judge, VIEW_LITERAL("{"), story.now_us, &error));
    golden_note(error_text(&error));
    for (int i = 0; i < 2; i++) /* once is enough */
        assert_true(judge_recall_incident(story.judge, buf_view(&row), story.now_us, NULL));
    struct journey *checkout = watched("checkout", "desktop", "price-view");
    judge_watch(story.judge, &checkout, 1, "", story.now_us);
    pass_time(&story, 10 * MINUTE);
    expect(&story, "");
    assert_int_equal(judge_open_count(story.judge, 1), 1);
    times(&story, &no_price, 2);
    expect(&story, "");
    times(&story, &good, 2);
    expect(&story, "resolved 1; ");
    journey_free(checkout);
    end(&story);
}

static void changed_incidents_are_shown_once(void *context, const struct incident_view *incident,
                                             struct view json)
{
    unsigned *count = context;
    assert_true(json.length > 100);
    assert_non_null(incident->values);
    ++*count;
}

static void changes_are_collected(void **state)
{
    (void)state;
    struct story story;
    unsigned count = 0;
    begin(&story);
    times(&story, &no_price, 2);
    judge_changed(story.judge, changed_incidents_are_shown_once, &count);
    judge_changed(story.judge, changed_incidents_are_shown_once, &count);
    assert_int_equal(count, 1);
    times(&story, &good, 2);
    judge_changed(story.judge, changed_incidents_are_shown_once, &count);
    assert_int_equal(count, 2);
    end(&story);
}

static void growth_is_said_once(void **state)
{
    (void)state;
    struct story story;
    begin(&story);
    const struct seen other = as(no_price, "browse", NULL);
    times(&story, &no_price, 1);
    assert_false(judge_take_growth(story.judge));
    times(&story, &no_price, 1);
    assert_true(judge_take_growth(story.judge));
    times(&story, &no_price, 5);
    assert_false(judge_take_growth(story.judge));
    times(&story, &other, 1);
    assert_true(judge_take_growth(story.judge));
    assert_false(judge_take_growth(story.judge));
    end(&story);
}

static void what_shoppers_do_day_by_day_is_not_saved_again(void **state)
{
    (void)state;
    struct story story;
    begin(&story);
    const struct seen other = as(good, "browse", NULL);
    times(&story, &good, 1);
    assert_true(judge_take_stir(story.judge));
    times(&story, &good, 5);
    assert_false(judge_take_stir(story.judge));
    times(&story, &other, 1); /* somebody new */
    assert_true(judge_take_stir(story.judge));
    times(&story, &no_price, 1);
    assert_true(judge_take_stir(story.judge));
    times(&story, &no_price, 1);
    assert_true(judge_take_stir(story.judge));
    times(&story, &good, 1);
    assert_true(judge_take_stir(story.judge));
    times(&story, &good, 5);
    assert_true(judge_take_stir(story.judge)); /* the incident's end */
    judge_changed(story.judge, changed_incidents_are_shown_once, &(unsigned){0});
    times(&story, &good, 5);
    (void)judge_take_stir(story.judge);
    times(&story, &good, 5);
    assert_false(judge_take_stir(story.judge));
    judge_watch(story.judge, NULL, 0, "", story.now_us);
    assert_true(judge_take_stir(story.judge));
    end(&story);
}

/* Whatever happens: each opening that was told is resolved once when all is well, restarts or not.
 */
static void every_opening_has_its_resolution(void **state)
{
    (void)state;
    static const enum outcome_kind kinds[] = {OUTCOME_PRICE, OUTCOME_HTTP,   OUTCOME_CONNECT,
                                              OUTCOME_SLOW,  OUTCOME_PROBER, OUTCOME_BLOCKED,
                                              OUTCOME_CART};
    static const char *const journeys[] = {"a", "b", "c"}, *const stages[] = {"login", "checkout"};
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct random random;
        struct story story;
        random_init(&random, seed);
        begin(&story);
        for (int i = 0; i < 300; i++) {
            struct seen seen = as(good, journeys[random_below(&random, 3)],
                                  random_below(&random, 2) ? "desktop" : "iphone");
            seen.stages = "login,checkout";
            if (random_below(&random, 3)) {
                seen.kind = kinds[random_below(&random, COUNT_OF(kinds))];
                seen.stage = stages[random_below(&random, 2)];
                seen.verdict = seen.kind == OUTCOME_PROBER ? VERDICT_UNKNOWN
                               : seen.kind == OUTCOME_SLOW ? VERDICT_DEGRADED
                                                           : VERDICT_FAIL;
            }
            run(&story, &seen);
            if (!random_below(&random, 20)) restart(&story);
            if (!random_below(&random, 30)) story.muted = !story.muted;
            struct journey *const left[] = {watched("b", "iphone", "checkout")};
            if (!random_below(&random, 50)) judge_watch(story.judge, left, 1, "", story.now_us);
            pass_time(&story, 20 * US_PER_SECOND);
        }
        story.muted = false;
        for (int i = 0; i < 40; i++) {
            for (int k = 0; k < 6; k++) {
                struct seen seen = as(good, journeys[k / 2], k % 2 ? "desktop" : "iphone");
                seen.stages = "login,checkout";
                run(&story, &seen);
            }
            pass_time(&story, MINUTE);
        }
        assert_int_equal(judge_open_count(story.judge, 0), 0);
        assert_int_equal(story.open.count, 0);
        end(&story);
    }
}

/* Sev2 becomes sev1 after a quarter of an hour; a good run comes every minute. */
static void clock_that_is_set_ages_nothing(void **state)
{
    static const int64_t jumps_us[] = {300 * MINUTE, -300 * MINUTE};
    for (size_t i = 0; i < COUNT_OF(jumps_us); i++) {
        struct story story;
        begin(&story);
        const struct seen others = as(good, "other", NULL), more = as(good, "more", NULL);
        times(&story, &others, 1);
        times(&story, &more, 1);
        times(&story, &no_price, 2);
        expect(&story, "opened 2; ");
        pass_time(&story, 10 * MINUTE);
        story.now_us += jumps_us[i];
        judge_clock_jumped(story.judge, jumps_us[i]);
        pass_time(&story, MINUTE);
        expect(&story, "");
        pass_time(&story, 5 * MINUTE);
        expect(&story, "raised 1; ");
        pass_time(&story, 230 * MINUTE);
        expect(&story, "reminder 1; ");
        end(&story);
    }
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_failed_run_does_not_page),
        cmocka_unit_test(confirmed_failure_opens_and_recovery_resolves),
        cmocka_unit_test(unknown_never_resolves_and_never_opens_an_outage),
        cmocka_unit_test(unknown_lowers_no_severity),
        cmocka_unit_test(one_cause_is_one_incident),
        cmocka_unit_test(host_incident_is_rated_by_how_many_meet_it),
        cmocka_unit_test(stage_incident_resolves_while_the_host_is_down),
        cmocka_unit_test(two_ports_of_a_host_are_two_causes),
        cmocka_unit_test(name_that_is_not_found_is_one_cause_on_all_ports),
        cmocka_unit_test(another_host_is_rated_by_the_stage_that_asks_it),
        cmocka_unit_test(failure_further_on_shows_that_the_stage_before_is_well),
        cmocka_unit_test(half_counts_the_latest_verdicts),
        cmocka_unit_test(what_stays_gets_worse),
        cmocka_unit_test(only_what_shoppers_meet_gets_worse),
        cmocka_unit_test(own_severity_outranks_the_policy),
        cmocka_unit_test(slow_core_path_is_sev2),
        cmocka_unit_test(wall_is_for_the_probers_owners),
        cmocka_unit_test(certificate_warns_and_then_presses),
        cmocka_unit_test(certificate_that_has_ended_says_so),
        cmocka_unit_test(owner_stays_whoever_joins),
        cmocka_unit_test(residue_is_told_at_once),
        cmocka_unit_test(journey_that_is_removed_resolves_and_says_so),
        cmocka_unit_test(what_a_journey_is_no_longer_leaves_its_incidents),
        cmocka_unit_test(incident_that_comes_and_goes_stays_open_until_it_is_quiet),
        cmocka_unit_test(what_comes_once_a_day_is_not_flapping),
        cmocka_unit_test(prober_that_is_not_trusted_judges_nothing),
        cmocka_unit_test(silence_mutes_but_never_swallows_a_resolution),
        cmocka_unit_test(what_is_perhaps_over_when_a_silence_ends_is_not_told),
        cmocka_unit_test(incident_is_planned_as_long_as_only_maintenance_met_it),
        cmocka_unit_test(what_got_worse_in_silence_is_told_after_it),
        cmocka_unit_test(silence_knows_journeys_by_their_whole_name),
        cmocka_unit_test(line_says_what_it_was),
        cmocka_unit_test(line_of_a_host_says_what_it_was),
        cmocka_unit_test(resolution_remembers_the_worst),
        cmocka_unit_test(timeline_begins_with_who_failed_first),
        cmocka_unit_test(owner_is_whose_journey_goes_to_the_stage_first),
        cmocka_unit_test(line_has_the_date_on_another_day),
        cmocka_unit_test(reminders_stop_when_somebody_has_it),
        cmocka_unit_test(trouble_of_our_own_is_raised_and_lowered),
        cmocka_unit_test(nothing_is_lost_over_a_restart),
        cmocka_unit_test(what_was_before_may_come_late),
        cmocka_unit_test(changes_are_collected),
        cmocka_unit_test(growth_is_said_once),
        cmocka_unit_test(what_shoppers_do_day_by_day_is_not_saved_again),
        cmocka_unit_test(every_opening_has_its_resolution),
        cmocka_unit_test(clock_that_is_set_ages_nothing),
        cmocka_unit_test(incident_goes_on_by_its_own_row),
        PIN_MESSAGES("judge/judge.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
