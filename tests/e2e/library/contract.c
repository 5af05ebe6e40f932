/* SPDX-License-Identifier: Apache-2.0 */
/* What libshopper promises to its callers, on a shop given by its URL: one line per promise that
 * was kept. Includes installed headers only. */
#include <shopper/shopper.h>

#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct event_base *base;
static struct shopper_engine *engine;
static struct shopper_diagnostics *diagnostics;
static struct shopper_report *last;
static int completions;

static void promise(const char *what, int kept)
{
    printf("%s %s\n", kept ? "ok" : "not ok", what);
}

static void keep_report(void *context, struct shopper_run *run, struct shopper_report *report)
{
    (void)run;
    completions++;
    if (context) *(int *)context += 1;
    shopper_report_free(last);
    last = report;
}

static struct shopper_journey *load(const char *text, const char *const *variables)
{
    shopper_diagnostics_clear(diagnostics);
    return shopper_journey_load_text("here.yaml", text, strlen(text), variables, diagnostics);
}

static void wrong_journeys_are_located(void)
{
    struct shopper_journey *journey =
        load("journey: a\nbase: ftp://x\nsteps:\n  - {name: a, gte: /}\n", NULL);
    const struct shopper_diagnostic *wrong = shopper_diagnostics_get(diagnostics, 1);
    promise("a wrong journey is not loaded", !journey);
    promise("all that is wrong is told", shopper_diagnostics_count(diagnostics) == 2);
    promise("with place, code and hint",
            wrong && !strcmp(wrong->file, "here.yaml") && wrong->line == 4 && wrong->column == 15 &&
                !strcmp(wrong->code, "J010") && wrong->hint && wrong->level == SHOPPER_ERROR);
    promise("and as text", strstr(shopper_diagnostics_text(diagnostics),
                                  "here.yaml:4:15: error: unknown key 'gte'") != NULL);
    promise("nothing stands past the last", !shopper_diagnostics_get(diagnostics, 2));
    promise("nobody needs to listen", !shopper_journey_load("/nowhere.yaml", NULL, NULL));
}

static struct shopper_run *walk(struct shopper_journey *journey, const char *shop)
{
    struct shopper_run *run = shopper_run_new(engine, journey);
    int before = completions;
    shopper_run_set_base(run, shop);
    shopper_run_set_variable(run, "sku", "MUG-42");
    if (!shopper_run_start(run, keep_report, NULL, diagnostics))
        puts(shopper_diagnostics_text(diagnostics));
    promise("a completion waits for the base to turn", completions == before);
    return run;
}

static void runs_tell_what_they_met(const char *shop)
{
    const char *const names[] = {"sku", NULL};
    struct shopper_journey *journey =
        load("journey: see\npersonas: [iphone]\nsteps:\n"
             "  - name: product\n    stage: price-view\n    get: /product/${sku}\n"
             "  - name: nothing\n    get: /no-such-page\n"
             "  - name: never\n    get: /\n",
             names);
    if (!journey) puts(shopper_diagnostics_text(diagnostics));
    struct shopper_run *run = walk(journey, shop);
    shopper_journey_free(journey); /* the run holds it */
    event_base_dispatch(base);
    const struct shopper_step *first = shopper_report_step(last, 0),
                              *culprit = shopper_report_culprit(last);
    promise("the completion was called once", completions == 1);
    promise("a run is not started twice",
            !shopper_run_start(run, keep_report, NULL, NULL) && completions == 1);
    shopper_run_free(run);
    promise("the verdict", shopper_report_verdict(last) == SHOPPER_FAIL);
    promise("the journey's persona", !strcmp(shopper_report_persona(last), "iphone"));
    promise("a good step", first->status == 200 && !first->failure && first->attempts == 1 &&
                               first->body_bytes > 0 && !strcmp(first->stage, "price-view") &&
                               strstr(first->url, "/product/MUG-42"));
    promise("its times",
            first->timings.total_us > 0 && first->duration_us >= first->timings.total_us / 2);
    promise("the culprit", culprit == shopper_report_step(last, 1) &&
                               !strcmp(culprit->failure->kind, "http") &&
                               !strcmp(culprit->failure->fault, "shop") && culprit->status == 404);
    promise("where it stands",
            culprit->failure->line == 7 && !strcmp(culprit->failure->file, "here.yaml"));
    promise("what was skipped", shopper_report_step_count(last) == 3 &&
                                    shopper_report_step(last, 2)->verdict == SHOPPER_SKIPPED &&
                                    shopper_report_step(last, 2)->skipped);
    promise("the report as JSON",
            strstr(shopper_report_json(last), "\"format\": \"mystery-shopper-report/1\"") ||
                strstr(shopper_report_json(last), "\"format\":\"mystery-shopper-report/1\""));
    promise("the report as text", strstr(shopper_report_text(last), "here.yaml:7:") != NULL);
}

