/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A step made into a request: URL, headers in the persona's order, body. Names are expanded here
 * and nowhere earlier, so a request carries what the steps before it captured.
 */
#include "base/codec.h"
#include "base/vec.h"
#include "http/url.h"
#include "run/walker.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define REQUEST_BODY_MAX ((size_t)16 << 20)

/* --- Names and values */

typedef bool use_pair(void *context, const char *name, struct view value, struct buf *reason);

static bool say_long_text(size_t cap, struct buf *reason)
{
    buf_addf(reason, "the text is longer than %zu bytes", cap);
    return false;
}

/* A list gives one value for each element, however it came about. */
static bool each_value(struct run *run, const char *name, const struct operand *operand,
                       use_pair *use, void *context, struct buf *reason)
{
    struct expander expander = variables_expander(&run->variables);
    struct value value = VALUE_NOTHING;
    if (!operand_value(operand, &expander, &value, reason)) return false;
    bool is_list = value.kind == VALUE_LIST, used = true;
    size_t count = is_list ? value.list.count : 1;
    for (size_t i = 0; i < count && used; i++) {
        AUTO_BUF text = BUF_INIT(REQUEST_BODY_MAX);
        const struct value *one = is_list ? &value.list.items[i] : &value;
        if (one->kind != VALUE_NULL) value_print(one, &text); /* "name:", to YAML */
        used = text.overflowed ? say_long_text(REQUEST_BODY_MAX, reason)
                               : use(context, name, buf_view(&text), reason);
    }
    value_release(&value);
    return used;
}

static bool each_pair(struct run *run, const struct name_template *pairs, size_t count,
                      use_pair *use, void *context, struct buf *reason)
{
    for (size_t i = 0; i < count; i++) {
        if (!each_value(run, pairs[i].name, &pairs[i].value, use, context, reason)) return false;
    }
    return true;
}

/* "name=value", with '&' between. */
static bool add_pair(void *context, const char *name, struct view value, struct buf *reason)
{
    struct buf *out = context;
    (void)reason; /* whoever sends it looks at its length */
    if (out->length) buf_add_char(out, '&');
    codec_add_form(out, view_of(name));
    buf_add_char(out, '=');
    codec_add_form(out, value);
    return true;
}

/* --- URLs. A value that stands within one is a piece of it and must stay one: what a shop says
 * cannot lead an undo to another resource. */

enum url_part { URL_RAW, URL_PATH, URL_QUERY };

/* Where a value stands, by the text in front of it. Raw is what is a URL, a host, a whole path or a
 * whole query itself. */
