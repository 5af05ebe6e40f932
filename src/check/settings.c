/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of check_shopper. */
#include "base/clock.h"
#include "base/decimal.h"
#include "base/vec.h"
#include "check/check.h"

#include <string.h>

#define DEFAULT_STALE_US (10 * 60 * US_PER_SECOND)
#define MOST_TIMEOUT_SECONDS 86400
#define DEFAULT_WALK_US (50 * US_PER_SECOND) /* less than the 60 s that monitoring systems give */
#define DEFAULT_ASK_US (10 * US_PER_SECOND)  /* as the plugins' guidelines have it */

#define FIELD(name) offsetof(struct check_settings, name)

static const struct option_row check_options_table[] = {
    {"file", 'f', "JOURNEY", OPTION_TEXT, FIELD(file), "walk this journey now"},
    {"state", 's', "NAME", OPTION_TEXT, FIELD(state),
     "ask the daemon's store how the journey of this name went last"},
    {"store", 0, "FILE", OPTION_TEXT, FIELD(store),
     "with --state: the store (default: $SHOPPER_STORE, else where the daemon has it)"},
    {"stale", 0, "AGE", OPTION_DURATION, FIELD(stale_us),
     "with --state: what ended longer ago is UNKNOWN (default: 10m)"},
    {"persona", 'p', "NAME", OPTION_LIST, FIELD(personas),
     "only as this persona; repeatable (default: all of the journey's)"},
    {"warning", 'w', "RANGE", OPTION_TEXT, FIELD(warning),
     "WARNING when the journey's seconds are outside: 10, 10:, ~:10, 10:20, @10:20"},
    {"critical", 'c', "RANGE", OPTION_TEXT, FIELD(critical), "CRITICAL, likewise"},
    {"step", 0, "NAME=WARN,CRIT", OPTION_LIST, FIELD(steps),
     "the same for the seconds of one step; either range may be empty; repeatable"},
    {"timeout", 't', "SECONDS[:STATE]", OPTION_TEXT, FIELD(timeout),
     "end everything by then, with this state (default: 50:critical with -f, 10:unknown with "
     "--state)"},
    {"map", 0, "SEVERITY=STATE", OPTION_LIST, FIELD(maps),
     "the state of a failure of this severity, as in sev3=warning; repeatable"},
    {"base", 'b', "URL", OPTION_TEXT, FIELD(base),
     "with -f: the shop, instead of the journey's base"},
    {"var", 0, "NAME=VALUE", OPTION_LIST, FIELD(set), "with -f: set a variable; repeatable"},
    {"personas", 0, "FILE", OPTION_TEXT, FIELD(personas_file),
     "with -f: personas of your own, beside the built-in ones"},
    {"cacert", 0, "FILE", OPTION_TEXT, FIELD(ca_file),
     "with -f: trust these certificates instead of the system's"},
    {"insecure", 'k', NULL, OPTION_FLAG, FIELD(insecure), "with -f: verify no certificate"},
    {"resolve", 0, "HOST:PORT:ADDRESS", OPTION_LIST, FIELD(resolve),
     "with -f: look this name up here; repeatable"},
    {"verbose", 'v', NULL, OPTION_COUNTER, FIELD(verbosity),
     "say more: -v every step, -vv its phases, -vvv headers"},
    {"version", 'V', NULL, OPTION_LAST, FIELD(version), "say the version and exit"},
    {0},
};

const struct command command_check = {
    .name = "check_shopper",
    .alone = true,
    .arguments = "-f JOURNEY | --state NAME",
    .summary = "check for Nagios and Icinga whether shoppers can shop",
    .details =
        "With -f it walks a journey itself. With --state it sends nothing, and asks the store of a "
        "running\n`shopper daemon`, which is fast.\n\n"
        "A journey that passes is OK, a degraded one WARNING, a failed one CRITICAL, and one that "
        "cannot be\njudged UNKNOWN; the worst shopper counts. Exit codes are 0, 1, 2 and 3. "
        "Wrong options are UNKNOWN.\n\n"
        "With -f, -t bounds everything: the steps end a fifth of it earlier (30 s at most), so "
        "that "
        "what is\nowed can still be undone and `finally` still walks. A journey without either has "
        "all "
        "of it.\n50 seconds fit into the 60 that Nagios, Icinga and NRPE give a check. With "
        "--state it "
        "is how\nlong a store that is locked or on a slow disk is waited for.",
    .options = check_options_table,
};

static bool read_range(const char *option, const char *text, struct range *ret_range,
                       struct error *error)
{
    /* An empty one is none, as of a definition whose argument nobody gave. */
    if (!text || !*text || range_parse(view_of(text), ret_range, error)) return true;
    return error_wrap(error, "%s", option);
}

/* NAME=WARN,CRIT: the name may hold '=' itself, the ranges cannot. */
static bool read_limit(const char *text, struct check_limit *limit, struct error *error)
{
    const char *equals = strrchr(text, '=');
    if (!equals || equals == text || !equals[1])
        return error_set(error, "--step needs NAME=WARN,CRIT, not '%s'", text);
    limit->step = xstrndup(text, (size_t)(equals - text));
    struct view rest = view_of(equals + 1), warning = rest, critical = VIEW_NONE;
    size_t comma = view_find_char(rest, ',');
    if (comma != SIZE_MAX) {
        warning = view_slice(rest, 0, comma);
        critical = view_from(rest, comma + 1);
    }
    bool good = (!warning.length || range_parse(warning, &limit->warning, error)) &&
                (!critical.length || range_parse(critical, &limit->critical, error));
    return good ? true : error_wrap(error, "--step %s", limit->step);
}

