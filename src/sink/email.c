/* SPDX-License-Identifier: Apache-2.0 */
/* Mail: a plain text (RFC 5322, MIME), all letters of one incident as one thread. The body is
 * base64, so that no line of a shop's is ever a line of the letter. */
#include "sink/internal.h"

#include "base/codec.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ENCODED_BYTES 42 /* of text in one encoded word: 56 characters of base64, of 75 allowed */

static bool is_ascii(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text >= 0x80) return false;
    return true;
}

/* RFC 2047: words of at most 75 characters, each ending with a whole character. */
static void add_header_text(struct buf *out, const char *text)
{
    struct view rest = view_of(text);
    const char *between = "";
    if (is_ascii(text) && rest.length < 900) {
        buf_add_view(out, rest);
        return;
    }
    while (rest.length) {
        struct view word = utf8_clip(rest, ENCODED_BYTES);
        if (!word.length) word = (struct view){rest.data, 1};
        buf_addf(out, "%s=?UTF-8?B?", between);
        codec_add_base64(out, word);
        buf_add_text(out, "?=");
        rest = view_from(rest, word.length);
        between = "\r\n ";
    }
}

static void add_date(struct buf *out, int64_t wall_us)
{
    static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t seconds = (time_t)(wall_us / US_PER_SECOND);
    struct tm parts;
    gmtime_r(&seconds, &parts);
    buf_addf(out, "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n", days[parts.tm_wday], parts.tm_mday,
             months[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

/* "Shop <alerts@shop.example>" or the address alone. */
static char *bare_address(const char *address)
{
    const char *open = strrchr(address, '<'), *close = strrchr(address, '>');
    if (open && close && close > open) return xstrndup(open + 1, (size_t)(close - open) - 1);
    return xstrdup(address);
}

static void add_thread(struct buf *out, const struct event *event, const char *from)
{
    const char *at = strrchr(from, '@');
    AUTO_FREE char *domain = xstrdup(at ? at + 1 : "mystery-shopper.invalid");
    if (event->type == EVENT_OPENED) {
        buf_addf(out, "Message-ID: <%s@%s>\r\n", event->incident_id, domain);
        return;
    }
    buf_addf(out, "Message-ID: <%s@%s>\r\n", event->id, domain);
    if (event->type == EVENT_TEST) return;
    buf_addf(out, "In-Reply-To: <%s@%s>\r\n", event->incident_id, domain);
    buf_addf(out, "References: <%s@%s>\r\n", event->incident_id, domain);
}

static void add_body(struct buf *out, const struct event *event, const char *public_url)
{
    enum { LINE = 57 }; /* 76 characters of base64 */
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP), lines = BUF_INIT(BUF_OWN_CAP);
    words_text(event, public_url, &text);
    for (const char *at = buf_text(&text); *at; at++) {
        if (*at == '\n') buf_add_char(&lines, '\r');
        buf_add_char(&lines, *at);
    }
    for (struct view rest = buf_view(&lines); rest.length;) {
        size_t length = rest.length < LINE ? rest.length : LINE;
        codec_add_base64(out, (struct view){rest.data, length});
        buf_add_text(out, "\r\n");
        rest = view_from(rest, length);
    }
}

static void print_letter(const struct sending *sending, const struct event *event, struct buf *out)
{
    const struct sink_settings *settings = sending_settings(sending);
    AUTO_FREE char *subject = words_subject(event);
    AUTO_FREE char *from = bare_address(settings->from.value);
    buf_addf(out, "From: %s\r\n", settings->from.value);
    buf_add_text(out, "To: ");
    for (size_t i = 0; i < settings->to.count; i++)
        buf_addf(out, "%s%s", i ? ",\r\n " : "", settings->to.items[i].value);
    buf_add_text(out, "\r\nSubject: ");
    add_header_text(out, subject);
    buf_add_text(out, "\r\n");
    add_date(out, event->time_us);
    add_thread(out, event, from);
    buf_add_text(out, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                      "Content-Type: text/plain; charset=utf-8\r\n"
                      "Content-Transfer-Encoding: base64\r\n\r\n");
    add_body(out, event, sending->sender->public_url);
}

static void on_sent(void *context, enum mail_result result, const char *why)
{
    struct sending *sending = context;
    sending->mail = NULL;
    switch (result) {
    case MAIL_SENT: sending_end(sending, SINK_DELIVERED, 0, "%s", ""); return;
    case MAIL_LATER: sending_end(sending, SINK_AGAIN, 0, "%s", why); return;
    case MAIL_REFUSED: sending_end(sending, SINK_REFUSED, 0, "%s", why); return;
    }
}

/* A line break in an address would be a header of somebody else's. */
static bool is_one_line(const char *text)
{
    return text && *text && !strpbrk(text, "\r\n");
}

static bool addresses_are_good(const struct sink_settings *settings)
{
    bool good = is_one_line(settings->from.value);
    for (size_t i = 0; i < settings->to.count; i++)
        good = good && is_one_line(settings->to.items[i].value);
    return good;
}

static void send_mail(struct sending *sending, const struct event *event)
{
    const struct sink_settings *settings = sending_settings(sending);
    AUTO_BUF letter = BUF_INIT(BUF_OWN_CAP);
    if (!addresses_are_good(settings)) {
        sending_end(sending, SINK_REFUSED, 0, "an address is empty or has a line break");
        return;
    }
    AUTO_FREE char *from = bare_address(settings->from.value);
    char **to = xcalloc(settings->to.count + 1, sizeof(char *));
    for (size_t i = 0; i < settings->to.count; i++)
        to[i] = bare_address(settings->to.items[i].value);
    print_letter(sending, event, &letter);
    const struct mail_options options = {
        .server = settings->server.value,
        .user = settings->user.value,
        .password = settings->password.value,
        .from = from,
        .to = (const char *const *)to,
        .message = buf_view(&letter),
        .ca_file = sending->sender->ca_file,
        .plain = settings->plain,
        .timeout_us = settings->timeout_us,
    };
    sending->mail = mail_send(sending->sender->loop, &options, on_sent, sending);
    for (size_t i = 0; to[i]; i++) free(to[i]);
    free(to);
}

const struct sink_kind sink_email = {.name = "email", .shape = &email_shape, .send = send_mail};
