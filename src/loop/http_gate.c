/* SPDX-License-Identifier: Apache-2.0 */
/* See http_gate.h. */
#include "loop/http_gate.h"

#include "base/alloc.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <stdlib.h>
#include <string.h>

/* No client's target begins so: theirs begin with a slash. */
#define REFUSAL_TARGET "refused:"

enum refusal {
    REFUSAL_LINE,
    REFUSAL_METHOD,
    REFUSAL_VERSION,
    REFUSAL_TARGET_WRONG,
    REFUSAL_HEADER,
    REFUSAL_HOST,
    REFUSAL_LENGTH,
    REFUSAL_CHUNKS,
    REFUSAL_EXPECTATION,
    REFUSAL_LARGE_HEAD,
    REFUSAL_LARGE_BODY
};

static const struct http_refusal refusals[] = {
    [REFUSAL_LINE] = {400, "the request is no HTTP"},
    [REFUSAL_METHOD] = {501, "this server does not know the method"},
    [REFUSAL_VERSION] = {505, "this server speaks HTTP/1.1"},
    [REFUSAL_TARGET_WRONG] = {400, "the request's target is no path"},
    [REFUSAL_HEADER] = {400, "a header is broken"},
    [REFUSAL_HOST] = {400, "the request has no Host header, or more than one"},
    [REFUSAL_LENGTH] = {400, "the Content-Length is no number, or there is more than one"},
    [REFUSAL_CHUNKS] = {411,
                        "say how long the body is (Content-Length); one in chunks is not taken"},
    [REFUSAL_EXPECTATION] = {417, "no other expectation is met than 100-continue"},
    [REFUSAL_LARGE_HEAD] = {431, "the request has too many headers, or they are too long"},
    [REFUSAL_LARGE_BODY] = {413, "the body is too long"},
};

/* --- A head */

struct reading {
    struct http_head head;
    const struct http_gate_limits *limits;
    bool minor_0;
    unsigned headers, hosts, lengths;
};

static bool refuse(struct reading *reading, enum refusal refusal)
{
    reading->head.refusal = &refusals[refusal];
    return false;
}

static bool is_token(struct view text)
{
    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        bool good = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                    (c && strchr("!#$%&'*+-.^_`|~", c));
        if (!good) return false;
    }
    return text.length > 0;
}

/* Behind two slashes evhttp reads the name of a host, and must be able to. */
static bool is_path(struct view text)
{
    if (!view_starts_with(text, VIEW_LITERAL("//"))) return true;
    for (size_t i = 2; i < text.length && !strchr("/?#", text.data[i]); i++) {
        if (strchr(":@[]%", text.data[i])) return false;
    }
    return true;
}

/* "shop.example:80": whether the name is ours is not asked here. */
static bool is_authority(struct view text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (strchr("@\\#", text.data[i])) return false;
    }
    return text.length > 0;
}

/* A path, and perhaps a query; or a whole URL, as proxies have it. */
static bool read_target(struct http_head *head, struct view text)
{
    const struct view scheme = VIEW_LITERAL("http://");
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] < 0x21 || text.data[i] > 0x7e) return false;
    }
    if (view_starts_with(text, VIEW_LITERAL("/"))) return is_path(text);
    if (!view_starts_with_nocase(text, scheme)) return false;
    size_t end = scheme.length;
    while (end < text.length && !strchr("/?", text.data[end])) end++;
    head->target = text;
    head->authority = view_slice(text, scheme.length, end - scheme.length);
    head->path = view_from(text, end);
    return is_authority(head->authority) && is_path(head->path);
}

static bool read_method(struct reading *reading, struct view method)
{
    static const struct {
        const char *word;
        bool keeps_body;
    } methods[] = {{"GET", true},    {"HEAD", false},   {"POST", true},
                   {"PUT", true},    {"PATCH", true},   {"DELETE", true},
                   {"TRACE", false}, {"OPTIONS", true}, {"CONNECT", true}};
    for (size_t i = 0; i < COUNT_OF(methods); i++) {
        if (!view_is(method, methods[i].word)) continue;
        reading->head.keeps_body = methods[i].keeps_body;
        return true;
    }
    return refuse(reading, is_token(method) ? REFUSAL_METHOD : REFUSAL_LINE);
}

static bool read_version(struct reading *reading, struct view version)
{
    reading->minor_0 = view_is(version, "HTTP/1.0");
    if (reading->minor_0 || view_is(version, "HTTP/1.1")) return true;
    bool other = version.length == 8 && view_starts_with(version, VIEW_LITERAL("HTTP/"));
    return refuse(reading, other ? REFUSAL_VERSION : REFUSAL_LINE);
}

