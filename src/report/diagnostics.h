/* SPDX-License-Identifier: Apache-2.0 */
/* Diagnostics for machines: JSON of our own, and SARIF 2.1.0 for code scanners and editors. People
 * read text/diag.h's. */
#ifndef SHOPPER_REPORT_DIAGNOSTICS_H
#define SHOPPER_REPORT_DIAGNOSTICS_H

#include "base/buf.h"
#include "text/diag.h"

/*
 * {"format": "mystery-shopper-diagnostics/1", "journeys": N, "errors": N, "warnings": N,
 *  "diagnostics": [{"level", "code", "message", "hint", "file", "line", "column", "end_column"}]}
 * Columns count code points from 1; `end_column` is the one behind the last. What is not known is
 * null.
 */
void diagnostics_write_json(const struct diags *diags, size_t journeys, struct buf *out);

/*
 * SARIF 2.1.0 (OASIS, errata 01): one run, all of this program's codes as its rules. A relative
 * path stays relative, to whatever directory the program ran in. Columns are code points, and
 * columnKind says so.
 */
void diagnostics_write_sarif(const struct diags *diags, struct buf *out);

#endif
