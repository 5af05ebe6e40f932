/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is to be told, on its way: events of the judge to the sinks that want them, at least once,
 * in order for each incident and sink, with pauses, until they are delivered, refused or too old.
 *
 * A parcel (one event for one sink) is written to the store's outbox with the incident that it
 * tells of, and goes out only when that is done, so that nobody hears of an incident which a crash
 * makes us forget. While the store is in trouble that order is turned round: people are told first.
 */
#ifndef SHOPPER_WATCH_DELIVERY_H
#define SHOPPER_WATCH_DELIVERY_H

#include "sink/sink.h"
#include "store/store.h"

struct delivery;

#define DELIVERY_AT_ONCE 4       /* under way to one sink */
#define DELIVERY_MOST 100000     /* that wait; past it the oldest are given up */
#define DELIVERY_FAILING_AFTER 3 /* failures in a row: the sink itself is worth telling of */

struct delivery_settings {
    struct loop *loop;
    struct store *store;
    const struct log *log;
    /* A sink fails and fails, or an event for it was lost (`why`), or it works again (NULL). */
    void (*sink_changed)(void *context, const char *sink, const char *why);
    /* Nothing is being sent any more; NULL: nobody waits for it. */
    void (*idle)(void *context);
    void *context;
    /* In the place of sink_send and sending_cancel, for tests; NULL: those. */
    struct sending *(*send)(struct sender *sender, const struct sink *sink,
                            const struct event *event, sink_done *done, void *context);
    void (*cancel)(struct sending *sending);
};

struct delivery *delivery_new(const struct delivery_settings *settings) MUST_CHECK;
void delivery_free(struct delivery *delivery); /* what waits stays in the store */

/* From now on these (borrowed until the next call) by these means; what goes to sinks that left the
 * configuration is given up. A sink that failed, or said it is gone, is tried again at once. */
void delivery_set_sinks(struct delivery *delivery, const struct sink_list *sinks,
                        struct sender *sender);
/* Somebody told it something by another way, and it took that. */
void delivery_sink_works(struct delivery *delivery, const char *sink);
/* After a start: takes up what the store has. `open` are ids of the incidents that are open. */
bool delivery_restore(struct delivery *delivery, const char *const *open, size_t open_count,
                      struct error *error) MUST_CHECK;

/* Addresses the event to all sinks that want it, and those that heard of its incident before, and
 * puts the parcels into the batch. They may go once they are released. Returns the number of the
 * last parcel. */
uint64_t delivery_add(struct delivery *delivery, struct store_batch *batch,
                      const struct event *event);
/* All up to this number is safe, or will never be. */
void delivery_release(struct delivery *delivery, uint64_t number);
/* While the store is in trouble nothing waits for it. */
void delivery_trust_store(struct delivery *delivery, bool good);
/* Some sinks forget what is not told again: tells them of this open incident when it is time. */
void delivery_refresh(struct delivery *delivery, const struct event *face);

struct delivery_state {
    size_t waiting;
    int64_t oldest_us; /* wall time; 0: nothing waits */
    uint64_t delivered, failed, given_up;
};
struct delivery_state delivery_state(const struct delivery *delivery);
/* How one sink fares, since the start. `trouble` NULL: it takes what it is told. */
struct delivery_standing {
    uint64_t delivered, failed;
    const char *trouble;
};
struct delivery_standing delivery_standing(const struct delivery *delivery, const char *sink);
/* Whether anything is being sent now, or will be on the next turn. */
bool delivery_is_busy(const struct delivery *delivery);

#endif
