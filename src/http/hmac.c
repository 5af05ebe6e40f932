/* SPDX-License-Identifier: Apache-2.0 */
/* See hmac.h. */
#include "http/hmac.h"

#include "base/alloc.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

void hmac_sha256(struct view key, struct view text, unsigned char digest[static HMAC_SHA256_BYTES])
{
    unsigned int length = 0;
    ASSERT(HMAC(EVP_sha256(), key.data, (int)key.length, (const unsigned char *)text.data,
                text.length, digest, &length));
    ASSERT(length == HMAC_SHA256_BYTES);
}

/* Both are hashed first, so that lengths do not show either. */
bool secret_equals(struct view a, struct view b)
{
    static const char key[] = "comparison";
    unsigned char one[HMAC_SHA256_BYTES], other[HMAC_SHA256_BYTES];
    hmac_sha256(view_of(key), a, one);
    hmac_sha256(view_of(key), b, other);
    return CRYPTO_memcmp(one, other, sizeof one) == 0;
}
