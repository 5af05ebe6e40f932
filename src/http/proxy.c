/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who stands between us and the shop. curl finds its proxies in the environment and does not say
 * which of its connections lead to one; whoever reads of a failure must know.
 */
#include "http/internal.h"

#include <stdlib.h>

static const char *of_environment(const struct url *url)
{
    /* HTTP_PROXY in capitals is what a CGI program gets from a request's header. */
    static const char *const of_http[] = {"http_proxy", "all_proxy", "ALL_PROXY", NULL};
    static const char *const of_https[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
                                           NULL};
    const char *const *names = url->scheme[4] == 's' ? of_https : of_http;
    for (; *names; names++) {
        const char *value = getenv(*names);
        if (value && *value) return value;
    }
    return NULL;
}

static char *part(CURLU *handle, CURLUPart which)
{
    char *text = NULL;
    if (curl_url_get(handle, which, &text, 0)) return NULL;
    char *copy = xstrdup(text);
    curl_free(text);
    return copy;
}

/* "host:port", without the credentials that may stand there; NULL: none is named. */
static char *name_of(const struct url *url, int *ret_port)
{
    const char *value = of_environment(url);
    if (!value) return NULL;
    CURLU *handle = curl_url();
    ASSERT(handle);
    char *name = NULL;
    if (!curl_url_set(handle, CURLUPART_URL, value,
                      CURLU_GUESS_SCHEME | CURLU_NON_SUPPORT_SCHEME)) {
        AUTO_FREE char *host = part(handle, CURLUPART_HOST);
        AUTO_FREE char *port = part(handle, CURLUPART_PORT);
        AUTO_FREE char *scheme = part(handle, CURLUPART_SCHEME);
        bool is_https = scheme && !strcmp(scheme, "https");
        *ret_port = port ? atoi(port) : is_https ? 443 : 1080; /* as curl has it */
        if (host) name = xasprintf("%s:%d", host, *ret_port);
    }
    curl_url_cleanup(handle);
    return name;
}

bool proxy_is_peer(const struct http_session *session, int port)
{
    const struct http_exchange *exchange = session->exchange;
    if (!session->knows_proxy || !exchange) return false;
    if (port != exchange->url.port) return true;
    /* The shop has the proxy's port, and nothing but the exceptions tells one from the other. */
    int proxy_port = 0;
    AUTO_FREE char *name = name_of(&exchange->url, &proxy_port);
    return name && proxy_port == port && !getenv("no_proxy") && !getenv("NO_PROXY");
}

char *proxy_name(const struct http_exchange *exchange)
{
    int port;
    if (!exchange->by_proxy) return NULL;
    char *name = name_of(&exchange->url, &port);
    return name ? name : xstrdup("(unknown)");
}
