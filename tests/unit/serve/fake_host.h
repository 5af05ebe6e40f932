/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A daemon that is none: a store with a made-up past, journeys that nobody walks, and a host for
 * the server that notes what it is asked. For tests, and for looking at the pages.
 */
#ifndef SHOPPER_TESTS_FAKE_HOST_H
#define SHOPPER_TESTS_FAKE_HOST_H

#include "base/vec.h"
#include "journey/journey.h"
#include "loop/loop.h"
#include "serve/serve.h"
#include "store/read.h"

struct fake_probe;

struct fake_host {
    char directory[64];
    struct loop *loop;
    struct store *store;
    struct server *server;
    VEC(struct journey *) journeys;
    bool not_ready, distrusts, busy, slow; /* slow: probes never end */
    bool reload_failed;
    const char *store_trouble;          /* NULL: none */
    unsigned stopped;                   /* probes */
    const char *paused;                 /* what all journeys are in; NULL */
    enum serve_answer answer;           /* to every command */
    char asked[2000];                   /* the latest command, in words */
    struct store_silence_list silences; /* of its past */
    struct store_silence silenced;      /* the latest that was asked for, owned; no id: none */
    VEC(struct fake_probe *) probes;
    int64_t probe_timeout_us; /* of the latest */
    struct serve_sink sinks[2];
};

/* What the past of the store is like. */
enum fake_past {
    PAST_NONE,    /* journeys, and no run */
    PAST_WELL,    /* a month that was almost good */
    PAST_BROKEN,  /* the same, and now prices are gone */
    PAST_HOSTILE, /* every text tries to break out of where it stands */
    PAST_MANY     /* a hundred journeys */
};

/* False: `error` says why. */
bool fake_host_init(struct fake_host *host, enum fake_past past, struct error *error);
bool fake_host_serve(struct fake_host *host, const struct serve_settings *settings,
                     struct error *error);
void fake_host_release(struct fake_host *host);

/* A run of `journey` whose step number `failing` (from 0) failed with `kind`; -1: it passed. The
 * caller frees it. */
struct run_report *fake_report(struct journey *journey, const char *persona, int failing,
                               enum outcome_kind kind, int64_t started_us);
extern const struct serve_host_operations fake_operations;

#define HOSTILE "<script>alert(1)</script>\"'&\\\n{}\x1b[2J\xe2\x80\xae"

#endif
