/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Host and port of an http(s) URL that a person wrote (RFC 3986, 3.2), for what can be said of them
 * before anybody goes there. Whoever does asks http/url.h, which alone decides what a URL means.
 */
#ifndef SHOPPER_TEXT_WEB_URL_H
#define SHOPPER_TEXT_WEB_URL_H

#include "base/alloc.h"
#include "base/view.h"

#include <stdbool.h>

struct web_url {      /* pieces of the text */
    struct view host; /* an IPv6 address with its brackets */
    struct view port; /* what is behind the ':'; .data is NULL: nothing */
};

/* False: it does not begin with http://, https:// or //, or a ${...} stands in the host or port. */
bool web_url_split(struct view text, struct web_url *ret_url) MUST_CHECK;
/* What is wrong with host or port, and the piece where; NULL: nothing. */
const char *web_url_fault(const struct web_url *url, struct view *ret_where) MUST_CHECK;
/* The host in lower case; NULL where that is not how it is known: international names, numbers that
 * might mean an address, IPv6. */
char *web_url_plain_host(const struct web_url *url) MUST_CHECK;

#endif
