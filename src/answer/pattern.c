/* SPDX-License-Identifier: Apache-2.0 */
/* See pattern.h. Without JIT, whose matcher heeds neither the depth limit nor that of the heap. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "answer/pattern_translated.h"

#include <pcre2.h>
#include <stdlib.h>

/* One level for each turn of (?:.|\n)*?, the usual way over a script of some kilobytes. */
#define DEPTH_LIMIT 50000
#define HEAP_LIMIT_KIB 16384

/* `sound` is the same for texts that PCRE2 has found to be UTF-8. `code` looks for broken bytes
 * from where it begins to the end of the text, each time: a page of a thousand matches would be
 * gone through a thousand times. */
struct pattern {
    pcre2_code *code, *sound;
    pcre2_match_context *limits;
};

void pattern_free(struct pattern *pattern)
{
    if (!pattern) return;
    pcre2_match_context_free(pattern->limits);
    pcre2_code_free(pattern->code);
    pcre2_code_free(pattern->sound);
    free(pattern);
}

static struct pattern *compile(struct view text, uint32_t options, size_t *ret_offset,
                               struct buf *message)
{
    int number = 0;
    PCRE2_SIZE offset = 0;
    PCRE2_SPTR source = (PCRE2_SPTR)(text.data ? text.data : "");
    options |= PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C;
    pcre2_code *code = pcre2_compile(source, text.length, options | PCRE2_MATCH_INVALID_UTF,
                                     &number, &offset, NULL);
    if (!code) {
        PCRE2_UCHAR words[256];
        pcre2_get_error_message(number, words, sizeof(words));
        buf_addf(message, "malformed regular expression: %s", (const char *)words);
        *ret_offset = offset < text.length ? offset : text.length ? text.length - 1 : 0;
        return NULL;
    }
    struct pattern *pattern = NEW(struct pattern);
    pattern->code = code;
    pattern->sound = pcre2_compile(source, text.length, options, &number, &offset, NULL);
    ASSERT(pattern->sound);
    pattern->limits = pcre2_match_context_create(NULL);
    ASSERT(pattern->limits);
    pcre2_set_match_limit(pattern->limits, PATTERN_MATCH_LIMIT);
    pcre2_set_depth_limit(pattern->limits, DEPTH_LIMIT);
    pcre2_set_heap_limit(pattern->limits, HEAP_LIMIT_KIB);
    return pattern;
}

struct pattern *pattern_compile(struct view text, size_t *ret_offset, struct buf *message)
{
    *ret_offset = 0;
    if (text.length > PATTERN_MAX_BYTES) {
        buf_addf(message, "a regular expression of more than %d bytes", PATTERN_MAX_BYTES);
        return NULL;
    }
    return compile(text, 0, ret_offset, message);
}

/* iregexp.c has translated it already; what PCRE2 still refuses (a range backwards) is none. */
struct pattern *pattern_compile_translated(struct view text)
{
    size_t offset = 0;
    AUTO_BUF message = BUF_INIT(1024);
    return compile(text, PCRE2_DOLLAR_ENDONLY | PCRE2_NO_AUTO_CAPTURE, &offset, &message);
}

int pattern_group(const struct pattern *pattern, const char *name)
{
    uint32_t count = 0;
    pcre2_pattern_info(pattern->code, PCRE2_INFO_CAPTURECOUNT, &count);
    char *end = NULL;
    long number = strtol(name, &end, 10);
    if (*name >= '0' && *name <= '9' && !*end) return number <= (long)count ? (int)number : -1;
    int group = pcre2_substring_number_from_name(pattern->code, (PCRE2_SPTR)name);
    return group > 0 ? group : -1;
}

static enum pattern_result result_of(int count)
{
    if (count == PCRE2_ERROR_NOMATCH) return PATTERN_NO_MATCH;
    return count < 0 ? PATTERN_GAVE_UP : PATTERN_MATCH;
}

static pcre2_match_data *match_data_of(const struct pattern *pattern)
{
    pcre2_match_data *match = pcre2_match_data_create_from_pattern(pattern->code, NULL);
    ASSERT(match);
    return match;
}

enum pattern_result pattern_find(const struct pattern *pattern, struct view subject)
{
    pcre2_match_data *match = match_data_of(pattern);
    int count = pcre2_match(pattern->code, (PCRE2_SPTR)(subject.data ? subject.data : ""),
                            subject.length, 0, 0, match, pattern->limits);
    pcre2_match_data_free(match);
    return result_of(count);
}

/* --- Match by match */

static int match_next(struct pattern_walk *walk, const pcre2_code *code, uint32_t options,
                      pcre2_match_data *match)
{
    return pcre2_match(code, (PCRE2_SPTR)walk->subject.data, walk->subject.length, walk->at,
                       options, match, walk->pattern->limits);
}

static int step(struct pattern_walk *walk, pcre2_match_data *match)
{
    const struct pattern *pattern = walk->pattern;
    bool first = walk->at == 0; /* PCRE2 looks through all of the text, and never again */
    int count = PCRE2_ERROR_NOMATCH;
    if (!walk->broken)
        count = match_next(walk, pattern->sound, first ? 0 : PCRE2_NO_UTF_CHECK, match);
    if (count <= PCRE2_ERROR_UTF8_ERR1 && count >= PCRE2_ERROR_UTF8_ERR21) walk->broken = true;
    return walk->broken ? match_next(walk, pattern->code, 0, match) : count;
}

/* Always further on, and never into a character: an empty match moves on by one. */
static size_t behind(struct view subject, const PCRE2_SIZE *ends, size_t at)
{
    if (ends[1] > ends[0] && ends[1] > at) return ends[1];
    size_t next = (ends[1] > at ? ends[1] : at) + 1;
    while (next < subject.length && (subject.data[next] & 0xc0) == 0x80) next++;
    return next;
}

enum pattern_result pattern_walk_next(struct pattern_walk *walk, int group, struct view *ret_group)
{
    *ret_group = VIEW_NONE;
    if (!walk->subject.data) walk->subject.data = "";
    if (walk->at > walk->subject.length) return PATTERN_NO_MATCH;
    pcre2_match_data *match = match_data_of(walk->pattern);
    int count = step(walk, match);
    if (count > 0) {
        const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(match);
        if (group >= 0 && group < count && ends[2 * group] != PCRE2_UNSET)
            *ret_group =
                view_slice(walk->subject, ends[2 * group], ends[2 * group + 1] - ends[2 * group]);
        walk->at = behind(walk->subject, ends, walk->at);
    }
    pcre2_match_data_free(match);
    return result_of(count);
}
