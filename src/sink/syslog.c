/* SPDX-License-Identifier: Apache-2.0 */
/*
 * syslog: one RFC 5424 message per event, by UDP (RFC 5426), by TCP with octet counting (RFC 6587,
 * section 3.4.1) or to a local datagram socket. Syslog acknowledges nothing: delivered means that
 * the system took it, and by TCP that the peer did not reset the connection before it was closed.
 */
#include "sink/internal.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define UDP_LIMIT 2000 /* RFC 5426, section 3.2: receivers should take 2048 */
#define LIMIT 8000
#define CLOSE_WAIT_US (2 * US_PER_SECOND)

enum way { WAY_UDP, WAY_TCP, WAY_UNIX };

static const struct {
    const char *prefix;
    enum way way;
} ways[] = {{"udp://", WAY_UDP}, {"tcp://", WAY_TCP}, {"unix:", WAY_UNIX}};

static const char *const facility_words[] = {
    "kern",   "user",     "mail",   "daemon", "auth",   "syslog", "lpr",   "news",   "uucp",
    "cron",   "authpriv", "ftp",    "ntp",    "audit",  "alert",  "clock", "local0", "local1",
    "local2", "local3",   "local4", "local5", "local6", "local7", NULL};
#define FACILITY_DAEMON 3

struct syslog_settings {
    const struct sink_text *to;
    int facility;
};

struct target {
    enum way way;
    char host[256], port[8]; /* of UDP and TCP; a socket's path in host */
};

/* "udp://host:514", "tcp://[::1]:601", "unix:/dev/log" */
static bool read_target(const char *value, struct target *target)
{
    struct view rest = VIEW_NONE;
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        if (!view_starts_with(view_of(value), view_of(ways[i].prefix))) continue;
        target->way = ways[i].way;
        rest = view_from(view_of(value), strlen(ways[i].prefix));
    }
    if (!rest.length || rest.length >= sizeof target->host) return false;
    memcpy(target->host, rest.data, rest.length + 1);
    if (target->way == WAY_UNIX)
        return *target->host == '/' && rest.length < sizeof((struct sockaddr_un *)0)->sun_path;
    char *colon = strrchr(target->host, ':');
    if (!colon || colon == target->host) return false;
    size_t digits = strspn(colon + 1, "0123456789");
    if (!digits || digits > 5 || colon[1 + digits]) return false;
    view_copy(view_of(colon + 1), target->port, sizeof target->port);
    *colon = '\0';
    size_t length = strlen(target->host);
    if (*target->host != '[') return !strpbrk(target->host, ":/@ ");
    if (length < 3 || target->host[length - 1] != ']') return false;
    memmove(target->host, target->host + 1, length - 2);
    target->host[length - 2] = '\0';
    return true;
}

static bool check_target(const char *value, struct error *error)
{
    struct target target;
    return read_target(value, &target) ||
           error_set(error, "is udp://HOST:PORT, tcp://HOST:PORT or unix:/PATH");
}

static void load_target(struct loader *loader, const struct yaml_node *node, void *sink)
{
    struct syslog_settings *settings = ((struct sink *)sink)->settings;
    sink_text_load(loader, node, sink, "to", check_target, &settings->to);
}

static void load_facility(struct loader *loader, const struct yaml_node *node, void *sink)
{
    struct syslog_settings *settings = ((struct sink *)sink)->settings;
    AUTO_FREE char *word = NULL;
    if (!load_text(loader, node, "facility", &word)) return;
    for (int i = 0; facility_words[i]; i++) {
        if (strcmp(facility_words[i], word) != 0) continue;
        settings->facility = i;
        return;
    }
    diag_suggest(
        diag_error(loader->diags, DIAG_BAD_VALUE, node->place, "there is no facility '%s'", word),
        view_of(word), facility_words);
}

static const struct shape facility_shape = {.kind = SHAPE_WORD, .words = facility_words};
static const struct key_rule rules[] = {
    {"to", load_target, true, &sink_text_shape,
     "`udp://HOST:PORT`, `tcp://HOST:PORT` or `unix:/dev/log`"},
    {"facility", load_facility, false, &facility_shape, "which facility it says (`daemon`)"},
    {0},
};
const struct shape syslog_shape = {.kind = SHAPE_MAPPING, .name = "syslog", .rules = rules};

static void defaults(void *object)
{
    ((struct syslog_settings *)object)->facility = FACILITY_DAEMON;
}

struct syslog_load {
    struct target target;
    char *line;
    size_t length;
    int64_t timeout_us;
};

static void load_free(void *object)
{
    struct syslog_load *load = object;
    free(load->line);
    free(load);
}

static bool fail(struct errand_report *report, const char *what, int number)
{
    snprintf(report->why, sizeof report->why, "%s: %.100s", what, strerrordesc_np(number));
    return false;
}

