/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds what must not be written: by its name, by the page that asked for it, by its digits, by
 * where it stands. In doubt it is a secret: a reference too many is taken out by who reads the
 * journey, a password that was written is not.
 */
#include "import/deep.h"
#include "import/origin.h"
#include "import/secret.h"

#include "base/codec.h"

#include <string.h>
#include <strings.h>

#define NAMED_MINIMUM 3 /* of a cookie whose name says what it is */
#define GUARD_MINIMUM 8 /* shorter cookies are words such as "EUR" and "desktop" */

struct collector {
    struct secrets *secrets;
    const struct recording *recording;
    const struct exchange *exchange;
    struct html_matches fields; /* names of inputs that pages asked passwords and cards in */
    bool has_password, has_card;
};

/* --- Names */

static bool name_is_login(const char *name)
{
    static const char *const parts[] = {"email",   "user",     "login", "identifier", "benutzer",
                                        "account", "customer", "mail",  "phone",      NULL};
    static const char *const no_parts[] = {"type",     "agent",  "redirect", "url",
                                           "remember", "return", NULL};
    char word[WORD_SIZE];
    word_of(view_of(name), word);
    return word_has(word, parts) && !word_has(word, no_parts);
}

static bool name_is_expiry(const char *name)
{
    static const char *const words[] = {"exp",     "expiry",     "expiration",     "expires",
                                        "expdate", "expirydate", "expirationdate", "cardexpiry",
                                        "cardexp", "ccexp",      "validthru",      "validuntil",
                                        NULL};
    char word[WORD_SIZE];
    word_of(view_of(name), word);
    return word_is(word, words);
}

static bool is_asked_as_secret(const struct collector *collector, const char *name)
{
    vec_each(field, &collector->fields) {
        if (*name && !strcmp(field->text, name)) return true;
    }
    return false;
}

/* Words that stand where a secret could: a switch, or nothing. */
static bool is_no_secret(struct view value)
{
    static const char *const words[] = {"true", "false", "null", "undefined", "on", "off", NULL};
    for (size_t i = 0; words[i]; i++) {
        if (view_is(value, words[i])) return true;
    }
    return false;
}

/* --- By name, by page, by digits */

/* What stands by itself and may come from an answer is left to the linker. */
static void find_secret(void *context, const struct site_value *value)
{
    struct collector *collector = context;
    if (value->site == SITE_PATH || name_is_csrf(value->name)) return;
    bool inside = value->site == SITE_INSIDE;
    bool asked = is_asked_as_secret(collector, value->name);
    bool card = is_card_number(value->value);
    if (inside && is_no_secret(value->value)) return;
    if (name_is_password(value->name) || (asked && !card && !name_is_card(value->name))) {
        collector->has_password = true;
        secrets_add(collector->secrets, "password", value->value);
    } else if (card) {
        collector->has_card = true;
        secrets_add(collector->secrets, "card_number", value->value);
    } else if (name_is_card(value->name)) {
        collector->has_card = true;
        secrets_add(collector->secrets, value->name, value->value);
    } else if (inside && name_is_secret(value->name)) {
        secrets_add(collector->secrets, value->name, value->value);
    }
}

static void find_login(void *context, const struct site_value *value)
{
    struct collector *collector = context;
    if (value->site == SITE_PATH || value->site == SITE_HEADER || !name_is_login(value->name))
        return;
    if (value->value.length < 2 || name_is_csrf(value->name)) return;
    if (value->site == SITE_INSIDE && is_no_secret(value->value)) return;
    if (secrets_name_of(collector->secrets, value->value)) return;
    bool mail = view_find_char(value->value, '@') != SIZE_MAX;
    secrets_add(collector->secrets, mail ? "email" : "user", value->value);
}

static void find_expiry(void *context, const struct site_value *value)
{
    struct collector *collector = context;
    if (name_is_expiry(value->name) && value->value.length >= REDACT_MINIMUM)
        secrets_add(collector->secrets, "card_expiry", value->value);
}

