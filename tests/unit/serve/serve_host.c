/* SPDX-License-Identifier: Apache-2.0 */
/* Serves the pages of a made-up daemon, for tests in a real browser and for looking at them:
 * shopper-serve-host none|well|broken|hostile|many [PORT]. Its token is "let me in". At SIGUSR1
 * shoppers have walked. */
#include "fake_host.h"

#include "past.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void stop(void *context, int number)
{
    (void)number;
    loop_stop(context);
}

/* A daemon's store is polled by its loop. */
static void poll_store(void *context, int descriptor, int what)
{
    (void)descriptor;
    (void)what;
    store_poll(context);
}

static void tell(void *context, int number)
{
    struct fake_host *host = context;
    (void)number;
    past_observe(host);
    serve_changed(host->server);
}

int main(int argc, char **argv)
{
    static const char *const pasts[] = {"none", "well", "broken", "hostile", "many"};
    struct fake_host host;
    AUTO_ERROR error = ERROR_NONE;
    enum fake_past past = PAST_WELL;
    for (size_t i = 0; i < COUNT_OF(pasts); i++) {
        if (argc > 1 && strcmp(argv[1], pasts[i]) == 0) past = (enum fake_past)i;
    }
    struct serve_settings settings = {.port = argc > 2 ? atoi(argv[2]) : 0,
                                      .token = "let me in",
                                      .title = "Mug shop",
                                      .location = "frankfurt"};
    if (!fake_host_init(&host, past, &error) || !fake_host_serve(&host, &settings, &error)) {
        fprintf(stderr, "%s\n", error_text(&error));
        return 1;
    }
    struct signal_watch *end = signal_watch_new(host.loop, SIGTERM, stop, host.loop);
    struct signal_watch *change = signal_watch_new(host.loop, SIGUSR1, tell, &host);
    struct watch *watch =
        watch_new(host.loop, store_descriptor(host.store), poll_store, host.store);
    watch_set(watch, WATCH_READ);
    puts(serve_url(host.server));
    fflush(stdout);
    loop_run(host.loop);
    watch_free(watch);
    signal_watch_free(end);
    signal_watch_free(change);
    fake_host_release(&host);
    return 0;
}
