/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What left us, word for word: curl adds headers of its own (Host, cookies, the body's length), and
 * tells of them only in what it would print. That costs time with each request, so it is asked for
 * when evidence is.
 */
#include "http/internal.h"

static void take_lines(struct headers *headers, struct view text)
{
    struct view line;
    (void)view_split(&text, '\n', &line); /* the request line */
    while (view_split(&text, '\n', &line)) {
        size_t colon = view_find_char(line, ':');
        if (colon == SIZE_MAX) continue;
        headers_add(headers, view_slice(line, 0, colon), view_from(line, colon + 1));
    }
}

/* The latest block counts: curl sends anew when a kept connection turns out to be dead. */
static int told(CURL *easy, curl_infotype what, char *data, size_t length, void *context)
{
    const struct http_session *session = context;
    struct view text = {data, length};
    (void)easy;
    if (what != CURLINFO_HEADER_OUT || !session->exchange) return 0;
    if (view_starts_with(text, VIEW_LITERAL("CONNECT "))) return 0; /* said to a proxy */
    /* What a full socket cuts would pass for all there was. */
    if (!view_ends_with(text, VIEW_LITERAL("\r\n\r\n"))) return 0;
    struct headers *headers = &hop_current(session->exchange)->sent_headers;
    headers_release(headers);
    take_lines(headers, text);
    return 0;
}

void sent_setup(struct http_session *session)
{
    curl_easy_setopt(session->easy, CURLOPT_DEBUGFUNCTION, told);
    curl_easy_setopt(session->easy, CURLOPT_DEBUGDATA, session);
}
