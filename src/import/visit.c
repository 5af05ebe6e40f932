/* SPDX-License-Identifier: Apache-2.0 */
/* See visit.h. */
#include "import/visit.h"

#include <string.h>
#include <strings.h>

void visit_release(struct visit *visit)
{
    vec_each(step, &visit->steps) {
        vec_each(capture, &step->captures) {
            free(capture->name);
            if (capture->value) explicit_bzero(capture->value, strlen(capture->value));
            free(capture->value);
            origin_release(&capture->origin);
        }
        vec_release(&step->captures);
        free(step->name);
    }
    vec_release(&visit->steps);
    vec_release(&visit->hosts);
}

/* --- Hosts */

static bool is_number_host(const char *host)
{
    return host[0] == '[' || !host[strspn(host, "0123456789.")];
}

/* The part of a host that a shop registers: its last two labels, or three under "co.uk" and its
 * kin. A guess is enough: it decides only what is offered. */
static struct view site_of(const char *host)
{
    struct view rest = view_of(host);
    size_t labels = 0, wanted = 2, from = rest.length, last_dot = rest.length;
    if (is_number_host(host)) return rest;
    while (from > 0) {
        if (rest.data[from - 1] != '.') {
            from--;
            continue;
        }
        labels++;
        if (labels == 2 && last_dot - from <= 3 && rest.length - last_dot <= 3) wanted = 3;
        if (labels == wanted) break;
        last_dot = from - 1;
        from--;
    }
    return view_from(rest, from);
}

static bool is_own_host(const struct visit *visit, const struct exchange *exchange)
{
    const char *home = visit->home->address.host, *host = exchange->address.host;
    if (!strcmp(home, host)) return true;
    return !is_number_host(home) && view_equals(site_of(home), site_of(host));
}

/* --- What is left out */

static bool has_asset_name(const char *path)
{
    static const char *const ends[] = {
        ".js",  ".mjs",         ".css",          ".map",       ".png",  ".jpg",  ".jpeg",
        ".gif", ".svg",         ".ico",          ".webp",      ".avif", ".woff", ".woff2",
        ".ttf", ".otf",         ".eot",          ".mp4",       ".webm", ".mp3",  ".wasm",
        ".pdf", ".webmanifest", "manifest.json", "robots.txt", "sw.js", NULL};
    for (size_t i = 0; ends[i]; i++) {
        if (view_ends_with(view_of(path), view_of(ends[i]))) return true;
    }
    return false;
}

static bool has_asset_type(const struct exchange *exchange)
{
    static const char *const starts[] = {"image/",
                                         "font/",
                                         "audio/",
                                         "video/",
                                         "text/css",
                                         "text/javascript",
                                         "application/javascript",
                                         "application/x-javascript",
                                         "application/font",
                                         "application/wasm",
                                         "text/event-stream",
                                         "application/manifest",
                                         NULL};
    char type[128];
    if (!exchange->answer) return false;
    message_media_type(exchange->answer, type, sizeof(type));
    for (size_t i = 0; starts[i]; i++) {
        if (view_starts_with(view_of(type), view_of(starts[i]))) return true;
    }
    return false;
}

/* A whole piece between separators is one of the words. */
static bool has_piece(struct view text, char separator, const char *const *words)
{
    struct view piece = VIEW_NONE;
    while (view_split(&text, separator, &piece)) {
        for (size_t i = 0; words[i]; i++) {
            if (view_is_nocase(piece, words[i])) return true;
        }
    }
    return false;
}

/* What tells somebody about the visitor, and is no part of shopping. The shop's own pages never
 * are, whatever they are called. */
static bool is_beacon(const struct visit *visit, const struct exchange *exchange)
{
    static const char *const labels[] = {"analytics", "telemetry", "beacon", "pixel",
                                         "collect",   "metrics",   "sentry", "tracking",
                                         "rum",       "gtm",       NULL};
    static const char *const pieces[] = {"analytics", "telemetry", "beacon", "rum",
                                         "metrics",   "csp",       "sentry", "cdn-cgi",
                                         "gtm",       "_vercel",   NULL};
    static const char *const ends[] = {"/collect", "/tracking", "/csp-report", "/pixel", NULL};
    const struct address *address = &exchange->address;
    if (exchange_is_safe(exchange) && exchange_has_page(exchange)) return false;
    bool home = !strcmp(address->host, visit->home->address.host);
    if (!home && has_piece(view_of(address->host), '.', labels)) return true;
    return has_piece(view_of(address->path), '/', pieces) ||
           (!exchange_is_safe(exchange) && word_ends(address->path, ends));
}

