/* SPDX-License-Identifier: Apache-2.0 */
/* shopper validate: says everything that is wrong with journeys, and sends nothing. */
#include "app/commands.h"
#include "app/journeys.h"
#include "app/terminal.h"
#include "base/vec.h"

#include <stdio.h>

struct validate_settings {
    struct text_list set;
    bool no_color, quiet;
};

static const struct option_row validate_options[] = {
    {"var", 0, "NAME=VALUE", OPTION_LIST, offsetof(struct validate_settings, set),
     "a variable that a run would be given"},
    {"quiet", 'q', NULL, OPTION_FLAG, offsetof(struct validate_settings, quiet),
     "say nothing of what is well"},
    {"no-color", 0, NULL, OPTION_FLAG, offsetof(struct validate_settings, no_color),
     "no colours (also: NO_COLOR)"},
    {0},
};

static int validate(const struct command *command, int argc, char **argv)
{
    struct validate_settings settings = {0};
    struct text_list names = {0};
    struct journey_list journeys = {0};
    struct diags diags = DIAGS_INIT;
    AUTO_ERROR error = ERROR_NONE;
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    int code = EXIT_CODE_USAGE;
    if (!options_parse(command, argc, argv, &settings, &names, &error) ||
        !set_values_are_good(&settings.set, &error)) {
        fprintf(stderr, "shopper: %s\n", error_text(&error));
        goto out;
    }
    struct set_names set = set_names_of(&settings.set);
    const struct load_options options = {.set_names = set.names};
    bool good = journeys_load(&names, &options, &journeys, &diags);
    set_names_release(&set);
    diags_sort(&diags);
    diags_print(&diags, &text, terminal_has_color(stderr, settings.no_color));
    fputs(buf_text(&text), stderr);
    if (!good) {
        fprintf(stderr, "%zu error%s\n", diags.errors, diags.errors == 1 ? "" : "s");
    } else if (!settings.quiet) {
        printf("%zu journey%s, no errors\n", journeys.count, journeys.count == 1 ? "" : "s");
    }
    if (good) code = EXIT_CODE_PASSED;
out:
    journey_list_release(&journeys);
    diags_release(&diags);
    vec_release(&names);
    vec_release(&settings.set);
    return code;
}

const struct command command_validate = {
    .name = "validate",
    .arguments = "[JOURNEY|DIRECTORY...]",
    .summary = "check journeys and say everything that is wrong with them",
    .details = "Without arguments, the directory 'journeys'. Exit 0: no errors; 2: errors.",
    .options = validate_options,
    .run = validate,
};
