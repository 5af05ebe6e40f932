/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All that people wrote for the daemon, loaded and proved as one: the configuration, the journeys,
 * the personas, the policy, the sinks. A plan with an error in any of them is none, so that a bad
 * file never replaces a good one.
 */
#ifndef SHOPPER_WATCH_PLAN_H
#define SHOPPER_WATCH_PLAN_H

#include "journey/files.h"
#include "journey/persona.h"
#include "judge/policy.h"
#include "sink/sink.h"
#include "watch/config.h"

struct plan {
    struct config config;
    struct journey_list journeys;
    struct personas *personas;
    struct policy *policy;
    struct sink_list sinks;
    struct plan *next; /* an older one that runs may still need */
};

struct plan_source {
    const char *config_path;     /* NULL: no file */
    const char *const *journeys; /* paths beside those of the file */
    size_t journey_count;
};

/* NULL: all that is wrong is in `diags`. Warnings may be there either way. */
struct plan *plan_load(const struct plan_source *source, struct diags *diags) MUST_CHECK;
void plan_free(struct plan *plan);
/* Warns of journeys, stages and owners that windows, sinks and rules name and nothing has. */
void plan_check_names(const struct plan *plan, struct diags *diags);
/* Every file and directory that the plan was made of. */
void plan_paths(const struct plan *plan, const struct plan_source *source,
                struct path_list *ret_paths);
/* What the configuration names as it stands now, be it good or not. */
void plan_source_paths(const struct plan_source *source, struct path_list *ret_paths);

#endif
