/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command line of curl (man curl) as one request. A table says what each option means here; what
 * is about the connection or the terminal is passed over, what would weaken TLS is said and not
 * taken over, and what cannot be kept is an error with its place.
 */
#include "import/import.h"

#include "import/conceal.h"
#include "import/link.h"
#include "import/words.h"
#include "import/write.h"

#include "base/codec.h"

#include <string.h>
#include <strings.h>

#define MAX_COMMAND_BYTES ((size_t)1 << 20)

struct command_line {
    struct source *source;
    struct words words;
    size_t at; /* the word that is read */
    struct diags *diags;
    struct buf *notes;
    struct exchange exchange;
    struct buf data;    /* of -d and its kin, joined by '&' */
    struct buf query;   /* of --url-query, joined so */
    const char *option; /* the long name of the one that is applied */
    char *url;
    size_t url_word;
    bool has_data, has_json, get, head, follow, no_patterns;
};

typedef void take_option(struct command_line *line, const char *value);

static struct diag *refuse(struct command_line *line, const char *what)
{
    const struct word *word = &line->words.items[line->at];
    return diag_error(line->diags, DIAG_BAD_VALUE, words_place(line->source, word->from, word->to),
                      "%s", what);
}

/* --- What the options do */

static void add_header(struct command_line *line, const char *name, struct view value)
{
    headers_add(&line->exchange.headers, view_of(name), value);
}

static void take_header(struct command_line *line, const char *value)
{
    struct view rest = view_of(value), name = VIEW_NONE;
    if (*value == '@') {
        refuse(line, "headers out of a file cannot be taken over");
        return;
    }
    size_t colon = view_find_char(rest, ':');
    if (colon == SIZE_MAX) {
        if (view_ends_with(rest, VIEW_LITERAL(";"))) return; /* an empty header */
        diag_hint(refuse(line, "a header needs a name and a colon"), "-H 'Name: value'");
        return;
    }
    (void)view_split(&rest, ':', &name);
    rest = view_trim(rest);
    if (!view_trim(name).length && colon == 0)
        return; /* HTTP/2's own, as some browsers copy them */
    AUTO_FREE char *text = xstrndup(view_trim(name).data, view_trim(name).length);
    if (!header_name_is_good(text))
        refuse(line, "this is no name of a header (RFC 9110)");
    else if (rest.length)
        add_header(line, text, rest);
}

static void take_method(struct command_line *line, const char *value)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", NULL};
    if (!word_is(value, methods)) {
        diag_suggest(refuse(line, "a journey has no step for this method"), view_of(value),
                     methods);
        return;
    }
    free(line->exchange.method);
    line->exchange.method = xstrdup(value);
}

static void add_data(struct command_line *line, struct view text)
{
    if (line->has_data) buf_add_char(&line->data, '&');
    buf_add_view(&line->data, text);
    line->has_data = true;
}

static void refuse_file(struct command_line *line)
{
    diag_hint(refuse(line, "the body stands in a file, which is not read"),
              "put its text into the command");
}

static void take_upload(struct command_line *line, const char *value)
{
    (void)value;
    refuse_file(line);
}

static void take_data(struct command_line *line, const char *value)
{
    if (*value == '@')
        refuse_file(line);
    else
        add_data(line, view_of(value));
}

static void take_raw(struct command_line *line, const char *value)
{
    add_data(line, view_of(value));
}

static void take_json(struct command_line *line, const char *value)
{
    line->has_json = true;
    if (*value == '@') {
        refuse_file(line);
        return;
    }
    buf_add_text(&line->data, value);
    line->has_data = true;
}

/* "content", "=content", "name=content"; with a file where '@' comes before any '='. */
static bool add_urlencoded(struct command_line *line, const char *value, struct buf *out)
{
    size_t name = strcspn(value, "=@");
    if (value[name] == '@') {
        refuse_file(line);
        return false;
    }
    const char *content = value[name] ? value + name + 1 : value;
    if (value[name] && name) buf_addf(out, "%.*s=", (int)name, value);
    codec_add_form(out, view_of(content));
    return true;
}

