/* SPDX-License-Identifier: Apache-2.0 */
/* See recording.h. */
#include "import/recording.h"

#include "base/codec.h"

#include <string.h>
#include <strings.h>

/* --- Addresses */

static bool scheme_is_good(struct view url, size_t *ret_length)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < COUNT_OF(schemes); i++) {
        if (!view_starts_with_nocase(url, view_of(schemes[i]))) continue;
        *ret_length = strlen(schemes[i]);
        return true;
    }
    return false;
}

static bool is_host_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("-._:[]", c));
}

static bool host_is_good(struct view host)
{
    for (size_t i = 0; i < host.length; i++) {
        if (!is_host_char(host.data[i])) return false;
    }
    return host.length > 0 && host.length < 256;
}

static char *lower_copy(struct view text)
{
    char *copy = xstrndup(text.data, text.length);
    for (char *c = copy; *c; c++) {
        if (*c >= 'A' && *c <= 'Z') *c = (char)(*c + 32);
    }
    return copy;
}

/* The host of "host:port" and "[v6]:port"; in brackets it stays. */
static struct view host_of(struct view authority)
{
    size_t end = authority.length;
    while (end && authority.data[end - 1] >= '0' && authority.data[end - 1] <= '9') end--;
    bool has_port = end && authority.data[end - 1] == ':';
    return has_port ? view_slice(authority, 0, end - 1) : authority;
}

/* What stands before the last '@' of the authority, which is cut down to the rest. */
static struct view take_user(struct view *authority)
{
    for (size_t at = authority->length; at-- > 0;) {
        if (authority->data[at] != '@') continue;
        struct view user = view_slice(*authority, 0, at);
        *authority = view_from(*authority, at + 1);
        return user;
    }
    return VIEW_NONE;
}

static struct view authority_of(struct view rest)
{
    size_t end = 0;
    while (end < rest.length && !strchr("/?#", rest.data[end])) end++;
    return view_slice(rest, 0, end);
}

void address_add_user(struct view url, struct headers *headers)
{
    size_t scheme = 0;
    url = view_trim(url);
    if (!scheme_is_good(url, &scheme) || headers_get(headers, "Authorization")) return;
    struct view authority = authority_of(view_from(url, scheme));
    struct view user = take_user(&authority);
    AUTO_BUF plain = BUF_INIT(BUF_OWN_CAP), value = BUF_INIT(BUF_OWN_CAP);
    if (!user.length) return;
    if (!codec_add_percent_decoded(&plain, user, false)) {
        buf_clear(&plain);
        buf_add_view(&plain, user);
    }
    if (view_find_char(user, ':') == SIZE_MAX) buf_add_char(&plain, ':');
    buf_add_text(&value, "Basic ");
    codec_add_base64(&value, buf_view(&plain));
    headers_add(headers, VIEW_LITERAL("Authorization"), buf_view(&value));
    explicit_bzero(plain.data, plain.length);
    explicit_bzero(value.data, value.length);
}

bool address_parse(struct view url, struct address *ret_address)
{
    size_t scheme = 0;
    url = view_trim(url);
    if (!scheme_is_good(url, &scheme)) return false;
    struct view rest = view_from(url, scheme), fragment = VIEW_NONE;
    struct view authority = authority_of(rest);
    rest = view_from(rest, authority.length);
    (void)take_user(&authority);
    if (!host_is_good(authority) || memchr(url.data, 0, url.length)) return false;
    if (view_split(&rest, '#', &fragment)) rest = fragment;
    struct view path = VIEW_NONE;
    (void)view_split(&rest, '?', &path);
    AUTO_FREE char *host = lower_copy(authority);
    AUTO_FREE char *word = lower_copy(view_slice(url, 0, scheme));
    *ret_address = (struct address){.origin = xasprintf("%s%s", word, host)};
    struct view bare = host_of(view_of(host));
    ret_address->host = xstrndup(bare.data, bare.length);
    ret_address->path = path.length
                            ? xasprintf("%s%.*s", *path.data == '/' ? "" : "/", VIEW_PRINTF(path))
                            : xstrdup("/");
    ret_address->search = xasprintf("%s%.*s", rest.length ? "?" : "", VIEW_PRINTF(rest));
    pairs_add_query(&ret_address->query, rest);
    return true;
}

void address_release(struct address *address)
{
    free(address->origin);
    free(address->host);
    free(address->path);
    free(address->search);
    pairs_release(&address->query);
    memset(address, 0, sizeof(*address));
}

char *address_resolve(const struct address *base, struct view location)
{
    size_t scheme = 0;
    if (scheme_is_good(location, &scheme)) return xstrndup(location.data, location.length);
    if (view_starts_with(location, VIEW_LITERAL("//"))) {
        const char *colon = strchr(base->origin, ':');
        return xasprintf("%.*s%.*s", (int)(colon - base->origin) + 1, base->origin,
                         VIEW_PRINTF(location));
    }
    if (location.length && *location.data == '/')
        return xasprintf("%s%.*s", base->origin, VIEW_PRINTF(location));
    const char *slash = strrchr(base->path, '/');
    size_t directory = slash ? (size_t)(slash - base->path) + 1 : 0;
    if (location.length && *location.data == '?') directory = strlen(base->path);
    return xasprintf("%s%.*s%.*s", base->origin, (int)directory, base->path, VIEW_PRINTF(location));
}

/* --- Exchanges */

void exchange_release(struct exchange *exchange)
{
    free(exchange->method);
    address_release(&exchange->address);
    headers_release(&exchange->headers);
    payload_release(&exchange->payload);
    message_free(exchange->answer);
}

