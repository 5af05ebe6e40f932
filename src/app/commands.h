/* SPDX-License-Identifier: Apache-2.0 */
/* The subcommands, one file each, and the exit codes that they share. */
#ifndef SHOPPER_APP_COMMANDS_H
#define SHOPPER_APP_COMMANDS_H

#include "text/options.h"

#define EXIT_CODES(X)                                                                              \
    X(PASSED, 0, "every shopper could shop (degraded counts as passed, unless --strict)")          \
    X(FAILED, 1, "a shopper was failed by the shop")                                               \
    X(USAGE, 2, "the command line or a journey is wrong; nothing was sent")                        \
    X(UNKNOWN, 3, "could not tell: the trouble is on our side, or nothing was walked")             \
    X(RESIDUE, 4, "passed, but something was left behind in the shop")

enum exit_code {
#define X(name, code, help) EXIT_CODE_##name = (code),
    EXIT_CODES(X)
#undef X
};

/* In the order in which they are listed, ended by NULL. */
extern const struct command *const commands[];

/* What the manual shows of a command; the tests execute it. */
struct command_example {
    const char *command; /* its name */
    const char *line;    /* as typed into a shell, in this repository; exits with 0 */
    const char *help;
};

/* Ended by a NULL command. */
extern const struct command_example command_examples[];

extern const struct command command_daemon, command_extract, command_import, command_incidents,
    command_policy, command_report, command_residue, command_run, command_silence, command_sink,
    command_validate;

#endif
