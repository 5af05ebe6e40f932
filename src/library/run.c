/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Engines and runs for other programs. See shopper/run.h.
 *
 * A run's handle outlives the run inside it. When that ends, its report waits here for a turn of
 * the loop of its own, so that a completion finds nothing of ours on the stack but the loop and may
 * free the handle.
 */
#include "base/vec.h"
#include "http/curl_client.h"
#include "library/library.h"

#include <stdlib.h>

struct shopper_engine {
    struct loop *loop;
    struct redactor *redactor;
    struct personas *personas;
    struct log log;
    void (*write_log)(void *context, const char *line);
    void *log_context;
    char *ca_file, *certificate, *private_key;
    bool insecure;
    struct http_client *client; /* NULL until the first run starts: then `engine` is good, too */
    struct engine engine;
    size_t runs;     /* handles alive */
    bool completing; /* inside a completion */
};

struct shopper_run {
    struct shopper_engine *engine;
    struct journey *journey; /* held */
    char *base, *persona;
    VEC(char *) variables; /* "name=value" */
    int64_t deadline_us;
    bool started, unheard; /* unheard: freed while under way */
    struct run *run;       /* NULL: not under way */
    struct run_report *ended;
    struct deferred completion;
    shopper_completion *done;
    void *context;
};

static void replace(char **text, const char *with)
{
    free(*text);
    *text = xstrdup(with);
}

/* --- Engines */

static void on_log_line(void *context, enum log_level level, const char *line)
{
    const struct shopper_engine *engine = context;
    (void)level;
    if (engine->write_log) engine->write_log(engine->log_context, line);
}

struct shopper_engine *shopper_engine_new(struct event_base *base)
{
    struct loop *loop = base ? loop_new_on(base, NULL) : NULL;
    if (!loop) return NULL;
    struct shopper_engine *engine = NEW(struct shopper_engine);
    engine->loop = loop;
    engine->redactor = redactor_new();
    engine->personas = personas_new();
    engine->log = (struct log){
        .level = LOG_WARNING,
        .redactor = engine->redactor,
        .write = on_log_line,
        .context = engine,
    };
    return engine;
}

void shopper_engine_free(struct shopper_engine *engine)
{
    if (!engine) return;
    ASSERT(!engine->completing && engine->runs == 0);
    if (engine->client) {
        engine_release(&engine->engine);
        engine->client->operations->free(engine->client);
    }
    loop_free(engine->loop);
    personas_free(engine->personas);
    redactor_free(engine->redactor);
    free(engine->ca_file);
    free(engine->certificate);
    free(engine->private_key);
    free(engine);
}

void shopper_engine_set_ca_file(struct shopper_engine *engine, const char *path)
{
    replace(&engine->ca_file, path);
}

void shopper_engine_set_client_certificate(struct shopper_engine *engine,
                                           const char *certificate_path, const char *key_path)
{
    replace(&engine->certificate, certificate_path);
    replace(&engine->private_key, key_path);
}

void shopper_engine_set_insecure(struct shopper_engine *engine, bool insecure)
{
    engine->insecure = insecure;
}

bool shopper_engine_add_personas(struct shopper_engine *engine, const char *path,
                                 struct shopper_diagnostics *diagnostics)
{
    struct diags scratch;
    struct diags *diags = diagnostics_open(diagnostics, &scratch);
    bool good = personas_load(engine->personas, path, diags);
    diagnostics_close(diagnostics, &scratch);
    return good;
}

void shopper_engine_set_log(struct shopper_engine *engine,
                            void (*write)(void *context, const char *line), void *context)
{
    engine->write_log = write;
    engine->log_context = context;
}

static bool open_client(struct shopper_engine *engine, struct diags *diags)
{
    if (engine->client) return true;
    AUTO_ERROR error = ERROR_NONE;
    const struct curl_client_options options = {
        .ca_file = engine->ca_file,
        .certificate = engine->certificate,
        .private_key = engine->private_key,
        .insecure = engine->insecure,
        .log = &engine->log,
    };
    engine->client = curl_client_new(engine->loop, &options, &error);
    if (!engine->client) {
        diag_error(diags, DIAG_UNREADABLE, PLACE_NOWHERE, "%s", error_text(&error));
        return false;
    }
    engine_init(&engine->engine, engine->loop, engine->client, engine->personas, engine->redactor,
                &engine->log);
    return true;
}

