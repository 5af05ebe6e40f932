/* SPDX-License-Identifier: Apache-2.0 */
/* See preview.h. */
#include "app/preview.h"

#include "app/terminal.h"
#include "base/codec.h"
#include "base/vec.h"
#include "journey/cron.h"
#include "journey/schedule.h"

/* Of `every`, the beat that the daemon keeps. */
static bool next_of(const struct schedule *schedule, const struct schedule_spec *spec,
                    const char *name, int64_t *at_us)
{
    if (!name || !spec->every_us) return schedule_next(schedule, *at_us, at_us);
    *at_us = schedule_slot_after(spec->every_us, schedule_phase(name), *at_us);
    return true;
}

/* False: it does not fire any more, before the years end that have four digits. */
static bool add_times(const struct preview *preview, const struct schedule *schedule,
                      const struct schedule_spec *spec, const char *name, struct buf *out)
{
    int64_t at_us = preview->from_us;
    char time[CLOCK_RFC3339_SIZE];
    for (unsigned i = 0; i < preview->count; i++) {
        if (!next_of(schedule, spec, name, &at_us)) return false;
        if (name) {
            codec_add_visible(out, view_of(name));
            buf_add_char(out, '\t');
        }
        zone_format_rfc3339(schedule_zone(schedule), at_us, time);
        buf_addf(out, "%s\n", time);
    }
    return true;
}

static void add_journey(const struct preview *preview, const struct journey *journey,
                        struct buf *out, struct buf *notes)
{
    AUTO_ERROR error = ERROR_NONE;
    AUTO(schedule) schedule = schedule_new(&journey->schedule, &error);
    if (schedule && !add_times(preview, schedule, &journey->schedule, journey->name, out))
        buf_addf(notes, "%s: it fires no more after that\n", journey->path);
    if (!schedule) buf_addf(notes, "%s: %s\n", journey->path, error_text(&error));
}

void preview_journeys(const struct preview *preview, const struct journey_list *journeys,
                      struct buf *out, struct buf *notes)
{
    vec_each(journey, journeys) add_journey(preview, *journey, out, notes);
}

bool preview_cron(const struct preview *preview, const char *expression, const char *timezone,
                  struct buf *out, struct buf *notes, struct diags *diags, struct error *error)
{
    struct cron cron;
    size_t offset = 0, length = 0;
    AUTO_BUF message = BUF_INIT(BUF_OWN_CAP);
    AUTO_FREE char *cron_text = xstrdup(expression), *zone_text = xstrdup(timezone);
    if (!cron_parse(view_of(expression), &cron, &offset, &length, &message)) {
        struct view at = view_slice(view_of(expression), offset, length);
        option_fault(diags, DIAG_BAD_CRON, "--cron", expression, at, buf_text(&message));
        return false;
    }
    const struct schedule_spec spec = {.cron = cron_text, .timezone = zone_text};
    AUTO(schedule) schedule = schedule_new(&spec, error);
    if (!schedule) return false;
    if (!add_times(preview, schedule, &spec, NULL, out))
        buf_addf(notes, "'%s' fires no more after that\n", expression);
    return true;
}
