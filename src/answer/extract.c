/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See extract.h. One function per kind of source, each of which adds what it finds to a bounded
 * list. Judging what was found is the predicates'.
 */
#include "answer/extract.h"

#include "base/codec.h"
#include "base/utf8.h"
#include "base/vec.h"

#include <stdlib.h>
#include <string.h>

#define MAX_VALUES 100000
#define MAX_JSON_NODES 2000000 /* copied by one extraction: nested matches overlap */
#define DAY_S 86400
#define SECOND_US 1000000
#define ARGUMENT_SHOWN_BYTES 200

struct findings {
    struct value *items;
    size_t count, capacity; /* a VEC */
    size_t json_nodes;
};

/* NOTHING_MORE: a bound was met after the first match, and no more than the first is asked for. */
enum adding { ADDED, NOTHING_MORE, ADDING_FAILED };

struct asking {
    const struct extractor *extractor;
    const struct extract_input *input;
    bool all; /* of the outermost source */
    struct buf *reason;
};

enum body_kind { BODY_IS_PAGE, BODY_IS_JSON };

typedef bool find_function(const struct asking *asking, struct findings *findings);

/* --- The table's words */

static const struct {
    const char *key, *help;
    enum source_argument argument;
} sources[SOURCE_KIND_COUNT] = {
#define X(name, key, argument, help) {key, help, ARGUMENT_##argument},
    SOURCES(X)
#undef X
};

const char *source_key(enum source_kind kind)
{
    ASSERT(kind < SOURCE_KIND_COUNT);
    return sources[kind].key;
}

const char *source_help(enum source_kind kind)
{
    ASSERT(kind < SOURCE_KIND_COUNT);
    return sources[kind].help;
}

enum source_argument source_argument(enum source_kind kind)
{
    ASSERT(kind < SOURCE_KIND_COUNT);
    return sources[kind].argument;
}

/* --- Compiling */

static bool compile_pattern(struct extractor *extractor, struct view argument, const char *group,
                            size_t *ret_offset, struct buf *message)
{
    extractor->pattern = pattern_compile(argument, ret_offset, message);
    if (!extractor->pattern) return false;
    int index = pattern_group(extractor->pattern, group ? group : "1");
    if (index < 0 && group) {
        buf_addf(message, "the expression has no group '%s'", group);
        return false;
    }
    extractor->group = index < 0 ? 0 : index;
    return true;
}

static bool compile(struct extractor *extractor, struct view argument, const char *group,
                    size_t *ret_offset, struct buf *message)
{
    switch (source_argument(extractor->kind)) {
    case ARGUMENT_NONE: return true;
    case ARGUMENT_NAME:
        if (!argument.length) buf_add_text(message, "the name is empty");
        return argument.length > 0;
    case ARGUMENT_JSONPATH:
        extractor->jsonpath = jsonpath_compile(argument, ret_offset, message);
        return extractor->jsonpath;
    case ARGUMENT_CSS:
        extractor->query = html_compile_css(argument, ret_offset, message);
        return extractor->query;
    case ARGUMENT_XPATH:
        extractor->query = html_compile_xpath(argument, ret_offset, message);
        return extractor->query;
    case ARGUMENT_REGEX: return compile_pattern(extractor, argument, group, ret_offset, message);
    case ARGUMENT_WORD:
        if (view_is(argument, "days_left")) return true;
        buf_addf(message, "'%.*s' is nothing that can be asked of a certificate: `days_left` is",
                 VIEW_PRINTF(utf8_clip(argument, ARGUMENT_SHOWN_BYTES)));
        return false;
    }
    return false;
}

struct extractor *extractor_new(enum source_kind kind, struct view argument, const char *group,
                                size_t *ret_offset, struct buf *message)
{
    struct extractor *extractor = NEW(struct extractor);
    extractor->kind = kind;
    extractor->argument = xstrndup(argument.data ? argument.data : "", argument.length);
    *ret_offset = 0;
    if (!compile(extractor, argument, group, ret_offset, message)) {
        extractor_free(extractor);
        return NULL;
    }
    return extractor;
}

void extractor_free(struct extractor *extractor)
{
    while (extractor) {
        struct extractor *inner = extractor->inner;
        jsonpath_free(extractor->jsonpath);
        html_query_free(extractor->query);
        pattern_free(extractor->pattern);
        free(extractor->argument);
        free(extractor->attr);
        free(extractor->field);
        free(extractor);
        extractor = inner;
    }
}