static void take_urlencoded(struct command_line *line, const char *value)
{
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    if (add_urlencoded(line, value, &text)) add_data(line, buf_view(&text));
}

/* The same for the URL, or behind a '+' as it stands. */
static void take_query(struct command_line *line, const char *value)
{
    if (line->query.length) buf_add_char(&line->query, '&');
    if (*value == '+')
        buf_add_text(&line->query, value + 1);
    else
        (void)add_urlencoded(line, value, &line->query);
}

/* `"a;b"`: the content of a part in quotes, with backslashes before '"' and '\\'. */
static bool unquote(struct view text, struct buf *out)
{
    if (!text.length || *text.data != '"') return false;
    for (size_t i = 1; i < text.length && text.data[i] != '"'; i++) {
        bool escaped = text.data[i] == '\\' && i + 1 < text.length;
        if (escaped && strchr("\"\\", text.data[i + 1])) i++;
        buf_add_char(out, text.data[i]);
    }
    return true;
}

static void add_part(struct command_line *line, const char *value, bool literal)
{
    struct view rest = view_of(value), name = VIEW_NONE;
    struct pairs *fields = &line->exchange.payload.fields;
    if (!strchr(value, '=')) {
        diag_hint(refuse(line, "a part needs a name"), "-F name=value");
        return;
    }
    (void)view_split(&rest, '=', &name);
    line->exchange.payload.kind = PAYLOAD_MULTIPART;
    bool file = !literal && rest.length && *rest.data == '@';
    if (!literal && rest.length && *rest.data == '<') {
        refuse_file(line);
        return;
    }
    AUTO_BUF unquoted = BUF_INIT(RECORDING_MAX_BODY_BYTES);
    struct view content = rest;
    if (!literal && unquote(rest, &unquoted))
        content = buf_view(&unquoted);
    else if (!literal)
        (void)view_split(&rest, ';', &content); /* ";type=" */
    pairs_add(fields, name, file ? VIEW_NONE : content);
    if (file) vec_last(fields)->file = xstrndup(content.data + 1, content.length - 1);
}

static void take_form(struct command_line *line, const char *value)
{
    add_part(line, value, false);
}

static void take_form_string(struct command_line *line, const char *value)
{
    add_part(line, value, true);
}

static void take_user(struct command_line *line, const char *value)
{
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    if (!strchr(value, ':')) {
        diag_hint(refuse(line, "curl would ask for the password"), "-u NAME:PASSWORD");
        return;
    }
    buf_add_text(&text, "Basic ");
    codec_add_base64(&text, view_of(value));
    add_header(line, "Authorization", buf_view(&text));
    explicit_bzero(text.data, text.length);
}

static void take_bearer(struct command_line *line, const char *value)
{
    AUTO_FREE char *text = xasprintf("Bearer %s", value);
    add_header(line, "Authorization", view_of(text));
}

static void take_cookie(struct command_line *line, const char *value)
{
    if (strchr(value, '=')) add_header(line, "Cookie", view_of(value));
}

static void take_agent(struct command_line *line, const char *value)
{
    add_header(line, "User-Agent", view_of(value));
}

static void take_referer(struct command_line *line, const char *value)
{
    struct view rest = view_of(value), url = VIEW_NONE;
    (void)view_split(&rest, ';', &url); /* ";auto" */
    if (url.length) add_header(line, "Referer", url);
}

static void take_url(struct command_line *line, const char *value)
{
    if (line->url) {
        refuse(line, "a second URL: one request at a time");
        return;
    }
    bool bare = !strstr(value, "://") && strncmp(value, "/", 1) != 0;
    line->url = bare ? xasprintf("http://%s", value) : xstrdup(value);
    line->url_word = line->at;
}

static void take_get(struct command_line *line, const char *value)
{
    (void)value;
    line->get = true;
}

