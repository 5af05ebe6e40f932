/* SPDX-License-Identifier: Apache-2.0 */
/* The table of kinds. See internal.h. */
#include "sink/internal.h"

const struct sink_kind *const sink_kinds[] = {
#define X(name, help) &name##_kind,
    SINK_KINDS(X)
#undef X
        NULL,
};
