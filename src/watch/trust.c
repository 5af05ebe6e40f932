/* SPDX-License-Identifier: Apache-2.0 */
/* See trust.h. */
#include "watch/trust.h"

#include "text/quantity.h"
#include "watch/notify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct control {
    struct trust *trust;
    struct http_session *session;
    struct http_exchange *exchange;
    bool failed; /* at the last look */
};

struct trust {
    struct trust_settings settings;
    struct timer beat, look;
    int64_t window_from_us; /* monotonic */
    int64_t longest_us[2];  /* stall of this window, and of the one before */
    int64_t beat_due_us;    /* monotonic */
    int64_t offset_us;      /* of wall time to monotonic time */
    int64_t calm_at_us;     /* monotonic: the stall is forgotten then */
    struct control *controls;
    size_t under_way;
    int64_t looked_at_us; /* monotonic: when the last look ended */
    bool blind;           /* every control URL failed */
    bool good;
    char why[200];
};

static int64_t offset_now_us(const struct trust *trust)
{
    return clock_wall_us(loop_clock(trust->settings.loop)) - loop_now_us(trust->settings.loop);
}

static void weigh(struct trust *trust)
{
    bool stalled = loop_now_us(trust->settings.loop) < trust->calm_at_us;
    bool good = !stalled && !trust->blind;
    if (good == trust->good) return;
    trust->good = good;
    const char *why = good      ? ""
                      : stalled ? trust->why
                                : "every control URL fails: it is we who cannot see";
    trust->settings.changed(trust->settings.context, good, why);
}

static void turn_window(struct trust *trust)
{
    int64_t age_us = loop_now_us(trust->settings.loop) - trust->window_from_us;
    if (age_us < TRUST_WINDOW_US) return;
    trust->longest_us[1] = age_us < 2 * TRUST_WINDOW_US ? trust->longest_us[0] : 0;
    trust->longest_us[0] = 0;
    trust->window_from_us += age_us;
}

/* A turn that took long, or a heartbeat that is overdue: the whole process slept. */
static void watch_stall(struct trust *trust)
{
    int64_t stall_us = loop_take_stall_us(trust->settings.loop);
    int64_t late_us = loop_now_us(trust->settings.loop) - trust->beat_due_us;
    if (late_us > stall_us) stall_us = late_us;
    turn_window(trust);
    if (stall_us > trust->longest_us[0]) trust->longest_us[0] = stall_us;
    if (stall_us < TRUST_STALL_US) return;
    AUTO_BUF length = BUF_INIT(100);
    quantity_print_duration(stall_us, &length);
    snprintf(trust->why, sizeof trust->why, "this prober stood still for %s", buf_text(&length));
    trust->calm_at_us = loop_now_us(trust->settings.loop) + TRUST_CALM_US;
}

static void set_beat(struct trust *trust)
{
    trust->beat_due_us = loop_now_us(trust->settings.loop) + TRUST_BEAT_US;
    timer_set(&trust->beat, trust->beat_due_us);
}

static void on_beat(void *context)
{
    struct trust *trust = context;
    int64_t offset_us = offset_now_us(trust), jump_us = offset_us - trust->offset_us;
    trust->offset_us = offset_us;
    watch_stall(trust);
    if (jump_us > TRUST_JUMP_US || jump_us < -TRUST_JUMP_US)
        trust->settings.clock_jumped(trust->settings.context, jump_us);
    weigh(trust);
    bool walks = trust->settings.unhandled_us(trust->settings.context) < TRUST_OVERDUE_US;
    if (notify_watchdog_us() && walks) notify_alive();
    set_beat(trust);
}

/* --- Control URLs */

static void look_over(struct trust *trust)
{
    trust->blind = true;
    trust->looked_at_us = loop_now_us(trust->settings.loop);
    for (size_t i = 0; i < trust->settings.control_count; i++)
        if (!trust->controls[i].failed) trust->blind = false;
    weigh(trust);
    timer_set(&trust->look, loop_now_us(trust->settings.loop) + TRUST_CONTROL_US);
}

static void on_answer(void *context, struct http_result *result)
{
    struct control *control = context;
    struct trust *trust = control->trust;
    control->exchange = NULL;
    control->failed = result->kind != OUTCOME_PASS; /* any answer shows that we can see */
    http_result_release(result);
    trust->settings.client->operations->session_close(control->session);
    control->session = NULL;
    if (--trust->under_way == 0) look_over(trust);
}

static void on_look(void *context)
{
    struct trust *trust = context;
    const struct http_client_operations *http = trust->settings.client->operations;
    trust->under_way = trust->settings.control_count;
    for (size_t i = 0; i < trust->settings.control_count; i++) {
        struct http_request request = {
            .method = "GET",
            .url = trust->settings.control[i],
            .timeout_us = 10 * US_PER_SECOND,
            .stall_us = 5 * US_PER_SECOND,
            .max_body_bytes = (size_t)1 << 20,
            .max_wire_bytes = (size_t)1 << 20,
        };
        struct control *control = &trust->controls[i];
        control->session = http->session_open(trust->settings.client);
        control->exchange = http->send(control->session, &request, on_answer, control);
    }
}

void trust_look(struct trust *trust)
{
    int64_t now_us = loop_now_us(trust->settings.loop);
    bool fresh = now_us - trust->looked_at_us < TRUST_FRESH_US;
    if (trust->settings.control_count && !trust->under_way && !fresh)
        timer_set(&trust->look, now_us);
}

bool trust_is_looking(const struct trust *trust)
{
    return trust->under_way || (timer_is_set(&trust->look) &&
                                trust->look.deadline_us <= loop_now_us(trust->settings.loop));
}

struct trust *trust_new(const struct trust_settings *settings)
{
    struct trust *trust = NEW(struct trust);
    trust->settings = *settings;
    trust->good = !settings->doubted;
    trust->blind = settings->doubted && settings->control_count; /* until they were looked at */
    trust->controls = xcalloc(settings->control_count, sizeof(struct control));
    for (size_t i = 0; i < settings->control_count; i++) trust->controls[i].trust = trust;
    trust->offset_us = offset_now_us(trust);
    trust->window_from_us = loop_now_us(settings->loop);
    trust->looked_at_us = trust->window_from_us - TRUST_FRESH_US;
    (void)loop_take_stall_us(settings->loop); /* what was before us is not ours */
    timer_init(&trust->beat, settings->loop, on_beat, trust);
    timer_init(&trust->look, settings->loop, on_look, trust);
    set_beat(trust);
    if (settings->control_count) timer_set(&trust->look, loop_now_us(settings->loop));
    return trust;
}

void trust_free(struct trust *trust)
{
    if (!trust) return;
    timer_cancel(&trust->beat);
    timer_cancel(&trust->look);
    const struct http_client_operations *http = trust->settings.client->operations;
    for (size_t i = 0; i < trust->settings.control_count; i++) {
        if (trust->controls[i].exchange) http->cancel(trust->controls[i].exchange);
        if (trust->controls[i].session) http->session_close(trust->controls[i].session);
    }
    free(trust->controls);
    free(trust);
}

int64_t trust_stall_us(struct trust *trust)
{
    watch_stall(trust);
    const int64_t *longest_us = trust->longest_us;
    return longest_us[0] > longest_us[1] ? longest_us[0] : longest_us[1];
}

bool trust_is_good(struct trust *trust)
{
    watch_stall(trust);
    weigh(trust);
    return trust->good;
}
