/* SPDX-License-Identifier: Apache-2.0 */
/* The formats, one function and one file each; callers outside this floor use writer.h. */
#ifndef SHOPPER_REPORT_FORMATS_H
#define SHOPPER_REPORT_FORMATS_H

#include "report/writer.h"

typedef void report_writer(const struct report_set *reports, const struct writer_options *options,
                           struct buf *out);

report_writer text_write, json_write, junit_write, tap_write, har_write;

#endif
