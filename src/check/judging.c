/* SPDX-License-Identifier: Apache-2.0 */
/* From what was seen of each shopper to a state and a line; see check.h. It looks at no store and
 * walks nothing. */
#include "base/vec.h"
#include "check/check.h"
#include "journey/journey.h"
#include "text/quantity.h"

#include <string.h>

#define SEVERITY_OF_CORE 1 /* as the default policy has it */
#define SEVERITY_OF_OTHERS 3

void check_answer_init(struct check_answer *answer)
{
    *answer = (struct check_answer){0};
    nagios_init(&answer->output);
}

void check_answer_release(struct check_answer *answer)
{
    vec_each(verdict, &answer->verdicts) free(verdict->line);
    vec_release(&answer->verdicts);
    nagios_release(&answer->output);
}

static bool is_said(const char *text)
{
    return text && *text;
}

/* "checkout [desktop]", "checkout [desktop, berlin]" */
static void add_shopper(const struct check_seen *seen, struct buf *out)
{
    buf_addf(out, "%s [%s", seen->journey, seen->persona);
    if (is_said(seen->location)) buf_addf(out, ", %s", seen->location);
    buf_add_char(out, ']');
}

static int severity_of(const struct check_seen *seen)
{
    if (seen->severity) return seen->severity;
    return is_said(seen->stage) && stage_is_core(seen->stage) ? SEVERITY_OF_CORE
                                                              : SEVERITY_OF_OTHERS;
}

static void add_good(const struct check_seen *seen, struct buf *out)
{
    if (seen->steps)
        buf_addf(out, ": %zu step%s in ", seen->steps, PLURAL(seen->steps));
    else
        buf_add_text(out, " took ");
    quantity_print_duration(seen->duration_us, out);
}

static void add_bad(const struct check_seen *seen, struct buf *out)
{
    buf_add_text(out, ": ");
    if (is_said(seen->step)) buf_addf(out, "%s: ", seen->step);
    buf_add_text(out, is_said(seen->line) ? seen->line : verdict_word(seen->verdict));
    if (seen->verdict == VERDICT_FAIL) buf_addf(out, " (sev%d)", severity_of(seen));
}

const struct check_limit *check_limit_of(const struct check_settings *settings, const char *step)
{
    vec_each(limit, &settings->limits) {
        if (!strcmp(limit->step, step)) return limit;
    }
    return NULL;
}

/* The worse of the two ranges that it leaves, said in the text; OK: none. */
static enum nagios_state hold_against(const struct range *warning, const struct range *critical,
                                      int64_t us, struct buf *out)
{
    double seconds = (double)us / (double)US_PER_SECOND;
    const struct range *left = NULL;
    enum nagios_state state = NAGIOS_OK;
    if (range_alerts(warning, seconds)) {
        left = warning;
        state = NAGIOS_WARNING;
    }
    if (range_alerts(critical, seconds)) {
        left = critical;
        state = NAGIOS_CRITICAL;
    }
    if (left) {
        buf_addf(out, ", %s the range ", left->inside ? "inside" : "outside");
        range_print(left, out);
    }
    return state;
}

static void measure(const struct check_settings *settings, const struct check_seen *seen,
                    bool several, struct check_answer *answer)
{
    AUTO_BUF name = BUF_INIT(BUF_OWN_CAP);
    buf_add_text(&name, seen->persona);
    if (is_said(seen->location)) buf_addf(&name, " %s", seen->location);
    nagios_measure(&answer->output, several ? buf_text(&name) : "time", several ? "time" : NULL,
                   seen->duration_us, &settings->warning_range, &settings->critical_range,
                   settings->file ? settings->timeout_us : 0);
}

struct check_verdict *check_judge(const struct check_settings *settings,
                                  const struct check_seen *seen, bool several,
                                  struct check_answer *answer)
{
    AUTO_BUF line = BUF_INIT(BUF_OWN_CAP);
    enum nagios_state state = nagios_of_verdict(seen->verdict);
    bool judged = seen->verdict != VERDICT_UNKNOWN && seen->verdict != VERDICT_SKIPPED;
    add_shopper(seen, &line);
    if (seen->instead) {
        buf_addf(&line, ": %s", seen->instead);
        state = seen->instead_state;
        judged = false;
    } else if (seen->verdict == VERDICT_PASS) {
        add_good(seen, &line);
    } else {
        add_bad(seen, &line);
    }
    if (judged && seen->verdict == VERDICT_FAIL) state = settings->by_severity[severity_of(seen)];
    if (judged) {
        AUTO_BUF over = BUF_INIT(BUF_OWN_CAP);
        state =
            nagios_worse(state, hold_against(&settings->warning_range, &settings->critical_range,
                                             seen->duration_us, &over));
        if (over.length && seen->verdict != VERDICT_PASS) {
            buf_add_text(&line, "; took ");
            quantity_print_duration(seen->duration_us, &line);
        }
        buf_add_view(&line, buf_view(&over));
    }
    measure(settings, seen, several, answer);
    vec_push(&answer->verdicts, ((struct check_verdict){state, judged, buf_take(&line)}));
    return vec_last(&answer->verdicts);
}

void check_judge_step(const struct check_limit *limit, int64_t duration_us,
                      struct check_verdict *verdict)
{
    AUTO_BUF line = BUF_INIT(BUF_OWN_CAP), over = BUF_INIT(BUF_OWN_CAP);
    if (!verdict->judged) return;
    enum nagios_state state = hold_against(&limit->warning, &limit->critical, duration_us, &over);
    if (!over.length) return;
    buf_addf(&line, "%s, '%s' took ", verdict->line, limit->step);
    quantity_print_duration(duration_us, &line);
    buf_add_view(&line, buf_view(&over));
    free(verdict->line);
    verdict->line = buf_take(&line);
    verdict->state = nagios_worse(verdict->state, state);
}

static void list_verdicts(struct check_answer *answer)
{
    AUTO_BUF details = BUF_INIT(BUF_OWN_CAP);
    vec_each(verdict, &answer->verdicts)
        buf_addf(&details, "[%s] %s\n", nagios_word(verdict->state), verdict->line);
    buf_add_view(&details, buf_view(&answer->output.details));
    buf_clear(&answer->output.details);
    buf_add_view(&answer->output.details, buf_view(&details));
}

void check_conclude(struct check_answer *answer)
{
    struct nagios_output *output = &answer->output;
    size_t good = 0, count = answer->verdicts.count;
    output->state = NAGIOS_OK;
    vec_each(verdict, &answer->verdicts) {
        output->state = nagios_worse(output->state, verdict->state);
        good += verdict->state == NAGIOS_OK;
    }
    if (count > 1) {
        buf_addf(&output->text, "%zu of %zu shoppers are well", good, count);
        list_verdicts(answer);
        if (good == count) return;
        buf_add_text(&output->text, "; ");
    }
    vec_each(verdict, &answer->verdicts) {
        if (verdict->state != output->state) continue;
        buf_add_text(&output->text, verdict->line);
        return;
    }
}
