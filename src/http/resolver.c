/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a name was not found. curl says only that it was not; whether the shop's name does not exist
 * or our own resolver is dead decides who is to blame, so the question is put once more, in a
 * thread that lives for this one look-up and reports through a descriptor.
 *
 * The probe is owned by both sides: a look-up cannot be broken off, so a cancelled one is left to
 * end by itself, and the last to let go frees it.
 */
#include "http/internal.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct resolver_probe {
    atomic_int owners;
    int descriptor; /* an eventfd: written when the answer stands */
    char *host;
    int family;
    int answer, system_error; /* of getaddrinfo; the thread's until it writes */
    struct watch *watch;      /* the loop's side alone */
    struct http_exchange *exchange;
};

static void let_go(struct resolver_probe *probe)
{
    if (atomic_fetch_sub(&probe->owners, 1) != 1) return;
    close(probe->descriptor);
    free(probe->host);
    free(probe);
}

static void *look_up(void *context)
{
    struct resolver_probe *probe = context;
    struct addrinfo hints = {.ai_family = probe->family, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    probe->answer = getaddrinfo(probe->host, NULL, &hints, &found);
    probe->system_error = errno;
    if (!probe->answer) freeaddrinfo(found);
    uint64_t one = 1;
    while (write(probe->descriptor, &one, sizeof one) < 0 && errno == EINTR) continue;
    let_go(probe);
    return NULL;
}

static enum outcome_kind judge(const struct resolver_probe *probe, char **ret_detail)
{
    switch (probe->answer) {
    case EAI_NONAME:
    case EAI_NODATA:
    case EAI_ADDRFAMILY:
        *ret_detail = xasprintf("there is no such name: %s", probe->host);
        return OUTCOME_DNS;
    case 0:
        *ret_detail = xasprintf("our name server did not find %s, and then did", probe->host);
        return OUTCOME_PROBER;
    case EAI_SYSTEM:
        *ret_detail =
            xasprintf("cannot look %s up: %s", probe->host, strerror(probe->system_error));
        return OUTCOME_PROBER;
    }
    *ret_detail = xasprintf("cannot look %s up: %s", probe->host, gai_strerror(probe->answer));
    return OUTCOME_PROBER;
}

static void answered(void *context, int descriptor, int what)
{
    struct resolver_probe *probe = context;
    (void)descriptor;
    (void)what;
    char *detail = NULL;
    enum outcome_kind kind = judge(probe, &detail);
    exchange_settle(probe->exchange, kind, detail); /* cancels the probe */
}

static int family_of(enum http_family family)
{
    switch (family) {
    case HTTP_FAMILY_ANY: return AF_UNSPEC;
    case HTTP_FAMILY_4: return AF_INET;
    case HTTP_FAMILY_6: return AF_INET6;
    }
    return AF_UNSPEC;
}

struct resolver_probe *resolver_probe_start(struct http_exchange *exchange)
{
    int descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (descriptor < 0) return NULL;
    struct resolver_probe *probe = NEW(struct resolver_probe);
    atomic_init(&probe->owners, 2);
    probe->descriptor = descriptor;
    probe->host = xstrdup(exchange->url.host);
    probe->family = family_of(exchange->request.family);
    probe->exchange = exchange;
    pthread_t thread;
    if (pthread_create(&thread, NULL, look_up, probe)) {
        let_go(probe);
        let_go(probe);
        return NULL;
    }
    pthread_detach(thread);
    probe->watch = watch_new(exchange->session->client->loop, descriptor, answered, probe);
    watch_set(probe->watch, WATCH_READ);
    return probe;
}

void resolver_probe_cancel(struct resolver_probe *probe)
{
    if (!probe) return;
    watch_free(take(probe->watch));
    let_go(probe);
}
