/* SPDX-License-Identifier: Apache-2.0 */
/* shopper silence: nobody is told of what is known; always with an end and an author. */
#include "answer/json.h"
#include "app/commands.h"
#include "app/memory.h"
#include "app/terminal.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/vec.h"
#include "watch/maintenance.h"

#include <string.h>

struct silence_settings {
    struct memory_settings memory;
    int64_t for_us;
    const char *comment;
};

static const struct option_row silence_options[] = {
    {"for", 0, "TIME", OPTION_DURATION, offsetof(struct silence_settings, for_us),
     "how long: 30m, 2h, 1d"},
    {"comment", 'c', "TEXT", OPTION_TEXT, offsetof(struct silence_settings, comment), "why"},
    MEMORY_OPTIONS(silence_settings),
    {0},
};

static bool add(const struct silence_settings *settings, const char *matcher, struct error *error)
{
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    char id[ID_UUID_SIZE];
    int64_t now_us = clock_wall_us(&clock_real);
    if (!silence_matcher_is_good(matcher, &reason))
        return error_set(error, "%s", buf_text(&reason));
    if (!settings->for_us) return error_set(error, "a silence needs an end: --for TIME");
    id_uuid_v7(now_us, id);
    cJSON *silence = cJSON_CreateObject();
    cJSON_AddStringToObject(silence, "id", id);
    cJSON_AddStringToObject(silence, "matcher", matcher);
    cJSON_AddStringToObject(silence, "comment", settings->comment ? settings->comment : "");
    cJSON_AddNumberToObject(silence, "from_us", (double)now_us);
    cJSON_AddNumberToObject(silence, "until_us", (double)(now_us + settings->for_us));
    json_print(silence, &text);
    cJSON_Delete(silence);
    if (!memory_tell(&settings->memory, "add-silence", buf_text(&text), error)) return false;
    puts(id);
    return true;
}

static void print_silence(const struct store_silence *silence, const char *note)
{
    char until[MEMORY_TIME_SIZE];
    AUTO_BUF line = BUF_INIT(BUF_OWN_CAP);
    memory_time(silence->until_us, until);
    buf_addf(&line, "%s  until %s  %s  by %s%s%s%s", silence->id, until, silence->matcher,
             silence->author, *silence->comment ? ": " : "", silence->comment, note);
    terminal_say(stdout, &line);
}

/* --- What is silenced, and what the daemon has yet to be told */

struct known {
    struct store_silence_list silences;
    struct store_command_list commands;
};

static bool know(const struct silence_settings *settings, struct known *known, struct error *error)
{
    struct store *store = memory_open(&settings->memory, error);
    *known = (struct known){0};
    bool good = store &&
                store_silences(store, clock_wall_us(&clock_real), &known->silences, error) &&
                store_commands(store, &known->commands, error);
    store_close(store);
    return good;
}

static void known_release(struct known *known)
{
    store_silence_list_release(&known->silences);
    store_command_list_release(&known->commands);
}

static const char *text_of(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return text ? text : "";
}

static void visit_command(const struct store_command *command,
                          void (*visit)(void *context, const struct store_silence *silence),
                          void *context)
{
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    if (strcmp(command->verb, "add-silence") != 0) return;
    cJSON *object = json_parse(view_of(command->argument), &reason);
    const cJSON *until = cJSON_GetObjectItemCaseSensitive(object, "until_us");
    const struct store_silence silence = {
        .id = text_of(object, "id"),
        .matcher = text_of(object, "matcher"),
        .author = command->author,
        .comment = text_of(object, "comment"),
        .until_us = cJSON_IsNumber(until) ? (int64_t)until->valuedouble : 0,
    };
    visit(context, &silence);
    cJSON_Delete(object);
}

static bool is_to_end(const struct known *known, const char *id)
{
    vec_each(command, &known->commands) {
        if (!strcmp(command->verb, "remove-silence") && !strcmp(command->argument, id)) return true;
    }
    return false;
}

static void print_waiting(void *context, const struct store_silence *silence)
{
    ++*(size_t *)context;
    print_silence(silence, " (waits for the daemon)");
}

static bool list(const struct silence_settings *settings, struct error *error)
{
    struct known known;
    bool good = know(settings, &known, error);
    size_t count = known.silences.count;
    vec_each(silence, &known.silences) {
        print_silence(silence,
                      is_to_end(&known, silence->id) ? " (its end waits for the daemon)" : "");
    }
    vec_each(command, &known.commands) visit_command(command, print_waiting, &count);
    if (good && !count) puts("nothing is silenced");
    known_release(&known);
    return good;
}

/* --- The end of one */

struct search {
    const char *wanted; /* the beginning of an ID */
    char id[ID_UUID_SIZE];
    unsigned found;
};

static void compare(void *context, const struct store_silence *silence)
{
    struct search *search = context;
    size_t length = strlen(search->wanted);
    if (!length || strncmp(silence->id, search->wanted, length) != 0) return;
    view_copy(view_of(silence->id), search->id, sizeof search->id);
    search->found++;
}

static bool end(const struct silence_settings *settings, const char *wanted, struct error *error)
{
    struct known known;
    struct search search = {.wanted = wanted};
    bool good = know(settings, &known, error);
    vec_each(silence, &known.silences) compare(&search, silence);
    vec_each(command, &known.commands) visit_command(command, compare, &search);
    known_release(&known);
    if (good && search.found != 1)
        good = error_set(
            error, search.found ? "more than one silence begins with %s" : "there is no silence %s",
            wanted);
    return good && memory_tell(&settings->memory, "remove-silence", search.id, error);
}

static bool act(const struct silence_settings *settings, const struct text_list *words,
                struct error *error)
{
    const char *verb = words->count ? words->items[0] : "list";
    if (!strcmp(verb, "list") && words->count < 2) return list(settings, error);
    if (!strcmp(verb, "add") && words->count == 2) return add(settings, words->items[1], error);
    if (!strcmp(verb, "remove") && words->count == 2) return end(settings, words->items[1], error);
    return error_set(error, "silence wants: list, add MATCHER --for TIME, or remove ID");
}

static int silence(const struct command *command, int argc, char **argv)
{
    struct silence_settings settings = {0};
    struct text_list words = {0};
    AUTO_ERROR error = ERROR_NONE;
    bool good = options_parse(command, argc, argv, &settings, &words, &error) &&
                act(&settings, &words, &error);
    if (!good) terminal_complain(error_text(&error));
    vec_release(&words);
    return good ? EXIT_CODE_PASSED : EXIT_CODE_USAGE;
}

const struct command command_silence = {
    .name = "silence",
    .arguments = "[list|add MATCHER|remove ID]",
    .summary = "tell nobody of what is known, for a while",
    .details =
        "A MATCHER is journey=NAME, stage=NAME or host=NAME; NAME may end with '*', and a host "
        "without its port\nis meant on any. Incidents go on and are kept; nobody is told. 'add' "
        "prints the silence's ID, of which\n'remove' needs no more than is enough to tell. What "
        "is to be changed waits for the daemon. Exit 0: done;\n2: it could not be, and why.",
    .options = silence_options,
    .run = silence,
};