void recording_release(struct recording *recording)
{
    vec_each(exchange, recording) exchange_release(exchange);
    vec_release(recording);
}

bool exchange_is_safe(const struct exchange *exchange)
{
    return !strcmp(exchange->method, "GET") || !strcmp(exchange->method, "HEAD");
}

bool exchange_has_page(const struct exchange *exchange)
{
    char type[128];
    if (!exchange->answer) return false;
    message_media_type(exchange->answer, type, sizeof(type));
    return !strcmp(type, "text/html") || !strcmp(type, "application/xhtml+xml");
}

bool exchange_has_json(const struct exchange *exchange)
{
    char type[128];
    if (!exchange->answer) return false;
    message_media_type(exchange->answer, type, sizeof(type));
    return !strcmp(type, "application/json") ||
           view_ends_with(view_of(type), VIEW_LITERAL("+json"));
}

/* --- Values */

static const char *const noise_names[] = {"accept",
                                          "accept-charset",
                                          "accept-encoding",
                                          "accept-language",
                                          "alt-used",
                                          "baggage",
                                          "cache-control",
                                          "connection",
                                          "content-length",
                                          "content-type",
                                          "cookie",
                                          "dnt",
                                          "expect",
                                          "forwarded",
                                          "host",
                                          "if-match",
                                          "if-modified-since",
                                          "if-none-match",
                                          "if-unmodified-since",
                                          "keep-alive",
                                          "newrelic",
                                          "origin",
                                          "pragma",
                                          "priority",
                                          "proxy-connection",
                                          "purpose",
                                          "range",
                                          "referer",
                                          "request-id",
                                          "save-data",
                                          "sentry-trace",
                                          "te",
                                          "traceparent",
                                          "tracestate",
                                          "transfer-encoding",
                                          "upgrade",
                                          "upgrade-insecure-requests",
                                          "user-agent",
                                          "via",
                                          "x-client-data",
                                          "x-http2-stream-id",
                                          "x-real-ip",
                                          "x-request-id",
                                          NULL};
static const char *const noise_prefixes[] = {
    ":",     "sec-",  "proxy-",      "x-forwarded-",    "x-datadog-",
    "x-b3-", "x-nr-", "x-newrelic-", "access-control-", NULL};

bool header_name_is_good(const char *name)
{
    static const char token[] =
        "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    return *name && !name[strspn(name, token)];
}

bool header_is_noise(const char *name)
{
    for (size_t i = 0; noise_names[i]; i++) {
        if (!strcasecmp(name, noise_names[i])) return true;
    }
    for (size_t i = 0; noise_prefixes[i]; i++) {
        if (view_starts_with_nocase(view_of(name), view_of(noise_prefixes[i]))) return true;
    }
    return false;
}

struct visitor {
    visit_value *visit;
    void *context;
};

static void visit(const struct visitor *visitor, enum site site, const char *name,
                  struct view value)
{
    if (!value.length || value.length > RECORDING_MAX_VALUE_BYTES) return;
    visitor->visit(visitor->context, &(struct site_value){site, name ? name : "", value});
}

static void visit_path(const struct visitor *visitor, const char *path)
{
    struct view rest = view_of(path), piece = VIEW_NONE;
    char *before = xstrdup("");
    while (view_split(&rest, '/', &piece)) {
        AUTO_BUF plain = BUF_INIT(RECORDING_MAX_BODY_BYTES);
        bool decoded = codec_add_percent_decoded(&plain, piece, false);
        visit(visitor, SITE_PATH, before, decoded ? buf_view(&plain) : piece);
        free(before);
        before = xstrndup(piece.data, piece.length);
    }
    free(before);
}

static void visit_header(const struct visitor *visitor, const struct header *header)
{
    struct view value = view_of(header->value);
    if (header_is_noise(header->name)) return;
    bool bearer = !strcasecmp(header->name, "Authorization") &&
                  view_starts_with_nocase(value, VIEW_LITERAL("Bearer "));
    if (bearer)
        visit(visitor, SITE_BEARER, "token", view_trim(view_from(value, strlen("Bearer "))));
    else
        visit(visitor, SITE_HEADER, header->name, value);
}

/* The tree's depth is bounded by json_parse. */
static void visit_json(const struct visitor *visitor, const char *name, const cJSON *node)
{
    if (cJSON_IsString(node)) visit(visitor, SITE_JSON, name, view_of(node->valuestring));
    if (cJSON_IsNumber(node)) {
        AUTO_BUF digits = BUF_INIT(BUF_OWN_CAP);
        json_add_number(node, &digits);
        visit(visitor, SITE_NUMBER, name, buf_view(&digits));
    }
    const cJSON *child = NULL;
    cJSON_ArrayForEach(child, node)
        visit_json(visitor, child->string ? child->string : name, child);
}

void exchange_each_value(const struct exchange *exchange, visit_value *visit_one, void *context)
{
    const struct visitor visitor = {visit_one, context};
    visit_path(&visitor, exchange->address.path);
    vec_each(pair, &exchange->address.query)
        visit(&visitor, SITE_QUERY, pair->name, view_of(pair->value));
    vec_each(header, &exchange->headers) visit_header(&visitor, header);
    vec_each(pair, &exchange->payload.fields) {
        if (!pair->file) visit(&visitor, SITE_FIELD, pair->name, view_of(pair->value));
    }
    if (exchange->payload.json) visit_json(&visitor, "", exchange->payload.json);
}
