/* SPDX-License-Identifier: Apache-2.0 */
/* shopper-fault-proxy: stands before a shop and spoils what it is told to spoil. For tests; listens
 * on the loopback address alone. */
#include "proxy.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
    char *host;
    uint16_t upstream_port, port;
};

static bool read_port(const char *text, uint16_t *ret_port)
{
    char *end = NULL;
    long port = strtol(text, &end, 10);
    if (end == text || *end || port < 0 || port > 65535) return false;
    *ret_port = (uint16_t)port;
    return true;
}

/* http://ADDRESS:PORT, the address as a number: nothing here looks up names. */
static bool read_upstream(const char *url, struct options *options)
{
    static const char scheme[] = "http://";
    if (strncmp(url, scheme, sizeof(scheme) - 1) != 0) return false;
    const char *host = url + sizeof(scheme) - 1;
    size_t host_bytes = strcspn(host, ":/");
    if (!host_bytes || strspn(host, "0123456789.") < host_bytes) return false;
    free(options->host);
    options->host = must_copy(host, host_bytes);
    if (host[host_bytes] != ':') return false;
    char *port = must_copy(host + host_bytes + 1, strcspn(host + host_bytes + 1, "/"));
    bool good = read_port(port, &options->upstream_port) && options->upstream_port;
    free(port);
    return good;
}

static bool read_options(int argc, char **argv, struct options *options)
{
    static const struct option known[] = {
        {"upstream", required_argument, NULL, 'u'},
        {"port", required_argument, NULL, 'p'},
        {NULL, 0, NULL, 0},
    };
    int option;
    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (option == 'u' && read_upstream(optarg, options)) continue;
        if (option == 'p' && read_port(optarg, &options->port)) continue;
        return false;
    }
    return options->host && optind == argc;
}

static void stop(int signal_number, short what, void *base)
{
    (void)signal_number, (void)what;
    event_base_loopexit(base, NULL);
}

static int run(struct event_base *base, const struct options *options)
{
    struct event *on_term = evsignal_new(base, SIGTERM, stop, base);
    struct event *on_int = evsignal_new(base, SIGINT, stop, base);
    struct proxy *proxy = proxy_new(base, options->host, options->upstream_port, options->port);
    if (!on_term || !on_int) abort();
    if (proxy) {
        event_add(on_term, NULL);
        event_add(on_int, NULL);
        printf("http://127.0.0.1:%u\n", (unsigned)proxy_port(proxy));
        fflush(stdout);
        event_base_dispatch(base);
    } else {
        fprintf(stderr, "shopper-fault-proxy: cannot listen: %s\n", strerror(errno));
    }
    int result = proxy ? EXIT_SUCCESS : EXIT_FAILURE;
    proxy_free(proxy);
    event_free(on_term);
    event_free(on_int);
    return result;
}

int main(int argc, char **argv)
{
    struct options options = {0};
    if (!read_options(argc, argv, &options)) {
        fprintf(stderr, "usage: shopper-fault-proxy --upstream http://127.0.0.1:PORT [--port N]\n");
        free(options.host);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    struct event_base *base = event_base_new();
    if (!base) abort();
    int result = run(base, &options);
    event_base_free(base);
    free(options.host);
    return result;
}
