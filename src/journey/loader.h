/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of the loader, for the load_*.c files only. A mapping is read by a table of rules, one
 * per key, so that unknown keys, missing ones and did-you-mean come from the table.
 *
 *   load.c           files, the top of a journey, `use`
 *   load_values.c    scalars, quantities, operands, mappings by rules
 *   load_settings.c  schedule, confirm, objective, secrets, defaults
 *   load_step.c      steps and what hangs on them
 *   load_url.c       the base, URLs of steps, allowed hosts
 *   load_body.c      bodies of requests
 *   load_check.c     sources, predicates, checks, captures
 *   load_never.c     checks that can never hold
 *   names.c          which names are set where
 *   language.h       the tables as others see them
 */
#ifndef SHOPPER_JOURNEY_LOADER_H
#define SHOPPER_JOURNEY_LOADER_H

#include "journey/journey.h"
#include "journey/language.h"
#include "text/yaml.h"

struct names;

struct loader {
    struct diags *diags;
    const struct load_options *options;
    struct journey *journey;      /* the one being filled */
    const struct loader *parent;  /* of the file that uses this one; NULL: the top */
    const struct yaml_node *use;  /* what names this file in it */
    struct names *names;          /* shared by a journey and what it uses */
    size_t *step_total;           /* likewise */
    int64_t timeout_us, stall_us; /* `defaults` */
    unsigned follow;
    const char *stage; /* of the using step, for steps that say none */
    bool in_side;      /* inside undo, find or finally */
};

/* --- load_values.c */
/* Reads a mapping by its rules (ended by a NULL key). False, and said so, when it is none. `what`
 * is "a step". */
bool load_mapping(struct loader *loader, const struct yaml_node *node, const char *what,
                  const struct key_rule *rules, void *object);
void load_unknown_key(struct loader *loader, const struct yaml_node *key, const char *what,
                      const char *const *candidates);
/* Whether a key that is none of the known ones may mean one of those that are wanted: that they are
 * not there is no second fault. All lists end with NULL. */
bool load_is_misspelt(const struct yaml_node *node, const char *const *known,
                      const char *const *wanted);
bool load_rule_is_misspelt(const struct yaml_node *node, const struct key_rule *rules,
                           const char *const *wanted);
/* Each says what is wrong and returns false (or NULL, or an empty thing) when the node will not do.
 */
bool load_text(struct loader *loader, const struct yaml_node *node, const char *what,
               char **ret_text);
/* A list of texts, or one; how many there are. `ret_places` may be NULL. */
size_t load_list(struct loader *loader, const struct yaml_node *node, const char *what,
                 char ***ret_items, struct place **ret_places);
bool load_bool(struct loader *loader, const struct yaml_node *node, const char *what,
               bool *ret_value);
bool load_count(struct loader *loader, const struct yaml_node *node, const char *what,
                unsigned least, unsigned most, unsigned *ret_count);
/* 1 to 4, or sev1 to sev4. */
bool load_severity(struct loader *loader, const struct yaml_node *node, const char *what,
                   int *ret_severity);
extern const struct shape severity_shape;
bool load_duration(struct loader *loader, const struct yaml_node *node, const char *what,
                   int64_t *ret_us);
/* One that is longer than nothing. */
bool load_span(struct loader *loader, const struct yaml_node *node, const char *what,
               int64_t *ret_us);
void load_cron(struct loader *loader, const struct yaml_node *node, char **ret_cron);
void load_timezone(struct loader *loader, const struct yaml_node *node, char **ret_timezone);
struct template *load_template(struct loader *loader, const struct yaml_node *node,
                               const char *what);
enum operand_style { OPERAND_PLAIN, OPERAND_DURATION, OPERAND_SIZE };
void load_operand(struct loader *loader, const struct yaml_node *node, enum operand_style style,
                  struct operand *ret_operand);
