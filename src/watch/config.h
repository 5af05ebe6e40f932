/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shopper.yaml: what the daemon watches, where it remembers, whom it tells. Read with the same
 * located diagnostics as a journey. Paths are relative to the file.
 *
 * What `policy` and `sinks` say is read by the floors that act on it (judge/, sink/); the document
 * is kept for them.
 */
#ifndef SHOPPER_WATCH_CONFIG_H
#define SHOPPER_WATCH_CONFIG_H

#include "base/file.h"
#include "base/vec.h"
#include "journey/schedule.h"
#include "text/yaml.h"

/* A maintenance window: once, or again and again. */
struct config_window {
    char *name;
    int64_t from_us, to_us;                   /* once: wall time */
    char *cron, *timezone;                    /* or: begins at these times */
    struct schedule *times;                   /* of cron, compiled */
    int64_t duration_us;                      /* and lasts so long */
    struct path_list journeys, stages, hosts; /* all empty: everything */
    bool skip;                                /* do not run; else run, and tell nobody */
};

struct config {
    struct yaml_document *document; /* NULL: there is no file */
    struct path_list journeys;      /* files and directories */
    char *location, *personas, *store, *ca_file, *crl_file;
    unsigned concurrent; /* runs at once */
    struct path_list control;
    int64_t keep_runs_us, keep_hourly_us;
    struct {
        struct config_window *items;
        size_t count, capacity;
    } maintenance;
    struct {
        char *listen; /* "127.0.0.1:9180"; NULL: nobody listens */
        char *public_url, *title;
        struct secret_spec token; /* `from` NULL: none */
        struct path_list hosts, origins;
    } http;
    const struct yaml_node *policy, *sinks; /* inside the document; NULL: not said */
};

#define CONFIG_DEFAULT_CONCURRENT 100
#define CONFIG_DEFAULT_KEEP_RUNS_US (14 * 86400 * US_PER_SECOND)
#define CONFIG_DEFAULT_KEEP_HOURLY_US (396 * 86400 * US_PER_SECOND) /* 13 months */

/* Fills *config with the defaults and what the file says (NULL: no file). False: there are errors,
 * all in `diags`. Release it either way. */
bool config_load(const char *path, struct config *config, struct diags *diags) MUST_CHECK;
/* Keys that are read once, at the start, and differ: "store, http"; "" when all are the same. */
void config_print_once(const struct config *before, const struct config *now, struct buf *out);
/* Whether the file looks like a configuration, rather than a journey. */
bool config_is_one(const char *path);
/* Or like a policy that stands for itself, as `shopper policy show` prints it. */
bool config_is_policy(const char *path);
void config_release(struct config *config);

extern const struct shape config_shape;

/* "127.0.0.1:9180", "[::1]:9180", ":9180" taken apart; *ret_address NULL: none is said. */
bool listen_split(const char *listen, char **ret_address, int *ret_port,
                  struct error *error) MUST_CHECK;

#endif