void extractor_describe(const struct extractor *extractor, struct buf *out)
{
    for (const struct extractor *at = extractor; at; at = at->inner) {
        if (at != extractor) buf_add_text(out, ", ");
        buf_add_text(out, source_key(at->kind));
        if (*at->argument) buf_addf(out, " %s", at->argument);
        if (at->attr) buf_addf(out, " attr %s", at->attr);
        if (at->field) buf_addf(out, " field %s", at->field);
        if (at->url_encoded) buf_add_text(out, " decode url");
    }
}

/* --- The list */

static void findings_release(struct findings *findings)
{
    vec_each(item, findings) value_release(item);
    vec_release(findings);
}

/* Where a bound is met: an error, unless the first match is all that anybody wants. */
static enum adding bound_met(const struct asking *asking, const struct findings *findings)
{
    if (!asking->all && findings->count) return NOTHING_MORE;
    buf_addf(asking->reason, "too much was found for %s", asking->extractor->argument);
    return ADDING_FAILED;
}

/* Takes the value over. */
static enum adding findings_add(const struct asking *asking, struct findings *findings,
                                struct value value)
{
    if (findings->count >= MAX_VALUES) {
        value_release(&value);
        return bound_met(asking, findings);
    }
    vec_push(findings, value);
    return ADDED;
}

static bool add_text(const struct asking *asking, struct findings *findings, const char *text)
{
    return findings_add(asking, findings, value_text(view_of(text))) != ADDING_FAILED;
}

static bool add_number(const struct asking *asking, struct findings *findings, int64_t number)
{
    return findings_add(asking, findings, value_number(number)) != ADDING_FAILED;
}

static bool add_duration(const struct asking *asking, struct findings *findings, int64_t us)
{
    return findings_add(asking, findings, value_duration(us)) != ADDING_FAILED;
}

/* --- Finders */

static bool find_status(const struct asking *asking, struct findings *findings)
{
    return add_number(asking, findings, asking->input->message->status);
}

static bool find_header(const struct asking *asking, struct findings *findings)
{
    const struct headers *headers = &asking->input->message->headers;
    vec_each(header, headers) {
        if (!view_is_nocase(view_of(header->name), asking->extractor->argument)) continue;
        if (!add_text(asking, findings, header->value)) return false;
    }
    if (!findings->count) buf_addf(asking->reason, "no header %s", asking->extractor->argument);
    return true;
}

static bool find_cookie(const struct asking *asking, struct findings *findings)
{
    const struct message *message = asking->input->message;
    vec_each(cookie, &message->cookies) {
        if (strcmp(cookie->name, asking->extractor->argument)) continue;
        if (!add_text(asking, findings, cookie->value ? cookie->value : "")) return false;
    }
    if (!findings->count) buf_addf(asking->reason, "no cookie %s", asking->extractor->argument);
    return true;
}

/* Counts at most up to `bound`. */
static size_t json_weight(const cJSON *node, size_t bound, int depth)
{
    size_t weight = 1;
    if (depth >= JSON_MAX_DEPTH) return weight;
    for (const cJSON *child = node->child; child && weight < bound; child = child->next) {
        weight += json_weight(child, bound - weight, depth + 1);
    }
    return weight;
}

static enum adding add_json(const struct asking *asking, struct findings *findings,
                            const cJSON *node)
{
    findings->json_nodes += json_weight(node, MAX_JSON_NODES, 0);
    if (findings->json_nodes > MAX_JSON_NODES) return bound_met(asking, findings);
    return findings_add(asking, findings, value_from_json(node));
}

static bool query_json(const struct asking *asking, const cJSON *root, struct findings *findings)
{
    struct jsonpath_nodes nodes = {0};
    bool complete = jsonpath_query(asking->extractor->jsonpath, root, &nodes);
    enum adding adding = ADDED;
    if (!complete) {
        buf_addf(asking->reason, "%s visits more of the JSON than allowed",
                 asking->extractor->argument);
        adding = ADDING_FAILED;
    }
    for (size_t i = 0; i < nodes.count && adding == ADDED; i++) {
        adding = add_json(asking, findings, nodes.items[i]);
    }
    jsonpath_nodes_release(&nodes);
    return adding != ADDING_FAILED;
}

/* A shop that says what the body is does not mean anything else by it: an error page is no empty
 * result, and JSON no page that happens to hold no error. What says nothing may be either. */
