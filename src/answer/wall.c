/* SPDX-License-Identifier: Apache-2.0 */
/* See wall.h. The marks are those that the vendors' own documents name. */
#include "answer/wall.h"

#include <stdlib.h>
#include <string.h>

#define BODY_LOOKED_AT ((size_t)64 << 10)

/* A header alone that proves a challenge, whatever the status. `value` NULL: any. */
static const struct {
    const char *header, *value, *wall;
} header_marks[] = {
    {"cf-mitigated", "challenge", "a Cloudflare challenge"},
    {"x-amzn-waf-action", "captcha", "an AWS WAF captcha"},
    {"x-amzn-waf-action", "challenge", "an AWS WAF challenge"},
    {"x-vercel-mitigated", NULL, "a Vercel challenge"},
    {"x-datadome", "protected", "a DataDome wall"},
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

static bool has_header_mark(const struct message *message, struct buf *reason)
{
    for (size_t i = 0; i < COUNT_OF(header_marks); i++) {
        const char *value = headers_get(&message->headers, header_marks[i].header);
        if (!value) continue;
        if (header_marks[i].value && !view_is_nocase(view_of(value), header_marks[i].value))
            continue;
        /* DataDome marks all answers of a protected site; only a refusal is the wall. */
        if (!strcmp(header_marks[i].header, "x-datadome") && !is_refusal(message->status)) continue;
        return buf_addf(reason, "%s (status %ld)", header_marks[i].wall, message->status);
    }
    return false;
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
    if (has_header_mark(message, reason)) return true;
    if (is_refusal(message->status) && has_body_mark(message, reason)) return true;
    if (message->status == 429) {
        const char *after = headers_get(&message->headers, "Retry-After");
        buf_add_text(reason, "a rate limit (status 429)");
        if (after) buf_addf(reason, ", to be tried again after %.40s", after);
        return true;
    }
    return is_maintenance(message, reason);
}
