/* SPDX-License-Identifier: Apache-2.0 */
/* The routes, who may ask what, and the life of the server. See serve.h. */
#include "serve/serve.h"

#include "base/codec.h"
#include "serve/answer.h"

#include <stdlib.h>
#include <string.h>

#define MAX_ID_BYTES 500
#define DEFAULT_CONNECTIONS 100
#define DEFAULT_IDLE_US (30 * US_PER_SECOND)
#define MAX_HEADERS 60
#define MAX_HEADER_BYTES ((size_t)16 << 10)
#define MAX_BODY_BYTES ((size_t)64 << 10)

/* `*` stands for one part of the path. What `acts` sets something in motion, and is refused to
 * pages of other sites, which a browser could be made to send here. */
struct route {
    const char *path;
    enum http_method method; /* HTTP_GET: HEAD, too, unless it acts */
    handler *answer;
    bool acts;
};

static const struct route routes[] = {
    {"/", HTTP_GET, page_overview, false},
    {"/incidents/*", HTTP_GET, page_incident, false},
    {"/runs/*", HTTP_GET, page_run, false},
    {"/journeys/*", HTTP_GET, page_journey, false},
    {"/page/style.css", HTTP_GET, page_style, false},
    {"/page/live.js", HTTP_GET, page_script, false},
    {"/page/icon.svg", HTTP_GET, page_icon, false},
    {"/events", HTTP_GET, stream_answer, false},
    {"/metrics", HTTP_GET, metrics_answer, false},
    {"/probe", HTTP_GET, probe_answer, true},
    {"/-/healthy", HTTP_GET, api_health, false},
    {"/-/ready", HTTP_GET, api_ready, false},
    {"/api/v1/health", HTTP_GET, api_health, false},
    {"/api/v1/ready", HTTP_GET, api_ready, false},
    {"/api/v1/runs", HTTP_GET, api_runs, false},
    {"/api/v1/runs/*", HTTP_GET, api_run, false},
    {"/api/v1/journeys", HTTP_GET, api_journeys, false},
    {"/api/v1/incidents", HTTP_GET, api_incidents, false},
    {"/api/v1/incidents/*", HTTP_GET, api_incident, false},
    {"/api/v1/incidents/*/ack", HTTP_POST, api_acknowledge, true},
    {"/api/v1/incidents/*/unack", HTTP_POST, api_unacknowledge, true},
    {"/api/v1/silences", HTTP_GET, api_silences, false},
    {"/api/v1/silences", HTTP_POST, api_silence, true},
    {"/api/v1/silences/*", HTTP_DELETE, api_unsilence, true},
    {"/api/v1/openapi.json", HTTP_GET, api_document, false},
    {0},
};

int64_t server_now_us(const struct server *server)
{
    return clock_wall_us(loop_clock(server->loop));
}

bool request_take(const struct request *request, const char *name, struct buf *value,
                  bool *ret_given)
{
    enum http_parameter found = http_call_parameter(request->call, name, value);
    if (ret_given) *ret_given = found == HTTP_PARAMETER_GIVEN;
    if (found != HTTP_PARAMETER_BROKEN) return true;
    answer_problem(request, PROBLEM_BAD_REQUEST, "`%s` is broken, or too long", name);
    return false;
}

/* --- Routing */

static bool path_matches(const char *pattern, struct view path, struct view *ret_id)
{
    struct view wanted = view_of(pattern), part, piece;
    while (view_split(&wanted, '/', &part)) {
        if (!view_split(&path, '/', &piece)) return false;
        if (view_is(part, "*") && piece.length)
            *ret_id = piece;
        else if (!view_equals(part, piece))
            return false;
    }
    return !view_split(&path, '/', &piece);
}

static bool method_fits(const struct route *route, enum http_method method)
{
    bool shows = route->method == HTTP_GET && !route->acts;
    return route->method == method || (shows && method == HTTP_HEAD);
}

static const char *method_words(const struct route *route)
{
    switch (route->method) {
    case HTTP_GET: return route->acts ? "GET" : "GET, HEAD";
    case HTTP_HEAD: return "HEAD";
    case HTTP_POST: return "POST";
    case HTTP_DELETE: return "DELETE";
    case HTTP_OPTIONS: return "OPTIONS";
    case HTTP_OTHER: return "";
    }
    return "";
}

