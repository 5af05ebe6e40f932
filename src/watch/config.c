/* SPDX-License-Identifier: Apache-2.0 */
/* See config.h. */
#include "watch/config.h"
#include "store/store.h"

#include "base/calendar.h"
#include "base/file.h"
#include "base/vec.h"
#include "http/url.h"
#include "journey/loader.h"
#include "judge/policy_language.h"
#include "sink/sink.h"
#include "text/web_url.h"

#include <stdlib.h>
#include <string.h>

/* --- Texts and paths */

static void load_texts(struct loader *loader, const struct yaml_node *node, const char *what,
                       struct path_list *texts)
{
    const struct yaml_node *one = node;
    const struct yaml_node *const *items =
        node->kind == YAML_SEQUENCE ? (const struct yaml_node *const *)node->items : &one;
    size_t count = node->kind == YAML_SEQUENCE ? node->count : 1;
    for (size_t i = 0; i < count; i++) {
        char *text = NULL;
        if (load_text(loader, items[i], what, &text)) vec_push(texts, text);
    }
}

/* Beside the configuration. */
static char *path_beside(const struct yaml_node *node, const char *path)
{
    AUTO_FREE char *directory = path_directory(source_name(node->place.source));
    return path_join(directory, path);
}

static void load_path(struct loader *loader, const struct yaml_node *node, const char *what,
                      char **ret_path)
{
    AUTO_FREE char *path = NULL;
    if (load_text(loader, node, what, &path)) *ret_path = path_beside(node, path);
}

