/* SPDX-License-Identifier: Apache-2.0 */
/* URLs: parsing by libcurl's own parser, resolution against a base (RFC 3986, section 5),
 * comparison of origins. */
#ifndef SHOPPER_HTTP_URL_H
#define SHOPPER_HTTP_URL_H

#include "base/buf.h"
#include "base/error.h"

#include <stdbool.h>

struct url {
    char *text;            /* normalised, absolute, without credentials and fragment */
    const char *scheme;    /* "http" or "https", of the program itself */
    char *host;            /* lower case; IPv6 without brackets; IDN as A-labels */
    int port;              /* the scheme's default filled in */
    char *user, *password; /* from the URL; NULL: none */
};

/* Absolute http(s) only. `reference` may be relative when `base` is not NULL. */
bool url_resolve(const char *base, const char *reference, struct url *ret_url,
                 struct error *error) MUST_CHECK;
/* The text alone, against a base that is a resolved URL's text. Quick for a plain absolute path. */
bool url_join(const char *base, const char *reference, char **ret_text,
              struct error *error) MUST_CHECK;
void url_release(struct url *url);
/* The host alone; "" when the text is no such URL. NULL is none. */
char *url_host(const char *text) MUST_CHECK;
/* The same with the port, where that is not the scheme's own: "shop.example:8080", "[::1]:8080". */
char *url_authority(const char *text) MUST_CHECK;
/* Whether two URLs are letter for letter the same up to where the path begins. */
bool url_begins_alike(const char *a, const char *b);
/* Whether it is the host of this name: on any port when the name says none. */
bool authority_is_of(const char *authority, const char *name);
bool url_same_origin(const struct url *a, const struct url *b);

#endif