static bool read_timeout(const char *text, struct check_settings *settings, struct error *error)
{
    settings->timeout_state = settings->file ? NAGIOS_CRITICAL : NAGIOS_UNKNOWN;
    settings->timeout_us = settings->file ? DEFAULT_WALK_US : DEFAULT_ASK_US;
    if (!text) return true;
    struct view seconds = view_of(text);
    size_t colon = view_find_char(seconds, ':');
    struct decimal number;
    bool good =
        colon == SIZE_MAX || nagios_find(view_from(seconds, colon + 1), &settings->timeout_state);
    seconds = view_slice(seconds, 0, colon);
    good = good && decimal_parse(seconds, &number) && decimal_sign(number) > 0 &&
           decimal_compare(number, decimal_of(MOST_TIMEOUT_SECONDS)) <= 0;
    if (!good) return error_set(error, "-t needs SECONDS or SECONDS:STATE, not '%s'", text);
    settings->timeout_us = (int64_t)(decimal_to_double(number) * (double)US_PER_SECOND);
    if (!settings->timeout_us) settings->timeout_us = 1;
    return true;
}

static bool read_map(const char *text, struct check_settings *settings, struct error *error)
{
    struct view rest = view_of(text), severity;
    bool good = view_split(&rest, '=', &severity) && severity.length == 4 &&
                view_starts_with_nocase(severity, VIEW_LITERAL("sev")) && severity.data[3] >= '1' &&
                severity.data[3] <= '4' &&
                nagios_find(rest, &settings->by_severity[severity.data[3] - '0']);
    if (good) return true;
    return error_set(error, "--map needs SEVERITY=STATE such as sev3=warning, not '%s'", text);
}

static bool read_values(struct check_settings *settings, struct error *error)
{
    for (size_t i = 0; i < COUNT_OF(settings->by_severity); i++)
        settings->by_severity[i] = NAGIOS_CRITICAL;
    vec_each(text, &settings->maps) {
        if (!read_map(*text, settings, error)) return false;
    }
    vec_each(text, &settings->steps) {
        if (!read_limit(*text, vec_add(&settings->limits), error)) return false;
    }
    return read_range("-w", settings->warning, &settings->warning_range, error) &&
           read_range("-c", settings->critical, &settings->critical_range, error) &&
           read_timeout(settings->timeout, settings, error) &&
           set_values_are_good(&settings->set, error);
}

/* Such as of a variable that a monitoring system found no value for. */
static bool refuse_empty(const struct check_settings *settings, struct error *error)
{
    const char *option = NULL;
    if (settings->file && !*settings->file) option = "-f";
    if (settings->state && !*settings->state) option = "--state";
    vec_each(persona, &settings->personas) {
        if (!**persona) option = "--persona";
    }
    return option ? error_set(error, "%s needs a name", option) : true;
}

/* What goes with -f alone, or with --state alone. */
static bool refuse_strays(const struct check_settings *settings, struct error *error)
{
    const struct {
        const char *option;
        bool given;
    } walking[] = {{"--base", settings->base},
                   {"--var", settings->set.count},
                   {"--personas", settings->personas_file},
                   {"--cacert", settings->ca_file},
                   {"--insecure", settings->insecure},
                   {"--resolve", settings->resolve.count}},
      asking[] = {{"--store", settings->store}, {"--stale", settings->stale_us >= 0}};
    for (size_t i = 0; settings->state && i < COUNT_OF(walking); i++) {
        if (walking[i].given) return error_set(error, "%s goes with -f", walking[i].option);
    }
    for (size_t i = 0; settings->file && i < COUNT_OF(asking); i++) {
        if (asking[i].given) return error_set(error, "%s goes with --state", asking[i].option);
    }
    return true;
}

bool check_settings_read(int argc, char **argv, struct check_settings *settings,
                         struct error *error)
{
    struct text_list rest = {0};
    *settings = (struct check_settings){.stale_us = -1};
    bool good = options_parse(&command_check, argc, argv, settings, &rest, error);
    if (good && settings->version) {
        vec_release(&rest);
        return true;
    }
    if (good && rest.count) good = error_set(error, "'%s' is no option", rest.items[0]);
    vec_release(&rest);
    if (good && !settings->file == !settings->state)
        good = error_set(error, "wanted: either -f JOURNEY or --state NAME");
    good = good && refuse_empty(settings, error) && read_values(settings, error) &&
           refuse_strays(settings, error);
    if (settings->stale_us < 0) settings->stale_us = DEFAULT_STALE_US;
    return good;
}

void check_settings_release(struct check_settings *settings)
{
    vec_each(limit, &settings->limits) free(limit->step);
    vec_release(&settings->limits);
    vec_release(&settings->personas);
    vec_release(&settings->set);
    vec_release(&settings->steps);
    vec_release(&settings->maps);
    vec_release(&settings->resolve);
}