static bool set_timeouts(int descriptor, int64_t timeout_us)
{
    struct timeval limit = {.tv_sec = timeout_us / US_PER_SECOND,
                            .tv_usec = timeout_us % US_PER_SECOND};
    return !setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

static int open_local(const struct syslog_load *load, struct errand_report *report)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%.*s", (int)sizeof address.sun_path - 1,
             load->target.host);
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor >= 0 && set_timeouts(descriptor, load->timeout_us) &&
        !connect(descriptor, (const struct sockaddr *)&address, sizeof address))
        return descriptor;
    fail(report, "cannot reach the socket", errno);
    if (descriptor >= 0) close(descriptor);
    return -1;
}

static int open_remote(const struct syslog_load *load, struct errand_report *report)
{
    struct addrinfo *found = NULL;
    struct addrinfo wanted = {.ai_socktype =
                                  load->target.way == WAY_UDP ? SOCK_DGRAM : SOCK_STREAM};
    int failed = getaddrinfo(load->target.host, load->target.port, &wanted, &found);
    if (failed) {
        snprintf(report->why, sizeof report->why, "its name: %.100s", gai_strerror(failed));
        return -1;
    }
    int descriptor = -1, number = 0;
    for (struct addrinfo *at = found; at && descriptor < 0; at = at->ai_next) {
        descriptor = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);
        if (descriptor >= 0 && set_timeouts(descriptor, load->timeout_us) &&
            !connect(descriptor, at->ai_addr, at->ai_addrlen))
            break;
        number = errno;
        if (descriptor >= 0) close(descriptor);
        descriptor = -1;
    }
    freeaddrinfo(found);
    if (descriptor < 0) fail(report, "cannot connect", number);
    return descriptor;
}

static bool send_all(int descriptor, const char *bytes, size_t length, struct errand_report *report)
{
    for (size_t at = 0; at < length;) {
        ssize_t sent = send(descriptor, bytes + at, length - at, MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR) return fail(report, "cannot send", errno);
        if (sent > 0) at += (size_t)sent;
    }
    return true;
}

/* Until the peer closes, too: a reset says that it threw away what it got. One that talks instead
 * is not listened to for longer. */
static bool close_in_order(int descriptor, struct errand_report *report)
{
    char ignored[256];
    struct pollfd ready = {.fd = descriptor, .events = POLLIN};
    int64_t end_us = clock_monotonic_us(&clock_real) + CLOSE_WAIT_US;
    if (shutdown(descriptor, SHUT_WR)) return fail(report, "cannot finish", errno);
    for (;;) {
        int64_t left_us = end_us - clock_monotonic_us(&clock_real);
        if (left_us <= 0 || poll(&ready, 1, (int)(left_us / US_PER_MS) + 1) != 1) break;
        ssize_t got = recv(descriptor, ignored, sizeof ignored, 0);
        if (got < 0) return fail(report, "the peer broke off", errno);
        if (got == 0) break;
    }
    return true;
}

static bool tell(int descriptor, const struct syslog_load *load, struct errand_report *report)
{
    if (load->target.way != WAY_TCP) return send_all(descriptor, load->line, load->length, report);
    AUTO_BUF frame = BUF_INIT(BUF_OWN_CAP);
    buf_addf(&frame, "%zu ", load->length);
    buf_add(&frame, load->line, load->length);
    return send_all(descriptor, frame.data, frame.length, report) &&
           close_in_order(descriptor, report);
}

static void work(void *object, struct errand_report *report)
{
    const struct syslog_load *load = object;
    int descriptor =
        load->target.way == WAY_UNIX ? open_local(load, report) : open_remote(load, report);
    report->outcome = SINK_AGAIN;
    if (descriptor < 0) return;
    if (tell(descriptor, load, report)) report->outcome = SINK_DELIVERED;
    close(descriptor);
}

static void send_event(struct sending *sending)
{
    const struct syslog_settings *settings = sending->sink->settings;
    struct syslog_load *load = NEW(struct syslog_load);
    char host[256] = "";
    AUTO_BUF line = BUF_INIT(BUF_OWN_CAP);
    ASSERT(read_target(sink_text_value(settings->to), &load->target)); /* checked */
    gethostname(host, sizeof host - 1);
    syslog_line_write(&sending->event, settings->facility, host,
                      load->target.way == WAY_UDP ? UDP_LIMIT : LIMIT, &line);
    load->length = line.length;
    load->line = buf_take(&line);
    load->timeout_us = sending->sink->timeout_us;
    sending_by_errand(sending, work, load, load_free);
}

static void where(const struct sink *sink, struct buf *out)
{
    sink_text_show(((const struct syslog_settings *)sink->settings)->to, out);
}

const struct sink_kind syslog_kind = {
    .name = "syslog",
    .rules = rules,
    .settings_size = sizeof(struct syslog_settings),
    .defaults = defaults,
    .where = where,
    .send = send_event,
    .timeout_us = 10 * US_PER_SECOND,
};