static bool is_said_to_be(const struct asking *asking, enum body_kind wanted)
{
    char type[100];
    message_media_type(asking->input->message, type, sizeof(type));
    bool html = strstr(type, "html"), page = html || strstr(type, "xml");
    if (!*type || (wanted == BODY_IS_PAGE ? page : !html)) return true;
    buf_addf(asking->reason, "the answer is %s, not %s", type,
             wanted == BODY_IS_PAGE ? "a page" : "JSON");
    return false;
}

static bool find_json(const struct asking *asking, struct findings *findings)
{
    if (!is_said_to_be(asking, BODY_IS_JSON)) return false;
    const char *why = "";
    const cJSON *root = message_json(asking->input->message, &why);
    if (!root) {
        buf_addf(asking->reason, "the body is %s", why);
        return false;
    }
    if (!query_json(asking, root, findings)) return false;
    if (!findings->count) buf_addf(asking->reason, "no value at %s", asking->extractor->argument);
    return true;
}

static struct value value_of_match(struct html_match *match)
{
    struct view text = {match->text, match->length};
    struct value number = {.kind = VALUE_NUMBER};
    if (match->kind == HTML_MATCH_BOOL) return value_bool(view_is(text, "true"));
    if (match->kind == HTML_MATCH_NUMBER && decimal_parse(text, &number.number)) return number;
    if (!match->text) return value_text(VIEW_NONE);
    return (struct value){.kind = VALUE_TEXT,
                          .text = {.data = take(match->text), .length = match->length}};
}

static bool find_element(const struct asking *asking, struct findings *findings)
{
    if (!is_said_to_be(asking, BODY_IS_PAGE)) return false;
    const struct extractor *extractor = asking->extractor;
    const char *why = "";
    const struct html *html = message_html(asking->input->message, &why);
    if (!html) {
        buf_add_text(asking->reason, why);
        return false;
    }
    struct html_matches matches = {0};
    enum adding adding = ADDED;
    bool prices = asking->input->prices && !extractor->inner;
    if (!(prices ? html_find_prices : html_find)(html, extractor->query, extractor->attr,
                                                 &matches)) {
        buf_addf(asking->reason,
                 extractor->kind == SOURCE_XPATH
                     ? "%s finds too much, or a function in it gets what it cannot take"
                     : "too much was found for %s",
                 extractor->argument);
        adding = ADDING_FAILED;
    }
    for (size_t i = 0; i < matches.count && adding == ADDED; i++) {
        adding = findings_add(asking, findings, value_of_match(&matches.items[i]));
    }
    html_matches_release(&matches);
    if (adding == ADDING_FAILED) return false;
    if (findings->count) return true;
    buf_addf(asking->reason, "no element for %s", extractor->argument);
    if (extractor->attr) buf_addf(asking->reason, " with the attribute %s", extractor->attr);
    return true;
}

static bool query_text(const struct asking *asking, struct view text, struct findings *findings)
{
    const struct extractor *extractor = asking->extractor;
    enum adding adding = ADDED;
    struct pattern_walk walk = {.pattern = extractor->pattern, .subject = text};
    while (adding == ADDED) {
        struct view group = VIEW_NONE;
        enum pattern_result result = pattern_walk_next(&walk, extractor->group, &group);
        if (result == PATTERN_NO_MATCH) break;
        if (result == PATTERN_GAVE_UP) {
            if (!asking->all && findings->count) break;
            buf_addf(asking->reason,
                     "/%s/ gave up: the text has too many ways to try it; write it without "
                     "repetitions inside of repetitions",
                     extractor->argument);
            return false;
        }
        /* A group that took no part is nothing, not empty text. */
        if (group.data) adding = findings_add(asking, findings, value_text(group));
    }
    return adding != ADDING_FAILED;
}

static bool find_regex(const struct asking *asking, struct findings *findings)
{
    struct message *message = asking->input->message;
    AUTO_BUF scratch = BUF_INIT(message->body.cap * 3 + 64);
    if (!query_text(asking, message_text(message, &scratch), findings)) return false;
    if (!findings->count)
        buf_addf(asking->reason, "nothing matches /%s/", asking->extractor->argument);
    return true;
}

