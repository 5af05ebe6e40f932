/* SPDX-License-Identifier: Apache-2.0 */
/* See step_times.h. */
#include "report/step_times.h"

#include "answer/json.h"
#include "base/codec.h"
#include "base/vec.h"
#include "journey/program.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *word;
    size_t offset;
} phases[PHASE_COUNT] = {
    [PHASE_DNS] = {"dns", offsetof(struct timings, dns_us)},
    [PHASE_CONNECT] = {"connect", offsetof(struct timings, connect_us)},
    [PHASE_TLS] = {"tls", offsetof(struct timings, tls_us)},
    [PHASE_WAIT] = {"wait", offsetof(struct timings, first_byte_us)},
    [PHASE_TRANSFER] = {"transfer", offsetof(struct timings, transfer_us)},
};

const char *step_phase_word(enum step_phase phase)
{
    return phases[phase].word;
}

void step_times_release(struct step_times *times)
{
    cJSON_Delete(times->parsed);
    vec_release(times);
}

static void forget(struct step_time *time)
{
    time->us = STEP_UNMEASURED;
    for (size_t i = 0; i < PHASE_COUNT; i++) time->phases_us[i] = STEP_UNMEASURED;
}

void step_times_forget(struct step_times *times)
{
    vec_each(time, times) forget(time);
}

/* --- Of a run */

static bool is_of(const struct step_report *report, const struct step *step)
{
    return report->section == SECTION_STEPS && report->place.source == step->place.source &&
           report->place.line == step->place.line && report->place.column == step->place.column &&
           !strcmp(report->name, step->name);
}

/* How many steps before the one at `end` look like it: those of a file that is used twice. */
static size_t twins_before(const struct instruction_list *program, size_t end)
{
    const struct step *step = program->items[end].step;
    size_t twins = 0;
    for (size_t i = 0; i < end; i++) {
        const struct step *other = program->items[i].step;
        twins += program->items[i].code == INSTRUCTION_BEGIN &&
                 other->place.source == step->place.source &&
                 other->place.line == step->place.line && other->place.column == step->place.column;
    }
    return twins;
}

/* The slowest of its elements. NULL: it was not reached. */
static const struct step_report *find_walked(const struct run_report *report,
                                             const struct step *step, size_t twins)
{
    const struct step_report *found = NULL;
    size_t beginnings = 0;
    vec_each(one, &report->steps) {
        if (!is_of(one, step)) continue;
        beginnings += one->each_index <= 1;
        if (beginnings != twins + 1 || one->verdict == VERDICT_SKIPPED) continue;
        if (!found || one->duration_us > found->duration_us) found = one;
    }
    return found;
}

/* By what stands in the file, since an answer there may be none. */
static bool wants_tls(const struct run_report *report, const struct step *step)
{
    const struct template_part *first = step->url->count ? &step->url->parts[0] : NULL;
    struct view url = first && first->text ? (struct view){first->text, first->length} : VIEW_NONE;
    if (!view_starts_with_nocase(url, VIEW_LITERAL("http:")) &&
        !view_starts_with_nocase(url, VIEW_LITERAL("https:")))
        url = view_of(report->base);
    return view_starts_with_nocase(url, VIEW_LITERAL("https:"));
}

static void measure_phases(const struct step_report *walked, struct step_time *time)
{
    for (size_t i = 0; i < PHASE_COUNT; i++) {
        int64_t us;
        memcpy(&us, (const char *)&walked->timings + phases[i].offset, sizeof(us));
        bool came_so_far = walked->status || us;
        if (came_so_far) time->phases_us[i] = us;
    }
}

static void add_step(struct step_times *times, const struct run_report *report,
                     const struct step *step, const struct step_report *walked)
{
    struct step_time *time = vec_add(times);
    forget(time);
    time->name = step->name;
    time->requests = step->kind == STEP_REQUEST;
    for (size_t i = 0; time->requests && i < PHASE_COUNT; i++)
        time->has_phase[i] = i != PHASE_TLS || wants_tls(report, step);
    if (walked) time->us = walked->duration_us;
    if (walked && walked->method) measure_phases(walked, time);
}

void step_times_add(struct step_times *times, const struct run_report *report)
{
    const struct instruction_list *program = &report->journey->program->steps;
    for (size_t i = 0; i < program->count; i++) {
        const struct step *step = program->items[i].step;
        if (program->items[i].code != INSTRUCTION_BEGIN || step->kind == STEP_USE) continue;
        add_step(times, report, step, find_walked(report, step, twins_before(program, i)));
    }
}

/* --- As text */

static void print_us(int64_t us, struct buf *out)
{
    if (us < 0)
        buf_add_text(out, "-1");
    else
        buf_add_number(out, (uint64_t)us, 1);
}

static void print_step(const struct step_time *time, struct buf *out)
{
    buf_add_text(out, "[\"");
    codec_add_json(out, view_of(time->name));
    buf_add_text(out, "\",");
    print_us(time->us, out);
    for (size_t i = 0; time->requests && i < PHASE_COUNT; i++) {
        buf_add_text(out, i ? "," : ",[");
        if (time->has_phase[i])
            print_us(time->phases_us[i], out);
        else
            buf_add_text(out, "null");
    }
    buf_add_text(out, time->requests ? "]]" : ",null]");
}

void step_times_print(const struct step_times *times, struct buf *out)
{
    buf_add_char(out, '[');
    vec_each(time, times) {
        if (time != times->items) buf_add_char(out, ',');
        print_step(time, out);
    }
    buf_add_char(out, ']');
}

static int64_t number_of(const cJSON *json)
{
    if (!json || !cJSON_IsNumber(json)) return STEP_UNMEASURED;
    bool measured = json->valuedouble >= 0 && json->valuedouble < 9e18;
    return measured ? (int64_t)json->valuedouble : STEP_UNMEASURED;
}

static void parse_step(struct step_times *times, const cJSON *json)
{
    const cJSON *name = cJSON_IsArray(json) ? json->child : NULL;
    const cJSON *us = name ? name->next : NULL, *phase = us ? us->next : NULL;
    if (!name || !cJSON_IsString(name)) return;
    struct step_time *time = vec_add(times);
    forget(time);
    time->name = name->valuestring;
    time->us = number_of(us);
    time->requests = phase && cJSON_IsArray(phase);
    phase = phase ? phase->child : NULL; /* null has none */
    for (size_t i = 0; phase && i < PHASE_COUNT; i++, phase = phase->next) {
        time->has_phase[i] = cJSON_IsNumber(phase);
        time->phases_us[i] = number_of(phase);
    }
}

void step_times_parse(struct step_times *times, struct view text)
{
    AUTO_BUF reason = BUF_INIT(BUF_OWN_CAP);
    const cJSON *step;
    ASSERT(!times->parsed);
    times->parsed = json_parse(text, &reason);
    if (cJSON_IsArray(times->parsed))
        cJSON_ArrayForEach(step, times->parsed) parse_step(times, step);
}
