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

/* --- What is told */

static struct buf told = {.cap = BUF_OWN_CAP};

static bool is_day(const char *text)
{
    return strspn(text, "0123456789") == 4 && text[4] == '-' &&
           strspn(text + 5, "0123456789") == 2 && text[7] == '-';
}

/* How much of the text is another each time, and the word that stands for it; 0: nothing. */
static size_t passing(const char *text, struct view before, const char **ret_word)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
    size_t digits = strspn(text, "0123456789"), word = strspn(text, letters);
    if (!strncmp(text, "/tmp/shopper-", 13)) {
        *ret_word = "DIRECTORY";
        return 5 + strspn(text + 5, letters);
    }
    bool dated = view_ends_with(before, VIEW_LITERAL("on ")) ||
                 view_ends_with(before, VIEW_LITERAL("before ")) ||
                 view_ends_with(before, VIEW_LITERAL("after "));
    if (dated && is_day(text)) {
        *ret_word = "DAY";
        return sizeof "2026-01-01" - 1;
    }
    if (word == 36 && text[8] == '-' && text[23] == '-') {
        *ret_word = "ID";
        return word;
    }
    *ret_word = "TIME";
    if (digits == 2 && text[2] == ':' && view_ends_with(before, VIEW_LITERAL("since ")))
        return sizeof "12:34:56" - 1;
    if (digits == 16) return digits; /* microseconds */
    *ret_word = "PORT";
    bool port = digits == 5 && (view_ends_with(before, VIEW_LITERAL(":")) ||
                                view_ends_with(before, VIEW_LITERAL("port ")));
    return port ? digits : 0;
}

static void add_lasting(struct buf *out, const char *text)
{
    while (*text) {
        const char *word;
        size_t length = passing(text, buf_view(out), &word);
        if (length) {
            buf_add_text(out, word);
        } else {
            length = strspn(text, "0123456789");
            if (!length) length = 1;
            buf_add(out, text, length);
        }
        text += length;
    }
}

void golden_note(const char *text)
{
    AUTO_BUF line = BUF_INIT(BUF_OWN_CAP);
    add_lasting(&line, text);
    buf_add_char(&line, '\n');
    if (!strstr(buf_text(&told), buf_text(&line))) buf_add_view(&told, buf_view(&line));
}

void messages_are_as_pinned(void **state)
{
    golden_check(*state, buf_view(&told));
    buf_release(&told);
}