/* A mapping of names to operands, in order. */
void load_name_templates(struct loader *loader, const struct yaml_node *node, const char *what,
                         struct name_template **ret_items, size_t *ret_count);
struct diag *load_wrong_type(struct loader *loader, const struct yaml_node *node, const char *what,
                             const char *wanted);

/* --- load_settings.c */
void load_schedule(struct loader *loader, const struct yaml_node *node, void *journey);
void load_confirm(struct loader *loader, const struct yaml_node *node, void *journey);
void load_objective(struct loader *loader, const struct yaml_node *node, void *journey);
void load_secrets(struct loader *loader, const struct yaml_node *node, void *journey);
/* Of a mapping {env|file|credential: FROM}. */
void load_secret_reference(struct loader *loader, const struct yaml_node *node,
                           struct secret_spec *secret);
void load_accounts(struct loader *loader, const struct yaml_node *node, void *journey);
void load_defaults(struct loader *loader, const struct yaml_node *node, void *unused);
extern const struct shape schedule_shape, confirm_shape, objective_shape, secret_shape,
    secrets_shape, accounts_shape, defaults_shape;

/* --- load.c */
void load_with(struct loader *loader, const struct yaml_node *node, void *step);
void load_use(struct loader *loader, const struct yaml_node *node, void *step);

/* --- load_url.c */
void load_base(struct loader *loader, const struct yaml_node *node, void *journey);
void load_allow_hosts(struct loader *loader, const struct yaml_node *node, void *journey);
void load_step_url(struct loader *loader, const struct yaml_node *node, void *step);

/* --- load_step.c */
void load_steps(struct loader *loader, const struct yaml_node *node, const char *what,
                struct step **ret_steps, size_t *ret_count);
extern const struct shape steps_shape, side_steps_shape;

/* --- load_body.c */
void load_form(struct loader *loader, const struct yaml_node *node, void *step);
void load_json_body(struct loader *loader, const struct yaml_node *node, void *step);
void load_graphql(struct loader *loader, const struct yaml_node *node, void *step);
void load_text_body(struct loader *loader, const struct yaml_node *node, void *step);
void load_multipart(struct loader *loader, const struct yaml_node *node, void *step);
extern const struct shape graphql_shape, multipart_shape;

/* --- load_check.c */
/* A list of checks, or one. */
void load_checks(struct loader *loader, const struct yaml_node *node, struct check **ret_checks,
                 size_t *ret_count);
/* One check on a variable, for `when`. */
struct check *load_condition(struct loader *loader, const struct yaml_node *node);
/* Of `capture` or `creates`. */
void load_captures(struct loader *loader, const struct yaml_node *node, const char *what,
                   struct capture **ret_captures, size_t *ret_count);
/* The source among the keys of a mapping; keys that are neither its own nor in `others` (ended by
 * NULL) are errors. */
bool load_source_into(struct loader *loader, const struct yaml_node *node,
                      const char *const *others, struct capture *capture);
bool source_needs_cookies(const struct source_spec *source);

/* --- load_never.c */
void refuse_never(struct loader *loader, const struct check *check);

/* --- language.c */
extern const struct shape text_shape, template_shape, bool_shape, duration_shape, value_shape,
    values_shape, tree_shape, texts_shape, checks_shape, captures_shape;

/* --- names.c */
struct names *names_new(void) MUST_CHECK;
void names_free(struct names *names);
void names_set(struct names *names, const char *name);
void names_unset(struct names *names, const char *name);
bool names_are_set(const struct names *names, const char *name);
/* What sets names cannot be read, which has been said: that they are not set is no second fault. */
void names_are_lost(struct names *names);
/* Says so when nothing has set the name; notes env.NAME and account.FIELD in the journey. */
void names_use(struct loader *loader, const char *name, struct place place);
void names_check(struct loader *loader, const struct template *template); /* of all its names */
void named_places_add(struct named_places *places, const char *name, struct place place);
bool name_is_valid(const char *name); /* a plain name: letters, digits, '_' */

#endif
