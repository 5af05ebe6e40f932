/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session's cookies, as text to keep and as data for checks. curl holds and sends them; it tells
 * of them in lines of the Netscape format: domain, subdomains, path, secure, expiry, name and value
 * between tabs, "#HttpOnly_" in front.
 */
#include "http/internal.h"

#include <stdlib.h>

char *session_save_cookies(struct http_session *session)
{
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    struct curl_slist *lines = NULL;
    curl_easy_getinfo(session->easy, CURLINFO_COOKIELIST, &lines);
    for (const struct curl_slist *line = lines; line; line = line->next) {
        buf_add_text(&text, line->data);
        buf_add_char(&text, '\n');
    }
    curl_slist_free_all(lines);
    return buf_take(&text);
}

void session_load_cookies(struct http_session *session, const char *saved)
{
    struct view rest = view_of(saved), line;
    while (view_split(&rest, '\n', &line)) {
        /* Seven fields or nothing: other words are commands to curl. */
        if (view_find_char(line, '\t') == SIZE_MAX) continue;
        AUTO_FREE char *text = xstrndup(line.data, line.length);
        curl_easy_setopt(session->easy, CURLOPT_COOKIELIST, text);
    }
}

enum { DOMAIN, SUBDOMAINS, PATH, SECURE, EXPIRES, NAME, VALUE, FIELDS };

static bool split_fields(struct view line, struct view fields[static FIELDS])
{
    for (size_t i = 0; i + 1 < FIELDS; i++) {
        size_t tab = view_find_char(line, '\t');
        if (tab == SIZE_MAX) return false;
        fields[i] = view_slice(line, 0, tab);
        line = view_from(line, tab + 1);
    }
    fields[VALUE] = line;
    return true;
}

/* RFC 6265, section 5.1.3 */
static bool domain_matches(struct view domain, bool subdomains, struct view host)
{
    if (domain.length && domain.data[0] == '.') domain = view_from(domain, 1);
    if (domain.length == host.length) return view_starts_with_nocase(host, domain);
    if (!subdomains || host.length <= domain.length) return false;
    size_t from = host.length - domain.length;
    return host.data[from - 1] == '.' && view_starts_with_nocase(view_from(host, from), domain);
}

/* RFC 6265, section 5.1.4 */
static bool path_matches(struct view cookie, struct view path)
{
    if (!view_starts_with(path, cookie)) return false;
    return path.length == cookie.length || !cookie.length ||
           cookie.data[cookie.length - 1] == '/' || path.data[cookie.length] == '/';
}

/* curl counts these as safe enough for Secure cookies over plain http, as browsers do. */
static bool is_secure(const struct url *url)
{
    return !strcmp(url->scheme, "https") || !strcmp(url->host, "localhost") ||
           !strcmp(url->host, "127.0.0.1") || !strcmp(url->host, "::1");
}

static struct view path_of(const struct url *url)
{
    struct view rest = view_of(url->text);
    size_t at = view_find(rest, VIEW_LITERAL("://"));
    rest = view_from(rest, at == SIZE_MAX ? rest.length : at + 3);
    at = view_find_char(rest, '/');
    if (at == SIZE_MAX) return VIEW_LITERAL("/");
    rest = view_from(rest, at);
    at = view_find_char(rest, '?');
    return at == SIZE_MAX ? rest : view_slice(rest, 0, at);
}

/* Whether a line of curl's jar goes along to this URL. */
static bool read_line(const char *text, const struct url *url, struct view fields[FIELDS],
                      bool *ret_http_only)
{
    struct view line = view_of(text), mark = VIEW_LITERAL("#HttpOnly_");
    *ret_http_only = view_starts_with(line, mark);
    if (*ret_http_only) line = view_from(line, mark.length);
    if (!split_fields(line, fields)) return false;
    if (view_is(fields[SECURE], "TRUE") && !is_secure(url)) return false;
    return domain_matches(fields[DOMAIN], view_is(fields[SUBDOMAINS], "TRUE"),
                          view_of(url->host)) &&
           path_matches(fields[PATH], path_of(url));
}

static void collect(const char *text, const struct url *url, struct message *message)
{
    struct view fields[FIELDS];
    bool http_only;
    if (!read_line(text, url, fields, &http_only)) return;
    struct cookie *cookie = vec_add(&message->cookies);
    cookie->name = xstrndup(fields[NAME].data, fields[NAME].length);
    cookie->value = xstrndup(fields[VALUE].data, fields[VALUE].length);
    cookie->domain = xstrndup(fields[DOMAIN].data, fields[DOMAIN].length);
    cookie->path = xstrndup(fields[PATH].data, fields[PATH].length);
    cookie->secure = view_is(fields[SECURE], "TRUE");
    cookie->http_only = http_only;
}

void cookies_collect(struct http_session *session, const struct url *url, struct message *message)
{
    struct curl_slist *lines = NULL;
    curl_easy_getinfo(session->easy, CURLINFO_COOKIELIST, &lines);
    for (const struct curl_slist *line = lines; line; line = line->next)
        collect(line->data, url, message);
    curl_slist_free_all(lines);
}
