/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See redact.h. All forms of all secrets stand in one list, longest first for each first byte, so
 * that text without secrets costs one table look-up a byte. They stand in a second one with their
 * own escapes undone, which is held against text with its escapes undone, if it has any.
 */
#include "base/redact.h"

#include "base/codec.h"
#include "base/map.h"
#include "base/unescape.h"
#include "base/vec.h"

#include <stdint.h>
#include <string.h>

#define WINDOW_BYTES ((size_t)1 << 20) /* of text whose escapes are undone at a time */
#define ESCAPE_MOST 16                 /* bytes that a byte of a secret may have become */

struct form {
    char *bytes;
    size_t length;
    char *label;
    bool whole_word;
    struct form *next; /* with the same first byte */
};

struct forms {
    struct form *by_first_byte[256];
};

struct redactor {
    struct forms written, unescaped;
    size_t longest;       /* of all forms */
    struct map too_short; /* names of what is, a set */
};

/* A secret in a text, behind escapes. */
struct hidden {
    size_t from, to;
    const char *label;
};
struct hidden_list {
    struct hidden *items;
    size_t count, capacity; /* a VEC, in the order of the text */
};

struct redactor *redactor_new(void)
{
    struct redactor *redactor = NEW(struct redactor);
    redactor->too_short = MAP_INIT(NULL);
    return redactor;
}

static void forms_release(struct forms *forms)
{
    for (size_t i = 0; i < COUNT_OF(forms->by_first_byte); i++) {
        for (struct form *form = forms->by_first_byte[i], *next; form; form = next) {
            next = form->next;
            explicit_bzero(form->bytes, form->length);
            free(form->bytes);
            free(form->label);
            free(form);
        }
    }
}

void redactor_free(struct redactor *redactor)
{
    if (!redactor) return;
    forms_release(&redactor->written);
    forms_release(&redactor->unescaped);
    map_release(&redactor->too_short);
    free(redactor);
}

static void forms_add(struct forms *forms, const char *name, struct view bytes, bool whole_word)
{
    struct form **at = &forms->by_first_byte[(unsigned char)bytes.data[0]];
    while (*at && (*at)->length > bytes.length) at = &(*at)->next;
    for (const struct form *same = *at; same && same->length == bytes.length; same = same->next) {
        if (!memcmp(same->bytes, bytes.data, bytes.length)) return;
    }
    struct form *form = NEW(struct form);
    *form = (struct form){
        .bytes = xstrndup(bytes.data, bytes.length),
        .length = bytes.length,
        .label = xasprintf("[redacted:%s]", name),
        .whole_word = whole_word,
        .next = *at,
    };
    *at = form;
}

static void add_form(struct redactor *redactor, const char *name, struct view bytes)
{
    if (!bytes.length) return;
    if (bytes.length > redactor->longest) redactor->longest = bytes.length;
    forms_add(&redactor->written, name, bytes, false);
    struct unescaped unescaped = unescape(bytes);
    if (unescaped.length) {
        forms_add(&redactor->unescaped, name, (struct view){unescaped.bytes, unescaped.length},
                  unescaped.length < REDACT_MINIMUM);
    }
    explicit_bzero(unescaped.bytes, bytes.length);
    unescaped_release(&unescaped);
}

static void add_encoded(struct redactor *redactor, const char *name, struct view secret,
                        bool (*encode)(struct buf *, struct view))
{
    AUTO_BUF encoded = BUF_INIT(BUF_OWN_CAP);
    encode(&encoded, secret);
    add_form(redactor, name, buf_view(&encoded));
    /* %2f as well as %2F */
    for (size_t i = 0; i + 2 < encoded.length; i++) {
        if (encoded.data[i] != '%') continue;
        for (size_t k = i + 1; k <= i + 2; k++) {
            if (encoded.data[k] >= 'A' && encoded.data[k] <= 'F')
                encoded.data[k] = (char)(encoded.data[k] + 32);
        }
        i += 2;
    }
    add_form(redactor, name, buf_view(&encoded));
    if (encoded.data) explicit_bzero(encoded.data, encoded.length);
}

/* The characters of base64 that depend on nothing but the secret, when it starts `shift` bytes into
 * a group of three. */
static void add_base64(struct redactor *redactor, const char *name, struct view secret,
                       size_t shift)
{
    AUTO_BUF padded = BUF_INIT(BUF_OWN_CAP), encoded = BUF_INIT(BUF_OWN_CAP);
    buf_add(&padded, "\0\0", shift);
    buf_add_view(&padded, secret);
    codec_add_base64(&encoded, buf_view(&padded));
    size_t from = shift ? shift + 1 : 0;
    size_t to = padded.length * 8 / 6;
    struct view core = view_slice(buf_view(&encoded), from, to > from ? to - from : 0);
    if (core.length >= REDACT_MINIMUM) add_form(redactor, name, core);
    for (size_t i = 0; i < encoded.length; i++) {
        if (encoded.data[i] == '+') encoded.data[i] = '-';
        if (encoded.data[i] == '/') encoded.data[i] = '_';
    }
    if (core.length >= REDACT_MINIMUM) add_form(redactor, name, core);
    explicit_bzero(padded.data, padded.length);
    explicit_bzero(encoded.data, encoded.length);
}

