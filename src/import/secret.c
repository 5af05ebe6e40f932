/* SPDX-License-Identifier: Apache-2.0 */
/* See secret.h. */
#include "import/secret.h"

#include "base/codec.h"

#include <string.h>
#include <strings.h>

#define GUARD_MINIMUM 8 /* shorter cookies are words such as "EUR" and "desktop" */

void secrets_init(struct secrets *secrets)
{
    *secrets = (struct secrets){.redactor = redactor_new()};
}

void secrets_release(struct secrets *secrets)
{
    vec_each(secret, secrets) {
        explicit_bzero(secret->value, strlen(secret->value));
        free(secret->value);
        free(secret->name);
    }
    free(secrets->items);
    redactor_free(secrets->redactor);
    map_release(&secrets->guarded);
    memset(secrets, 0, sizeof(*secrets));
}

/* --- Names */

bool name_is_password(const char *name)
{
    static const char *const parts[] = {"password", "passwd",     "passphrase", "passwort",
                                        "kennwort", "motdepasse", "contrasena", NULL};
    static const char *const whole[] = {"pwd", "pass", "pw", "userpwd", "loginpass", NULL};
    static const char *const no_parts[] = {"reset", "forgot", "hint", "policy", "field", NULL};
    char word[WORD_SIZE];
    word_of(view_of(name), word);
    return (word_has(word, parts) || word_is(word, whole)) && !word_has(word, no_parts);
}

bool name_is_csrf(const char *name)
{
    static const char *const parts[] = {"csrf",  "xsrf",    "authenticity", "requestverification",
                                        "nonce", "formkey", "viewstate",    "antiforgery",
                                        NULL};
    char word[WORD_SIZE];
    word_of(view_of(name), word);
    return word_has(word, parts);
}

bool name_is_secret(const char *name)
{
    static const char *const parts[] = {"apikey",    "accesskey",  "privatekey", "secretkey",
                                        "clientkey", "credential", NULL};
    static const char *const ends[] = {"secret", "token", "pwd", "authorization",
                                       "jwt",    "otp",   NULL};
    static const char *const cards[] = {"cardnumber", "ccnumber",     "cvc", "cvv", "cardcode",
                                        "iban",       "securitycode", "pan", NULL};
    char word[WORD_SIZE];
    word_of(view_of(name), word);
    if (name_is_csrf(name)) return false;
    if (name_is_password(name) || word_has(word, parts) || word_is(word, cards)) return true;
    for (size_t i = 0; ends[i]; i++) {
        if (view_ends_with(view_of(word), view_of(ends[i]))) return true;
    }
    return false;
}

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

/* "X-Api-Key" gives "x_api_key": a name of the language. */
char *name_identifier(const char *name)
{
    AUTO_BUF out = BUF_INIT(WORD_SIZE);
    for (; *name && out.length < 40; name++) {
        bool letter = (*name | 32) >= 'a' && (*name | 32) <= 'z';
        bool upper = letter && *name <= 'Z';
        bool digit = *name >= '0' && *name <= '9' && out.length;
        bool gap = out.length && out.data[out.length - 1] == '_';
        bool camel = upper && name[1] >= 'a' && name[1] <= 'z';
        if ((camel || (!letter && !digit)) && out.length && !gap) buf_add_char(&out, '_');
        if (letter || digit) buf_add_char(&out, letter ? (char)(*name | 32) : *name);
    }
    while (out.length && out.data[out.length - 1] == '_') buf_truncate(&out, out.length - 1);
    return out.length ? buf_take(&out) : xstrdup("key");
}

/* --- The list */

const char *secrets_name_of(const struct secrets *secrets, struct view value)
{
    vec_each(secret, secrets) {
        if (view_equals(view_of(secret->value), value)) return secret->name;
    }
    return NULL;
}

static bool name_is_taken(const struct secrets *secrets, const char *name)
{
    vec_each(secret, secrets) {
        if (!strcmp(secret->name, name)) return true;
    }
    return false;
}

/* What stands in every journey. A secret that is one of these words ("password") is
 * replaced where it was sent, but not in names and sentences: there it tells nobody anything. */
static const char own_words[] =
    "imported from requests read it once more before runs journey description base env shop url "
    "recorded at allow_hosts secrets vars steps finally name stage check capture creates undo only "
    "at_most status cookie price cart session css attr content currency more_than message exists "
    "contains ends_with all count at_least json form field regex header form query headers auth "
    "basic bearer user password email token login price-view add-to-cart checkout log in out open "
    "the see add to cart graphql operation variables multipart text file post get put patch delete "
    "head accept application shopper test itemprop offers true false null orders order line key";

void secrets_guard(struct secrets *secrets, const char *label, struct view value)
{
    if (!value.length || value.length > RECORDING_MAX_VALUE_BYTES) return;
    if (view_find(VIEW_LITERAL(own_words), value) != SIZE_MAX) return;
    if (map_get(&secrets->guarded, value)) return;
    secrets->overflowed = map_size(&secrets->guarded) >= SECRETS_MAX_GUARDED;
    if (secrets->overflowed) return;
    map_set(&secrets->guarded, value, secrets);
    (void)redactor_add(secrets->redactor, label, value);
}

const char *secrets_add(struct secrets *secrets, const char *name, struct view value)
{
    const char *known = secrets_name_of(secrets, value);
    if (known) return known;
    AUTO_FREE char *base = name_identifier(name);
    AUTO_FREE char *unique = xstrdup(base);
    for (unsigned n = 2; name_is_taken(secrets, unique); n++) {
        free(unique);
        unique = xasprintf("%s_%u", base, n);
    }
    struct secret *secret = vec_add(secrets);
    secret->name = take(unique);
    secret->value = xstrndup(value.data, value.length);
    secrets_guard(secrets, secret->name, view_of(secret->value));
    return secret->name;
}

/* --- Collecting */

struct collector {
    struct secrets *secrets;
    bool has_password;
};

static void find_password(void *context, const struct site_value *value)
{
    struct collector *collector = context;
    if (value->site == SITE_PATH || !name_is_password(value->name)) return;
    collector->has_password = true;
    secrets_add(collector->secrets, "password", value->value);
}

static void find_login(void *context, const struct site_value *value)
{
    struct collector *collector = context;
    if (value->site == SITE_PATH || value->site == SITE_HEADER || !name_is_login(value->name))
        return;
    if (value->value.length < 2 || name_is_csrf(value->name)) return;
    if (secrets_name_of(collector->secrets, value->value)) return;
    bool mail = view_find_char(value->value, '@') != SIZE_MAX;
    secrets_add(collector->secrets, mail ? "email" : "user", value->value);
}

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

static void guard_cookies(struct secrets *secrets, struct view line, char separator)
{
    struct view pair = VIEW_NONE;
    while (view_split(&line, separator, &pair)) {
        struct view name = VIEW_NONE;
        (void)view_split(&pair, '=', &name);
        pair = view_trim(pair);
        if (pair.length >= GUARD_MINIMUM) secrets_guard(secrets, "cookie", pair);
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

void secrets_collect(struct secrets *secrets, const struct recording *recording)
{
    vec_each(exchange, recording) {
        struct collector collector = {.secrets = secrets};
        exchange_each_value(exchange, find_password, &collector);
        if (collector.has_password) exchange_each_value(exchange, find_login, &collector);
        collect_headers(secrets, exchange);
    }
}
