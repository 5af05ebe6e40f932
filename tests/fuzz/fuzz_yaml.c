/* SPDX-License-Identifier: Apache-2.0 */
/* Hostile bytes as a journey file: loaded, linted, lowered, freed; its diagnostics rendered. */
#include "journey/journey.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct diags diags = DIAGS_INIT;
    struct buf out = BUF_INIT(BUF_OWN_CAP);
    struct view text = {(const char *)data, size};
    struct journey *journey = journey_load_text("/nowhere/fuzz.yaml", text, NULL, &diags);
    diags_sort(&diags);
    diags_print(&diags, &out, false);
    journey_free(journey);
    diags_release(&diags);
    buf_release(&out);
    return 0;
}
