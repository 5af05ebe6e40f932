/* SPDX-License-Identifier: Apache-2.0 */
/* See maintenance.h. */
#include "watch/maintenance.h"

#include "http/url.h"
#include "journey/journey.h"

#include <string.h>

int64_t window_end_us(const struct config_window *window, int64_t now_us)
{
    if (!window->cron)
        return window->from_us <= now_us && now_us < window->to_us ? window->to_us : 0;
    int64_t begin_us;
    bool open =
        schedule_next(window->times, now_us - window->duration_us, &begin_us) && begin_us <= now_us;
    return open ? begin_us + window->duration_us : 0;
}

bool window_is_open(const struct config_window *window, int64_t now_us)
{
    return window_end_us(window, now_us) != 0;
}

static bool is_among(const struct path_list *names, const char *name)
{
    if (!names->count) return true;
    for (size_t i = 0; name && i < names->count; i++)
        if (!strcmp(names->items[i], name)) return true;
    return false;
}

/* A host without a port is meant on any. */
static bool has_host(const struct path_list *names, const char *host)
{
    for (size_t i = 0; host && i < names->count; i++)
        if (authority_is_of(host, names->items[i])) return true;
    return !names->count;
}

static bool walks_any(const struct journey *journey, const struct path_list *stages)
{
    vec_each(stage, stages) {
        if (journey && journey_has_stage(journey, *stage)) return true;
    }
    return false;
}

bool window_covers(const struct config_window *window, const struct maintenance_subject *subject)
{
    bool stage =
        is_among(&window->stages, subject->stage) || walks_any(subject->whole, &window->stages);
    bool host = has_host(&window->hosts, subject->host) || has_host(&window->hosts, subject->shop);
    return is_among(&window->journeys, subject->journey) && stage && host;
}

bool maintenance_asks_for_host(const struct config *config, int64_t now_us)
{
    vec_each(window, &config->maintenance) {
        if (window->hosts.count && window_is_open(window, now_us)) return true;
    }
    return false;
}

const struct config_window *maintenance_find(const struct config *config,
                                             const struct maintenance_subject *subject,
                                             int64_t now_us, bool skip)
{
    vec_each(window, &config->maintenance) {
        if (window->skip == skip && window_covers(window, subject) &&
            window_is_open(window, now_us))
            return window;
    }
    return NULL;
}

/* --- Silences */

enum matched { MATCHED_JOURNEY, MATCHED_STAGE, MATCHED_HOST, MATCHED_COUNT };

static const char *const prefixes[] = {"journey=", "stage=", "host="};

/* The name behind the prefix; NULL: no matcher. */
static const char *name_of(const char *matcher, enum matched *ret_what)
{
    for (int i = 0; i < MATCHED_COUNT; i++) {
        size_t length = strlen(prefixes[i]);
        if (strncmp(matcher, prefixes[i], length) != 0) continue;
        *ret_what = (enum matched)i;
        return matcher[length] ? matcher + length : NULL;
    }
    return NULL;
}

bool silence_matcher_is_good(const char *matcher, struct buf *reason)
{
    enum matched what;
    if (name_of(matcher, &what)) return true;
    buf_addf(reason, "'%s' is none of journey=NAME, stage=NAME, host=NAME", matcher);
    return false;
}

static bool name_matches(const char *pattern, const char *name)
{
    size_t length = strlen(pattern);
    if (length && pattern[length - 1] == '*') return !strncmp(pattern, name, length - 1);
    return !strcmp(pattern, name);
}

bool silence_covers(const struct store_silence *silence, const struct maintenance_subject *subject,
                    int64_t now_us)
{
    enum matched what;
    if (now_us < silence->from_us || now_us >= silence->until_us) return false;
    const char *pattern = name_of(silence->matcher, &what);
    if (!pattern) return false;
    const char *name = what == MATCHED_JOURNEY ? subject->journey
                       : what == MATCHED_STAGE ? subject->stage
                                               : subject->host;
    if (name && what == MATCHED_HOST && authority_is_of(name, pattern)) return true;
    return name && name_matches(pattern, name);
}