static enum html_form_result first_form_field(const struct html *html,
                                              const struct html_query *form, const char *field,
                                              struct html_matches *ret_values)
{
    AUTO_BUF value = BUF_INIT(BUF_OWN_CAP);
    enum html_form_result result = html_form_field(html, form, field, &value);
    if (result != HTML_FORM_FOUND) return result;
    struct html_match *match = vec_add(ret_values);
    match->length = value.length;
    match->text = buf_take(&value);
    return result;
}

static bool find_form(const struct asking *asking, struct findings *findings)
{
    if (!is_said_to_be(asking, BODY_IS_PAGE)) return false;
    const struct extractor *extractor = asking->extractor;
    const char *why = "", *field = extractor->field ? extractor->field : "";
    const struct html *html = message_html(asking->input->message, &why);
    if (!html) {
        buf_add_text(asking->reason, why);
        return false;
    }
    struct html_matches values = {0};
    enum html_form_result result = asking->all
                                       ? html_form_fields(html, extractor->query, field, &values)
                                       : first_form_field(html, extractor->query, field, &values);
    enum adding adding = ADDED;
    for (size_t i = 0; i < values.count && adding == ADDED; i++)
        adding = findings_add(asking, findings, value_of_match(&values.items[i]));
    html_matches_release(&values);
    if (result == HTML_FORM_NONE) buf_addf(asking->reason, "no form for %s", extractor->argument);
    if (result == HTML_FORM_NO_FIELD)
        buf_addf(asking->reason, "the form %s has no field %s", extractor->argument, field);
    return adding != ADDING_FAILED;
}

static bool find_body(const struct asking *asking, struct findings *findings)
{
    struct message *message = asking->input->message;
    AUTO_BUF scratch = BUF_INIT(message->body.cap * 3 + 64);
    struct view text = message_text(message, &scratch);
    return findings_add(asking, findings, value_text(text)) != ADDING_FAILED;
}

static bool find_url(const struct asking *asking, struct findings *findings)
{
    const char *url = asking->input->message->url;
    if (url) return add_text(asking, findings, url);
    buf_add_text(asking->reason, "no URL was reached");
    return true;
}

static bool find_redirects(const struct asking *asking, struct findings *findings)
{
    return add_number(asking, findings, asking->input->message->redirects);
}

static bool find_duration(const struct asking *asking, struct findings *findings)
{
    return add_duration(asking, findings, asking->input->message->timings.total_us);
}

static bool find_first_byte(const struct asking *asking, struct findings *findings)
{
    const struct timings *timings = &asking->input->message->timings;
    return add_duration(asking, findings, timings->total_us - timings->transfer_us);
}

static bool find_size(const struct asking *asking, struct findings *findings)
{
    return add_number(asking, findings, (int64_t)asking->input->message->body.length);
}

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static bool find_certificate(const struct asking *asking, struct findings *findings)
{
    const struct certificate *certificate = &asking->input->message->certificate;
    if (!certificate->present) {
        buf_add_text(asking->reason, "the connection showed no certificate");
        return true;
    }
    int64_t now_s = floor_divide(asking->input->now_wall_us, SECOND_US);
    return add_number(asking, findings,
                      floor_divide(certificate->earliest_not_after_s - now_s, DAY_S));
}

static bool find_variable(const struct asking *asking, struct findings *findings)
{
    const struct extract_input *input = asking->input;
    const char *name = asking->extractor->argument;
    const struct value *value = input->variable ? input->variable(input->context, name) : NULL;
    if (!value || value->kind == VALUE_ABSENT) {
        buf_addf(asking->reason, "the variable %s is not set", name);
        return true;
    }
    if (value->kind != VALUE_LIST) {
        return findings_add(asking, findings, value_copy(value)) != ADDING_FAILED;
    }
    enum adding adding = ADDED;
    for (size_t i = 0; i < value->list.count && adding == ADDED; i++) {
        adding = findings_add(asking, findings, value_copy(&value->list.items[i]));
    }
    if (!findings->count) buf_addf(asking->reason, "the variable %s is an empty list", name);
    return adding != ADDING_FAILED;
}

