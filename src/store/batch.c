/* SPDX-License-Identifier: Apache-2.0 */
/* See batch.h. Also the writing of what is a single statement: state, silences, commands. */
#include "store/batch.h"

#include <stdlib.h>
#include <string.h>

void batch_add_value(struct store_batch *batch, struct value_cell value)
{
    struct buf *out = &batch->operations;
    uint64_t header = value.kind == VALUE_NUMBER ? (uint64_t)value.number : value.bytes.length;
    buf_add_char(out, (char)value.kind);
    buf_add(out, &header, sizeof(header));
    if (value.kind == VALUE_NUMBER) return;
    buf_add_view(out, value.bytes);
    buf_add_char(out, '\0');
}

void batch_add(struct store_batch *batch, enum operation_kind kind, const char *sql,
               const struct value_cell *values, size_t count)
{
    struct operation operation = {kind, sql, count};
    buf_add(&batch->operations, &operation, sizeof(operation));
    for (size_t i = 0; i < count; i++) batch_add_value(batch, values[i]);
}

bool operation_next(struct view *rest, struct operation *ret_operation)
{
    if (!rest->length) return false;
    ASSERT(rest->length >= sizeof(*ret_operation));
    memcpy(ret_operation, rest->data, sizeof(*ret_operation));
    *rest = view_from(*rest, sizeof(*ret_operation));
    return true;
}

struct value_cell operation_value(struct view *rest)
{
    uint64_t header;
    ASSERT(rest->length > sizeof(header));
    struct value_cell value = {(enum value_kind) * rest->data, 0, VIEW_NONE};
    memcpy(&header, rest->data + 1, sizeof(header));
    *rest = view_from(*rest, 1 + sizeof(header));
    if (value.kind == VALUE_NUMBER) {
        value.number = (int64_t)header;
        return value;
    }
    ASSERT(rest->length > header);
    value.bytes = view_slice(*rest, 0, header);
    *rest = view_from(*rest, header + 1);
    return value;
}

bool operation_fits(struct view rest, const char *kinds)
{
    for (; *kinds; kinds++) {
        uint64_t header;
        enum value_kind wanted = *kinds == 't' ? VALUE_TEXT : VALUE_NUMBER;
        if (rest.length <= sizeof(header) || (enum value_kind) * rest.data != wanted) return false;
        memcpy(&header, rest.data + 1, sizeof(header));
        rest = view_from(rest, 1 + sizeof(header));
        if (wanted == VALUE_NUMBER) continue;
        if (header >= rest.length || rest.data[header]) return false;
        rest = view_from(rest, header + 1);
    }
    return true;
}

int64_t operation_number(struct view *rest)
{
    return operation_value(rest).number;
}

const char *operation_text(struct view *rest)
{
    return operation_value(rest).bytes.data;
}

struct store_batch *store_begin(struct store *store)
{
    struct store_batch *batch = NEW(struct store_batch);
    batch->store = store;
    batch->operations = BUF_INIT(BUF_OWN_CAP);
    return batch;
}

void batch_free(struct store_batch *batch)
{
    if (!batch) return;
    buf_release(&batch->operations);
    free(batch);
}

void batch_make_durable(struct store_batch *batch)
{
    batch->durable = true;
}

void batch_put_state(struct store_batch *batch, const char *key, struct view value)
{
    batch_statement(batch, "INSERT OR REPLACE INTO state(key, value) VALUES(?1, ?2)",
                    CELL_TEXT(key), CELL_BLOB(value));
}

void batch_put_silence(struct store_batch *batch, const struct store_silence *silence)
{
    batch_statement(batch,
                    "INSERT OR REPLACE INTO silences(id, matcher, from_us, until_us, author,"
                    " comment) VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
                    CELL_TEXT(silence->id), CELL_TEXT(silence->matcher),
                    CELL_NUMBER(silence->from_us), CELL_NUMBER(silence->until_us),
                    CELL_TEXT(silence->author), CELL_TEXT(silence->comment));
}

void batch_remove_silence(struct store_batch *batch, const char *id)
{
    batch_statement(batch, "DELETE FROM silences WHERE id = ?1", CELL_TEXT(id));
}

void batch_take_command(struct store_batch *batch, int64_t sequence)
{
    batch_statement(batch, "DELETE FROM commands WHERE seq = ?1", CELL_NUMBER(sequence));
}
