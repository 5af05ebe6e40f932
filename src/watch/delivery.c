/* SPDX-License-Identifier: Apache-2.0 */
/* See delivery.h. In memory all times are the loop's, which no clock that is set moves; the store
 * has wall time. */
#include "watch/delivery.h"

#include "base/id.h"
#include "base/log.h"
#include "base/map.h"
#include "base/vec.h"
#include "loop/loop.h"
#include "store/read.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* One event for one sink. */
struct parcel {
    struct delivery *delivery;
    struct event event;
    char *sink;
    int64_t created_us, due_us;
    unsigned attempts;
    uint64_t number;         /* in order of adding */
    bool may_go;             /* the store has it */
    bool ended;              /* to be taken off the list */
    bool refresh;            /* stands in no outbox, and is tried once */
    struct sending *sending; /* NULL: it waits */
    struct parcel *next;
};

/* What is remembered of a sink beyond its configuration. */
struct standing {
    char *name;
    unsigned under_way, failures; /* in a row */
    bool gone;                    /* it wants to hear nothing, until the next plan */
    bool told_of;                 /* that it does not work */
    int64_t not_before_us;        /* it asked to be left alone so long */
    uint64_t delivered, failed;
    char *trouble; /* why the last attempt failed; NULL: it did not */
};

/* Who heard of an open incident, and when last. */
struct told {
    char *incident, *sink;
    int64_t at_us;
};

struct delivery {
    struct delivery_settings settings;
    const struct sink_list *sinks;
    struct sender *sender;
    struct parcel *first, **end; /* in order of adding */
    VEC(struct standing) standings;
    VEC(struct told) told;
    struct timer pump;
    struct delivery_state state;
    size_t under_way;
    uint64_t last_number;
    bool store_in_trouble;
};

static int64_t wall_us(const struct delivery *delivery)
{
    return clock_wall_us(loop_clock(delivery->settings.loop));
}

static int64_t now_us(const struct delivery *delivery)
{
    return loop_now_us(delivery->settings.loop);
}

static int64_t wall_of(const struct delivery *delivery, int64_t time_us)
{
    return wall_us(delivery) + time_us - now_us(delivery);
}

/* What the store says happened then, as far as its clock can be believed. */
static int64_t past_of(const struct delivery *delivery, int64_t then_wall_us)
{
    int64_t ago_us = wall_us(delivery) - then_wall_us;
    return now_us(delivery) - (ago_us > 0 ? ago_us : 0);
}

static const struct sink *find_sink(const struct delivery *delivery, const char *name)
{
    return delivery->sinks ? sink_list_find(delivery->sinks, name) : NULL;
}

static struct standing *standing_of(struct delivery *delivery, const char *name)
{
    vec_each(standing, &delivery->standings) {
        if (!strcmp(standing->name, name)) return standing;
    }
    struct standing *standing = vec_add(&delivery->standings);
    standing->name = xstrdup(name);
    return standing;
}

/* --- Who heard of what */

static struct told *find_told(struct delivery *delivery, const char *incident, const char *sink)
{
    vec_each(told, &delivery->told) {
        if (!strcmp(told->incident, incident) && !strcmp(told->sink, sink)) return told;
    }
    return NULL;
}

static void note_told(struct delivery *delivery, const char *incident, const char *sink,
                      int64_t at_us)
{
    struct told *told = find_told(delivery, incident, sink);
    if (told) {
        told->at_us = at_us;
        return;
    }
    told = vec_add(&delivery->told);
    *told = (struct told){xstrdup(incident), xstrdup(sink), at_us};
}

static void forget_told(struct delivery *delivery, const char *incident, const char *sink)
{
    struct told *told = find_told(delivery, incident, sink);
    if (!told) return;
    free(told->incident);
    free(told->sink);
    *told = *vec_last(&delivery->told);
    delivery->told.count--;
}

/* --- Parcels */

static void pump_soon(struct delivery *delivery)
{
    timer_set(&delivery->pump, now_us(delivery));
}