/* --- Runs */

static void complete(void *context)
{
    struct shopper_run *run = context;
    struct shopper_engine *engine = run->engine;
    struct shopper_report *report = report_wrap(take(run->ended), engine->redactor);
    engine->completing = true;
    run->done(run->context, run, report); /* may free the run */
    engine->completing = false;
}

static void on_done(void *context, struct run_report *report)
{
    struct shopper_run *run = context;
    run->run = NULL; /* it frees itself on return */
    run->ended = report;
    if (!run->unheard) deferred_queue(&run->completion);
}

struct shopper_run *shopper_run_new(struct shopper_engine *engine, struct shopper_journey *journey)
{
    struct shopper_run *run = NEW(struct shopper_run);
    run->engine = engine;
    run->journey = journey_hold(journey->journey);
    deferred_init(&run->completion, engine->loop, complete, run);
    engine->runs++;
    return run;
}

void shopper_run_free(struct shopper_run *run)
{
    if (!run) return;
    run->unheard = true;
    if (run->run) run_abort(run->run);
    deferred_cancel(&run->completion);
    run_report_free(run->ended);
    vec_each(variable, &run->variables) free(*variable);
    vec_release(&run->variables);
    free(run->base);
    free(run->persona);
    journey_free(run->journey);
    run->engine->runs--;
    free(run);
}

void shopper_run_set_base(struct shopper_run *run, const char *url)
{
    replace(&run->base, url);
}

void shopper_run_set_persona(struct shopper_run *run, const char *name)
{
    replace(&run->persona, name);
}

static void remove_variable(struct shopper_run *run, const char *name)
{
    size_t length = strlen(name), kept = 0;
    vec_each(variable, &run->variables) {
        if (strncmp(*variable, name, length) || (*variable)[length] != '=')
            run->variables.items[kept++] = *variable;
        else
            free(*variable);
    }
    run->variables.count = kept;
}

void shopper_run_set_variable(struct shopper_run *run, const char *name, const char *value)
{
    remove_variable(run, name);
    if (value) vec_push(&run->variables, xasprintf("%s=%s", name, value));
}

void shopper_run_set_deadline_us(struct shopper_run *run, int64_t deadline_us)
{
    run->deadline_us = deadline_us > 0 ? deadline_us : 0;
}

static void start(struct shopper_run *run, struct diags *diags)
{
    if (run->started) {
        diag_error(diags, DIAG_CONFLICT, PLACE_NOWHERE, "this run has been started before");
        return;
    }
    if (!open_client(run->engine, diags)) return;
    vec_push(&run->variables, NULL);
    const struct run_options options = {
        .journey = run->journey,
        .persona = run->persona ? run->persona : run->journey->personas[0],
        .base = run->base,
        .set = (const char *const *)run->variables.items,
        .deadline_us = run->deadline_us,
    };
    run->run = run_start(&run->engine->engine, &options, on_done, run, diags);
    (void)vec_pop(&run->variables);
    run->started = run->run != NULL;
}

bool shopper_run_start(struct shopper_run *run, shopper_completion *done, void *context,
                       struct shopper_diagnostics *diagnostics)
{
    struct diags scratch;
    struct diags *diags = diagnostics_open(diagnostics, &scratch);
    size_t errors = diags->errors;
    if (!run->started) {
        run->done = done;
        run->context = context;
    }
    start(run, diags);
    bool good = diags->errors == errors;
    diagnostics_close(diagnostics, &scratch);
    return good;
}

void shopper_run_stop(struct shopper_run *run, const char *why)
{
    if (run->run) run_stop(run->run, why ? why : "stopped");
}

void shopper_run_abort(struct shopper_run *run)
{
    if (run->run) run_abort(run->run);
}
