/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When bytes arrived, as the kernel saw it. While a page is parsed the loop does not look at its
 * sockets; what came meanwhile must not be charged to the shop. And a loop that slept may be woken
 * late, by a machine that has other work. A look costs three system calls: the kernel is asked when
 * the loop was late, or has had so little to do that it can afford to ask.
 */
#include "http/internal.h"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

enum { LATE_US = 500, IDLE_US = 2000, PEEKED = 64 << 10 };

void arrival_watch(int descriptor)
{
    int on = 1;
    setsockopt(descriptor, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
}

int arrival_keep_on(void)
{
    int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor >= 0) arrival_watch(descriptor);
    return descriptor;
}

static int64_t wall_us(void)
{
    struct timespec now; /* the kernel's stamps are of this clock, not of the loop's */
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * US_PER_SECOND + now.tv_nsec / 1000;
}

/* When the last of the first `bytes` bytes in the socket came, by the wall clock; -1: not known.
 * They stay there. */
static int64_t stamp_us(int descriptor, size_t bytes)
{
    char nowhere[PEEKED]; /* never written: with MSG_TRUNC, TCP skips instead of copying */
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(struct timespec)) + 64];
    } control;
    struct iovec vector = {nowhere, bytes};
    struct msghdr message = {.msg_iov = &vector,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    if (recvmsg(descriptor, &message, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT) <= 0) return -1;
    for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPNS) continue;
        struct timespec stamp;
        memcpy(&stamp, CMSG_DATA(part), sizeof stamp);
        return stamp.tv_sec * US_PER_SECOND + stamp.tv_nsec / 1000;
    }
    return -1;
}

/* To look into an empty socket would take away the reset that curl is to find there. */
static bool has_bytes(int descriptor)
{
    int bytes = 0;
    return ioctl(descriptor, FIONREAD, &bytes) == 0 && bytes > 0;
}

/* The stamps are worth nothing if the wall clock was set since the hop began: more than a clock
 * that is being corrected moves, which is half a thousandth. */
static bool clock_was_set(const struct http_exchange *exchange, int64_t now_us, int64_t wall_now_us)
{
    int64_t passed_us = now_us - exchange->hop_started_us;
    int64_t wall_passed_us = wall_now_us - hop_current(exchange)->started_wall_us;
    return llabs(wall_passed_us - passed_us) > LATE_US + passed_us / 1000;
}

void arrival_note(struct curl_client *client, const struct http_exchange *exchange, int descriptor)
{
    struct loop *loop = client->loop;
    int64_t now_us = loop_now_us(loop);
    client->event_us = client->first_event_us = now_us;
    if (!exchange || (loop_lag_us(loop) < LATE_US && loop_slept_us(loop) < IDLE_US)) return;
    if (!has_bytes(descriptor)) return;
    int64_t first_us = stamp_us(descriptor, 1), last_us = stamp_us(descriptor, PEEKED);
    int64_t wall_now_us = wall_us();
    if (first_us < 0 || last_us < first_us || last_us > wall_now_us) return;
    first_us = now_us - (wall_now_us - first_us);
    if (first_us < exchange->hop_started_us || clock_was_set(exchange, now_us, wall_now_us)) return;
    client->event_us = now_us - (wall_now_us - last_us);
    client->first_event_us = first_us;
}

bool arrival_look_first(struct curl_client *client)
{
    uint64_t looks = loop_looks(client->loop);
    bool late = loop_unseen_us(client->loop) >= LATE_US;
    if (late && !client->postponed) client->postponed = looks;
    if (looks && client->postponed == looks) return true;
    client->postponed = 0;
    return false;
}

int arrival_unsent(int descriptor)
{
    int bytes = 0;
    return ioctl(descriptor, SIOCOUTQ, &bytes) == 0 && bytes > 0 ? bytes : 0;
}

int64_t arrival_round_trip_us(int descriptor)
{
    struct tcp_info info = {0};
    socklen_t size = sizeof info;
    if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size)) return 0;
    return info.tcpi_rtt;
}
