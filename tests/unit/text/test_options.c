/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines as those who know getopt write them. */
#include "base/vec.h"
#include "support/golden.h"
#include "text/options.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct settings {
    bool quick, version;
    int verbosity;
    unsigned number;
    int64_t time_us;
    const char *file;
};

#define FIELD(name) offsetof(struct settings, name)
static const struct option_row rows[] = {
    {"file", 'f', "FILE", OPTION_TEXT, FIELD(file), ""},
    {"quick", 'q', NULL, OPTION_FLAG, FIELD(quick), ""},
    {"verbose", 'v', NULL, OPTION_COUNTER, FIELD(verbosity), ""},
    {"count", 0, "N", OPTION_NUMBER, FIELD(number), ""},
    {"time", 0, "TIME", OPTION_DURATION, FIELD(time_us), ""},
    {"version", 'V', NULL, OPTION_LAST, FIELD(version), ""},
    {0},
};
static const struct command command = {
    .name = "test", .arguments = "", .summary = "", .options = rows};

#define MOST_WORDS 6
struct words {
    char *items[MOST_WORDS + 2];
    int count;
};

static struct words words_of(char *line)
{
    static char program[] = "test";
    struct words words = {{program}, 1};
    for (char *word = strtok(line, " "); word && words.count <= MOST_WORDS;
         word = strtok(NULL, " "))
        words.items[words.count++] = word;
    return words;
}

static bool wants_help(const char *text)
{
    AUTO_FREE char *line = xstrdup(text);
    struct words words = words_of(line);
    return options_want_help(&command, words.count, words.items);
}

static void help_is_an_option_like_others(void **state)
{
    (void)state;
    static const char *const wanting[] = {"-h",     "--help",     "-vh",        "-hV",
                                          "-h -V",  "-q -h x",    "x -h",       "-f a --help",
                                          "-fa -h", "--bogus -h", "--file=a -h"};
    static const char *const others[] = {"",      "-Vh",    "-V -h",     "--version --help",
                                         "-f -h", "-qf -h", "-f --help", "--file -h",
                                         "-- -h", "-fh",    "-q - x",    "-f"};
    for (size_t i = 0; i < COUNT_OF(wanting); i++)
        if (!wants_help(wanting[i])) fail_msg("no help for '%s'", wanting[i]);
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (wants_help(others[i])) fail_msg("help for '%s'", others[i]);
}

/* True: it could be read. */
static bool read(const char *text, struct settings *settings, char *line, size_t size)
{
    AUTO_ERROR error = ERROR_NONE;
    struct text_list rest = {0};
    *settings = (struct settings){0};
    assert_true(strlen(text) < size);
    strcpy(line, text);
    struct words words = words_of(line);
    bool good = options_parse(&command, words.count, words.items, settings, &rest, &error);
    vec_release(&rest);
    if (!good) golden_note(error_text(&error));
    return good;
}

static void letters_stand_together_up_to_a_value(void **state)
{
    (void)state;
    struct settings settings;
    char line[80];
    assert_true(read("-qvvf a", &settings, line, sizeof line));
    assert_true(settings.quick && settings.verbosity == 2);
    assert_string_equal(settings.file, "a");
    assert_true(read("-vfq -q", &settings, line, sizeof line));
    assert_string_equal(settings.file, "q");
    assert_true(read("-f -q", &settings, line, sizeof line));
    assert_string_equal(settings.file, "-q");
    assert_false(settings.quick);
    assert_false(read("-qf", &settings, line, sizeof line));
    assert_false(read("-qx", &settings, line, sizeof line));
}

static void nothing_is_read_behind_the_last_option(void **state)
{
    (void)state;
    static const char *const good[] = {"-Vh", "-V --bogus", "--version -x", "-vV -f", "-Vx"};
    struct settings settings;
    char line[80];
    for (size_t i = 0; i < COUNT_OF(good); i++)
        if (!read(good[i], &settings, line, sizeof line) || !settings.version)
            fail_msg("'%s' is refused", good[i]);
    assert_false(read("--bogus -V", &settings, line, sizeof line));
    assert_false(read("-xV", &settings, line, sizeof line));
}

static void what_cannot_be_read_is_told(void **state)
{
    (void)state;
    static const char *const bad[] = {"-x",          "--fil a",   "--nothing",   "-f",
                                      "--file",      "-qf",       "--quick=yes", "--time 3",
                                      "--time=soon", "--count 0", "--count many"};
    struct settings settings;
    char line[80];
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (read(bad[i], &settings, line, sizeof line)) fail_msg("'%s' is read", bad[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(help_is_an_option_like_others),
        cmocka_unit_test(letters_stand_together_up_to_a_value),
        cmocka_unit_test(nothing_is_read_behind_the_last_option),
        cmocka_unit_test(what_cannot_be_read_is_told),
        PIN_MESSAGES("text/options.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
