/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A journey as it was written, checked and compiled: immutable once loaded, shared by all its runs,
 * held and given back like a source. Every part knows its place in the file, so that messages at
 * run time can cite it.
 *
 * All pointers inside are owned by the journey and stay good as long as it is held. NULL and 0 mean
 * "not said" unless a comment tells the default.
 */
#ifndef SHOPPER_JOURNEY_JOURNEY_H
#define SHOPPER_JOURNEY_JOURNEY_H

#include "answer/extract.h"
#include "answer/predicate.h"
#include "base/clock.h"
#include "text/diag.h"
#include "text/template.h"

#include <stdbool.h>
#include <stdint.h>

#define JOURNEY_MAX_STEPS 500 /* after `use` */
#define JOURNEY_MAX_USE_DEPTH 8
#define JOURNEY_MAX_EACH 50
#define JOURNEY_DEFAULT_DEADLINE_US (60 * US_PER_SECOND)
#define JOURNEY_DEFAULT_TIMEOUT_US (10 * US_PER_SECOND)
#define JOURNEY_DEFAULT_STALL_US (3 * US_PER_SECOND)
#define JOURNEY_DEFAULT_FOLLOW 5
#define JOURNEY_DEFAULT_MAX_BODY ((size_t)8 << 20)

/* A value in the file: a constant, a template to expand, or a list of operands. */
struct operand {
    struct place place;
    struct value
        constant; /* when neither of the others: numbers, booleans, durations are typed already */
    struct template *template; /* has a ${...} */
    struct operand *items;     /* a list */
    size_t count;
    bool is_list;
};

/* A source as written; `compiled` unless its argument has a ${...}. */
struct source_spec {
    struct place place;
    enum source_kind kind;
    struct template *argument; /* NULL for sources without one */
    char *attr, *field, *group;
    bool all;
    bool url_encoded; /* `decode: url` */
    struct source_spec *inner;
    struct extractor *compiled; /* with its inner ones */
};

/* `price`: read the source's text as money. */
struct price_spec {
    bool present;
    char currency[4]; /* "" when not said */
    int minor_units;
};

struct predicate_spec {
    struct place place;
    enum predicate_kind kind;
    struct operand expected;
    struct pattern *pattern;      /* `matches`, when constant */
    struct predicate_spec *inner; /* `count: {at_least: 2}` */
    size_t inner_count;
};

enum check_kind { CHECK_PLAIN, CHECK_PRICE, CHECK_CART, CHECK_SESSION };

struct check {
    struct place place;
    enum check_kind kind;
    struct source_spec *source;
    struct price_spec price;
    struct predicate_spec *predicates; /* none: `exists` */
    size_t predicate_count;
    struct template *message; /* said instead of the engine's words; NULL */
};

/* `capture` and `creates`: a name and where its value comes from. */
struct capture {
    struct place place;
    char *name;
    struct source_spec *source;
    struct price_spec price;
};

struct name_template { /* a header, a query parameter, a form field, a variable of `with` */
    struct place place;
    char *name;
    struct operand value;
};

enum body_kind { BODY_NONE, BODY_FORM, BODY_JSON, BODY_GRAPHQL, BODY_TEXT, BODY_MULTIPART };

/* A JSON body: the tree as written, leaves are operands. */
struct body_node {
    enum { BODY_LEAF, BODY_ARRAY, BODY_OBJECT } kind;
    struct operand leaf;
    char **keys; /* BODY_OBJECT */
    struct body_node *children;
    size_t count;
};

struct body_part { /* multipart: a field, or a file whose bytes were read at load time */
    char *name;
    struct operand value;
    char *filename, *content_type; /* NULL: a plain field */
    char *bytes;
    size_t byte_count;
};

struct body_spec {
    enum body_kind kind;
    struct name_template *fields; /* form */
    size_t field_count;
    struct body_node *json;  /* json; graphql: the variables, or NULL */
    struct template *text;   /* text; graphql: the query */
    char *operation_name;    /* graphql: of the only named operation, or NULL */
    struct body_part *parts; /* multipart */
    size_t part_count;
};

enum auth_kind { AUTH_NONE, AUTH_BASIC, AUTH_BEARER };

struct auth_spec {
    enum auth_kind kind;
    struct template *user, *password; /* basic */
    struct template *token;           /* bearer */
};

enum fresh_kind { FRESH_NO, FRESH_CONNECTION, FRESH_SESSION };

struct cap { /* only: {at_most: 200/day} */
    struct place place;
    uint32_t count; /* 0: none */
    int64_t per_us;
};

enum step_kind { STEP_REQUEST, STEP_USE, STEP_PAUSE };

struct step {
    struct place place; /* of its name */
    enum step_kind kind;
    char *name;
    char *stage; /* "" when not said; steps of `use` inherit the using step's */
    bool optional;
    int severity;       /* 1 to 4; 0: the policy decides */
    struct check *when; /* no message is there: only `var` */
    char *each_name;    /* NULL: no `each` */
    struct operand each;
    struct cap only;

