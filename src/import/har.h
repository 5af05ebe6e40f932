/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP Archive 1.2 (ahmadnassri/har-spec) as browsers and proxies write it, read with forgiveness:
 * a byte order mark, base64 bodies, parameters instead of a body, several Set-Cookie in one line,
 * missing fields. What cannot be understood is an error with its place.
 */
#ifndef SHOPPER_IMPORT_HAR_H
#define SHOPPER_IMPORT_HAR_H

#include "base/error.h"
#include "import/recording.h"

#define HAR_MAX_BYTES ((size_t)256 << 20)
#define HAR_MAX_ENTRIES 20000
#define HAR_MAX_HEADERS 500

/* False: `error` says where ("line 3, column 7" or "log.entries[2].request.url") and what. */
bool har_read(struct view text, struct recording *ret_recording, struct error *error) MUST_CHECK;

#endif
