/* SPDX-License-Identifier: Apache-2.0 */
/* See conceal.h. */
#include "import/conceal.h"

#include "text/named_value.h"
#include "text/secret_name.h"

#include <string.h>
#include <strings.h>

static void conceal_if_secret(void *context, const struct named_value *found)
{
    bool *secret = context;
    AUTO_FREE char *name = xstrndup(found->name.data, found->name.length);
    if (name_is_secret(name) || name_is_csrf(name) || !strcasecmp(name, "Cookie")) *secret = true;
}

/* me:password@... */
static bool names_a_user(struct view text)
{
    bool colon = false;
    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        if (c == '@' && colon) return true;
        if (strchr("/ '\"?#", c)) colon = false;
        if (c == ':') colon = true;
    }
    return false;
}

void conceal_secrets(struct source *command)
{
    static const char *const options[] = {
        "-u",           "-b", "--user", "--cookie", "--oauth2-bearer", "-U",
        "--proxy-user", "-E", "--cert", "--pass",   "--proxy-pass",    NULL};
    struct view rest = source_bytes(command), text = VIEW_NONE;
    for (uint32_t number = 1; view_split(&rest, '\n', &text); number++) {
        bool secret = false;
        named_values_each(text, conceal_if_secret, &secret);
        for (size_t i = 0; options[i]; i++)
            secret = secret || view_find(text, view_of(options[i])) != SIZE_MAX;
        secret = secret || names_a_user(text);
        if (secret) source_conceal(command, number);
    }
}