static void take_head(struct command_line *line, const char *value)
{
    (void)value;
    line->head = true;
}

static void take_location(struct command_line *line, const char *value)
{
    (void)value;
    line->follow = true;
}

static void take_insecure(struct command_line *line, const char *value)
{
    (void)value;
    buf_add_text(line->notes, "-k is not taken over: a journey always checks the certificate, as "
                              "browsers do\n");
}

static void refuse_scheme(struct command_line *line, const char *value)
{
    (void)value;
    refuse(line, "a journey signs in with a name and a password (-u), or a token, alone");
}

static void take_next(struct command_line *line, const char *value)
{
    (void)value;
    refuse(line, "one request at a time: import what follows by itself");
}

static void take_globoff(struct command_line *line, const char *value)
{
    (void)value;
    line->no_patterns = true;
}

static void pass_over(struct command_line *line, const char *value)
{
    (void)line;
    (void)value;
}

static void say_left_out(struct command_line *line, const char *value)
{
    (void)value;
    buf_addf(line->notes, "--%s is left out: a journey has no place for it\n", line->option);
}

struct curl_option {
    char letter;
    const char *name;
    bool has_value;
    take_option *apply;
};

static const struct curl_option curl_options[] = {
    {'X', "request", true, take_method},
    {'H', "header", true, take_header},
    {'d', "data", true, take_data},
    {0, "data-ascii", true, take_data},
    {0, "data-binary", true, take_data},
    {0, "data-raw", true, take_raw},
    {0, "data-urlencode", true, take_urlencoded},
    {0, "json", true, take_json},
    {'F', "form", true, take_form},
    {0, "form-string", true, take_form_string},
    {'u', "user", true, take_user},
    {'T', "upload-file", true, take_upload},
    {0, "oauth2-bearer", true, take_bearer},
    {0, "basic", false, pass_over},
    {'b', "cookie", true, take_cookie},
    {'A', "user-agent", true, take_agent},
    {'e', "referer", true, take_referer},
    {'G', "get", false, take_get},
    {'I', "head", false, take_head},
    {'L', "location", false, take_location},
    {0, "location-trusted", false, take_location},
    {'k', "insecure", false, take_insecure},
    {0, "url", true, take_url},
    {0, "url-query", true, take_query},
    {0, "next", false, take_next},
    {0, "digest", false, refuse_scheme},
    {0, "ntlm", false, refuse_scheme},
    {0, "negotiate", false, refuse_scheme},
    {'n', "netrc", false, refuse_scheme},
    {0, "compressed", false, pass_over},
    {'s', "silent", false, pass_over},
    {'S', "show-error", false, pass_over},
    {'v', "verbose", false, pass_over},
    {'i', "include", false, pass_over},
    {'f', "fail", false, pass_over},
    {0, "fail-with-body", false, pass_over},
    {'#', "progress-bar", false, pass_over},
    {'N', "no-buffer", false, pass_over},
    {'g', "globoff", false, take_globoff},
    {0, "path-as-is", false, pass_over},
    {0, "http1.0", false, pass_over},
    {0, "http1.1", false, pass_over},
    {0, "http2", false, pass_over},
    {0, "http2-prior-knowledge", false, pass_over},
    {0, "http3", false, pass_over},
    {0, "tlsv1.2", false, pass_over},
    {0, "tlsv1.3", false, pass_over},
    {0, "ssl-no-revoke", false, pass_over},
    {'q', "disable", false, pass_over},
    {'o', "output", true, pass_over},
    {'O', "remote-name", false, pass_over},
    {'w', "write-out", true, pass_over},
    {'c', "cookie-jar", true, pass_over},
    {'D', "dump-header", true, pass_over},
    {'m', "max-time", true, say_left_out},
    {0, "connect-timeout", true, say_left_out},
    {0, "max-redirs", true, say_left_out},
    {0, "retry", true, say_left_out},
    {'x', "proxy", true, say_left_out},
    {0, "resolve", true, say_left_out},
    {0, "cacert", true, say_left_out},
    {'E', "cert", true, say_left_out},
    {0, "key", true, say_left_out},
    {0, "pass", true, say_left_out},
    {'U', "proxy-user", true, say_left_out},
    {0, "noproxy", true, say_left_out},
    {'r', "range", true, say_left_out},
    {0, "limit-rate", true, say_left_out},
    {0, "max-filesize", true, say_left_out},
    {'4', "ipv4", false, pass_over},
    {'6', "ipv6", false, pass_over},
    {0},
};

