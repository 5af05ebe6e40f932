/* SPDX-License-Identifier: Apache-2.0 */
/* A hostile HTTP archive. Whatever is made of it loads as a journey, unless a word of the
 * journey itself was a secret. */
#include "import/import.h"
#include "journey/journey.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct view text = {(const char *)data, size};
    struct buf out = BUF_INIT(BUF_OWN_CAP), notes = BUF_INIT(BUF_OWN_CAP);
    struct error error = ERROR_NONE;
    const struct import_options options = {.from = "fuzz.har"};
    struct diags diags = DIAGS_INIT;
    if (import_har(text, &options, &out, &notes, &error)) {
        struct journey *journey =
            journey_load_text("/nowhere/fuzz.yaml", buf_view(&out), NULL, &diags);
        if (!journey && !strstr(buf_text(&out), "[redacted:")) {
            struct buf shown = BUF_INIT(BUF_OWN_CAP);
            diags_print(&diags, &shown, false);
            fprintf(stderr, "%s\n%s\n", buf_text(&out), buf_text(&shown));
            abort();
        }
        journey_free(journey);
    }
    diags_release(&diags);
    error_release(&error);
    buf_release(&notes);
    buf_release(&out);
    return 0;
}
