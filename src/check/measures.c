/* SPDX-License-Identifier: Apache-2.0 */
/* See measures.h. */
#include "check/measures.h"

#include "base/vec.h"

#include <string.h>

void measured_list_release(struct measured_list *list)
{
    vec_each(measured, list) step_times_release(&measured->times);
    vec_release(list);
}

void measures_judge(const struct check_settings *settings, const struct measured *measured,
                    struct check_verdict *verdict)
{
    vec_each(time, &measured->times) {
        const struct check_limit *limit = check_limit_of(settings, time->name);
        if (limit && time->us != STEP_UNMEASURED) check_judge_step(limit, time->us, verdict);
    }
}

static void name_step(const struct measured *measured, const struct step_time *time, bool several,
                      struct buf *name)
{
    if (several) buf_addf(name, "%s ", measured->persona);
    buf_add_text(name, time->name);
}

/* Those that have a limit, or those that have none. */
static void add_steps(const struct check_settings *settings, const struct measured *measured,
                      bool several, bool limited, struct nagios_output *output)
{
    vec_each(time, &measured->times) {
        const struct check_limit *limit = check_limit_of(settings, time->name);
        if ((limit != NULL) != limited) continue;
        AUTO_BUF name = BUF_INIT(BUF_OWN_CAP);
        name_step(measured, time, several, &name);
        nagios_measure(output, buf_text(&name), NULL, time->us, limit ? &limit->warning : NULL,
                       limit ? &limit->critical : NULL, 0);
    }
}

static void add_phases(const struct measured *measured, bool several, struct nagios_output *output)
{
    vec_each(time, &measured->times) {
        AUTO_BUF name = BUF_INIT(BUF_OWN_CAP);
        name_step(measured, time, several, &name);
        for (size_t i = 0; time->requests && i < PHASE_COUNT; i++) {
            if (!time->has_phase[i]) continue;
            nagios_measure(output, buf_text(&name), step_phase_word((enum step_phase)i),
                           time->phases_us[i], NULL, NULL, 0);
        }
    }
}

void measures_add(const struct check_settings *settings, const struct measured_list *list,
                  bool several, struct nagios_output *output)
{
    /* What is asked about is there, however many steps there are. */
    for (int limited = 1; limited >= 0; limited--)
        vec_each(measured, list) add_steps(settings, measured, several, limited, output);
    vec_each(measured, list) add_phases(measured, several, output);
}

static bool has_step(const struct measured_list *list, const char *name, bool *ret_any)
{
    vec_each(measured, list) {
        if (measured->times.count) *ret_any = true;
        vec_each(time, &measured->times) {
            if (!strcmp(time->name, name)) return true;
        }
    }
    return false;
}

bool measures_have_limited(const struct check_settings *settings, const struct measured_list *list,
                           const char *journey, struct error *error)
{
    bool any = false;
    vec_each(limit, &settings->limits) {
        if (has_step(list, limit->step, &any)) continue;
        return any ? error_set(error, "--step: %s has no step '%s'", journey, limit->step)
                   : error_set(error, "--step: what steps %s has is not known yet", journey);
    }
    return true;
}
