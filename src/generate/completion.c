/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Completion for bash, zsh and fish. Commands and options come from their tables; what an option's
 * argument may be is known by the name of the argument.
 */
#include "generate/generate.h"
#include "journey/persona.h"
#include "report/writer.h"

#include <string.h>

enum wanted { WANTED_NOTHING, WANTED_FILE, WANTED_DIRECTORY, WANTED_WORDS };

static void add_personas(struct buf *words)
{
    struct personas *personas = personas_new();
    for (size_t i = 0; i < personas->count; i++)
        buf_addf(words, "%s%s", i ? " " : "", personas->items[i].name);
    personas_free(personas);
}

static void add_formats(struct buf *words)
{
    for (size_t i = 0; i < REPORT_FORMAT_COUNT; i++)
        buf_addf(words, "%s%s", i ? " " : "", report_format_word((enum report_format)i));
}

/* "human|json|sarif" names its words itself. */
static void add_choices(const char *argument, struct buf *words)
{
    for (; *argument; argument++) buf_add_char(words, *argument == '|' ? ' ' : *argument);
}

static enum wanted wanted_of(const struct option_row *row, struct buf *words)
{
    if (!row->argument) return WANTED_NOTHING;
    if (!strcmp(row->argument, "FILE")) return WANTED_FILE;
    if (!strcmp(row->argument, "DIRECTORY")) return WANTED_DIRECTORY;
    if (!strcmp(row->argument, "STAGE"))
        buf_add_text(words, "login price-view add-to-cart checkout");
    else if (!strcmp(row->name, "persona"))
        add_personas(words);
    else if (!strncmp(row->argument, "FORMAT[", 7))
        add_formats(words);
    else if (strchr(row->argument, '|'))
        add_choices(row->argument, words);
    return words->length ? WANTED_WORDS : WANTED_NOTHING;
}

/* "[list|test NAME]" names what a command can do: "list test". */
static void add_actions(const struct command *command, struct buf *words)
{
    struct view rest = view_of(command->arguments), piece = VIEW_NONE;
    if (view_starts_with(rest, VIEW_LITERAL("["))) rest = view_from(rest, 1);
    while (view_split(&rest, '|', &piece)) {
        size_t length = 0;
        while (length < piece.length && piece.data[length] >= 'a' && piece.data[length] <= 'z')
            length++;
        if (length) buf_addf(words, "%s%.*s", words->length ? " " : "", (int)length, piece.data);
    }
}

/* What stands between single quotes in all three shells; none of our help texts needs one. */
static void add_quoted(struct buf *out, const char *text, const char *also_escaped)
{
    for (; *text; text++) {
        if (*text == '\'')
            buf_add_text(out, "’");
        else if (strchr(also_escaped, *text))
            buf_addf(out, "\\%c", *text);
        else
            buf_add_char(out, *text);
    }
}

/* --- bash */

static void add_bash_arguments(struct buf *out, const struct command *command)
{
    for (const struct option_row *row = command->options; row->name; row++) {
        AUTO_BUF words = BUF_INIT(BUF_OWN_CAP);
        if (!row->argument) continue;
        enum wanted wanted = wanted_of(row, &words);
        buf_addf(out, "    %s:--%s", command->name, row->name);
        if (row->letter) buf_addf(out, "|%s:-%c", command->name, row->letter);
        buf_add_text(out, ") ");
        switch (wanted) {
        case WANTED_NOTHING: buf_add_char(out, ':'); break;
        case WANTED_FILE: buf_add_text(out, "_shopper_reply -f"); break;
        case WANTED_DIRECTORY: buf_add_text(out, "_shopper_reply -d"); break;
        case WANTED_WORDS: buf_addf(out, "_shopper_reply -W '%s'", buf_text(&words)); break;
        }
        buf_add_text(out, "; return ;;\n");
    }
}

static void add_bash_options(struct buf *out, const struct command *command)
{
    buf_addf(out, "    %s) options='", command->name);
    for (const struct option_row *row = command->options; row->name; row++)
        buf_addf(out, "--%s ", row->name);
    AUTO_BUF actions = BUF_INIT(BUF_OWN_CAP);
    add_actions(command, &actions);
    buf_addf(out, "--help' actions='%s' ;;\n", buf_text(&actions));
}

void generate_bash(struct buf *out)
{
    buf_add_text(out,
                 "# bash completion for shopper, generated from the program's own tables.\n"
                 "_shopper_reply() {\n"
                 "  local line\n"
                 "  [ \"$1\" = -W ] || compopt -o filenames 2>/dev/null\n"
                 "  while IFS= read -r line; do COMPREPLY+=(\"$line\"); done < <(compgen \"$@\" -- "
                 "\"$current\")\n"
                 "}\n\n"
                 "_shopper() {\n"
                 "  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} "
                 "command=${COMP_WORDS[1]} options= actions=\n"
                 "  COMPREPLY=()\n"
                 "  # --option=value comes as three words.\n"
                 "  if [ \"$current\" = = ]; then current=; "
                 "elif [ \"$before\" = = ]; then before=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
                 "  if [ \"$COMP_CWORD\" = 1 ] || { [ \"$command\" = help ] && [ \"$COMP_CWORD\" = "
                 "2 ]; }; then\n"
                 "    _shopper_reply -W '");
    for (size_t i = 0; commands[i]; i++) buf_addf(out, "%s ", commands[i]->name);
    buf_add_text(out, "help version'\n    return\n  fi\n  case $command:$before in\n");
    for (size_t i = 0; commands[i]; i++) add_bash_arguments(out, commands[i]);
    buf_add_text(out, "  esac\n  case $command in\n");
    for (size_t i = 0; commands[i]; i++) add_bash_options(out, commands[i]);
    buf_add_text(out, "    *) return ;;\n  esac\n"
                      "  case $current in\n"
                      "    -*) _shopper_reply -W \"$options\" ;;\n"
                      "    *) if [ \"$COMP_CWORD\" = 2 ] && [ -n \"$actions\" ]; then\n"
                      "         _shopper_reply -W \"$actions\"\n"
                      "       else _shopper_reply -f; fi ;;\n"
                      "  esac\n"
                      "}\n"
                      "complete -F _shopper shopper\n");
}

