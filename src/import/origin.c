/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See origin.h. Each finder proposes a source that should give the value; the engine's own
 * extractor then says whether it does.
 */
#include "import/origin.h"

#include "base/codec.h"
#include "import/recording.h"

#include <string.h>
#include <strings.h>

#define MAX_FORMS 30
#define MAX_JSON_NODES 50000
#define REGEX_CONTEXT 24

void origin_release(struct origin *origin)
{
    free(origin->argument);
    free(origin->attr);
    free(origin->field);
    free(origin->json);
    free(origin->regex);
    memset(origin, 0, sizeof(*origin));
}

/* --- The engine's word */

static struct extractor *compile(enum source_kind kind, const char *argument)
{
    size_t offset = 0;
    AUTO_BUF message = BUF_INIT(BUF_OWN_CAP);
    return extractor_new(kind, view_of(argument), NULL, &offset, &message);
}

static const struct value *no_variable(void *context, const char *name)
{
    (void)context;
    (void)name;
    return NULL;
}

bool origin_extract(const struct origin *origin, struct message *answer, struct value *ret_values)
{
    struct extractor *extractor = compile(origin->kind, origin->argument ? origin->argument : "");
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    if (!extractor) return false;
    extractor->attr = xstrdup(origin->attr);
    extractor->field = xstrdup(origin->field);
    extractor->url_encoded = origin->url_encoded;
    const char *inner = origin->json ? origin->json : origin->regex;
    if (inner) extractor->inner = compile(origin->json ? SOURCE_JSON : SOURCE_REGEX, inner);
    const struct extract_input input = {.message = answer, .variable = no_variable};
    bool found = (!inner || extractor->inner) && extract(extractor, &input, ret_values, &reason) &&
                 ret_values->list.count;
    if (!found) value_release(ret_values);
    extractor_free(extractor);
    return found;
}

bool origin_gives(const struct origin *origin, struct message *answer, struct view value)
{
    struct value values = VALUE_NOTHING;
    if (!origin_extract(origin, answer, &values)) return false;
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    value_print(&values.list.items[0], &text);
    value_release(&values);
    return view_equals(buf_view(&text), value);
}

bool page_find(struct message *answer, bool css, const char *expression, const char *attr,
               struct html_matches *ret_matches)
{
    const char *reason = NULL;
    size_t offset = 0;
    AUTO_BUF message = BUF_INIT(BUF_OWN_CAP);
    const struct html *html = message_html(answer, &reason);
    if (!html) return false;
    struct html_query *query = css ? html_compile_css(view_of(expression), &offset, &message)
                                   : html_compile_xpath(view_of(expression), &offset, &message);
    bool found = query && html_find(html, query, attr, ret_matches) && ret_matches->count;
    html_query_free(query);
    return found;
}

/* --- CSS */

static bool is_plain_word(const char *text)
{
    for (const char *c = text; *c; c++) {
        bool letter = ((*c | 32) >= 'a' && (*c | 32) <= 'z') || *c == '_';
        bool later = (*c >= '0' && *c <= '9') || *c == '-';
        if (!letter && !(later && c > text)) return false;
    }
    return *text;
}

static void add_css_value(struct buf *out, const char *value)
{
    if (is_plain_word(value)) {
        buf_add_text(out, value);
        return;
    }
    buf_add_char(out, '"');
    for (; *value; value++) {
        if (*value == '"' || *value == '\\') buf_add_char(out, '\\');
        buf_add_char(out, (unsigned char)*value < 32 ? ' ' : *value);
    }
    buf_add_char(out, '"');
}

static char *attribute_selector(const char *element, const char *name, const char *value)
{
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    buf_addf(&out, "%s[%s=", element, name);
    add_css_value(&out, value);
    buf_add_char(&out, ']');
    return buf_take(&out);
}

/* --- Forms: the n-th form by its id, name or action */

static bool try_form(struct message *answer, const char *field, struct view value,
                     struct origin *origin)
{
    origin->kind = SOURCE_FORM;
    free(origin->field);
    origin->field = xstrdup(field);
    return origin_gives(origin, answer, value);
}