static enum url_part part_at(struct view before, bool last)
{
    size_t scheme = view_find(before, VIEW_LITERAL("//"));
    struct view rest = scheme == SIZE_MAX ? before : view_from(before, scheme + 2);
    bool host = scheme != SIZE_MAX && view_find(rest, VIEW_LITERAL("/")) == SIZE_MAX;
    if (!before.length || host || view_find(before, VIEW_LITERAL("#")) != SIZE_MAX) return URL_RAW;
    if (last && (view_is(before, "/") || view_ends_with(before, VIEW_LITERAL("?")))) return URL_RAW;
    return view_find(before, VIEW_LITERAL("?")) == SIZE_MAX ? URL_PATH : URL_QUERY;
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/* Escapes that the value has already stay: it may be a piece of a link. */
static void add_url_piece(struct buf *out, struct view value, enum url_part part)
{
    const char *plain = part == URL_PATH ? "!$&'()*+,;=:@" : "!$'()*,;:@/?";
    for (size_t i = 0; i < value.length; i++) {
        struct view one = view_slice(value, i, 1);
        bool escape = *one.data == '%' && i + 2 < value.length && is_hex(value.data[i + 1]) &&
                      is_hex(value.data[i + 2]);
        if (escape || (*one.data && strchr(plain, *one.data)))
            buf_add_view(out, one);
        else
            codec_add_percent(out, one);
    }
}

/* "." and "..", however they are spelt: no escape keeps them from being a step upwards. */
static bool is_dot_segment(struct view value)
{
    AUTO_BUF plain = BUF_INIT(HTTP_MAX_URL_BYTES);
    if (!codec_add_percent_decoded(&plain, value, false)) return false;
    return view_is(buf_view(&plain), ".") || view_is(buf_view(&plain), "..");
}

static bool say_long_url(struct buf *reason)
{
    buf_addf(reason, "the URL is longer than %d bytes", (int)HTTP_MAX_URL_BYTES);
    return false;
}

static bool expand_url(struct run *run, const struct template *url, struct buf *out,
                       struct buf *reason)
{
    struct expander expander = variables_expander(&run->variables);
    for (size_t i = 0; i < url->count; i++) {
        AUTO_BUF text = BUF_INIT(HTTP_MAX_URL_BYTES);
        const struct template part = {.place = url->place, .parts = &url->parts[i], .count = 1};
        if (!expand_text(&part, &expander, &text, reason)) return false;
        enum url_part where = part_at(buf_view(out), i + 1 == url->count);
        if (url->parts[i].text || where == URL_RAW) {
            buf_add_view(out, buf_view(&text));
            continue;
        }
        if (where == URL_PATH && is_dot_segment(buf_view(&text))) {
            buf_addf(reason, "'%s' as a piece of a path would lead elsewhere", buf_text(&text));
            return false;
        }
        add_url_piece(out, buf_view(&text), where);
    }
    return out->overflowed ? say_long_url(reason) : true;
}

static bool add_query(struct run *run, const struct step *step, struct buf *url, struct buf *reason)
{
    AUTO_BUF pairs = BUF_INIT(HTTP_MAX_URL_BYTES);
    if (!each_pair(run, step->query, step->query_count, add_pair, &pairs, reason)) return false;
    struct view fragment = VIEW_NONE; /* a fragment stays here: it is never sent */
    struct view bare = buf_view(url);
    if (view_split(&bare, '#', &fragment)) buf_truncate(url, fragment.length);
    if (pairs.length) buf_add_char(url, strchr(buf_text(url), '?') ? '&' : '?');
    buf_add_view(url, buf_view(&pairs));
    return !pairs.overflowed && !url->overflowed ? true : say_long_url(reason);
}

static bool build_url(struct run *run, const struct step *step, char **ret_url, struct buf *reason)
{
    AUTO_BUF text = BUF_INIT(HTTP_MAX_URL_BYTES);
    if (!expand_url(run, step->url, &text, reason)) return false;
    if (step->query_count && !add_query(run, step, &text, reason)) return false;
    AUTO_ERROR error = ERROR_NONE;
    if (url_join(run->base, buf_text(&text), ret_url, &error)) return true;
    buf_addf(reason, "'%s' is no URL: %s", buf_text(&text), error_text(&error));
    return false;
}

/* --- Bodies */

static bool add_graphql(struct run *run, const struct body_spec *body, struct buf *out,
                        struct buf *reason)
{
    struct expander expander = variables_expander(&run->variables);
    AUTO_BUF query = BUF_INIT(REQUEST_BODY_MAX);
    if (!expand_text(body->text, &expander, &query, reason)) return false;
    buf_add_char(out, '{');
    if (body->operation_name) {
        buf_add_text(out, "\"operationName\":\"");
        codec_add_json(out, view_of(body->operation_name));
        buf_add_text(out, "\",");
    }
    buf_add_text(out, "\"query\":\"");
    codec_add_json(out, buf_view(&query));
    buf_add_char(out, '"');
    if (body->json) {
        buf_add_text(out, ",\"variables\":");
        if (!body_json(body->json, &expander, out, reason)) return false;
    }
    return buf_add_char(out, '}');
}

/* A parameter of Content-Disposition, escaped as HTML's multipart/form-data encoding does. */
static void add_quoted(struct buf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '"')
            buf_add_text(out, "%22");
        else if (*text == '\n')
            buf_add_text(out, "%0A");
        else if (*text == '\r')
            buf_add_text(out, "%0D");
        else
            buf_add_char(out, *text);
    }
}

struct multipart {
    const struct body_part *part;
    const char *boundary;
    struct buf *out;
};

static bool add_part(void *context, const char *name, struct view value, struct buf *reason)
{
    const struct multipart *multipart = context;
    const struct body_part *part = multipart->part;
    struct buf *out = multipart->out;
    (void)reason;
    buf_addf(out, "--shopper-%s\r\nContent-Disposition: form-data; name=\"", multipart->boundary);
    add_quoted(out, name);
    buf_add_char(out, '"');
    if (part->filename) {
        buf_add_text(out, "; filename=\"");
        add_quoted(out, part->filename);
        buf_add_char(out, '"');
    }
    if (part->content_type) buf_addf(out, "\r\nContent-Type: %s", part->content_type);
    buf_add_text(out, "\r\n\r\n");
    buf_add_view(out, value);
    buf_add_text(out, "\r\n");
    return true;
}

static bool add_multipart(struct run *run, const struct body_spec *body, struct buf *out,
                          struct buf *reason)
{
    for (size_t i = 0; i < body->part_count; i++) {
        const struct body_part *part = &body->parts[i];
        struct multipart multipart = {part, run->report->run_id, out};
        const struct view bytes = {part->bytes, part->byte_count};
        if (part->filename)
            add_part(&multipart, part->name, bytes, reason);
        else if (!each_value(run, part->name, &part->value, add_part, &multipart, reason))
            return false;
    }
    return buf_addf(out, "--shopper-%s--\r\n", run->report->run_id);
}