static bool read_request_line(struct reading *reading, struct view line)
{
    struct view method, target, version;
    if (!view_split(&line, ' ', &method) || !view_split(&line, ' ', &target) ||
        !view_split(&line, ' ', &version) || view_split(&line, ' ', &line))
        return refuse(reading, REFUSAL_LINE);
    if (!read_method(reading, method) || !read_version(reading, version)) return false;
    return read_target(&reading->head, target) || refuse(reading, REFUSAL_TARGET_WRONG);
}

static bool read_length(struct reading *reading, struct view value)
{
    size_t bytes = 0;
    if (++reading->lengths > 1 || !value.length || value.length > 15)
        return refuse(reading, REFUSAL_LENGTH);
    for (size_t i = 0; i < value.length; i++) {
        if (value.data[i] < '0' || value.data[i] > '9') return refuse(reading, REFUSAL_LENGTH);
        bytes = bytes * 10 + (size_t)(value.data[i] - '0');
    }
    reading->head.body_bytes = bytes;
    return bytes <= reading->limits->body_bytes || refuse(reading, REFUSAL_LARGE_BODY);
}

static bool is_value(struct view value)
{
    for (size_t i = 0; i < value.length; i++) {
        unsigned char c = (unsigned char)value.data[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f) return false;
    }
    return true;
}

static bool read_header(struct reading *reading, struct view line)
{
    size_t colon = view_find_char(line, ':');
    struct view name = view_slice(line, 0, colon);
    if (colon == SIZE_MAX || !is_token(name)) return refuse(reading, REFUSAL_HEADER);
    struct view value = view_from(line, colon + 1);
    if (!is_value(value)) return refuse(reading, REFUSAL_HEADER);
    value = view_trim(value);
    if (++reading->headers > reading->limits->headers) return refuse(reading, REFUSAL_LARGE_HEAD);
    if (view_is_nocase(name, "Transfer-Encoding")) return refuse(reading, REFUSAL_CHUNKS);
    if (view_is_nocase(name, "Expect") && !view_is_nocase(value, "100-continue"))
        return refuse(reading, REFUSAL_EXPECTATION);
    if (view_is_nocase(name, "Content-Length")) return read_length(reading, value);
    if (!view_is_nocase(name, "Host")) return true;
    reading->head.host_line = line;
    return ++reading->hosts == 1 || refuse(reading, REFUSAL_HOST);
}

/* Line by line, each time from the start: heads come whole, but from those who mean no good. */
struct http_head http_head_read(struct view bytes, const struct http_gate_limits *limits)
{
    struct reading reading = {.limits = limits};
    size_t at = 0;
    for (unsigned line_number = 0;; line_number++) {
        size_t length = view_find_char(view_from(bytes, at), '\n');
        size_t end = length == SIZE_MAX ? bytes.length : at + length + 1;
        if (end > limits->header_bytes) refuse(&reading, REFUSAL_LARGE_HEAD);
        if (end > limits->header_bytes || length == SIZE_MAX) break;
        struct view line = view_slice(bytes, at, length);
        bool whole = line.length && line.data[line.length - 1] == '\r';
        at = end;
        line.length -= whole;
        if (!whole) {
            refuse(&reading, REFUSAL_LINE); /* a bare line feed */
        } else if (!line.length && line_number) {
            reading.head.length = end;
            if (!reading.hosts && !reading.minor_0) refuse(&reading, REFUSAL_HOST);
            break;
        } else if (line_number) {
            (void)read_header(&reading, line);
        } else {
            (void)read_request_line(&reading, line);
        }
        if (reading.head.refusal) break;
    }
    return reading.head;
}

/* --- The gate */

struct http_gate {
    struct http_gate_limits limits;
    struct evbuffer *input; /* what evhttp reads; the bufferevent's */
    struct evbuffer *held;
    struct evbuffer_cb_entry *entry;
    size_t passing, dropping; /* of the body under way */
    bool blank;   /* an empty line went before the next request, as some clients have it */
    bool refused; /* nothing goes on any more */
    bool working; /* what changes in the buffers is our own doing */
};

static void stand_in(struct http_gate *gate, const struct http_refusal *refusal)
{
    gate->refused = true;
    evbuffer_add_printf(gate->input,
                        "GET " REFUSAL_TARGET "%d HTTP/1.1\r\nConnection: close\r\n\r\n",
                        (int)(refusal - refusals));
}

