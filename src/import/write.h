/* SPDX-License-Identifier: Apache-2.0 */
/* A visit written as a journey. */
#ifndef SHOPPER_IMPORT_WRITE_H
#define SHOPPER_IMPORT_WRITE_H

#include "import/import.h"
#include "import/link.h"

/* False: it would be larger than a journey may be. */
bool journey_write(const struct visit *visit, const struct linked *linked,
                   const struct import_options *options, struct buf *out, struct buf *notes,
                   struct error *error) MUST_CHECK;

#endif