static bool build_body(struct run *run, const struct body_spec *body, struct buf *out,
                       struct buf *reason)
{
    struct expander expander = variables_expander(&run->variables);
    bool built = true;
    switch (body->kind) {
    case BODY_NONE: break;
    case BODY_FORM:
        built = each_pair(run, body->fields, body->field_count, add_pair, out, reason);
        break;
    case BODY_JSON: built = body_json(body->json, &expander, out, reason); break;
    case BODY_GRAPHQL: built = add_graphql(run, body, out, reason); break;
    case BODY_TEXT: built = expand_text(body->text, &expander, out, reason); break;
    case BODY_MULTIPART: built = add_multipart(run, body, out, reason); break;
    }
    if (built && out->overflowed) {
        buf_add_text(reason, "the request's body is too large");
        return false;
    }
    return built;
}

/* --- Headers */

bool request_step_sets(const struct step *step, const char *name)
{
    for (size_t i = 0; i < step->header_count; i++) {
        if (!strcasecmp(step->headers[i].name, name)) return true;
    }
    return false;
}

static void add_unless_set(struct headers *headers, const struct step *step, const char *name,
                           struct view value)
{
    if (!request_step_sets(step, name)) headers_add(headers, view_of(name), value);
}

#define TRACE_PARENT_SIZE (ID_TRACE_SIZE + ID_SPAN_SIZE + sizeof "00---01")

/* W3C Trace Context: all requests of a run are of one trace. */
static struct view trace_parent(struct run *run, char parent[static TRACE_PARENT_SIZE])
{
    char span[ID_SPAN_SIZE];
    id_span(&run->engine->random, span);
    char *end = stpcpy(parent, "00-");
    end = stpcpy(end, run->report->trace_id);
    end = stpcpy(stpcpy(end, "-"), span);
    end = stpcpy(end, "-01");
    return (struct view){parent, (size_t)(end - parent)};
}

void request_trace_parent(struct run *run, struct buf *out)
{
    char parent[TRACE_PARENT_SIZE];
    buf_add_view(out, trace_parent(run, parent));
}

/* The words by which the shop knows a synthetic shopper, the same for all of a run's requests. */
void request_introduce(struct run *run)
{
    AUTO_BUF who = BUF_INIT(BUF_OWN_CAP);
    buf_add_text(&who, "journey=");
    codec_add_percent(&who, view_of(run->journey->name));
    buf_add_text(&who, "; run=");
    buf_add_text(&who, run->report->run_id);
    run->who = buf_take(&who);
    for (size_t i = 0; i < run->persona->header_count && !run->user_agent; i++) {
        const struct persona_header *header = &run->persona->headers[i];
        if (strcasecmp(header->name, "User-Agent") != 0) continue;
        run->user_agent = xjoin(header->value, " MysteryShopper/" SHOPPER_VERSION, NULL);
    }
}

static void add_persona(struct run *run, const struct step *step, struct headers *headers)
{
    for (size_t i = 0; i < run->persona->header_count; i++) {
        const struct persona_header *header = &run->persona->headers[i];
        bool is_agent = !strcasecmp(header->name, "User-Agent");
        add_unless_set(headers, step, header->name,
                       view_of(is_agent ? run->user_agent : header->value));
    }
    add_unless_set(headers, step, "X-Synthetic-Shopper", view_of(run->who));
    char parent[TRACE_PARENT_SIZE];
    add_unless_set(headers, step, "traceparent", trace_parent(run, parent));
}

static void add_content_type(struct run *run, const struct step *step, struct headers *headers)
{
    static const char *const types[] = {
        [BODY_NONE] = NULL,
        [BODY_FORM] = "application/x-www-form-urlencoded",
        [BODY_JSON] = "application/json",
        [BODY_GRAPHQL] = "application/json",
        [BODY_TEXT] = "text/plain; charset=utf-8",
        [BODY_MULTIPART] = NULL,
    };
    const char *type = types[step->body.kind];
    AUTO_BUF multipart = BUF_INIT(BUF_OWN_CAP);
    if (step->body.kind == BODY_MULTIPART) {
        buf_addf(&multipart, "multipart/form-data; boundary=shopper-%s", run->report->run_id);
        type = buf_text(&multipart);
    }
    if (type) add_unless_set(headers, step, "Content-Type", view_of(type));
}

