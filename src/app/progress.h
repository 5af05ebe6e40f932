/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a person sees while shoppers walk: on a terminal one line for each run under way, drawn anew
 * a few times a second; elsewhere nothing until a run ends.
 */
#ifndef SHOPPER_APP_PROGRESS_H
#define SHOPPER_APP_PROGRESS_H

#include "base/redact.h"
#include "loop/loop.h"
#include "run/engine.h"

#include <stdio.h>

struct progress;

/* `live` false: only progress_print prints. */
struct progress *progress_new(struct loop *loop, FILE *stream, bool live, bool color,
                              const struct redactor *redactor);
void progress_free(struct progress *progress);
/* An engine's observer. */
void progress_observe(void *progress, const struct run *run, enum run_event event,
                      const struct step_report *step);
/* Text above the live lines, redacted. */
void progress_print(struct progress *progress, const struct buf *text);

#endif