static struct parcel *parcel_add(struct delivery *delivery, const char *sink,
                                 const struct event *event, int64_t created_us)
{
    struct parcel *parcel = NEW(struct parcel);
    parcel->delivery = delivery;
    parcel->event = event_copy(event);
    parcel->sink = xstrdup(sink);
    parcel->created_us = parcel->due_us = created_us;
    parcel->number = ++delivery->last_number;
    parcel->may_go = delivery->store_in_trouble;
    *delivery->end = parcel;
    delivery->end = &parcel->next;
    delivery->state.waiting++;
    return parcel;
}

static void parcel_free(struct parcel *parcel)
{
    if (parcel->sending) parcel->delivery->settings.cancel(parcel->sending);
    event_release(&parcel->event);
    free(parcel->sink);
    free(parcel);
}

/* Takes what has ended off the list. */
static void sweep(struct delivery *delivery)
{
    struct parcel **at = &delivery->first;
    while (*at) {
        struct parcel *parcel = *at;
        if (!parcel->ended) {
            at = &parcel->next;
            continue;
        }
        *at = parcel->next;
        delivery->state.waiting--;
        parcel_free(parcel);
    }
    delivery->end = at;
}

/* What the receiver said in its own words is for the log alone. */
static void say(const struct parcel *parcel, enum log_level level, const char *what,
                const char *why, const char *said)
{
    log_line(parcel->delivery->settings.log, level, "sink %s: %s: %s%s%s", parcel->sink, what, why,
             *said ? ": " : "", said);
}

static void tell_of(struct delivery *delivery, struct standing *standing, const char *why)
{
    standing->told_of = true;
    delivery->settings.sink_changed(delivery->settings.context, standing->name, why);
}

static void give_up(struct parcel *parcel, const char *why, const char *said)
{
    struct delivery *delivery = parcel->delivery;
    parcel->ended = true;
    if (parcel->refresh) return;
    delivery->state.given_up++;
    AUTO_FREE char *what = xasprintf("given up telling that %s", parcel->event.line);
    say(parcel, LOG_ERROR, what, why, said);
    struct store_batch *batch = store_begin(delivery->settings.store);
    batch_give_up_delivery(batch, parcel->event.id, parcel->sink, wall_us(delivery), why);
    store_commit(batch, NULL, NULL);
    if (!find_sink(delivery, parcel->sink)) return; /* nobody expects it to hear */
    tell_of(delivery, standing_of(delivery, parcel->sink), why);
}

/* --- One attempt */

static void note_failure(struct delivery *delivery, struct standing *standing, const char *why)
{
    delivery->state.failed++;
    standing->failed++;
    free(standing->trouble);
    standing->trouble = xstrdup(why);
    if (++standing->failures == DELIVERY_FAILING_AFTER || standing->gone)
        tell_of(delivery, standing, why);
}

static void forget_failures(struct standing *standing)
{
    standing->failures = 0;
    standing->gone = standing->told_of = false;
    standing->not_before_us = 0;
    free(take(standing->trouble));
}

static void note_success(struct delivery *delivery, struct standing *standing)
{
    bool may_have_failed = standing->told_of || !standing->delivered;
    if (standing->trouble)
        log_line(delivery->settings.log, LOG_NOTICE, "sink %s takes what it is told again",
                 standing->name);
    forget_failures(standing);
    standing->delivered++;
    if (may_have_failed) /* before a restart, for all we know */
        delivery->settings.sink_changed(delivery->settings.context, standing->name, NULL);
}

static void end_well(struct parcel *parcel)
{
    struct delivery *delivery = parcel->delivery;
    parcel->ended = true;
    if (parcel->refresh) return;
    delivery->state.delivered++;
    struct store_batch *batch = store_begin(delivery->settings.store);
    batch_delivered(batch, parcel->event.id, parcel->sink, wall_us(delivery));
    store_commit(batch, NULL, NULL);
}

static void try_later(struct parcel *parcel, struct standing *standing,
                      const struct sink_result *result)
{
    struct delivery *delivery = parcel->delivery;
    uint64_t bits = 0;
    (void)!getrandom(&bits, sizeof bits, GRND_NONBLOCK);
    parcel->due_us = now_us(delivery) + sink_pause_us(parcel->attempts, result->after_us, bits);
    if (result->after_us) standing->not_before_us = parcel->due_us;
    if (!standing->trouble || strcmp(standing->trouble, result->why) != 0) /* said once is enough */
        say(parcel, LOG_WARNING,
            result->outcome == SINK_GONE ? "is told nothing until the next reload"
                                         : "will be told again",
            result->why, result->said);
    struct store_batch *batch = store_begin(delivery->settings.store);
    batch_deliver_later(batch, parcel->event.id, parcel->sink, wall_of(delivery, parcel->due_us),
                        result->why);
    store_commit(batch, NULL, NULL);
}

