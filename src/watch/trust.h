/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether we can believe what we see. A prober that is itself in trouble must not page: while the
 * loop stalls, or every `control` URL (known good, on another network) fails, what shoppers report
 * is collected and not judged.
 *
 * The same heartbeat notices when the wall clock jumps, and feeds the service manager's watchdog,
 * as long as shoppers start when they are due.
 */
#ifndef SHOPPER_WATCH_TRUST_H
#define SHOPPER_WATCH_TRUST_H

#include "http/http.h"
#include "loop/loop.h"

struct trust;

#define TRUST_BEAT_US (1 * US_PER_SECOND)
#define TRUST_STALL_US (1 * US_PER_SECOND)   /* a turn of the loop that takes so long is a stall */
#define TRUST_CALM_US (10 * US_PER_SECOND)   /* without a stall, before we are believed again */
#define TRUST_OVERDUE_US (5 * US_PER_SECOND) /* of a slot, before the watchdog starves */
#define TRUST_JUMP_US (500 * US_PER_MS)      /* between wall and monotonic time, in one heartbeat */
#define TRUST_CONTROL_US (15 * US_PER_SECOND) /* between two looks at the control URLs */
#define TRUST_FRESH_US (1 * US_PER_SECOND)    /* what they showed so long ago is as good as now */

struct trust_settings {
    struct loop *loop;
    struct http_client *client;
    char *const *control; /* URLs, owned by the caller */
    size_t control_count;
    bool doubted; /* at the start we are not believed yet: nor were we before it */
    /* `why` is for people, "" when we are believed again. */
    void (*changed)(void *context, bool trusted, const char *why);
    void (*clock_jumped)(void *context, int64_t by_us);
    /* How long a slot has been due that nobody handled; 0: none is. */
    int64_t (*unhandled_us)(void *context);
    void *context;
};

struct trust *trust_new(const struct trust_settings *settings) MUST_CHECK;
void trust_free(struct trust *trust);
/* Somebody failed: is it us? Looks at the control URLs now, unless that was just done. */
void trust_look(struct trust *trust);
bool trust_is_looking(const struct trust *trust);
/* The longest stall of the last TRUST_WINDOW_US, or a little more: whoever asks takes nothing away
 * from who asks next. */
#define TRUST_WINDOW_US (60 * US_PER_SECOND)
int64_t trust_stall_us(struct trust *trust);
/* As of now: a stall that the heartbeat has yet to notice counts, too. */
bool trust_is_good(struct trust *trust);

#endif