#define PATH_KEY(key)                                                                              \
    static void load_##key(struct loader *loader, const struct yaml_node *node, void *config)      \
    {                                                                                              \
        load_path(loader, node, #key, &((struct config *)config)->key);                            \
    }
PATH_KEY(personas)
PATH_KEY(store)
PATH_KEY(ca_file)
PATH_KEY(crl_file)

static void load_journeys(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct config *config = object;
    load_texts(loader, node, "journeys", &config->journeys);
    vec_each(path, &config->journeys) {
        char *beside = path_beside(node, *path);
        free(*path);
        *path = beside;
    }
}

static void load_location(struct loader *loader, const struct yaml_node *node, void *config)
{
    char **location = &((struct config *)config)->location;
    if (load_text(loader, node, "location", location) && strpbrk(*location, "\r\n"))
        diag_error(loader->diags, DIAG_WRONG_TYPE, node->place,
                   "location must be one line of text");
}

static void load_concurrent(struct loader *loader, const struct yaml_node *node, void *config)
{
    load_count(loader, node, "concurrent", 1, 100000, &((struct config *)config)->concurrent);
}

static void load_control(struct loader *loader, const struct yaml_node *node, void *config)
{
    struct path_list *control = &((struct config *)config)->control;
    load_texts(loader, node, "control", control);
    vec_each(url, control) {
        AUTO_FREE char *host = url_host(*url);
        if (!*host) /* it would fail for ever, and nobody would be believed */
            diag_error(loader->diags, DIAG_BAD_VALUE, node->place,
                       "'%s' is no URL that begins with http:// or https://", *url);
    }
}

/* --- Retention */

static void load_runs(struct loader *loader, const struct yaml_node *node, void *config)
{
    load_duration(loader, node, "runs", &((struct config *)config)->keep_runs_us);
}

static void load_hourly(struct loader *loader, const struct yaml_node *node, void *config)
{
    load_duration(loader, node, "hourly", &((struct config *)config)->keep_hourly_us);
}

static const struct key_rule retention_rules[] = {
    {"runs", load_runs, false, &duration_shape, "how long every single run is kept (`14d`)"},
    {"hourly", load_hourly, false, &duration_shape, "how long hourly figures are kept (`396d`)"},
    {0},
};
static const struct shape retention_shape = {
    .kind = SHAPE_MAPPING, .name = "retention", .rules = retention_rules};

static void load_retention(struct loader *loader, const struct yaml_node *node, void *config)
{
    (void)load_mapping(loader, node, "retention", retention_rules, config);
}

/* --- Maintenance */

static void load_time(struct loader *loader, const struct yaml_node *node, const char *what,
                      int64_t *ret_us)
{
    AUTO_FREE char *text = NULL;
    if (!load_text(loader, node, what, &text) || calendar_parse_rfc3339(view_of(text), ret_us))
        return;
    diag_hint(diag_error(loader->diags, DIAG_BAD_VALUE, node->place, "'%s' is no time", text),
              "as RFC 3339 writes it: 2026-12-24T18:00:00Z");
}

static void load_window_name(struct loader *loader, const struct yaml_node *node, void *window)
{
    load_text(loader, node, "name", &((struct config_window *)window)->name);
}

static void load_from(struct loader *loader, const struct yaml_node *node, void *window)
{
    load_time(loader, node, "from", &((struct config_window *)window)->from_us);
}

static void load_to(struct loader *loader, const struct yaml_node *node, void *window)
{
    load_time(loader, node, "to", &((struct config_window *)window)->to_us);
}

static const struct key_rule once_rules[] = {
    {"from", load_from, true, &text_shape, "when it begins, as RFC 3339 writes times"},
    {"to", load_to, true, &text_shape, "when it ends"},
    {0},
};
static const struct shape once_shape = {.kind = SHAPE_MAPPING, .name = "once", .rules = once_rules};

static void load_once(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct config_window *window = object;
    if (!load_mapping(loader, node, "once", once_rules, window)) return;
    if (window->from_us && window->to_us && window->to_us <= window->from_us)
        diag_error(loader->diags, DIAG_BAD_VALUE, node->place, "it ends before it begins");
}

static void load_window_cron(struct loader *loader, const struct yaml_node *node, void *window)
{
    load_cron(loader, node, &((struct config_window *)window)->cron);
}

static void load_window_timezone(struct loader *loader, const struct yaml_node *node, void *window)
{
    load_timezone(loader, node, &((struct config_window *)window)->timezone);
}

static void load_window_duration(struct loader *loader, const struct yaml_node *node, void *window)
{
    load_duration(loader, node, "duration", &((struct config_window *)window)->duration_us);
}

#define TEXTS_KEY(key)                                                                             \
    static void load_window_##key(struct loader *loader, const struct yaml_node *node,             \
                                  void *window)                                                    \
    {                                                                                              \
        load_texts(loader, node, #key, &((struct config_window *)window)->key);                    \
    }
TEXTS_KEY(journeys)
TEXTS_KEY(stages)
TEXTS_KEY(hosts)

static void load_skip(struct loader *loader, const struct yaml_node *node, void *window)
{
    load_bool(loader, node, "skip", &((struct config_window *)window)->skip);
}

static const struct key_rule window_rules[] = {
    {"name", load_window_name, true, &text_shape, "what is going on: `database upgrade`"},
    {"once", load_once, false, &once_shape, "one window, `from` and `to`"},
    {"cron", load_window_cron, false, &text_shape, "windows that begin at these times"},
    {"timezone", load_window_timezone, false, &text_shape, "where `cron` is read (`UTC`)"},
    {"duration", load_window_duration, false, &duration_shape, "how long one of `cron` lasts"},
    {"journeys", load_window_journeys, false, &texts_shape, "only these journeys"},
    {"stages", load_window_stages, false, &texts_shape, "only these stages"},
    {"hosts", load_window_hosts, false, &texts_shape,
     "only these hosts; one without a port is meant on any"},
    {"skip", load_skip, false, &bool_shape,
     "`true`: journeys that walk these stages or go to these hosts do not run; "
     "else they run and nobody is told"},
    {0},
};
static const char *const window_ways[] = {"once", "cron", NULL};
static const struct shape window_shape = {.kind = SHAPE_MAPPING,
                                          .name = "maintenance window",
                                          .rules = window_rules,
                                          .one_of = window_ways};
static const struct shape windows_shape = {.kind = SHAPE_LIST, .of = &window_shape};

static void load_window(struct loader *loader, const struct yaml_node *node, struct config *config)
{
    struct config_window *window = vec_add(&config->maintenance);
    if (!load_mapping(loader, node, "a maintenance window", window_rules, window)) return;
    bool once = yaml_get(node, "once"), cron = yaml_get(node, "cron");
    if (once == cron)
        diag_error(loader->diags, DIAG_CONFLICT, node->place,
                   "a maintenance window is either `once` or `cron` with `duration`");
    else if (cron && !window->duration_us)
        diag_error(loader->diags, DIAG_MISSING_KEY, node->place, "`cron` needs a `duration`");
    const struct schedule_spec times = {.cron = window->cron, .timezone = window->timezone};
    if (window->cron) window->times = schedule_new(&times, NULL); /* what is wrong was said */
}

static void load_maintenance(struct loader *loader, const struct yaml_node *node, void *config)
{
    if (node->kind != YAML_SEQUENCE) {
        load_wrong_type(loader, node, "maintenance", "a list of windows");
        return;
    }
    for (size_t i = 0; i < node->count; i++) load_window(loader, node->items[i], config);
}

/* --- The HTTP face */

bool listen_split(const char *listen, char **ret_address, int *ret_port, struct error *error)
{
    const char *colon = strrchr(listen, ':');
    char *end = NULL;
    bool digits = colon && colon[1] >= '0' && colon[1] <= '9';
    long port = digits ? strtol(colon + 1, &end, 10) : -1;
    if (!digits || *end || port > 65535)
        return error_set(error, "'%s' is no ADDRESS:PORT such as 127.0.0.1:9180", listen);
    size_t length = (size_t)(colon - listen);
    bool bracketed = length >= 2 && *listen == '[' && colon[-1] == ']';
    *ret_address = !length     ? NULL
                   : bracketed ? xstrndup(listen + 1, length - 2)
                               : xstrndup(listen, length);
    *ret_port = (int)port;
    return true;
}

static void load_listen(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct config *config = object;
    AUTO_FREE char *address = NULL;
    AUTO_ERROR error = ERROR_NONE;
    int port;
    if (!load_text(loader, node, "listen", &config->http.listen)) return;
    if (!listen_split(config->http.listen, &address, &port, &error))
        diag_error(loader->diags, DIAG_BAD_VALUE, node->place, "%s", error_text(&error));
}

/* What no browser would ever send is a mistake, since nothing would come of it. */
static bool is_host(const char *text)
{
    AUTO_FREE char *address = xasprintf("//%s", text);
    struct web_url url;
    struct view where;
    return web_url_split(view_of(address), &url) && !web_url_fault(&url, &where) &&
           view_is(url.host, text);
}

static bool is_web_url(const char *text, struct web_url *ret_url)
{
    struct view where;
    return *text != '/' && web_url_split(view_of(text), ret_url) && !web_url_fault(ret_url, &where);
}

/* "https://board.example:8443", without a path. */
static bool is_origin(const char *text)
{
    struct web_url url;
    if (!is_web_url(text, &url)) return false;
    struct view last = url.port.data ? url.port : url.host;
    return !last.data[last.length] && !strchr(text, '@');
}

static void load_public_url(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct config *config = object;
    struct web_url url;
    if (load_text(loader, node, "public_url", &config->http.public_url) &&
        !is_web_url(config->http.public_url, &url))
        diag_error(loader->diags, DIAG_BAD_VALUE, node->place,
                   "'%s' is no URL that begins with http:// or https://", config->http.public_url);
}

static void load_title(struct loader *loader, const struct yaml_node *node, void *config)
{
    load_text(loader, node, "title", &((struct config *)config)->http.title);
}

static void load_http_hosts(struct loader *loader, const struct yaml_node *node, void *config)
{
    struct path_list *hosts = &((struct config *)config)->http.hosts;
    load_texts(loader, node, "hosts", hosts);
    vec_each(host, hosts) {
        if (!is_host(*host))
            diag_error(loader->diags, DIAG_BAD_VALUE, node->place,
                       "'%s' is no name of a host such as status.shop.example", *host);
    }
}

static void load_origins(struct loader *loader, const struct yaml_node *node, void *config)
{
    struct path_list *origins = &((struct config *)config)->http.origins;
    load_texts(loader, node, "origins", origins);
    vec_each(origin, origins) {
        if (!is_origin(*origin))
            diag_error(loader->diags, DIAG_BAD_VALUE, node->place,
                       "'%s' is no origin such as https://board.example: no path, no star",
                       *origin);
    }
}

static void load_token(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct config *config = object;
    config->http.token.place = node->place;
    if (node->kind == YAML_MAPPING) {
        load_secret_reference(loader, node, &config->http.token);
        return;
    }
    diag_hint(diag_error(loader->diags, DIAG_PLAIN_SECRET, node->place,
                         "the token must be a reference, never text in the configuration"),
              "write {env: NAME}, {file: PATH} or {credential: NAME}");
}

static const struct key_rule http_rules[] = {
    {"listen", load_listen, true, &text_shape, "address and port: `127.0.0.1:9180`"},
    {"public_url", load_public_url, false, &text_shape,
     "of the status page as people reach it, for links in what sinks are told"},
    {"title", load_title, false, &text_shape, "of the status page"},
    {"token", load_token, false, &secret_shape,
     "for whoever acknowledges and silences through the API; without one nobody can"},
    {"hosts", load_http_hosts, false, &texts_shape, "names that people reach it by"},
    {"origins", load_origins, false, &texts_shape, "pages that may read the API from a browser"},
    {0},
};
static const struct shape http_shape = {.kind = SHAPE_MAPPING, .name = "http", .rules = http_rules};

static void load_http(struct loader *loader, const struct yaml_node *node, void *config)
{
    (void)load_mapping(loader, node, "http", http_rules, config);
}

/* --- The whole */

static void keep_policy(struct loader *loader, const struct yaml_node *node, void *config)
{
    (void)loader;
    ((struct config *)config)->policy = node;
}

static void keep_sinks(struct loader *loader, const struct yaml_node *node, void *config)
{
    (void)loader;
    ((struct config *)config)->sinks = node;
}

static const struct shape concurrent_shape = {.kind = SHAPE_COUNT, .least = 1, .most = 100000};

static const struct key_rule config_rules[] = {
    {"journeys", load_journeys, true, &texts_shape, "files and directories of journeys"},
    {"location", load_location, false, &text_shape, "where this prober stands: `berlin`"},
    {"personas", load_personas, false, &text_shape, "a file with personas of your own"},
    {"store", load_store, false, &text_shape, "the file that remembers runs and incidents"},
    {"concurrent", load_concurrent, false, &concurrent_shape, "at most so many runs at once (100)"},
    {"control", load_control, false, &texts_shape,
     "URLs on another network that are known good: when all of them fail, it is we who are blind"},
    {"retention", load_retention, false, &retention_shape, "how long is remembered what happened"},
    {"maintenance", load_maintenance, false, &windows_shape, "when the shop may be away"},
    {"policy", keep_policy, false, &policy_shape, "which incident has which severity"},
    {"sinks", keep_sinks, false, &sinks_shape, "whom incidents are told"},
    {"http", load_http, false, &http_shape, "the status page, the metrics and the API"},
    {"cacert", load_ca_file, false, &text_shape, "trust these certificates, not the system's"},
    {"crl", load_crl_file, false, &text_shape, "refuse the certificates that these lists revoke"},
    {0},
};
const struct shape config_shape = {
    .kind = SHAPE_MAPPING, .name = "configuration", .rules = config_rules};

static bool load_file(const char *path, struct config *config, struct diags *diags)
{
    AUTO_ERROR error = ERROR_NONE;
    struct source *source = source_read(path, &error);
    struct loader loader = {.diags = diags};
    size_t errors = diags->errors;
    if (!source) {
        diag_error(diags, DIAG_UNREADABLE, PLACE_NOWHERE, "%s", error_text(&error));
        return false;
    }
    config->document = yaml_load(source, diags);
    source_free(source);
    if (!config->document) return false;
    const struct yaml_node *root = yaml_root(config->document);
    return root && load_mapping(&loader, root, "the configuration", config_rules, config) &&
           diags->errors == errors;
}

bool config_load(const char *path, struct config *config, struct diags *diags)
{
    *config = (struct config){
        .concurrent = CONFIG_DEFAULT_CONCURRENT,
        .keep_runs_us = CONFIG_DEFAULT_KEEP_RUNS_US,
        .keep_hourly_us = CONFIG_DEFAULT_KEEP_HOURLY_US,
    };
    if (path && !load_file(path, config, diags)) return false;
    if (!config->store) config->store = store_default_path();
    return true;
}

static bool is_same_text(const char *a, const char *b)
{
    return !strcmp(a ? a : "", b ? b : "");
}

static bool is_same_list(const struct path_list *a, const struct path_list *b)
{
    if (a->count != b->count) return false;
    for (size_t i = 0; i < a->count; i++)
        if (strcmp(a->items[i], b->items[i]) != 0) return false;
    return true;
}

void config_print_once(const struct config *before, const struct config *now, struct buf *out)
{
    bool http = is_same_text(before->http.listen, now->http.listen) &&
                is_same_text(before->http.public_url, now->http.public_url) &&
                is_same_text(before->http.title, now->http.title) &&
                is_same_text(before->http.token.from, now->http.token.from) &&
                is_same_list(&before->http.hosts, &now->http.hosts) &&
                is_same_list(&before->http.origins, &now->http.origins);
    bool keeps =
        before->keep_runs_us == now->keep_runs_us && before->keep_hourly_us == now->keep_hourly_us;
    const struct {
        const char *key;
        bool same;
    } keys[] = {
        {"store", is_same_text(before->store, now->store)},
        {"retention", keeps},
        {"concurrent", before->concurrent == now->concurrent},
        {"cacert", is_same_text(before->ca_file, now->ca_file)},
        {"crl", is_same_text(before->crl_file, now->crl_file)},
        {"http", http},
    };
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        if (!keys[i].same) buf_addf(out, "%s%s", out->length ? ", " : "", keys[i].key);
}

/* A mapping with one of these keys, and with no steps: no journey. */
static bool has_any_key(const char *path, const char *const *keys)
{
    AUTO_ERROR error = ERROR_NONE;
    struct diags unsaid = DIAGS_INIT;
    if (!strcmp(path, "-") || file_is_directory(path)) return false;
    struct source *source = source_read(path, &error);
    struct yaml_document *document = source ? yaml_load(source, &unsaid) : NULL;
    const struct yaml_node *root = document ? yaml_root(document) : NULL;
    bool mapping = root && root->kind == YAML_MAPPING && !yaml_get(root, "steps"), any = false;
    for (; mapping && *keys; keys++)
        if (yaml_get(root, *keys)) any = true;
    yaml_document_free(document);
    source_free(source);
    diags_release(&unsaid);
    return any;
}

bool config_is_one(const char *path)
{
    return has_any_key(path, (const char *const[]){"journeys", NULL});
}

bool config_is_policy(const char *path)
{
    return !config_is_one(path) &&
           has_any_key(path, (const char *const[]){"rules", "raise", "lower_after", "resolve_after",
                                                   "remind_every", "flapping", NULL});
}

static void window_release(struct config_window *window)
{
    free(window->name);
    free(window->cron);
    free(window->timezone);
    schedule_free(window->times);
    path_list_release(&window->journeys);
    path_list_release(&window->stages);
    path_list_release(&window->hosts);
}

void config_release(struct config *config)
{
    path_list_release(&config->journeys);
    path_list_release(&config->control);
    path_list_release(&config->http.hosts);
    path_list_release(&config->http.origins);
    free(config->http.listen);
    free(config->http.public_url);
    free(config->http.title);
    free(config->http.token.from);
    vec_each(window, &config->maintenance) window_release(window);
    vec_release(&config->maintenance);
    free(config->location);
    free(config->personas);
    free(config->store);
    free(config->ca_file);
    free(config->crl_file);
    yaml_document_free(config->document);
    *config = (struct config){0};
}
