/* SPDX-License-Identifier: Apache-2.0 */
/* HMAC-SHA256 (RFC 2104, FIPS 180-4), and comparison that tells nothing by its time. Here because
 * this floor owns OpenSSL. */
#ifndef SHOPPER_HTTP_HMAC_H
#define SHOPPER_HTTP_HMAC_H

#include "base/view.h"

#include <stdbool.h>

#define HMAC_SHA256_BYTES 32

void hmac_sha256(struct view key, struct view text, unsigned char digest[static HMAC_SHA256_BYTES]);
bool secret_equals(struct view a, struct view b);

#endif
