/* SPDX-License-Identifier: Apache-2.0 */
/* See http.h: what belongs to the interface and to no client. */
#include "http/http.h"

#include <stdlib.h>

void http_result_release(struct http_result *result)
{
    if (!result) return;
    free(take(result->detail));
    free(take(result->expected));
    free(take(result->actual));
    free(take(result->proxy));
    message_free(take(result->message));
}
