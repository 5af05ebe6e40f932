/* SPDX-License-Identifier: Apache-2.0 */
/* When schedules will fire, for `validate --next`: of journeys, and of a bare expression. */
#ifndef SHOPPER_APP_PREVIEW_H
#define SHOPPER_APP_PREVIEW_H

#include "app/journeys.h"
#include "base/buf.h"

struct preview {
    unsigned count;
    int64_t from_us; /* times after this one */
};

/* Lines "NAME<TAB>TIME", journey after journey. One without a schedule gets none; `notes` says so.
 */
void preview_journeys(const struct preview *preview, const struct journey_list *journeys,
                      struct buf *out, struct buf *notes);
/* Lines "TIME". False: the expression is malformed, which `diags` says, or there is no such time
 * zone (NULL: UTC), which `error` says. */
bool preview_cron(const struct preview *preview, const char *expression, const char *timezone,
                  struct buf *out, struct buf *notes, struct diags *diags,
                  struct error *error) MUST_CHECK;

#endif