static find_function *const finders[SOURCE_KIND_COUNT] = {
    [SOURCE_STATUS] = find_status,
    [SOURCE_HEADER] = find_header,
    [SOURCE_COOKIE] = find_cookie,
    [SOURCE_JSON] = find_json,
    [SOURCE_CSS] = find_element,
    [SOURCE_XPATH] = find_element,
    [SOURCE_REGEX] = find_regex,
    [SOURCE_FORM] = find_form,
    [SOURCE_BODY] = find_body,
    [SOURCE_URL] = find_url,
    [SOURCE_REDIRECTS] = find_redirects,
    [SOURCE_DURATION] = find_duration,
    [SOURCE_TIME_TO_FIRST_BYTE] = find_first_byte,
    [SOURCE_SIZE] = find_size,
    [SOURCE_CERTIFICATE] = find_certificate,
    [SOURCE_VAR] = find_variable,
};

/* --- Sources within sources */

static bool query_json_text(const struct asking *asking, struct view text,
                            struct findings *findings)
{
    AUTO_BUF why = BUF_INIT(1024);
    cJSON *root = json_parse(text, &why);
    if (!root) {
        /* What comes behind the first match does not matter to who wants the first alone. */
        if (!asking->all && findings->count) return true;
        buf_addf(asking->reason, "the text is %s", buf_text(&why));
        return false;
    }
    bool good = query_json(asking, root, findings);
    cJSON_Delete(root);
    return good;
}

static bool find_within(const struct asking *asking, const struct value *outer,
                        struct findings *findings)
{
    bool json = asking->extractor->kind == SOURCE_JSON;
    if (json && outer->kind == VALUE_JSON) return query_json(asking, outer->json, findings);
    AUTO_BUF printed = BUF_INIT(SIZE_MAX / 4);
    struct view text;
    if (outer->kind == VALUE_TEXT) {
        text = (struct view){outer->text.data, outer->text.length};
    } else {
        value_print(outer, &printed);
        text = buf_view(&printed);
    }
    return json ? query_json_text(asking, text, findings) : query_text(asking, text, findings);
}

static bool decode_one(const struct asking *asking, struct value *value)
{
    AUTO_BUF plain = BUF_INIT(SIZE_MAX / 4), text = BUF_INIT(SIZE_MAX / 4);
    if (value->kind != VALUE_TEXT) {
        buf_addf(asking->reason, "`decode` goes with text, not with %s", value_kind_name(value));
        return false;
    }
    struct view encoded = {value->text.data, value->text.length};
    if (!codec_add_percent_decoded(&plain, encoded, false)) {
        buf_add_text(asking->reason, "the text is not URL-encoded: no two hex digits behind a '%'");
        return false;
    }
    utf8_add_repaired(&text, buf_view(&plain));
    value_release(value);
    *value = value_text(buf_view(&text));
    return true;
}

static bool decode_all(const struct asking *asking, struct findings *findings)
{
    for (size_t i = 0; i < findings->count && (asking->all || i == 0); i++) {
        if (!decode_one(asking, &findings->items[i])) return false;
    }
    return true;
}

/* Replaces what the outer source found by what `inner` finds in it. */
static bool find_inner(const struct asking *asking, struct findings *findings)
{
    const struct extractor *inner = asking->extractor;
    if (inner->kind != SOURCE_JSON && inner->kind != SOURCE_REGEX) {
        buf_addf(asking->reason, "%s cannot be looked for within another source",
                 source_key(inner->kind));
        return false;
    }
    struct findings within = {0};
    bool good = true;
    for (size_t i = 0; i < findings->count && good; i++) {
        good = find_within(asking, &findings->items[i], &within);
    }
    findings_release(findings);
    *findings = within;
    if (!good || within.count) return good;
    if (inner->kind == SOURCE_JSON)
        buf_addf(asking->reason, "no value at %s", inner->argument);
    else
        buf_addf(asking->reason, "nothing matches /%s/", inner->argument);
    return true;
}

bool extract(const struct extractor *extractor, const struct extract_input *input,
             struct value *ret_values, struct buf *reason)
{
    struct asking asking = {extractor, input, extractor->all, reason};
    struct findings findings = {0};
    bool good = input->message || extractor->kind == SOURCE_VAR;
    if (!good) buf_add_text(reason, "there is no answer to look at");
    if (good) good = finders[extractor->kind](&asking, &findings);
    if (good && extractor->url_encoded) good = decode_all(&asking, &findings);
    for (asking.extractor = extractor->inner; asking.extractor && good && findings.count;
         asking.extractor = asking.extractor->inner) {
        good = find_inner(&asking, &findings);
    }
    if (!good) {
        findings_release(&findings);
        return false;
    }
    *ret_values =
        (struct value){.kind = VALUE_LIST, .list = {take(findings.items), findings.count}};
    return true;
}
