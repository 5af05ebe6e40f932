/* SPDX-License-Identifier: Apache-2.0 */
/* shopper import: a journey out of a browser's recording or a command line of curl. Sends nothing.
 */
#include "import/import.h"

#include "app/commands.h"
#include "app/terminal.h"
#include "base/file.h"
#include "base/vec.h"
#include "import/har.h"
#include "journey/journey.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct import_settings {
    const char *output, *name;
    bool force, no_color;
};

#define FIELD(name) offsetof(struct import_settings, name)

static const struct option_row import_rows[] = {
    {"output", 'o', "FILE", OPTION_TEXT, FIELD(output), "write there, not to standard output"},
    {"force", 'f', NULL, OPTION_FLAG, FIELD(force), "with --output: replace a file that is there"},
    {"name", 'n', "NAME", OPTION_TEXT, FIELD(name), "of the journey; after the host when not said"},
    {"no-color", 0, NULL, OPTION_FLAG, FIELD(no_color), "no colours (also: NO_COLOR)"},
    {0},
};

static const char *file_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool read_har(const struct import_settings *settings, const char *path, struct buf *out,
                     struct buf *notes, struct error *error)
{
    AUTO_BUF text = BUF_INIT(HAR_MAX_BYTES);
    const struct import_options options = {
        .name = settings->name,
        .from = strcmp(path, "-") ? file_part(path) : "standard input",
    };
    if (!file_read(path, &text, error)) return false;
    if (import_har(buf_view(&text), &options, out, notes, error)) return true;
    return error_wrap(error, "%s", path);
}

/* What is wrong in the command is shown as in a file: it has places of its own. */
static bool read_curl(const struct import_settings *settings, const char *command, struct buf *out,
                      struct buf *notes, struct error *error)
{
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP), shown = BUF_INIT(BUF_OWN_CAP);
    const struct import_options options = {.name = settings->name, .from = "a curl command"};
    struct diags diags = DIAGS_INIT;
    if (!strcmp(command, "-") && !file_read(command, &text, error)) return false;
    if (strcmp(command, "-") != 0) buf_add_text(&text, command);
    bool read = import_curl(buf_view(&text), &options, out, notes, &diags);
    diags_print(&diags, &shown, terminal_has_color(stderr, settings->no_color));
    fputs(buf_text(&shown), stderr);
    diags_release(&diags);
    return read || error_set(error, "this command cannot be taken over");
}

static bool read_any(const struct import_settings *settings, const struct text_list *words,
                     struct buf *out, struct buf *notes, struct error *error)
{
    const char *kind = words->count ? words->items[0] : "";
    if (words->count == 2 && !strcmp(kind, "har"))
        return read_har(settings, words->items[1], out, notes, error);
    if (words->count == 2 && !strcmp(kind, "curl"))
        return read_curl(settings, words->items[1], out, notes, error);
    if (words->count > 2 && !strcmp(kind, "curl"))
        return error_set(error, "the whole command is one argument: put it in quotes, or use '-' "
                                "and give it on standard input");
    return error_set(error, "import wants: har FILE, or curl 'COMMAND'");
}

/* What is written here is what `validate` lets pass. */
static bool check_journey(const struct buf *text, struct error *error)
{
    const struct load_options options = {0};
    struct diags diags = DIAGS_INIT;
    struct journey *journey =
        journey_load_text("the journey made of it", buf_view(text), &options, &diags);
    AUTO_BUF said = BUF_INIT(BUF_OWN_CAP);
    diags_print(&diags, &said, false);
    struct view first = VIEW_NONE, rest = buf_view(&said);
    (void)view_split(&rest, '\n', &first);
    bool good = journey != NULL;
    if (!good)
        (void)error_set(error, "%.*s: this is a fault of shopper, please report it",
                        VIEW_PRINTF(first));
    journey_free(journey);
    diags_release(&diags);
    return good;
}

static bool write_journey(const struct import_settings *settings, const struct buf *text,
                          struct error *error)
{
    if (!settings->output) {
        fwrite(text->data, 1, text->length, stdout);
        return terminal_output_was_taken(error);
    }
    if (!settings->force && access(settings->output, F_OK) == 0)
        return error_set(error, "%s is there already: --force replaces it", settings->output);
    return file_write(settings->output, buf_view(text), 0644, error);
}

static void print_notes(const struct buf *notes)
{
    struct view rest = buf_view(notes), line = VIEW_NONE;
    while (view_split(&rest, '\n', &line)) {
        AUTO_FREE char *note = xstrndup(line.data, line.length);
        if (*note) terminal_complain(note);
    }
}

static int import(const struct command *command, int argc, char **argv)
{
    struct import_settings settings = {0};
    struct text_list words = {0};
    AUTO_ERROR error = ERROR_NONE;
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP), notes = BUF_INIT(BUF_OWN_CAP);
    bool good = options_parse(command, argc, argv, &settings, &words, &error) &&
                read_any(&settings, &words, &text, &notes, &error) &&
                check_journey(&text, &error) && write_journey(&settings, &text, &error);
    if (good)
        print_notes(&notes);
    else
        terminal_complain(error_text(&error));
    vec_release(&words);
    return good ? EXIT_CODE_PASSED : EXIT_CODE_USAGE;
}

const struct command command_import = {
    .name = "import",
    .arguments = "har FILE|curl COMMAND",
    .summary = "make a journey out of a browser's recording or a curl command",
    .details = "FILE is an HTTP archive, as a browser's developer tools save it; COMMAND is what "
               "they copy "
               "as cURL.\n'-' reads standard input. Passwords and keys become references to the "
               "environment; what they are called\nis said on standard error. Exit 2: it cannot be "
               "understood, and where.",
    .options = import_rows,
    .run = import,
};