static bool find_in_forms(struct message *answer, const char *field, struct view value,
                          struct origin *ret_origin)
{
    static const char *const keys[] = {"id", "name", "action", "class"};
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        struct html_matches matches = {0};
        bool found = false;
        if (page_find(answer, true, "form", keys[i], &matches)) {
            for (size_t k = 0; k < matches.count && k < MAX_FORMS && !found; k++) {
                const char *text = matches.items[k].text;
                struct origin origin = {0};
                if (!*text) continue;
                origin.argument = i == 0 && is_plain_word(text)
                                      ? xasprintf("#%s", text)
                                      : attribute_selector("form", keys[i], text);
                found = try_form(answer, field, value, &origin);
                if (found)
                    *ret_origin = origin;
                else
                    origin_release(&origin);
            }
        }
        html_matches_release(&matches);
        if (found) return true;
    }
    *ret_origin = (struct origin){.argument = xstrdup("form")};
    if (try_form(answer, field, value, ret_origin)) return true;
    origin_release(ret_origin);
    return false;
}

/* The field that has the value may be called otherwise than what sends it. */
static bool find_form(struct message *answer, const char *name, struct view value,
                      struct origin *ret_origin)
{
    if (*name && find_in_forms(answer, name, value, ret_origin)) return true;
    struct html_matches matches = {0};
    AUTO_FREE char *text = xstrndup(value.data, value.length);
    AUTO_FREE char *selector = attribute_selector("input", "value", text);
    bool found = false;
    if (page_find(answer, true, selector, "name", &matches)) {
        const char *field = matches.items[0].text;
        found =
            *field && strcmp(field, name) != 0 && find_in_forms(answer, field, value, ret_origin);
    }
    html_matches_release(&matches);
    return found;
}

/* --- Attributes: <meta name=csrf-token content=...>, data-token, href */

static bool try_css(struct message *answer, char *selector, const char *attr, struct view value,
                    struct origin *ret_origin)
{
    *ret_origin = (struct origin){
        .kind = SOURCE_CSS, .argument = selector, .attr = attr ? xstrdup(attr) : NULL};
    if (origin_gives(ret_origin, answer, value)) return true;
    origin_release(ret_origin);
    return false;
}

static bool find_meta(struct message *answer, struct view value, struct origin *ret_origin)
{
    static const char *const keys[] = {"name", "property", "itemprop", "id"};
    AUTO_FREE char *text = xstrndup(value.data, value.length);
    AUTO_FREE char *selector = attribute_selector("meta", "content", text);
    bool found = false;
    for (size_t i = 0; i < COUNT_OF(keys) && !found; i++) {
        struct html_matches matches = {0};
        if (page_find(answer, true, selector, keys[i], &matches)) {
            char *meta = attribute_selector("meta", keys[i], matches.items[0].text);
            found = try_css(answer, meta, "content", value, ret_origin);
        }
        html_matches_release(&matches);
    }
    return found;
}

/* What an XPath says of the page as text; "" for nothing. The caller frees. */
static char *page_say(struct message *answer, const char *format, struct view value)
{
    struct html_matches matches = {0};
    char quote = view_find_char(value, '\'') == SIZE_MAX ? '\'' : '"';
    AUTO_BUF expression = BUF_INIT(BUF_OWN_CAP);
    if (view_find_char(value, quote) != SIZE_MAX) return xstrdup("");
    const char *mark = strchr(format, '$');
    buf_addf(&expression, "%.*s%c%.*s%c%s", (int)(mark - format), format, quote, VIEW_PRINTF(value),
             quote, mark + 1);
    char *said = xstrdup(page_find(answer, false, buf_text(&expression), NULL, &matches)
                             ? matches.items[0].text
                             : "");
    html_matches_release(&matches);
    return said;
}

static bool find_attribute(struct message *answer, struct view value, struct origin *ret_origin)
{
    static const char *const generic[] = {"value", "href", "src",   "action", "content", "class",
                                          "id",    "name", "style", "title",  NULL};
    AUTO_FREE char *attr = page_say(answer, "name((//@*[. = $])[1])", value);
    AUTO_FREE char *id = page_say(answer, "string((//@*[. = $])[1]/../@id)", value);
    AUTO_FREE char *element = page_say(answer, "name((//@*[. = $])[1]/..)", value);
    if (!is_plain_word(attr)) return false;
    if (is_plain_word(id) && strcmp(attr, "id") != 0 &&
        try_css(answer, xasprintf("#%s", id), attr, value, ret_origin))
        return true;
    if (word_is(attr, generic)) return false;
    if (try_css(answer, xasprintf("[%s]", attr), attr, value, ret_origin)) return true;
    return is_plain_word(element) &&
           try_css(answer, xasprintf("%s[%s]", element, attr), attr, value, ret_origin);
}

