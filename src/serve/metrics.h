/* SPDX-License-Identifier: Apache-2.0 */
/* The metrics that this floor knows, one table, from which /metrics, /probe and the reference are
 * made. */
#ifndef SHOPPER_SERVE_METRICS_H
#define SHOPPER_SERVE_METRICS_H

#include "serve/exposition.h"
#include "serve/figures.h"

/* enum name, name (a counter's without _total), type, labels, help */
#define METRICS(X)                                                                                 \
    X(BUILD_INFO, "shopper_build_info", GAUGE, "version", "Which version this is; always 1.")      \
    X(START_TIME, "shopper_start_time_seconds", GAUGE, "", "When the daemon began, since 1970.")   \
    X(READY, "shopper_ready", GAUGE, "", "1 while the daemon does its work.")                      \
    X(TRUSTED, "shopper_trusted", GAUGE, "",                                                       \
      "1 while what shoppers report is believed; 0 while the trouble is on our side.")             \
    X(RELOADED, "shopper_config_last_reload_success_timestamp_seconds", GAUGE, "",                 \
      "When the configuration in use was read, since 1970.")                                       \
    X(RELOAD_GOOD, "shopper_config_last_reload_successful", GAUGE, "",                             \
      "0 when the latest configuration was refused, and an older one is in use.")                  \
    X(RUNS, "shopper_runs", COUNTER, "journey, persona, verdict",                                  \
      "Runs that ended: pass, degraded, fail, unknown; apart from these: maintenance, reprobe, "   \
      "asked.")                                                                                    \
    X(RUN_SECONDS, "shopper_run_duration_seconds", HISTOGRAM, "journey, persona",                  \
      "How long runs took that passed or were degraded.")                                          \
    X(STEP_SECONDS, "shopper_step_duration_seconds", HISTOGRAM, "journey, stage, step",            \
      "How long steps took that passed or were degraded; its exemplars are trace ids.")            \
    X(FAILURES, "shopper_failures", COUNTER, "journey, stage, step, kind",                         \
      "Steps that did not pass, by kind of failure.")                                              \
    X(LAST_RUN, "shopper_last_run_timestamp_seconds", GAUGE, "journey, persona",                   \
      "When the latest run ended, since 1970.")                                                    \
    X(CERTIFICATE, "shopper_certificate_expiry_timestamp_seconds", GAUGE, "host",                  \
      "When the first certificate of the host's chain ends, since 1970.")                          \
    X(LATENESS, "shopper_schedule_lateness_seconds", HISTOGRAM, "",                                \
      "How long after its slot a run started.")                                                    \
    X(MISSED, "shopper_missed_slots", COUNTER, "journey, persona",                                 \
      "Slots in which nobody shopped.")                                                            \
    X(OVERDUE, "shopper_schedule_overdue_seconds", GAUGE, "",                                      \
      "How long the slot has waited that waits longest for its shopper; 0 while none does.")       \
    X(SUBJECTS, "shopper_subjects", GAUGE, "", "Journeys times personas that are watched.")        \
    X(UNDER_WAY, "shopper_runs_under_way", GAUGE, "", "Shoppers that walk now.")                   \
    X(WAITING, "shopper_runs_waiting", GAUGE, "", "Runs that wait for a place.")                   \
    X(STALL, "shopper_loop_stall_seconds", GAUGE, "",                                              \
      "The longest turn of the event loop in the last minute or two.")                             \
    X(INCIDENTS, "shopper_incidents_open", GAUGE, "severity",                                      \
      "Open incidents, without those in maintenance alone.")                                       \
    X(SILENCES, "shopper_silences_active", GAUGE, "", "Silences in force.")                        \
    X(OUTBOX, "shopper_outbox_waiting", GAUGE, "", "Messages that no sink has taken yet.")         \
    X(OUTBOX_AGE, "shopper_outbox_oldest_age_seconds", GAUGE, "",                                  \
      "How long the oldest of them has waited; 0 when none does.")                                 \
    X(OUTBOX_LOST, "shopper_outbox_given_up", GAUGE, "",                                           \
      "Messages that were given up, as far back as they are kept.")                                \
    X(SINK_UP, "shopper_sink_up", GAUGE, "sink, kind", "0 while a sink takes nothing.")            \
    X(SINK_SENT, "shopper_sink_attempts", COUNTER, "sink, kind, result",                           \
      "Attempts to tell a sink: delivered or failed.")                                             \
    X(STORE_UP, "shopper_store_up", GAUGE, "", "0 while the history cannot be written or read.")   \
    X(STORE_WAITING, "shopper_store_waiting_batches", GAUGE, "", "Writes that wait for the disk.") \
    X(OVERFLOW, "shopper_label_overflow", COUNTER, "what",                                         \
      "What was not counted, because there would be too many label sets.")                         \
    X(ANSWERS, "shopper_http_answers", COUNTER, "class",                                           \
      "Answers of this server, by class of status.")                                               \
    X(PROBE_SUCCESS, "probe_success", GAUGE, "journey, persona",                                   \
      "Whether the latest run passed or was degraded; left out when it could not be judged, and "  \
      "in "                                                                                        \
      "maintenance.")                                                                              \
    X(PROBE_SECONDS, "probe_duration_seconds", GAUGE, "journey, persona",                          \
      "How long the latest run took.")                                                             \
    X(PROBE_DNS, "probe_dns_lookup_time_seconds", GAUGE, "journey, persona",                       \
      "Time for looking up names, summed over the latest run.")                                    \
    X(PROBE_PHASES, "probe_http_duration_seconds", GAUGE, "journey, persona, phase",               \
      "Time per phase of HTTP, summed over all requests of the latest run.")                       \
    X(PROBE_STATUS, "probe_http_status_code", GAUGE, "journey, persona",                           \
      "Status of the latest run's last answer; 0 when there was none.")                            \
    X(PROBE_SSL, "probe_http_ssl", GAUGE, "journey, persona",                                      \
      "Whether the latest run's last request went over TLS.")                                      \
    X(PROBE_CERTIFICATE, "probe_ssl_earliest_cert_expiry", GAUGE, "journey, persona",              \
      "When the first certificate that the latest run met ends, since 1970.")                      \
    X(PROBE_IP, "probe_ip_protocol", GAUGE, "",                                                    \
      "/probe only: 4 or 6, of the last answer; 0 when there was none.")                           \
    X(PROBE_IP_HASH, "probe_ip_addr_hash", GAUGE, "",                                              \
      "/probe only: a hash of the address of the last answer, to see that it changes.")            \
    X(PROBE_VERSION, "probe_http_version", GAUGE, "",                                              \
      "/probe only: the version of HTTP of the last answer; 0 when there was none.")               \
    X(PROBE_REDIRECTS, "probe_http_redirects", GAUGE, "",                                          \
      "/probe only: redirects that were followed, of all requests.")                               \
    X(PROBE_LENGTH, "probe_http_content_length", GAUGE, "",                                        \
      "/probe only: bytes of the last answer's body as they came.")                                \
    X(PROBE_BODY, "probe_http_uncompressed_body_length", GAUGE, "",                                \
      "/probe only: bytes of the last answer's body, decompressed.")                               \
    X(PROBE_CONTENT, "probe_failed_due_to_regex", GAUGE, "",                                       \
      "/probe only: whether it failed since an answer does not say what it should.")               \
    X(PROBE_CHAIN, "probe_ssl_last_chain_expiry_timestamp_seconds", GAUGE, "",                     \
      "/probe only: when the first certificate of the last answer's chain ends, since 1970.")      \
    X(PROBE_TLS, "probe_tls_version_info", GAUGE, "version",                                       \
      "/probe only: the version of TLS of the last answer; always 1.")                             \
    X(PROBE_TIMEOUT, "probe_timeout_seconds", GAUGE, "", "/probe only: how long the run had.")     \
    X(PROBE_VERDICT, "shopper_probe_verdict", GAUGE, "verdict",                                    \
      "/probe only: 1 for how the run ended.")                                                     \
    X(PROBE_STEP, "shopper_probe_step_success", GAUGE, "step, stage",                              \
      "/probe only: whether each step passed or was degraded.")                                    \
    X(PROBE_STEP_SECONDS, "shopper_probe_step_duration_seconds", GAUGE, "step, stage",             \
      "/probe only: how long each step took.")                                                     \
    X(PROBE_FAILURE, "shopper_probe_failure_info", GAUGE, "step, stage, kind",                     \
      "/probe only: what decided a run that did not pass; always 1.")                              \
    X(CPU, "process_cpu_seconds", COUNTER, "", "Processor time of this process.")                  \
    X(MEMORY, "process_resident_memory_bytes", GAUGE, "", "Memory of this process.")               \
    X(FDS, "process_open_fds", GAUGE, "", "Open descriptors of this process.")                     \
    X(MAX_FDS, "process_max_fds", GAUGE, "", "How many it may have.")

enum metric {
#define X(name, word, type, labels, help) METRIC_##name,
    METRICS(X)
#undef X
        METRIC_COUNT
};

struct metric_row {
    struct family family;
    const char *labels; /* for the reference */
};
extern const struct metric_row metric_rows[METRIC_COUNT];

/* The probe_* families of one run; `base` is put in front of the labels of each sample. */
void metrics_begin(struct exposition *exposition, enum metric metric);
void metrics_single(struct exposition *exposition, enum metric metric, double value);
/* What /probe says of a run. (probe_text.c) */
void probe_print(struct exposition *exposition, const struct run_report *report,
                 int64_t timeout_us);
const char *probe_phase_word(size_t phase); /* "resolve"; NULL behind the last */
double probe_phase_seconds(const struct timings *timings, size_t phase);

#endif