/* --- Reading the words */

static void refuse_unknown(struct command_line *line, const char *name, bool long_name)
{
    const char *candidates[COUNT_OF(curl_options) + 1] = {NULL};
    for (size_t i = 0; curl_options[i].name; i++) candidates[i] = curl_options[i].name;
    const struct word *word = &line->words.items[line->at];
    struct diag *diag =
        diag_error(line->diags, DIAG_UNKNOWN_KEY, words_place(line->source, word->from, word->to),
                   "an option of curl that is not known here");
    if (long_name) diag_suggest(diag, view_of(name), candidates);
}

/* The value stands behind the letter, or is the next word. */
static void take_with_value(struct command_line *line, const struct curl_option *option,
                            const char *attached)
{
    if (attached && *attached) {
        option->apply(line, attached);
        return;
    }
    if (line->at + 1 >= line->words.count) {
        refuse(line, "this option needs a value");
        return;
    }
    line->at++;
    option->apply(line, line->words.items[line->at].text);
}

static void read_long(struct command_line *line, const char *name)
{
    for (const struct curl_option *option = curl_options; option->name; option++) {
        if (strcmp(option->name, name) != 0) continue;
        line->option = option->name;
        if (option->has_value)
            take_with_value(line, option, NULL);
        else
            option->apply(line, NULL);
        return;
    }
    if (!strncmp(name, "no-", 3)) return; /* --no-keepalive, --no-buffer: nothing a journey says */
    refuse_unknown(line, name, true);
}

static const struct curl_option *option_of(char letter)
{
    for (const struct curl_option *option = curl_options; option->name; option++) {
        if (option->letter == letter) return option;
    }
    return NULL;
}

static void read_letters(struct command_line *line, const char *letters)
{
    for (; *letters; letters++) {
        const struct curl_option *option = *letters == ':' ? NULL : option_of(*letters);
        if (!option) {
            refuse_unknown(line, letters, false);
            return;
        }
        line->option = option->name;
        if (option->has_value) {
            take_with_value(line, option, letters + 1);
            return;
        }
        option->apply(line, NULL);
    }
}

static bool is_curl(const char *word)
{
    const char *slash = strrchr(word, '/');
    const char *name = slash ? slash + 1 : word;
    return !strcasecmp(name, "curl") || !strcasecmp(name, "curl.exe");
}

static void read_words(struct command_line *line)
{
    const struct words *words = &line->words;
    if (words->count && !strcmp(words->items[0].text, "$")) line->at++; /* a prompt */
    if (line->at >= words->count || !is_curl(words->items[line->at].text)) {
        diag_error(line->diags, DIAG_SYNTAX,
                   words_place(line->source, 0, words->count ? words->items[0].to : 0),
                   "this is no curl command: it begins otherwise");
        return;
    }
    for (line->at++; line->at < words->count; line->at++) {
        const char *text = words->items[line->at].text;
        if (text[0] == '-' && text[1] == '-' && text[2])
            read_long(line, text + 2);
        else if (text[0] == '-' && text[1] && strcmp(text, "--") != 0)
            read_letters(line, text + 1);
        else if (strcmp(text, "--") != 0)
            take_url(line, text);
    }
}

/* --- The request */

