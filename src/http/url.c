/* SPDX-License-Identifier: Apache-2.0 */
/* See url.h. curl's parser is the one that the transfer uses too, so nobody can slip between two
 * readings of one URL. */
#include "http/url.h"

#include "http/http.h"
#include "http/internal.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

/* Copies one part; NULL when it is absent. */
static char *part(CURLU *handle, CURLUPart what, unsigned flags)
{
    char *value = NULL;
    if (curl_url_get(handle, what, &value, flags) != CURLUE_OK) return NULL;
    char *copy = xstrdup(value);
    curl_free(value);
    return copy;
}

static bool is_ascii(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text >= 0x80) return false;
    return true;
}

/* An international name as A-labels. libidn2 reads it in the thread's character set, which need not
 * be UTF-8, while URLs here always are. */
static char *host_part(CURLU *handle)
{
    AUTO_FREE char *host = part(handle, CURLUPART_HOST, CURLU_URLDECODE);
    if (!host || is_ascii(host)) return part(handle, CURLUPART_HOST, 0);
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (!utf8) return NULL;
    locale_t before = uselocale(utf8);
    char *labels = part(handle, CURLUPART_HOST, CURLU_PUNYCODE);
    uselocale(before);
    freelocale(utf8);
    return labels;
}

static bool has_control(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f) return true;
    return false;
}

static bool set(CURLU *handle, const char *text, struct error *error)
{
    if (strlen(text) > HTTP_MAX_URL_BYTES)
        return error_set(error, "a URL of more than %zu bytes", HTTP_MAX_URL_BYTES);
    if (has_control(text)) return error_set(error, "a control character in a URL");
    CURLUcode code = curl_url_set(handle, CURLUPART_URL, text, CURLU_URLENCODE);
    if (code == CURLUE_UNSUPPORTED_SCHEME) return error_set(error, "not an http or https URL");
    if (code) return error_set(error, "%s", curl_url_strerror(code));
    return true;
}

/* curl sends credentials that it finds; we send them as a header that a redirect can drop. */
static void take_credentials(CURLU *handle, struct url *url)
{
    url->user = part(handle, CURLUPART_USER, CURLU_URLDECODE);
    url->password = part(handle, CURLUPART_PASSWORD, CURLU_URLDECODE);
    if (!url->user && !url->password) return;
    curl_url_set(handle, CURLUPART_USER, NULL, 0);
    curl_url_set(handle, CURLUPART_PASSWORD, NULL, 0);
}

/* The host in lower case and A-labels, in the handle too. */
static char *take_host(CURLU *handle)
{
    char *host = host_part(handle);
    bool changed = false;
    for (char *c = host; c && *c; c++) {
        if (isupper((unsigned char)*c)) changed = true;
        *c = (char)tolower((unsigned char)*c);
    }
    if (host && (changed || strstr(host, "xn--"))) curl_url_set(handle, CURLUPART_HOST, host, 0);
    return host;
}

static bool take_scheme(CURLU *handle, struct url *url, struct error *error)
{
    AUTO_FREE char *scheme = part(handle, CURLUPART_SCHEME, 0);
    bool tls = scheme && view_is_nocase(view_of(scheme), "https");
    if (!tls && (!scheme || !view_is_nocase(view_of(scheme), "http")))
        return error_set(error, "not an http or https URL");
    url->scheme = tls ? "https" : "http";
    return true;
}

static int default_port(const struct url *url)
{
    return strcmp(url->scheme, "https") ? 80 : 443;
}

/* By parts: curl's own way to print the whole costs as much as ten of these, before every request.
 */
static bool print(CURLU *handle, struct url *url, const char *port)
{
    AUTO_BUF text = BUF_INIT(HTTP_MAX_URL_BYTES);
    AUTO_FREE char *path = part(handle, CURLUPART_PATH, 0);
    AUTO_FREE char *query = part(handle, CURLUPART_QUERY, 0);
    buf_add_text(&text, url->scheme);
    buf_add_text(&text, "://");
    buf_add_text(&text, url->host);
    if (url->port != default_port(url)) {
        buf_add_char(&text, ':');
        buf_add_text(&text, port);
    }
    buf_add_text(&text, path ? path : "/");
    if (query) buf_add_char(&text, '?');
    if (query) buf_add_text(&text, query);
    if (text.overflowed) return false;
    url->text = buf_take(&text);
    return true;
}

