/* SPDX-License-Identifier: Apache-2.0 */
/* URLs: parsing, resolution (RFC 3986, section 5.4), origins. */
#include "http/url.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void absolute_url_is_taken_apart(void **state)
{
    (void)state;
    struct url url;
    assert_true(
        url_resolve(NULL, "HTTPS://ann:p%40ss@Shop.Example:8443/a%20b?q=1#part", &url, NULL));
    assert_string_equal(url.scheme, "https");
    assert_string_equal(url.host, "shop.example");
    assert_int_equal(url.port, 8443);
    assert_string_equal(url.user, "ann");
    assert_string_equal(url.password, "p@ss");
    assert_string_equal(url.text, "https://shop.example:8443/a%20b?q=1");
    url_release(&url);
}

static void default_ports_are_filled_in_and_not_written(void **state)
{
    (void)state;
    struct url url;
    assert_true(url_resolve(NULL, "http://shop.example:80", &url, NULL));
    assert_int_equal(url.port, 80);
    assert_string_equal(url.text, "http://shop.example/");
    assert_null(url.user);
    url_release(&url);
    assert_true(url_resolve(NULL, "https://shop.example/", &url, NULL));
    assert_int_equal(url.port, 443);
    url_release(&url);
}

static void ipv6_host_loses_its_brackets_but_not_in_the_text(void **state)
{
    (void)state;
    struct url url;
    assert_true(url_resolve(NULL, "http://[::1]:8080/x", &url, NULL));
    assert_string_equal(url.host, "::1");
    assert_string_equal(url.text, "http://[::1]:8080/x");
    url_release(&url);
}

static void international_host_becomes_a_labels(void **state)
{
    (void)state;
    struct url url;
    assert_true(url_resolve(NULL,
                            "http://b\xc3\xbc"
                            "cher.example/",
                            &url, NULL));
    assert_string_equal(url.host, "xn--bcher-kva.example");
    assert_string_equal(url.text, "http://xn--bcher-kva.example/");
    url_release(&url);
}

static void references_resolve_as_in_rfc_3986(void **state)
{
    (void)state;
    static const struct {
        const char *reference, *expected;
    } cases[] = {
        {"g", "http://a/b/c/g"},      {"./g", "http://a/b/c/g"}, {"g/", "http://a/b/c/g/"},
        {"/g", "http://a/g"},         {"//g", "http://g/"},      {"?y", "http://a/b/c/d;p?y"},
        {"g?y", "http://a/b/c/g?y"},  {"g#s", "http://a/b/c/g"}, {";x", "http://a/b/c/;x"},
        {".", "http://a/b/c/"},       {"..", "http://a/b/"},     {"../g", "http://a/b/g"},
        {"../..", "http://a/"},       {"../../g", "http://a/g"}, {"../../../g", "http://a/g"},
        {"http://h/i", "http://h/i"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct url url;
        assert_true(url_resolve("http://a/b/c/d;p?q", cases[i].reference, &url, NULL));
        assert_string_equal(url.text, cases[i].expected);
        url_release(&url);
    }
}

static void blanks_and_umlauts_in_a_location_are_encoded(void **state)
{
    (void)state;
    struct url url;
    assert_true(url_resolve("http://a/", "/sch\xc3\xb6n e", &url, NULL));
    assert_string_equal(url.text, "http://a/sch%c3%b6n%20e");
    url_release(&url);
}

static void what_is_no_http_url_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"ftp://a/",    "javascript:alert(1)", "file:///etc/passwd",
                                      "http://",     "/relative",           "http://a:99999/",
                                      "http://a b/", "http://a/\r\nX: y",   ""};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct url url = {0};
        AUTO_ERROR error = ERROR_NONE;
        if (url_resolve(NULL, bad[i], &url, &error)) fail_msg("'%s' was taken", bad[i]);
        assert_non_null(error.message);
        assert_null(url.text);
    }
}