/* Inputs that a page hides what is typed into, whatever they are called. */
static void collect_fields(struct collector *collector)
{
    static const char selector[] =
        "input[type=password i],input[autocomplete*=password i],"
        "input[autocomplete=one-time-code i],input[autocomplete=cc-number i],"
        "input[autocomplete=cc-csc i],input[autocomplete^=cc-exp i]";
    vec_each(exchange, collector->recording) {
        if (!exchange_has_page(exchange)) continue;
        struct html_matches found = {0};
        if (page_find(exchange->answer, true, selector, "name", &found)) {
            vec_each(match, &found) {
                vec_push(&collector->fields, *match);
                match->text = NULL;
            }
        }
        html_matches_release(&found);
    }
}

/* --- Log-ins that nothing else tells */

static bool is_login(const struct exchange *exchange)
{
    static const char *const parts[] = {"login",  "logon",     "signin", "authenticate",
                                        "anmeld", "connexion", NULL};
    const struct payload *payload = &exchange->payload;
    char word[WORD_SIZE], operation[WORD_SIZE];
    word_of(view_of(exchange->address.path), word);
    word_of(view_of(payload->kind == PAYLOAD_GRAPHQL ? payload->text : ""), operation);
    return !exchange_is_safe(exchange) && (word_has(word, parts) || word_has(operation, parts));
}

static bool was_answered(const struct collector *collector, struct view value)
{
    for (const struct exchange *before = collector->recording->items; before < collector->exchange;
         before++) {
        if (before->answer && view_find(buf_view(&before->answer->body), value) != SIZE_MAX)
            return true;
    }
    return false;
}

/* A value that only the visitor can have known. */
static void find_typed(void *context, const struct site_value *value)
{
    static const char *const no_parts[] = {"remember", "redirect", "return", "next",    "action",
                                           "type",     "lang",     "locale", "submit",  "client",
                                           "country",  "scope",    "device", "version", NULL};
    struct collector *collector = context;
    bool sent = value->site == SITE_FIELD || value->site == SITE_JSON ||
                value->site == SITE_NUMBER || value->site == SITE_INSIDE;
    char word[WORD_SIZE];
    word_of(view_of(value->name), word);
    if (!sent || value->value.length < REDACT_MINIMUM || is_no_secret(value->value)) return;
    if (word_has(word, no_parts) || name_is_csrf(value->name) || name_is_login(value->name)) return;
    if (value->site == SITE_INSIDE && view_find_char(value->value, '!') != SIZE_MAX) return;
    if (secrets_name_of(collector->secrets, value->value)) return;
    if (was_answered(collector, value->value)) return;
    bool mail = view_find_char(value->value, '@') != SIZE_MAX;
    secrets_add(collector->secrets,
                mail    ? "email"
                : *word ? value->name
                        : "password",
                value->value);
}

static void collect_login(struct collector *collector)
{
    const struct payload *payload = &collector->exchange->payload;
    if (payload->kind == PAYLOAD_TEXT)
        secrets_add(collector->secrets, "login_body", view_of(payload->text));
    else
        exchange_each_value(collector->exchange, find_typed, collector);
    exchange_each_deep_value(collector->exchange, find_login, collector);
}

/* --- Headers */

static void find_basic(struct secrets *secrets, struct view encoded)
{
    AUTO_BUF decoded = BUF_INIT(RECORDING_MAX_VALUE_BYTES);
    if (!codec_add_base64_decoded(&decoded, view_trim(encoded))) return;
    struct view password = buf_view(&decoded), user = VIEW_NONE;
    (void)view_split(&password, ':', &user);
    if (user.length) secrets_add(secrets, "user", user);
    if (password.length) secrets_add(secrets, "password", password);
    secrets_guard(secrets, "authorization", view_trim(encoded));
}

static void guard_texts(struct secrets *secrets, const cJSON *node)
{
    const cJSON *child = NULL;
    if (cJSON_IsString(node) && strlen(node->valuestring) >= GUARD_MINIMUM)
        secrets_guard(secrets, "cookie", view_of(node->valuestring));
    cJSON_ArrayForEach(child, node) guard_texts(secrets, child);
}