/* --- zsh */

static void add_zsh_option(struct buf *out, const struct option_row *row)
{
    static const char special[] = "[]:\\";
    AUTO_BUF words = BUF_INIT(BUF_OWN_CAP);
    enum wanted wanted = wanted_of(row, &words);
    bool repeats = row->kind == OPTION_LIST || row->kind == OPTION_COUNTER;
    buf_addf(out, "        '%s--%s%s[", repeats ? "*" : "", row->name, row->argument ? "=" : "");
    add_quoted(out, row->help, special);
    buf_add_char(out, ']');
    if (row->argument) {
        buf_add_char(out, ':');
        add_quoted(out, row->argument, special);
        buf_add_char(out, ':');
    }
    switch (wanted) {
    case WANTED_NOTHING: break;
    case WANTED_FILE: buf_add_text(out, "_files"); break;
    case WANTED_DIRECTORY: buf_add_text(out, "_files -/"); break;
    case WANTED_WORDS: buf_addf(out, "(%s)", buf_text(&words)); break;
    }
    buf_add_text(out, "' \\\n");
}

void generate_zsh(struct buf *out)
{
    buf_add_text(out, "#compdef shopper\n"
                      "# zsh completion for shopper, generated from the program's own tables.\n"
                      "_shopper() {\n"
                      "  local -a known\n"
                      "  known=(\n");
    for (size_t i = 0; commands[i]; i++) {
        buf_addf(out, "    '%s:", commands[i]->name);
        add_quoted(out, commands[i]->summary, "");
        buf_add_text(out, "'\n");
    }
    buf_add_text(out, "    'help:the options of a command'\n    'version:the version'\n  )\n"
                      "  if (( CURRENT == 2 )) || [[ $words[2] == help ]]; then\n"
                      "    _describe command known\n    return\n  fi\n"
                      "  local command=$words[2]\n"
                      "  shift words\n  (( CURRENT-- ))\n"
                      "  case $command in\n");
    for (size_t i = 0; commands[i]; i++) {
        buf_addf(out, "    %s)\n      _arguments -s \\\n", commands[i]->name);
        for (const struct option_row *row = commands[i]->options; row->name; row++)
            add_zsh_option(out, row);
        AUTO_BUF actions = BUF_INIT(BUF_OWN_CAP);
        add_actions(commands[i], &actions);
        buf_add_text(out, "        '(- *)--help[say all this and exit]' ");
        if (actions.length) buf_addf(out, "'1:action:(%s)' ", buf_text(&actions));
        buf_add_text(out, "'*:file:_files'\n      ;;\n");
    }
    buf_add_text(out, "  esac\n}\n_shopper \"$@\"\n");
}

/* --- fish */

static void add_fish_option(struct buf *out, const struct command *command,
                            const struct option_row *row)
{
    AUTO_BUF words = BUF_INIT(BUF_OWN_CAP);
    enum wanted wanted = wanted_of(row, &words);
    buf_addf(out, "complete -c shopper -n '__fish_seen_subcommand_from %s' -l %s", command->name,
             row->name);
    if (row->letter) buf_addf(out, " -s %c", row->letter);
    switch (wanted) {
    case WANTED_NOTHING:
        if (row->argument) buf_add_text(out, " -x");
        break;
    case WANTED_FILE: buf_add_text(out, " -r -F"); break;
    case WANTED_DIRECTORY: buf_add_text(out, " -x -a '(__fish_complete_directories)'"); break;
    case WANTED_WORDS: buf_addf(out, " -x -a '%s'", buf_text(&words)); break;
    }
    buf_add_text(out, " -d '");
    add_quoted(out, row->help, "\\");
    buf_add_text(out, "'\n");
}

void generate_fish(struct buf *out)
{
    buf_add_text(out, "# fish completion for shopper, generated from the program's own tables.\n");
    for (size_t i = 0; commands[i]; i++) {
        buf_addf(out, "complete -c shopper -n __fish_use_subcommand -f -a %s -d '",
                 commands[i]->name);
        add_quoted(out, commands[i]->summary, "\\");
        buf_add_text(out, "'\n");
    }
    buf_add_text(
        out,
        "complete -c shopper -n __fish_use_subcommand -f -a help -d 'the options of a command'\n"
        "complete -c shopper -n __fish_use_subcommand -f -a version -d 'the version'\n");
    buf_add_text(out, "complete -c shopper -n '__fish_seen_subcommand_from help' -f -a '");
    for (size_t i = 0; commands[i]; i++) buf_addf(out, "%s%s", i ? " " : "", commands[i]->name);
    buf_add_text(out, "'\n");
    for (size_t i = 0; commands[i]; i++) {
        AUTO_BUF actions = BUF_INIT(BUF_OWN_CAP);
        add_actions(commands[i], &actions);
        if (actions.length)
            buf_addf(out,
                     "complete -c shopper -n '__fish_seen_subcommand_from %s; and not "
                     "__fish_seen_subcommand_from %s' -f -a '%s'\n",
                     commands[i]->name, buf_text(&actions), buf_text(&actions));
        for (const struct option_row *row = commands[i]->options; row->name; row++)
            add_fish_option(out, commands[i], row);
    }
}