/* Whether a page of this origin ("https://shop.example:8443", perhaps with a path) is ours: under
 * the name that was asked, or one of those that a proxy answers for. "null" is nobody's. */
static bool is_own_origin(const struct request *request, const char *origin)
{
    struct view rest = view_of(origin);
    size_t slashes = view_find(rest, VIEW_LITERAL("://"));
    if (slashes == SIZE_MAX) return false;
    rest = view_from(rest, slashes + 3);
    rest = view_slice(rest, 0, view_find_char(rest, '/'));
    const char *host = http_call_header(request->call, "Host");
    if (host && view_is_nocase(rest, host)) return true;
    struct view name = view_slice(rest, 0, view_find_char(rest, ':'));
    const char *const *one = request->server->settings.hosts;
    for (; one && *one; one++) {
        if (view_is_nocase(name, *one)) return true;
    }
    return false;
}

/* A page of another site set a browser on us. A link that somebody followed is no such thing, where
 * the browser says so; over plain HTTP to a name it says no more than where it comes from. */
static bool comes_from_elsewhere(const struct request *request)
{
    static const char *const origins[] = {"Origin", "Referer"};
    const char *site = http_call_header(request->call, "Sec-Fetch-Site");
    if (site) return strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0;
    for (size_t i = 0; i < COUNT_OF(origins); i++) {
        const char *origin = http_call_header(request->call, origins[i]);
        if (origin && !is_own_origin(request, origin)) return true;
    }
    return false;
}

static void answer_options(const struct request *request, const struct buf *allowed)
{
    const char *const *origins = request->server->settings.origins;
    bool shared = origins && *origins;
    const struct http_reply_header headers[] = {
        {"Allow", buf_text(allowed)},
        {shared ? "Access-Control-Allow-Methods" : NULL, "GET"},
        {"Access-Control-Max-Age", "600"},
        {0},
    };
    answer_with(request, 204, NULL, headers, VIEW_NONE);
}

static void answer_wrong_method(const struct request *request, const struct buf *allowed)
{
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    buf_addf(&text,
             "{\"type\":\"" PROBLEM_TYPE_PREFIX "method-not-allowed\",\"title\":\"Not with this "
             "method\",\"status\":405,\"detail\":\"allowed: %s\"}\n",
             buf_text(allowed));
    answer_with(request, 405, "application/problem+json",
                (const struct http_reply_header[]){{"Allow", buf_text(allowed)}, {0}},
                buf_view(&text));
}

static void answer_other(const struct request *request, const struct buf *allowed)
{
    if (!allowed->length)
        answer_problem(request, PROBLEM_NOT_FOUND, "nothing is served at this path");
    else if (request->call->method == HTTP_OPTIONS)
        answer_options(request, allowed);
    else
        answer_wrong_method(request, allowed);
}

static void run_route(const struct route *route, struct request *request, struct view id)
{
    AUTO_BUF decoded = BUF_INIT(MAX_ID_BYTES);
    if (!codec_add_percent_decoded(&decoded, id, false) ||
        view_find_char(buf_view(&decoded), '\0') != SIZE_MAX) {
        answer_problem(request, PROBLEM_BAD_REQUEST, "the path is broken, or too long");
        return;
    }
    if (route->acts && comes_from_elsewhere(request)) {
        answer_problem(request, PROBLEM_READ_ONLY, "pages of other sites may not ask for this");
        return;
    }
    request->id = buf_text(&decoded);
    route->answer(request);
}

static void called(void *context, struct http_call *call)
{
    struct server *server = context;
    struct request request = {.server = server, .call = call, .id = ""};
    AUTO_BUF allowed = BUF_INIT(BUF_OWN_CAP);
    if (call->refused) {
        answer_problem(&request, problem_of_status(call->refused), "%s", call->refused_why);
        return;
    }
    for (const struct route *route = routes; route->path; route++) {
        struct view id = VIEW_NONE;
        if (!path_matches(route->path, call->path, &id)) continue;
        if (method_fits(route, call->method)) {
            run_route(route, &request, id);
            return;
        }
        buf_addf(&allowed, "%s%s", allowed.length ? ", " : "", method_words(route));
    }
    answer_other(&request, &allowed);
}

