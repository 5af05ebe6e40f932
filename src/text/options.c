/* SPDX-License-Identifier: Apache-2.0 */
/* See options.h. */
#include "text/options.h"

#include "base/vec.h"
#include "text/diag.h"
#include "text/quantity.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define OPTIONS_MAX 64
#define HELP_COLUMN 28
#define HELP_WIDTH 80

static const struct option_row *row_of(const struct command *command, struct view name)
{
    for (const struct option_row *row = command->options; row->name; row++) {
        if (view_is(name, row->name)) return row;
    }
    return NULL;
}

static const struct option_row *row_of_letter(const struct command *command, char letter)
{
    for (const struct option_row *row = command->options; row->name; row++) {
        if (row->letter == letter) return row;
    }
    return NULL;
}

static const char *program_of(const struct command *command)
{
    return command->alone ? "" : "shopper ";
}

static bool unknown_option(const struct command *command, struct view name, struct error *error)
{
    const char *candidates[OPTIONS_MAX] = {NULL};
    for (size_t i = 0; command->options[i].name && i < OPTIONS_MAX - 1; i++)
        candidates[i] = command->options[i].name;
    const char *near = suggest_nearest(name, candidates);
    if (near)
        return error_set(error, "unknown option --%.*s: did you mean --%s?", VIEW_PRINTF(name),
                         near);
    return error_set(error, "unknown option --%.*s; see %s%s --help", VIEW_PRINTF(name),
                     program_of(command), command->name);
}

static bool set_number(unsigned *ret_number, const struct option_row *row, const char *value,
                       struct error *error)
{
    char *end = NULL;
    unsigned long number = strtoul(value, &end, 10);
    if (*value < '0' || *value > '9' || *end || number < 1 || number > 1000000) {
        return error_set(error, "--%s needs a whole number from 1 to 1000000, not '%s'", row->name,
                         value);
    }
    *ret_number = (unsigned)number;
    return true;
}

static bool set_option(const struct option_row *row, const char *value, void *settings,
                       struct error *error)
{
    void *field = (char *)settings + row->offset;
    switch (row->kind) {
    case OPTION_FLAG:
    case OPTION_LAST: *(bool *)field = true; return true;
    case OPTION_COUNTER: ++*(int *)field; return true;
    case OPTION_TEXT: *(const char **)field = value; return true;
    case OPTION_LIST: vec_push((struct text_list *)field, value); return true;
    case OPTION_NUMBER: return set_number(field, row, value, error);
    case OPTION_DURATION:
        if (quantity_duration(view_of(value), field) == QUANTITY_OK) return true;
        return error_set(error, "--%s needs a duration such as 30s or 500ms, not '%s'", row->name,
                         value);
    }
    return false;
}

/* One --name, --name=value or --name value; *i moves past what was taken. */
static bool parse_long(const struct command *command, int argc, char **argv, int *i, void *settings,
                       struct error *error)
{
    const char *text = argv[*i] + 2, *equals = strchr(text, '=');
    struct view name = {text, equals ? (size_t)(equals - text) : strlen(text)};
    const struct option_row *row = row_of(command, name);
    if (!row) return unknown_option(command, name, error);
    if (!row->argument && equals) return error_set(error, "--%s takes no value", row->name);
    const char *value = equals ? equals + 1 : NULL;
    if (row->argument && !value) {
        if (*i + 1 >= argc)
            return error_set(error, "--%s needs a value: --%s %s", row->name, row->name,
                             row->argument);
        value = argv[++*i];
    }
    if (row->kind == OPTION_LAST) *i = argc;
    return set_option(row, value, settings, error);
}

/* Single letters, alone or together: -vv, -p3 or -p 3. */
static bool parse_letters(const struct command *command, int argc, char **argv, int *i,
                          void *settings, struct error *error)
{
    for (const char *letter = argv[*i] + 1; *letter; letter++) {
        const struct option_row *row = row_of_letter(command, *letter);
        if (!row)
            return error_set(error, "unknown option -%c; see %s%s --help", *letter,
                             program_of(command), command->name);
        if (row->kind == OPTION_LAST) *i = argc;
        if (!row->argument) {
            if (!set_option(row, NULL, settings, error)) return false;
            if (row->kind == OPTION_LAST) return true;
            continue;
        }
        const char *value = letter + 1;
        if (!*value && *i + 1 >= argc)
            return error_set(error, "-%c needs a value: -%c %s", *letter, *letter, row->argument);
        if (!*value) value = argv[++*i];
        return set_option(row, value, settings, error);
    }
    return true;
}

bool options_parse(const struct command *command, int argc, char **argv, void *settings,
                   struct text_list *rest, struct error *error)
{
    bool only_rest = false;
    for (int i = 1; i < argc; i++) {
        const char *text = argv[i];
        if (only_rest || text[0] != '-' || !text[1]) {
            vec_push(rest, text);
        } else if (!strcmp(text, "--")) {
            only_rest = true;
        } else if (text[1] == '-') {
            if (!parse_long(command, argc, argv, &i, settings, error)) return false;
        } else if (!parse_letters(command, argc, argv, &i, settings, error)) {
            return false;
        }
    }
    return true;
}