static bool find_text(struct message *answer, struct view value, struct origin *ret_origin)
{
    AUTO_FREE char *id =
        page_say(answer, "string((//*[@id][normalize-space(.) = $])[last()]/@id)", value);
    AUTO_FREE char *class =
        page_say(answer, "string((//*[@class][normalize-space(.) = $])[last()]/@class)", value);
    if (is_plain_word(id) && try_css(answer, xasprintf("#%s", id), NULL, value, ret_origin))
        return true;
    return is_plain_word(class) &&
           try_css(answer, xasprintf(".%s", class), NULL, value, ret_origin);
}

/* --- JSON */

void jsonpath_add_member(struct buf *path, const char *name)
{
    if (is_plain_word(name) && !strchr(name, '-')) {
        buf_addf(path, ".%s", name);
        return;
    }
    buf_add_text(path, "['");
    for (; *name; name++) {
        if (*name == '\'' || *name == '\\') buf_add_char(path, '\\');
        if ((unsigned char)*name < 32)
            buf_addf(path, "\\u%04x", *name);
        else
            buf_add_char(path, *name);
    }
    buf_add_text(path, "']");
}

struct json_search {
    struct view value;
    const char *name;
    char *best;
    int best_rank;
    size_t nodes_left;
};

static bool node_is(const cJSON *node, struct view value)
{
    if (cJSON_IsString(node)) return view_equals(view_of(node->valuestring), value);
    if (!cJSON_IsNumber(node)) return false;
    AUTO_BUF digits = BUF_INIT(BUF_OWN_CAP);
    json_add_number(node, &digits);
    return view_equals(buf_view(&digits), value);
}

/* A key of the same name is best, then one that ends alike ("id" for "lineId"), then any; few array
 * indexes before many. */
static int rank_of(const struct json_search *search, const cJSON *node, const char *path)
{
    char key[WORD_SIZE], wanted[WORD_SIZE];
    word_of(view_of(node->string), key);
    word_of(view_of(search->name), wanted);
    int rank = 100;
    if (*key && !strcmp(key, wanted))
        rank = 300;
    else if (*key && (view_ends_with(view_of(wanted), view_of(key)) ||
                      view_ends_with(view_of(key), view_of(wanted))))
        rank = 200;
    for (; *path; path++) rank -= *path == '[' ? 5 : *path == '.';
    return rank;
}

static void search_json(struct json_search *search, const cJSON *node, struct buf *path)
{
    if (!search->nodes_left) return;
    search->nodes_left--;
    if (node_is(node, search->value)) {
        int rank = rank_of(search, node, buf_text(path));
        if (rank > search->best_rank) {
            free(search->best);
            search->best = xstrdup(buf_text(path));
            search->best_rank = rank;
        }
    }
    const cJSON *child = NULL;
    size_t index = 0, length = path->length;
    cJSON_ArrayForEach(child, node)
    {
        if (child->string)
            jsonpath_add_member(path, child->string);
        else
            buf_addf(path, "[%zu]", index++);
        search_json(search, child, path);
        buf_truncate(path, length);
    }
}

static char *json_path_of(const cJSON *root, const char *name, struct view value)
{
    struct json_search search = {
        .value = value, .name = name, .best_rank = INT32_MIN, .nodes_left = MAX_JSON_NODES};
    AUTO_BUF path = BUF_INIT(BUF_OWN_CAP);
    buf_add_char(&path, '$');
    search_json(&search, root, &path);
    return search.best;
}

static bool find_json(struct message *answer, const char *name, struct view value,
                      struct origin *ret_origin)
{
    const char *reason = NULL;
    const cJSON *root = message_json(answer, &reason);
    *ret_origin = (struct origin){.kind = SOURCE_JSON,
                                  .argument = root ? json_path_of(root, name, value) : NULL};
    if (ret_origin->argument && origin_gives(ret_origin, answer, value)) return true;
    origin_release(ret_origin);
    return false;
}

