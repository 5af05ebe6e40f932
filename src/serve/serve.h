/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP face of the daemon: metrics, /probe, the API, the status page. It shows what the store
 * knows and what the daemon tells it, and asks the daemon to act through a table of operations; it
 * judges nothing, schedules nothing and writes to no store.
 *
 * Who implements the operations is called the host. All of this happens on the thread of the loop;
 * an operation returns at once, and calls back only where it says so.
 *
 * Loopback alone unless told otherwise. A server that others can reach should stand behind a proxy
 * that speaks TLS and knows who may look: see docs/http.md.
 */
#ifndef SHOPPER_SERVE_SERVE_H
#define SHOPPER_SERVE_SERVE_H

#include "base/buf.h"
#include "base/error.h"
#include "run/report.h"
#include "store/read.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;
struct server;

struct serve_settings {
    const char *address; /* numeric; NULL: "127.0.0.1" */
    int port;            /* 0: any that is free; see serve_url */
    /* Names that a Host header may bear beside "localhost" and the address itself; NULL-terminated;
     * NULL: none. What bears another name is refused (DNS rebinding). */
    const char *const *hosts;
    const char *const *origins; /* that may read the API from a browser (CORS); NULL: none */
    const char *token;          /* for whoever changes something; NULL or "": nobody may */
    const char *title;          /* of the status page; NULL: "Mystery Shopper" */
    const char *location;       /* where these shoppers stand; NULL: "" */
    unsigned connections;       /* at once; 0: 100 */
    int64_t idle_us;            /* a connection that says nothing for so long is closed; 0: 30 s */
};

/* --- What the host tells */

/* One journey that is watched. */
struct serve_journey {
    const struct journey *journey;
    int64_t next_us;    /* wall time of its next slot; 0: only when told */
    const char *paused; /* the maintenance window that it is in, or why else it rests; NULL */
};
typedef void serve_journey_visit(void *visitor, const struct serve_journey *journey);

struct serve_sink {
    const char *name, *kind;    /* "ops", "webhook" */
    uint64_t delivered, failed; /* attempts since the start */
    const char *trouble;        /* why it does not take anything now; NULL: it does */
};

/* Figures of now. Texts and lists are borrowed until the operation is called again. */
struct serve_live {
    int64_t started_us;  /* wall time: of the daemon */
    int64_t reloaded_us; /* wall time: of the configuration in use; 0: never since the start */
    bool reload_failed;  /* the last try to read a new one was refused */
    size_t subjects, under_way, waiting; /* journeys x personas; runs */
    uint64_t missed;                     /* slots since the start */
    int64_t stall_us;   /* the longest turn of the loop of late, however often this is asked */
    int64_t overdue_us; /* how long the slot waits that waits longest for its shopper */
    bool trusted;       /* what shoppers report is believed; else `distrust` says why not */
    const char *distrust;
    const char *store_trouble; /* NULL: none */
    size_t store_waiting;      /* batches that are not written yet */
    const struct serve_sink *sinks;
    size_t sink_count;
};

struct serve_probe {
    const char *journey, *persona; /* known to be watched */
    int64_t timeout_us; /* the run's deadline is this, or the journey's when that is less */
};
/* The report is borrowed for the call, and redacted in no way. */
typedef void serve_probe_done(void *context, const struct run_report *report);

typedef void serve_silence_visit(void *visitor, const struct store_silence *silence);

enum serve_answer {
    SERVE_DONE,
    SERVE_NO_SUCH, /* incident, silence */
    SERVE_REFUSED, /* the argument makes no sense; error says why */
    SERVE_BUSY     /* not now; error says why */
};

struct serve_host_operations {
    void (*each_journey)(void *host, serve_journey_visit *visit, void *visitor);
    void (*live)(void *host, struct serve_live *ret_live);
    /* Whether this daemon does its work; else why not, in one line. */
    bool (*ready)(void *host, struct buf *why);
    /*
     * Walks a journey now. `done` comes on a later turn, once, when its steps are through; cleaning
     * up may go on behind it. The ticket stands for it until then and is any pointer but NULL;
     * NULL: it cannot be begun (error). Who may ask is anybody: such a run must be no sample.
     */
    void *(*probe)(void *host, const struct serve_probe *probe, serve_probe_done *done,
                   void *context, struct error *error);
    /* `done` is not called any more. Forgotten: the run goes on. Stopped: it ends, and cleans up.
     */
    void (*probe_forget)(void *host, void *ticket);
    void (*probe_stop)(void *host, void *ticket);

    /* Each is called only for who has shown the token. `author` is what they call themselves. */
    enum serve_answer (*acknowledge)(void *host, const char *incident_id, bool acknowledged,
                                     const char *author, struct error *error);
    /* With an id of our making. */
    enum serve_answer (*silence)(void *host, const struct store_silence *silence,
                                 struct error *error);
    enum serve_answer (*unsilence)(void *host, const char *silence_id, const char *author,
                                   struct error *error);
    /* Those that have not ended, as it goes by them now: the store has them a moment later. They
     * are borrowed for the turn. */
    void (*each_silence)(void *host, serve_silence_visit *visit, void *visitor);
};

/* --- Life */

/*
 * Listens; the settings are copied. `store` is a reader or the host's own, `operations` and `host`
 * are borrowed until serve_stop. NULL: error says why (the address is taken).
 */
struct server *serve_start(const struct serve_settings *settings, struct loop *loop,
                           struct store *store, const struct serve_host_operations *operations,
                           void *host, struct error *error) MUST_CHECK;
/* Closes all connections; probes under way are forgotten. NULL: nothing. */
void serve_stop(struct server *server);
/* "http://127.0.0.1:9180", borrowed. */
const char *serve_url(const struct server *server);

/* --- Being told. All accept a NULL server. */

/* How a run came about, beside what its report says. */
struct serve_observed {
    int64_t late_us; /* behind its slot; -1: it had none */
    unsigned flags;  /* enum store_run_flag */
};
/* Each run that ended, once, for the counters, the histograms and the journey's gauges. Nothing of
 * the report is kept but numbers, names and its trace id. */
void serve_observe(struct server *server, const struct run_report *report,
                   const struct serve_observed *observed);
void serve_missed(struct server *server, const char *journey, const char *persona);
/* What the page shows is different now (a run is readable in the store, an incident changed):
 * whoever looks is told, at most once a second. */
void serve_changed(struct server *server);

#endif
