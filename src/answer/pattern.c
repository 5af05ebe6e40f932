/* SPDX-License-Identifier: Apache-2.0 */
/* See pattern.h. Without JIT, whose matcher heeds neither the depth limit nor that of the heap. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "answer/pattern_translated.h"

#include <pcre2.h>
#include <stdlib.h>

/* One level for each turn of (?:.|\n)*?, the usual way over a script of some kilobytes. */
#define DEPTH_LIMIT 50000
#define HEAP_LIMIT_KIB 16384

struct pattern {
    pcre2_code *code;
    pcre2_match_context *limits;
};

void pattern_free(struct pattern *pattern)
{
    if (!pattern) return;
    pcre2_match_context_free(pattern->limits);
    pcre2_code_free(pattern->code);
    free(pattern);
}

static struct pattern *compile(struct view text, uint32_t options, size_t *ret_offset,
                               struct buf *message)
{
    int number = 0;
    PCRE2_SIZE offset = 0;
    const uint32_t always = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)(text.data ? text.data : ""), text.length,
                                     always | options, &number, &offset, NULL);
    if (!code) {
        PCRE2_UCHAR words[256];
        pcre2_get_error_message(number, words, sizeof(words));
        buf_addf(message, "malformed regular expression: %s", (const char *)words);
        *ret_offset = offset < text.length ? offset : text.length ? text.length - 1 : 0;
        return NULL;
    }
    struct pattern *pattern = NEW(struct pattern);
    pattern->code = code;
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

enum pattern_result pattern_find(const struct pattern *pattern, struct view subject, size_t from,
                                 int group, struct view *ret_group, size_t *ret_end)
{
    if (from > subject.length) return PATTERN_NO_MATCH;
    const char *data = subject.data ? subject.data : "";
    pcre2_match_data *match = pcre2_match_data_create_from_pattern(pattern->code, NULL);
    ASSERT(match);
    int count = pcre2_match(pattern->code, (PCRE2_SPTR)data, subject.length, from, 0, match,
                            pattern->limits);
    enum pattern_result result = PATTERN_MATCH;
    if (count == PCRE2_ERROR_NOMATCH)
        result = PATTERN_NO_MATCH;
    else if (count < 0)
        result = PATTERN_GAVE_UP;
    if (result == PATTERN_MATCH) {
        const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(match);
        bool took_part = group >= 0 && group < count && ends[2 * group] != PCRE2_UNSET;
        if (ret_group) {
            *ret_group = VIEW_NONE;
            if (took_part)
                *ret_group =
                    (struct view){data + ends[2 * group], ends[2 * group + 1] - ends[2 * group]};
        }
        size_t end = ends[1] > from ? ends[1] : from;
        if (ret_end)
            *ret_end = ends[1] > ends[0] ? end : end + 1; /* an empty match moves on by one */
    }
    pcre2_match_data_free(match);
    return result;
}