static bool is_prefetch(const struct exchange *exchange)
{
    const char *purpose = headers_get(&exchange->headers, "Sec-Purpose");
    if (!purpose) purpose = headers_get(&exchange->headers, "Purpose");
    return purpose && strstr(purpose, "prefetch");
}

static bool is_method(const char *method)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", NULL};
    return word_is(method, methods);
}

static bool matters(const struct visit *visit, const struct exchange *exchange)
{
    if (!is_method(exchange->method)) return false; /* OPTIONS: a preflight */
    if (exchange->resource == RESOURCE_ASSET || is_prefetch(exchange)) return false;
    if (exchange->answer && (!exchange->answer->status || exchange->answer->status == 101))
        return false;
    if (!is_own_host(visit, exchange) || is_beacon(visit, exchange)) return false;
    bool asset = has_asset_name(exchange->address.path) || has_asset_type(exchange);
    return !asset || !exchange_is_safe(exchange);
}

/* --- The way */

/* How much shopping was done at a site: frames of advertisements and search engines show pages,
 * too, but no cart. */
struct site_score {
    struct view site;
    const struct exchange *first, *page; /* NULL: none */
    unsigned pages, changes;
    bool stages[STAGE_CHECKOUT + 1];
};

static unsigned score_of(const struct site_score *site)
{
    unsigned score = 2 * (site->pages < 10 ? site->pages : 10) + (site->changes ? 1 : 0);
    for (enum stage stage = STAGE_LOGIN; stage <= STAGE_CHECKOUT; stage++)
        score += site->stages[stage] ? 5 : 0;
    return score;
}

static void add_score(struct site_score *site, const struct exchange *exchange)
{
    bool safe = exchange_is_safe(exchange);
    bool page = exchange_has_page(exchange) && exchange->resource <= RESOURCE_DOCUMENT &&
                exchange->answer->status < 300;
    if (!site->first) site->first = exchange;
    if (page && !site->page) site->page = exchange;
    site->pages += page && safe;
    site->changes += !safe;
    site->stages[stage_of_exchange(exchange)] = true;
}

static const struct exchange *home_of(const struct recording *recording)
{
    VEC(struct site_score) sites = {0};
    const struct exchange *home = NULL;
    unsigned best = 0;
    vec_each(exchange, recording) {
        struct view name = site_of(exchange->address.host);
        struct site_score *found = NULL;
        if (!is_method(exchange->method) || has_asset_name(exchange->address.path)) continue;
        vec_each(site, &sites) {
            if (view_equals(site->site, name)) found = site;
        }
        if (!found) found = vec_add(&sites);
        found->site = name;
        add_score(found, exchange);
    }
    vec_each(site, &sites) {
        if (home && score_of(site) <= best) continue;
        best = score_of(site);
        home = site->page ? site->page : site->first;
    }
    vec_release(&sites);
    return home;
}

static bool same_target(const struct exchange *a, const struct exchange *b)
{
    if (strcmp(a->method, b->method) != 0 || strcmp(a->address.origin, b->address.origin) != 0 ||
        strcmp(a->address.path, b->address.path) != 0 ||
        a->address.query.count != b->address.query.count)
        return false;
    for (size_t i = 0; i < a->address.query.count; i++) {
        if (strcmp(a->address.query.items[i].name, b->address.query.items[i].name) != 0 ||
            strcmp(a->address.query.items[i].value, b->address.query.items[i].value) != 0)
            return false;
    }
    return true;
}

/* The same again, and nothing was changed in between: polling, or a page that asks twice. */
static bool is_repeated(const struct visit *visit, const struct exchange *exchange)
{
    if (!exchange_is_safe(exchange)) return false;
    for (size_t i = visit->steps.count; i-- > 0;) {
        const struct exchange *before = visit->steps.items[i].exchange;
        if (!exchange_is_safe(before)) return false;
        if (same_target(before, exchange)) return true;
    }
    return false;
}

