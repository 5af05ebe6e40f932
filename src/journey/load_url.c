/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The base, URLs of steps and allowed hosts. What is wrong with an address that stands in the file
 * is found here, and not by a run; one with a ${...} in it is known only then. See loader.h.
 */
#include "journey/loader.h"
#include "text/web_url.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static struct place place_of(const struct yaml_node *node, struct view piece)
{
    if (!piece.data) return node->place;
    return yaml_place_in(node, (size_t)(piece.data - node->text), piece.length);
}

/* False: no address stands there, or none that is good, which has been said. */
static bool load_address(struct loader *loader, const struct yaml_node *node,
                         struct web_url *ret_url)
{
    struct view where = VIEW_NONE;
    if (!web_url_split((struct view){node->text, node->length}, ret_url)) return false;
    const char *fault = web_url_fault(ret_url, &where);
    if (fault) diag_error(loader->diags, DIAG_BAD_URL, place_of(node, where), "%s", fault);
    return !fault;
}

/* --- The base */

static bool has_web_scheme(struct view text)
{
    return view_starts_with_nocase(text, VIEW_LITERAL("http://")) ||
           view_starts_with_nocase(text, VIEW_LITERAL("https://"));
}

void journey_refuse_credentials(struct diags *diags, struct place base)
{
    diag_hint(diag_error(diags, DIAG_PLAIN_SECRET, base,
                         "the base holds credentials, which would not be used"),
              "give them as `secrets`, and to the steps by `auth`");
}

void load_base(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct journey *journey = object;
    struct web_url url = {0};
    journey->base = load_template(loader, node, "the base");
    const char *literal = journey->base ? template_literal(journey->base) : NULL;
    if (literal && !has_web_scheme(view_of(literal))) {
        diag_hint(
            diag_error(loader->diags, DIAG_BAD_URL, node->place, "the base must be an http(s) URL"),
            "write it like https://shop.example");
    } else if (journey->base && load_address(loader, node, &url)) {
        journey->base_host = web_url_plain_host(&url);
        if (url.host.data > node->text && url.host.data[-1] == '@')
            journey_refuse_credentials(loader->diags, node->place);
    }
}

/* --- Steps */

static bool has_other_scheme(struct view text, struct view *ret_scheme)
{
    size_t length = view_find(text, VIEW_LITERAL("://"));
    if (length == SIZE_MAX || !length || has_web_scheme(text)) return false;
    *ret_scheme = view_slice(text, 0, length);
    for (size_t i = 0; i < length; i++) {
        if (strchr("/?#:$", text.data[i])) return false; /* a path, or not known yet */
    }
    return true;
}

void load_step_url(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct step *step = object;
    struct web_url url = {0};
    struct view scheme = VIEW_NONE;
    if (step->url) return; /* a second verb: said by find_verb */
    step->url = load_template(loader, node, "a path or URL");
    if (!step->url) return;
    if (has_other_scheme((struct view){node->text, node->length}, &scheme)) {
        diag_error(loader->diags, DIAG_BAD_URL, node->place, "'%.*s' is neither http nor https",
                   VIEW_PRINTF(scheme));
    } else if (load_address(loader, node, &url)) {
        AUTO_FREE char *host = web_url_plain_host(&url);
        if (host) named_places_add(&loader->journey->hosts, host, place_of(node, url.host));
    }
}

/* --- Hosts */

/* A star stands for whole labels: "*shop.example" would also allow evilshop.example. */
static bool is_host_pattern(const char *text)
{
    bool starred = !strncmp(text, "*.", 2);
    if (starred) text += 2;
    return !strpbrk(text, "/: *") && (*text || !starred);
}

void load_allow_hosts(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct journey *journey = object;
    struct place *places = NULL;
    journey->allow_host_count =
        load_list(loader, node, "an allowed host", &journey->allow_hosts, &places);
    for (size_t i = 0; i < journey->allow_host_count; i++) {
        for (char *c = journey->allow_hosts[i]; *c; c++) *c = (char)tolower((unsigned char)*c);
        if (is_host_pattern(journey->allow_hosts[i])) continue;
        diag_error(loader->diags, DIAG_BAD_VALUE, places[i],
                   "an allowed host is a bare host name, or '*.' and the end of one: '%s'",
                   journey->allow_hosts[i]);
    }
    free(places);
}