static bool add_auth(struct run *run, const struct auth_spec *auth, const struct step *step,
                     struct headers *headers, struct buf *reason)
{
    struct expander expander = variables_expander(&run->variables);
    AUTO_BUF plain = BUF_INIT(REQUEST_BODY_MAX);
    AUTO_BUF value = BUF_INIT(REQUEST_BODY_MAX);
    switch (auth->kind) {
    case AUTH_NONE: return true;
    case AUTH_BASIC:
        if (!expand_text(auth->user, &expander, &plain, reason)) return false;
        buf_add_char(&plain, ':');
        if (!expand_text(auth->password, &expander, &plain, reason)) return false;
        buf_add_text(&value, "Basic ");
        codec_add_base64(&value, buf_view(&plain));
        break;
    case AUTH_BEARER:
        buf_add_text(&value, "Bearer ");
        if (!expand_text(auth->token, &expander, &value, reason)) return false;
        break;
    }
    add_unless_set(headers, step, "Authorization", buf_view(&value));
    return true;
}

static bool add_header(void *context, const char *name, struct view value, struct buf *reason)
{
    if (value.length > HTTP_MAX_HEADER_BYTES) return say_long_text(HTTP_MAX_HEADER_BYTES, reason);
    headers_add(context, view_of(name), value);
    return true;
}

/* One without a value is not sent, nor is the persona's of its name. */
static bool add_step_headers(struct run *run, const struct step *step, struct headers *headers,
                             struct buf *reason)
{
    for (size_t i = 0; i < step->header_count; i++) {
        const struct name_template *header = &step->headers[i];
        const struct operand *value = &header->value;
        bool nothing = !value->template && !value->is_list && value->constant.kind == VALUE_NULL;
        if (!nothing && !each_value(run, header->name, value, add_header, headers, reason))
            return false;
    }
    return true;
}

static bool is_redirect_status(const struct operand *operand)
{
    if (operand->is_list) {
        for (size_t i = 0; i < operand->count; i++)
            if (!is_redirect_status(&operand->items[i])) return false;
        return operand->count > 0;
    }
    const struct value *status = &operand->constant;
    return !operand->template && status->kind == VALUE_NUMBER &&
           decimal_compare(status->number, decimal_of(300)) >= 0 &&
           decimal_compare(status->number, decimal_of(400)) < 0;
}

/* Who asks for the status of a redirect and for no other wants to see the redirect itself. */
static bool asks_for_redirect(const struct step *step)
{
    bool asks = false;
    for (size_t i = 0; i < step->check_count; i++) {
        const struct check *check = &step->checks[i];
        if (check->source->kind != SOURCE_STATUS) continue;
        for (size_t k = 0; k < check->predicate_count; k++) {
            const struct predicate_spec *predicate = &check->predicates[k];
            if (predicate->kind != PREDICATE_EQUALS) return false;
            if (!is_redirect_status(&predicate->expected)) return false;
            asks = true;
        }
    }
    return asks;
}

bool request_build(struct run *run, const struct step *step, struct built_request *ret_request,
                   struct buf *reason)
{
    struct built_request built = {.step = step, .body = BUF_INIT(REQUEST_BODY_MAX)};
    struct headers *headers = &built.http.headers;
    if (!build_url(run, step, &built.url, reason)) goto failed;
    if (!build_body(run, &step->body, &built.body, reason)) goto failed;
    add_persona(run, step, headers);
    add_content_type(run, step, headers);
    if (!add_auth(run, &step->auth, step, headers, reason)) goto failed;
    if (!add_step_headers(run, step, headers, reason)) goto failed;
    built.http.method = step->method;
    built.http.url = built.url;
    built.http.body = buf_view(&built.body);
    built.http.has_body = step->body.kind != BODY_NONE || !strcmp(step->method, "POST") ||
                          !strcmp(step->method, "PUT") || !strcmp(step->method, "PATCH");
    built.http.version = run->persona->http1 ? HTTP_VERSION_1_1 : HTTP_VERSION_ANY;
    built.http.follow = asks_for_redirect(step) ? 0 : step->follow;
    built.http.timeout_us = step->timeout_us;
    built.http.stall_us = step->stall_us;
    built.http.max_body_bytes = JOURNEY_DEFAULT_MAX_BODY;
    built.http.max_wire_bytes = JOURNEY_DEFAULT_MAX_BODY;
    built.http.want_cookies = step->needs_cookies || run->engine->keep_messages;
    built.http.want_sent = run->engine->keep_messages;
    rules_set(run, &built.http);
    *ret_request = built;
    return true;
failed:
    request_release(&built);
    return false;
}

void request_release(struct built_request *request)
{
    headers_release(&request->http.headers);
    buf_release(&request->body);
    free(request->url);
    request->url = NULL;
}
