/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The proxy itself: listens, forwards, and lets faults happen.
 *
 * Life of an exchange: a whole request is read; it meets its faults; it goes upstream; the answer
 * is gathered whole, and then it is sent, held back, cut or thrown away. A client has one exchange
 * at a time. The shop finishes what it was sent even when the client has left.
 */
#ifndef PROXY_PROXY_H
#define PROXY_PROXY_H

#include "fault.h"

#include <event2/event.h>
#include <stdint.h>

struct proxy;

/* Listens on 127.0.0.1; port 0 takes a free one. NULL, with errno, when it cannot. Everything ends
 * with proxy_free, which goes before the event base. */
struct proxy *proxy_new(struct event_base *base, const char *upstream_host, uint16_t upstream_port,
                        uint16_t port);
uint16_t proxy_port(const struct proxy *proxy);
void proxy_free(struct proxy *proxy);

#endif