/* Shops put JSON into cookies, percent-encoded. */
static void guard_cookie(struct secrets *secrets, struct view name, struct view value)
{
    static const char *const parts[] = {"sess", NULL};
    char word[WORD_SIZE];
    AUTO_FREE char *copy = xstrndup(name.data, name.length);
    word_of(name, word);
    bool named = name_is_secret(copy) || word_has(word, parts);
    AUTO_BUF decoded = BUF_INIT(BUF_OWN_CAP), reason = BUF_INIT(BUF_OWN_CAP);
    if (value.length < (named ? NAMED_MINIMUM : GUARD_MINIMUM)) return;
    secrets_guard(secrets, "cookie", value);
    bool good = codec_add_percent_decoded(&decoded, value, false);
    struct view plain = good ? buf_view(&decoded) : value;
    secrets_guard(secrets, "cookie", plain);
    cJSON *root = plain.length && strchr("{[", *plain.data) ? json_parse(plain, &reason) : NULL;
    if (root) guard_texts(secrets, root);
    cJSON_Delete(root);
}

static void guard_cookies(struct secrets *secrets, struct view line, char separator)
{
    struct view pair = VIEW_NONE;
    while (view_split(&line, separator, &pair)) {
        struct view name = VIEW_NONE;
        (void)view_split(&pair, '=', &name);
        guard_cookie(secrets, view_trim(name), view_trim(pair));
    }
}

static void collect_headers(struct secrets *secrets, const struct exchange *exchange)
{
    vec_each(header, &exchange->headers) {
        struct view value = view_of(header->value);
        if (!strcasecmp(header->name, "Cookie")) guard_cookies(secrets, value, ';');
        if (!strcasecmp(header->name, "Authorization") &&
            view_starts_with_nocase(value, VIEW_LITERAL("Basic ")))
            find_basic(secrets, view_from(value, strlen("Basic ")));
    }
    if (!exchange->answer) return;
    vec_each(header, &exchange->answer->headers) {
        struct view rest = view_of(header->value), first = VIEW_NONE;
        if (strcasecmp(header->name, "Set-Cookie") != 0) continue;
        (void)view_split(&rest, ';', &first);
        guard_cookies(secrets, first, '\0');
    }
}

/* --- What came back from another site */

bool is_login_code(const struct exchange *exchange, const char *name)
{
    static const char *const names[] = {"SAMLResponse", "ticket", "id_token", NULL};
    if (word_is(name, names)) return true;
    return !strcmp(name, "code") && (pairs_get(&exchange->address.query, "state") ||
                                     pairs_get(&exchange->payload.fields, "state"));
}

static void guard_codes(struct secrets *secrets, const struct exchange *exchange)
{
    const struct pairs *const lists[] = {&exchange->address.query, &exchange->payload.fields};
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        vec_each(pair, lists[i]) {
            if (is_login_code(exchange, pair->name))
                secrets_guard(secrets, pair->name, view_of(pair->value));
        }
    }
}

/* --- All of it */

static void collect_exchange(struct collector *collector)
{
    const struct exchange *exchange = collector->exchange;
    collector->has_password = collector->has_card = false;
    exchange_each_deep_value(exchange, find_secret, collector);
    if (collector->has_password)
        exchange_each_deep_value(exchange, find_login, collector);
    else if (is_login(exchange))
        collect_login(collector);
    if (collector->has_card) exchange_each_deep_value(exchange, find_expiry, collector);
    collect_headers(collector->secrets, exchange);
    guard_codes(collector->secrets, exchange);
}

void secrets_collect(struct secrets *secrets, const struct recording *recording)
{
    struct collector collector = {.secrets = secrets, .recording = recording};
    collect_fields(&collector);
    vec_each(exchange, recording) {
        collector.exchange = exchange;
        collect_exchange(&collector);
    }
    html_matches_release(&collector.fields);
}