/* JSON that a page carries in a <script id=...>. */
static bool find_script(struct message *answer, const char *name, struct view value,
                        struct origin *ret_origin)
{
    struct html_matches ids = {0};
    bool found = false;
    if (!page_find(answer, true, "script[type*=json][id]", "id", &ids)) return false;
    for (size_t i = 0; i < ids.count && i < MAX_FORMS && !found; i++) {
        struct html_matches texts = {0};
        AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
        char *selector = attribute_selector("script", "id", ids.items[i].text);
        cJSON *root = NULL;
        if (page_find(answer, true, selector, NULL, &texts))
            root = json_parse((struct view){texts.items[0].text, texts.items[0].length}, &reason);
        *ret_origin = (struct origin){.kind = SOURCE_CSS,
                                      .argument = selector,
                                      .json = root ? json_path_of(root, name, value) : NULL};
        found = ret_origin->json && origin_gives(ret_origin, answer, value);
        if (!found) origin_release(ret_origin);
        cJSON_Delete(root);
        html_matches_release(&texts);
    }
    html_matches_release(&ids);
    return found;
}

/* --- Headers, cookies, the address, and any text at last */

static bool find_cookie(struct message *answer, struct view value, struct origin *ret_origin)
{
    vec_each(cookie, &answer->cookies) {
        if (!view_equals(view_of(cookie->value), value)) continue;
        *ret_origin = (struct origin){.kind = SOURCE_COOKIE, .argument = xstrdup(cookie->name)};
        if (origin_gives(ret_origin, answer, value)) return true;
        origin_release(ret_origin);
    }
    return false;
}

/* Scripts read cookies decoded: all of one, or what stands in its JSON. */
static bool find_encoded_cookie(struct message *answer, const char *name, struct view value,
                                struct origin *ret_origin)
{
    vec_each(cookie, &answer->cookies) {
        AUTO_BUF plain = BUF_INIT(BUF_OWN_CAP), reason = BUF_INIT(BUF_OWN_CAP);
        if (!codec_add_percent_decoded(&plain, view_of(cookie->value), false)) continue;
        struct view text = buf_view(&plain);
        if (view_find(text, value) == SIZE_MAX) continue;
        cJSON *root = strchr("{[", *text.data) ? json_parse(text, &reason) : NULL;
        *ret_origin = (struct origin){.kind = SOURCE_COOKIE,
                                      .argument = xstrdup(cookie->name),
                                      .json = root ? json_path_of(root, name, value) : NULL,
                                      .url_encoded = strchr(cookie->value, '%')};
        cJSON_Delete(root);
        if (origin_gives(ret_origin, answer, value)) return true;
        origin_release(ret_origin);
    }
    return false;
}

static bool find_header(struct message *answer, struct view value, struct origin *ret_origin)
{
    vec_each(header, &answer->headers) {
        if (!strcasecmp(header->name, "Set-Cookie") || !view_equals(view_of(header->value), value))
            continue;
        *ret_origin = (struct origin){.kind = SOURCE_HEADER, .argument = xstrdup(header->name)};
        return true;
    }
    return false;
}

static void add_pattern_literal(struct buf *out, struct view text)
{
    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        if (strchr(".^$*+?()[]{}\\|#", c)) buf_add_char(out, '\\');
        buf_add_char(out, c);
    }
}

/* `before`(...)`stop`: what the value may hold is anything up to what follows it. */
static bool try_pattern(struct message *answer, enum source_kind kind, struct view text, size_t at,
                        struct view value, struct origin *ret_origin)
{
    size_t from = at > REGEX_CONTEXT ? at - REGEX_CONTEXT : 0;
    for (size_t i = from; i < at; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c < 32 || c > 126) from = i + 1;
    }
    AUTO_BUF pattern = BUF_INIT(BUF_OWN_CAP);
    add_pattern_literal(&pattern, view_slice(text, from, at - from));
    char stop = at + value.length < text.length ? text.data[at + value.length] : '\0';
    if (from == at) return false;
    if (stop >= 32 && stop < 127 && view_find_char(value, stop) == SIZE_MAX)
        buf_addf(&pattern, "([^%s%c]+)", strchr("\\]^", stop) ? "\\" : "", stop);
    else
        buf_add_text(&pattern, "([A-Za-z0-9._~-]+)");
    *ret_origin = (struct origin){.kind = kind};
    if (kind == SOURCE_REGEX)
        ret_origin->argument = buf_take(&pattern);
    else
        ret_origin->regex = buf_take(&pattern);
    if (origin_gives(ret_origin, answer, value)) return true;
    origin_release(ret_origin);
    return false;
}