static void add(struct evbuffer *out, struct view bytes)
{
    evbuffer_add(out, bytes.data, bytes.length);
}

/* From the beginning of `part`, which is in `whole`. */
static size_t place_in(struct view whole, struct view part)
{
    return (size_t)(part.data - whole.data);
}

/* The head with the target's path for its target, and with the target's host for its Host. */
static void pass_absolute(struct http_gate *gate, const struct http_head *head, struct view bytes)
{
    size_t target = place_in(bytes, head->target), after = target + head->target.length;
    size_t headers = after + view_find_char(view_from(bytes, after), '\n') + 1;
    add(gate->input, view_slice(bytes, 0, target));
    if (!view_starts_with(head->path, VIEW_LITERAL("/"))) add(gate->input, VIEW_LITERAL("/"));
    add(gate->input, head->path);
    add(gate->input, view_slice(bytes, after, headers - after));
    add(gate->input, VIEW_LITERAL("Host: "));
    add(gate->input, head->authority);
    add(gate->input, VIEW_LITERAL("\r\n"));
    if (head->host_line.length) {
        size_t host = place_in(bytes, head->host_line);
        add(gate->input, view_slice(bytes, headers, host - headers));
        headers = host + head->host_line.length + strlen("\r\n");
    }
    add(gate->input, view_slice(bytes, headers, head->length - headers));
    evbuffer_drain(gate->held, head->length);
}

/* False: more must come first. */
static bool go_on(struct http_gate *gate)
{
    size_t length = evbuffer_get_length(gate->held);
    size_t take = gate->passing ? gate->passing : gate->refused ? length : gate->dropping;
    if (take > length) take = length;
    if (gate->passing) {
        evbuffer_remove_buffer(gate->held, gate->input, take);
        gate->passing -= take;
        return true;
    }
    if (take) {
        evbuffer_drain(gate->held, take);
        gate->dropping -= gate->refused ? 0 : take;
        return true;
    }
    struct view bytes = {(const char *)evbuffer_pullup(gate->held, -1), length};
    if (!gate->blank && view_starts_with(bytes, VIEW_LITERAL("\r\n"))) {
        gate->blank = true;
        evbuffer_drain(gate->held, 2);
        return true;
    }
    if (!gate->blank && view_is(bytes, "\r")) return false;
    struct http_head head = http_head_read(bytes, &gate->limits);
    if (head.refusal) {
        stand_in(gate, head.refusal);
        return true;
    }
    if (!head.length) return false;
    if (head.authority.length)
        pass_absolute(gate, &head, bytes);
    else
        evbuffer_remove_buffer(gate->held, gate->input, head.length);
    gate->blank = false;
    *(head.keeps_body ? &gate->passing : &gate->dropping) = head.body_bytes;
    return true;
}

/* What came now stands at the end, behind what has gone on and is not read yet. */
static void on_input(struct evbuffer *input, const struct evbuffer_cb_info *info, void *context)
{
    struct http_gate *gate = context;
    if (gate->working || !info->n_added) return;
    struct evbuffer *all = evbuffer_new();
    ASSERT(all);
    gate->working = true;
    evbuffer_add_buffer(all, input);
    evbuffer_remove_buffer(all, input, evbuffer_get_length(all) - info->n_added);
    evbuffer_add_buffer(gate->held, all);
    evbuffer_free(all);
    while (evbuffer_get_length(gate->held) && go_on(gate)) {
    }
    gate->working = false;
}

struct http_gate *http_gate_new(struct bufferevent *bufferevent,
                                const struct http_gate_limits *limits)
{
    struct http_gate *gate = NEW(struct http_gate);
    gate->limits = *limits;
    gate->input = bufferevent_get_input(bufferevent);
    gate->held = evbuffer_new();
    ASSERT(gate->held);
    gate->entry = evbuffer_add_cb(gate->input, on_input, gate);
    ASSERT(gate->entry);
    return gate;
}

void http_gate_free(struct http_gate *gate)
{
    if (!gate) return;
    evbuffer_remove_cb_entry(gate->input, gate->entry);
    evbuffer_free(gate->held);
    free(gate);
}

const struct http_refusal *http_gate_refusal(struct view target)
{
    if (!view_starts_with(target, VIEW_LITERAL(REFUSAL_TARGET))) return NULL;
    size_t index = 0;
    for (size_t i = strlen(REFUSAL_TARGET); i < target.length; i++)
        index = index * 10 + (size_t)(target.data[i] - '0');
    ASSERT(index < COUNT_OF(refusals));
    return &refusals[index];
}
