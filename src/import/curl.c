/* SPDX-License-Identifier: Apache-2.0 */
#include "import/import.h"
bool import_curl(struct view command, const struct import_options *options, struct buf *out,
                 struct buf *notes, struct diags *diags)
{
    (void)command;
    (void)options;
    (void)out;
    (void)notes;
    (void)diags;
    return false;
}
