/* SPDX-License-Identifier: Apache-2.0 */
/* shopper-demo-shop: options, signals, the loop. What the shop does stands in server.c. */
#include "server.h"

#include <event2/event.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#define ACCOUNTS_MAX 100000

static const char usage[] =
    "usage: shopper-demo-shop [--port N] [--seed N] [--journal FILE] [--accounts N]\n"
    "\n"
    "A small shop on 127.0.0.1 to probe, with faults to switch on at /control/faults.\n"
    "Prints its address once it listens; ends on SIGTERM or SIGINT.\n"
    "\n"
    "  --port N        listen there; 0, the default, takes any free port\n"
    "  --seed N        of tokens and of a fault's percentage; default 1\n"
    "  --journal FILE  append one JSON line per request\n"
    "  --accounts N    shopper1 to shopperN beside shopper@example.com; default 20\n";

static bool whole_number(const char *text, uint64_t max, uint64_t *ret_value)
{
    char *end = NULL;
    uint64_t value = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || value > max) return false;
    *ret_value = value;
    return true;
}

/* Negative: go on; else the exit code. */
static int options_read(int argc, char **argv, struct options *options)
{
    static const struct option known[] = {
        {"port", required_argument, NULL, 'p'},    {"seed", required_argument, NULL, 's'},
        {"journal", required_argument, NULL, 'j'}, {"accounts", required_argument, NULL, 'a'},
        {"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0},
    };
    int letter;
    while ((letter = getopt_long(argc, argv, "", known, NULL)) != -1) {
        uint64_t value = 0;
        bool sound = true;
        switch (letter) {
        case 'p': sound = whole_number(optarg, UINT16_MAX, &value); break;
        case 's': sound = whole_number(optarg, UINT64_MAX, &value); break;
        case 'a': sound = whole_number(optarg, ACCOUNTS_MAX, &value); break;
        case 'j': options->journal = optarg; break;
        case 'h': fputs(usage, stdout); return 0;
        default: sound = false;
        }
        if (!sound) {
            fputs(usage, stderr);
            return 2;
        }
        if (letter == 'p') options->port = (uint16_t)value;
        if (letter == 's') options->seed = value;
        if (letter == 'a') options->accounts = (unsigned)value;
    }
    if (optind == argc) return -1;
    fputs(usage, stderr);
    return 2;
}

static void on_signal(evutil_socket_t signal_number, short what, void *arg)
{
    (void)signal_number;
    (void)what;
    event_base_loopbreak(arg);
}

/* Thousands of shoppers may wait at once. */
static void descriptors_raise(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

static int serve(const struct options *options)
{
    struct event_base *base = event_base_new();
    if (!base) return 1;
    int code = 1;
    uint16_t port = 0;
    struct event *term = evsignal_new(base, SIGTERM, on_signal, base);
    struct event *interrupt = evsignal_new(base, SIGINT, on_signal, base);
    struct server *server = server_new(base, options, &port);
    if (server && term && interrupt && event_add(term, NULL) == 0 &&
        event_add(interrupt, NULL) == 0) {
        printf("http://127.0.0.1:%u\n", (unsigned)port);
        fflush(stdout);
        code = event_base_dispatch(base) < 0 ? 1 : 0;
    }
    server_free(server);
    if (term) event_free(term);
    if (interrupt) event_free(interrupt);
    event_base_free(base);
    return code;
}

int main(int argc, char **argv)
{
    struct options options = {.seed = 1, .accounts = 20};
    int code = options_read(argc, argv, &options);
    if (code >= 0) return code;
    signal(SIGPIPE, SIG_IGN);
    descriptors_raise();
    code = serve(&options);
    libevent_global_shutdown();
    return code;
}
