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

enum { SAID_BYTES = 200, NOBODY = -1 };

struct receiver {
    long answer; /* to its RCPT TO; 0: none came */
    char said[SAID_BYTES];
};

struct letter {
    char *server, *user, *password, *from, *ca_file, *message;
    struct curl_slist *to;
    struct receiver *receivers; /* one for each of `to` */
    struct receiver last;       /* what was answered last, to whichever command */
    enum mail_result *each;
    int count;
    int next, asked; /* receivers: who is asked about next; about whom now, or NOBODY */
    size_t length, sent;
    bool takes_leave; /* what is answered to that is no news */
    bool plain, insecure;
    bool has_curl; /* libcurl is set up for as long as this lives */
    int64_t timeout_us;
    enum mail_result result;
    char why[CURL_ERROR_SIZE + SAID_BYTES], said[SAID_BYTES];
    char curl_text[CURL_ERROR_SIZE];
};

struct mail {
    struct errand *errand;
    mail_done *done;
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
    free(letter->receivers);
    free(letter->each);
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

static void take_answer(struct receiver *receiver, const char *line, size_t length)
{
    while (length && (unsigned char)line[length - 1] <= ' ') length--;
    view_copy((struct view){line, length}, receiver->said, sizeof receiver->said);
    receiver->answer = strtol(receiver->said, NULL, 10);
}

/* curl tells what became of the letter, and not of its receivers: that stands in what is said. */
static int overhear(CURL *easy, curl_infotype what, char *line, size_t length, void *context)
{
    struct letter *letter = context;
    struct view said = {line, length};
    (void)easy;
    if (what == CURLINFO_HEADER_OUT) {
        bool asks = view_starts_with(said, VIEW_LITERAL("RCPT TO:"));
        letter->asked = asks && letter->next < letter->count ? letter->next++ : NOBODY;
        letter->takes_leave = view_starts_with(said, VIEW_LITERAL("QUIT"));
    } else if (what == CURLINFO_HEADER_IN &&
               !letter->takes_leave) { /* of several lines the last one counts */
        take_answer(&letter->last, line, length);
        if (letter->asked != NOBODY) letter->receivers[letter->asked] = letter->last;
    }
    return 0;
}

static void set_options(struct letter *letter, CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_URL, letter->server);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, ""); /* the environment's are for the web */
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, letter->curl_text);
    curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
    curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, overhear);
    curl_easy_setopt(easy, CURLOPT_DEBUGDATA, letter);
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
static bool refuses_letter(long answer)
{
    static const long ours[] = {530, 534, 535, 538, 0};
    for (size_t i = 0; ours[i]; i++)
        if (answer == ours[i]) return false;
    return answer / 100 == 5;
}

/* Of those whom the server took. */
static enum mail_result result_of(CURLcode code, long answer)
{
    if (code == CURLE_OK) return MAIL_SENT;
    bool ours = code == CURLE_LOGIN_DENIED || code == CURLE_USE_SSL_FAILED;
    return refuses_letter(answer) && !ours ? MAIL_REFUSED : MAIL_LATER;
}

static bool was_turned_away(const struct receiver *receiver)
{
    return receiver->answer / 100 == 4 || receiver->answer / 100 == 5;
}

static bool anybody(const struct letter *letter, enum mail_result result)
{
    for (int i = 0; i < letter->count; i++)
        if (letter->each[i] == result) return true;
    return false;
}

/* Why not all have it: by the first receiver who is the reason, or by what ended it for all. */
static void explain(struct letter *letter, CURLcode code)
{
    const struct curl_slist *to = letter->to;
    for (int i = 0; i < letter->count; i++, to = to->next) {
        const struct receiver *receiver = &letter->receivers[i];
        bool is_reason = letter->each[i] == letter->result || letter->result == MAIL_SENT;
        if (!was_turned_away(receiver) || !is_reason) continue;
        snprintf(letter->why, sizeof letter->why, "answer %ld for %s%s", receiver->answer, to->data,
                 letter->each[i] == MAIL_REFUSED ? ", which is for good" : "");
        view_copy(view_of(receiver->said), letter->said, sizeof letter->said);
        return;
    }
    if (code == CURLE_OK) return;
    if (was_turned_away(&letter->last)) {
        snprintf(letter->why, sizeof letter->why, "answer %ld%s", letter->last.answer,
                 letter->result == MAIL_REFUSED ? ", which is for good" : "");
        view_copy(view_of(letter->last.said), letter->said, sizeof letter->said);
        return;
    }
    const char *text = *letter->curl_text ? letter->curl_text : curl_easy_strerror(code);
    view_copy(view_of(text), letter->why, sizeof letter->why);
}

static void judge(struct letter *letter, CURLcode code, long answer)
{
    enum mail_result taken = result_of(code, answer);
    for (int i = 0; i < letter->count; i++) {
        const struct receiver *receiver = &letter->receivers[i];
        letter->each[i] = !was_turned_away(receiver)         ? taken
                          : refuses_letter(receiver->answer) ? MAIL_REFUSED
                                                             : MAIL_LATER;
    }
    letter->result = anybody(letter, MAIL_LATER)  ? MAIL_LATER
                     : anybody(letter, MAIL_SENT) ? MAIL_SENT
                                                  : MAIL_REFUSED;
    explain(letter, code);
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
    judge(letter, code, answer);
}

static void on_delivered(void *context, void *load, bool begun)
{
    AUTO_FREE struct mail *mail = context;
    struct letter *letter = load;
    if (!begun) {
        letter->result = MAIL_LATER;
        for (int i = 0; i < letter->count; i++) letter->each[i] = MAIL_LATER;
        snprintf(letter->why, sizeof letter->why, "%s",
                 "there is no thread or no descriptor to send it");
    }
    mail->done(mail->context,
               &(struct mail_report){letter->result, letter->each, letter->why, letter->said});
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
    for (const char *const *to = options->to; *to; to++, letter->count++)
        letter->to = curl_slist_append(letter->to, *to);
    letter->receivers = xcalloc((size_t)letter->count + 1, sizeof *letter->receivers);
    letter->each = xcalloc((size_t)letter->count + 1, sizeof *letter->each);
    letter->asked = NOBODY;
    letter->plain = options->plain;
    letter->insecure = options->insecure;
    letter->timeout_us = options->timeout_us;
    return letter;
}

struct mail *mail_send(struct loop *loop, const struct mail_options *options, mail_done *done,
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
