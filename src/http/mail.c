/* SPDX-License-Identifier: Apache-2.0 */
/* See mail.h. A letter that is cancelled may outlive the client, so each keeps libcurl set up for
 * itself. */
#include "http/mail.h"

#include "base/clock.h"
#include "loop/errand.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct letter {
    char *server, *user, *password, *from, *ca_file, *message;
    struct curl_slist *to;
    size_t length, sent;
    bool plain, insecure;
    bool has_curl; /* libcurl is set up for as long as this lives */
    int64_t timeout_us;
    enum mail_result result;
    char why[CURL_ERROR_SIZE];
};

struct mail {
    struct errand *errand;
    void (*done)(void *context, enum mail_result result, const char *why);
    void *context;
};

static void letter_free(void *object)
{
    struct letter *letter = object;
    if (letter->password) explicit_bzero(letter->password, strlen(letter->password));
    curl_slist_free_all(letter->to);
    if (letter->has_curl) curl_global_cleanup();
    free(letter->server);
    free(letter->user);
    free(letter->password);
    free(letter->from);
    free(letter->ca_file);
    free(letter->message);
    free(letter);
}

static size_t read_message(char *out, size_t size, size_t count, void *context)
{
    struct letter *letter = context;
    size_t room = size * count, left = letter->length - letter->sent;
    if (left > room) left = room;
    memcpy(out, letter->message + letter->sent, left);
    letter->sent += left;
    return left;
}

static void set_options(struct letter *letter, CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_URL, letter->server);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, letter->why);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)(letter->timeout_us / US_PER_MS));
    curl_easy_setopt(easy, CURLOPT_USE_SSL,
                     (long)(letter->plain ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    if (letter->ca_file) {
        curl_easy_setopt(easy, CURLOPT_CAINFO, letter->ca_file);
        curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    }
    if (letter->insecure) {
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    if (letter->user) curl_easy_setopt(easy, CURLOPT_USERNAME, letter->user);
    if (letter->password) curl_easy_setopt(easy, CURLOPT_PASSWORD, letter->password);
    curl_easy_setopt(easy, CURLOPT_MAIL_FROM, letter->from);
    curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, letter->to);
    curl_easy_setopt(easy, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, read_message);
    curl_easy_setopt(easy, CURLOPT_READDATA, letter);
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

static void deliver(void *load)
{
    struct letter *letter = load;
    CURL *easy = letter->has_curl ? curl_easy_init() : NULL;
    CURLcode code = CURLE_OUT_OF_MEMORY;
    long answer = 0;
    if (easy) {
        set_options(letter, easy);
        code = curl_easy_perform(easy);
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &answer);
        curl_easy_cleanup(easy);
    }
    if (code != CURLE_OK && !*letter->why)
        snprintf(letter->why, sizeof letter->why, "%s", curl_easy_strerror(code));
    letter->result = code == CURLE_OK               ? MAIL_SENT
                     : refuses_letter(code, answer) ? MAIL_REFUSED
                                                    : MAIL_LATER;
}

static void on_delivered(void *context, void *load, bool begun)
{
    AUTO_FREE struct mail *mail = context;
    const struct letter *letter = load;
    if (begun)
        mail->done(mail->context, letter->result, letter->why);
    else
        mail->done(mail->context, MAIL_LATER, "there is no thread or no descriptor to send it");
}

static char *copy(const char *text)
{
    return text ? xstrdup(text) : NULL;
}

static struct letter *letter_new(const struct mail_options *options)
{
    struct letter *letter = NEW(struct letter);
    letter->has_curl = !curl_global_init(CURL_GLOBAL_DEFAULT);
    letter->server = copy(options->server);
    letter->user = copy(options->user);
    letter->password = copy(options->password);
    letter->from = copy(options->from);
    letter->ca_file = copy(options->ca_file);
    letter->message = xstrndup(options->message.data, options->message.length);
    letter->length = options->message.length;
    for (const char *const *to = options->to; *to; to++)
        letter->to = curl_slist_append(letter->to, *to);
    letter->plain = options->plain;
    letter->insecure = options->insecure;
    letter->timeout_us = options->timeout_us;
    return letter;
}

struct mail *mail_send(struct loop *loop, const struct mail_options *options,
                       void (*done)(void *context, enum mail_result result, const char *why),
                       void *context)
{
    struct mail *mail = NEW(struct mail);
    mail->done = done;
    mail->context = context;
    mail->errand =
        errand_start(loop, deliver, letter_new(options), letter_free, on_delivered, mail);
    return mail;
}

void mail_cancel(struct mail *mail)
{
    errand_cancel(mail->errand);
    free(mail);
}
