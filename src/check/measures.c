/* SPDX-License-Identifier: Apache-2.0 */
/* See measures.h. A step with an `each` is one label, whatever the list: the slowest of its
 * elements. */
#include "check/measures.h"

#include "base/vec.h"
#include "journey/program.h"

#include <stddef.h>
#include <string.h>

struct measured {
    const struct step *step;
    const struct step_report *walked; /* NULL: it was not reached */
};

struct measured_list { /* a VEC, in the order of the program */
    struct measured *items;
    size_t count, capacity;
};

static bool is_of(const struct step_report *report, const struct step *step)
{
    return report->section == SECTION_STEPS && report->place.source == step->place.source &&
           report->place.line == step->place.line && report->place.column == step->place.column &&
           !strcmp(report->name, step->name);
}

/* How many steps before this one look like it: those of a file that is used twice. */
static size_t twins_before(const struct measured_list *list, const struct step *step)
{
    size_t twins = 0;
    vec_each(other, list) {
        twins += other->step->place.source == step->place.source &&
                 other->step->place.line == step->place.line &&
                 other->step->place.column == step->place.column;
    }
    return twins;
}

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

static struct measured_list list_steps(const struct run_report *report)
{
    const struct instruction_list *program = &report->journey->program->steps;
    struct measured_list list = {0};
    for (size_t i = 0; i < program->count; i++) {
        const struct step *step = program->items[i].step;
        if (program->items[i].code != INSTRUCTION_BEGIN || step->kind == STEP_USE) continue;
        size_t twins = twins_before(&list, step);
        vec_push(&list, ((struct measured){step, find_walked(report, step, twins)}));
    }
    return list;
}

static void name_step(const struct run_report *report, const struct step *step, bool several,
                      struct buf *name)
{
    if (several) buf_addf(name, "%s ", report->persona);
    buf_add_text(name, step->name);
}

/* Those that have a limit, or those that have none. */
static void add_steps(const struct check_settings *settings, const struct run_report *report,
                      bool several, bool limited, struct nagios_output *output)
{
    struct measured_list list = list_steps(report);
    vec_each(one, &list) {
        const struct check_limit *limit = check_limit_of(settings, one->step->name);
        if ((limit != NULL) != limited) continue;
        AUTO_BUF name = BUF_INIT(BUF_OWN_CAP);
        name_step(report, one->step, several, &name);
        nagios_measure(output, buf_text(&name), NULL,
                       one->walked ? one->walked->duration_us : NAGIOS_UNMEASURED,
                       limit ? &limit->warning : NULL, limit ? &limit->critical : NULL, 0);
    }
    vec_release(&list);
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

static void add_phases_of(const struct run_report *report, const struct measured *one, bool several,
                          struct nagios_output *output)
{
    static const struct {
        const char *name;
        size_t offset;
        bool tls;
    } phases[] = {
        {"dns", offsetof(struct timings, dns_us), false},
        {"connect", offsetof(struct timings, connect_us), false},
        {"tls", offsetof(struct timings, tls_us), true},
        {"wait", offsetof(struct timings, first_byte_us), false},
        {"transfer", offsetof(struct timings, transfer_us), false},
    };
    bool tls = wants_tls(report, one->step), sent = one->walked && one->walked->method;
    AUTO_BUF name = BUF_INIT(BUF_OWN_CAP);
    name_step(report, one->step, several, &name);
    for (size_t i = 0; i < COUNT_OF(phases); i++) {
        if (phases[i].tls && !tls) continue;
        int64_t us = NAGIOS_UNMEASURED;
        if (sent) memcpy(&us, (const char *)&one->walked->timings + phases[i].offset, sizeof(us));
        if (sent && !one->walked->status && !us)
            us = NAGIOS_UNMEASURED; /* it did not come so far */
        nagios_measure(output, buf_text(&name), phases[i].name, us, NULL, NULL, 0);
    }
}

static void add_phases(const struct run_report *report, bool several, struct nagios_output *output)
{
    struct measured_list list = list_steps(report);
    vec_each(one, &list) {
        if (one->step->kind == STEP_REQUEST) add_phases_of(report, one, several, output);
    }
    vec_release(&list);
}

void measures_add(const struct check_settings *settings, struct run_report *const *reports,
                  size_t count, struct nagios_output *output)
{
    /* What is asked about is there, however many steps there are. */
    for (int limited = 1; limited >= 0; limited--)
        for (size_t i = 0; i < count; i++)
            add_steps(settings, reports[i], count > 1, limited, output);
    for (size_t i = 0; i < count; i++) add_phases(reports[i], count > 1, output);
}
