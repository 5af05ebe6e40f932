/* SPDX-License-Identifier: Apache-2.0 */
/* One step as a tree for scribe.h. */
#ifndef SHOPPER_IMPORT_WRITE_STEP_H
#define SHOPPER_IMPORT_WRITE_STEP_H

#include "answer/json.h"
#include "import/link.h"

struct step_writer {
    const struct visit *visit;
    const struct linked *linked;
    bool has_cap;      /* a step before it has one */
    bool keeps_data;   /* data that no other step needs is all there is */
    struct buf *notes; /* for people, a line each */
};

/* With its checks, captures and undo. Owned by the caller. */
cJSON *step_tree(struct step_writer *writer, size_t step);

#endif