static void variables_are_replaced_and_taken_back(const char *shop)
{
    const char *const names[] = {"sku", "skus", NULL};
    struct shopper_journey *journey = load("journey: see\nsteps:\n"
                                           "  - {name: product, get: \"/product/${sku}\"}\n",
                                           names);
    struct shopper_run *run = shopper_run_new(engine, journey);
    shopper_run_set_base(run, shop);
    shopper_run_set_variable(run, "skus", "many");
    shopper_run_set_variable(run, "sku", "MUG-41");
    shopper_run_set_variable(run, "sku", "MUG-42");
    promise("a variable is set twice", shopper_run_start(run, keep_report, NULL, NULL));
    event_base_dispatch(base);
    promise("the last value counts", strstr(shopper_report_json(last), "/product/MUG-42") &&
                                         shopper_report_verdict(last) == SHOPPER_PASS);
    shopper_run_free(run);
    run = shopper_run_new(engine, journey);
    shopper_run_set_base(run, shop);
    shopper_run_set_variable(run, "sku", "MUG-42");
    shopper_run_set_variable(run, "sku", NULL);
    if (shopper_run_start(run, keep_report, NULL, NULL)) event_base_dispatch(base);
    promise("a variable taken back is not set", !strstr(shopper_report_json(last), "(null)") &&
                                                    shopper_report_verdict(last) != SHOPPER_PASS);
    shopper_run_free(run);
    shopper_journey_free(journey);
}

static void what_cannot_begin_says_why(void)
{
    struct shopper_journey *journey =
        load("journey: a\nsecrets: {a: {env: NO_SUCH_SECRET}}\nbase: http://127.0.0.1:1\n"
             "steps: [{name: a, get: \"/${secret.a}\"}]\n",
             NULL);
    struct shopper_run *run = shopper_run_new(engine, journey);
    int before = completions;
    promise("a missing secret is refused", !shopper_run_start(run, keep_report, NULL, diagnostics));
    promise("and named", strstr(shopper_diagnostics_text(diagnostics), "NO_SUCH_SECRET") != NULL);
    setenv("NO_SUCH_SECRET", "s3cret-enough", 1);
    promise("and may be tried again", shopper_run_start(run, keep_report, NULL, NULL));
    event_base_dispatch(base);
    promise("what is refused has no completion", completions == before + 1);
    promise("secrets are taken out of steps", !strstr(shopper_report_step(last, 0)->url, "s3cret"));
    promise("secrets are taken out of reports", !strstr(shopper_report_json(last), "s3cret"));
    shopper_run_free(run);
    shopper_journey_free(journey);
}

