/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What must not be read of a text of the configuration: a secret, and the parts of it that a
 * receiver may answer with. A URL is one, too, wherever it was written: who knows its path or query
 * can often write there. See internal.h.
 */
#include "base/codec.h"
#include "base/redact.h"
#include "sink/internal.h"

#include <string.h>

#define WORD_BYTES ((size_t)8) /* shorter parts of a URL are words: "hooks", "v2" */
#define WHSEC VIEW_LITERAL("whsec_")

static void hide(struct redactor *redactor, const char *name, struct view part, size_t least)
{
    if (part.length >= least) redactor_add(redactor, name, part);
}

/* "user:password", and each of them. */
static void hide_pair(struct redactor *redactor, const char *name, struct view pair)
{
    size_t colon = view_find_char(pair, ':');
    hide(redactor, name, pair, 1);
    if (colon == SIZE_MAX) return;
    hide(redactor, name, view_slice(pair, 0, colon), WORD_BYTES);
    hide(redactor, name, view_from(pair, colon + 1), 1);
}

static void hide_query(struct redactor *redactor, const char *name, struct view query)
{
    for (struct view part; view_split(&query, '&', &part);) {
        size_t equals = view_find_char(part, '=');
        hide(redactor, name, equals == SIZE_MAX ? part : view_from(part, equals + 1), WORD_BYTES);
    }
}

static void hide_url(struct redactor *redactor, const char *name, struct view url)
{
    size_t scheme = view_find(url, VIEW_LITERAL("://"));
    if (scheme == SIZE_MAX) return;
    struct view rest = view_from(url, scheme + 3);
    size_t slash = strcspn(rest.data, "/?#");
    struct view authority = view_slice(rest, 0, slash), path = view_from(rest, slash);
    size_t at = view_find_char(authority, '@'), mark = view_find_char(path, '?');
    if (at != SIZE_MAX) hide_pair(redactor, name, view_slice(authority, 0, at));
    hide(redactor, name, path, WORD_BYTES);
    if (mark != SIZE_MAX) {
        hide_query(redactor, name, view_from(path, mark + 1));
        path = view_slice(path, 0, mark);
        hide(redactor, name, path, WORD_BYTES);
    }
    for (struct view segment; view_split(&path, '/', &segment);)
        hide(redactor, name, segment, WORD_BYTES);
}

/* "Bearer TOKEN", "Basic dXNlcjpwYXNz": what follows the scheme is the secret. */
static void hide_credentials(struct redactor *redactor, const char *name, struct view value)
{
    AUTO_BUF decoded = BUF_INIT(BUF_OWN_CAP);
    size_t space = view_find_char(value, ' ');
    if (space == SIZE_MAX) return;
    struct view credentials = view_trim(view_from(value, space + 1));
    hide(redactor, name, credentials, 1);
    if (!view_starts_with_nocase(value, VIEW_LITERAL("Basic "))) return;
    if (codec_add_base64_decoded(&decoded, credentials))
        hide_pair(redactor, name, buf_view(&decoded));
    if (decoded.data) explicit_bzero(decoded.data, decoded.length);
}

void sink_text_hide(const struct sink_text *text, struct redactor *redactor)
{
    struct view value = view_of(text->value);
    bool is_url = text->check == sink_check_url;
    if (!is_url && !text->is_secret && text->origin == SINK_TEXT_LITERAL) return;
    redactor_add(redactor, text->key, value);
    if (is_url) hide_url(redactor, text->key, value);
    if (!text->is_secret) return;
    hide_credentials(redactor, text->key, value);
    if (view_starts_with(value, WHSEC))
        hide(redactor, text->key, view_from(value, WHSEC.length), 1);
}
