/* SPDX-License-Identifier: Apache-2.0 */
/* See fake_smtp.h. */
#include "support/fake_smtp.h"

#include "base/alloc.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEARD_MAX ((size_t)1 << 20)

struct fake_smtp {
    const struct fake_smtp_answer *_Atomic answers;
    int listener, port;
    pthread_t thread;
    char *heard;
    size_t length;
};

static const struct fake_smtp_answer usual[] = {
    {"EHLO", "250-fake\r\n250 8BITMIME"},
    {"DATA", "354 go on"},
    {"QUIT", "221 bye"},
    {"", "250 fine"},
};

static const char *answer_to(const struct fake_smtp *server, const char *line)
{
    for (const struct fake_smtp_answer *at = server->answers; at && at->command; at++)
        if (!strncmp(line, at->command, strlen(at->command))) return at->answer;
    for (size_t i = 0; i < COUNT_OF(usual); i++)
        if (!strncmp(line, usual[i].command, strlen(usual[i].command))) return usual[i].answer;
    return NULL;
}

static void hear(struct fake_smtp *server, const char *line)
{
    size_t length = strlen(line);
    if (server->length + length >= HEARD_MAX) return;
    memcpy(server->heard + server->length, line, length + 1);
    server->length += length;
}

static void serve(struct fake_smtp *server, FILE *peer)
{
    char line[2000];
    bool in_letter = false;
    fprintf(peer, "220 fake\r\n");
    while (fgets(line, sizeof line, peer)) {
        hear(server, line);
        if (in_letter && strcmp(line, ".\r\n") != 0) continue;
        const char *answer = answer_to(server, line);
        if (!answer) return;
        in_letter = !in_letter && !strncmp(answer, "354", 3);
        if (*answer) fprintf(peer, "%s\r\n", answer);
    }
}

static void *run(void *context)
{
    struct fake_smtp *server = context;
    int descriptor;
    while ((descriptor = accept(server->listener, NULL, NULL)) >= 0) {
        FILE *peer = fdopen(descriptor, "r+");
        setvbuf(peer, NULL, _IONBF, 0);
        serve(server, peer);
        fclose(peer);
    }
    return NULL;
}

struct fake_smtp *fake_smtp_new(const struct fake_smtp_answer *answers)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    struct fake_smtp *server = NEW(struct fake_smtp);
    server->answers = answers;
    server->heard = xcalloc(HEARD_MAX, 1);
    server->listener = socket(AF_INET, SOCK_STREAM, 0);
    ASSERT(!bind(server->listener, (const struct sockaddr *)&address, size));
    ASSERT(!listen(server->listener, 8));
    ASSERT(!getsockname(server->listener, (struct sockaddr *)&address, &size));
    server->port = ntohs(address.sin_port);
    ASSERT(!pthread_create(&server->thread, NULL, run, server));
    return server;
}

void fake_smtp_answer_so(struct fake_smtp *server, const struct fake_smtp_answer *answers)
{
    server->answers = answers;
}

void fake_smtp_free(struct fake_smtp *server)
{
    if (!server) return;
    shutdown(server->listener, SHUT_RDWR); /* accept ends */
    pthread_join(server->thread, NULL);
    close(server->listener);
    free(server->heard);
    free(server);
}

int fake_smtp_port(const struct fake_smtp *server)
{
    return server->port;
}

const char *fake_smtp_heard(const struct fake_smtp *server)
{
    return server->heard;
}
