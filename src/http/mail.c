/* SPDX-License-Identifier: Apache-2.0 */
/* See mail.h. The letter is owned by both sides, the loop's and the thread's; the last frees it. */
#include "http/mail.h"

#include "loop/loop.h"

#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct mail {
    atomic_int owners;
    int descriptor; /* -1: there was none to be had */
    char *server, *user, *password, *from, *ca_file, *message;
    struct curl_slist *to;
    size_t length, sent;
    bool plain, insecure;
    int64_t timeout_us;
    enum mail_result result; /* the thread's until it has written to the descriptor */
    char why[CURL_ERROR_SIZE];
    struct watch *watch;     /* the loop's alone, as what follows */
    struct deferred refused; /* nobody could be sent */
    pthread_t thread;
    bool has_thread;
    void (*done)(void *context, enum mail_result result, const char *why);
    void *context;
};

static void let_go(struct mail *mail)
{
    if (atomic_fetch_sub(&mail->owners, 1) != 1) return;
    if (mail->password) explicit_bzero(mail->password, strlen(mail->password));
    if (mail->descriptor >= 0) close(mail->descriptor);
    curl_slist_free_all(mail->to);
    free(mail->server);
    free(mail->user);
    free(mail->password);
    free(mail->from);
    free(mail->ca_file);
    free(mail->message);
    free(mail);
}

static size_t read_message(char *out, size_t size, size_t count, void *context)
{
    struct mail *mail = context;
    size_t room = size * count, left = mail->length - mail->sent;
    if (left > room) left = room;
    memcpy(out, mail->message + mail->sent, left);
    mail->sent += left;
    return left;
}

static void set_options(struct mail *mail, CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_URL, mail->server);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, mail->why);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)(mail->timeout_us / US_PER_MS));
    curl_easy_setopt(easy, CURLOPT_USE_SSL, (long)(mail->plain ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    if (mail->ca_file) {
        curl_easy_setopt(easy, CURLOPT_CAINFO, mail->ca_file);
        curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    }
    if (mail->insecure) {
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    if (mail->user) curl_easy_setopt(easy, CURLOPT_USERNAME, mail->user);
    if (mail->password) curl_easy_setopt(easy, CURLOPT_PASSWORD, mail->password);
    curl_easy_setopt(easy, CURLOPT_MAIL_FROM, mail->from);
    curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, mail->to);
    curl_easy_setopt(easy, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, read_message);
    curl_easy_setopt(easy, CURLOPT_READDATA, mail);
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
}

/* Not what refuses us: no TLS, no or a wrong password (RFC 4954, section 6). */
static bool refuses_letter(CURLcode code, long answer)
{
    static const long ours[] = {530, 534, 535, 538, 0};
    for (size_t i = 0; ours[i]; i++)
        if (answer == ours[i]) return false;
    return answer / 100 == 5 && code != CURLE_LOGIN_DENIED && code != CURLE_USE_SSL_FAILED;
}

static void *deliver(void *context)
{
    struct mail *mail = context;
    CURL *easy = curl_easy_init();
    CURLcode code = CURLE_OUT_OF_MEMORY;
    long answer = 0;
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, NULL); /* OpenSSL would raise SIGPIPE */
    if (easy) {
        set_options(mail, easy);
        code = curl_easy_perform(easy);
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &answer);
        curl_easy_cleanup(easy);
    }
    if (code != CURLE_OK && !*mail->why)
        snprintf(mail->why, sizeof mail->why, "%s", curl_easy_strerror(code));
    mail->result = code == CURLE_OK               ? MAIL_SENT
                   : refuses_letter(code, answer) ? MAIL_REFUSED
                                                  : MAIL_LATER;
    uint64_t one = 1;
    while (write(mail->descriptor, &one, sizeof one) < 0 && errno == EINTR) continue;
    let_go(mail);
    return NULL;
}

static void on_delivered(void *context, int descriptor, int what)
{
    struct mail *mail = context;
    (void)descriptor;
    (void)what;
    watch_free(take(mail->watch));
    if (mail->has_thread) pthread_join(mail->thread, NULL); /* it has nothing left to do */
    mail->done(mail->context, mail->result, mail->why);
    let_go(mail);
}

/* Without a descriptor or a thread it is for another time. */
static void on_refused(void *context)
{
    struct mail *mail = context;
    watch_free(take(mail->watch));
    mail->done(mail->context, mail->result, mail->why);
    let_go(mail);
}

static void refuse(struct mail *mail, const char *why)
{
    mail->result = MAIL_LATER;
    snprintf(mail->why, sizeof mail->why, "%s", why);
    let_go(mail); /* the thread's part */
    deferred_queue(&mail->refused);
}

static char *copy(const char *text)
{
    return text ? xstrdup(text) : NULL;
}

struct mail *mail_send(struct loop *loop, const struct mail_options *options,
                       void (*done)(void *context, enum mail_result result, const char *why),
                       void *context)
{
    struct mail *mail = NEW(struct mail);
    atomic_init(&mail->owners, 2);
    mail->descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    mail->server = copy(options->server);
    mail->user = copy(options->user);
    mail->password = copy(options->password);
    mail->from = copy(options->from);
    mail->ca_file = copy(options->ca_file);
    mail->message = xstrndup(options->message.data, options->message.length);
    mail->length = options->message.length;
    for (const char *const *to = options->to; *to; to++)
        mail->to = curl_slist_append(mail->to, *to);
    mail->plain = options->plain;
    mail->insecure = options->insecure;
    mail->timeout_us = options->timeout_us;
    mail->done = done;
    mail->context = context;
    deferred_init(&mail->refused, loop, on_refused, mail);
    if (mail->descriptor < 0) {
        refuse(mail, "there is no descriptor to send it");
        return mail;
    }
    mail->watch = watch_new(loop, mail->descriptor, on_delivered, mail);
    watch_set(mail->watch, WATCH_READ);
    mail->has_thread = !pthread_create(&mail->thread, NULL, deliver, mail);
    if (!mail->has_thread) refuse(mail, "there is no thread to send it");
    return mail;
}

void mail_cancel(struct mail *mail)
{
    watch_free(take(mail->watch));
    deferred_cancel(&mail->refused);
    if (mail->has_thread) pthread_detach(mail->thread);
    let_go(mail);
}
