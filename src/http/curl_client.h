/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP client on libcurl's multi socket interface, one multi handle per process, driven by
 * loop/.
 *
 * Each session is a pooled slot: an easy handle and a share handle (connections, cookies, TLS
 * sessions, names) that is emptied between shoppers. One X509 store serves all handshakes.
 */
#ifndef SHOPPER_HTTP_CURL_CLIENT_H
#define SHOPPER_HTTP_CURL_CLIENT_H

#include "http/http.h"

struct loop;
struct log;

struct curl_client_options {
    const char *ca_file;     /* NULL: the system's */
    const char *crl_file;    /* NULL: none is asked */
    const char *certificate; /* client certificate and key, PEM files; NULL: none */
    const char *private_key;
    bool insecure; /* verify nothing; the caller has said so loudly */
    const char *const
        *resolve; /* "host:port:address" as curl --resolve, NULL-terminated; NULL: none */
    size_t max_sessions_kept; /* pooled slots kept warm; 0: 64 */
    const struct log *log;
};

/* Proxies come from the environment (http_proxy, https_proxy, no_proxy), as curl reads it. NULL:
 * error says why. */
struct http_client *curl_client_new(struct loop *loop, const struct curl_client_options *options,
                                    struct error *error) MUST_CHECK;

#endif
