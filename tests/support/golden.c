/* SPDX-License-Identifier: Apache-2.0 */
/* See golden.h. */
#include "support/golden.h"

#include "base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define GOLDEN_DIRECTORY SHOPPER_SOURCE_DIR "/tests/golden/"

static void update(const char *path, struct view actual)
{
    AUTO_ERROR error = ERROR_NONE;
    AUTO_FREE char *directory = path_directory(path);
    if (!file_make_directory(directory, &error)) fail_msg("%s", error_text(&error));
    if (!file_write(path, actual, 0644, &error)) fail_msg("%s", error_text(&error));
}

static void fail_at_first_difference(const char *name, struct view expected, struct view actual)
{
    struct view wanted, got;
    for (unsigned line = 1;; line++) {
        bool more_wanted = view_split(&expected, '\n', &wanted);
        bool more_got = view_split(&actual, '\n', &got);
        if (!more_wanted) wanted = VIEW_LITERAL("(the end)");
        if (!more_got) got = VIEW_LITERAL("(the end)");
        if (more_wanted && more_got && view_equals(wanted, got)) continue;
        fail_msg("tests/golden/%s:%u differs\n  golden: %.*s\n  actual: %.*s\n"
                 "(SHOPPER_UPDATE_GOLDEN=1 rewrites it)",
                 name, line, VIEW_PRINTF(wanted), VIEW_PRINTF(got));
        return;
    }
}

void golden_check(const char *name, struct view actual)
{
    AUTO_FREE char *path = path_join(GOLDEN_DIRECTORY, name);
    const char *wish = getenv("SHOPPER_UPDATE_GOLDEN");
    if (wish && strcmp(wish, "1") == 0) {
        update(path, actual);
        return;
    }
    AUTO_ERROR error = ERROR_NONE;
    AUTO_BUF expected = BUF_INIT(BUF_OWN_CAP);
    if (!file_read(path, &expected, &error)) fail_msg("%s", error_text(&error));
    if (view_equals(buf_view(&expected), actual)) return;
    fail_at_first_difference(name, buf_view(&expected), actual);
}
