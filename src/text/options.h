/* SPDX-License-Identifier: Apache-2.0 */
/* Command-line options from tables: one row gives parser, --help and completion. GNU style: --name
 * VALUE, --name=VALUE, -x. */
#ifndef SHOPPER_TEXT_OPTIONS_H
#define SHOPPER_TEXT_OPTIONS_H

#include "base/buf.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_kind {
    OPTION_FLAG,    /* bool */
    OPTION_LAST,    /* bool; nothing behind it is read, as of --version */
    OPTION_COUNTER, /* int, one more each time */
    OPTION_TEXT,    /* const char * */
    OPTION_LIST,    /* struct text_list */
    OPTION_NUMBER,  /* unsigned, 1 and up */
    OPTION_DURATION /* int64_t, microseconds */
};

struct text_list {
    const char **items;     /* borrowed texts */
    size_t count, capacity; /* a VEC */
};

struct option_row {
    const char *name;     /* without the dashes */
    char letter;          /* '\0': none */
    const char *argument; /* its name in --help; NULL: takes none */
    enum option_kind kind;
    size_t offset; /* of the field in the command's settings */
    const char *help;
};

struct command {
    const char *name;                 /* "run" of "shopper run" */
    bool alone;                       /* `name` is that of a program: "check_shopper" */
    const char *arguments;            /* "[JOURNEY|DIRECTORY...]" */
    const char *summary;              /* one line */
    const char *details;              /* paragraphs for --help; NULL */
    const struct option_row *options; /* ended by a NULL name */
    int (*run)(const struct command *command, int argc, char **argv);
};

/*
 * Fills `settings` from argv[1..]; what is no option goes to `rest`, everything after "--" too.
 * False: malformed, error says how (with a did-you-mean).
 */
bool options_parse(const struct command *command, int argc, char **argv, void *settings,
                   struct text_list *rest, struct error *error) MUST_CHECK;
void options_help(const struct command *command, struct buf *out);
/* Whether each is "NAME=VALUE", as --var takes it. */
bool set_values_are_good(const struct text_list *set, struct error *error) MUST_CHECK;
/* The NAMEs of "NAME=VALUE", NULL-terminated; owned. */
struct set_names {
    const char *const *names;
};
struct set_names set_names_of(const struct text_list *set);
void set_names_release(struct set_names *names);
/* Whether --help or -h stands among the options, before any that is the last one. */
bool options_want_help(const struct command *command, int argc, char **argv);

#endif
