/* SPDX-License-Identifier: Apache-2.0 */
/* See secret.h. */
#include "import/secret.h"

#include <string.h>
#include <strings.h>

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

bool secret_is_word(struct view value)
{
    return view_find(VIEW_LITERAL(own_words), value) != SIZE_MAX;
}

void secrets_guard(struct secrets *secrets, const char *label, struct view value)
{
    if (!value.length || value.length > RECORDING_MAX_VALUE_BYTES) return;
    if (secret_is_word(value)) return;
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