static bool find_in_url(struct message *answer, struct view value, struct origin *ret_origin)
{
    struct view url = view_of(answer->url);
    size_t at = view_find(url, value), path = view_find(url, VIEW_LITERAL("://"));
    if (at == SIZE_MAX || path == SIZE_MAX) return false;
    struct view rest = view_from(url, path + 3);
    size_t slash = view_find_char(rest, '/');
    if (slash == SIZE_MAX || at < path + 3 + slash) return false;
    rest = view_from(rest, slash);
    return try_pattern(answer, SOURCE_URL, rest, at - (path + 3 + slash), value, ret_origin);
}

static bool find_link(struct message *answer, struct view value, struct origin *ret_origin)
{
    AUTO_FREE char *href = page_say(answer, "string((//@href[contains(., $)])[1])", value);
    size_t at = view_find(view_of(href), value);
    if (at == SIZE_MAX || !at || href[at - 1] != '/' || strchr(href, '"')) return false;
    AUTO_FREE char *start = xstrndup(href, at);
    *ret_origin = (struct origin){.kind = SOURCE_CSS,
                                  .argument = xasprintf("a[href^=\"%s\"]", start),
                                  .attr = xstrdup("href"),
                                  .regex = xstrdup("([^/?#]+)[^/]*$")};
    if (origin_gives(ret_origin, answer, value)) return true;
    origin_release(ret_origin);
    return false;
}

static bool find_pattern(struct message *answer, struct view value, struct origin *ret_origin)
{
    struct view body = buf_view(&answer->body);
    size_t at = view_find(body, value);
    return at != SIZE_MAX && value.length >= 6 &&
           try_pattern(answer, SOURCE_REGEX, body, at, value, ret_origin);
}

static bool find_as_it_stands(struct message *answer, const char *name, struct view value,
                              struct origin *ret_origin)
{
    bool in_body = view_find(buf_view(&answer->body), value) != SIZE_MAX;
    char type[128];
    message_media_type(answer, type, sizeof(type));
    bool page = in_body && strstr(type, "html");
    bool json = in_body && strstr(type, "json");
    memset(ret_origin, 0, sizeof(*ret_origin));
    return (page && find_form(answer, name, value, ret_origin)) ||
           (page && find_meta(answer, value, ret_origin)) ||
           (json && find_json(answer, name, value, ret_origin)) ||
           (page && find_script(answer, name, value, ret_origin)) ||
           find_header(answer, value, ret_origin) || find_cookie(answer, value, ret_origin) ||
           (page && find_attribute(answer, value, ret_origin)) ||
           (page && find_text(answer, value, ret_origin)) ||
           find_in_url(answer, value, ret_origin) ||
           (page && find_link(answer, value, ret_origin)) ||
           (in_body && find_pattern(answer, value, ret_origin));
}

/* In links and headers, too, a value may stand encoded that was sent plain. */
static bool find_encoded(struct message *answer, const char *name, struct view value,
                         struct origin *ret_origin)
{
    AUTO_BUF encoded = BUF_INIT(BUF_OWN_CAP);
    codec_add_percent(&encoded, value);
    if (encoded.length == value.length ||
        !find_as_it_stands(answer, name, buf_view(&encoded), ret_origin))
        return false;
    ret_origin->url_encoded = true;
    if (origin_gives(ret_origin, answer, value)) return true;
    origin_release(ret_origin);
    return false;
}

bool origin_find(struct message *answer, const char *name, struct view value,
                 struct origin *ret_origin)
{
    return find_as_it_stands(answer, name, value, ret_origin) ||
           find_encoded_cookie(answer, name, value, ret_origin) ||
           find_encoded(answer, name, value, ret_origin);
}