static void finish_body(struct command_line *line)
{
    struct exchange *exchange = &line->exchange;
    const char *type = headers_get(&exchange->headers, "Content-Type");
    if (line->has_json && !type) type = "application/json";
    if (line->has_json && !headers_get(&exchange->headers, "Accept"))
        add_header(line, "Accept", VIEW_LITERAL("application/json"));
    if (!type) type = "application/x-www-form-urlencoded";
    pairs_add_query(&exchange->address.query, buf_view(&line->query));
    if (line->has_data && (line->get || line->head))
        pairs_add_query(&exchange->address.query, buf_view(&line->data));
    else if (line->has_data && exchange->payload.kind == PAYLOAD_NONE)
        payload_read(view_of(type), buf_view(&line->data), &exchange->payload);
    if (exchange->method) return;
    bool sends = exchange->payload.kind != PAYLOAD_NONE || (line->has_data && !line->get);
    exchange->method = xstrdup(line->head ? "HEAD" : sends ? "POST" : "GET");
}

/* Browsers put a backslash before what would be a pattern to curl: {a,b}, [1-9]. */
static void unescape_patterns(char *url)
{
    char *to = url;
    for (const char *from = url; *from; from++) {
        if (*from == '\\' && from[1] && strchr("[]{}", from[1])) from++;
        *to++ = *from;
    }
    *to = '\0';
}

static bool finish(struct command_line *line)
{
    if (!line->diags->errors && !line->url) {
        line->at = 0;
        refuse(line, "the command has no URL");
    }
    if (line->diags->errors) return false;
    line->at = line->url_word;
    if (!line->no_patterns) unescape_patterns(line->url);
    if (!address_parse(view_of(line->url), &line->exchange.address)) {
        diag_hint(refuse(line, "this is no URL that a shopper goes to"), "https://HOST/PATH");
        return false;
    }
    address_add_user(view_of(line->url), &line->exchange.headers); /* as -u does */
    finish_body(line);
    if (headers_get(&line->exchange.headers, "Cookie"))
        buf_add_text(line->notes, "cookies are left out: a journey gets its own, by logging in\n");
    return true;
}

static bool write_request(struct command_line *line, const struct import_options *options,
                          struct buf *out)
{
    struct recording recording = {0};
    struct visit visit = {0};
    struct linked linked = {0};
    AUTO_ERROR error = ERROR_NONE;
    vec_push(&recording, line->exchange);
    memset(&line->exchange, 0, sizeof(line->exchange));
    visit.home = recording.items;
    struct visit_step *step = vec_add(&visit.steps);
    *step = (struct visit_step){.exchange = recording.items,
                                .arrived = &recording.items->address,
                                .no_follow = !line->follow};
    visit_recognise(&visit);
    link_values(&recording, &visit, &linked);
    bool written = journey_write(&visit, &linked, options, out, line->notes, &error);
    if (!written) diag_error(line->diags, DIAG_LIMIT, PLACE_NOWHERE, "%s", error_text(&error));
    linked_release(&linked);
    visit_release(&visit);
    recording_release(&recording);
    return written;
}

bool import_curl(struct view command, const struct import_options *options, struct buf *out,
                 struct buf *notes, struct diags *diags)
{
    struct command_line line = {.diags = diags,
                                .notes = notes,
                                .data = BUF_INIT(RECORDING_MAX_BODY_BYTES),
                                .query = BUF_INIT(RECORDING_MAX_BODY_BYTES)};
    if (command.length > MAX_COMMAND_BYTES) {
        diag_error(diags, DIAG_LIMIT, PLACE_NOWHERE, "the command is larger than 1 MB");
        return false;
    }
    line.source = source_new("command", command);
    conceal_secrets(line.source);
    bool good = words_split(line.source, &line.words, diags);
    if (good) {
        read_words(&line);
        good = finish(&line) && write_request(&line, options, out);
    }
    exchange_release(&line.exchange);
    if (line.data.data) explicit_bzero(line.data.data, line.data.length);
    buf_release(&line.data);
    buf_release(&line.query);
    free(line.url);
    words_release(&line.words);
    source_free(line.source);
    return good;
}
