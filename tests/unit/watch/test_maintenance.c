/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/maintenance.h"

#include "journey/journey.h"
#include "support/golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HOUR (3600 * US_PER_SECOND)
#define MIDNIGHT (INT64_C(1767225600) * US_PER_SECOND) /* 2026-01-01T00:00:00Z, a Thursday */

static void window_once_has_a_beginning_and_an_end(void **state)
{
    (void)state;
    const struct config_window window = {.from_us = MIDNIGHT, .to_us = MIDNIGHT + HOUR};
    assert_false(window_is_open(&window, MIDNIGHT - 1));
    assert_true(window_is_open(&window, MIDNIGHT));
    assert_true(window_is_open(&window, MIDNIGHT + HOUR - 1));
    assert_false(window_is_open(&window, MIDNIGHT + HOUR));
}

static void window_comes_again_with_its_cron(void **state)
{
    (void)state;
    char cron[] = "0 3 * * *";
    const struct schedule_spec times = {.cron = cron};
    AUTO_ERROR error = ERROR_NONE;
    AUTO(schedule) schedule = schedule_new(&times, &error);
    const struct config_window window = {.cron = cron, .times = schedule, .duration_us = 2 * HOUR};
    for (int day = 0; day < 3; day++) {
        int64_t three_us = MIDNIGHT + (24 * day + 3) * HOUR;
        assert_false(window_is_open(&window, three_us - 1));
        assert_true(window_is_open(&window, three_us));
        assert_true(window_is_open(&window, three_us + 2 * HOUR - 1));
        assert_false(window_is_open(&window, three_us + 2 * HOUR));
    }
}

static void window_covers_what_it_names(void **state)
{
    (void)state;
    char *journeys[] = {(char[]){"checkout"}}, *stages[] = {(char[]){"login"}};
    struct config_window window = {.journeys = {journeys, 1, 1}};
    const struct maintenance_subject checkout = {.journey = "checkout", .stage = "login"},
                                     login = {.journey = "login"};
    assert_true(window_covers(&window, &checkout));
    assert_false(window_covers(&window, &login));
    window.stages = (struct path_list){stages, 1, 1};
    assert_true(window_covers(&window, &checkout));
    window.journeys = (struct path_list){0};
    assert_false(window_covers(&window, &login)); /* its stage is not known */
}

