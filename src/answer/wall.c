/* SPDX-License-Identifier: Apache-2.0 */
/* See wall.h. The marks are those that the vendors' own documents name. */
#include "answer/wall.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BODY_LOOKED_AT ((size_t)64 << 10)

/* A header alone that proves a challenge, whatever the status. `value` NULL: any. */
static const struct header_mark {
    const char *header, *value, *wall;
    bool of_refusals; /* other answers of a protected site have it, too */
} header_marks[] = {
    {"cf-mitigated", "challenge", "a Cloudflare challenge", false},
    {"x-amzn-waf-action", "captcha", "an AWS WAF captcha", false},
    {"x-amzn-waf-action", "challenge", "an AWS WAF challenge", false},
    {"x-vercel-mitigated", NULL, "a Vercel challenge", false},
    {"x-datadome", "protected", "a DataDome wall", true},
};

/* Text of a page that was refused (401, 403, 405, 429, 503). */
static const struct {
    const char *text, *wall;
} body_marks[] = {
    {"_Incapsula_Resource", "an Imperva wall"},
    {"/cdn-cgi/challenge-platform/", "a Cloudflare challenge"},
    {"cf-error-details", "a Cloudflare block"},
    {"captcha-delivery.com", "a DataDome captcha"},
    {"px-captcha", "a HUMAN (PerimeterX) captcha"},
    {"g-recaptcha", "a reCAPTCHA"},
    {"h-captcha", "an hCaptcha"},
    {"cf-turnstile", "a Turnstile captcha"},
    {"errors.edgesuite.net", "an Akamai block"},
    {"Pardon Our Interruption", "a bot wall"},
};

static const char *const maintenance_marks[] = {
    "maintenance",   "Maintenance",  "Wartungsarbeiten", "Wartungsmodus",
    "mantenimiento", "be back soon", "back shortly",
};

static bool is_refusal(long status)
{
    return status == 401 || status == 403 || status == 405 || status == 429 || status == 503;
}

/* Every answer is asked, and few have such a header: "cf-" or "x-". */
static bool may_mark(const char *name)
{
    char first = (char)(name[0] | 0x20);
    return (first == 'x' && name[1] == '-') || (first == 'c' && (name[1] | 0x20) == 'f');
}

/* NULL: there is none. */
static const struct header_mark *header_mark_of(const struct message *message)
{
    for (size_t i = 0; i < message->headers.count; i++) {
        const struct header *header = &message->headers.items[i];
        if (!may_mark(header->name)) continue;
        for (size_t k = 0; k < COUNT_OF(header_marks); k++) {
            const struct header_mark *mark = &header_marks[k];
            if (strcasecmp(header->name, mark->header) != 0) continue;
            if (mark->value && strcasecmp(header->value, mark->value) != 0) continue;
            if (!mark->of_refusals || is_refusal(message->status)) return mark;
        }
    }
    return NULL;
}

bool wall_announced(const struct message *message)
{
    return header_mark_of(message) != NULL;
}

static bool has_body_mark(const struct message *message, struct buf *reason)
{
    struct view body = view_slice(buf_view(&message->body), 0, BODY_LOOKED_AT);
    for (size_t i = 0; i < COUNT_OF(body_marks); i++) {
        if (view_find(body, view_of(body_marks[i].text)) == SIZE_MAX) continue;
        return buf_addf(reason, "%s (status %ld)", body_marks[i].wall, message->status);
    }
    return false;
}

static bool is_maintenance(const struct message *message, struct buf *reason)
{
    if (message->status != 503) return false;
    struct view body = view_slice(buf_view(&message->body), 0, BODY_LOOKED_AT);
    for (size_t i = 0; i < COUNT_OF(maintenance_marks); i++) {
        if (view_find(body, view_of(maintenance_marks[i])) == SIZE_MAX) continue;
        return buf_addf(reason, "a maintenance page (status 503)");
    }
    return false;
}

bool wall_recognise(struct message *message, struct buf *reason)
{
    const struct header_mark *mark = header_mark_of(message);
    if (mark) return buf_addf(reason, "%s (status %ld)", mark->wall, message->status);
    if (is_refusal(message->status) && has_body_mark(message, reason)) return true;
    if (message->status == 429) {
        const char *after = headers_get(&message->headers, "Retry-After");
        buf_add_text(reason, "a rate limit (status 429)");
        bool seconds = after && !after[strspn(after, "0123456789")];
        if (after && *after)
            buf_addf(reason, ", to be tried again after %.40s%s", after, seconds ? " s" : "");
        return true;
    }
    return is_maintenance(message, reason);
}
