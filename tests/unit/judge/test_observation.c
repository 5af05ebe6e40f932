/* SPDX-License-Identifier: Apache-2.0 */
/* A run's report, boiled down. */
#include "story.h"

#define TEXT(literal) ((char *)(uintptr_t)(literal))

/* A run that fails at its second step, which went to `url`. */
static struct observation failing_at(const char *url, enum outcome_kind kind)
{
    struct journey journey = {.name = TEXT("buy")};
    struct step_report steps[] = {
        {.name = TEXT("look"),
         .stage = TEXT("price-view"),
         .section = SECTION_STEPS,
         .verdict = VERDICT_PASS,
         .status = 200,
         .url = TEXT("http://shop.test:8080/mug")},
        {.name = TEXT("pay"),
         .stage = TEXT("checkout"),
         .section = SECTION_STEPS,
         .verdict = VERDICT_FAIL,
         .url = TEXT(url),
         .failure = {.kind = kind}},
    };
    const struct run_report report = {.journey = &journey,
                                      .persona = TEXT("desktop"),
                                      .base = TEXT("http://shop.test:8080"),
                                      .verdict = VERDICT_FAIL,
                                      .steps = {steps, COUNT_OF(steps), COUNT_OF(steps)}};
    return observation_of(&report, NULL, NULL);
}

static void host_is_told_with_its_port_but_for_its_name(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        enum outcome_kind kind;
        const char *host;
    } cases[] = {
        {"http://shop.test:8080/pay", OUTCOME_CONNECT, "shop.test:8080"},
        {"https://shop.test/pay", OUTCOME_TLS, "shop.test"},
        {"https://pay.test:8443/", OUTCOME_RESET, "pay.test:8443"},
        {"https://pay.test:8443/", OUTCOME_DNS, "pay.test"}, /* not found on any port */
        {"https://pay.test:8443/", OUTCOME_BLOCKED, "pay.test:8443"},
        {NULL, OUTCOME_HTTP, "shop.test:8080"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct observation seen = failing_at(cases[i].url, cases[i].kind);
        assert_string_equal(seen.host, cases[i].host);
        assert_string_equal(seen.shop, "shop.test:8080");
        assert_true(observation_answered(&seen, "shop.test:8080"));
        assert_false(observation_answered(&seen, "shop.test"));
        assert_int_equal(observation_stage(&seen, "checkout"), VERDICT_FAIL);
        observation_release(&seen);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(host_is_told_with_its_port_but_for_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
