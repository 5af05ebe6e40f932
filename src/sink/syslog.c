/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Syslog (RFC 5424) to a local socket, or to an address by UDP (RFC 5426) or TCP with octet
 * counting (RFC 6587). Addresses are numbers: nothing here waits for a name server. UDP and a local
 * socket confirm nothing: delivered means handed over.
 */
#include "sink/internal.h"

#include "base/clock.h"
#include "base/utf8.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FACILITY 3 /* daemon */
#define DATAGRAM_MAX 8000
#define DEFAULT_ADDRESS "unix:/dev/log"

struct target {
    union {
        struct sockaddr any;
        struct sockaddr_un local;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address;
    socklen_t size;
    int type; /* SOCK_DGRAM, SOCK_STREAM */
};

/* --- The message */

static int priority_of(const struct event *event)
{
    static const int levels[] = {5, 2, 3, 4, 5}; /* notice, critical, error, warning, notice */
    bool over = event->type == EVENT_RESOLVED || event->type == EVENT_TEST;
    int level = over || event->severity < 1 || event->severity > 4 ? 5 : levels[event->severity];
    return FACILITY * 8 + level;
}

/* Inside a parameter's quotes (RFC 5424, section 6.3.3). */
static void add_parameter(struct buf *out, const char *name, const char *value)
{
    AUTO_FREE char *line = words_line(value, 200);
    if (!*line) return;
    buf_addf(out, " %s=\"", name);
    for (const char *at = line; *at; at++) {
        if (strchr("\"\\]", *at)) buf_add_char(out, '\\');
        buf_add_char(out, *at);
    }
    buf_add_char(out, '"');
}

static void print_message(const struct event *event, struct buf *out)
{
    char time[CLOCK_RFC3339_SIZE], host[256] = "-", severity[4];
    AUTO_FREE char *subject = words_subject(event);
    clock_format_rfc3339_us(event->time_us, time);
    if (gethostname(host, sizeof host - 1) || !*host) strcpy(host, "-");
    snprintf(severity, sizeof severity, "%d", event->severity);
    buf_addf(out, "<%d>1 %s %s shopper %d %s [shopper@32473", priority_of(event), time, host,
             (int)getpid(), event_type_name(event->type));
    add_parameter(out, "incident", event->incident_id);
    add_parameter(out, "event", event->id);
    add_parameter(out, "severity", severity);
    add_parameter(out, "cause", event->signature);
    add_parameter(out, "stage", event->stage);
    add_parameter(out, "kind", event->kind);
    add_parameter(out, "host", event->host);
    buf_addf(out, "] \xef\xbb\xbf%s", subject);
}

/* --- The way */

static bool parse_port(const char *text, uint16_t *ret_port)
{
    char *end;
    long port = strtol(text, &end, 10);
    if (*end || port < 1 || port > 65535) return false;
    *ret_port = htons((uint16_t)port);
    return true;
}

static bool parse_internet(const char *text, struct target *target)
{
    const char *colon = strrchr(text, ':');
    if (!colon) return false;
    bool bracketed = *text == '[' && colon > text && colon[-1] == ']';
    AUTO_FREE char *host = bracketed ? xstrndup(text + 1, (size_t)(colon - text) - 2)
                                     : xstrndup(text, (size_t)(colon - text));
    const char *numeric = !strcmp(host, "localhost") ? "127.0.0.1" : host;
    if (inet_pton(AF_INET, numeric, &target->address.v4.sin_addr) == 1) {
        target->address.v4.sin_family = AF_INET;
        target->size = sizeof target->address.v4;
        return parse_port(colon + 1, &target->address.v4.sin_port);
    }
    if (inet_pton(AF_INET6, numeric, &target->address.v6.sin6_addr) != 1) return false;
    target->address.v6.sin6_family = AF_INET6;
    target->size = sizeof target->address.v6;
    return parse_port(colon + 1, &target->address.v6.sin6_port);
}

static bool parse_target(const char *text, struct target *target)
{
    *target = (struct target){.type = SOCK_DGRAM};
    if (!strncmp(text, "udp:", 4)) return parse_internet(text + 4, target);
    if (!strncmp(text, "tcp:", 4)) {
        target->type = SOCK_STREAM;
        return parse_internet(text + 4, target);
    }
    const char *path = text + strlen("unix:");
    if (strncmp(text, "unix:", 5) != 0 || strlen(path) >= sizeof target->address.local.sun_path)
        return false;
    target->address.local.sun_family = AF_UNIX;
    strcpy(target->address.local.sun_path, path);
    target->size = sizeof target->address.local;
    return true;
}

static void end_by_errno(struct sending *sending, const char *what)
{
    sending_end(sending, SINK_AGAIN, 0, "%s: %s", what, strerror(errno));
}

static void send_datagram(struct sending *sending, const struct target *target,
                          const struct buf *message)
{
    struct view text = utf8_clip(buf_view(message), DATAGRAM_MAX);
    if (sendto(sending->descriptor, text.data, text.length, MSG_NOSIGNAL, &target->address.any,
               target->size) < 0)
        end_by_errno(sending, "the message cannot be sent");
    else
        sending_end(sending, SINK_DELIVERED, 0, "%s", "");
}

static void on_writable(void *context, int descriptor, int what)
{
    struct sending *sending = context;
    int error = 0;
    socklen_t size = sizeof error;
    (void)what;
    size_t length = strlen(sending->body);
    getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size);
    ssize_t written = error ? -1
                            : send(descriptor, sending->body + sending->written,
                                   length - sending->written, MSG_NOSIGNAL);
    if (error) errno = error;
    if (written < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (written >= 0) sending->written += (size_t)written;
    if (written >= 0 && sending->written < length) return;
    watch_set(sending->watch, 0);
    if (written < 0)
        end_by_errno(sending, "the connection failed");
    else
        sending_end(sending, SINK_DELIVERED, 0, "%s", "");
}

static void on_timeout(void *context)
{
    struct sending *sending = context;
    watch_set(sending->watch, 0);
    sending_end(sending, SINK_AGAIN, 0, "no connection in time");
}

static void send_stream(struct sending *sending, const struct target *target,
                        const struct buf *message)
{
    struct loop *loop = sending->sender->loop;
    if (connect(sending->descriptor, &target->address.any, target->size) && errno != EINPROGRESS) {
        end_by_errno(sending, "no connection");
        return;
    }
    sending->body = xasprintf("%zu %s", message->length, buf_text(message));
    sending->watch = watch_new(loop, sending->descriptor, on_writable, sending);
    watch_set(sending->watch, WATCH_WRITE);
    timer_init(&sending->timeout, loop, on_timeout, sending);
    timer_set(&sending->timeout, loop_now_us(loop) + sending_settings(sending)->timeout_us);
}

static void send_syslog(struct sending *sending, const struct event *event)
{
    const struct sink_settings *settings = sending_settings(sending);
    const char *address = settings->address.value ? settings->address.value : DEFAULT_ADDRESS;
    AUTO_BUF message = BUF_INIT(BUF_OWN_CAP);
    struct target target;
    if (!parse_target(address, &target)) {
        sending_end(sending, SINK_REFUSED, 0,
                    "the address must be unix:PATH, udp:ADDRESS:PORT or tcp:ADDRESS:PORT");
        return;
    }
    print_message(event, &message);
    sending->descriptor =
        socket(target.address.any.sa_family, target.type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (sending->descriptor < 0)
        end_by_errno(sending, "no socket");
    else if (target.type == SOCK_DGRAM)
        send_datagram(sending, &target, &message);
    else
        send_stream(sending, &target, &message);
}

const struct sink_kind sink_syslog = {
    .name = "syslog", .shape = &syslog_shape, .send = send_syslog};
