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

static void lower(char *text)
{
    for (; text && *text; text++) *text = (char)tolower((unsigned char)*text);
}

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

static void drop_brackets(char *host)
{
    size_t length = strlen(host);
    if (length < 2 || host[0] != '[') return;
    memmove(host, host + 1, length - 2);
    host[length - 2] = '\0';
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

static bool read_parts(CURLU *handle, struct url *url, struct error *error)
{
    url->scheme = part(handle, CURLUPART_SCHEME, 0);
    lower(url->scheme);
    if (!url->scheme || (strcmp(url->scheme, "http") && strcmp(url->scheme, "https")))
        return error_set(error, "not an http or https URL");
    url->host = host_part(handle);
    if (!url->host || !*url->host) return error_set(error, "a URL without a valid host");
    AUTO_FREE char *port = part(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT);
    if (!port) return error_set(error, "a URL without a valid port");
    url->port = atoi(port);
    url->user = part(handle, CURLUPART_USER, CURLU_URLDECODE);
    url->password = part(handle, CURLUPART_PASSWORD, CURLU_URLDECODE);
    lower(url->host);
    /* The handle is left as it goes over the wire: our spelling of the host, nothing private. */
    curl_url_set(handle, CURLUPART_HOST, url->host, 0);
    drop_brackets(url->host);
    curl_url_set(handle, CURLUPART_USER, NULL, 0);
    curl_url_set(handle, CURLUPART_PASSWORD, NULL, 0);
    curl_url_set(handle, CURLUPART_FRAGMENT, NULL, 0);
    url->text = part(handle, CURLUPART_URL, CURLU_NO_DEFAULT_PORT);
    if (!url->text) return error_set(error, "a malformed URL");
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