static void runs_are_cancelled(const char *shop)
{
    struct shopper_journey *journey = load("journey: long\nsteps:\n  - {name: think, pause: 50s}\n"
                                           "finally:\n  - {name: leave, get: /}\n",
                                           NULL);
    int before = completions;
    struct shopper_run *stopped = walk(journey, shop), *aborted = walk(journey, shop),
                       *freed = walk(journey, shop);
    shopper_run_free(walk(journey, shop));
    for (int i = 0; i < 3; i++) event_base_loop(base, EVLOOP_NONBLOCK);
    shopper_run_free(freed);
    shopper_run_abort(aborted);
    promise("an abort completes on another turn", completions == before);
    event_base_loop(base, EVLOOP_NONBLOCK);
    promise("an aborted run",
            completions == before + 1 && shopper_report_verdict(last) == SHOPPER_UNKNOWN);
    shopper_run_stop(stopped, "closing time");
    event_base_dispatch(base);
    promise("a stopped run still leaves well",
            completions == before + 2 && shopper_report_step_count(last) == 2 &&
                shopper_report_step(last, 1)->section == SHOPPER_FINALLY);
    promise("why it was stopped",
            shopper_report_stopped(last) && !strcmp(shopper_report_stopped(last), "closing time"));
    shopper_run_stop(stopped, "again");
    shopper_run_abort(aborted);
    shopper_run_free(stopped);
    shopper_run_free(aborted);
    shopper_journey_free(journey);
}

static void deadlines_hold(const char *shop)
{
    struct shopper_journey *journey =
        load("journey: long\nsteps:\n  - {name: think, pause: 50s}\n", NULL);
    struct shopper_run *run = shopper_run_new(engine, journey);
    shopper_run_set_base(run, shop);
    shopper_run_set_deadline_us(run, 20000);
    int called = 0;
    promise("a run starts", shopper_run_start(run, keep_report, &called, NULL));
    event_base_dispatch(base);
    promise("a deadline is held",
            called == 1 && !strcmp(shopper_report_culprit(last)->failure->kind, "timeout"));
    shopper_run_free(run);
    shopper_journey_free(journey);
}

static void engines_share_a_base(const char *shop)
{
    struct shopper_journey *journey = load("journey: see\nsteps:\n  - {name: a, get: /}\n", NULL);
    struct shopper_engine *first = engine, *other = shopper_engine_new(base);
    int before = completions;
    struct shopper_run *one = walk(journey, shop);
    engine = other;
    struct shopper_run *two = walk(journey, shop);
    event_base_dispatch(base);
    promise("two engines on one base",
            completions == before + 2 && shopper_report_verdict(last) == SHOPPER_PASS);
    shopper_run_free(one);
    shopper_run_free(two);
    shopper_engine_free(other);
    engine = first;
    shopper_journey_free(journey);
}

static void certificates_that_cannot_be_read_are_told(void)
{
    struct shopper_journey *journey =
        load("journey: see\nbase: https://127.0.0.1:1\nsteps:\n  - {name: a, get: /}\n", NULL);
    struct shopper_engine *other = shopper_engine_new(base);
    shopper_engine_set_ca_file(other, "/nowhere.pem");
    struct shopper_run *run = shopper_run_new(other, journey);
    promise("a missing CA file is refused",
            !shopper_run_start(run, keep_report, NULL, diagnostics));
    promise("and named", strstr(shopper_diagnostics_text(diagnostics), "/nowhere.pem") != NULL);
    shopper_run_free(run);
    shopper_engine_free(other);
    shopper_journey_free(journey);
}

int main(int argc, char **argv)
{
    if (argc != 2) return 2;
    signal(SIGPIPE, SIG_IGN);
    base = event_base_new();
    engine = shopper_engine_new(base);
    diagnostics = shopper_diagnostics_new();
    promise("the version is that of the headers",
            shopper_version_number() == SHOPPER_VERSION_NUMBER);
    promise("an engine needs a base", !shopper_engine_new(NULL));
    wrong_journeys_are_located();
    runs_tell_what_they_met(argv[1]);
    variables_are_replaced_and_taken_back(argv[1]);
    what_cannot_begin_says_why();
    runs_are_cancelled(argv[1]);
    deadlines_hold(argv[1]);
    engines_share_a_base(argv[1]);
    certificates_that_cannot_be_read_are_told();
    shopper_diagnostics_free(diagnostics);
    shopper_engine_free(engine);
    event_base_free(base);
    /* It stands for itself. */
    promise("a report outlives the engine",
            shopper_report_duration_us(last) > 0 && strlen(shopper_report_run_id(last)) == 36);
    shopper_report_free(last);
    return 0;
}
