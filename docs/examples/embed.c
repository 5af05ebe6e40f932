/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mystery Shopper inside another program: walks a journey once for each of its personas, all at
 * once, on an event base of this program's own, and says what the shoppers met.
 *
 *   cc embed.c $(pkg-config --cflags --libs shopper) -o embed
 *   ./embed checkout.yaml https://shop.example
 */
#include <shopper/shopper.h>

#include <event2/event.h>
#include <signal.h>
#include <stdio.h>

static int failed;

static void on_done(void *context, struct shopper_run *run, struct shopper_report *report)
{
    (void)context;
    printf("%s [%s]: %s\n", shopper_report_journey(report), shopper_report_persona(report),
           shopper_verdict_word(shopper_report_verdict(report)));
    for (size_t i = 0; i < shopper_report_step_count(report); i++) {
        const struct shopper_step *step = shopper_report_step(report, i);
        printf("  %s: %s, status %d\n", step->name, shopper_verdict_word(step->verdict),
               step->status);
        if (!step->failure) continue;
        printf("    %s:%u:%u: %s [%s]\n", step->failure->file, step->failure->line,
               step->failure->column, step->failure->message, step->failure->kind);
    }
    if (shopper_report_verdict(report) != SHOPPER_PASS) failed = 1;
    shopper_report_free(report);
    shopper_run_free(run);
}

int main(int argc, char **argv)
{
    if (argc < 2) return fprintf(stderr, "usage: %s JOURNEY [BASE]\n", argv[0]), 2;
    signal(SIGPIPE, SIG_IGN);

    struct event_base *base = event_base_new();
    struct shopper_engine *engine = shopper_engine_new(base);
    struct shopper_diagnostics *diagnostics = shopper_diagnostics_new();
    struct shopper_journey *journey = shopper_journey_load(argv[1], NULL, diagnostics);

    const char *persona = NULL;
    for (size_t i = 0; journey && (persona = shopper_journey_persona(journey, i)); i++) {
        struct shopper_run *run = shopper_run_new(engine, journey);
        shopper_run_set_persona(run, persona);
        shopper_run_set_base(run, argc > 2 ? argv[2] : NULL);
        if (!shopper_run_start(run, on_done, NULL, diagnostics)) shopper_run_free(run);
    }
    if (shopper_diagnostics_count(diagnostics)) failed = 2;
    fputs(shopper_diagnostics_text(diagnostics), stderr);

    event_base_dispatch(base); /* returns when no shopper is left */

    shopper_journey_free(journey);
    shopper_diagnostics_free(diagnostics);
    shopper_engine_free(engine);
    event_base_free(base);
    return failed;
}
