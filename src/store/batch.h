/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A batch on its way to the writer: a list of operations in one buffer, made on the caller's
 * thread, read on the writer's. An operation is a statement with its values, or a run to be folded.
 * For the files of this floor.
 */
#ifndef SHOPPER_STORE_BATCH_H
#define SHOPPER_STORE_BATCH_H

#include "base/buf.h"
#include "store/store.h"

enum operation_kind { OPERATION_STATEMENT, OPERATION_RUN, OPERATION_MISSED };
enum value_kind { VALUE_NUMBER, VALUE_TEXT, VALUE_BLOB };

struct value_cell {
    enum value_kind kind;
    int64_t number;
    struct view bytes; /* when it was read, a NUL follows it */
};

#define CELL_NUMBER(value) ((struct value_cell){VALUE_NUMBER, (int64_t)(value), {NULL, 0}})
#define CELL_TEXT(text) ((struct value_cell){VALUE_TEXT, 0, view_of(text)})
#define CELL_TEXT_VIEW(view) ((struct value_cell){VALUE_TEXT, 0, (view)})
#define CELL_BLOB(view) ((struct value_cell){VALUE_BLOB, 0, (view)})

struct operation {
    enum operation_kind kind;
    const char *sql; /* of OPERATION_STATEMENT: a constant of this program */
    size_t count;    /* values that follow */
};

struct store_batch {
    struct store *store;
    struct buf operations;
    bool durable;
    bool prompt; /* does not wait for company */
    void (*done)(void *context, bool written);
    void *context;
    struct store_batch *next; /* in the queue */
    bool lost;                /* it will not be written: only its place in the queue is kept */
    size_t bytes;             /* that it takes of the queue */
};

void batch_add(struct store_batch *batch, enum operation_kind kind, const char *sql,
               const struct value_cell *values, size_t count);
void batch_add_value(struct store_batch *batch, struct value_cell value);

/* batch_statement(batch, SQL, CELL_TEXT(id), CELL_NUMBER(5)): values in the order of ?1, ?2 ... */
#define batch_statement(batch, sql, ...)                                                           \
    batch_add((batch), OPERATION_STATEMENT, (sql), (const struct value_cell[]){__VA_ARGS__},       \
              COUNT_OF(((const struct value_cell[]){__VA_ARGS__})))

/* Reading it back, from the front of *rest. */
bool operation_next(struct view *rest, struct operation *ret_operation) MUST_CHECK;
struct value_cell operation_value(struct view *rest);
int64_t operation_number(struct view *rest);
/* Whether values of these kinds stand there, 't' a text and 'n' a number. For what a file gave. */
bool operation_fits(struct view rest, const char *kinds) MUST_CHECK;
const char *operation_text(struct view *rest);

#endif