static void drop_brackets(char *host)
{
    size_t length = strlen(host);
    if (length < 2 || host[0] != '[') return;
    memmove(host, host + 1, length - 2);
    host[length - 2] = '\0';
}

static bool read_parts(CURLU *handle, struct url *url, struct error *error)
{
    if (!take_scheme(handle, url, error)) return false;
    AUTO_FREE char *port = part(handle, CURLUPART_PORT, 0);
    url->port = port ? atoi(port) : default_port(url);
    url->host = take_host(handle);
    if (!url->host || !*url->host) return error_set(error, "a URL without a valid host");
    take_credentials(handle, url);
    if (!print(handle, url, port))
        return error_set(error, "a URL of more than %zu bytes", HTTP_MAX_URL_BYTES);
    drop_brackets(url->host);
    return true;
}

static bool url_resolve_with(CURLU *handle, const char *base, const char *reference,
                             struct url *ret_url, struct error *error)
{
    struct url url = {0};
    curl_url_set(handle, CURLUPART_URL, NULL, 0);
    bool fine = (!base || set(handle, base, error)) && set(handle, reference, error) &&
                read_parts(handle, &url, error);
    if (fine)
        *ret_url = url;
    else
        url_release(&url);
    return fine;
}

/* --- The short way, for a URL that differs from a resolved one in a plain path and query alone.
 * Parsing is a tenth of what a request costs. */

static bool is_plain_char(char c)
{
    return isalnum((unsigned char)c) || (c && strchr("/-_.~", c));
}

/* A path and query that mean what they are: no dot segment, no escape, nothing to be escaped. */
static bool is_plain(const char *target)
{
    if (target[0] != '/' || target[1] == '/' || strstr(target, "/.")) return false;
    while (is_plain_char(*target)) target++;
    if (target[0] != '?' || !target[1]) return !*target;
    for (target++; *target; target++)
        if (!is_plain_char(*target) && !strchr("=&,:;@", *target)) return false;
    return true;
}

/* "https://shop.example:8443", of a resolved URL's text. */
static struct view origin_of(const char *text)
{
    size_t scheme = strcspn(text, ":") + strlen("://");
    return (struct view){text, scheme + strcspn(text + scheme, "/")};
}

bool url_join(const char *base, const char *reference, char **ret_text, struct error *error)
{
    struct view origin = origin_of(base);
    if (is_plain(reference) && origin.length + strlen(reference) <= HTTP_MAX_URL_BYTES) {
        AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
        buf_add_view(&text, origin);
        buf_add_text(&text, reference);
        *ret_text = buf_take(&text);
        return true;
    }
    struct url url = {0};
    if (!url_resolve(base, reference, &url, error)) return false;
    *ret_text = take(url.text);
    url_release(&url);
    return true;
}

static bool set_target(CURLU *handle, const char *target)
{
    size_t path_length = strcspn(target, "?");
    AUTO_FREE char *path = xstrndup(target, path_length);
    const char *query = target[path_length] ? target + path_length + 1 : NULL;
    return !curl_url_set(handle, CURLUPART_PATH, path, 0) &&
           !curl_url_set(handle, CURLUPART_QUERY, query, 0) &&
           !curl_url_set(handle, CURLUPART_FRAGMENT, NULL, 0);
}

static struct url same_place(const struct url *held, const char *text)
{
    return (struct url){.text = xstrdup(text),
                        .scheme = held->scheme,
                        .host = xstrdup(held->host),
                        .port = held->port};
}

bool url_aim(struct url_target *target, const char *base, const char *reference,
             struct url *ret_url, struct error *error)
{
    struct url *held = &target->held;
    struct view origin = held->text ? origin_of(held->text) : VIEW_NONE;
    bool near = !base && held->text && view_starts_with(view_of(reference), origin) &&
                is_plain(reference + origin.length) &&
                set_target(target->handle, reference + origin.length);
    if (near) {
        *ret_url = same_place(held, reference);
        return true;
    }
    url_release(held);
    if (!url_resolve_with(target->handle, base, reference, ret_url, error)) return false;
    *held = same_place(ret_url, ret_url->text);
    return true;
}