/* The short way is the long way, only shorter. */
static void joining_gives_the_text_of_resolving(void **state)
{
    (void)state;
    static const char *const bases[] = {"http://a/b/c/d;p?q", "https://shop.example:8443/",
                                        "http://[::1]:8080/x"};
    static const char *const references[] = {"/",
                                             "/g",
                                             "/g/h.html?x=1&y=a,b:c",
                                             "/g?",
                                             "//h/g",
                                             "/./g",
                                             "/..",
                                             "/g/../h",
                                             "/.well-known/x",
                                             "/g?a/.b",
                                             "/a%2fb",
                                             "/a b",
                                             "/g#s",
                                             "/sch\xc3\xb6n",
                                             "g",
                                             "?y",
                                             "http://h/i?j#k",
                                             "/a?b?c",
                                             "/a|b",
                                             "/a\\b",
                                             "/~a_b-c",
                                             "/a//b",
                                             "/a?b=%20",
                                             "/\\h/g"};
    for (size_t i = 0; i < COUNT_OF(bases); i++) {
        for (size_t k = 0; k < COUNT_OF(references); k++) {
            struct url url;
            AUTO_FREE char *text = NULL;
            assert_true(url_resolve(bases[i], references[k], &url, NULL));
            assert_true(url_join(bases[i], references[k], &text, NULL));
            assert_string_equal(text, url.text);
            url_release(&url);
        }
    }
    AUTO_FREE char *text = NULL;
    assert_false(url_join(bases[0], "ftp://a/", &text, NULL));
}

static void host_is_the_same_the_short_way(void **state)
{
    (void)state;
    static const char *const texts[] = {"http://shop.example/",
                                        "https://shop.example:8443/a?b",
                                        "http://127.0.0.1:80/",
                                        "http://2130706433/",
                                        "http://0x7f.1/",
                                        "http://127.1/",
                                        "http://shop.example",
                                        "http://SHOP.example/",
                                        "http://ann@shop.example/",
                                        "http://a:b@shop.example/",
                                        "http://[::1]:80/",
                                        "http://shop.example:99999/",
                                        "http://shop..example/",
                                        "http://shop.example./",
                                        "ftp://shop.example/",
                                        "http:///",
                                        "http://a:/",
                                        "http://1.example/",
                                        "http://example.1/",
                                        ""};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct url url = {0};
        AUTO_FREE char *host = url_host(texts[i]);
        bool good = url_resolve(NULL, texts[i], &url, NULL);
        assert_string_equal(host, good ? url.host : "");
        url_release(&url);
    }
}

static void authority_names_a_port_that_is_not_the_schemes_own(void **state)
{
    (void)state;
    static const struct {
        const char *text, *authority;
    } cases[] = {
        {"http://shop.example/", "shop.example"},
        {"http://shop.example:80/a", "shop.example"},
        {"https://shop.example:443/", "shop.example"},
        {"https://shop.example:80/", "shop.example:80"},
        {"http://shop.example:443/", "shop.example:443"},
        {"https://shop.example:8443/a?b", "shop.example:8443"},
        {"HTTPS://SHOP.example:8443", "shop.example:8443"},
        {"http://127.0.0.1:8080/", "127.0.0.1:8080"},
        {"http://a:/", "a"},
        {"http://[::1]/", "::1"},
        {"http://[::1]:8080/", "[::1]:8080"},
        {"http://shop.example:99999/", ""},
        {"ftp://shop.example/", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_FREE char *authority = url_authority(cases[i].text);
        assert_string_equal(authority, cases[i].authority);
    }
    AUTO_FREE char *none = url_authority(NULL);
    assert_string_equal(none, "");
}

/* The quick reading of what is written as printed agrees with the parser's. */
static void authority_read_quickly_is_the_parsers(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "http://127.1/",
        "http://127.000.0.1/",
        "http://1.2.3.4.5/",
        "http://0x7f.1/",
        "http://999.1.1.1/",
        "http://a.b./",
        "http://a..b/",
        "http://.a/",
        "http://-/",
        "http://shop.example:0/",
        "http://1/",
        "http://a:08080/",
        "http://a:65535/",
        "http://a:65536/",
        "http://a:655350/",
        "http://a:80x/",
        "http://a_b.example/",
        "http://user@shop.example/",
        "http://a",
        "http://",
        "http:///",
        "https://a:443/",
        "httpss://a/",
        "http://a.1/",
        "http://1.shop/",
        "http://a:+80/",
        "http://a: 80/",
        "http://a\\b/",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        AUTO_ERROR error = ERROR_NONE;
        struct url url = {0};
        AUTO_FREE char *quick = url_authority(texts[i]);
        AUTO_FREE char *host = url_host(texts[i]);
        AUTO_FREE char *slow = xstrdup("");
        if (url_resolve(NULL, texts[i], &url, &error)) {
            bool own = url.port == (strcmp(url.scheme, "https") ? 80 : 443);
            free(slow);
            slow = own ? xstrdup(url.host) : xasprintf("%s:%d", url.host, url.port);
            assert_string_equal(host, url.host);
        }
        assert_string_equal(quick, slow);
        url_release(&url);
    }
}

