/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When bytes arrived, as the kernel saw it. While a page is parsed the loop does not look at its
 * sockets; what came meanwhile must not be charged to the shop. The kernel is asked only when the
 * loop was late, since a look costs a system call.
 */
#include "http/internal.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <time.h>

enum { LATE_US = 500, PEEKED = 64 << 10 };

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

void arrival_note(struct curl_client *client, int descriptor)
{
    int64_t now_us = loop_now_us(client->loop), lag_us = loop_lag_us(client->loop);
    client->event_us = client->first_event_us = now_us;
    if (lag_us < LATE_US) return;
    int64_t first_us = stamp_us(descriptor, 1), last_us = stamp_us(descriptor, PEEKED);
    int64_t wall_now_us = wall_us();
    /* A wall clock that was set meanwhile gives nonsense. */
    if (first_us < 0 || last_us < first_us || last_us > wall_now_us) return;
    if (wall_now_us - first_us > lag_us + LATE_US) return;
    client->event_us = now_us - (wall_now_us - last_us);
    client->first_event_us = now_us - (wall_now_us - first_us);
}

int64_t arrival_round_trip_us(int descriptor)
{
    struct tcp_info info = {0};
    socklen_t size = sizeof info;
    if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size)) return 0;
    return info.tcpi_rtt;
}