static void on_sent(void *context, const struct sink_result *result)
{
    struct parcel *parcel = context;
    struct delivery *delivery = parcel->delivery;
    struct standing *standing = standing_of(delivery, parcel->sink);
    parcel->sending = NULL;
    parcel->attempts++;
    standing->under_way--;
    delivery->under_way--;
    switch (result->outcome) {
    case SINK_DELIVERED:
        if (*result->why)
            say(parcel, LOG_WARNING, "was told, but not everybody there", result->why,
                result->said);
        end_well(parcel);
        note_success(delivery, standing);
        break;
    case SINK_REFUSED:
        give_up(parcel, result->why, result->said);
        note_failure(delivery, standing, result->why);
        break;
    case SINK_GONE: /* it waits for the receiver that comes in its place */
    case SINK_AGAIN:
        standing->gone = result->outcome == SINK_GONE;
        if (parcel->refresh)
            parcel->ended = true;
        else
            try_later(parcel, standing, result);
        note_failure(delivery, standing, result->why);
        break;
    }
    pump_soon(delivery);
}

/* --- The pump */

static bool is_too_old(const struct parcel *parcel, const struct sink *sink)
{
    return !parcel->sending &&
           now_us(parcel->delivery) - parcel->created_us > sink->give_up_after_us;
}

/* Starts what may go now, in order, at most one of each incident and sink. Returns when to look
 * again. */
static int64_t start_what_is_due(struct delivery *delivery)
{
    struct map before = MAP_INIT(NULL); /* "sink incident": an earlier one has not ended */
    int64_t next_us = INT64_MAX;
    for (struct parcel *parcel = delivery->first; parcel; parcel = parcel->next) {
        const struct sink *sink = find_sink(delivery, parcel->sink);
        if (!sink) give_up(parcel, "this sink is not configured any more", "");
        if (sink && is_too_old(parcel, sink)) give_up(parcel, "it is too old", "");
        if (parcel->ended) continue;
        AUTO_FREE char *lane = xasprintf("%s %s", parcel->sink, parcel->event.incident_id);
        bool is_first = !map_get(&before, view_of(lane));
        map_set(&before, view_of(lane), parcel);
        if (!is_first || parcel->sending || !parcel->may_go) continue;
        struct standing *standing = standing_of(delivery, parcel->sink);
        if (standing->under_way >= DELIVERY_AT_ONCE) continue;
        if (standing->gone) {
            int64_t end_us = parcel->created_us + sink->give_up_after_us + 1;
            next_us = end_us < next_us ? end_us : next_us;
            continue;
        }
        int64_t due_us =
            parcel->due_us > standing->not_before_us ? parcel->due_us : standing->not_before_us;
        if (due_us > now_us(delivery)) {
            next_us = due_us < next_us ? due_us : next_us;
            continue;
        }
        standing->under_way++;
        delivery->under_way++;
        parcel->sending =
            delivery->settings.send(delivery->sender, sink, &parcel->event, on_sent, parcel);
    }
    map_release(&before);
    return next_us;
}

static void pump(struct delivery *delivery)
{
    size_t waiting = delivery->state.waiting;
    for (struct parcel *parcel = delivery->first; parcel && waiting > DELIVERY_MOST;
         parcel = parcel->next) {
        if (parcel->sending || parcel->ended) continue;
        give_up(parcel, "too many others wait", "");
        waiting--;
    }
    int64_t next_us = start_what_is_due(delivery);
    sweep(delivery);
    if (next_us < INT64_MAX) timer_set(&delivery->pump, next_us);
}

static void on_pump(void *context)
{
    struct delivery *delivery = context;
    if (delivery->sender) pump(delivery);
    if (delivery->settings.idle && !delivery_is_busy(delivery))
        delivery->settings.idle(delivery->settings.context);
}

/* --- From outside */