static void name_without_a_port_is_of_any(void **state)
{
    (void)state;
    static const struct {
        const char *authority, *name;
        bool is;
    } cases[] = {
        {"shop.example", "shop.example", true},
        {"shop.example:8080", "shop.example", true},
        {"shop.example:8080", "shop.example:8080", true},
        {"shop.example:8080", "shop.example:80", false},
        {"shop.example", "shop.example:8080", false},
        {"shop.example:8080", "shop", false},
        {"shop.example:8080", "", false},
        {"", "", true},
        {"", "shop.example", false},
        {"::1", "::1", true},
        {"::1", ":", false},
        {"fe80::1", "fe80:", false},
        {"[::1]:8080", "::1", true},
        {"[::1]:8080", "[::1]:8080", true},
        {"[::1]:8080", "::2", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(authority_is_of(cases[i].authority, cases[i].name), cases[i].is);
}

static void endless_url_is_refused(void **state)
{
    (void)state;
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    buf_add_text(&text, "http://a/");
    for (int i = 0; i < 20000; i++) buf_add_char(&text, 'x');
    struct url url;
    assert_false(url_resolve(NULL, buf_text(&text), &url, NULL));
}

static void origin_is_scheme_host_and_port(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool same;
    } cases[] = {
        {"http://a/x", "http://A:80/y", true},
        {"http://a/", "https://a/", false},
        {"http://a/", "http://a:8080/", false},
        {"http://a/", "http://b.a/", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct url a, b;
        assert_true(url_resolve(NULL, cases[i].a, &a, NULL));
        assert_true(url_resolve(NULL, cases[i].b, &b, NULL));
        assert_int_equal(url_same_origin(&a, &b), cases[i].same);
        url_release(&a);
        url_release(&b);
    }
}

static void urls_begin_alike_up_to_their_paths(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool alike;
    } cases[] = {
        {"http://shop.example/a", "http://shop.example/b?c", true},
        {"http://shop.example/", "http://shop.example/", true},
        {"http://shop.example/", "http://shop.example:80/", false},
        {"http://shop.example/", "https://shop.example/", false},
        {"http://shop.example/", "http://shop.example.org/", false},
        {"http://shop.example", "http://shop.example", false}, /* nothing ends the host */
        {"", "", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(url_begins_alike(cases[i].a, cases[i].b), cases[i].alike);
        assert_int_equal(url_begins_alike(cases[i].b, cases[i].a), cases[i].alike);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(absolute_url_is_taken_apart),
        cmocka_unit_test(default_ports_are_filled_in_and_not_written),
        cmocka_unit_test(ipv6_host_loses_its_brackets_but_not_in_the_text),
        cmocka_unit_test(international_host_becomes_a_labels),
        cmocka_unit_test(references_resolve_as_in_rfc_3986),
        cmocka_unit_test(blanks_and_umlauts_in_a_location_are_encoded),
        cmocka_unit_test(what_is_no_http_url_is_refused),
        cmocka_unit_test(joining_gives_the_text_of_resolving),
        cmocka_unit_test(host_is_the_same_the_short_way),
        cmocka_unit_test(authority_names_a_port_that_is_not_the_schemes_own),
        cmocka_unit_test(name_without_a_port_is_of_any),
        cmocka_unit_test(endless_url_is_refused),
        cmocka_unit_test(origin_is_scheme_host_and_port),
        cmocka_unit_test(urls_begin_alike_up_to_their_paths),
        cmocka_unit_test(authority_read_quickly_is_the_parsers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
