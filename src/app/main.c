/* SPDX-License-Identifier: Apache-2.0 */
/* shopper: picks the subcommand out of the table in commands.c. */
#include "app/commands.h"
#include "app/terminal.h"
#include "base/alloc.h"
#include "base/file.h"
#include "text/diag.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define COMMANDS_MAX 32

static void print_usage(FILE *stream)
{
    fputs("usage: shopper COMMAND [OPTION...] [ARGUMENT...]\n\n"
          "Synthetic shoppers that notice when an online shop breaks.\n\ncommands:\n",
          stream);
    for (size_t i = 0; commands[i]; i++) {
        fprintf(stream, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
    }
    fputs("  help       this text, or that of a command\n"
          "  version    the version\n\nexit codes:\n",
          stream);
#define X(name, code, help) fprintf(stream, "  %d  %s\n", code, help);
    EXIT_CODES(X)
#undef X
}

static const struct command *command_of(const char *name)
{
    for (size_t i = 0; commands[i]; i++) {
        if (!strcmp(commands[i]->name, name)) return commands[i];
    }
    return NULL;
}

static int print_command_help(const struct command *command)
{
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    options_help(command, &text);
    fputs(buf_text(&text), stdout);
    return EXIT_CODE_PASSED;
}

static int refuse(const char *name)
{
    const char *candidates[COMMANDS_MAX] = {NULL};
    for (size_t i = 0; commands[i] && i < COMMANDS_MAX - 1; i++) candidates[i] = commands[i]->name;
    const char *near = suggest_nearest(view_of(name), candidates);
    AUTO_FREE char *why =
        xasprintf("there is no command '%s'%s%s%s", name, near ? "; did you mean '" : "",
                  near ? near : "", near ? "'?" : "");
    terminal_complain(why);
    fputs("see shopper help\n", stderr);
    return EXIT_CODE_USAGE;
}

int main(int argc, char **argv)
{
    file_reserve_standard();
    signal(SIGXFSZ, SIG_IGN); /* a limit on the size of files is an error, as a full disk is */
    const char *name = argc > 1 ? argv[1] : "";
    bool help = !strcmp(name, "help") || !strcmp(name, "--help") || !strcmp(name, "-h");
    const char *about = help && argc > 2 ? argv[2] : name;
    const struct command *command = command_of(about);
    if (!strcmp(name, "version") || !strcmp(name, "--version") || !strcmp(name, "-V")) {
        puts("shopper " SHOPPER_VERSION);
        return EXIT_CODE_PASSED;
    }
    if (help && !command && argc > 2) return refuse(about);
    if (help && !command) {
        print_usage(stdout);
        return EXIT_CODE_PASSED;
    }
    if (!command && !*name) {
        print_usage(stderr);
        return EXIT_CODE_USAGE;
    }
    if (!command) return refuse(name);
    if (help || options_want_help(command, argc - 1, argv + 1)) return print_command_help(command);
    alloc_keep_freed();
    return command->run(command, argc - 1, argv + 1);
}
