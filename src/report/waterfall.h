/* SPDX-License-Identifier: Apache-2.0 */
/* A run's steps as bars over its length, the phases of each request shaded apart. For terminals. */
#ifndef SHOPPER_REPORT_WATERFALL_H
#define SHOPPER_REPORT_WATERFALL_H

#include "report/writer.h"

#define WATERFALL_COLUMNS 40 /* of a bar, where nobody says how much room there is */

/* One line per step, and a legend below; at verbosity 2 and up the phases in figures too. */
void waterfall_write(const struct run_report *report, const struct writer_options *options,
                     struct buf *out);
/* "dns 1.2 ms, connect 0.4 ms, ..., total 31 ms", the phases that happened. */
void phases_write(const struct timings *timings, struct buf *out);

#endif