bool url_resolve(const char *base, const char *reference, struct url *ret_url, struct error *error)
{
    CURLU *handle = curl_url();
    ASSERT(handle);
    bool fine = url_resolve_with(handle, base, reference, ret_url, error);
    curl_url_cleanup(handle);
    return fine;
}

void url_release(struct url *url)
{
    if (!url) return;
    free(url->text);
    free(url->host);
    free(url->user);
    free(url->password);
    *url = (struct url){0};
}

/* A host that no normalisation changes: lower case, and no number that might mean an address, but
 * an address as it is printed. */
static bool is_plain_host(struct view host)
{
    char text[INET_ADDRSTRLEN];
    unsigned char address[4];
    size_t label = host.length;
    while (label && host.data[label - 1] != '.') label--;
    char first = label < host.length ? host.data[label] : '\0';
    if (first >= 'a' && first <= 'z') return true;
    if (host.length >= sizeof text) return false;
    view_copy(host, text, sizeof text);
    return inet_pton(AF_INET, text, address) == 1;
}

/* How many bytes of the text are a host's in the form in which they are printed here. */
static size_t host_length(const char *text)
{
    size_t length = 0;
    for (char before = '.';; before = text[length++]) {
        char c = text[length];
        bool plain = (c >= 'a' && c <= 'z') || view_is_digit(c) || c == '-';
        if (!plain && (c != '.' || before == '.')) return length;
    }
}

/* Where host and port lie in a URL that is written as they are printed here, which takes no parser.
 * *ret_port: ":8080", or empty where it is none or the scheme's own. */
static bool printed_place(const char *text, struct view *ret_host, struct view *ret_port)
{
    if (!text || strncmp(text, "http", 4) != 0) return false;
    bool secure = text[4] == 's';
    const char *from = text + (secure ? 5 : 4);
    if (strncmp(from, "://", 3) != 0) return false;
    from += 3;
    struct view host = {from, host_length(from)}, port = {from + host.length, 0};
    unsigned number = 0;
    if (*port.data == ':') {
        if (port.data[1] < '1' || port.data[1] > '9') return false;
        for (port.length = 1;
             port.length < sizeof ":65535" && view_is_digit(port.data[port.length]); port.length++)
            number = number * 10 + (unsigned)(port.data[port.length] - '0');
    }
    if (from[host.length + port.length] != '/' || number > UINT16_MAX) return false;
    if (number == (secure ? 443 : 80)) port.length = 0;
    *ret_host = host;
    *ret_port = port;
    return host.length && is_plain_host(host);
}

char *url_host(const char *text)
{
    AUTO_ERROR error = ERROR_NONE;
    struct url url = {0};
    struct view host, port;
    if (printed_place(text, &host, &port)) return xstrndup(host.data, host.length);
    if (!text || !url_resolve(NULL, text, &url, &error)) return xstrdup("");
    char *name = take(url.host);
    url_release(&url);
    return name;
}

char *url_authority(const char *text)
{
    AUTO_ERROR error = ERROR_NONE;
    struct url url = {0};
    struct view host, port;
    if (printed_place(text, &host, &port)) return xstrndup(host.data, host.length + port.length);
    if (!text || !url_resolve(NULL, text, &url, &error)) return xstrdup("");
    char *authority =
        url.port == default_port(&url)
            ? take(url.host)
            : xasprintf(strchr(url.host, ':') ? "[%s]:%d" : "%s:%d", url.host, url.port);
    url_release(&url);
    return authority;
}

bool url_begins_alike(const char *a, const char *b)
{
    int slashes = 0;
    for (; *a && *a == *b && slashes < 3; a++, b++)
        if (*a == '/') slashes++;
    return slashes == 3;
}

bool authority_is_of(const char *authority, const char *name)
{
    if (!strcmp(authority, name)) return true;
    const char *colon = strrchr(authority, ':');
    struct view host = {authority, colon ? (size_t)(colon - authority) : 0};
    if (host.length > 2 && *authority == '[') /* an address of IPv6, with a port behind it */
        host = (struct view){authority + 1, host.length - 2};
    else if (memchr(authority, ':', host.length)) /* without one */
        return false;
    return view_equals(host, view_of(name));
}

bool url_same_origin(const struct url *a, const struct url *b)
{
    return a->port == b->port && !strcmp(a->scheme, b->scheme) && !strcmp(a->host, b->host);
}