struct delivery *delivery_new(const struct delivery_settings *settings)
{
    struct delivery *delivery = NEW(struct delivery);
    delivery->settings = *settings;
    if (!settings->send) {
        delivery->settings.send = sink_send;
        delivery->settings.cancel = sending_cancel;
    }
    delivery->end = &delivery->first;
    timer_init(&delivery->pump, settings->loop, on_pump, delivery);
    return delivery;
}

void delivery_free(struct delivery *delivery)
{
    if (!delivery) return;
    timer_cancel(&delivery->pump);
    for (struct parcel *parcel = delivery->first; parcel;) {
        struct parcel *next = parcel->next;
        parcel_free(parcel);
        parcel = next;
    }
    vec_each(standing, &delivery->standings) {
        free(standing->name);
        free(standing->trouble);
    }
    vec_each(told, &delivery->told) {
        free(told->incident);
        free(told->sink);
    }
    vec_release(&delivery->standings);
    vec_release(&delivery->told);
    free(delivery);
}

/* What is under way with the old means is begun anew with the new ones: at least once. */
static void recall(struct delivery *delivery)
{
    for (struct parcel *parcel = delivery->first; parcel; parcel = parcel->next) {
        if (!parcel->sending) continue;
        delivery->settings.cancel(parcel->sending);
        parcel->sending = NULL;
        standing_of(delivery, parcel->sink)->under_way--;
        delivery->under_way--;
    }
}

/* What waits for it waits no longer, but for what its receiver asked. */
static void hurry(struct delivery *delivery, const char *sink)
{
    for (struct parcel *parcel = delivery->first; parcel; parcel = parcel->next)
        if (!strcmp(parcel->sink, sink) && parcel->due_us > now_us(delivery))
            parcel->due_us = now_us(delivery);
    pump_soon(delivery);
}

void delivery_set_sinks(struct delivery *delivery, const struct sink_list *sinks,
                        struct sender *sender)
{
    recall(delivery);
    delivery->sinks = sinks;
    delivery->sender = sender;
    vec_each(standing, &delivery->standings) {
        standing->gone = false;
        if (!find_sink(delivery, standing->name)) forget_failures(standing);
        if (standing->trouble) hurry(delivery, standing->name);
    }
    pump_soon(delivery);
}

void delivery_sink_works(struct delivery *delivery, const char *sink)
{
    forget_failures(standing_of(delivery, sink));
    hurry(delivery, sink);
    delivery->settings.sink_changed(delivery->settings.context, sink, NULL);
}

static bool wants(struct delivery *delivery, const struct sink *sink, const struct event *event)
{
    AUTO_FREE char *own = xasprintf("sink:%s", sink->name);
    if (!strcmp(event->signature, own)) return false; /* it would not hear that it is deaf */
    return find_told(delivery, event->incident_id, sink->name) ||
           (event->type != EVENT_RESOLVED && sink_wants(sink, event));
}

uint64_t delivery_add(struct delivery *delivery, struct store_batch *batch,
                      const struct event *event)
{
    int64_t wall = wall_us(delivery);
    AUTO_BUF payload = BUF_INIT(BUF_OWN_CAP);
    event_print(event, &payload);
    if (!delivery->sinks) return delivery->last_number;
    vec_each(sink, delivery->sinks) {
        if (!wants(delivery, sink, event)) continue;
        parcel_add(delivery, sink->name, event, now_us(delivery));
        batch_add_outbox(batch, &(struct store_delivery){.event_id = event->id,
                                                         .sink = sink->name,
                                                         .incident_id = event->incident_id,
                                                         .payload = buf_text(&payload),
                                                         .created_us = wall,
                                                         .due_us = wall});
        if (event->type == EVENT_RESOLVED)
            forget_told(delivery, event->incident_id, sink->name);
        else
            note_told(delivery, event->incident_id, sink->name, now_us(delivery));
    }
    if (delivery->store_in_trouble) pump_soon(delivery);
    return delivery->last_number;
}

void delivery_release(struct delivery *delivery, uint64_t number)
{
    for (struct parcel *parcel = delivery->first; parcel && parcel->number <= number;
         parcel = parcel->next)
        parcel->may_go = true;
    pump_soon(delivery);
}

