/* SPDX-License-Identifier: Apache-2.0 */
/* See terminal.h. */
#include "app/terminal.h"

#include "base/codec.h"
#include "base/utf8.h"

#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool terminal_is(FILE *stream)
{
    const char *kind = getenv("TERM");
    return isatty(fileno(stream)) && kind && strcmp(kind, "dumb") != 0;
}

bool terminal_has_color(FILE *stream, bool no_color)
{
    const char *objection = getenv("NO_COLOR");
    return !no_color && !(objection && *objection) && terminal_is(stream);
}

unsigned terminal_columns(FILE *stream)
{
    struct winsize size;
    if (ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col >= 20) return size.ws_col;
    return 80;
}

unsigned terminal_rows(FILE *stream)
{
    struct winsize size;
    return ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_row ? size.ws_row : 24;
}

unsigned terminal_width(FILE *stream)
{
    const char *wanted = getenv("COLUMNS");
    unsigned long columns = wanted ? strtoul(wanted, NULL, 10) : 0;
    if (columns >= 20 && columns <= 10000) return (unsigned)columns;
    return terminal_is(stream) ? terminal_columns(stream) : 0;
}

void terminal_say(FILE *stream, const struct buf *line)
{
    AUTO_BUF shown = BUF_INIT(BUF_OWN_CAP * 2);
    codec_add_visible(&shown, buf_view(line));
    buf_add_char(&shown, '\n');
    fputs(buf_text(&shown), stream);
}

void terminal_complain(const char *why)
{
    AUTO_BUF line = BUF_INIT(BUF_OWN_CAP);
    buf_addf(&line, "shopper: %s", why);
    terminal_say(stderr, &line);
}

bool terminal_output_was_taken(struct error *error)
{
    bool taken = fflush(stdout) == 0 && !ferror(stdout);
    struct pollfd reader = {.fd = STDOUT_FILENO};
    return taken || (poll(&reader, 1, 0) == 1 && (reader.revents & POLLERR)) ||
           error_set(error, "standard output did not take all of what was written");
}

void option_fault(struct diags *diags, enum diag_code code, const char *option, const char *value,
                  struct view at, const char *message)
{
    struct view whole = view_of(value);
    struct source *source = source_new(option, whole);
    struct view before = view_slice(whole, 0, (size_t)(at.data - value));
    uint32_t line = 1;
    for (size_t end; (end = view_find_char(before, '\n')) != SIZE_MAX; line++)
        before = view_from(before, end + 1);
    const struct place place = {
        .source = source,
        .line = line,
        .column = (uint32_t)utf8_count(before) + 1,
        .length = (uint32_t)utf8_count(at),
    };
    diag_error(diags, code, place, "%s", message);
    source_free(source); /* the diagnostic holds it */
}
