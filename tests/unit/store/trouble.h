/* SPDX-License-Identifier: Apache-2.0 */
/* What a store holds, and what it says of troubles, for those who trouble it. */
#ifndef SHOPPER_TESTS_STORE_TROUBLE_H
#define SHOPPER_TESTS_STORE_TROUBLE_H

#include "fixture.h"

#include <poll.h>

static inline void put(struct fixture *f, const char *key, size_t bytes, bool durable,
                       void (*done)(void *context, bool written), void *context)
{
    AUTO_FREE char *value = xcalloc(bytes + 1, 1);
    struct store_batch *batch = store_begin(f->store);
    batch_put_state(batch, key, (struct view){value, bytes});
    if (durable) batch_make_durable(batch);
    store_commit(batch, done, context);
}

static inline bool has(struct fixture *f, const char *key)
{
    AUTO_BUF value = BUF_INIT(BUF_OWN_CAP);
    bool found;
    READ(store_state(f->store, key, &value, &found, &f->error));
    return found;
}

/* Waits for the next word of trouble. */
static inline void expect_trouble(struct fixture *f, enum store_trouble_kind kind, bool over)
{
    struct store_trouble trouble;
    struct pollfd watched = {.fd = store_descriptor(f->store), .events = POLLIN};
    while (!store_take_trouble(f->store, &trouble)) {
        assert_int_equal(poll(&watched, 1, 60 * 1000), 1);
        store_poll(f->store);
    }
    AUTO_FREE char *line = xasprintf("%s%s: %s", store_trouble_name(trouble.kind),
                                     trouble.over ? ", over" : "", trouble.message);
    golden_note(line);
    if (trouble.kind != kind || trouble.over != over)
        fail_msg("%s %d: %s", store_trouble_name(trouble.kind), trouble.over, trouble.message);
    store_trouble_release(&trouble);
}

static inline void expect_no_trouble(struct fixture *f)
{
    struct store_trouble trouble;
    assert_false(store_take_trouble(f->store, &trouble));
}

static inline void add_runs(struct fixture *f, int from, int count)
{
    struct store_batch *batch = store_begin(f->store);
    for (int i = from; i < from + count; i++) {
        AUTO_FREE char *id = xasprintf("run-%08d", i);
        struct store_run run = fixture_run(id, VERDICT_FAIL, START_US + i);
        run.line = "a line that takes some room in the file, so that it has many pages";
        batch_add_run(batch, &run);
    }
    fixture_write(f, batch);
}

static inline void add_what_is_open(struct fixture *f)
{
    struct store_batch *batch = store_begin(f->store);
    batch_put_incident(batch, &(struct store_incident){.id = "i1",
                                                       .signature = "stage:checkout/price",
                                                       .severity = 1,
                                                       .state = "open",
                                                       .opened_us = START_US,
                                                       .line = "SEV1",
                                                       .json = "{}"});
    batch_add_event(batch, &(struct store_event){
                               .id = "e1", .incident_id = "i1", .type = "opened", .json = "{}"});
    batch_add_outbox(batch,
                     &(struct store_delivery){
                         .event_id = "e1", .incident_id = "i1", .sink = "mail", .payload = "{}"});
    batch_note_debt(batch, &(struct store_debt){.id = "d1", .journey = "checkout", .debt = "{}"});
    batch_note_debt(batch, &(struct store_debt){.id = "d2", .journey = "checkout", .debt = "{}"});
    batch_give_up_debt(batch, "d2", START_US, "no way");
    batch_put_silence(batch, &(struct store_silence){.id = "s1", .until_us = START_US});
    batch_put_state(batch, "judge", VIEW_LITERAL("what was judged"));
    fixture_write(f, batch);
}

static inline void expect_what_is_open(struct fixture *f)
{
    AUTO_BUF state = BUF_INIT(BUF_OWN_CAP);
    struct store_incident_list incidents;
    struct store_event_list events;
    struct store_debt_list owed, residue;
    struct store_silence_list silences;
    struct store_outbox_figures outbox;
    bool found;
    READ(store_state(f->store, "judge", &state, &found, &f->error));
    assert_string_equal(buf_text(&state), "what was judged");
    READ(store_incidents(f->store, &(struct store_incident_filter){0}, &incidents, &f->error));
    READ(store_events(f->store, "i1", &events, &f->error));
    READ(store_debts(f->store, DEBT_OWED, &owed, &f->error));
    READ(store_debts(f->store, DEBT_RESIDUE, &residue, &f->error));
    READ(store_silences(f->store, 0, &silences, &f->error));
    READ(store_outbox(f->store, NULL, &outbox, &f->error));
    assert_int_equal(incidents.count, 1);
    assert_string_equal(incidents.items[0].signature, "stage:checkout/price");
    assert_int_equal(events.count, 1);
    assert_int_equal(owed.count, 1);
    assert_string_equal(owed.items[0].id, "d1");
    assert_int_equal(residue.count, 1);
    assert_string_equal(residue.items[0].why, "no way");
    assert_int_equal(silences.count, 1);
    assert_int_equal(outbox.waiting, 1);
    store_incident_list_release(&incidents);
    store_event_list_release(&events);
    store_debt_list_release(&owed);
    store_debt_list_release(&residue);
    store_silence_list_release(&silences);
}

static inline void expect_runs(struct fixture *f, size_t count)
{
    struct store_run_list list;
    READ(store_runs(f->store, &(struct store_run_filter){0}, &list, &f->error));
    assert_int_equal(list.count, count);
    store_run_list_release(&list);
}

#endif
