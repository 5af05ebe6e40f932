/* SPDX-License-Identifier: Apache-2.0 */
/* The program and its commands as pages. */
#include "check/check.h"
#include "generate/generate.h"
#include "report/writer.h"

#include <string.h>

static void write_exit_codes(struct page *page)
{
    page_table(page, "code", NULL, "meaning");
#define X(name, code, help) page_row(page, #code, NULL, help);
    EXIT_CODES(X)
#undef X
}

static void write_formats(struct page *page)
{
    page_table(page, "format", NULL, "for");
    for (size_t i = 0; i < REPORT_FORMAT_COUNT; i++) {
        enum report_format format = (enum report_format)i;
        page_row(page, report_format_word(format), NULL, report_format_help(format));
    }
}

static void write_options(struct page *page, const struct command *command)
{
    page_table(page, "option", NULL, "meaning");
    for (const struct option_row *row = command->options; row->name; row++) {
        AUTO_BUF term = BUF_INIT(BUF_OWN_CAP);
        if (row->letter) buf_addf(&term, "-%c, ", row->letter);
        buf_addf(&term, "--%s%s%s", row->name, row->argument ? " " : "",
                 row->argument ? row->argument : "");
        page_row(page, buf_text(&term), NULL, row->help);
    }
    page_row(page, "-h, --help", NULL, "say this and exit");
}

static void write_examples(struct page *page, const struct command *command)
{
    for (const struct command_example *example = command_examples; example->command; example++) {
        if (strcmp(example->command, command->name)) continue;
        AUTO_BUF line = BUF_INIT(BUF_OWN_CAP);
        buf_addf(&line, "$ %s\n", example->line);
        page_verbatim(page, "console", buf_text(&line));
        page_paragraph(page, example->help);
    }
}

static bool has_examples(const struct command *command)
{
    for (const struct command_example *example = command_examples; example->command; example++) {
        if (!strcmp(example->command, command->name)) return true;
    }
    return false;
}

static bool takes_report(const struct command *command)
{
    for (const struct option_row *row = command->options; row->name; row++) {
        if (!strcmp(row->name, "report")) return true;
    }
    return false;
}

/* Commands whose details tell their own codes say so with these words. */
static bool tells_exit_codes(const struct command *command)
{
    return command->details && strstr(command->details, "Exit ");
}

/* Everything after the title, under headings of either level. */
static void write_command(struct page *page, const struct command *command,
                          void (*heading)(struct page *page, const char *text))
{
    if (command->details) page_paragraph(page, command->details);
    if (heading) heading(page, "Options");
    write_options(page, command);
    if (takes_report(command)) {
        if (heading)
            heading(page, "Report formats");
        else
            page_paragraph(page, "Formats of reports:");
        write_formats(page);
    }
    if (heading && !tells_exit_codes(command)) {
        heading(page, "Exit status");
        write_exit_codes(page);
    }
    if (!has_examples(command)) return;
    if (heading)
        heading(page, "Examples");
    else
        page_paragraph(page, "Examples:");
    write_examples(page, command);
}

void generate_command(struct page *page, const struct command *command)
{
    AUTO_BUF name = BUF_INIT(BUF_OWN_CAP);
    AUTO_BUF synopsis = BUF_INIT(BUF_OWN_CAP);
    buf_addf(&name, "shopper-%s", command->name);
    buf_addf(&synopsis, "`shopper %s` [OPTION...] %s", command->name, command->arguments);
    page_title(page, buf_text(&name), 1, command->summary);
    page_heading(page, "Synopsis");
    page_paragraph(page, buf_text(&synopsis));
    page_heading(page, "Description");
    if (!command->details) page_paragraph(page, command->summary);
    write_command(page, command, page_heading);
    page_heading(page, "See also");
    page_paragraph(page, "`shopper`(1), `shopper-journey`(5)");
}

