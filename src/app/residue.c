/* SPDX-License-Identifier: Apache-2.0 */
/* shopper residue: what shoppers left behind in the shop and nobody cleaned. */
#include "app/commands.h"
#include "app/memory.h"
#include "app/terminal.h"
#include "base/vec.h"

#include <stdio.h>
#include <string.h>

struct residue_settings {
    struct memory_settings memory;
};

static const struct option_row residue_options[] = {
    MEMORY_OPTIONS(residue_settings),
    {0},
};

static bool is_settled(const struct store_command_list *words, const char *id)
{
    vec_each(word, words) {
        if (!strcmp(word->verb, "settle-residue") && !strcmp(word->argument, id)) return true;
    }
    return false;
}

static void print_debt(const struct store_debt *debt, const struct store_command_list *words)
{
    char time[MEMORY_TIME_SIZE];
    AUTO_BUF line = BUF_INIT(BUF_OWN_CAP);
    memory_time(debt->created_us, time);
    buf_addf(&line, "%s  %s  %s (%s), step \"%s\": %s%s", debt->id, time, debt->journey,
             debt->persona, debt->step,
             debt->state == DEBT_RESIDUE ? debt->why : "not undone yet; the daemon will try",
             is_settled(words, debt->id) ? " (settled; waits for the daemon)" : "");
    terminal_say(stdout, &line);
}

static bool list(const struct memory_settings *memory, enum exit_code *ret_code,
                 struct error *error)
{
    struct store *store = memory_open(memory, error);
    struct store_debt_list left = {0}, owed = {0};
    struct store_command_list words = {0};
    bool good = store && store_debts(store, DEBT_RESIDUE, &left, error) &&
                store_debts(store, DEBT_OWED, &owed, error) && store_commands(store, &words, error);
    vec_each(debt, &left) print_debt(debt, &words);
    vec_each(debt, &owed) print_debt(debt, &words);
    if (good && !left.count && !owed.count) puts("nothing was left behind");
    *ret_code = left.count || owed.count ? EXIT_CODE_RESIDUE : EXIT_CODE_PASSED;
    store_debt_list_release(&left);
    store_debt_list_release(&owed);
    store_command_list_release(&words);
    store_close(store);
    return good;
}

/* --- Somebody has cleaned it */

static void compare(const struct store_debt_list *debts, const char *wanted, const char **ret_id,
                    unsigned *found)
{
    vec_each(debt, debts) {
        if (!*wanted || strncmp(debt->id, wanted, strlen(wanted)) != 0) continue;
        *ret_id = debt->id;
        ++*found;
    }
}

static bool settle(const struct memory_settings *memory, const char *wanted, struct error *error)
{
    struct store *store = memory_open(memory, error);
    struct store_debt_list left = {0}, owed = {0};
    const char *id = NULL;
    unsigned found = 0;
    bool good = store && store_debts(store, DEBT_RESIDUE, &left, error) &&
                store_debts(store, DEBT_OWED, &owed, error);
    compare(&left, wanted, &id, &found);
    compare(&owed, wanted, &id, &found);
    if (good && found != 1)
        good = error_set(error,
                         found ? "more than one thing left behind begins with %s"
                               : "nothing left behind is called %s",
                         wanted);
    good = good && memory_tell(memory, "settle-residue", id, error);
    store_debt_list_release(&left);
    store_debt_list_release(&owed);
    store_close(store);
    return good;
}

static int residue(const struct command *command, int argc, char **argv)
{
    struct residue_settings settings = {0};
    struct text_list words = {0};
    AUTO_ERROR error = ERROR_NONE;
    enum exit_code code = EXIT_CODE_PASSED;
    bool good = options_parse(command, argc, argv, &settings, &words, &error);
    if (good && words.count == 2 && !strcmp(words.items[0], "settle"))
        good = settle(&settings.memory, words.items[1], &error);
    else if (good && words.count)
        good = error_set(&error, "residue takes no argument, or: settle ID");
    else if (good)
        good = list(&settings.memory, &code, &error);
    if (!good) terminal_complain(error_text(&error));
    vec_release(&words);
    return good ? (int)code : EXIT_CODE_USAGE;
}

const struct command command_residue = {
    .name = "residue",
    .arguments = "[settle ID]",
    .summary = "list what shoppers left behind in the shop",
    .details =
        "What a run made and could not take back: an order, an account. 'settle ID' says that "
        "somebody has\ncleaned it; the beginning of an ID is enough where it tells. Exit 0: "
        "nothing is left, or it was settled; 4: something is left;\n2: it could not be done, and "
        "why.",
    .options = residue_options,
    .run = residue,
};
