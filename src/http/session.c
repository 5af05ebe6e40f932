/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session: one shopper. The easy handle is kept between shoppers, since making and setting one up
 * costs more than a request; it holds the cookies. The share handle holds connections, TLS sessions
 * and names; it is thrown away whole, because curl has no call that empties one, and a call that
 * forgot a corner of it would carry something from shopper to shopper. That costs about 6 % of a
 * short journey's instructions and nothing while the slot waits.
 */
#include "http/internal.h"

#include <stdlib.h>

static void setup(struct http_session *session)
{
    CURL *easy = session->easy;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, session);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, session->error);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    /* Lets a look-up that nobody waits for any more end by itself; else removing the handle would
     * wait for its thread. */
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "deflate, gzip, br, zstd");
    curl_easy_setopt(easy, CURLOPT_HTTP_CONTENT_DECODING, 0L); /* decode.c does it */
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(easy, CURLOPT_COOKIEFILE, "");
    curl_loop_setup(session);
    receive_setup(session);
    sent_setup(session);
    tls_setup(session);
}

static struct http_session *session_new(struct curl_client *client)
{
    struct http_session *session = NEW(struct http_session);
    session->client = client;
    session->line_text = BUF_INIT(BUF_OWN_CAP);
    session->easy = curl_easy_init();
    session->target.handle = curl_url();
    ASSERT(session->easy && session->target.handle);
    setup(session);
    return session;
}

static void share_drop(struct http_session *session)
{
    if (!session->share) return;
    curl_easy_setopt(session->easy, CURLOPT_SHARE, NULL);
    ASSERT(curl_share_cleanup(take(session->share)) == CURLSHE_OK);
}

/* Those that curl would look for, with each request anew. */
static bool environment_names_proxy(void)
{
    static const char *const names[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
                                        "ALL_PROXY"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (getenv(names[i])) return true;
    return false;
}

void session_share_renew(struct http_session *session)
{
    if (session->share) return;
    CURLSH *share = session->share = curl_share_init();
    ASSERT(share);
    curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT);
    curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
    curl_easy_setopt(session->easy, CURLOPT_SHARE, share);
    /* curl puts these into the share's look-ups once, with the next request. */
    curl_easy_setopt(session->easy, CURLOPT_RESOLVE, session->client->resolve);
    session->knows_proxy = environment_names_proxy();
    curl_easy_setopt(session->easy, CURLOPT_NOPROXY, session->knows_proxy ? NULL : "*");
}

struct http_session *session_open(struct http_client *base)
{
    struct curl_client *client = (struct curl_client *)base;
    client->open_sessions++;
    return client->idle.count ? vec_pop(&client->idle) : session_new(client);
}

void session_forget_connections(struct http_session *session)
{
    ASSERT(!session->exchange);
    share_drop(session);
    tls_forget(session);
}

void session_free(struct http_session *session)
{
    if (!session) return;
    session_forget_connections(session);
    curl_easy_cleanup(session->easy);
    curl_url_cleanup(session->target.handle);
    url_release(&session->target.held);
    vec_release(&session->lines);
    buf_release(&session->line_text);
    free(session);
}

void session_close(struct http_session *session)
{
    struct curl_client *client = session->client;
    session_forget_connections(session);
    client->open_sessions--;
    if (client->idle.count >= client->max_idle) {
        session_free(session);
        return;
    }
    curl_easy_setopt(session->easy, CURLOPT_COOKIELIST, "ALL");
    vec_push(&client->idle, session);
}