static bool is_next_hop(const char *target, const struct exchange *exchange)
{
    struct address address = {0};
    if (!exchange_is_safe(exchange) || !address_parse(view_of(target), &address)) return false;
    struct exchange wanted = {.method = exchange->method, .address = address};
    bool same = same_target(&wanted, exchange);
    address_release(&address);
    return same;
}

static void add_host(struct visit *visit, const char *host)
{
    if (!strcmp(host, visit->home->address.host)) return;
    vec_each(known, &visit->hosts) {
        if (!strcmp(*known, host)) return;
    }
    vec_push(&visit->hosts, host);
}

#define HOP_WINDOW 20 /* requests between a redirect and its next hop */
#define HOP_MAX 10

/* As the jar has it after the answer: the last one of a name counts. */
static void keep_cookie(struct message *answer, struct view pair)
{
    struct view first = VIEW_NONE, name = VIEW_NONE;
    struct cookie *found = NULL;
    (void)view_split(&pair, ';', &first);
    (void)view_split(&first, '=', &name);
    name = view_trim(name);
    first = view_trim(first);
    if (!name.length) return;
    vec_each(cookie, &answer->cookies) {
        if (view_equals(view_of(cookie->name), name)) found = cookie;
    }
    if (!found) {
        found = vec_add(&answer->cookies);
        found->name = xstrndup(name.data, name.length);
    }
    free(found->value);
    found->value = xstrndup(first.data, first.length);
}

static void keep_cookies(struct message *answer, const struct exchange *hop)
{
    for (size_t i = 0; hop->answer && i < hop->answer->headers.count; i++) {
        const struct header *header = &hop->answer->headers.items[i];
        if (!strcasecmp(header->name, "Set-Cookie")) keep_cookie(answer, view_of(header->value));
    }
}

/* Follows the redirects of a step through the entries behind it; those are marked as passed. */
static void follow(struct visit *visit, const struct recording *recording, size_t at, bool *passed)
{
    struct visit_step *step = vec_last(&visit->steps);
    const struct exchange *hop = &recording->items[at], *hops[HOP_MAX + 1] = {hop};
    add_host(visit, hop->address.host);
    for (size_t next = at + 1; hop->redirect_to.length && step->redirects < HOP_MAX;) {
        AUTO_FREE char *target = address_resolve(&hop->address, hop->redirect_to);
        size_t end = next + HOP_WINDOW;
        while (next < recording->count && next < end &&
               (passed[next] || !is_next_hop(target, &recording->items[next])))
            next++;
        if (next >= recording->count || next >= end) break;
        passed[next] = true;
        hop = &recording->items[next++];
        add_host(visit, hop->address.host);
        hops[++step->redirects] = hop;
    }
    step->answer = hop->answer;
    step->arrived = &hop->address;
    step->has_page = exchange_has_page(hop);
    step->has_json = exchange_has_json(hop);
    if (!step->answer || step->answer->url) return;
    step->answer->url =
        xasprintf("%s%s%s", hop->address.origin, hop->address.path, hop->address.search);
    step->answer->redirects = step->redirects;
    for (size_t i = 0; i <= step->redirects; i++) {
        if (!strcmp(hops[i]->address.host, hop->address.host)) keep_cookies(step->answer, hops[i]);
    }
}

bool visit_choose(const struct recording *recording, struct visit *ret_visit, struct error *error)
{
    *ret_visit = (struct visit){.home = home_of(recording)};
    bool *passed = xcalloc(recording->count + 1, sizeof(*passed));
    for (size_t i = 0; i < recording->count && ret_visit->home; i++) {
        const struct exchange *exchange = &recording->items[i];
        if (passed[i]) continue;
        if (!matters(ret_visit, exchange) || is_repeated(ret_visit, exchange)) {
            ret_visit->left_out++;
            continue;
        }
        if (ret_visit->steps.count >= VISIT_MAX_STEPS) {
            free(passed);
            return error_set(error, "more than %d requests matter: record a shorter visit",
                             VISIT_MAX_STEPS);
        }
        struct visit_step *step = vec_add(&ret_visit->steps);
        step->exchange = exchange;
        follow(ret_visit, recording, i, passed);
        if (!step->answer || step->answer->status < 400) continue;
        ret_visit->steps.count--; /* it went wrong: nothing to repeat */
        ret_visit->left_out++;
    }
    free(passed);
    if (!ret_visit->steps.count)
        return error_set(error, "no request of a shopper is in it: no page, no form, no API");
    return true;
}
