/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ways an answer leaves the shop. A plain one goes through evhttp; the broken ones take the
 * connection away from evhttp and write to its bufferevent.
 */
#ifndef DEMO_WIRE_H
#define DEMO_WIRE_H

#include "exchange.h"

struct wire;

/* Answers that are held back, and connections that were taken over. */
struct wires {
    struct event_base *base;
    TAILQ_HEAD(, exchange) held;
    TAILQ_HEAD(, wire) taken;
    size_t held_count, taken_count;
};
void wires_init(struct wires *wires, struct event_base *base);
/* Before the evhttp is freed, which ends the connections themselves. */
void wires_release(struct wires *wires);

/* Sends the finished exchange as its `ending` says, after `hold_ms`; takes it over. */
void wires_send(struct wires *wires, struct exchange *exchange);

#endif