/* The check for monitoring systems: a program of its own, with a plugin's exit codes. */
void generate_check(struct page *page)
{
    static const struct {
        const char *line, *help;
    } examples[] = {
        {"check_shopper -f journeys/demo/checkout.yaml -w 5 -c 10 -t 20",
         "Walks a journey, and minds how long it takes."},
        {"check_shopper -f journeys/demo/full.yaml --step 'check out=2,5' --map sev3=warning",
         "One step may take two seconds; failures that are not severe are warnings."},
    };
    page_title(page, command_check.name, 1, command_check.summary);
    page_heading(page, "Synopsis");
    page_paragraph(page, "`check_shopper` `-f` JOURNEY [OPTION...]");
    page_paragraph(page, "`check_shopper` `--state` NAME [OPTION...]");
    page_heading(page, "Description");
    page_paragraph(page, command_check.details);
    page_heading(page, "Options");
    write_options(page, &command_check);
    page_heading(page, "Exit status");
    page_table(page, "code", NULL, "meaning");
    page_row(page, "0", NULL, "OK: every shopper could shop");
    page_row(page, "1", NULL, "WARNING: degraded, or outside the range of `-w`");
    page_row(page, "2", NULL,
             "CRITICAL: a shopper was failed by the shop, or outside that of `-c`");
    page_row(page, "3", NULL, "UNKNOWN: it cannot be told, or the command line is wrong");
    page_heading(page, "Examples");
    for (size_t i = 0; i < COUNT_OF(examples); i++) {
        AUTO_BUF line = BUF_INIT(BUF_OWN_CAP);
        buf_addf(&line, "$ %s\n", examples[i].line);
        page_verbatim(page, "console", buf_text(&line));
        page_paragraph(page, examples[i].help);
    }
    page_heading(page, "See also");
    page_paragraph(page, "`shopper`(1), `shopper-daemon`(1), `shopper-journey`(5)");
}

static void write_command_list(struct page *page)
{
    page_table(page, "command", NULL, "what it does");
    for (size_t i = 0; commands[i]; i++) {
        AUTO_BUF term = BUF_INIT(BUF_OWN_CAP);
        buf_addf(&term, "shopper %s %s", commands[i]->name, commands[i]->arguments);
        page_row(page, buf_text(&term), NULL, commands[i]->summary);
    }
    page_row(page, "shopper help [COMMAND]", NULL, "the options of a command, or this list");
    page_row(page, "shopper version", NULL, "the version");
}

static void write_man(struct page *page)
{
    page_title(page, "shopper", 1, "synthetic shoppers that notice when an online shop breaks");
    page_heading(page, "Synopsis");
    page_paragraph(page, "`shopper` COMMAND [OPTION...] [ARGUMENT...]");
    page_heading(page, "Description");
    page_paragraph(
        page,
        "Walks scripted journeys (log in, see a price, fill a cart, check out) against a live "
        "shop, "
        "many at once, and tells a broken shop from a slow one: what failed, where, and why.");
    page_heading(page, "Commands");
    write_command_list(page);
    page_heading(page, "Exit status");
    page_paragraph(page, "Of `run`; what others mean by theirs is in their own pages.");
    write_exit_codes(page);
    page_heading(page, "See also");
    AUTO_BUF list = BUF_INIT(BUF_OWN_CAP);
    for (size_t i = 0; commands[i]; i++) buf_addf(&list, "`shopper-%s`(1), ", commands[i]->name);
    buf_add_text(&list, "`shopper-journey`(5)");
    page_paragraph(page, buf_text(&list));
}

void generate_program(struct page *page)
{
    if (page->markup == MARKUP_MAN) {
        write_man(page);
        return;
    }
    page_title(page, "The commands: reference", 1,
               "Every command with its options, as `--help` tells them.");
    write_command_list(page);
    page_heading(page, "Exit codes");
    page_paragraph(page, "Of `run`; what others mean by theirs is said with them.");
    write_exit_codes(page);
    for (size_t i = 0; commands[i]; i++) {
        AUTO_BUF usage = BUF_INIT(BUF_OWN_CAP);
        AUTO_BUF heading = BUF_INIT(BUF_OWN_CAP);
        buf_addf(&heading, "shopper %s", commands[i]->name);
        buf_addf(&usage, "`shopper %s [OPTION...] %s`: %s", commands[i]->name,
                 commands[i]->arguments, commands[i]->summary);
        page_heading(page, buf_text(&heading));
        page_paragraph(page, buf_text(&usage));
        write_command(page, commands[i], NULL);
    }
}