    /* STEP_REQUEST */
    const char *method;   /* "GET" */
    struct template *url; /* relative to base */
    struct name_template *query, *headers;
    size_t query_count, header_count;
    struct auth_spec auth;
    struct body_spec body;
    unsigned follow;              /* defaults resolved by the loader */
    int64_t timeout_us, stall_us; /* likewise */
    enum fresh_kind fresh;
    int64_t until_within_us, until_every_us; /* 0: no `until` */
    struct check *checks;
    size_t check_count;
    bool checks_status; /* a status check stands among them: 400 and up may be wanted */
    bool needs_cookies; /* a check or capture asks for a cookie */
    struct capture *captures, *creates;
    size_t capture_count, create_count;
    struct step *find; /* one request with captures that set what `creates` would have; NULL */
    struct step *undo; /* requests, walked in order */
    size_t undo_count;

    /* STEP_USE */
    struct journey *used; /* owned */
    struct name_template *with;
    size_t with_count;
    int64_t keep_session_us; /* 0: no */

    /* STEP_PAUSE */
    int64_t pause_us;
};

enum secret_kind { SECRET_ENVIRONMENT, SECRET_FILE, SECRET_CREDENTIAL };

struct secret_spec { /* a reference, never the secret */
    struct place place;
    char *name; /* used as ${secret.NAME} */
    enum secret_kind kind;
    char *from; /* variable, path (relative to the journey's file), or name in
                   $CREDENTIALS_DIRECTORY */
};

struct account_spec { /* one account: fields used as ${account.FIELD} */
    struct secret_spec *fields;
    size_t field_count;
};

struct named_place { /* what a journey needs from outside, and where it says so first */
    char *name;
    struct place place;
};

struct named_places {
    struct named_place *items;
    size_t count, capacity; /* a VEC */
};

struct accounts_spec {
    bool present;
    struct place place;
    char *file; /* CSV with a header line, relative to the journey's file; or NULL: */
    struct named_places
        fields; /* of a file: every ${account.FIELD} of the journey and what it uses */
    struct account_spec *list;
    size_t count;
    bool skip_when_busy; /* when_busy: skip; the default is to wait */
};

struct schedule_spec {
    struct place place;
    int64_t every_us; /* 0: cron, or none */
    char *cron, *timezone;
    int64_t jitter_us;
    bool queue_overlap; /* overlap: queue; the default is skip */
};

struct confirm_spec {
    unsigned failures; /* 2 by default */
    int64_t *reprobe_after_us;
    size_t reprobe_count;
};

struct objective_spec {
    bool present;
    struct decimal availability_percent;
    int64_t window_us;
    struct {
        int percentile;
        int64_t at_most_us;
    } * latency;
    size_t latency_count;
};

struct journey {
    struct source *file; /* held */
    char *path, *name, *description, *owner, *runbook;
    struct template *base;
    char *base_host;    /* lower case; NULL: known at run time only */
    char **allow_hosts; /* lower case; "*.example" allows what ends so */
    size_t allow_host_count;
    char **personas; /* names; none said: {"desktop"} */
    struct place *persona_places;
    size_t persona_count;
    struct schedule_spec schedule;
    int64_t deadline_us;
    struct confirm_spec confirm;
    struct objective_spec objective;
    struct secret_spec *secrets;
    size_t secret_count;
    struct name_template *vars;
    size_t var_count;
    struct accounts_spec accounts;
    struct step *steps, *finally;
    const struct journey **used; /* all that its steps use directly; owned by those steps */
    size_t used_count;
    size_t step_count, finally_count;
    struct named_places environment; /* every ${env.NAME} */
    struct named_places hosts;       /* of its steps' URLs, where no ${...} stands in them */
    struct program *program;         /* lowered; see program.h */
    unsigned holds;
};

struct load_options {
    const char *const
        *set_names; /* variables that the command line sets, NULL-terminated; NULL: none */
    bool lint;      /* warnings too */
};

/* Loads, checks and lowers; `use`d files too. NULL when there are errors; everything wrong is in
 * `diags`. */
struct journey *journey_load(const char *path, const struct load_options *options,
                             struct diags *diags) MUST_CHECK;
/* The same for text that stands in no file; `name` is used in messages and to find files beside it.
 */
struct journey *journey_load_text(const char *name, struct view text,
                                  const struct load_options *options,
                                  struct diags *diags) MUST_CHECK;
struct journey *journey_hold(struct journey *journey);
void journey_free(struct journey *journey); /* gives one hold back */

bool journey_has_stage(const struct journey *journey,
                       const char *stage); /* in steps, used ones too */
bool stage_is_core(const char *stage);     /* login, price-view, add-to-cart, checkout */
/* `auth` takes them from where secrets are, and the redactor knows them. */
void journey_refuse_credentials(struct diags *diags, struct place base);
/* Whether allow_hosts has it, of the journey or of what it uses; the base's is allowed besides. */
bool journey_allows_host(const struct journey *journey, const char *host);
/* Whether all `hosts` of the journey and of what it uses are allowed; says so of those that are
 * not. */
bool journey_hosts_are_allowed(const struct journey *journey, const char *base_host,
                               struct diags *diags) MUST_CHECK;

#endif