void delivery_trust_store(struct delivery *delivery, bool good)
{
    delivery->store_in_trouble = !good;
    if (!good) delivery_release(delivery, UINT64_MAX);
}

static bool waits_already(const struct delivery *delivery, const char *incident, const char *sink)
{
    for (struct parcel *parcel = delivery->first; parcel; parcel = parcel->next) {
        if (!strcmp(parcel->event.incident_id, incident) && !strcmp(parcel->sink, sink))
            return true;
    }
    return false;
}

void delivery_refresh(struct delivery *delivery, const struct event *face)
{
    if (!delivery->sinks) return;
    vec_each(sink, delivery->sinks) {
        int64_t every_us = sink_refresh_us(sink);
        struct told *told = find_told(delivery, face->incident_id, sink->name);
        if (!every_us || !told || now_us(delivery) - told->at_us < every_us ||
            waits_already(delivery, face->incident_id, sink->name))
            continue;
        struct parcel *parcel = parcel_add(delivery, sink->name, face, now_us(delivery));
        parcel->event.type = EVENT_REMINDER;
        parcel->event.time_us = wall_us(delivery);
        id_uuid_v7(parcel->event.time_us, parcel->event.id);
        parcel->refresh = parcel->may_go = true;
        told->at_us = now_us(delivery);
        pump_soon(delivery);
    }
}

/* --- After a start */

/* No pause is longer than what one receiver can ask for, whatever the clocks did meanwhile. */
static int64_t due_of(const struct delivery *delivery, const struct store_delivery *row)
{
    int64_t wait_us = row->due_us - wall_us(delivery), most_us = sink_pause_us(0, INT64_MAX, 0);
    if (wait_us < 0) wait_us = 0;
    return now_us(delivery) + (wait_us < most_us ? wait_us : most_us);
}

static void take_up(struct delivery *delivery, const struct store_delivery *row)
{
    AUTO_ERROR error = ERROR_NONE;
    struct event event;
    if (!event_parse(view_of(row->payload), &event, &error)) {
        log_line(delivery->settings.log, LOG_ERROR, "sink %s: what waits for it is damaged: %s",
                 row->sink, error_text(&error));
        return;
    }
    struct parcel *parcel =
        parcel_add(delivery, row->sink, &event, past_of(delivery, row->created_us));
    parcel->due_us = due_of(delivery, row);
    parcel->attempts = (unsigned)row->attempts;
    parcel->may_go = true;
    event_release(&event);
}

static bool recall_who_heard(struct delivery *delivery, const char *incident, struct error *error)
{
    struct store_delivery_list rows;
    if (!store_deliveries(delivery->settings.store, incident, &rows, error)) return false;
    vec_each(row, &rows)
        note_told(delivery, incident, row->sink, past_of(delivery, row->created_us));
    store_delivery_list_release(&rows);
    return true;
}

bool delivery_restore(struct delivery *delivery, const char *const *open, size_t open_count,
                      struct error *error)
{
    struct store_delivery_list rows;
    for (size_t i = 0; i < open_count; i++)
        if (!recall_who_heard(delivery, open[i], error)) return false;
    if (!store_outbox_waiting(delivery->settings.store, &rows, error)) return false;
    vec_each(row, &rows) take_up(delivery, row);
    store_delivery_list_release(&rows);
    pump_soon(delivery);
    return true;
}

struct delivery_state delivery_state(const struct delivery *delivery)
{
    struct delivery_state state = delivery->state;
    for (struct parcel *parcel = delivery->first; parcel && !state.oldest_us; parcel = parcel->next)
        if (!parcel->refresh) state.oldest_us = wall_of(delivery, parcel->created_us);
    return state;
}

struct delivery_standing delivery_standing(const struct delivery *delivery, const char *sink)
{
    vec_each(standing, &delivery->standings) {
        if (!strcmp(standing->name, sink))
            return (struct delivery_standing){standing->delivered, standing->failed,
                                              standing->trouble};
    }
    return (struct delivery_standing){0};
}

bool delivery_is_busy(const struct delivery *delivery)
{
    bool looks_now =
        timer_is_set(&delivery->pump) && delivery->pump.deadline_us <= now_us(delivery);
    return delivery->under_way > 0 || looks_now;
}
