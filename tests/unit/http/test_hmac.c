/* SPDX-License-Identifier: Apache-2.0 */
/* HMAC-SHA256 against RFC 4231's vectors, and the comparison of secrets. */
#include "http/hmac.h"

#include "base/alloc.h"

#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void vectors_of_rfc_4231_hold(void **state)
{
    (void)state;
    char keys[2][132];
    memset(keys[0], 0x0b, 20);
    memset(keys[1], 0xaa, 131);
    const struct {
        struct view key, text;
        const char *digest;
    } table[] = {
        {{keys[0], 20},
         VIEW_LITERAL("Hi There"),
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {VIEW_LITERAL("Jefe"), VIEW_LITERAL("what do ya want for nothing?"),
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {{keys[1], 131},
         VIEW_LITERAL("Test Using Larger Than Block-Size Key - Hash Key First"),
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        unsigned char digest[HMAC_SHA256_BYTES];
        char text[2 * HMAC_SHA256_BYTES + 1];
        hmac_sha256(table[i].key, table[i].text, digest);
        for (size_t j = 0; j < sizeof digest; j++) snprintf(text + 2 * j, 3, "%02x", digest[j]);
        assert_string_equal(text, table[i].digest);
    }
}

static void empty_text_has_a_digest(void **state)
{
    (void)state;
    unsigned char one[HMAC_SHA256_BYTES], other[HMAC_SHA256_BYTES];
    hmac_sha256(VIEW_LITERAL("key"), VIEW_NONE, one);
    hmac_sha256(VIEW_LITERAL("key"), VIEW_LITERAL(""), other);
    assert_memory_equal(one, other, sizeof one);
}

static void secrets_are_equal_when_all_bytes_are(void **state)
{
    (void)state;
    assert_true(secret_equals(VIEW_LITERAL("secret"), VIEW_LITERAL("secret")));
    assert_true(secret_equals(VIEW_NONE, VIEW_LITERAL("")));
    assert_false(secret_equals(VIEW_LITERAL("secret"), VIEW_LITERAL("secreT")));
    assert_false(secret_equals(VIEW_LITERAL("secret"), VIEW_LITERAL("secret\0")));
    assert_false(secret_equals(VIEW_LITERAL("secret"), VIEW_NONE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_of_rfc_4231_hold),
        cmocka_unit_test(empty_text_has_a_digest),
        cmocka_unit_test(secrets_are_equal_when_all_bytes_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