/* A journey rests when it walks a stage, or goes to a host, that is away. */
static void window_covers_a_journey_by_any_of_its_stages_and_its_shop(void **state)
{
    (void)state;
    struct step steps[] = {{.stage = (char[]){"login"}}, {.stage = (char[]){"checkout"}}};
    const struct journey journey = {.steps = steps, .step_count = 2};
    char *checkout[] = {(char[]){"checkout"}}, *search[] = {(char[]){"search"}};
    char *shop[] = {(char[]){"127.0.0.1"}}, *other[] = {(char[]){"pay.test"}},
         *port[] = {(char[]){"127.0.0.1:8080"}};
    const struct {
        struct config_window window;
        struct maintenance_subject subject;
        bool covers;
    } cases[] = {
        {{.stages = {checkout, 1, 1}}, {.whole = &journey}, true},
        {{.stages = {search, 1, 1}}, {.whole = &journey}, false},
        {{.stages = {checkout, 1, 1}}, {.stage = "login"}, false}, /* of a run that ended there */
        {{.hosts = {shop, 1, 1}}, {.whole = &journey, .host = "127.0.0.1"}, true},
        {{.hosts = {shop, 1, 1}}, {.whole = &journey, .host = "127.0.0.1:8080"}, true},
        {{.hosts = {port, 1, 1}}, {.whole = &journey, .host = "127.0.0.1:8080"}, true},
        {{.hosts = {port, 1, 1}}, {.whole = &journey, .host = "127.0.0.1:8081"}, false},
        {{.hosts = {port, 1, 1}}, {.whole = &journey, .host = "127.0.0.1"}, false},
        {{.hosts = {shop, 1, 1}}, {.whole = &journey, .host = "shop.test"}, false},
        {{.hosts = {shop, 1, 1}}, {.whole = &journey}, false},
        {{.hosts = {shop, 1, 1}}, {.host = "pay.test", .shop = "127.0.0.1"}, true},
        {{.hosts = {other, 1, 1}}, {.host = "pay.test", .shop = "127.0.0.1"}, true},
        {{.hosts = {other, 1, 1}, .stages = {checkout, 1, 1}}, {.whole = &journey}, false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct config_window window = cases[i].window;
        window.from_us = MIDNIGHT;
        window.to_us = MIDNIGHT + HOUR;
        window.skip = true;
        const struct config config = {.maintenance = {&window, 1, 1}};
        assert_int_equal(maintenance_find(&config, &cases[i].subject, MIDNIGHT, true) != NULL,
                         cases[i].covers);
        assert_int_equal(maintenance_asks_for_host(&config, MIDNIGHT), window.hosts.count > 0);
        assert_false(maintenance_asks_for_host(&config, MIDNIGHT + HOUR));
    }
}

static void skipping_and_quiet_windows_are_told_apart(void **state)
{
    (void)state;
    struct config_window windows[] = {
        {.from_us = MIDNIGHT, .to_us = MIDNIGHT + HOUR, .skip = true},
        {.from_us = MIDNIGHT, .to_us = MIDNIGHT + 2 * HOUR},
    };
    const struct config config = {.maintenance = {windows, 2, 2}};
    const struct maintenance_subject anything = {0};
    assert_ptr_equal(maintenance_find(&config, &anything, MIDNIGHT, true), &windows[0]);
    assert_ptr_equal(maintenance_find(&config, &anything, MIDNIGHT, false), &windows[1]);
    assert_null(maintenance_find(&config, &anything, MIDNIGHT + HOUR, true));
}

static void silence_matches_by_name_and_time(void **state)
{
    (void)state;
    const struct store_silence silence = {
        .matcher = "stage=check*", .from_us = MIDNIGHT, .until_us = MIDNIGHT + HOUR};
    const struct maintenance_subject checkout = {.journey = "a", .stage = "checkout"},
                                     login = {.journey = "checkout", .stage = "login"},
                                     unknown = {.journey = "checkout"};
    assert_true(silence_covers(&silence, &checkout, MIDNIGHT));
    assert_false(silence_covers(&silence, &checkout, MIDNIGHT - 1));
    assert_false(silence_covers(&silence, &checkout, MIDNIGHT + HOUR));
    assert_false(silence_covers(&silence, &login, MIDNIGHT));
    assert_false(silence_covers(&silence, &unknown, MIDNIGHT));
}

static void silence_of_a_host_without_a_port_is_of_any(void **state)
{
    (void)state;
    struct store_silence silence = {.from_us = MIDNIGHT, .until_us = MIDNIGHT + HOUR};
    const struct maintenance_subject subject = {.host = "shop.test:8080"};
    static const struct {
        const char *matcher;
        bool covers;
    } cases[] = {
        {"host=shop.test", true}, {"host=shop.test:8080", true}, {"host=shop.test:8081", false},
        {"host=shop*", true},     {"host=shop", false},          {"journey=shop.test", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        silence.matcher = cases[i].matcher;
        assert_int_equal(silence_covers(&silence, &subject, MIDNIGHT), cases[i].covers);
    }
}

static void what_is_no_matcher_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "checkout", "journey=", "step=look", "=x"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        AUTO_BUF reason = BUF_INIT(200);
        assert_false(silence_matcher_is_good(bad[i], &reason));
        assert_non_null(strstr(buf_text(&reason), "journey=NAME"));
        golden_note(buf_text(&reason));
    }
    AUTO_BUF reason = BUF_INIT(200);
    assert_true(silence_matcher_is_good("host=shop.example", &reason));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(window_once_has_a_beginning_and_an_end),
        cmocka_unit_test(window_comes_again_with_its_cron),
        cmocka_unit_test(window_covers_what_it_names),
        cmocka_unit_test(window_covers_a_journey_by_any_of_its_stages_and_its_shop),
        cmocka_unit_test(skipping_and_quiet_windows_are_told_apart),
        cmocka_unit_test(silence_matches_by_name_and_time),
        cmocka_unit_test(silence_of_a_host_without_a_port_is_of_any),
        cmocka_unit_test(what_is_no_matcher_is_refused),
        PIN_MESSAGES("watch/maintenance.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
