/* SPDX-License-Identifier: Apache-2.0 */
/* Shoppers never take the descriptors of those who tell what they met. */
#include "watch/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void shoppers_leave_descriptors_for_the_telling(void **state)
{
    static const struct {
        uint64_t limit;
        unsigned wanted, places;
    } cases[] = {
        {UINT64_MAX, 100, 100}, {1024, 100, 100},   {232, 100, 100}, {230, 100, 99},
        {40, 100, 4},           {34, 100, 1},       {30, 100, 1},    {0, 100, 1},
        {1024, 1, 1},           {1024, 10000, 496},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(descriptors_places(cases[i].limit, cases[i].wanted), cases[i].places);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shoppers_leave_descriptors_for_the_telling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
