/* SPDX-License-Identifier: Apache-2.0 */
/* Host and port of a URL as a person wrote it, and what is wrong with them. */
#include "text/web_url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct sample {
    const char *url, *wanted; /* the plain host, or "" for none; the faulty piece */
};

static void host_is_found(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"http://shop.example", "shop.example"},
        {"HTTPS://Shop.Example:8443/a?b#c", "shop.example"},
        {"//pay.example/x", "pay.example"},
        {"https://me:p@ss@shop.example/", "shop.example"},
        {"http://shop.example?x=${y}", "shop.example"},
        {"http://127.0.0.1:80/", "127.0.0.1"},
        {"http://localhost", "localhost"},
        {"http://shop.example:/", "shop.example"},
        {"http://[::1]:80/", ""},
        {"http://m\u00FCnchen.example/", ""},
        {"http://2130706433/", ""},
        {"http://0x7f.1/", ""},
        {"http://shop.example./", ""},
        {"http://a%2eb/", ""},
    };
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        struct web_url url = {0};
        struct view where = VIEW_NONE;
        assert_true(web_url_split(view_of(samples[i].url), &url));
        const char *fault = web_url_fault(&url, &where);
        if (fault) fail_msg("%s: %s", samples[i].url, fault);
        AUTO_FREE char *host = web_url_plain_host(&url);
        assert_string_equal(host ? host : "", samples[i].wanted);
    }
}

static void what_is_known_later_is_no_address(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "/cart",
                                        "cart",
                                        "?to=http://x",
                                        "${link}",
                                        "http://${host}/cart",
                                        "https://shop.${zone}:80/",
                                        "https://shop.example:${port}/",
                                        "ftp://shop.example"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct web_url url = {0};
        if (web_url_split(view_of(texts[i]), &url)) fail_msg("%s", texts[i]);
    }
}

static void fault_is_where_it_stands(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"http://", ""},
        {"https:///cart", ""},
        {"http://:80/", ""},
        {"http://[::1", "[::1"},
        {"http://[::1:80/x", "[::1:80"},
        {"http://[::zz]/", "[::zz]"},
        {"http://[::1]x:80/", "[::1]x"},
        {"http://shop.example:99999/", "99999"},
        {"http://shop.example:65536", "65536"},
        {"http://shop.example:0/", "0"},
        {"http://shop.example:80a/", "80a"},
        {"http://shop.example:80:90/", "80:90"},
        {"http://shop example/", " "},
        {"http://shop<example/", "<"},
    };
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        struct web_url url = {0};
        struct view where = VIEW_NONE;
        assert_true(web_url_split(view_of(samples[i].url), &url));
        if (!web_url_fault(&url, &where)) fail_msg("%s has no fault", samples[i].url);
        if (!view_is(where, samples[i].wanted))
            fail_msg("%s: '%.*s'", samples[i].url, VIEW_PRINTF(where));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(host_is_found),
        cmocka_unit_test(what_is_known_later_is_no_address),
        cmocka_unit_test(fault_is_where_it_stands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
