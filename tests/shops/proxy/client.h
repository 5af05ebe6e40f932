/* SPDX-License-Identifier: Apache-2.0 */
/* Between the parts of the proxy: client.c speaks with the client, upstream.c with the shop,
 * control.c with the test. */
#ifndef PROXY_CLIENT_H
#define PROXY_CLIENT_H

#include "proxy.h"

#include <event2/bufferevent.h>
#include <event2/http.h>

struct proxy {
    struct event_base *base;
    struct evconnlistener *listener;
    char *upstream_host;
    uint16_t upstream_port;
    struct fault_list faults;
    struct client *clients;     /* all that are connected */
    struct exchange *exchanges; /* all that wait for the shop, or are about to be freed */
};

/* One request on its way to the shop. */
struct exchange {
    struct exchange *next;
    struct proxy *proxy;
    struct client *client; /* NULL: it has left */
    struct evhttp_connection *connection;
};

struct client {
    struct client *next;
    struct proxy *proxy;
    struct bufferevent *connection;
    struct event *timer;       /* for a held-back answer or its pieces */
    struct exchange *exchange; /* NULL: nothing is under way with the shop */
    struct request request;
    struct answer answer;
    struct fault_plan plan;
    bool busy; /* a request is being served: the next one waits */
    bool continued;
    bool closing; /* close once everything is written */
    size_t sent_bytes;
};

/* --- client.c */
void client_new(struct proxy *proxy, int fd);
void client_free(struct client *client);
/* The shop has answered; takes what `answer` holds. */
void client_answered(struct client *client, struct answer *answer);
/* An answer of the proxy's own. */
void client_answer_plainly(struct client *client, int status, const char *type, const char *text);

/* --- control.c */
#define CONTROL_PATH "/proxy-control/faults"
void control_serve(struct client *client);

/* --- upstream.c */
void upstream_forward(struct client *client);
void exchange_free(struct exchange *exchange); /* also while it waits: nobody is told */

#endif
