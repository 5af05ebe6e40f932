/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a request may do once it is under way: the hosts that it may go to, and what it takes along
 * when the shop sends it on. A key that the journey holds out to its shop is nobody else's,
 * whatever header it stands in.
 */
#include "run/walker.h"

#include <string.h>
#include <strings.h>

static bool host_allowed(void *context, const char *host)
{
    const struct run *run = context;
    return !strcmp(host, run->base_host) || journey_allows_host(run->journey, host);
}

static bool holds_secret(const struct run *run, struct view text)
{
    if (!text.length) return false;
    AUTO_BUF redacted = BUF_INIT(BUF_OWN_CAP);
    redact_add(run->engine->redactor, &redacted, text);
    return redacted.length != text.length || memcmp(buf_text(&redacted), text.data, text.length);
}

/* What a browser sets itself; in a step, too, it only says what kind of answer is wanted. */
static bool is_common(const char *name)
{
    static const char *const names[] = {"Accept",           "Accept-Language", "Cache-Control",
                                        "Content-Language", "Content-Type",    "User-Agent"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (!strcasecmp(name, names[i])) return true;
    return false;
}

static const char *header_carried(void *context, const struct header *header, bool same_origin,
                                  struct buf *scratch)
{
    struct run *run = context;
    bool of_step = request_step_sets(run->request.step, header->name);
    if (!of_step && !strcasecmp(header->name, "traceparent")) {
        request_trace_parent(run, scratch); /* each request is a span of its own */
        return buf_text(scratch);
    }
    if (same_origin) return header->value;
    if (of_step && !is_common(header->name)) return NULL;
    return holds_secret(run, view_of(header->value)) ? NULL : header->value;
}

static bool body_carried(void *context, struct view body)
{
    return !holds_secret(context, body);
}

void rules_set(struct run *run, struct http_request *request)
{
    request->allowed = host_allowed;
    request->header_carried = header_carried;
    request->body_carried = body_carried;
    request->rules_context = run;
}
