/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a browser or a command line did, as data: requests with their parts told apart, and the
 * answers that came. It knows nothing of where it was recorded (har.c, curl.c read those) nor of
 * journeys.
 */
#ifndef SHOPPER_IMPORT_RECORDING_H
#define SHOPPER_IMPORT_RECORDING_H

#include "answer/json.h"
#include "answer/message.h"
#include "base/vec.h"
#include "base/view.h"
#include "import/pairs.h"
#include "text/secret_name.h"

#include <stdbool.h>

#define RECORDING_MAX_VALUE_BYTES 4096 /* longer values are never looked for */
#define RECORDING_MAX_BODY_BYTES ((size_t)8 << 20)

/* http and https only; no user, no fragment. */
struct address {
    char *origin; /* "https://shop.example:8443" */
    char *host;   /* lower case, without port */
    char *path;   /* "/" at least, as it was sent */
    char *search; /* "?a=1&b=2" as it was sent, or "" */
    struct pairs query;
};

/* False: not an absolute http(s) URL. */
bool address_parse(struct view url, struct address *ret_address) MUST_CHECK;
void address_release(struct address *address);
/* Whom the URL names before its host, as the header `Authorization`, unless there is one. */
void address_add_user(struct view url, struct headers *headers);
/* A Location header seen from `base` (RFC 3986, section 5, without dot segments). Caller frees. */
char *address_resolve(const struct address *base, struct view location) MUST_CHECK;

enum payload_kind {
    PAYLOAD_NONE,
    PAYLOAD_FORM,
    PAYLOAD_JSON,
    PAYLOAD_GRAPHQL,
    PAYLOAD_TEXT,
    PAYLOAD_MULTIPART
};

struct payload {
    enum payload_kind kind;
    struct pairs fields; /* form, multipart */
    cJSON *json;         /* all of it; of GraphQL the variables, or NULL */
    char *text;          /* text; of GraphQL the query */
    char *operation;     /* GraphQL: the operation's name, or NULL */
    char *media_type;    /* text, and JSON that was not called so: as it was sent, or NULL */
};

/* Told by the media type, and by its looks where that says nothing. */
void payload_read(struct view media_type, struct view text, struct payload *ret_payload);
void payload_release(struct payload *payload);

enum resource { RESOURCE_UNKNOWN, RESOURCE_DOCUMENT, RESOURCE_DATA, RESOURCE_ASSET };

struct exchange {
    char *method; /* upper case */
    struct address address;
    struct headers headers; /* of the request */
    struct payload payload;
    enum resource resource;  /* as the browser called it */
    struct message *answer;  /* NULL: none was recorded; its status may be 0 */
    struct view redirect_to; /* Location of a redirect, borrowed from the answer; empty: none */
};

struct recording {
    struct exchange *items; /* in the order in which they were sent */
    size_t count, capacity; /* a VEC */
};

void exchange_release(struct exchange *exchange);
void recording_release(struct recording *recording);
bool exchange_is_safe(const struct exchange *exchange); /* GET, HEAD */
/* The media type of the answer is HTML or JSON (also "+json"). */
bool exchange_has_page(const struct exchange *exchange);
bool exchange_has_json(const struct exchange *exchange);

/* --- The values that a request carries */

enum site {
    SITE_PATH,
    SITE_QUERY,
    SITE_HEADER,
    SITE_BEARER,
    SITE_FIELD,
    SITE_JSON,
    SITE_NUMBER,
    SITE_INSIDE /* of a text that holds more than one value */
};

struct site_value {
    enum site site;
    const char *name; /* of the parameter, field, header or key; of a piece of the path
                         the one before it */
    struct view value;
};

typedef void visit_value(void *context, const struct site_value *value);
/* Every value of the URL, of headers that matter, and of the body. */
void exchange_each_value(const struct exchange *exchange, visit_value *visit, void *context);
/* Headers that a browser, a proxy or a tracer adds by itself: a journey does not repeat them. */
bool header_is_noise(const char *name);
bool header_name_is_good(const char *name); /* a token of RFC 9110 */

#endif
