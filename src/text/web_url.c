/* SPDX-License-Identifier: Apache-2.0 */
/* See web_url.h. */
#include "text/web_url.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define PORT_DIGITS 5

/* Behind "http://", "https://" or "//"; .data is NULL: none of them stands there. */
static struct view behind_scheme(struct view text)
{
    static const char *const beginnings[] = {"http://", "https://", "//"};
    for (size_t i = 0; i < COUNT_OF(beginnings); i++) {
        struct view beginning = view_of(beginnings[i]);
        if (view_starts_with_nocase(text, beginning)) return view_from(text, beginning.length);
    }
    return VIEW_NONE;
}

static size_t find_any(struct view text, const char *these)
{
    size_t at = 0;
    while (at < text.length && !(text.data[at] && strchr(these, text.data[at]))) at++;
    return at;
}

bool web_url_split(struct view text, struct web_url *ret_url)
{
    struct view rest = behind_scheme(text);
    if (!rest.data) return false;
    struct view authority = view_slice(rest, 0, find_any(rest, "/?#"));
    if (view_find(authority, VIEW_LITERAL("${")) != SIZE_MAX) return false;
    for (size_t at = view_find_char(authority, '@'); at != SIZE_MAX;
         at = view_find_char(authority, '@'))
        authority = view_from(authority, at + 1);
    size_t bracket = view_find_char(authority, ']');
    bool closed = view_starts_with(authority, VIEW_LITERAL("[")) && bracket != SIZE_MAX;
    size_t from = closed ? bracket + 1 : 0;
    size_t colon = view_find_char(view_from(authority, from), ':');
    if (!closed && view_starts_with(authority, VIEW_LITERAL("["))) colon = SIZE_MAX;
    *ret_url = (struct web_url){.host = authority};
    if (colon == SIZE_MAX) return true;
    ret_url->host = view_slice(authority, 0, from + colon);
    ret_url->port = view_from(authority, from + colon + 1);
    return true;
}

static bool is_ipv6(struct view host)
{
    unsigned char bytes[sizeof(struct in6_addr)];
    struct view inside = view_slice(host, 1, host.length - 2);
    struct view address = view_slice(inside, 0, find_any(inside, "%")); /* without its zone */
    AUTO_FREE char *text = xstrndup(address.data, address.length);
    return inet_pton(AF_INET6, text, bytes) == 1;
}

static const char *host_fault(struct view host, struct view *ret_where)
{
    *ret_where = host;
    if (!host.length) return "a URL needs a host";
    if (host.data[0] == '[') {
        size_t end = view_find_char(host, ']');
        if (end == SIZE_MAX) return "this '[' is never closed";
        return end + 1 == host.length && is_ipv6(host) ? NULL : "this is no IPv6 address";
    }
    size_t odd = find_any(host, " \t\r\n\"'<>\\^`{}[]()!*=;,+&$");
    *ret_where = view_slice(host, odd, 1);
    return odd < host.length ? "no host has this character" : NULL;
}

static bool is_port(struct view port)
{
    if (port.length > PORT_DIGITS) return false;
    int number = 0;
    for (size_t i = 0; i < port.length; i++) {
        if (!isdigit((unsigned char)port.data[i])) return false;
        number = number * 10 + (port.data[i] - '0');
    }
    return number >= 1 && number <= UINT16_MAX;
}

const char *web_url_fault(const struct web_url *url, struct view *ret_where)
{
    const char *fault = host_fault(url->host, ret_where);
    if (fault) return fault;
    *ret_where = url->port;
    return !url->port.length || is_port(url->port) ? NULL : "a port is a number from 1 to 65535";
}

char *web_url_plain_host(const struct web_url *url)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
    unsigned char bytes[sizeof(struct in_addr)];
    AUTO_FREE char *host = xstrndup(url->host.data ? url->host.data : "", url->host.length);
    for (char *c = host; *c; c++) *c = (char)tolower((unsigned char)*c);
    if (!*host || strspn(host, allowed) != strlen(host) || strstr(host, "..")) return NULL;
    const char *dot = strrchr(host, '.');
    bool named = islower((unsigned char)(dot ? dot[1] : host[0]));
    return named || inet_pton(AF_INET, host, bytes) == 1 ? take(host) : NULL;
}
