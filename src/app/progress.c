/* SPDX-License-Identifier: Apache-2.0 */
/* See progress.h. */
#include "app/progress.h"

#include "app/terminal.h"
#include "base/codec.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "run/run.h"
#include "text/quantity.h"

#include <stdlib.h>

#define REDRAW_US (100 * US_PER_MS)
#define LIVE_LINES 20

struct live_run {
    const struct run *run;
    int64_t started_us;
    int64_t step_started_us;
    size_t done;       /* steps that have ended */
    char *waiting_for; /* the step under way */
};

struct progress {
    struct loop *loop;
    FILE *stream;
    bool live, color;
    const struct redactor *redactor;
    VEC(struct live_run) runs;
    struct timer redraw;
    size_t drawn; /* live lines on the screen */
};

static void on_redraw(void *context);

struct progress *progress_new(struct loop *loop, FILE *stream, bool live, bool color,
                              const struct redactor *redactor)
{
    struct progress *progress = NEW(struct progress);
    progress->loop = loop;
    progress->stream = stream;
    progress->live = live;
    progress->color = color;
    progress->redactor = redactor;
    timer_init(&progress->redraw, loop, on_redraw, progress);
    return progress;
}

static void erase(struct progress *progress)
{
    for (; progress->drawn; progress->drawn--) fputs("\033[A\033[2K", progress->stream);
}

void progress_free(struct progress *progress)
{
    if (!progress) return;
    timer_cancel(&progress->redraw);
    erase(progress);
    fflush(progress->stream);
    vec_each(live, &progress->runs) free(live->waiting_for);
    vec_release(&progress->runs);
    free(progress);
}

static void print_redacted(struct progress *progress, struct view text)
{
    AUTO_BUF redacted = BUF_INIT(BUF_OWN_CAP);
    redact_add(progress->redactor, &redacted, text);
    fwrite(buf_text(&redacted), 1, redacted.length, progress->stream);
}

/* "  checkout (desktop)  3 done, 1.2 s: add to cart 0.4 s" */
static void draw_run(struct progress *progress, const struct live_run *live, unsigned columns)
{
    int64_t now_us = loop_now_us(progress->loop);
    AUTO_BUF raw = BUF_INIT(BUF_OWN_CAP), visible = BUF_INIT(BUF_OWN_CAP);
    AUTO_BUF line = BUF_INIT(BUF_OWN_CAP);
    buf_addf(&raw, "  %s (%s)  %zu done, ", run_journey(live->run)->name, run_persona(live->run),
             live->done);
    quantity_print_duration(now_us - live->started_us, &raw);
    if (live->waiting_for) {
        buf_addf(&raw, ": %s ", live->waiting_for);
        quantity_print_duration(now_us - live->step_started_us, &raw);
    }
    codec_add_visible(&visible, buf_view(&raw));
    redact_add(progress->redactor, &line, buf_view(&visible)); /* before it is cut */
    struct view shown = buf_view(&line);
    size_t end = 0;
    for (unsigned column = 1; end < shown.length;) { /* a full line would wrap */
        size_t after = end;
        column += utf8_columns(utf8_next(shown, &after));
        if (column > columns) break;
        end = after;
    }
    fwrite(shown.data, 1, end, progress->stream);
    fputc('\n', progress->stream);
    progress->drawn++;
}

/* Lines that have left the screen cannot be drawn anew. */
static size_t lines_at_most(const struct progress *progress)
{
    unsigned rows = terminal_rows(progress->stream);
    return rows < 3 ? 1 : rows - 2 < LIVE_LINES ? rows - 2 : LIVE_LINES;
}

static void draw(struct progress *progress)
{
    unsigned columns = terminal_columns(progress->stream);
    size_t most = lines_at_most(progress);
    vec_each(live, &progress->runs) {
        if (progress->drawn == most) break;
        draw_run(progress, live, columns);
    }
    if (progress->runs.count > most) {
        fprintf(progress->stream, "  and %zu more\n", progress->runs.count - most);
        progress->drawn++;
    }
    fflush(progress->stream);
}

static void on_redraw(void *context)
{
    struct progress *progress = context;
    erase(progress);
    draw(progress);
    if (progress->runs.count) timer_set(&progress->redraw, loop_now_us(progress->loop) + REDRAW_US);
}

void progress_print(struct progress *progress, const struct buf *text)
{
    erase(progress);
    print_redacted(progress, buf_view(text));
    if (progress->live) draw(progress);
    fflush(progress->stream);
}

static struct live_run *live_of(struct progress *progress, const struct run *run)
{
    vec_each(live, &progress->runs) {
        if (live->run == run) return live;
    }
    struct live_run *live = vec_add(&progress->runs);
    live->run = run;
    live->started_us = loop_now_us(progress->loop);
    return live;
}

static void wait_for(struct progress *progress, struct live_run *live, const char *what)
{
    free(live->waiting_for);
    live->waiting_for = xstrdup(what);
    live->step_started_us = loop_now_us(progress->loop);
}

static void forget(struct progress *progress, struct live_run *live)
{
    free(live->waiting_for);
    *live = *vec_last(&progress->runs);
    progress->runs.count--;
}

void progress_observe(void *context, const struct run *run, enum run_event event,
                      const struct step_report *step)
{
    struct progress *progress = context;
    if (!progress->live) return;
    struct live_run *live = live_of(progress, run);
    switch (event) {
    case RUN_EVENT_STARTED: wait_for(progress, live, NULL); break;
    case RUN_EVENT_WAITING_FOR_ACCOUNT:
        wait_for(progress, live, "waiting for a free account");
        break;
    case RUN_EVENT_STEP_STARTED: wait_for(progress, live, step->name); break;
    case RUN_EVENT_STEP_ENDED:
        live->done++;
        wait_for(progress, live, NULL);
        break;
    case RUN_EVENT_ENDED: forget(progress, live); break;
    }
    if (progress->runs.count && !timer_is_set(&progress->redraw)) {
        timer_set(&progress->redraw, loop_now_us(progress->loop) + REDRAW_US);
    }
}