static void add_hex(struct redactor *redactor, const char *name, struct view secret)
{
    AUTO_BUF lower = BUF_INIT(BUF_OWN_CAP), upper = BUF_INIT(BUF_OWN_CAP);
    for (size_t i = 0; i < secret.length; i++) {
        buf_addf(&lower, "%02x", (unsigned char)secret.data[i]);
        buf_addf(&upper, "%02X", (unsigned char)secret.data[i]);
    }
    add_form(redactor, name, buf_view(&lower));
    add_form(redactor, name, buf_view(&upper));
    explicit_bzero(lower.data, lower.length);
    explicit_bzero(upper.data, upper.length);
}

static void add_forms(struct redactor *redactor, const char *name, struct view secret)
{
    add_form(redactor, name, secret);
    add_encoded(redactor, name, secret, codec_add_percent);
    add_encoded(redactor, name, secret, codec_add_form);
    add_encoded(redactor, name, secret, codec_add_json);
    add_encoded(redactor, name, secret, codec_add_xml);
    add_encoded(redactor, name, secret, codec_add_visible);
    for (size_t shift = 0; shift < 3; shift++) add_base64(redactor, name, secret, shift);
    add_hex(redactor, name, secret);
}

/* As a page shows it. */
static void add_collapsed(struct redactor *redactor, const char *name, struct view secret)
{
    AUTO_BUF collapsed = BUF_INIT(BUF_OWN_CAP);
    codec_add_collapsed(&collapsed, secret);
    if (collapsed.length >= REDACT_MINIMUM && !view_equals(buf_view(&collapsed), secret))
        add_forms(redactor, name, buf_view(&collapsed));
    if (collapsed.data) explicit_bzero(collapsed.data, collapsed.length);
}

bool redactor_add(struct redactor *redactor, const char *name, struct view secret)
{
    if (!redactor || !secret.length) return true;
    if (secret.length < REDACT_MINIMUM) {
        if (map_get(&redactor->too_short, view_of(name))) return true;
        map_set(&redactor->too_short, view_of(name), redactor);
        return false;
    }
    add_forms(redactor, name, secret);
    add_collapsed(redactor, name, secret);
    return true;
}

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
           (c & 0x80);
}

static const struct form *form_at(const struct forms *forms, struct view text, size_t at)
{
    const struct form *form = forms->by_first_byte[(unsigned char)text.data[at]];
    for (; form; form = form->next) {
        size_t end = at + form->length;
        if (end > text.length || memcmp(form->bytes, text.data + at, form->length)) continue;
        if (!form->whole_word) return form;
        bool before = at > 0 && is_word(text.data[at - 1]);
        bool after = end < text.length && is_word(text.data[end]);
        if (!before && !after) return form;
    }
    return NULL;
}

static void find_in_window(const struct redactor *redactor, struct view window, size_t start,
                           struct hidden_list *hidden)
{
    struct unescaped unescaped = unescape(window);
    struct view text = {unescaped.bytes, unescaped.length};
    for (size_t at = 0; at < text.length;) {
        const struct form *form = form_at(&redactor->unescaped, text, at);
        if (!form) {
            at++;
            continue;
        }
        size_t from = unescaped.spans[at].from, to = unescaped.spans[at + form->length - 1].to;
        bool seen = hidden->count && start + to <= vec_last(hidden)->to; /* where windows overlap */
        if (to - from > form->length && !seen)
            vec_push(hidden, ((struct hidden){start + from, start + to, form->label}));
        at += form->length;
    }
    unescaped_release(&unescaped);
}

/* A report may be large: no more of it than a window is held a second time. */
static void find_hidden(const struct redactor *redactor, struct view text,
                        struct hidden_list *hidden)
{
    if (!redactor->longest || !unescape_needed(text)) return;
    size_t overlap = redactor->longest * ESCAPE_MOST;
    size_t window = overlap > WINDOW_BYTES / 4 ? overlap * 4 : WINDOW_BYTES;
    for (size_t start = 0;; start += window - overlap) {
        find_in_window(redactor, view_slice(text, start, window), start, hidden);
        if (window >= text.length - start) return;
    }
}

bool redact_add(const struct redactor *redactor, struct buf *out, struct view text)
{
    if (!redactor) return buf_add_view(out, text);
    struct hidden_list hidden = {0};
    find_hidden(redactor, text, &hidden);
    size_t from = 0, next = 0;
    bool added = true;
    for (size_t at = 0; at < text.length && added;) {
        const struct form *form = form_at(&redactor->written, text, at);
        size_t end = form ? at + form->length : 0;
        const char *label = form ? form->label : NULL;
        while (next < hidden.count && hidden.items[next].to <= at) next++;
        const struct hidden *here = next < hidden.count ? &hidden.items[next] : NULL;
        if (here && here->from <= at && here->to > end) {
            end = here->to;
            label = here->label;
        }
        if (!label) {
            at++;
            continue;
        }
        added = buf_add(out, text.data + from, at - from) && buf_add_text(out, label);
        from = at = end;
    }
    vec_release(&hidden);
    return added && buf_add_view(out, view_from(text, from));
}
