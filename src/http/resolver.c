/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a name was not found. curl says only that it was not; whether the shop's name does not exist
 * or our own resolver is dead decides who is to blame, so the question is put once more, in a
 * thread that lives for this one look-up.
 *
 * A look-up cannot be broken off: a cancelled one ends by itself, and with a dead name server that
 * takes its time. So there are only so many at once.
 */
#include "http/internal.h"

#include "loop/errand.h"

#include <errno.h>
#include <netdb.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { LOOK_UPS_MAX = 32 };

static atomic_int look_ups; /* of the process, cancelled ones included */

struct look_up {
    char *host;
    int family;
    int answer, system_error; /* of getaddrinfo */
};

struct resolver_probe {
    struct errand *errand;
    struct http_exchange *exchange;
};

static void look_up_free(void *object)
{
    struct look_up *look_up = object;
    free(look_up->host);
    free(look_up);
    atomic_fetch_sub(&look_ups, 1);
}

static void ask(void *load)
{
    struct look_up *look_up = load;
    struct addrinfo hints = {.ai_family = look_up->family, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    look_up->answer = getaddrinfo(look_up->host, NULL, &hints, &found);
    look_up->system_error = errno;
    if (!look_up->answer) freeaddrinfo(found);
}

static enum outcome_kind judge(const struct look_up *look_up, char **ret_detail,
                               const char **ret_actual)
{
    *ret_actual = look_up->answer == EAI_SYSTEM ? strerror(look_up->system_error)
                                                : gai_strerror(look_up->answer);
    switch (look_up->answer) {
    case EAI_NONAME:
    case EAI_NODATA:
    case EAI_ADDRFAMILY:
        *ret_detail = xasprintf("there is no such name: %s", look_up->host);
        *ret_actual = "no such name";
        return OUTCOME_DNS;
    case 0:
        *ret_detail = xasprintf("our name server did not find %s, and then did", look_up->host);
        *ret_actual = "none, and then one";
        return OUTCOME_PROBER;
    default:
        *ret_detail = xasprintf("cannot look %s up: %s", look_up->host, *ret_actual);
        return OUTCOME_PROBER;
    }
}

static void answered(void *context, void *load, bool begun)
{
    struct resolver_probe *probe = context;
    const struct look_up *look_up = load;
    char *detail = NULL;
    const char *actual = "no thread to ask with";
    enum outcome_kind kind = OUTCOME_PROBER;
    if (begun)
        kind = judge(look_up, &detail, &actual);
    else
        detail = xasprintf("cannot look %s up: there is no thread for it", look_up->host);
    exchange_compare(probe->exchange, xasprintf("an address of %s", look_up->host),
                     xstrdup(actual));
    probe->errand = NULL;
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
    if (atomic_fetch_add(&look_ups, 1) >= LOOK_UPS_MAX) {
        atomic_fetch_sub(&look_ups, 1);
        return NULL;
    }
    struct look_up *look_up = NEW(struct look_up);
    look_up->host = xstrdup(exchange->url.host);
    look_up->family = family_of(exchange->request.family);
    struct resolver_probe *probe = NEW(struct resolver_probe);
    probe->exchange = exchange;
    probe->errand =
        errand_start(exchange->session->client->loop, ask, look_up, look_up_free, answered, probe);
    return probe;
}

void resolver_probe_cancel(struct resolver_probe *probe)
{
    if (!probe) return;
    errand_cancel(probe->errand);
    free(probe);
}
