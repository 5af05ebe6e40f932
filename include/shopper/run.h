/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs: shoppers who walk journeys on the event base (libevent 2.1) of the calling program, as many
 * at once as one likes.
 *
 * An engine is what runs have in common. It, and all that comes from it, belongs to the thread that
 * turns its event base. Nothing here waits: a run starts on a later turn of the base, and its
 * completion is called on another one, never from inside a call to this library. An engine without
 * runs keeps nothing pending on the base, so that event_base_dispatch() returns when all runs have
 * ended.
 *
 * A program with sockets ignores SIGPIPE; the library leaves signals alone. Proxies are taken from
 * the environment (http_proxy, https_proxy, no_proxy), and so are the system's certificates
 * (SSL_CERT_FILE, SSL_CERT_DIR).
 */
#ifndef SHOPPER_RUN_H
#define SHOPPER_RUN_H

#include <shopper/journey.h>
#include <shopper/report.h>

#include <stdbool.h>
#include <stdint.h>

struct event_base;

#ifdef __cplusplus
extern "C" {
#endif

struct shopper_engine;
struct shopper_run;

/* --- Engines */

/* The base is borrowed and outlives the engine. NULL: nothing can be watched on it. */
SHOPPER_API struct shopper_engine *shopper_engine_new(struct event_base *base) SHOPPER_MUST_CHECK;
/* Not from inside a completion, and not before all runs of the engine are freed. */
SHOPPER_API void shopper_engine_free(struct shopper_engine *engine);

/* The following are for all runs and count only before the first one starts. Texts are copied; NULL
 * takes the default. */
SHOPPER_API void shopper_engine_set_ca_file(struct shopper_engine *engine,
                                            const char *path); /* PEM; default: the system's */
SHOPPER_API void shopper_engine_set_client_certificate(struct shopper_engine *engine,
                                                       const char *certificate_path,
                                                       const char *key_path);
/* Verifies no certificate: whoever stands on the way can pose as the shop. */
SHOPPER_API void shopper_engine_set_insecure(struct shopper_engine *engine, bool insecure);
/* Personas of one's own, besides the built-in ones (YAML, see shopper-journey(5)). False: the file
 * has errors, which were added to `diagnostics`, which may be NULL; `path` may not. */
SHOPPER_API bool
shopper_engine_add_personas(struct shopper_engine *engine, const char *path,
                            struct shopper_diagnostics *diagnostics) SHOPPER_MUST_CHECK;
/* Gets warnings of the engine, one line each, secrets taken out. Default, and NULL: nobody does.
 * The line is good during the call; the context, as long as the engine is. */
SHOPPER_API void shopper_engine_set_log(struct shopper_engine *engine,
                                        void (*write)(void *context, const char *line),
                                        void *context);

/* --- Runs */

/* What one run is to be. It may be started once. */
SHOPPER_API struct shopper_run *shopper_run_new(struct shopper_engine *engine,
                                                struct shopper_journey *journey) SHOPPER_MUST_CHECK;
/* Ends a run that is under way at once, without its completion and without taking back what it
 * made: see shopper_run_stop. */
SHOPPER_API void shopper_run_free(struct shopper_run *run);

/* Before the start. Texts are copied; NULL, and a deadline that is not above 0, take the default.
 */
SHOPPER_API void shopper_run_set_base(struct shopper_run *run,
                                      const char *url); /* instead of the journey's */
SHOPPER_API void shopper_run_set_persona(struct shopper_run *run,
                                         const char *name); /* default: the journey's first */
/* Again: replaces its value; NULL: takes it back. The name may not be NULL. */
SHOPPER_API void shopper_run_set_variable(struct shopper_run *run, const char *name,
                                          const char *value);
SHOPPER_API void shopper_run_set_deadline_us(struct shopper_run *run,
                                             int64_t deadline_us); /* instead of the journey's */

/* Called once, from the base. The report is the callee's: shopper_report_free. The run may be freed
 * here. */
typedef void shopper_completion(void *context, struct shopper_run *run,
                                struct shopper_report *report);

/*
 * False: it cannot begin (a secret or an environment variable is missing, the base is no URL, it
 * has been started before); why was added to `diagnostics` (which may be NULL), nothing was or will
 * be sent, and `done` is not called.
 */
SHOPPER_API bool shopper_run_start(struct shopper_run *run, shopper_completion *done, void *context,
                                   struct shopper_diagnostics *diagnostics) SHOPPER_MUST_CHECK;
/* Ends the steps. What the run made in the shop is still taken back, `finally` is still walked, and
 * the completion is called; `why`, which may not be NULL, stands in the report. Does nothing to a
 * run that is not under way. */
SHOPPER_API void shopper_run_stop(struct shopper_run *run, const char *why);
/* Ends everything now. What is not taken back is told as residue in the report, with which the
 * completion is called on the next turn. */
SHOPPER_API void shopper_run_abort(struct shopper_run *run);

#ifdef __cplusplus
}
#endif

#endif
