/* SPDX-License-Identifier: Apache-2.0 */
/* From a recording to a journey, one pass after the other. See import.h. */
#include "import/import.h"

#include "import/har.h"
#include "import/link.h"
#include "import/propose.h"
#include "import/write.h"

bool import_har(struct view text, const struct import_options *options, struct buf *out,
                struct buf *notes, struct error *error)
{
    struct recording recording = {0};
    struct visit visit = {0};
    struct linked linked = {0};
    bool done = har_read(text, &recording, error) && visit_choose(&recording, &visit, error);
    if (done) {
        visit_recognise(&visit);
        link_values(&recording, &visit, &linked);
        propose_undo(&visit);
        done = journey_write(&visit, &linked, options, out, notes, error);
    }
    linked_release(&linked);
    visit_release(&visit);
    recording_release(&recording);
    return done;
}
