/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text with every usual escape undone, however often one was put into the other: JSON's and
 * JavaScript's backslashes, XML's and HTML's references, percent encoding. It is for finding what
 * somebody else encoded in ways that nobody foresaw, not for reading: which encoding was meant is
 * not asked, and backslashes are dropped, so that a line feed and "\n" both become "n".
 *
 * Two texts that say the same come out the same.
 */
#ifndef SHOPPER_BASE_UNESCAPE_H
#define SHOPPER_BASE_UNESCAPE_H

#include "base/view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where in the text a byte came from. Whole escapes, with the backslashes before them: what stands
 * between spans can be replaced without breaking the text around it. */
struct unescaped_span {
    uint32_t from, to;
};

struct unescaped {
    char *bytes;
    struct unescaped_span *spans; /* one for each byte */
    size_t length;
};

bool unescape_needed(struct view text); /* some escape stands in it */
/* At most 4 GB of text. The caller releases. */
struct unescaped unescape(struct view text);
void unescaped_release(struct unescaped *unescaped);

#endif
