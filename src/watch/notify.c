/* SPDX-License-Identifier: Apache-2.0 */
/* See notify.h. */
#include "watch/notify.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void say(const char *words)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (!path || (*path != '/' && *path != '@') || strlen(path) >= sizeof address.sun_path) return;
    memcpy(address.sun_path, path, strlen(path));
    if (*path == '@') address.sun_path[0] = '\0'; /* the abstract namespace */
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) return;
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
    ssize_t sent = sendto(descriptor, words, strlen(words), MSG_NOSIGNAL,
                          (const struct sockaddr *)&address, size);
    (void)sent; /* a manager that does not listen is no concern of ours */
    close(descriptor);
}

void notify_ready(void)
{
    say("READY=1");
}

void notify_reloading(int64_t monotonic_us)
{
    AUTO_FREE char *words = xasprintf("RELOADING=1\nMONOTONIC_USEC=%lld", (long long)monotonic_us);
    say(words);
}

void notify_stopping(void)
{
    say("STOPPING=1");
}

void notify_alive(void)
{
    say("WATCHDOG=1");
}

void notify_status(const char *status)
{
    AUTO_FREE char *words = xasprintf("STATUS=%s", status);
    say(words);
}

int64_t notify_watchdog_us(void)
{
    const char *us = getenv("WATCHDOG_USEC"), *process = getenv("WATCHDOG_PID");
    if (!us || (process && strtol(process, NULL, 10) != getpid())) return 0;
    return strtoll(us, NULL, 10);
}