bool set_values_are_good(const struct text_list *set, struct error *error)
{
    for (size_t i = 0; i < set->count; i++) {
        const char *equals = strchr(set->items[i], '=');
        if (equals && equals != set->items[i]) continue;
        return error_set(error, "--var needs NAME=VALUE, not '%s'", set->items[i]);
    }
    return true;
}

struct set_names set_names_of(const struct text_list *set)
{
    char **names = xcalloc(set->count + 1, sizeof(*names));
    for (size_t i = 0; i < set->count; i++) {
        names[i] = xstrndup(set->items[i], strcspn(set->items[i], "="));
    }
    return (struct set_names){(const char *const *)names};
}

void set_names_release(struct set_names *names)
{
    char **items = (char **)(uintptr_t)names->names;
    for (size_t i = 0; items && items[i]; i++) free(items[i]);
    free(items);
    names->names = NULL;
}

/* What a word of options says of help. */
enum help { HELP_UNSAID, HELP_WANTED, HELP_TOO_LATE };

/* *i moves past the value of an option that takes one. */
static enum help help_of_long(const struct command *command, char **argv, int *i)
{
    struct view name = view_of(argv[*i] + 2);
    size_t equals = view_find_char(name, '=');
    if (view_is(name, "help")) return HELP_WANTED;
    const struct option_row *row = row_of(command, view_slice(name, 0, equals));
    if (row && row->kind == OPTION_LAST) return HELP_TOO_LATE;
    if (row && row->argument && equals == SIZE_MAX) ++*i;
    return HELP_UNSAID;
}

static enum help help_of_letters(const struct command *command, char **argv, int *i)
{
    for (const char *letter = argv[*i] + 1; *letter; letter++) {
        if (*letter == 'h') return HELP_WANTED;
        const struct option_row *row = row_of_letter(command, *letter);
        if (!row) return HELP_UNSAID;
        if (row->kind == OPTION_LAST) return HELP_TOO_LATE;
        if (!row->argument) continue;
        if (!letter[1]) ++*i;
        return HELP_UNSAID;
    }
    return HELP_UNSAID;
}

bool options_want_help(const struct command *command, int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        enum help help = HELP_UNSAID;
        if (argv[i][0] != '-') continue;
        help = argv[i][1] == '-' ? help_of_long(command, argv, &i)
                                 : help_of_letters(command, argv, &i);
        if (help != HELP_UNSAID) return help == HELP_WANTED;
    }
    return false;
}

/* Words in lines of a terminal's width, each after the first begun `indent` columns in. */
static void add_wrapped(struct buf *out, struct view words, int indent)
{
    struct view word;
    size_t column = (size_t)indent;
    while (view_split(&words, ' ', &word)) {
        bool first = column == (size_t)indent;
        if (!first && column + 1 + word.length > HELP_WIDTH) {
            buf_addf(out, "\n%*s", indent, "");
            column = (size_t)indent;
            first = true;
        }
        if (!first) buf_add_char(out, ' ');
        buf_add_view(out, word);
        column += word.length + !first;
    }
    buf_add_char(out, '\n');
}

static void add_details(struct buf *out, const char *details)
{
    struct view rest = view_of(details), line;
    AUTO_BUF paragraph = BUF_INIT(BUF_OWN_CAP);
    while (view_split(&rest, '\n', &line)) {
        bool ends = !line.length || line.data[0] == ' ';
        if (ends && paragraph.length) {
            add_wrapped(out, buf_view(&paragraph), 0);
            buf_clear(&paragraph);
        }
        if (!line.length || line.data[0] == ' ') { /* what is indented stands as it is */
            buf_add_view(out, line);
            buf_add_char(out, '\n');
            continue;
        }
        if (paragraph.length) buf_add_char(&paragraph, ' ');
        buf_add_view(&paragraph, line);
    }
    if (paragraph.length) add_wrapped(out, buf_view(&paragraph), 0);
}

void options_help(const struct command *command, struct buf *out)
{
    buf_addf(out, "usage: %s%s [OPTION...] %s\n\n%s\n", program_of(command), command->name,
             command->arguments, command->summary);
    if (command->details) {
        buf_add_char(out, '\n');
        add_details(out, command->details);
    }
    buf_add_text(out, "\noptions:\n");
    for (const struct option_row *row = command->options; row->name; row++) {
        AUTO_BUF left = BUF_INIT(BUF_OWN_CAP);
        if (row->letter)
            buf_addf(&left, "  -%c, --%s", row->letter, row->name);
        else
            buf_addf(&left, "      --%s", row->name);
        if (row->argument) buf_addf(&left, " %s", row->argument);
        bool long_left = left.length >= HELP_COLUMN;
        buf_addf(out, "%-*s%s%*s", HELP_COLUMN, buf_text(&left), long_left ? "\n" : "",
                 long_left ? HELP_COLUMN : 0, "");
        add_wrapped(out, view_of(row->help), HELP_COLUMN);
    }
    buf_addf(out, "  -h, --help%*sthis text\n", HELP_COLUMN - 12, "");
}