/* --- Life */

static void announce(void *context)
{
    streams_tell(context);
}

static void beat(void *context)
{
    streams_beat(context);
}

static struct http_server_settings http_settings(struct server *server)
{
    const struct serve_settings *settings = &server->settings;
    return (struct http_server_settings){.address = settings->address,
                                         .port = settings->port,
                                         .header_bytes = MAX_HEADER_BYTES,
                                         .body_bytes = MAX_BODY_BYTES,
                                         .headers = MAX_HEADERS,
                                         .connections = settings->connections,
                                         .idle_us = settings->idle_us,
                                         .hosts = settings->hosts,
                                         .called = called,
                                         .context = server};
}

static char **copy_texts(const char *const *texts)
{
    size_t count = 0;
    while (texts && texts[count]) count++;
    char **copies = xcalloc(count + 1, sizeof *copies);
    for (size_t i = 0; i < count; i++) copies[i] = xstrdup(texts[i]);
    return copies;
}

static void free_texts(char **texts)
{
    for (char **text = texts; text && *text; text++) free(*text);
    free(texts);
}

/* The settings with texts of our own, and with the defaults. */
static void take_settings(struct server *server, const struct serve_settings *settings)
{
    struct serve_settings *own = &server->settings;
    server->address = xstrdup(settings->address ? settings->address : "127.0.0.1");
    server->token = xstrdup(settings->token ? settings->token : "");
    server->title = xstrdup(settings->title ? settings->title : "Mystery Shopper");
    server->location = xstrdup(settings->location ? settings->location : "");
    server->hosts = copy_texts(settings->hosts);
    server->origins = copy_texts(settings->origins);
    *own = (struct serve_settings){
        .address = server->address,
        .port = settings->port,
        .hosts = (const char *const *)server->hosts,
        .origins = (const char *const *)server->origins,
        .token = server->token,
        .title = server->title,
        .location = server->location,
        .connections = settings->connections ? settings->connections : DEFAULT_CONNECTIONS,
        .idle_us = settings->idle_us ? settings->idle_us : DEFAULT_IDLE_US};
}

struct server *serve_start(const struct serve_settings *settings, struct loop *loop,
                           struct store *store, const struct serve_host_operations *operations,
                           void *host, struct error *error)
{
    struct server *server = NEW(struct server);
    server->loop = loop;
    server->store = store;
    server->operations = operations;
    server->host = host;
    take_settings(server, settings);
    figures_init(&server->figures);
    buf_init(&server->overview, BUF_OWN_CAP);
    timer_init(&server->announce, loop, announce, server);
    timer_init(&server->beat, loop, beat, server);
    struct http_server_settings http = http_settings(server);
    server->http = http_server_new(loop, &http, error);
    if (!server->http) {
        serve_stop(server);
        return NULL;
    }
    bool six = strchr(server->address, ':') != NULL;
    server->url = xasprintf("http://%s%s%s:%d", six ? "[" : "", server->address, six ? "]" : "",
                            http_server_port(server->http));
    return server;
}

void serve_stop(struct server *server)
{
    if (!server) return;
    probes_forget(server);
    scrapes_forget(server);
    drawings_forget(server);
    streams_close(server);
    timer_cancel(&server->announce);
    timer_cancel(&server->beat);
    http_server_free(server->http);
    figures_release(&server->figures);
    buf_release(&server->overview);
    vec_release(&server->probes);
    vec_release(&server->scrapes);
    vec_release(&server->drawings);
    vec_release(&server->streams);
    free_texts(server->hosts);
    free_texts(server->origins);
    memset(server->token, 0, strlen(server->token));
    free(server->token);
    free(server->address);
    free(server->title);
    free(server->location);
    free(server->url);
    free(server);
}

const char *serve_url(const struct server *server)
{
    return server->url;
}

/* --- Being told */

void serve_observe(struct server *server, const struct run_report *report,
                   const struct serve_observed *observed)
{
    if (server) figures_add_run(&server->figures, report, observed->flags, observed->late_us);
}

void serve_missed(struct server *server, const char *journey, const char *persona)
{
    if (server) figures_add_missed(&server->figures, journey, persona);
}
