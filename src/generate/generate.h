/* SPDX-License-Identifier: Apache-2.0 */
/* What is written from the tables, one function each. Nobody outside this floor includes it. */
#ifndef SHOPPER_GENERATE_GENERATE_H
#define SHOPPER_GENERATE_GENERATE_H

#include "app/commands.h"
#include "generate/page.h"
#include "journey/language.h"

/* schema.c: JSON Schema (draft-07, which editors read) of a journey, of a configuration. */
void generate_schema(struct buf *out);
void generate_config_schema(struct buf *out);

/* language.c: all of the journey language, all of a configuration; commands.c: the program, or one
 * command. */
void generate_language(struct page *page);
void generate_configuration(struct page *page);
void generate_program(struct page *page);
void generate_command(struct page *page, const struct command *command);
void generate_check(struct page *page);

/* metrics.c: what the daemon counts. */
void generate_metrics(struct page *page);

/* completion.c: for each shell. */
void generate_bash(struct buf *out);
void generate_zsh(struct buf *out);
void generate_fish(struct buf *out);

/* The mappings that have a name, each once, in the order in which they are met. */
#define NAMED_SHAPES_MAX 64
struct named_shapes {
    const struct shape *items[NAMED_SHAPES_MAX];
    size_t count;
};
void named_shapes_find(struct named_shapes *found, const struct shape *root);
/* Whether the shape takes this rule. */
bool shape_takes(const struct shape *shape, const struct key_rule *rule);

#endif
