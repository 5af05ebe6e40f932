/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this floor know of each other; the public face is include/shopper/. */
#ifndef SHOPPER_LIBRARY_LIBRARY_H
#define SHOPPER_LIBRARY_LIBRARY_H

#include "run/run.h"

#include <shopper/shopper.h>

struct shopper_journey {
    struct journey *journey; /* held */
};

/* Where new diagnostics go: the caller's, or nowhere when it gave none. */
struct diags *diagnostics_open(struct shopper_diagnostics *diagnostics, struct diags *scratch);
/* Brings what was added into the caller's sight. */
void diagnostics_close(struct shopper_diagnostics *diagnostics, struct diags *scratch);

/* Takes the report over, and the journey's secrets out of it. */
struct shopper_report *report_wrap(struct run_report *report, const struct redactor *redactor);

#endif
