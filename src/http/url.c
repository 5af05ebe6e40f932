/* SPDX-License-Identifier: Apache-2.0 */
/* See url.h. curl's parser is the one that the transfer uses too, so nobody can slip between two
 * readings of one URL. */
#include "http/url.h"

#include "http/http.h"
#include "http/internal.h"

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

/* The handle's URL as text without what never goes over the wire. Asking for the whole and cutting
 * it up here is a third of the work of asking for each part: this runs before every request. */
static char *whole(CURLU *handle)
{
    return part(handle, CURLUPART_URL, CURLU_NO_DEFAULT_PORT);
}

static struct view authority_of(const char *text)
{
    struct view rest = view_of(text);
    size_t at = view_find(rest, VIEW_LITERAL("://"));
    if (at == SIZE_MAX) return VIEW_NONE;
    rest = view_from(rest, at + 3);
    return view_slice(rest, 0, strcspn(rest.data, "/?#"));
}

static bool is_plain(struct view host)
{
    for (size_t i = 0; i < host.length; i++)
        if ((unsigned char)host.data[i] >= 0x80 || isupper((unsigned char)host.data[i])) return false;
    return true;
}

/* Takes credentials, fragment and foreign spellings of the host out of the handle. */
static bool strip(CURLU *handle, struct url *url)
{
    struct view authority = authority_of(url->text);
    bool plain = is_plain(authority), private = view_find_char(authority, '@') != SIZE_MAX;
    if (plain && !private && !strchr(url->text, '#')) return true;
    url->user = part(handle, CURLUPART_USER, CURLU_URLDECODE);
    url->password = part(handle, CURLUPART_PASSWORD, CURLU_URLDECODE);
    AUTO_FREE char *host = host_part(handle);
    if (!host) return false;
    for (char *c = host; *c; c++) *c = (char)tolower((unsigned char)*c);
    curl_url_set(handle, CURLUPART_HOST, host, 0);
    curl_url_set(handle, CURLUPART_USER, NULL, 0);
    curl_url_set(handle, CURLUPART_PASSWORD, NULL, 0);
    curl_url_set(handle, CURLUPART_FRAGMENT, NULL, 0);
    free(url->text);
    url->text = whole(handle);
    return url->text && is_plain(authority_of(url->text));
}

static bool cut(struct url *url)
{
    bool tls = view_starts_with(view_of(url->text), VIEW_LITERAL("https://"));
    if (!tls && !view_starts_with(view_of(url->text), VIEW_LITERAL("http://"))) return false;
    struct view host = authority_of(url->text);
    const char *colon = host.length ? memrchr(host.data, ':', host.length) : NULL;
    const char *bracket = host.length ? memrchr(host.data, ']', host.length) : NULL;
    url->port = tls ? 443 : 80;
    if (colon && colon > bracket) {
        url->port = atoi(colon + 1);
        host.length = (size_t)(colon - host.data);
    }
    if (bracket) host = view_slice(host, 1, host.length - 2);
    if (!host.length) return false;
    url->scheme = xstrdup(tls ? "https" : "http");
    url->host = xstrndup(host.data, host.length);
    return true;
}

static bool read_parts(CURLU *handle, struct url *url, struct error *error)
{
    url->text = whole(handle);
    if (!url->text) return error_set(error, "a malformed URL");
    if (!strip(handle, url)) return error_set(error, "a URL without a valid host");
    if (!cut(url)) return error_set(error, "not an http or https URL");
    if (strlen(url->text) > HTTP_MAX_URL_BYTES)
        return error_set(error, "a URL of more than %zu bytes", HTTP_MAX_URL_BYTES);
    return true;
}

bool url_resolve_with(CURLU *handle, const char *base, const char *reference, struct url *ret_url,
                      struct error *error)
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
    free(url->scheme);
    free(url->host);
    free(url->user);
    free(url->password);
    *url = (struct url){0};
}

bool url_same_origin(const struct url *a, const struct url *b)
{
    return a->port == b->port && !strcmp(a->scheme, b->scheme) && !strcmp(a->host, b->host);
}
