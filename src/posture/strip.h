/* SPDX-License-Identifier: Apache-2.0 */
/* How a span went cell by cell, for the eye: by the hour, the day, the week or four weeks, whatever
 * fits. */
#ifndef SHOPPER_POSTURE_STRIP_H
#define SHOPPER_POSTURE_STRIP_H

#include "posture/posture.h"

#define POSTURE_STRIPS 40 /* journeys */
#define POSTURE_STRIP_CELLS 100

struct posture_strip {
    const char *journey; /* the posture's; "": all of them together */
    struct store_figures figures;
    struct store_cell_list cells;
};

struct posture_strips {
    VEC(struct posture_strip) list; /* all together where there are several, then the worst first */
    int64_t cell_us;
    size_t left_out; /* journeys that fared better than those */
};

/* Of a posture that was read. False: the store cannot be read. Release it either way. */
bool posture_read_strips(struct posture_strips *strips, const struct posture *posture,
                         struct store *store, struct error *error) MUST_CHECK;
void posture_strips_release(struct posture_strips *strips);

#endif
