/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon as its HTTP face sees it: serve/ asks through a table of operations, watch/ answers.
 */
#ifndef SHOPPER_APP_HOST_H
#define SHOPPER_APP_HOST_H

#include "serve/serve.h"
#include "watch/daemon.h"

struct host;

/* Listens as the daemon's configuration says, or at `listen` ("127.0.0.1:9180") when that is not
 * NULL. NULL without an error: nobody asked for it. */
struct host *host_new(struct daemon *daemon, struct loop *loop, const char *listen,
                      struct error *error) MUST_CHECK;
void host_free(struct host *host);
struct server *host_server(struct host *host); /* NULL for a NULL host */
const char *host_url(const struct host *host);

#endif
